//! What the administrator asks of the one who keeps the registration.

use bus::ChannelResponse;
use model::channel::Applicant;
use model::secret::Secret;
use tokio::sync::{mpsc, oneshot};

/// Something to do.
#[derive(Debug)]
pub(crate) enum Command {
    /// Register by code.
    Register(Applicant),
    /// Another code.
    NewCode,
    /// Give the registration up that is under way.
    Withdraw,
    /// Register without a person.
    Unattended(Applicant, Client),
    /// End the registration.
    Unregister,
    /// Forget everything.
    Forget,
}

/// A secure client of the cloud.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    pub(crate) id: String,
    pub(crate) secret: Secret,
}

/// Something to do, and where the answer goes.
#[derive(Debug)]
pub(crate) struct Order {
    pub(crate) command: Command,
    pub(crate) reply: oneshot::Sender<ChannelResponse>,
}

/// The orders that wait.
pub(crate) type Orders = mpsc::Receiver<Order>;

impl Order {
    /// Answers, if somebody still waits.
    pub(crate) fn answer(self, response: ChannelResponse) {
        let _ = self.reply.send(response);
    }
}
