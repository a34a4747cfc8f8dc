//! Resource locations.

use registry::{Event, Kind, LocationForm, LogQuery, NameError, Refusal};

use crate::fixtures::{NOW, change, connector, named, open, refusal, tenant};

database::on_both! {
    async fn first_location_is_the_default_one(database: &Database) {
        let registry = open(database).await;
        let tenant = tenant(&registry).await;
        let first = tenant.create_location(&named("Tokyo"), &change(NOW)).await.unwrap();
        let second = tenant.create_location(&named("Berlin"), &change(NOW)).await.unwrap();
        assert_eq!((first.is_default, second.is_default), (true, false));
        assert_eq!((first.time_zone.as_str(), first.internal_only), ("GMT Standard Time", false));
        let names: Vec<_> =
            tenant.locations().await.unwrap().into_iter().map(|location| location.name).collect();
        assert_eq!(names, ["Berlin", "Tokyo"], "by name");
        assert_eq!(tenant.location(&first.id).await.unwrap(), first);
    }

    async fn another_location_can_become_the_default_one(database: &Database) {
        let registry = open(database).await;
        let tenant = tenant(&registry).await;
        let first = tenant.create_location(&named("A"), &change(NOW)).await.unwrap();
        let second = tenant.create_location(&named("B"), &change(NOW)).await.unwrap();
        tenant.make_default(&second.id, &change(NOW)).await.unwrap();
        tenant.make_default(&second.id, &change(NOW)).await.unwrap();
        assert!(!tenant.location(&first.id).await.unwrap().is_default);
        assert!(tenant.location(&second.id).await.unwrap().is_default);
        tenant.delete_location(&second.id, &change(NOW)).await.unwrap();
        assert!(tenant.location(&first.id).await.unwrap().is_default, "the one that is left");
    }

    async fn rejects_names_that_break_rules(database: &Database) {
        let registry = open(database).await;
        let tenant = tenant(&registry).await;
        tenant.create_location(&named("Berlin"), &change(NOW)).await.unwrap();
        for (name, expected) in [
            ("", Refusal::Name(NameError::Empty)),
            ("a/b", Refusal::Name(NameError::Forbidden('/'))),
            (&"x".repeat(300), Refusal::Name(NameError::TooLong(64))),
            (" berlin ", Refusal::NameTaken { kind: Kind::ResourceLocation, name: "berlin".into() }),
        ] {
            let result = tenant.create_location(&named(name), &change(NOW)).await;
            assert_eq!(refusal(result), expected, "{name}");
        }
        let result = tenant.create_location(&LocationForm::default(), &change(NOW)).await;
        assert_eq!(refusal(result), Refusal::Name(NameError::Empty));
        assert_eq!(tenant.locations().await.unwrap().len(), 1);
        tenant.create_location(&named("東京 '; DROP TABLE tenants; --"), &change(NOW)).await.unwrap();
    }

    async fn changes_what_the_form_names(database: &Database) {
        let registry = open(database).await;
        let tenant = tenant(&registry).await;
        let location = tenant.create_location(&named("A"), &change(NOW)).await.unwrap();
        let form = LocationForm {
            time_zone: Some("Tokyo Standard Time".into()),
            internal_only: Some(true),
            ..LocationForm::default()
        };
        let updated = tenant.update_location(&location.id, &form, &change(NOW)).await.unwrap();
        assert_eq!(updated, tenant.location(&location.id).await.unwrap());
        assert_eq!((updated.name.as_str(), updated.internal_only), ("A", true));
        assert_eq!(updated.time_zone, "Tokyo Standard Time");
        let renamed = tenant.update_location(&location.id, &named("a"), &change(NOW)).await.unwrap();
        assert_eq!(renamed.name, "a", "its own name in another case");
        let form = LocationForm { time_zone: Some("Asia/Tokyo".into()), ..LocationForm::default() };
        let result = tenant.update_location(&location.id, &form, &change(NOW)).await;
        assert_eq!(refusal(result), Refusal::TimeZone("Asia/Tokyo".into()));
    }

    async fn managed_location_cannot_be_changed(database: &Database) {
        let registry = open(database).await;
        let tenant = tenant(&registry).await;
        let form = LocationForm { read_only: Some(true), ..named("Managed") };
        let location = tenant.create_location(&form, &change(NOW)).await.unwrap();
        let result = tenant.update_location(&location.id, &named("B"), &change(NOW)).await;
        assert_eq!(refusal(result), Refusal::ReadOnlyLocation);
        let result = tenant.delete_location(&location.id, &change(NOW)).await;
        assert_eq!(refusal(result), Refusal::ReadOnlyLocation);
        let form = LocationForm { read_only: Some(false), ..LocationForm::default() };
        tenant.update_location(&location.id, &form, &change(NOW)).await.unwrap();
        tenant.delete_location(&location.id, &change(NOW)).await.unwrap();
    }

    async fn location_with_connectors_cannot_be_deleted(database: &Database) {
        let registry = open(database).await;
        let tenant = tenant(&registry).await;
        let location = tenant.create_location(&named("A"), &change(NOW)).await.unwrap();
        let connector = connector(&registry, &tenant, "ca1", Some(&location.id)).await;
        let result = tenant.delete_location(&location.id, &change(NOW)).await;
        assert_eq!(refusal(result), Refusal::LocationHasConnectors(1));
        tenant.remove_connector(&connector.id, &change(NOW)).await.unwrap();
        tenant.delete_location(&location.id, &change(NOW)).await.unwrap();
        assert_eq!(
            refusal(tenant.delete_location(&location.id, &change(NOW)).await),
            Refusal::NoSuch { kind: Kind::ResourceLocation, id: location.id },
        );
    }

    async fn each_change_is_logged_with_before_and_after(database: &Database) {
        let registry = open(database).await;
        let tenant = tenant(&registry).await;
        let location = tenant.create_location(&named("A"), &change(NOW)).await.unwrap();
        tenant.update_location(&location.id, &named("B"), &change(NOW + 1)).await.unwrap();
        tenant.delete_location(&location.id, &change(NOW + 2)).await.unwrap();
        let page = tenant.log(&LogQuery { limit: 10, ..LogQuery::default() }, NOW + 2).await.unwrap();
        let told: Vec<_> = page
            .records
            .iter()
            .map(|record| {
                let name = |value: &Option<serde_json::Value>| {
                    value.as_ref().map(|value| value["name"].as_str().unwrap().to_owned())
                };
                (record.event, name(&record.before), name(&record.after), record.at - NOW)
            })
            .collect();
        let text = |name: &str| Some(name.to_owned());
        assert_eq!(told, [
            (Event::LocationDeleted, text("B"), None, 2),
            (Event::LocationUpdated, text("A"), text("B"), 1),
            (Event::LocationCreated, None, text("A"), 0),
        ]);
        assert!(page.records.iter().all(|record| record.actor.name == "CwcSystem"));
        assert!(page.records.iter().all(|record| record.target.id == location.id));
    }
}
