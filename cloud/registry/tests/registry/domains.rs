//! Domains and maintenance windows.

use registry::{ConnectorKind, Day, Kind, MaintenanceWindow, Refusal, UpdateOrder};

use crate::fixtures::{NOW, change, connector, named, open, refusal, tenant};

fn joined(name: &str) -> (String, String, bool) {
    (name.to_owned(), "Example.com".to_owned(), true)
}

database::on_both! {
    async fn domains_show_who_reports_them(database: &Database) {
        let registry = open(database).await;
        let tenant = tenant(&registry).await;
        let first = connector(&registry, &tenant, "ca1", None).await;
        let second = connector(&registry, &tenant, "ca2", None).await;
        let both = [joined("EXAMPLE.com"), joined("sub.example.com")];
        tenant.report_domains(&first.id, &both, NOW).await.unwrap();
        tenant.report_domains(&second.id, &both[..1], NOW + 1).await.unwrap();
        let domains = tenant.domains().await.unwrap();
        let reported: Vec<_> = domains
            .iter()
            .map(|domain| {
                let by = domain.reports.iter().map(|report| report.connector.as_str());
                (domain.name.as_str(), domain.forest.as_str(), by.collect::<Vec<_>>())
            })
            .collect();
        assert_eq!(reported, [
            ("example.com", "example.com", vec![first.id.as_str(), second.id.as_str()]),
            ("sub.example.com", "example.com", vec![first.id.as_str()]),
        ]);
        assert_eq!(domains[0].reports[0].location, first.location);
        tenant.report_domains(&first.id, &[], NOW + 2).await.unwrap();
        tenant.remove_connector(&second.id, &change(NOW)).await.unwrap();
        let domains = tenant.domains().await.unwrap();
        assert_eq!((domains.len(), domains[0].reports.len()), (2, 0), "they stay, with nobody");
        let result = tenant.report_domains("nobody", &both, NOW).await;
        assert!(matches!(refusal(result), Refusal::NoSuch { .. }));
        let long = [joined(&"x".repeat(256))];
        let result = tenant.report_domains(&first.id, &long, NOW).await;
        assert!(matches!(refusal(result), Refusal::TooLong { .. }));
    }

    async fn administrator_chooses_who_serves_a_domain(database: &Database) {
        let registry = open(database).await;
        let tenant = tenant(&registry).await;
        let made = connector(&registry, &tenant, "ca1", None).await;
        tenant.report_domains(&made.id, &[joined("example.com")], NOW).await.unwrap();
        let windows = Some(ConnectorKind::Windows);
        tenant.update_domain("EXAMPLE.COM", windows, Some(false), &change(NOW)).await.unwrap();
        tenant.report_domains(&made.id, &[joined("example.com")], NOW + 1).await.unwrap();
        let domain = tenant.domain("example.com").await.unwrap();
        assert_eq!((domain.served_by, domain.is_enabled), (ConnectorKind::Windows, false), "kept");
        tenant.update_domain("example.com", None, Some(true), &change(NOW)).await.unwrap();
        let domain = tenant.domain("example.com").await.unwrap();
        assert_eq!((domain.served_by, domain.is_enabled), (ConnectorKind::Windows, true));
        let result = tenant.update_domain("other.example", None, None, &change(NOW)).await;
        assert_eq!(refusal(result), Refusal::NoSuch { kind: Kind::Domain, id: "other.example".into() });
    }

    async fn window_of_a_location_is_set_changed_and_removed(database: &Database) {
        let registry = open(database).await;
        let tenant = tenant(&registry).await;
        let location = tenant.create_location(&named("A"), &change(NOW)).await.unwrap();
        let window = |day, start_second| MaintenanceWindow {
            location: location.id.clone(),
            day,
            start_second,
            order: UpdateOrder::Early,
        };
        for wanted in [window(Day::Friday, 12 * 3600), window(Day::Everyday, 0)] {
            tenant.set_maintenance_window(&wanted, &change(NOW)).await.unwrap();
            assert_eq!(tenant.maintenance_windows().await.unwrap(), [wanted]);
        }
        for start in [-1, 86_400] {
            let result = tenant.set_maintenance_window(&window(Day::Monday, start), &change(NOW)).await;
            assert_eq!(refusal(result), Refusal::Start);
        }
        let nowhere = MaintenanceWindow { location: "nowhere".into(), ..window(Day::Monday, 0) };
        let result = tenant.set_maintenance_window(&nowhere, &change(NOW)).await;
        assert!(matches!(refusal(result), Refusal::NoSuch { kind: Kind::ResourceLocation, .. }));
        tenant.remove_maintenance_window(&location.id, &change(NOW)).await.unwrap();
        assert!(tenant.maintenance_windows().await.unwrap().is_empty());
        let result = tenant.remove_maintenance_window(&location.id, &change(NOW)).await;
        assert!(matches!(refusal(result), Refusal::NoSuch { kind: Kind::MaintenanceWindow, .. }));
        tenant.set_maintenance_window(&window(Day::Monday, 0), &change(NOW)).await.unwrap();
        tenant.delete_location(&location.id, &change(NOW)).await.unwrap();
        assert!(tenant.maintenance_windows().await.unwrap().is_empty(), "it goes with its location");
    }
}
