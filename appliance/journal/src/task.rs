//! Reads the kernel's log for ever, and brings disk and status up to date.

use std::io;
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bus::{
    Client, NetworkRequest, SettingsRequest, TimeRequest, bind, follow, report_ready, serve,
};
use model::confinement::JOURNAL_DIRECTORY;
use model::journal::kernel_log::KernelRecord;
use model::role::Role;
use model::supervision;
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinHandle;
use tokio::time::{Instant, MissedTickBehavior, interval};
use tracing::{error, info, warn};

use crate::collected::Collected;
use crate::error::{JournalError, StoreError};
use crate::forward::{self, Followed, Pauses};
use crate::intake::Intake;
use crate::kernel_log::KernelLog;
use crate::service::JournalService;
use crate::store::{FILE_BYTES, Store};

/// Room in memory, in bytes: some 20,000 records.
const MEMORY_BYTES: usize = 8 * 1024 * 1024;
/// Records that the kernel's log can hold at the start: the ring of the kernel takes far fewer.
const MAX_FIRST_RECORDS: usize = 100_000;
/// Pause between writes to the disk, and between changes of the status.
const FLUSH_INTERVAL: Duration = Duration::from_secs(1);
/// How long a record that is no warning may wait to be forced to the disk.
const SYNC_INTERVAL: Duration = Duration::from_secs(30);
/// Pause before a disk that failed is tried again.
const DISK_PAUSE: Duration = Duration::from_secs(10);

/// Where things are.
#[derive(Clone, Debug)]
pub struct JournalConfig {
    /// Socket to answer on.
    pub socket: String,
    /// Socket of the settings role.
    pub settings: String,
    /// Socket of the network role.
    pub network: String,
    /// Socket of the time role.
    pub time: String,
    /// Socket of PID 1.
    pub init: String,
    /// Directory of the files.
    pub directory: PathBuf,
    /// Room for records in memory, in bytes.
    pub memory_bytes: usize,
    /// Pauses before a syslog server is tried again.
    pub pauses: Pauses,
}

impl JournalConfig {
    /// As on the appliance.
    #[must_use]
    pub fn appliance() -> Self {
        Self {
            socket: Role::Journal.socket_path(),
            settings: Role::Settings.socket_path(),
            network: Role::Network.socket_path(),
            time: Role::Time.socket_path(),
            init: supervision::SOCKET.to_owned(),
            directory: JOURNAL_DIRECTORY.into(),
            memory_bytes: MEMORY_BYTES,
            pauses: Pauses::APPLIANCE,
        }
    }
}

/// Keeps the journal until the process is told to end (`SIGTERM`). `kernel_log` is `/dev/kmsg`, open
/// for reading at its oldest record and not blocking.
///
/// # Errors
///
/// [`JournalError`]. Neither the disk nor the syslog server ends the role: the status says what is wrong.
pub async fn run(config: JournalConfig, kernel_log: OwnedFd) -> Result<(), JournalError> {
    let mut termination = signal(SignalKind::terminate()).map_err(JournalError::Signal)?;
    let listener = bind(&config.socket)
        .map_err(|source| JournalError::Listen { path: config.socket.clone(), source })?;
    let log = KernelLog::new(kernel_log).map_err(JournalError::KernelLog)?;
    let mut first = Vec::new();
    while first.len() < MAX_FIRST_RECORDS
        && let Some(record) = log.take().map_err(JournalError::KernelLog)?
    {
        first.push(record);
    }
    let (journal, first_id) = open(&config, first)?;
    let service = JournalService { journal: Arc::clone(&journal) };
    tokio::spawn(serve(listener, Arc::new(service)));
    tokio::spawn(report_ready(Client::new(config.init)));
    let followed = Followed {
        settings: follow::<SettingsRequest>(config.settings.clone()),
        network: follow::<NetworkRequest>(config.network),
        clock: follow::<TimeRequest>(config.time),
    };
    let client = Client::new(config.settings);
    tokio::spawn(forward::run(Arc::clone(&journal), client, followed, first_id, config.pauses));
    let mut writer = Writer::new(Arc::clone(&journal));
    let mut ticks = interval(FLUSH_INTERVAL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            record = log.next() => journal.take(record.map_err(JournalError::KernelLog)?),
            _ = ticks.tick() => {
                writer.turn().await;
                journal.publish();
            }
            _ = termination.recv() => break,
        }
    }
    // What the others said last is there already: this role is stopped after them.
    while let Some(record) = log.take().map_err(JournalError::KernelLog)? {
        journal.take(record);
    }
    writer.finish().await;
    info!("The role is told to end");
    Ok(())
}

/// Opens the disk and takes in what the kernel's log holds. Says which record is the first to send.
fn open(
    config: &JournalConfig,
    first: Vec<KernelRecord>,
) -> Result<(Arc<Collected>, u64), JournalError> {
    let opened = Store::open(&config.directory, FILE_BYTES);
    let (store, tail) = match opened {
        Ok((store, tail)) => (Ok(store), tail),
        Err(trouble) => {
            warn!(error = trouble.in_one_line(), "Records are kept in memory only");
            (Err(trouble), None)
        }
    };
    let intake = Intake::begin(tail.as_ref(), &first).map_err(JournalError::Random)?;
    let stored_id = intake.newest_id();
    let directory = config.directory.clone();
    let journal = Collected::new(intake, config.memory_bytes, directory, store, stored_id);
    for record in first {
        journal.take(record);
    }
    journal.publish();
    Ok((Arc::new(journal), stored_id + 1))
}

/// Brings the disk up to date on a thread that may block, one turn at a time.
struct Writer {
    journal: Arc<Collected>,
    running: Option<JoinHandle<Result<(), StoreError>>>,
    last_sync: Instant,
    not_before: Instant,
    trouble: Option<String>,
}

impl Writer {
    fn new(journal: Arc<Collected>) -> Self {
        let now = Instant::now();
        Self { journal, running: None, last_sync: now, not_before: now, trouble: None }
    }

    /// Begins the next turn, unless the last one has not ended yet or the disk has failed just now.
    async fn turn(&mut self) {
        if self.running.as_ref().is_some_and(|running| !running.is_finished()) {
            return;
        }
        self.end_turn().await;
        let now = Instant::now();
        if now < self.not_before {
            return;
        }
        let is_due = now.duration_since(self.last_sync) >= SYNC_INTERVAL;
        if is_due {
            self.last_sync = now;
        }
        self.start(is_due);
    }

    /// One last turn, with everything forced to the disk.
    async fn finish(&mut self) {
        self.end_turn().await;
        self.start(true);
        self.end_turn().await;
    }

    fn start(&mut self, is_due: bool) {
        let journal = Arc::clone(&self.journal);
        self.running = Some(tokio::task::spawn_blocking(move || journal.flush(is_due)));
    }

    async fn end_turn(&mut self) {
        let Some(running) = self.running.take() else { return };
        let outcome = running.await.unwrap_or_else(|panic| {
            let source = io::Error::other(panic);
            Err(StoreError { operation: "write", path: PathBuf::new(), source })
        });
        let trouble = outcome.err().map(|error| error.in_one_line());
        if trouble.is_some() {
            self.not_before = Instant::now() + DISK_PAUSE;
        }
        // Said once: each line is itself a record to store.
        match (&self.trouble, &trouble) {
            (None, Some(reason)) => error!(error = reason, "Records are kept in memory only"),
            (Some(_), None) => info!("Records are stored again"),
            _ => {}
        }
        self.trouble = trouble;
    }
}
