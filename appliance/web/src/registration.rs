//! Registration with the cloud: what REST interface and pages ask the role Channel for.

use std::net::IpAddr;
use std::time::Duration;

use bus::{
    Application, ApplicationProblem, BusError, ChannelRequest, ChannelResponse, UNATTENDED_SECONDS,
};
use model::channel::{
    ChannelStatus, CloudAddress, ConnectionTrouble, EndingReason, RegistrationRefusal,
    RegistrationState, RegistrationStep,
};
use model::product::DEPLOYMENTS;
use model::secret::Secret;
use tokio::time::{Instant, timeout_at};
use tracing::{info, warn};

use crate::state::State;

/// How long the cloud may take to give a code.
const CODE_LIMIT: Duration = Duration::from_secs(45);
/// How long a registration without a person may take: somewhat longer than the role takes.
const UNATTENDED_LIMIT: Duration = Duration::from_secs(UNATTENDED_SECONDS + 5);

/// Why an appliance was not registered, or not unregistered.
#[derive(Debug)]
pub(crate) enum RegistrationFailure {
    /// The application cannot be used.
    Invalid(ApplicationProblem),
    /// The appliance is registered, or another registration is under way.
    Conflict,
    /// It was not registered.
    Refused(RegistrationRefusal),
    /// The role does not do what it is asked for.
    Failed,
    /// The role does not answer.
    Silent,
}

impl State {
    /// What the channel role says at this moment.
    pub(crate) async fn channel_now(&self) -> Result<ChannelStatus, RegistrationFailure> {
        self.channel_after(None).await.map(|(_, status)| status)
    }

    /// Begins a registration by code, in place of one that is under way, and waits for the code.
    pub(crate) async fn register(
        &self,
        application: Application,
        source: IpAddr,
    ) -> Result<ChannelStatus, RegistrationFailure> {
        if matches!(self.channel_now().await?.registration, RegistrationState::Registering { .. }) {
            self.ask_channel(&ChannelRequest::Withdraw).await?;
        }
        self.begin_registration(application, source).await?;
        let deadline = Instant::now() + CODE_LIMIT;
        let waiting = timeout_at(deadline, self.wait_for_code()).await;
        let outcome = waiting.unwrap_or_else(|_| {
            let trouble = ConnectionTrouble::Silent;
            Err(RegistrationFailure::Refused(RegistrationRefusal::Unreached { trouble }))
        });
        if outcome.is_err() {
            // Nobody would know of a code that comes later.
            let _ = self.ask_channel(&ChannelRequest::Withdraw).await;
        }
        outcome
    }

    /// Begins a registration by code; the status shows how far it is.
    pub(crate) async fn begin_registration(
        &self,
        application: Application,
        source: IpAddr,
    ) -> Result<(), RegistrationFailure> {
        let name = application.name.clone();
        match self.ask_channel(&ChannelRequest::Register { application }).await? {
            ChannelResponse::Done => {
                info!(%source, name, "The administrator registers the appliance by code");
                Ok(())
            }
            other => Err(unexpected(other)),
        }
    }

    /// Asks for another code in place of the one that is shown, or was.
    pub(crate) async fn ask_new_code(&self, source: IpAddr) -> Result<(), RegistrationFailure> {
        match self.ask_channel(&ChannelRequest::NewCode).await? {
            ChannelResponse::Done => {
                info!(%source, "The administrator asks for another code");
                Ok(())
            }
            other => Err(unexpected(other)),
        }
    }

    /// Gives up the registration that is under way.
    pub(crate) async fn withdraw_registration(
        &self,
        source: IpAddr,
    ) -> Result<(), RegistrationFailure> {
        match self.ask_channel(&ChannelRequest::Withdraw).await? {
            ChannelResponse::Done => {
                info!(%source, "The administrator gives up the registration");
                Ok(())
            }
            other => Err(unexpected(other)),
        }
    }

    /// Address of the cloud of the deployment that the first link named, or else of the first.
    pub(crate) fn suggested_cloud(&self) -> String {
        let settings = self.settings.borrow();
        let named = settings.as_ref().and_then(|it| it.settings.deployment.clone());
        let named = named.map(String::from);
        let is_named = |(name, _): &&(&str, _)| Some(*name) == named.as_deref();
        let (_, (host, port)) = DEPLOYMENTS.iter().find(is_named).unwrap_or(&DEPLOYMENTS[0]);
        CloudAddress::new(host, *port).map(|cloud| cloud.to_string()).unwrap_or_default()
    }

