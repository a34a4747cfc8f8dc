//! The archives, read back by `unzip` and by Python's `zipfile`: what is inside is what is published.
#![forbid(unsafe_code)]
#![expect(clippy::unwrap_used, reason = "a step that fails is a test that fails")]

#[path = "support/release.rs"]
mod release;
mod support;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use image::format::zip::{Member, Method, Zip};
use tempfile::TempDir;

use release::published;
use support::run;

const MIB: u64 = 1 << 20;
const SCRIPTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/scripts");
/// Each archive, the published file in it, and how many files it has.
const ARCHIVES: [(&str, &str, usize); 4] = [
    ("connector-appliance.zip", "connector-appliance.vhdx", 3),
    ("connector-appliance-azure.zip", "connector-appliance-azure.vhd", 5),
    ("connector-appliance-aws.zip", "connector-appliance.vhd", 5),
    ("connector-appliance-gcp.zip", "connector-appliance.tar.gz", 5),
];

/// Reads all members and compares their checksums.
const CHECK: &str = "
import sys, zipfile
assert zipfile.ZipFile(sys.argv[1]).testzip() is None
";

/// Says of each member: name, length, method, permissions, time, length of the extra field.
const LIST: &str = "
import sys, zipfile
for it in zipfile.ZipFile(sys.argv[1]).infolist():
    mode = oct(it.external_attr >> 16)
    print(it.filename, it.file_size, it.compress_type, mode, '%d-%d-%d' % it.date_time[:3], len(it.extra))
";

fn listed(archive: &Path) -> String {
    run(Command::new("python3").args(["-c", LIST]).arg(archive))
}

/// A file with holes: each piece is a text at a place.
fn sparse(directory: &TempDir, length: u64, pieces: &[u64]) -> PathBuf {
    let path = directory.path().join("sparse");
    let file = File::create(&path).unwrap();
    file.set_len(length).unwrap();
    for place in pieces {
        file.write_all_at(b"a piece", *place).unwrap();
    }
    path
}

fn member(name: &str, method: Method) -> Member<'_> {
    Member { name, method, is_executable: false }
}

#[test]
fn each_archive_has_the_published_disk_and_the_scripts_octet_by_octet() {
    let (directory, release) = published();
    for (name, disk, count) in ARCHIVES {
        let archive = release.join(name);
        run(Command::new("unzip").arg("-tq").arg(&archive));
        let inside = directory.path().join("inside");
        fs::create_dir(&inside).unwrap();
        run(Command::new("unzip").arg("-q").arg(&archive).arg("-d").arg(&inside));
        let mut names = BTreeMap::new();
        for entry in fs::read_dir(&inside).unwrap().map(Result::unwrap) {
            let own = entry.file_name().into_string().unwrap();
            let from = if own == disk { release.join(&own) } else { Path::new(SCRIPTS).join(&own) };
            assert!(fs::read(entry.path()).unwrap() == fs::read(from).unwrap(), "{name}: {own}");
            names.insert(own, ());
        }
        assert!(names.len() == count && names.contains_key(disk), "{name}: {names:?}");
        fs::remove_dir_all(inside).unwrap();
    }
}

#[test]
fn members_have_fixed_times_permissions_and_no_extra_fields() {
    let (_directory, release) = published();
    let said = listed(&release.join("connector-appliance-aws.zip"));
    for line in said.lines() {
        let mode = if line.contains("upload-aws.sh ") { "0o100755" } else { "0o100644" };
        assert!(line.ends_with(&format!(" 8 {mode} 1980-1-1 0")), "{line}");
    }
    // What is deflated already is stored.
    let said = listed(&release.join("connector-appliance-gcp.zip"));
    assert!(said.lines().any(|it| it.contains(".tar.gz ") && it.contains(" 0 0o100644 ")));
}

#[test]
fn a_disk_of_twenty_gib_without_much_in_it_becomes_a_small_archive() {
    let directory = tempfile::tempdir().unwrap();
    let length = 20 * 1024 * MIB + 512;
    let disk = sparse(&directory, length, &[0, length - 512]);
    let archive = directory.path().join("a.zip");
    let file = File::create_new(&archive).unwrap();
    let mut zip = Zip::new(&file);
    zip.add_file(member("disk", Method::Deflated), &File::open(disk).unwrap()).unwrap();
    zip.finish().unwrap();
    assert_eq!(listed(&archive), format!("disk {length} 8 0o100644 1980-1-1 20\n"));
    assert!(fs::metadata(&archive).unwrap().len() < 24 * MIB);
}

#[test]
fn a_member_with_zip64_sizes_is_whole() {
    let directory = tempfile::tempdir().unwrap();
    let length = 2 * 1024 * MIB + 3 * MIB + 5;
    let disk = sparse(&directory, length, &[0, MIB - 3, 1024 * MIB, length - 7]);
    let archive = directory.path().join("a.zip");
    let file = File::create_new(&archive).unwrap();
    let mut zip = Zip::new(&file);
    zip.add_file(member("disk", Method::Deflated), &File::open(&disk).unwrap()).unwrap();
    zip.add(member("behind", Method::Stored), b"octets").unwrap();
    zip.finish().unwrap();
    // unzip takes four times as long for all of it.
    run(Command::new("python3").args(["-c", CHECK]).arg(&archive));
    run(Command::new("unzip").arg("-tq").arg(&archive).arg("behind"));
}

#[test]
fn what_cannot_be_compressed_and_what_is_empty_is_whole() {
    let directory = tempfile::tempdir().unwrap();
    let mut state = 1_u32;
    let noise: Vec<u8> = (0..3 * MIB + 17)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state.to_be_bytes()[0]
        })
        .collect();
    let archive = directory.path().join("a.zip");
    let file = File::create_new(&archive).unwrap();
    let mut zip = Zip::new(&file);
    for (name, method) in [("deflated", Method::Deflated), ("stored", Method::Stored)] {
        zip.add(member(name, method), &noise).unwrap();
        zip.add(member(&format!("empty-{name}"), method), b"").unwrap();
    }
    zip.finish().unwrap();
    run(Command::new("unzip").arg("-q").arg(&archive).arg("-d").arg(directory.path()));
    for name in ["deflated", "stored"] {
        assert!(fs::read(directory.path().join(name)).unwrap() == noise, "{name}");
        assert_eq!(fs::read(directory.path().join(format!("empty-{name}"))).unwrap(), b"");
    }
}

#[test]
fn a_name_that_leads_elsewhere_or_is_none_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let file = File::create(directory.path().join("a.zip")).unwrap();
    let mut zip = Zip::new(&file);
    for name in ["", "../a", "a/b", "コネクタ", &"a".repeat(256)] {
        assert!(zip.add(member(name, Method::Stored), b"octets").is_err(), "{name}");
    }
}
