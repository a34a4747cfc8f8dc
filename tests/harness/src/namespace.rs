//! A network namespace of its own with a tap device for each machine, mostly one: a network in which
//! every port of the appliance can be reached and in which DHCP answers only when a test wants it.
//! Needs root.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::net::Ipv4Addr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

use nix::sched::{CloneFlags, setns};

use crate::disk::run;
use crate::error::HarnessError;
use crate::qemu::Attachment;

/// Address of this side of the first machine's tap device.
pub const GATEWAY: Ipv4Addr = gateway(0);
/// The only address that DHCP gives to the first machine.
pub const LEASED: Ipv4Addr = leased(0);
/// Host name that DHCP gives out.
pub const LEASED_HOST_NAME: &str = "connector-hq-01";
/// Domain that DHCP gives out.
pub const LEASED_DOMAIN: &str = "corp.example.com";

/// Hardware address that QEMU gives to the first card of a machine.
pub const HARDWARE_ADDRESS: &str = "52:54:00:12:34:56";

const DEVICE: &str = "tap0";
/// Third octet of a machine's network, for each machine before it. Two, because 10.99.1.0/24 is a site of its own
/// in [`forest`].
const STRIDE: u8 = 2;
/// Where `ip` keeps the namespaces that have names.
const NAMESPACES: &str = "/run/netns";

static COUNT: AtomicU32 = AtomicU32::new(0);

/// Address of this side of a machine's tap device; machines count from 0. Each has a network of 24 bits
/// of its own, and this side leads from one to the other.
#[must_use]
pub const fn gateway(machine: u8) -> Ipv4Addr {
    Ipv4Addr::new(10, 99, machine * STRIDE, 1)
}

/// The only address that DHCP gives to a machine.
#[must_use]
pub const fn leased(machine: u8) -> Ipv4Addr {
    Ipv4Addr::new(10, 99, machine * STRIDE, 50)
}

/// Name of a machine's tap device in the namespace.
#[must_use]
pub fn device(machine: u8) -> String {
    format!("tap{machine}")
}

/// A name that no namespace has: a program of the same number may have been killed and left one.
fn free_name() -> String {
    loop {
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("appliance-{}-{count}", std::process::id());
        if !Path::new(NAMESPACES).join(&name).exists() {
            return name;
        }
    }
}

/// A network namespace; dropping it ends its DHCP server and removes it.
#[derive(Debug)]
pub struct Namespace {
    name: String,
    machines: u8,
    dhcp_server: Option<Child>,
}

impl Namespace {
    /// Creates the namespace and the tap device of one machine, without DHCP server.
    ///
    /// # Errors
    ///
    /// When this process is not root or the kernel refuses.
    pub fn new() -> Result<Self, HarnessError> {
        Self::for_machines(1)
    }

    /// Creates the namespace and the tap devices of so many machines, at most 100, without DHCP server.
    ///
    /// # Errors
    ///
    /// When this process is not root or the kernel refuses.
    pub fn for_machines(machines: u8) -> Result<Self, HarnessError> {
        let namespace = Self { name: free_name(), machines, dhcp_server: None };
        run(Command::new("ip").args(["netns", "add", &namespace.name]))?;
        namespace.ip("link set lo up")?;
        for machine in 0..machines {
            let (device, gateway) = (device(machine), gateway(machine));
            namespace.ip(&format!("tuntap add {device} mode tap"))?;
            namespace.ip(&format!("address add {gateway}/24 dev {device}"))?;
            namespace.ip(&format!("link set {device} up"))?;
        }
        Ok(namespace)
    }

    fn ip(&self, arguments: &str) -> Result<(), HarnessError> {
        run(Command::new("ip").args(["-n", &self.name]).args(arguments.split(' '))).map(drop)
    }

