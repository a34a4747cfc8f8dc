//! Networks for one test: the appliance in one namespace, everything that it may reach in another, a
//! cable between them. Both end with the threads that hold them.
//!
//! | address | what may be there |
//! |---|---|
//! | 10.77.0.2 | the appliance |
//! | 10.77.0.1 | its gateway, and proxies |
//! | 10.77.0.53 | the DNS server of the appliance |
//! | 10.77.0.54 | the DNS server of the proxies |
//! | 10.77.0.80 | an internal server |
//! | 203.0.113.10, 203.0.113.11 | servers of the Internet |

use std::fs;
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use model::bypass::parse_list;
use model::outbound::{OutboundSettings, ProxyAccess};
use model::proxy::ProxyLocation;
use model::secret::Secret;
use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};
use outbound::{Dialer, Limits};
use tempfile::TempDir;

/// Longest wait for a server; far more than it takes.
pub(crate) const LIMIT: Duration = Duration::from_secs(60);
/// Pause between two looks whether it has.
pub(crate) const PAUSE: Duration = Duration::from_millis(20);
/// Addresses of the far side.
const FAR: [&str; 6] = [
    "10.77.0.1/24",
    "10.77.0.53/24",
    "10.77.0.54/24",
    "10.77.0.80/24",
    "203.0.113.10/32",
    "203.0.113.11/32",
];

type Job = Box<dyn FnOnce() + Send>;

/// The two namespaces.
pub(crate) struct Site {
    jobs: mpsc::Sender<Job>,
    directory: TempDir,
}

impl Site {
    /// Moves this thread into a namespace of its own and makes the other one; `None`, with a word,
    /// without root. The appliance has no default route.
    pub(crate) fn build() -> Option<Self> {
        if unshare(CloneFlags::CLONE_NEWNET | CloneFlags::CLONE_NEWNS).is_err() {
            println!("skipped: only root can make a network namespace");
            return None;
        }
        let directory = tempfile::tempdir().expect("directory");
        // Servers that are not root read what is here.
        open_to_all(directory.path());
        use_resolver(&directory.path().join("near.conf"), "nameserver 10.77.0.53\n");
        let (jobs, queue) = mpsc::channel::<Job>();
        let (ready, place) = mpsc::channel();
        let far_resolver = directory.path().join("far.conf");
        thread::spawn(move || {
            unshare(CloneFlags::CLONE_NEWNET | CloneFlags::CLONE_NEWNS).expect("root");
            use_resolver(&far_resolver, "nameserver 10.77.0.54\n");
            let task = fs::read_link("/proc/thread-self").expect("proc");
            ready.send(format!("/proc/{}/ns/net", task.display())).expect("waited for");
            queue.into_iter().for_each(|job| job());
        });
        let site = Self { jobs, directory };
        let far = place.recv().expect("the thread lives");
        ip(&format!("link add eth0 type veth peer name far0 netns {far}"));
        ip("link set lo up");
        ip("address add 10.77.0.2/24 dev eth0");
        ip("link set eth0 up");
        site.run(|| {
            ip("link set lo up");
            FAR.iter().for_each(|address| drop(ip(&format!("address add {address} dev far0"))));
            ip("link set far0 up");
            fs::write("/proc/sys/net/ipv4/ip_forward", "1").expect("forwarding");
        });
        Some(site)
    }

    /// Gives the appliance a way to the Internet without proxy.
    pub(crate) fn open_internet() {
        ip("route add default via 10.77.0.1");
    }

    /// Writes what the appliance's resolver reads.
    pub(crate) fn set_resolver(&self, text: &str) {
        fs::write(self.directory.path().join("near.conf"), text).expect("written");
    }

