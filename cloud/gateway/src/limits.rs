//! How long things may take, and how much of them there may be.

use std::time::Duration;

/// Until a connection has shaken hands and said what it wants.
pub(crate) const OPENING: Duration = Duration::from_secs(15);

/// Until a message is written; after that nobody reads.
pub(crate) const WRITING: Duration = Duration::from_secs(10);

/// Until an applicant answers whether it is there.
pub(crate) const ANSWER: Duration = Duration::from_secs(8);

/// Until a connector answers whether it is there while another machine claims to be it.
pub(crate) const CLONE_ANSWER: Duration = Duration::from_secs(4);

/// Between two looks at what other gateways did with a registration.
pub(crate) const LOOK: Duration = Duration::from_secs(2);

/// How long an applicant may take up registration again with one connection.
pub(crate) const REGISTRATION: Duration = Duration::from_secs(60 * 60);

/// Between two notes in the registry that connectors are there.
pub(crate) const CONTACT: Duration = Duration::from_secs(30);

/// Until the registry is told of connectors that have arrived.
pub(crate) const ARRIVALS: Duration = Duration::from_millis(500);

/// Connections of one connector; the oldest makes room.
pub(crate) const CONNECTIONS_OF_CONNECTOR: usize = 4;

/// Connections of a gateway, applicants included.
pub(crate) const CONNECTIONS: usize = 65_000;

/// Applicants of a gateway at once.
pub(crate) const APPLICANTS: usize = 10_000;

/// Codes that one source may ask for within [`CODES_SPAN`].
pub(crate) const CODES_OF_SOURCE: u32 = 20;

/// See [`CODES_OF_SOURCE`].
pub(crate) const CODES_SPAN: Duration = Duration::from_secs(15 * 60);

/// Sources whose codes are counted; when there are more, all of them share one count.
pub(crate) const SOURCES: usize = 10_000;

/// Requests of one resource location that may be on their way.
pub(crate) const REQUESTS_OF_LOCATION: u32 = 4_096;

/// Until a connector that had too much to do is asked again.
pub(crate) const BUSY_PAUSE: Duration = Duration::from_millis(50);

/// Longest body of an answer, in octets: a page of 500 objects has about half a million.
pub(crate) const BODY_BYTES: usize = 8 * 1024 * 1024;

/// What a question to another gateway may take beyond the time that the answer takes there.
pub(crate) const WAY: Duration = Duration::from_secs(2);
