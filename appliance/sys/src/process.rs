//! Starting, ending and reaping processes.

use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};

use model::confinement::{self, Limits};
use model::role::{Capability, Role};
use nix::errno::Errno;
use nix::sys::resource::{Resource, setrlimit};
use nix::sys::signal::{SigSet, SigmaskHow, Signal, kill, sigprocmask};
use nix::sys::stat::{Mode, umask};
use nix::unistd::{Gid, Pid, Uid, setgroups, setresgid, setresuid, setsid};

use crate::SysError;
use crate::control_group::Group;
use crate::error::Step;
use crate::view::View;

const CAPABILITY_VERSION: u32 = 0x2008_0522; // _LINUX_CAPABILITY_VERSION_3
const LAST_POSSIBLE_CAPABILITY: u8 = 63;

/// What a process may do.
#[derive(Debug)]
pub struct Confinement {
    /// User and group id; there are no other groups.
    pub uid: u32,
    /// The only capabilities, which programs that it executes keep too.
    pub capabilities: &'static [Capability],
    /// Limits of the process. Those of the role as a whole are the group's.
    pub limits: Limits,
    /// The control group that it is born in; `None` where the kernel has none.
    pub group: Option<Group>,
    /// What it sees of the file system; `None` = everything.
    pub view: Option<View>,
}

impl Confinement {
    /// What a role may do, by the tables of the product. Creates its control group.
    ///
    /// # Errors
    ///
    /// [`SysError::Call`]: a role is not started without its limits.
    pub fn of(role: Role) -> Result<Self, SysError> {
        let wanted = confinement::of(role);
        let limits = wanted.limits;
        let group = Group::open(role.name(), limits.memory_mib << 20, limits.threads)?;
        let view = View::new(wanted.grants).step("plan the file system for", &role.name())?;
        Ok(Self {
            uid: role.uid(),
            capabilities: role.capabilities(),
            limits,
            group: Some(group),
            view: Some(view),
        })
    }
}

/// Starts a program in a session of its own and returns its process id.
///
/// It gets an empty environment, `input` or `/dev/null` as input, `output` as output and error output, no other
/// descriptors, umask 077, no core dumps, no locked memory, and no way to gain privileges. It is killed
/// when this process ends.
///
/// # Errors
///
/// [`SysError::Call`], also when a step between fork and exec fails, which the error names: then no
/// process is left.
pub fn spawn(
    program: &Path,
    arguments: &[&str],
    confinement: Confinement,
    input: Option<OwnedFd>,
    output: OwnedFd,
) -> Result<i32, SysError> {
    let spawn = || {
        let mut command = Command::new(program);
        command.args(arguments).env_clear().current_dir("/");
        command.stdin(input.map_or_else(Stdio::null, Stdio::from));
        command.stdout(output.try_clone()?).stderr(output);
        let kept = capability_mask(confinement.capabilities);
        let confine = move || {
            let step = confine(&confinement, kept);
            step.map_err(|(phase, error)| io::Error::from_raw_os_error(phase.in_code(error)))
        };
        // SAFETY: between fork and exec only system calls are made, on values that were made before the
        // fork; nothing allocates, locks or touches memory that another thread may hold.
        unsafe { command.pre_exec(confine) };
        Ok::<_, io::Error>(command.spawn()?.id())
    };
    let id = spawn().map_err(|error| {
        let (phase, source) = Phase::out_of(error);
        SysError::Call { operation: phase, object: program.display().to_string(), source }
    })?;
    i32::try_from(id).map_err(io::Error::other).step("start", &program.display())
}

/// A process that has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// Its process id.
    pub pid: i32,
    /// How, such as `exit status 3` or `signal 9`.
    pub how: String,
}

/// Collects one child that has ended, or nothing when none has.
#[must_use]
pub fn reap() -> Option<Ended> {
    let mut status = 0;
    // SAFETY: the pointer is to a live integer. nix's wrapper loses real-time signals.
    let pid = unsafe { libc::waitpid(-1, &raw mut status, libc::WNOHANG) };
    (pid > 0).then(|| Ended { pid, how: describe(ExitStatus::from_raw(status)) })
}

