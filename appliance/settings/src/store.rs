//! Everything that is stored, and the rules for changing it. Synchronous: the caller has one store
//! and so one change at a time.

use bus::{SettingsResponse, StoredCertificate, StoredSigningRequest};
use model::boot_parameter;
use model::deployment::Deployment;
use model::guest::FirstTaken;
use model::machine::MachineUuid;
use model::network::{Origin, Sourced};
use model::secret::Secret;
use model::settings::{
    BootParameterReport, CertificateTrial as Report, Settings, SettingsRefusal, SettingsStatus,
};
use model::supervision::DataState;
use tracing::{info, warn};

use crate::administrator::{Administrator, is_hash};
use crate::certificate_trial::{self, CertificateTrial};
use crate::copies::Copies;
use crate::error::{WriteError, in_one_line};
use crate::file_system::{self, FileSystem};
use crate::identity::Identity;
use crate::moment::Moment;
use crate::network_trial::Phase;
use crate::proxy_passwords::ProxyPasswords;
use crate::status::Troubles;
use crate::{certificate, first_taken, metrics_token, reset, signing_request};

mod certificates;
mod first;
mod networks;
mod outbound;
mod resets;
mod secrets;

/// A file that is there only for a moment.
const PROBE: &str = "probe";
const NO_HASH: &str = "the hash is not in PHC string format";

/// What a start is like.
#[derive(Debug)]
pub(crate) struct Start {
    /// Now.
    pub(crate) now: Moment,
    /// The machine, when it can be told from others.
    pub(crate) machine: Option<MachineUuid>,
    /// Whether the files are those of the data disk.
    pub(crate) data: DataState,
}

/// What is stored, as it is known to be on the disk.
pub(crate) struct Store {
    files: Box<dyn FileSystem>,
    copies: Copies,
    /// In use. While network settings are on trial, the confirmed ones stand in the trial.
    settings: Settings,
    /// Whether what is in use differs from what is on the disk.
    is_unsaved: bool,
    boot_parameter: Option<BootParameterReport>,
    /// INVARIANT: there is one exactly while `settings.network_trial` has a trial.
    phase: Option<Phase>,
    administrator: Administrator,
    /// The one on the disk, or in use for want of one there.
    certificate: Option<StoredCertificate>,
    certificate_trial: Option<CertificateTrial>,
    certificate_reverted: Option<Report>,
    passwords: ProxyPasswords,
    /// The hash of the token for metrics.
    metrics_token: Option<Secret>,
    signing_request: Option<StoredSigningRequest>,
    first_taken: Option<FirstTaken>,
    /// Grows with every change that followers have to know of and the status does not show.
    unseen_changes: u64,
    identity: Identity,
    obstacle: Option<Obstacle>,
    troubles: Troubles,
}

/// Why nothing can be stored that lasts.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Obstacle {
    /// The data disk is not there; what is written goes to memory.
    NoDisk(String),
    /// Everything is to be forgotten with the next start.
    ResetOrdered,
    /// Everything is to be forgotten, and the disk does not let it.
    ResetUnfinished(String),
}

impl Obstacle {
    fn reason(&self) -> String {
        match self {
            Self::NoDisk(reason) => format!(
                "the data disk cannot be used: {reason}; what it holds, such as a password, cannot \
                 be read or replaced"
            ),
            Self::ResetOrdered => {
                "the appliance is being reset, which takes effect with the next start".to_owned()
            }
            Self::ResetUnfinished(reason) => format!("the reset cannot be completed: {reason}"),
        }
    }
}

impl Store {
    /// Reads everything. What is unreadable becomes a default and a trouble in the status. A reset
    /// that has been ordered is carried out first, and a trial of network settings begins anew.
    pub(crate) fn open(files: Box<dyn FileSystem>, start: Start) -> Self {
        let Start { now, machine, data } = start;
        let mut troubles = Troubles::default();
        let obstacle = match data {
            DataState::Unavailable { reason } => Some(Obstacle::NoDisk(reason)),
            DataState::Mounted => resets::finish(&*files),
        };
        if let Some(reset @ Obstacle::ResetUnfinished(_)) = &obstacle {
            troubles.start.push(reset.reason());
            // What is to be forgotten is not read.
            let settings = reset::kept(&*files);
            let identity = Identity::of(machine);
            return Self { identity, ..Self::new(files, settings, obstacle, troubles) };
        }
        let loaded = Copies::load(&*files);
        troubles.start.extend(loaded.trouble.clone());
        let administrator = Administrator::load(&*files);
        if let Administrator::Unreadable(reason) = &administrator {
            troubles.start.push(format!("{reason}; nobody can sign in"));
        }
        let (certificate, trouble) = certificate::load(&*files);
        troubles.start.extend(trouble);
        let certificate_reverted = certificate_trial::cut_short(&*files, certificate.as_ref(), now);
        let (identity, trouble) = Identity::load(&*files, machine);
        troubles.start.extend(trouble);
        troubles.start.extend(obstacle.as_ref().map(Obstacle::reason));
        let (metrics_token, trouble) = metrics_token::load(&*files);
        troubles.start.extend(trouble);
        let (signing_request, trouble) = signing_request::load(&*files);
        troubles.start.extend(trouble);
        let (first_taken, trouble) = first_taken::load(&*files);
        troubles.start.extend(trouble);
        let has_settings = loaded.trouble.is_none();
        let mut store = Self {
            copies: loaded.copies,
            administrator,
            certificate,
            certificate_reverted,
            metrics_token,
            signing_request,
            first_taken,
            identity,
            ..Self::new(files, loaded.settings, obstacle, troubles)
        };
        store.load_passwords(has_settings);
        store.forget_answered_request();
        store.resume_trial(now);
        store.note_machine();
        store
    }

