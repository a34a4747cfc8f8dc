//! How long things may take, and how large they may be.

use std::time::Duration;

/// Between two announcements of a node to which nothing happens.
pub(crate) const HEARTBEAT: Duration = Duration::from_secs(1);

/// After this long without an announcement a node counts as gone. With the time until the next look it
/// is below the 5 s within which requests of a connector that was lost move to another one.
pub(crate) const SILENCE: Duration = Duration::from_millis(3_500);

/// Changes within this time are announced together.
pub(crate) const GATHERING: Duration = Duration::from_millis(50);

/// Between two looks for nodes that are silent and data that nobody fetches.
pub(crate) const LOOK: Duration = Duration::from_millis(500);

/// Until a node that has not told all of its connectors is asked again.
pub(crate) const REPEAT: Duration = Duration::from_secs(3);

/// Most octets of the connectors in one announcement.
pub(crate) const ANNOUNCEMENT_BYTES: usize = 128 * 1024;

/// Longest body that is part of an answer, in octets; a longer one is fetched in pieces.
pub(crate) const INLINE_BYTES: usize = 128 * 1024;

/// Octets of a piece of data, as in a frame between appliance and cloud.
pub const PIECE_BYTES: usize = 64 * 1024;

/// Longest body of an answer, in octets, as between appliance and gateway.
pub(crate) const BODY_BYTES: usize = 8 * 1024 * 1024;

/// What a NATS server must take as one message, in octets; its default is four times that.
pub(crate) const NATS_PAYLOAD: usize = 256 * 1024;

/// Until a node that has nothing to hand on says so, where the source may pause; less than [`PIECE`].
pub(crate) const PAUSE: Duration = Duration::from_secs(20);

/// How long a client may read nothing of data that may pause.
pub(crate) const STANDSTILL: Duration = Duration::from_secs(protocol::web::IDLE_SECONDS);

/// Until the next piece of data; after that they count as cut off.
pub(crate) const PIECE: Duration = Duration::from_secs(30);

/// Questions that a node works on at once; it answers the others that it is busy.
pub(crate) const QUESTIONS: usize = 8_192;

/// Data that wait for being fetched at once.
pub(crate) const TRANSFERS: usize = 1_024;

/// Until the questions that are being answered are cut off when a node stops.
pub(crate) const LEAVING: Duration = Duration::from_secs(5);
