//! What is in the directories: users of every kind, groups in groups, sites.
//!
//! | account of `corp.example.com` | what it is |
//! |---|---|
//! | `administrator` | may do everything |
//! | `alice` | a user without special rights; member of `inner`, so of `middle` and `outer` too |
//! | `yamada` | display name in Japanese |
//! | `special` | names hold `* ( ) \` |
//! | `suffix` | user principal name `suffix@brand.example.org` |
//! | `delegate` | may create computers in `OU=Delegated`, nothing else |
//! | `disabled`, `expired`, `locked`, `must-change` | may not log in, for that reason |
//! | `old-keys` | an ordinary user until [`forget_aes_keys`] leaves it a key for RC4 only, as accounts have whose password is from before AES |
//!
//! All have the password [`PASSWORD`]. The group `large` has [`LARGE`] members, the contacts
//! `bulk0001` and so on: more than a server returns at once.
//!
//! `partner.example.net` has the user `carol`.

use std::fmt::Write;

use base64ct::{Base64, Encoding};

use crate::controller::Controller;
use crate::error::ForestError;
use crate::host::Host;
use crate::making::wait_for_entry;
use crate::role::{DC1, PARTNER1};

/// Password of every user, and of the administrators.
pub const PASSWORD: &str = "Passw0rd.23";
/// Members of the group `large`.
pub const LARGE: usize = 1600;
/// Further users of the recipe for the benchmark.
pub const CROWD: usize = 5000;
/// Users in one transaction.
const PART: usize = 250;
/// Name of the user whose name must be escaped in filters.
pub const SPECIAL: &str = r"Star * (paren) \ back";
/// Display name of `yamada`.
pub const JAPANESE: &str = "山田 太郎";

/// Flags of `userAccountControl`.
const NORMAL: u32 = 0x200;
const DISABLED: u32 = 0x2;
const NEEDS_NO_PASSWORD: u32 = 0x20;

/// Values of `groupType`.
const GLOBAL: u32 = 0x8000_0002;
const DOMAIN_LOCAL: u32 = 0x8000_0004;
const UNIVERSAL: u32 = 0x8000_0008;

/// Records in LDIF.
struct Ldif {
    base: String,
    text: String,
}

impl Ldif {
    fn new(base: String) -> Self {
        Self { base, text: String::new() }
    }

    /// Begins a record at this place below the domain.
    fn record(&mut self, place: &str, class: &str) {
        let dn =
            if place.is_empty() { self.base.clone() } else { format!("{place},{}", self.base) };
        self.text.push('\n');
        self.line("dn", &dn);
        if !class.is_empty() {
            self.line("objectClass", class);
        }
    }

    fn line(&mut self, name: &str, value: &str) {
        let _ = if value.is_ascii() {
            writeln!(self.text, "{name}: {value}")
        } else {
            writeln!(self.text, "{name}:: {}", Base64::encode_string(value.as_bytes()))
        };
    }

    fn lines(&mut self, lines: &[(&str, &str)]) {
        lines.iter().for_each(|(name, value)| self.line(name, value));
    }

    fn user(&mut self, name: &str, lines: &[(&str, &str)]) {
        self.user_as(name, name, NORMAL, lines);
    }

    fn user_as(&mut self, cn: &str, account: &str, control: u32, lines: &[(&str, &str)]) {
        self.record(&format!("CN={},OU=Users,OU=Company", cn.replace('\\', r"\\")), "user");
        self.lines(&[("sAMAccountName", account), ("userAccountControl", &control.to_string())]);
        let quoted = format!("\"{PASSWORD}\"");
        let octets: Vec<_> = quoted.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let _ = writeln!(self.text, "unicodePwd:: {}", Base64::encode_string(&octets));
        self.lines(lines);
    }

