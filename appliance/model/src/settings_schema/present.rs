//! The way between the schema that this release writes and the product's types.
//!
//! A proxy, rule, authority or server that this release does not understand, because another one had other
//! rules for it, is left out: nothing else must be lost with it.

use serde::de::Error as _;
use serde_json::Map;

use super::v2::{NetworkChoice, NetworkReverted, NetworkTrial, Origin, RevertReason, Sourced};
use super::{RootPems, v1, v3};
use crate::bypass::BypassRule;
use crate::fingerprint::Fingerprint;
use crate::ipv4::{HostNet, PrefixLength};
use crate::proxy::{ProxyLocation, ProxyServer};
use crate::root_ca::RootCaFacts;
use crate::syslog::{SyslogForm, SyslogSetting};
use crate::{network, settings};

/// What is written of settings. An authority whose certificate is not there is left out: it could not
/// be trusted either.
pub(super) fn written(settings: &settings::Settings, root_pems: &RootPems) -> v3::Settings {
    let confirmed = NetworkChoice::from(settings.confirmed_network());
    let trial = settings.network_trial.clone();
    let reverted = settings.network_reverted.clone();
    let root = |facts: &RootCaFacts| root_pems.get(&facts.id).map(|pem| v3::Root::of(facts, pem));
    v3::Settings {
        format: v3::FORMAT,
        network: confirmed.network,
        host_name: confirmed.host_name,
        deployment: settings.deployment.clone().map(String::from),
        network_trial: trial
            .map(|trial| NetworkTrial { tried: trial.tried.into(), saved: trial.saved }),
        network_reverted: reverted.map(|reverted| NetworkReverted {
            tried: reverted.tried.into(),
            at: reverted.at,
            reason: reverted.reason.into(),
        }),
        proxies: settings.proxies.iter().map(v3::Proxy::from).collect(),
        proxy_bypass: settings.proxy_bypass.iter().map(ToString::to_string).collect(),
        roots: settings.roots.iter().filter_map(root).collect(),
        syslog: settings.syslog.as_ref().map(v3::Syslog::from),
        later: Map::new(),
    }
}

/// What written settings mean, with the certificate of each authority.
pub(super) fn meant(
    written: v3::Settings,
) -> Result<(settings::Settings, RootPems), serde_json::Error> {
    let confirmed = NetworkChoice { network: written.network, host_name: written.host_name };
    let confirmed = settings::NetworkChoice::try_from(confirmed)?;
    let deployment = written.deployment.map(TryInto::try_into).transpose().map_err(refused)?;
    let trial = |trial: NetworkTrial| {
        let (tried, previous) = (trial.tried.try_into()?, confirmed.clone());
        Ok::<_, serde_json::Error>(settings::NetworkTrial { tried, previous, saved: trial.saved })
    };
    let network_trial = written.network_trial.map(trial).transpose()?;
    let reverted = |reverted: NetworkReverted| {
        let (at, reason) = (reverted.at, reverted.reason.into());
        let tried = reverted.tried.try_into()?;
        Ok::<_, serde_json::Error>(settings::NetworkReverted { tried, at, reason })
    };
    let network_reverted = written.network_reverted.map(reverted).transpose()?;
    let rule = |rule: String| BypassRule::parse(&rule).ok();
    let mut roots: Vec<RootCaFacts> = Vec::new();
    let mut root_pems = RootPems::new();
    for root in written.roots {
        let Some((facts, pem)) = root.read() else { continue };
        if root_pems.insert(facts.id.clone(), pem).is_none() {
            roots.push(facts);
        }
    }
    let settings = settings::Settings {
        network: confirmed.network,
        host_name: confirmed.host_name,
        deployment,
        network_trial,
        network_reverted,
        proxies: written.proxies.into_iter().filter_map(v3::Proxy::read).collect(),
        proxy_bypass: written.proxy_bypass.into_iter().filter_map(rule).collect(),
        roots,
        syslog: written.syslog.and_then(v3::Syslog::read),
    };
    Ok((settings, root_pems))
}

impl From<&ProxyServer> for v3::Proxy {
    fn from(proxy: &ProxyServer) -> Self {
        Self {
            id: proxy.id.clone(),
            location: proxy.location.to_string(),
            user_name: proxy.user_name.clone(),
            has_password: proxy.has_password,
        }
    }
}

impl v3::Proxy {
    fn read(self) -> Option<ProxyServer> {
        let Self { id, location, user_name, has_password } = self;
        let location = ProxyLocation::parse(&location).ok()?;
        Some(ProxyServer { id, location, user_name, has_password })
    }
}

