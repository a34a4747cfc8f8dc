//! What is tried. Attempts whose name begins with `own` are what the role is for: they must work, or
//! the others prove nothing.

use std::ffi::CStr;
use std::fs::{self, File};
use std::io;
use std::net::{Ipv4Addr, TcpListener, TcpStream, UdpSocket};
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::Command;

use model::role::{PROGRAM, Role};
use nix::kmod::DeleteModuleFlags;
use nix::mount::{MntFlags, MsFlags};
use nix::sched::CloneFlags;
use nix::sys::signal::Signal;
use nix::sys::socket::{AddressFamily, SockFlag, SockProtocol, SockType, socket};
use nix::sys::time::TimeSpec;
use nix::time::ClockId;
use nix::unistd::{Gid, Pid, Uid};
use sys::hostile::Hostile;

/// One attempt.
pub(crate) struct Attempt {
    /// Its name.
    pub(crate) name: &'static str,
    /// Makes it.
    pub(crate) make: fn(Role) -> io::Result<()>,
}

/// The gateway of QEMU's own network, which answers for every port. No role is for this one alone.
const OUTSIDE: (Ipv4Addr, u16) = (Ipv4Addr::new(10, 0, 2, 2), 8080);

/// Every attempt.
pub(crate) const ALL: &[Attempt] = &[
    Attempt { name: "own-work", make: own_work },
    Attempt { name: "read-settings", make: |_| File::open("/data/settings/secret").map(drop) },
    Attempt { name: "list-settings", make: |_| fs::read_dir("/data/settings").map(drop) },
    Attempt { name: "read-memory-of-init", make: |_| File::open("/proc/1/mem").map(drop) },
    Attempt { name: "read-memory-of-others", make: |_| of_processes("mem") },
    Attempt { name: "read-environment-of-others", make: |_| of_processes("environ") },
    Attempt { name: "read-disk", make: |_| any(&["/dev/vda", "/dev/sda", "/dev/dm-0"]) },
    Attempt { name: "read-kernel-log-file", make: |_| any(&["/dev/kmsg", "/proc/kmsg"]) },
    Attempt { name: "read-program", make: |_| File::open(PROGRAM).map(drop) },
    Attempt { name: "list-root", make: |_| fs::read_dir("/").map(drop) },
    Attempt { name: "write-root", make: |_| File::create("/file").map(drop) },
    Attempt {
        name: "write-program",
        make: |_| File::options().write(true).open(PROGRAM).map(drop),
    },
    Attempt { name: "write-run", make: |_| File::create("/run/file").map(drop) },
    Attempt { name: "write-to-others", make: write_to_others },
    Attempt { name: "write-sysctl", make: |_| fs::write("/proc/sys/kernel/core_pattern", "|/x") },
    Attempt { name: "execute-by-command", make: |_| Command::new(PROGRAM).spawn().map(drop) },
    Attempt { name: "execute", make: |_| os(nix::unistd::execve(PROGRAM_C, &[PROGRAM_C], NONE)) },
    Attempt { name: "trace-init", make: |_| os(nix::sys::ptrace::attach(Pid::from_raw(1))) },
    Attempt { name: "signal-init", make: |_| signal(1) },
    Attempt {
        name: "socket-raw",
        make: |_| open(AddressFamily::Inet, SockType::Raw, SockProtocol::Icmp),
    },
    Attempt {
        name: "socket-audit",
        make: |_| open(AddressFamily::Netlink, SockType::Raw, SockProtocol::NetlinkAudit),
    },
    Attempt { name: "socket-ipv6", make: |_| TcpListener::bind("[::]:8443").map(drop) },
    Attempt { name: "listen-elsewhere", make: |_| TcpListener::bind("0.0.0.0:8443").map(drop) },
    Attempt { name: "connect-out", make: connect_out },
    Attempt { name: "mount", make: |_| os(mount("/tmp", MsFlags::empty())) },
    Attempt { name: "remount-root", make: |_| os(mount("/", MsFlags::MS_REMOUNT)) },
    Attempt { name: "unmount", make: |_| os(nix::mount::umount2("/run", MntFlags::MNT_DETACH)) },
    Attempt { name: "user-namespace", make: |_| unshare(CloneFlags::CLONE_NEWUSER) },
    Attempt { name: "mount-namespace", make: |_| unshare(CloneFlags::CLONE_NEWNS) },
    Attempt { name: "change-root", make: |_| os(nix::unistd::chroot("/run")) },
    Attempt { name: "become-root", make: |_| os(nix::unistd::setuid(Uid::from_raw(0))) },
    Attempt {
        name: "become-settings",
        make: |_| os(nix::unistd::setuid(Role::Settings.uid().into())),
    },
    Attempt { name: "join-group", make: |_| os(nix::unistd::setgroups(&[Gid::from_raw(0)])) },
    Attempt { name: "host-name", make: |_| os(nix::unistd::sethostname("taken")) },
    Attempt { name: "ctrl-alt-del", make: |_| os(nix::sys::reboot::set_cad_enabled(true)) },
    Attempt {
        name: "unload-module",
        make: |_| os(nix::kmod::delete_module(c"ext4", DeleteModuleFlags::O_NONBLOCK)),
    },
    Attempt { name: "bpf", make: |_| Hostile::Bpf.attempt() },
    Attempt { name: "io-uring", make: |_| Hostile::IoUring.attempt() },
    Attempt { name: "kexec", make: |_| Hostile::Kexec.attempt() },
    Attempt { name: "perf-event", make: |_| Hostile::PerfEvent.attempt() },
    Attempt { name: "user-fault", make: |_| Hostile::UserFaultFd.attempt() },
    Attempt { name: "keys", make: |_| Hostile::KeyControl.attempt() },
    Attempt { name: "executable-memory", make: |_| Hostile::ExecutableMemory.attempt() },
    Attempt { name: "kernel-log", make: |_| Hostile::KernelLog.attempt() },
    Attempt { name: "io-ports", make: |_| Hostile::IoPorts.attempt() },
    Attempt { name: "open-by-handle", make: |_| Hostile::OpenByHandle.attempt() },
    // Last: what works may only work for the role that has the right.
    Attempt { name: "others-packets", make: |role| others_only(role, &[Role::Network], packets) },
    Attempt { name: "others-datagrams", make: |role| others_only(role, ASKS_BY_UDP, datagrams) },
    Attempt { name: "others-clock", make: |role| others_only(role, &[Role::Time], clock) },
    Attempt { name: "others-port", make: |role| others_only(role, &[Role::Web], port) },
    Attempt { name: "others-terminal", make: |role| others_only(role, &[Role::Console], terminal) },
];

