//! Options of RFC 2132, as far as this client asks for them.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use super::message::{DecodeError, MAX_MESSAGE_BYTES};

const PAD: u8 = 0;
const SUBNET_MASK: u8 = 1;
pub(super) const ROUTERS: u8 = 3;
pub(super) const DNS_SERVERS: u8 = 6;
pub(super) const HOST_NAME: u8 = 12;
pub(super) const DOMAIN: u8 = 15;
pub(super) const MTU: u8 = 26;
pub(super) const NTP_SERVERS: u8 = 42;
const REQUESTED_ADDRESS: u8 = 50;
const LEASE_SECONDS: u8 = 51;
const OVERLOAD: u8 = 52;
const MESSAGE_TYPE: u8 = 53;
const SERVER: u8 = 54;
const REQUESTED_OPTIONS: u8 = 55;
const MAX_SIZE: u8 = 57;
const RENEWAL_SECONDS: u8 = 58;
const REBINDING_SECONDS: u8 = 59;
const CLIENT: u8 = 61;
pub(super) const CLASSLESS_ROUTES: u8 = 121;
const END: u8 = 255;

/// What servers are asked for. Classless routes come before the routers, as RFC 3442 asks.
const WANTED: [u8; 12] = [
    SUBNET_MASK,
    CLASSLESS_ROUTES,
    ROUTERS,
    DNS_SERVERS,
    HOST_NAME,
    DOMAIN,
    MTU,
    NTP_SERVERS,
    LEASE_SECONDS,
    SERVER,
    RENEWAL_SECONDS,
    REBINDING_SECONDS,
];

/// Kind of a message (option 53).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageType {
    /// A client looks for servers.
    Discover,
    /// A server offers an address.
    Offer,
    /// A client asks for an offered address, or for more time.
    Request,
    /// A client says that another machine uses the address that it was given.
    Decline,
    /// A server gives what was asked for.
    Ack,
    /// A server refuses.
    Nak,
}

impl MessageType {
    pub(super) const fn number(self) -> u8 {
        match self {
            Self::Discover => 1,
            Self::Offer => 2,
            Self::Request => 3,
            Self::Decline => 4,
            Self::Ack => 5,
            Self::Nak => 6,
        }
    }

    const fn from_number(number: u8) -> Option<Self> {
        match number {
            1 => Some(Self::Discover),
            2 => Some(Self::Offer),
            3 => Some(Self::Request),
            4 => Some(Self::Decline),
            5 => Some(Self::Ack),
            6 => Some(Self::Nak),
            _ => None,
        }
    }
}

/// The options of a message, raw. What a server sends is untrusted; reading a value checks its form,
/// and [`Lease`](super::Lease) its sense.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options(BTreeMap<u8, Vec<u8>>);

impl Options {
    /// Options of a message of this kind.
    #[must_use]
    pub fn of(kind: MessageType) -> Self {
        Self(BTreeMap::from([(MESSAGE_TYPE, vec![kind.number()])]))
    }

    /// Kind of the message.
    #[must_use]
    pub fn message_type(&self) -> Option<MessageType> {
        MessageType::from_number(u8::from_be_bytes(self.fixed(MESSAGE_TYPE)?))
    }

    /// The server that speaks or is meant.
    #[must_use]
    pub fn server(&self) -> Option<Ipv4Addr> {
        self.fixed::<4>(SERVER).map(Ipv4Addr::from)
    }

    /// Names the server that speaks or is meant.
    pub fn set_server(&mut self, server: Ipv4Addr) {
        self.set(SERVER, server.octets().into());
    }

    /// The address that a client asks for.
    #[must_use]
    pub fn requested_address(&self) -> Option<Ipv4Addr> {
        self.fixed::<4>(REQUESTED_ADDRESS).map(Ipv4Addr::from)
    }

    /// Asks for an address.
    pub fn set_requested_address(&mut self, address: Ipv4Addr) {
        self.set(REQUESTED_ADDRESS, address.octets().into());
    }

