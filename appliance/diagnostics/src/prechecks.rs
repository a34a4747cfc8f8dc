//! The prechecks: all at once where they do not need each other, each with its own time.

mod dns;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use bus::{
    AddressCheck, Client, NetworkRequest, NetworkResponse, ServerCheck, TimeRequest, TimeResponse,
    follow,
};
use model::clock::{ClockStatus, ClockTrust};
use model::network::{NetworkState, NetworkStatus};
use model::outbound::{ProxyState, Route, RouteTaken};
use model::precheck::{
    Check, CheckCause, CheckDetail, CheckReport, CheckResult, PRECHECKS_LIMIT_SECONDS, PrecheckRun,
    SkipReason,
};
use outbound::{Target, TlsPlan};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};
use tracing::info;

use crate::dialing::{Dialing, Settings};
use crate::interception::{self, Sight};
use crate::proxies;
use crate::status::{Board, microseconds, now};
use crate::task::DiagnosticsConfig;

const LIMIT: Duration = Duration::from_secs(PRECHECKS_LIMIT_SECONDS);
/// What DNS servers are asked for when nothing in the cloud has a name. It never exists (RFC 6761,
/// section 6.4), which is an answer too.
const NO_NAME: &str = "name.invalid";

/// Runs the prechecks.
#[derive(Debug)]
pub(crate) struct Prechecks {
    board: Board,
    settings: Settings,
    network: watch::Receiver<Option<NetworkStatus>>,
    clock: watch::Receiver<Option<ClockStatus>>,
    clients: Clients,
}

/// Whom some checks are asked of.
#[derive(Clone, Debug)]
struct Clients {
    network: Client,
    time: Client,
    dns_port: u16,
}

/// What the checks of one run go by.
#[derive(Clone)]
struct Surroundings {
    network: Option<NetworkStatus>,
    clock: Option<ClockStatus>,
    dialing: Arc<Dialing>,
    clients: Clients,
    board: Board,
}

impl Prechecks {
    pub(crate) fn new(config: &DiagnosticsConfig, board: Board, settings: Settings) -> Self {
        Self {
            board,
            settings,
            network: follow::<NetworkRequest>(config.network.clone()),
            clock: follow::<TimeRequest>(config.time.clone()),
            clients: Clients {
                network: Client::new(config.network.clone()),
                time: Client::new(config.time.clone()),
                dns_port: config.dns_port,
            },
        }
    }

    /// Starts all checks and gives their number; `None` while they are under way. When it returns, the
    /// board lists them.
    pub(crate) async fn start(&self) -> Option<u64> {
        let dialing = self.settings.current().await.unwrap_or_default();
        let surroundings = Surroundings {
            network: self.network.borrow().clone(),
            clock: self.clock.borrow().clone(),
            dialing,
            clients: self.clients.clone(),
            board: self.board.clone(),
        };
        let checks = surroundings.list();
        let waiting = |check: &Check| CheckReport {
            check: check.clone(),
            outcome: CheckResult::Waiting,
            took_us: None,
        };
        let reports = checks.iter().map(waiting).collect();
        let number = self.board.change(|status| {
            if status.prechecks.as_ref().is_some_and(PrecheckRun::is_running) {
                return None;
            }
            let run = PrecheckRun { started: now(), took_us: None, checks: reports };
            status.prechecks = Some(run);
            status.begun += 1;
            Some(status.begun)
        })?;
        info!("The prechecks start");
        tokio::spawn(surroundings.run(checks));
        Some(number)
    }
}

impl Surroundings {
    /// Every check in the order of the page.
    fn list(&self) -> Vec<Check> {
        let mut checks = vec![Check::Link, Check::Address, Check::Gateway];
        let network = self.network.as_ref();
        let dns = network.map_or(&[][..], |network| &network.dns.value);
        if dns.is_empty() {
            checks.push(Check::Dns { server: None });
        }
        checks.extend(dns.iter().map(|server| Check::Dns { server: Some(*server) }));
        let ntp = network.map_or(&[][..], |network| &network.ntp.value);
        checks.extend(ntp.iter().map(|server| Check::TimeServer { server: server.clone() }));
        checks.push(Check::Clock);
        let proxies = self.dialing.proxies.iter();
        checks.extend(
            proxies.map(|proxy| Check::Proxy {
                id: proxy.id.clone(),
                location: proxy.location.clone(),
            }),
        );
        let cloud = self.dialing.cloud.iter();
        checks.extend(cloud.map(|(host, port)| Check::Cloud { address: format!("{host}:{port}") }));
        checks
    }

