//! Waits for a change and draws.

use std::convert::Infallible;
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bus::{
    ChannelRequest, Client, DiagnosticsRequest, DirectoryRequest, GuestRequest, NetworkRequest,
    SettingsRequest, TimeRequest, follow, report_ready,
};
use model::role::Role;
use model::supervision::{self, InitRequest};
use tokio::sync::watch;
use tracing::warn;

use crate::error::ConsoleError;
use crate::screen::{View, render};
use crate::terminal::Terminal;

/// How long the page stands at most before it is judged anew; it is drawn only when it differs.
const REDRAW: Duration = Duration::from_secs(3600);

/// Where the console draws and whom it asks.
#[derive(Clone, Debug)]
pub struct ConsoleConfig {
    /// Terminals; those that cannot be opened are left out.
    pub terminals: Vec<String>,
    /// Socket of the network role.
    pub network: String,
    /// Socket of the settings role.
    pub settings: String,
    /// Socket of the time role.
    pub time: String,
    /// Socket of the diagnostics role.
    pub diagnostics: String,
    /// Socket of the directory role.
    pub directory: String,
    /// Socket of the channel role.
    pub channel: String,
    /// Socket of the guest role.
    pub guest: String,
    /// Socket of PID 1.
    pub init: String,
}

impl ConsoleConfig {
    /// As on the appliance: the screen and the first serial port.
    #[must_use]
    pub fn appliance() -> Self {
        Self {
            terminals: vec!["/dev/tty0".to_owned(), "/dev/ttyS0".to_owned()],
            network: Role::Network.socket_path(),
            settings: Role::Settings.socket_path(),
            time: Role::Time.socket_path(),
            diagnostics: Role::Diagnostics.socket_path(),
            directory: Role::Directory.socket_path(),
            channel: Role::Channel.socket_path(),
            guest: Role::Guest.socket_path(),
            init: supervision::SOCKET.to_owned(),
        }
    }
}

/// Draws the page on every terminal whenever it changes, and tells PID 1 when it is there.
///
/// # Errors
///
/// [`ConsoleError`] when there is no terminal.
pub async fn run(config: ConsoleConfig) -> Result<Infallible, ConsoleError> {
    let (page, drawn) = watch::channel(Vec::new());
    start_terminals(&config.terminals, &drawn)?;
    let mut network = follow::<NetworkRequest>(config.network);
    let mut settings = follow::<SettingsRequest>(config.settings);
    let mut clock = follow::<TimeRequest>(config.time);
    let mut diagnostics = follow::<DiagnosticsRequest>(config.diagnostics);
    let mut directory = follow::<DirectoryRequest>(config.directory);
    let mut channel = follow::<ChannelRequest>(config.channel);
    let mut guest = follow::<GuestRequest>(config.guest);
    let mut init = follow::<InitRequest>(config.init.clone());
    let mut is_reported = false;
    loop {
        let view = View {
            network: network.borrow_and_update().clone(),
            settings: settings.borrow_and_update().clone(),
            clock: clock.borrow_and_update().clone(),
            init: init.borrow_and_update().clone(),
            diagnostics: diagnostics.borrow_and_update().clone(),
            directory: directory.borrow_and_update().clone(),
            channel: channel.borrow_and_update().clone(),
            guest: guest.borrow_and_update().clone(),
            now: now(),
        };
        let lines = render(&view);
        page.send_if_modified(|shown| {
            let is_new = *shown != lines;
            *shown = lines;
            is_new
        });
        if !is_reported {
            tokio::spawn(report_ready(Client::new(config.init.clone())));
            is_reported = true;
        }
        // The senders live as long as their receivers, so `changed` does not fail.
        tokio::select! {
            _ = network.changed() => {}
            _ = settings.changed() => {}
            _ = clock.changed() => {}
            _ = diagnostics.changed() => {}
            _ = directory.changed() => {}
            _ = channel.changed() => {}
            _ = guest.changed() => {}
            // A certificate that expires sends no message.
            () = tokio::time::sleep(REDRAW) => {}
            _ = init.changed() => {}
        }
    }
}

/// The time in seconds since 1970.
fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

/// Gives each terminal a thread of its own: a stuck serial line must not hold up the screen.
fn start_terminals(
    paths: &[String],
    page: &watch::Receiver<Vec<String>>,
) -> Result<(), ConsoleError> {
    let mut count = 0;
    for path in paths {
        match Terminal::open(path) {
            Ok(terminal) => {
                let (page, path) = (page.clone(), path.clone());
                let runtime = tokio::runtime::Handle::current();
                thread::spawn(move || draw_changes(terminal, page, &path, &runtime));
                count += 1;
            }
            Err(error) => warn!(%error, path, "Cannot open a terminal"),
        }
    }
    if count == 0 { Err(ConsoleError::NoTerminal(paths.join(", "))) } else { Ok(()) }
}

fn draw_changes(
    mut terminal: Terminal,
    mut page: watch::Receiver<Vec<String>>,
    path: &str,
    runtime: &tokio::runtime::Handle,
) {
    while runtime.block_on(page.changed()).is_ok() {
        let lines = page.borrow_and_update().clone();
        if let Err(error) = terminal.draw(&lines) {
            warn!(%error, path, "Cannot draw on a terminal");
        }
    }
}
