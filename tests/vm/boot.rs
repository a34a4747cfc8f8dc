//! From power-on to the administration page.

use harness::qemu::USER_ADDRESS;
use harness::{Firmware, Machine, limits};
use model::product;

use crate::{answer, must, screenshot};

/// Lines of the landing page in the documented order.
const DOCUMENTED_ORDER: [&str; 8] = [
    product::VENDOR,
    product::NAME,
    "Downloaded from",
    "Please go to:",
    "https://10.0.2.15",
    "to manage your deployment",
    "SSL Fingerprint: ",
    "SHA-256: ",
];

under_bios_and_uefi!(comes_up_by_dhcp);

fn comes_up_by_dhcp(firmware: Firmware) {
    let mut machine = must(Machine::builder().firmware(firmware).start());
    let page = must(machine.wait_for_landing_page());
    assert_eq!(page.address, USER_ADDRESS);
    let healthy = ["State: Healthy - ready to register", "from DHCP", "Slot", "To set a fixed"];
    must(machine.wait_for_console(&healthy, limits::CONSOLE));
    // What a terminal of the usual size shows.
    let screen = machine.serial().screen_of(25, 80);
    let mut rest = screen.as_str();
    for text in DOCUMENTED_ORDER {
        let (_, after) = rest
            .split_once(text)
            .unwrap_or_else(|| panic!("{text:?} is missing or out of order on\n{screen}"));
        rest = after;
    }
    assert!(screen.contains(product::VERSION), "{screen}");
    assert!(screen.is_ascii(), "the serial console shows ASCII only:\n{screen}");

    let reply = answer(&machine, USER_ADDRESS);
    assert_eq!(reply.sha1().to_string(), page.sha1, "the console shows the certificate's SHA-1");
    assert_eq!(reply.sha256().to_string(), page.sha256);
    assert!(reply.status < 400, "{reply:?}");
    screenshot(&mut machine, "landing-page");
}
