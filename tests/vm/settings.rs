//! What happens to settings by themselves: changes that nobody confirms, copies of the machine,
//! resets, and a data disk that is not there.

use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

use harness::qemu::USER_ADDRESS;
use harness::rest::PASSWORD;
use harness::{Disk, Machine, Reply, Request, RestClient, limits};
use serde_json::{Value, json};

use crate::{answer, must, rest};

const NETWORK: &str = "/network";
const CONFIRM_NETWORK: &str = "/network/$confirm";
const KEEP_IDENTITY: &str = "/identity/$keep";
const RESET: &str = "/$reset";

const ORIGINAL: &str = "4c4c4544-0051-3010-8052-b4c04f4e3132";
const COPY: &str = "564d1234-5678-9abc-def0-123456789abc";
/// The finding of a copied machine.
const COPIED: &str = "identity.copied";
/// The finding of network settings that were taken back.
const REVERTED: &str = "changes.network-reverted";

const TRIED: Ipv4Addr = Ipv4Addr::new(10, 0, 2, 88);
/// Emulated machines run slower than the clock, so the minute of the trial gets another one.
const TRIAL: Duration = Duration::from_secs(120);

fn start(machine_uuid: &str) -> Machine {
    must(Machine::builder().extra(&["-uuid", machine_uuid]).prepare(Disk::skip_grub_wait))
}

/// A client that has signed in, on an appliance that has a password already or gets one.
fn administrator(machine: &Machine, address: Ipv4Addr) -> RestClient {
    answer(machine, address);
    let mut client = rest(machine, address);
    if !must(client.credentials_are_set_up()) {
        must(client.create_password(PASSWORD));
    }
    must(client.sign_in(PASSWORD));
    client
}

fn body(reply: &Reply) -> Value {
    must(harness::rest::json(reply))
}

/// Whether the health names this finding.
fn finds(client: &RestClient, cause: &str) -> bool {
    let status = body(&must(client.get("/status")));
    let findings = status["health"]["findings"].as_array().cloned().unwrap_or_default();
    findings.iter().any(|finding| finding["cause"] == cause)
}

fn accepted(reply: &Reply) {
    assert!((200..300).contains(&reply.status), "{} {}", reply.status, reply.text());
}

/// Sends a request that the appliance answers with a restart, and waits for that.
fn restart_by(machine: &mut Machine, send: impl FnOnce(&Machine) -> Reply) {
    machine.qmp().forget_events();
    accepted(&send(machine));
    must(machine.wait_for_restart(limits::SHUTDOWN));
}

fn try_address(machine: &mut Machine, client: &RestClient) {
    let request = json!({
        "method": "static",
        "address": TRIED,
        "netmask": "255.255.255.0",
        "gateway": "10.0.2.2",
        "dns": ["10.0.2.3"],
        "ntp": [],
    });
    let bearer = format!("Bearer {}", client.token().expect("signed in"));
    let request = Request::new("PUT", NETWORK)
        .body("application/json", request.to_string())
        .field("Authorization", &bearer);
    restart_by(machine, |machine| must(must(machine.https(USER_ADDRESS)).send(&request)));
}

#[test]
fn an_address_that_nobody_confirms_is_taken_back_without_a_restart() {
    let mut machine = must(Machine::builder().reach(TRIED).prepare(Disk::skip_grub_wait));
    let client = administrator(&machine, USER_ADDRESS);
    try_address(&mut machine, &client);
    assert_eq!(must(machine.wait_for_landing_page()).address, TRIED);
    answer(&machine, TRIED);

    let deadline = Instant::now() + TRIAL;
    while must(machine.wait_for_landing_page()).address != USER_ADDRESS {
        assert!(Instant::now() < deadline, "{}", machine.serial().screen());
        std::thread::sleep(limits::POLL_INTERVAL);
    }
    let client = administrator(&machine, USER_ADDRESS);
    assert!(finds(&client, REVERTED));
    // And not by the next start either.
    must(machine.reset());
    assert_eq!(must(machine.wait_for_landing_page()).address, USER_ADDRESS);
}

#[test]
fn an_address_that_is_confirmed_stays() {
    let mut machine = must(Machine::builder().reach(TRIED).prepare(Disk::skip_grub_wait));
    let client = administrator(&machine, USER_ADDRESS);
    try_address(&mut machine, &client);
    answer(&machine, TRIED);
    // A start during the trial makes nothing permanent and begins it anew.
    must(machine.reset());
    let client = administrator(&machine, TRIED);
    accepted(&must(client.post(CONFIRM_NETWORK, &json!({}))));
    must(machine.reset());
    assert_eq!(must(machine.wait_for_landing_page()).address, TRIED);
    assert!(!finds(&administrator(&machine, TRIED), REVERTED));
}

#[test]
fn two_copies_of_a_fresh_disk_are_two_appliances() {
    let one = start(ORIGINAL);
    let certificate = answer(&one, USER_ADDRESS).certificate;
    assert!(!finds(&administrator(&one, USER_ADDRESS), COPIED));
    drop(one);
    let other = start(COPY);
    assert_ne!(answer(&other, USER_ADDRESS).certificate, certificate);
    assert!(!finds(&administrator(&other, USER_ADDRESS), COPIED));
}

#[test]
fn a_copy_of_a_set_up_disk_says_so_until_it_is_kept() {
    let mut original = start(ORIGINAL);
    must(administrator(&original, USER_ADDRESS).wait_until_marked_good());
    must(original.power_button());

    let copy = Machine::builder().image(original.disk().path()).extra(&["-uuid", COPY]);
    let mut copy = must(copy.start());
    must(copy.wait_for_console(&[COPIED], limits::BOOT));
    let client = administrator(&copy, USER_ADDRESS);
    assert!(finds(&client, COPIED));
    accepted(&must(client.post(KEEP_IDENTITY, &json!({}))));
    assert!(!finds(&client, COPIED));
    must(copy.reset());
    assert!(!finds(&administrator(&copy, USER_ADDRESS), COPIED));
}

#[test]
fn a_reset_forgets_password_and_certificate_and_keeps_the_network_when_asked() {
    let mut machine = must(Machine::builder().reach(TRIED).start());
    must(machine.start_with("network=static:ip=10.0.2.88;netmask=255.255.255.0;route=10.0.2.2"));
    for (keeps_network, address) in [(true, TRIED), (false, USER_ADDRESS)] {
        let client = administrator(&machine, TRIED);
        let certificate = answer(&machine, TRIED).certificate;
        let status = body(&must(client.get("/status")));
        let host_name = &status["network"]["hostName"]["value"];
        let refused = json!({ "keepNetwork": keeps_network, "confirm": "reset" });
        assert_eq!(must(client.post(RESET, &refused)).status, 400, "it takes the host name");
        let request = json!({ "keepNetwork": keeps_network, "confirm": host_name });
        restart_by(&mut machine, |_| must(client.post(RESET, &request)));
        assert_eq!(must(machine.wait_for_landing_page()).address, address);
        assert_ne!(answer(&machine, address).certificate, certificate);
        assert!(!must(rest(&machine, address).credentials_are_set_up()));
    }
}

#[test]
fn nobody_becomes_the_administrator_without_the_data_disk() {
    let machine = must(Machine::builder().prepare(|disk| {
        disk.skip_grub_wait()?;
        disk.remove_data_partition()
    }));
    answer(&machine, USER_ADDRESS);
    let client = rest(&machine, USER_ADDRESS);
    assert!(client.create_password(PASSWORD).is_err());
    assert!(!must(client.credentials_are_set_up()));
}
