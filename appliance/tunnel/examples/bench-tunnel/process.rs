//! Programs that are measured, with what they start themselves.

use std::collections::HashMap;
use std::fs::{self, File};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::Outcome;

/// Milliseconds of a tick of `/proc/PID/stat` (`USER_HZ` is 100 on Linux).
const TICK_MILLIS: u64 = 10;
/// Until a program has started and shaken hands.
const STARTING: Duration = Duration::from_secs(20);
/// A socket that listens, in `/proc/net/tcp` (proc(5)).
const LISTENING: &str = "0A";

/// A program that runs; dropping it ends it.
pub(crate) struct Program {
    child: Child,
    log: PathBuf,
}

impl Program {
    /// Starts it; what it says goes to a file.
    pub(crate) fn start(command: &mut Command, log: &Path) -> Outcome<Self> {
        let name = command.get_program().display().to_string();
        let said = File::create(log)?;
        let child = command
            .stdin(Stdio::null())
            .stdout(said.try_clone()?)
            .stderr(said)
            .spawn()
            .map_err(|error| format!("{name} does not start: {error}"))?;
        Ok(Self { child, log: log.to_owned() })
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits until something listens at an address. Nobody connects: not every program takes that well.
    pub(crate) async fn listens(&self, at: SocketAddr) -> Outcome<()> {
        let SocketAddr::V4(at) = at else { return Err("not an address of IPv4".into()) };
        let address = format!("{:08X}:{:04X}", u32::from_le_bytes(at.ip().octets()), at.port());
        let deadline = Instant::now() + STARTING;
        while Instant::now() < deadline {
            let sockets = fs::read_to_string("/proc/net/tcp")?;
            let mut sockets =
                sockets.lines().map(|line| line.split_whitespace().skip(1).step_by(2));
            if sockets.any(|mut it| it.next() == Some(&address) && it.next() == Some(LISTENING)) {
                return Ok(());
            }
            sleep(Duration::from_millis(10)).await;
        }
        let said = fs::read_to_string(&self.log).unwrap_or_default();
        Err(format!("nothing listens at {at}; the program said: {said}").into())
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Processor time of processes and all that they started and that still run or were waited for.
pub(crate) fn processor_time(roots: &[u32]) -> Outcome<Duration> {
    let mut processes = HashMap::new();
    for entry in fs::read_dir("/proc")?.flatten() {
        let id = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok());
        // One that has just ended has no file any more.
        let stat =
            id.and_then(|id| Some((id, fs::read_to_string(format!("/proc/{id}/stat")).ok()?)));
        if let Some((id, stat)) = stat
            && let Some((parent, ticks)) = read(&stat)
        {
            processes.insert(id, (parent, ticks));
        }
    }
    let mut ticks = 0;
    for (id, (_, own)) in &processes {
        let mut ancestor = Some(*id);
        while let Some(id) = ancestor.filter(|id| !roots.contains(id)) {
            ancestor = processes.get(&id).map(|(parent, _)| *parent);
        }
        ticks += if ancestor.is_some() { *own } else { 0 };
    }
    Ok(Duration::from_millis(ticks * TICK_MILLIS))
}

/// Parent and ticks (user, system, and those of children that were waited for) of a process
/// (proc(5)).
fn read(stat: &str) -> Option<(u32, u64)> {
    let (_, rest) = stat.rsplit_once(')')?;
    let fields: Vec<_> = rest.split_whitespace().collect();
    let ticks = fields.get(11..15)?.iter().filter_map(|field| field.parse::<u64>().ok()).sum();
    Some((fields.get(1)?.parse().ok()?, ticks))
}
