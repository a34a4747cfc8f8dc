//! Everything that is stored, and the rules for changing it. Synchronous: the caller has one store
//! and so one change at a time.

use bus::{SettingsResponse, StoredCertificate};
use model::boot_parameter;
use model::deployment::Deployment;
use model::network::{Origin, Sourced};
use model::secret::Secret;
use model::settings::{BootParameterReport, Settings, SettingsStatus};
use tracing::{info, warn};

use crate::administrator::{Administrator, is_hash};
use crate::certificate;
use crate::copies::Copies;
use crate::error::{WriteError, in_one_line};
use crate::file_system::FileSystem;
use crate::status::Troubles;

const NO_HASH: &str = "the hash is not in PHC string format";

/// What is stored, as it is known to be on the disk.
pub(crate) struct Store {
    files: Box<dyn FileSystem>,
    copies: Copies,
    settings: Settings,
    boot_parameter: Option<BootParameterReport>,
    administrator: Administrator,
    certificate: Option<StoredCertificate>,
    troubles: Troubles,
}

impl Store {
    /// Reads everything. What is unreadable becomes a default and a trouble in the status.
    pub(crate) fn open(files: Box<dyn FileSystem>) -> Self {
        let mut troubles = Troubles::default();
        let loaded = Copies::load(&*files);
        troubles.start.extend(loaded.trouble);
        let administrator = Administrator::load(&*files);
        if let Administrator::Unreadable(reason) = &administrator {
            troubles.start.push(format!("{reason}; nobody can sign in"));
        }
        let (certificate, trouble) = certificate::load(&*files);
        troubles.start.extend(trouble);
        Self {
            files,
            copies: loaded.copies,
            settings: loaded.settings,
            boot_parameter: None,
            administrator,
            certificate,
            troubles,
        }
    }

    /// Takes the network settings that stand on the kernel's command line, if any, and stores them:
    /// typing them is how a person recovers an appliance that cannot be reached.
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
                let network = Sourced::new(network, Origin::BootParameter);
                let wanted = Settings { network, ..self.settings.clone() };
                match self.store_settings(wanted.clone()) {
                    Ok(()) => BootParameterReport::Stored,
                    Err(reason) => {
                        self.settings = wanted;
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
            certificate: self.certificate.as_ref().map(|certificate| certificate.facts.clone()),
        }
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

    /// Stores the first hash, and the deployment with the settings.
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

    /// The certificate with its key.
    pub(crate) fn certificate(&self) -> SettingsResponse {
        SettingsResponse::Certificate { certificate: self.certificate.clone() }
    }

    /// Replaces the certificate.
    pub(crate) fn store_certificate(&mut self, certificate: StoredCertificate) -> SettingsResponse {
        if !certificate::fits(&certificate) {
            return failed("the certificate chain is too large");
        }
        let result = certificate::store(&*self.files, &certificate);
        match self.noted(result) {
            Ok(()) => {
                self.certificate = Some(certificate);
                SettingsResponse::Done
            }
            Err(reason) => SettingsResponse::Failed { reason },
        }
    }

    fn store_hash(&mut self, hash: Secret) -> SettingsResponse {
        let result = Administrator::store(&*self.files, hash);
        match self.noted(result) {
            Ok(administrator) => {
                self.administrator = administrator;
                SettingsResponse::Done
            }
            Err(reason) => SettingsResponse::Failed { reason },
        }
    }

    /// Stores settings, unless the disk has them already.
    fn store_settings(&mut self, wanted: Settings) -> Result<(), String> {
        let is_only_in_memory =
            matches!(self.boot_parameter, Some(BootParameterReport::NotStored { .. }));
        if wanted == self.settings && !is_only_in_memory {
            return Ok(());
        }
        let result = self.copies.store(&*self.files, &wanted);
        self.noted(result)?;
        if is_only_in_memory {
            self.boot_parameter = Some(BootParameterReport::Stored);
        }
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

fn failed(reason: &str) -> SettingsResponse {
    SettingsResponse::Failed { reason: reason.to_owned() }
}

#[cfg(test)]
mod tests;
