//! Domains as the REST interface shows them.

use model::domain::check::{CheckFact, CheckItem, CheckResult, CheckedItem, DomainCheck};
use model::domain::failure::DomainFailure;
use model::domain::lookup::{DirectoryObject, LookupPage};
use model::domain::status::{
    ControllerInUse, DomainStatus, Trust, TrustDirection, TrustKind, Validation,
};
use serde_json::{Value, json};
use webui::Language;

/// The documented members.
pub(super) fn documented(status: &DomainStatus) -> Value {
    json!({
        "domain_name": status.domain,
        "forest": status.forest,
        "machine_account": status.machine,
    })
}

/// With those of our own.
pub(super) fn details(status: &DomainStatus) -> Value {
    let health = status.health.as_ref().map(|health| {
        json!({
            "checked": health.at,
            "since": health.since,
            "cause": health.failure.as_ref().map(cause),
        })
    });
    let mut details = documented(status);
    details["netbios_name"] = json!(status.netbios);
    details["account_place"] = json!(status.account_place);
    details["joined"] = json!(status.joined_at);
    details["password_changed"] = json!(status.password_changed_at);
    details["dns_servers"] = json!(status.dns_servers);
    details["controller"] = json!(status.controller.as_ref().map(controller));
    details["health"] = json!(health);
    details["validation"] = json!(status.validation.as_ref().map(validation));
    details["password_cause"] = json!(status.password_failure.as_ref().map(cause));
    details["forest_cause"] = json!(status.forest_failure.as_ref().map(cause));
    details
}

fn controller(controller: &ControllerInUse) -> Value {
    json!({
        "host": controller.host,
        "address": controller.address,
        "site": controller.site,
        "client_site": controller.client_site,
        "latency_microseconds": controller.latency_micros,
    })
}

/// What a validation has found.
pub(super) fn validation(validation: &Validation) -> Value {
    json!({
        "passed": validation.failure.is_none(),
        "at": validation.at,
        "host": validation.host,
        "milliseconds": validation.milliseconds,
        "cause": validation.failure.as_ref().map(cause),
    })
}

fn cause(failure: &DomainFailure) -> Value {
    let (detail, remedy) = webui::domain_failure(Language::English, failure);
    json!({"id": failure.id(), "detail": detail, "remedy": remedy})
}

/// The trusts of a domain.
pub(super) fn trusts(status: &DomainStatus) -> Value {
    let item = |trust: &Trust| {
        let direction = match trust.direction {
            TrustDirection::Disabled => "disabled",
            TrustDirection::Inbound => "inbound",
            TrustDirection::Outbound => "outbound",
            TrustDirection::Bidirectional => "bidirectional",
        };
        let kind = match trust.kind {
            TrustKind::WithinForest => "within_forest",
            TrustKind::Forest => "forest",
            TrustKind::External => "external",
            TrustKind::Realm => "realm",
        };
        json!({
            "name": trust.name,
            "direction": direction,
            "kind": kind,
            "is_reachable": trust.is_reachable,
        })
    };
    json!({"items": status.trusts.iter().map(item).collect::<Vec<_>>()})
}

/// The check of a domain.
pub(super) fn check(check: &DomainCheck) -> Value {
    let state = match check {
        DomainCheck { is_running: true, .. } => "running",
        check if check.has_passed() => "passed",
        _ => "failed",
    };
    json!({
        "domain_name": check.domain,
        "dns_servers": check.dns_servers,
        "state": state,
        "forest": check.forest,
        "netbios_name": check.netbios,
        "items": check.items.iter().map(item).collect::<Vec<_>>(),
    })
}

fn item(item: &CheckedItem) -> Value {
    let name = match item.item {
        CheckItem::Dns => "dns",
        CheckItem::Controllers => "controllers",
        CheckItem::Kerberos => "kerberos",
        CheckItem::Ldap => "ldap",
        CheckItem::PasswordChange => "password_change",
        CheckItem::GlobalCatalog => "global_catalog",
        CheckItem::Clock => "clock",
        CheckItem::FunctionalLevel => "functional_level",
    };
    let (result, found, failure) = match &item.result {
        CheckResult::Waiting => ("waiting", None, None),
        CheckResult::Passed { fact } => ("passed", Some(fact), None),
        CheckResult::Warned { fact } => ("warned", Some(fact), None),
        CheckResult::Failed { failure } => ("failed", None, Some(failure)),
    };
    json!({
        "item": name,
        "result": result,
        "found": found.map(fact),
        "cause": failure.map(cause),
    })
}

fn fact(fact: &CheckFact) -> Value {
    match fact {
        CheckFact::Controllers { hosts, count } => json!({"hosts": hosts, "count": count}),
        CheckFact::Answering { answering, count, host, site, silent } => {
            json!({
                "answering": answering,
                "count": count,
                "host": host,
                "site": site,
                "silent": silent,
            })
        }
        CheckFact::Port { host, milliseconds } => {
            json!({"host": host, "milliseconds": milliseconds})
        }
        CheckFact::PortClosed { host, port } => json!({"host": host, "port": port}),
        CheckFact::Clock { seconds } => json!({"seconds": seconds}),
        CheckFact::Level { level } => json!({"level": level}),
    }
}

/// A page of what was found.
pub(super) fn page(page: &LookupPage) -> Value {
    json!({
        "objects": page.objects.iter().map(object).collect::<Vec<_>>(),
        "cursor": page.cursor,
        "host": page.host,
        "milliseconds": page.milliseconds,
    })
}

fn object(object: &DirectoryObject) -> Value {
    json!({
        "sid": object.sid,
        "guid": object.guid,
        "distinguished_name": object.distinguished_name,
        "account_name": object.account_name,
        "user_principal_name": object.user_principal_name,
        "display_name": object.display_name,
        "mail": object.mail,
        "is_enabled": object.is_enabled,
        "groups": object.groups,
        "members": object.members,
    })
}
