//! Azure's wire server: what it wants a machine to be, and the report that the machine is.
//!
//! A machine whose agent does not report ready within about 20 minutes counts as failed. There are two
//! ways to report; both are here, since the newer one is not everywhere:
//!
//! 1. `POST /provisioning/health` with JSON, without anything before it (azure-init does this);
//! 2. `GET /machine/?comp=goalstate`, then `POST /machine?comp=health` with the identifiers out of it.
//!
//! Sources: MicrosoftDocs `linux/no-agent.md`, azure-init (MIT), afterburn (Apache-2.0).

use serde_json::json;

use crate::request::{Method, Request, RetryRule, WIRE_SERVER};
use crate::xml::{self, XmlError};

/// Longest goal state that is read, in bytes.
pub const MAX_GOAL_STATE_BYTES: usize = 256 * 1024;
/// Longest description of a failure, in bytes; the portal shows the beginning only.
const MAX_DESCRIPTION_BYTES: usize = 512;
/// Longest identifier, in bytes. They are UUIDs with a name behind them.
const MAX_IDENTIFIER_BYTES: usize = 256;
/// How the appliance calls itself.
const AGENT: &str = "connector-appliance";
/// Version of the protocol; the oldest that Azure Stack speaks as well.
const VERSION: &str = "2012-11-30";

/// When a request to the wire server is sent again: for 20 minutes, after which Azure has given up.
/// Addresses change while a machine is moved, therefore 404 and 410.
pub const RETRY: RetryRule = RetryRule {
    attempt_ms: 30_000,
    first_pause_ms: 1_000,
    longest_pause_ms: 15_000,
    deadline_ms: 20 * 60 * 1_000,
    retried: &[404, 408, 410, 429, 500, 502, 503, 504],
    absent: &[],
};

/// What a report is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GoalState {
    /// Grows when the host wants something else.
    pub incarnation: u64,
    /// Identifier of the container.
    pub container: String,
    /// Identifier of the machine in it.
    pub instance: String,
}

impl GoalState {
    /// Reads the answer to [`goal_state_request`].
    ///
    /// # Errors
    ///
    /// [`XmlError`] when it is no goal state, or lacks what a report needs.
    pub fn parse(bytes: &[u8]) -> Result<Self, XmlError> {
        let document = xml::parse(xml::text(bytes, MAX_GOAL_STATE_BYTES)?, "GoalState")?;
        let root = document.root_element();
        let container = xml::child(root, "Container")?;
        let roles = xml::child(container, "RoleInstanceList")?;
        let role = xml::child(roles, "RoleInstance")?;
        let incarnation = content(root, "Incarnation")?.parse();
        Ok(Self {
            incarnation: incarnation.map_err(|_| XmlError::Missing { element: "Incarnation" })?,
            container: identifier(container, "ContainerId")?,
            instance: identifier(role, "InstanceId")?,
        })
    }
}

fn content<'a>(node: roxmltree::Node<'a, '_>, element: &'static str) -> Result<&'a str, XmlError> {
    let text = xml::child(node, element)?.text().unwrap_or_default().trim();
    if text.is_empty() { Err(XmlError::Missing { element }) } else { Ok(text) }
}

fn identifier(node: roxmltree::Node<'_, '_>, element: &'static str) -> Result<String, XmlError> {
    let text = content(node, element)?;
    let is_identifier =
        text.len() <= MAX_IDENTIFIER_BYTES && text.bytes().all(|byte| byte.is_ascii_graphic());
    if is_identifier { Ok(text.to_owned()) } else { Err(XmlError::Missing { element }) }
}

/// What is reported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Health {
    /// The machine serves.
    Ready,
    /// It is still starting.
    Starting {
        /// How far it is.
        description: String,
    },
    /// It will not serve.
    Failed {
        /// Why, for the person who reads the portal.
        description: String,
    },
}

impl Health {
    const fn state(&self) -> &'static str {
        match self {
            Self::Ready => "Ready",
            Self::Starting { .. } | Self::Failed { .. } => "NotReady",
        }
    }

    /// Sub-status and description; none for a machine that is ready.
    fn details(&self) -> Option<(&'static str, &str)> {
        match self {
            Self::Ready => None,
            Self::Starting { description } => Some(("Provisioning", shortened(description))),
            Self::Failed { description } => Some(("ProvisioningFailed", shortened(description))),
        }
    }

    /// The body of the newer report.
    fn json(&self) -> String {
        let report = match self.details() {
            None => json!({"state": self.state()}),
            Some((status, description)) => json!({
                "state": self.state(),
                "details": {"subStatus": status, "description": description},
            }),
        };
        report.to_string()
    }

    /// The body of the older report.
    fn xml(&self, goal: &GoalState) -> String {
        let details = self.details().map_or_else(String::new, |(status, description)| {
            let description = xml::escape(description);
            format!(
                "<Details><SubStatus>{status}</SubStatus>\
                 <Description>{description}</Description></Details>"
            )
        });
        format!(
            "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n\
             <Health xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" \
             xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\">\
             <GoalStateIncarnation>{}</GoalStateIncarnation>\
             <Container><ContainerId>{}</ContainerId><RoleInstanceList><Role>\
             <InstanceId>{}</InstanceId><Health><State>{}</State>{details}</Health>\
             </Role></RoleInstanceList></Container></Health>",
            goal.incarnation,
            xml::escape(&goal.container),
            xml::escape(&goal.instance),
            self.state(),
        )
    }
}

