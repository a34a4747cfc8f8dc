//! What is published beside the formats: the description for programs, the checksums and their signature, judged by
//! `sha256sum`, `qemu-img` and `ssh-keygen`.
#![forbid(unsafe_code)]
#![expect(clippy::unwrap_used, reason = "a step that fails is a test that fails")]

#[path = "support/release.rs"]
mod release;
mod support;

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Output};

use boot::keys::SlotKey;
use model::product;
use serde_json::Value;

use release::published;
use support::run;

const NAMESPACE: &str = "connector-appliance-release";

fn names(release: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(release).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

fn sum(file: &Path) -> String {
    let said = run(Command::new("sha256sum").arg(file));
    said.split(' ').next().unwrap().to_owned()
}

fn check(release: &Path) -> Output {
    let mut sums = Command::new("sha256sum");
    sums.args(["--check", "--strict", "SHA256SUMS"]).current_dir(release).output().unwrap()
}

/// Has OpenSSH check the signature, as the documentation says.
fn verify(release: &Path, namespace: &str) -> Output {
    let mut verify = Command::new("ssh-keygen");
    verify.args(["-Y", "verify", "-f", "allowed_signers", "-I", "connector-appliance"]);
    verify.args(["-n", namespace, "-s", "SHA256SUMS.sig"]).current_dir(release);
    verify.stdin(File::open(release.join("SHA256SUMS")).unwrap()).output().unwrap()
}

#[test]
fn two_releases_of_a_disk_are_equal() {
    let ((_one, first), (_other, second)) = (published(), published());
    assert_eq!(names(&first), names(&second));
    for name in names(&first) {
        let [one, same] = [&first, &second].map(|it| fs::read(it.join(&name)).unwrap());
        assert!(one == same, "{name}");
    }
}

#[test]
fn the_manifest_describes_every_file_and_the_disk_in_it() {
    let (directory, release) = published();
    let manifest = fs::read(release.join("manifest.json")).unwrap();
    let manifest: Value = serde_json::from_slice(&manifest).unwrap();
    assert_eq!(manifest["version"], product::VERSION);
    let raw = directory.path().join("disk.raw");
    let (bytes, sha256) = (fs::metadata(&raw).unwrap().len(), sum(&raw));
    let mut described = BTreeSet::new();
    let of = |member: &str| manifest[member].as_array().unwrap().clone();
    for file in of("artefacts").iter().chain(&of("documents")) {
        let name = file["file"].as_str().unwrap();
        assert_eq!(file["bytes"], fs::metadata(release.join(name)).unwrap().len(), "{name}");
        assert_eq!(file["sha256"], sum(&release.join(name)), "{name}");
        described.insert(name.to_owned());
    }
    for artefact in of("artefacts") {
        let has_disk = artefact["format"] != "libvirt-domain";
        assert_eq!(artefact["disk"]["bytes"] == bytes, has_disk, "{artefact}");
        assert_eq!(artefact["disk"]["sha256"] == sha256.as_str(), has_disk, "{artefact}");
        assert!(artefact["platform"].is_string(), "{artefact}");
    }
    for name in ["manifest.json", "SHA256SUMS", "SHA256SUMS.sig", "allowed_signers"] {
        described.insert(name.to_owned());
    }
    assert_eq!(described, names(&release));
}

#[test]
fn sha256sum_checks_every_file_but_the_signature() {
    let (_directory, release) = published();
    let output = check(&release);
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{said}");
    let checked: BTreeSet<_> = said.lines().filter_map(|it| it.strip_suffix(": OK")).collect();
    let all = names(&release);
    let rest: Vec<_> = all.iter().filter(|name| !checked.contains(name.as_str())).collect();
    assert_eq!(rest, ["SHA256SUMS", "SHA256SUMS.sig", "allowed_signers"]);
}

#[test]
fn sha256sum_notices_a_file_that_is_altered_or_cut_off() {
    let (_directory, release) = published();
    let ova = release.join("connector-appliance.ova");
    let whole = fs::read(&ova).unwrap();
    let mut altered = whole.clone();
    altered[whole.len() / 2] ^= 1;
    for broken in [&altered[..], &whole[..whole.len() - 1], b""] {
        fs::write(&ova, broken).unwrap();
        let output = check(&release);
        assert!(!output.status.success());
        let said = String::from_utf8(output.stdout).unwrap();
        assert!(said.contains("connector-appliance.ova: FAILED"), "{said}");
    }
    fs::write(&ova, whole).unwrap();
    assert!(check(&release).status.success());
}

#[test]
fn ssh_keygen_accepts_the_signature_of_the_checksums() {
    let (_directory, release) = published();
    let output = verify(&release, NAMESPACE);
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    // An administrator compares it with what is published elsewhere.
    let fingerprint = SlotKey::from_seed(&[7; 32]).ssh_fingerprint();
    assert!(said.contains(&fingerprint), "{said}");
}

#[test]
fn ssh_keygen_refuses_altered_checksums_and_other_signatures() {
    let (_directory, release) = published();
    assert!(!verify(&release, "file").status.success(), "it holds for releases alone");
    let (sums, signature) = (release.join("SHA256SUMS"), release.join("SHA256SUMS.sig"));
    let right = fs::read_to_string(&sums).unwrap();
    let digit = if right.starts_with('0') { "1" } else { "0" };
    let shorter = right.split_once('\n').unwrap().1;
    for wrong in [&format!("{digit}{}", &right[1..]), shorter, ""] {
        fs::write(&sums, wrong).unwrap();
        assert!(!verify(&release, NAMESPACE).status.success());
    }
    fs::write(&sums, &right).unwrap();
    let other = SlotKey::from_seed(&[8; 32]).ssh_signature(NAMESPACE, right.as_bytes());
    fs::write(&signature, other).unwrap();
    assert!(!verify(&release, NAMESPACE).status.success(), "another key is not allowed");
    let same = SlotKey::from_seed(&[7; 32]).ssh_signature(NAMESPACE, right.as_bytes());
    fs::write(&signature, same).unwrap();
    assert!(verify(&release, NAMESPACE).status.success());
}
