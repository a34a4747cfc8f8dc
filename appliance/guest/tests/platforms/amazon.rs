//! Amazon EC2.

use std::net::Ipv4Addr;

use model::guest::{FirstSource, FirstState};

use crate::server::{Reply, serve, serve_in_order};
use crate::site::{Site, in_namespace, outcome};

const METADATA: Ipv4Addr = Ipv4Addr::new(169, 254, 169, 254);
const TOKEN: &str = "AQAEALH-k7i18JMkK";

fn site() -> Site {
    let site = Site::new();
    site.machine("Amazon EC2", "m5.large");
    site
}

#[test]
fn user_data_are_taken_with_a_token() {
    in_namespace(|| async {
        let requests = serve(METADATA, |asked, _| match asked.line.as_str() {
            "PUT /latest/api/token" => Reply::ok(TOKEN),
            "GET /latest/user-data" if asked.header("x-aws-ec2-metadata-token") == Some(TOKEN) => {
                Reply::ok("#connector\n{\"connector\": {\"name\": \"tokyo-1\"}}")
            }
            _ => Reply::status(401),
        });
        let site = site();
        let mut status = site.start();
        assert_eq!(outcome(&mut status).await, FirstState::Taken);
        let platform = status.borrow().as_ref().and_then(|it| it.platform.clone());
        assert_eq!(platform.as_deref(), Some("Amazon EC2"));
        let first = site.around.told().first.remove(0);
        assert_eq!(first.host_name.as_deref(), Some("tokyo-1"));
        assert_eq!(first.source, FirstSource::Metadata);
        assert_eq!(requests.all().len(), 2, "version 1 is never asked");
    });
}

#[test]
fn a_machine_without_user_data_and_one_whose_service_is_off_have_no_first_settings() {
    for replies in [
        vec![Reply::ok(TOKEN), Reply::status(404)],
        vec![Reply::status(403)],
        vec![Reply::ok(TOKEN), Reply::ok("")],
    ] {
        in_namespace(move || async move {
            serve_in_order(METADATA, &replies);
            let site = site();
            assert_eq!(outcome(&mut site.start()).await, FirstState::None);
            assert!(site.around.told().first.is_empty());
        });
    }
}

#[test]
fn a_service_that_is_not_up_yet_is_asked_again() {
    in_namespace(|| async {
        let document = "{\"connector\": {\"name\": \"a\"}}";
        let replies = [
            Reply::status(503),
            Reply::Noise,
            Reply::Cut,
            Reply::ok(TOKEN),
            Reply::status(500),
            Reply::ok(document),
        ];
        serve_in_order(METADATA, &replies);
        assert_eq!(outcome(&mut site().start()).await, FirstState::Taken);
    });
}

#[test]
fn redirects_are_not_followed() {
    in_namespace(|| async {
        let redirect = Reply::Answer(302, "Location: http://168.63.129.16/\r\n", Vec::new());
        serve_in_order(METADATA, &[Reply::ok(TOKEN), redirect]);
        let elsewhere = serve_in_order(Ipv4Addr::new(168, 63, 129, 16), &[Reply::ok("{}")]);
        let state = outcome(&mut site().start()).await;
        let FirstState::Unreachable { reason } = state else { panic!("{state:?}") };
        assert_eq!(reason, "169.254.169.254 answered with status 302");
        assert!(elsewhere.all().is_empty());
    });
}

#[test]
fn user_data_for_another_program_and_ten_megabytes_are_refused_by_name() {
    for (data, words) in [
        (b"#cloud-config\npassword: hunter2\n".to_vec(), "a cloud-init configuration"),
        (vec![b'x'; 10 << 20], "more than 262144 bytes"),
        (b"{\"connector\": {\"password\": \"hunter2\"}}".to_vec(), "connector.passwordHash"),
    ] {
        in_namespace(move || async move {
            serve_in_order(METADATA, &[Reply::ok(TOKEN), Reply::ok(data)]);
            let site = site();
            let state = outcome(&mut site.start()).await;
            let (FirstState::Refused { reason, .. } | FirstState::Unreachable { reason }) = &state
            else {
                panic!("{state:?}");
            };
            assert!(reason.contains(words) && !reason.contains("hunter2"), "{reason}");
            assert!(site.around.told().first.is_empty());
        });
    }
}
