//! Telling the others which connectors there are, and hearing it of them.

use std::sync::Weak;
use std::sync::atomic::Ordering;

use async_nats::connection::State;
use async_nats::{SubscribeError, Subscriber};
use futures_util::StreamExt as _;
use tokio::time::{Instant, interval, sleep, timeout, timeout_at};

use crate::cluster::{Cluster, Inner};
use crate::limits;
use crate::message::{Announcement, Question, announcements};
use crate::outline::Outline;

/// Starts to announce and to listen.
pub(crate) async fn start(cluster: &Cluster) -> Result<(), SubscribeError> {
    let heard = cluster.0.client.subscribe(announcements()).await?;
    let weak = std::sync::Arc::downgrade(&cluster.0);
    tokio::spawn(listen(Weak::clone(&weak), heard));
    tokio::spawn(look(Weak::clone(&weak)));
    tokio::spawn(announce(weak, Outline::new(&cluster.0.own, &cluster.0.name)));
    Ok(())
}

async fn announce(weak: Weak<Inner>, mut outline: Outline) {
    let mut gathering = limits::GATHERING;
    loop {
        let Some(others) = weak.upgrade().map(|it| std::sync::Arc::clone(&it.others)) else {
            return;
        };
        if timeout(limits::HEARTBEAT, others.touched.notified()).await.is_ok() {
            // What changes together is told together.
            sleep(gathering).await;
        }
        let Some(inner) = weak.upgrade() else { return };
        if others.is_leaving.load(Ordering::Relaxed) {
            let _ = say(&inner, &outline.leave()).await;
            others.left.notify_waiters();
            return;
        }
        if inner.client.connection_state() != State::Connected {
            continue;
        }
        let is_repeat = others.repeats.swap(false, Ordering::Relaxed);
        let takes = inner.client.max_payload();
        if is_repeat && takes < limits::NATS_PAYLOAD {
            let needed = limits::NATS_PAYLOAD;
            tracing::error!(
                takes,
                needed,
                "NATS takes messages that are too short: see max_payload"
            );
        }
        let began = Instant::now();
        let announcements = outline.next(inner.node.connectors(), is_repeat);
        // Looking through many connections takes a fifth of the time at most while they come and go.
        gathering = limits::GATHERING.max(began.elapsed() * 4).min(limits::HEARTBEAT);
        for announcement in announcements {
            if say(&inner, &announcement).await.is_none() {
                tracing::warn!("an announcement to other nodes was not sent");
            }
        }
    }
}

async fn say(inner: &Inner, announcement: &Announcement) -> Option<()> {
    let json = serde_json::to_vec(announcement).ok()?;
    inner.client.publish(announcements(), json.into()).await.ok()
}

async fn listen(weak: Weak<Inner>, mut heard: Subscriber) {
    while let Some(message) = heard.next().await {
        let Some(inner) = weak.upgrade() else { return };
        let Ok(announcement) = serde_json::from_slice::<Announcement>(&message.payload) else {
            tracing::warn!("an announcement of another node makes no sense");
            continue;
        };
        let (node, name) = (announcement.node.clone(), announcement.name.clone());
        let is_leaving = announcement.is_leaving;
        let (effect, is_new) = {
            let mut table = inner.others.table();
            let was_there = table.life(&node).is_some();
            let effect = table.hear(announcement, Instant::now());
            (effect, !was_there && table.life(&node).is_some())
        };
        if is_new {
            tracing::info!(node = name, "another node is there");
        }
        if is_leaving && effect.has_changed {
            tracing::info!(node = name, "another node has left");
            inner.others.tell_gone();
        }
        if effect.has_changed {
            inner.node.changed();
        }
        if effect.is_incomplete {
            let cluster = Cluster(inner);
            tokio::spawn(async move {
                let deadline = Instant::now() + limits::REPEAT;
                let _ = cluster.ask_node(&node, Question::Repeat, deadline).await;
            });
        }
    }
}

/// Forgets nodes that are silent, and data that nobody fetches.
async fn look(weak: Weak<Inner>) {
    let mut turns = interval(limits::LOOK);
    loop {
        turns.tick().await;
        let Some(inner) = weak.upgrade() else { return };
        inner.transfers.drop_idle();
        let silent = inner.others.table().forget_silent(Instant::now());
        if !silent.is_empty() {
            for node in silent {
                tracing::warn!(node, "nothing is heard of another node");
            }
            inner.others.tell_gone();
            inner.node.changed();
        }
    }
}

/// Answers what was asked, and says the last word; what was said is on the wire then.
pub(crate) async fn leave(cluster: &Cluster) {
    let inner = &cluster.0;
    if inner.client.connection_state() != State::Connected {
        return;
    }
    let deadline = Instant::now() + limits::LEAVING;
    let all = u32::try_from(limits::QUESTIONS).unwrap_or(u32::MAX);
    let answered = async {
        let _ = inner.permits.acquire_many(all).await;
        while !inner.transfers.is_empty() {
            sleep(limits::LOOK).await;
        }
    };
    if timeout_at(deadline, answered).await.is_err() {
        tracing::warn!("questions of other nodes were not answered to the end");
    }
    let left = inner.others.left.notified();
    inner.others.is_leaving.store(true, Ordering::Relaxed);
    inner.others.touched.notify_one();
    let _ = timeout(limits::LEAVING, async {
        left.await;
        inner.client.flush().await
    })
    .await;
}
