//! What a good guest writes, relative to its own directory in the store.
//!
//! XAPI reads these nodes when `data/updated` changes: XenCenter then shows addresses, system and
//! "optimised". The nodes `control/feature-*` are the kernel's, and so is the answer to
//! `control/shutdown`.

use std::net::{Ipv4Addr, Ipv6Addr};

/// Version of the guest's drivers that is told: those of the kernel have none. Its first number must not
/// be 0, or XAPI takes the drivers for absent.
const DRIVERS: [(&str, &str); 4] =
    [("MajorVersion", "1"), ("MinorVersion", "0"), ("MicroVersion", "0"), ("BuildVersion", "0")];
/// Most addresses of one kind and interface that XAPI looks at.
const MAX_ADDRESSES: usize = 10;
/// Longest value of a node, in bytes.
const MAX_VALUE_BYTES: usize = 1024;

/// What is told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StoreFacts {
    /// Name of the system with its version.
    pub system: String,
    /// Its short identifier.
    pub distribution: String,
    /// First number of its version.
    pub major_version: String,
    /// Second number of its version.
    pub minor_version: String,
    /// `uname -r`.
    pub kernel: String,
    /// Virtual interfaces.
    pub interfaces: Vec<VirtualInterface>,
    /// Memory in KiB.
    pub memory_total_kib: u64,
    /// Memory that is free, in KiB.
    pub memory_free_kib: u64,
}

/// A virtual interface.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VirtualInterface {
    /// Number in `device/vif/<number>`.
    pub number: u32,
    /// IPv4 addresses.
    pub ipv4: Vec<Ipv4Addr>,
    /// IPv6 addresses.
    pub ipv6: Vec<Ipv6Addr>,
}

/// One change of the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Removes a node; that there is none is no failure.
    Remove(&'static str),
    /// Writes a node.
    Write(String, String),
}

/// All changes in order: at the start, when an address changes, and after a migration, whose target
/// host knows nothing. Addresses of an earlier network go first; what makes XAPI look comes last.
#[must_use]
pub fn steps(facts: &StoreFacts) -> Vec<Step> {
    let mut steps = vec![Step::Remove("attr/vif")];
    let mut write = |path: String, value: &str| steps.push(Step::Write(path, plain(value)));
    for (name, value) in DRIVERS {
        write(format!("attr/PVAddons/{name}"), value);
    }
    write("attr/PVAddons/Installed".to_owned(), "1");
    for (name, value) in [
        ("os_name", facts.system.as_str()),
        ("os_distro", &facts.distribution),
        ("os_majorver", &facts.major_version),
        ("os_minorver", &facts.minor_version),
        ("os_uname", &facts.kernel),
        ("meminfo_total", &facts.memory_total_kib.to_string()),
        ("meminfo_free", &facts.memory_free_kib.to_string()),
    ] {
        write(format!("data/{name}"), value);
    }
    for interface in &facts.interfaces {
        let number = interface.number;
        for (index, address) in interface.ipv4.iter().take(MAX_ADDRESSES).enumerate() {
            write(format!("attr/vif/{number}/ipv4/{index}"), &address.to_string());
        }
        for (index, address) in interface.ipv6.iter().take(MAX_ADDRESSES).enumerate() {
            write(format!("attr/vif/{number}/ipv6/{index}"), &address.to_string());
        }
    }
    write("data/updated".to_owned(), "1");
    steps
}

/// A value without what a reader could stumble over.
fn plain(value: &str) -> String {
    let mut end = value.len().min(MAX_VALUE_BYTES);
    while !value.is_char_boundary(end) {
        end -= 1;
    }
    value[..end].chars().filter(|character| !character.is_control()).collect()
}