    async fn run(self, checks: Vec<Check>) {
        let begin = Instant::now();
        let this = Arc::new(self);
        let mut running = JoinSet::new();
        for (index, check) in checks.into_iter().enumerate() {
            let this = Arc::clone(&this);
            running.spawn(async move {
                this.set(index, CheckResult::Running, None);
                let begin = Instant::now();
                let outcome = this.outcome(&check).await;
                let was_done = !matches!(outcome, CheckResult::Skipped { .. });
                let took_us = was_done.then(|| microseconds(begin.elapsed()));
                this.set(index, outcome, took_us);
            });
        }
        let all = async { while running.join_next().await.is_some() {} };
        let is_late = timeout(LIMIT, all).await.is_err();
        // What is still under way must not write into the next run.
        running.shutdown().await;
        let took_us = microseconds(begin.elapsed());
        this.board.change(|status| {
            let Some(run) = &mut status.prechecks else { return };
            run.took_us = Some(took_us);
            let unfinished = run.checks.iter_mut().filter(|report| !report.outcome.is_final());
            for report in unfinished.filter(|_| is_late) {
                report.outcome = CheckResult::bad(CheckCause::TimedOut);
                report.took_us = Some(took_us);
            }
        });
    }

    fn set(&self, index: usize, outcome: CheckResult, took_us: Option<u64>) {
        self.board.change(|status| {
            let run = status.prechecks.as_mut();
            if let Some(report) = run.and_then(|run| run.checks.get_mut(index)) {
                report.outcome = outcome;
                report.took_us = took_us;
            }
        });
    }

    async fn outcome(&self, check: &Check) -> CheckResult {
        match check {
            Check::Link => self.link(),
            Check::Address => self.address(),
            Check::Clock => self.clock(),
            _ if !self.has_address() => CheckResult::Skipped { reason: SkipReason::NoAddress },
            Check::Gateway => self.gateway().await,
            Check::Dns { server } => self.dns(*server).await,
            Check::TimeServer { server } => self.time_server(server).await,
            Check::Proxy { id, .. } => self.proxy(id).await,
            Check::Cloud { address } => self.cloud(address).await,
        }
    }

    fn has_address(&self) -> bool {
        self.network.as_ref().is_some_and(|network| network.state == NetworkState::Configured)
    }

    fn link(&self) -> CheckResult {
        let Some(network) = &self.network else { return silent("network") };
        match &network.state {
            NetworkState::NoInterface => CheckResult::bad(CheckCause::NoInterface),
            NetworkState::NoLink => CheckResult::bad(CheckCause::NoLink),
            NetworkState::Starting => starting(),
            _ => {
                let name = network.interface.clone();
                good(name.map(|name| CheckDetail::Interface { name }))
            }
        }
    }

    fn address(&self) -> CheckResult {
        let Some(network) = &self.network else { return silent("network") };
        match &network.state {
            NetworkState::Starting => starting(),
            NetworkState::NoInterface | NetworkState::NoLink | NetworkState::NoLease { .. } => {
                CheckResult::bad(CheckCause::NoAddress)
            }
            NetworkState::AddressConflict { contested, holder } => {
                let (address, holder) = (*contested, holder.clone());
                CheckResult::bad(CheckCause::AddressConflict { address, holder })
            }
            NetworkState::Failed { reason } => unknown(reason.clone()),
            NetworkState::Configured => {
                let address = network.address.as_ref().map(|address| address.value);
                good(address.map(|address| CheckDetail::Address { address }))
            }
        }
    }

    fn clock(&self) -> CheckResult {
        let Some(clock) = &self.clock else { return silent("time") };
        let follows = |server| {
            let offset_ms = clock.offset_ms;
            good(Some(CheckDetail::ClockFollows { server, offset_ms }))
        };
        match &clock.trust {
            ClockTrust::Synchronised { server, .. } => follows(Some(server.clone())),
            ClockTrust::Hypervisor => follows(None),
            ClockTrust::Waiting => CheckResult::bad(CheckCause::ClockWaiting),
            ClockTrust::BeforeBuild => CheckResult::bad(CheckCause::ClockWrong),
            ClockTrust::Unreachable { reason, .. } => {
                CheckResult::bad(CheckCause::ClockUnreachable { reason: reason.clone() })
            }
        }
    }

