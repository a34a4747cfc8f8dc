//! `cloud serve`.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use gateway::Gateway;
use registry::Registry;
use site::Site;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::{interval, sleep};

use crate::appliances::Here;
use crate::arguments::ServeOptions;
use crate::certificate::Certificate;
use crate::channel;
use crate::directory::Directory;
use crate::error::CloudError;
use crate::leaving;
use crate::notify::{State, notify};

/// Between two removals of what has ended, and two certificates of the gateway.
const SWEEP: Duration = Duration::from_secs(60 * 60);

/// How long the port stays open after `/live` says that the node stops, where others take over: a load
/// balancer has to notice first.
const BALANCER: Duration = Duration::from_secs(10);

/// Seconds since 1970.
pub(crate) fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

/// Runs the control plane until it is asked to stop.
pub(crate) async fn serve(options: &ServeOptions) -> Result<(), CloudError> {
    let failed = |what: &str| {
        let what = what.to_owned();
        move |source| CloudError::Io { what, source }
    };
    let mut terminate = signal(SignalKind::terminate()).map_err(failed("wait for signals"))?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(failed("wait for signals"))?;
    let mut hangup = signal(SignalKind::hangup()).map_err(failed("wait for signals"))?;
    let directory = Directory::open(&options.state)?;
    let registry = directory.registry(&options.state).await?;
    let certificate = Certificate::load(options, &directory)?;
    let authority = directory.authority(now())?;
    let gateway = Gateway::start(&options.node, registry.clone(), authority, &[], now)?;
    if let Some(nats) = &options.nats {
        gateway.join(nats, &options.node).await?;
    }
    let tls = site::tls(Arc::new(certificate.clone()))
        .map_err(|error| CloudError::Certificate(error.to_string()))?;
    let listener = TcpListener::bind(options.listen)
        .await
        .map_err(failed(&format!("listen on {}", options.listen)))?;
    let address = listener.local_addr().map_err(failed("read the own address"))?;
    tracing::info!(%address, host = options.host, "the control plane answers");
    notify(State::Ready);
    let appliances = Arc::new(Here(gateway.clone()));
    let site = Site::new(registry.clone(), appliances, Arc::new(now));
    let router = leaving::router(site.router().merge(channel::router(gateway.clone())), &gateway);
    let sweeping = tokio::spawn(sweep(registry.clone(), gateway.clone()));
    let drain = options.drain;
    let stop = async {
        loop {
            tokio::select! {
                _ = terminate.recv() => break,
                _ = interrupt.recv() => break,
                _ = hangup.recv() => certificate.reload(options, &directory),
            }
        }
        notify(State::Stopping);
        tracing::info!("the control plane stops");
        let others = if gateway.others() > 0 { drain.min(BALANCER) } else { Duration::ZERO };
        tokio::join!(gateway.drain(drain), sleep(others));
    };
    site::serve(listener, tls, router, stop).await;
    gateway.leave().await;
    sweeping.abort();
    registry.close().await;
    Ok(())
}

async fn sweep(registry: Registry, gateway: Gateway) {
    let mut turns = interval(SWEEP);
    loop {
        turns.tick().await;
        if let Err(error) = registry.sweep(now()).await {
            tracing::warn!(%error, "what has ended was not removed");
        }
        if let Err(error) = gateway.renew() {
            tracing::error!(%error, "the gateway keeps its certificate, which lasts 90 days");
        }
    }
}
