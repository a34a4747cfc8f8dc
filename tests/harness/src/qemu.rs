//! The command line of QEMU.

use std::net::Ipv4Addr;
use std::path::Path;

use crate::devices::{DiskController, NetworkCard};

/// Which firmware starts the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Firmware {
    /// SeaBIOS on an i440FX machine.
    Bios,
    /// OVMF on a Q35 machine.
    Uefi,
}

impl Firmware {
    /// A short name for files and messages.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bios => "bios",
            Self::Uefi => "uefi",
        }
    }

    const fn machine(self) -> &'static str {
        match self {
            Self::Bios => "pc",
            Self::Uefi => "q35",
        }
    }
}

/// What the network card is attached to.
#[derive(Clone, Debug)]
pub enum Attachment {
    /// QEMU's own network 10.0.2.0/24 with DHCP, where the guest becomes [`USER_ADDRESS`].
    User,
    /// A tap device of a network namespace; see [`crate::Namespace`].
    Tap {
        /// Name of the namespace that QEMU runs in.
        namespace: String,
        /// Name of the tap device.
        device: String,
    },
}

/// What QEMU's DHCP server gives to the first client.
pub const USER_ADDRESS: Ipv4Addr = Ipv4Addr::new(10, 0, 2, 15);
/// Where the guest reaches the loopback address of this machine.
pub const HOST_ADDRESS: Ipv4Addr = Ipv4Addr::new(10, 0, 2, 2);
/// Name of the network card in QMP commands.
pub const CARD: &str = "card";
/// Name of the serial line's pipes, which end in `.in` (to the guest) and `.out`.
pub(crate) const SERIAL: &str = "serial";
/// Name of the control socket.
pub(crate) const CONTROL: &str = "control";
/// Port of the administration page.
pub const HTTPS_PORT: u16 = 443;

const OVMF_CODE: &str = "/usr/share/OVMF/OVMF_CODE_4M.fd";
/// The template of UEFI's variable store; each machine needs its own copy.
pub const OVMF_VARIABLES: &str = "/usr/share/OVMF/OVMF_VARS_4M.fd";

/// A port of this machine that leads to port 443 of an address of the guest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Forward {
    /// Address of the guest.
    pub guest: Ipv4Addr,
    /// Port on this machine's loopback address.
    pub host_port: u16,
}

