//! The machine's attachment to the network: the interface in use and what it has.

use std::path::PathBuf;

use model::network::{LeaseFacts, NetworkSettings, NetworkState, NetworkStatus, Sourced};
use model::settings::Settings;
use sys::netlink::{Link, RouteSocket};
use tokio::sync::watch;
use tokio::time::Instant;
use tracing::{debug, info, warn};

use crate::arp::{AddressWatch, IN_USE, Segment, Verdict};
use crate::configuration::{self, Configuration};
use crate::dhcp::{Conversation, Event, Lease};
use model::error::chain;

use crate::error::{SetUpError, in_one_line};
use crate::interface::{Chooser, GRACE, facts, format_hardware_address};
use crate::status::{describe, unix_now};
use crate::{host_name, resolver};

/// A missing link or lease is not worth a message sooner: cards and servers need a moment.
const PATIENCE: std::time::Duration = GRACE;

/// Something that DHCP or ARP found out.
pub(crate) enum News {
    Lease(Vec<Event>),
    Address(Verdict),
}

/// The interface in use and what it has.
pub(crate) struct Attachment {
    kernel: RouteSocket,
    resolver: PathBuf,
    host_name: watch::Sender<Sourced<String>>,
    segment: watch::Sender<Segment>,
    settings: Option<Sourced<NetworkSettings>>,
    chosen_name: Option<Sourced<String>>,
    started: Instant,
    /// When the links were looked at last; what depends on time is judged by it.
    looked: Instant,
    chooser: Chooser,
    /// All interfaces, as last listed.
    links: Vec<Link>,
    /// As first seen, apart from the state of the link.
    link: Option<Link>,
    /// Since when there has been no link.
    unlinked_since: Option<Instant>,
    conversation: Option<Conversation>,
    /// A lease and when it was given.
    lease: Option<(Lease, i64)>,
    watch: Option<AddressWatch>,
    verdict: Option<Verdict>,
    /// The address that another machine uses, and that machine, until there is another address.
    conflict: Option<NetworkState>,
    /// What the interface has; `None` until something has been set.
    applied: Option<Option<Configuration>>,
    failure: Option<String>,
}

impl Attachment {
    pub(crate) fn new(kernel: RouteSocket, resolver: PathBuf) -> Self {
        let started = Instant::now();
        Self {
            kernel,
            resolver,
            host_name: watch::Sender::new(host_name::wanted(None, None)),
            segment: watch::Sender::new(Segment::default()),
            settings: None,
            chosen_name: None,
            started,
            looked: started,
            chooser: Chooser::new(started.elapsed()),
            links: Vec::new(),
            link: None,
            unlinked_since: None,
            conversation: None,
            lease: None,
            watch: None,
            verdict: None,
            conflict: None,
            applied: None,
            failure: None,
        }
    }

    /// The host name to use.
    pub(crate) fn host_name(&self) -> watch::Receiver<Sourced<String>> {
        self.host_name.subscribe()
    }

    /// Where the machine is attached.
    pub(crate) fn segment(&self) -> watch::Receiver<Segment> {
        self.segment.subscribe()
    }

    pub(crate) fn take_settings(&mut self, settings: &Settings) {
        self.chosen_name.clone_from(&settings.host_name);
        let network = &settings.network;
        if self.settings.as_ref() == Some(network) {
            return;
        }
        let is_automatic =
            |settings: &Sourced<NetworkSettings>| settings.value == NetworkSettings::Automatic;
        if !(is_automatic(network) && self.settings.as_ref().is_some_and(is_automatic)) {
            self.stop_dhcp();
        }
        self.conflict = None;
        self.settings = Some(network.clone());
    }

    pub(crate) fn take_news(&mut self, news: News) {
        match news {
            News::Lease(events) => self.take_events(events),
            News::Address(verdict) => self.take_verdict(verdict),
        }
    }