    /// The gateway is asked for by ARP: many do not answer echo requests.
    async fn gateway(&self) -> CheckResult {
        let gateway = self.network.as_ref().and_then(|network| network.gateway.as_ref());
        let Some(address) = gateway.map(|gateway| gateway.value) else {
            return CheckResult::bad(CheckCause::NoGateway);
        };
        match self.clients.network.call(&NetworkRequest::CheckAddress { address }).await {
            Ok(NetworkResponse::AddressCheck(AddressCheck::Taken { holder })) => {
                good(Some(CheckDetail::Gateway { address, hardware_address: holder }))
            }
            Ok(NetworkResponse::AddressCheck(AddressCheck::Free)) => {
                CheckResult::bad(CheckCause::GatewaySilent { address })
            }
            Ok(NetworkResponse::AddressCheck(AddressCheck::Unknown { reason })) => unknown(reason),
            Ok(_) => unknown("the network role does not allow the question".to_owned()),
            Err(error) => unknown(error.to_string()),
        }
    }

    async fn dns(&self, server: Option<Ipv4Addr>) -> CheckResult {
        let Some(server) = server else { return CheckResult::bad(CheckCause::NoDnsServer) };
        let is_name = |host: &&str| host.parse::<Ipv4Addr>().is_err();
        let hosts = self.dialing.cloud.iter().map(|(host, _)| host.as_str());
        let name = hosts.into_iter().find(is_name).unwrap_or(NO_NAME);
        let number = match getrandom::u32() {
            Ok(random) => u16::try_from(random >> 16).unwrap_or_default(),
            Err(error) => return unknown(error.to_string()),
        };
        let server = SocketAddr::from((server, self.clients.dns_port));
        match dns::ask(server, name, number).await {
            Ok(addresses) => good(Some(CheckDetail::Resolved { name: name.to_owned(), addresses })),
            Err(cause) => CheckResult::bad(cause),
        }
    }

    async fn time_server(&self, server: &str) -> CheckResult {
        let request = TimeRequest::CheckServer { server: server.to_owned() };
        match self.clients.time.call(&request).await {
            Ok(TimeResponse::ServerCheck(ServerCheck::Good)) => good(None),
            Ok(TimeResponse::ServerCheck(ServerCheck::Bad { reason })) => {
                CheckResult::bad(CheckCause::NoTime { reason })
            }
            Ok(_) => unknown("the time role does not allow the question".to_owned()),
            Err(error) => unknown(error.to_string()),
        }
    }

    async fn proxy(&self, id: &str) -> CheckResult {
        let Some(proxy) = self.dialing.proxy(id) else {
            return unknown("the proxy is not in the list any more".to_owned());
        };
        let state = self.dialing.check_quickly(proxy).await;
        proxies::note(&self.board, proxy, state.clone());
        match state {
            ProxyState::Unreachable { cause } => CheckResult::bad(CheckCause::Connection { cause }),
            ProxyState::Reachable { .. } | ProxyState::Unknown => good(None),
        }
    }

    async fn cloud(&self, address: &str) -> CheckResult {
        let hosts = self.dialing.cloud.iter();
        let Some((host, port)) =
            hosts.into_iter().find(|(host, port)| format!("{host}:{port}") == address)
        else {
            return unknown(format!("{address} is not an address of the cloud"));
        };
        let target = Target { host: host.clone(), port: *port, tls: Some(TlsPlan::default()) };
        let result = self.dialing.dialer.dial(&target, &Route::Automatic).await;
        match result {
            Ok(connection) => {
                let by = connection.interception.as_ref();
                interception::note(&self.board, address, Some(&connection.route), &Sight::Made(by));
                let proxy = match &connection.route {
                    RouteTaken::Proxy { location, .. } => Some(location.clone()),
                    RouteTaken::Direct { .. } => None,
                };
                let intercepted_by = by.map(|by| by.issuer.clone());
                good(Some(CheckDetail::Way { proxy, intercepted_by }))
            }
            Err(error) => {
                let sight = Sight::Failed(&error.cause);
                interception::note(&self.board, address, error.route.as_ref(), &sight);
                CheckResult::bad(CheckCause::Connection { cause: error.cause })
            }
        }
    }
}

const fn good(found: Option<CheckDetail>) -> CheckResult {
    CheckResult::Good { found }
}

const fn unknown(reason: String) -> CheckResult {
    CheckResult::bad(CheckCause::Unknown { reason })
}

fn silent(role: &str) -> CheckResult {
    unknown(format!("the {role} role does not answer"))
}

fn starting() -> CheckResult {
    unknown("the network is starting".to_owned())
}

#[cfg(test)]
mod tests;
