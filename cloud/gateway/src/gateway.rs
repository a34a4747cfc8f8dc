//! A gateway.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use cluster::Cluster;
use protocol::code::Code;
use protocol::control::FromCloud;
use protocol::security_number::security_number;
use registry::{Change, Connector, Registration, Registry, RegistryError, TenantId};
use rustls::ServerConfig;
use rustls::pki_types::CertificateDer;
use thiserror::Error;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::time::timeout;
use tunnel::identity::{self, Peer};
use tunnel::{Link, TunnelError, websocket};

use crate::applicant_key::{ApplicantKey, ApplicantKeyError};
use crate::applicants::{Applicants, Order};
use crate::authority::{Authority, AuthorityError};
use crate::connection::{Connected, lock};
use crate::connections::Connections;
use crate::recent::Recent;
use crate::{contacts, control, drain, limits, registration};

/// Gives the time in seconds since 1970.
pub type Clock = fn() -> i64;

/// A gateway. Clones are the same one.
#[derive(Clone, Debug)]
pub struct Gateway(pub(crate) Arc<Inner>);

#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) name: String,
    pub(crate) registry: Registry,
    pub(crate) authority: Authority,
    pub(crate) clock: Clock,
    pub(crate) connections: Connections,
    /// Told when a connector has come of which the registry is to know.
    pub(crate) arrived: Arc<Notify>,
    pub(crate) applicants: Applicants,
    pub(crate) codes: Recent,
    /// Connectors that have been seen, for the time when the registry does not answer.
    pub(crate) known: Mutex<HashMap<String, Connector>>,
    pub(crate) is_draining: AtomicBool,
    /// Other gateways, once they were joined.
    pub(crate) others: OnceLock<Cluster>,
    /// Authorities whose connectors are known.
    authorities: Vec<CertificateDer<'static>>,
    tls: Mutex<Arc<ServerConfig>>,
    open: AtomicUsize,
}

/// Why a gateway cannot start.
#[derive(Debug, Error)]
pub enum StartError {
    /// No certificate.
    #[error(transparent)]
    Authority(#[from] AuthorityError),
    /// It cannot be used.
    #[error(transparent)]
    Tunnel(#[from] TunnelError),
}

/// Why the details of an appliance cannot be confirmed.
#[derive(Debug, Error)]
pub enum ConfirmError {
    /// The registry refuses, for example because the code has expired.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// The appliance does not answer on the connection that it made.
    #[error(
        "the appliance cannot be contacted: see that it is switched on and still shows the code"
    )]
    Unreachable,
}

