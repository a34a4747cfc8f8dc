//! What a machine is made of.

use std::fs;
use std::io::Write;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};

use crate::devices::{DiskController, NetworkCard};
use crate::disk::Disk;
use crate::error::HarnessError;
use crate::machine::{Machine, Parts};
use crate::nbd::NbdServer;
use crate::qemu::{Attachment, Firmware, Forward, OVMF_VARIABLES, USER_ADDRESS};
use crate::volatile_disk::VolatileDisk;
use crate::workspace;

/// The documented minimum of memory.
pub const DEFAULT_MEMORY_MIB: u32 = 4096;

/// Collects what a machine is made of.
pub struct MachineBuilder {
    image: PathBuf,
    /// In which the image is, if it is not raw.
    format: Option<&'static str>,
    firmware: Firmware,
    memory_mib: u32,
    has_volatile_disk: bool,
    controller: DiskController,
    card: NetworkCard,
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
    pub(crate) fn new() -> Self {
        Self {
            image: workspace::image(),
            format: None,
            firmware: Firmware::Bios,
            memory_mib: DEFAULT_MEMORY_MIB,
            has_volatile_disk: false,
            controller: DiskController::default(),
            card: NetworkCard::default(),
            attachment: Attachment::User,
            forwards: Vec::new(),
            is_plugged: true,
            console_copy: None,
            extra: Vec::new(),
        }
    }

    /// Uses another disk image than the one that `make image` builds.
    #[must_use]
    pub fn image(mut self, path: &Path) -> Self {
        path.clone_into(&mut self.image);
        self
    }

    /// Uses a disk image in another format, by the name that QEMU has for it, and leaves it as it is.
    #[must_use]
    pub fn image_in(mut self, format: &'static str, path: &Path) -> Self {
        self.format = Some(format);
        self.image(path)
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

    /// Puts a volatile cache before the disk, whose power can be cut with
    /// [`Machine::cut_power`].
    #[must_use]
    pub const fn volatile_disk(mut self) -> Self {
        self.has_volatile_disk = true;
        self
    }

    /// Chooses how the disk is attached; virtio-blk otherwise.
    #[must_use]
    pub const fn controller(mut self, controller: DiskController) -> Self {
        self.controller = controller;
        self
    }

    /// Chooses the network card; virtio otherwise.
    #[must_use]
    pub const fn card(mut self, card: NetworkCard) -> Self {
        self.card = card;
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
        let disk = match self.format {
            Some(format) => {
                Disk::overlay(&self.image, format, directory.path().join("disk.qcow2"))?
            }
            None => Disk::copy(&self.image, directory.path().join("disk.raw"))?,
        };
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
        let server = if self.has_volatile_disk {
            let disk = VolatileDisk::open(disk.path())?;
            Some(NbdServer::start(disk, &directory.path().join("disk.socket"))?)
        } else {
            None
        };
        let parts = Parts {
            directory,
            disk,
            server,
            is_read_only: false,
            controller: self.controller,
            card: self.card,
            firmware: self.firmware,
            memory_mib: self.memory_mib,
            attachment: self.attachment,
            forwards: self.forwards,
            is_plugged: self.is_plugged,
            extra: self.extra,
        };
        Machine::start(parts, self.console_copy)
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
