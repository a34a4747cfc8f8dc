//! What the appliance asks of the kernel, and the only crate with unsafe code.
//!
//! Every function is synchronous and owns nothing beyond what it returns; descriptors are
//! [`OwnedFd`](std::os::fd::OwnedFd) or types that implement [`AsFd`](std::os::fd::AsFd), so that
//! asynchronous callers register them with their own reactor. Whatever reads bytes that come from a
//! disk, the kernel or the network is a pure function, apart from the call that fetched them.
//!
//! Errors that end a step are [`SysError`]; calls that a caller repeats when they would block return
//! [`std::io::Result`].
#![expect(
    unsafe_code,
    reason = "system calls without a safe wrapper are made here and nowhere else"
)]

pub mod backdoor;
pub mod block;
pub mod clock;
pub mod control_group;
pub mod data_partition;
mod error;
pub mod ext4;
pub mod file_system;
pub mod gpt;
pub mod host_files;
#[cfg(feature = "attempts")]
pub mod hostile;
pub mod hypervisor;
pub mod kernel;
pub mod kernel_facts;
pub mod mount;
pub mod netlink;
pub mod packet;
pub mod packet_ring;
pub mod partition_table;
pub mod ping;
pub mod poll;
pub mod power_button;
pub mod process;
pub mod process_facts;
pub mod pstore;
pub mod seccomp;
pub mod signals;
pub mod sysctl;
pub mod terminal;
pub mod unix_socket;
pub mod verity;
pub mod view;
pub mod watchdog;

pub use error::SysError;
