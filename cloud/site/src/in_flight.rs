//! How many requests of each customer are on their way to appliances.
//!
//! A limit on those at once, not on those a second: fast appliances may be asked as often as they
//! answer, and slow ones do not make one customer take what the others need.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use registry::TenantId;

/// Most requests of one customer at once. Eight appliances take as many.
pub(crate) const MAX_IN_FLIGHT: u32 = 256;

/// Counts of all customers that have requests on their way.
#[derive(Clone, Debug, Default)]
pub(crate) struct InFlight(Arc<Mutex<HashMap<TenantId, u32>>>);

/// The place of one request, until it is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    all: InFlight,
    tenant: TenantId,
}

impl InFlight {
    /// Takes a place; `None` = the customer has as many as it may.
    pub(crate) fn take(&self, tenant: &TenantId) -> Option<Place> {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(tenant.clone()).or_default();
        if *count >= MAX_IN_FLIGHT {
            return None;
        }
        *count += 1;
        Some(Place { all: self.clone(), tenant: tenant.clone() })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut counts = self.all.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&self.tenant) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.tenant);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn customers_have_places_of_their_own_and_give_them_back() {
        let (all, [one, two]) = (InFlight::default(), ["one", "two"].map(tenant));
        let mut places: Vec<_> = (0..MAX_IN_FLIGHT).map(|_| all.take(&one).unwrap()).collect();
        assert!(all.take(&one).is_none());
        assert!(all.take(&two).is_some());
        places.pop();
        assert!(all.take(&one).is_some());
        drop(places);
        assert!(all.0.lock().unwrap().is_empty());
    }

    fn tenant(id: &str) -> TenantId {
        TenantId::parse(id).unwrap()
    }
}
