//! Configuring and compiling an unpacked tree.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::config::{FRAGMENT, mismatches};
use super::hardening::{self, Score};
use super::{GCC, KernelError, VERSION, at};
use crate::Progress;
use crate::tool::{self, Tool, ToolError};

/// The archive that is linked into the kernel: stage 1, and the console for its messages.
pub(super) const INITRAMFS_LIST: &str = "\
dir /dev 0755 0 0
nod /dev/console 0600 0 0 c 5 1
file /init stage1 0755 0 0
";

/// What linking makes from a stage 1. Everything after these is made anew because they are newer;
/// the objects stay.
pub(super) const LINK_OUTPUTS: [&str; 8] = [
    "usr/initramfs_data.cpio",
    "usr/initramfs_inc_data",
    "usr/initramfs_data.o",
    "usr/built-in.a",
    "built-in.a",
    "vmlinux.a",
    "vmlinux.o",
    "vmlinux",
];

/// Objects that a build compiles, measured; only for the percentage that progress shows.
const USUAL_OBJECTS: usize = 2090;
/// How often the compilation says how far it is.
const REPORT_INTERVAL: Duration = Duration::from_secs(15);
/// Compilers under their own names that ask ccache first, where Debian's ccache is installed.
const CCACHE_COMPILERS: &str = "/usr/lib/ccache";

const MAKE: Tool = Tool { program: "make", package: "make" };
const TOOLS: [Tool; 7] = [
    MAKE,
    GCC,
    Tool { program: "bc", package: "bc" },
    Tool { program: "bison", package: "bison" },
    Tool { program: "flex", package: "flex" },
    Tool { program: "xz", package: "xz-utils" },
    Tool { program: "zstd", package: "zstd" },
];

/// Checks that all programs are there before minutes are spent.
pub(super) fn require_tools() -> Result<(), KernelError> {
    for tool in TOOLS {
        tool.path()?;
    }
    if !Path::new("/usr/include/gelf.h").exists() {
        return Err(ToolError::Missing { program: "gelf.h", package: "libelf-dev" }.into());
    }
    let plugins = tool::run(GCC.command()?.arg("-print-file-name=plugin"))?;
    if !Path::new(plugins.trim()).join("include/plugin-version.h").exists() {
        let package = "gcc-12-plugin-dev";
        return Err(ToolError::Missing { program: "plugin-version.h", package }.into());
    }
    Ok(())
}

/// Writes the configuration, unless an earlier build has, and checks every option and rule.
pub(super) fn configure(tree: &Path, progress: Progress<'_>) -> Result<(), KernelError> {
    let configuration = tree.join(".config");
    if !configuration.exists() {
        let fragment = tree.join("appliance.config");
        fs::write(&fragment, FRAGMENT).map_err(at("write", &fragment))?;
        let mut command = make(tree)?;
        tool::run(command.env("KCONFIG_ALLCONFIG", &fragment).arg("allnoconfig"))?;
    }
    let text = fs::read_to_string(&configuration).map_err(at("read", &configuration))?;
    let dropped = mismatches(FRAGMENT, &text);
    if !dropped.is_empty() {
        return Err(KernelError::Options(dropped));
    }
    let Score { rules, followed } =
        hardening::judge(VERSION, &text).map_err(KernelError::Hardening)?;
    let reasons = rules - followed;
    progress(&format!(
        "kernel: {followed} of {rules} hardening rules followed, a reason for the other {reasons}"
    ));
    Ok(())
}

/// Compiles and links; gives the path of the `bzImage`.
pub(super) fn compile(
    tree: &Path,
    log: &Path,
    progress: Progress<'_>,
) -> Result<PathBuf, KernelError> {
    let jobs = thread::available_parallelism().map_or(1, usize::from);
    let ccache = if Path::new(CCACHE_COMPILERS).exists() { "ccache" } else { "no ccache" };
    progress(&format!("kernel: compiling with {jobs} jobs and {ccache}"));
    let mut output = File::create(log).map_err(at("create", log))?;
    let errors = output.try_clone().map_err(at("create", log))?;
    let mut command = make(tree)?;
    command.arg(format!("-j{jobs}")).arg("bzImage").stdout(Stdio::piped()).stderr(errors);
    let program = tool::program_name(&command);
    let start = |source| ToolError::Start { program: program.clone(), source };
    let mut child = command.spawn().map_err(start)?;
    let mut report = Report::new();
    if let Some(lines) = child.stdout.take() {
        for line in BufReader::new(lines).lines() {
            let line = line.map_err(start)?;
            writeln!(output, "{line}").map_err(at("write", log))?;
            report.line(&line, progress);
        }
    }
    let status = child.wait().map_err(start)?;
    if !status.success() {
        return Err(KernelError::Compile { log: log.to_owned(), end: end_of(log) });
    }
    let (objects, seconds) = (report.objects, report.started.elapsed().as_secs());
    progress(&format!("kernel: {objects} objects and the link took {seconds} s"));
    Ok(tree.join("arch/x86/boot/bzImage"))
}

fn end_of(log: &Path) -> String {
    fs::read(log)
        .map(|bytes| tool::last_lines(&String::from_utf8_lossy(&bytes)))
        .unwrap_or_default()
}

/// `make` in a tree, with what would otherwise differ from build to build pinned.
fn make(tree: &Path) -> Result<Command, ToolError> {
    let mut command = MAKE.command()?;
    command
        .arg("-C")
        .arg(tree)
        .arg("ARCH=x86_64")
        .env("KBUILD_BUILD_TIMESTAMP", "2024-01-01 00:00:00 UTC")
        .env("KBUILD_BUILD_VERSION", "1")
        .env("KBUILD_BUILD_USER", "build")
        .env("KBUILD_BUILD_HOST", "build")
        // Objects do not depend on where the tree is: Kbuild names its files relatively.
        .env("CCACHE_NOHASHDIR", "1");
    if Path::new(CCACHE_COMPILERS).exists() {
        let path = std::env::var("PATH").unwrap_or_default();
        command.env("PATH", format!("{CCACHE_COMPILERS}:{path}"));
    }
    Ok(command)
}

/// Counts compiled objects and says so from time to time.
struct Report {
    objects: usize,
    started: Instant,
    last: Instant,
}

impl Report {
    fn new() -> Self {
        let now = Instant::now();
        Self { objects: 0, started: now, last: now }
    }

    fn line(&mut self, line: &str, progress: Progress<'_>) {
        let mut words = line.split_whitespace();
        match (words.next(), words.next()) {
            (Some("CC" | "AS"), Some(_)) => self.objects += 1,
            (Some("LD"), Some("vmlinux")) => progress("kernel: linking"),
            _ => {}
        }
        if self.last.elapsed() >= REPORT_INTERVAL {
            self.last = Instant::now();
            let percent = (self.objects * 100 / USUAL_OBJECTS).min(99);
            let seconds = self.started.elapsed().as_secs();
            let objects = self.objects;
            progress(&format!("kernel: {objects} objects, about {percent} %, after {seconds} s"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_counts_compiled_objects_only() {
        let mut report = Report::new();
        for line in ["  CC      init/main.o", "  AS      a.o", "  HOSTCC  scripts/x", "make: x"] {
            report.line(line, &|_| {});
        }
        assert_eq!(report.objects, 2);
    }
}
