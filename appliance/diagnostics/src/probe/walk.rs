//! The steps of a probe, one after the other.

use std::net::{Ipv4Addr, SocketAddr};

use model::outbound::{
    DirectReason, FailureCause, ProxyState, ProxyTrouble, Refusal, Route, RouteTaken, is_private,
};
use model::probe::{
    ChainCertificate, ProbeFailure, ProbeKind, ProbeRequest, ProbeStep, ProbeTarget, StepDetail,
    StepKind, StepState, TlsFacts,
};
use model::proxy::ProxyLocation;
use outbound::{Handshake, HandshakeError, Stream, TlsPlan};
use tokio::net::TcpStream;
use tokio::time::Instant;

use super::http::{self, Form};
use super::{Run, echo};
use crate::interception::{self, Sight};
use crate::status::microseconds;

/// Most certificates of a chain that are shown.
const MAX_SHOWN: usize = 10;
/// Status of a proxy that wants to know who asks (RFC 9110, section 15.5.8).
const PROXY_AUTHENTICATION_REQUIRED: u16 = 407;

/// What a step gives to the next one, and what it found.
type Step<T> = Result<(T, StepDetail), Trouble>;

/// Why a step failed, and what it found nevertheless.
type Trouble = (ProbeFailure, Option<StepDetail>);

/// The steps as far as they are known before the probe starts: for the way that the settings say, as
/// if it were the direct one.
pub(super) fn first_plan(request: &ProbeRequest) -> Vec<ProbeStep> {
    let has_proxy = matches!(request.route, Route::Through { .. });
    let choice = (request.route == Route::Automatic).then_some(StepKind::Way);
    let looks_up = !has_proxy && matches!(request.target, ProbeTarget::Name(_));
    let steps = steps_after_choice(request.kind, looks_up, has_proxy);
    choice.into_iter().chain(steps).map(waiting).collect()
}

/// The steps once the way is known.
fn steps_after_choice(kind: ProbeKind, looks_up: bool, has_proxy: bool) -> Vec<StepKind> {
    let mut steps = Vec::new();
    let mut add = |kind, is_needed: bool| steps.extend(is_needed.then_some(kind));
    add(StepKind::Resolve, looks_up);
    if kind == ProbeKind::Icmp {
        add(StepKind::Echo, true);
        return steps;
    }
    add(StepKind::Connect, true);
    add(StepKind::Tunnel, has_proxy && kind != ProbeKind::Http);
    add(StepKind::Tls, kind.has_tls());
    add(StepKind::FirstByte, kind.has_path());
    steps
}

const fn waiting(kind: StepKind) -> ProbeStep {
    ProbeStep { kind, state: StepState::Waiting }
}

impl Run {
    /// Goes as far as it gets; the report says how far. `None` = a step failed.
    pub(super) async fn walk(&self) -> Option<()> {
        if self.request.kind == ProbeKind::Icmp {
            let addresses = self.resolve_target().await?;
            let address = addresses.first().copied().unwrap_or(Ipv4Addr::UNSPECIFIED);
            let echoes = async {
                let echoes = echo::echo(address).await.map_err(|failure| (failure, None))?;
                Ok(((), StepDetail::Echoes(echoes)))
            };
            return self.step(StepKind::Echo, echoes).await;
        }
        let way = self.way().await?;
        self.announce(&way);
        let stream = match &way {
            RouteTaken::Direct { .. } => {
                let addresses = self.resolve_target().await?;
                let port = self.port();
                self.connect(&addresses, port, |cause| cause).await?
            }
            RouteTaken::Proxy { id, location } => self.reach_through(id, location).await?,
        };
        let mut stream = if self.request.kind.has_tls() {
            let handshake = self.step(StepKind::Tls, self.handshake(stream, &way)).await?;
            Stream::Tls(handshake.stream)
        } else {
            Stream::Plain(stream)
        };
        if !self.request.kind.has_path() {
            return Some(());
        }
        self.step(StepKind::FirstByte, self.get(&mut stream, &way)).await
    }