    /// A user without password.
    fn shadow(&mut self, name: &str, number: usize, unit: &str) {
        self.record(&format!("CN={name},{unit}"), "user");
        let control = (NORMAL | NEEDS_NO_PASSWORD).to_string();
        self.lines(&[("sAMAccountName", name), ("userAccountControl", &control)]);
        self.lines(&[
            ("givenName", "Bulk"),
            ("sn", &format!("Number {number}")),
            ("displayName", &format!("Bulk Number {number}")),
            ("mail", &format!("{name}@corp.example.com")),
            ("userPrincipalName", &format!("{name}@corp.example.com")),
        ]);
    }

    fn group(&mut self, name: &str, kind: u32, members: &[&str]) {
        self.record(&format!("CN={name},OU=Groups,OU=Company"), "group");
        // The directory takes it as a signed number.
        let kind = kind.cast_signed().to_string();
        self.lines(&[("sAMAccountName", name), ("groupType", &kind)]);
        for member in members {
            let dn = format!("{member},{}", self.base);
            self.line("member", &dn);
        }
    }

    fn units(&mut self, units: &[&str]) {
        units.iter().for_each(|unit| self.record(unit, "organizationalUnit"));
    }
}

/// What `corp.example.com` holds before its controller starts for the first time.
pub(crate) fn company() -> String {
    let mut ldif = Ldif::new(DC1.base());
    ldif.units(&[
        "OU=Company",
        "OU=Users,OU=Company",
        "OU=Groups,OU=Company",
        "OU=Servers,OU=Company",
        "OU=Bulk,OU=Company",
        "OU=Delegated",
    ]);
    ldif.user(
        "alice",
        &[
            ("displayName", "Alice Example"),
            ("givenName", "Alice"),
            ("sn", "Example"),
            ("mail", "alice.example@corp.example.com"),
            ("userPrincipalName", "alice@corp.example.com"),
            ("department", "Scanning"),
        ],
    );
    ldif.user(
        "yamada",
        &[
            ("displayName", JAPANESE),
            ("mail", "yamada@corp.example.com"),
            ("userPrincipalName", "yamada@corp.example.com"),
        ],
    );
    let mail = ("mail", "special@corp.example.com");
    ldif.user_as(SPECIAL, "special", NORMAL, &[("displayName", SPECIAL), mail]);
    ldif.user("suffix", &[("userPrincipalName", "suffix@brand.example.org")]);
    ldif.user("delegate", &[]);
    ldif.user_as("disabled", "disabled", NORMAL | DISABLED, &[]);
    // The second day of the year 1601.
    ldif.user("expired", &[("accountExpires", "864000000000")]);
    ldif.user("locked", &[]);
    ldif.user("must-change", &[("pwdLastSet", "0")]);
    ldif.user("old-keys", &[]);
    ldif.group("inner", GLOBAL, &["CN=alice,OU=Users,OU=Company"]);
    ldif.group("middle", UNIVERSAL, &["CN=inner,OU=Groups,OU=Company"]);
    ldif.group("outer", DOMAIN_LOCAL, &["CN=middle,OU=Groups,OU=Company"]);
    let names: Vec<_> = (1..=LARGE).map(|number| format!("bulk{number:04}")).collect();
    for name in &names {
        // Contacts are made four times as fast as users.
        ldif.record(&format!("CN={name},OU=Bulk,OU=Company"), "contact");
    }
    let members: Vec<_> =
        names.iter().map(|name| format!("CN={name},OU=Bulk,OU=Company")).collect();
    let members: Vec<_> = members.iter().map(String::as_str).collect();
    ldif.group("large", GLOBAL, &members);
    add_site(&mut ldif);
    ldif.text
}

