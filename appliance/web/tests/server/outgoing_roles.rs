//! What the settings role does with proxies, authorities and signing requests, and the diagnostics role
//! with proxies, played by the test.

use std::sync::Arc;

use bus::{
    DiagnosticsRequest, DiagnosticsResponse, PasswordChange, Peer, Service, SettingsRequest,
    SettingsResponse,
};
use model::diagnostics::{DiagnosticsStatus, ProxyHealth};
use model::outbound::ProxyState;
use model::proxy::{ProxyServer, check_addition, check_change, positions};
use model::settings::{SettingsRefusal, SettingsStatus};

use crate::roles::FakeSettings;

impl FakeSettings {
    pub(crate) fn answer_connections(&self, request: SettingsRequest) -> SettingsResponse {
        match self.try_connections(request) {
            Ok(response) => response,
            Err(refusal) => SettingsResponse::Refused { refusal },
        }
    }

    fn try_connections(
        &self,
        request: SettingsRequest,
    ) -> Result<SettingsResponse, SettingsRefusal> {
        let settings = self.status.borrow().settings.clone();
        let is_known = |id: &str| settings.proxies.iter().any(|proxy| proxy.id == id);
        match request {
            SettingsRequest::AddProxy { location, user_name, password } => {
                check_addition(&settings.proxies, &location)?;
                let number = self.status.borrow().generation;
                let id = format!("4bc94059-f386-4411-aa80-ab2da95c{number:04}");
                let has_password = password.is_some();
                if let Some(password) = password {
                    self.proxy_passwords.lock().unwrap().push((id.clone(), password));
                }
                let proxy = ProxyServer { id: id.clone(), location, user_name, has_password };
                self.change(|status| status.settings.proxies.push(proxy));
                Ok(SettingsResponse::Added { id })
            }
            SettingsRequest::UpdateProxy { id, location, user_name, password } => {
                check_change(&settings.proxies, &id, &location)?;
                let mut proxy = settings.proxies.iter().find(|it| it.id == id).unwrap().clone();
                let is_moved = proxy.location != location || proxy.user_name != user_name;
                match password {
                    PasswordChange::Keep if is_moved && proxy.has_password => {
                        return Err(SettingsRefusal::ProxyPasswordNeeded);
                    }
                    PasswordChange::Keep => {}
                    PasswordChange::Remove => proxy.has_password = false,
                    PasswordChange::Set { secret } => {
                        proxy.has_password = true;
                        self.proxy_passwords.lock().unwrap().push((id.clone(), secret));
                    }
                }
                (proxy.location, proxy.user_name) = (location, user_name);
                Ok(self.change(|status| {
                    let list = &mut status.settings.proxies;
                    *list.iter_mut().find(|it| it.id == id).unwrap() = proxy;
                }))
            }
            SettingsRequest::DeleteProxy { id } if is_known(&id) => {
                Ok(self.change(|status| status.settings.proxies.retain(|it| it.id != id)))
            }
            SettingsRequest::DeleteProxy { .. } => Err(SettingsRefusal::UnknownProxy),
            SettingsRequest::OrderProxies { ids } => {
                let order = positions(&settings.proxies, &ids)?;
                let list = order.iter().map(|place| settings.proxies[*place].clone()).collect();
                Ok(self.change(|status| status.settings.proxies = list))
            }
            SettingsRequest::SetProxyBypass { expected: Some(expected), .. }
                if expected != settings.proxy_bypass =>
            {
                Ok(SettingsResponse::Conflict)
            }
            SettingsRequest::SetProxyBypass { rules, .. } => {
                Ok(self.change(|status| status.settings.proxy_bypass = rules))
            }
            SettingsRequest::AddRoot { root }
                if settings.roots.iter().any(|it| it.id == root.facts.id) =>
            {
                Err(SettingsRefusal::DuplicateRoot { subject: root.facts.subject })
            }
            SettingsRequest::AddRoot { root } => {
                Ok(self.change(|status| status.settings.roots.push(root.facts)))
            }
            SettingsRequest::DeleteRoot { id } => {
                Ok(self.change(|status| status.settings.roots.retain(|it| it.id != id)))
            }
            SettingsRequest::StoreSigningRequest { signing_request } => {
                let facts = signing_request.facts.clone();
                *self.signing_request.lock().unwrap() = Some(signing_request);
                Ok(self.change(|status| status.signing_request = Some(facts)))
            }
            SettingsRequest::SigningRequest => Ok(SettingsResponse::SigningRequest {
                request: self.signing_request.lock().unwrap().clone(),
            }),
            SettingsRequest::DeleteSigningRequest => {
                if self.signing_request.lock().unwrap().take().is_none() {
                    return Ok(SettingsResponse::Conflict);
                }
                Ok(self.change(|status: &mut SettingsStatus| status.signing_request = None))
            }
            other => panic!("nobody asks {other:?}"),
        }
    }
}

/// The diagnostics role: every proxy has the state that the test gives it.
pub(crate) struct FakeProxyChecks {
    settings: Arc<FakeSettings>,
    state: ProxyState,
}

impl FakeProxyChecks {
    pub(crate) fn new(settings: &Arc<FakeSettings>, state: ProxyState) -> Arc<Self> {
        Arc::new(Self { settings: Arc::clone(settings), state })
    }
}

impl Service for FakeProxyChecks {
    type Request = DiagnosticsRequest;
    type Response = DiagnosticsResponse;

    async fn call(&self, _: Peer, request: DiagnosticsRequest) -> DiagnosticsResponse {
        let DiagnosticsRequest::Status { newer_than } = request else {
            return DiagnosticsResponse::Forbidden;
        };
        // A new generation of the settings is one of the state as well.
        let mut settings = self.settings.status.subscribe();
        let status = settings.wait_for(|status| Some(status.generation) != newer_than).await;
        let status = status.unwrap().clone();
        let proxies = status.settings.proxies.into_iter().map(|proxy| ProxyHealth {
            id: proxy.id,
            location: proxy.location,
            state: self.state.clone(),
            since: 5,
            checked: Some(7),
        });
        DiagnosticsResponse::Status {
            generation: status.generation,
            status: DiagnosticsStatus { proxies: proxies.collect(), ..Default::default() },
        }
    }
}
