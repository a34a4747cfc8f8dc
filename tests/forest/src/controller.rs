//! A domain controller.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::Path;
use std::thread;
use std::time::Instant;

use nix::sys::signal::Signal;

use crate::entry::{self, Entry};
use crate::error::ForestError;
use crate::host::Host;
use crate::limits;
use crate::network::wait_for_service_record;
use crate::role::Role;

/// The directory's database, for tools that open it directly.
pub(crate) const DATABASE: &str = "/var/lib/samba/private/sam.ldb";

/// Ports that answer when a controller is up.
const PORTS: [u16; 5] = [88, 389, 445, 464, 3268];

/// An anonymous search of the root of the directory for its `currentTime`.
const ROOT_SEARCH: &[u8] = b"\x30\x32\x02\x01\x01\x63\x2d\x04\x00\x0a\x01\x00\x0a\x01\x00\x02\x01\
    \x00\x02\x01\x00\x01\x01\x00\x87\x0bobjectClass\x30\x0d\x04\x0bcurrentTime";

/// A controller with its own network, mount, host name and process namespaces. All it stores is in
/// memory and ends with it.
#[derive(Debug)]
pub struct Controller {
    role: Role,
    host: Host,
}

impl Controller {
    pub(crate) fn new(role: Role, host: Host) -> Self {
        Self { role, host }
    }

    /// Its names and addresses.
    #[must_use]
    pub fn role(&self) -> &Role {
        &self.role
    }

    /// Its address.
    #[must_use]
    pub fn address(&self) -> Ipv4Addr {
        self.role.address
    }

    /// The host it runs on.
    #[must_use]
    pub fn host(&self) -> &Host {
        &self.host
    }

    /// Runs `samba-tool` there, which works on the controller's own database unless told otherwise.
    ///
    /// # Errors
    ///
    /// When it ends with an error; the error has its words.
    pub fn samba_tool(&self, arguments: &[&str]) -> Result<String, ForestError> {
        self.host.run("samba-tool", arguments)
    }

    /// Searches the controller's own database, below the domain's root, as its system: every
    /// attribute can be read, also secret ones. Without attributes, all are returned.
    ///
    /// # Errors
    ///
    /// When the database refuses, for instance because the filter is wrong.
    pub fn ldbsearch(&self, filter: &str, attributes: &[&str]) -> Result<Vec<Entry>, ForestError> {
        self.ldbsearch_below(&self.role.base(), filter, attributes)
    }

    /// The same below another base, such as `CN=Configuration,DC=corp,DC=example,DC=com`.
    ///
    /// # Errors
    ///
    /// As [`Self::ldbsearch`].
    pub fn ldbsearch_below(
        &self,
        base: &str,
        filter: &str,
        attributes: &[&str],
    ) -> Result<Vec<Entry>, ForestError> {
        let mut arguments = vec!["-H", DATABASE, "-b", base, filter];
        arguments.extend(attributes);
        self.host.run("ldbsearch", &arguments).map(|text| entry::parse(&text))
    }

    /// Applies changes in LDIF to the controller's own database, as its system; records without
    /// `changetype` are added.
    ///
    /// # Errors
    ///
    /// When the database refuses one.
    pub fn ldbmodify(&self, ldif: &str) -> Result<(), ForestError> {
        self.host.run_with_input("ldbmodify", &["-H", DATABASE], ldif).map(drop)
    }

    /// Starts it and waits until it answers: LDAP, Kerberos, SMB, the global catalog, DNS.
    ///
    /// # Errors
    ///
    /// When it does not in time.
    pub fn start(&self) -> Result<(), ForestError> {
        self.host.run("samba", &["-D"])?;
        let deadline = Instant::now() + limits::START;
        self.host.enter(|| self.wait_until_answering(deadline))?.map_err(|source| {
            let log = self.host.enter(|| std::fs::read_to_string("/var/log/samba/log.samba"));
            let said = log.ok().and_then(Result::ok).unwrap_or_default();
            ForestError::io(format!("wait for {}; it said:\n{said}", self.role.name))(source)
        })
    }

    /// Ends it. What it stored stays, and [`Self::start`] starts it again.
    ///
    /// # Errors
    ///
    /// When a process of it does not end.
    pub fn stop(&self) -> Result<(), ForestError> {
        self.host.end_processes()
    }

    /// Stops the clockwork of all its processes: connections stay, nothing is answered.
    pub fn pause(&self) {
        // One that is being stopped may have started another meanwhile.
        let mut count = 0;
        while count != self.host.processes().len() {
            count = self.host.processes().len();
            self.host.signal(Signal::SIGSTOP);
        }
    }

    /// Lets it go on after [`Self::pause`].
    pub fn resume(&self) {
        self.host.signal(Signal::SIGCONT);
    }

    /// Fills the place of its files from a directory that [`Self::save`] filled.
    pub(crate) fn restore(&self, from: &Path) -> Result<(), ForestError> {
        for (name, place) in PLACES {
            let source = format!("{}/.", from.join(name).display());
            self.host.run("cp", &["-a", &source, place])?;
        }
        Ok(())
    }

    /// Copies its files, while it does not run.
    pub(crate) fn save(&self, to: &Path) -> Result<(), ForestError> {
        self.host.run("find", &["/var/lib/samba", "-type", "s", "-delete"])?;
        for (name, place) in PLACES {
            let target = to.join(name);
            let created = std::fs::create_dir_all(&target);
            created.map_err(ForestError::io(format!("create {}", target.display())))?;
            self.host.run("cp", &["-a", &format!("{place}/."), &target.display().to_string()])?;
        }
        Ok(())
    }

    fn wait_until_answering(&self, deadline: Instant) -> io::Result<()> {
        for port in PORTS {
            poll(deadline, || TcpStream::connect((self.role.address, port)).map(drop))?;
        }
        poll(deadline, || search_root((self.role.address, 389).into()))?;
        wait_for_service_record(self.role.address, self.role.domain, None, deadline)
    }
}

/// Directories of a controller that are worth keeping, and their names in a snapshot.
const PLACES: [(&str, &str); 2] = [("etc", "/etc/samba"), ("lib", "/var/lib/samba")];

fn poll(deadline: Instant, question: impl Fn() -> io::Result<()>) -> io::Result<()> {
    loop {
        match question() {
            Err(error) if Instant::now() > deadline => return Err(error),
            Err(_) => thread::sleep(limits::POLL_INTERVAL),
            Ok(()) => return Ok(()),
        }
    }
}

/// Succeeds when the server answers with an entry.
fn search_root(server: SocketAddr) -> io::Result<()> {
    let mut stream = TcpStream::connect(server)?;
    stream.set_read_timeout(Some(limits::ANSWER))?;
    stream.write_all(ROOT_SEARCH)?;
    let mut answer = [0; 512];
    let length = stream.read(&mut answer)?;
    let needle = b"currentTime";
    let has_entry = answer[..length].windows(needle.len()).any(|window| window == needle);
    if has_entry { Ok(()) } else { Err(io::ErrorKind::InvalidData.into()) }
}
