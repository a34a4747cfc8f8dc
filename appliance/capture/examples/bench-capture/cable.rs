//! A veth pair between two network namespaces, and a sender at its far end.

use std::error::Error;
use std::fs::{self, File};
use std::io::{BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};
use tempfile::TempDir;

use crate::figures::Sample;
use crate::subject::Subject;

/// How long a program may take to read what is in its buffers after the last packet.
const SETTLE: Duration = Duration::from_millis(700);
/// The kernel counts processor time in hundredths of a second for programs.
const TICK_NANOSECONDS: f64 = 10_000_000.0;

/// What is sent, and how much of it is recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Load {
    /// Packets of 64 bytes as fast as they go, of which 94 bytes are to be recorded.
    SmallHeaders,
    /// Packets of 1400 bytes as fast as they go, of which 94 bytes are to be recorded.
    LargeHeaders,
    /// Packets of 1400 bytes, 240 000 a second, to be recorded whole.
    LargeWhole,
}

impl Load {
    pub(crate) const ALL: [Self; 3] = [Self::SmallHeaders, Self::LargeHeaders, Self::LargeWhole];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::SmallHeaders => "headers_of_64_bytes",
            Self::LargeHeaders => "headers_of_1400_bytes",
            Self::LargeWhole => "whole_packets_of_1400_bytes",
        }
    }

    pub(crate) const fn is_whole(self) -> bool {
        matches!(self, Self::LargeWhole)
    }

    const fn packets(self) -> u32 {
        match self {
            Self::SmallHeaders => 3_000_000,
            Self::LargeHeaders => 1_500_000,
            Self::LargeWhole => 600_000,
        }
    }

    /// The packets in the language of trafgen: TCP of a few hundred connections.
    fn frame(self) -> String {
        let payload = if matches!(self, Self::SmallHeaders) { 10 } else { 1346 };
        format!(
            "{{ eth(da=02:00:00:00:00:02, sa=02:00:00:00:00:01), \
             ipv4(sa=10.78.0.1, da=10.78.0.2, prot=6, ttl=64), \
             tcp(sp=dinc(1024, 1323), dp=443, ack), fill(0x2a, {payload}) }}"
        )
    }
}

/// The pair: `near0` in the namespace of this process, `far0` in that of a thread.
#[derive(Debug)]
pub(crate) struct Cable {
    jobs: mpsc::Sender<Box<dyn FnOnce() + Send>>,
    directory: TempDir,
}

impl Cable {
    pub(crate) fn lay() -> Result<Self, Box<dyn Error>> {
        unshare(CloneFlags::CLONE_NEWNET | CloneFlags::CLONE_NEWNS)?;
        let (jobs, queue) = mpsc::channel::<Box<dyn FnOnce() + Send>>();
        let (ready, place) = mpsc::channel();
        thread::spawn(move || {
            let entered = unshare(CloneFlags::CLONE_NEWNET);
            let task = fs::read_link("/proc/thread-self");
            let place = entered.map_err(Into::into).and(task);
            if ready.send(place).is_ok() {
                queue.into_iter().for_each(|job| job());
            }
        });
        let place = place.recv()??;
        ip(&format!(
            "link add near0 type veth peer name far0 netns /proc/{}/ns/net",
            place.display()
        ))?;
        fs::write("/proc/sys/net/ipv6/conf/near0/disable_ipv6", "1").unwrap_or_default();
        ip("link set near0 up")?;
        let directory = tempfile::tempdir()?;
        let nothing = None::<&str>;
        mount(nothing, "/", nothing, MsFlags::MS_REC | MsFlags::MS_PRIVATE, nothing)?;
        mount(Some("tmpfs"), directory.path(), Some("tmpfs"), MsFlags::empty(), Some("size=3g"))?;
        let cable = Self { jobs, directory };
        cable.at_far_end(|| {
            fs::write("/proc/sys/net/ipv6/conf/far0/disable_ipv6", "1").unwrap_or_default();
            ip("link set far0 up").map_err(|error| error.to_string())
        })??;
        Ok(cable)
    }

    fn at_far_end<T: Send + 'static>(
        &self,
        job: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Box<dyn Error>> {
        let (sender, answer) = mpsc::channel();
        let job: Box<dyn FnOnce() + Send> = Box::new(move || drop(sender.send(job())));
        self.jobs.send(job).map_err(|_| "the far end is gone")?;
        Ok(answer.recv()?)
    }

