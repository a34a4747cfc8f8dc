//! Makes the diagnostic report and hands it over, one at a time.

use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bus::DiagnosticsResponse;
use model::precheck::PrecheckRun;
use tokio::sync::Mutex;
use tracing::{info, warn};

use crate::prechecks::Prechecks;
use crate::report::{self, Options, Part, Sockets, Sources};
use crate::status::{Board, now};
use crate::task::DiagnosticsConfig;

/// How long the prechecks of a report may take; what has come by then is in it.
const PRECHECKS_LIMIT: Duration = Duration::from_secs(15);
/// How long the part may take that waits for them.
const PART_LIMIT: Duration = Duration::from_secs(18);

/// Makes reports.
#[derive(Debug)]
pub(crate) struct Reporter {
    board: Board,
    prechecks: Arc<Prechecks>,
    sockets: Sockets,
    directory: PathBuf,
    turn: Mutex<()>,
}

impl Reporter {
    pub(crate) fn new(config: &DiagnosticsConfig, board: Board, prechecks: Arc<Prechecks>) -> Self {
        let sockets = Sockets {
            settings: config.settings.clone(),
            network: config.network.clone(),
            time: config.time.clone(),
            capture: config.capture.clone(),
            directory: config.directory_role.clone(),
            channel: config.channel.clone(),
            guest: config.guest.clone(),
            journal: config.journal.clone(),
            init: config.init.clone(),
        };
        let directory = PathBuf::from(&config.directory);
        Self { board, prechecks, sockets, directory, turn: Mutex::default() }
    }

    /// Makes a report; a conflict while another one is being made.
    pub(crate) async fn make(&self, mask: bool) -> (DiagnosticsResponse, Option<OwnedFd>) {
        let Ok(_turn) = self.turn.try_lock() else { return (DiagnosticsResponse::Conflict, None) };
        let prechecks = prechecks(Arc::clone(&self.prechecks), self.board.clone());
        let part = Part { time: PART_LIMIT, ..Part::json("prechecks", prechecks) };
        let sources = Sources {
            sockets: self.sockets.clone(),
            directory: self.directory.clone(),
            own: self.board.status(),
            parts: vec![part],
            now: now(),
        };
        let failed = |reason: String| {
            warn!(error = reason, "Cannot make a diagnostic report");
            (DiagnosticsResponse::Failed { reason }, None)
        };
        let file = match report::write(sources, Options { mask }).await {
            Ok(file) => file,
            Err(error) => return failed(error.in_one_line()),
        };
        match file.metadata() {
            Ok(facts) => {
                info!(bytes = facts.len(), mask, "A diagnostic report has been made");
                (DiagnosticsResponse::Report { bytes: facts.len() }, Some(file.into()))
            }
            Err(error) => failed(error.to_string()),
        }
    }
}

/// Runs the prechecks, or waits for those that run, and gives what they have found within the limit.
async fn prechecks(prechecks: Arc<Prechecks>, board: Board) -> Result<serde_json::Value, String> {
    // Those that run already serve as well.
    prechecks.start().await;
    let mut follower = board.subscribe();
    let ended = follower
        .wait_for(|(_, status)| !status.prechecks.as_ref().is_some_and(PrecheckRun::is_running));
    // A report does not wait for the slowest of them.
    let _ = tokio::time::timeout(PRECHECKS_LIMIT, ended).await;
    serde_json::to_value(board.status().prechecks).map_err(|error| error.to_string())
}
