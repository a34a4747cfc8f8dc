//! Finding a domain controller: DNS names them, a ping tells which live, the nearest come first.

use std::collections::HashSet;
use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use model::domain::DomainName;
use model::domain::failure::{ControllerTrouble, DomainFailure, PortTrouble};
use model::domain::status::ControllerInUse;
use tokio::net::UdpSocket;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until, timeout};

use crate::dns::{Dns, Named};
use crate::netlogon::{self, Netlogon};

/// Port of LDAP, UDP for the ping.
const LDAP_PORT: u16 = 389;
/// How long an answer is waited for.
const PING_LIMIT: Duration = Duration::from_millis(1500);
/// How long others may answer after the first: to know the alternatives.
const GRACE: Duration = Duration::from_millis(50);
/// Longest answer.
const MAX_ANSWER: usize = 4096;

/// A domain controller that answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Controller {
    /// Its DNS name in lower case.
    pub host: String,
    /// Its address.
    pub address: Ipv4Addr,
    /// What it says of itself.
    pub netlogon: Netlogon,
    /// How long the answer took.
    pub latency: Duration,
}

impl Controller {
    /// What is shown of it.
    #[must_use]
    pub(crate) fn in_use(&self) -> ControllerInUse {
        ControllerInUse {
            host: self.host.clone(),
            address: IpAddr::V4(self.address),
            site: self.netlogon.site.clone(),
            client_site: self.netlogon.client_site.clone(),
            latency_micros: u64::try_from(self.latency.as_micros()).unwrap_or(u64::MAX),
        }
    }

    /// Whether it is of the site that the appliance is in.
    fn is_near(&self) -> bool {
        !self.netlogon.client_site.is_empty() && self.netlogon.site == self.netlogon.client_site
    }
}

/// Which domain controllers are wanted.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Wanted<'a> {
    /// Only those that can be written to.
    pub(crate) is_writable: bool,
    /// The one that was used before goes first.
    pub(crate) preferred: Option<&'a str>,
}

/// Domain controllers that answer, those to try first in front, and what became of the others.
#[derive(Debug)]
pub(crate) struct Survey {
    /// Never empty.
    pub(crate) found: Vec<Controller>,
    pub(crate) troubles: Vec<ControllerTrouble>,
}

/// Finds domain controllers that answer, those to try first in front. Never empty.
pub(crate) async fn find(
    dns: &Dns,
    domain: &DomainName,
    wanted: Wanted<'_>,
) -> Result<Vec<Controller>, DomainFailure> {
    Ok(search(dns, domain, wanted, GRACE).await?.found)
}

/// Waits for each, so that those that do not answer are known.
pub(crate) async fn survey(
    dns: &Dns,
    domain: &DomainName,
    wanted: Wanted<'_>,
) -> Result<Survey, DomainFailure> {
    search(dns, domain, wanted, PING_LIMIT).await
}

async fn search(
    dns: &Dns,
    domain: &DomainName,
    wanted: Wanted<'_>,
    grace: Duration,
) -> Result<Survey, DomainFailure> {
    let named = dns.controllers(domain, None).await?;
    let (mut found, troubles) = ping_all(named, domain, grace).await;
    // The first that answers says which site the appliance is in; near ones may be others.
    let site = found.first().map(|first| first.netlogon.client_site.clone()).unwrap_or_default();
    if !site.is_empty() && !found.iter().any(Controller::is_near) {
        let near = dns.controllers(domain, Some(&site)).await.unwrap_or_default();
        found.extend(ping_all(near, domain, grace).await.0);
    }
    if found.is_empty() {
        let of_others = |trouble: &ControllerTrouble| trouble.trouble == PortTrouble::WrongAnswer;
        return Err(match troubles.iter().find(|trouble| of_others(trouble)) {
            Some(wrong) if troubles.iter().all(of_others) => DomainFailure::NotController {
                host: wrong.host.clone(),
                domain: domain.clone(),
                reason: "its answer on UDP 389 is not that of a domain controller".to_owned(),
            },
            _ => DomainFailure::NoControllerAnswers { domain: domain.clone(), tried: troubles },
        });
    }
    if wanted.is_writable {
        let hosts = found.iter().map(|controller| controller.host.clone()).collect();
        found.retain(|controller| controller.netlogon.is_writable());
        if found.is_empty() {
            return Err(DomainFailure::OnlyReadOnly { domain: domain.clone(), hosts });
        }
    }
    found.sort_by_key(|controller| {
        let is_preferred = wanted.preferred == Some(controller.host.as_str());
        (!is_preferred, !controller.is_near(), controller.latency)
    });
    let mut hosts = HashSet::new();
    found.retain(|controller| hosts.insert(controller.host.clone()));
    Ok(Survey { found, troubles })
}

/// Asks all at once: those that answer in the order of their answers, and what became of the others.
/// Ends this long after the first answer, with [`PING_LIMIT`] when each has answered or is silent.
async fn ping_all(
    named: Vec<Named>,
    domain: &DomainName,
    grace: Duration,
) -> (Vec<Controller>, Vec<ControllerTrouble>) {
    let mut pings = JoinSet::new();
    for named in named {
        let domain = domain.clone();
        pings.spawn(async move {
            let answer = ping(named.address, &domain).await;
            (named, answer)
        });
    }
    let (mut found, mut troubles) = (Vec::new(), Vec::new());
    let mut end = Instant::now() + PING_LIMIT + GRACE;
    loop {
        let joined = tokio::select! {
            joined = pings.join_next() => joined,
            () = sleep_until(end) => None,
        };
        let Some(Ok((Named { host, address }, answer))) = joined else { break };
        match answer {
            Ok((netlogon, latency)) => {
                if found.is_empty() {
                    end = end.min(Instant::now() + grace);
                }
                found.push(Controller { host, address, netlogon, latency });
            }
            Err(trouble) => {
                troubles.push(ControllerTrouble { host, address: IpAddr::V4(address), trouble });
            }
        }
    }
    (found, troubles)
}

/// Asks one.
async fn ping(address: Ipv4Addr, domain: &DomainName) -> Result<(Netlogon, Duration), PortTrouble> {
    let exchange = async {
        let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).await?;
        socket.connect(SocketAddr::from((address, LDAP_PORT))).await?;
        let start = Instant::now();
        socket.send(&netlogon::question(domain)).await?;
        let mut answer = vec![0; MAX_ANSWER];
        let length = socket.recv(&mut answer).await?;
        answer.truncate(length);
        Ok::<_, std::io::Error>((answer, start.elapsed()))
    };
    let Ok(answered) = timeout(PING_LIMIT, exchange).await else { return Err(PortTrouble::Silent) };
    let (answer, latency) = answered.map_err(|error| trouble(&error))?;
    match netlogon::parse(&answer) {
        Some(netlogon) if netlogon.domain == domain.as_str() => Ok((netlogon, latency)),
        _ => Err(PortTrouble::WrongAnswer),
    }
}

/// What an error of a socket says.
pub(crate) fn trouble(error: &std::io::Error) -> PortTrouble {
    match error.kind() {
        ErrorKind::ConnectionRefused => PortTrouble::Refused,
        ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable => PortTrouble::Unreachable,
        _ => PortTrouble::Silent,
    }
}
