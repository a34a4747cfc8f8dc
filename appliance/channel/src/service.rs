//! Answers about the channel.

use bus::{Application, ApplicationProblem, ChannelRequest, ChannelResponse, Peer, Service};
use model::channel::{Applicant, CloudAddress};
use model::product::DEPLOYMENTS;
use model::role::Role;
use model::settings::SettingsStatus;
use protocol::name::Name;
use tokio::sync::{mpsc, oneshot, watch};

use crate::board::{Board, Published};
use crate::order::{Client, Command, Order};

/// Longest identifier of a resource location or of a secure client, in octets.
const MAX_IDENTIFIER_BYTES: usize = 128;

/// Tells every role the status, and works for the web role.
pub(crate) struct ChannelService {
    pub(crate) board: Board,
    pub(crate) orders: mpsc::Sender<Order>,
    pub(crate) settings: watch::Receiver<Option<SettingsStatus>>,
}

impl Service for ChannelService {
    type Request = ChannelRequest;
    type Response = ChannelResponse;

    async fn call(&self, peer: Peer, request: ChannelRequest) -> ChannelResponse {
        let command = match request {
            ChannelRequest::Status { newer_than } if peer.is_known() => {
                return self.tell(newer_than, peer).await;
            }
            ref it if !is_allowed(peer, it) => return ChannelResponse::Forbidden,
            ChannelRequest::Status { .. } => return ChannelResponse::Forbidden,
            ChannelRequest::Register { application } => {
                self.applicant(application).map(Command::Register)
            }
            ChannelRequest::NewCode => Ok(Command::NewCode),
            ChannelRequest::Withdraw => Ok(Command::Withdraw),
            ChannelRequest::Unattended { application, client, secret } => {
                let client = identifier(client).map(|id| Client { id, secret });
                self.applicant(application)
                    .and_then(|applicant| Ok(Command::Unattended(applicant, client?)))
            }
            ChannelRequest::Unregister => Ok(Command::Unregister),
            ChannelRequest::Forget => Ok(Command::Forget),
        };
        match command {
            Ok(command) => self.order(command).await,
            Err(problem) => ChannelResponse::Invalid { problem },
        }
    }
}

/// Whether a peer may ask for a change.
fn is_allowed(peer: Peer, request: &ChannelRequest) -> bool {
    let is_unattended = matches!(request, ChannelRequest::Unattended { .. });
    peer.is(Role::Web) || is_unattended && peer.is(Role::Guest)
}

impl ChannelService {
    async fn tell(&self, newer_than: Option<u64>, peer: Peer) -> ChannelResponse {
        let mut status = self.board.subscribe();
        // Another generation, not only a higher one: the asker may have seen one of the process
        // before this one.
        let is_news = |(generation, _): &Published| Some(*generation) != newer_than;
        // Without a sender the role is about to end; what was last known is the answer.
        let _ = status.wait_for(is_news).await;
        let (generation, status) = status.borrow().clone();
        let status = if peer.is(Role::Web) { status } else { status.without_code() };
        ChannelResponse::Status { generation, status }
    }

    async fn order(&self, command: Command) -> ChannelResponse {
        let (reply, answer) = oneshot::channel();
        let ended = || ChannelResponse::Failed { reason: "the role is about to end".to_owned() };
        if self.orders.send(Order { command, reply }).await.is_err() {
            return ended();
        }
        answer.await.unwrap_or_else(|_| ended())
    }

    fn applicant(&self, application: Application) -> Result<Applicant, ApplicationProblem> {
        let name = Name::parse(&application.name)
            .map_err(|error| ApplicationProblem::Name { detail: error.to_string() })?;
        let location = application.location.map(identifier).transpose()?;
        let cloud = match application.cloud {
            Some(cloud) => cloud,
            None => {
                let first = self.settings.borrow();
                let first = first.as_ref().and_then(|it| it.settings.deployment.clone());
                let deployment = application.deployment.or(first).map(String::from);
                let deployment = deployment.as_deref().unwrap_or(DEPLOYMENTS[0].0);
                let known = DEPLOYMENTS.iter().find(|(name, _)| *name == deployment);
                known
                    .and_then(|(_, (host, port))| CloudAddress::new(host, *port).ok())
                    .ok_or(ApplicationProblem::Deployment)?
            }
        };
        Ok(Applicant { name: name.into(), cloud, location })
    }
}

