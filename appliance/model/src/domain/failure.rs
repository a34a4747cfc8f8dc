//! What keeps the appliance from using a domain. Each has a sentence and a remedy of its own.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::name::DomainName;

/// Longest text of a server that is kept, in characters.
pub const MAX_SERVER_TEXT: usize = 300;

/// Why something about a domain could not be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Error)]
#[serde(tag = "failure", rename_all = "snake_case")]
pub enum DomainFailure {
    /// The name servers say that there is no such domain, or that it has no domain controllers.
    #[error("the name servers know no domain controllers of {domain}")]
    DomainUnknown {
        /// The domain.
        domain: DomainName,
        /// The name servers that were asked; empty = the appliance's own.
        servers: Vec<IpAddr>,
    },
    /// No name server answered in time.
    #[error("no name server answers")]
    DnsSilent {
        /// The name servers that were asked.
        servers: Vec<IpAddr>,
    },
    /// A name server answered with an error or with what cannot be used.
    #[error("the name servers cannot be used: {reason}")]
    DnsFailed {
        /// What came, in English.
        reason: String,
    },
    /// Domain controllers are named and none of the names has an address.
    #[error("none of the domain controllers of {domain} has an address in DNS")]
    ControllersUnresolved {
        /// The domain.
        domain: DomainName,
        /// Their names.
        hosts: Vec<String>,
    },
    /// Domain controllers are known and none answers.
    #[error("no domain controller of {domain} answers")]
    NoControllerAnswers {
        /// The domain.
        domain: DomainName,
        /// Each that was asked, and what became of it.
        tried: Vec<ControllerTrouble>,
    },
    /// Only read-only domain controllers answer, and something has to be written.
    #[error("only read-only domain controllers of {domain} answer")]
    OnlyReadOnly {
        /// The domain.
        domain: DomainName,
        /// Their names.
        hosts: Vec<String>,
    },
    /// The server is no domain controller of the domain.
    #[error("{host} is no domain controller of {domain}: {reason}")]
    NotController {
        /// The server.
        host: String,
        /// The domain.
        domain: DomainName,
        /// What shows it, in English.
        reason: String,
    },
    /// A port that is needed does not answer.
    #[error("port {port} of {host} cannot be reached")]
    PortClosed {
        /// The server.
        host: String,
        /// The port.
        port: u16,
        /// Whether it refuses or is silent.
        trouble: PortTrouble,
    },
    /// The domain controller did not answer in time, or the connection ended.
    #[error("the connection to {host} was lost")]
    ConnectionLost {
        /// The server.
        host: String,
        /// What happened, in English.
        reason: String,
    },
    /// The password is wrong.
    #[error("the password of {user} is wrong")]
    WrongPassword {
        /// The user.
        user: String,
    },
    /// There is no such user.
    #[error("{user} is no user of {domain}")]
    UserUnknown {
        /// The user.
        user: String,
        /// The domain.
        domain: DomainName,
    },
    /// A user whose name has another suffix than the domain, and the domain does not know it.
    #[error("{user} is not known in {domain} by this suffix")]
    ForeignSuffix {
        /// The user.
        user: String,
        /// The domain.
        domain: DomainName,
    },
    /// The account may not be used.
    #[error("the account {user} cannot be used: {why}")]
    AccountRevoked {
        /// The user.
        user: String,
        /// Why, if the domain controller said.
        why: Revocation,
    },
    /// The password has expired or must be changed at the next logon.
    #[error("the password of {user} has expired or must be changed")]
    PasswordExpired {
        /// The user.
        user: String,
    },
    /// A policy keeps the user from signing in here or now.
    #[error("a policy keeps {user} from signing in here or now")]
    LogonNotAllowed {
        /// The user.
        user: String,
    },
    /// The account has no AES keys.
    #[error("the account {user} has no AES keys")]
    NoAesKeys {
        /// The user or machine.
        user: String,
    },
    /// The clocks differ by more than Kerberos takes.
    #[error("the clock of {host} is {seconds} s ahead of the appliance's")]
    ClockDiffers {
        /// The domain controller.
        host: String,
        /// Its clock less ours, in seconds; negative = it is behind.
        seconds: i64,
    },
    /// The Key Distribution Center refused with another error.
    #[error("{host} refuses with the Kerberos error {code} ({name})")]
    KerberosRefused {
        /// The domain controller.
        host: String,
        /// The error code (RFC 4120, section 7.5.9).
        code: i32,
        /// Its name.
        name: String,
    },
    /// An answer that cannot be read or that fails its check.
    #[error("{host} sends an answer that is not valid: {reason}")]
    AnswerNotValid {
        /// The server.
        host: String,
        /// What is wrong with it, in English.
        reason: String,
    },
    /// Somebody answers in place of a domain controller.
    #[error("{host} cannot prove that it belongs to the domain: {reason}")]
    NotGenuine {
        /// The server.
        host: String,
        /// What fails, in English.
        reason: String,
    },
    /// Data of an LDAP session was changed, repeated or lost on the way.
    #[error("the LDAP connection to {host} was tampered with: {reason}")]
    Tampered {
        /// The server.
        host: String,
        /// What fails, in English.
        reason: String,
    },
    /// The domain controller offers neither sealing nor signing, or demands what we cannot do.
    #[error("{host} does not offer LDAP signing: {reason}")]
    NoProtection {
        /// The server.
        host: String,
        /// What it offers or demands, in English.
        reason: String,
    },
    /// The user has no right to do this.
    #[error("{user} may not do this in {place}")]
    NoRight {
        /// The user.
        user: String,
        /// The container or account.
        place: String,
    },
    /// The user has made as many machine accounts as the domain lets users make.
    #[error("{user} has used up the number of machine accounts that users may make")]
    QuotaUsedUp {
        /// The user.
        user: String,
    },
    /// There is an account of this name.
    #[error("there is an account {account} already")]
    NameInUse {
        /// The account.
        account: String,
        /// Where it is, as distinguished name.
        place: String,
        /// Whether it is a machine account that the user could take over.
        is_machine: bool,
    },
    /// The organizational unit does not exist.
    #[error("there is no {unit} in the domain")]
    UnitMissing {
        /// The organizational unit.
        unit: String,
    },
    /// The machine account is not in the directory any more.
    #[error("the machine account {account} is not in the domain any more")]
    MachineAccountGone {
        /// The account.
        account: String,
    },
    /// The machine account is disabled.
    #[error("the machine account {account} is disabled")]
    MachineAccountDisabled {
        /// The account.
        account: String,
    },
    /// The password that the appliance keeps is not the account's any more.
    #[error("the password of the machine account {account} was changed elsewhere")]
    MachinePasswordChanged {
        /// The account.
        account: String,
    },
    /// Another LDAP error.
    #[error("{host} refuses with the LDAP error {code}: {text}")]
    DirectoryRefused {
        /// The domain controller.
        host: String,
        /// The result code (RFC 4511, appendix A).
        code: u32,
        /// What it says.
        text: String,
    },
    /// The answer would be larger than the appliance gives.
    #[error("the answer is larger than {limit}")]
    TooLarge {
        /// The limit, with its unit, in English.
        limit: String,
    },
    /// The domain is joined already.
    #[error("{domain} is joined already")]
    AlreadyJoined {
        /// The domain.
        domain: DomainName,
    },
    /// The domain is not joined.
    #[error("{domain} is not joined")]
    NotJoined {
        /// The domain.
        domain: DomainName,
    },
    /// As many domains are joined as can be.
    #[error("{limit} domains are joined, and more cannot be")]
    TooManyDomains {
        /// The most.
        limit: usize,
    },
    /// The password could not be stored.
    #[error("the password of the machine account could not be stored: {reason}")]
    NotStored {
        /// Why, in English.
        reason: String,
    },
}

