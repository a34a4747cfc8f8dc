//! Asks cargo, the compiler and Debian's package list what the appliance is made of.

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use boot::tool::{debian_version, run};
use boot::{grub, kernel};
use model::product;

use super::crates::{Crates, FORMAT, Key, checksums};
use super::{Component, Components, Kind, musl};
use crate::error::at;
use crate::programs::TARGET;
use crate::{ImageError, checksum};

/// The programs of the appliance.
const PROGRAMS: [&str; 2] = ["init", "connector"];
/// The crate that takes the public root certificate authorities from Debian's package.
const USER_OF_ROOTS: &str = "outbound";
const ROOTS: &str = "ca-certificates";
const STANDARD_LIBRARY: &str = "rust-std";
const MUSL: &str = "musl";

impl Components {
    /// The components of the appliance that is built from this workspace, with the tools of this machine.
    ///
    /// # Errors
    ///
    /// [`ImageError`] when cargo, the compiler or a Debian package is missing, or says something that is not understood.
    pub fn collect(workspace: &Path) -> Result<Self, ImageError> {
        let mut components = crates(workspace)?;
        for component in &mut components {
            if component.kind == Kind::Program {
                component.parts.insert(STANDARD_LIBRARY.to_owned());
            }
            if component.name == USER_OF_ROOTS && component.purl.is_none() {
                component.parts.insert(ROOTS.to_owned());
            }
        }
        components.extend(of_compiler(workspace)?);
        components.extend(of_debian()?);
        Ok(Self::of(components))
    }
}

fn program(variable: &str, name: &str) -> Command {
    Command::new(env::var_os(variable).unwrap_or_else(|| name.into()))
}

fn crates(workspace: &Path) -> Result<Vec<Component>, ImageError> {
    let mut crates = Crates::default();
    let mut programs = Vec::new();
    for name in PROGRAMS {
        let mut tree = program("CARGO", "cargo");
        tree.args(["tree", "--locked", "--package", name, "--target", TARGET]);
        tree.args(["--edges", "normal", "--prefix", "depth", "--color", "never"]);
        let text = run(tree.args(["--format", FORMAT]).current_dir(workspace))?;
        let added = crates.add(&text);
        programs.push(added.ok_or(ImageError::Components { what: "the output of cargo tree" })?);
    }
    let path = workspace.join("Cargo.lock");
    let sums = checksums(&fs::read_to_string(&path).map_err(at("read", &path))?);
    let linked = crates.linked(&programs);
    Ok(components(crates, &sums, &programs, &linked))
}

fn components(
    crates: Crates,
    sums: &BTreeMap<Key, String>,
    programs: &[Key],
    linked: &BTreeSet<Key>,
) -> Vec<Component> {
    let component = |(key, found): (Key, super::crates::Crate)| {
        let sum = sums.get(&key).cloned();
        let is_program = programs.contains(&key);
        Component {
            id: id(&key),
            kind: if is_program { Kind::Program } else { Kind::Library },
            licence: found.licence,
            // A name of ours may be that of somebody else's crate in the registry.
            supplier: sum.is_none().then_some(product::VENDOR),
            purl: sum.is_some().then(|| format!("pkg:cargo/{}@{}", key.0, encoded(&key.1))),
            cpe: None,
            sha256: sum,
            note: None,
            is_of_compiler: !linked.contains(&key),
            parts: found.parts.iter().map(id).collect(),
            name: key.0,
            version: key.1,
        }
    };
    crates.0.into_iter().map(component).collect()
}

fn id((name, version): &Key) -> String {
    // The registry takes no two names that differ in this alone.
    format!("crate-{name}-{version}").replace(['_', '+'], "-")
}

/// A version in a package URL: of what versions have in them, `+` alone would mean something else.
fn encoded(version: &str) -> String {
    version.replace('+', "%2B")
}

