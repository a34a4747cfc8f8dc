//! Echo requests and how long their answers take.

use std::io;
use std::net::Ipv4Addr;
use std::time::Duration;

use model::probe::{ECHO_COUNT, Echoes, ProbeFailure};
use sys::ping::PingSocket;
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;
use tokio::time::{Instant, sleep_until, timeout_at};

use crate::status::microseconds;

/// Pause between two requests.
const PAUSE: Duration = Duration::from_millis(250);
/// How long the answer to the last request is waited for.
const LIMIT: Duration = Duration::from_secs(3);
/// An answer came, or the kernel or a router complained: what is in the error queue alone does not
/// make a socket readable.
const ANSWERED: Interest = Interest::READABLE.add(Interest::ERROR);
/// What the requests carry: 56 bytes, as `ping` sends.
const DATA: [u8; 56] = [0x5a; 56];

/// Sends [`ECHO_COUNT`] requests and waits for their answers.
pub(super) async fn echo(address: Ipv4Addr) -> Result<Echoes, ProbeFailure> {
    let internal = |reason: String| ProbeFailure::Internal { reason };
    let socket = PingSocket::open(address).map_err(|error| match unreachable(&error) {
        Some(reason) => ProbeFailure::Unreachable { reason },
        None => internal(described(&error)),
    })?;
    let socket = register(socket).map_err(|error| internal(error.to_string()))?;
    let mut rounds = Rounds::default();
    let begin = Instant::now();
    for sequence in 0..ECHO_COUNT {
        sleep_until(begin + PAUSE * sequence).await;
        rounds.sent.push(Instant::now());
        let number = u16::try_from(sequence).unwrap_or_default();
        if let Err(error) = socket.get_ref().send(number, &DATA) {
            rounds.trouble = Some(error);
        }
        let is_last = sequence + 1 == ECHO_COUNT;
        let end = Instant::now() + if is_last { LIMIT } else { PAUSE };
        // Once all are answered there is nothing to wait for but the time of the next request.
        let _ = timeout_at(end, receive(&socket, &mut rounds)).await;
    }
    rounds.outcome()
}

#[expect(
    deprecated,
    reason = "its successor is an unsafe function; the socket owns its descriptor for as long as it is registered"
)]
fn register(socket: PingSocket) -> io::Result<AsyncFd<PingSocket>> {
    AsyncFd::with_interest(socket, ANSWERED)
}

/// Takes answers until every request that was sent has one, or an error says that none will come.
async fn receive(socket: &AsyncFd<PingSocket>, rounds: &mut Rounds) {
    while rounds.answered() < rounds.sent.len() {
        let Ok(mut ready) = socket.ready(ANSWERED).await else { return };
        match ready.try_io(|socket| socket.get_ref().receive()) {
            Ok(Ok(sequence)) => rounds.take(sequence),
            Ok(Err(error)) => {
                rounds.trouble = Some(error);
                return;
            }
            // Somebody else was quicker than the readiness; wait again.
            Err(_) => {}
        }
    }
}

/// What was sent and when the answers came.
#[derive(Debug, Default)]
struct Rounds {
    sent: Vec<Instant>,
    /// For each request how long its first answer took.
    times: [Option<Duration>; ECHO_COUNT as usize],
    /// The last thing that the kernel or a router complained of.
    trouble: Option<io::Error>,
}

impl Rounds {
    fn take(&mut self, sequence: Option<u16>) {
        let Some(index) = sequence.map(usize::from) else { return };
        let Some(sent) = self.sent.get(index) else { return };
        // A second answer to the same request is not counted.
        self.times[index].get_or_insert_with(|| sent.elapsed());
    }

    fn answered(&self) -> usize {
        self.times.iter().flatten().count()
    }

    fn outcome(self) -> Result<Echoes, ProbeFailure> {
        let times: Vec<_> = self.times.iter().flatten().copied().map(microseconds).collect();
        let (Some(fastest), Some(slowest)) = (times.iter().min(), times.iter().max()) else {
            return Err(match self.trouble {
                Some(error) => ProbeFailure::Unreachable { reason: error.to_string() },
                None => ProbeFailure::NoEcho { limit_seconds: LIMIT.as_secs() },
            });
        };
        let received = u32::try_from(times.len()).unwrap_or(ECHO_COUNT);
        Ok(Echoes {
            sent: u32::try_from(self.sent.len()).unwrap_or(ECHO_COUNT),
            received,
            fastest_us: *fastest,
            mean_us: times.iter().sum::<u64>() / u64::from(received),
            slowest_us: *slowest,
        })
    }
}

/// The kernel's words when it has no way to the address.
fn unreachable(error: &sys::SysError) -> Option<String> {
    let sys::SysError::Call { source, .. } = error else { return None };
    let kinds = [io::ErrorKind::NetworkUnreachable, io::ErrorKind::HostUnreachable];
    kinds.contains(&source.kind()).then(|| source.to_string())
}

fn described(error: &sys::SysError) -> String {
    match std::error::Error::source(error) {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rounds(times: &[Option<u64>]) -> Rounds {
        let mut rounds = Rounds { sent: vec![Instant::now(); 4], ..Rounds::default() };
        for (place, time) in rounds.times.iter_mut().zip(times) {
            *place = time.map(Duration::from_micros);
        }
        rounds
    }

    #[test]
    fn lost_requests_do_not_count_for_the_mean() {
        let echoes = rounds(&[Some(100), None, Some(300), None]).outcome().expect("two answers");
        assert_eq!((echoes.sent, echoes.received), (4, 2));
        assert_eq!((echoes.fastest_us, echoes.mean_us, echoes.slowest_us), (100, 200, 300));
    }

    #[test]
    fn silence_and_a_complaint_differ() {
        let failure = rounds(&[]).outcome().expect_err("none");
        assert_eq!(failure.id(), "probe.no-echo");
        let mut complained = rounds(&[]);
        complained.trouble = Some(io::ErrorKind::HostUnreachable.into());
        assert_eq!(complained.outcome().expect_err("none").id(), "probe.unreachable");
    }

    #[test]
    fn an_answer_to_nothing_or_a_second_one_is_dropped() {
        let mut rounds = rounds(&[Some(100)]);
        rounds.sent.truncate(2);
        rounds.take(Some(0));
        rounds.take(Some(3));
        rounds.take(Some(900));
        rounds.take(None);
        assert_eq!(rounds.answered(), 1);
        assert_eq!(rounds.times[0], Some(Duration::from_micros(100)));
    }
}