    /// Registers by the secret of a secure client.
    pub(crate) async fn register_unattended(
        &self,
        application: Application,
        client: String,
        secret: Secret,
        source: IpAddr,
    ) -> Result<(), RegistrationFailure> {
        let name = application.name.clone();
        info!(%source, name, client, "The administrator registers the appliance unattended");
        let request = ChannelRequest::Unattended { application, client, secret };
        let answer = self.changers.channel.call_within(UNATTENDED_LIMIT, &request).await;
        match answer.map_err(|error| silent(&error))? {
            ChannelResponse::Done => Ok(()),
            other => Err(unexpected(other)),
        }
    }

    /// Ends a registration, or gives up the one that is under way; says whether the cloud was told.
    pub(crate) async fn unregister(&self, source: IpAddr) -> Result<bool, RegistrationFailure> {
        let request = match self.channel_now().await?.registration {
            RegistrationState::Registering { .. } => ChannelRequest::Withdraw,
            RegistrationState::NotRegistered { .. } | RegistrationState::Registered { .. } => {
                ChannelRequest::Unregister
            }
        };
        match self.ask_channel(&request).await? {
            ChannelResponse::Unregistered { is_told } => {
                info!(%source, is_told, "The administrator ends the registration");
                Ok(is_told)
            }
            ChannelResponse::Done => {
                info!(%source, "The administrator gives up the registration");
                Ok(false)
            }
            other => Err(unexpected(other)),
        }
    }

    async fn wait_for_code(&self) -> Result<ChannelStatus, RegistrationFailure> {
        let mut seen = None;
        loop {
            let (generation, status) = self.channel_after(seen).await?;
            seen = Some(generation);
            let refused = |reason| Err(RegistrationFailure::Refused(reason));
            match &status.registration {
                RegistrationState::Registering {
                    step: RegistrationStep::CodeShown { .. } | RegistrationStep::Confirming { .. },
                    ..
                }
                | RegistrationState::Registered { .. } => return Ok(status),
                RegistrationState::Registering { trouble: Some(trouble), .. } => {
                    let trouble = trouble.clone();
                    return refused(RegistrationRefusal::Unreached { trouble });
                }
                RegistrationState::Registering { trouble: None, .. } => {}
                RegistrationState::NotRegistered { last } => match last.as_ref() {
                    Some(last) => match &last.reason {
                        EndingReason::Refused { reason } => return refused(reason.clone()),
                        EndingReason::Removed | EndingReason::Sealed { .. } => {
                            return Err(RegistrationFailure::Failed);
                        }
                    },
                    // Somebody else has given it up.
                    None => return Err(RegistrationFailure::Conflict),
                },
            }
        }
    }

    async fn channel_after(
        &self,
        newer_than: Option<u64>,
    ) -> Result<(u64, ChannelStatus), RegistrationFailure> {
        let request = ChannelRequest::Status { newer_than };
        let answer = self.changers.channel.call_within(CODE_LIMIT, &request).await;
        match answer.map_err(|error| silent(&error))? {
            ChannelResponse::Status { generation, status } => Ok((generation, status)),
            other => Err(unexpected(other)),
        }
    }

    async fn ask_channel(
        &self,
        request: &ChannelRequest,
    ) -> Result<ChannelResponse, RegistrationFailure> {
        self.changers.channel.call(request).await.map_err(|error| silent(&error))
    }
}

fn silent(error: &BusError) -> RegistrationFailure {
    warn!(%error, "The channel role does not answer");
    RegistrationFailure::Silent
}

fn unexpected(answer: ChannelResponse) -> RegistrationFailure {
    match answer {
        ChannelResponse::Conflict => RegistrationFailure::Conflict,
        ChannelResponse::Invalid { problem } => RegistrationFailure::Invalid(problem),
        ChannelResponse::Refused { reason } => RegistrationFailure::Refused(reason),
        _ => {
            warn!("The channel role does not do what it is asked for");
            RegistrationFailure::Failed
        }
    }
}
