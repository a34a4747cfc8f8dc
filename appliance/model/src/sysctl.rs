//! Settings of the kernel that init writes at the start, before any role runs, and reads back.
//!
//! Names are those of `sysctl(8)`; the files lie in `/proc/sys`, with slashes for the dots. What only some
//! kernels have is left out: a name that is missing is reported and stops nothing.

/// One setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Setting {
    /// Name with dots.
    pub name: &'static str,
    /// Value as the kernel prints it.
    pub value: &'static str,
    /// Why.
    pub reason: &'static str,
}

impl Setting {
    /// Path of its file below `/proc/sys`.
    #[must_use]
    pub fn path(&self) -> String {
        self.name.replace('.', "/")
    }

    /// For a setting of [`NEW_INTERFACES`], the path of its file for an interface that is already
    /// there: what holds for new ones does not change those.
    #[must_use]
    pub fn path_of_interface(&self, interface: &str) -> Option<String> {
        let key = self.name.strip_prefix(NEW_INTERFACES)?;
        Some(format!("{INTERFACES_DIRECTORY}/{interface}/{key}"))
    }
}

/// Names that begin so hold for interfaces that are still to come.
pub const NEW_INTERFACES: &str = "net.ipv4.conf.default.";
/// Directory below `/proc/sys` with one directory an interface.
pub const INTERFACES_DIRECTORY: &str = "net/ipv4/conf";

