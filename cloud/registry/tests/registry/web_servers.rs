//! Web servers to which requests may be relayed.

use registry::{Kind, MAX_WEB_SERVERS, NameError, Refusal};

use crate::fixtures::{NOW, change, named, open, refusal, tenant};

database::on_both! {
    async fn web_servers_of_a_location_are_listed_and_removed(database: &Database) {
        let registry = open(database).await;
        let tenant = tenant(&registry).await;
        let location = tenant.create_location(&named("A"), &change(NOW)).await.unwrap().id;
        let other = tenant.create_location(&named("B"), &change(NOW)).await.unwrap().id;
        let wiki = tenant
            .add_web_server(&location, " Wiki ", "https://Wiki.example.com/", &change(NOW))
            .await
            .unwrap();
        assert_eq!((wiki.name.as_str(), wiki.address.to_string().as_str()), ("Wiki", "https://wiki.example.com:443"));
        let intranet =
            tenant.add_web_server(&location, "intranet", "http://10.1.2.3:8080", &change(NOW)).await.unwrap();
        assert_eq!(tenant.web_servers(&location).await.unwrap(), [intranet.clone(), wiki.clone()]);
        assert_eq!(tenant.web_server(&location, &wiki.id).await.unwrap(), wiki);
        assert!(tenant.web_servers(&other).await.unwrap().is_empty());
        for result in [
            tenant.web_server(&other, &wiki.id).await.map(drop),
            tenant.remove_web_server(&other, &wiki.id, &change(NOW)).await,
        ] {
            assert_eq!(refusal(result), Refusal::NoSuch { kind: Kind::WebServer, id: wiki.id.clone() });
        }
        tenant.remove_web_server(&location, &wiki.id, &change(NOW)).await.unwrap();
        assert_eq!(tenant.web_servers(&location).await.unwrap(), [intranet]);
        tenant.delete_location(&location, &change(NOW)).await.unwrap();
        let result = tenant.web_servers(&location).await.map(drop);
        assert!(matches!(refusal(result), Refusal::NoSuch { kind: Kind::ResourceLocation, .. }));
    }

    async fn what_is_wrong_with_a_web_server_is_said(database: &Database) {
        let registry = open(database).await;
        let tenant = tenant(&registry).await;
        let location = tenant.create_location(&named("A"), &change(NOW)).await.unwrap().id;
        let other = tenant.create_location(&named("B"), &change(NOW)).await.unwrap().id;
        let add = async |location: &str, name: &str, address: &str| {
            tenant.add_web_server(location, name, address, &change(NOW)).await
        };
        add(&location, "wiki", "http://wiki.example.com").await.unwrap();
        add(&other, "wiki", "http://wiki.example.com").await.unwrap();
        let taken = refusal(add(&location, "WIKI", "http://other.example.com").await);
        assert_eq!(taken, Refusal::NameTaken { kind: Kind::WebServer, name: "WIKI".to_owned() });
        assert_eq!(refusal(add(&location, "", "http://a").await), Refusal::Name(NameError::Empty));
        assert!(matches!(refusal(add("nowhere", "a", "http://a").await), Refusal::NoSuch { .. }));
        for (address, reason) in [
            ("wiki.example.com", "unknownScheme"),
            ("https://user@wiki.example.com", "credentials"),
            ("https://wiki.example.com/start", "path"),
            ("https://[::1]", "invalidHost"),
            ("https://wiki.example.com:70000", "invalidPort"),
            ("http://127.0.0.1", "forbiddenAddress"),
            ("http://169.254.169.254", "forbiddenAddress"),
            ("http://localhost:8080", "forbiddenAddress"),
        ] {
            assert_eq!(refusal(add(&location, "b", address).await).id(), reason, "{address}");
        }
        assert_eq!(tenant.web_servers(&location).await.unwrap().len(), 1);
        for number in 1..MAX_WEB_SERVERS {
            add(&location, &format!("s{number}"), "http://wiki.example.com").await.unwrap();
        }
        assert_eq!(refusal(add(&location, "more", "http://a").await), Refusal::TooManyWebServers);
    }
}