/// An identifier that the cloud gave out: it is sent back as it is.
fn identifier(text: String) -> Result<String, ApplicationProblem> {
    let is_usable = !text.is_empty()
        && text.len() <= MAX_IDENTIFIER_BYTES
        && text.bytes().all(|octet| octet.is_ascii_graphic());
    if is_usable { Ok(text) } else { Err(ApplicationProblem::Identifier) }
}

#[cfg(test)]
mod tests {
    use model::deployment::Deployment;
    use model::secret::Secret;

    use super::*;

    fn application() -> Application {
        let name = "one".to_owned();
        Application { name, cloud: None, deployment: None, location: None }
    }

    fn service() -> (ChannelService, mpsc::Receiver<Order>) {
        let (orders, waiting) = mpsc::channel(1);
        let settings = watch::channel(None).1;
        (ChannelService { board: Board::new(), orders, settings }, waiting)
    }

    #[tokio::test]
    async fn every_role_may_look_and_only_web_may_ask_for_work() {
        let (service, orders) = service();
        drop(orders);
        for peer in [Peer::Role(Role::Console), Peer::Role(Role::Diagnostics), Peer::Other(1000)] {
            let status = service.call(peer, ChannelRequest::Status { newer_than: None }).await;
            assert_eq!(status == ChannelResponse::Forbidden, !peer.is_known());
            for request in [
                ChannelRequest::Register { application: application() },
                ChannelRequest::Unattended {
                    application: application(),
                    client: "c".to_owned(),
                    secret: Secret::new("s".to_owned()),
                },
                ChannelRequest::NewCode,
                ChannelRequest::Withdraw,
                ChannelRequest::Unregister,
                ChannelRequest::Forget,
            ] {
                assert_eq!(service.call(peer, request).await, ChannelResponse::Forbidden);
            }
        }
        let answer = service.call(Peer::Role(Role::Web), ChannelRequest::Withdraw).await;
        assert!(matches!(answer, ChannelResponse::Failed { .. }), "{answer:?}");
    }

    #[test]
    fn the_cloud_is_that_of_the_deployment_unless_another_one_is_named() {
        let (service, _orders) = service();
        let cloud = |application| service.applicant(application).map(|it| it.cloud.to_string());
        assert_eq!(cloud(application()).unwrap(), DEPLOYMENTS[0].1.0);
        let deployment = Deployment::try_from("productionjp".to_owned()).ok();
        let japan = Application { deployment, ..application() };
        assert_eq!(cloud(japan).unwrap(), DEPLOYMENTS[1].1.0);
        let own = CloudAddress::parse("cloud.corp.example:8443").ok();
        let own = Application { cloud: own, ..application() };
        assert_eq!(cloud(own).unwrap(), "cloud.corp.example:8443");
    }

    #[test]
    fn what_cannot_be_meant_is_refused_with_the_problem() {
        let (service, _orders) = service();
        let problem = |application| service.applicant(application).unwrap_err();
        let long = "a".repeat(300);
        for name in ["", " ", "<b>", &long] {
            let problem = problem(Application { name: name.to_owned(), ..application() });
            assert!(matches!(problem, ApplicationProblem::Name { .. }), "{name}: {problem:?}");
        }
        let deployment = Deployment::try_from("moon".to_owned()).ok();
        let unknown = Application { deployment, ..application() };
        assert_eq!(problem(unknown), ApplicationProblem::Deployment);
        for location in ["", "a b", &long] {
            let location = Some(location.to_owned());
            let wrong = Application { location, ..application() };
            assert_eq!(problem(wrong), ApplicationProblem::Identifier);
        }
    }
}
