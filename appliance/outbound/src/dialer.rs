//! The dialer: from what is asked for to a connection.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Instant;

use model::boot_parameter::is_host_name;
use model::outbound::{
    DirectReason, DnsTrouble, FailureCause, OutboundSettings, ProxyAccess, ProxyState,
    ProxyTrouble, Refusal, Route, RouteTaken, RouteTrouble, Step, StepTimes, is_private,
};
use model::secret::Secret;
use tokio::net::TcpStream;
use tracing::{info, warn};

use crate::clock::{Clock, KernelClock};
use crate::connect::{ConnectTrouble, connect};
use crate::connection::{Connection, DialError, ProxyAttempt};
use crate::error::OutboundError;
use crate::limits::Limits;
use crate::resolve::resolve;
use crate::route::{by_addresses, by_name};
use crate::stream::Stream;
use crate::tls::{Handshake, HandshakeError, TlsPlan, handshake};
use crate::trust::Trust;
use crate::tunnel::{Tunnel, authorization, proxy_trouble};

/// What is to be reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// An IPv4 address or a host name.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// TLS over the connection; `None` = the connection as it is.
    pub tls: Option<TlsPlan>,
}

/// Makes connections as the settings say. Cheap to clone; a change of the settings takes a new one.
#[derive(Clone, Debug)]
pub struct Dialer {
    settings: Arc<OutboundSettings>,
    trust: Trust,
    limits: Limits,
}

/// A failed step.
type Failed = (Step, FailureCause);

/// What has been done so far of a dial.
#[derive(Default)]
struct Progress {
    /// Place of the server's address that is tried first; `None` = as DNS says.
    place: Option<usize>,
    times: StepTimes,
    route: Option<RouteTaken>,
    attempts: Vec<ProxyAttempt>,
}

/// The way that was decided on.
enum Way<'a> {
    /// Directly, to these addresses when they are known.
    Direct(DirectReason, Option<Vec<Ipv4Addr>>),
    /// Through the first of these that works.
    Proxies(&'a [ProxyAccess]),
}

impl Dialer {
    /// A dialer for these settings.
    ///
    /// # Errors
    ///
    /// [`OutboundError`] when an added root cannot be read.
    pub fn new(settings: OutboundSettings) -> Result<Self, OutboundError> {
        let trust = Trust::new(&settings.roots, Arc::new(KernelClock))?;
        Ok(Self { settings: Arc::new(settings), trust, limits: Limits::default() })
    }

    /// A dialer for these settings without the added roots that cannot be read: they must not take
    /// every connection away.
    #[must_use]
    pub fn with_readable_roots(mut settings: OutboundSettings) -> Self {
        settings.roots.retain(|root| {
            let roots = vec![root.clone()];
            let alone = Self::new(OutboundSettings { roots, ..OutboundSettings::default() });
            alone
                .inspect_err(|_| warn!("An added authority cannot be read; it is left out"))
                .is_ok()
        });
        Self::new(settings).expect("each root that is left can be read")
    }

    /// The same with another clock.
    #[must_use]
    pub fn with_clock(self, clock: Arc<dyn Clock>) -> Self {
        Self { trust: self.trust.with_clock(clock), ..self }
    }

    /// The same with other limits.
    #[must_use]
    pub fn with_limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// Connects.
    ///
    /// # Errors
    ///
    /// [`DialError`] with one of the nine causes. A [`Route::Through`] with an id that the settings
    /// do not have is [`RouteTrouble::UnknownProxy`].
    pub async fn dial(&self, target: &Target, route: &Route) -> Result<Connection, Box<DialError>> {
        self.dial_with(target, route, Progress::default()).await
    }

    /// Connects, and begins with a certain one of the server's addresses: connections with places
    /// one after the other go to different machines if the name has several addresses, in whatever
    /// order DNS names them. A proxy chooses by itself.
    ///
    /// # Errors
    ///
    /// As [`Self::dial`].
    pub async fn dial_from(
        &self,
        target: &Target,
        route: &Route,
        place: usize,
    ) -> Result<Connection, Box<DialError>> {
        self.dial_with(target, route, Progress { place: Some(place), ..Progress::default() }).await
    }

