//! Connectors that are registered.

use registry::{
    CONTACT_LIMIT_SECONDS, Certificate, Connector, ConnectorFilter, ConnectorKind, ConnectorStatus,
    Contact, Event, Load, LogQuery, Refusal, Upgrade, VersionState,
};

use crate::fixtures::{NOW, certificate, change, connector, key, named, open, refusal, tenant};

fn contact(connector: &Connector, at: i64) -> Contact {
    let (tenant, connector) = (connector.tenant.clone(), connector.id.clone());
    Contact { tenant, connector, at, version: "2.0.0".into(), in_maintenance: false }
}

database::on_both! {
    async fn status_follows_contact(database: &Database) {
        let registry = open(database).await;
        let tenant = tenant(&registry).await;
        let made = connector(&registry, &tenant, "ca1", None).await;
        assert_eq!(made.status(NOW), ConnectorStatus::Unknown);
        registry.note_contacts(&[contact(&made, NOW)]).await.unwrap();
        let heard = tenant.connector(&made.id).await.unwrap();
        assert_eq!(heard.current_version.as_deref(), Some("2.0.0"));
        assert_eq!(heard.status(NOW + CONTACT_LIMIT_SECONDS), ConnectorStatus::Connected);
        assert_eq!(heard.status(NOW + CONTACT_LIMIT_SECONDS + 1), ConnectorStatus::Disconnected);
        tenant.revoke_connector(&made.id, &change(NOW)).await.unwrap();
        let revoked = tenant.connector(&made.id).await.unwrap();
        assert_eq!((revoked.status(NOW), revoked.revoked_at), (ConnectorStatus::Revoked, Some(NOW)));
    }

    async fn contacts_of_many_are_noted_together(database: &Database) {
        let registry = open(database).await;
        let (one, other) = (tenant(&registry).await, tenant(&registry).await);
        let first = connector(&registry, &one, "ca1", None).await;
        let last = connector(&registry, &other, "ca2", None).await;
        let silent = connector(&registry, &other, "ca3", None).await;
        let removed = Contact { connector: "nobody".into(), ..contact(&first, NOW) };
        let foreign = Contact { tenant: other.id().clone(), ..contact(&first, NOW + 9) };
        let mut contacts = vec![contact(&last, NOW), foreign, contact(&first, NOW)];
        contacts.resize(250, removed);
        contacts[249] = Contact { in_maintenance: true, ..contact(&last, NOW + 1) };
        contacts.swap_remove(0);
        registry.note_contacts(&contacts).await.unwrap();
        let noted = async |of: &Connector| {
            let stored = registry.tenant(&of.tenant).connector(&of.id).await.unwrap();
            (stored.last_contact_at, stored.in_maintenance, stored.current_version)
        };
        assert_eq!(noted(&first).await, (Some(NOW), false, Some("2.0.0".into())));
        assert_eq!(noted(&last).await, (Some(NOW + 1), true, Some("2.0.0".into())));
        assert_eq!(noted(&silent).await.0, None);
        registry.note_contacts(&[]).await.unwrap();
    }

    async fn filters_by_location_and_kind(database: &Database) {
        let registry = open(database).await;
        let tenant = tenant(&registry).await;
        let here = tenant.create_location(&named("Here"), &change(NOW)).await.unwrap();
        let there = tenant.create_location(&named("There"), &change(NOW)).await.unwrap();
        connector(&registry, &tenant, "b", Some(&here.id)).await;
        connector(&registry, &tenant, "A", Some(&there.id)).await;
        let names = async |location: Option<&str>, kind| {
            let filter = ConnectorFilter { location: location.map(str::to_owned), kind };
            let found = tenant.connectors(&filter).await.unwrap();
            found.into_iter().map(|connector| connector.name).collect::<Vec<_>>()
        };
        assert_eq!(names(None, None).await, ["A", "b"]);
        assert_eq!(names(Some(&here.id), None).await, ["b"]);
        assert_eq!(names(None, Some(ConnectorKind::Unified)).await, ["A", "b"]);
        assert!(names(None, Some(ConnectorKind::Windows)).await.is_empty());
        assert!(names(Some("nowhere"), None).await.is_empty());
    }

    async fn certificate_is_renewed_until_it_is_revoked(database: &Database) {
        let registry = open(database).await;
        let tenant = tenant(&registry).await;
        let made = connector(&registry, &tenant, "ca1", None).await;
        let renewed = Certificate { serial: "0b".into(), expires_at: NOW + 1, ..certificate() };
        connector(&registry, &tenant, "ca2", None).await;
        tenant.renew_certificate(&made.id, &renewed, &key("new")).await.unwrap();
        let stored = tenant.connector(&made.id).await.unwrap();
        assert_eq!((stored.certificate, stored.key_fingerprint), (renewed, key("new").fingerprint));
        let result = tenant.renew_certificate(&made.id, &certificate(), &key("ca2")).await;
        assert_eq!(refusal(result), Refusal::KeyTaken);
        tenant.revoke_connector(&made.id, &change(NOW)).await.unwrap();
        let result = tenant.renew_certificate(&made.id, &certificate(), &key("new")).await;
        assert_eq!(refusal(result), Refusal::RevokedConnector);
        tenant.remove_connector(&made.id, &change(NOW)).await.unwrap();
        let result = tenant.renew_certificate(&made.id, &certificate(), &key("new")).await;
        assert!(matches!(refusal(result), Refusal::NoSuch { .. }));
        assert_eq!(registry.connector_by_key("fingerprint of new").await.unwrap(), None);
    }

    async fn updates_are_noted_and_logged(database: &Database) {
        let registry = open(database).await;
        let tenant = tenant(&registry).await;
        let made = connector(&registry, &tenant, "ca1", None).await;
        let failed = Upgrade {
            version: Some("2.0.0".into()),
            status: Some("Failed".into()),
            began_at: Some(NOW),
            completed_at: None,
            failure: Some("no space".into()),
        };
        for (state, upgrade) in [
            (VersionState::Updating, Upgrade::default()),
            (VersionState::UpdateFailed, failed.clone()),
            (VersionState::UpdateFailed, failed.clone()),
        ] {
            tenant.note_upgrade(&made.id, Some("2.0.0"), state, &upgrade, &change(NOW)).await.unwrap();
        }
        let stored = tenant.connector(&made.id).await.unwrap();
        assert_eq!((stored.version_state, stored.upgrade), (VersionState::UpdateFailed, failed));
        assert_eq!(stored.expected_version.as_deref(), Some("2.0.0"));
        let query = LogQuery { limit: 10, ..LogQuery::default() };
        let log = tenant.log(&query, NOW).await.unwrap();
        let failures =
            log.records.iter().filter(|record| record.event == Event::ConnectorUpdateFailed);
        assert_eq!(failures.count(), 1, "said once");
    }

    async fn load_adds_up_in_five_minutes(database: &Database) {
        let registry = open(database).await;
        let tenant = tenant(&registry).await;
        let made = connector(&registry, &tenant, "ca1", None).await;
        let load = |requests, longest_milliseconds| Load {
            requests,
            failures: 1,
            total_milliseconds: 10,
            longest_milliseconds,
            starts_at: 0,
        };
        let start = NOW - NOW % 300;
        tenant.add_load(&made.id, start, &load(5, 9)).await.unwrap();
        tenant.add_load(&made.id, start + 299, &load(7, 4)).await.unwrap();
        tenant.add_load(&made.id, start + 300, &load(1, 1)).await.unwrap();
        let both = Load {
            starts_at: start,
            requests: 12,
            failures: 2,
            total_milliseconds: 20,
            longest_milliseconds: 9,
        };
        let next = Load { starts_at: start + 300, ..load(1, 1) };
        assert_eq!(tenant.loads(&made.id, 0).await.unwrap(), [both, next]);
        assert_eq!(tenant.loads(&made.id, start + 300).await.unwrap(), [next]);
        let result = tenant.add_load("nobody", NOW, &load(1, 1)).await;
        assert!(matches!(refusal(result), Refusal::NoSuch { .. }));
        registry.sweep(NOW + 86_400 * 2).await.unwrap();
        assert!(tenant.loads(&made.id, 0).await.unwrap().is_empty());
    }
}
