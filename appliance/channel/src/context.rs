//! What the connections of a registered appliance share.

use std::sync::Arc;

use protocol::control::{About, Load};
use protocol::registration::Certified;
use tokio::sync::{mpsc, oneshot, watch};

use crate::board::Board;
use crate::certificate::Issued;
use crate::dispatch::Dispatcher;
use crate::key::ApplianceKey;
use crate::random::Random;
use crate::renewal::Turn;
use crate::settings::Settings;

/// Where everything is that outlives a registration.
#[derive(Clone, Debug)]
pub(crate) struct Surroundings {
    pub(crate) settings: Settings,
    pub(crate) about: watch::Receiver<About>,
    pub(crate) load: watch::Receiver<Load>,
    pub(crate) dispatcher: Arc<Dispatcher>,
    pub(crate) board: Board,
    pub(crate) random: Random,
    /// Random text of this start.
    pub(crate) instance: String,
    /// Random number by which appliances begin with different addresses of a cloud.
    pub(crate) spread: usize,
}

/// A registration and what happens to it.
#[derive(Clone, Debug)]
pub(crate) struct Context {
    pub(crate) surroundings: Surroundings,
    pub(crate) cloud: model::channel::CloudAddress,
    pub(crate) key: Arc<ApplianceKey>,
    /// The certificate of the moment.
    pub(crate) issued: watch::Receiver<Arc<Issued>>,
    pub(crate) events: mpsc::Sender<Event>,
    pub(crate) turn: Turn,
    /// Whether the administrator ends the registration.
    pub(crate) leaving: watch::Receiver<bool>,
}

/// What a connection tells the one who keeps the registration.
#[derive(Debug)]
pub(crate) enum Event {
    /// The cloud has issued a new certificate; the answer says whether it is kept.
    Certified(Certified, oneshot::Sender<bool>),
    /// The cloud does not renew the certificate.
    NotCertified,
    /// The appliance is removed in the cloud.
    Removed,
}
