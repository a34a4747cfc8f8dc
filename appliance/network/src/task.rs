//! Follows settings, links and DHCP, and keeps the interface as they say.

use std::convert::Infallible;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bus::{Client, SettingsRequest, bind, follow, report_ready, serve};
use model::network::{LeaseFacts, NetworkSettings, NetworkState, NetworkStatus, Sourced};
use model::role::Role;
use model::supervision;
use sys::netlink::{LOOPBACK_INDEX, Link, LinkChanges, RouteSocket};
use tokio::io::unix::AsyncFd;
use tokio::sync::watch;
use tokio::time::Instant;
use tracing::{debug, info, warn};

use crate::configuration::{self, Configuration};
use crate::dhcp::{Conversation, Event, Lease};
use crate::error::{NetworkError, SetUpError, in_one_line};
use crate::interface::choose;
use crate::readiness::register;
use crate::service::NetworkService;
use crate::status::{channel, describe, publish, unix_now};
use crate::{host_name, resolver};

/// Pause before a step that failed is tried again.
const RETRY_PAUSE: Duration = Duration::from_secs(10);
/// A missing link or lease is not worth a message sooner: cards and servers need a moment.
const PATIENCE: Duration = Duration::from_secs(3);

/// Where things are.
#[derive(Clone, Debug)]
pub struct NetworkConfig {
    /// Socket to answer on.
    pub socket: String,
    /// Socket of the settings role.
    pub settings: String,
    /// Socket of PID 1.
    pub init: String,
    /// File for the DNS servers. Its directory must exist and be writable.
    pub resolver: PathBuf,
}

impl NetworkConfig {
    /// As on the appliance.
    #[must_use]
    pub fn appliance() -> Self {
        Self {
            socket: Role::Network.socket_path(),
            settings: Role::Settings.socket_path(),
            init: supervision::SOCKET.to_owned(),
            resolver: "/run/network/resolv.conf".into(),
        }
    }
}

/// Sets up the network, tells PID 1 that the role is ready, and answers.
///
/// # Errors
///
/// [`NetworkError`] when the role cannot work at all. What the kernel refuses of the settings is a
/// state of the network, and tried again.
pub async fn run(config: NetworkConfig) -> Result<Infallible, NetworkError> {
    let mut kernel = RouteSocket::open().map_err(NetworkError::Links)?;
    if let Err(error) = kernel.set_up(LOOPBACK_INDEX) {
        warn!(%error, "Cannot switch the loopback interface on");
    }
    let changes = LinkChanges::open().map_err(NetworkError::Links)?;
    let changes = register(changes).map_err(NetworkError::Reactor)?;
    let listener = bind(&config.socket)
        .map_err(|source| NetworkError::Listen { path: config.socket, source })?;
    let status = channel();
    let mut network = Network::new(kernel, config.resolver);
    let init = Client::new(config.init);
    tokio::spawn(serve(listener, Arc::new(NetworkService(status.subscribe()))));
    tokio::spawn(host_name::follow(init.clone(), network.host_name.subscribe()));
    tokio::spawn(report_ready(init));
    let mut settings = follow::<SettingsRequest>(config.settings);
    loop {
        if let Some(settings) = &*settings.borrow_and_update() {
            network.take_settings(&settings.settings.network);
        }
        network.set_up();
        publish(&status, network.status());
        let is_failed = network.failure.is_some();
        let end_of_patience = network.end_of_patience();
        tokio::select! {
            // The sender lives as long as its receiver.
            _ = settings.changed() => {}
            () = changed(&changes) => {}
            events = network.wait() => network.take_events(events),
            () = tokio::time::sleep(RETRY_PAUSE), if is_failed => {}
            () = sleep_until(end_of_patience), if end_of_patience.is_some() => {}
        }
    }
}