/// The site "Branch" with the network 10.99.1.0/24, and the suffix for user principal names.
fn add_site(ldif: &mut Ldif) {
    const SITE: &str = "CN=Branch,CN=Sites,CN=Configuration";
    ldif.record(SITE, "site");
    ldif.record(&format!("CN=Servers,{SITE}"), "serversContainer");
    ldif.record(&format!("CN=NTDS Site Settings,{SITE}"), "nTDSSiteSettings");
    ldif.record("CN=10.99.1.0/24,CN=Subnets,CN=Sites,CN=Configuration", "subnet");
    let site = format!("{SITE},{}", ldif.base);
    ldif.line("siteObject", &site);
    ldif.record(
        "CN=DEFAULTIPSITELINK,CN=IP,CN=Inter-Site Transports,CN=Sites,CN=Configuration",
        "",
    );
    ldif.lines(&[("changetype", "modify"), ("add", "siteList"), ("siteList", &site)]);
    ldif.record("CN=Partitions,CN=Configuration", "");
    ldif.lines(&[
        ("changetype", "modify"),
        ("add", "uPNSuffixes"),
        ("uPNSuffixes", "brand.example.org"),
    ]);
}

/// What needs a running controller.
pub(crate) fn finish_company(dc1: &Controller, appliance: &Host) -> Result<(), ForestError> {
    let delegate = dc1.ldbsearch("(sAMAccountName=delegate)", &["objectSid"])?;
    let sid = delegate.first().and_then(|entry| entry.text("objectSid")).unwrap_or_default();
    // The right to create objects of the class computer.
    let right = format!("--sddl=(OA;CI;CC;bf967a86-0de6-11d0-a285-00aa003049e2;;{sid})");
    let place = format!("--objectdn=OU=Delegated,{}", DC1.base());
    dc1.samba_tool(&["dsacl", "set", &place, &right])?;
    let policy = ["domain", "passwordsettings", "pso"];
    let lock = ["create", "lock", "1", "--account-lockout-threshold=3"];
    let for_ever = ["--account-lockout-duration=0", "--reset-account-lockout-after=30"];
    dc1.samba_tool(&[&policy[..], &lock, &for_ever].concat())?;
    dc1.samba_tool(&[&policy[..], &["apply", "lock", "locked"]].concat())?;
    for _ in 0..3 {
        // It is meant to fail.
        let _ = appliance.run_with_input("kinit", &["locked"], "wrong\n");
    }
    wait_for_entry(dc1, "(&(sAMAccountName=locked)(lockoutTime>=1))")
}

/// Takes the AES keys of `old-keys` away, so that its key for RC4 is all that is left.
///
/// # Errors
///
/// The database of the controller cannot be changed.
pub fn forget_aes_keys(dc1: &Controller) -> Result<(), ForestError> {
    // They are in this attribute, which only the file of the database lets go.
    let file = "/var/lib/samba/private/sam.ldb.d/DC=CORP,DC=EXAMPLE,DC=COM.ldb";
    let name = format!("dn: CN=old-keys,OU=Users,OU=Company,{}\n", DC1.base());
    let change = format!("{name}changetype: modify\ndelete: supplementalCredentials\n");
    dc1.host().run_with_input("ldbmodify", &["-H", file], &change).map(drop)
}

/// Users for the benchmark, in parts: the more one transaction of the database holds, the slower
/// each of its records becomes.
pub(crate) fn crowd() -> Vec<String> {
    let mut units = Ldif::new(DC1.base());
    units.units(&["OU=Crowd"]);
    let numbers: Vec<_> = (1..=CROWD).collect();
    let parts = numbers.chunks(PART).map(|part| {
        let mut ldif = Ldif::new(DC1.base());
        for number in part {
            ldif.shadow(&format!("crowd{number:04}"), *number, "OU=Crowd");
        }
        ldif.text
    });
    [units.text].into_iter().chain(parts).collect()
}

/// What `partner.example.net` holds.
pub(crate) fn partner() -> String {
    let mut ldif = Ldif::new(PARTNER1.base());
    ldif.units(&["OU=Company", "OU=Users,OU=Company", "OU=Groups,OU=Company"]);
    ldif.user(
        "carol",
        &[
            ("displayName", "Carol Partner"),
            ("mail", "carol@partner.example.net"),
            ("userPrincipalName", "carol@partner.example.net"),
        ],
    );
    ldif.text
}
