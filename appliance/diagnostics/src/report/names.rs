//! The names of Active Directory domains and what is in them, and those of the registration with the
//! cloud, for the pseudonyms of a report.

use model::channel::{ChannelStatus, RegistrationState};
use model::domain::status::{DirectoryStatus, DomainStatus};
use model::redaction::NameKind;

/// Shortest part of a domain's name that is replaced by itself: shorter ones, such as `com`, are no
/// names of the customer.
const MIN_LABEL_CHARACTERS: usize = 4;

/// Every name in the status that tells whose domains they are.
pub(super) fn of_directory(status: &DirectoryStatus) -> Vec<(NameKind, String)> {
    let checked = status.check.iter().flat_map(|check| {
        let forest = check.forest.iter().map(|forest| (NameKind::Host, forest.clone()));
        let netbios = check.netbios.iter().map(|name| (NameKind::Other, name.clone()));
        forest.chain(netbios).chain([(NameKind::Host, check.domain.to_string())])
    });
    status.domains.iter().flat_map(of_domain).chain(checked).collect()
}

/// Every name in the status that tells whose appliance it is.
pub(super) fn of_channel(status: &ChannelStatus) -> Vec<(NameKind, String)> {
    let host = |name: &str| (NameKind::Host, name.to_owned());
    let other = |name: &str| (NameKind::Other, name.to_owned());
    let mut names = match &status.registration {
        RegistrationState::NotRegistered { last } => {
            last.iter().flat_map(|last| [other(&last.name), host(last.cloud.host())]).collect()
        }
        RegistrationState::Registering { applicant, .. } => {
            vec![other(&applicant.name), host(applicant.cloud.host())]
        }
        RegistrationState::Registered { registration } => vec![
            other(&registration.name),
            host(registration.cloud.host()),
            other(&registration.customer_name),
            other(&registration.location_name),
        ],
    };
    names.extend(status.clone_refused.iter().map(|clone| host(&clone.host_name)));
    names
}

fn of_domain(status: &DomainStatus) -> Vec<(NameKind, String)> {
    let host = |name: &str| (NameKind::Host, name.to_owned());
    let other = |name: &str| (NameKind::Other, name.to_owned());
    let mut names = vec![
        host(status.domain.as_str()),
        host(&status.forest),
        other(&status.netbios),
        other(status.machine.as_str()),
    ];
    names.extend(status.trusts.iter().map(|trust| host(&trust.name)));
    if let Some(controller) = &status.controller {
        names.extend([host(&controller.host), other(&controller.site)]);
        names.push(other(&controller.client_site));
    }
    // `CN=CONN-1,OU=Connectors,DC=corp,DC=example,DC=com`: the name of the domain in parts.
    for part in status.account_place.iter().flat_map(|place| place.split(',')) {
        match part.split_once('=') {
            Some((kind, _)) if kind.eq_ignore_ascii_case("CN") => {}
            Some((kind, label)) if kind.eq_ignore_ascii_case("DC") => {
                names.extend((label.len() >= MIN_LABEL_CHARACTERS).then(|| host(label)));
            }
            Some((_, unit)) => names.push(other(unit)),
            None => {}
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use model::domain::{DomainName, MachineName};
    use model::redaction::Redaction;

    use super::*;

    #[test]
    fn nothing_of_a_domain_is_left_in_a_masked_status() {
        let status = DirectoryStatus {
            domains: vec![DomainStatus {
                domain: DomainName::parse("corp.contoso.com").unwrap(),
                forest: "contoso.com".to_owned(),
                netbios: "CORPNET".to_owned(),
                machine: MachineName::parse("CONN-7").unwrap(),
                account_place: Some(
                    "CN=CONN-7,OU=Paymentservers,DC=corp,DC=contoso,DC=com".to_owned(),
                ),
                dns_servers: vec![[10, 1, 2, 3].into()],
                joined_at: 5,
                controller: None,
                health: None,
                validation: None,
                password_changed_at: 5,
                password_failure: None,
                forest_failure: None,
                trusts: Vec::new(),
            }],
            ..DirectoryStatus::default()
        };
        let text = serde_json::to_string(&status).unwrap();
        let masked = Redaction::new(of_directory(&status)).mask(&text).to_lowercase();
        for name in ["contoso", "corpnet", "conn-7", "paymentservers", "10.1.2.3"] {
            assert!(text.to_lowercase().contains(name), "{name} is there to be masked");
            assert!(!masked.contains(name), "{name} in {masked}");
        }
    }
}
