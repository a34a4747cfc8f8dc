//! The 48 bytes of SNTP (RFC 4330, section 4; the times of RFC 5905, section 6). Pure.

use model::product::RELEASED;
use thiserror::Error;

/// Length of a request, and the shortest reply, in bytes.
pub const PACKET_BYTES: usize = 48;
/// Longest reply that is read, with extension fields and a message authentication code, in bytes.
pub const MAX_REPLY_BYTES: usize = 512;

/// Version 4, mode 3 (client), as the first byte has them.
const CLIENT: u8 = 0b00_100_011;
const MODE_SERVER: u8 = 4;
const OLDEST_VERSION: u8 = 3;
const LEAP_UNSYNCHRONISED: u8 = 3;
/// Strata from here on mean "not synchronised".
const NO_STRATUM: u8 = 16;
/// Seconds from the era of NTP, 1900, to the one of Unix, 1970.
const UNIX_EPOCH: i64 = 2_208_988_800;
/// Seconds after which the 32-bit counter of NTP begins anew, next in February 2036.
const ERA_SECONDS: i64 = 1 << 32;
const NANOSECONDS: i128 = 1_000_000_000;
/// Largest root distance with which a server counts as synchronised, in nanoseconds: the `MAXDIST`
/// of RFC 5905 doubled, which is what distant servers in good order show.
const MAX_ROOT_DISTANCE: i128 = 3 * NANOSECONDS;

/// What a server says of its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServerTime {
    /// When the request arrived, by the server's clock, in nanoseconds since 1970.
    pub received: i128,
    /// When the reply left, by the server's clock, in nanoseconds since 1970.
    pub sent: i128,
    /// How wrong the server itself may be, in nanoseconds: its distance from the reference clock.
    pub root_distance: i128,
}

/// Why a reply gives no time. Shown to people, behind the server's name.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ReplyError {
    /// Shorter than [`PACKET_BYTES`], or not from a server of version 3 or 4.
    #[error("its answer is no NTP answer")]
    Malformed,
    /// It does not repeat the number of the request, so it is late or forged.
    #[error("its answer belongs to another request")]
    Unrelated,
    /// The server has no time itself.
    #[error("its own clock is not synchronised")]
    Unsynchronised,
    /// The server asks to be asked less often (`RATE`).
    #[error("it asks for fewer requests")]
    Rate,
    /// The server refuses to answer (`DENY`, `RSTR` and others); it must not be asked again.
    #[error("it refuses requests ({0})")]
    Denied(String),
    /// The time lies before this release was made.
    #[error("its time lies before this release was made")]
    BeforeRelease,
    /// The reply is said to have left before the request arrived.
    #[error("its times contradict each other")]
    Contradictory,
}

/// A request. The number stands where the time of sending would: servers repeat it, so a reply can
/// be told from a forged one, and nobody on the way learns this clock.
#[must_use]
pub fn request(number: u64) -> [u8; PACKET_BYTES] {
    let mut packet = [0; PACKET_BYTES];
    packet[0] = CLIENT;
    packet[40..].copy_from_slice(&number.to_be_bytes());
    packet
}

/// Reads the reply to the request with this number.
///
/// # Errors
///
/// [`ReplyError`]; after [`ReplyError::Malformed`] and [`ReplyError::Unrelated`] the true reply may
/// still come.
pub fn read(reply: &[u8], number: u64) -> Result<ServerTime, ReplyError> {
    if reply.len() < PACKET_BYTES || reply.len() > MAX_REPLY_BYTES {
        return Err(ReplyError::Malformed);
    }
    let (leap, version, mode) = (reply[0] >> 6, reply[0] >> 3 & 7, reply[0] & 7);
    if mode != MODE_SERVER || !(OLDEST_VERSION..=4).contains(&version) {
        return Err(ReplyError::Malformed);
    }
    if long(reply, 24) != number {
        return Err(ReplyError::Unrelated);
    }
    let stratum = reply[1];
    if stratum == 0 {
        return Err(kiss_of_death(&reply[12..16]));
    }
    let root_distance = short(reply, 4) / 2 + short(reply, 8);
    let transmitted = long(reply, 40);
    if leap == LEAP_UNSYNCHRONISED
        || stratum >= NO_STRATUM
        || root_distance > MAX_ROOT_DISTANCE
        || transmitted == 0
    {
        return Err(ReplyError::Unsynchronised);
    }
    let (received, sent) = (since_1970(long(reply, 32)), since_1970(transmitted));
    if sent < received {
        return Err(ReplyError::Contradictory);
    }
    if sent < i128::from(RELEASED) * NANOSECONDS {
        return Err(ReplyError::BeforeRelease);
    }
    Ok(ServerTime { received, sent, root_distance })
}

/// The four letters that stratum 0 has instead of a reference clock (RFC 5905, section 7.4).
fn kiss_of_death(code: &[u8]) -> ReplyError {
    match code {
        b"RATE" => ReplyError::Rate,
        [b'!'..=b'~', b'!'..=b'~', b'!'..=b'~', b'!'..=b'~'] => {
            ReplyError::Denied(String::from_utf8_lossy(code).into_owned())
        }
        _ => ReplyError::Unsynchronised,
    }
}

fn long(packet: &[u8], at: usize) -> u64 {
    packet[at..at + 8].iter().fold(0, |value, byte| value << 8 | u64::from(*byte))
}

