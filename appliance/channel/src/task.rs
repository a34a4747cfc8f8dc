//! Reads the registration, keeps it and its connections, and answers.

use std::convert::Infallible;
use std::path::PathBuf;
use std::sync::Arc;

use bus::{Client, SettingsRequest, bind, follow, report_ready, serve};
use model::confinement::{CHANNEL_DIRECTORY, TPM};
use model::role::Role;
use model::supervision;
use tokio::sync::mpsc;

use crate::board::Board;
use crate::clock;
use crate::context::Surroundings;
use crate::dispatch::{CAPACITY, Dispatcher};
use crate::error::ChannelError;
use crate::instance::{follow_about, follow_load};
use crate::journal::Journal;
use crate::keeper::Keeper;
use crate::operations::{Operations, Sockets};
use crate::random::{self, Random};
use crate::service::ChannelService;
use crate::settings::Settings;
use crate::store::Store;
use crate::web::Relay;

/// Orders that may wait.
const ORDERS: usize = 8;

/// Where things are.
#[derive(Clone, Debug)]
pub struct ChannelConfig {
    /// Socket to answer on.
    pub socket: String,
    /// Socket of the settings role.
    pub settings: String,
    /// Socket of the network role.
    pub network: String,
    /// Socket of the time role.
    pub time: String,
    /// Socket of the diagnostics role.
    pub diagnostics: String,
    /// Socket of the directory role.
    pub directory_role: String,
    /// Socket of the guest role.
    pub guest: String,
    /// Socket of PID 1.
    pub init: String,
    /// Directory of the registration.
    pub directory: PathBuf,
    /// Where the TPM of the machine is, if it has one: a device, or the socket of one in software.
    pub tpm: PathBuf,
    /// Random numbers that spread attempts over time.
    pub random: Random,
}

impl ChannelConfig {
    /// As on the appliance.
    #[must_use]
    pub fn appliance() -> Self {
        Self {
            socket: Role::Channel.socket_path(),
            settings: Role::Settings.socket_path(),
            network: Role::Network.socket_path(),
            time: Role::Time.socket_path(),
            diagnostics: Role::Diagnostics.socket_path(),
            directory_role: Role::Directory.socket_path(),
            guest: Role::Guest.socket_path(),
            init: supervision::SOCKET.to_owned(),
            directory: PathBuf::from(CHANNEL_DIRECTORY),
            tpm: PathBuf::from(TPM),
            random: random::number,
        }
    }
}

/// Tells PID 1 that the role is ready, answers, and keeps the registration and its connections.
///
/// # Errors
///
/// [`ChannelError`]. A cloud that cannot be reached does not end the role.
pub async fn run(config: ChannelConfig) -> Result<Infallible, ChannelError> {
    let listener = bind(&config.socket)
        .map_err(|source| ChannelError::Listen { path: config.socket.clone(), source })?;
    let path = config.directory.display().to_string();
    let store = Store::new(config.directory, config.tpm);
    let stored = store.load().map_err(|source| ChannelError::Store { path, source })?;
    let board = Board::new();
    board.change(|status| status.key_is_sealed = stored.is_sealed);
    let sockets = Sockets {
        settings: config.settings.clone(),
        network: config.network.clone(),
        time: config.time,
        diagnostics: config.diagnostics,
        directory: config.directory_role.clone(),
        guest: config.guest,
        init: config.init.clone(),
    };
    let journal = Journal::open(store.directory().to_owned(), clock::now());
    let operations = Operations::new(sockets, board.clone());
    let dialers = Settings::follow(config.settings.clone());
    let about = follow_about(config.network, config.directory_role);
    let relay = Relay::new(dialers.clone(), about.clone());
    let surroundings = Surroundings {
        settings: dialers,
        about,
        load: follow_load(config.init.clone()),
        dispatcher: Arc::new(Dispatcher::new(operations, journal, relay, CAPACITY)),
        board: board.clone(),
        random: config.random,
        instance: random::text(),
        spread: usize::from(random::octets::<1>()[0]),
    };
    let (orders, waiting) = mpsc::channel(ORDERS);
    let settings = follow::<SettingsRequest>(config.settings);
    let service = ChannelService { board, orders, settings };
    tokio::spawn(serve(listener, Arc::new(service)));
    tokio::spawn(report_ready(Client::new(config.init)));
    Ok(Keeper { store, surroundings, orders: waiting }.run(stored.record).await)
}
