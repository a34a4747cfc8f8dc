//! The failures in English.

use model::domain::failure::{
    ControllerTrouble, DomainFailure as Failure, PortTrouble, Revocation,
};

use super::{DomainFailureTexts, FailureText, list, text};

pub(crate) const TEXTS: DomainFailureTexts = DomainFailureTexts { text: english };

/// What every domain controller has to let in.
pub(in crate::texts) const PORTS: &str = "UDP and TCP port 389 and the TCP ports 88, 464 and 3268";

fn english(failure: &Failure) -> FailureText {
    match failure {
        Failure::DomainUnknown { domain, servers } if servers.is_empty() => text(
            format!("The DNS servers of the appliance know no domain controllers of {domain}."),
            "Check the name: it is the DNS name of the domain, such as corp.example.com. If it is right, enter DNS servers that know the domain (domain controllers mostly do), or forward the domain to them in your DNS.",
        ),
        Failure::DomainUnknown { domain, servers } => text(
            format!("The DNS servers {} know no domain controllers of {domain}.", list(servers)),
            "Check the name: it is the DNS name of the domain, such as corp.example.com. If it is right, enter other DNS servers, such as a domain controller that runs DNS for the domain.",
        ),
        Failure::DnsSilent { servers } if servers.is_empty() => text(
            "No DNS server answers.".to_owned(),
            "Let UDP and TCP port 53 through from the appliance to its DNS servers. Network settings show which they are.",
        ),
        Failure::DnsSilent { servers } => text(
            format!("No DNS server answers. Asked: {}.", list(servers)),
            "Let UDP and TCP port 53 through from the appliance to these servers, and check that they run.",
        ),
        Failure::DnsFailed { reason } => text(
            format!("The DNS servers give no usable answer: {reason}."),
            "Look at the log of the DNS servers, or enter others that know the domain, such as a domain controller.",
        ),
        Failure::ControllersUnresolved { domain, hosts } => text(
            format!(
                "DNS names domain controllers of {domain}, but has an IPv4 address for none of them: {}.",
                list(hosts)
            ),
            "Add their host records (A) to the zone of the domain, or run \"ipconfig /registerdns\" on each of them. The appliance uses IPv4.",
        ),
        Failure::NoControllerAnswers { domain, tried } => text(
            format!("No domain controller of {domain} answers{}.", controllers(tried)),
            format!("Check that they run. Let {PORTS} through from the appliance to them."),
        ),
        Failure::OnlyReadOnly { domain, hosts } => text(
            format!("Only read-only domain controllers of {domain} answer: {}.", list(hosts)),
            format!(
                "An account has to be written at a writable domain controller. Let {PORTS} through from the appliance to one."
            ),
        ),
        Failure::NotController { host, domain, reason } => text(
            format!("{host} is not a domain controller of {domain}: {reason}."),
            format!(
                "Remove servers that are gone from the DNS records _ldap._tcp.dc._msdcs.{domain}, or enter DNS servers of the right domain."
            ),
        ),
        Failure::PortClosed { host, port, trouble } => port_closed(host, *port, *trouble),
        Failure::ConnectionLost { host, reason } => text(
            format!("The connection to {host} was lost: {reason}."),
            "Try again; another domain controller is asked if there is one. If it happens again, check the network between for devices that cut connections.",
        ),
        Failure::WrongPassword { user } => text(
            format!("The password of {user} is wrong."),
            "Type it again. Mind that the domain may lock the account after a few wrong passwords.",
        ),
        Failure::UserUnknown { user, domain } => text(
            format!("{domain} has no user {user}."),
            format!(
                "Check the spelling. Enter the logon name, not the display name: name, name@{domain} or DOMAIN\\name."
            ),
        ),
        Failure::ForeignSuffix { user, domain } if user.contains('\\') => text(
            format!("{user} is a user of another domain than {domain}."),
            format!(
                "Enter a user of {domain} itself: users of other domains cannot be used for this, not even those of the same forest."
            ),
        ),
        Failure::ForeignSuffix { user, domain } => text(
            format!("{domain} does not know {user} by the part behind the @."),
            format!(
                "If it is a user of {domain}, enter it as DOMAIN\\name: Active Directory Users and Computers shows it on the tab Account as \"User logon name (pre-Windows 2000)\". If it is one of another domain, enter a user of {domain} instead: others cannot be used for this, not even those of the same forest."
            ),
        ),
        Failure::AccountRevoked { user, why } => revoked(user, *why),
        Failure::PasswordExpired { user } => text(
            format!("The password of {user} has expired or must be changed at the next logon."),
            "Sign in to Windows as this user and set a new password, or clear \"User must change password at next logon\". Then try again.",
        ),
        Failure::LogonNotAllowed { user } => text(
            format!("A policy of the domain keeps {user} from signing in here or at this time."),
            "Check \"Logon Hours\", \"Log On To\" and the authentication policies of the account, or use another user.",
        ),
        Failure::NoAesKeys { user } => text(
            format!("The account {user} has no AES keys, and the appliance uses nothing weaker."),
            "Change the password of the account once: the domain then stores AES keys with it. Check as well that the account's encryption types (msDS-SupportedEncryptionTypes) do not leave AES out.",
        ),
        Failure::ClockDiffers { host, seconds } => clock(host, *seconds),
        Failure::KerberosRefused { host, code, name } => text(
            format!("{host} refuses with the Kerberos error {code} ({name})."),
            "Look at the events of this moment in the log of the domain controller: System, source Kerberos-Key-Distribution-Center, and Security, events 4768, 4769 and 4771.",
        ),
        Failure::AnswerNotValid { host, reason } => text(
            format!("{host} sends an answer that is not valid: {reason}."),
            "Check with \"dcdiag\" that the domain controller is in order, and that no device between changes the traffic. If it stays, download a diagnostic report and send it to support.",
        ),
        Failure::NotGenuine { host, reason } => text(
            format!("{host} cannot prove that it belongs to the domain: {reason}."),
            "Enter no password before this is cleared up. Find out which machine has this address, and whether the DNS records of the domain controllers are right.",
        ),
        Failure::Tampered { host, reason } => text(
            format!(
                "The LDAP connection to {host} was tampered with: {reason}. It has been ended."
            ),
            "Look for a device between that changes traffic, such as a firewall with inspection, and exempt TCP port 389 from it. If there is none, have your security team look into it.",
        ),
        Failure::NoProtection { host, reason } => text(
            format!(
                "{host} offers no LDAP signing or sealing that the appliance can use: {reason}."
            ),
            "Allow signed LDAP with Kerberos (SASL, GSSAPI) on the domain controller. The appliance never uses LDAP without it.",
        ),
        Failure::NoRight { user, place } => text(
            format!("{user} has not the right to do this in {place}."),
            "Use another user, or delegate the right: \"Create Computer objects\" on the organizational unit for a new account; \"Reset password\" and \"Write account restrictions\" for taking one over; \"Delete Computer objects\" for deleting it.",
        ),
        Failure::QuotaUsedUp { user } => text(
            format!(
                "{user} has made as many machine accounts as the domain lets a user make (ms-DS-MachineAccountQuota)."
            ),
            "Use another user, or delegate \"Create Computer objects\" on an organizational unit to this one and enter the unit. Or have an administrator create the account beforehand, and take it over.",
        ),
        Failure::NameInUse { account, place, is_machine: true } => text(
            format!("There is a machine account {account} already: {place}."),
            "Enter another machine name. If the account is free, for example from an earlier join of this appliance, you can take it over.",
        ),
        Failure::NameInUse { account, place, is_machine: false } => text(
            format!(
                "There is an account {account} already, and it is not a machine account: {place}."
            ),
            "Enter another machine name.",
        ),
        Failure::UnitMissing { unit } => text(
            format!("The domain has no {unit}."),
            "Check the distinguished name; the Attribute Editor of the unit shows it as distinguishedName. Or leave the field empty to use the domain's own place for computers.",
        ),
        Failure::MachineAccountGone { account } => text(
            format!("The machine account {account} is not in the domain any more."),
            "Restore it from the Active Directory Recycle Bin, or leave the domain here and join it again. If the account is new, wait until the domain controllers have replicated it.",
        ),
        Failure::MachineAccountDisabled { account } => text(
            format!("The machine account {account} is disabled."),
            "Enable it in Active Directory Users and Computers (Enable Account).",
        ),
        Failure::MachinePasswordChanged { account } => text(
            format!("The password of the machine account {account} was changed elsewhere."),
            "Leave the domain here and join it again with the same machine name, taking the account over. Find out who reset it: another machine may have joined by this name.",
        ),
        Failure::DirectoryRefused { host, code, text: words } => text(
            format!("{host} refuses with the LDAP error {code}: {words}."),
            "The text names the reason in most cases. Otherwise look at the events of this moment in the log Directory Service of the domain controller.",
        ),
        Failure::TooLarge { limit } => text(
            format!("The answer is larger than the appliance takes ({limit})."),
            "Look for less, for example by a longer beginning of the name.",
        ),
        Failure::AlreadyJoined { domain } => text(
            format!("{domain} is joined already."),
            "There is nothing to do. To join it by another machine name, leave it first.",
        ),
        Failure::NotJoined { domain } => text(
            format!("{domain} is not joined."),
            "It may have been left meanwhile. Join it first.",
        ),
        Failure::TooManyDomains { limit } => text(
            format!("{limit} domains are joined, which is the most."),
            "Leave a domain that is not used any more, or join this one from another appliance.",
        ),
        Failure::NotStored { reason } => text(
            format!("The appliance could not store the password of the machine account: {reason}."),
            "Nothing has changed in the domain. Check the disk of the virtual machine, restart it and try again.",
        ),
    }
}