/// All settings.
pub const SETTINGS: &[Setting] = &[
    Setting { name: "net.ipv4.ip_forward", value: "0", reason: "The appliance is no router." },
    Setting {
        name: "net.ipv4.icmp_echo_ignore_broadcasts",
        value: "1",
        reason: "Keeps the machine from amplifying a flood.",
    },
    Setting {
        name: "net.ipv4.icmp_ignore_bogus_error_responses",
        value: "1",
        reason: "Broken routers do not fill the log.",
    },
    Setting {
        name: "net.ipv4.ping_group_range",
        value: "107\t107",
        reason: "The role `diagnostics`, and no other, may send echo requests.",
    },
    Setting {
        name: "net.ipv4.tcp_syncookies",
        value: "1",
        reason: "A flood of half-open connections does not keep others out.",
    },
    Setting {
        name: "net.ipv4.tcp_rfc1337",
        value: "1",
        reason: "A stray reset does not end a connection in TIME-WAIT (RFC 1337).",
    },
    Setting {
        name: "net.ipv4.conf.all.accept_redirects",
        value: "0",
        reason: "Nobody on the network changes routes.",
    },
    Setting {
        name: "net.ipv4.conf.all.secure_redirects",
        value: "0",
        reason: "Not even a gateway changes routes.",
    },
    Setting {
        name: "net.ipv4.conf.all.send_redirects",
        value: "0",
        reason: "Only routers send redirects.",
    },
    Setting {
        name: "net.ipv4.conf.all.accept_source_route",
        value: "0",
        reason: "Senders do not choose the way.",
    },
    Setting {
        name: "net.ipv4.conf.all.log_martians",
        value: "0",
        reason: "Anybody on the network could fill the log.",
    },
    Setting {
        name: "net.ipv4.conf.all.rp_filter",
        value: "2",
        reason: "A sender must be reachable by some interface; strict checking would break an address of /32 with a gateway outside it, and several cards in one network.",
    },
    Setting {
        name: "net.ipv4.conf.all.arp_ignore",
        value: "1",
        reason: "With several cards, each answers for its own address only.",
    },
    Setting {
        name: "net.ipv4.conf.all.arp_announce",
        value: "2",
        reason: "With several cards, each asks with its own address only.",
    },
    Setting {
        name: "net.ipv4.conf.default.accept_redirects",
        value: "0",
        reason: "Nobody on the network changes routes.",
    },
    Setting {
        name: "net.ipv4.conf.default.secure_redirects",
        value: "0",
        reason: "Not even a gateway changes routes.",
    },
    Setting {
        name: "net.ipv4.conf.default.send_redirects",
        value: "0",
        reason: "Only routers send redirects.",
    },
    Setting {
        name: "net.ipv4.conf.default.accept_source_route",
        value: "0",
        reason: "Senders do not choose the way.",
    },
    Setting {
        name: "net.ipv4.conf.default.log_martians",
        value: "0",
        reason: "Anybody on the network could fill the log.",
    },
    Setting {
        name: "net.ipv4.conf.default.rp_filter",
        value: "2",
        reason: "A sender must be reachable by some interface; strict checking would break an address of /32 with a gateway outside it, and several cards in one network.",
    },
    Setting {
        name: "net.ipv4.conf.default.arp_ignore",
        value: "1",
        reason: "With several cards, each answers for its own address only.",
    },
    Setting {
        name: "net.ipv4.conf.default.arp_announce",
        value: "2",
        reason: "With several cards, each asks with its own address only.",
    },
    Setting {
        name: "kernel.dmesg_restrict",
        value: "1",
        reason: "The log shows addresses of the kernel and what roles print.",
    },
    Setting {
        name: "kernel.kptr_restrict",
        value: "2",
        reason: "Addresses of the kernel are hidden from everybody.",
    },
    Setting {
        name: "kernel.perf_event_paranoid",
        value: "3",
        reason: "No role measures the kernel.",
    },
    Setting {
        name: "kernel.randomize_va_space",
        value: "2",
        reason: "Stack, libraries and heap lie at random addresses.",
    },
    Setting {
        name: "kernel.yama.ptrace_scope",
        value: "3",
        reason: "No process looks into another, root included, until the next start.",
    },
    Setting {
        name: "kernel.oops_limit",
        value: "100",
        reason: "Many small faults are an attack on reference counts.",
    },
    Setting { name: "kernel.warn_limit", value: "100", reason: "The same for warnings." },
    Setting {
        name: "dev.tty.ldisc_autoload",
        value: "0",
        reason: "No line discipline that nobody asked for.",
    },
    Setting {
        name: "dev.tty.legacy_tiocsti",
        value: "0",
        reason: "No program types into a terminal.",
    },
    Setting {
        name: "fs.protected_symlinks",
        value: "1",
        reason: "Links in shared directories lead nobody astray.",
    },
    Setting { name: "fs.protected_hardlinks", value: "1", reason: "The same for hard links." },
    Setting { name: "fs.protected_fifos", value: "2", reason: "The same for pipes." },
    Setting { name: "fs.protected_regular", value: "2", reason: "The same for files." },
    Setting {
        name: "fs.suid_dumpable",
        value: "0",
        reason: "A program that changed its user leaves no core.",
    },
    Setting {
        name: "user.max_user_namespaces",
        value: "0",
        reason: "A user namespace would open the kernel's whole surface to a role.",
    },
    Setting {
        name: "vm.mmap_min_addr",
        value: "65536",
        reason: "A null pointer in the kernel leads to no page of a process.",
    },
    Setting {
        name: "vm.mmap_rnd_bits",
        value: "32",
        reason: "As much randomness as the processor allows.",
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_stands_once() {
        for (place, setting) in SETTINGS.iter().enumerate() {
            assert!(SETTINGS.iter().skip(place + 1).all(|other| other.name != setting.name));
        }
    }

    #[test]
    fn what_holds_for_all_interfaces_holds_for_new_ones() {
        let value = |name: &str| {
            SETTINGS.iter().find(|setting| setting.name == name).map(|setting| setting.value)
        };
        for setting in SETTINGS {
            if let Some(key) = setting.name.strip_prefix("net.ipv4.conf.all.") {
                assert_eq!(value(&format!("{NEW_INTERFACES}{key}")), Some(setting.value), "{key}");
            }
        }
    }

    #[test]
    fn knows_the_file_of_an_interface() {
        let setting = Setting { name: "net.ipv4.conf.default.rp_filter", value: "2", reason: "" };
        assert_eq!(setting.path(), "net/ipv4/conf/default/rp_filter");
        let path = setting.path_of_interface("eth0");
        assert_eq!(path.as_deref(), Some("net/ipv4/conf/eth0/rp_filter"));
        let other = Setting { name: "kernel.kptr_restrict", value: "2", reason: "" };
        assert_eq!(other.path_of_interface("eth0"), None);
    }
}
