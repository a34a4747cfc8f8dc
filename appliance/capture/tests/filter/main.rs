//! The filters against crafted packets, against the same filters of tcpdump, and in any order of
//! bytes.

#[cfg(test)]
mod frames;
#[cfg(test)]
mod interpreter;

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::net::Ipv4Addr;
    use std::process::{Command, Stdio};

    use capture::filter::{Selection, compile};
    use capture::pcap;
    use proptest::prelude::*;
    use sys::packet_ring::RingPacket;

    use crate::frames::{Frame, PEER, random_frames};
    use crate::interpreter::run;

    const OWN: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 1);

    fn passes(selection: &Selection, frame: &[u8]) -> bool {
        let kept = run(&compile(selection, 94), frame, 1);
        assert!(kept == 0 || kept == 94);
        kept != 0
    }

    fn of(addresses: &[Ipv4Addr], port: Option<u16>) -> Selection {
        Selection { addresses: addresses.to_vec(), port }
    }

    #[test]
    fn all_tcp_and_nothing_else_passes() {
        let all = Selection::default();
        assert!(passes(&all, &Frame::tcp(OWN, PEER).bytes()));
        assert!(passes(&all, &Frame::tcp(OWN, PEER).tagged(0x8100).bytes()));
        assert!(passes(&all, &Frame::tcp6().bytes()));
        assert!(passes(&all, &Frame::tcp(OWN, PEER).fragment(100).bytes()));
        assert!(!passes(&all, &Frame::tcp(OWN, PEER).protocol(17).bytes()));
        assert!(!passes(&all, &Frame::tcp6().protocol(17).bytes()));
        assert!(!passes(&all, &[0; 60]));
    }

    #[test]
    fn target_passes_in_both_directions_and_behind_a_tag() {
        let selection = of(&[PEER], None);
        assert!(passes(&selection, &Frame::tcp(OWN, PEER).bytes()));
        assert!(passes(&selection, &Frame::tcp(PEER, OWN).tagged(0x88a8).bytes()));
        let other = Ipv4Addr::new(10, 0, 0, 3);
        assert!(!passes(&selection, &Frame::tcp(OWN, other).bytes()));
        assert!(!passes(&selection, &Frame::tcp6().bytes()));
        assert!(passes(&of(&[other, PEER], None), &Frame::tcp(OWN, PEER).bytes()));
    }

    #[test]
    fn port_passes_in_both_directions_and_in_first_fragments_only() {
        let selection = of(&[], Some(443));
        assert!(passes(&selection, &Frame::tcp(OWN, PEER).ports(50_000, 443).bytes()));
        assert!(passes(&selection, &Frame::tcp(OWN, PEER).ports(443, 50_000).options(40).bytes()));
        assert!(passes(&selection, &Frame::tcp6().ports(443, 50_000).tagged(0x9100).bytes()));
        assert!(!passes(&selection, &Frame::tcp(OWN, PEER).ports(444, 50_000).bytes()));
        let later = Frame::tcp(OWN, PEER).ports(443, 443).fragment(100);
        assert!(!passes(&selection, &later.bytes()));
    }

    #[test]
    fn loopback_does_not_pass() {
        const LOOPBACK: u32 = 772;
        let frame = Frame::tcp(OWN, PEER).bytes();
        assert_eq!(run(&compile(&Selection::default(), 94), &frame, LOOPBACK), 0);
    }

    #[test]
    fn most_addresses_make_a_program_that_the_kernel_takes() {
        let addresses: Vec<_> = (0..16).map(|host| Ipv4Addr::new(10, 0, 1, host)).collect();
        let program = compile(&of(&addresses, Some(443)), 94);
        assert!(program.len() < 256, "{} steps", program.len());
        let last = Frame::tcp(OWN, addresses[15]).ports(1, 443).tagged(0x8100);
        assert_eq!(run(&program, &last.bytes(), 1), 94);
    }

    /// What tcpdump passes of these frames: their numbers, which stand in the time stamps.
    fn tcpdump(frames: &[Vec<u8>], expression: &str) -> Vec<u32> {
        let mut file = pcap::file_header(65_535).to_vec();
        for (number, frame) in (0..).zip(frames) {
            let length = u32::try_from(frame.len()).expect("short");
            let packet = RingPacket {
                seconds: number,
                nanoseconds: 0,
                length,
                bytes: frame,
                vlan: None,
                is_outgoing: false,
            };
            pcap::append(&mut file, &packet, 65_535);
        }
        let mut input = tempfile::NamedTempFile::new().expect("file");
        input.write_all(&file).expect("written");
        let output = Command::new("tcpdump")
            .args(["-Z", "root", "-r"])
            .arg(input.path())
            .args(["-w", "-", expression])
            .stderr(Stdio::piped())
            .output()
            .expect("tcpdump");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let word = |at: usize| {
            u32::from_le_bytes(output.stdout[at..at + 4].try_into().expect("four bytes"))
        };
        let mut passed = Vec::new();
        let mut at = pcap::FILE_HEADER_BYTES;
        while at < output.stdout.len() {
            passed.push(word(at));
            let length = usize::try_from(word(at + 8)).expect("short");
            at += pcap::RECORD_HEADER_BYTES + length;
        }
        passed
    }

    #[test]
    fn passes_what_the_same_expression_of_tcpdump_passes() {
        let frames = random_frames(4000);
        let [a, b, c] = [1, 2, 3].map(|host| Ipv4Addr::new(10, 0, 0, host));
        for (selection, expression) in [
            (of(&[], None), "tcp"),
            (of(&[], Some(443)), "tcp and port 443"),
            (of(&[], Some(53)), "tcp and port 53"),
            (of(&[a], None), "tcp and host 10.0.0.1"),
            (of(&[b], Some(443)), "tcp and host 10.0.0.2 and port 443"),
            (of(&[c], Some(53)), "tcp and host 10.0.0.3 and port 53"),
            (of(&[a, c], None), "tcp and (host 10.0.0.1 or host 10.0.0.3)"),
            (of(&[a, b], Some(443)), "tcp and (host 10.0.0.1 or host 10.0.0.2) and port 443"),
        ] {
            let theirs = tcpdump(&frames, &format!("({expression}) or (vlan and ({expression}))"));
            let ours: Vec<_> = (0..)
                .zip(&frames)
                .filter(|(_, frame)| passes(&selection, frame))
                .map(|(number, _)| number)
                .collect();
            assert!(ours.len() > 20, "{expression}: too few packets to tell");
            assert_eq!(ours, theirs, "{expression}");
        }
    }

    proptest! {
        #[test]
        fn ends_on_any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..120), port: u16) {
            passes(&of(&[OWN, PEER], Some(port)), &bytes);
            passes(&Selection::default(), &bytes);
        }
    }
}
