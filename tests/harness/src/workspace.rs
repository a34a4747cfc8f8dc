//! Where things lie in the source tree.

use std::path::{Path, PathBuf};

/// The root of the source tree.
#[must_use]
pub fn root() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    root.canonicalize().unwrap_or(root)
}

/// The disk image that `make image` builds.
#[must_use]
pub fn image() -> PathBuf {
    root().join("target/image/connector-appliance.raw")
}

/// Where screenshots go.
#[must_use]
pub fn screenshots() -> PathBuf {
    root().join("target/screenshots")
}

/// The program of the control plane, as Cargo compiles it for tests.
#[must_use]
pub fn cloud() -> PathBuf {
    root().join("target/debug/cloud")
}