/// Asks a process to end.
///
/// # Errors
///
/// As `kill(2)`; a process that has ended already is no error.
pub fn terminate(pid: i32) -> io::Result<()> {
    send(pid, Signal::SIGTERM)
}

/// Ends a process at once.
///
/// # Errors
///
/// As `kill(2)`; a process that has ended already is no error.
pub fn kill_now(pid: i32) -> io::Result<()> {
    send(pid, Signal::SIGKILL)
}

/// Opens a pipe for the output of a process: the end to read, which never blocks, and the one to
/// write.
///
/// # Errors
///
/// As `pipe(2)`.
pub fn output_pipe() -> io::Result<(OwnedFd, OwnedFd)> {
    use nix::fcntl::{FcntlArg, OFlag, fcntl};
    let (read, write) = nix::unistd::pipe2(OFlag::O_CLOEXEC)?;
    fcntl(&read, FcntlArg::F_SETFL(OFlag::O_NONBLOCK))?;
    Ok((read, write))
}

fn send(pid: i32, signal: Signal) -> io::Result<()> {
    // Zero and negative numbers would mean groups, or every process there is.
    if pid <= 1 {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    match kill(Pid::from_raw(pid), signal) {
        Ok(()) | Err(Errno::ESRCH) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

fn describe(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("exit status {code}"),
        (None, Some(signal)) => format!("signal {signal}"),
        (None, None) => "unknown".to_owned(),
    }
}

fn capability_mask(capabilities: &[Capability]) -> u64 {
    capabilities.iter().fold(0, |mask, capability| mask | 1 << capability.number())
}

/// A phase of starting a process. The child can hand one number to its parent: it holds the phase
/// above the bits of the kernel's error, which is smaller.
#[derive(Clone, Copy, Debug)]
enum Phase {
    Group = 1,
    View,
    Limits,
    Privileges,
}

const ERROR_BITS: u32 = 16;

impl Phase {
    const ALL: [(Self, &str); 4] = [
        (Self::Group, "join the control group for"),
        (Self::View, "assemble the file system for"),
        (Self::Limits, "limit"),
        (Self::Privileges, "take the privileges of"),
    ];

    const fn in_code(self, error: Errno) -> i32 {
        (self as i32) << ERROR_BITS | error as i32
    }

    /// The phase, as the operation that failed, and the error apart from it.
    fn out_of(error: io::Error) -> (&'static str, io::Error) {
        let code = error.raw_os_error().unwrap_or_default();
        let phase = Self::ALL.iter().find(|(phase, _)| *phase as i32 == code >> ERROR_BITS);
        match phase {
            Some((_, operation)) => {
                let code = code & ((1 << ERROR_BITS) - 1);
                (operation, io::Error::from_raw_os_error(code))
            }
            None => ("start", error),
        }
    }
}

/// Runs in the child before exec. The order matters: the group and the view need privileges that the
/// change of user takes away, and the view an empty mask.
fn confine(confinement: &Confinement, kept: u64) -> Result<(), (Phase, Errno)> {
    if let Some(group) = &confinement.group {
        nix::unistd::write(group.processes(), b"0").map_err(|error| (Phase::Group, error))?;
    }
    umask(Mode::empty());
    if let Some(view) = &confinement.view {
        view.enter().map_err(|error| (Phase::View, error))?;
    }
    limit(&confinement.limits).map_err(|error| (Phase::Limits, error))?;
    give_up_privileges(confinement.uid, kept).map_err(|error| (Phase::Privileges, error))
}

fn limit(limits: &Limits) -> Result<(), Errno> {
    setsid()?;
    umask(Mode::from_bits_truncate(0o077));
    let limits = [
        (Resource::RLIMIT_CORE, 0),
        (Resource::RLIMIT_MEMLOCK, 0),
        (Resource::RLIMIT_NOFILE, limits.open_files),
        (Resource::RLIMIT_NPROC, limits.threads),
        (Resource::RLIMIT_AS, limits.address_space_mib << 20),
        (Resource::RLIMIT_FSIZE, limits.file_kib << 10),
    ];
    limits.into_iter().try_for_each(|(resource, limit)| setrlimit(resource, limit, limit))
}

/// The bounding set and the groups need privileges that the change of user takes away; the
/// parent-death signal is forgotten at that change.
fn give_up_privileges(uid: u32, kept: u64) -> Result<(), Errno> {
    for capability in 0..=LAST_POSSIBLE_CAPABILITY {
        let is_kept = kept >> capability & 1 == 1;
        if !is_kept && !drop_from_bounding_set(capability)? {
            break;
        }
    }
    nix::sys::prctl::set_keepcaps(true)?;
    setgroups(&[])?;
    let (user, group) = (Uid::from_raw(uid), Gid::from_raw(uid));
    setresgid(group, group, group)?;
    setresuid(user, user, user)?;
    set_capabilities(kept)?;
    for capability in (0..=LAST_POSSIBLE_CAPABILITY).filter(|number| kept >> number & 1 == 1) {
        raise_ambient(capability)?;
    }
    nix::sys::prctl::set_no_new_privs()?;
    nix::sys::prctl::set_pdeathsig(Signal::SIGKILL)?;
    close_on_exec_all()?;
    sigprocmask(SigmaskHow::SIG_SETMASK, Some(&SigSet::empty()), None)?;
    Ok(())
}

/// Says whether the kernel knows the capability.
fn drop_from_bounding_set(capability: u8) -> Result<bool, Errno> {
    // SAFETY: plain integers; the call touches no memory of ours.
    let result =
        unsafe { libc::prctl(libc::PR_CAPBSET_DROP, libc::c_ulong::from(capability), 0, 0, 0) };
    match Errno::result(result) {
        Ok(_) => Ok(true),
        Err(Errno::EINVAL) => Ok(false),
        Err(error) => Err(error),
    }
}

fn raise_ambient(capability: u8) -> Result<(), Errno> {
    let raise = libc::c_ulong::try_from(libc::PR_CAP_AMBIENT_RAISE).unwrap_or_default();
    let number = libc::c_ulong::from(capability);
    // SAFETY: plain integers; the call touches no memory of ours.
    Errno::result(unsafe { libc::prctl(libc::PR_CAP_AMBIENT, raise, number, 0, 0) })?;
    Ok(())
}

/// Makes `kept` the effective, permitted and inheritable set.
fn set_capabilities(kept: u64) -> Result<(), Errno> {
    #[repr(C)]
    struct Header {
        version: u32,
        pid: i32,
    }
    #[repr(C)]
    struct Sets {
        effective: u32,
        permitted: u32,
        inheritable: u32,
    }
    let header = Header { version: CAPABILITY_VERSION, pid: 0 };
    let sets = [kept & u64::from(u32::MAX), kept >> 32].map(|half| {
        let half = u32::try_from(half).unwrap_or_default();
        Sets { effective: half, permitted: half, inheritable: half }
    });
    // SAFETY: version 3 of the call reads one header and two triples, laid out as here.
    Errno::result(unsafe { libc::syscall(libc::SYS_capset, &raw const header, sets.as_ptr()) })?;
    Ok(())
}

/// Closes everything but the standard descriptors at exec, whoever opened it. Rust's own pipe that
/// reports a failed exec stays usable until then.
fn close_on_exec_all() -> Result<(), Errno> {
    let (first, last) = (3_u32, u32::MAX);
    // SAFETY: plain integers; descriptors are only flagged, so nothing that is in use closes.
    let result =
        unsafe { libc::syscall(libc::SYS_close_range, first, last, libc::CLOSE_RANGE_CLOEXEC) };
    Errno::result(result)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::io::Read;

    use model::process_facts::parse_limits;

    use super::*;

    fn confinement(uid: u32, capabilities: &'static [Capability]) -> Confinement {
        let limits = confinement::of(Role::Web).limits;
        Confinement { uid, capabilities, limits, group: None, view: None }
    }

    fn net_only() -> Confinement {
        confinement(102, &[Capability::NetAdmin, Capability::NetRaw])
    }

    fn is_root() -> bool {
        let root = Uid::effective().is_root();
        if !root {
            println!("skipped: only root can start a process under another user");
        }
        root
    }

    fn output_of(program: &str, arguments: &[&str], confinement: Confinement) -> String {
        let (read, write) = nix::unistd::pipe2(nix::fcntl::OFlag::O_CLOEXEC).expect("pipe");
        spawn(Path::new(program), arguments, confinement, None, write).expect("starts");
        let mut text = String::new();
        File::from(read).read_to_string(&mut text).expect("output");
        text
    }

    #[test]
    fn process_keeps_only_its_user_and_capabilities() {
        if !is_root() {
            return;
        }
        let status = output_of("/bin/cat", &["/proc/self/status"], net_only());
        let field = |name: &str| {
            let line = status.lines().find(|line| line.starts_with(name)).expect("field");
            line.split_once(':').expect("colon").1.split_whitespace().collect::<Vec<_>>().join(" ")
        };
        for set in ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"] {
            assert_eq!(field(set), "0000000000003000", "{set}");
        }
        assert_eq!(field("Uid"), "102 102 102 102");
        assert_eq!(field("Gid"), "102 102 102 102");
        assert_eq!(field("Groups"), "");
        assert_eq!(field("NoNewPrivs"), "1");
        assert_eq!(field("SigBlk"), "0000000000000000");
        assert_eq!(field("Umask"), "0077");
    }

    #[test]
    fn process_without_capabilities_has_none() {
        if !is_root() {
            return;
        }
        let none = confinement(103, &[]);
        let status = output_of("/bin/cat", &["/proc/self/status"], none);
        assert!(status.matches("0000000000000000").count() >= 5, "{status}");
        assert!(status.contains("CapBnd:\t0000000000000000"));
    }

    #[test]
    fn process_inherits_no_descriptor_and_no_environment() {
        if !is_root() {
            return;
        }
        // Without the flag this would leak into the child.
        let leaky = nix::unistd::dup(io::stdin()).expect("dup");
        let script = "set -- /proc/self/fd/*; for fd; do echo ${fd##*/}; done; env";
        let listed = output_of("/bin/sh", &["-c", script], net_only());
        drop(leaky);
        let numbers = listed.lines().filter_map(|line| line.parse::<u32>().ok()).max();
        // The shell itself opens the directory as 3 while it expands the pattern.
        assert!(numbers <= Some(3), "{listed}");
        assert!(!listed.contains("CARGO"), "{listed}");
    }

    #[test]
    fn process_has_the_limits_of_its_role() {
        if !is_root() {
            return;
        }
        let limits = parse_limits(&output_of("/bin/cat", &["/proc/self/limits"], net_only()));
        let of = |name: &str| {
            let limit = limits.iter().find(|limit| limit.name == name).expect("limit");
            assert_eq!(limit.soft, limit.hard, "{name}");
            limit.hard
        };
        let wanted = confinement::of(Role::Web).limits;
        assert_eq!(of("Max open files"), Some(wanted.open_files));
        assert_eq!(of("Max processes"), Some(wanted.threads));
        assert_eq!(of("Max address space"), Some(wanted.address_space_mib << 20));
        assert_eq!(of("Max file size"), Some(wanted.file_kib << 10));
        assert_eq!((of("Max core file size"), of("Max locked memory")), (Some(0), Some(0)));
    }

    #[test]
    fn an_error_names_the_phase_that_failed() {
        let code = Phase::View.in_code(Errno::ENOENT);
        let (phase, error) = Phase::out_of(io::Error::from_raw_os_error(code));
        assert_eq!(phase, "assemble the file system for");
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
        let (phase, error) = Phase::out_of(io::Error::from_raw_os_error(libc::ENOEXEC));
        assert_eq!((phase, error.raw_os_error()), ("start", Some(libc::ENOEXEC)));
    }

    #[test]
    fn a_missing_program_is_an_error_and_no_process() {
        if !is_root() {
            return;
        }
        let (_read, write) = output_pipe().expect("pipe");
        let result = spawn(Path::new("/nowhere/program"), &[], net_only(), None, write);
        assert!(result.expect_err("missing").to_string().contains("/nowhere/program"));
    }

    #[test]
    fn never_signals_groups_or_everybody() {
        for pid in [1, 0, -1, i32::MIN] {
            assert!(kill_now(pid).is_err(), "{pid}");
        }
    }

    #[test]
    fn describes_status_and_signal() {
        assert_eq!(describe(ExitStatus::from_raw(3 << 8)), "exit status 3");
        assert_eq!(describe(ExitStatus::from_raw(9)), "signal 9");
    }
}
