//! PID 1: starts everything, then one loop until the machine stops.

use std::convert::Infallible;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use model::boot_parameter::is_label;
use model::grubenv::GrubEnv;
use model::role::{PROGRAM, Role};
use model::shutdown::{Halt, Shutdown, Step};
use model::slot_report::SlotReport;
use model::supervision::{InitRequest, InitResponse, InitStatus};
use model::supervisor::Supervisor;
use model::trial::{LastWord, Trial, Verdict};
use model::{boot_slots, command_line};
use sys::kernel;
use sys::poll::{self, Interest};
use sys::power_button::{self, PowerButton};
use sys::process::{self, Confinement};
use sys::signals::{Signal, Signals};
use sys::unix_socket::Peer;
use sys::watchdog::{self, Watchdog};
use sys::{
    block, control_group, host_files, kernel_facts, mount, netlink, packet_ring, process_facts,
    sysctl, terminal,
};

use model::error::chain;

use crate::error::InitError;
use crate::log::{Log, Output};
use crate::server::{Answer, Server, refused};
use crate::{mounts, slots};

/// Where stage 1 puts the root.
const ROOT_DEVICE: &str = "/dev/dm-0";
/// Only messages more urgent than "critical" reach the consoles, where they would garble the page.
const CONSOLE_LEVEL: u8 = 2;
/// Pause of the loop when the kernel refuses to wait, which it never does.
const ERROR_PAUSE: Duration = Duration::from_secs(1);

/// Runs the machine. Returns only when it cannot start or stop.
pub(crate) fn run() -> Result<Infallible, InitError> {
    let mut machine = Machine::start()?;
    loop {
        if let Some(halt) = machine.turn() {
            return Err(machine.finish(halt));
        }
    }
}

/// Everything that the loop works on.
struct Machine {
    log: Log,
    signals: Signals,
    server: Server,
    power_buttons: Vec<PowerButton>,
    outputs: Vec<Output>,
    supervision: Supervision,
    root: Option<PathBuf>,
    trial: Trial,
    watchdog: Option<Watchdog>,
}

/// What a role is handed as its standard input, because opening it takes a right that the role does not have.
fn input_of(role: Role, log: &Log) -> io::Result<Option<OwnedFd>> {
    match role {
        Role::Capture => packet_ring::open_unbound().map(Some),
        Role::Journal => kernel::open_log_reader().map(|log| Some(log.into())),
        // The hypervisor must not be able to keep a role from its start.
        Role::Guest => Ok(host_files::open_channel().unwrap_or_else(|error| {
            log.warn(&format!("The channel to the hypervisor cannot be opened: {error}"));
            None
        })),
        _ => Ok(None),
    }
}

/// What requests change.
struct Supervision {
    supervisor: Supervisor,
    status: InitStatus,
    shutdown: Option<Shutdown>,
    /// Whether all roles were ready when the shutdown began.
    was_ready: bool,
}

impl Machine {
    fn start() -> Result<Self, InitError> {
        mounts::kernel_file_systems()?;
        let log = Log::open();
        let signals = Signals::block()?;
        mounts::volatile_file_systems()?;
        // Without these the machine runs all the same.
        for result in [
            kernel::catch_ctrl_alt_del(),
            kernel::limit_console_messages(CONSOLE_LEVEL),
            netlink::switch_loopback_on(),
            control_group::prepare(),
        ]
        .into_iter()
        .chain(sysctl::apply().into_iter().map(Err))
        {
            result.unwrap_or_else(|error| log.warn(&chain(&error)));
        }
        let watchdog = Watchdog::inherited().map_or_else(Watchdog::arm, Ok);
        log.say(&watchdog.as_ref().map_or_else(
            |error| format!("No watchdog: {}", chain(error)),
            |watchdog| format!("The watchdog is {}", watchdog.name()),
        ));
        let watchdog = watchdog.ok();
        let root = block::underlying(Path::new(ROOT_DEVICE));
        let data = mounts::data(root.as_deref(), &log)?;
        mounts::directories(&log)?;
        let now = Instant::now();
        let supervisor = Supervisor::new(now);
        let slot = command_line::root_slot(&mounts::command_line()?);
        let slots = slot.map_or_else(SlotReport::default, |slot| {
            slots::begin(slot, root.as_deref(), watchdog.as_ref(), &log)
        });
        let trial = Trial::new(now, slots.all_failed);
        let roles = supervisor.statuses();
        let status = InitStatus { generation: 1, slot, marked_good: false, slots, data, roles };
        Ok(Self {
            log,
            signals,
            server: Server::listen()?,
            power_buttons: power_button::open_all(),
            outputs: Vec::new(),
            supervision: Supervision { supervisor, status, shutdown: None, was_ready: false },
            root,
            trial,
            watchdog,
        })
    }

