//! A join that is ended at any instant.

use std::process::{Command, Stdio};
use std::time::Instant;

use directory::{Clock, Domains, Store};
use forest::{Forest, Recipe, role};
use model::domain::status::DirectoryStatus;
use tokio::sync::watch;

use crate::support::{CORP, credentials, domain, join, within};

/// Set for the process that is ended: where it stores.
const DIRECTORY: &str = "JOIN_DIRECTORY";
/// How often a join is ended.
const ATTEMPTS: u32 = 50;

fn open(directory: &str) -> std::sync::Arc<Domains> {
    let own_dns = watch::channel(vec![role::DNS_SERVER.into()]).1;
    let store = Store::new(directory.into());
    Domains::open(store, Clock::default(), own_dns).unwrap()
}

/// The process that is ended. By itself it is a test that has nothing to do.
#[tokio::test]
async fn joins_for_the_test_that_ends_it() {
    if let Ok(directory) = std::env::var(DIRECTORY) {
        open(&directory).join(&join("APPL-1", "administrator")).await.unwrap();
    }
}

#[test]
fn a_join_that_is_ended_at_any_instant_leaves_nothing_that_harms() {
    let forest = Forest::start(Recipe::Single).unwrap();
    let dc1 = forest.controller("dc1").unwrap();
    let program = std::env::current_exe().unwrap();
    let start = |directory: &str| {
        // Without the namespace of processes, which would put another process in between.
        let mut command = Command::new("nsenter");
        let place = forest.appliance().pid().to_string();
        command.args(["--target", &place, "--net", "--mount", "--uts", "--"]).arg(&program);
        command.args(["--exact", "crash::joins_for_the_test_that_ends_it"]);
        command.env(DIRECTORY, directory).stdout(Stdio::null()).stderr(Stdio::null());
        command.spawn().unwrap()
    };
    // How long a whole join takes here and now.
    let directory = tempfile::tempdir().unwrap();
    let begin = Instant::now();
    assert!(start(directory.path().to_str().unwrap()).wait().unwrap().success());
    let longest = begin.elapsed() * 5 / 4;
    dc1.samba_tool(&["computer", "delete", "APPL-1"]).unwrap();
    let (mut finished, mut resumed, mut without) = (0, 0, 0);
    for attempt in 0..ATTEMPTS {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().to_str().unwrap();
        let mut child = start(path);
        // The instant is the subject of this test: there is nothing to wait for.
        std::thread::sleep(longest * attempt / ATTEMPTS);
        child.kill().unwrap();
        child.wait().unwrap();
        within(&forest, async || {
            let domains = open(path);
            let is_joined = |status: DirectoryStatus| status.of(&domain(CORP)).is_some();
            let was_joined = is_joined(domains.status());
            domains.check_all().await;
            match (was_joined, is_joined(domains.status())) {
                (true, true) => finished += 1,
                (false, true) => resumed += 1,
                _ => {
                    without += 1;
                    // An account of which nobody has the password would be refused as in use.
                    domains.join(&join("APPL-1", "administrator")).await.unwrap();
                }
            }
            let validation = domains.validate(&domain(CORP)).await.unwrap();
            assert_eq!(validation.failure, None, "attempt {attempt}");
            let administrator = credentials("administrator");
            domains.leave(&domain(CORP), Some(&administrator)).await.unwrap();
        });
    }
    println!("{finished} were finished, {resumed} were resumed, {without} left no account");
    assert!(without > 0 && finished + resumed > 0, "the instants are spread over the whole join");
}
