//! The built image in virtual machines: everything that only the whole appliance can show.
//!
//! `cargo nextest run -p harness` runs two machines at a time (`.config/nextest.toml`). The tests
//! need the image (`make image`) and, where they make a network of their own, root.
#![forbid(unsafe_code)]
#![cfg(test)]

/// Makes a test of a function for each firmware.
macro_rules! under_bios_and_uefi {
    ($test:ident) => {
        mod $test {
            use harness::Firmware;

            #[test]
            fn under_bios() {
                super::$test(Firmware::Bios);
            }

            #[test]
            fn under_uefi() {
                super::$test(Firmware::Uefi);
            }
        }
    };
}

mod attempts;
mod boot;
mod cages;
mod certificate;
mod devices;
mod diagnosis;
mod disk;
mod domains;
mod failures;
mod formats;
mod in_use;
mod integrity;
mod load;
mod network;
mod network_settings;
mod platform;
mod ports;
mod power_cut;
mod registration;
mod restart;
mod rules;
mod scanners;
mod settings;
mod slots;
mod storage;
mod time;

use std::net::Ipv4Addr;
use std::time::Duration;

use harness::{HarnessError, Machine, Reply, RestClient, limits, workspace};

/// Prints an error with its causes and the console, which `unwrap` would squeeze into one line.
fn must<T>(outcome: Result<T, HarnessError>) -> T {
    outcome.unwrap_or_else(|error| {
        let mut text = error.to_string();
        let mut source = std::error::Error::source(&error);
        while let Some(cause) = source {
            text.push_str(&format!("\n  because: {cause}"));
            source = cause.source();
        }
        panic!("{text}")
    })
}

/// Waits until HTTPS answers on an address of the guest.
fn answer(machine: &Machine, address: Ipv4Addr) -> Reply {
    must(must(machine.https(address)).wait_until_answering(limits::BOOT))
}

/// A REST client for an address of the guest.
fn rest(machine: &Machine, address: Ipv4Addr) -> RestClient {
    RestClient::new(must(machine.https(address)))
}

/// Takes a picture of the VGA console for people to look at, once it stands still: GRUB draws the
/// serial line first.
fn screenshot(machine: &mut Machine, name: &str) {
    let file = format!("{name}-{}.png", machine.firmware().name());
    let path = workspace::screenshots().join(file);
    let mut last = Vec::new();
    for _ in 0..MAX_LOOKS {
        must(machine.screendump(&path));
        let picture = must(harness::disk::read(&path));
        if picture == last {
            break;
        }
        last = picture;
        std::thread::sleep(BETWEEN_LOOKS);
    }
}

/// How often a picture is taken of a screen that does not stand still, such as one with a cursor.
const MAX_LOOKS: usize = 6;
const BETWEEN_LOOKS: Duration = Duration::from_millis(700);