/// What became of a domain controller that was asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ControllerTrouble {
    /// Its name.
    pub host: String,
    /// Its address.
    pub address: IpAddr,
    /// What happened.
    pub trouble: PortTrouble,
}

/// Why a port cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PortTrouble {
    /// Nothing listens there, or a firewall says so.
    Refused,
    /// No answer in time.
    Silent,
    /// The network does not lead there.
    Unreachable,
    /// It answers with what is not expected.
    WrongAnswer,
}

/// Why an account may not be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Revocation {
    /// It is disabled.
    Disabled,
    /// It is locked after wrong passwords.
    LockedOut,
    /// The account has expired.
    Expired,
    /// Disabled, locked or expired: the domain controller does not say which.
    Unknown,
}

impl std::fmt::Display for Revocation {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Disabled => "it is disabled",
            Self::LockedOut => "it is locked out",
            Self::Expired => "it has expired",
            Self::Unknown => "it is disabled, locked out or expired",
        })
    }
}

impl DomainFailure {
    /// Language-neutral identifier.
    #[must_use]
    pub const fn id(&self) -> &'static str {
        match self {
            Self::DomainUnknown { .. } => "domain.unknown",
            Self::DnsSilent { .. } => "domain.dns-silent",
            Self::DnsFailed { .. } => "domain.dns-failed",
            Self::ControllersUnresolved { .. } => "domain.controllers-unresolved",
            Self::NoControllerAnswers { .. } => "domain.no-controller-answers",
            Self::OnlyReadOnly { .. } => "domain.only-read-only",
            Self::NotController { .. } => "domain.not-controller",
            Self::PortClosed { .. } => "domain.port-closed",
            Self::ConnectionLost { .. } => "domain.connection-lost",
            Self::WrongPassword { .. } => "domain.wrong-password",
            Self::UserUnknown { .. } => "domain.user-unknown",
            Self::ForeignSuffix { .. } => "domain.foreign-suffix",
            Self::AccountRevoked { .. } => "domain.account-revoked",
            Self::PasswordExpired { .. } => "domain.password-expired",
            Self::LogonNotAllowed { .. } => "domain.logon-not-allowed",
            Self::NoAesKeys { .. } => "domain.no-aes-keys",
            Self::ClockDiffers { .. } => "domain.clock-differs",
            Self::KerberosRefused { .. } => "domain.kerberos-refused",
            Self::AnswerNotValid { .. } => "domain.answer-not-valid",
            Self::NotGenuine { .. } => "domain.not-genuine",
            Self::Tampered { .. } => "domain.tampered",
            Self::NoProtection { .. } => "domain.no-protection",
            Self::NoRight { .. } => "domain.no-right",
            Self::QuotaUsedUp { .. } => "domain.quota-used-up",
            Self::NameInUse { .. } => "domain.name-in-use",
            Self::UnitMissing { .. } => "domain.unit-missing",
            Self::MachineAccountGone { .. } => "domain.machine-account-gone",
            Self::MachineAccountDisabled { .. } => "domain.machine-account-disabled",
            Self::MachinePasswordChanged { .. } => "domain.machine-password-changed",
            Self::DirectoryRefused { .. } => "domain.directory-refused",
            Self::TooLarge { .. } => "domain.too-large",
            Self::AlreadyJoined { .. } => "domain.already-joined",
            Self::NotJoined { .. } => "domain.not-joined",
            Self::TooManyDomains { .. } => "domain.too-many",
            Self::NotStored { .. } => "domain.not-stored",
        }
    }

    /// Whether another domain controller may do what this one did not.
    #[must_use]
    pub const fn tries_next_controller(&self) -> bool {
        matches!(
            self,
            Self::PortClosed { .. }
                | Self::ConnectionLost { .. }
                | Self::NotController { .. }
                | Self::AnswerNotValid { .. }
                | Self::NoProtection { .. }
        )
    }
}

/// Shortens what a server says and drops what cannot be printed: Samba ends texts with NUL.
#[must_use]
pub fn server_text(text: &str) -> String {
    let words: Vec<&str> =
        text.split(|character: char| character.is_control() || character.is_whitespace()).collect();
    let line = words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    line.chars().take(MAX_SERVER_TEXT).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_a_server_becomes_one_short_line() {
        assert_eq!(server_text("0000202B:\n  no\u{7}such\0\0"), "0000202B: no such");
        assert_eq!(server_text(&"x".repeat(1000)).len(), MAX_SERVER_TEXT);
    }
}
