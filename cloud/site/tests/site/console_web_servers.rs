//! The page of the web servers of a location.

use registry::{Change, MAX_WEB_SERVERS};

use crate::bench::Bench;
use crate::console_pages::signed_in;

const PATH: &str = "/console/resource-locations/web-servers";
const WIKI: &str = "https://wiki.example.com";

database::on_both! {
    async fn web_servers_are_listed_added_and_removed(database: &Database) {
        let bench = Bench::new(database).await;
        let owner = bench.customer("Owner").await;
        let location = bench.connector(&owner.tenant, "there").await.location;
        let mut browser = signed_in(&bench, &owner).await;
        let page = browser.get("/console/resource-locations").await.text;
        assert!(page.contains(&format!("{PATH}?id={location}")), "a way to it: {page}");
        let page = browser.get(&format!("{PATH}?id={location}")).await;
        assert_eq!(page.status, 200);
        assert!(page.text.contains("No web server is listed."), "{}", page.text);
        let fields = [("id", location.as_str()), ("name", " Wiki "), ("address", "HTTPS://Wiki.Example.com/")];
        let page = browser.post(&format!("{PATH}/add"), &fields).await;
        assert_eq!(page.status, 200, "{}", page.text);
        let made = owner.tenant.web_servers(&location).await.unwrap().remove(0);
        assert_eq!((made.name.as_str(), made.address.to_string()), ("Wiki", format!("{WIKI}:443")));
        let path = format!("/resourcelocations/{location}/web/{}/", made.id);
        for shown in ["Wiki is added", "https://wiki.example.com:443", path.as_str()] {
            assert!(page.text.contains(shown), "{shown}: {}", page.text);
        }
        let relayed = bench.get(&owner.token, &path).await;
        assert_eq!(relayed.status, 200, "requests reach it: {relayed:?}");
        let question = browser.get(&format!("{PATH}/remove?id={location}&server={}", made.id)).await;
        assert!(question.text.contains("Remove Wiki from at there?"), "{}", question.text);
        let fields = [("id", location.as_str()), ("server", made.id.as_str())];
        let page = browser.post(&format!("{PATH}/remove"), &fields).await;
        assert_eq!(page.status, 200, "{}", page.text);
        assert!(page.text.contains("Wiki is removed.") && page.text.contains("No web server is listed."));
        assert!(owner.tenant.web_servers(&location).await.unwrap().is_empty());
        assert_eq!(bench.get(&owner.token, &path).await.status, 404, "at once on this node");
        assert_eq!(browser.post(&format!("{PATH}/remove"), &fields).await.status, 404, "gone");
    }

    async fn wrong_web_servers_are_explained_and_kept_in_the_form(database: &Database) {
        let bench = Bench::new(database).await;
        let owner = bench.customer("Owner").await;
        let location = bench.connector(&owner.tenant, "there").await.location;
        let change = Change::by_system(bench.now());
        owner.tenant.add_web_server(&location, "Taken", WIKI, &change).await.unwrap();
        let mut browser = signed_in(&bench, &owner).await;
        browser.get(&format!("{PATH}?id={location}")).await;
        let long = "x".repeat(65);
        for (name, address, field, words) in [
            ("", WIKI, "name", "Type a name."),
            (long.as_str(), WIKI, "name", "more than 64 characters"),
            ("a/b", WIKI, "name", "which is not allowed"),
            ("taken", WIKI, "name", "Choose another one."),
            ("Wiki", "", "address", "begins with http:// or https://"),
            ("Wiki", "wiki.example.com", "address", "begins with http:// or https://"),
            ("Wiki", "https://me:secret@wiki.example.com", "address", "user name and password out"),
            ("Wiki", "https://wiki.example.com/start", "address", "Leave out what comes after"),
            ("Wiki", "https://[::1]", "address", "a DNS name or an IPv4 address"),
            ("Wiki", "https://wiki.example.com:0", "address", "from 1 to 65535"),
            ("Wiki", "http://127.0.0.1", "address", "leads to the appliance itself"),
            ("Wiki", "http://169.254.169.254", "address", "platform that the appliance runs on"),
            ("Wiki", "http://255.255.255.255", "address", "belongs to no single machine"),
        ] {
            let fields = [("id", location.as_str()), ("name", name), ("address", address)];
            let page = browser.post(&format!("{PATH}/add"), &fields).await;
            assert_eq!(page.status, 422, "{name} {address}: {}", page.text);
            let alert = page.text.split("role=\"alert\"").nth(1).unwrap();
            assert!(alert.contains(words), "{name} {address}: {alert}");
            assert!(alert.contains(&format!("href=\"#{field}\"")), "{name} {address}: {alert}");
            for kept in [name, address] {
                assert!(page.text.contains(&format!("value=\"{kept}\"")), "{kept}: {}", page.text);
            }
        }
        assert_eq!(owner.tenant.web_servers(&location).await.unwrap().len(), 1);
        let fields = [("id", "nowhere"), ("name", "Wiki"), ("address", WIKI)];
        assert_eq!(browser.post(&format!("{PATH}/add"), &fields).await.status, 404);
    }

    async fn a_full_list_has_no_form_and_says_why(database: &Database) {
        let bench = Bench::new(database).await;
        let owner = bench.customer("Owner").await;
        let location = bench.connector(&owner.tenant, "there").await.location;
        let change = Change::by_system(bench.now());
        for number in 0..MAX_WEB_SERVERS {
            owner.tenant.add_web_server(&location, &format!("s{number}"), WIKI, &change).await.unwrap();
        }
        let mut browser = signed_in(&bench, &owner).await;
        let page = browser.get(&format!("{PATH}?id={location}")).await.text;
        assert!(page.contains("which is the limit") && !page.contains(&format!("{PATH}/add")), "{page}");
        let fields = [("id", location.as_str()), ("name", "one more"), ("address", WIKI)];
        let page = browser.post(&format!("{PATH}/add"), &fields).await;
        assert_eq!(page.status, 422);
        assert!(page.text.contains("Remove one first."), "{}", page.text);
    }
}
