//! Checks the rules of the house that the compiler does not know. `make check` runs it.
//!
//! - A crate depends only on crates of lower layers; the layers stand in
//!   `[workspace.metadata.layers]` of the root manifest.
//! - Every crate forbids unsafe code, except `sys`.
//! - No source file is longer than 600 lines, tests excepted; `init` is at most 1,500 lines as a whole.
#![forbid(unsafe_code)]

mod layers;
mod sources;

use std::env;
use std::process::{Command, ExitCode};

use layers::Metadata;

fn main() -> ExitCode {
    let outcome = cargo_metadata().map(|metadata| {
        let mut problems = layers::check(&metadata);
        problems.extend(sources::check(&metadata));
        (metadata.packages.len(), problems)
    });
    match outcome {
        Ok((count, problems)) if problems.is_empty() => {
            report(&format!("structure: {count} crates keep the rules"));
            ExitCode::SUCCESS
        }
        Ok((_, problems)) => {
            report(&problems.join("\n"));
            ExitCode::FAILURE
        }
        Err(error) => {
            report(&format!("structure: {error}"));
            ExitCode::FAILURE
        }
    }
}

fn cargo_metadata() -> Result<Metadata, String> {
    let cargo = env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let output = Command::new(cargo)
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .output()
        .map_err(|error| format!("run cargo metadata: {error}"))?;
    serde_json::from_slice(&output.stdout).map_err(|error| format!("read cargo metadata: {error}"))
}

#[expect(clippy::print_stdout, reason = "the report is this program's purpose")]
fn report(text: &str) {
    println!("{text}");
}
