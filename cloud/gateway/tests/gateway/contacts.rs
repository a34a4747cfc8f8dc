//! What the registry knows of connectors that are connected.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use gateway::{Authority, Gateway};
use tokio::task::yield_now;
use tokio::time::{advance, pause, resume};

use crate::site::{Appliance, Site, now};

/// Seconds between the clock of the gateway and that of everybody else.
static AHEAD: AtomicI64 = AtomicI64::new(0);

fn clock() -> i64 {
    now() + AHEAD.load(Ordering::Relaxed)
}

/// Waits until the registry knows that a connector was there at a moment or later.
async fn is_noted(site: &Site, appliance: &Appliance, at: i64) {
    let tenant = site.registry.tenant(&site.tenant);
    let id = &appliance.registered.connector;
    while tenant.connector(id).await.unwrap().last_contact_at.is_none_or(|noted| noted < at) {
        yield_now().await;
    }
}

#[tokio::test]
async fn the_registry_knows_who_is_there_when_a_gateway_stops_and_before() {
    let mut site = Site::new().await;
    let authority = Authority::read(&Authority::generate(now()).unwrap()).unwrap();
    site.pin = authority.pin();
    let registry = site.registry.clone();
    site.gateway = Gateway::start("gateway-1", registry, authority, &[], clock).unwrap();
    let (one, two) = (site.register("ca-1").await, site.register("ca-2").await);
    let began = now();
    let first = one.connect(&site, "one").await;
    is_noted(&site, &one, began).await;
    let second = two.connect(&site, "two").await;
    is_noted(&site, &two, began).await;
    // Everybody is noted again half a minute later.
    AHEAD.store(1_000, Ordering::Relaxed);
    pause();
    advance(Duration::from_secs(30)).await;
    resume();
    is_noted(&site, &one, began + 1_000).await;
    is_noted(&site, &two, began + 1_000).await;
    AHEAD.store(2_000, Ordering::Relaxed);
    let gateway = site.gateway.clone();
    let draining = tokio::spawn(async move { gateway.drain(Duration::from_secs(30)).await });
    is_noted(&site, &one, began + 2_000).await;
    drop((first, second));
    draining.await.unwrap();
}