    async fn dial_with(
        &self,
        target: &Target,
        route: &Route,
        mut progress: Progress,
    ) -> Result<Connection, Box<DialError>> {
        let stream = match self.open(target, route, &mut progress).await {
            Ok(stream) => stream,
            Err(failed) => return Err(progress.failed(failed, Vec::new())),
        };
        let peer = stream.peer_addr().unwrap_or_else(|_| ([0, 0, 0, 0], 0).into());
        let Some(plan) = &target.tls else {
            return Ok(progress.connected(Stream::Plain(stream), peer));
        };
        let is_direct = matches!(progress.route, Some(RouteTaken::Direct { .. }));
        let is_private = is_direct && is_internal(peer);
        let started = Instant::now();
        let result = self.handshake(stream, &target.host, plan, is_private).await;
        progress.times.set(Step::Tls, started.elapsed());
        match result {
            Ok(Handshake { stream, facts, interception }) => {
                let connection = progress.connected(Stream::Tls(stream), peer);
                Ok(Connection { tls: Some(facts), interception, ..connection })
            }
            Err(HandshakeError { cause, chain }) => Err(progress.failed((Step::Tls, cause), chain)),
        }
    }

    /// Connects to a proxy and asks it for nothing, for those who speak HTTP with it.
    ///
    /// # Errors
    ///
    /// [`DialError`]; the cause is [`FailureCause::ProxyUnreachable`], or [`FailureCause::NoRoute`]
    /// for an id that the settings do not have.
    pub async fn open_proxy(&self, id: &str) -> Result<Connection, Box<DialError>> {
        let mut progress = Progress::default();
        let Some(proxy) = self.proxy(id) else {
            return Err(progress.failed((Step::Connect, unknown_proxy()), Vec::new()));
        };
        match self.reach(proxy, &mut progress).await {
            Ok(stream) => {
                let peer = stream.peer_addr().unwrap_or_else(|_| ([0, 0, 0, 0], 0).into());
                Ok(progress.connected(Stream::Plain(stream), peer))
            }
            Err(failed) => Err(progress.failed(failed, Vec::new())),
        }
    }

    /// Whether a proxy can be used: it takes a connection and, when a server is named, makes a
    /// tunnel to it. When it answers with a 5xx status it is reachable all the same: it takes who
    /// asks, and the server may be the trouble (Squid says 500 for names that do not exist).
    /// [`ProxyState::Unknown`] for an id that the settings do not have.
    pub async fn check_proxy(&self, id: &str, server: Option<(&str, u16)>) -> ProxyState {
        let Some(proxy) = self.proxy(id) else { return ProxyState::Unknown };
        let started = Instant::now();
        let result = match self.reach(proxy, &mut Progress::default()).await {
            Err((_, cause)) => Err(cause),
            Ok(stream) => match server {
                None => Ok(()),
                Some((host, port)) => self.tunnel_of(proxy, stream, host, port).await.map(drop),
            },
        };
        let milliseconds = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        match result {
            Ok(()) => ProxyState::Reachable { milliseconds, beyond: None },
            Err(cause) => match cause {
                FailureCause::ProxyRefused { status: 500.., .. } => {
                    ProxyState::Reachable { milliseconds, beyond: Some(cause) }
                }
                cause => ProxyState::Unreachable { cause },
            },
        }
    }

    /// The value of `Proxy-Authorization` for a proxy; `None` when it has no user name.
    #[must_use]
    pub fn proxy_authorization(&self, id: &str) -> Option<Secret> {
        authorization(self.proxy(id)?)
    }

    /// One step of a dial: the way that [`Route::Automatic`] means for a host, of several proxies
    /// the first.
    pub async fn route(&self, host: &str) -> RouteTaken {
        let target = Target { host: host.to_owned(), port: 0, tls: None };
        match self.decide(&target, &Route::Automatic, &mut Progress::default()).await {
            Ok(Way::Proxies([proxy, ..])) => {
                RouteTaken::Proxy { id: proxy.id.clone(), location: proxy.location.clone() }
            }
            Ok(Way::Direct(reason, _)) => RouteTaken::Direct { reason },
            Ok(Way::Proxies([])) | Err(_) => RouteTaken::Direct { reason: DirectReason::NoProxies },
        }
    }

    /// One step of a dial: resolves a host.
    ///
    /// # Errors
    ///
    /// [`FailureCause::DnsFailed`].
    pub async fn resolve(&self, host: &str) -> Result<Vec<Ipv4Addr>, FailureCause> {
        let failed = |reason| FailureCause::DnsFailed { name: host.to_owned(), reason };
        resolve(host, self.limits.resolve).await.map_err(failed)
    }

