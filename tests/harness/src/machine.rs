//! A virtual machine with the appliance's disk.

use std::fs;
use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::json;
use tempfile::TempDir;

use crate::console::LandingPage;
use crate::disk::{self, Disk};
use crate::error::HarnessError;
use crate::https::HttpsClient;
use crate::limits;
use crate::qemu::{
    Attachment, CARD, CommandLine, Firmware, Forward, HTTPS_PORT, OVMF_VARIABLES, USER_ADDRESS,
};
use crate::qmp::Qmp;
use crate::serial::Serial;
use crate::workspace;

/// The documented minimum of memory.
pub const DEFAULT_MEMORY_MIB: u32 = 4096;

/// Collects what a machine is made of.
pub struct MachineBuilder {
    image: PathBuf,
    firmware: Firmware,
    memory_mib: u32,
    attachment: Attachment,
    forwards: Vec<Forward>,
    is_plugged: bool,
    console_copy: Option<Box<dyn Write + Send>>,
    extra: Vec<String>,
}

impl std::fmt::Debug for MachineBuilder {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("MachineBuilder")
            .field("image", &self.image)
            .field("firmware", &self.firmware)
            .finish_non_exhaustive()
    }
}

impl MachineBuilder {
    /// Uses another disk image than the one that `make image` builds.
    #[must_use]
    pub fn image(mut self, path: &Path) -> Self {
        path.clone_into(&mut self.image);
        self
    }

    /// Chooses the firmware; BIOS otherwise.
    #[must_use]
    pub const fn firmware(mut self, firmware: Firmware) -> Self {
        self.firmware = firmware;
        self
    }

    /// Sets the memory; [`DEFAULT_MEMORY_MIB`] otherwise.
    #[must_use]
    pub const fn memory_mib(mut self, memory_mib: u32) -> Self {
        self.memory_mib = memory_mib;
        self
    }

    /// Attaches the network card; to QEMU's own network otherwise.
    #[must_use]
    pub fn attachment(mut self, attachment: Attachment) -> Self {
        self.attachment = attachment;
        self
    }

    /// Makes HTTPS of an address of QEMU's own network reachable, besides that of
    /// [`USER_ADDRESS`], which always is.
    #[must_use]
    pub fn reach(mut self, guest: Ipv4Addr) -> Self {
        self.forwards.push(Forward { guest, host_port: 0 });
        self
    }

    /// Prefers a port of this machine for [`USER_ADDRESS`]; the next free one is taken if it is
    /// in use.
    #[must_use]
    pub fn host_port(mut self, host_port: u16) -> Self {
        self.forwards.insert(0, Forward { guest: USER_ADDRESS, host_port });
        self
    }

    /// Starts with the virtual cable pulled out.
    #[must_use]
    pub const fn unplugged(mut self) -> Self {
        self.is_plugged = false;
        self
    }

    /// Also writes everything that the guest writes to the serial line to `copy`.
    #[must_use]
    pub fn console_copy(mut self, copy: Box<dyn Write + Send>) -> Self {
        self.console_copy = Some(copy);
        self
    }

    /// Adds arguments of QEMU, such as more disks.
    #[must_use]
    pub fn extra(mut self, arguments: &[&str]) -> Self {
        self.extra.extend(arguments.iter().map(|argument| (*argument).to_owned()));
        self
    }

    /// Copies the disk and switches the machine on.
    ///
    /// # Errors
    ///
    /// When there is no image, or QEMU does not start.
    pub fn start(self) -> Result<Machine, HarnessError> {
        self.prepare(|_| Ok(()))
    }

