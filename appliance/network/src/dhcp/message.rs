//! The message format of RFC 2131 section 2.

use std::net::Ipv4Addr;

use thiserror::Error;

use super::options::Options;

/// Largest message in bytes that is read or sent: an Ethernet frame of 1500 bytes without the IPv4
/// and UDP headers. It is announced to servers (RFC 2132 section 9.10).
pub const MAX_MESSAGE_BYTES: usize = 1472;
/// BOOTP relays may drop shorter messages (RFC 1542 section 2.1).
const MIN_MESSAGE_BYTES: usize = 300;

const FIXED_BYTES: usize = 236;
const COOKIE: [u8; 4] = [99, 130, 83, 99];
const ETHERNET: u8 = 1;
const HARDWARE_ADDRESS_BYTES: u8 = 6;

// Where the fields begin.
const TRANSACTION: usize = 4;
const SECONDS: usize = 8;
const CLIENT_ADDRESS: usize = 12;
const YOUR_ADDRESS: usize = 16;
const HARDWARE_ADDRESS: usize = 28;
const SERVER_NAME: usize = 44;
const FILE_NAME: usize = 108;

/// Who speaks (field `op`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// A client to a server.
    Request,
    /// A server to a client.
    Reply,
}

/// A DHCP message. Fields that only booting over the network or relays need are left out: they are
/// sent as zero and not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Who speaks.
    pub direction: Direction,
    /// The client's random number, repeated by the server (`xid`).
    pub transaction: u32,
    /// Seconds since the client began (`secs`).
    pub seconds: u16,
    /// Address that the client has and can be reached at (`ciaddr`).
    pub client_address: Ipv4Addr,
    /// Address that the server gives (`yiaddr`).
    pub your_address: Ipv4Addr,
    /// Hardware address of the client (`chaddr`).
    pub hardware_address: [u8; 6],
    /// The options.
    pub options: Options,
}

/// Why bytes are no DHCP message for an Ethernet client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum DecodeError {
    /// Shorter than the fixed part.
    #[error("the message is cut off")]
    TooShort,
    /// Longer than [`MAX_MESSAGE_BYTES`].
    #[error("the message is longer than 1472 bytes")]
    TooLong,
    /// Neither request nor reply.
    #[error("the operation is unknown")]
    Operation,
    /// Another kind of hardware address.
    #[error("the hardware address is not of Ethernet")]
    Hardware,
    /// BOOTP without options, or something else.
    #[error("the magic cookie of DHCP is missing")]
    Cookie,
    /// An option reaches beyond its area.
    #[error("option {0} is cut off")]
    Option(u8),
}

impl Message {
    /// Reads a UDP payload.
    ///
    /// # Errors
    ///
    /// [`DecodeError`]; such a payload is ignored.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        if bytes.len() > MAX_MESSAGE_BYTES {
            return Err(DecodeError::TooLong);
        }
        let (fixed, rest) =
            bytes.split_first_chunk::<FIXED_BYTES>().ok_or(DecodeError::TooShort)?;
        let direction = match fixed[0] {
            1 => Direction::Request,
            2 => Direction::Reply,
            _ => return Err(DecodeError::Operation),
        };
        if fixed[1] != ETHERNET || fixed[2] != HARDWARE_ADDRESS_BYTES {
            return Err(DecodeError::Hardware);
        }
        let area = rest.strip_prefix(&COOKIE).ok_or(DecodeError::Cookie)?;
        let file_name = &fixed[FILE_NAME..FIXED_BYTES];
        let server_name = &fixed[SERVER_NAME..FILE_NAME];
        Ok(Self {
            direction,
            transaction: u32::from_be_bytes(array(fixed, TRANSACTION)),
            seconds: u16::from_be_bytes(array(fixed, SECONDS)),
            client_address: array::<4>(fixed, CLIENT_ADDRESS).into(),
            your_address: array::<4>(fixed, YOUR_ADDRESS).into(),
            hardware_address: array(fixed, HARDWARE_ADDRESS),
            options: Options::decode(area, file_name, server_name)?,
        })
    }

    /// The UDP payload to send. The options of this client are far below [`MAX_MESSAGE_BYTES`].
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut fixed = [0; FIXED_BYTES];
        fixed[0] = match self.direction {
            Direction::Request => 1,
            Direction::Reply => 2,
        };
        fixed[1] = ETHERNET;
        fixed[2] = HARDWARE_ADDRESS_BYTES;
        let mut put = |at: usize, value: &[u8]| fixed[at..at + value.len()].copy_from_slice(value);
        put(TRANSACTION, &self.transaction.to_be_bytes());
        put(SECONDS, &self.seconds.to_be_bytes());
        put(CLIENT_ADDRESS, &self.client_address.octets());
        put(YOUR_ADDRESS, &self.your_address.octets());
        put(HARDWARE_ADDRESS, &self.hardware_address);
        let mut bytes = fixed.to_vec();
        bytes.extend(COOKIE);
        self.options.encode(&mut bytes);
        if bytes.len() < MIN_MESSAGE_BYTES {
            bytes.resize(MIN_MESSAGE_BYTES, 0);
        }
        bytes
    }
}

