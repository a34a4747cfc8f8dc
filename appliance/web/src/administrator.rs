//! The one administrator: creating, checking and changing the password.
//!
//! One password is looked at a time, in order of arrival: a burst of guesses cannot overtake the
//! count of failures, and the memory for hashing is needed once. What a success leads to, a session
//! or the end of all sessions, happens in the same turn, so that no session survives a change of the
//! password. A client that hangs up does not cut its turn short: otherwise each would leave a hash
//! behind that is still being computed.

use std::sync::{Arc, Mutex as SyncMutex, MutexGuard, PoisonError};
use std::time::Duration;

use bus::{BusError, Client, SettingsRequest, SettingsResponse};
use model::deployment::Deployment;
use model::secret::Secret;
use thiserror::Error;
use tokio::sync::{Mutex, OwnedMutexGuard};
use tokio::task::JoinError;
use tokio::time::Instant;
use tracing::{info, warn};

use crate::password_hash::{self, HashCost, PasswordHashError};
use crate::session::{Client as WebClient, Sessions};
use crate::sign_in_history::{Noted, Outcome, SignInHistory, Way};
use crate::state::now;
use crate::throttle::{Failure, Throttle};

/// The administrator with the sessions and the count of failures.
#[derive(Debug)]
pub(crate) struct Administrator {
    settings: Client,
    cost: HashCost,
    throttle: Arc<Mutex<Throttle>>,
    sessions: SyncMutex<Sessions>,
    history: SyncMutex<SignInHistory>,
}

/// What signing in opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Opening {
    /// A session of the pages.
    PageSession,
    /// A token of the REST interface.
    Token,
}

/// A password was not accepted.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// It is wrong.
    Wrong(Failure),
    /// The pause after a wrong one is not over; it was not looked at.
    TooSoon(Duration),
    /// Looking at it or storing failed; nothing has changed.
    Unavailable(AdministratorError),
}

/// The first password was not stored.
#[derive(Debug)]
pub(crate) enum CreationRefusal {
    /// There is one already.
    Exists,
    /// Storing failed; nothing has changed.
    Unavailable(AdministratorError),
}

