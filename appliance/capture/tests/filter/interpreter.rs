//! What the kernel does with a filter (Linux, `Documentation/networking/filter.rst`), as far as our
//! filters use it.

use sys::packet_ring::FilterStep;

/// Runs a filter over a frame that came in on an interface of this kind; says how many bytes pass.
/// A load beyond the end of the frame ends it with none.
pub(crate) fn run(program: &[FilterStep], frame: &[u8], interface_kind: u32) -> u32 {
    const INTERFACE_KIND: u32 = 0xffff_f01c;
    let (mut accumulator, mut index, mut at) = (0_u32, 0_u32, 0);
    loop {
        let FilterStep { code, jt, jf, k } = program[at];
        at += 1;
        let load = |from: u32, length: usize| {
            let from = usize::try_from(from).expect("small");
            let bytes = frame.get(from..from + length)?;
            Some(bytes.iter().fold(0_u32, |value, byte| value << 8 | u32::from(*byte)))
        };
        let loaded = match code {
            0x20 if k == INTERFACE_KIND => Some(interface_kind),
            0x20 => load(k, 4),
            0x28 => load(k, 2),
            0x30 => load(k, 1),
            0x48 => load(k + index, 2),
            0xb1 => {
                let Some(byte) = load(k, 1) else { return 0 };
                index = (byte & 0x0f) * 4;
                continue;
            }
            0x15 | 0x45 => {
                let holds = if code == 0x15 { accumulator == k } else { accumulator & k != 0 };
                at += usize::from(if holds { jt } else { jf });
                continue;
            }
            0x06 => return k,
            _ => panic!("unknown step {code:#x}"),
        };
        let Some(loaded) = loaded else { return 0 };
        accumulator = loaded;
    }
}
