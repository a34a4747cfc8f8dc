//! Several nodes of one control plane.
//!
//! Nodes meet at NATS (core: nothing is stored there). Each [announces](Announced) which connectors are
//! connected to it, and answers [questions](Question) of the others, above all requests for these
//! connectors. What happens to a request whose node dies, and which connector gets it, is decided by the
//! gateway that has the request; this crate tells it that the node is gone: at once when NATS says so,
//! or after 3.5 s of silence.
//!
//! Without NATS each node goes on with the connectors that it has itself. `docs/scale.md` describes the
//! messages.

#![forbid(unsafe_code)]

mod address;
mod announce;
mod answer;
mod cluster;
mod fetch;
mod limits;
mod message;
mod node;
mod outline;
mod table;
mod transfer;

pub use address::{Address, AddressError};
pub use cluster::{Cluster, ClusterError, Unanswered};
pub use fetch::{Fetch, FetchError, Offer};
pub use limits::PIECE_BYTES;
pub use message::{Announced, Answer, Origin, Question, Upload, VERSION};
pub use node::{Answered, Answering, Node};
pub use table::{InFlight, Remote};
pub use transfer::{Next, Piece, Source};
