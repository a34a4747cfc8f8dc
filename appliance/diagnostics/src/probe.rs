//! The network probe: one at a time, its steps on the board as they happen.

mod capture;
mod echo;
mod http;
mod walk;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bus::Client;
use model::outbound::Route;
use model::probe::{
    PROBE_LIMIT_SECONDS, ProbeFailure, ProbeReport, ProbeRequest, ProbeState, ProbeStep, StepState,
};
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout};
use tracing::info;

use crate::dialing::{Dialing, Settings};
use crate::status::{Board, microseconds, now};

const LIMIT: Duration = Duration::from_secs(PROBE_LIMIT_SECONDS);
/// How long somebody who stops a probe waits until it has ended: as long as starting a trace takes.
const STOP_LIMIT: Duration = Duration::from_secs(10);

/// Carries out probes.
#[derive(Debug)]
pub(crate) struct Prober {
    board: Board,
    settings: Settings,
    capture: Client,
    /// Ends the probe that is under way.
    stop: Mutex<Option<oneshot::Sender<()>>>,
    /// Held by a probe until its trace is stopped too.
    turn: Arc<tokio::sync::Mutex<()>>,
}

/// Whether a probe has been started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Started {
    /// It is on the board, as the one with this number.
    Yes(u64),
    /// Another one is under way.
    Busy,
    /// It is to go through a proxy that does not exist.
    NoSuchProxy,
}

impl Prober {
    pub(crate) fn new(board: Board, settings: Settings, capture: Client) -> Self {
        Self { board, settings, capture, stop: Mutex::default(), turn: Arc::default() }
    }

    /// Starts a probe.
    pub(crate) async fn start(&self, request: ProbeRequest) -> Started {
        // Without settings a direct probe works all the same.
        let dialing = self.settings.current().await.unwrap_or_default();
        if let Route::Through { id } = &request.route
            && dialing.proxy(id).is_none()
        {
            return Started::NoSuchProxy;
        }
        let report = ProbeReport {
            steps: walk::first_plan(&request),
            request: request.clone(),
            way: None,
            started: now(),
            trace: None,
            trace_trouble: None,
        };
        let number = self.board.change(|status| {
            if status.probe.as_ref().is_some_and(ProbeState::is_running) {
                return None;
            }
            status.probe = Some(ProbeState::Running(report));
            status.begun += 1;
            Some(status.begun)
        });
        let Some(number) = number else { return Started::Busy };
        info!(probe = %request, "A network probe starts");
        let (stop, stopped) = oneshot::channel();
        *self.stop.lock().unwrap_or_else(PoisonError::into_inner) = Some(stop);
        let run =
            Run { board: self.board.clone(), dialing, request, capture: self.capture.clone() };
        let turn = Arc::clone(&self.turn);
        tokio::spawn(async move {
            let _turn = turn.lock().await;
            run.carry_out(stopped).await;
        });
        Started::Yes(number)
    }

    /// Ends the probe that is under way; `false` when none is. When it returns, the board says so.
    pub(crate) async fn stop(&self) -> bool {
        let stop = self.stop.lock().unwrap_or_else(PoisonError::into_inner).take();
        let is_running =
            |state: &Option<ProbeState>| state.as_ref().is_some_and(ProbeState::is_running);
        if stop.is_none_or(|stop| stop.send(()).is_err()) || !is_running(&self.board.status().probe)
        {
            return false;
        }
        let mut follower = self.board.subscribe();
        let ended = follower.wait_for(|(_, status)| !is_running(&status.probe));
        timeout(STOP_LIMIT, ended).await.is_ok_and(|ended| ended.is_ok())
    }
}

/// One probe.
struct Run {
    board: Board,
    dialing: Arc<Dialing>,
    request: ProbeRequest,
    capture: Client,
}

impl Run {
    async fn carry_out(self, stopped: oneshot::Receiver<()>) {
        let trace = if self.request.with_capture {
            let started = capture::start(&self.capture).await;
            self.change(|report| match &started {
                Ok(id) => report.trace = Some(id.clone()),
                Err(reason) => report.trace_trouble = Some(reason.clone()),
            });
            started.ok()
        } else {
            None
        };
        let begin = Instant::now();
        let was_stopped = tokio::select! {
            biased;
            // Only `stop` sends; a sender that is gone belongs to a probe that goes on.
            Ok(()) = stopped => true,
            ended = timeout(LIMIT, self.walk()) => {
                if ended.is_err() {
                    self.time_out(begin);
                }
                false
            }
        };
        let took_us = microseconds(begin.elapsed());
        self.board.change(|status| {
            if let Some(ProbeState::Running(report)) = status.probe.take() {
                status.probe = Some(ProbeState::Finished { report, took_us, was_stopped });
            }
        });
        if let Some(id) = trace {
            capture::stop(&self.capture, id).await;
        }
    }

    /// Changes the report on the board.
    fn change(&self, change: impl FnOnce(&mut ProbeReport)) {
        self.board.change(|status| {
            if let Some(ProbeState::Running(report)) = &mut status.probe {
                change(report);
            }
        });
    }

    /// The step that was under way has taken too long.
    fn time_out(&self, begin: Instant) {
        let failure = ProbeFailure::TimedOut { limit_seconds: PROBE_LIMIT_SECONDS };
        let took_us = microseconds(begin.elapsed());
        self.change(|report| {
            let is_running = |step: &&mut ProbeStep| step.state == StepState::Running;
            if let Some(step) = report.steps.iter_mut().find(is_running) {
                step.state = StepState::Failed { took_us, failure, detail: None };
            }
        });
    }
}