    fn new(
        files: Box<dyn FileSystem>,
        settings: Settings,
        obstacle: Option<Obstacle>,
        troubles: Troubles,
    ) -> Self {
        Self {
            files,
            copies: Copies::default(),
            settings,
            is_unsaved: false,
            boot_parameter: None,
            phase: None,
            administrator: Administrator::Absent,
            certificate: None,
            certificate_trial: None,
            certificate_reverted: None,
            passwords: ProxyPasswords::default(),
            metrics_token: None,
            signing_request: None,
            first_taken: None,
            unseen_changes: 0,
            identity: Identity::default(),
            obstacle,
            troubles,
        }
    }

    /// Takes the network settings that stand on the kernel's command line, if any, and stores them:
    /// typing them is how a person recovers an appliance that cannot be reached. They end a trial.
    pub(crate) fn take_boot_parameter(&mut self, command_line: &str) {
        let report = match boot_parameter::from_command_line(command_line) {
            None => return,
            Some(Err(error)) => {
                warn!(%error, "The boot parameter network= is malformed");
                BootParameterReport::Refused {
                    parameter: boot_parameter::text_on(command_line),
                    reason: error.to_string(),
                }
            }
            Some(Ok(network)) => {
                let wanted = Settings {
                    network: Sourced::new(network, Origin::BootParameter),
                    host_name: self.settings.confirmed_network().host_name,
                    network_trial: None,
                    network_reverted: None,
                    ..self.settings.clone()
                };
                self.phase = None;
                match self.store_settings(wanted.clone()) {
                    Ok(()) => BootParameterReport::Stored,
                    Err(reason) => {
                        self.settings = wanted;
                        self.is_unsaved = true;
                        BootParameterReport::NotStored { reason }
                    }
                }
            }
        };
        self.boot_parameter = Some(report);
    }

    /// What every role may know, for the first generation.
    pub(crate) fn status(&self) -> SettingsStatus {
        SettingsStatus {
            generation: 1,
            settings: self.settings.clone(),
            boot_parameter: self.boot_parameter.clone(),
            storage: self.troubles.state(),
            has_administrator: !matches!(self.administrator, Administrator::Absent),
            certificate: self.certificate_in_use().map(|certificate| certificate.facts.clone()),
            network_trial: self.phase.map(Phase::status),
            certificate_trial: self.certificate_trial_status(),
            identity: self.identity.status(),
            has_metrics_token: self.metrics_token.is_some(),
            signing_request: self.signing_request.as_ref().map(|request| request.facts.clone()),
            first_taken: self.first_taken,
        }
    }

    /// Grows with every change that followers have to know of and the status does not show.
    pub(crate) const fn unseen_changes(&self) -> u64 {
        self.unseen_changes
    }

    /// When time changes something, in milliseconds of running time.
    pub(crate) fn deadline(&self) -> Option<u64> {
        let certificate = self.certificate_trial.as_ref().map(|trial| trial.until);
        self.phase.map(Phase::until).into_iter().chain(certificate).min()
    }

    /// Does what is due: trials that nobody confirmed in time end.
    pub(crate) fn take_time(&mut self, now: Moment) {
        self.end_overdue_network_trial(now);
        self.end_overdue_certificate_trial(now);
    }

    /// The hash of the administrator's password.
    pub(crate) fn administrator_hash(&self) -> SettingsResponse {
        let hash = match &self.administrator {
            Administrator::Absent => None,
            Administrator::Present(hash) => Some(hash.clone()),
            Administrator::Unreadable(reason) => {
                return SettingsResponse::Failed { reason: reason.clone() };
            }
        };
        SettingsResponse::AdministratorHash { hash }
    }

