//! Filters for the kernel, made from a form: no filter language, no library.
//!
//! The program that comes out does what `tcp and host A and port N` of tcpdump(8) does, and the same
//! behind one VLAN tag, on Ethernet interfaces only: loopback is none. Of a fragmented packet only
//! the first fragment has ports, so a filter with a port passes only that.

use std::net::Ipv4Addr;

use sys::packet_ring::FilterStep;

/// Bytes that a filter lets through of each packet when all are wanted.
pub const WHOLE_PACKET_BYTES: u32 = 256 * 1024;

// Classic BPF (Linux, `Documentation/networking/filter.rst`).
const LOAD_WORD: u16 = 0x20;
const LOAD_HALF: u16 = 0x28;
const LOAD_BYTE: u16 = 0x30;
const LOAD_HALF_INDEXED: u16 = 0x48;
const LOAD_HEADER_LENGTH: u16 = 0xb1;
const IF_EQUAL: u16 = 0x15;
const IF_ANY_BIT: u16 = 0x45;
const RETURN: u16 = 0x06;
/// Kind of the interface (`SKF_AD_OFF + SKF_AD_HATYPE`): the kernel's extension of packet memory.
const INTERFACE_KIND: u32 = 0xffff_f000 + 28;
/// Ethernet (`ARPHRD_ETHER`). Loopback has another number.
const ETHERNET: u32 = 1;

const ETHER_TYPE_OFFSET: u32 = 12;
const IPV4: u32 = 0x0800;
const IPV6: u32 = 0x86dd;
/// EtherTypes of VLAN tags: 802.1Q, 802.1ad, and what was used before it.
const VLAN_TAGS: [u32; 3] = [0x8100, 0x88a8, 0x9100];
const ETHERNET_BYTES: u32 = 14;
const VLAN_TAG_BYTES: u32 = 4;
const TCP: u32 = 6;
const IPV6_FRAGMENT: u32 = 0x2c;
const FRAGMENT_OFFSET: u32 = 0x1fff;

/// What is recorded: TCP packets of these machines and this port.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// From or to one of these addresses; empty = all. At most
    /// [`MAX_ADDRESSES`](model::capture::MAX_ADDRESSES).
    pub addresses: Vec<Ipv4Addr>,
    /// From or to this port; `None` = all.
    pub port: Option<u16>,
}

/// Makes the filter for a selection. It lets the first `snap_bytes` of each packet through.
#[must_use]
pub fn compile(selection: &Selection, snap_bytes: u32) -> Vec<FilterStep> {
    let mut program = Program::default();
    let (pass, drop) = (program.label(), program.label());
    let (untagged, tagged) = (program.label(), program.label());
    program.step(LOAD_WORD, INTERFACE_KIND);
    program.if_equal(ETHERNET, NEXT, drop);
    program.step(LOAD_HALF, ETHER_TYPE_OFFSET);
    for tag in VLAN_TAGS {
        program.if_equal(tag, tagged, NEXT);
    }
    program.place(untagged);
    match_ip(&mut program, selection, ETHERNET_BYTES, pass, drop);
    program.place(tagged);
    program.step(LOAD_HALF, ETHER_TYPE_OFFSET + VLAN_TAG_BYTES);
    match_ip(&mut program, selection, ETHERNET_BYTES + VLAN_TAG_BYTES, pass, drop);
    program.place(pass);
    program.step(RETURN, snap_bytes);
    program.place(drop);
    program.step(RETURN, 0);
    program.assemble()
}

/// The accumulator holds the EtherType; the IP header begins at `ip`.
fn match_ip(program: &mut Program, selection: &Selection, ip: u32, pass: Label, drop: Label) {
    let (ipv4, ipv6) = (program.label(), program.label());
    program.if_equal(IPV4, ipv4, NEXT);
    // An IPv4 address is none of an IPv6 packet.
    let other = if selection.addresses.is_empty() { ipv6 } else { drop };
    program.if_equal(IPV6, other, drop);
    if selection.addresses.is_empty() {
        program.place(ipv6);
        match_ipv6(program, selection.port, ip, pass, drop);
    }
    program.place(ipv4);
    match_ipv4(program, selection, ip, pass, drop);
}

