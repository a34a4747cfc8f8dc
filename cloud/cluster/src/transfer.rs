//! Data that belong to an answer or to a question, fetched piece by piece.
//!
//! The node that gets them fetches the next piece when it has handed the last one on: nothing piles up
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
    /// The next octets, [`PIECE_BYTES`](crate::PIECE_BYTES) at most.
    fn next(&mut self) -> Next<'_>;

    /// Whether nothing may come for as long as whoever fetches likes. The future of [`Self::next`] is
    /// dropped then from time to time, and nothing may be lost by that.
    fn may_pause(&self) -> bool {
        false
    }
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
    /// `W`: nothing has come yet; ask again.
    Waiting,
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
            Self::Waiting => (b'W', [].as_slice()),
        };
        [&[kind], content].concat()
    }

    pub(crate) fn decode(octets: &[u8]) -> Option<Self> {
        let (kind, content) = octets.split_first()?;
        match kind {
            b'D' if content.len() <= limits::PIECE_BYTES => Some(Self::Data(content.to_vec())),
            b'E' => content.try_into().ok().map(u64::from_be_bytes).map(Self::End),
            b'X' => Some(Self::Broken(String::from_utf8_lossy(content).into_owned())),
            b'W' if content.is_empty() => Some(Self::Waiting),
            _ => None,
        }
    }
}

/// Data that wait for being fetched.
#[derive(Debug, Default)]
pub(crate) struct Transfers(Mutex<HashMap<String, Slot>>);

struct Slot {
    used: Instant,
    /// How long nobody may fetch; `None` = somebody else looks after it.
    patience: Option<Duration>,
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
        let patience = if source.may_pause() { limits::STANDSTILL } else { limits::PIECE };
        self.insert(id, source, Some(patience))
    }

    /// The same for data that stay until they are removed.
    pub(crate) fn offer(&self, id: &str, source: Box<dyn Source>) -> bool {
        self.insert(id, source, None)
    }

    fn insert(&self, id: &str, source: Box<dyn Source>, patience: Option<Duration>) -> bool {
        let mut all = self.lock();
        if all.len() >= limits::TRANSFERS {
            return false;
        }
        let sending = Arc::new(tokio::sync::Mutex::new(Sending { source, sent: 0 }));
        all.insert(id.to_owned(), Slot { used: Instant::now(), patience, sending });
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
        let may_pause = sending.source.may_pause();
        let limit = if may_pause { limits::PAUSE } else { limits::PIECE };
        let piece = match timeout(limit, sending.source.next()).await {
            Ok(Ok(Some(data))) => {
                sending.sent += u64::try_from(data.len()).unwrap_or(u64::MAX);
                Piece::Data(data)
            }
            Ok(Ok(None)) => Piece::End(sending.sent),
            Ok(Err(why)) => Piece::Broken(why),
            Err(_) if may_pause => Piece::Waiting,
            Err(_) => Piece::Broken("nothing more came in time".to_owned()),
        };
        if !matches!(piece, Piece::Data(_) | Piece::Waiting) {
            self.remove(id);
        }
        piece
    }

    pub(crate) fn remove(&self, id: &str) {
        self.lock().remove(id);
    }

    /// Drops what nobody has fetched for too long.
    pub(crate) fn drop_idle(&self) {
        let is_fetched =
            |slot: &Slot| slot.patience.is_none_or(|patience| slot.used.elapsed() <= patience);
        self.lock().retain(|_, slot| is_fetched(slot));
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
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(received, data);
        assert!(matches!(transfers.next("one").await, Piece::Broken(_)));
    }

    #[tokio::test(start_paused = true)]
    async fn what_nobody_fetches_is_dropped_unless_somebody_keeps_it() {
        let transfers = Transfers::default();
        transfers.add("one", Box::new(Octets(vec![1])));
        tokio::time::advance(limits::PIECE).await;
        transfers.drop_idle();
        assert!(!transfers.is_empty());
        transfers.offer("two", Box::new(Octets(vec![2])));
        tokio::time::advance(Duration::from_millis(1)).await;
        transfers.drop_idle();
        assert!(matches!(transfers.next("one").await, Piece::Broken(_)));
        tokio::time::advance(limits::PIECE * 2).await;
        transfers.drop_idle();
        assert_eq!(transfers.next("two").await, Piece::Data(vec![2]));
    }

    /// Octets that come when they are sent.
    struct Slow(tokio::sync::mpsc::Receiver<Vec<u8>>);

    impl Source for Slow {
        fn next(&mut self) -> Next<'_> {
            Box::pin(async { Ok(self.0.recv().await) })
        }

        fn may_pause(&self) -> bool {
            true
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_pause_is_said_and_ends_nothing() {
        let transfers = Transfers::default();
        let (sender, receiver) = tokio::sync::mpsc::channel(1);
        transfers.add("one", Box::new(Slow(receiver)));
        for _ in 0..3 {
            assert_eq!(transfers.next("one").await, Piece::Waiting);
        }
        sender.send(vec![1]).await.unwrap();
        assert_eq!(transfers.next("one").await, Piece::Data(vec![1]));
        drop(sender);
        assert_eq!(transfers.next("one").await, Piece::End(1));
    }

    #[test]
    fn what_is_no_piece_is_refused() {
        for octets in [b"".as_slice(), b"Q", b"E123", b"W1", &[b'D'; limits::PIECE_BYTES + 2]] {
            assert_eq!(Piece::decode(octets), None);
        }
    }
}
