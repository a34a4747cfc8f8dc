//! Changes of proxy servers, their exceptions and root certificate authorities. The pages and the REST
//! interface ask the same.

use std::time::Duration;

use bus::{PasswordChange, SettingsRequest, SettingsResponse};
use model::bypass::BypassRule;
use model::proxy::{
    ProxyCredentialError, ProxyLocation, ProxyLocationError, ProxyServer, check_credentials,
};
use model::root_ca::{RootCa, RootCaFacts};
use model::secret::Secret;
use model::signing_request::SigningRequestFacts;
use tokio::time::timeout;
use webui::is_proxy_checked;

use crate::changes::{ChangeFailure, Changers};
use crate::state::State;

/// What is entered for a proxy server, as texts.
#[derive(Debug)]
pub(crate) struct ProxyInput {
    pub(crate) location: String,
    /// Empty = no authentication.
    pub(crate) user_name: String,
    pub(crate) password: Secret,
}

/// What can be seen to be wrong with it without asking anybody.
#[derive(Debug)]
pub(crate) enum InputProblem {
    Location(ProxyLocationError),
    Credentials(ProxyCredentialError),
}

impl ProxyInput {
    /// The location, when everything can be used; otherwise everything that cannot.
    pub(crate) fn check(&self) -> Result<ProxyLocation, Vec<InputProblem>> {
        let location = ProxyLocation::parse(&self.location).map_err(InputProblem::Location);
        let credentials = check_credentials(&self.user_name, self.password.expose())
            .map_err(InputProblem::Credentials);
        match (location, credentials) {
            (Ok(location), Ok(())) => Ok(location),
            (location, credentials) => {
                Err([location.err(), credentials.err()].into_iter().flatten().collect())
            }
        }
    }

    /// The user name; `None` = no authentication.
    fn user_name(&self) -> Option<String> {
        (!self.user_name.is_empty()).then(|| self.user_name.clone())
    }
}

impl Changers {
    /// Adds a proxy server behind the others and gives its id.
    pub(crate) async fn add_proxy(
        &self,
        location: ProxyLocation,
        input: &ProxyInput,
    ) -> Result<String, ChangeFailure> {
        let password = (!input.password.expose().is_empty()).then(|| input.password.clone());
        let user_name = input.user_name();
        let request = SettingsRequest::AddProxy { location, user_name, password };
        match self.settings.call(&request).await.map_err(ChangeFailure::Silent)? {
            SettingsResponse::Added { id } => Ok(id),
            SettingsResponse::Refused { refusal } => Err(ChangeFailure::Refused(refusal)),
            SettingsResponse::Failed { reason } => Err(ChangeFailure::NotStored(reason)),
            _ => Err(ChangeFailure::NotStored("the settings role does not allow it".to_owned())),
        }
    }

    /// Changes a proxy server.
    pub(crate) async fn update_proxy(
        &self,
        id: String,
        location: ProxyLocation,
        input: &ProxyInput,
        password: PasswordChange,
    ) -> Result<(), ChangeFailure> {
        let user_name = input.user_name();
        self.change(SettingsRequest::UpdateProxy { id, location, user_name, password }).await
    }

    /// Forgets a proxy server.
    pub(crate) async fn delete_proxy(&self, id: String) -> Result<(), ChangeFailure> {
        self.change(SettingsRequest::DeleteProxy { id }).await
    }

    /// Brings the proxy servers into another order.
    pub(crate) async fn order_proxies(&self, ids: Vec<String>) -> Result<(), ChangeFailure> {
        self.change(SettingsRequest::OrderProxies { ids }).await
    }

    /// Replaces the exceptions, if they still are those that were seen.
    pub(crate) async fn set_proxy_bypass(
        &self,
        rules: Vec<BypassRule>,
        expected: Option<Vec<BypassRule>>,
    ) -> Result<(), ChangeFailure> {
        self.change(SettingsRequest::SetProxyBypass { rules, expected }).await
    }

    /// Adds an authority.
    pub(crate) async fn add_root(&self, root: RootCa) -> Result<(), ChangeFailure> {
        self.change(SettingsRequest::AddRoot { root }).await
    }

    /// Forgets an authority.
    pub(crate) async fn delete_root(&self, id: String) -> Result<(), ChangeFailure> {
        self.change(SettingsRequest::DeleteRoot { id }).await
    }
}

impl State {
    /// The generation of the settings that is known.
    pub(crate) fn settings_generation(&self) -> Option<u64> {
        self.settings.borrow().as_ref().map(|status| status.generation)
    }

    /// The proxy servers in their order; `None` when the settings role does not answer.
    pub(crate) fn proxies(&self) -> Option<Vec<ProxyServer>> {
        self.settings.borrow().as_ref().map(|status| status.settings.proxies.clone())
    }

    /// The proxy server with this id.
    pub(crate) fn proxy(&self, id: &str) -> Option<ProxyServer> {
        self.proxies()?.into_iter().find(|proxy| proxy.id == id)
    }

    /// The added authorities; `None` when the settings role does not answer.
    pub(crate) fn roots(&self) -> Option<Vec<RootCaFacts>> {
        self.settings.borrow().as_ref().map(|status| status.settings.roots.clone())
    }

    /// The added authority with this id.
    pub(crate) fn root(&self, id: &str) -> Option<RootCaFacts> {
        self.roots()?.into_iter().find(|root| root.id == id)
    }

    /// The signing request that waits for its certificate.
    pub(crate) fn signing_request(&self) -> Option<SigningRequestFacts> {
        self.settings.borrow().as_ref().and_then(|status| status.signing_request.clone())
    }

    /// Waits until it is known whether a proxy server can be used, but not for long.
    pub(crate) async fn see_proxy_checked(&self, id: &str, limit: Duration) {
        let mut diagnostics = self.diagnostics.clone();
        let checked = diagnostics.wait_for(|status| is_proxy_checked(status.as_ref(), id));
        // Without a result the page says that the check is under way.
        let _ = timeout(limit, checked).await;
    }
}
