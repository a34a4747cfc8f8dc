//! SMBIOS structures, cut at every 0xFF: read, and a platform told by them.
#![no_main]

use libfuzzer_sys::fuzz_target;
use platform::detect::detect;
use platform::smbios::MachineTables;

fuzz_target!(|bytes: &[u8]| {
    let tables = MachineTables::read(bytes.split(|byte| *byte == 0xff));
    let _ = detect(&tables, None);
});
