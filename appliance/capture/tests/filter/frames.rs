//! Frames to filter.

use std::net::Ipv4Addr;

/// The other machine.
pub(crate) const PEER: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 2);

/// A frame in the making.
#[derive(Clone, Debug)]
pub(crate) struct Frame {
    tags: Vec<u16>,
    ether_type: u16,
    from: Ipv4Addr,
    to: Ipv4Addr,
    protocol: u8,
    fragment: u16,
    option_bytes: u8,
    ports: (u16, u16),
    payload: usize,
}

impl Frame {
    pub(crate) fn tcp(from: Ipv4Addr, to: Ipv4Addr) -> Self {
        Self {
            tags: Vec::new(),
            ether_type: 0x0800,
            from,
            to,
            protocol: 6,
            fragment: 0,
            option_bytes: 0,
            ports: (50_000, 443),
            payload: 10,
        }
    }

    pub(crate) fn tcp6() -> Self {
        Self { ether_type: 0x86dd, ..Self::tcp(PEER, PEER) }
    }

    pub(crate) fn tagged(mut self, ether_type: u16) -> Self {
        self.tags.push(ether_type);
        self
    }

    pub(crate) fn protocol(self, protocol: u8) -> Self {
        Self { protocol, ..self }
    }

    pub(crate) fn fragment(self, fragment: u16) -> Self {
        Self { fragment, ..self }
    }

    pub(crate) fn options(self, option_bytes: u8) -> Self {
        Self { option_bytes, ..self }
    }

    pub(crate) fn ports(self, from: u16, to: u16) -> Self {
        Self { ports: (from, to), ..self }
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut bytes = vec![2; 12];
        for tag in &self.tags {
            bytes.extend(tag.to_be_bytes());
            bytes.extend([0, 5]);
        }
        bytes.extend(self.ether_type.to_be_bytes());
        if self.ether_type == 0x86dd {
            bytes.extend([0x60, 0, 0, 0, 0, 30, self.protocol, 64]);
            bytes.extend([0xfe; 32]);
        } else {
            bytes.extend([0x45 + self.option_bytes / 4, 0, 0, 60, 0, 1]);
            bytes.extend(self.fragment.to_be_bytes());
            bytes.extend([64, self.protocol, 0, 0]);
            bytes.extend(self.from.octets());
            bytes.extend(self.to.octets());
            bytes.extend(vec![1; usize::from(self.option_bytes)]);
        }
        bytes.extend(self.ports.0.to_be_bytes());
        bytes.extend(self.ports.1.to_be_bytes());
        bytes.extend([0, 0, 0, 1, 0, 0, 0, 1, 0x50, 0x18, 1, 0, 0, 0, 0, 0]);
        bytes.extend(vec![0; self.payload]);
        bytes
    }
}

/// Frames of every kind from few addresses and ports, so that each filter finds some; the same ones
/// each time.
pub(crate) fn random_frames(count: usize) -> Vec<Vec<u8>> {
    // Numerical Recipes' generator: its upper bits are random enough.
    let mut state = 4_u64;
    let mut pick = move |choices: usize| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).expect("31 bits") % choices
    };
    let host = |number: usize| Ipv4Addr::new(10, 0, 0, u8::try_from(number).expect("small"));
    let frame = |_| {
        let mut frame = Frame::tcp(host(pick(4)), host(pick(4)));
        frame.ether_type = [0x0800, 0x0800, 0x0800, 0x86dd, 0x0806, 0x0800][pick(6)];
        frame.protocol = [6, 6, 6, 17, 1, 0x2c][pick(6)];
        frame.fragment = [0, 0, 0x4000, 0x2000, 1, 0x2007][pick(6)];
        frame.option_bytes = [0, 0, 4, 40][pick(4)];
        frame.ports = ([53, 443, 50_000][pick(3)], [53, 443, 50_001][pick(3)]);
        frame.payload = pick(40);
        for _ in 0..[0, 0, 1, 2][pick(4)] {
            frame.tags.push([0x8100, 0x88a8, 0x9100][pick(3)]);
        }
        let mut bytes = frame.bytes();
        if pick(10) == 0 {
            bytes.truncate(14 + pick(40));
        }
        bytes
    };
    (0..count).map(frame).collect()
}
