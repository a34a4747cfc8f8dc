//! Forests at work.

use std::net::Ipv4Addr;
use std::process::Command;
use std::thread;

use crate::controller::Controller;
use crate::error::ForestError;
use crate::host::{Host, checked};
use crate::network::Network;
use crate::recipe::Recipe;
use crate::role::DNS_SERVER;
use crate::snapshot;

/// Controllers on a network of their own, and a place for the appliance; dropping it ends and
/// removes all.
#[derive(Debug)]
pub struct Forest {
    // Before the network: hosts end before the switch that they are plugged into.
    controllers: Vec<Controller>,
    network: Network,
}

impl Forest {
    /// Starts private copies of the controllers of a recipe and waits until all answer.
    ///
    /// # Errors
    ///
    /// When this process is not root, Samba is not installed or a controller does not start.
    pub fn start(recipe: Recipe) -> Result<Self, ForestError> {
        let forest = Self::assemble(recipe)?;
        snapshot::restore(recipe, &forest)?;
        thread::scope(|scope| {
            let starts =
                forest.controllers.iter().map(|controller| scope.spawn(|| controller.start()));
            // All begin before the first is waited for.
            let starts: Vec<_> = starts.collect();
            starts.into_iter().try_for_each(|start| match start.join() {
                Ok(result) => result,
                Err(panic) => std::panic::resume_unwind(panic),
            })
        })?;
        Ok(forest)
    }

    /// Builds the network and hosts without content.
    pub(crate) fn assemble(recipe: Recipe) -> Result<Self, ForestError> {
        let network = Network::build(recipe.roles())?;
        let mut controllers = Vec::new();
        for role in recipe.roles() {
            let host = Host::start(role.name)?;
            network.plug(&host, role.address)?;
            host.write("/etc/resolv.conf", &format!("nameserver {}\n", role.address))?;
            controllers.push(Controller::new(*role, host));
        }
        Ok(Self { controllers, network })
    }

    /// The host on which the code under test runs, and its peers. Its `/etc/resolv.conf` names a DNS
    /// server that knows all domains ([`crate::role::DNS_SERVER`]); its `/etc/krb5.conf` and
    /// `/etc/samba/smb.conf` fit the first domain of the recipe.
    #[must_use]
    pub fn appliance(&self) -> &Host {
        &self.network.appliance
    }

    /// The switch, to which more cards can be connected: its bridge is `br0`.
    #[must_use]
    pub fn switch(&self) -> &Host {
        &self.network.switch
    }

    /// Lets machines that are elsewhere reach the controllers and their DNS server, and them these: devices
    /// of the named network namespace lead to the machines.
    ///
    /// # Errors
    ///
    /// When the kernel refuses.
    pub fn reach(&self, namespace: &str, machines: &[(&str, Ipv4Addr)]) -> Result<(), ForestError> {
        let switch = self.network.switch.pid().to_string();
        let elsewhere = |program: &str, arguments: &[&str]| {
            let arguments = [&["netns", "exec", namespace, program], arguments].concat();
            checked("ip", &arguments, Command::new("ip").args(&arguments).output())
        };
        let cable = ["link", "add", "forest0", "type", "veth", "peer", "name", "p-machine"];
        elsewhere("ip", &[&cable[..], &["netns", &switch]].concat())?;
        elsewhere("ip", &["link", "set", "forest0", "up"])?;
        self.network.switch.run("ip", &["link", "set", "p-machine", "master", "br0", "up"])?;
        // Both sides ask for the other's hardware address, and the one in between answers.
        let proxies = machines.iter().map(|(device, _)| format!("conf/{device}/proxy_arp"));
        for setting in
            ["ip_forward", "conf/forest0/proxy_arp"].map(str::to_owned).into_iter().chain(proxies)
        {
            let path = format!("/proc/sys/net/ipv4/{setting}");
            elsewhere("sh", &["-c", &format!("echo 1 > {path}")])?;
        }
        let addresses = self.controllers.iter().map(Controller::address);
        for address in addresses.chain([DNS_SERVER]) {
            elsewhere("ip", &["route", "add", &format!("{address}/32"), "dev", "forest0"])?;
        }
        for machine in machines.iter().map(|(_, address)| format!("{address}/32")) {
            for controller in &self.controllers {
                controller.host().run("ip", &["route", "add", &machine, "dev", "eth0"])?;
            }
            self.network.switch.run("ip", &["route", "add", &machine, "dev", "br0"])?;
        }
        Ok(())
    }

    /// All controllers, in the order of [`Recipe::roles`].
    #[must_use]
    pub fn controllers(&self) -> &[Controller] {
        &self.controllers
    }

    /// The controller with this host name.
    ///
    /// # Errors
    ///
    /// When the recipe has none.
    pub fn controller(&self, name: &str) -> Result<&Controller, ForestError> {
        let found = self.controllers.iter().find(|controller| controller.role().name == name);
        found.ok_or_else(|| ForestError::NoController(name.to_owned()))
    }

    /// Ends all controllers.
    pub(crate) fn stop(&self) -> Result<(), ForestError> {
        self.controllers.iter().try_for_each(Controller::stop)
    }
}
