//! Programs of other packages, run without a shell.

use std::env;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};

use thiserror::Error;

use crate::BUILD_TIME_SECONDS;

/// Lines of a failed program's output that an error shows.
const SHOWN_LINES: usize = 15;
/// Where Debian keeps programs that are not in the `PATH` of every user.
const SYSTEM_DIRECTORIES: [&str; 2] = ["/usr/sbin", "/sbin"];
/// The only variables that programs inherit. Everything else, `MAKEFLAGS` for one, could change
/// what they make.
const KEPT_VARIABLES: [&str; 6] =
    ["PATH", "HOME", "TMPDIR", "CCACHE_DIR", "CCACHE_MAXSIZE", "XDG_CACHE_HOME"];

const DPKG_QUERY: Tool = Tool { program: "dpkg-query", package: "dpkg" };

/// A program cannot be run.
#[derive(Debug, Error)]
pub enum ToolError {
    /// It is not installed.
    #[error("the program {program} is missing: install the Debian package {package}")]
    Missing {
        /// Name of the program.
        program: &'static str,
        /// Debian package that holds it.
        package: &'static str,
    },
    /// It cannot be started.
    #[error("cannot run {program}")]
    Start {
        /// Path of the program.
        program: String,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// It ran and failed.
    #[error("{program} failed with {status}:\n{output}")]
    Failed {
        /// Path of the program.
        program: String,
        /// How it ended.
        status: ExitStatus,
        /// The last lines of what it said.
        output: String,
    },
}

/// A program and the Debian package that holds it.
#[derive(Clone, Copy, Debug)]
pub struct Tool {
    /// Name of the program.
    pub program: &'static str,
    /// Debian package that holds it.
    pub package: &'static str,
}

impl Tool {
    /// Where the program is.
    ///
    /// # Errors
    ///
    /// [`ToolError::Missing`].
    pub fn path(&self) -> Result<PathBuf, ToolError> {
        let search = env::var_os("PATH").unwrap_or_default();
        env::split_paths(&search)
            .chain(SYSTEM_DIRECTORIES.map(PathBuf::from))
            .map(|directory| directory.join(self.program))
            .find(|path| path.is_file())
            .ok_or(ToolError::Missing { program: self.program, package: self.package })
    }

    /// A command with an environment that is the same everywhere: language, time zone, and the
    /// variables of no caller.
    ///
    /// # Errors
    ///
    /// [`ToolError::Missing`].
    pub fn command(&self) -> Result<Command, ToolError> {
        let mut command = Command::new(self.path()?);
        command.env_clear().env("LC_ALL", "C.UTF-8").env("TZ", "UTC").stdin(Stdio::null());
        for name in KEPT_VARIABLES {
            if let Some(value) = env::var_os(name) {
                command.env(name, value);
            }
        }
        Ok(command)
    }
}

/// A command's `SOURCE_DATE_EPOCH`, which many programs take for the times they write.
pub fn pin_time(command: &mut Command) -> &mut Command {
    command.env("SOURCE_DATE_EPOCH", BUILD_TIME_SECONDS.to_string())
}

/// Runs a command to its end and gives what it wrote to standard output.
///
/// # Errors
///
/// [`ToolError`] when it does not start or does not succeed.
pub fn run(command: &mut Command) -> Result<String, ToolError> {
    let program = program_name(command);
    let output =
        command.output().map_err(|source| ToolError::Start { program: program.clone(), source })?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() {
        return Ok(text);
    }
    let said = format!("{text}{}", String::from_utf8_lossy(&output.stderr));
    Err(ToolError::Failed { program, status: output.status, output: last_lines(&said) })
}

/// The version of an installed Debian package.
///
/// # Errors
///
/// [`ToolError`] when it is not installed.
pub fn debian_version(package: &str) -> Result<String, ToolError> {
    run(DPKG_QUERY.command()?.args(["-W", "-f", "${Version}", package]))
}

/// The path of a command's program, for messages.
#[must_use]
pub fn program_name(command: &Command) -> String {
    Path::new(command.get_program()).as_os_str().to_string_lossy().into_owned()
}

/// The last lines of a program's output, as many as an error shows.
#[must_use]
pub fn last_lines(text: &str) -> String {
    let lines: Vec<_> = text.trim_end().lines().collect();
    lines[lines.len().saturating_sub(SHOWN_LINES)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    const SH: Tool = Tool { program: "sh", package: "dash" };

    #[test]
    fn names_the_package_of_a_missing_program() {
        let tool = Tool { program: "no-such-program", package: "some-package" };
        let error = tool.command().expect_err("missing");
        assert_eq!(
            error.to_string(),
            "the program no-such-program is missing: install the Debian package some-package"
        );
    }

    #[test]
    fn a_failure_shows_the_end_of_the_output() {
        let mut command = SH.command().expect("installed");
        command.args(["-c", "seq 1 100; exit 3"]);
        let message = run(&mut command).expect_err("fails").to_string();
        assert!(message.contains("exit status: 3") && message.ends_with("99\n100"), "{message}");
        assert!(!message.contains("\n50\n"), "{message}");
    }

    #[test]
    fn programs_inherit_no_make_flags_and_run_in_utc() {
        let mut command = SH.command().expect("installed");
        let printed = run(command.args(["-c", "echo $TZ:$MAKEFLAGS:$CARGO_MANIFEST_DIR"]));
        assert_eq!(printed.expect("runs"), "UTC::\n");
    }
}
