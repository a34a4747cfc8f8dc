//! The descriptions of machines for VMware and libvirt, judged by programs that others wrote.
#![forbid(unsafe_code)]
#![expect(clippy::unwrap_used, reason = "a step that fails is a test that fails")]

mod support;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use image::format::{MEMORY_BYTES, PROCESSORS, Source, libvirt, ova};
use model::product;
use tempfile::TempDir;

use support::run;

const MIB: u64 = 1 << 20;
const DESCRIPTION: &str = "connector-appliance.ovf";
/// Where each section of a machine is judged from.
const RULES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/ovf.rng");

/// Unpacks the machine for VMware, with a disk of 8 MiB.
fn unpacked() -> (TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let raw = directory.path().join("disk.raw");
    File::create(&raw).unwrap().set_len(8 * MIB).unwrap();
    let archive = directory.path().join("a.ova");
    ova::write(&Source::open(&raw).unwrap(), File::create_new(&archive).unwrap()).unwrap();
    run(Command::new("tar").arg("-xf").arg(&archive).arg("-C").arg(directory.path()));
    let description = directory.path().join(DESCRIPTION);
    (directory, description)
}

fn judge(description: &Path) -> Output {
    let mut xmllint = Command::new("xmllint");
    xmllint.args(["--noout", "--nonet", "--relaxng", RULES]).arg(description).output().unwrap()
}

/// What an XPath expression over local names gives.
fn xpath(description: &Path, expression: &str) -> String {
    let mut xmllint = Command::new("xmllint");
    run(xmllint.args(["--nonet", "--xpath", expression]).arg(description)).trim().to_owned()
}

#[test]
fn the_description_for_vmware_keeps_the_rules_of_the_standard() {
    let (_directory, description) = unpacked();
    let output = judge(&description);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn the_rules_of_the_standard_reject_a_broken_description() {
    let (_directory, description) = unpacked();
    let text = fs::read_to_string(&description).unwrap();
    let broken = [
        ("<rasd:ElementName>Hard disk 1</rasd:ElementName>", ""),
        ("ovf:class=\"connector\"", "ovf:class=\"connector.appliance\""),
        ("ovf:capacity=\"8388608\"", "ovf:capacity=\"much\""),
        ("<DiskSection>\n    <Info>Virtual disks</Info>", "<DiskSection>"),
        ("ovf:id=\"101\"", ""),
    ];
    for (right, wrong) in broken {
        assert!(text.contains(right), "{right}");
        fs::write(&description, text.replace(right, wrong)).unwrap();
        assert!(!judge(&description).status.success(), "{right}");
    }
}

#[test]
fn common_ovf_tool_reads_the_hardware_for_vmware() {
    let (directory, description) = unpacked();
    // It takes every checksum of version 1 for SHA-1; sha256sum judges them in another test.
    fs::remove_file(directory.path().join("connector-appliance.mf")).unwrap();
    let tool = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/judges/bin/cot");
    let mut cot = Command::new(tool);
    let output =
        cot.args(["info", "-v"]).arg(&description).output().expect("make deps installs it");
    let said = String::from_utf8_lossy(&output.stdout);
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && !complaints.contains("ERROR"), "{said}{complaints}");
    let words = said.split_whitespace().collect::<Vec<_>>().join(" ");
    let version = format!("Version: {}", product::VERSION);
    let facts = [
        &version,
        "8 MiB harddisk @ SCSI 0:0",
        "SCSI device types: VirtualSCSI",
        "Ethernet device types: VmxNet3",
        "None (default) 2 4 GiB 1 0 1 / 8 MiB",
        "Network adapter 1 : Network",
    ];
    for fact in facts {
        assert!(words.contains(fact), "{fact}: {said}");
    }
}

#[test]
fn the_description_for_vmware_has_the_machine_of_every_platform() {
    let (_directory, description) = unpacked();
    let quantity = |kind: u8| {
        let item = format!("//*[local-name()='ResourceType'][.='{kind}']/..");
        xpath(&description, &format!("string({item}/*[local-name()='VirtualQuantity'])"))
    };
    assert_eq!(quantity(3), PROCESSORS.to_string());
    assert_eq!(quantity(4), (MEMORY_BYTES / MIB).to_string());
    let named =
        |element: &str| xpath(&description, &format!("string(//*[local-name()='{element}'][1])"));
    assert_eq!(named("Name"), product::NAME);
    assert_eq!(named("Vendor"), product::VENDOR);
    let firmware = "string(//*[local-name()='Config']/@*[local-name()='value'])";
    assert_eq!(xpath(&description, firmware), "bios");
}

/// Writes the machine for libvirt.
fn domain() -> (TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("connector-appliance.xml");
    libvirt::write(File::create_new(&path).unwrap()).unwrap();
    (directory, path)
}

#[test]
fn libvirts_schema_takes_the_machine() {
    let (_directory, path) = domain();
    run(Command::new("virt-xml-validate").arg(&path).arg("domain"));
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("virtio-scsi", "floppy")).unwrap();
    assert!(!Command::new("virt-xml-validate").arg(&path).output().unwrap().status.success());
}

#[test]
fn libvirt_defines_the_machine_with_two_processors_and_four_gib() {
    let (_directory, path) = domain();
    // The hypervisor of libvirt that only pretends; it forgets everything when virsh ends.
    let script = format!(
        "define --validate '{}'; dominfo connector-appliance; domblklist connector-appliance; \
         domiflist connector-appliance",
        path.display()
    );
    let said = run(Command::new("virsh").args(["--connect", "test:///default", &script]));
    let words = said.split_whitespace().collect::<Vec<_>>().join(" ");
    let facts = [
        format!("CPU(s): {PROCESSORS}"),
        format!("Max memory: {} KiB", MEMORY_BYTES / 1024),
        "sda /var/lib/libvirt/images/connector-appliance.qcow2".to_owned(),
        "network default virtio".to_owned(),
    ];
    for fact in facts {
        assert!(words.contains(&fact), "{fact}: {said}");
    }
}
