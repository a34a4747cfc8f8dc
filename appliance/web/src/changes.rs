//! Changes that restart the appliance or end a trial: network settings, reset, identity. The pages and
//! the REST interface ask the same.

use std::sync::Arc;

use bus::{
    AddressCheck, BusError, CaptureRequest, CaptureResponse, ChannelRequest, ChannelResponse,
    Client, DirectoryRequest, DirectoryResponse, JournalRequest, JournalResponse, NetworkRequest,
    NetworkResponse, ServerCheck, SettingsRequest, SettingsResponse, TimeRequest, TimeResponse,
};
use model::network::NetworkSettings;
use model::network_form::{FieldProblem, NetworkField, NetworkForm, NetworkProblem};
use model::settings::{NetworkChoice, SettingsRefusal, SettingsStatus};
use model::supervision::{InitRequest, InitResponse};
use thiserror::Error;
use tokio::task::JoinSet;
use tracing::{info, warn};

use crate::state::State;

/// The roles that change something.
#[derive(Clone, Debug)]
pub(crate) struct Changers {
    /// The settings role.
    pub(crate) settings: Client,
    /// The network role.
    pub(crate) network: Client,
    /// The time role.
    pub(crate) time: Client,
    /// The diagnostics role.
    pub(crate) diagnostics: Client,
    /// The capture role.
    pub(crate) capture: Client,
    /// The journal role.
    pub(crate) journal: Client,
    /// The directory role.
    pub(crate) directory: Client,
    /// The channel role.
    pub(crate) channel: Client,
    /// PID 1.
    pub(crate) init: Client,
}

/// What becomes of time servers that give no usable answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SilentServers {
    /// They are a problem.
    Refused,
    /// They are stored.
    Stored,
}

