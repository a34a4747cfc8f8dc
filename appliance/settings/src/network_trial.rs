//! How far a trial of new network settings is.

use model::settings::{TRIAL_SECONDS, TrialPhase};

use crate::moment::Moment;

/// How long the restart may be in coming, in seconds, before the change is dropped: one that did not
/// come must not surprise anybody weeks later.
const RESTART_LIMIT_SECONDS: u64 = 60;
/// How long the network may take to come up, in seconds, before the time to confirm begins all the
/// same. With settings that do not work it never comes up.
const START_LIMIT_SECONDS: u64 = 60;

/// A phase and when it ends at the latest, in milliseconds of running time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Stored; the previous values are in use until the restart.
    AwaitsRestart { until: u64 },
    /// In use; the network is not up yet.
    Starting { until: u64 },
    /// In use; may be confirmed until then.
    Running { until: u64 },
}

impl Phase {
    /// The phase of a trial that has just been stored.
    pub(crate) const fn stored(now: Moment) -> Self {
        Self::AwaitsRestart { until: now.uptime_ms_in(RESTART_LIMIT_SECONDS) }
    }

    /// The phase of a trial that a start finds. However long it was running before, it starts anew:
    /// nobody has confirmed it.
    pub(crate) const fn started(now: Moment) -> Self {
        Self::Starting { until: now.uptime_ms_in(START_LIMIT_SECONDS) }
    }

    /// The phase in which the operator can confirm.
    pub(crate) const fn running(now: Moment) -> Self {
        Self::Running { until: now.uptime_ms_in(TRIAL_SECONDS) }
    }

    /// When it ends, in milliseconds of running time.
    pub(crate) const fn until(self) -> u64 {
        match self {
            Self::AwaitsRestart { until } | Self::Starting { until } | Self::Running { until } => {
                until
            }
        }
    }

    /// What is said of it.
    pub(crate) const fn status(self) -> TrialPhase {
        match self {
            Self::AwaitsRestart { .. } => TrialPhase::AwaitsRestart,
            Self::Starting { .. } => TrialPhase::Starting,
            Self::Running { until } => TrialPhase::Running { ends_at_uptime_ms: until },
        }
    }
}
