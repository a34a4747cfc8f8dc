//! The control plane. `cloud serve` needs no set-up: what it does not find in its directory it makes.
//!
//! Wiring only: [`registry`] knows, [`site`] answers HTTP, [`gateway`] holds the connections of the
//! appliances.

#![forbid(unsafe_code)]

mod appliances;
mod arguments;
mod backup;
mod certificate;
mod channel;
mod directory;
mod error;
mod leaving;
mod notify;
mod serve;
mod set_up;

use std::error::Error as _;
use std::io::Write as _;
use std::process::ExitCode;

use arguments::{Arguments, Verb};
use error::CloudError;
use mimalloc::MiMalloc;

/// That of musl returns each larger buffer to the kernel at once and gets it back page by page: two fifths of
/// what the tunnel needed were that (ADR 13).
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    let arguments = match Arguments::parse(std::env::args_os().skip(1)) {
        Ok(arguments) => arguments,
        Err(message) => {
            complain(&format!("{message}\n\n{}", arguments::USAGE));
            return ExitCode::from(2);
        }
    };
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let mut text = error.to_string();
            let mut source = error.source();
            while let Some(cause) = source {
                text = format!("{text}: {cause}");
                source = cause.source();
            }
            complain(&text);
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), CloudError> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|source| CloudError::Io { what: "start".to_owned(), source })?;
    match &arguments.verb {
        Verb::Serve(options) => {
            tracing_subscriber::fmt().with_writer(std::io::stderr).with_ansi(false).init();
            runtime.block_on(serve::serve(options))
        }
        Verb::SetUp(options) => print(&runtime.block_on(set_up::set_up(options))?),
        Verb::Backup(options) => print(&runtime.block_on(backup::backup(options))?),
        Verb::Restore(options) => print(&runtime.block_on(backup::restore(options))?),
    }
}

fn print(text: &str) -> Result<(), CloudError> {
    let written = std::io::stdout().write_all(text.as_bytes());
    written.map_err(|source| CloudError::Io { what: "say what was done".to_owned(), source })
}

fn complain(text: &str) {
    let _ = writeln!(std::io::stderr(), "cloud: {text}");
}
