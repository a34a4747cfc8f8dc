//! A virtual machine with the appliance's disk.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::stat::Mode;
use nix::unistd::mkfifo;
use serde_json::json;
use tempfile::TempDir;

use crate::builder::MachineBuilder;
use crate::console::LandingPage;
use crate::devices::{DiskController, NetworkCard};
use crate::dice::Dice;
use crate::disk::{self, Disk};
use crate::error::HarnessError;
use crate::https::HttpsClient;
use crate::limits;
use crate::nbd::NbdServer;
use crate::qemu::{
    Attachment, CARD, CONTROL, CommandLine, Drive, Firmware, Forward, HTTPS_PORT, SERIAL,
};
use crate::qmp::Qmp;
use crate::serial::Serial;
use crate::volatile_disk::VolatileDisk;
use crate::write_cache::Remains;

/// What stays the same when a machine is switched off and on.
#[derive(Debug)]
pub(crate) struct Parts {
    pub(crate) server: Option<NbdServer>,
    pub(crate) is_read_only: bool,
    pub(crate) controller: DiskController,
    pub(crate) card: NetworkCard,
    pub(crate) directory: TempDir,
    pub(crate) disk: Disk,
    pub(crate) firmware: Firmware,
    pub(crate) memory_mib: u32,
    pub(crate) attachment: Attachment,
    pub(crate) forwards: Vec<Forward>,
    pub(crate) is_plugged: bool,
    pub(crate) extra: Vec<String>,
}

/// A QEMU process and the lines to it.
#[derive(Debug)]
struct Running {
    process: Child,
    serial: Serial,
    qmp: Qmp,
    started: Instant,
}

/// A machine that is or was switched on. Dropping it kills QEMU and removes its disk.
#[derive(Debug)]
pub struct Machine {
    running: Running,
    // Dropped after the process that uses them.
    parts: Parts,
}

impl Machine {
    /// A machine with the built image, BIOS, and QEMU's own network.
    #[must_use]
    pub fn builder() -> MachineBuilder {
        MachineBuilder::new()
    }

    /// Switches a new machine on.
    pub(crate) fn start(
        parts: Parts,
        console_copy: Option<Box<dyn Write + Send>>,
    ) -> Result<Self, HarnessError> {
        let running = Running::start(&parts, console_copy)?;
        Ok(Self { running, parts })
    }

    /// The serial console.
    pub const fn serial(&mut self) -> &mut Serial {
        &mut self.running.serial
    }

    /// The control socket of QEMU.
    pub const fn qmp(&mut self) -> &mut Qmp {
        &mut self.running.qmp
    }

    /// The machine's own disk.
    #[must_use]
    pub const fn disk(&self) -> &Disk {
        &self.parts.disk
    }

    /// Which firmware it has.
    #[must_use]
    pub const fn firmware(&self) -> Firmware {
        self.parts.firmware
    }

    /// Whether QEMU still runs.
    pub fn is_running(&mut self) -> bool {
        matches!(self.running.process.try_wait(), Ok(None))
    }

    /// When it was switched on last.
    #[must_use]
    pub const fn started(&self) -> Instant {
        self.running.started
    }

    /// A client for the administration page at an address of the guest: through the forwarded
    /// port on QEMU's own network, directly on a tap device.
    ///
    /// # Errors
    ///
    /// When no port leads there.
    pub fn https(&self, guest: Ipv4Addr) -> Result<HttpsClient, HarnessError> {
        let peer = match self.parts.attachment {
            Attachment::Tap { .. } => SocketAddr::from((guest, HTTPS_PORT)),
            Attachment::User => SocketAddr::from((Ipv4Addr::LOCALHOST, self.host_port(guest)?)),
        };
        Ok(HttpsClient::new(peer, guest))
    }

    /// The port of this machine that leads to HTTPS of an address of the guest.
    ///
    /// # Errors
    ///
    /// When there is none.
    pub fn host_port(&self, guest: Ipv4Addr) -> Result<u16, HarnessError> {
        let mut forwards = self.parts.forwards.iter();
        let forward = forwards.find(|forward| forward.guest == guest);
        forward.map(|forward| forward.host_port).ok_or(HarnessError::NotForwarded(guest))
    }

