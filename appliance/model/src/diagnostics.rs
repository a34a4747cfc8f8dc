//! What the diagnostics role says: the state of each proxy, who intercepts TLS, the last probe, the
//! last prechecks.

use serde::{Deserialize, Serialize};

use crate::fingerprint::Fingerprint;
use crate::outbound::ProxyState;
use crate::precheck::PrecheckRun;
use crate::probe::ProbeState;
use crate::proxy::ProxyLocation;

/// How often each proxy is checked, in seconds.
pub const PROXY_CHECK_SECONDS: u64 = 60;

/// A proxy and whether it can be used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProxyHealth {
    /// Id of the proxy.
    pub id: String,
    /// Host and port.
    pub location: ProxyLocation,
    /// Whether it can be used.
    #[serde(flatten)]
    pub state: ProxyState,
    /// Since when it can, or cannot, in seconds since 1970.
    pub since: i64,
    /// When it was checked last, in seconds since 1970.
    pub checked: Option<i64>,
}

/// TLS was intercepted: the chain of a public server ended in a root that an administrator added, or
/// in one that nobody trusts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InterceptionSeen {
    /// Whose certificate it was, as one line.
    pub issuer: String,
    /// SHA-256 of the root that was added, or of the highest certificate that was presented.
    pub fingerprint: Fingerprint,
    /// Whether the appliance trusts the issuer, because its root was added.
    pub is_trusted: bool,
    /// The server as `host:port`.
    pub server: String,
    /// The proxy on the way; `None` = direct.
    pub proxy: Option<ProxyLocation>,
    /// When it was seen last, in seconds since 1970.
    pub at: i64,
}

/// What the diagnostics role says to every other role. Holds no secret.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiagnosticsStatus {
    /// Every proxy in the order in which they are used.
    pub proxies: Vec<ProxyHealth>,
    /// The last interception seen; `None` = none, or the same server has been reached since without.
    pub interception: Option<InterceptionSeen>,
    /// The last probe.
    pub probe: Option<ProbeState>,
    /// The last prechecks.
    pub prechecks: Option<PrecheckRun>,
    /// How many probes and prechecks have begun since the role started: whoever starts one waits for
    /// its number, so as not to take the one before for it.
    #[serde(default)]
    pub begun: u64,
}

impl DiagnosticsStatus {
    /// The state of the proxy with this id.
    #[must_use]
    pub fn proxy(&self, id: &str) -> Option<&ProxyHealth> {
        self.proxies.iter().find(|proxy| proxy.id == id)
    }

    /// Whether there are proxies and none of them can be used.
    #[must_use]
    pub fn has_no_usable_proxy(&self) -> bool {
        !self.proxies.is_empty()
            && self
                .proxies
                .iter()
                .all(|proxy| matches!(proxy.state, ProxyState::Unreachable { .. }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outbound::{FailureCause, Refusal, Route, RouteTaken};
    use crate::probe::{
        ProbeFailure, ProbeKind, ProbeReport, ProbeRequest, ProbeStep, ProbeTarget, StepDetail,
        StepKind, StepState, TlsFacts,
    };

    #[test]
    fn a_status_survives_json() {
        let location = ProxyLocation::parse("proxy:3128").expect("valid");
        let cause = || FailureCause::ServerRefused { reason: Refusal::OldTls };
        let proxy = ProxyHealth {
            id: "1".to_owned(),
            location: location.clone(),
            state: ProxyState::Reachable { milliseconds: 4, beyond: Some(cause()) },
            since: 1,
            checked: Some(2),
        };
        let failed = StepState::Failed {
            took_us: 5,
            failure: ProbeFailure::Connection { cause: cause() },
            detail: Some(StepDetail::Tls(TlsFacts::default())),
        };
        let done = StepState::Done { took_us: 6, detail: StepDetail::Tunnelled {} };
        let report = ProbeReport {
            request: ProbeRequest {
                kind: ProbeKind::Tls,
                target: ProbeTarget::Name("a.example".to_owned()),
                port: Some(443),
                path: "/".to_owned(),
                route: Route::Through { id: "1".to_owned() },
                with_capture: true,
            },
            way: Some(RouteTaken::Proxy { id: "1".to_owned(), location }),
            started: 3,
            steps: vec![
                ProbeStep { kind: StepKind::Tunnel, state: done },
                ProbeStep { kind: StepKind::Tls, state: failed },
            ],
            trace: Some("trace".to_owned()),
            trace_trouble: None,
        };
        for probe in [
            ProbeState::Running(report.clone()),
            ProbeState::Finished { report, took_us: 11, was_stopped: false },
        ] {
            let status = DiagnosticsStatus {
                proxies: vec![proxy.clone()],
                probe: Some(probe),
                ..DiagnosticsStatus::default()
            };
            let json = serde_json::to_string(&status).expect("plain values");
            assert_eq!(serde_json::from_str::<DiagnosticsStatus>(&json).expect("readable"), status);
        }
    }
}