    /// One step of a dial: connects to a server directly, at the first address that answers.
    ///
    /// # Errors
    ///
    /// [`FailureCause::NoRoute`] or [`FailureCause::ServerRefused`].
    pub async fn connect(
        &self,
        addresses: &[Ipv4Addr],
        port: u16,
    ) -> Result<TcpStream, FailureCause> {
        let result = connect(addresses, port, self.limits.connect).await;
        result.map_err(|(address, trouble)| match trouble {
            ConnectTrouble::Refused => FailureCause::ServerRefused { reason: Refusal::Refused },
            ConnectTrouble::Route(reason) => FailureCause::NoRoute { address, reason },
        })
    }

    /// One step of a dial: asks the proxy at the other end of a connection for a tunnel.
    ///
    /// # Errors
    ///
    /// One of the three causes of proxies, or [`FailureCause::NoRoute`] for an id that the settings
    /// do not have.
    pub async fn tunnel(
        &self,
        id: &str,
        stream: TcpStream,
        host: &str,
        port: u16,
    ) -> Result<TcpStream, FailureCause> {
        let proxy = self.proxy(id).ok_or_else(unknown_proxy)?;
        self.tunnel_of(proxy, stream, host, port).await
    }

    /// One step of a dial: TLS with the server at the other end. `is_private` = the server is in a
    /// private range, so that an authority of its organisation is nothing special.
    ///
    /// # Errors
    ///
    /// [`HandshakeError`] with one of the last four causes and the chain as far as it came.
    pub async fn handshake(
        &self,
        stream: TcpStream,
        host: &str,
        plan: &TlsPlan,
        is_private: bool,
    ) -> Result<Handshake, HandshakeError> {
        handshake(&self.trust, stream, host, plan, is_private, self.limits.tls).await
    }

    fn proxy(&self, id: &str) -> Option<&ProxyAccess> {
        self.settings.proxies.iter().find(|proxy| proxy.id == id)
    }

    /// A connection to the server, without TLS.
    async fn open(
        &self,
        target: &Target,
        route: &Route,
        progress: &mut Progress,
    ) -> Result<TcpStream, Failed> {
        if !is_host(&target.host) {
            let (name, reason) = (target.host.clone(), DnsTrouble::NotFound);
            return Err((Step::Resolve, FailureCause::DnsFailed { name, reason }));
        }
        match self.decide(target, route, progress).await? {
            Way::Direct(reason, addresses) => {
                progress.route = Some(RouteTaken::Direct { reason });
                self.open_directly(target, addresses, progress).await
            }
            Way::Proxies(proxies) => self.open_through(proxies, target, progress).await,
        }
    }