const PROGRAM_C: &CStr = c"/sbin/connector";
const NONE: &[&CStr] = &[];
/// Roles that ask time servers or name servers, or give out addresses.
const ASKS_BY_UDP: &[Role] = &[
    Role::Network,
    Role::Time,
    Role::Capture,
    Role::Diagnostics,
    Role::Journal,
    Role::Directory,
    Role::Channel,
];
/// Roles that connect to where the administrator says.
const CONNECTS_OUT: &[Role] = &[Role::Diagnostics, Role::Journal, Role::Channel];

/// What the role is for.
fn own_work(role: Role) -> io::Result<()> {
    if role == Role::Web {
        port()?;
        std::thread::spawn(|| ()).join().map_err(|_| io::ErrorKind::Other)?;
    }
    if role == Role::Settings {
        fs::write("/data/settings/secret", "known to settings alone")?;
        fs::read_dir("/data/settings")?;
    }
    if role == Role::Network {
        packets()?;
        fs::write("/run/network/resolv.conf", "")?;
    }
    if ASKS_BY_UDP.contains(&role) {
        datagrams()?;
    }
    if role == Role::Console {
        terminal()?;
    }
    if !matches!(role, Role::Web | Role::Console) {
        UnixListener::bind(role.socket_path())?;
        fs::remove_file(role.socket_path())?;
    }
    Ok(())
}

/// Files of processes, found by trying: a role that sees no process sees none of another role.
fn of_processes(file: &str) -> io::Result<()> {
    const LAST: u32 = 400;
    any(&(1..LAST).map(|pid| format!("/proc/{pid}/{file}")).collect::<Vec<_>>())
}

/// Whether any of these can be opened.
fn any(paths: &[impl AsRef<Path>]) -> io::Result<()> {
    let mut last = io::ErrorKind::NotFound.into();
    for path in paths {
        match File::open(path) {
            Ok(_) => return Ok(()),
            Err(error) => last = error,
        }
    }
    Err(last)
}

/// Puts a file where other roles have theirs, or takes their socket away.
fn write_to_others(role: Role) -> io::Result<()> {
    let mut last = io::ErrorKind::NotFound.into();
    for other in Role::ALL.into_iter().filter(|other| *other != role) {
        let socket = other.socket_path();
        let outcomes = [
            File::create(format!("{socket}.file")).map(drop),
            fs::remove_file(&socket),
            UnixListener::bind(&socket).map(drop),
        ];
        for outcome in outcomes {
            match outcome {
                Ok(()) => return Ok(()),
                Err(error) => last = error,
            }
        }
    }
    Err(last)
}

fn connect_out(role: Role) -> io::Result<()> {
    if CONNECTS_OUT.contains(&role) {
        return Err(io::Error::other("it is the role's own work"));
    }
    match TcpStream::connect(OUTSIDE) {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Err(error),
        // Whatever the answer is: a packet has left.
        _ => Ok(()),
    }
}

fn others_only(role: Role, owners: &[Role], make: fn() -> io::Result<()>) -> io::Result<()> {
    if owners.contains(&role) {
        return Err(io::Error::other("it is the role's own work"));
    }
    make()
}

fn packets() -> io::Result<()> {
    let flags = SockFlag::SOCK_CLOEXEC;
    os(socket(AddressFamily::Packet, SockType::Datagram, flags, None))
}

fn datagrams() -> io::Result<()> {
    UdpSocket::bind("0.0.0.0:0").map(drop)
}

/// Sets the clock to what it is.
fn clock() -> io::Result<()> {
    let now = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
    os(nix::time::clock_settime(ClockId::CLOCK_REALTIME, TimeSpec::from(now)))
}

fn port() -> io::Result<()> {
    TcpListener::bind("0.0.0.0:443").map(drop)
}

fn terminal() -> io::Result<()> {
    File::options().write(true).open("/dev/ttyS0").map(drop)
}

fn open(family: AddressFamily, kind: SockType, protocol: SockProtocol) -> io::Result<()> {
    os(socket(family, kind, SockFlag::SOCK_CLOEXEC, protocol))
}

fn signal(pid: i32) -> io::Result<()> {
    os(nix::sys::signal::kill(Pid::from_raw(pid), Signal::SIGCONT))
}

fn unshare(flags: CloneFlags) -> io::Result<()> {
    os(nix::sched::unshare(flags))
}

fn mount(target: &str, flags: MsFlags) -> nix::Result<()> {
    nix::mount::mount(Some("tmpfs"), target, Some("tmpfs"), flags, None::<&str>)
}

fn os<T>(result: nix::Result<T>) -> io::Result<()> {
    result.map(drop).map_err(io::Error::from)
}