fn shortened(text: &str) -> &str {
    let mut end = text.len().min(MAX_DESCRIPTION_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// Asks for the goal state.
#[must_use]
pub fn goal_state_request() -> Request {
    Request::new(Method::Get, WIRE_SERVER, "/machine/?comp=goalstate")
        .header("x-ms-version", VERSION)
        .header("x-ms-agent-name", AGENT)
}

/// Reports health the older way.
#[must_use]
pub fn health_request(goal: &GoalState, health: &Health) -> Request {
    Request::new(Method::Post, WIRE_SERVER, "/machine?comp=health")
        .header("x-ms-version", VERSION)
        .header("x-ms-agent-name", AGENT)
        .header("Content-Type", "text/xml; charset=utf-8")
        .body(health.xml(goal))
}

/// Reports health the newer way.
#[must_use]
pub fn provisioning_request(health: &Health) -> Request {
    Request::new(Method::Post, WIRE_SERVER, "/provisioning/health")
        .header("x-ms-guest-agent-name", AGENT)
        .header("Content-Type", "application/json")
        .body(health.json())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;
    use crate::request::{Attempt, Next};

    /// After the answers that afterburn and azure-init test with.
    const ANSWER: &str = include_str!("goal_state/samples/answer.xml");

    fn goal() -> GoalState {
        GoalState::parse(ANSWER.as_bytes()).unwrap()
    }

    #[test]
    fn reads_what_a_report_needs() {
        let goal = goal();
        assert_eq!(goal.incarnation, 42);
        assert_eq!(goal.container, "a511aa6d-29e7-4f53-8788-55655dfe848f");
        assert_eq!(goal.instance, "f6cd1d7ef1644557b9059345e5ba890c._connector-1");
    }

    #[test]
    fn a_goal_state_without_its_parts_names_the_missing_one() {
        for (part, element) in [
            ("<Incarnation>42</Incarnation>", "Incarnation"),
            ("<ContainerId>a511aa6d-29e7-4f53-8788-55655dfe848f</ContainerId>", "ContainerId"),
            (
                "<InstanceId>f6cd1d7ef1644557b9059345e5ba890c._connector-1</InstanceId>",
                "InstanceId",
            ),
        ] {
            let cut = ANSWER.replace(part, "");
            assert_ne!(cut, ANSWER);
            assert_eq!(GoalState::parse(cut.as_bytes()), Err(XmlError::Missing { element }));
            let wrong = ANSWER.replace(part, &format!("<{element}>a b</{element}>"));
            assert_eq!(GoalState::parse(wrong.as_bytes()), Err(XmlError::Missing { element }));
        }
        assert!(GoalState::parse(b"<html/>").is_err());
    }

    #[test]
    fn reports_ready_as_documented() {
        let request = health_request(&goal(), &Health::Ready);
        let body = String::from_utf8(request.body).unwrap();
        assert!(body.contains("<GoalStateIncarnation>42</GoalStateIncarnation>"), "{body}");
        assert!(body.contains("<Health><State>Ready</State></Health></Role>"), "{body}");
        assert_eq!((request.path.as_str(), request.method), ("/machine?comp=health", Method::Post));
        let request = provisioning_request(&Health::Ready);
        assert_eq!(request.body, br#"{"state":"Ready"}"#);
        assert_eq!(request.path, "/provisioning/health");
    }

    #[test]
    fn a_failure_is_described_and_escaped() {
        let description = "</Description><State>Ready</State> \"a\" & 東京\u{0}".to_owned();
        let health = Health::Failed { description: description.clone() };
        let body = String::from_utf8(health_request(&goal(), &health).body).unwrap();
        let document = roxmltree::Document::parse(&body).unwrap();
        let find = |name: &str| {
            let mut found = document.descendants().filter(|node| node.tag_name().name() == name);
            let text = found.next().and_then(|node| node.text()).unwrap_or_default().to_owned();
            assert!(found.next().is_none(), "{name} once");
            text
        };
        assert_eq!(find("Description"), description.trim_end_matches('\0'));
        assert_eq!(
            (find("State"), find("SubStatus")),
            ("NotReady".into(), "ProvisioningFailed".into())
        );
        let json: Value = serde_json::from_slice(&provisioning_request(&health).body).unwrap();
        assert_eq!(json["details"]["description"], description);
        assert_eq!(json["details"]["subStatus"], "ProvisioningFailed");
        let starting = Health::Starting { description: "ü".repeat(400) };
        let json: Value = serde_json::from_slice(&provisioning_request(&starting).body).unwrap();
        assert_eq!(json["details"]["description"].as_str().unwrap().len(), MAX_DESCRIPTION_BYTES);
    }

    #[test]
    fn reports_for_twenty_minutes_and_not_after_a_refusal() {
        assert_eq!(RETRY.next(Attempt::Status(503), 30, 1_180_000), Next::Wait(15_000));
        assert_eq!(RETRY.next(Attempt::NoAnswer, 30, 1_190_000), Next::GiveUp);
        assert_eq!(RETRY.next(Attempt::Status(400), 0, 0), Next::GiveUp);
        assert_eq!(RETRY.next(Attempt::Status(500), 1, 2_000), Next::Wait(2_000));
    }

    proptest! {
        #[test]
        fn every_description_gives_well_formed_reports(description in any::<String>()) {
            let health = Health::Failed { description };
            let body = String::from_utf8(health_request(&goal(), &health).body).unwrap();
            prop_assert!(roxmltree::Document::parse(&body).is_ok());
            let body = provisioning_request(&health).body;
            prop_assert!(serde_json::from_slice::<Value>(&body).is_ok());
        }

        #[test]
        fn a_changed_answer_is_read_or_refused(at in 0..2000_usize, byte: u8) {
            let mut changed = ANSWER.as_bytes().to_vec();
            let at = at % changed.len();
            changed[at] = byte;
            let _ = GoalState::parse(&changed);
            let _ = GoalState::parse(&ANSWER.as_bytes()[..at]);
        }
    }
}
