//! Stands in for init on the machine that builds: starts the roles as init does, each in its cage, on a
//! root of its own, and answers them. Only control groups are missing, and the right to set the
//! clock, which is this machine's.
//!
//! `roles <directory>` runs in a network namespace of its own, as root. The directory is empty but for
//! `connector`, the program of the appliance. It prints a line `<role> <process id>` for each role,
//! then `ready` when all have reported so, or `ended <role>` when one ends before that. A line
//! `<socket> <request>` on its input is a question to a role, whose answer is printed; `restart <role>`
//! ends a role and starts it again, and prints its line. The end of the input ends everything.
#![forbid(unsafe_code)]

use std::collections::BTreeMap;
use std::error::Error;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::fs::chown;
use std::os::unix::net::{UnixDatagram, UnixListener, UnixStream};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use model::confinement::{
    self, CAPTURE_DIRECTORY, CHANNEL_DIRECTORY, DIAGNOSTICS_DIRECTORY, DIRECTORY_DIRECTORY,
    GUEST_DIRECTORY, JOURNAL_DIRECTORY, NETWORK_DIRECTORY, SETTINGS_DIRECTORY,
};
use model::guest_files::{self, HostChannel};
use model::role::{PROGRAM, Role, SOCKET_DIRECTORY};
use model::supervision::{DataState, InitRequest, InitResponse, InitStatus, SOCKET};
use nix::mount::{MsFlags, mount};
use nix::pty::openpty;
use nix::sched::{CloneFlags, unshare};
use sys::process::{self, Confinement};
use sys::view::{self, View};
use sys::{netlink, unix_socket};

/// Directories of the appliance's root.
const DIRECTORIES: [&str; 8] = ["sbin", "proc", "sys", "dev", "run", "data", "tmp", "etc"];
const NOTHING: Option<&str> = None;
/// Table of a machine whose metadata service is asked and told (SMBIOS type 1).
const MACHINE: &[u8] = b"\x01\x08\0\0\x01\x02\0\0Google\0Google Compute Engine\0\0";

/// Roles that have reported that they are ready.
static READY: AtomicUsize = AtomicUsize::new(0);

fn main() -> Result<(), Box<dyn Error>> {
    let directory = std::env::args().nth(1).ok_or("give a directory")?;
    enter_root(Path::new(&directory))?;
    make_directories()?;
    netlink::switch_loopback_on()?;
    let listener = UnixListener::bind(SOCKET)?;
    thread::spawn(move || serve(&listener));
    let mut pids = BTreeMap::new();
    for role in Role::ALL {
        pids.insert(role.name(), start(role)?);
    }
    for line in std::io::stdin().lines() {
        let line = line?;
        match line.split_once(' ') {
            Some(("restart", name)) => {
                let role = Role::from_name(name).ok_or("give a role")?;
                if let Some(pid) = pids.insert(role.name(), 0) {
                    process::kill_now(pid)?;
                    wait_for(pid);
                }
                pids.insert(role.name(), start(role)?);
            }
            Some((socket, request)) => say(&ask(socket, request)?),
            None => return Err("give a socket and a request".into()),
        }
    }
    // The only role that ends when it is told to.
    if let Some(web) = pids.get(Role::Web.name()) {
        process::terminate(*web)?;
        wait_for(*web);
    }
    Ok(())
}

/// Makes the directory the root, in a mount namespace of its own.
fn enter_root(root: &Path) -> Result<(), Box<dyn Error>> {
    let program = fs::read(root.join("connector"))?;
    unshare(CloneFlags::CLONE_NEWNS)?;
    mount(NOTHING, "/", NOTHING, MsFlags::MS_REC | MsFlags::MS_PRIVATE, NOTHING)?;
    mount(Some("tmpfs"), root, Some("tmpfs"), MsFlags::empty(), Some("mode=755"))?;
    for name in DIRECTORIES {
        fs::create_dir(root.join(name))?;
    }
    std::os::unix::fs::symlink("/run/network/resolv.conf", root.join("etc/resolv.conf"))?;
    let connector = root.join(PROGRAM.trim_start_matches('/'));
    fs::write(&connector, program)?;
    fs::set_permissions(&connector, std::os::unix::fs::PermissionsExt::from_mode(0o755))?;
    mount(Some("proc"), &root.join("proc"), Some("proc"), MsFlags::empty(), NOTHING)?;
    // Rust's standard library opens it for the input of a role.
    for name in ["null", "tty0", "tty1", "ttyS0"] {
        File::create(root.join("dev").join(name))?;
    }
    mount(Some("/dev/null"), &root.join("dev/null"), NOTHING, MsFlags::MS_BIND, NOTHING)?;
    for name in ["tty0", "tty1", "ttyS0"] {
        let terminal = openpty(None, None)?;
        let slave = fs::read_link(format!("/proc/self/fd/{}", terminal.slave.as_raw_fd()))?;
        mount(Some(&slave), &root.join("dev").join(name), NOTHING, MsFlags::MS_BIND, NOTHING)?;
        let console = Some(Role::Console.uid());
        chown(&slave, console, console)?;
        thread::spawn(move || {
            let _slave = terminal.slave;
            std::io::copy(&mut File::from(terminal.master), &mut std::io::sink())
        });
    }
    Ok(sys::mount::switch_root(root)?)
}

