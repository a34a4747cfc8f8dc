//! Sending records to the syslog server that is set.
//!
//! The records wait in the memory of the journal: the task only remembers up to which one it has come. What
//! the memory forgets before it was sent is counted as dropped. With a new setting, and with a new
//! start of the machine, sending begins at the first record of this start.

use std::sync::Arc;
use std::time::Duration;

use bus::Client;
use model::clock::{ClockStatus, ClockTrust};
use model::journal::{Record, SyslogState};
use model::network::NetworkStatus;
use model::settings::SettingsStatus;
use model::syslog::{Sender, SyslogSetting};
use tokio::sync::watch;
use tokio::time::Instant;
use tracing::{info, warn};

use crate::collected::Collected;
use crate::connection::{Connection, ForwardError};
use crate::intake::Moment;

/// Records that are sent at once.
const BATCH_RECORDS: usize = 64;

/// How long to wait before a server is tried again.
#[derive(Clone, Copy, Debug)]
pub struct Pauses {
    /// After the first failure. Doubles with each further one.
    pub first: Duration,
    /// At most.
    pub longest: Duration,
    /// A connection that held this long has been a good one: the next pause is the first again.
    pub good: Duration,
}

impl Pauses {
    /// As on the appliance.
    pub const APPLIANCE: Self = Self {
        first: Duration::from_secs(1),
        longest: Duration::from_secs(60),
        good: Duration::from_secs(30),
    };
}

/// What the task follows.
pub(crate) struct Followed {
    pub(crate) settings: watch::Receiver<Option<SettingsStatus>>,
    pub(crate) network: watch::Receiver<Option<NetworkStatus>>,
    pub(crate) clock: watch::Receiver<Option<ClockStatus>>,
}

/// Up to where records have been sent, and what became of them.
#[derive(Clone, Copy, Debug)]
struct Progress {
    /// The next record.
    next_id: u64,
    sent: u64,
    dropped: u64,
}

/// Sends for ever. `first_id` is the first record of this start, or the first one that was not there
/// when the role was started again.
pub(crate) async fn run(
    journal: Arc<Collected>,
    client: Client,
    mut followed: Followed,
    first_id: u64,
    pauses: Pauses,
) {
    let mut set = None;
    let mut progress = Progress { next_id: first_id, sent: 0, dropped: 0 };
    loop {
        // A settings role that is away does not change what is set.
        if let Some(status) = &*followed.settings.borrow_and_update()
            && set != status.settings.syslog
        {
            // The first setting of the process begins where the process does, every other anew.
            let next_id = if set.is_none() { first_id } else { first_of_boot(&journal) };
            progress = Progress { next_id, sent: 0, dropped: 0 };
            set.clone_from(&status.settings.syslog);
        }
        let Some(setting) = &set else {
            journal.set_syslog(SyslogState::Off);
            if followed.settings.changed().await.is_err() {
                return;
            }
            continue;
        };
        let mut settings = followed.settings.clone();
        let other_setting = async {
            let is_other = |status: &Option<SettingsStatus>| {
                status.as_ref().is_some_and(|status| status.settings.syslog != set)
            };
            // Without a sender the role is about to end.
            let _ = settings.wait_for(is_other).await;
        };
        tokio::select! {
            () = keep_sending(&journal, &client, &followed, setting, &mut progress, pauses) => {}
            () = other_setting => {}
        }
    }
}

/// Connects, sends, and connects again, for ever.
async fn keep_sending(
    journal: &Collected,
    client: &Client,
    followed: &Followed,
    setting: &SyslogSetting,
    progress: &mut Progress,
    pauses: Pauses,
) {
    let mut pause = pauses.first;
    let mut failing_since = None;
    journal.set_syslog(SyslogState::Connecting);
    loop {
        let begin = Instant::now();
        let error = match Connection::open(setting, client).await {
            Ok(connection) => {
                if failing_since.take().is_some() {
                    info!(server = setting.server, "Records are sent again");
                }
                send_all(journal, followed, setting, connection, progress).await
            }
            Err(error) => error,
        };
        if begin.elapsed() >= pauses.good {
            pause = pauses.first;
        }
        let reason = error.in_one_line();
        // Said once: a line for each try would itself be a record to send.
        if failing_since.is_none() {
            warn!(server = setting.server, error = reason, "Records cannot be sent");
        }
        let since = *failing_since.get_or_insert_with(now_seconds);
        let (sent, dropped) = (progress.sent, progress.dropped);
        let cause = error.cause();
        journal.set_syslog(SyslogState::Failing { since, reason, cause, sent, dropped });
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(pauses.longest);
    }
}

/// Sends on one connection until it ends.
async fn send_all(
    journal: &Collected,
    followed: &Followed,
    setting: &SyslogSetting,
    mut connection: Connection,
    progress: &mut Progress,
) -> ForwardError {
    let since = now_seconds();
    let mut newest = journal.newest();
    loop {
        let Progress { sent, dropped, .. } = *progress;
        journal.set_syslog(SyslogState::Connected { since, sent, dropped });
        newest.borrow_and_update();
        let (batch, next) = take_batch(journal, setting, progress);
        if !batch.is_empty() {
            if let Err(error) = connection.send(&batch, &sender(followed)).await {
                return error;
            }
            progress.sent += u64::try_from(batch.len()).unwrap_or_default();
        }
        if next > progress.next_id {
            progress.next_id = next;
            continue;
        }
        tokio::select! {
            changed = newest.changed() => {
                if changed.is_err() {
                    return ForwardError::Closed;
                }
            }
            error = connection.ended() => return error,
        }
    }
}

/// The next records that are severe enough, and where to go on behind them.
fn take_batch(
    journal: &Collected,
    setting: &SyslogSetting,
    progress: &mut Progress,
) -> (Vec<Arc<Record>>, u64) {
    journal.with_memory(|memory| {
        if let Some(first) = memory.first_id().filter(|first| *first > progress.next_id) {
            progress.dropped += first - progress.next_id;
            progress.next_id = first;
        }
        let mut next = progress.next_id;
        let mut batch = Vec::new();
        for record in memory.since(progress.next_id) {
            if batch.len() == BATCH_RECORDS {
                break;
            }
            next = record.id + 1;
            if record.severity <= setting.severity {
                batch.push(Arc::clone(record));
            }
        }
        (batch, next)
    })
}

/// The first record of this start that is still in memory; all of them are of this start.
fn first_of_boot(journal: &Collected) -> u64 {
    journal.with_memory(|memory| memory.first_id()).unwrap_or(1)
}

/// Who sends, as known now.
fn sender(followed: &Followed) -> Sender {
    let network = followed.network.borrow();
    let network = network.as_ref();
    let host = network.map_or(String::new(), |network| network.host_name.value.clone());
    let domain = network.and_then(|network| network.domain.as_ref());
    let host_name = match domain {
        Some(domain) if !host.is_empty() => format!("{host}.{}", domain.value),
        _ => host,
    };
    let address = network.and_then(|network| network.address.as_ref());
    let address = address.map_or(String::new(), |address| address.value.address.to_string());
    let clock = followed.clock.borrow();
    let is_clock_synchronised =
        clock.as_ref().is_some_and(|clock| matches!(clock.trust, ClockTrust::Synchronised { .. }));
    Sender { host_name, address, is_clock_synchronised }
}

fn now_seconds() -> i64 {
    Moment::now().time_ms.div_euclid(1000)
}