    /// One turn of the loop. Says how to stop the machine when all roles have ended.
    fn turn(&mut self) -> Option<Halt> {
        let now = Instant::now();
        self.answer_watchdog();
        let deadline = match self.stop_roles(now) {
            None => {
                self.start_roles(now);
                let judged = self.judge_start(now);
                [self.supervision.supervisor.next_due(), judged].into_iter().flatten().min()
            }
            Some(Step::Done) => return self.supervision.shutdown.as_ref().map(|stop| stop.halt),
            Some(Step::Wait(until)) => Some(until),
            Some(Step::Terminate(_) | Step::Kill(_)) => Some(now),
        };
        self.supervision.refresh();
        // A peer that was answered may have asked more already.
        let has_answered = self.server.publish(&self.supervision.status);
        let deadline = if has_answered { Some(now) } else { deadline };
        let timeout = deadline.map_or(watchdog::INTERVAL, |at| at.saturating_duration_since(now));
        self.wait(timeout.min(watchdog::INTERVAL));
        None
    }

    fn start_roles(&mut self, now: Instant) {
        for role in self.supervision.supervisor.due(now) {
            match self.start_role(role, now) {
                Ok(pid) => self.supervision.supervisor.started(role, pid, now),
                Err(why) => {
                    self.log.warn(&format!("Cannot start {}: {why}", role.name()));
                    self.supervision.supervisor.not_started(role, why, now);
                }
            }
        }
    }

    fn start_role(&mut self, role: Role, now: Instant) -> Result<i32, String> {
        let (read, write) = process::output_pipe().map_err(|error| error.to_string())?;
        let confinement = Confinement::of(role).map_err(|error| chain(&error))?;
        let input = input_of(role, &self.log).map_err(|error| error.to_string())?;
        let pid = process::spawn(Path::new(PROGRAM), &[role.name()], confinement, input, write)
            .map_err(|error| chain(&error))?;
        self.outputs.push(Output::new(role, read, now));
        Ok(pid)
    }

    /// Answers the watchdog. A loop that does not turn any more does not, and the machine restarts.
    fn answer_watchdog(&self) {
        if let Some(Err(error)) = self.watchdog.as_ref().map(Watchdog::answer) {
            self.log.warn(&error.to_string());
        }
    }

    /// Marks the slot good when all is well, or restarts when it is not in time; says when to look again.
    fn judge_start(&mut self, now: Instant) -> Option<Instant> {
        let slot = self.supervision.status.slot?;
        let told = match self.trial.judge(&self.supervision.supervisor, now) {
            Verdict::Wait(until) => return Some(until),
            Verdict::Over => return None,
            Verdict::MarkGood => {
                let told = self.tell_boot_loader(|block| boot_slots::healthy(block, slot));
                self.trial.marked(told.is_ok(), now);
                if told.is_ok() {
                    let status = &mut self.supervision.status;
                    status.marked_good = true;
                    status.generation += 1;
                    self.log.say(&format!("{} works and is marked good", slot.title()));
                }
                told
            }
            Verdict::Fail(reason) => {
                let told = self.tell_boot_loader(|block| boot_slots::failed(block, slot, &reason));
                let text = format!("{} is given up: {reason}", slot.title());
                self.log.warn(&text);
                terminal::print_line(&text);
                self.supervision.stop(Halt::Restart);
                told
            }
        };
        if let Err(error) = told {
            self.log.warn(&chain(&error));
        }
        Some(now)
    }

    fn tell_boot_loader(&self, change: impl FnOnce(&mut GrubEnv)) -> Result<(), InitError> {
        let Some(slot) = self.supervision.status.slot else { return Ok(()) };
        slots::update(slot, self.root.as_deref(), change).map(drop)
    }

    /// The next step of stopping, carried out; `None` when the machine is to run on.
    fn stop_roles(&mut self, now: Instant) -> Option<Step> {
        let supervisor = &self.supervision.supervisor;
        let shutdown = self.supervision.shutdown.as_mut()?;
        let step = shutdown.step(|role| supervisor.pid(role).is_some(), now);
        let signal = match step {
            Step::Terminate(role) => supervisor.pid(role).map(process::terminate),
            Step::Kill(role) => {
                self.log.warn(&format!("{} did not end by itself", role.name()));
                supervisor.pid(role).map(process::kill_now)
            }
            Step::Wait(_) | Step::Done => None,
        };
        if let Some(Err(error)) = signal {
            self.log.warn(&error.to_string());
        }
        Some(step)
    }

