//! What each role may use besides its capabilities: limits, and the files that it sees.
//!
//! One table serves three walls. Init gives each role a mount namespace that holds the read-only root
//! and, of everything else, only what stands in [`Confinement::grants`]. The role then denies itself
//! by Landlock every file but those, the root included, and every TCP port but those named here. The
//! limits are set by init: per process by `setrlimit(2)`, per role by a control group.

use crate::role::Role;

/// What one role may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Confinement {
    /// Limits on resources.
    pub limits: Limits,
    /// All files and directories outside the root that it sees.
    pub grants: &'static [Grant],
    /// TCP ports that it may listen on.
    pub tcp_listen: &'static [u16],
    /// Where it may connect to by TCP.
    pub tcp_connect: TcpPeers,
}

/// Where a role may connect to by TCP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TcpPeers {
    /// These ports and no others.
    Ports(&'static [u16]),
    /// Any port: the administrator chooses the proxies and servers.
    Any,
}

/// Limits on resources.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Memory of the role in MiB, page cache included (`memory.max`). The role is killed above it.
    pub memory_mib: u64,
    /// Address space of the process in MiB (`RLIMIT_AS`), with room for the stacks of its threads.
    pub address_space_mib: u64,
    /// Open files (`RLIMIT_NOFILE`).
    pub open_files: u64,
    /// Processes and threads (`RLIMIT_NPROC` and `pids.max`).
    pub threads: u64,
    /// Largest file that it may write, in KiB (`RLIMIT_FSIZE`). Does not count for devices and sockets.
    pub file_kib: u64,
}

/// A file or directory that a role sees, with the same path as init.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grant {
    /// Its path.
    pub path: &'static str,
    /// What the role may do there.
    pub access: Access,
}

/// What a role may do with a file or directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Read the file, or the files in the directory.
    Read,
    /// Reach sockets in the directory. Reading and writing files is not part of it.
    Connect,
    /// Create, read, replace and remove files in the directory.
    Store,
    /// Create and remove a socket in the directory.
    Serve,
    /// Write to the terminal and ask for its size. Machines lack some terminals.
    Terminal,
    /// Read and write the device. Machines may lack it.
    Device,
}

impl Access {
    /// Whether the mount is writable.
    #[must_use]
    pub const fn is_writable(self) -> bool {
        matches!(self, Self::Store | Self::Serve) || self.is_device()
    }

    /// Whether this is a device.
    #[must_use]
    pub const fn is_device(self) -> bool {
        matches!(self, Self::Terminal | Self::Device)
    }

    /// Whether this is a file and not a directory.
    #[must_use]
    pub fn is_file(self, path: &str) -> bool {
        self.is_device() || path == SYSTEM_UUID || path == COMMAND_LINE
    }
}

/// Copy of the machine's SMBIOS UUID, which the kernel shows to root only. Init makes it before it
/// starts the roles, for settings alone; missing on machines that have none.
pub const SYSTEM_UUID: &str = "/run/settings/product_uuid";
/// The kernel's command line.
pub const COMMAND_LINE: &str = "/proc/cmdline";
/// Directory of the settings.
pub const SETTINGS_DIRECTORY: &str = "/data/settings";
/// Directory of the file with the DNS servers, which network writes.
pub const NETWORK_DIRECTORY: &str = "/run/network";
/// Directory of the trace.
pub const CAPTURE_DIRECTORY: &str = "/data/capture";
/// Directory of the log of earlier and present starts.
pub const JOURNAL_DIRECTORY: &str = "/data/journal";
/// Directory of the machine accounts of joined domains.
pub const DIRECTORY_DIRECTORY: &str = "/data/directory";
/// Directory of the identity that the cloud knows the appliance by.
pub const CHANNEL_DIRECTORY: &str = "/data/channel";
/// The TPM of the machine, which machines may lack. Init gives it to the channel.
pub const TPM: &str = "/dev/tpmrm0";
/// Directory of what the hypervisor or cloud hands over at the start ([`crate::guest_files`]).
pub const GUEST_DIRECTORY: &str = "/run/guest";
/// Directory of reports that are being made, in memory.
pub const DIAGNOSTICS_DIRECTORY: &str = "/run/diagnostics";
/// Where init assembles what a role sees. An empty directory.
pub const STAGE: &str = "/run/cage";

