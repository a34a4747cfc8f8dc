//! A certificate on trial: it is in use, and the stored one is still the previous one, so that a
//! start falls back to it. A small file says that a trial was running, so that the start can tell.

use bus::StoredCertificate;
use model::fingerprint::CertificateFacts;
use model::settings::{self, RevertReason, TRIAL_SECONDS};
use tracing::debug;

use crate::error::{WriteError, in_one_line};
use crate::file_system::{FileSystem, remove, replace};
use crate::moment::Moment;

const NAME: &str = "certificate.trial";

/// A running trial.
#[derive(Debug)]
pub(crate) struct CertificateTrial {
    /// The certificate in use.
    pub(crate) tried: StoredCertificate,
    /// When the previous one returns, in milliseconds of running time.
    pub(crate) until: u64,
}

impl CertificateTrial {
    /// Begins a trial.
    pub(crate) fn begin(
        files: &dyn FileSystem,
        tried: StoredCertificate,
        now: Moment,
    ) -> Result<Self, WriteError> {
        let json = serde_json::to_string(&tried.facts).expect("facts are plain values");
        replace(files, NAME, json.as_bytes())?;
        Ok(Self { tried, until: now.uptime_ms_in(TRIAL_SECONDS) })
    }

    /// What is said of it; `previous` is the stored certificate.
    pub(crate) fn status(&self, previous: &CertificateFacts) -> settings::CertificateTrial {
        settings::CertificateTrial::Running {
            ends_at_uptime_ms: self.until,
            previous: previous.clone(),
        }
    }

    /// What is said once it has been taken back.
    pub(crate) fn reverted(self, now: Moment, reason: RevertReason) -> settings::CertificateTrial {
        reverted(self.tried.facts, now, reason)
    }
}

/// Finds out whether the last start ended a trial, and forgets it on the disk.
pub(crate) fn cut_short(
    files: &dyn FileSystem,
    stored: Option<&StoredCertificate>,
    now: Moment,
) -> Option<settings::CertificateTrial> {
    let bytes = files.read(NAME).ok().flatten()?;
    forget(files);
    let tried: CertificateFacts = serde_json::from_slice(&bytes).ok()?;
    // It is the stored one when the power failed just after it was confirmed.
    let is_kept = stored.is_some_and(|stored| stored.facts == tried);
    (!is_kept).then(|| reverted(tried, now, RevertReason::Restarted))
}

/// Forgets on the disk that a trial is running. Failing to does no harm beyond one report too many
/// at the next start.
pub(crate) fn forget(files: &dyn FileSystem) {
    if let Err(error) = remove(files, NAME) {
        debug!(error = in_one_line(&error), "Cannot forget the trial of a certificate");
    }
}

fn reverted(
    tried: CertificateFacts,
    now: Moment,
    reason: RevertReason,
) -> settings::CertificateTrial {
    settings::CertificateTrial::Reverted { tried, at: now.unix_seconds, reason }
}
