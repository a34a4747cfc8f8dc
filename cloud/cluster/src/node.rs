//! What this crate wants of the node that it is part of.

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use crate::message::{Announced, Answer, Question};
use crate::transfer::Source;

/// An answer, with data that belong to it.
pub struct Answered {
    /// The answer; [`Answer::Done`] has its body in full. What `transfer` says does not count.
    pub answer: Answer,
    /// What the other node may fetch.
    pub data: Option<Box<dyn Source>>,
}

impl fmt::Debug for Answered {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Answered").field("answer", &self.answer).finish_non_exhaustive()
    }
}

impl From<Answer> for Answered {
    fn from(answer: Answer) -> Self {
        Self { answer, data: None }
    }
}

/// The future of an answer. It is dropped when the other node does not wait any more.
pub type Answering = Pin<Box<dyn Future<Output = Answered> + Send>>;

/// The node.
pub trait Node: Send + Sync + 'static {
    /// Connectors that are connected to it and take requests.
    fn connectors(&self) -> Vec<Announced>;

    /// Answers another node. Questions about data and about the cluster itself do not come here.
    fn answer(&self, question: Question) -> Answering;

    /// Connectors of other nodes came, changed or went.
    fn changed(&self);

    /// NATS is back; what other nodes said meanwhile is lost.
    fn returned(&self);
}