    /// Name of the namespace, as `ip netns` knows it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Name of the first machine's tap device in the namespace.
    #[must_use]
    pub const fn device(&self) -> &'static str {
        DEVICE
    }

    /// How the first machine joins this network.
    #[must_use]
    pub fn attachment(&self) -> Attachment {
        self.attachment_of(0)
    }

    /// How a machine joins its network.
    #[must_use]
    pub fn attachment_of(&self, machine: u8) -> Attachment {
        Attachment::Tap { namespace: self.name.clone(), device: device(machine) }
    }

    /// Makes the machine's hardware address known without ARP, so that the first packet to it is
    /// not kept waiting for an answer.
    ///
    /// # Errors
    ///
    /// When the kernel refuses.
    pub fn skip_arp(&self) -> Result<(), HarnessError> {
        self.ip(&format!(
            "neigh replace {LEASED} lladdr {HARDWARE_ADDRESS} nud permanent dev {DEVICE}"
        ))
    }

    /// Gives this side more addresses, each of which is a client of its own to the machine.
    ///
    /// # Errors
    ///
    /// When the kernel refuses.
    pub fn add_addresses(
        &self,
        addresses: impl Iterator<Item = Ipv4Addr>,
    ) -> Result<(), HarnessError> {
        for address in addresses {
            self.ip(&format!("address add {address}/24 dev {DEVICE}"))?;
        }
        Ok(())
    }

    /// Starts the DHCP server. It gives each machine its address ([`leased`]), the gateway, DNS and NTP
    /// servers, a host name and a domain.
    ///
    /// # Errors
    ///
    /// When it cannot be started.
    pub fn start_dhcp_server(&mut self) -> Result<(), HarnessError> {
        // All machines have the same hardware address, each on a network of its own; the host name is
        // that of the first.
        let of_machine = |machine: u8| {
            let (device, gateway, address) = (device(machine), gateway(machine), leased(machine));
            let host = if machine == 0 {
                format!("--dhcp-host={HARDWARE_ADDRESS},{address},{LEASED_HOST_NAME}")
            } else {
                format!("--dhcp-host={HARDWARE_ADDRESS},{address}")
            };
            [
                host,
                format!("--interface={device}"),
                format!("--dhcp-range=set:{device},{address},{address},255.255.255.0,2m"),
                format!("--dhcp-option=tag:{device},option:dns-server,{gateway}"),
                format!("--dhcp-option=tag:{device},option:ntp-server,{gateway}"),
            ]
        };
        let mut child = Command::new("ip")
            .args(["netns", "exec", &self.name, "setpriv", "--pdeathsig", "KILL", "dnsmasq"])
            .args(["--keep-in-foreground", "--conf-file=/dev/null", "--leasefile-ro", "--port=0"])
            .args(["--pid-file=", "--bind-interfaces", "--no-ping", "--dhcp-authoritative"])
            .args(["--user=root", "--log-facility=-", "--no-hosts", "--no-resolv"])
            .arg(format!("--domain={LEASED_DOMAIN}"))
            .args((0..self.machines).flat_map(of_machine))
            .stdin(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(HarnessError::io("start dnsmasq"))?;
        let log = child.stderr.take().map(BufReader::new);
        let mut lines = log.into_iter().flat_map(BufRead::lines).map_while(Result::ok);
        let mut complaint = String::new();
        let is_up = lines.by_ref().any(|line| {
            complaint.push_str(&line);
            line.contains("DHCP, IP range")
        });
        if !is_up {
            let _ = child.wait();
            return Err(HarnessError::Command { command: "dnsmasq".to_owned(), stderr: complaint });
        }
        // Read to its end, so that the server never waits for a reader.
        thread::spawn(move || lines.for_each(drop));
        self.dhcp_server = Some(child);
        Ok(())
    }

    /// Ends the DHCP server.
    pub fn stop_dhcp_server(&mut self) {
        if let Some(mut server) = self.dhcp_server.take() {
            let _ = server.kill();
            let _ = server.wait();
        }
    }

    /// Runs code on a thread that belongs to this namespace, so that its sockets do too.
    ///
    /// # Errors
    ///
    /// When the thread cannot enter the namespace.
    ///
    /// # Panics
    ///
    /// When the code panics.
    pub fn enter<T: Send>(&self, code: impl FnOnce() -> T + Send) -> Result<T, HarnessError> {
        let path = Path::new("/run/netns").join(&self.name);
        let file =
            File::open(&path).map_err(HarnessError::io(format!("open {}", path.display())))?;
        thread::scope(|scope| {
            let inside = scope.spawn(|| {
                setns(&file, CloneFlags::CLONE_NEWNET)
                    .map_err(|error| HarnessError::io("enter the namespace")(error.into()))?;
                Ok(code())
            });
            match inside.join() {
                Ok(result) => result,
                Err(panic) => std::panic::resume_unwind(panic),
            }
        })
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        self.stop_dhcp_server();
        let _ = run(Command::new("ip").args(["netns", "delete", &self.name]));
    }
}
