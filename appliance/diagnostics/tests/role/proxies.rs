//! The state of the proxies.

use bus::{DiagnosticsRequest, DiagnosticsResponse, ProxyCandidate};
use model::outbound::{FailureCause, ProxyState, ProxyTrouble};
use model::proxy::ProxyLocation;
use model::secret::Secret;

use crate::daemons::{USER, dns, squid, squid_with_users};
use crate::roles::{Outbound, Role, block_on};
use crate::site::Site;

fn is_known(state: &ProxyState) -> bool {
    *state != ProxyState::Unknown
}

#[test]
fn tells_which_proxies_work_and_why_others_do_not() {
    let Some(site) = Site::build() else { return };
    // The cloud has no name here: its proxy says so, and works.
    let _dns = dns(&site, "10.77.0.54", &[]);
    let _open = squid(&site, 3128);
    let _known = squid_with_users(&site, 3130);
    let (open, closed, known) = ("10.77.0.1:3128", "10.77.0.1:9", "10.77.0.1:3130");
    block_on(async {
        let outbound = Outbound::default().proxy(open, None).proxy(closed, None);
        let mut role = Role::start(outbound.clone()).await;
        let status =
            role.until(|status| status.proxies.iter().all(|proxy| is_known(&proxy.state))).await;
        let state = |id| &status.proxy(id).expect("listed").state;
        let ProxyState::Reachable { beyond: Some(beyond), .. } = state(open) else {
            panic!("{:?}", state(open));
        };
        assert_eq!(beyond.id(), "outbound.proxy-refused");
        let ProxyState::Unreachable { cause } = state(closed) else { panic!("{status:?}") };
        let reason = ProxyTrouble::Refused;
        let proxy = ProxyLocation::parse(closed).expect("valid");
        assert_eq!(cause, &FailureCause::ProxyUnreachable { proxy, reason });

        // One that is added is checked at once.
        role.set(outbound.proxy(known, Some((USER.0, "wrong"))));
        let status = role
            .until(|status| status.proxy(known).is_some_and(|proxy| is_known(&proxy.state)))
            .await;
        let ProxyState::Unreachable { cause } = &status.proxy(known).expect("listed").state else {
            panic!("{status:?}");
        };
        assert_eq!(cause.id(), "outbound.proxy-authentication");

        // Before it is stored: with the right password it works.
        let check = |password: &str| DiagnosticsRequest::CheckProxy {
            proxy: ProxyCandidate::New {
                location: ProxyLocation::parse(known).expect("valid"),
                user_name: Some(USER.0.to_owned()),
                password: Some(Secret::new(password.to_owned())),
            },
        };
        let is_reachable = |answer| {
            let DiagnosticsResponse::ProxyCheck { proxy } = answer else { panic!("{answer:?}") };
            matches!(proxy, ProxyState::Reachable { .. })
        };
        assert!(is_reachable(role.ask(check(USER.1)).await));
        assert!(!is_reachable(role.ask(check("wrong")).await));
        let stored = |id: &str| DiagnosticsRequest::CheckProxy {
            proxy: ProxyCandidate::Stored { id: id.to_owned() },
        };
        assert!(is_reachable(role.ask(stored(open)).await));
        assert_eq!(role.ask(stored("gone")).await, DiagnosticsResponse::UnknownProxy);
    });
}
