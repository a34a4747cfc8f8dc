//! Sizes and unsafe code.

use std::fs;
use std::path::{Path, PathBuf};

use crate::layers::{Metadata, Package};

/// Longest source file in lines. Aim below 500.
const MAX_FILE_LINES: usize = 600;
/// Most lines of the whole `init` crate: PID 1 must be read in one sitting.
const MAX_INIT_LINES: usize = 1500;
/// The only crate with unsafe code.
const UNSAFE_CRATE: &str = "sys";

/// One sentence for every file that breaks a rule.
pub(crate) fn check(metadata: &Metadata) -> Vec<String> {
    metadata.packages.iter().flat_map(check_package).collect()
}

fn check_package(package: &Package) -> Vec<String> {
    let source = Path::new(&package.manifest_path).with_file_name("src");
    let mut problems = Vec::new();
    let mut total = 0;
    for path in rust_files(&source) {
        let text = fs::read_to_string(&path).unwrap_or_default();
        let shown = path.display();
        let lines = text.lines().count();
        total += lines;
        if lines > MAX_FILE_LINES && path.file_stem().is_none_or(|stem| stem != "tests") {
            problems.push(format!("{shown} has {lines} lines; {MAX_FILE_LINES} are allowed"));
        }
        let is_root = path.parent() == Some(&source)
            && path.file_name().is_some_and(|name| name == "lib.rs" || name == "main.rs");
        if is_root && package.name != UNSAFE_CRATE && !text.contains("#![forbid(unsafe_code)]") {
            problems.push(format!("{shown} does not forbid unsafe code"));
        }
    }
    if package.name == "init" && total > MAX_INIT_LINES {
        problems.push(format!("init has {total} lines; {MAX_INIT_LINES} are allowed"));
    }
    problems
}

fn rust_files(directory: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(directory) else {
        return Vec::new();
    };
    let mut files = Vec::new();
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}