    /// Says who the client is.
    pub fn set_client(&mut self, hardware_address: [u8; 6]) {
        let identifier = [[1].as_slice(), &hardware_address].concat();
        self.set(CLIENT, identifier);
    }

    /// Says what the client wants to know, and how long the answer may be.
    pub fn ask_for_settings(&mut self) {
        self.set(REQUESTED_OPTIONS, WANTED.into());
        let size = u16::try_from(MAX_MESSAGE_BYTES).unwrap_or(u16::MAX);
        self.set(MAX_SIZE, size.to_be_bytes().into());
    }

    /// The network mask.
    #[must_use]
    pub fn subnet_mask(&self) -> Option<Ipv4Addr> {
        self.fixed::<4>(SUBNET_MASK).map(Ipv4Addr::from)
    }

    /// Gateways, in order of preference.
    #[must_use]
    pub fn routers(&self) -> Vec<Ipv4Addr> {
        self.addresses(ROUTERS)
    }

    /// DNS servers, in order of preference.
    #[must_use]
    pub fn dns_servers(&self) -> Vec<Ipv4Addr> {
        self.addresses(DNS_SERVERS)
    }

    /// NTP servers, in order of preference.
    #[must_use]
    pub fn ntp_servers(&self) -> Vec<Ipv4Addr> {
        self.addresses(NTP_SERVERS)
    }

    /// Classless routes, raw (RFC 3442); `None` when the server sent none.
    #[must_use]
    pub fn classless_routes(&self) -> Option<&[u8]> {
        self.0.get(&CLASSLESS_ROUTES).map(Vec::as_slice)
    }

    /// Whether the server sent this option, whatever its content.
    #[must_use]
    pub fn has(&self, code: u8) -> bool {
        self.0.get(&code).is_some_and(|value| !value.is_empty())
    }

    /// Host name, as sent.
    #[must_use]
    pub fn host_name(&self) -> Option<String> {
        self.text(HOST_NAME)
    }

    /// Domain, as sent.
    #[must_use]
    pub fn domain(&self) -> Option<String> {
        self.text(DOMAIN)
    }

    /// Largest packet in bytes.
    #[must_use]
    pub fn mtu(&self) -> Option<u16> {
        self.fixed(MTU).map(u16::from_be_bytes)
    }

    /// Length of the lease in seconds; [`u32::MAX`] = for ever.
    #[must_use]
    pub fn lease_seconds(&self) -> Option<u32> {
        self.fixed(LEASE_SECONDS).map(u32::from_be_bytes)
    }

    /// Seconds until the client asks its server for more time (T1).
    #[must_use]
    pub fn renewal_seconds(&self) -> Option<u32> {
        self.fixed(RENEWAL_SECONDS).map(u32::from_be_bytes)
    }

    /// Seconds until the client asks any server for more time (T2).
    #[must_use]
    pub fn rebinding_seconds(&self) -> Option<u32> {
        self.fixed(REBINDING_SECONDS).map(u32::from_be_bytes)
    }

    /// Sets an option.
    pub fn set(&mut self, code: u8, value: Vec<u8>) {
        self.0.insert(code, value);
    }

    /// Reads the area of options and, where option 52 says so, the fields `file` and `sname`. An
    /// option that comes several times is one value in parts (RFC 3396).
    pub(super) fn decode(
        area: &[u8],
        file_name: &[u8],
        server_name: &[u8],
    ) -> Result<Self, DecodeError> {
        let mut options = Self::default();
        options.collect(area)?;
        let overload = options.0.remove(&OVERLOAD);
        let overload = overload.as_deref().and_then(|value| value.first()).unwrap_or(&0);
        if overload & 1 != 0 {
            options.collect(file_name)?;
        }
        if overload & 2 != 0 {
            options.collect(server_name)?;
        }
        // Not even the name fields may lead further.
        options.0.remove(&OVERLOAD);
        Ok(options)
    }

