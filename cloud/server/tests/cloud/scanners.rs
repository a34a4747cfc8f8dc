//! Programs of others that look at the REST interface from outside.

use std::path::Path;
use std::process::Command;

use crate::running::Cloud;

/// Operations that may take the token away: with it each of them would end the run.
const ENDS_THE_RUN: [&str; 3] =
    ["deleteSecureClient", "deleteAdministrator", "updateAdministrator"];

#[tokio::test]
async fn rest_interface_keeps_every_promise_of_its_openapi_document() {
    let cloud = Cloud::start();
    let authorization = format!("Authorization: Bearer {}", cloud.token().await);
    let signed_in = ["--header", &authorization];
    let left_out = ENDS_THE_RUN.iter().flat_map(|id| ["--exclude-operation-id", id]);
    schemathesis(&cloud, &signed_in.into_iter().chain(left_out).collect::<Vec<_>>());
    // Without a token nothing changes.
    schemathesis(&cloud, &[]);
    let fields = format!("{authorization}\r\n");
    let (status, body) = cloud.ask("GET", "/resourcelocations", &fields, "").await;
    assert_eq!(status, 200, "the token holds to the end: {body}");
}

fn schemathesis(cloud: &Cloud, arguments: &[&str]) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let output = Command::new(root.join("target/scanners/bin/schemathesis"))
        .arg("--config-file")
        .arg(root.join("tests/scanners/schemathesis-cloud.toml"))
        .arg("run")
        .arg(format!("https://{}/openapi.json", cloud.server.address))
        .arg("--no-color")
        .args(arguments)
        .current_dir(cloud.directory.path())
        .output()
        .expect("make deps installs it");
    let report = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{report}");
}
