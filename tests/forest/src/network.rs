//! The network between the hosts: a switch with the company's DNS server, and the appliance.

use std::fmt::Write;
use std::io;
use std::net::{Ipv4Addr, UdpSocket};
use std::process::Command;
use std::thread;
use std::time::Instant;

use crate::error::ForestError;
use crate::host::{Host, checked};
use crate::limits;
use crate::role::{APPLIANCE, DNS_SERVER, Origin, PREFIX_LENGTH, Role};

/// A switch, the company's DNS server on it, and the appliance.
#[derive(Debug)]
pub(crate) struct Network {
    pub(crate) appliance: Host,
    pub(crate) switch: Host,
}

impl Network {
    /// Builds the network; its DNS server knows the domains of these controllers.
    pub(crate) fn build(roles: &[Role]) -> Result<Self, ForestError> {
        let switch = Host::start("switch")?;
        let address = format!("{DNS_SERVER}/{PREFIX_LENGTH}");
        switch.run("ip", &["link", "add", "br0", "type", "bridge"])?;
        switch.run("ip", &["address", "add", &address, "dev", "br0"])?;
        switch.run("ip", &["link", "set", "br0", "up"])?;
        let network = Self { appliance: Host::start("appliance")?, switch };
        network.plug(&network.appliance, APPLIANCE)?;
        network.serve_dns(roles)?;
        network.appliance.write("/etc/resolv.conf", &format!("nameserver {DNS_SERVER}\n"))?;
        network.appliance.write("/etc/krb5.conf", &kerberos_configuration(roles))?;
        network.appliance.write("/etc/samba/smb.conf", &member_configuration(roles))?;
        // Names of servers are what they are called, as no DNS server here knows addresses.
        network.appliance.run("mkdir", &["-p", "/etc/ldap"])?;
        network.appliance.write("/etc/ldap/ldap.conf", "SASL_NOCANON on\n")?;
        Ok(network)
    }

    /// Connects a host to the switch.
    pub(crate) fn plug(&self, host: &Host, address: Ipv4Addr) -> Result<(), ForestError> {
        let port = format!("p-{}", host.name());
        let (here, there) = (self.switch.pid().to_string(), host.pid().to_string());
        let cable = ["link", "add", &port, "netns", &here, "type", "veth"];
        let arguments = [&cable[..], &["peer", "name", "eth0", "netns", &there]].concat();
        checked("ip", &arguments, Command::new("ip").args(&arguments).output())?;
        self.switch.run("ip", &["link", "set", &port, "master", "br0", "up"])?;
        let address = format!("{address}/{PREFIX_LENGTH}");
        host.run("ip", &["address", "add", &address, "dev", "eth0"])?;
        host.run("ip", &["link", "set", "eth0", "up"])?;
        Ok(())
    }

    fn serve_dns(&self, roles: &[Role]) -> Result<(), ForestError> {
        let listen = format!("--listen-address={DNS_SERVER}");
        // A read-only controller hears of news late.
        let asked = roles.iter().filter(|role| !matches!(role.origin, Origin::ReadOnly(_)));
        let servers = asked.map(|role| format!("--server=/{}/{}", role.domain, role.address));
        let servers: Vec<_> = servers.collect();
        let mut arguments = vec![
            "--conf-file=/dev/null",
            "--pid-file=",
            "--bind-interfaces",
            "--user=root",
            "--log-facility=/run/dnsmasq.log",
            "--no-hosts",
            "--no-resolv",
            // Whatever a controller says is news.
            "--cache-size=0",
            &listen,
        ];
        arguments.extend(servers.iter().map(String::as_str));
        // It goes to the background once it listens.
        self.switch.run("dnsmasq", &arguments).map(drop)
    }
}

/// What Kerberos programs read.
fn kerberos_configuration(roles: &[Role]) -> String {
    let realm = roles.first().map(Role::realm).unwrap_or_default();
    format!(
        "[libdefaults]\n\tdefault_realm = {realm}\n\tdns_lookup_kdc = true\n\
         \tdns_lookup_realm = false\n\trdns = false\n\tdns_canonicalize_hostname = false\n"
    )
}

/// What `net ads` reads on a machine that is to be a member.
fn member_configuration(roles: &[Role]) -> String {
    let mut text = "[global]\n\tsecurity = ads\n\tnetbios name = APPLIANCE\n".to_owned();
    if let Some(role) = roles.first() {
        let _ = write!(text, "\tworkgroup = {}\n\trealm = {}\n", role.netbios, role.realm());
    }
    text
}

/// Asks the DNS server at this address for the domain's LDAP servers until it names one, or this one.
///
/// Runs in a namespace from where the server can be reached.
pub(crate) fn wait_for_service_record(
    server: Ipv4Addr,
    domain: &str,
    name: Option<&str>,
    deadline: Instant,
) -> io::Result<()> {
    let question = service_question(domain);
    let wanted = name.map(label).unwrap_or_default();
    let socket = UdpSocket::bind("0.0.0.0:0")?;
    socket.connect((server, 53))?;
    socket.set_read_timeout(Some(limits::ANSWER))?;
    let mut answer = [0; 1500];
    while Instant::now() < deadline {
        let length = socket.send(&question).and_then(|_| socket.recv(&mut answer)).unwrap_or(0);
        // The count of answers is the fourth number of two octets.
        let has_answers = length > 12 && answer[6..8] != [0, 0];
        let mut windows = answer[..length].windows(wanted.len().max(1));
        if has_answers && (wanted.is_empty() || windows.any(|window| window == wanted)) {
            return Ok(());
        }
        thread::sleep(limits::POLL_INTERVAL);
    }
    Err(io::ErrorKind::TimedOut.into())
}

/// The question for the SRV records of `_ldap._tcp` in a domain.
fn service_question(domain: &str) -> Vec<u8> {
    let mut question = vec![0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    for label in ["_ldap", "_tcp"].into_iter().chain(domain.split('.')) {
        question.extend(self::label(label));
    }
    question.extend([0, 0, 33, 0, 1]);
    question
}

/// A part of a name as DNS writes it.
fn label(text: &str) -> Vec<u8> {
    let length = u8::try_from(text.len()).unwrap_or(0);
    [length].into_iter().chain(text.bytes()).collect()
}