fn match_ipv4(program: &mut Program, selection: &Selection, ip: u32, pass: Label, drop: Label) {
    program.step(LOAD_BYTE, ip + 9);
    program.if_equal(TCP, NEXT, drop);
    if !selection.addresses.is_empty() {
        let found = program.label();
        for place in [ip + 12, ip + 16] {
            program.step(LOAD_WORD, place);
            for address in &selection.addresses {
                program.if_equal(address.to_bits(), found, NEXT);
            }
        }
        program.jump(drop);
        program.place(found);
    }
    let Some(port) = selection.port else {
        program.jump(pass);
        return;
    };
    program.step(LOAD_HALF, ip + 6);
    program.branch(IF_ANY_BIT, FRAGMENT_OFFSET, drop, NEXT);
    program.step(LOAD_HEADER_LENGTH, ip);
    for place in [ip, ip + 2] {
        program.step(LOAD_HALF_INDEXED, place);
        program.if_equal(port.into(), pass, NEXT);
    }
    program.jump(drop);
}

fn match_ipv6(program: &mut Program, port: Option<u16>, ip: u32, pass: Label, drop: Label) {
    const HEADER_BYTES: u32 = 40;
    program.step(LOAD_BYTE, ip + 6);
    let Some(port) = port else {
        program.if_equal(TCP, pass, NEXT);
        program.if_equal(IPV6_FRAGMENT, NEXT, drop);
        program.step(LOAD_BYTE, ip + HEADER_BYTES);
        program.if_equal(TCP, pass, drop);
        return;
    };
    program.if_equal(TCP, NEXT, drop);
    for place in [ip + HEADER_BYTES, ip + HEADER_BYTES + 2] {
        program.step(LOAD_HALF, place);
        program.if_equal(port.into(), pass, NEXT);
    }
    program.jump(drop);
}

/// A place in a program that is not written yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Label(Option<usize>);

/// The step that follows.
const NEXT: Label = Label(None);

/// A program whose jumps lead to labels.
#[derive(Debug, Default)]
struct Program {
    steps: Vec<(u16, u32, Label, Label)>,
    /// Where each label stands.
    places: Vec<usize>,
}

impl Program {
    fn label(&mut self) -> Label {
        self.places.push(usize::MAX);
        Label(Some(self.places.len() - 1))
    }

    fn place(&mut self, label: Label) {
        if let Some(place) = label.0.and_then(|index| self.places.get_mut(index)) {
            *place = self.steps.len();
        }
    }

    fn step(&mut self, code: u16, k: u32) {
        self.steps.push((code, k, NEXT, NEXT));
    }

    fn branch(&mut self, code: u16, k: u32, then: Label, otherwise: Label) {
        self.steps.push((code, k, then, otherwise));
    }

    fn if_equal(&mut self, k: u32, then: Label, otherwise: Label) {
        self.branch(IF_EQUAL, k, then, otherwise);
    }

    /// A comparison both of whose ends lead to the same place.
    fn jump(&mut self, to: Label) {
        self.branch(IF_EQUAL, 0, to, to);
    }

    fn assemble(&self) -> Vec<FilterStep> {
        let distance = |from: usize, to: Label| {
            let place = to.0.map_or(from + 1, |label| self.places[label]);
            u8::try_from(place - from - 1).expect("programs are short and jump forward only")
        };
        let step = |(at, (code, k, then, otherwise)): (usize, &(u16, u32, Label, Label))| {
            FilterStep { code: *code, jt: distance(at, *then), jf: distance(at, *otherwise), k: *k }
        };
        self.steps.iter().enumerate().map(step).collect()
    }
}
