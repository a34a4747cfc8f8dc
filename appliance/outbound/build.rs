//! Takes the public root certificate authorities from Debian's package `ca-certificates`.
//!
//! They are read where the package puts them, not from the bundle in `/etc/ssl`, to which an
//! administrator of the build machine may have added others. The same package gives the same bytes.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs};

use base64ct::{Base64, Encoding};

/// Where the package keeps the authorities of Mozilla's programme, one PEM file each.
const DIRECTORY: &str = "/usr/share/ca-certificates/mozilla";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed={DIRECTORY}");
    let entries = fs::read_dir(DIRECTORY)
        .map_err(|error| format!("{DIRECTORY}: {error}; the package ca-certificates has it"))?;
    let mut files =
        entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<PathBuf>, std::io::Error>>()?;
    files.sort();
    let mut roots = Vec::new();
    for file in files {
        let der = read(&file).map_err(|error| format!("{}: {error}", file.display()))?;
        roots.extend(u32::try_from(der.len())?.to_be_bytes());
        roots.extend(der);
    }
    let output = Path::new(&env::var("OUT_DIR")?).join("public_roots");
    fs::write(output, roots)?;
    Ok(())
}

/// The one certificate of a PEM file, DER.
fn read(file: &Path) -> Result<Vec<u8>, Box<dyn Error>> {
    let text = fs::read_to_string(file)?;
    let body: String = text.lines().filter(|line| !line.starts_with("-----")).collect();
    Base64::decode_vec(&body).map_err(|error| error.to_string().into())
}
