//! Where the address comes from: DHCP, the documented boot parameter, what was stored; and what the
//! console says when there is none.

use std::net::Ipv4Addr;

use harness::namespace::{GATEWAY, LEASED, LEASED_HOST_NAME};
use harness::qemu::USER_ADDRESS;
use harness::{Firmware, Machine, Namespace, limits, rest::PASSWORD};

use crate::{answer, must, rest, screenshot};

/// As an administrator types it at the end of the `linux` line.
const STATIC: &str = "network=static:ip=10.0.2.77;netmask=255.255.255.0;route=10.0.2.2;dns=10.0.2.3,8.8.8.8;ntp=10.0.2.4,10.0.2.5";
const STATIC_ADDRESS: Ipv4Addr = Ipv4Addr::new(10, 0, 2, 77);
const MALFORMED: &str = "network=static:ip=10.0.2.300;netmask=255.255.255.0";

under_bios_and_uefi!(documented_static_text_typed_into_grub_holds_after_a_restart);

fn documented_static_text_typed_into_grub_holds_after_a_restart(firmware: Firmware) {
    let mut machine = must(Machine::builder().firmware(firmware).reach(STATIC_ADDRESS).start());
    must(machine.open_grub_menu());
    screenshot(&mut machine, "grub-menu");
    must(machine.open_grub_editor());
    must(machine.append_to_linux_line(STATIC));
    screenshot(&mut machine, "grub-editor");
    must(machine.start_edited());

    let page = must(machine.wait_for_landing_page());
    assert_eq!(page.address, STATIC_ADDRESS);
    let values = [
        "10.0.2.77/24, gateway 10.0.2.2",
        "10.0.2.3, 8.8.8.8",
        "10.0.2.4, 10.0.2.5",
        "from boot parameter",
        "stored for later starts",
    ];
    must(machine.wait_for_console(&values, limits::CONSOLE));
    let reply = answer(&machine, STATIC_ADDRESS);
    assert_eq!(reply.sha1().to_string(), page.sha1);

    restart_in_order(&mut machine, STATIC_ADDRESS);
    let page = must(machine.wait_for_landing_page());
    assert_eq!(page.address, STATIC_ADDRESS, "the address was stored");
    answer(&machine, STATIC_ADDRESS);
}

under_bios_and_uefi!(network_dhcp_brings_dhcp_back);

fn network_dhcp_brings_dhcp_back(firmware: Firmware) {
    let mut machine = must(Machine::builder().firmware(firmware).reach(STATIC_ADDRESS).start());
    must(machine.start_with(STATIC));
    assert_eq!(must(machine.wait_for_landing_page()).address, STATIC_ADDRESS);
    answer(&machine, STATIC_ADDRESS);

    must(machine.reset());
    must(machine.start_with("network=dhcp"));
    assert_eq!(must(machine.wait_for_landing_page()).address, USER_ADDRESS);
    answer(&machine, USER_ADDRESS);

    must(machine.reset());
    let page = must(machine.wait_for_landing_page());
    assert_eq!(page.address, USER_ADDRESS, "DHCP was stored");
}

under_bios_and_uefi!(malformed_parameter_is_explained_and_the_previous_settings_hold);

fn malformed_parameter_is_explained_and_the_previous_settings_hold(firmware: Firmware) {
    let mut machine = must(Machine::builder().firmware(firmware).reach(STATIC_ADDRESS).start());
    must(machine.start_with(STATIC));
    assert_eq!(must(machine.wait_for_landing_page()).address, STATIC_ADDRESS);
    answer(&machine, STATIC_ADDRESS);

    must(machine.reset());
    must(machine.start_with(MALFORMED));
    // The parameter, what is wrong with it and what holds instead.
    let explanation = ["10.0.2.300;netmask", "is not an IPv4", "boot-parameter.refused"];
    must(machine.wait_for_console(&explanation, limits::BOOT));
    assert_eq!(must(machine.wait_for_landing_page()).address, STATIC_ADDRESS);
    answer(&machine, STATIC_ADDRESS);
    screenshot(&mut machine, "malformed-parameter");
}

#[test]
fn missing_cable_is_explained_and_plugging_it_in_helps() {
    let mut machine = must(Machine::builder().unplugged().start());
    let explanation = ["(no address yet)", "Connect the virtual network card", "network.no-link"];
    must(machine.wait_for_console(&explanation, limits::BOOT));
    let screen = machine.serial().screen_of(25, 80);
    assert!(screen.contains("network.no-link"), "nothing is cut at 80 columns:\n{screen}");
    screenshot(&mut machine, "no-cable");
    must(machine.plug(true));
    assert_eq!(must(machine.wait_for_landing_page()).address, USER_ADDRESS);
    answer(&machine, USER_ADDRESS);
}

#[test]
fn silent_dhcp_is_explained_and_everything_is_taken_once_it_answers() {
    let mut namespace = must(Namespace::new());
    let mut machine = must(Machine::builder().attachment(namespace.attachment()).start());
    let explanation = ["(no address yet)", "No DHCP server has answered", "network.no-lease"];
    must(machine.wait_for_console(&explanation, limits::BOOT));
    screenshot(&mut machine, "no-lease");

    must(namespace.start_dhcp_server());
    assert_eq!(must(machine.wait_for_landing_page()).address, LEASED);
    let client = must(machine.https(LEASED));
    let reply = must(must(namespace.enter(|| client.wait_until_answering(limits::BOOT))));
    assert!(reply.status < 400, "{reply:?}");

    let mut client = rest(&machine, LEASED);
    let status = must(must(namespace.enter(move || {
        client.create_password(PASSWORD)?;
        client.sign_in(PASSWORD)?;
        client.get("/status")
    })));
    assert!(status.text().contains(LEASED_HOST_NAME), "{status:?}");
}

#[test]
fn second_card_takes_over_while_the_first_has_no_link() {
    let second = [
        "-netdev",
        "user,id=second,net=10.0.3.0/24,dhcpstart=10.0.3.15",
        "-device",
        "virtio-net-pci,netdev=second,mac=52:54:00:12:34:57,romfile=",
    ];
    let mut machine = must(Machine::builder().extra(&second).start());
    assert_eq!(must(machine.wait_for_landing_page()).address, USER_ADDRESS, "the first card wins");
    answer(&machine, USER_ADDRESS);
    must(machine.plug(false));
    must(machine.wait_for_console(&["https://10.0.3.15"], limits::CONSOLE));
    screenshot(&mut machine, "second-card");
    must(machine.plug(true));
    must(machine.wait_for_console(&[&format!("https://{USER_ADDRESS}")], limits::CONSOLE));
    answer(&machine, USER_ADDRESS);
}

#[test]
fn address_of_another_machine_is_not_used_and_explained() {
    let namespace = must(Namespace::new());
    let mut machine = must(Machine::builder().attachment(namespace.attachment()).start());
    must(machine.start_with(&format!("network=static:ip={GATEWAY};netmask=255.255.255.0")));
    let explanation = ["(no address yet)", "in use by another machine", "network.address-conflict"];
    must(machine.wait_for_console(&explanation, limits::BOOT));
    screenshot(&mut machine, "address-conflict");
}

/// Restarts over REST, creating the password for that.
fn restart_in_order(machine: &mut Machine, address: Ipv4Addr) {
    let mut client = rest(machine, address);
    must(client.create_password(PASSWORD));
    must(client.sign_in(PASSWORD));
    machine.qmp().forget_events();
    must(client.restart());
    must(machine.wait_for_restart(limits::SHUTDOWN));
}
