//! XVA, version 2: what XenServer and Citrix Hypervisor export and import.
//!
//! A tar archive with `ova.xml`, which describes the machine as XAPI's database has it, and the disk in pieces
//! of 1 MiB, each followed by its checksum. Pieces of zeros are left out, but the first and the last one have
//! to be there (`stream_vdi.ml` of xen-api).

use std::fmt::Write as _;
use std::io::{self, Write};

use flate2::{Compression, GzBuilder};
use model::trailer::hex;
use sha1::{Digest as _, Sha1};

use super::source::{MIB, Source};
use super::{Identity, MEMORY_BYTES, PROCESSORS, tar};

/// The folder of the disk: its name in the description.
const DISK: &str = "Ref:2";
/// A piece without anything in it.
const EMPTY: &[u8] = &[0; 1 << 20];
const NOTHING: &str = "OpaqueRef:NULL";
/// The least that an administrator may give it.
const LEAST_MEMORY: u64 = 1 << 30;

/// Writes the machine.
///
/// # Errors
///
/// The disk cannot be read or the file not written.
pub fn write(source: &Source, identity: &Identity, mut file: impl Write) -> io::Result<()> {
    let out = &mut file;
    tar::member(out, "ova.xml", description(source.bytes(), identity).as_bytes())?;
    let mut pieces = source.blocks(MIB)?.peekable();
    if !matches!(pieces.peek(), Some(Ok((0, _)))) {
        write_piece(out, 0, EMPTY)?;
    }
    let mut written = 0;
    for piece in pieces {
        let (index, octets) = piece?;
        write_piece(out, index, &octets)?;
        written = index;
    }
    let last = source.bytes() / MIB - 1;
    if written < last {
        write_piece(out, last, EMPTY)?;
    }
    tar::end(out)?;
    out.flush()
}

/// Writes the machine, compressed by gzip: XAPI tries that when a file does not begin like an archive
/// (`with_open_archive` in `import.ml` of xen-api).
///
/// # Errors
///
/// The disk cannot be read or the file not written.
pub fn write_compressed(source: &Source, identity: &Identity, file: impl Write) -> io::Result<()> {
    let mut out = GzBuilder::new().mtime(0).write(file, Compression::best());
    write(source, identity, &mut out)?;
    out.finish()?.flush()
}

fn write_piece(out: &mut impl Write, index: u64, octets: &[u8]) -> io::Result<()> {
    let name = format!("{DISK}/{index:08}");
    let sum = hex(&Sha1::digest(octets));
    tar::member(out, &name, octets)?;
    tar::member(out, &format!("{name}.checksum"), sum.as_bytes())
}

