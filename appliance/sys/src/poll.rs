//! Waiting for several descriptors at once.

use std::io;
use std::os::fd::BorrowedFd;
use std::time::Duration;

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout};

/// What to wait for. The end of the peer is always reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interest {
    /// Only the end of the peer.
    End,
    /// Something to read.
    Read,
    /// Room to write.
    Write,
}

/// What a descriptor is ready for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ready {
    /// There is something to read, or the end to be noticed.
    pub readable: bool,
    /// There is room to write.
    pub writable: bool,
    /// The peer is gone, or the descriptor is broken.
    pub ended: bool,
}

/// Waits until a descriptor is ready or the time is over; without a time it waits for ever. The
/// answers are in the order of the questions. A signal ends the wait early, with nothing ready.
///
/// # Errors
///
/// As `poll(2)`; never for an interruption.
pub fn wait(
    interests: &[(BorrowedFd<'_>, Interest)],
    timeout: Option<Duration>,
) -> io::Result<Vec<Ready>> {
    let mut fds: Vec<PollFd<'_>> = interests
        .iter()
        .map(|(fd, interest)| {
            let events = match interest {
                Interest::End => PollFlags::empty(),
                Interest::Read => PollFlags::POLLIN,
                Interest::Write => PollFlags::POLLOUT,
            };
            PollFd::new(*fd, events)
        })
        .collect();
    match nix::poll::poll(&mut fds, timeout.map_or(PollTimeout::NONE, round_up)) {
        Ok(_) => {}
        Err(Errno::EINTR) => return Ok(vec![Ready::default(); interests.len()]),
        Err(error) => return Err(error.into()),
    }
    let ready = fds.iter().map(|fd| {
        let events = fd.revents().unwrap_or(PollFlags::empty());
        let ended = PollFlags::POLLHUP | PollFlags::POLLERR | PollFlags::POLLNVAL;
        Ready {
            readable: events.intersects(PollFlags::POLLIN | PollFlags::POLLHUP),
            writable: events.contains(PollFlags::POLLOUT),
            ended: events.intersects(ended),
        }
    });
    Ok(ready.collect())
}

/// Rounds up to milliseconds, so that a deadline has passed when the wait is over.
fn round_up(timeout: Duration) -> PollTimeout {
    let millis = timeout.as_nanos().div_ceil(1_000_000);
    i32::try_from(millis)
        .ok()
        .and_then(|millis| PollTimeout::try_from(millis).ok())
        .unwrap_or(PollTimeout::MAX)
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::os::fd::AsFd;
    use std::os::unix::net::UnixStream;

    use super::*;

    #[test]
    fn reports_input_room_and_the_end_of_the_peer() {
        let (mut near, far) = UnixStream::pair().expect("pair");
        let read = |socket: &UnixStream, interest| {
            wait(&[(socket.as_fd(), interest)], Some(Duration::ZERO)).expect("poll")[0]
        };
        assert_eq!(read(&far, Interest::Read), Ready::default());
        assert!(read(&far, Interest::Write).writable);
        near.write_all(b"x").expect("write");
        assert!(read(&far, Interest::Read).readable);
        assert_eq!(read(&far, Interest::End), Ready::default());
        drop(near);
        assert!(read(&far, Interest::End).ended);
    }

    #[test]
    fn never_wakes_before_a_deadline() {
        assert_eq!(round_up(Duration::from_nanos(1_000_001)), PollTimeout::from(2_u8));
        assert_eq!(round_up(Duration::MAX), PollTimeout::MAX);
    }
}