    /// The way, chosen if that is asked for.
    async fn way(&self) -> Option<RouteTaken> {
        let through = |id: &str| {
            let proxy = self.dialing.proxy(id)?;
            Some(RouteTaken::Proxy { id: proxy.id.clone(), location: proxy.location.clone() })
        };
        match &self.request.route {
            Route::Direct => Some(RouteTaken::Direct { reason: DirectReason::Chosen }),
            Route::Through { id } => through(id),
            Route::Automatic => {
                let choose = async {
                    let mut way = self.dialing.dialer.route(&self.host()).await;
                    if let RouteTaken::Proxy { .. } = way
                        && let Some(usable) = self.first_usable().and_then(|id| through(&id))
                    {
                        way = usable;
                    }
                    Ok((way.clone(), StepDetail::Chosen { way }))
                };
                self.step(StepKind::Way, choose).await
            }
        }
    }

    /// The first proxy that is not known to be unusable: the one that the dialer would end with.
    fn first_usable(&self) -> Option<String> {
        let status = self.board.status();
        let is_usable = |id: &str| {
            let state = status.proxy(id).map(|proxy| &proxy.state);
            !matches!(state, Some(ProxyState::Unreachable { .. }))
        };
        let proxy = self.dialing.proxies.iter().find(|proxy| is_usable(&proxy.id));
        proxy.map(|proxy| proxy.id.clone())
    }

    /// Puts way and steps into the report.
    fn announce(&self, way: &RouteTaken) {
        let (name, has_proxy) = match way {
            RouteTaken::Direct { .. } => (self.host(), false),
            RouteTaken::Proxy { location, .. } => (location.host().to_owned(), true),
        };
        let looks_up = name.parse::<Ipv4Addr>().is_err();
        let steps = steps_after_choice(self.request.kind, looks_up, has_proxy);
        self.change(|report| {
            report.way = Some(way.clone());
            report.steps.retain(|step| step.kind == StepKind::Way);
            report.steps.extend(steps.into_iter().map(waiting));
        });
    }

    /// Addresses of the target. No step for one that is an address itself.
    async fn resolve_target(&self) -> Option<Vec<Ipv4Addr>> {
        match &self.request.target {
            ProbeTarget::Address(address) => Some(vec![*address]),
            ProbeTarget::Name(name) => self.resolve(name, |cause| cause).await,
        }
    }

    async fn resolve(
        &self,
        name: &str,
        meaning: impl Fn(FailureCause) -> FailureCause,
    ) -> Option<Vec<Ipv4Addr>> {
        let resolve = async {
            let found = self.dialing.dialer.resolve(name).await;
            let addresses = found.map_err(|cause| connection(meaning(cause)))?;
            Ok((addresses.clone(), StepDetail::Resolved { addresses }))
        };
        self.step(StepKind::Resolve, resolve).await
    }