    /// [`MachineBuilder::start`] with a change of the machine's own disk before it is switched on.
    ///
    /// # Errors
    ///
    /// When there is no image, the change fails or QEMU does not start.
    pub fn prepare(
        mut self,
        change: impl FnOnce(&Disk) -> Result<(), HarnessError>,
    ) -> Result<Machine, HarnessError> {
        let directory = tempfile::Builder::new()
            .prefix("machine-")
            .tempdir()
            .map_err(HarnessError::io("create a directory for the machine"))?;
        let disk = Disk::copy(&self.image, directory.path().join("disk.raw"))?;
        change(&disk)?;
        if self.firmware == Firmware::Uefi {
            fs::copy(OVMF_VARIABLES, directory.path().join("variables.fd"))
                .map_err(HarnessError::io(format!("copy {OVMF_VARIABLES}")))?;
        }
        if !self.forwards.iter().any(|forward| forward.guest == USER_ADDRESS) {
            self.forwards.push(Forward { guest: USER_ADDRESS, host_port: 0 });
        }
        for forward in &mut self.forwards {
            forward.host_port = free_port(forward.host_port)?;
        }
        let parts = Parts {
            directory,
            disk,
            firmware: self.firmware,
            memory_mib: self.memory_mib,
            attachment: self.attachment,
            forwards: self.forwards,
            extra: self.extra,
        };
        let running = Running::start(&parts, self.console_copy)?;
        let mut machine = Machine { running, parts };
        if !self.is_plugged {
            machine.plug(false)?;
        }
        Ok(machine)
    }
}

/// What stays the same when a machine is switched off and on.
#[derive(Debug)]
struct Parts {
    directory: TempDir,
    disk: Disk,
    firmware: Firmware,
    memory_mib: u32,
    attachment: Attachment,
    forwards: Vec<Forward>,
    extra: Vec<String>,
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
        MachineBuilder {
            image: workspace::image(),
            firmware: Firmware::Bios,
            memory_mib: DEFAULT_MEMORY_MIB,
            attachment: Attachment::User,
            forwards: Vec::new(),
            is_plugged: true,
            console_copy: None,
            extra: Vec::new(),
        }
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
        self.running.serial.wait_for_screen(
            "the landing page with an address",
            limits::BOOT,
            |screen| LandingPage::read(screen).ok(),
        )
    }

    /// Waits for the landing page to show a text.
    ///
    /// # Errors
    ///
    /// When it does not in time.
    pub fn wait_for_console(
        &mut self,
        text: &str,
        limit: Duration,
    ) -> Result<String, HarnessError> {
        self.running.serial.wait_for_screen(&format!("{text:?} on the console"), limit, |screen| {
            screen.contains(text).then(|| screen.to_owned())
        })
    }

    /// Puts the virtual cable in or pulls it out.
    ///
    /// # Errors
    ///
    /// When QEMU refuses.
    pub fn plug(&mut self, is_plugged: bool) -> Result<(), HarnessError> {
        self.running.qmp.execute("set_link", json!({ "name": CARD, "up": is_plugged }))?;
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
            disk: parts.disk.path(),
            firmware: parts.firmware,
            memory_mib: parts.memory_mib,
            attachment: &parts.attachment,
            forwards: &parts.forwards,
            extra: &parts.extra,
        };
        let words = line.words();
        let log_path = directory.join("qemu.log");
        let log = fs::File::create(&log_path).map_err(HarnessError::io("create qemu's log"))?;
        for socket in ["serial", "qmp"] {
            let _ = fs::remove_file(directory.join(socket));
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
        let serial = process.connect(&directory.join("serial"), &log_path)?;
        let started = Instant::now();
        let serial = Serial::new(serial, copy)?;
        let qmp = Qmp::new(process.connect(&directory.join("qmp"), &log_path)?)?;
        let process = process.0.take().ok_or(HarnessError::Console("a process"))?;
        Ok(Self { process, serial, qmp, started })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Only this child is meant; it may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
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

/// A port that is free now: the wanted one, else the next free one; any when 0 is wanted.
fn free_port(wanted: u16) -> Result<u16, HarnessError> {
    let mut port = wanted;
    loop {
        match TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
            Ok(listener) => {
                let address = listener.local_addr().map_err(HarnessError::io("read a port"))?;
                return Ok(address.port());
            }
            Err(error) => {
                let next = port.checked_add(1).filter(|_| wanted != 0);
                port = next.ok_or_else(|| HarnessError::io("find a free port")(error))?;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_the_next_port_when_the_wanted_one_is_in_use() {
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("bound");
        let wanted = taken.local_addr().expect("address").port();
        let found = free_port(wanted).expect("found");
        assert!(found > wanted);
    }
}
