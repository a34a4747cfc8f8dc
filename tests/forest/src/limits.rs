//! How long things may take; far more than they do.

use std::time::Duration;

/// Pause between two looks.
pub(crate) const POLL_INTERVAL: Duration = Duration::from_millis(20);

/// Pause between two looks that start a program each.
pub(crate) const SEARCH_INTERVAL: Duration = Duration::from_millis(250);

/// Until a controller that was started answers.
pub(crate) const START: Duration = Duration::from_secs(60);

/// Until processes that were asked to end have ended.
pub(crate) const FAREWELL: Duration = Duration::from_secs(10);

/// Until an answer to one question arrives.
pub(crate) const ANSWER: Duration = Duration::from_secs(2);

/// Until what was written on one controller is on another.
pub(crate) const REPLICATION: Duration = Duration::from_secs(180);

/// Until a controller is asked again to replicate.
pub(crate) const REPLICATION_TURN: Duration = Duration::from_secs(20);