impl v3::Root {
    fn of(facts: &RootCaFacts, pem: &str) -> Self {
        Self {
            pem: pem.to_owned(),
            sha256: facts.sha256.to_string(),
            sha1: facts.sha1.to_string(),
            subject: facts.subject.clone(),
            issuer: facts.issuer.clone(),
            serial: facts.serial.clone(),
            not_before: facts.not_before,
            not_after: facts.not_after,
            key: facts.key.clone(),
            is_self_signed: facts.is_self_signed,
        }
    }

    fn read(self) -> Option<(RootCaFacts, String)> {
        let sha256 = Fingerprint::parse(&self.sha256).filter(|it| it.as_bytes().len() == 32)?;
        let facts = RootCaFacts {
            id: sha256.id(),
            subject: self.subject,
            issuer: self.issuer,
            serial: self.serial,
            not_before: self.not_before,
            not_after: self.not_after,
            sha1: Fingerprint::parse(&self.sha1).filter(|it| it.as_bytes().len() == 20)?,
            sha256,
            key: self.key,
            is_self_signed: self.is_self_signed,
        };
        Some((facts, self.pem))
    }
}

impl From<&SyslogSetting> for v3::Syslog {
    fn from(setting: &SyslogSetting) -> Self {
        Self {
            server: setting.server.clone(),
            port: setting.port.get(),
            transport: setting.transport.name().to_owned(),
            severity: setting.severity.name().to_owned(),
        }
    }
}

impl v3::Syslog {
    fn read(self) -> Option<SyslogSetting> {
        let Self { server, port, transport, severity } = self;
        SyslogForm { server, port: port.to_string(), transport, severity }.parse().ok()?
    }
}

impl From<settings::NetworkChoice> for NetworkChoice {
    fn from(choice: settings::NetworkChoice) -> Self {
        let network = match choice.network.value {
            network::NetworkSettings::Automatic => v1::Network::Automatic,
            network::NetworkSettings::Static(fixed) => v1::Network::Static(v1::StaticNetwork {
                address: v1::HostNet {
                    address: fixed.address.address,
                    prefix: fixed.address.prefix.bits(),
                },
                gateway: fixed.gateway,
                dns: fixed.dns,
                ntp: fixed.ntp,
            }),
        };
        Self {
            network: Sourced { value: network, origin: choice.network.origin.into() },
            host_name: choice
                .host_name
                .map(|name| Sourced { value: name.value, origin: name.origin.into() }),
        }
    }
}

impl TryFrom<NetworkChoice> for settings::NetworkChoice {
    type Error = serde_json::Error;

    fn try_from(choice: NetworkChoice) -> Result<Self, serde_json::Error> {
        let value = match choice.network.value {
            v1::Network::Automatic => network::NetworkSettings::Automatic,
            v1::Network::Static(fixed) => {
                let v1::HostNet { address, prefix } = fixed.address;
                let prefix = PrefixLength::new(prefix).map_err(refused)?;
                network::NetworkSettings::Static(network::StaticNetwork {
                    address: HostNet { address, prefix },
                    gateway: fixed.gateway,
                    dns: fixed.dns,
                    ntp: fixed.ntp,
                })
            }
        };
        Ok(Self {
            network: network::Sourced::new(value, choice.network.origin.into()),
            host_name: choice
                .host_name
                .map(|name| network::Sourced::new(name.value, name.origin.into())),
        })
    }
}

impl From<network::Origin> for Origin {
    fn from(origin: network::Origin) -> Self {
        match origin {
            network::Origin::Default => Self::Default,
            network::Origin::BootParameter => Self::BootParameter,
            network::Origin::Dhcp => Self::Dhcp,
            network::Origin::Operator => Self::Operator,
        }
    }
}

impl From<Origin> for network::Origin {
    fn from(origin: Origin) -> Self {
        match origin {
            Origin::Default => Self::Default,
            Origin::BootParameter => Self::BootParameter,
            Origin::Dhcp => Self::Dhcp,
            Origin::Operator => Self::Operator,
        }
    }
}

impl From<settings::RevertReason> for RevertReason {
    fn from(reason: settings::RevertReason) -> Self {
        match reason {
            settings::RevertReason::NotConfirmed => Self::NotConfirmed,
            settings::RevertReason::Operator => Self::Operator,
            settings::RevertReason::Restarted => Self::Restarted,
        }
    }
}

impl From<RevertReason> for settings::RevertReason {
    fn from(reason: RevertReason) -> Self {
        match reason {
            RevertReason::NotConfirmed => Self::NotConfirmed,
            RevertReason::Operator => Self::Operator,
            RevertReason::Restarted => Self::Restarted,
        }
    }
}

fn refused(error: impl std::fmt::Display) -> serde_json::Error {
    serde_json::Error::custom(error)
}