fn array<const LENGTH: usize>(fixed: &[u8; FIXED_BYTES], at: usize) -> [u8; LENGTH] {
    std::array::from_fn(|index| fixed[at + index])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::dhcp::MessageType;

    fn sample() -> Message {
        let mut options = Options::of(MessageType::Offer);
        options.set_server([10, 0, 2, 2].into());
        Message {
            direction: Direction::Reply,
            transaction: 0x3903_f326,
            seconds: 3,
            client_address: Ipv4Addr::UNSPECIFIED,
            your_address: [10, 0, 2, 15].into(),
            hardware_address: [0x52, 0x54, 0, 0x12, 0x34, 0x56],
            options,
        }
    }

    #[test]
    fn puts_fields_where_rfc_2131_has_them() {
        let bytes = sample().encode();
        assert_eq!(bytes.len(), 300);
        assert_eq!(bytes[..3], [2, 1, 6]);
        assert_eq!(bytes[4..10], [0x39, 0x03, 0xf3, 0x26, 0, 3]);
        assert_eq!(bytes[16..20], [10, 0, 2, 15]);
        assert_eq!(bytes[28..34], [0x52, 0x54, 0, 0x12, 0x34, 0x56]);
        assert_eq!(bytes[236..250], [99, 130, 83, 99, 53, 1, 2, 54, 4, 10, 0, 2, 2, 255]);
    }

    #[test]
    fn reads_options_from_the_name_fields_when_overloaded() {
        let mut bytes = sample().encode();
        // Overload both, DNS in `file`, the host name in `sname`.
        bytes[240..244].copy_from_slice(&[52, 1, 3, 255]);
        bytes[108..115].copy_from_slice(&[6, 4, 10, 0, 2, 3, 255]);
        bytes[44..49].copy_from_slice(&[12, 2, b'h', b'1', 255]);
        let message = Message::decode(&bytes).expect("valid");
        assert_eq!(message.options.dns_servers(), [Ipv4Addr::new(10, 0, 2, 3)]);
        assert_eq!(message.options.host_name().as_deref(), Some("h1"));
    }

    #[test]
    fn refuses_what_is_no_message_for_ethernet() {
        let good = sample().encode();
        let with = |at: usize, value: u8| {
            let mut bytes = good.clone();
            bytes[at] = value;
            Message::decode(&bytes)
        };
        assert_eq!(with(0, 3), Err(DecodeError::Operation));
        assert_eq!(with(1, 6), Err(DecodeError::Hardware));
        assert_eq!(with(2, 16), Err(DecodeError::Hardware));
        assert_eq!(with(236, 0), Err(DecodeError::Cookie));
        assert_eq!(with(241, 255), Err(DecodeError::Option(53)));
        assert_eq!(Message::decode(&good[..235]), Err(DecodeError::TooShort));
        assert_eq!(Message::decode(&[0; MAX_MESSAGE_BYTES + 1]), Err(DecodeError::TooLong));
    }

    proptest! {
        #[test]
        fn decodes_what_it_encodes(
            transaction: u32,
            seconds: u16,
            addresses: [[u8; 4]; 2],
            hardware_address: [u8; 6],
            is_reply: bool,
            raw in proptest::collection::btree_map(
                (1u8..255).prop_filter("overload is no content", |code| *code != 52),
                proptest::collection::vec(any::<u8>(), 1..300),
                0..4,
            ),
        ) {
            let mut options = Options::default();
            for (code, value) in raw {
                options.set(code, value);
            }
            let message = Message {
                direction: if is_reply { Direction::Reply } else { Direction::Request },
                transaction,
                seconds,
                client_address: addresses[0].into(),
                your_address: addresses[1].into(),
                hardware_address,
                options,
            };
            prop_assert_eq!(Message::decode(&message.encode()), Ok(message));
        }

        #[test]
        fn never_panics_on_garbage(
            tail in proptest::collection::vec(any::<u8>(), 0..1300),
            names in proptest::collection::vec(any::<u8>(), 192),
        ) {
            let _ = Message::decode(&tail);
            let mut bytes = sample().encode();
            bytes[SERVER_NAME..FIXED_BYTES].copy_from_slice(&names);
            bytes.truncate(240);
            bytes.extend([52, 1, 3]);
            bytes.truncate(MAX_MESSAGE_BYTES.min(243 + tail.len()));
            bytes.extend(tail);
            if let Ok(message) = Message::decode(&bytes) {
                let _ = crate::dhcp::Lease::read(&message);
            }
        }
    }
}