/// A duration of 16 bits of seconds and 16 bits of fraction, in nanoseconds.
fn short(packet: &[u8], at: usize) -> i128 {
    let value = packet[at..at + 4].iter().fold(0, |value, byte| value << 8 | i128::from(*byte));
    (value * NANOSECONDS) >> 16
}

/// A time of 32 bits of seconds and 32 bits of fraction, in nanoseconds since 1970, in the era
/// that brings it nearest to the time of this release.
fn since_1970(timestamp: u64) -> i128 {
    let seconds = i64::from(u32::try_from(timestamp >> 32).unwrap_or_default()) - UNIX_EPOCH;
    let first = RELEASED - ERA_SECONDS / 2;
    let seconds = first + (seconds - first).rem_euclid(ERA_SECONDS);
    let fraction = i128::from(timestamp & u64::from(u32::MAX));
    i128::from(seconds) * NANOSECONDS + ((fraction * NANOSECONDS) >> 32)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NUMBER: u64 = 0x0123_4567_89ab_cdef;

    /// A reply whose request arrived at a time in seconds since 1970, and which left half a second
    /// later.
    fn reply(seconds: i64) -> [u8; PACKET_BYTES] {
        let mut packet = [0; PACKET_BYTES];
        packet[0] = 0b00_100_100;
        packet[1] = 2;
        packet[24..32].copy_from_slice(&NUMBER.to_be_bytes());
        let seconds = u32::try_from((seconds + UNIX_EPOCH).rem_euclid(ERA_SECONDS)).expect("fits");
        packet[32..36].copy_from_slice(&seconds.to_be_bytes());
        packet[40..44].copy_from_slice(&seconds.to_be_bytes());
        packet[44] = 0x80;
        packet
    }

    fn with(change: impl FnOnce(&mut [u8; PACKET_BYTES])) -> Result<ServerTime, ReplyError> {
        let mut packet = reply(RELEASED + 10);
        change(&mut packet);
        read(&packet, NUMBER)
    }

    #[test]
    fn request_is_version_4_and_shows_only_its_number() {
        let packet = request(NUMBER);
        assert_eq!(packet[0], 0x23);
        assert!(packet[1..40].iter().all(|byte| *byte == 0));
        assert_eq!(packet[40..], NUMBER.to_be_bytes());
    }

    #[test]
    fn reads_times_to_the_nanosecond() {
        let time = read(&reply(RELEASED + 10), NUMBER).expect("valid");
        assert_eq!(time.received, i128::from(RELEASED + 10) * NANOSECONDS);
        assert_eq!(time.sent - time.received, NANOSECONDS / 2);
    }

    #[test]
    fn reads_times_after_the_counter_has_begun_anew() {
        let in_2050 = 2_524_608_000;
        let time = read(&reply(in_2050), NUMBER).expect("valid");
        assert_eq!(time.received, i128::from(in_2050) * NANOSECONDS);
    }

    #[test]
    fn refuses_what_is_no_answer_to_the_request() {
        assert_eq!(read(&reply(RELEASED)[..47], NUMBER), Err(ReplyError::Malformed));
        assert_eq!(read(&[0x24; MAX_REPLY_BYTES + 1], NUMBER), Err(ReplyError::Malformed));
        assert_eq!(with(|packet| packet[0] = CLIENT), Err(ReplyError::Malformed));
        assert_eq!(with(|packet| packet[0] = 0b00_010_100), Err(ReplyError::Malformed));
        assert_eq!(with(|packet| packet[31] ^= 1), Err(ReplyError::Unrelated));
    }

    #[test]
    fn refuses_servers_without_a_time_of_their_own() {
        assert_eq!(with(|packet| packet[0] |= 0b11 << 6), Err(ReplyError::Unsynchronised));
        assert_eq!(with(|packet| packet[1] = 16), Err(ReplyError::Unsynchronised));
        assert_eq!(with(|packet| packet[9] = 4), Err(ReplyError::Unsynchronised));
        assert_eq!(with(|packet| packet[40..].fill(0)), Err(ReplyError::Unsynchronised));
    }

    #[test]
    fn hears_the_kiss_of_death() {
        let kiss = |code: &[u8]| {
            with(|packet| {
                packet[1] = 0;
                packet[12..16].copy_from_slice(code);
            })
        };
        assert_eq!(kiss(b"RATE"), Err(ReplyError::Rate));
        assert_eq!(kiss(b"DENY"), Err(ReplyError::Denied("DENY".to_owned())));
        assert_eq!(kiss(b"\0\x1b[m"), Err(ReplyError::Unsynchronised));
    }

    #[test]
    fn refuses_a_time_before_the_release() {
        assert_eq!(read(&reply(RELEASED - 1), NUMBER), Err(ReplyError::BeforeRelease));
    }

    #[test]
    fn refuses_a_reply_that_left_before_it_came() {
        assert_eq!(with(|packet| packet[43] -= 1), Err(ReplyError::Contradictory));
    }

    proptest! {
        #[test]
        fn never_panics_and_never_goes_below_the_floor(
            mut bytes in proptest::collection::vec(any::<u8>(), 0..80),
            number in any::<u64>(),
        ) {
            if let Some(place) = bytes.get_mut(24..32) {
                place.copy_from_slice(&number.to_be_bytes());
            }
            if let Ok(time) = read(&bytes, number) {
                prop_assert!(time.sent >= i128::from(RELEASED) * NANOSECONDS);
                prop_assert!(time.sent >= time.received);
            }
        }
    }
}
