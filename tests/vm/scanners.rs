//! Programs of others that look at the running appliance from outside.

use std::path::Path;
use std::process::Command;

use harness::qemu::USER_ADDRESS;
use harness::{Machine, rest::PASSWORD, workspace};

use crate::{answer, must, rest};

/// Operations that restart the machine or take the token away: with it each of them would end the run.
const ENDS_THE_RUN: [&str; 4] = ["reboot", "reset", "changeNetwork", "endSession"];

#[test]
fn rest_interface_keeps_every_promise_of_its_openapi_document() {
    let machine = must(Machine::builder().start());
    answer(&machine, USER_ADDRESS);
    let mut client = rest(&machine, USER_ADDRESS);
    must(client.create_password(PASSWORD));
    must(client.sign_in(PASSWORD));
    let address = must(machine.https(USER_ADDRESS)).peer.to_string();
    let authorization = format!("Authorization: Bearer {}", client.token().expect("signed in"));
    let signed_in = ["--header", &authorization];
    let left_out = ENDS_THE_RUN.iter().flat_map(|id| ["--exclude-operation-id", id]);
    schemathesis(&address, &signed_in.into_iter().chain(left_out).collect::<Vec<_>>());
    // What is refused changes no network.
    let refused = ["--include-operation-id", "changeNetwork", "--mode", "negative"];
    schemathesis(&address, &signed_in.into_iter().chain(refused).collect::<Vec<_>>());
    assert_eq!(must(client.get("/network")).status, 200, "the token holds to the end");
    // Without a token nothing restarts.
    schemathesis(&address, &[]);
}

fn schemathesis(address: &str, arguments: &[&str]) {
    let root = workspace::root();
    let output = Command::new(root.join("target/scanners/bin/schemathesis"))
        .arg("--config-file")
        .arg(root.join("tests/scanners/schemathesis.toml"))
        .arg("run")
        .arg(format!("https://{address}/openapi.json"))
        .args(["--no-color"])
        .args(arguments)
        .current_dir(Path::new("/tmp"))
        .output()
        .expect("make deps installs it");
    let report = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{report}");
}
