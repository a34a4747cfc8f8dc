//! What idle connectors cost a gateway, and how long all of them take to come back after it has gone.
//!
//! `cloud serve` runs as a process of its own, with its database in a file; this process plays the
//! connectors, each registered with the secret of a client and connected through every layer. They ask
//! for nothing, answer whether they are there, and dial again as appliances do.
#![forbid(unsafe_code)]

mod connector;
mod crowd;
mod program;

use std::error::Error;
use std::fs;
use std::io::Write;
use std::process::ExitCode;
use std::time::Duration;

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use serde_json::json;
use tokio::time::sleep;

use crowd::Crowd;
use program::Program;

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// Connectors unless told otherwise.
const DEFAULT_CONNECTORS: usize = 5_000;
/// Made by `make cloud`.
const DEFAULT_PROGRAM: &str = "target/x86_64-unknown-linux-musl/release/cloud";
const FILE: &str = "target/bench/gateway.json";
/// Until the gateway has noted everybody and connectors were asked whether they are there.
const SETTLING: Duration = Duration::from_secs(35);
/// At rest: two times between notes of who is there.
const REST: Duration = Duration::from_secs(60);

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let words: Vec<_> = arguments.iter().map(String::as_str).collect();
    let outcome = match words.as_slice() {
        [] => bench(DEFAULT_CONNECTORS, DEFAULT_PROGRAM),
        [connectors] => connectors
            .parse()
            .map_err(Into::into)
            .and_then(|connectors| bench(connectors, DEFAULT_PROGRAM)),
        [connectors, program] => {
            connectors.parse().map_err(Into::into).and_then(|connectors| bench(connectors, program))
        }
        _ => Err("usage: bench [CONNECTORS [PROGRAM]]".into()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("bench: {error}"));
            ExitCode::FAILURE
        }
    }
}

fn bench(connectors: usize, program: &str) -> Outcome<()> {
    // Each connection is an open file, here and in the program, which inherits the limit.
    let (_, most) = getrlimit(Resource::RLIMIT_NOFILE)?;
    setrlimit(Resource::RLIMIT_NOFILE, most, most)?;
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?
        .block_on(measure(connectors, program))
}

async fn measure(connectors: usize, program: &str) -> Outcome<()> {
    fs::create_dir_all("target/bench")?;
    let directory = tempfile::tempdir_in("target/bench")?;
    let mut program = Program::start(program, directory.path()).await?;
    let empty = program.resident()?;
    say(&format!("{connectors} connectors are registered"));
    let (crowd, registering) = Crowd::register(&program, connectors).await?;
    let after_registrations = program.resident()?;
    say(&format!("they are registered after {registering:.1} s; now they connect"));
    let connecting = crowd.connect(program.address).await?;
    say(&format!("they are connected after {:.1} s", connecting.all));
    sleep(SETTLING).await;
    let (resident, written, busy) =
        (program.resident()?, program.written()?, program.processor_time()?);
    sleep(REST).await;
    let settled = program.resident()?;
    let written = (program.written()? - written) / REST.as_secs_f64();
    let busy = (program.processor_time()? - busy) / REST.as_secs_f64();
    let stayed = crowd.connected();
    say(&format!("{stayed} of {connectors} have stayed"));
    for (why, count) in crowd.ended() {
        say(&format!("{count} ended: {why}"));
    }
    let count = f64::from(u32::try_from(stayed)?);
    let each = |now: f64| (now - empty) / count;
    say(&format!(
        "resident: {empty:.0} KiB empty, {after_registrations:.0} KiB after the registrations, \
         {resident:.0} KiB with all, {settled:.0} KiB a minute later: {:.1} KiB a connector; \
         at rest {written:.1} KiB/s written, {:.2} % of a processor",
        each(settled),
        busy * 100.0
    ));
    program.kill();
    program.restart().await?;
    let back = crowd.connect(program.address).await?;
    let spent = program.processor_time()?;
    say(&format!(
        "killed and started: half are back after {:.1} s, 99 % after {:.1} s, all after {:.1} s; \
         {spent:.1} s of a processor",
        back.half, back.most, back.all
    ));
    let document = json!({
        "connectors": connectors,
        "stayed": stayed,
        "processors": std::thread::available_parallelism().map_or(0, usize::from),
        "load_average_at_the_end": fs::read_to_string("/proc/loadavg")?.trim(),
        "resident_kib": {
            "empty": empty,
            "after_registrations": after_registrations,
            "connected": resident,
            "a_minute_later": settled,
            "each": each(settled),
        },
        "at_rest": { "written_kib_a_second": written, "processor_share": busy },
        "seconds": {
            "to_register": registering,
            "to_connect": connecting.all,
            "until_half_are_back": back.half,
            "until_99_percent_are_back": back.most,
            "until_all_are_back": back.all,
        },
        "processor_seconds_of_coming_back": spent,
    });
    fs::write(FILE, serde_json::to_string_pretty(&document)? + "\n")?;
    Ok(())
}

/// Prints a line.
fn say(line: &str) {
    // Nobody reads any more: then nobody misses it.
    let _ = writeln!(std::io::stdout(), "{line}");
}