/// The interface in use and what it has.
struct Network {
    kernel: RouteSocket,
    resolver: PathBuf,
    host_name: watch::Sender<String>,
    settings: Option<Sourced<NetworkSettings>>,
    /// As first seen, apart from the state of the link.
    link: Option<Link>,
    /// Since when there has been no link.
    unlinked_since: Option<Instant>,
    conversation: Option<Conversation>,
    /// A lease and when it was given.
    lease: Option<(Lease, i64)>,
    /// What the interface has; `None` until something has been set.
    applied: Option<Option<Configuration>>,
    failure: Option<String>,
}

impl Network {
    fn new(kernel: RouteSocket, resolver: PathBuf) -> Self {
        Self {
            kernel,
            resolver,
            host_name: watch::Sender::new(host_name::wanted(None)),
            settings: None,
            link: None,
            unlinked_since: None,
            conversation: None,
            lease: None,
            applied: None,
            failure: None,
        }
    }

    fn take_settings(&mut self, settings: &Sourced<NetworkSettings>) {
        if self.settings.as_ref() == Some(settings) {
            return;
        }
        let is_automatic =
            |settings: &Sourced<NetworkSettings>| settings.value == NetworkSettings::Automatic;
        if !(is_automatic(settings) && self.settings.as_ref().is_some_and(is_automatic)) {
            self.stop_dhcp();
        }
        self.settings = Some(settings.clone());
    }

    fn take_events(&mut self, events: Vec<Event>) {
        for event in events {
            self.lease = match event {
                Event::Leased(lease) => Some((lease, unix_now())),
                Event::Lost => None,
            };
        }
    }

    /// Waits for DHCP; for ever when it is not in use.
    async fn wait(&mut self) -> Vec<Event> {
        match &mut self.conversation {
            Some(conversation) => conversation.wait().await,
            None => std::future::pending().await,
        }
    }

    /// Brings the kernel to what settings, links and DHCP say now.
    fn set_up(&mut self) {
        let failure = self.try_set_up().err().map(|error| in_one_line(&error));
        if let Some(reason) = failure.as_ref().filter(|_| failure != self.failure) {
            warn!(error = reason, "The network is not set up");
        }
        self.failure = failure;
    }

    fn try_set_up(&mut self) -> Result<(), SetUpError> {
        self.look_at_links()?;
        let (Some(settings), Some(link)) = (self.settings.clone(), self.link.clone()) else {
            return Ok(());
        };
        let wanted = match &settings.value {
            NetworkSettings::Static(fixed) => {
                Some(Configuration::of_static(fixed, settings.origin))
            }
            NetworkSettings::Automatic => {
                self.converse(&link)?;
                self.lease.as_ref().map(|(lease, _)| Configuration::of_lease(lease))
            }
        };
        if self.applied.as_ref() != Some(&wanted) {
            self.apply(&link, wanted)?;
        }
        Ok(())
    }

    /// Keeps DHCP going and tells it about the link.
    fn converse(&mut self, link: &Link) -> Result<(), SetUpError> {
        if self.conversation.is_none() {
            self.conversation = Some(Conversation::open(link)?);
        }
        let events =
            self.conversation.as_mut().map(|conversation| conversation.set_link(link.has_carrier));
        self.take_events(events.unwrap_or_default());
        Ok(())
    }

    fn apply(&mut self, link: &Link, wanted: Option<Configuration>) -> Result<(), SetUpError> {
        // After an error it is not known what the interface has.
        self.applied = None;
        configuration::apply(&mut self.kernel, link, wanted.as_ref())
            .map_err(|source| SetUpError::Kernel { interface: link.name.clone(), source })?;
        resolver::write(&self.resolver, wanted.as_ref()).map_err(|source| {
            SetUpError::Resolver { path: self.resolver.display().to_string(), source }
        })?;
        let name = host_name::wanted(wanted.as_ref());
        self.host_name.send_if_modified(|known| {
            let is_new = *known != name;
            *known = name;
            is_new
        });
        match &wanted {
            Some(values) => {
                info!(interface = link.name, address = %values.address, "An address is in use")
            }
            None => info!(interface = link.name, "No address is in use"),
        }
        self.applied = Some(wanted);
        Ok(())
    }

