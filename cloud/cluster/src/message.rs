//! What nodes say to each other, in JSON.
//!
//! A member that a reader does not know is passed over; a question that it does not know it answers with
//! [`Answer::Unsupported`], so that nodes of two releases work beside each other.

use protocol::control::About;
use protocol::request::{Failure, Request};
use protocol::web::WebAnswer;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Version of these messages. It is part of every subject, so that nodes of another version neither hear
/// nor disturb each other.
pub const VERSION: u32 = 1;

/// The subject of the announcements of all nodes.
pub(crate) fn announcements() -> String {
    format!("connector.v{VERSION}.announce")
}

/// The subject of questions to one node.
pub(crate) fn questions(node: &str) -> String {
    format!("connector.v{VERSION}.node.{node}")
}

/// Which connectors a node has. Said every second, and whenever something changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Announcement {
    /// The node: random text of its start.
    pub(crate) node: String,
    /// Its name, for people.
    pub(crate) name: String,
    /// One more each time.
    pub(crate) sequence: u64,
    /// How many connectors it has, this announcement included.
    pub(crate) count: usize,
    /// Whether it stops, and answers nothing any more.
    #[serde(default)]
    pub(crate) is_leaving: bool,
    /// Connectors that came or changed.
    #[serde(default)]
    pub(crate) connectors: Vec<Announced>,
    /// Identifiers of connectors that went.
    #[serde(default)]
    pub(crate) gone: Vec<String>,
}

/// A connector that is connected to a node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Announced {
    /// Identifier of the customer.
    pub tenant: String,
    /// Identifier of the resource location.
    pub location: String,
    /// Identifier of the connector.
    pub connector: String,
    /// Requests that it takes at once.
    pub capacity: u32,
    /// Requests that the node waits for, roughly.
    pub in_flight: u32,
    /// Typical time until it answers, in microseconds, roughly; 0 = it was not asked anything yet.
    pub latency_micros: u64,
    /// How busy it is, in percent, roughly.
    pub load_percent: u8,
    /// Its own addresses.
    #[serde(default)]
    pub addresses: Vec<String>,
    /// DNS names of the domains that it has joined.
    #[serde(default)]
    pub domains: Vec<String>,
    /// Its connections to the node, the oldest first.
    #[serde(default)]
    pub connections: Vec<Origin>,
}

/// Where a connection comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Origin {
    /// Since when it is there, in seconds since 1970.
    pub since: i64,
    /// The address that it comes from.
    pub source: String,
}

/// A question to a node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Envelope {
    /// The node that asks.
    pub(crate) from: String,
    /// Identifier of this question, for [`Question::Cancel`].
    pub(crate) id: String,
    /// The question.
    pub(crate) question: Question,
}

/// What a node can be asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Question {
    /// Give a request to a connector, once.
    Request {
        /// Identifier of the customer.
        tenant: String,
        /// Identifier of the resource location.
        location: String,
        /// Identifier of the connector.
        connector: String,
        /// The request, with what is left of its time.
        request: Request,
    },
    /// Relay a request to a web server through a connector.
    Relay {
        /// Identifier of the customer.
        tenant: String,
        /// Identifier of the resource location.
        location: String,
        /// Identifier of the connector.
        connector: String,
        /// The request; its time is that until the server is reached, and then from the last octet of its
        /// body until the header of the answer.
        request: Request,
        /// Its body, or what follows an upgrade in the direction of the server.
        #[serde(default)]
        upload: Option<Upload>,
    },
    /// Whether the appliance that waits for a registration answers.
    AreYouThere {
        /// Identifier of the registration.
        registration: String,
    },
    /// A registration was decided: tell the appliance, if it is there.
    Look {
        /// Identifier of the registration.
        registration: String,
    },
    /// A connector was removed: end its connections.
    Forget {
        /// Identifier of the customer.
        tenant: String,
        /// Identifier of the resource location.
        location: String,
        /// Identifier of the connector.
        connector: String,
    },
    /// Whether another machine with a key is connected and alive. It is told about this one.
    Twin {
        /// Identifier of the customer.
        tenant: String,
        /// Identifier of the resource location.
        location: String,
        /// Fingerprint of the key in base64.
        key: String,
        /// Text of this start of the machine that asks for admission.
        instance: String,
        /// What that machine tells about itself.
        about: About,
    },
    /// The next piece of data that belong to an answer or a question. It is answered with octets, see
    /// [`Piece`](crate::transfer::Piece).
    Pull {
        /// Identifier of the data.
        transfer: String,
    },
    /// Announce every connector again.
    Repeat,
    /// Nobody waits for the answer to a question any more.
    Cancel {
        /// Identifier of that question.
        id: String,
    },
}

/// Data that the node that asks keeps for the one that is asked, which fetches them by [`Question::Pull`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Upload {
    /// The node that asks.
    pub(crate) node: String,
    /// Identifier of the data.
    pub(crate) transfer: String,
}

/// What a node answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Answer {
    /// The connector has carried the request out.
    Done {
        /// What the operation gives; null if it comes as data because of its length.
        body: Value,
        /// Data that are fetched by [`Question::Pull`].
        #[serde(default)]
        transfer: Option<String>,
        /// Whether these data are the body, in JSON.
        #[serde(default)]
        is_body: bool,
    },
    /// The web server has answered.
    Relayed {
        /// The header of its answer.
        answer: WebAnswer,
        /// What follows, which is fetched by [`Question::Pull`].
        transfer: String,
    },
    /// The connector has not.
    Failed(Failure),
    /// The connector was lost before its answer.
    Lost,
    /// The connector did not answer in time.
    Late,
    /// The connector is not connected to this node; it did not get the request.
    NotHere,
    /// Yes, or done.
    Yes,
    /// No, or not here.
    No,
    /// The node is too old for the question.
    Unsupported,
    /// The question was cancelled.
    Cancelled,
}
