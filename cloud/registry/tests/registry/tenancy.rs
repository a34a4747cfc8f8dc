//! What one tenant has, another neither sees nor changes.

use registry::{
    Access, Content, Kind, Load, LogQuery, MaintenanceWindow, NewNotification, NewOnce, Refusal,
    Severity, TenantId, Upgrade, VersionState,
};

use crate::fixtures::{
    NOW, administrator, appliance, certificate, change, connector, key, named, open, refusal,
    tenant,
};

database::on_both! {
    async fn nothing_of_another_tenant_is_found(database: &Database) {
        let registry = open(database).await;
        let (own, other) = (tenant(&registry).await, tenant(&registry).await);
        let now = change(NOW);
        let location = own.create_location(&named("A"), &now).await.unwrap();
        let made = connector(&registry, &own, "ca1", Some(&location.id)).await;
        own.report_domains(&made.id, &[("a.example".into(), "a.example".into(), true)], NOW).await.unwrap();
        let admin = administrator(&own, &registry, "alice@example.com", Access::Full).await;
        let client = own.create_client("CI", &admin.id, &now).await.unwrap().client;
        let registration = own.registrations().await.unwrap().remove(0);
        let note = NewNotification {
            component: "x".into(),
            event_id: "x".into(),
            severity: Severity::Error,
            priority: "Normal".into(),
            destination: "*".into(),
            content: vec![Content { language_tag: "en".into(), title: "x".into(), description: "x".into() }],
        };
        own.notify(&note, &now).await.unwrap();
        let notification = own.notifications("").await.unwrap().remove(0).id;
        let once = NewOnce { id: "r".into(), location: location.id.clone(), operation: "x".into(), deadline: NOW + 9 };
        own.open_once(&once, NOW).await.unwrap();
        let window = MaintenanceWindow {
            location: location.id.clone(),
            day: registry::Day::Monday,
            start_second: 0,
            order: registry::UpdateOrder::Late,
        };
        let server = own.add_web_server(&location.id, "wiki", "http://wiki.example.com", &now).await.unwrap();
        let results = [
            other.location(&location.id).await.map(drop),
            other.update_location(&location.id, &named("B"), &now).await.map(drop),
            other.delete_location(&location.id, &now).await,
            other.make_default(&location.id, &now).await.map(drop),
            other.connector(&made.id).await.map(drop),
            other.remove_connector(&made.id, &now).await,
            other.revoke_connector(&made.id, &now).await,
            other.renew_certificate(&made.id, &certificate(), &key("ca1")).await,
            other.note_upgrade(&made.id, None, VersionState::Normal, &Upgrade::default(), &now).await,
            other.add_load(&made.id, NOW, &Load::default()).await,
            other.report_domains(&made.id, &[], NOW).await,
            other.domain("a.example").await.map(drop),
            other.update_domain("a.example", None, Some(false), &now).await,
            other.administrator(&admin.id).await.map(drop),
            other.set_access(&admin.id, &Access::Full, &now).await.map(drop),
            other.remove_administrator(&admin.id, &now).await,
            other.resend_invitation(&admin.id, &now).await.map(drop),
            other.create_client("CI", &admin.id, &now).await.map(drop),
            other.revoke_client(&client.id, None, &now).await,
            other.registration(&registration.id).await.map(drop),
            other.register(&registration.id, None, &certificate(), &now).await.map(drop),
            other.refuse_registration(&registration.id, &now).await,
            other.remove_registration(&registration.id, &now).await,
            other.set_maintenance_window(&window, &now).await,
            other.remove_maintenance_window(&location.id, &now).await,
            other.dismiss(&notification, &now).await,
            other.web_servers(&location.id).await.map(drop),
            other.web_server(&location.id, &server.id).await.map(drop),
            other.add_web_server(&location.id, "x", "http://x", &now).await.map(drop),
            other.remove_web_server(&location.id, &server.id, &now).await,
            other.once("r", NOW).await.map(drop),
            other.hand_over_once("r", &made.id, NOW).await,
            other.answer_once("r", &made.id, "x", NOW).await,
        ];
        for (index, result) in results.into_iter().enumerate() {
            assert!(matches!(refusal(result), Refusal::NoSuch { .. }), "{index}");
        }
        assert!(other.locations().await.unwrap().is_empty());
        assert!(other.connectors(&registry::ConnectorFilter::default()).await.unwrap().is_empty());
        assert!(other.clients(None).await.unwrap().is_empty());
        assert!(other.administrators().await.unwrap().is_empty());
        assert!(other.administrator_of(&admin.person.clone().unwrap()).await.unwrap().is_none());
        assert!(other.domains().await.unwrap().is_empty());
        assert!(other.registrations().await.unwrap().is_empty());
        assert!(other.notifications(&admin.id).await.unwrap().is_empty());
        assert!(other.maintenance_windows().await.unwrap().is_empty());
        assert!(other.loads(&made.id, 0).await.unwrap().is_empty());
        let query = LogQuery { limit: 100, ..LogQuery::default() };
        assert!(other.log(&query, NOW).await.unwrap().records.is_empty(), "nothing was done");
        assert_eq!(own.connector(&made.id).await.unwrap().last_contact_at, None, "nor here");
        assert_eq!(own.location(&location.id).await.unwrap(), location);
        assert_eq!(own.clients(None).await.unwrap().len(), 1);
    }

    async fn changes_of_a_tenant_that_does_not_exist_are_refused(database: &Database) {
        let registry = open(database).await;
        let nobody = registry.tenant(&TenantId::parse("nobody").unwrap());
        let expected = Refusal::NoSuch { kind: Kind::Customer, id: "nobody".into() };
        let opened = registry.open_registration(&appliance("ca1"), NOW).await.unwrap();
        let once = NewOnce { id: "r".into(), location: "l".into(), operation: "x".into(), deadline: NOW + 9 };
        for result in [
            nobody.record().await.map(drop),
            nobody.create_location(&named("A"), &change(NOW)).await.map(drop),
            nobody.confirm_registration(opened.code.as_str(), &change(NOW)).await.map(drop),
            nobody.set_inactivity(None, &change(NOW)).await,
            nobody.open_once(&once, NOW).await,
        ] {
            assert_eq!(refusal(result), expected);
        }
    }
}

#[test]
fn identifier_of_a_tenant_is_short_and_plain() {
    for text in ["root", "a1b2c3d4e5f6", "My-Company_1"] {
        assert_eq!(TenantId::parse(text).unwrap().as_str(), text);
    }
    for text in ["", "a b", "a/b", "'; --", "日本", &"x".repeat(65)] {
        assert_eq!(TenantId::parse(text), None, "{text}");
    }
}