fn trouble(trouble: PortTrouble) -> &'static str {
    match trouble {
        PortTrouble::Refused => "refuses",
        PortTrouble::Silent => "is silent",
        PortTrouble::Unreachable => "is not reached by the network",
        PortTrouble::WrongAnswer => "gives a wrong answer",
    }
}

/// `: dc1.example.com (192.0.2.1) is silent`; empty when there are none.
pub(in crate::texts) fn controllers(tried: &[ControllerTrouble]) -> String {
    let each: Vec<_> = tried
        .iter()
        .map(|it| format!("{} ({}) {}", it.host, it.address, trouble(it.trouble)))
        .collect();
    if each.is_empty() { String::new() } else { format!(": {}", each.join(", ")) }
}

fn purpose(port: u16) -> &'static str {
    match port {
        53 => "DNS",
        88 => "Kerberos",
        389 => "LDAP",
        464 => "Kerberos password changes",
        3268 => "Global Catalog",
        _ => "Active Directory",
    }
}

fn port_closed(host: &str, port: u16, trouble: PortTrouble) -> FailureText {
    let purpose = purpose(port);
    let open = || {
        format!(
            "Open TCP port {port} from the appliance to {host} in the firewalls between them, and check that the service runs there."
        )
    };
    match trouble {
        PortTrouble::Refused => {
            text(format!("{host} refuses connections to port {port} ({purpose})."), open())
        }
        PortTrouble::Silent => {
            text(format!("{host} does not answer on port {port} ({purpose})."), open())
        }
        PortTrouble::Unreachable => text(
            format!("The network does not lead to port {port} ({purpose}) of {host}."),
            "Check the gateway in the network settings, and the routes and firewalls between.",
        ),
        PortTrouble::WrongAnswer => text(
            format!("Something else than {purpose} answers on port {port} of {host}."),
            format!(
                "Check that {host} is a domain controller and that no other program or device answers in its place."
            ),
        ),
    }
}

