//! Forests that have been made, kept in the build directory: making one takes many seconds, a copy
//! a fraction of one.
//!
//! A snapshot's name ends with a hash of everything that decides what is in it. It is made under a
//! lock in a directory that takes its name when it is complete; older ones of the same recipe go.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use sha2::{Digest, Sha256};

use crate::error::ForestError;
use crate::forest::Forest;
use crate::making;
use crate::recipe::Recipe;

/// Sources that decide what a snapshot holds.
const SOURCES: [&str; 4] = [
    include_str!("making.rs"),
    include_str!("role.rs"),
    include_str!("fixtures.rs"),
    include_str!("host.sh"),
];

/// Copies the controllers of a recipe into the hosts of a forest, and makes them first if need be.
pub(crate) fn restore(recipe: Recipe, forest: &Forest) -> Result<(), ForestError> {
    let directory = directory();
    fs::create_dir_all(&directory)
        .map_err(ForestError::io(format!("create {}", directory.display())))?;
    let version = Command::new("samba").arg("--version").output();
    let version = version.map_err(ForestError::io("run samba"))?.stdout;
    let snapshot = directory.join(format!("{recipe}-{}", hash(&version)));
    let path = directory.join(format!("{recipe}.lock"));
    let lock =
        File::create(&path).map_err(ForestError::io(format!("create {}", path.display())))?;
    let locked = || ForestError::io(format!("lock {}", path.display()));
    lock.lock_shared().map_err(locked())?;
    if !snapshot.is_dir() {
        lock.unlock().map_err(locked())?;
        lock.lock().map_err(locked())?;
        if !snapshot.is_dir() {
            make(recipe, &directory, &snapshot)?;
        }
    }
    let present = forest.controllers().iter().filter(|controller| {
        // A forest that goes on with this recipe has more.
        recipe.roles().contains(controller.role())
    });
    for controller in present {
        controller.restore(&snapshot.join(controller.role().name))?;
    }
    Ok(())
}

fn make(recipe: Recipe, directory: &Path, snapshot: &Path) -> Result<(), ForestError> {
    let forest = Forest::assemble(recipe)?;
    for base in recipe.bases() {
        restore(*base, &forest)?;
    }
    making::make(recipe, &forest)?;
    let prefix = format!("{recipe}-");
    for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let suffix = name.to_str().and_then(|name| name.strip_prefix(&prefix));
        if suffix.is_some_and(|suffix| !suffix.contains('-')) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
    let unfinished = directory.join(format!("{prefix}unfinished"));
    for controller in forest.controllers() {
        controller.save(&unfinished.join(controller.role().name))?;
    }
    fs::rename(&unfinished, snapshot)
        .map_err(ForestError::io(format!("rename {}", unfinished.display())))
}

fn hash(version: &[u8]) -> String {
    let mut hash = Sha256::new();
    hash.update(version);
    SOURCES.iter().for_each(|source| hash.update(source));
    hash.finalize().iter().take(8).map(|octet| format!("{octet:02x}")).collect()
}

fn directory() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    root.canonicalize().unwrap_or(root).join("target/forests")
}
