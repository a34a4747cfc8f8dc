//! The resource `/status`, which is ours: what the page *Connector summary* shows, for programs.

use model::clock::{ClockStatus, ClockTrust, TimeServer};
use model::health::Health;
use model::network::{NetworkSettings, NetworkState, NetworkStatus, Origin, Sourced};
use model::product;
use model::settings::{BootParameterReport, Settings, SettingsStatus};
use model::supervision::{InitStatus, RoleState};
use serde::Serialize;
use serde_json::{Value, json};

use crate::state::{Shared, Snapshot};

/// The resource now. A part that does not answer is `null`.
pub(crate) fn view(state: &Shared) -> Value {
    let Snapshot { health, network, settings, clock, init, uptime_seconds, now, .. } =
        state.snapshot();
    let certificate = state.certificates.facts();
    json!({
        "product": product::NAME,
        "version": product::VERSION,
        "time": now,
        "uptimeSeconds": uptime_seconds,
        "health": health_view(&health),
        "network": network.as_ref().map(network_view),
        "settings": settings.as_ref().map(settings_view),
        "certificate": {
            "sha1": certificate.sha1.to_string(),
            "sha256": certificate.sha256.to_string(),
            "names": certificate.names,
            "notBefore": certificate.not_before,
            "notAfter": certificate.not_after,
        },
        "clock": clock.as_ref().map(clock_view),
        "machine": init.as_ref().map(machine_view),
    })
}

pub(crate) fn clock_view(status: &ClockStatus) -> Value {
    let (state, server, reason) = match &status.trust {
        ClockTrust::Waiting => ("waiting", None, None),
        ClockTrust::Synchronised { server, .. } => ("synchronised", Some(server), None),
        ClockTrust::Hypervisor => ("hypervisor", None, None),
        ClockTrust::Unreachable { reason, .. } => ("unreachable", None, Some(reason)),
        ClockTrust::BeforeBuild => ("beforeBuild", None, None),
    };
    let server_view = |server: &TimeServer| json!({"name": server.name, "trouble": server.trouble});
    json!({
        "state": state,
        "isTrusted": status.is_trusted(),
        "since": status.since,
        "server": server,
        "reason": reason,
        "offsetMilliseconds": status.offset_ms,
        "servers": status.servers.iter().map(server_view).collect::<Vec<_>>(),
    })
}

fn health_view(health: &Health) -> Value {
    let findings: Vec<_> = health
        .findings
        .iter()
        .map(|finding| {
            json!({
                "subject": finding.subject,
                "severity": finding.cause.severity(),
                "cause": finding.cause.id(),
            })
        })
        .collect();
    json!({"severity": health.severity(), "findings": findings})
}

pub(crate) fn network_view(status: &NetworkStatus) -> Value {
    let (state, reason) = match &status.state {
        NetworkState::Starting => ("starting", None),
        NetworkState::NoInterface => ("noInterface", None),
        NetworkState::NoLink => ("noLink", None),
        NetworkState::NoLease { .. } => ("noLease", None),
        NetworkState::Configured => ("configured", None),
        NetworkState::AddressConflict { holder, .. } => ("addressConflict", Some(holder)),
        NetworkState::Failed { reason } => ("failed", Some(reason)),
    };
    let address = status.address.as_ref();
    json!({
        "state": state,
        "reason": reason,
        "since": status.since,
        "interface": status.interface,
        "hardwareAddress": status.hardware_address,
        "address": address.map(|it| sourced(&it.value.address, it.origin)),
        "netmask": address.map(|it| sourced(&it.value.prefix.mask(), it.origin)),
        "gateway": optional(status.gateway.as_ref()),
        "dns": sourced(&status.dns.value, status.dns.origin),
        "ntp": sourced(&status.ntp.value, status.ntp.origin),
        "hostName": sourced(&status.host_name.value, status.host_name.origin),
        "domain": optional(status.domain.as_ref()),
        "lease": status.lease.as_ref().map(|lease| json!({
            "server": lease.server,
            "obtained": lease.obtained,
            "durationSeconds": lease.duration_seconds,
        })),
    })
}

fn settings_view(status: &SettingsStatus) -> Value {
    let Settings { network, deployment, .. } = &status.settings;
    let boot_parameter = status.boot_parameter.as_ref().map(|report| match report {
        BootParameterReport::Stored => "stored",
        BootParameterReport::NotStored { .. } => "notStored",
        BootParameterReport::Refused { .. } => "refused",
    });
    json!({
        "network": sourced(&configured(&network.value), network.origin),
        "deployment": deployment,
        "bootParameter": boot_parameter,
    })
}

/// Network settings in the form in which they are changed.
pub(crate) fn configured(settings: &NetworkSettings) -> Value {
    match settings {
        NetworkSettings::Automatic => json!({"method": "automatic"}),
        NetworkSettings::Static(network) => json!({
            "method": "static",
            "address": network.address.address,
            "netmask": network.address.prefix.mask(),
            "gateway": network.gateway,
            "dns": network.dns,
            "ntp": network.ntp,
        }),
    }
}

fn machine_view(status: &InitStatus) -> Value {
    let roles: Vec<_> = status
        .roles
        .iter()
        .map(|role| {
            let state = match role.state {
                RoleState::Starting => "starting",
                RoleState::Ready => "ready",
                RoleState::Failed => "failed",
            };
            json!({
                "name": role.role.name(),
                "state": state,
                "restarts": role.restarts,
                "lastExit": role.last_exit,
            })
        })
        .collect();
    json!({
        "slot": status.slot.map(model::slot::Slot::letter),
        "markedGood": status.marked_good,
        "roles": roles,
    })
}

pub(crate) fn sourced(value: &impl Serialize, origin: Origin) -> Value {
    let origin = match origin {
        Origin::Default => "default",
        Origin::BootParameter => "bootParameter",
        Origin::Dhcp => "dhcp",
        Origin::Operator => "operator",
    };
    json!({"value": value, "origin": origin})
}

fn optional<T: Serialize>(value: Option<&Sourced<T>>) -> Option<Value> {
    value.map(|it| sourced(&it.value, it.origin))
}
