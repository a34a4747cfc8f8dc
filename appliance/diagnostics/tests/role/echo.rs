//! Echo requests.

use std::fs;

use model::probe::{ProbeKind, StepDetail, StepState};

use crate::roles::{Outbound, Role, block_on, probe, told};
use crate::site::Site;

#[test]
fn counts_and_times_the_answers() {
    let Some(_site) = Site::build() else { return };
    fs::write("/proc/sys/net/ipv4/ping_group_range", "0 200").expect("a namespace of its own");
    block_on(async {
        let mut role = Role::start(Outbound::default()).await;
        let report = role.probe(probe(ProbeKind::Icmp, "10.77.0.80", 0, None)).await;
        let StepState::Done { detail: StepDetail::Echoes(echoes), .. } = &report.steps[0].state
        else {
            panic!("{report:?}");
        };
        assert_eq!((echoes.sent, echoes.received), (4, 4));
        assert!(echoes.fastest_us > 0 && echoes.fastest_us <= echoes.mean_us);
        assert!(echoes.mean_us <= echoes.slowest_us);
        // Nobody has this address, which the kernel finds out by ARP.
        let report = role.probe(probe(ProbeKind::Icmp, "10.77.0.99", 0, None)).await;
        assert_eq!(told(&report), "echo failed probe.unreachable");
        let report = role.probe(probe(ProbeKind::Icmp, "198.51.100.9", 0, None)).await;
        assert_eq!(told(&report), "echo failed probe.unreachable");
    });
}

#[test]
fn says_when_the_kernel_lets_nobody_ping() {
    let Some(_site) = Site::build() else { return };
    fs::write("/proc/sys/net/ipv4/ping_group_range", "1 0").expect("a namespace of its own");
    block_on(async {
        let mut role = Role::start(Outbound::default()).await;
        let report = role.probe(probe(ProbeKind::Icmp, "10.77.0.80", 0, None)).await;
        assert_eq!(told(&report), "echo failed probe.internal");
    });
}