    async fn connect(
        &self,
        addresses: &[Ipv4Addr],
        port: u16,
        meaning: impl Fn(FailureCause) -> FailureCause,
    ) -> Option<TcpStream> {
        let connect = async {
            let result = self.dialing.dialer.connect(addresses, port).await;
            let stream = result.map_err(|cause| connection(meaning(cause)))?;
            let nobody = || SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0));
            let peer = stream.peer_addr().unwrap_or_else(|_| nobody());
            let local = stream.local_addr().unwrap_or_else(|_| nobody());
            Ok((stream, StepDetail::Connected { peer, local }))
        };
        self.step(StepKind::Connect, connect).await
    }

    /// Connects to the proxy, and has it open a tunnel unless it is to carry the request itself.
    async fn reach_through(&self, id: &str, location: &ProxyLocation) -> Option<TcpStream> {
        let meaning = |cause| of_proxy(cause, location);
        let addresses = match location.host().parse() {
            Ok(address) => vec![address],
            Err(_) => self.resolve(location.host(), meaning).await?,
        };
        let stream = self.connect(&addresses, location.port(), meaning).await?;
        if self.request.kind == ProbeKind::Http {
            return Some(stream);
        }
        let tunnel = async {
            let host = self.host();
            let opening = self.dialing.dialer.tunnel(id, stream, &host, self.port());
            let stream = opening.await.map_err(connection)?;
            Ok((stream, StepDetail::Tunnelled {}))
        };
        self.step(StepKind::Tunnel, tunnel).await
    }

    async fn handshake(&self, stream: TcpStream, way: &RouteTaken) -> Step<Handshake> {
        let peer = stream.peer_addr().ok();
        let is_direct = matches!(way, RouteTaken::Direct { .. });
        let is_internal = is_direct && peer.is_some_and(is_internal);
        let alpn = match self.request.kind {
            ProbeKind::Https => vec![b"http/1.1".to_vec()],
            _ => Vec::new(),
        };
        let plan = TlsPlan { server_name: None, alpn };
        let dialer = &self.dialing.dialer;
        match dialer.handshake(stream, &self.host(), &plan, is_internal).await {
            Ok(handshake) => {
                self.note(way, &Sight::Made(handshake.interception.as_ref()));
                let facts = TlsFacts {
                    version: Some(format!("TLS {}", handshake.facts.version)),
                    cipher: Some(handshake.facts.cipher.clone()),
                    chain: shown(&handshake.facts.chain),
                    anchor: Some(handshake.facts.anchor.clone()),
                    is_intercepted: handshake.interception.is_some(),
                };
                Ok((handshake, StepDetail::Tls(facts)))
            }
            Err(HandshakeError { cause, chain }) => {
                self.note(way, &Sight::Failed(&cause));
                let is_intercepted = matches!(cause, FailureCause::TlsIntercepted { .. });
                let facts =
                    TlsFacts { chain: shown(&chain), is_intercepted, ..TlsFacts::default() };
                let detail = (!facts.chain.is_empty()).then_some(StepDetail::Tls(facts));
                Err((ProbeFailure::Connection { cause }, detail))
            }
        }
    }

    /// What this target shows matters to the appliance only if it needs the target itself.
    fn note(&self, way: &RouteTaken, sight: &Sight<'_>) {
        let (host, port) = (self.host(), self.port());
        if self.dialing.cloud.iter().any(|cloud| *cloud == (host.clone(), port)) {
            interception::note(&self.board, &format!("{host}:{port}"), Some(way), sight);
        }
    }

    async fn get(&self, stream: &mut Stream, way: &RouteTaken) -> Step<()> {
        let carrier = match way {
            RouteTaken::Proxy { id, location } if self.request.kind == ProbeKind::Http => {
                Some((location, self.dialing.dialer.proxy_authorization(id)))
            }
            _ => None,
        };
        let form = match &carrier {
            Some((_, authorization)) => Form::Absolute { authorization: authorization.as_ref() },
            None => Form::Origin,
        };
        let answer = http::get(stream, &self.request, &form).await;
        let answer = answer.map_err(|failure| (failure, None))?;
        if let Some((location, authorization)) = &carrier
            && answer.status == PROXY_AUTHENTICATION_REQUIRED
        {
            return Err(connection(FailureCause::ProxyAuthenticationRequired {
                proxy: (*location).clone(),
                schemes: answer.schemes,
                credentials_sent: authorization.is_some(),
            }));
        }
        Ok(((), StepDetail::Answered { status: answer.status }))
    }

    fn host(&self) -> String {
        self.request.target.to_string()
    }

    /// The form gives a port to every kind but ICMP.
    fn port(&self) -> u16 {
        self.request.port.or_else(|| self.request.kind.default_port()).unwrap_or_default()
    }

    /// Does a step, and keeps on the board how far it is and how long it took.
    async fn step<T>(&self, kind: StepKind, work: impl Future<Output = Step<T>>) -> Option<T> {
        self.set(kind, StepState::Running);
        let begin = Instant::now();
        let result = work.await;
        let took_us = microseconds(begin.elapsed());
        match result {
            Ok((value, detail)) => {
                self.set(kind, StepState::Done { took_us, detail });
                Some(value)
            }
            Err((failure, detail)) => {
                self.set(kind, StepState::Failed { took_us, failure, detail });
                None
            }
        }
    }

    fn set(&self, kind: StepKind, state: StepState) {
        self.change(|report| {
            if let Some(step) = report.steps.iter_mut().find(|step| step.kind == kind) {
                step.state = state;
            }
        });
    }
}

