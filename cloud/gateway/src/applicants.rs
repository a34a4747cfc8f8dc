//! Applicants that are connected to this gateway, by registration.

use std::collections::HashMap;
use std::sync::Mutex;

use tokio::sync::{mpsc, oneshot};

use crate::connection::lock;
use crate::limits;

/// What the task of an applicant is asked to do.
#[derive(Debug)]
pub(crate) enum Order {
    /// Find out whether the appliance is there.
    AreYouThere(oneshot::Sender<()>),
    /// Look what was decided.
    Look,
}

/// Applicants by registration.
#[derive(Debug, Default)]
pub(crate) struct Applicants(Mutex<HashMap<String, mpsc::Sender<Order>>>);

impl Applicants {
    /// Whether there is room for another one.
    pub(crate) fn has_room(&self) -> bool {
        lock(&self.0).len() < limits::APPLICANTS
    }

    /// Adds one; one of the same registration that was there before is a dead connection.
    pub(crate) fn add(&self, registration: &str, orders: mpsc::Sender<Order>) {
        lock(&self.0).insert(registration.to_owned(), orders);
    }

    /// Removes one, unless a newer connection has taken its place.
    pub(crate) fn remove(&self, registration: &str, orders: &mpsc::Sender<Order>) {
        let mut all = lock(&self.0);
        if all.get(registration).is_some_and(|it| it.same_channel(orders)) {
            all.remove(registration);
        }
    }

    /// The one of a registration.
    pub(crate) fn get(&self, registration: &str) -> Option<mpsc::Sender<Order>> {
        lock(&self.0).get(registration).cloned()
    }
}
