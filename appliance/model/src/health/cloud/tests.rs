use super::*;
use crate::channel::{
    CloneRefused, CloudAddress, ConnectionRefusal, ConnectionStatus, SealTrouble,
};
use crate::health::{Health, Severity};

const NOW: i64 = 1_000;

fn registration() -> Registration {
    Registration {
        name: "one".to_owned(),
        cloud: CloudAddress::parse("cloud.example.com").unwrap(),
        connector: "c".to_owned(),
        customer: "t".to_owned(),
        customer_name: "T".to_owned(),
        location: "l".to_owned(),
        location_name: "L".to_owned(),
        registered_at: 1,
        certificate_ends_at: NOW + 1,
        renewal_refused_at: None,
    }
}

fn connection(state: ConnectionState, since: i64) -> ConnectionStatus {
    ConnectionStatus { state, since, peer: None, proxy: None, gateway: None, interception: None }
}

fn clone() -> ConnectionTrouble {
    ConnectionTrouble::Refused { reason: ConnectionRefusal::Clone }
}

fn failed() -> ConnectionState {
    ConnectionState::Failed { trouble: clone() }
}

fn registered(registration: Registration, states: [ConnectionState; 2]) -> ChannelStatus {
    let mut since = 0;
    let connections = states.map(|state| {
        since += 1;
        connection(state, since)
    });
    ChannelStatus {
        registration: RegistrationState::Registered { registration },
        connections: connections.to_vec(),
        ..ChannelStatus::default()
    }
}

#[test]
fn an_appliance_that_is_not_registered_is_no_trouble() {
    let status = ChannelStatus::default();
    assert_eq!(causes(&status, NOW), [Cause::NotRegistered]);
    let known = Known { channel: Some(&status), ..Known::default() };
    let findings = Health::judge(&known).findings;
    let finding = findings.iter().find(|it| it.subject == Subject::Cloud).unwrap();
    assert_eq!(finding.cause.severity(), Severity::Good);
}

#[test]
fn connections_are_judged_together() {
    use ConnectionState::{Connected, Connecting};
    let of = |states| causes(&registered(registration(), states), NOW);
    assert_eq!(of([Connected, Connected]), [Cause::Good]);
    assert_eq!(of([Connecting, Connecting]), []);
    assert_eq!(of([Connecting, Connected]), [Cause::Good]);
    let single = Cause::CloudSingleConnection { trouble: clone(), since: 2 };
    assert_eq!(of([Connected, failed()]), [single]);
    let none = Cause::CloudUnreachable { trouble: clone(), since: 2 };
    assert_eq!(none.severity(), Severity::Failing);
    assert_eq!(of([failed(), failed()]), [none]);
}

#[test]
fn a_copy_and_the_certificate_are_told() {
    let both = || [ConnectionState::Connected, ConnectionState::Connected];
    let mut status = registered(registration(), both());
    status.clone_refused =
        Some(CloneRefused { host_name: "two".to_owned(), addresses: Vec::new(), at: 5 });
    let copy = causes(&status, NOW);
    assert!(matches!(&copy[..], [Cause::CloneTurnedAway { host_name, .. }] if host_name == "two"));
    let refused = Registration { renewal_refused_at: Some(7), ..registration() };
    let refused = causes(&registered(refused, both()), NOW);
    assert_eq!(refused, [Cause::CloudCertificateNotRenewed { since: 7, until: NOW + 1 }]);
    let expired = causes(&registered(registration(), both()), NOW + 1);
    assert_eq!(expired, [Cause::CloudCertificateExpired { at: NOW + 1 }]);
}

fn ended(reason: EndingReason) -> ChannelStatus {
    let Registration { name, cloud, .. } = registration();
    let registration =
        RegistrationState::NotRegistered { last: Some(Ending { name, cloud, at: 9, reason }) };
    ChannelStatus { registration, ..ChannelStatus::default() }
}

#[test]
fn a_removed_appliance_says_so() {
    let removed = Cause::RemovedFromCloud { name: "one".to_owned(), at: 9 };
    assert_eq!(causes(&ended(EndingReason::Removed), NOW), [removed]);
}

#[test]
fn an_appliance_whose_key_is_sealed_fails() {
    let trouble = SealTrouble::OtherTpm;
    let sealed = Cause::RegistrationSealed { name: "one".to_owned(), trouble: trouble.clone() };
    assert_eq!(sealed.severity(), Severity::Failing);
    assert_eq!(causes(&ended(EndingReason::Sealed { trouble }), NOW), [sealed]);
}
