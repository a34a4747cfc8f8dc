//! What all requests share.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bus::BusError;
use model::capture_status::CaptureStatus;
use model::channel::ChannelStatus;
use model::clock::ClockStatus;
use model::diagnostics::DiagnosticsStatus;
use model::domain::status::DirectoryStatus;
use model::guest::GuestStatus;
use model::health::{Health, Known};
use model::journal::JournalStatus;
use model::network::{DEFAULT_HOST_NAME, NetworkStatus};
use model::settings::{CertificateTrial, SettingsStatus};
use model::supervision::{DataState, InitRequest, InitResponse, InitStatus};
use tokio::sync::watch;
use tokio::time::timeout;
use tracing::warn;

use crate::administrator::Administrator;
use crate::certificate::Certificates;
use crate::changes::Changers;

/// How long a request waits for the settings role after a restart of it.
pub(crate) const SETTINGS_LIMIT: Duration = Duration::from_secs(5);

/// What all requests share.
#[derive(Debug)]
pub(crate) struct State {
    /// What the settings role says.
    pub(crate) settings: watch::Receiver<Option<SettingsStatus>>,
    /// What the network role says.
    pub(crate) network: watch::Receiver<Option<NetworkStatus>>,
    /// What the time role says.
    pub(crate) clock: watch::Receiver<Option<ClockStatus>>,
    /// What the diagnostics role says.
    pub(crate) diagnostics: watch::Receiver<Option<DiagnosticsStatus>>,
    /// What the capture role says.
    pub(crate) capture: watch::Receiver<Option<CaptureStatus>>,
    /// What the journal role says.
    pub(crate) journal: watch::Receiver<Option<JournalStatus>>,
    /// What the directory role says.
    pub(crate) directory: watch::Receiver<Option<DirectoryStatus>>,
    /// What the channel role says.
    pub(crate) channel: watch::Receiver<Option<ChannelStatus>>,
    /// What the guest role says.
    pub(crate) guest: watch::Receiver<Option<GuestStatus>>,
    /// What PID 1 says.
    pub(crate) init: watch::Receiver<Option<InitStatus>>,
    /// Asks the other roles and PID 1.
    pub(crate) changers: Changers,
    /// Password and sessions.
    pub(crate) administrator: Arc<Administrator>,
    /// The certificate in use.
    pub(crate) certificates: Arc<Certificates>,
}

/// The state as handlers take it.
pub(crate) type Shared = Arc<State>;

/// What the roles say at one moment.
#[derive(Clone, Debug)]
pub(crate) struct Snapshot {
    pub(crate) health: Health,
    pub(crate) network: Option<NetworkStatus>,
    pub(crate) settings: Option<SettingsStatus>,
    pub(crate) clock: Option<ClockStatus>,
    pub(crate) init: Option<InitStatus>,
    pub(crate) diagnostics: Option<DiagnosticsStatus>,
    pub(crate) directory: Option<DirectoryStatus>,
    pub(crate) channel: Option<ChannelStatus>,
    /// Seconds since the machine started.
    pub(crate) uptime_seconds: u64,
    /// Seconds since 1970.
    pub(crate) now: i64,
}

impl State {
    /// Whether a password has been set; `None` when the settings role does not answer.
    pub(crate) async fn has_administrator(&self) -> Option<bool> {
        let mut settings = self.settings.clone();
        let known = timeout(SETTINGS_LIMIT, settings.wait_for(Option::is_some)).await.ok()?.ok()?;
        known.as_ref().map(|status| status.has_administrator)
    }

    /// Whether what was stored is unreadable: then nobody knows whether there is a password, and
    /// whoever comes first must not set one.
    pub(crate) fn is_storage_unavailable(&self) -> bool {
        let init = self.init.borrow();
        init.as_ref().is_some_and(|init| matches!(init.data, DataState::Unavailable { .. }))
    }

    /// Waits until the settings role has told everybody that there is a password: the next request
    /// must not be offered to set the first one again.
    pub(crate) async fn see_administrator(&self) {
        let mut settings = self.settings.clone();
        let has_administrator = |status: &Option<SettingsStatus>| {
            status.as_ref().is_some_and(|status| status.has_administrator)
        };
        if timeout(SETTINGS_LIMIT, settings.wait_for(has_administrator)).await.is_err() {
            warn!("The settings role does not show the new password");
        }
    }

    /// The trial of a certificate, or how the last one ended.
    pub(crate) fn certificate_trial(&self) -> Option<CertificateTrial> {
        self.settings.borrow().as_ref().and_then(|status| status.certificate_trial.clone())
    }

    /// Waits until the settings role has told everybody what has become of a trial: the next page
    /// must not show the state from before.
    pub(crate) async fn see_certificate_trial(
        &self,
        is_seen: impl Fn(&Option<CertificateTrial>) -> bool,
    ) {
        let mut settings = self.settings.clone();
        let seen = settings.wait_for(|status| {
            status.as_ref().is_some_and(|status| is_seen(&status.certificate_trial))
        });
        if timeout(SETTINGS_LIMIT, seen).await.is_err() {
            warn!("The settings role does not show what has become of the certificate");
        }
    }

    /// Host name of the appliance.
    pub(crate) fn host_name(&self) -> String {
        self.network
            .borrow()
            .as_ref()
            .map_or_else(|| DEFAULT_HOST_NAME.to_owned(), |status| status.host_name.value.clone())
    }

    /// What the roles say now.
    pub(crate) fn snapshot(&self) -> Snapshot {
        let network = self.network.borrow().clone();
        let settings = self.settings.borrow().clone();
        let clock = self.clock.borrow().clone();
        let init = self.init.borrow().clone();
        let diagnostics = self.diagnostics.borrow().clone();
        let directory = self.directory.borrow().clone();
        let channel = self.channel.borrow().clone();
        let guest = self.guest.borrow().clone();
        let now = now();
        let health = Health::judge(&Known {
            network: network.as_ref(),
            settings: settings.as_ref(),
            clock: clock.as_ref(),
            init: init.as_ref(),
            diagnostics: diagnostics.as_ref(),
            directory: directory.as_ref(),
            channel: channel.as_ref(),
            guest: guest.as_ref(),
            now,
        });
        Snapshot {
            health,
            network,
            settings,
            clock,
            init,
            diagnostics,
            directory,
            channel,
            uptime_seconds: sys::clock::uptime_ms() / 1000,
            now,
        }
    }

    /// Asks PID 1 to restart the machine.
    pub(crate) async fn restart(&self) -> Result<InitResponse, BusError> {
        self.changers.init.call(&InitRequest::Restart).await
    }
}

/// The time in seconds since 1970.
pub(crate) fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

/// Seconds until a time in milliseconds of the machine's running time, rounded up.
pub(crate) fn seconds_until(uptime_ms: u64) -> u64 {
    uptime_ms.saturating_sub(sys::clock::uptime_ms()).div_ceil(1000)
}