    /// Waits for the landing page with an address.
    ///
    /// # Errors
    ///
    /// When it does not come in time.
    pub fn wait_for_landing_page(&mut self) -> Result<LandingPage, HarnessError> {
        self.running.serial.wait_for_drawn_lines(
            "the landing page with an address",
            limits::BOOT,
            |screen| LandingPage::read(screen).ok(),
        )
    }

    /// Waits until the screen shows all of these texts at once, and returns it. The page is drawn
    /// line by line, so what is looked at together is waited for together.
    ///
    /// # Errors
    ///
    /// When it does not in time.
    pub fn wait_for_console(
        &mut self,
        texts: &[&str],
        limit: Duration,
    ) -> Result<String, HarnessError> {
        let what = format!("{texts:?} on the console");
        self.running.serial.wait_for_screen(&what, limit, |screen| {
            texts.iter().all(|text| screen.contains(text)).then(|| screen.to_owned())
        })
    }

    /// Puts the virtual cable in or pulls it out.
    ///
    /// # Errors
    ///
    /// When QEMU refuses.
    pub fn plug(&mut self, is_plugged: bool) -> Result<(), HarnessError> {
        self.running.qmp.execute("set_link", json!({ "name": CARD, "up": is_plugged }))?;
        self.parts.is_plugged = is_plugged;
        Ok(())
    }

    /// Writes what the VGA console shows to a PNG file.
    ///
    /// # Errors
    ///
    /// When QEMU refuses or the file cannot be written.
    pub fn screendump(&mut self, path: &Path) -> Result<(), HarnessError> {
        if let Some(directory) = path.parent() {
            disk::create_directory(directory)?;
        }
        let arguments = json!({ "filename": path, "format": "png" });
        self.running.qmp.execute("screendump", arguments)?;
        Ok(())
    }

    /// Presses the power button and waits until the guest has switched itself off.
    ///
    /// # Errors
    ///
    /// When it does not in time.
    pub fn power_button(&mut self) -> Result<(), HarnessError> {
        self.running.qmp.execute("system_powerdown", json!({}))?;
        self.wait_for_power_off()
    }

    /// Waits until the guest has switched itself off, and QEMU has ended with it.
    ///
    /// # Errors
    ///
    /// When it does not in time.
    pub fn wait_for_power_off(&mut self) -> Result<(), HarnessError> {
        let event = self.running.qmp.wait_for_event(&["SHUTDOWN"], limits::SHUTDOWN);
        let event = event.map_err(|_| HarnessError::Timeout {
            what: "switching off".to_owned(),
            limit: limits::SHUTDOWN,
            console: self.running.serial.screen(),
        })?;
        if !event.by_guest {
            return Err(HarnessError::QemuEnded("not because of the guest".to_owned()));
        }
        self.running.process.wait().map_err(HarnessError::io("wait for qemu"))?;
        Ok(())
    }

    /// Waits until the guest has restarted itself: the firmware begins anew.
    ///
    /// # Errors
    ///
    /// When it does not in time.
    pub fn wait_for_restart(&mut self, limit: Duration) -> Result<(), HarnessError> {
        let event = self.running.qmp.wait_for_event(&["RESET"], limit);
        event.map_err(|_| HarnessError::Timeout {
            what: "a restart".to_owned(),
            limit,
            console: self.running.serial.screen(),
        })?;
        self.running.serial.forget();
        Ok(())
    }

    /// Presses the reset button, which gives the guest no time to prepare.
    ///
    /// # Errors
    ///
    /// When QEMU refuses.
    pub fn reset(&mut self) -> Result<(), HarnessError> {
        self.running.qmp.forget_events();
        self.running.qmp.execute("system_reset", json!({}))?;
        self.wait_for_restart(limits::QEMU_START)
    }

    /// The disk with a volatile cache; `None` when the machine was built without.
    #[must_use]
    pub fn volatile_disk(&self) -> Option<&VolatileDisk> {
        self.parts.server.as_ref().map(NbdServer::disk)
    }

    /// Makes the disk one that cannot be written, from the next switching on.
    pub const fn write_protect(&mut self) {
        self.parts.is_read_only = true;
    }

    /// Gives it other arguments of QEMU in place of those it had, from the next switching on.
    pub fn set_extra(&mut self, arguments: Vec<String>) {
        self.parts.extra = arguments;
    }

    /// Pulls the plug: kills QEMU. The disk keeps what the guest has written, flushed or not.
    pub fn pull_plug(&mut self) {
        self.running.kill();
    }

