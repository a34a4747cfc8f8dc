//! Data that belong to an answer, fetched piece by piece.
//!
//! The node that asks fetches the next piece when it has handed the last one on: nothing piles up
//! between the two, however slow the client is, and no message is longer than NATS takes.

use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, timeout};

use crate::limits;

/// Octets, or why there are none; `None` at their end.
pub type Next<'a> = Pin<Box<dyn Future<Output = Result<Option<Vec<u8>>, String>> + Send + 'a>>;

/// Where data come from.
pub trait Source: Send {
    /// The next octets, 64 KiB at most.
    fn next(&mut self) -> Next<'_>;
}

/// Octets that are there already.
pub(crate) struct Octets(pub(crate) Vec<u8>);

impl Source for Octets {
    fn next(&mut self) -> Next<'_> {
        Box::pin(async {
            let rest = self.0.split_off(self.0.len().min(limits::PIECE_BYTES));
            let piece = std::mem::replace(&mut self.0, rest);
            Ok((!piece.is_empty()).then_some(piece))
        })
    }
}

/// What answers [`Question::Pull`](crate::message::Question::Pull): an octet that says what it is,
/// then its content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// `D`: data.
    Data(Vec<u8>),
    /// `E`: the end, with the number of octets of all pieces in 64 bits, the highest first.
    End(u64),
    /// `X`: the rest is lost; why, in UTF-8.
    Broken(String),
}

impl Piece {
    pub(crate) fn encode(&self) -> Vec<u8> {
        let length;
        let (kind, content) = match self {
            Self::Data(data) => (b'D', data.as_slice()),
            Self::End(sent) => {
                length = sent.to_be_bytes();
                (b'E', length.as_slice())
            }
            Self::Broken(why) => (b'X', why.as_bytes()),
        };
        [&[kind], content].concat()
    }

    pub(crate) fn decode(octets: &[u8]) -> Option<Self> {
        let (kind, content) = octets.split_first()?;
        match kind {
            b'D' if content.len() <= limits::PIECE_BYTES => Some(Self::Data(content.to_vec())),
            b'E' => content.try_into().ok().map(u64::from_be_bytes).map(Self::End),
            b'X' => Some(Self::Broken(String::from_utf8_lossy(content).into_owned())),
            _ => None,
        }
    }
}

/// Data that wait for being fetched.
#[derive(Debug, Default)]
pub(crate) struct Transfers(Mutex<HashMap<String, Slot>>);

struct Slot {
    used: Instant,
    sending: Arc<tokio::sync::Mutex<Sending>>,
}

struct Sending {
    source: Box<dyn Source>,
    sent: u64,
}

impl fmt::Debug for Slot {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Slot").field("used", &self.used).finish_non_exhaustive()
    }
}

impl Transfers {
    /// Keeps data for being fetched; whether there is room.
    pub(crate) fn add(&self, id: &str, source: Box<dyn Source>) -> bool {
        let mut all = self.lock();
        if all.len() >= limits::TRANSFERS {
            return false;
        }
        let sending = Arc::new(tokio::sync::Mutex::new(Sending { source, sent: 0 }));
        all.insert(id.to_owned(), Slot { used: Instant::now(), sending });
        true
    }

    /// The next piece.
    pub(crate) async fn next(&self, id: &str) -> Piece {
        let sending = self.lock().get_mut(id).map(|slot| {
            slot.used = Instant::now();
            Arc::clone(&slot.sending)
        });
        let Some(sending) = sending else {
            return Piece::Broken("it is not kept any more".to_owned());
        };
        let mut sending = sending.lock().await;
        let piece = match timeout(limits::PIECE, sending.source.next()).await {
            Ok(Ok(Some(data))) => {
                sending.sent += u64::try_from(data.len()).unwrap_or(u64::MAX);
                Piece::Data(data)
            }
            Ok(Ok(None)) => Piece::End(sending.sent),
            Ok(Err(why)) => Piece::Broken(why),
            Err(_) => Piece::Broken("nothing more came in time".to_owned()),
        };
        if !matches!(piece, Piece::Data(_)) {
            self.remove(id);
        }
        piece
    }

    pub(crate) fn remove(&self, id: &str) {
        self.lock().remove(id);
    }

    /// Drops what nobody has fetched for so long.
    pub(crate) fn drop_idle(&self, limit: Duration) {
        self.lock().retain(|_, slot| slot.used.elapsed() <= limit);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, Slot>> {
        // Nothing panics while it is held.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn data_come_whole_and_once() {
        let transfers = Transfers::default();
        let data: Vec<u8> = (0..200_000_u32).map(|number| number.to_le_bytes()[0]).collect();
        assert!(transfers.add("one", Box::new(Octets(data.clone()))));
        let mut received = Vec::new();
        loop {
            let piece = transfers.next("one").await;
            match Piece::decode(&piece.encode()).unwrap() {
                Piece::Data(octets) => received.extend(octets),
                Piece::End(sent) => {
                    assert_eq!(sent, 200_000);
                    break;
                }
                Piece::Broken(why) => panic!("{why}"),
            }
        }
        assert_eq!(received, data);
        assert!(matches!(transfers.next("one").await, Piece::Broken(_)));
    }

    #[tokio::test(start_paused = true)]
    async fn what_nobody_fetches_is_dropped() {
        let transfers = Transfers::default();
        transfers.add("one", Box::new(Octets(vec![1])));
        tokio::time::advance(limits::PIECE).await;
        transfers.drop_idle(limits::PIECE);
        assert!(!transfers.is_empty());
        tokio::time::advance(Duration::from_millis(1)).await;
        transfers.drop_idle(limits::PIECE);
        assert!(transfers.is_empty());
    }

    #[test]
    fn what_is_no_piece_is_refused() {
        for octets in [b"".as_slice(), b"Q", b"E123", &[b'D'; limits::PIECE_BYTES + 2]] {
            assert_eq!(Piece::decode(octets), None);
        }
    }
}