/// What the compiler adds to every program.
fn of_compiler(workspace: &Path) -> Result<[Component; 2], ImageError> {
    let ask = |arguments: &[&str]| {
        let mut rustc = program("RUSTC", "rustc");
        run(rustc.args(arguments).current_dir(workspace))
    };
    let said = ask(&["--version", "--verbose"])?;
    let version = said.lines().find_map(|line| line.strip_prefix("release: "));
    let version = version.ok_or(ImageError::Components { what: "the version of the compiler" })?;
    let directory = PathBuf::from(ask(&["--print", "sysroot"])?.trim_end());
    let library = directory.join("lib/rustlib").join(TARGET).join("lib/self-contained/libc.a");
    let archive = fs::read(&library).map_err(at("read", &library))?;
    let musl = musl::version(&archive);
    let musl = musl.ok_or(ImageError::Components { what: "the version of musl" })?;
    let standard = Component {
        kind: Kind::Library,
        licence: "MIT OR Apache-2.0".to_owned(),
        purl: Some(format!("pkg:generic/{STANDARD_LIBRARY}@{version}")),
        cpe: Some(format!("cpe:2.3:a:rust-lang:rust:{version}:*:*:*:*:*:*:*")),
        note: Some("Rust's standard library, with the crates that it is compiled from"),
        parts: BTreeSet::from([MUSL.to_owned()]),
        ..other(STANDARD_LIBRARY, version)
    };
    let musl = Component {
        kind: Kind::Library,
        licence: "MIT".to_owned(),
        purl: Some(format!("pkg:generic/{MUSL}@{musl}")),
        cpe: Some(format!("cpe:2.3:a:musl-libc:musl:{musl}:*:*:*:*:*:*:*")),
        note: Some("The C library that comes with the compiler, linked into every program"),
        ..other(MUSL, &musl)
    };
    Ok([standard, musl])
}

fn of_debian() -> Result<Vec<Component>, ImageError> {
    let version = debian_version(kernel::SOURCE_PACKAGE)?;
    // The version of Linux, without Debian's revision.
    let upstream = version.rsplit_once('-').map_or(version.as_str(), |(upstream, _)| upstream);
    let archive = Path::new(kernel::SOURCE_ARCHIVE);
    let linux = Component {
        id: "linux".to_owned(),
        kind: Kind::System,
        licence: "GPL-2.0-only WITH Linux-syscall-note".to_owned(),
        cpe: Some(format!("cpe:2.3:o:linux:linux_kernel:{upstream}:*:*:*:*:*:*:*")),
        sha256: Some(checksum::of_file(archive).map_err(at("read", archive))?),
        note: Some("Compiled from Debian's source with a configuration of our own"),
        ..debian(kernel::SOURCE_PACKAGE, &version, "all")
    };
    let mut components = vec![linux];
    for package in grub::PACKAGES {
        components.push(Component {
            kind: Kind::Program,
            licence: "GPL-3.0-or-later".to_owned(),
            note: Some("Debian's modules, with one octet of the lexer changed"),
            ..debian(package, &debian_version(package)?, "amd64")
        });
    }
    components.push(Component {
        kind: Kind::Data,
        licence: "MPL-2.0".to_owned(),
        note: Some("The public root certificate authorities"),
        ..debian(ROOTS, &debian_version(ROOTS)?, "all")
    });
    Ok(components)
}

/// A package of the Debian release that everything is built on.
fn debian(package: &str, version: &str, architecture: &str) -> Component {
    let encoded = encoded(version);
    Component {
        supplier: Some("Debian"),
        purl: Some(format!(
            "pkg:deb/debian/{package}@{encoded}?arch={architecture}&distro=bookworm"
        )),
        ..other(package, version)
    }
}

fn other(name: &str, version: &str) -> Component {
    Component {
        id: name.to_owned(),
        kind: Kind::Library,
        name: name.to_owned(),
        version: version.to_owned(),
        licence: String::new(),
        supplier: None,
        purl: None,
        cpe: None,
        sha256: None,
        note: None,
        is_of_compiler: false,
        parts: BTreeSet::new(),
    }
}