    /// Waits for anything to happen and handles it.
    fn wait(&mut self, timeout: Duration) {
        let outputs = self.outputs.iter().map(AsFd::as_fd);
        let interests: Vec<_> = outputs
            .chain(std::iter::once(self.signals.as_fd()))
            .chain(self.power_buttons.iter().map(AsFd::as_fd))
            .map(|fd| (fd, Interest::Read))
            .chain(self.server.interests())
            .collect();
        let ready = poll::wait(&interests, Some(timeout)).unwrap_or_else(|error| {
            self.log.warn(&error.to_string());
            thread::sleep(ERROR_PAUSE);
            Vec::new()
        });
        let mut ready = ready.into_iter();
        let now = Instant::now();
        // What a process said last is logged before its end.
        let log = &self.log;
        self.outputs.retain_mut(|output| {
            !ready.next().is_some_and(|ready| ready.readable || ready.ended)
                || output.copy(log, now)
        });
        if ready.next().is_some_and(|ready| ready.readable) {
            self.handle_signals(now);
        }
        let supervision = &mut self.supervision;
        self.power_buttons.retain(|button| {
            let is_readable = ready.next().is_some_and(|ready| ready.readable);
            let pressed = if is_readable { button.was_pressed() } else { Ok(false) };
            if matches!(pressed, Ok(true)) {
                supervision.stop(Halt::PowerOff);
            }
            pressed.is_ok()
        });
        self.server.handle(&mut ready, &mut |peer, request| supervision.answer(peer, request, now));
    }

    fn handle_signals(&mut self, now: Instant) {
        while let Ok(Some(signal)) = self.signals.read() {
            match signal {
                Signal::Terminate => self.supervision.stop(Halt::PowerOff),
                Signal::Interrupt => self.supervision.stop(Halt::Restart),
                // Several children may have ended since the signal was set.
                Signal::ChildEnded => {}
            }
        }
        while let Some(ended) = process::reap() {
            if let Some(role) = self.supervision.supervisor.ended(ended.pid, &ended.how, now) {
                self.log.warn(&format!("{} ended: {}", role.name(), ended.how));
            }
        }
    }

    /// Stops the machine. Returns only when the kernel refuses.
    fn finish(&self, halt: Halt) -> InitError {
        terminal::print_line(match halt {
            Halt::Restart => "Restarting",
            Halt::PowerOff => "Switching off",
        });
        self.answer_watchdog();
        if let Some(slot) = self.supervision.status.slot {
            let told = match self.trial.last_word(self.supervision.was_ready) {
                LastWord::Nothing => Ok(()),
                LastWord::Good => self.tell_boot_loader(|block| boot_slots::healthy(block, slot)),
                LastWord::Interrupted => {
                    self.tell_boot_loader(|block| boot_slots::interrupted(block, slot))
                }
            };
            if let Err(error) = told {
                self.log.warn(&chain(&error));
            }
        }
        mount::sync();
        let data = Path::new(mounts::DATA);
        if let Err(error) = mount::unmount(data).or_else(|_| mount::remount_read_only(data)) {
            self.log.warn(&chain(&error));
        }
        kernel::stop(halt).into()
    }
}

impl Supervision {
    /// Begins to stop the machine, unless it is stopping already.
    fn stop(&mut self, halt: Halt) {
        if self.shutdown.is_none() {
            self.was_ready = self.supervisor.ready_since().is_some();
            self.shutdown = Some(Shutdown::new(halt, Instant::now()));
        }
    }

    /// Brings the status up to date, with a new generation if anything has changed.
    fn refresh(&mut self) {
        let roles = self.supervisor.statuses();
        if self.status.roles != roles {
            self.status.roles = roles;
            self.status.generation += 1;
        }
    }

    fn answer(&mut self, peer: Peer, request: InitRequest, now: Instant) -> Answer {
        let accepted = Answer::Now(InitResponse::Accepted);
        match request {
            InitRequest::Ready => {
                let role = Role::from_uid(peer.uid);
                if role.is_some_and(|role| self.supervisor.ready(role, peer.pid, now)) {
                    accepted
                } else {
                    Answer::Now(refused("this is not the process of the role"))
                }
            }
            InitRequest::Status { newer_than } => {
                self.refresh();
                match newer_than.filter(|seen| *seen >= self.status.generation) {
                    Some(seen) => Answer::StatusAfter(seen),
                    None => Answer::Now(InitResponse::Status(self.status.clone())),
                }
            }
            InitRequest::Processes => {
                let processes = process_facts::read_all(|role| self.supervisor.pid(role));
                Answer::Now(InitResponse::Processes { processes })
            }
            InitRequest::KernelFacts => {
                Answer::Now(InitResponse::KernelFacts { facts: kernel_facts::read_all() })
            }
            InitRequest::Load => Answer::Now(InitResponse::Load(kernel_facts::read_load())),
            InitRequest::SetHostName { name } if !is_label(&name) => {
                Answer::Now(refused("this is not a host name without domain"))
            }
            InitRequest::SetHostName { name } => kernel::set_host_name(&name)
                .map_or_else(|error| Answer::Now(refused(chain(&error))), |()| accepted),
            InitRequest::Restart => {
                self.stop(Halt::Restart);
                accepted
            }
            InitRequest::PowerOff => {
                self.stop(Halt::PowerOff);
                accepted
            }
        }
    }
}