    /// Runs something on the far side and waits for it.
    pub(crate) fn run<T: Send + 'static>(&self, job: impl FnOnce() -> T + Send + 'static) -> T {
        let (sender, answer) = mpsc::channel();
        let job = Box::new(move || drop(sender.send(job())));
        self.jobs.send(job).expect("the thread lives");
        answer.recv().expect("done")
    }

    /// A place for the files of a server.
    pub(crate) fn place(&self, name: &str) -> PathBuf {
        let path = self.directory.path().join(name);
        fs::create_dir_all(&path).expect("created");
        open_to_all(&path);
        path
    }

    /// Starts a program on the far side, and waits until it takes connections.
    pub(crate) fn start(&self, program: &str, arguments: &[&str], at: &str) -> Daemon {
        self.start_as("root", program, arguments, at)
    }

    /// The same as another user.
    pub(crate) fn start_as(
        &self,
        user: &str,
        program: &str,
        arguments: &[&str],
        at: &str,
    ) -> Daemon {
        let at: SocketAddr = at.parse().expect("an address");
        let log = self.directory.path().join(format!("log-of-{at}"));
        let output = fs::File::create(&log).expect("created");
        let mut command = Command::new("setpriv");
        // It ends with the thread that started it, even when a test is killed.
        command
            .args([&format!("--reuid={user}"), &format!("--regid={user}"), "--clear-groups"])
            .args(["--pdeathsig", "KILL", program])
            .args(arguments)
            .current_dir(self.directory.path())
            .stdin(Stdio::null())
            .stdout(output.try_clone().expect("cloned"))
            .stderr(output);
        self.run(move || {
            let mut daemon = Daemon { child: command.spawn().expect("util-linux") };
            let started = Instant::now();
            while TcpStream::connect_timeout(&at, LIMIT).is_err() {
                let said = || fs::read_to_string(&log).unwrap_or_default();
                assert!(daemon.child.try_wait().expect("child").is_none(), "ended: {}", said());
                assert!(started.elapsed() < LIMIT, "not in time: {}", said());
                thread::sleep(PAUSE);
            }
            daemon
        })
    }
}

/// A running program; ends when dropped.
pub(crate) struct Daemon {
    child: Child,
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn open_to_all(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o777)).expect("permitted");
}

/// Puts a file of this test in the place of `resolv.conf`, for this thread and those that it starts.
fn use_resolver(file: &Path, text: &str) {
    fs::write(file, text).expect("written");
    let none: Option<&str> = None;
    mount(none, "/", none, MsFlags::MS_REC | MsFlags::MS_PRIVATE, none).expect("private");
    let place = fs::canonicalize("/etc/resolv.conf").expect("a resolver");
    mount(Some(file), &place, none, MsFlags::MS_BIND, none).expect("mounted");
}

/// Runs `ip` in the namespace of this thread.
pub(crate) fn ip(arguments: &str) -> String {
    let output = Command::new("ip").args(arguments.split(' ')).output().expect("iproute2");
    assert!(output.status.success(), "{arguments}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Settings of a test.
#[derive(Default)]
pub(crate) struct Plan {
    settings: OutboundSettings,
}

impl Plan {
    /// Adds a proxy without authentication; its id is its location.
    pub(crate) fn proxy(self, location: &str) -> Self {
        self.access(location, None)
    }

    /// Adds a proxy with user name and password.
    pub(crate) fn access(mut self, location: &str, pair: Option<(&str, &str)>) -> Self {
        self.settings.proxies.push(ProxyAccess {
            id: location.to_owned(),
            location: ProxyLocation::parse(location).expect("valid"),
            user_name: pair.map(|(user_name, _)| user_name.to_owned()),
            password: pair.map(|(_, password)| Secret::new(password.to_owned())),
        });
        self
    }

    /// Sets the bypass list.
    pub(crate) fn bypass(mut self, list: &str) -> Self {
        self.settings.bypass = parse_list(list).expect("valid");
        self
    }

    /// Adds a root.
    pub(crate) fn root(mut self, pem: &str) -> Self {
        self.settings.roots.push(pem.to_owned());
        self
    }

    /// A dialer with these settings, and with limits for a test that waits until they are over.
    pub(crate) fn dialer(self) -> Dialer {
        let limits = Limits {
            resolve: Duration::from_secs(20),
            route_lookup: Duration::from_millis(500),
            connect: Duration::from_secs(4),
            proxy: Duration::from_secs(20),
            tls: Duration::from_secs(20),
        };
        Dialer::new(self.settings).expect("valid").with_limits(limits)
    }
}