fn revoked(user: &str, why: Revocation) -> FailureText {
    match why {
        Revocation::Disabled => text(
            format!("The account {user} is disabled."),
            "Enable it in Active Directory Users and Computers, or use another user.",
        ),
        Revocation::LockedOut => text(
            format!("The account {user} is locked out after wrong passwords."),
            "Unlock it in Active Directory Users and Computers, or wait for the lockout time of the domain.",
        ),
        Revocation::Expired => text(
            format!("The account {user} has expired."),
            "Set a later date under \"Account expires\" in Active Directory Users and Computers, or use another user.",
        ),
        Revocation::Unknown => text(
            format!(
                "The account {user} is disabled, locked out or expired; the domain controller does not say which."
            ),
            "Look at the account in Active Directory Users and Computers, or use another user.",
        ),
    }
}

fn clock(host: &str, seconds: i64) -> FailureText {
    let way = if seconds < 0 { "behind" } else { "ahead of" };
    text(
        format!(
            "The clock of {host} is {} {way} that of the appliance. Kerberos takes 5 minutes at most.",
            difference(seconds)
        ),
        "Find out which of the two is wrong and correct it. Use the same time servers for the appliance (network settings) as for the domain controllers.",
    )
}

/// `7 min 2 s`, without a sign.
pub(in crate::texts) fn difference(seconds: i64) -> String {
    let seconds = seconds.unsigned_abs();
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, seconds) => format!("{seconds} s"),
        (0, minutes, seconds) => format!("{minutes} min {seconds} s"),
        (hours, minutes, _) => format!("{hours} h {minutes} min"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn difference_of_clocks_is_named_with_its_direction() {
        let of = |seconds| clock("dc1.corp.example.com", seconds).headline;
        assert!(of(-422).contains("is 7 min 2 s behind that"), "{}", of(-422));
        assert!(of(3600).contains("is 1 h 0 min ahead of that"), "{}", of(3600));
    }
}
