//! The descriptions of machines for VMware and libvirt, judged by programs that others wrote.
#![forbid(unsafe_code)]
#![expect(clippy::unwrap_used, reason = "a step that fails is a test that fails")]

mod support;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use image::format::{MEMORY_BYTES, PROCESSORS, Source, libvirt, ova};
use model::product;
use platform::ovf::Environment;
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
        ("ovf:key=\"name\"", "ovf:key=\"connector.name\""),
        ("ovf:transport=\"com.vmware.guestInfo iso\"", "ovf:transport=\"floppy\""),
        ("<Label>Host name</Label>", ""),
        ("ovf:userConfigurable=\"true\"", "ovf:userConfigurable=\"of course\""),
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
        "Transport types: com.vmware.guestInfo iso",
        "<name> Host name --",
        "<password-hash> Hash of the administrator's password --",
    ];
    for fact in facts {
        assert!(words.contains(fact), "{fact}: {said}");
    }
}

/// What the converter of virtual machines makes of an OVA, before it converts anything.
fn virt_v2v(archive: &Path) -> Output {
    let mut converter = Command::new("virt-v2v");
    converter.args(["-i", "ova", "-o", "null", "--print-source"]).arg(archive);
    // It asks no libvirt, of which there is none.
    converter.env("LIBGUESTFS_BACKEND", "direct").output().expect("make deps installs it")
}

#[test]
fn virt_v2v_reads_the_machine_for_vmware_and_refuses_an_altered_one() {
    let (directory, _) = unpacked();
    let archive = directory.path().join("a.ova");
    let output = virt_v2v(&archive);
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    let words = said.split_whitespace().collect::<Vec<_>>().join(" ");
    let facts = [
        &format!("source name: {}", product::NAME),
        &format!("memory: {MEMORY_BYTES} (bytes)"),
        &format!("nr vCPUs: {PROCESSORS}"),
        "firmware: bios",
        "disks: 0 [scsi]",
        "removable media: CD-ROM [ide]",
        "Bridge \"Network\" [vmxnet3]",
    ];
    for fact in facts {
        assert!(words.contains(fact), "{fact}: {said}");
    }

    let mut bytes = fs::read(&archive).unwrap();
    let place = bytes.windows(4).position(|it| it == b"KDMV").expect("the head of the disk");
    bytes[place + 100] ^= 1;
    fs::write(&archive, bytes).unwrap();
    let output = virt_v2v(&archive);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && said.contains("checksum"), "{said}");
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

/// The keys of the properties that are asked for.
fn keys(description: &Path) -> Vec<String> {
    let attributes = "//*[local-name()='Property'][@*[local-name()='userConfigurable']='true']/@*[local-name()='key']";
    let said = xpath(description, attributes);
    said.lines().map(|line| line.split('"').nth(1).unwrap().to_owned()).collect()
}

/// Each property, filled in as its description says; the hash is one of the program `argon2`.
fn filled_in() -> [(&'static str, String); 6] {
    const ROOT: &str = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../appliance/platform/src/guest/samples/root-ed25519.pem"
    );
    let root = run(Command::new("base64").args(["--wrap", "0", ROOT]));
    [
        ("name", "tokyo-1"),
        ("network", "static:ip=10.0.0.5;netmask=255.255.255.0;route=10.0.0.1;dns=10.0.0.2,10.0.0.3"),
        ("proxies", r#"[{"location": "proxy.example.com:8080", "userName": "a", "password": "b"}]"#),
        ("rootcas", &root),
        (
            "registration",
            r#"{"applianceName": "a", "cloud": "cloud.example.com", "clientId": "b", "clientSecret": "c"}"#,
        ),
        (
            "password-hash",
            "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$zMRWLXbznmJ5P62w3lgV09Xe6RborQdjplMAtIjOWOE",
        ),
    ]
    .map(|(key, value)| (key, value.to_owned()))
}

/// What vSphere makes of a key and its value.
fn environment(key: &str, value: &str) -> Environment {
    let value = value.replace('&', "&amp;").replace('"', "&quot;");
    let xml = format!(
        r#"<Environment xmlns="http://schemas.dmtf.org/ovf/environment/1" xmlns:oe="http://schemas.dmtf.org/ovf/environment/1">
        <PropertySection><Property oe:key="connector.{key}" oe:value="{value}"/></PropertySection></Environment>"#
    );
    Environment::parse(xml.as_bytes()).unwrap()
}

#[test]
fn the_appliance_reads_every_property_that_is_asked_for() {
    let (_directory, description) = unpacked();
    let class = "string(//*[local-name()='ProductSection']/@*[local-name()='class'])";
    assert_eq!(xpath(&description, class), "connector");
    let filled_in = filled_in();
    assert_eq!(keys(&description), filled_in.each_ref().map(|(key, _)| *key));
    for (key, value) in &filled_in {
        let settings = environment(key, value).first_settings().unwrap();
        assert!(!settings.is_empty(), "{key}");
        assert!(environment(key, "").first_settings().unwrap().is_empty(), "{key}");
    }
}

#[test]
fn no_property_takes_a_password_in_clear() {
    let (_directory, description) = unpacked();
    for key in keys(&description) {
        let settings = environment(&key, "Correct-horse-1").first_settings();
        let is_taken = settings.is_ok_and(|settings| settings.password_hash.is_some());
        assert!(!is_taken, "{key}");
    }
    let settings = environment("password-hash", "Correct-horse-1").first_settings();
    assert!(settings.unwrap_err().to_string().contains("hash"));
    // Neither is shown on the screen of whoever deploys it.
    let hidden = "count(//*[local-name()='Property'][@*[local-name()='password']='true'])";
    assert_eq!(xpath(&description, hidden), "2");
}

#[test]
fn the_machine_for_vmware_has_a_drive_for_the_cd_with_the_properties() {
    let (_directory, description) = unpacked();
    let of = |kind: u8, member: &str| {
        let item = format!("//*[local-name()='ResourceType'][.='{kind}']/..");
        xpath(&description, &format!("string({item}/*[local-name()='{member}'])"))
    };
    assert_eq!(of(15, "Parent"), of(5, "InstanceID"));
    assert_eq!(of(15, "AddressOnParent"), "0");
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
