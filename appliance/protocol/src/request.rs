//! Requests of the cloud: one stream each.
//!
//! The cloud opens a stream and sends a [`Request`], then the data of the request if it has some. The
//! appliance sends an [`Answer`], then the data of the answer if it has some. What is no
//! request it answers with [`FailureKind::Invalid`], an operation that it does not know with
//! [`FailureKind::Unsupported`]. A body that is longer than a message is null, and its JSON follows as
//! data. Either side ends early by resetting the stream;
//! data without an `end` frame are not complete.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use thiserror::Error;

use model::domain::lookup::Lookup;

use crate::web::WebRequest;

/// Longest time that a request may be given, in milliseconds: five minutes.
pub const MAX_DEADLINE_MILLIS: u32 = 5 * 60 * 1000;

/// Something that an appliance should do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Request {
    /// Identifier, the same in all attempts.
    pub id: String,
    /// Milliseconds that are left; what is not done by then is of no use to anybody. A duration,
    /// because clocks may be wrong.
    pub deadline_millis: u32,
    /// How often it has been sent before.
    pub attempt: u32,
    /// What may happen when it is sent twice.
    pub safety: Safety,
    /// What to do.
    pub operation: Operation,
}

/// What may happen when a request is carried out twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Safety {
    /// It changes nothing.
    Safe,
    /// The second time changes nothing more.
    Idempotent,
    /// It must not be carried out twice: both sides keep a journal.
    Once,
}

impl Safety {
    /// Whether another appliance may be asked when it is not known what became of it.
    #[must_use]
    pub fn may_repeat(self) -> bool {
        match self {
            Self::Safe | Self::Idempotent => true,
            Self::Once => false,
        }
    }
}

/// What an appliance can be asked to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Operation {
    /// Its state in full.
    Health,
    /// The prechecks, run anew.
    Prechecks,
    /// The diagnostic report; the answer has data, a zip file.
    Report,
    /// Objects of a directory.
    Lookup(Lookup),
    /// What became of a request with [`Safety::Once`].
    Outcome {
        /// Identifier of that request.
        of: String,
    },
    /// A request to a web server inside, which is relayed ([`crate::web`]); request and answer have data.
    Web(WebRequest),
}

impl Operation {
    /// What may happen when it is carried out twice.
    #[must_use]
    pub fn safety(&self) -> Safety {
        match self {
            Self::Health | Self::Prechecks | Self::Report | Self::Lookup(_) => Safety::Safe,
            Self::Outcome { .. } => Safety::Safe,
            Self::Web(request) if request.may_repeat() => Safety::Safe,
            Self::Web(_) => Safety::Once,
        }
    }
}

/// The first message of an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Answer {
    /// Done.
    Done {
        /// What the operation gives.
        body: Value,
        /// Whether data follow.
        has_data: bool,
    },
    /// Not done.
    Failed(Failure),
}

/// Why a request was not carried out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Error)]
#[error("{detail}")]
#[serde(rename_all = "camelCase")]
pub struct Failure {
    /// For programs.
    pub kind: FailureKind,
    /// For people, in English; never a secret.
    pub detail: String,
}

/// Kinds of failures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum FailureKind {
    /// The request makes no sense; it will not anywhere else.
    Invalid,
    /// This version cannot do it; another appliance may.
    Unsupported,
    /// The appliance has too much to do; another one may have less.
    Busy,
    /// What is needed is not within reach of this appliance, such as a domain that it has not joined.
    Unreachable,
    /// There is no such thing.
    NotFound,
    /// It was not done in time.
    Deadline,
    /// It is not known whether it was carried out.
    Unknown,
    /// The other side refused.
    Refused,
    /// Something went wrong in the appliance; its log says what.
    Internal,
}

impl FailureKind {
    /// Whether another appliance of the resource location may do better.
    #[must_use]
    pub fn may_differ_elsewhere(self) -> bool {
        match self {
            Self::Unsupported | Self::Busy | Self::Unreachable | Self::Internal => true,
            Self::Invalid | Self::NotFound | Self::Deadline | Self::Unknown | Self::Refused => {
                false
            }
        }
    }
}