/// Why an appliance cannot be registered.
#[derive(Debug, Error)]
pub enum RegisterError {
    /// The registry refuses.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// Its key cannot be used.
    #[error(transparent)]
    Key(#[from] ApplicantKeyError),
    /// No certificate can be made.
    #[error(transparent)]
    Authority(#[from] AuthorityError),
}

impl Gateway {
    /// Starts a gateway; `earlier` are authorities before this one, whose connectors are still known.
    ///
    /// # Errors
    ///
    /// The authority cannot make a certificate.
    ///
    /// # Panics
    ///
    /// Outside of a Tokio runtime: a task of the gateway notes which connectors are there.
    pub fn start(
        name: &str,
        registry: Registry,
        authority: Authority,
        earlier: &[CertificateDer<'static>],
        clock: Clock,
    ) -> Result<Self, StartError> {
        let mut authorities = vec![authority.certificate()];
        authorities.extend_from_slice(earlier);
        let tls = identity::cloud(authority.gateway(clock())?, &authorities)?;
        let arrived = Arc::new(Notify::new());
        let inner = Arc::new(Inner {
            name: name.to_owned(),
            registry,
            authority,
            clock,
            connections: Connections::default(),
            arrived: Arc::clone(&arrived),
            applicants: Applicants::default(),
            codes: Recent::new(limits::CODES_OF_SOURCE, limits::CODES_SPAN, limits::SOURCES),
            known: Mutex::default(),
            is_draining: AtomicBool::new(false),
            others: OnceLock::new(),
            authorities,
            tls: Mutex::new(tls),
            open: AtomicUsize::new(0),
        });
        tokio::spawn(contacts::keep(Arc::downgrade(&inner), arrived));
        Ok(Self(inner))
    }

    /// Shows a new certificate from now on. Connections that are open stay as they are. To be called
    /// now and then, because a certificate of a gateway lasts 90 days.
    ///
    /// # Errors
    ///
    /// The authority cannot make a certificate; the one before stays in use.
    pub fn renew(&self) -> Result<(), StartError> {
        let own = self.0.authority.gateway(self.now())?;
        *lock(&self.0.tls) = identity::cloud(own, &self.0.authorities)?;
        Ok(())
    }

    /// Whether another connection is taken; if not, the HTTP server answers 503.
    #[must_use]
    pub fn has_room(&self) -> bool {
        !self.0.is_draining.load(Ordering::Relaxed)
            && self.0.open.load(Ordering::Relaxed) < limits::CONNECTIONS
    }

    /// Serves a connection whose request for a WebSocket has been answered, until it ends. `source`
    /// is the address that it came from.
    pub async fn serve<S>(&self, stream: S, source: &str)
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        self.0.open.fetch_add(1, Ordering::Relaxed);
        let _open = Open(&self.0.open);
        if let Err(error) = self.serve_peer(stream, source).await {
            tracing::info!(source, %error, "a connection ended");
        }
    }

    async fn serve_peer<S>(&self, stream: S, source: &str) -> Result<(), TunnelError>
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let opening = async {
            let octets = websocket::accept(stream).await;
            let activity = octets.activity();
            let tls = Arc::clone(&lock(&self.0.tls));
            let (stream, peer) = identity::accept(tls, octets).await?;
            Ok::<_, TunnelError>((Link::accepted(stream), activity, peer))
        };
        let (link, activity, peer) =
            timeout(limits::OPENING, opening).await.map_err(|_| late())??;
        match peer {
            Peer::Applicant => registration::serve(self, link, source).await,
            Peer::Appliance(certificate) => {
                control::serve(self, link, activity, &certificate, source).await
            }
        }
    }

    /// Finds the appliance that shows a code, for a tenant, and makes sure that it can be contacted.
    /// Gives the security number as well, which the appliance's page shows too.
    ///
    /// # Errors
    ///
    /// [`ConfirmError`]; the code stays as it was.
    pub async fn confirm(
        &self,
        tenant: &TenantId,
        code: &str,
        change: &Change,
    ) -> Result<(Registration, String), ConfirmError> {
        let found = self.0.registry.tenant(tenant).confirm_registration(code, change).await?;
        if !self.is_there(&found.id).await {
            return Err(ConfirmError::Unreachable);
        }
        let number = self.security_number(code, &found).unwrap_or_default();
        Ok((found, number))
    }

    /// Whether the appliance that waits for a registration answers, here or at another gateway.
    async fn is_there(&self, registration: &str) -> bool {
        self.applicant_answers(registration).await
            || self.is_there_elsewhere(registration.to_owned()).await
    }

    /// Whether the appliance that waits for a registration here answers.
    pub(crate) async fn applicant_answers(&self, registration: &str) -> bool {
        let (asked, answer) = oneshot::channel();
        let Some(applicant) = self.0.applicants.get(registration) else { return false };
        if applicant.send(Order::AreYouThere(asked)).await.is_err() {
            return false;
        }
        matches!(timeout(limits::ANSWER, answer).await, Ok(Ok(())))
    }

    fn security_number(&self, code: &str, registration: &Registration) -> Option<String> {
        let code = Code::parse(code).ok()?;
        let key = ApplicantKey::from_base64(&registration.public_key).ok()?.pin();
        Some(security_number(&code, &key.0, &self.0.authority.pin().0))
    }

    /// Registers an appliance whose details were confirmed, and tells it.
    ///
    /// # Errors
    ///
    /// [`RegisterError`]; nothing has changed then.
    pub async fn register(
        &self,
        tenant: &TenantId,
        registration: &str,
        location: Option<&str>,
        change: &Change,
    ) -> Result<Connector, RegisterError> {
        let tenant = self.0.registry.tenant(tenant);
        let found = tenant.registration(registration).await?;
        let key = ApplicantKey::from_base64(&found.public_key)?;
        let certificate = self.0.authority.connector(&found.connector, &key, change.at)?;
        let connector = tenant.register(registration, location, &certificate, change).await?;
        self.look(registration).await;
        self.look_elsewhere(registration);
        Ok(connector)
    }

    /// Refuses an appliance whose details were confirmed, and tells it.
    ///
    /// # Errors
    ///
    /// The registry does not know it any more.
    pub async fn refuse(
        &self,
        tenant: &TenantId,
        registration: &str,
        change: &Change,
    ) -> Result<(), RegistryError> {
        self.0.registry.tenant(tenant).refuse_registration(registration, change).await?;
        self.look(registration).await;
        self.look_elsewhere(registration);
        Ok(())
    }

    /// Has the appliance that waits for a registration here told what was decided.
    pub(crate) async fn look(&self, registration: &str) {
        if let Some(applicant) = self.0.applicants.get(registration) {
            let _ = applicant.send(Order::Look).await;
        }
    }

    /// The name of this gateway.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// What is known of a connector that is connected, here or at another gateway.
    #[must_use]
    pub fn connected(
        &self,
        tenant: &TenantId,
        location: &str,
        connector: &str,
    ) -> Option<Connected> {
        let place = (tenant.clone(), location.to_owned());
        let here = self.0.connections.connected(&self.0.name, &place, connector);
        self.with_elsewhere(here, &place, connector)
    }

    /// Ends the connections of a connector that was removed or revoked, here and at other gateways.
    pub async fn forget(&self, tenant: &TenantId, location: &str, connector: &str) {
        self.forget_here(tenant, location, connector).await;
        self.forget_elsewhere(tenant, location, connector).await;
    }

    pub(crate) async fn forget_here(&self, tenant: &TenantId, location: &str, connector: &str) {
        lock(&self.0.known).retain(|_, known| known.id != connector);
        let all = self.0.connections.of_location(&(tenant.clone(), location.to_owned()));
        for connection in all.iter().filter(|it| it.owner.connector == connector) {
            let order = crate::connection::Order::end(FromCloud::Unregistered);
            let _ = connection.orders.send(order).await;
        }
    }

    /// Whether it was asked to [drain](Self::drain): whoever can should go elsewhere.
    #[must_use]
    pub fn is_draining(&self) -> bool {
        self.0.is_draining.load(Ordering::Relaxed)
    }

    /// Stops taking connections, asks all connectors to go elsewhere within a time, and waits until they
    /// have or the time is over.
    pub async fn drain(&self, within: Duration) {
        drain::drain(self, within).await;
    }

    pub(crate) fn now(&self) -> i64 {
        (self.0.clock)()
    }
}

/// The error of a peer that takes too long.
pub(crate) fn late() -> TunnelError {
    TunnelError::Ended("the other side took too long".to_owned())
}

/// Counts a connection until it is dropped.
struct Open<'a>(&'a AtomicUsize);

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A channel of orders to an applicant's task.
pub(crate) fn orders() -> (mpsc::Sender<Order>, mpsc::Receiver<Order>) {
    mpsc::channel(4)
}
