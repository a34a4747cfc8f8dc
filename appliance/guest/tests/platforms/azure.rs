//! Azure.

use std::net::Ipv4Addr;

use model::guest::FirstState;
use model::supervision::RoleState;

use crate::server::{Reply, Requests, serve, serve_in_order};
use crate::site::{Site, in_namespace, outcome};

const METADATA: Ipv4Addr = Ipv4Addr::new(169, 254, 169, 254);
const WIRE_SERVER: Ipv4Addr = Ipv4Addr::new(168, 63, 129, 16);
const GOAL_STATE: &str = include_str!("../../../platform/src/goal_state/samples/answer.xml");

fn site() -> Site {
    let site = Site::new();
    site.machine("Microsoft Corporation", "Virtual Machine");
    let tag = b"\x03\x09\0\0\0\0\0\0\x017783-7084-3265-9085-8269-3286-77\0\0";
    site.put("smbios/3-0", tag);
    site
}

/// The description of a machine with this user data, in base64.
fn instance(user_data: &str) -> String {
    format!(r#"{{"compute": {{"name": "m", "vmId": "x", "userData": "{user_data}"}}}}"#)
}

/// Waits for the last of so many requests.
async fn last(requests: &Requests, count: usize) -> crate::server::Asked {
    loop {
        let mut all = requests.all();
        if all.len() >= count {
            return all.remove(count - 1);
        }
        tokio::task::yield_now().await;
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
}

#[test]
fn user_data_are_taken_and_ready_is_reported_when_the_machine_serves() {
    in_namespace(|| async {
        // {"connector":{"name":"tokyo-1"}}
        let data = instance("eyJjb25uZWN0b3IiOnsibmFtZSI6InRva3lvLTEifX0=");
        let metadata = serve_in_order(METADATA, &[Reply::ok(data)]);
        let wire_server = serve_in_order(WIRE_SERVER, &[Reply::status(200)]);
        let site = site();
        site.around.init.send_modify(|init| init.roles[0].state = RoleState::Starting);
        assert_eq!(outcome(&mut site.start()).await, FirstState::Taken);
        let name = site.around.told().first.remove(0).host_name;
        assert_eq!(name.as_deref(), Some("tokyo-1"));
        assert_eq!(metadata.all()[0].header("metadata"), Some("true"));
        assert!(wire_server.all().is_empty(), "a role is still starting");
        site.around.init.send_modify(|init| init.roles[0].state = RoleState::Ready);
        let report = last(&wire_server, 1).await;
        assert_eq!(report.line, "POST /provisioning/health");
        assert_eq!(report.body, r#"{"state":"Ready"}"#);
    });
}

#[test]
fn settings_that_cannot_be_used_are_reported_as_a_failure() {
    in_namespace(|| async {
        // {"connector":{"nme":"x"}}
        serve_in_order(METADATA, &[Reply::ok(instance("eyJjb25uZWN0b3IiOnsibm1lIjoieCJ9fQ=="))]);
        let wire_server = serve_in_order(WIRE_SERVER, &[Reply::status(200)]);
        let state = outcome(&mut site().start()).await;
        assert!(matches!(state, FirstState::Refused { .. }), "{state:?}");
        let report = last(&wire_server, 1).await;
        assert!(report.body.contains("ProvisioningFailed"), "{}", report.body);
        assert!(report.body.contains("connector.nme"), "{}", report.body);
    });
}

#[test]
fn an_old_wire_server_hears_the_older_report() {
    in_namespace(|| async {
        serve_in_order(METADATA, &[Reply::ok(instance(""))]);
        let wire_server = serve(WIRE_SERVER, |asked, _| match asked.line.as_str() {
            "GET /machine/?comp=goalstate" => Reply::ok(GOAL_STATE),
            "POST /machine?comp=health" => Reply::status(200),
            _ => Reply::status(404),
        });
        assert_eq!(outcome(&mut site().start()).await, FirstState::None);
        let report = last(&wire_server, 3).await;
        assert!(report.body.contains("<State>Ready</State>"), "{}", report.body);
        assert!(report.body.contains("<GoalStateIncarnation>42<"), "{}", report.body);
    });
}

#[test]
fn an_answer_that_is_no_description_of_a_machine_is_refused() {
    for answer in ["", "<html/>", "{\"compute\": {\"name\": 5}}", "[[[[[[[["] {
        in_namespace(move || async move {
            serve_in_order(METADATA, &[Reply::ok(answer)]);
            let state = outcome(&mut site().start()).await;
            let FirstState::Refused { reason, .. } = state else { panic!("{state:?}") };
            assert!(reason.contains("no description of a machine"), "{reason}");
        });
    }
}
