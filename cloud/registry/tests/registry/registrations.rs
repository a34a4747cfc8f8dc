//! Registration by code and unattended.

use protocol::code::LIFETIME_SECONDS;
use protocol::name::Name;
use registry::{Event, Kind, LogQuery, NewConnector, NewRegistration, Refusal, RegistrationState};

use crate::fixtures::{
    NOW, appliance, certificate, change, connector, named, open, refusal, tenant,
};

database::on_both! {
    async fn code_leads_to_a_connector(database: &Database) {
        let registry = open(database).await;
        let tenant = tenant(&registry).await;
        let opened = registry.open_registration(&appliance("ca1"), NOW).await.unwrap();
        assert_eq!((opened.code.as_str().len(), opened.expires_at), (8, NOW + 900));
        let waiting = registry.registration(&opened.id).await.unwrap().unwrap();
        assert_eq!((waiting.state(NOW), waiting.tenant), (RegistrationState::Waiting, None));
        let typed = format!(" {} ", opened.code.as_str().to_lowercase());
        let confirmed = tenant.confirm_registration(&typed, &change(NOW + 1)).await.unwrap();
        assert_eq!(confirmed.appliance_name, "ca1");
        assert_eq!(confirmed.state(NOW + 1), RegistrationState::Confirmed);
        let again = tenant.confirm_registration(&typed, &change(NOW + 2)).await.unwrap();
        assert_eq!(again.id, opened.id, "typing it again shows the same");
        let connector =
            tenant.register(&opened.id, None, &certificate(), &change(NOW + 3)).await.unwrap();
        assert_eq!((connector.id.as_str(), connector.name.as_str()), (opened.connector.as_str(), "ca1"));
        let location = tenant.location(&connector.location).await.unwrap();
        assert_eq!((location.name.as_str(), location.is_default), ("My Resource Location", true));
        let polled = registry.registration(&opened.id).await.unwrap().unwrap();
        assert_eq!(polled.state(NOW + 9999), RegistrationState::Registered);
        assert_eq!(polled.tenant.as_ref(), Some(tenant.id()));
        let found = registry.connector_by_key("fingerprint of ca1").await.unwrap().unwrap();
        assert_eq!((found.tenant, found.certificate), (tenant.id().clone(), certificate()));
    }

    async fn rejects_wrong_used_refused_and_expired_codes(database: &Database) {
        let registry = open(database).await;
        let tenant = tenant(&registry).await;
        for code in ["", "ABCD", "0O1I0000", "ABCD2345ABCD2345", "日本語日本語日本"] {
            let result = tenant.confirm_registration(code, &change(NOW)).await;
            assert!(matches!(refusal(result), Refusal::NoCode(_)), "{code}");
        }
        let result = tenant.confirm_registration("22222222", &change(NOW)).await;
        assert_eq!(refusal(result), Refusal::UnknownCode);
        let late = registry.open_registration(&appliance("late"), NOW).await.unwrap();
        let result = tenant.confirm_registration(late.code.as_str(), &change(NOW + LIFETIME_SECONDS)).await;
        assert_eq!(refusal(result), Refusal::ExpiredCode);
        let used = registry.open_registration(&appliance("used"), NOW).await.unwrap();
        tenant.confirm_registration(used.code.as_str(), &change(NOW)).await.unwrap();
        tenant.register(&used.id, None, &certificate(), &change(NOW)).await.unwrap();
        let result = tenant.confirm_registration(used.code.as_str(), &change(NOW)).await;
        assert_eq!(refusal(result), Refusal::UsedCode);
        let result = tenant.register(&used.id, None, &certificate(), &change(NOW)).await;
        assert_eq!(refusal(result), Refusal::UsedCode);
        let refused = registry.open_registration(&appliance("refused"), NOW).await.unwrap();
        tenant.confirm_registration(refused.code.as_str(), &change(NOW)).await.unwrap();
        tenant.refuse_registration(&refused.id, &change(NOW)).await.unwrap();
        let result = tenant.confirm_registration(refused.code.as_str(), &change(NOW)).await;
        assert_eq!(refusal(result), Refusal::RefusedCode);
    }

    async fn registers_only_what_was_confirmed_in_time(database: &Database) {
        let registry = open(database).await;
        let (tenant, other) = (tenant(&registry).await, tenant(&registry).await);
        let opened = registry.open_registration(&appliance("ca1"), NOW).await.unwrap();
        let result = tenant.register(&opened.id, None, &certificate(), &change(NOW)).await;
        assert!(matches!(refusal(result), Refusal::NoSuch { .. }), "nobody has typed the code");
        tenant.confirm_registration(opened.code.as_str(), &change(NOW)).await.unwrap();
        let result = other.confirm_registration(opened.code.as_str(), &change(NOW)).await;
        assert_eq!(refusal(result), Refusal::UnknownCode, "it belongs to the first tenant now");
        let result = other.register(&opened.id, None, &certificate(), &change(NOW)).await;
        assert!(matches!(refusal(result), Refusal::NoSuch { .. }));
        let late = change(NOW + LIFETIME_SECONDS);
        let result = tenant.register(&opened.id, None, &certificate(), &late).await;
        assert_eq!(refusal(result), Refusal::ExpiredCode);
        let polled = registry.registration(&opened.id).await.unwrap().unwrap();
        assert_eq!(polled.state(late.at), RegistrationState::Expired);
        assert!(tenant.connectors(&registry::ConnectorFilter::default()).await.unwrap().is_empty());
    }

    async fn two_tenants_cannot_take_the_same_code(database: &Database) {
        let registry = open(database).await;
        for round in 0..5 {
            let (first, second) = (tenant(&registry).await, tenant(&registry).await);
            let opened =
                registry.open_registration(&appliance(&format!("ca{round}")), NOW).await.unwrap();
            let (now, code) = (change(NOW), opened.code.as_str());
            let (left, right) = tokio::join!(
                first.confirm_registration(code, &now),
                second.confirm_registration(code, &now),
            );
            assert!(left.is_ok() ^ right.is_ok(), "{left:?} {right:?}");
        }
    }

    async fn names_are_unique_in_their_location(database: &Database) {
        let registry = open(database).await;
        let tenant = tenant(&registry).await;
        let (here, there) = (
            tenant.create_location(&named("Here"), &change(NOW)).await.unwrap(),
            tenant.create_location(&named("There"), &change(NOW)).await.unwrap(),
        );
        connector(&registry, &tenant, "ca1", Some(&here.id)).await;
        let copy = NewRegistration { key_fingerprint: "other".into(), ..appliance("CA1") };
        let opened = registry.open_registration(&copy, NOW).await.unwrap();
        tenant.confirm_registration(opened.code.as_str(), &change(NOW)).await.unwrap();
        let result = tenant.register(&opened.id, Some(&here.id), &certificate(), &change(NOW)).await;
        assert_eq!(refusal(result), Refusal::NameTaken { kind: Kind::Connector, name: "CA1".into() });
        let moved = tenant.register(&opened.id, Some(&there.id), &certificate(), &change(NOW)).await;
        assert_eq!(moved.unwrap().location, there.id);
    }

    async fn rejects_keys_that_cannot_be(database: &Database) {
        let registry = open(database).await;
        let tenant = tenant(&registry).await;
        let long = NewRegistration { public_key: "x".repeat(5000), ..appliance("ca1") };
        assert!(matches!(refusal(registry.open_registration(&long, NOW).await), Refusal::TooLong { .. }));
        let registered = connector(&registry, &tenant, "ca1", None).await;
        let result = registry.open_registration(&appliance("ca1"), NOW).await;
        assert_eq!(refusal(result), Refusal::KeyTaken, "a clone");
        tenant.revoke_connector(&registered.id, &change(NOW)).await.unwrap();
        let result = registry.open_registration(&appliance("ca1"), NOW).await;
        assert_eq!(refusal(result), Refusal::RevokedConnector);
        tenant.remove_connector(&registered.id, &change(NOW)).await.unwrap();
        connector(&registry, &tenant, "ca1", None).await;
    }

    async fn two_clones_that_wait_become_one_connector(database: &Database) {
        let registry = open(database).await;
        let tenant = tenant(&registry).await;
        let clone = NewRegistration { name: Name::parse("ca2").unwrap(), ..appliance("ca1") };
        let mut ids = Vec::new();
        for new in [appliance("ca1"), clone] {
            let opened = registry.open_registration(&new, NOW).await.unwrap();
            tenant.confirm_registration(opened.code.as_str(), &change(NOW)).await.unwrap();
            ids.push(opened.id);
        }
        tenant.register(&ids[0], None, &certificate(), &change(NOW)).await.unwrap();
        let result = tenant.register(&ids[1], None, &certificate(), &change(NOW)).await;
        assert_eq!(refusal(result), Refusal::KeyTaken);
    }

    async fn wanted_location_is_used_or_refused(database: &Database) {
        let registry = open(database).await;
        let (tenant, other) = (tenant(&registry).await, tenant(&registry).await);
        tenant.create_location(&named("Default"), &change(NOW)).await.unwrap();
        let wanted = tenant.create_location(&named("Wanted"), &change(NOW)).await.unwrap();
        let new = NewRegistration { wanted_location: Some(wanted.id.clone()), ..appliance("ca1") };
        let opened = registry.open_registration(&new, NOW).await.unwrap();
        let result = other.confirm_registration(opened.code.as_str(), &change(NOW)).await;
        assert_eq!(refusal(result), Refusal::OtherLocation);
        tenant.confirm_registration(opened.code.as_str(), &change(NOW)).await.unwrap();
        let made = tenant.register(&opened.id, None, &certificate(), &change(NOW)).await.unwrap();
        assert_eq!(made.location, wanted.id);
    }

    async fn product_registrations_stay_until_removed_by_hand(database: &Database) {
        let registry = open(database).await;
        let tenant = tenant(&registry).await;
        let connector = connector(&registry, &tenant, "ca1", None).await;
        tenant.remove_connector(&connector.id, &change(NOW)).await.unwrap();
        registry.open_registration(&appliance("nobody"), NOW).await.unwrap();
        registry.sweep(NOW + 400 * 86_400).await.unwrap();
        let listed = tenant.registrations().await.unwrap();
        assert_eq!(listed.len(), 1);
        assert_eq!(listed[0].decided_by.as_deref(), Some("CwcSystem"));
        assert_eq!(tenant.registration(&listed[0].id).await.unwrap(), listed[0]);
        tenant.remove_registration(&listed[0].id, &change(NOW)).await.unwrap();
        assert!(tenant.registrations().await.unwrap().is_empty());
    }

    async fn unattended_registration_needs_no_code(database: &Database) {
        let registry = open(database).await;
        let tenant = tenant(&registry).await;
        let new = NewConnector {
            id: "9c0d3a1e-0000-4000-8000-000000000001".into(),
            name: Name::parse("ca1.example.com").unwrap(),
            public_key: "key".into(),
            key_fingerprint: "fingerprint".into(),
            version: "1.2.3".into(),
            location: None,
            certificate: certificate(),
        };
        let made = tenant.register_unattended(new.clone(), &change(NOW)).await.unwrap();
        assert_eq!((made.id, made.name), (new.id.clone(), new.name.to_string()));
        let elsewhere = NewConnector { location: Some("nowhere".into()), ..new.clone() };
        let result = tenant.register_unattended(elsewhere, &change(NOW)).await;
        assert!(matches!(refusal(result), Refusal::NoSuch { kind: Kind::ResourceLocation, .. }));
        let again = NewConnector { id: "other".into(), name: Name::parse("ca2").unwrap(), ..new };
        assert_eq!(refusal(tenant.register_unattended(again, &change(NOW)).await), Refusal::KeyTaken);
        let query = LogQuery { limit: 10, ..LogQuery::default() };
        let log = tenant.log(&query, NOW).await.unwrap().records;
        let events: Vec<_> = log.iter().map(|record| record.event).collect();
        assert_eq!(events, [Event::ConnectorRegistered, Event::LocationCreated], "nothing of what was refused");
    }

    async fn ticket_takes_a_registration_up_again(database: &Database) {
        let registry = open(database).await;
        let tenant = tenant(&registry).await;
        let opened = registry.open_registration(&appliance("ca1"), NOW).await.unwrap();
        let resumed = registry.registration_by_ticket(&opened.ticket).await.unwrap().unwrap();
        assert_eq!((resumed.id.as_str(), resumed.about.version.as_str()), (opened.id.as_str(), "1.2.3"));
        let wrong = crate::fixtures::secret("wrong");
        assert_eq!(registry.registration_by_ticket(&wrong).await.unwrap(), None);
        tenant.confirm_registration(opened.code.as_str(), &change(NOW)).await.unwrap();
        let later = NOW + LIFETIME_SECONDS + 1;
        let (code, expires_at) = registry.renew_code(&opened.id, later).await.unwrap();
        assert_eq!(expires_at, later + LIFETIME_SECONDS);
        let result = tenant.confirm_registration(opened.code.as_str(), &change(later)).await;
        assert_eq!(refusal(result), Refusal::UnknownCode, "the old one is gone");
        assert!(tenant.registrations().await.unwrap().is_empty(), "it is nobody's again");
        tenant.confirm_registration(code.as_str(), &change(later)).await.unwrap();
        tenant.register(&opened.id, None, &certificate(), &change(later)).await.unwrap();
        assert_eq!(refusal(registry.renew_code(&opened.id, later).await), Refusal::UsedCode);
        let result = registry.withdraw_registration(&opened.id, later).await;
        assert_eq!(refusal(result), Refusal::UsedCode);
    }

    async fn appliance_can_withdraw(database: &Database) {
        let registry = open(database).await;
        let tenant = tenant(&registry).await;
        let opened = registry.open_registration(&appliance("ca1"), NOW).await.unwrap();
        registry.withdraw_registration(&opened.id, NOW).await.unwrap();
        assert_eq!(registry.registration(&opened.id).await.unwrap(), None);
        let result = tenant.confirm_registration(opened.code.as_str(), &change(NOW)).await;
        assert_eq!(refusal(result), Refusal::UnknownCode);
        let result = registry.withdraw_registration(&opened.id, NOW).await;
        assert!(matches!(refusal(result), Refusal::NoSuch { kind: Kind::Registration, .. }));
    }
}