    /// Stores the first hash, and the deployment with the settings. Without the data disk nobody
    /// becomes the administrator: one may be stored there.
    pub(crate) fn create_administrator(
        &mut self,
        hash: Secret,
        deployment: Option<Deployment>,
    ) -> SettingsResponse {
        if !matches!(self.administrator, Administrator::Absent) {
            return SettingsResponse::Conflict;
        }
        if !is_hash(&hash) {
            return failed(NO_HASH);
        }
        let previous = self.settings.clone();
        // The hash comes last: it closes the first visit, and until then the page may ask again.
        let wanted = Settings {
            deployment: deployment.or_else(|| previous.deployment.clone()),
            ..previous.clone()
        };
        if let Err(reason) = self.store_settings(wanted) {
            return SettingsResponse::Failed { reason };
        }
        let response = self.store_hash(hash);
        if matches!(response, SettingsResponse::Failed { .. }) {
            let result = self.copies.store(&*self.files, &previous);
            if let Err(error) = result {
                warn!(error = in_one_line(&error), "Cannot take back the deployment");
                self.is_unsaved = true;
            }
            self.settings = previous;
        } else {
            info!("The administrator's password has been created");
        }
        response
    }

    /// Replaces the hash if it still is the one expected.
    pub(crate) fn replace_administrator(
        &mut self,
        expected: &Secret,
        hash: Secret,
    ) -> SettingsResponse {
        if let Administrator::Unreadable(reason) = &self.administrator {
            return SettingsResponse::Failed { reason: reason.clone() };
        }
        if !self.administrator.is(expected) {
            return SettingsResponse::Conflict;
        }
        if !is_hash(&hash) {
            return failed(NO_HASH);
        }
        self.store_hash(hash)
    }

    /// Forgets what is said about changes that were taken back.
    pub(crate) fn dismiss_reverted(&mut self) -> SettingsResponse {
        let wanted = Settings { network_reverted: None, ..self.settings.clone() };
        let response = done(self.store_settings(wanted));
        if matches!(response, SettingsResponse::Done) {
            self.certificate_reverted = None;
        }
        response
    }

    /// From now on this machine is the one that the settings belong to.
    pub(crate) fn keep_identity(&mut self) -> SettingsResponse {
        if let Err(reason) = self.can_store() {
            return SettingsResponse::Failed { reason };
        }
        let result = self.identity.keep(&*self.files);
        done(self.noted(result))
    }

    /// Notes the machine at the first start that can tell it.
    fn note_machine(&mut self) {
        if self.identity.is_new() && self.obstacle.is_none() {
            let result = self.identity.keep(&*self.files);
            // Trouble with the disk is noted, and the next start tries again.
            drop(self.noted(result));
        }
    }

    /// Stores a little and takes it back, so that a disk that is full, write-protected or failing is
    /// known from the start, and not only when somebody has something to lose.
    pub(crate) fn try_disk(&mut self) {
        if self.obstacle.is_none() {
            let tried = file_system::replace(&*self.files, PROBE, PROBE.as_bytes())
                .and_then(|()| file_system::remove(&*self.files, PROBE));
            drop(self.noted(tried));
        }
    }

    fn store_hash(&mut self, hash: Secret) -> SettingsResponse {
        if let Err(reason) = self.can_store() {
            return SettingsResponse::Failed { reason };
        }
        let result = Administrator::store(&*self.files, hash);
        done(self.noted(result).map(|administrator| self.administrator = administrator))
    }

    /// Stores settings, unless the disk has them already.
    fn store_settings(&mut self, wanted: Settings) -> Result<(), String> {
        self.can_store()?;
        if wanted == self.settings && !self.is_unsaved {
            return Ok(());
        }
        let result = self.copies.store(&*self.files, &wanted);
        self.noted(result)?;
        if let Some(report @ BootParameterReport::NotStored { .. }) = &mut self.boot_parameter {
            *report = BootParameterReport::Stored;
        }
        self.is_unsaved = false;
        self.settings = wanted;
        Ok(())
    }

    /// Remembers how the last write went, and says it in words.
    fn noted<T>(&mut self, result: Result<T, WriteError>) -> Result<T, String> {
        let result = result.map_err(|error| in_one_line(&error));
        if let Err(reason) = &result {
            warn!(error = reason, "Cannot store");
        }
        self.troubles.write = result.as_ref().err().cloned();
        result
    }
}

fn done(result: Result<(), String>) -> SettingsResponse {
    match result {
        Ok(()) => SettingsResponse::Done,
        Err(reason) => SettingsResponse::Failed { reason },
    }
}

fn refused(refusal: impl Into<SettingsRefusal>) -> SettingsResponse {
    SettingsResponse::Refused { refusal: refusal.into() }
}

fn failed(reason: &str) -> SettingsResponse {
    SettingsResponse::Failed { reason: reason.to_owned() }
}

#[cfg(test)]
mod tests;