    /// Pulls the plug: kills QEMU, then decides what the disk keeps of what it had not flushed.
    ///
    /// # Errors
    ///
    /// When the machine has no volatile disk, or what is left cannot be written.
    pub fn cut_power(&mut self, dice: &mut Dice) -> Result<Remains, HarnessError> {
        self.running.kill();
        let disk = self.volatile_disk().ok_or(HarnessError::NoVolatileDisk)?;
        disk.cut(dice, limits::QEMU_START)
    }

    /// Switches the machine on again after it was switched off, with the same disk.
    ///
    /// # Errors
    ///
    /// When QEMU does not start.
    pub fn switch_on(&mut self) -> Result<(), HarnessError> {
        self.running = Running::start(&self.parts, None)?;
        Ok(())
    }
}

impl Running {
    fn start(parts: &Parts, copy: Option<Box<dyn Write + Send>>) -> Result<Self, HarnessError> {
        let directory = parts.directory.path();
        let line = CommandLine {
            directory,
            disk: match &parts.server {
                Some(server) => Drive::Served(server.socket()),
                None if parts.is_read_only => Drive::ReadOnly(parts.disk.path()),
                None if parts.disk.is_overlay() => Drive::Overlay(parts.disk.path()),
                None => Drive::File(parts.disk.path()),
            },
            controller: parts.controller,
            card: parts.card,
            firmware: parts.firmware,
            memory_mib: parts.memory_mib,
            attachment: &parts.attachment,
            forwards: &parts.forwards,
            extra: &parts.extra,
        };
        let words = line.words();
        let log_path = directory.join("qemu.log");
        let log = fs::File::create(&log_path).map_err(HarnessError::io("create qemu's log"))?;
        let _ = fs::remove_file(directory.join(CONTROL));
        let [to_guest, from_guest] =
            ["in", "out"].map(|end| directory.join(SERIAL).with_extension(end));
        for pipe in [&to_guest, &from_guest] {
            let _ = fs::remove_file(pipe);
            mkfifo(pipe, Mode::S_IRUSR | Mode::S_IWUSR).map_err(|error| {
                HarnessError::io(format!("create {}", pipe.display()))(error.into())
            })?;
        }
        let (program, arguments) = words.split_first().ok_or(HarnessError::Console("a command"))?;
        let process = Command::new(program)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .map_err(HarnessError::io(format!("start {program}")))?;
        // From here on dropping the guard kills the process.
        let mut process = Guard(Some(process));
        let mut qmp = Qmp::new(process.connect(&directory.join(CONTROL), &log_path)?)?;
        // QEMU has both pipes open by now, so that opening them does not wait.
        let open = |options: &mut OpenOptions, path: &Path| {
            options.open(path).map_err(HarnessError::io(format!("open {}", path.display())))
        };
        let reader = open(OpenOptions::new().read(true), &from_guest)?;
        let writer = open(OpenOptions::new().write(true), &to_guest)?;
        let serial = Serial::new(reader, writer, copy);
        if !parts.is_plugged {
            qmp.execute("set_link", json!({ "name": CARD, "up": false }))?;
        }
        qmp.execute("cont", json!({}))?;
        let started = Instant::now();
        let process = process.0.take().ok_or(HarnessError::Console("a process"))?;
        Ok(Self { process, serial, qmp, started })
    }
}

impl Running {
    fn kill(&mut self) {
        // Only this child is meant; it may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.kill();
    }
}

/// The process while it starts.
struct Guard(Option<Child>);

impl Guard {
    /// Connects to a socket that QEMU is about to create.
    fn connect(&mut self, socket: &Path, log: &Path) -> Result<UnixStream, HarnessError> {
        let deadline = Instant::now() + limits::QEMU_START;
        loop {
            if let Ok(stream) = UnixStream::connect(socket) {
                return Ok(stream);
            }
            let has_ended = match &mut self.0 {
                Some(process) => process.try_wait().ok().flatten().is_some(),
                None => true,
            };
            if has_ended || Instant::now() >= deadline {
                let log = fs::read_to_string(log).unwrap_or_default();
                return Err(HarnessError::QemuEnded(log.trim().to_owned()));
            }
            std::thread::sleep(limits::POLL_INTERVAL / 10);
        }
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if let Some(process) = &mut self.0 {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}
