//! Domain controllers in DNS (MS-ADTS 6.3.2.3).

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hickory_resolver::Resolver;
use hickory_resolver::config::{NameServerConfig, ResolveHosts, ResolverConfig};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::ProtoError;
use hickory_resolver::proto::rr::{Name, RData, Record, RecordType};
use model::domain::DomainName;
use model::domain::failure::{DomainFailure, server_text};
use tokio::task::JoinSet;

/// How long each name server is waited for, and how often it is asked.
const WAIT: Duration = Duration::from_millis(1500);
const ATTEMPTS: usize = 2;
/// How long it is believed that a name does not exist: short, since somebody is about to correct it.
const MAX_NEGATIVE_AGE: Duration = Duration::from_secs(5);
/// Most domain controllers of a domain that are considered, in the order of DNS.
const MAX_CONTROLLERS: usize = 64;

/// A domain controller that DNS names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Named {
    /// Its name in lower case.
    pub(crate) host: String,
    pub(crate) address: Ipv4Addr,
}

/// What name servers have said of each domain while they answered.
pub(crate) type Remembered = Arc<Mutex<BTreeMap<DomainName, Vec<Named>>>>;

/// The name servers of a domain.
pub(crate) struct Dns {
    resolver: Resolver<TokioRuntimeProvider>,
    servers: Vec<IpAddr>,
    remembered: Option<Remembered>,
}

impl Dns {
    /// Asks these name servers.
    pub(crate) fn new(servers: &[IpAddr]) -> Result<Self, DomainFailure> {
        let named = servers.iter().map(|server| NameServerConfig::udp_and_tcp(*server)).collect();
        let config = ResolverConfig::from_parts(None, Vec::new(), named);
        let mut builder = Resolver::builder_with_config(config, TokioRuntimeProvider::default());
        let options = builder.options_mut();
        options.timeout = WAIT;
        options.attempts = ATTEMPTS;
        options.use_hosts_file = ResolveHosts::Never;
        options.negative_max_ttl = Some(MAX_NEGATIVE_AGE);
        let failed = |error: NetError| DomainFailure::DnsFailed { reason: error.to_string() };
        let (resolver, servers) = (builder.build().map_err(failed)?, servers.to_vec());
        Ok(Self { resolver, servers, remembered: None })
    }

    /// Goes on with what is remembered while no name server answers: a domain whose name servers are
    /// its domain controllers can still be used when one is gone.
    pub(crate) fn remembering(self, remembered: &Remembered) -> Self {
        Self { remembered: Some(Arc::clone(remembered)), ..self }
    }

    /// The domain controllers of a domain, or of one of its sites.
    pub(crate) async fn controllers(
        &self,
        domain: &DomainName,
        site: Option<&str>,
    ) -> Result<Vec<Named>, DomainFailure> {
        let asked = self.ask(domain, site).await;
        let Some(remembered) = self.remembered.as_ref().filter(|_| site.is_none()) else {
            return asked;
        };
        let mut remembered = remembered.lock().unwrap_or_else(PoisonError::into_inner);
        match asked {
            Ok(named) => {
                remembered.insert(domain.clone(), named.clone());
                Ok(named)
            }
            Err(failure @ (DomainFailure::DnsSilent { .. } | DomainFailure::DnsFailed { .. })) => {
                remembered.get(domain).cloned().ok_or(failure)
            }
            Err(failure) => Err(failure),
        }
    }

    async fn ask(
        &self,
        domain: &DomainName,
        site: Option<&str>,
    ) -> Result<Vec<Named>, DomainFailure> {
        let name = match site {
            Some(site) => format!("_ldap._tcp.{site}._sites.dc._msdcs.{domain}"),
            None => format!("_ldap._tcp.dc._msdcs.{domain}"),
        };
        let hosts = self.hosts(&name, domain).await?;
        let mut lookups = JoinSet::new();
        for (place, host) in hosts.iter().cloned().enumerate() {
            let resolver = self.resolver.clone();
            lookups.spawn(async move {
                let name = query(&host).ok()?;
                let found = resolver.ipv4_lookup(name).await;
                let address = found.ok().and_then(|found| {
                    found.answers().iter().find_map(|record| match &record.data {
                        RData::A(address) => Some(address.0),
                        _ => None,
                    })
                });
                address.map(|address| (place, Named { host, address }))
            });
        }
        let mut named: Vec<_> = lookups.join_all().await.into_iter().flatten().collect();
        named.sort_by_key(|(place, _)| *place);
        if named.is_empty() {
            return Err(DomainFailure::ControllersUnresolved { domain: domain.clone(), hosts });
        }
        Ok(named.into_iter().map(|(_, named)| named).collect())
    }

    /// The names behind a service, by priority and weight (RFC 2782).
    async fn hosts(&self, name: &str, domain: &DomainName) -> Result<Vec<String>, DomainFailure> {
        let query = query(name).map_err(|error| self.failure(&error.into(), domain))?;
        let found = self.resolver.lookup(query, RecordType::SRV).await;
        let found = found.map_err(|error| self.failure(&error, domain))?;
        let hosts = service_hosts(found.answers());
        if hosts.is_empty() {
            return Err(DomainFailure::DomainUnknown {
                domain: domain.clone(),
                servers: self.servers.clone(),
            });
        }
        Ok(hosts)
    }

    fn failure(&self, error: &NetError, domain: &DomainName) -> DomainFailure {
        let servers = self.servers.clone();
        match error {
            NetError::Dns(DnsError::NoRecordsFound(_)) => {
                DomainFailure::DomainUnknown { domain: domain.clone(), servers }
            }
            // Nobody on the port comes as an error of the socket, as silence does in the end.
            NetError::Timeout | NetError::Io(_) | NetError::NoConnections => {
                DomainFailure::DnsSilent { servers }
            }
            other => DomainFailure::DnsFailed { reason: server_text(&other.to_string()) },
        }
    }
}

/// A full name to ask for. Without the rules for international names, which have no underscore but at the
/// beginning of a label: names of domains do.
fn query(name: &str) -> Result<Name, ProtoError> {
    Name::from_ascii(format!("{name}."))
}

/// The names behind a service in the answers of a name server, by priority and weight (RFC 2782), in
/// lower case and at most 64. What is no host name is left out.
#[must_use]
pub fn service_hosts(answers: &[Record]) -> Vec<String> {
    let services = answers.iter().filter_map(|record| match &record.data {
        RData::SRV(service) => Some(service),
        _ => None,
    });
    let mut hosts: Vec<_> = services
        .filter_map(|service| {
            let name = DomainName::parse(&service.target.to_ascii()).ok()?;
            Some((service.priority, u16::MAX - service.weight, name.as_str().to_owned()))
        })
        .collect();
    hosts.sort();
    let mut names: Vec<String> = Vec::new();
    for (_, _, name) in hosts {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names.truncate(MAX_CONTROLLERS);
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_underscores_can_be_asked_for() {
        for name in ["_ldap._tcp.dc._msdcs.old_corp.Y0S__.test", "dc_1.corp.example.com"] {
            assert_eq!(query(name).unwrap().to_ascii(), format!("{name}."));
        }
    }
}