/// Port of HTTPS.
const HTTPS: u16 = 443;
/// Port of metadata services.
const HTTP: u16 = 80;
/// Port of name servers.
const DNS: u16 = 53;
/// Ports of a domain controller: Kerberos, LDAP, password changes, Global Catalog.
const DOMAIN_CONTROLLER: [u16; 4] = [88, 389, 464, 3268];

/// Where the sockets of all roles and of PID 1 are.
const BUS: Grant = Grant { path: crate::role::SOCKET_DIRECTORY, access: Access::Connect };

/// No connections by TCP.
const NOWHERE: TcpPeers = TcpPeers::Ports(&[]);

/// Enough for each role that has few connections and no large values: measured 3 to 4 MiB.
const SMALL: Limits =
    Limits { memory_mib: 64, address_space_mib: 512, open_files: 256, threads: 32, file_kib: 0 };

/// What a role may use.
#[must_use]
pub const fn of(role: Role) -> Confinement {
    match role {
        Role::Settings => Confinement {
            // Two copies of the settings, a certificate, and what was found damaged.
            limits: Limits { file_kib: 4 * 1024, ..SMALL },
            grants: &[
                BUS,
                Grant { path: "/run/bus/settings", access: Access::Serve },
                Grant { path: SETTINGS_DIRECTORY, access: Access::Store },
                Grant { path: COMMAND_LINE, access: Access::Read },
                Grant { path: SYSTEM_UUID, access: Access::Read },
            ],
            tcp_listen: &[],
            tcp_connect: NOWHERE,
        },
        Role::Network => Confinement {
            limits: Limits { file_kib: 64, ..SMALL },
            grants: &[
                BUS,
                Grant { path: "/run/bus/network", access: Access::Serve },
                Grant { path: NETWORK_DIRECTORY, access: Access::Store },
            ],
            tcp_listen: &[],
            tcp_connect: NOWHERE,
        },
        Role::Time => Confinement {
            limits: SMALL,
            grants: &[
                BUS,
                Grant { path: "/run/bus/time", access: Access::Serve },
                Grant { path: NETWORK_DIRECTORY, access: Access::Read },
            ],
            tcp_listen: &[],
            // Long answers of name servers; all else is UDP, which this does not count.
            tcp_connect: TcpPeers::Ports(&[DNS]),
        },
        Role::Web => Confinement {
            // 1,024 connections take 36 MiB, each password check 19 MiB for its moment.
            limits: Limits {
                memory_mib: 256,
                address_space_mib: 1024,
                open_files: 4096,
                threads: 128,
                file_kib: 0,
            },
            grants: &[BUS],
            tcp_listen: &[HTTPS],
            // It asks itself before it reports that it is ready.
            tcp_connect: TcpPeers::Ports(&[HTTPS]),
        },
        Role::Console => Confinement {
            limits: SMALL,
            grants: &[
                BUS,
                Grant { path: "/dev/tty0", access: Access::Terminal },
                Grant { path: "/dev/tty1", access: Access::Terminal },
                Grant { path: "/dev/ttyS0", access: Access::Terminal },
            ],
            tcp_listen: &[],
            tcp_connect: NOWHERE,
        },
        Role::Capture => Confinement {
            // The kernel counts the pages of the trace that wait for the disk.
            limits: Limits {
                memory_mib: 256,
                address_space_mib: 1024,
                file_kib: 2 * 1024 * 1024,
                ..SMALL
            },
            grants: &[
                BUS,
                Grant { path: "/run/bus/capture", access: Access::Serve },
                Grant { path: NETWORK_DIRECTORY, access: Access::Read },
                Grant { path: CAPTURE_DIRECTORY, access: Access::Store },
            ],
            tcp_listen: &[],
            // Long answers of name servers.
            tcp_connect: TcpPeers::Ports(&[DNS]),
        },
        Role::Diagnostics => Confinement {
            // The parts of a report are made at once, each with a limit of its own.
            limits: Limits {
                memory_mib: 192,
                address_space_mib: 1024,
                file_kib: 64 * 1024,
                ..SMALL
            },
            grants: &[
                BUS,
                Grant { path: "/run/bus/diagnostics", access: Access::Serve },
                Grant { path: NETWORK_DIRECTORY, access: Access::Read },
                Grant { path: DIAGNOSTICS_DIRECTORY, access: Access::Store },
            ],
            tcp_listen: &[],
            tcp_connect: TcpPeers::Any,
        },
        Role::Journal => Confinement {
            limits: Limits { memory_mib: 96, file_kib: 16 * 1024, ..SMALL },
            grants: &[
                BUS,
                Grant { path: "/run/bus/journal", access: Access::Serve },
                Grant { path: NETWORK_DIRECTORY, access: Access::Read },
                Grant { path: JOURNAL_DIRECTORY, access: Access::Store },
            ],
            tcp_listen: &[],
            tcp_connect: TcpPeers::Any,
        },
        Role::Directory => Confinement {
            // Answers of domain controllers are taken up to 16 MiB each.
            limits: Limits { memory_mib: 128, file_kib: 64, open_files: 1024, ..SMALL },
            grants: &[
                BUS,
                Grant { path: "/run/bus/directory", access: Access::Serve },
                Grant { path: DIRECTORY_DIRECTORY, access: Access::Store },
            ],
            tcp_listen: &[],
            tcp_connect: TcpPeers::Ports(&[
                DNS,
                DOMAIN_CONTROLLER[0],
                DOMAIN_CONTROLLER[1],
                DOMAIN_CONTROLLER[2],
                DOMAIN_CONTROLLER[3],
            ]),
        },
        Role::Channel => Confinement {
            // Each of 256 streams on two connections may hold 256 KiB that nobody has read yet; more
            // streams than requests are refused, so that far less is in use.
            limits: Limits {
                memory_mib: 192,
                address_space_mib: 1024,
                open_files: 1024,
                file_kib: 1024,
                ..SMALL
            },
            grants: &[
                BUS,
                Grant { path: "/run/bus/channel", access: Access::Serve },
                Grant { path: NETWORK_DIRECTORY, access: Access::Read },
                Grant { path: CHANNEL_DIRECTORY, access: Access::Store },
                Grant { path: TPM, access: Access::Device },
            ],
            tcp_listen: &[],
            // Administrators name the cloud, the proxies and, in the cloud, the web servers inside.
            tcp_connect: TcpPeers::Any,
        },
        Role::Guest => Confinement {
            limits: SMALL,
            grants: &[
                BUS,
                Grant { path: "/run/bus/guest", access: Access::Serve },
                Grant { path: GUEST_DIRECTORY, access: Access::Read },
            ],
            tcp_listen: &[],
            // Metadata services and Azure's wire server, at fixed addresses.
            tcp_connect: TcpPeers::Ports(&[HTTP]),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_role_sees_at_most_its_own_directory_of_the_data() {
        let mut owners = Vec::new();
        for role in Role::ALL {
            let data = of(role).grants.iter().filter(|grant| grant.path.starts_with("/data"));
            for grant in data {
                assert_eq!(grant.path, format!("/data/{}", role.name()));
                owners.push(role);
            }
        }
        assert_eq!(
            owners,
            [Role::Journal, Role::Settings, Role::Capture, Role::Directory, Role::Channel]
        );
    }

    #[test]
    fn a_role_writes_only_to_places_of_its_own() {
        for role in Role::ALL {
            for grant in of(role).grants.iter().filter(|grant| grant.access.is_writable()) {
                let others = Role::ALL.into_iter().filter(|other| *other != role);
                let shared: Vec<_> = others
                    .flat_map(|other| of(other).grants)
                    .filter(|other| other.access.is_writable() && other.path == grant.path)
                    .collect();
                assert!(shared.is_empty(), "{} of {role:?}", grant.path);
            }
        }
    }

    #[test]
    fn serves_on_the_directory_of_its_own_socket() {
        for role in Role::ALL {
            for grant in of(role).grants.iter().filter(|grant| grant.access == Access::Serve) {
                assert_eq!(role.socket_path(), format!("{}/socket", grant.path));
            }
        }
    }

    #[test]
    fn a_grant_comes_after_the_directory_that_it_lies_in() {
        // Init mounts in this order: a later mount of the parent would hide it.
        for role in Role::ALL {
            let paths: Vec<_> = of(role).grants.iter().map(|grant| grant.path).collect();
            for (place, path) in paths.iter().enumerate() {
                let later = paths.iter().skip(place + 1);
                assert!(!later.into_iter().any(|other| path.starts_with(&format!("{other}/"))));
            }
        }
    }
}