    fn take_events(&mut self, events: Vec<Event>) {
        for event in events {
            self.lease = match event {
                Event::Leased(lease) => Some((*lease, unix_now())),
                Event::Lost => None,
            };
        }
    }

    fn take_verdict(&mut self, verdict: Verdict) {
        let Some(address) = self.watch.as_ref().map(AddressWatch::address) else { return };
        self.verdict = Some(verdict);
        self.conflict = None;
        if let Verdict::Taken { holder } = verdict {
            let holder = format_hardware_address(holder);
            warn!(%address, holder, "Another machine uses the address");
            self.conflict = Some(NetworkState::AddressConflict { contested: address, holder });
            let events = self.conversation.as_mut().map(Conversation::decline);
            self.take_events(events.unwrap_or_default());
        }
    }

    /// Waits for DHCP and ARP; for ever when neither is in use. To be dropped at any time without
    /// loss.
    pub(crate) async fn wait(&mut self) -> News {
        let (conversation, watch) = (&mut self.conversation, &mut self.watch);
        let lease = async {
            match conversation {
                Some(conversation) => conversation.wait().await,
                None => std::future::pending().await,
            }
        };
        let verdict = async {
            match watch {
                Some(watch) => watch.wait().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            events = lease => News::Lease(events),
            verdict = verdict => News::Address(verdict),
        }
    }

    /// Whether the last attempt to set something up failed.
    pub(crate) const fn has_failed(&self) -> bool {
        self.failure.is_some()
    }

    /// When there is something to do or to say although nothing has changed.
    pub(crate) fn review(&self) -> Option<Instant> {
        let choice = self.chooser.review().map(|review| self.started + review);
        let patience = self.unlinked_since.map(|since| since + PATIENCE);
        let reviews = choice.into_iter().chain(patience);
        reviews.filter(|review| *review > self.looked).min()
    }

    /// Brings the kernel to what settings, links, DHCP and ARP say now.
    pub(crate) fn set_up(&mut self) {
        let failure = self.try_set_up().err().map(|error| in_one_line(&error));
        if let Some(reason) = failure.as_ref().filter(|_| failure != self.failure) {
            warn!(error = reason, "The network is not set up");
        }
        self.failure = failure;
        let applied = self.applied();
        let name = host_name::wanted(self.chosen_name.as_ref(), applied);
        let address = applied.map(|values| values.address.address);
        self.host_name.send_if_modified(|known| replace(known, name));
        let own = self.links.iter().map(|link| link.hardware_address).collect();
        let segment = Segment { link: self.link.clone(), address, own };
        self.segment.send_if_modified(|known| replace(known, segment));
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
        let usable = match wanted {
            None => {
                self.stop_watching();
                None
            }
            Some(wanted) => match self.examine(&link, &wanted) {
                // What is in use stays in use until the new address is known to be free.
                None => return Ok(()),
                Some(Verdict::Free) => Some(wanted),
                Some(Verdict::Taken { .. }) => None,
            },
        };
        if self.applied.as_ref() != Some(&usable) {
            self.apply(&link, usable)?;
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

    /// What is known about other users of an address; `None` until somebody could have answered.
    fn examine(&mut self, link: &Link, wanted: &Configuration) -> Option<Verdict> {
        let address = wanted.address.address;
        if self.watch.as_ref().is_some_and(|watch| watch.address() == address) {
            return self.verdict;
        }
        self.stop_watching();
        if !link.has_carrier {
            return None;
        }
        let mut excused: Vec<_> = self.links.iter().map(|link| link.hardware_address).collect();
        excused.extend(self.conversation.as_ref().and_then(Conversation::giver));
        match AddressWatch::open(link, address, excused, IN_USE) {
            Ok(watch) => self.watch = Some(watch),
            Err(error) => {
                // An address that may be taken is better than none.
                warn!(error = in_one_line(&error), "Cannot look for other users of the address");
                self.verdict = Some(Verdict::Free);
            }
        }
        self.verdict
    }

    fn apply(&mut self, link: &Link, wanted: Option<Configuration>) -> Result<(), SetUpError> {
        // After an error it is not known what the interface has.
        self.applied = None;
        configuration::apply(&mut self.kernel, link, wanted.as_ref())
            .map_err(|source| SetUpError::Kernel { interface: link.name.clone(), source })?;
        resolver::write(&self.resolver, wanted.as_ref()).map_err(|source| {
            SetUpError::Resolver { path: self.resolver.display().to_string(), source }
        })?;
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
        self.looked = Instant::now();
        self.links = self.kernel.links().map_err(SetUpError::Links)?;
        for link in self.links.iter().filter(|link| !link.is_up) {
            self.kernel
                .set_up(link.index)
                .map_err(|source| SetUpError::Kernel { interface: link.name.clone(), source })?;
        }
        let now = self.looked - self.started;
        let chosen = self.chooser.choose(now, &self.links).cloned();
        match (&mut self.link, chosen) {
            (Some(link), Some(chosen)) if link.index == chosen.index => {
                if chosen.has_carrier
                    && !link.has_carrier
                    && let Some(watch) = &mut self.watch
                {
                    watch.ask_again();
                }
                // A new hardware address needs a new conversation, which the kernel allows on a
                // link that is off only; the size of packets is ours to change.
                link.has_carrier = chosen.has_carrier;
            }
            (_, chosen) => self.move_to(chosen),
        }
        if self.link.as_ref().is_some_and(|link| link.has_carrier) {
            self.unlinked_since = None;
        } else {
            self.unlinked_since.get_or_insert(self.looked);
        }
        Ok(())
    }

    /// Takes everything off the interface in use and goes on with another one.
    fn move_to(&mut self, chosen: Option<Link>) {
        self.stop_dhcp();
        self.stop_watching();
        self.conflict = None;
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

    fn stop_watching(&mut self) {
        self.watch = None;
        self.verdict = None;
    }

    fn applied(&self) -> Option<&Configuration> {
        self.applied.as_ref().and_then(Option::as_ref)
    }

    pub(crate) fn status(&self) -> NetworkStatus {
        let lease = self.lease.as_ref().map(|(lease, obtained)| LeaseFacts {
            server: lease.server,
            obtained: *obtained,
            duration_seconds: lease
                .times
                .map(|times| u32::try_from(times.end.as_secs()).unwrap_or(u32::MAX)),
        });
        let link = self.link.as_ref();
        let interfaces = facts(&self.links, link.map(|link| link.index));
        let host_name = self.host_name.borrow().clone();
        describe(self.state(), interfaces, link, self.applied(), host_name, lease)
    }

    fn state(&self) -> NetworkState {
        if let Some(reason) = self.failure.clone() {
            return NetworkState::Failed { reason };
        }
        if self.unlinked_since.is_some_and(|since| since + PATIENCE <= self.looked) {
            let is_card = self.link.is_some();
            return if is_card { NetworkState::NoLink } else { NetworkState::NoInterface };
        }
        if self.applied().is_some() {
            return NetworkState::Configured;
        }
        if let Some(conflict) = self.conflict.clone() {
            return conflict;
        }
        let conversation = self.conversation.as_ref();
        match conversation.and_then(Conversation::waiting) {
            Some(waiting) if waiting.elapsed >= PATIENCE => {
                match conversation.and_then(Conversation::unusable_offer) {
                    Some(error) => NetworkState::Failed {
                        reason: format!(
                            "the offer of a DHCP server is of no use: {}",
                            chain(&error)
                        ),
                    },
                    None => NetworkState::NoLease { since: waiting.since },
                }
            }
            _ => NetworkState::Starting,
        }
    }
}

/// Puts a new value in the place of a known one, and says whether it is another one.
fn replace<T: PartialEq>(known: &mut T, new: T) -> bool {
    let is_new = *known != new;
    *known = new;
    is_new
}
