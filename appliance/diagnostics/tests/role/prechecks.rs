//! The prechecks, all at once.

use bus::{DiagnosticsRequest, DiagnosticsResponse};
use model::precheck::{Check, CheckCause, CheckDetail, CheckResult, PrecheckRun};

use crate::authority::Authority;
use crate::daemons::{dns, nginx, squid};
use crate::roles::{CLOUD, Outbound, Role, block_on};
use crate::site::Site;

#[test]
fn each_check_has_its_result_and_the_run_stays() {
    let Some(site) = Site::build() else { return };
    let names: [(&str, &[&str]); 1] = [(CLOUD, &["203.0.113.10"])];
    let _near = dns(&site, "10.77.0.53", &names);
    let _far = dns(&site, "10.77.0.54", &names);
    let authority = Authority::new("Inspection", "Example Corp");
    let _server = nginx(&site, "203.0.113.10:443", &authority.server(CLOUD, 2020, 2050));
    let _squid = squid(&site, 3128);
    block_on(async {
        let outbound = Outbound::default()
            .proxy("10.77.0.1:3128", None)
            .proxy("10.77.0.1:9", None)
            .root(&authority.pem());
        let mut role = Role::start(outbound).await;
        let begun = DiagnosticsResponse::Begun { number: 1 };
        assert_eq!(role.ask(DiagnosticsRequest::RunPrechecks).await, begun);
        assert_eq!(role.ask(DiagnosticsRequest::RunPrechecks).await, DiagnosticsResponse::Conflict);
        let is_done = |run: &PrecheckRun| !run.is_running();
        let status = role.until(|status| status.prechecks.as_ref().is_some_and(is_done)).await;
        let run = status.prechecks.expect("it stays");
        let results: Vec<_> =
            run.checks.iter().map(|check| (check.check.id(), check.outcome.id())).collect();
        assert_eq!(
            results,
            [
                ("link", "good"),
                ("address", "good"),
                ("gateway", "good"),
                ("dns", "good"),
                ("dns", "failing"),
                ("timeServer", "attention"),
                ("clock", "good"),
                ("proxy", "good"),
                ("proxy", "failing"),
                ("cloud", "good"),
            ],
            "{run:?}"
        );
        let outcome = |index: usize| &run.checks[index].outcome;
        let CheckResult::Good { found: Some(CheckDetail::Resolved { addresses, .. }) } = outcome(3)
        else {
            panic!("{:?}", outcome(3));
        };
        assert_eq!(addresses[0].to_string(), "203.0.113.10");
        let silent = CheckCause::DnsSilent { limit_seconds: 4 };
        assert_eq!(outcome(4), &CheckResult::Failing { problem: silent });
        let CheckResult::Good { found: Some(CheckDetail::Way { proxy, intercepted_by }) } =
            outcome(9)
        else {
            panic!("{:?}", outcome(9));
        };
        assert_eq!(proxy.as_ref().map(ToString::to_string).as_deref(), Some("10.77.0.1:3128"));
        assert!(intercepted_by.as_deref().is_some_and(|issuer| issuer.contains("Inspection")));
        assert!(matches!(run.checks[8].check, Check::Proxy { .. }));
        assert!(run.checks.iter().all(|check| check.took_us.is_some()));
    });
}
