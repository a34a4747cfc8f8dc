//! Restarting and switching off in order, and what survives it.

use harness::qemu::USER_ADDRESS;
use harness::{Firmware, Machine, limits, rest::PASSWORD};
use model::boot_slots::tries;
use model::slot::Slot;

use crate::{answer, must, rest};

under_bios_and_uefi!(password_and_certificate_survive_an_orderly_restart);

fn password_and_certificate_survive_an_orderly_restart(firmware: Firmware) {
    let mut machine = must(Machine::builder().firmware(firmware).start());
    let certificate = answer(&machine, USER_ADDRESS).certificate;
    let mut client = rest(&machine, USER_ADDRESS);
    assert!(!must(client.credentials_are_set_up()));
    must(client.create_password(PASSWORD));
    must(client.sign_in(PASSWORD));

    machine.qmp().forget_events();
    must(client.restart());
    must(machine.serial().expect("Restarting", limits::SHUTDOWN));
    must(machine.wait_for_restart(limits::SHUTDOWN));

    let page = must(machine.wait_for_landing_page());
    let reply = answer(&machine, USER_ADDRESS);
    assert_eq!(reply.certificate, certificate, "the certificate is kept");
    assert_eq!(reply.sha1().to_string(), page.sha1);
    let mut client = rest(&machine, USER_ADDRESS);
    assert!(must(client.credentials_are_set_up()));
    assert!(client.create_password("Other-password-2").is_err(), "it is set once");
    assert!(client.sign_in("Other-password-2").is_err());
    must(client.sign_in(PASSWORD));
}

under_bios_and_uefi!(power_button_switches_off_in_order_and_nothing_is_lost);

fn power_button_switches_off_in_order_and_nothing_is_lost(firmware: Firmware) {
    let mut machine = must(Machine::builder().firmware(firmware).start());
    answer(&machine, USER_ADDRESS);
    let mut client = rest(&machine, USER_ADDRESS);
    must(client.create_password(PASSWORD));
    must(client.sign_in(PASSWORD));
    must(client.wait_until_marked_good());

    must(machine.power_button());
    assert!(
        machine.serial().transcript().contains("Switching off"),
        "{}",
        machine.serial().screen()
    );
    assert!(must(machine.disk().data_is_clean()), "the data partition was unmounted");
    let variables = must(machine.disk().grubenv());
    assert_eq!(tries(&variables, Slot::A), 0, "the start was marked good");

    must(machine.switch_on());
    answer(&machine, USER_ADDRESS);
    must(rest(&machine, USER_ADDRESS).sign_in(PASSWORD));
}

#[test]
fn pulling_the_plug_loses_nothing_that_was_confirmed() {
    let mut machine = must(Machine::builder().start());
    answer(&machine, USER_ADDRESS);
    must(rest(&machine, USER_ADDRESS).create_password(PASSWORD));
    must(machine.reset());
    answer(&machine, USER_ADDRESS);
    must(rest(&machine, USER_ADDRESS).sign_in(PASSWORD));
}
