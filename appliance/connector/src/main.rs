//! The multi-call binary of the appliance: `connector <role>` runs one role until it ends or is
//! told to stop. Wiring only; each role is a crate of its own.
#![forbid(unsafe_code)]

use std::convert::Infallible;
use std::error::Error;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::process::ExitCode;
use std::sync::Arc;

use capture::CaptureConfig;
use channel::ChannelConfig;
use clock::{ClockConfig, KernelClock};
use console::ConsoleConfig;
use diagnostics::DiagnosticsConfig;
use directory::DirectoryConfig;
use guest::GuestConfig;
use journal::JournalConfig;
use model::error::chain;
use model::journal::fields;
use model::role::Role;
use network::NetworkConfig;
use settings::SettingsConfig;
use tracing::error;
use tracing_subscriber::field::MakeExt;
use tracing_subscriber::fmt::format::debug_fn;
use web::WebConfig;

/// Exit status for a wrong command line: `EX_USAGE` of `sysexits.h`.
const EXIT_USAGE: u8 = 64;

fn main() -> ExitCode {
    start_log();
    let name = std::env::args().nth(1).unwrap_or_default();
    let Some(role) = Role::from_name(&name) else {
        let names = Role::ALL.map(Role::name).join(", ");
        error!("Give the name of a role: {names}");
        return ExitCode::from(EXIT_USAGE);
    };
    // Before the runtime, which has descriptors and may have threads.
    let result = cage::enter(role).map_err(Into::into).and_then(|()| run(role));
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            error!(error = chain(&*error), role = role.name(), "A role ends");
            ExitCode::FAILURE
        }
    }
}

/// Runs a role on a runtime of one thread: an idle role then costs about 100 KiB.
fn run(role: Role) -> Result<(), Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let ended: Result<Infallible, Box<dyn Error>> = match role {
            Role::Settings => settings::run(SettingsConfig::appliance()).await.map_err(Into::into),
            Role::Network => network::run(NetworkConfig::appliance()).await.map_err(Into::into),
            Role::Console => console::run(ConsoleConfig::appliance()).await.map_err(Into::into),
            Role::Time => clock::run(ClockConfig::appliance(), Arc::new(KernelClock))
                .await
                .map_err(Into::into),
            Role::Capture => {
                capture::run(CaptureConfig::appliance(), input()?).await.map_err(Into::into)
            }
            Role::Diagnostics => {
                diagnostics::run(DiagnosticsConfig::appliance()).await.map_err(Into::into)
            }
            Role::Directory => {
                directory::run(DirectoryConfig::appliance()).await.map_err(Into::into)
            }
            Role::Guest => guest::run(GuestConfig::appliance(), input()?).await.map_err(Into::into),
            Role::Channel => channel::run(ChannelConfig::appliance()).await.map_err(Into::into),
            Role::Journal => {
                let journal = journal::run(JournalConfig::appliance(), input()?);
                return journal.await.map_err(Into::into);
            }
            Role::Web => return web::run(WebConfig::appliance()).await.map_err(Into::into),
        };
        ended.map(|never| match never {})
    })
}

/// What PID 1 has opened for this role: its standard input.
fn input() -> io::Result<OwnedFd> {
    io::stdin().as_fd().try_clone_to_owned()
}

/// Log lines go to standard error, which PID 1 forwards to the kernel's log; that adds the time and the role.
/// Fields stand so that the journal can tell them from the message.
fn start_log() {
    let format = debug_fn(|writer, field, value| {
        let text = format!("{value:?}");
        match field.name() {
            "message" => write!(writer, "{text}"),
            name => write!(writer, "{}", fields::recorded(name, &text)),
        }
    });
    tracing_subscriber::fmt()
        .with_writer(io::stderr)
        .with_ansi(false)
        .without_time()
        .with_target(false)
        .with_max_level(tracing::Level::INFO)
        .fmt_fields(format.delimited(" "))
        .init();
}
