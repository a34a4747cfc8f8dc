//! What the appliance is made of, of this workspace, judged by programs that others wrote: CycloneDX's and SPDX's own
//! validators.
#![forbid(unsafe_code)]
#![expect(clippy::unwrap_used, reason = "a step that fails is a test that fails")]

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use image::components::{Component, Components, cyclonedx, spdx};
use serde_json::Value;
use tempfile::TempDir;

use support::run;

const WORKSPACE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
const JUDGES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/judges/bin");

/// Has the schema of CycloneDX judge a list; then reads it, and says how many components and licences it has.
const JUDGE: &str = "
import json, sys
from cyclonedx.model.bom import Bom
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
text = open(sys.argv[1]).read()
error = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
if error:
    sys.exit(str(error)[:2000])
bom = Bom.from_json(json.loads(text))
bom.validate()
print(len(bom.components), sum(1 for it in bom.components if it.licenses))
";

fn collected() -> Components {
    Components::collect(Path::new(WORKSPACE)).unwrap()
}

fn written(name: &str, text: &str) -> (TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join(name);
    fs::write(&path, text).unwrap();
    (directory, path)
}

fn judged_as_cyclonedx(text: &str) -> Output {
    let (_directory, path) = written("list.cdx.json", text);
    let mut judge = Command::new(format!("{JUDGES}/python"));
    judge.args(["-c", JUDGE]).arg(path).output().expect("make deps installs it")
}

fn judged_as_spdx(text: &str) -> Output {
    let (_directory, path) = written("list.spdx.json", text);
    let mut judge = Command::new(format!("{JUDGES}/pyspdxtools"));
    judge.arg("--infile").arg(path).output().expect("make deps installs it")
}

/// The only component of this name.
fn one<'a>(components: &'a Components, name: &str) -> &'a Component {
    let found: Vec<_> = components.iter().filter(|it| it.name == name).collect();
    let [component] = found.as_slice() else { panic!("{name}: {found:?}") };
    component
}

#[test]
fn the_validator_of_cyclonedx_takes_the_list_and_refuses_a_broken_one() {
    let components = collected();
    let text = cyclonedx::document(&components).unwrap();
    let output = judged_as_cyclonedx(&text);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let count = components.iter().count() - 1;
    assert_eq!(String::from_utf8(output.stdout).unwrap().trim(), format!("{count} {count}"));
    for (right, wrong) in [("\"SHA-256\"", "\"SHA-1024\""), ("\"bom-ref\"", "\"reference\"")] {
        assert!(text.contains(right));
        assert!(!judged_as_cyclonedx(&text.replace(right, wrong)).status.success(), "{wrong}");
    }
}

#[test]
fn the_validator_of_spdx_takes_the_list_and_refuses_a_broken_one() {
    let text = spdx::document(&collected()).unwrap();
    let output = judged_as_spdx(&text);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let wrong = text.replace("GPL-3.0-or-later", "a licence of its own");
    assert!(wrong != text && !judged_as_spdx(&wrong).status.success());
}

#[test]
fn both_lists_are_the_same_each_time_and_others_for_other_components() {
    let (components, again) = (collected(), collected());
    let documents = |components: &Components| {
        [cyclonedx::document(components).unwrap(), spdx::document(components).unwrap()]
    };
    assert_eq!(documents(&components), documents(&again));
    let fewer = Components::of(components.iter().skip(2).cloned().collect());
    let identifier = |text: &str, member: &str| {
        serde_json::from_str::<Value>(text).unwrap()[member].as_str().unwrap().to_owned()
    };
    let [[cyclonedx, spdx], [other_cyclonedx, other_spdx]] = [&components, &fewer].map(documents);
    let serial = "serialNumber";
    assert_ne!(identifier(&cyclonedx, serial), identifier(&other_cyclonedx, serial));
    let namespace = "documentNamespace";
    assert_ne!(identifier(&spdx, namespace), identifier(&other_spdx, namespace));
    assert!(!cyclonedx.contains(WORKSPACE) && !spdx.contains("/appliance/"), "no path is in them");
}

#[test]
fn crates_have_licence_checksum_and_package_url() {
    let components = collected();
    let lock = fs::read_to_string(Path::new(WORKSPACE).join("Cargo.lock")).unwrap();
    let crates = || components.iter().filter(|it| it.id.starts_with("crate-"));
    for component in crates() {
        assert!(!component.licence.is_empty(), "{component:?}");
        // Ours come from nowhere else, so a name of ours must not lead to somebody else's crate.
        let is_ours = component.supplier.is_some();
        assert_eq!(component.purl.is_none(), is_ours, "{component:?}");
        let version = format!("name = \"{}\"\nversion = \"{}\"", component.name, component.version);
        assert!(lock.contains(&version), "{component:?}");
        let sum = component.sha256.as_ref();
        assert!(is_ours || sum.is_some_and(|sum| lock.contains(sum)), "{component:?}");
    }
    let rustls = one(&components, "rustls");
    assert_eq!(rustls.purl, Some(format!("pkg:cargo/rustls@{}", rustls.version)));
    let count = crates().count();
    assert!((100..400).contains(&count), "{count}");
}

#[test]
fn what_is_not_in_the_image_is_not_in_the_list_or_marked() {
    let components = collected();
    let names: Vec<_> = components.iter().map(|it| it.name.as_str()).collect();
    // For tests, for build scripts, for the cloud.
    for name in ["proptest", "tempfile", "cmake", "sqlx", "async-nats"] {
        assert!(!names.contains(&name), "{name}");
    }
    assert!(one(&components, "serde_derive").is_of_compiler);
    assert!(one(&components, "quote").is_of_compiler);
    for name in ["init", "connector", "serde_core", "rustls", "aws-lc-sys"] {
        assert!(!one(&components, name).is_of_compiler, "{name}");
    }
}

#[test]
fn kernel_grub_standard_library_and_authorities_are_those_of_the_build() {
    let components = collected();
    for package in ["linux-source-6.12", "grub-pc-bin", "grub-efi-amd64-bin", "ca-certificates"] {
        let mut dpkg = Command::new("dpkg-query");
        let version = run(dpkg.args(["--show", "--showformat", "${Version}", package]));
        let component = one(&components, package);
        assert_eq!(component.version, version, "{package}");
        let url = format!("pkg:deb/debian/{package}@");
        assert!(component.purl.as_ref().unwrap().starts_with(&url), "{component:?}");
    }
    let linux = one(&components, "linux-source-6.12");
    let archive = run(Command::new("sha256sum").arg("/usr/src/linux-source-6.12.tar.xz"));
    assert!(archive.starts_with(linux.sha256.as_ref().unwrap()));
    assert!(linux.cpe.as_ref().unwrap().starts_with("cpe:2.3:o:linux:linux_kernel:6.12."));
    let rustc = run(Command::new("rustc").arg("--version"));
    let standard = one(&components, "rust-std");
    assert!(rustc.starts_with(&format!("rustc {} ", standard.version)), "{rustc}");
    assert!(standard.parts.contains("musl") && one(&components, "musl").version.starts_with("1."));
    // Everything but the product is a part of something.
    for component in components.iter().skip(1) {
        let is_part = components.iter().any(|it| it.parts.contains(&component.id));
        assert!(is_part, "{component:?}");
    }
}
