//! Why there is no kernel.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

use super::config::Mismatch;
use super::hardening::Finding;
use crate::tool::ToolError;

/// The kernel cannot be built.
#[derive(Debug, Error)]
pub enum KernelError {
    /// Debian's source is not installed.
    #[error("the kernel's source {} is missing: install the Debian package {package}", path.display())]
    NoSource {
        /// Where it should be.
        path: PathBuf,
        /// Debian package that holds it.
        package: &'static str,
    },
    /// Options of the fragment did not survive.
    #[error("Kconfig did not take these options of the kernel fragment:{}", list(.0))]
    Options(Vec<Mismatch>),
    /// The kernel, the hardening rules and their reasons do not fit together.
    #[error("the kernel's hardening rules are not all followed or explained:{}", lines(.0))]
    Hardening(Vec<Finding>),
    /// A program is missing or failed.
    #[error(transparent)]
    Tool(#[from] ToolError),
    /// The compilation failed.
    #[error("the kernel does not compile; the whole output is in {}:\n{end}", log.display())]
    Compile {
        /// File with everything that was printed.
        log: PathBuf,
        /// The last lines of it.
        end: String,
    },
    /// A file cannot be read or written.
    #[error("cannot {action} {}", path.display())]
    File {
        /// What was tried.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// Why it failed.
        #[source]
        source: io::Error,
    },
}

fn list(options: &[Mismatch]) -> String {
    let lines = options.iter().map(|Mismatch { option, wanted, found }| {
        format!("\n  {option}: wanted {wanted}, found {found}")
    });
    lines.collect()
}

fn lines(findings: &[Finding]) -> String {
    findings.iter().map(|finding| format!("\n  {finding}")).collect()
}