    fn collect(&mut self, mut area: &[u8]) -> Result<(), DecodeError> {
        while let Some((&code, rest)) = area.split_first() {
            area = match code {
                PAD => rest,
                END => return Ok(()),
                code => {
                    let (&length, rest) = rest.split_first().ok_or(DecodeError::Option(code))?;
                    let (value, rest) = rest
                        .split_at_checked(usize::from(length))
                        .ok_or(DecodeError::Option(code))?;
                    self.0.entry(code).or_default().extend(value);
                    rest
                }
            };
        }
        Ok(())
    }

    /// Appends the options: the kind of the message first, as servers expect, and the end.
    pub(super) fn encode(&self, bytes: &mut Vec<u8>) {
        let kind = self.0.get_key_value(&MESSAGE_TYPE);
        let others = self.0.iter().filter(|(code, _)| **code != MESSAGE_TYPE);
        for (code, value) in kind.into_iter().chain(others) {
            let mut rest = value.as_slice();
            // At least once: an empty value is a value too.
            loop {
                let (part, others) = rest.split_at(rest.len().min(usize::from(u8::MAX)));
                bytes.push(*code);
                bytes.push(u8::try_from(part.len()).unwrap_or(u8::MAX));
                bytes.extend(part);
                rest = others;
                if rest.is_empty() {
                    break;
                }
            }
        }
        bytes.push(END);
    }

    fn fixed<const LENGTH: usize>(&self, code: u8) -> Option<[u8; LENGTH]> {
        self.0.get(&code)?.as_slice().try_into().ok()
    }

    fn addresses(&self, code: u8) -> Vec<Ipv4Addr> {
        let value = self.0.get(&code).map_or(&[][..], Vec::as_slice);
        let (addresses, _) = value.as_chunks::<4>();
        addresses.iter().copied().map(Ipv4Addr::from).collect()
    }

    /// A text, without the zero bytes that some servers end it with.
    fn text(&self, code: u8) -> Option<String> {
        let text = std::str::from_utf8(self.0.get(&code)?).ok()?;
        Some(text.trim_end_matches('\0').to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(area: &[u8]) -> Options {
        Options::decode(area, &[], &[]).expect("valid")
    }

    #[test]
    fn joins_the_parts_of_a_long_option() {
        let options = decode(&[6, 2, 10, 0, 15, 1, b'x', 6, 2, 2, 3, 255]);
        assert_eq!(options.dns_servers(), [Ipv4Addr::new(10, 0, 2, 3)]);
    }

    #[test]
    fn ignores_values_of_the_wrong_length() {
        let options = decode(&[1, 3, 255, 255, 255, 51, 1, 9, 54, 5, 1, 2, 3, 4, 5, 53, 0]);
        assert_eq!(options.subnet_mask(), None);
        assert_eq!(options.lease_seconds(), None);
        assert_eq!(options.server(), None);
        assert_eq!(options.message_type(), None);
        assert_eq!(decode(&[3, 6, 10, 0, 0, 1, 9, 9]).routers(), [Ipv4Addr::new(10, 0, 0, 1)]);
    }

    #[test]
    fn takes_zero_bytes_off_a_text_and_refuses_what_is_none() {
        assert_eq!(decode(&[12, 3, b'a', b'b', 0]).host_name().as_deref(), Some("ab"));
        assert_eq!(decode(&[12, 1, 0xff]).host_name(), None);
    }

    #[test]
    fn sends_an_empty_and_a_long_value_as_it_read_them() {
        let mut options = Options::default();
        options.set(51, Vec::new());
        options.set(43, vec![7; 600]);
        let mut bytes = Vec::new();
        options.encode(&mut bytes);
        assert_eq!(decode(&bytes), options);
    }

    #[test]
    fn reads_nothing_behind_the_end() {
        assert_eq!(decode(&[0, 0, 255, 12, 200]), Options::default());
    }
}