/// A value of XML-RPC.
enum Value {
    Text(String),
    Flag(bool),
    Double(&'static str),
    List(Vec<Self>),
    Record(Vec<(&'static str, Self)>),
}

impl Value {
    fn write(&self, xml: &mut String) {
        xml.push_str("<value>");
        match self {
            Self::Text(text) => xml.push_str(text),
            Self::Flag(flag) => {
                let _ = write!(xml, "<boolean>{}</boolean>", u8::from(*flag));
            }
            Self::Double(number) => {
                let _ = write!(xml, "<double>{number}</double>");
            }
            Self::List(values) => {
                xml.push_str("<array><data>");
                values.iter().for_each(|value| value.write(xml));
                xml.push_str("</data></array>");
            }
            Self::Record(members) => {
                xml.push_str("<struct>");
                for (name, value) in members {
                    let _ = write!(xml, "<member><name>{name}</name>");
                    value.write(xml);
                    xml.push_str("</member>");
                }
                xml.push_str("</struct>");
            }
        }
        xml.push_str("</value>");
    }
}

fn text(text: impl ToString) -> Value {
    Value::Text(text.to_string())
}

const fn flag(flag: bool) -> Value {
    Value::Flag(flag)
}

fn texts(texts: &[&str]) -> Value {
    Value::List(texts.iter().map(text).collect())
}

fn record(members: &[(&'static str, &str)]) -> Value {
    Value::Record(members.iter().map(|(name, value)| (*name, text(value))).collect())
}

fn description(bytes: u64, identity: &Identity) -> String {
    let version = [
        ("hostname", "build"),
        ("date", "1970-01-01"),
        ("product_version", "7.0.0"),
        ("product_brand", "XenServer"),
        ("build_number", "0"),
        ("xapi_major", "1"),
        ("xapi_minor", "9"),
        ("export_vsn", "2"),
    ];
    let object = |class: &str, id: &str, snapshot| {
        let members = [("class", text(class)), ("id", text(id)), ("snapshot", snapshot)];
        Value::Record(members.into())
    };
    let objects = vec![
        object("VM", "Ref:0", machine(identity)),
        object("VBD", "Ref:1", attachment(identity)),
        object("VDI", DISK, disk(bytes, identity)),
        object("SR", "Ref:3", repository(identity)),
    ];
    let all = [("version", record(&version)), ("objects", Value::List(objects))];
    let mut xml = String::new();
    Value::Record(all.into()).write(&mut xml);
    xml
}

/// The machine, fully virtual, starting from its disk. It has no network interface: one is added at the import.
fn machine(identity: &Identity) -> Value {
    let (none, empty) = (|| texts(&[]), || record(&[]));
    let platform = [
        ("viridian", "false"),
        ("acpi", "1"),
        ("apic", "true"),
        ("pae", "true"),
        ("nx", "true"),
        ("hpet", "true"),
    ];
    Value::Record(vec![
        ("uuid", text(identity.uuid_text("xva machine"))),
        ("allowed_operations", none()),
        ("current_operations", empty()),
        ("power_state", text("Halted")),
        ("name_label", text("Connector Appliance")),
        ("name_description", text("")),
        ("user_version", text(1)),
        ("is_a_template", flag(false)),
        ("suspend_VDI", text(NOTHING)),
        ("resident_on", text(NOTHING)),
        ("affinity", text(NOTHING)),
        ("memory_overhead", text(0)),
        ("memory_target", text(0)),
        ("memory_static_max", text(MEMORY_BYTES)),
        ("memory_dynamic_max", text(MEMORY_BYTES)),
        ("memory_dynamic_min", text(MEMORY_BYTES)),
        ("memory_static_min", text(LEAST_MEMORY)),
        ("VCPUs_params", empty()),
        ("VCPUs_max", text(PROCESSORS)),
        ("VCPUs_at_startup", text(PROCESSORS)),
        ("actions_after_shutdown", text("destroy")),
        ("actions_after_reboot", text("restart")),
        ("actions_after_crash", text("restart")),
        ("consoles", none()),
        ("VIFs", none()),
        ("VBDs", texts(&["Ref:1"])),
        ("crash_dumps", none()),
        ("VTPMs", none()),
        ("PV_bootloader", text("")),
        ("PV_kernel", text("")),
        ("PV_ramdisk", text("")),
        ("PV_args", text("")),
        ("PV_bootloader_args", text("")),
        ("PV_legacy_args", text("")),
        ("HVM_boot_policy", text("BIOS order")),
        ("HVM_boot_params", record(&[("order", "c"), ("firmware", "bios")])),
        ("HVM_shadow_multiplier", Value::Double("1.0")),
        ("platform", record(&platform)),
        ("PCI_bus", text("")),
        ("other_config", empty()),
        ("domid", text(-1)),
        ("domarch", text("")),
        ("last_boot_CPU_flags", empty()),
        ("is_control_domain", flag(false)),
        ("metrics", text(NOTHING)),
        ("guest_metrics", text(NOTHING)),
        ("last_booted_record", text("")),
        ("recommendations", text("")),
        ("xenstore_data", empty()),
        ("ha_always_run", flag(false)),
        ("ha_restart_priority", text("")),
        ("is_a_snapshot", flag(false)),
        ("snapshot_of", text(NOTHING)),
        ("snapshots", none()),
        ("transportable_snapshot_id", text("")),
        ("blobs", empty()),
        ("tags", none()),
        ("blocked_operations", empty()),
        ("snapshot_info", empty()),
        ("snapshot_metadata", text("")),
        ("parent", text(NOTHING)),
        ("children", none()),
        ("bios_strings", empty()),
        ("version", text(0)),
        ("generation_id", text("")),
        ("hardware_platform_version", text(0)),
    ])
}

fn attachment(identity: &Identity) -> Value {
    let (none, empty) = (|| texts(&[]), || record(&[]));
    Value::Record(vec![
        ("uuid", text(identity.uuid_text("xva attachment"))),
        ("allowed_operations", none()),
        ("current_operations", empty()),
        ("VM", text("Ref:0")),
        ("VDI", text(DISK)),
        ("device", text("xvda")),
        ("userdevice", text(0)),
        ("bootable", flag(true)),
        ("mode", text("RW")),
        ("type", text("Disk")),
        ("unpluggable", flag(false)),
        ("storage_lock", flag(false)),
        ("empty", flag(false)),
        ("other_config", empty()),
        ("currently_attached", flag(false)),
        ("status_code", text(0)),
        ("status_detail", text("")),
        ("runtime_properties", empty()),
        ("qos_algorithm_type", text("")),
        ("qos_algorithm_params", empty()),
        ("qos_supported_algorithms", none()),
        ("metrics", text(NOTHING)),
    ])
}

fn disk(bytes: u64, identity: &Identity) -> Value {
    let (none, empty) = (|| texts(&[]), || record(&[]));
    let own = identity.uuid_text("xva disk");
    Value::Record(vec![
        ("uuid", text(&own)),
        ("name_label", text("connector-appliance")),
        ("name_description", text("")),
        ("allowed_operations", none()),
        ("current_operations", empty()),
        ("SR", text("Ref:3")),
        ("VBDs", texts(&["Ref:1"])),
        ("crash_dumps", none()),
        ("virtual_size", text(bytes)),
        ("physical_utilisation", text(bytes)),
        ("type", text("user")),
        ("sharable", flag(false)),
        ("read_only", flag(false)),
        ("other_config", empty()),
        ("storage_lock", flag(false)),
        ("location", text(&own)),
        ("managed", flag(true)),
        ("missing", flag(false)),
        ("parent", text(NOTHING)),
        ("xenstore_data", empty()),
        ("sm_config", empty()),
        ("is_a_snapshot", flag(false)),
        ("snapshot_of", text(NOTHING)),
        ("snapshots", none()),
        ("tags", none()),
        ("allow_caching", flag(false)),
        ("on_boot", text("persist")),
        ("metadata_of_pool", text(NOTHING)),
        ("metadata_latest", flag(false)),
    ])
}

/// The storage that the disk was on; another one is chosen at the import.
fn repository(identity: &Identity) -> Value {
    let (none, empty) = (|| texts(&[]), || record(&[]));
    Value::Record(vec![
        ("uuid", text(identity.uuid_text("xva repository"))),
        ("name_label", text("build")),
        ("name_description", text("")),
        ("allowed_operations", none()),
        ("current_operations", empty()),
        ("VDIs", texts(&[DISK])),
        ("PBDs", none()),
        ("virtual_allocation", text(0)),
        ("physical_utilisation", text(0)),
        ("physical_size", text(0)),
        ("type", text("lvm")),
        ("content_type", text("user")),
        ("shared", flag(false)),
        ("other_config", empty()),
        ("tags", none()),
        ("default_vdi_visibility", flag(true)),
        ("sm_config", empty()),
        ("blobs", empty()),
        ("local_cache_enabled", flag(false)),
    ])
}