    /// Sends a load while a program records it.
    pub(crate) fn measure(&self, subject: &Subject, load: Load) -> Result<Sample, Box<dyn Error>> {
        if load.is_whole() {
            touch_memory(self.directory.path())?;
        }
        let running = subject.start(self.directory.path(), load)?;
        let (ticks, before) = (processor_ticks(running.pid())?, arrived()?);
        let config = self.directory.path().join("frame");
        fs::write(&config, load.frame())?;
        let begun = Instant::now();
        self.at_far_end(move || send(&config, load))??;
        let elapsed = begun.elapsed();
        thread::sleep(SETTLE);
        let ticks = processor_ticks(running.pid())? - ticks;
        let sent = arrived()? - before;
        let file = running.end()?;
        let recorded = count_records(&file)?;
        fs::remove_file(&file)?;
        Ok(Sample {
            packets_per_second: float(sent) / elapsed.as_secs_f64(),
            lost_percent: 100.0 * (float(sent) - float(recorded)) / float(sent),
            nanoseconds_per_packet: float(ticks) * TICK_NANOSECONDS / float(recorded.max(1)),
        })
    }
}

/// Uses as much memory as the largest file takes, and gives it back. When this machine is a virtual
/// one, the first use of a page costs many times the next one, which whoever is first would pay.
fn touch_memory(directory: &Path) -> Result<(), Box<dyn Error>> {
    const PIECE_BYTES: usize = 1 << 20;
    const PIECES: usize = 1024;
    let path = directory.join("touched");
    let (mut file, piece) = (File::create(&path)?, vec![0; PIECE_BYTES]);
    for _ in 0..PIECES {
        file.write_all(&piece)?;
    }
    fs::remove_file(path)?;
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
fn float(count: u64) -> f64 {
    count as f64
}

fn send(config: &Path, load: Load) -> Result<(), String> {
    let mut command = Command::new("taskset");
    command.args(["-c", "0", "trafgen", "--dev", "far0", "--cpus", "1"]);
    command.args(["--num", &load.packets().to_string()]).arg("--conf").arg(config);
    if load.is_whole() {
        command.args(["--rate", "240000pps"]);
    }
    let output = command.output().map_err(|error| error.to_string())?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("trafgen: {}", String::from_utf8_lossy(&output.stderr)))
}

fn ip(arguments: &str) -> Result<(), Box<dyn Error>> {
    let output = Command::new("ip").args(arguments.split(' ')).output()?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("ip {arguments}: {}", String::from_utf8_lossy(&output.stderr)).into())
}

/// Packets that have arrived at the near end.
fn arrived() -> Result<u64, Box<dyn Error>> {
    let text = fs::read_to_string("/proc/thread-self/net/dev")?;
    let line = text.lines().find_map(|line| line.trim().strip_prefix("near0:"));
    let packets = line.and_then(|line| line.split_whitespace().nth(1)).ok_or("no near0")?;
    Ok(packets.parse()?)
}

/// Processor time of a process with all its threads (proc(5): `utime` and `stime`).
fn processor_ticks(pid: u32) -> Result<u64, Box<dyn Error>> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // The name of the program may contain anything.
    let (_, fields) = text.rsplit_once(')').ok_or("no name")?;
    let number = |index| fields.split_whitespace().nth(index).and_then(|word| word.parse().ok());
    let (user, system): (Option<u64>, Option<u64>) = (number(11), number(12));
    Ok(user.zip(system).map(|(user, system)| user + system).ok_or("no times")?)
}

/// How many records a `.pcap` file has.
fn count_records(path: &PathBuf) -> Result<u64, Box<dyn Error>> {
    let mut file = BufReader::with_capacity(1 << 20, File::open(path)?);
    file.seek(SeekFrom::Start(24))?;
    let (mut count, mut header) = (0, [0; 16]);
    loop {
        match file.read_exact(&mut header) {
            Ok(()) => {}
            Err(_) => return Ok(count),
        }
        let kept = u32::from_le_bytes([header[8], header[9], header[10], header[11]]);
        file.seek_relative(i64::from(kept))?;
        count += 1;
    }
}
