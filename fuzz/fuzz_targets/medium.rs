//! A medium, as ISO 9660 from its first descriptor on and as FAT: opened, and the files that matter looked for.
#![no_main]

use libfuzzer_sys::fuzz_target;
use platform::medium::Medium;

/// Bytes in front of the first descriptor.
const SYSTEM_AREA: usize = 16 * 2048;

fuzz_target!(|bytes: &[u8]| {
    look(&[&[0; SYSTEM_AREA][..], bytes].concat());
    look(bytes);
});

fn look(image: &[u8]) {
    if let Ok(medium) = Medium::open(image) {
        for name in ["user-data", "ovf-env.xml"] {
            let _ = medium.file(name, 64 * 1024);
        }
    }
}