    /// Switches all links on, since a link that is off does not show its cable, and picks one.
    fn look_at_links(&mut self) -> Result<(), SetUpError> {
        let links = self.kernel.links().map_err(SetUpError::Links)?;
        for link in links.iter().filter(|link| !link.is_up) {
            self.kernel
                .set_up(link.index)
                .map_err(|source| SetUpError::Kernel { interface: link.name.clone(), source })?;
        }
        let in_use = self.link.as_ref().map(|link| link.index);
        let chosen = choose(&links, in_use).cloned();
        match (&mut self.link, chosen) {
            (Some(link), Some(chosen)) if link.index == chosen.index => {
                // A new hardware address needs a new conversation, which the kernel allows on a
                // link that is off only; the size of packets is ours to change.
                link.has_carrier = chosen.has_carrier;
            }
            (_, chosen) => self.move_to(chosen),
        }
        if self.link.as_ref().is_some_and(|link| link.has_carrier) {
            self.unlinked_since = None;
        } else {
            self.unlinked_since.get_or_insert_with(Instant::now);
        }
        Ok(())
    }

    /// When the status has to say that there is no link, if it does not say so yet.
    fn end_of_patience(&self) -> Option<Instant> {
        Some(self.unlinked_since? + PATIENCE).filter(|end| *end > Instant::now())
    }

    /// Takes everything off the interface in use and goes on with another one.
    fn move_to(&mut self, chosen: Option<Link>) {
        self.stop_dhcp();
        if let Some(old) = self.link.take()
            && let Err(error) = configuration::apply(&mut self.kernel, &old, None)
        {
            debug!(%error, interface = old.name, "Cannot clear an interface, which may be gone");
        }
        self.applied = None;
        if let Some(link) = &chosen {
            info!(interface = link.name, "An interface is in use");
        }
        self.link = chosen;
    }

    fn stop_dhcp(&mut self) {
        self.conversation = None;
        self.lease = None;
    }

    fn status(&self) -> NetworkStatus {
        let lease = self.lease.as_ref().map(|(lease, obtained)| LeaseFacts {
            server: lease.server,
            obtained: *obtained,
            duration_seconds: lease
                .times
                .map(|times| u32::try_from(times.end.as_secs()).unwrap_or(u32::MAX)),
        });
        let applied = self.applied.as_ref().and_then(Option::as_ref);
        describe(self.state(), self.link.as_ref(), applied, lease)
    }

    fn state(&self) -> NetworkState {
        if let Some(reason) = self.failure.clone() {
            return NetworkState::Failed { reason };
        }
        if self.unlinked_since.is_some() && self.end_of_patience().is_none() {
            let is_card = self.link.is_some();
            return if is_card { NetworkState::NoLink } else { NetworkState::NoInterface };
        }
        if matches!(self.applied, Some(Some(_))) {
            return NetworkState::Configured;
        }
        match self.conversation.as_ref().and_then(Conversation::waiting) {
            Some(waiting) if waiting.elapsed >= PATIENCE => {
                NetworkState::NoLease { since: waiting.since }
            }
            _ => NetworkState::Starting,
        }
    }
}

/// Waits until a link has changed.
async fn changed(changes: &AsyncFd<LinkChanges>) {
    loop {
        let Ok(mut guard) = changes.readable().await else {
            return std::future::pending().await;
        };
        match guard.try_io(|changes| changes.get_ref().read_changes()) {
            Ok(Ok(())) => return,
            Ok(Err(error)) => return warn!(%error, "Cannot follow the links"),
            // Nothing to read after all.
            Err(_) => {}
        }
    }
}

async fn sleep_until(moment: Option<Instant>) {
    if let Some(moment) = moment {
        tokio::time::sleep_until(moment).await;
    }
}
