//! Active Directory domains: what may be entered for them, and what is known of them.

pub mod check;
pub mod failure;
pub mod lookup;
mod name;
pub mod status;
mod user;

pub use name::{
    DomainName, DomainNameError, MAX_MACHINE_NAME, MachineName, MachineNameError,
    OrganizationalUnit, OrganizationalUnitError,
};
pub use user::{MAX_PASSWORD_BYTES, UserName, UserNameError};

/// Most domains that are joined at a time. The manual tests ten forests.
pub const MAX_DOMAINS: usize = 64;
/// Most DNS servers that are given for a domain.
pub const MAX_DNS_SERVERS: usize = 4;
/// How often each domain is checked, in seconds.
pub const CHECK_SECONDS: u64 = 180;
/// Age at which the password of a machine account is changed, in days: the default of Windows
/// ("Domain member: Maximum machine account password age").
pub const MACHINE_PASSWORD_DAYS: i64 = 30;
/// Largest difference of clocks that Kerberos takes, in seconds (RFC 4120, section 1.6, and the
/// default of Windows).
pub const MAX_CLOCK_DIFFERENCE: i64 = 300;
