//! A host of the test network: a process that holds network, mount, host name and process
//! namespaces of its own. The namespaces have no names, so nothing can clash and nothing can be
//! left behind: when the host is dropped, or the test process ends in whatever way, the kernel ends
//! every process of the host and frees its network, its mounts and the files in them.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::Instant;

use nix::sched::{CloneFlags, setns, unshare};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::error::ForestError;
use crate::limits;

/// What the first process of a host does.
const SCRIPT: &str = include_str!("host.sh");

/// A host; dropping it ends all that runs there.
#[derive(Debug)]
pub struct Host {
    name: String,
    /// Its first process, as this process sees it.
    pid: Pid,
    /// The process that started the first one. Its standard input is the host's life line.
    parent: Child,
}

impl Host {
    /// Starts a host without any network card.
    ///
    /// # Errors
    ///
    /// When this process is not root or the kernel refuses.
    pub(crate) fn start(name: &str) -> Result<Self, ForestError> {
        let mut parent = Command::new("unshare")
            .args(["--net", "--mount", "--uts", "--pid", "--fork", "--kill-child=KILL"])
            .args(["bash", "-c", SCRIPT, "host", name])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(ForestError::io("start a host"))?;
        let mut line = String::new();
        if let Some(output) = parent.stdout.take() {
            BufReader::new(output)
                .read_line(&mut line)
                .map_err(ForestError::io("read a host's number"))?;
        }
        match line.trim().parse() {
            Ok(pid) => Ok(Self { name: name.to_owned(), pid: Pid::from_raw(pid), parent }),
            Err(_) => {
                let mut said = String::new();
                if let Some(mut errors) = parent.stderr.take() {
                    let _ = errors.read_to_string(&mut said);
                }
                let _ = parent.wait();
                Err(ForestError::Command { command: format!("unshare, for {name}"), said })
            }
        }
    }

    /// Its host name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Number of its first process: `nsenter --target` and `ip link set … netns` take it.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.pid.as_raw().unsigned_abs()
    }

    /// A command that runs a program there, in all of the host's namespaces. The process it starts is
    /// not the program itself, but when it is killed, the program is too.
    #[must_use]
    pub fn command(&self, program: &str) -> Command {
        let mut command = Command::new("nsenter");
        command
            .args(["--target", &self.pid.to_string(), "--net", "--mount", "--uts", "--pid", "--"])
            .args(["setpriv", "--pdeathsig", "KILL", program])
            .env("KRB5CCNAME", "FILE:/run/krb5cc")
            // So that words of programs are those that tests look for.
            .env("LC_ALL", "C.UTF-8")
            .stdin(Stdio::null());
        command
    }

    /// Runs a program there and returns what it printed.
    ///
    /// # Errors
    ///
    /// When it cannot be started or ends with an error.
    pub fn run(&self, program: &str, arguments: &[&str]) -> Result<String, ForestError> {
        let mut command = self.command(program);
        let output = command.args(arguments).output();
        checked(program, arguments, output)
    }

    /// Runs a program there that reads this text, and returns what it printed.
    ///
    /// # Errors
    ///
    /// When it cannot be started or ends with an error.
    pub fn run_with_input(
        &self,
        program: &str,
        arguments: &[&str],
        input: &str,
    ) -> Result<String, ForestError> {
        let mut command = self.command(program);
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let output = command.spawn().and_then(|mut child| {
            let pipe = child.stdin.take();
            thread::scope(|scope| {
                // A program that ends early does not read it all; its own words say why.
                scope.spawn(|| pipe.map(|mut pipe| pipe.write_all(input.as_bytes())));
                child.wait_with_output()
            })
        });
        checked(program, arguments, output)
    }

    /// Runs code on a thread of its own that belongs to this host's network, mount and host name
    /// namespaces: its sockets are there, and so are its `/etc/resolv.conf` and `/etc/krb5.conf`.
    /// Threads that it starts are there too.
    ///
    /// # Errors
    ///
    /// When the thread cannot enter the namespaces.
    ///
    /// # Panics
    ///
    /// When the code panics.
    pub fn enter<T: Send>(&self, code: impl FnOnce() -> T + Send) -> Result<T, ForestError> {
        let open = |name: &str| {
            let path = format!("/proc/{}/ns/{name}", self.pid);
            File::open(&path).map_err(ForestError::io(format!("open {path}")))
        };
        // The mount namespace comes last: after it, /proc is another one.
        let doors = [
            (open("net")?, CloneFlags::CLONE_NEWNET),
            (open("uts")?, CloneFlags::CLONE_NEWUTS),
            (open("mnt")?, CloneFlags::CLONE_NEWNS),
        ];
        thread::scope(|scope| {
            let inside = scope.spawn(|| {
                let refused =
                    |error: nix::Error| ForestError::io("enter a host's namespaces")(error.into());
                // A thread that shares its working directory with others may not change mounts.
                unshare(CloneFlags::CLONE_FS).map_err(refused)?;
                for (file, kind) in &doors {
                    setns(file, *kind).map_err(refused)?;
                }
                Ok(code())
            });
            match inside.join() {
                Ok(result) => result,
                Err(panic) => std::panic::resume_unwind(panic),
            }
        })
    }

    /// Writes a file there.
    ///
    /// # Errors
    ///
    /// As for writing a file.
    pub fn write(&self, path: impl AsRef<Path>, text: &str) -> Result<(), ForestError> {
        let path = path.as_ref();
        self.enter(|| fs::write(path, text))?
            .map_err(ForestError::io(format!("write {}", path.display())))
    }

    /// The processes there, without the first one.
    pub(crate) fn processes(&self) -> Vec<Pid> {
        let Ok(own) = fs::read_link(format!("/proc/{}/ns/pid", self.pid)) else {
            return Vec::new();
        };
        let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
        entries
            .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
            .filter(|pid| *pid != self.pid.as_raw())
            .filter(|pid| fs::read_link(format!("/proc/{pid}/ns/pid")).is_ok_and(|ns| ns == own))
            .map(Pid::from_raw)
            .collect()
    }

    /// Sends a signal to every process there but the first.
    pub(crate) fn signal(&self, signal: Signal) {
        for pid in self.processes() {
            let _ = kill(pid, signal);
        }
    }

    /// Ends every process there but the first: asks, and after a while insists.
    ///
    /// # Errors
    ///
    /// When some live on.
    pub(crate) fn end_processes(&self) -> Result<(), ForestError> {
        for (signal, limit) in
            [(Signal::SIGTERM, limits::FAREWELL), (Signal::SIGKILL, limits::FAREWELL)]
        {
            let deadline = Instant::now() + limit;
            self.signal(signal);
            while Instant::now() < deadline {
                if self.processes().is_empty() {
                    return Ok(());
                }
                thread::sleep(limits::POLL_INTERVAL);
            }
        }
        let what = format!("the end of the processes of {}", self.name);
        Err(ForestError::Timeout { what, limit: limits::FAREWELL })
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        // With its first process, all others of a process namespace end.
        let _ = kill(self.pid, Signal::SIGKILL);
        let _ = self.parent.wait();
    }
}

pub(crate) fn checked(
    program: &str,
    arguments: &[&str],
    output: std::io::Result<Output>,
) -> Result<String, ForestError> {
    let output = output.map_err(ForestError::io(format!("run {program}")))?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if output.status.success() {
        return Ok(text(&output.stdout));
    }
    let command = format!("{program} {}", arguments.join(" "));
    let said = format!("{}{}", text(&output.stdout), text(&output.stderr));
    Err(ForestError::Command { command, said })
}