/// A change was not made.
#[derive(Debug, Error)]
pub(crate) enum ChangeFailure {
    /// A role does not answer.
    #[error("ask another role for a change")]
    Silent(#[source] BusError),
    /// There is nothing to change: no trial runs, or it still waits for the restart.
    #[error("nothing is on trial")]
    NothingToChange,
    /// It does not fit what is stored by now.
    #[error("make the change")]
    Refused(#[source] SettingsRefusal),
    /// It could not be stored.
    #[error("store the change: {0}")]
    NotStored(String),
    /// It is stored, and PID 1 does not restart the machine.
    #[error("restart the machine after the change: {0}")]
    NoRestart(String),
}

impl Changers {
    /// Stores network settings on trial and restarts the machine, with which they take effect.
    pub(crate) async fn try_network(&self, choice: NetworkChoice) -> Result<(), ChangeFailure> {
        self.change(SettingsRequest::TryNetwork { choice }).await?;
        if let Err(failure) = self.restart().await {
            // What nobody can try is not to take effect with some later restart.
            if let Err(error) = self.change(SettingsRequest::RevertNetwork).await {
                warn!(%error, "Cannot take back settings that no restart follows");
            }
            return Err(failure);
        }
        Ok(())
    }

    /// Keeps the network settings that are on trial.
    pub(crate) async fn confirm_network(&self) -> Result<(), ChangeFailure> {
        self.change(SettingsRequest::ConfirmNetwork).await
    }

    /// Takes the network settings that are on trial back.
    pub(crate) async fn revert_network(&self) -> Result<(), ChangeFailure> {
        self.change(SettingsRequest::RevertNetwork).await
    }

    /// Forgets what is said about a change that was taken back.
    pub(crate) async fn dismiss_reverted(&self) -> Result<(), ChangeFailure> {
        self.change(SettingsRequest::DismissReverted).await
    }

    /// This machine is the appliance that the settings were made on.
    pub(crate) async fn keep_identity(&self) -> Result<(), ChangeFailure> {
        self.change(SettingsRequest::KeepIdentity).await
    }

    /// Forgets everything and restarts the machine.
    pub(crate) async fn reset(&self, keep_network: bool) -> Result<(), ChangeFailure> {
        self.change(SettingsRequest::Reset { keep_network }).await?;
        self.erase_records().await;
        info!(keep_network, "The appliance is reset");
        self.restart().await
    }

    /// Removes what was recorded: a trace, the logs, the accounts in domains, and the registration. The reset is stored by then, and goes on without
    /// it: the records may be what is damaged.
    async fn erase_records(&self) {
        let status = CaptureRequest::Status { newer_than: None };
        let id = match self.capture.call(&status).await {
            Ok(CaptureResponse::Status { status, .. }) => {
                status.state.trace().map(|trace| trace.id.clone())
            }
            answer => {
                warn!(?answer, "The capture role does not say whether there is a trace");
                None
            }
        };
        if let Some(id) = id {
            // One that has ended is not stopped, which is no trouble.
            let stop = CaptureRequest::Stop { id: id.clone() };
            let _: Result<CaptureResponse, _> = self.capture.call(&stop).await;
            let answer = self.capture.call(&CaptureRequest::Delete { id }).await;
            if !matches!(answer, Ok(CaptureResponse::Deleted)) {
                warn!(?answer, "The trace is not deleted");
            }
        }
        let answer = self.journal.call(&JournalRequest::Forget).await;
        if !matches!(answer, Ok(JournalResponse::Done)) {
            warn!(?answer, "The logs are not erased");
        }
        let answer = self.directory.call(&DirectoryRequest::Forget).await;
        if !matches!(answer, Ok(DirectoryResponse::Done)) {
            warn!(?answer, "The machine accounts are not removed");
        }
        let answer = self.channel.call(&ChannelRequest::Forget).await;
        if !matches!(answer, Ok(ChannelResponse::Done)) {
            warn!(?answer, "The registration is not forgotten");
        }
    }

    /// Asks the settings role for a change.
    pub(crate) async fn change(&self, request: SettingsRequest) -> Result<(), ChangeFailure> {
        match self.settings.call(&request).await.map_err(ChangeFailure::Silent)? {
            SettingsResponse::Done => Ok(()),
            SettingsResponse::Conflict => Err(ChangeFailure::NothingToChange),
            SettingsResponse::Refused { refusal } => Err(ChangeFailure::Refused(refusal)),
            SettingsResponse::Failed { reason } => Err(ChangeFailure::NotStored(reason)),
            _ => Err(ChangeFailure::NotStored("the settings role does not allow it".to_owned())),
        }
    }

    async fn restart(&self) -> Result<(), ChangeFailure> {
        match self.init.call(&InitRequest::Restart).await.map_err(ChangeFailure::Silent)? {
            InitResponse::Accepted => Ok(()),
            InitResponse::Refused { reason } => Err(ChangeFailure::NoRestart(reason)),
            other => Err(ChangeFailure::NoRestart(format!("{other:?}"))),
        }
    }

    /// Asks the network whether another machine has the address, and each time server for the time.
    async fn ask(&self, form: &NetworkForm, silent: SilentServers) -> Vec<FieldProblem> {
        let mut questions = JoinSet::new();
        let this = Arc::new(self.clone());
        if let Ok(address) = form.address.trim().parse() {
            let this = Arc::clone(&this);
            questions.spawn(async move {
                let request = NetworkRequest::CheckAddress { address };
                let answer = this.network.call(&request).await;
                let Ok(NetworkResponse::AddressCheck(AddressCheck::Taken { holder })) = answer
                else {
                    return None;
                };
                let problem = NetworkProblem::Taken { holder };
                Some(FieldProblem { field: NetworkField::Address, problem })
            });
        }
        let rows = form.ntp.iter().enumerate().filter(|_| silent == SilentServers::Refused);
        for (row, server) in rows.filter(|(_, server)| !server.trim().is_empty()) {
            let (this, server) = (Arc::clone(&this), server.trim().to_owned());
            questions.spawn(async move {
                let answer = this.time.call(&TimeRequest::CheckServer { server }).await;
                let reason = match answer {
                    Ok(TimeResponse::ServerCheck(ServerCheck::Good)) => return None,
                    Ok(TimeResponse::ServerCheck(ServerCheck::Bad { reason })) => reason,
                    Ok(_) => "the time role does not allow the question".to_owned(),
                    Err(error) => error.to_string(),
                };
                let problem = NetworkProblem::NoTime { reason };
                Some(FieldProblem { field: NetworkField::Ntp(row), problem })
            });
        }
        let mut problems: Vec<_> = questions.join_all().await.into_iter().flatten().collect();
        problems.sort_by_key(|problem| match problem.field {
            NetworkField::Ntp(row) => row + 1,
            _ => 0,
        });
        problems
    }
}

/// Checks a form, and asks the network about what is in it.
pub(crate) async fn check_network(
    state: &State,
    form: &NetworkForm,
    silent: SilentServers,
) -> Result<NetworkChoice, Vec<FieldProblem>> {
    let choice = form.check()?;
    if choice.network.value == NetworkSettings::Automatic {
        return Ok(choice);
    }
    let problems = state.changers.ask(form, silent).await;
    if problems.is_empty() { Ok(choice) } else { Err(problems) }
}

impl State {
    /// Waits until the settings role has told everybody what a change has led to: the next page must
    /// not show the state from before.
    pub(crate) async fn see_settings(&self, is_seen: impl Fn(&SettingsStatus) -> bool) {
        let mut settings = self.settings.clone();
        let seen = settings.wait_for(|status| status.as_ref().is_some_and(&is_seen));
        if tokio::time::timeout(crate::state::SETTINGS_LIMIT, seen).await.is_err() {
            warn!("The settings role does not show what has become of a change");
        }
    }
}