/// As init makes them.
fn make_directories() -> Result<(), Box<dyn Error>> {
    unix_socket::create_directory(Path::new(SOCKET_DIRECTORY), 0o755, 0)?;
    for role in Role::ALL {
        let directory = Path::new(SOCKET_DIRECTORY).join(role.name());
        unix_socket::create_directory(&directory, 0o755, role.uid())?;
    }
    unix_socket::create_directory(&Path::new(SOCKET_DIRECTORY).join("init"), 0o755, 0)?;
    unix_socket::create_directory(Path::new(NETWORK_DIRECTORY), 0o755, Role::Network.uid())?;
    for (directory, role) in [
        (SETTINGS_DIRECTORY, Role::Settings),
        (JOURNAL_DIRECTORY, Role::Journal),
        (CAPTURE_DIRECTORY, Role::Capture),
        (DIRECTORY_DIRECTORY, Role::Directory),
        (CHANNEL_DIRECTORY, Role::Channel),
        (DIAGNOSTICS_DIRECTORY, Role::Diagnostics),
        (GUEST_DIRECTORY, Role::Guest),
    ] {
        unix_socket::create_directory(Path::new(directory), 0o700, role.uid())?;
    }
    let tables = guest_files::path(guest_files::SMBIOS);
    unix_socket::create_directory(&tables, 0o755, Role::Guest.uid())?;
    for (path, bytes) in [
        (tables.join("1-0"), MACHINE),
        (guest_files::path(guest_files::CHANNEL), HostChannel::Agent.name().as_bytes()),
    ] {
        fs::write(&path, bytes)?;
        fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o644))?;
    }
    // Of this namespace, as the appliance sets it.
    let group = Role::Diagnostics.uid();
    fs::write("/proc/sys/net/ipv4/ping_group_range", format!("{group} {group}"))?;
    Ok(view::prepare()?)
}

fn start(role: Role) -> Result<i32, Box<dyn Error>> {
    let wanted = confinement::of(role);
    let confinement = Confinement {
        uid: role.uid(),
        capabilities: if role == Role::Time { &[] } else { role.capabilities() },
        limits: wanted.limits,
        group: None,
        view: Some(View::new(wanted.grants)?),
    };
    let (read, write) = nix::unistd::pipe()?;
    let input = match role {
        Role::Capture => Some(sys::packet_ring::open_unbound()?),
        Role::Journal => Some(kernel_log()?),
        Role::Guest => Some(host_channel()?),
        _ => None,
    };
    let pid = process::spawn(Path::new(PROGRAM), &[role.name()], confinement, input, write)?;
    thread::spawn(move || {
        for line in BufReader::new(File::from(read)).lines().map_while(Result::ok) {
            let _ = writeln!(std::io::stderr(), "{}: {line}", role.name());
        }
        if READY.load(Ordering::Relaxed) < Role::ALL.len() {
            say(&format!("ended {}", role.name()));
        }
    });
    say(&format!("{} {pid}", role.name()));
    Ok(pid)
}

/// Stands in for the kernel's log, for that of this machine is none of the test's business: a socket
/// gives one record a read too, and stays open.
fn kernel_log() -> Result<OwnedFd, Box<dyn Error>> {
    let (kernel, journal) = UnixDatagram::pair()?;
    kernel.send(b"6,1,2000,-;Linux version 0")?;
    journal.set_nonblocking(true)?;
    std::mem::forget(kernel);
    Ok(journal.into())
}

/// Stands in for the port of a hypervisor that asks once.
fn host_channel() -> Result<OwnedFd, Box<dyn Error>> {
    let (mut host, guest) = UnixStream::pair()?;
    guest.set_nonblocking(true)?;
    host.write_all(b"{\"execute\":\"guest-get-osinfo\"}\n")?;
    std::mem::forget(host);
    Ok(guest.into())
}

fn wait_for(pid: i32) {
    while process::reap().is_none_or(|ended| ended.pid != pid) {
        thread::yield_now();
    }
}

/// Answers the roles as init does, as far as they need it.
fn serve(listener: &UnixListener) {
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o666);
    let _ = fs::set_permissions(SOCKET, mode);
    for stream in listener.incoming().map_while(Result::ok) {
        thread::spawn(move || answer(&stream));
    }
}

fn answer(stream: &UnixStream) -> Option<()> {
    for line in BufReader::new(stream).lines() {
        let response = match serde_json::from_str(&line.ok()?).ok()? {
            InitRequest::Ready => {
                if READY.fetch_add(1, Ordering::Relaxed) + 1 == Role::ALL.len() {
                    say("ready");
                }
                InitResponse::Accepted
            }
            // Nothing ever changes.
            InitRequest::Status { newer_than: Some(_) } => continue,
            InitRequest::Status { newer_than: None } => InitResponse::Status(InitStatus {
                generation: 1,
                slot: None,
                marked_good: false,
                slots: Default::default(),
                data: DataState::Mounted,
                roles: Vec::new(),
            }),
            _ => InitResponse::Accepted,
        };
        let text = serde_json::to_string(&response).ok()?;
        writeln!(&*stream, "{text}").ok()?;
    }
    Some(())
}

/// Asks a role, as root.
fn ask(socket: &str, request: &str) -> Result<String, Box<dyn Error>> {
    let mut stream = UnixStream::connect(socket)?;
    writeln!(stream, "{request}")?;
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line)?;
    Ok(line.trim_end().to_owned())
}

/// A line for the test, which waits for it.
fn say(line: &str) {
    let mut output = std::io::stdout().lock();
    let _ = writeln!(output, "{line}");
    let _ = output.flush();
}
