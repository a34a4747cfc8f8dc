//! `network=` on the kernel's command line: what is accepted survives being written and read again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use model::boot_parameter;

fuzz_target!(|line: &str| {
    if let Some(Ok(settings)) = boot_parameter::from_command_line(line) {
        let text = boot_parameter::format(&settings);
        let read = boot_parameter::from_command_line(&text);
        assert_eq!(read, Some(Ok(settings)), "{text}");
    }
    // The text is shown beside the reason whether or not it is accepted.
    let _ = boot_parameter::text_on(line);
});
