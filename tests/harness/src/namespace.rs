//! A network namespace of its own with a tap device for one machine: a network in which every port
//! of the appliance can be reached and in which DHCP answers only when a test wants it. Needs root.

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

/// Address of this side of the tap device.
pub const GATEWAY: Ipv4Addr = Ipv4Addr::new(10, 99, 0, 1);
/// The only address that DHCP gives out.
pub const LEASED: Ipv4Addr = Ipv4Addr::new(10, 99, 0, 50);
/// Host name that DHCP gives out.
pub const LEASED_HOST_NAME: &str = "connector-hq-01";
/// Domain that DHCP gives out.
pub const LEASED_DOMAIN: &str = "corp.example.com";

/// Hardware address that QEMU gives to the first card of a machine.
pub const HARDWARE_ADDRESS: &str = "52:54:00:12:34:56";

const DEVICE: &str = "tap0";
/// Where `ip` keeps the namespaces that have names.
const NAMESPACES: &str = "/run/netns";

static COUNT: AtomicU32 = AtomicU32::new(0);

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
    dhcp_server: Option<Child>,
}

impl Namespace {
    /// Creates the namespace and its tap device, without DHCP server.
    ///
    /// # Errors
    ///
    /// When this process is not root or the kernel refuses.
    pub fn new() -> Result<Self, HarnessError> {
        let namespace = Self { name: free_name(), dhcp_server: None };
        run(Command::new("ip").args(["netns", "add", &namespace.name]))?;
        for arguments in [
            "link set lo up".to_owned(),
            format!("tuntap add {DEVICE} mode tap"),
            format!("address add {GATEWAY}/24 dev {DEVICE}"),
            format!("link set {DEVICE} up"),
        ] {
            let name = &namespace.name;
            run(Command::new("ip").args(["-n", name]).args(arguments.split(' ')))?;
        }
        Ok(namespace)
    }

    /// Name of the namespace, as `ip netns` knows it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Name of the tap device in the namespace.
    #[must_use]
    pub const fn device(&self) -> &'static str {
        DEVICE
    }

    /// How a machine joins this network.
    #[must_use]
    pub fn attachment(&self) -> Attachment {
        Attachment::Tap { namespace: self.name.clone(), device: DEVICE.to_owned() }
    }

    /// Makes the machine's hardware address known without ARP, so that the first packet to it is
    /// not kept waiting for an answer.
    ///
    /// # Errors
    ///
    /// When the kernel refuses.
    pub fn skip_arp(&self) -> Result<(), HarnessError> {
        let arguments =
            format!("neigh replace {LEASED} lladdr {HARDWARE_ADDRESS} nud permanent dev {DEVICE}");
        run(Command::new("ip").args(["-n", &self.name]).args(arguments.split(' '))).map(drop)
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
            let arguments = format!("address add {address}/24 dev {DEVICE}");
            run(Command::new("ip").args(["-n", &self.name]).args(arguments.split(' ')))?;
        }
        Ok(())
    }

    /// Starts the DHCP server. It gives [`LEASED`], the gateway, DNS and NTP servers, a host name
    /// and a domain.
    ///
    /// # Errors
    ///
    /// When it cannot be started.
    pub fn start_dhcp_server(&mut self) -> Result<(), HarnessError> {
        let lease = format!("--dhcp-host={HARDWARE_ADDRESS},{LEASED},{LEASED_HOST_NAME}");
        let mut child = Command::new("ip")
            .args(["netns", "exec", &self.name, "setpriv", "--pdeathsig", "KILL", "dnsmasq"])
            .args(["--keep-in-foreground", "--conf-file=/dev/null", "--leasefile-ro", "--port=0"])
            .args(["--pid-file=", "--bind-interfaces", "--no-ping", "--dhcp-authoritative"])
            .args(["--user=root", "--log-facility=-", "--no-hosts", "--no-resolv"])
            .args([format!("--interface={DEVICE}"), format!("--domain={LEASED_DOMAIN}"), lease])
            .arg(format!("--dhcp-range={LEASED},{LEASED},255.255.255.0,2m"))
            .arg(format!("--dhcp-option=option:dns-server,{GATEWAY}"))
            .arg(format!("--dhcp-option=option:ntp-server,{GATEWAY}"))
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