/// Where the disk's content comes from.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Drive<'a> {
    /// A raw image. Nothing is waited for, since only QEMU's end could lose it.
    File(&'a Path),
    /// A qcow2 file over an image.
    Overlay(&'a Path),
    /// A raw image that cannot be written.
    ReadOnly(&'a Path),
    /// The socket of a server, which gets every flush of the guest.
    Served(&'a Path),
}

impl Drive<'_> {
    fn argument(self) -> String {
        let path = |path: &Path| escape(&path.display().to_string());
        match self {
            Self::File(file) => format!("file={},format=raw,cache=unsafe", path(file)),
            Self::Overlay(file) => format!("file={},format=qcow2,cache=unsafe", path(file)),
            Self::ReadOnly(file) => format!("file={},format=raw,readonly=on", path(file)),
            Self::Served(socket) => format!(
                "driver=raw,file.driver=nbd,file.server.type=unix,file.server.path={},\
                 cache=writeback",
                path(socket)
            ),
        }
    }
}

/// Everything that varies between machines.
#[derive(Debug)]
pub(crate) struct CommandLine<'a> {
    pub(crate) directory: &'a Path,
    pub(crate) disk: Drive<'a>,
    pub(crate) controller: DiskController,
    pub(crate) card: NetworkCard,
    pub(crate) firmware: Firmware,
    pub(crate) memory_mib: u32,
    pub(crate) attachment: &'a Attachment,
    pub(crate) forwards: &'a [Forward],
    pub(crate) extra: &'a [String],
}

impl CommandLine<'_> {
    /// The program and its arguments. The last wrapper ends QEMU when this process dies for
    /// whatever reason; all wrappers `exec`, so that the process id stays that of QEMU.
    pub(crate) fn words(&self) -> Vec<String> {
        let mut words: Vec<String> = Vec::new();
        if let Attachment::Tap { namespace, .. } = self.attachment {
            words.extend(["ip", "netns", "exec", namespace].map(str::to_owned));
        }
        words.extend(["setpriv", "--pdeathsig", "KILL", "qemu-system-x86_64"].map(str::to_owned));
        words.extend(
            ["-accel", "tcg,thread=multi", "-cpu", "max", "-smp", "2", "-nodefaults", "-vga"]
                .map(str::to_owned),
        );
        words.extend(["std", "-display", "none"].map(str::to_owned));
        let mut option = |name: &str, value: String| words.extend([name.to_owned(), value]);
        option("-machine", self.firmware.machine().to_owned());
        option("-m", self.memory_mib.to_string());
        // Named pipes: a socket holds some 280 single bytes, and QEMU drops what does not fit.
        option("-chardev", format!("pipe,id=serial,path={}", self.path(SERIAL)));
        option("-serial", "chardev:serial".to_owned());
        option("-qmp", format!("unix:{},server=on,wait=off", self.path(CONTROL)));
        // The guest starts when told to, so that nothing of it is missed.
        words.push("-S".to_owned());
        let mut option = |name: &str, value: String| words.extend([name.to_owned(), value]);
        if self.firmware == Firmware::Uefi {
            option("-drive", format!("if=pflash,format=raw,unit=0,readonly=on,file={OVMF_CODE}"));
            let variables = self.path("variables.fd");
            option("-drive", format!("if=pflash,format=raw,unit=1,file={variables}"));
        }
        option("-drive", format!("{},if=none,id=disk", self.disk.argument()));
        option("-netdev", self.netdev());
        option("-device", self.card.argument("net"));
        words.extend(self.controller.arguments("disk"));
        words.extend(self.extra.iter().cloned());
        words
    }

    fn path(&self, name: &str) -> String {
        escape(&self.directory.join(name).display().to_string())
    }

    fn netdev(&self) -> String {
        match self.attachment {
            Attachment::User => {
                let forwards = self.forwards.iter().map(|Forward { guest, host_port }| {
                    format!(",hostfwd=tcp:127.0.0.1:{host_port}-{guest}:{HTTPS_PORT}")
                });
                format!("user,id=net{}", forwards.collect::<String>())
            }
            Attachment::Tap { device, .. } => {
                format!("tap,id=net,ifname={device},script=no,downscript=no")
            }
        }
    }
}

/// A comma in an option's value is doubled.
fn escape(value: &str) -> String {
    value.replace(',', ",,")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(attachment: &Attachment) -> String {
        let forwards = [Forward { guest: USER_ADDRESS, host_port: 8443 }];
        let line = CommandLine {
            directory: Path::new("/tmp/a,b"),
            disk: Drive::File(Path::new("/tmp/a,b/disk.raw")),
            controller: DiskController::VirtioBlk,
            card: NetworkCard::Virtio,
            firmware: Firmware::Bios,
            memory_mib: 512,
            attachment,
            forwards: &forwards,
            extra: &[],
        };
        line.words().join(" ")
    }

    #[test]
    fn forwards_only_on_the_user_network() {
        let user = words(&Attachment::User);
        assert!(user.contains("user,id=net,hostfwd=tcp:127.0.0.1:8443-10.0.2.15:443"), "{user}");
        let namespace = "space".to_owned();
        let tap = words(&Attachment::Tap { namespace, device: "tap0".to_owned() });
        assert!(tap.starts_with("ip netns exec space setpriv"), "{tap}");
        assert!(!tap.contains("hostfwd"), "{tap}");
    }

    #[test]
    fn doubles_commas_in_paths() {
        assert!(words(&Attachment::User).contains("file=/tmp/a,,b/disk.raw,format=raw"));
    }
}
