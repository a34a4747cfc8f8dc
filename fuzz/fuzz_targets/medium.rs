//! A medium from its first descriptor on: opened, and the files that matter looked for.
#![no_main]

use libfuzzer_sys::fuzz_target;
use platform::medium::Medium;

/// Bytes in front of the first descriptor.
const SYSTEM_AREA: usize = 16 * 2048;

fuzz_target!(|bytes: &[u8]| {
    let image = [&[0; SYSTEM_AREA][..], bytes].concat();
    if let Ok(medium) = Medium::open(&image) {
        for name in ["user-data", "ovf-env.xml"] {
            let _ = medium.file(name, 64 * 1024);
        }
    }
});