    async fn decide(
        &self,
        target: &Target,
        route: &Route,
        progress: &mut Progress,
    ) -> Result<Way<'_>, Failed> {
        match route {
            Route::Direct => return Ok(Way::Direct(DirectReason::Chosen, None)),
            Route::Through { id } => {
                let proxy = self.proxy(id).ok_or_else(|| (Step::Connect, unknown_proxy()))?;
                return Ok(Way::Proxies(std::slice::from_ref(proxy)));
            }
            Route::Automatic => {}
        }
        let bypass = &self.settings.bypass;
        if let Some(reason) = by_name(&target.host, bypass) {
            return Ok(Way::Direct(reason, None));
        }
        if self.settings.proxies.is_empty() {
            return Ok(Way::Direct(DirectReason::NoProxies, None));
        }
        if target.host.parse::<Ipv4Addr>().is_err() {
            let started = Instant::now();
            let found = resolve(&target.host, self.limits.route_lookup).await;
            if let Ok(addresses) = found
                && let Some(reason) = by_addresses(&addresses, bypass)
            {
                progress.times.set(Step::Resolve, started.elapsed());
                return Ok(Way::Direct(reason, Some(addresses)));
            }
        }
        Ok(Way::Proxies(&self.settings.proxies))
    }

    async fn open_directly(
        &self,
        target: &Target,
        addresses: Option<Vec<Ipv4Addr>>,
        progress: &mut Progress,
    ) -> Result<TcpStream, Failed> {
        let mut addresses = match (addresses, target.host.parse()) {
            (Some(addresses), _) => addresses,
            (None, Ok(address)) => vec![address],
            (None, Err(_)) => {
                let resolving = self.resolve(&target.host);
                progress.time(Step::Resolve, resolving).await?
            }
        };
        if let Some(place) = progress.place.and_then(|it| it.checked_rem(addresses.len())) {
            addresses.sort_unstable();
            addresses.rotate_left(place);
        }
        progress.time(Step::Connect, self.connect(&addresses, target.port)).await
    }

    /// Tries the proxies in order.
    async fn open_through(
        &self,
        proxies: &[ProxyAccess],
        target: &Target,
        progress: &mut Progress,
    ) -> Result<TcpStream, Failed> {
        let mut telling: Option<(Option<RouteTaken>, Failed)> = None;
        for proxy in proxies {
            let result = match self.reach(proxy, progress).await {
                Ok(stream) => {
                    let opening = self.tunnel_of(proxy, stream, &target.host, target.port);
                    progress.time(Step::Proxy, opening).await
                }
                Err(failed) => Err(failed),
            };
            let (step, cause) = match result {
                Ok(stream) => return Ok(stream),
                Err(failed) => failed,
            };
            let location = proxy.location.clone();
            progress.attempts.push(ProxyAttempt { proxy: location, cause: cause.clone() });
            if !cause.tries_next_proxy() {
                return Err((step, cause));
            }
            info!(proxy = %proxy.location, error = %cause, "Proxy does not work");
            if telling.as_ref().is_none_or(|(_, (_, known))| known.weight() < cause.weight()) {
                telling = Some((progress.route.clone(), (step, cause)));
            }
        }
        let (route, failed) = telling.unwrap_or_else(|| (None, (Step::Connect, unknown_proxy())));
        progress.route = route;
        Err(failed)
    }

    /// Connects to a proxy.
    async fn reach(
        &self,
        proxy: &ProxyAccess,
        progress: &mut Progress,
    ) -> Result<TcpStream, Failed> {
        let location = &proxy.location;
        let (id, place) = (proxy.id.clone(), location.clone());
        progress.route = Some(RouteTaken::Proxy { id, location: place });
        let unreachable =
            |reason| FailureCause::ProxyUnreachable { proxy: location.clone(), reason };
        let addresses = match location.host().parse() {
            Ok(address) => vec![address],
            Err(_) => {
                let resolving = async {
                    let found = resolve(location.host(), self.limits.resolve).await;
                    found.map_err(|trouble| unreachable(ProxyTrouble::Dns(trouble)))
                };
                progress.time(Step::Resolve, resolving).await?
            }
        };
        let connecting = async {
            let result = connect(&addresses, location.port(), self.limits.connect).await;
            result.map_err(|(_, trouble)| unreachable(proxy_trouble(trouble)))
        };
        progress.time(Step::Connect, connecting).await
    }

    async fn tunnel_of(
        &self,
        proxy: &ProxyAccess,
        stream: TcpStream,
        host: &str,
        port: u16,
    ) -> Result<TcpStream, FailureCause> {
        if !is_host(host) {
            let (name, reason) = (host.to_owned(), DnsTrouble::NotFound);
            return Err(FailureCause::DnsFailed { name, reason });
        }
        Tunnel { proxy, limits: &self.limits }.open(stream, host, port).await
    }
}

impl Progress {
    /// Does a step and keeps its time.
    async fn time<T>(
        &mut self,
        step: Step,
        work: impl Future<Output = Result<T, FailureCause>>,
    ) -> Result<T, Failed> {
        let started = Instant::now();
        let result = work.await;
        self.times.set(step, started.elapsed());
        result.map_err(|cause| (step, cause))
    }

    fn connected(self, stream: Stream, peer: SocketAddr) -> Connection {
        let reason = DirectReason::Chosen;
        let route = self.route.unwrap_or(RouteTaken::Direct { reason });
        Connection { stream, route, peer, times: self.times, tls: None, interception: None }
    }

    fn failed(self, (step, cause): Failed, chain: Vec<Vec<u8>>) -> Box<DialError> {
        let Self { times, route, attempts, .. } = self;
        Box::new(DialError { cause, step, route, times, attempts, chain })
    }
}

const fn unknown_proxy() -> FailureCause {
    let (address, reason) = (Ipv4Addr::UNSPECIFIED, RouteTrouble::UnknownProxy);
    FailureCause::NoRoute { address, reason }
}

/// Whether a text is a host name or an IPv4 address, and so nothing that could break a request.
fn is_host(host: &str) -> bool {
    is_host_name(host.strip_suffix('.').unwrap_or(host))
}

/// Whether a server that is contacted directly is one of the organisation's own.
fn is_internal(peer: SocketAddr) -> bool {
    match peer {
        SocketAddr::V4(peer) => {
            let address = *peer.ip();
            is_private(address) || address.is_loopback() || address.is_link_local()
        }
        SocketAddr::V6(_) => false,
    }
}
