//! The certificate of a gateway that runs for long.

use std::sync::atomic::{AtomicI64, Ordering};

use gateway::{Authority, Gateway};
use tunnel::{Trust, TunnelError, identity, websocket};

use crate::site::{Site, now};

/// Seconds between the clock of the gateway and that of everybody else.
static BEHIND: AtomicI64 = AtomicI64::new(0);

fn clock() -> i64 {
    now() - BEHIND.load(Ordering::Relaxed)
}

async fn shake_hands(site: &Site) -> Result<(), TunnelError> {
    let octets = websocket::connect(site.dial(), "cloud.test", "test/1").await.unwrap();
    let config = identity::applicant(Trust::Pinned(vec![site.pin])).unwrap();
    identity::connect(config, octets).await.map(drop)
}

#[tokio::test]
async fn a_gateway_that_runs_for_months_shows_a_certificate_that_is_valid() {
    let mut site = Site::new().await;
    BEHIND.store(91 * 24 * 60 * 60, Ordering::Relaxed);
    let authority = Authority::read(&Authority::generate(clock()).unwrap()).unwrap();
    site.pin = authority.pin();
    let registry = site.registry.clone();
    site.gateway = Gateway::start("gateway-1", registry, authority, &[], clock).unwrap();
    assert!(matches!(shake_hands(&site).await, Err(TunnelError::Identity(_))));
    BEHIND.store(0, Ordering::Relaxed);
    site.gateway.renew().unwrap();
    shake_hands(&site).await.unwrap();
}