const fn connection(cause: FailureCause) -> Trouble {
    (ProbeFailure::Connection { cause }, None)
}

/// What a failed step means when it was made on the way to a proxy.
fn of_proxy(cause: FailureCause, location: &ProxyLocation) -> FailureCause {
    let reason = match cause {
        FailureCause::DnsFailed { reason, .. } => ProxyTrouble::Dns(reason),
        FailureCause::NoRoute { reason, .. } => ProxyTrouble::Route(reason),
        FailureCause::ServerRefused { reason: Refusal::Refused } => ProxyTrouble::Refused,
        other => return other,
    };
    FailureCause::ProxyUnreachable { proxy: location.clone(), reason }
}

/// Whether a server is one of the organisation's own: its authority need not be a public one.
fn is_internal(peer: SocketAddr) -> bool {
    match peer {
        SocketAddr::V4(peer) => {
            let address = *peer.ip();
            is_private(address) || address.is_loopback() || address.is_link_local()
        }
        SocketAddr::V6(_) => false,
    }
}

/// The certificates of a chain as far as they can be read.
fn shown(chain: &[Vec<u8>]) -> Vec<ChainCertificate> {
    let certificate = |der: &Vec<u8>| {
        let (facts, description) = certificate::describe(der)?;
        Some(ChainCertificate {
            subject: description.subject,
            issuer: description.issuer,
            names: facts.names,
            not_before: facts.not_before,
            not_after: facts.not_after,
            sha256: facts.sha256,
        })
    };
    chain.iter().take(MAX_SHOWN).filter_map(certificate).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(kind: ProbeKind, target: &str, route: Route) -> Vec<StepKind> {
        let target = match target.parse() {
            Ok(address) => ProbeTarget::Address(address),
            Err(_) => ProbeTarget::Name(target.to_owned()),
        };
        let request = ProbeRequest {
            kind,
            target,
            port: kind.default_port(),
            path: "/".to_owned(),
            route,
            with_capture: false,
        };
        first_plan(&request).into_iter().map(|step| step.kind).collect()
    }

    #[test]
    fn each_kind_has_its_steps() {
        use StepKind::{Connect, Echo, FirstByte, Resolve, Tls, Tunnel, Way};
        let through = || Route::Through { id: "1".to_owned() };
        assert_eq!(steps(ProbeKind::Icmp, "10.0.0.1", Route::Direct), [Echo]);
        assert_eq!(steps(ProbeKind::Icmp, "a.example", Route::Direct), [Resolve, Echo]);
        assert_eq!(steps(ProbeKind::Tcp, "10.0.0.1", Route::Direct), [Connect]);
        assert_eq!(
            steps(ProbeKind::Https, "a.example", Route::Automatic),
            [Way, Resolve, Connect, Tls, FirstByte]
        );
        assert_eq!(steps(ProbeKind::Tls, "a.example", through()), [Connect, Tunnel, Tls]);
        assert_eq!(steps(ProbeKind::Http, "a.example", through()), [Connect, FirstByte]);
    }

    #[test]
    fn trouble_on_the_way_to_a_proxy_is_the_proxys() {
        let location = ProxyLocation::parse("proxy:3128").expect("right");
        let refused = FailureCause::ServerRefused { reason: Refusal::Refused };
        let cause = of_proxy(refused, &location);
        assert_eq!(
            cause.to_string(),
            "the proxy proxy:3128 is not reachable: it refuses connections"
        );
    }

    #[test]
    fn what_is_no_certificate_is_left_out_of_the_chain() {
        assert!(shown(&[vec![0x30, 0x82], Vec::new()]).is_empty());
    }
}
