//! Network settings on trial.
//!
//! The settings file holds the confirmed values and, beside them, those on trial. A trial takes
//! effect with the restart that every network change takes, and again with every further start
//! until somebody confirms it or its time is over: a power cut makes nothing permanent.

use bus::SettingsResponse;
use model::network::{MAX_SERVERS, NetworkSettings};
use model::settings::{NetworkChoice, NetworkReverted, NetworkTrial, RevertReason, Settings};
use tracing::info;

use super::{Store, done, failed};
use crate::moment::Moment;
use crate::network_trial::Phase;

/// Longest host name in bytes (RFC 1123, 2.1).
const MAX_HOST_NAME_BYTES: usize = 255;
const UNFIT: &str = "the network settings have too many or too long names of servers";

impl Store {
    /// Stores network settings on trial. Those in use stay in use until the restart.
    pub(crate) fn try_network(&mut self, tried: NetworkChoice, now: Moment) -> SettingsResponse {
        if !fits(&tried) {
            return failed(UNFIT);
        }
        let previous = self.settings.confirmed_network();
        let wanted = Settings {
            network_trial: Some(NetworkTrial { tried, previous, saved: now.unix_seconds }),
            network_reverted: None,
            ..self.settings.clone()
        };
        done(self.store_settings(wanted).map(|()| self.phase = Some(Phase::stored(now))))
    }

    /// Keeps what is on trial.
    pub(crate) fn confirm_network(&mut self) -> SettingsResponse {
        match self.phase {
            None | Some(Phase::AwaitsRestart { .. }) => return SettingsResponse::Conflict,
            Some(Phase::Starting { .. } | Phase::Running { .. }) => {}
        }
        let wanted = Settings { network_trial: None, ..self.settings.clone() };
        done(self.store_settings(wanted).map(|()| {
            self.phase = None;
            info!("The network settings have been confirmed");
        }))
    }

    /// Takes back what is on trial. The previous values are in use at once, even when the disk does
    /// not take it; then the next start begins the trial anew.
    pub(crate) fn revert_network(&mut self, reason: RevertReason, now: Moment) -> SettingsResponse {
        self.phase = None;
        let Some(NetworkTrial { tried, previous, .. }) = self.settings.network_trial.clone() else {
            return SettingsResponse::Conflict;
        };
        let wanted = Settings {
            network: previous.network,
            host_name: previous.host_name,
            network_trial: None,
            network_reverted: Some(NetworkReverted { tried, at: now.unix_seconds, reason }),
            ..self.settings.clone()
        };
        info!(?reason, "The network settings have been taken back");
        done(self.store_settings(wanted.clone()).map_err(|reason| {
            self.settings = wanted;
            self.is_unsaved = true;
            format!("the previous network settings are in use until the next start: {reason}")
        }))
    }

    /// Whether a trial waits for the network to come up.
    pub(crate) fn awaits_network(&self) -> bool {
        matches!(self.phase, Some(Phase::Starting { .. }))
    }

    /// The network is up: if a trial waits for that, the time to confirm begins.
    pub(crate) fn take_network_up(&mut self, now: Moment) {
        if self.awaits_network() {
            self.phase = Some(Phase::running(now));
        }
    }

    /// Puts a stored trial into effect.
    pub(super) fn resume_trial(&mut self, now: Moment) {
        if let Some(trial) = &self.settings.network_trial {
            let NetworkChoice { network, host_name } = trial.tried.clone();
            self.settings.network = network;
            self.settings.host_name = host_name;
            self.phase = Some(Phase::started(now));
        }
    }

    pub(super) fn end_overdue_network_trial(&mut self, now: Moment) {
        match self.phase {
            Some(phase) if phase.until() > now.uptime_ms => {}
            Some(Phase::Starting { .. }) => self.take_network_up(now),
            Some(Phase::AwaitsRestart { .. } | Phase::Running { .. }) => {
                // The status says whether it could be stored.
                drop(self.revert_network(RevertReason::NotConfirmed, now));
            }
            None => {}
        }
    }
}

/// Whether the network settings in use are small enough to store.
pub(super) fn check(settings: &Settings) -> Result<(), String> {
    let (network, host_name) = (settings.network.clone(), settings.host_name.clone());
    let is_fit = fits(&NetworkChoice { network, host_name });
    if is_fit { Ok(()) } else { Err(UNFIT.to_owned()) }
}

/// Whether a choice is small enough to store. Whether it makes sense has been checked before.
fn fits(choice: &NetworkChoice) -> bool {
    let is_name = |name: &String| name.len() <= MAX_HOST_NAME_BYTES;
    let has_few_servers = match &choice.network.value {
        NetworkSettings::Automatic => true,
        NetworkSettings::Static(fixed) => {
            fixed.dns.len() <= MAX_SERVERS
                && fixed.ntp.len() <= MAX_SERVERS
                && fixed.ntp.iter().all(is_name)
        }
    };
    has_few_servers && choice.host_name.as_ref().is_none_or(|name| is_name(&name.value))
}
