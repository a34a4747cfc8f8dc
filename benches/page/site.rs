//! Where the appliance runs: the image in QEMU, or its program in namespaces of this machine.

use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, SocketAddr};
use std::process::{Child, Command, Stdio};

use harness::disk::run;
use harness::namespace::{GATEWAY, HARDWARE_ADDRESS, LEASED};
use harness::{HarnessError, HttpsClient, Machine, Namespace, workspace};
use tempfile::TempDir;

use crate::traffic;

/// Program of the image.
const CONNECTOR: &str = "target/x86_64-unknown-linux-musl/release/connector";
/// Name of a namespace's device that leads to the appliance.
const DEVICE: &str = "tap0";

/// A running appliance; dropping it ends it.
#[derive(Debug)]
pub(crate) struct Site {
    _appliance: Appliance,
    pub(crate) place: Place,
}

#[derive(Debug)]
enum Appliance {
    Machine { _machine: Box<Machine> },
    Roles { _roles: Roles },
}

/// Where an appliance is reached.
#[derive(Debug)]
pub(crate) struct Place {
    pub(crate) name: &'static str,
    /// Packets of 1400 bytes that flow while it is measured: an emulated card takes fewer.
    pub(crate) packets_per_second: u32,
    /// The network on the side of the clients.
    pub(crate) namespace: Namespace,
    pub(crate) https: HttpsClient,
}

impl Site {
    /// The image in QEMU.
    pub(crate) fn in_a_machine() -> Result<Self, HarnessError> {
        let mut namespace = Namespace::new()?;
        namespace.start_dhcp_server()?;
        let machine = Machine::builder().attachment(namespace.attachment()).start()?;
        let https = machine.https(LEASED)?;
        let place = Place { name: "emulated", packets_per_second: 1_000, namespace, https };
        Ok(Self { _appliance: Appliance::Machine { _machine: Box::new(machine) }, place })
    }

    /// The program of the image without virtual machine.
    pub(crate) fn native() -> Result<Self, HarnessError> {
        let (mut namespace, inside) = (Namespace::new()?, Namespace::new()?);
        let ip = |namespace: &Namespace, arguments: &str| {
            let arguments = arguments.split(' ');
            run(Command::new("ip").args(["-n", namespace.name()]).args(arguments)).map(drop)
        };
        // A cable takes the place of the devices for a virtual machine.
        ip(&inside, &format!("link delete {DEVICE}"))?;
        ip(&namespace, &format!("link delete {DEVICE}"))?;
        let far = format!("peer name eth0 address {HARDWARE_ADDRESS} netns {}", inside.name());
        ip(&namespace, &format!("link add {DEVICE} type veth {far}"))?;
        ip(&namespace, &format!("address add {GATEWAY}/24 dev {DEVICE}"))?;
        ip(&namespace, &format!("link set {DEVICE} up"))?;
        namespace.start_dhcp_server()?;
        let roles = Roles::start(inside)?;
        let https = HttpsClient::new(SocketAddr::from((LEASED, 443)), LEASED);
        let place = Place { name: "native", packets_per_second: 10_000, namespace, https };
        Ok(Self { _appliance: Appliance::Roles { _roles: roles }, place })
    }
}

impl Place {
    /// Makes packets for an address of nobody arrive at the appliance.
    pub(crate) fn own_card(&self, address: Ipv4Addr) -> Result<(), HarnessError> {
        traffic::lead(self.namespace.name(), address, HARDWARE_ADDRESS, DEVICE)
    }
}

/// The roles of the appliance in a namespace; dropping them ends them.
#[derive(Debug)]
struct Roles {
    process: Child,
    _inside: Namespace,
    _directory: TempDir,
}

impl Roles {
    fn start(inside: Namespace) -> Result<Self, HarnessError> {
        let directory = tempfile::tempdir().map_err(HarnessError::io("create a directory"))?;
        let program = workspace::root().join(CONNECTOR);
        std::fs::copy(&program, directory.path().join("connector"))
            .map_err(HarnessError::io(format!("copy {}", program.display())))?;
        let started = HarnessError::io("start the roles");
        let stand_in = std::env::current_exe().map_err(started)?.with_file_name("roles");
        let mut process = Command::new("ip")
            .args(["netns", "exec", inside.name()])
            .arg(&stand_in)
            .arg(directory.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(HarnessError::io(format!("start {}", stand_in.display())))?;
        let output = process.stdout.take().map(BufReader::new);
        let mut lines = output.into_iter().flat_map(BufRead::lines).map_while(Result::ok);
        let is_ready = lines
            .by_ref()
            .find(|line| line == "ready" || line.starts_with("ended "))
            .is_some_and(|line| line == "ready");
        let roles = Self { process, _inside: inside, _directory: directory };
        if is_ready { Ok(roles) } else { Err(HarnessError::Http("a role has ended".to_owned())) }
    }
}

impl Drop for Roles {
    fn drop(&mut self) {
        // The end of its input is the order to end.
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}
