//! Google Compute Engine.

use std::net::Ipv4Addr;

use model::guest::FirstState;

use crate::server::{Reply, serve};
use crate::site::{Site, in_namespace, outcome, until};

const METADATA: Ipv4Addr = Ipv4Addr::new(169, 254, 169, 254);
const FLAVOR: &str = "Metadata-Flavor: Google\r\n";

fn site() -> Site {
    let site = Site::new();
    site.machine("Google", "Google Compute Engine");
    site
}

#[test]
fn the_attribute_is_taken_and_the_state_is_written() {
    in_namespace(|| async {
        let document = b"{\"connector\": {\"name\": \"tokyo-1\"}}".to_vec();
        let requests = serve(METADATA, move |asked, _| match asked.line.as_str() {
            _ if asked.header("metadata-flavor") != Some("Google") => Reply::status(403),
            "GET /computeMetadata/v1/instance/attributes/connector" => {
                Reply::Answer(200, FLAVOR, document.clone())
            }
            "PUT /computeMetadata/v1/instance/guest-attributes/connector/state" => {
                Reply::Answer(200, FLAVOR, Vec::new())
            }
            _ => Reply::status(404),
        });
        let site = site();
        assert_eq!(outcome(&mut site.start()).await, FirstState::Taken);
        let name = site.around.told().first.remove(0).host_name;
        assert_eq!(name.as_deref(), Some("tokyo-1"));
        loop {
            if let Some(written) = requests.all().into_iter().find(|it| it.line.starts_with("PUT"))
            {
                assert_eq!(written.body, "ready");
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    });
}

#[test]
fn whoever_else_answers_at_the_address_is_not_believed() {
    in_namespace(|| async {
        serve(METADATA, |_, _| Reply::ok("{\"connector\": {\"name\": \"evil\"}}"));
        let site = site();
        let mut status = site.start();
        let state = until(&mut status, |state| *state != FirstState::Looking).await;
        assert!(matches!(state, FirstState::Unreachable { .. }), "{state:?}");
        assert!(site.around.told().first.is_empty());
    });
}