/// A part of the appliance does not do its work.
#[derive(Debug, Error)]
pub(crate) enum AdministratorError {
    /// The password cannot be hashed.
    #[error("hash or compare the password")]
    Hash(#[source] PasswordHashError),
    /// The settings role does not answer.
    #[error("ask for the stored password hash")]
    Settings(#[source] BusError),
    /// The settings role answers that it cannot.
    #[error("store or read the password hash: {0}")]
    Refused(String),
    /// The turn ended with a panic.
    #[error("wait for the turn of a password")]
    Turn(#[source] JoinError),
}

type Turn = OwnedMutexGuard<Throttle>;

impl Administrator {
    /// Nobody has signed in yet.
    pub(crate) fn new(settings: Client, cost: HashCost) -> Self {
        Self {
            settings,
            cost,
            throttle: Arc::default(),
            sessions: SyncMutex::default(),
            history: SyncMutex::default(),
        }
    }

    /// Who has signed in.
    pub(crate) fn sessions(&self) -> MutexGuard<'_, Sessions> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Who has tried to sign in.
    pub(crate) fn history(&self) -> MutexGuard<'_, SignInHistory> {
        self.history.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sets the first password, which keeps the rules.
    pub(crate) async fn create(
        self: &Arc<Self>,
        password: Secret,
        deployment: Option<Deployment>,
    ) -> Result<(), CreationRefusal> {
        self.in_turn(async move |this, _turn| this.create_in_turn(password, deployment).await)
            .await
            .map_err(|error| CreationRefusal::Unavailable(AdministratorError::Turn(error)))?
    }

    /// Checks user name and password; the value is for a cookie or is a token.
    ///
    /// A wrong user name costs the same time and gets the same answer as a wrong password.
    pub(crate) async fn sign_in(
        self: &Arc<Self>,
        client: WebClient,
        user: User,
        password: Secret,
        opening: Opening,
    ) -> Result<Secret, Refusal> {
        let way = match opening {
            Opening::PageSession => Way::Page,
            Opening::Token => Way::Api,
        };
        let work = async move |this: Arc<Self>, mut turn: Turn| {
            this.check(&mut turn, &client, way, user, password).await?;
            let mut sessions = this.sessions();
            Ok(match opening {
                Opening::PageSession => sessions.open_page(client, Instant::now()),
                Opening::Token => sessions.issue_token(client, Instant::now()),
            })
        };
        self.in_turn(work)
            .await
            .map_err(|error| Refusal::Unavailable(AdministratorError::Turn(error)))?
    }

    /// Checks the password once more, for a change that somebody at an open session must not make.
    pub(crate) async fn confirm(
        self: &Arc<Self>,
        client: WebClient,
        password: Secret,
    ) -> Result<(), Refusal> {
        let work = async move |this: Arc<Self>, mut turn: Turn| {
            let user = User::Administrator;
            this.check(&mut turn, &client, Way::Confirmation, user, password).await.map(drop)
        };
        self.in_turn(work)
            .await
            .map_err(|error| Refusal::Unavailable(AdministratorError::Turn(error)))?
    }

    /// Replaces the password by a new one, which keeps the rules, and ends every session and token.
    pub(crate) async fn change(
        self: &Arc<Self>,
        client: WebClient,
        user: User,
        current: Secret,
        new: Secret,
    ) -> Result<(), Refusal> {
        let source = client.source;
        let work = async move |this: Arc<Self>, mut turn: Turn| {
            let way = Way::Confirmation;
            let expected = this.check(&mut turn, &client, way, user, current).await?;
            this.replace(expected, new).await.map_err(Refusal::Unavailable)?;
            this.sessions().end_all();
            info!(%source, "The administrator's password has been changed");
            Ok(())
        };
        self.in_turn(work)
            .await
            .map_err(|error| Refusal::Unavailable(AdministratorError::Turn(error)))?
    }

    /// Waits for the turn, then works to the end even if the caller is dropped.
    async fn in_turn<T, W>(
        self: &Arc<Self>,
        work: impl FnOnce(Arc<Self>, Turn) -> W,
    ) -> Result<T, JoinError>
    where
        T: Send + 'static,
        W: Future<Output = T> + Send + 'static,
    {
        let turn = Arc::clone(&self.throttle).lock_owned().await;
        tokio::spawn(work(Arc::clone(self), turn)).await
    }

    async fn create_in_turn(
        &self,
        password: Secret,
        deployment: Option<Deployment>,
    ) -> Result<(), CreationRefusal> {
        let hash = password_hash::hash(password, self.cost)
            .await
            .map_err(|error| CreationRefusal::Unavailable(AdministratorError::Hash(error)))?;
        let request = SettingsRequest::CreateAdministrator { hash, deployment };
        match self.ask(request).await.map_err(CreationRefusal::Unavailable)? {
            SettingsResponse::Done => {
                info!("The administrator's password has been set");
                Ok(())
            }
            SettingsResponse::Conflict => Err(CreationRefusal::Exists),
            other => Err(CreationRefusal::Unavailable(unexpected(other))),
        }
    }

    async fn replace(&self, expected: Secret, new: Secret) -> Result<(), AdministratorError> {
        let hash = password_hash::hash(new, self.cost).await.map_err(AdministratorError::Hash)?;
        match self.ask(SettingsRequest::ReplaceAdministrator { expected, hash }).await? {
            SettingsResponse::Done => Ok(()),
            other => Err(unexpected(other)),
        }
    }

    /// Compares a password with the stored hash and counts; the value is that hash.
    async fn check(
        &self,
        throttle: &mut Throttle,
        client: &WebClient,
        way: Way,
        user: User,
        password: Secret,
    ) -> Result<Secret, Refusal> {
        let source = client.source;
        let pause = throttle.pause(source, Instant::now());
        if !pause.is_zero() {
            self.note(client, way, Outcome::Delayed);
            return Err(Refusal::TooSoon(pause));
        }
        let response =
            self.ask(SettingsRequest::AdministratorHash).await.map_err(Refusal::Unavailable)?;
        let hash = match response {
            SettingsResponse::AdministratorHash { hash } => hash,
            other => return Err(Refusal::Unavailable(unexpected(other))),
        };
        if let Some(hash) = hash {
            let is_correct = password_hash::is_correct(password, hash.clone())
                .await
                .map_err(|error| Refusal::Unavailable(AdministratorError::Hash(error)))?;
            if is_correct && user == User::Administrator {
                throttle.succeeded(source, Instant::now());
                self.note(client, way, Outcome::Accepted);
                return Ok(hash);
            }
        }
        let failure = throttle.failed(source, Instant::now());
        self.note(client, way, Outcome::Refused);
        Err(Refusal::Wrong(failure))
    }

    /// Keeps a try for the list, and logs it unless it only repeats the one before.
    fn note(&self, client: &WebClient, way: Way, outcome: Outcome) {
        let WebClient { source, agent } = client;
        let noted = self.history().note(*source, agent, (way, outcome), now());
        let (way, result) = (way.name(), outcome.name());
        match (outcome, noted) {
            (Outcome::Accepted, _) => {
                info!(%source, way, result, agent, "The administrator has given the password");
            }
            (Outcome::Refused, _) => {
                warn!(%source, way, result, agent, "A wrong password was given");
            }
            (Outcome::Delayed, Noted::New) => {
                warn!(%source, way, result, agent, "A password came before its pause was over");
            }
            (Outcome::Delayed, Noted::Repeated) => {}
        }
    }

    async fn ask(&self, request: SettingsRequest) -> Result<SettingsResponse, AdministratorError> {
        self.settings.call(&request).await.map_err(AdministratorError::Settings)
    }
}

/// Whether a user name is the administrator's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum User {
    /// It is.
    Administrator,
    /// There is no such user.
    Unknown,
}

impl User {
    /// Compares a user name, with upper and lower case as documented.
    pub(crate) fn named(name: &str) -> Self {
        if name == model::password::ADMINISTRATOR { Self::Administrator } else { Self::Unknown }
    }
}

fn unexpected(response: SettingsResponse) -> AdministratorError {
    AdministratorError::Refused(match response {
        SettingsResponse::Failed { reason } => reason,
        SettingsResponse::Conflict => "the password has changed meanwhile".to_owned(),
        _ => "the settings role does not allow it".to_owned(),
    })
}
