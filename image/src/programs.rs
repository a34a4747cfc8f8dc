//! Compiling the two programs of the appliance, static and small.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use boot::keys::{PUBLIC_KEY_VARIABLE, SlotKey};

use crate::ImageError;
use crate::error::at;

/// What the programs are compiled for.
pub(crate) const TARGET: &str = "x86_64-unknown-linux-musl";

/// Compiles `init`, which gets the key that it accepts root slots with. Gives its path.
///
/// # Errors
///
/// [`ImageError::Compile`]; the compiler's messages go to standard error.
pub fn init(workspace: &Path, key: &SlotKey) -> Result<PathBuf, ImageError> {
    compile(workspace, "init", &[(PUBLIC_KEY_VARIABLE, key.public_hex())])
}

/// Compiles `connector`. Gives its path.
///
/// # Errors
///
/// As for [`init`].
pub fn connector(workspace: &Path) -> Result<PathBuf, ImageError> {
    compile(workspace, "connector", &[])
}

/// Each program is compiled on its own: compiled together, their dependencies would get the features
/// that only the other one needs.
fn compile(
    workspace: &Path,
    program: &'static str,
    variables: &[(&str, String)],
) -> Result<PathBuf, ImageError> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(&cargo);
    command.args(["build", "--release", "--target", TARGET, "-p", program]);
    command.current_dir(workspace).envs(variables.iter().map(|(name, value)| (name, value)));
    let status = command.status().map_err(at("run", Path::new(&cargo)))?;
    if !status.success() {
        return Err(ImageError::Compile { program, status });
    }
    let path = target_directory(workspace).join(TARGET).join("release").join(program);
    let bytes = fs::read(&path).map_err(at("read", &path))?;
    if needs_interpreter(&bytes) { Err(ImageError::NotStatic { path }) } else { Ok(path) }
}

/// Whether a 64-bit ELF program needs a dynamic linker, which the root does not have (System V ABI,
/// chapter 5: a program header of type `PT_INTERP`).
fn needs_interpreter(elf: &[u8]) -> bool {
    const PT_INTERP: u64 = 3;
    const HEADER_TABLE: usize = 32;
    const HEADER_SIZE: usize = 54;
    const HEADER_COUNT: usize = 56;
    let number = |offset: usize, length: usize| {
        let bytes = elf.get(offset..)?.get(..length)?;
        Some(bytes.iter().rev().fold(0, |value: u64, byte| value << 8 | u64::from(*byte)))
    };
    let header = |index: u64| {
        let size = number(HEADER_SIZE, 2)?;
        let offset = number(HEADER_TABLE, 8)?.checked_add(size * index)?;
        number(usize::try_from(offset).ok()?, 4)
    };
    let count = number(HEADER_COUNT, 2).unwrap_or(0);
    (0..count).any(|index| header(index) == Some(PT_INTERP))
}

/// Where cargo puts what it builds.
#[must_use]
pub fn target_directory(workspace: &Path) -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| workspace.join("target"), PathBuf::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_test_needs_an_interpreter_and_garbage_does_not() {
        let own = fs::read(env::current_exe().expect("path")).expect("read");
        assert!(needs_interpreter(&own));
        assert!(!needs_interpreter(b""));
        assert!(!needs_interpreter(&[0xff; 100]));
    }
}
