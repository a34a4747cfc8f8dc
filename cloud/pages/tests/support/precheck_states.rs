//! Runs of the prechecks.

use std::net::Ipv4Addr;

use model::outbound::{FailureCause, RouteTrouble};
use model::precheck::{
    Check, CheckCause, CheckDetail, CheckReport, CheckResult, PrecheckRun, SkipReason,
};

use super::{NOW, World};

const GATEWAY: Ipv4Addr = Ipv4Addr::new(10, 73, 4, 1);
const RESOLVER: Ipv4Addr = Ipv4Addr::new(10, 73, 4, 53);

fn run(checks: Vec<(Check, CheckResult)>) -> PrecheckRun {
    let report = |(check, outcome)| {
        let is_skipped = matches!(outcome, CheckResult::Skipped { .. });
        CheckReport { check, outcome, took_us: (!is_skipped).then_some(36_340) }
    };
    let checks = checks.into_iter().map(report).collect();
    PrecheckRun { started: NOW - 3, took_us: Some(2_410_000), checks }
}

const fn passed(found: CheckDetail) -> CheckResult {
    CheckResult::Good { found: Some(found) }
}

fn cloud(world: World) -> Check {
    Check::Cloud { address: world.name("cloud.example.com:443") }
}

/// Some of everything.
pub(crate) fn mixed(world: World) -> PrecheckRun {
    let server = || world.name("time.example.com");
    let resolved = CheckDetail::Resolved { name: server(), addresses: vec![RESOLVER] };
    let blocked = FailureCause::NoRoute {
        address: Ipv4Addr::new(203, 0, 113, 9),
        reason: RouteTrouble::Forbidden,
    };
    run(vec![
        (Check::Link, passed(CheckDetail::Interface { name: world.name("eth0") })),
        (
            Check::Gateway,
            passed(CheckDetail::Gateway {
                address: GATEWAY,
                hardware_address: world.name("52:54:00:12:34:56"),
            }),
        ),
        (Check::Dns { server: Some(RESOLVER) }, passed(resolved)),
        (
            Check::TimeServer { server: server() },
            CheckResult::bad(CheckCause::NoTime { reason: world.name("timed out") }),
        ),
        (Check::Clock, CheckResult::bad(CheckCause::ClockWaiting)),
        (cloud(world), CheckResult::bad(CheckCause::Connection { cause: blocked })),
        (Check::Dns { server: None }, CheckResult::Skipped { reason: SkipReason::NoDnsServer }),
    ])
}

/// All is well.
pub(crate) fn good() -> PrecheckRun {
    run(vec![(Check::Link, CheckResult::Good { found: None })])
}

/// Every cause once, and every reason why a check is left out.
pub(crate) fn every_cause(world: World) -> PrecheckRun {
    let words = || world.name("in words of a machine");
    let causes = vec![
        CheckCause::NoInterface,
        CheckCause::NoLink,
        CheckCause::NoAddress,
        CheckCause::AddressConflict { address: GATEWAY, holder: words() },
        CheckCause::NoGateway,
        CheckCause::GatewaySilent { address: GATEWAY },
        CheckCause::NoDnsServer,
        CheckCause::DnsSilent { limit_seconds: 5 },
        CheckCause::DnsRefuses { code: words() },
        CheckCause::NoTime { reason: words() },
        CheckCause::ClockWaiting,
        CheckCause::ClockUnreachable { reason: words() },
        CheckCause::ClockWrong,
        CheckCause::TimedOut,
        CheckCause::Unknown { reason: words() },
    ];
    let skipped = [SkipReason::NoAddress, SkipReason::NoDnsServer, SkipReason::NoGateway];
    let causes = causes.into_iter().map(|cause| (cloud(world), CheckResult::bad(cause)));
    let skipped = skipped.map(|reason| (Check::Address, CheckResult::Skipped { reason }));
    run(causes.chain(skipped).collect())
}
