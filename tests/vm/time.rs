//! The clock: whom it follows, and what the appliance says when it is wrong.

use std::time::{SystemTime, UNIX_EPOCH};

use harness::namespace::{GATEWAY, LEASED};
use harness::rest::{PASSWORD, json};
use harness::time_server::TimeServer;
use harness::{Machine, Namespace, RestClient, limits};

use crate::must;

/// A machine whose hardware clock has lost its battery.
const OLD: &str = "2001-02-03T04:05:06";
/// How far the clock may be off after it was set, in seconds: emulation is slow.
const TOLERANCE: u64 = 3;

#[test]
fn wrong_clock_is_said_and_follows_the_time_server_of_dhcp_once_it_answers() {
    let mut namespace = must(Namespace::new());
    must(namespace.start_dhcp_server());
    let builder = Machine::builder().attachment(namespace.attachment());
    let mut machine = must(builder.extra(&["-rtc", &format!("base={OLD}")]).start());
    must(machine.wait_for_console(&["time.before-build"], limits::BOOT));

    let client = must(machine.https(LEASED));
    let _server = must(TimeServer::start(&namespace));
    let (clock, now) = must(namespace.enter(|| {
        must(client.wait_until_answering(limits::BOOT));
        let mut rest = RestClient::new(client);
        must(rest.create_password(PASSWORD));
        must(rest.sign_in(PASSWORD));
        let deadline = SystemTime::now() + limits::BOOT;
        loop {
            let status = must(json(&must(rest.get("/status"))));
            let clock = status["clock"].clone();
            if clock["state"] == "synchronised" {
                // A role sees no /proc, and still knows how long the machine has been running.
                assert!(status["uptimeSeconds"].as_u64() > Some(0), "{status}");
                break (clock, status["time"].as_u64().expect("seconds"));
            }
            assert!(SystemTime::now() < deadline, "{clock}");
            std::thread::sleep(limits::POLL_INTERVAL);
        }
    }));
    assert_eq!(clock["server"], GATEWAY.to_string());
    assert_eq!(clock["isTrusted"], true);
    let right = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs();
    assert!(right.abs_diff(now) <= TOLERANCE, "{now} instead of {right}");
    must(machine.wait_for_console(&["State: Healthy"], limits::CONSOLE));
}
