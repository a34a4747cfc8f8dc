//! One start of a machine: when it first answers, and how much memory it uses when idle.

use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use harness::namespace::LEASED;
use harness::{HarnessError, HttpsClient, Machine, Namespace, Request, workspace};
use serde_json::{Value, json};

/// How long GRUB waits for Esc, in seconds: given to a person, not needed by the machine, and
/// therefore subtracted.
pub(crate) const GRUB_WAIT_SECONDS: f64 = 3.0;
/// Longest start.
const START_LIMIT: Duration = Duration::from_secs(300);
/// How long a machine is left alone before its memory counts as idle.
const IDLE_TIME: Duration = Duration::from_secs(20);
/// How long the balloon's statistics may take.
const STATISTICS_LIMIT: Duration = Duration::from_secs(30);
/// Between two attempts to connect; the resolution of the measurement.
const ATTEMPT: Duration = Duration::from_millis(50);
const MEGABYTE: f64 = 1e6;

/// What is started.
#[derive(Debug)]
pub(crate) struct Subject {
    pub(crate) name: &'static str,
    pub(crate) image: PathBuf,
    /// More arguments of QEMU.
    pub(crate) arguments: Vec<String>,
    /// What the boot loader waits for a person, in seconds.
    pub(crate) wait_seconds: f64,
}

impl Subject {
    /// The built appliance.
    pub(crate) fn appliance() -> Self {
        Self {
            name: "connector appliance",
            image: workspace::image(),
            arguments: Vec::new(),
            wait_seconds: GRUB_WAIT_SECONDS,
        }
    }
}

/// What one start showed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sample {
    /// From power-on to the first complete HTTPS answer, without the boot loader's wait.
    pub(crate) answer_seconds: f64,
    /// Memory that the guest's kernel does not count as available, in 10^6 bytes.
    pub(crate) used_megabytes: f64,
}

/// Starts a machine on a network of its own and measures it.
///
/// # Errors
///
/// When it does not answer in time.
pub(crate) fn measure(subject: &Subject) -> Result<Sample, HarnessError> {
    let mut namespace = Namespace::new()?;
    namespace.start_dhcp_server()?;
    // Without waiting for ARP, so that an attempt fails or succeeds at once.
    namespace.skip_arp()?;
    let arguments: Vec<_> = subject.arguments.iter().map(String::as_str).collect();
    let mut machine = Machine::builder()
        .image(&subject.image)
        .attachment(namespace.attachment())
        .extra(&arguments)
        .extra(&["-device", "virtio-balloon-pci,id=balloon"])
        .start()?;
    let client = machine.https(LEASED)?;
    let started = machine.started();
    let answered = namespace.enter(|| first_answer(&client, LEASED))??;
    let answer_seconds = answered.duration_since(started).as_secs_f64() - subject.wait_seconds;
    thread::sleep(IDLE_TIME);
    let used_megabytes = used_megabytes(&mut machine)?;
    Ok(Sample { answer_seconds, used_megabytes })
}

/// When the first request was answered.
fn first_answer(client: &HttpsClient, address: Ipv4Addr) -> Result<Instant, HarnessError> {
    let deadline = Instant::now() + START_LIMIT;
    let request = Request::new("GET", "/");
    while Instant::now() < deadline {
        let attempted = Instant::now();
        // Only the TCP handshake is hurried: once it succeeds, the whole exchange gets its time.
        if std::net::TcpStream::connect_timeout(&client.peer, ATTEMPT).is_ok()
            && client.send(&request).is_ok()
        {
            return Ok(Instant::now());
        }
        thread::sleep(ATTEMPT.saturating_sub(attempted.elapsed()));
    }
    let what = format!("an answer of {address}");
    Err(HarnessError::Timeout { what, limit: START_LIMIT, console: String::new() })
}

/// Total less available memory, as the guest's kernel tells the virtual balloon.
fn used_megabytes(machine: &mut Machine) -> Result<f64, HarnessError> {
    const BALLOON: &str = "/machine/peripheral/balloon";
    let interval = "guest-stats-polling-interval";
    let arguments = json!({ "path": BALLOON, "property": interval, "value": 1 });
    machine.qmp().execute("qom-set", arguments)?;
    let deadline = Instant::now() + STATISTICS_LIMIT;
    while Instant::now() < deadline {
        let arguments = json!({ "path": BALLOON, "property": "guest-stats" });
        let answer = machine.qmp().execute("qom-get", arguments)?;
        let figure = |name: &str| answer["stats"][name].as_u64().filter(|bytes| *bytes < 1 << 60);
        let is_fresh = answer["last-update"].as_u64().is_some_and(|time| time > 0);
        if let (true, Some(total), Some(available)) =
            (is_fresh, figure("stat-total-memory"), figure("stat-available-memory"))
        {
            return Ok(megabytes(total.saturating_sub(available)));
        }
        thread::sleep(ATTEMPT);
    }
    let what = "the guest's memory statistics".to_owned();
    Err(HarnessError::Timeout { what, limit: STATISTICS_LIMIT, console: String::new() })
}

/// Bytes in 10^6 bytes.
#[expect(clippy::cast_precision_loss, reason = "sizes here are far below 2^53 bytes")]
pub(crate) fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / MEGABYTE
}

/// A figure rounded to hundredths, as JSON.
pub(crate) fn rounded(figure: f64) -> Value {
    json!((figure * 100.0).round() / 100.0)
}
