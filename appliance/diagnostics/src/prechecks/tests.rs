use model::ipv4::{HostNet, PrefixLength};
use model::network::{Origin, Sourced};
use model::outbound::OutboundSettings;

use super::*;

fn surroundings(state: NetworkState) -> Surroundings {
    let mut network = NetworkStatus::starting(0);
    network.state = state;
    network.interface = Some("eth0".to_owned());
    let prefix = PrefixLength::new(24).expect("valid");
    let address = HostNet { address: [10, 0, 0, 5].into(), prefix };
    network.address = Some(Sourced::new(address, Origin::Dhcp));
    network.dns.value = vec![[10, 0, 0, 2].into(), [10, 0, 0, 3].into()];
    network.ntp.value = vec!["ntp.example".to_owned()];
    let nobody = || Client::new("/nonexistent");
    let cloud = vec![("cloud.example".to_owned(), 443)];
    Surroundings {
        network: Some(network),
        clock: Some(ClockStatus::starting(0)),
        dialing: Arc::new(Dialing::new(OutboundSettings::default(), cloud)),
        clients: Clients { network: nobody(), time: nobody(), dns_port: 53 },
        board: Board::new(),
    }
}

#[test]
fn lists_each_server_and_each_address() {
    let checks = surroundings(NetworkState::Configured).list();
    let ids: Vec<_> = checks.iter().map(Check::id).collect();
    let expected = ["link", "address", "gateway", "dns", "dns", "timeServer", "clock", "cloud"];
    assert_eq!(ids, expected);
}

#[tokio::test]
async fn without_an_address_nothing_else_is_tried() {
    for (state, link, address) in [
        (NetworkState::NoInterface, "failing", "failing"),
        (NetworkState::NoLink, "failing", "failing"),
        (NetworkState::NoLease { since: 0 }, "good", "failing"),
    ] {
        let surroundings = surroundings(state);
        let mut ids = Vec::new();
        for check in surroundings.list() {
            ids.push(surroundings.outcome(&check).await.id());
        }
        let mut expected = vec![link, address];
        expected.extend(["skipped"; 4]);
        expected.extend(["attention", "skipped"]);
        assert_eq!(ids, expected);
    }
}

#[tokio::test]
async fn a_network_without_gateway_deserves_a_word() {
    let surroundings = surroundings(NetworkState::Configured);
    let outcome = surroundings.outcome(&Check::Gateway).await;
    assert_eq!(outcome, CheckResult::Attention { problem: CheckCause::NoGateway });
}

#[tokio::test]
async fn a_silent_role_does_not_end_the_run() {
    let mut surroundings = surroundings(NetworkState::NoLink);
    surroundings.network = None;
    surroundings.clock = None;
    let (board, checks) = (surroundings.board.clone(), surroundings.list());
    let waiting = |check: &Check| CheckReport {
        check: check.clone(),
        outcome: CheckResult::Waiting,
        took_us: None,
    };
    let checks_shown = checks.iter().map(waiting).collect();
    board.change(|status| {
        status.prechecks = Some(PrecheckRun { started: 1, took_us: None, checks: checks_shown });
    });
    surroundings.run(checks).await;
    let run = board.status().prechecks.expect("shown");
    assert!(!run.is_running());
    assert_eq!(run.done(), run.checks.len());
    assert_eq!(run.checks[0].outcome.id(), "attention", "{:?}", run.checks[0]);
}
