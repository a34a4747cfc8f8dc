//! English texts of the section *Active Directory domains*.

use model::domain::check::{CheckFact, CheckItem};
use model::domain::lookup::{LookupError, LookupKey, MAX_TEXT, MIN_PREFIX, ObjectKind};
use model::domain::status::{JoinStep, TrustDirection, TrustKind};
use model::domain::{
    DomainNameError, MAX_MACHINE_NAME, MAX_PASSWORD_BYTES, MachineNameError,
    OrganizationalUnitError, UserNameError,
};

use super::DomainsTexts;
use crate::texts::domain_failure::english::{PORTS, controllers, difference};

pub(crate) const TEXTS: DomainsTexts = DomainsTexts {
    heading: "Active Directory domains",
    hint: "The appliance looks up users and groups in these domains, with a machine account of its own in each.",
    joined: "Joined domains",
    trusted: "Trusted domains",
    empty: "No domain is joined.",
    empty_remedy: "Add each domain whose users sign in through this resource location.",
    silent: "The directory service does not answer.",
    silent_remedy: "It is restarted by itself; the list stands here in a few seconds.",
    domain: "Domain",
    forest: |forest| format!("Forest {forest}"),
    machine: "Machine account",
    controller: "Domain controller",
    no_controller: "None",
    site: |site, latency| match site {
        "" => latency.to_owned(),
        site => format!("Site {site}, {latency}"),
    },
    validated: "Kerberos validated",
    never: "Never",
    state: "State",
    actions: "Actions",
    healthy: "Healthy",
    unusable: "Not usable",
    with_problem: "Needs attention",
    not_checked: "Being checked",
    since: |at| format!("since {at}"),
    passed: "Passed",
    failed: "Failed",
    password_problem: "The password of the machine account is due and could not be changed.",
    forest_problem: |forest| format!("The root domain of the forest, {forest}, cannot be reached."),
    what_to_do: "What to do:",
    menu: |domain| format!("More for {domain}"),
    validate: "Validate Kerberos",
    show_account: "Show machine account",
    change_password: "Change the password now",
    leave: |domain| format!("Leave {domain}"),

    trusts_hint: "Trusts as the joined domains have them. The appliance needs no trust: it joins each domain by itself.",
    trusts_empty: "No joined domain has a trust with another one.",
    trust_name: "Trusted domain",
    trust_of: "Joined domain",
    trust_direction: "Direction",
    trust_kind: "Type",
    direction: |direction| match direction {
        TrustDirection::Disabled => "Disabled",
        TrustDirection::Inbound => "It trusts the joined domain",
        TrustDirection::Outbound => "The joined domain trusts it",
        TrustDirection::Bidirectional => "Both ways",
    },
    kind: |kind| match kind {
        TrustKind::WithinForest => "Within the forest",
        TrustKind::Forest => "Forest trust",
        TrustKind::External => "External trust",
        TrustKind::Realm => "Kerberos realm",
    },
    reachable: |reachable| match reachable {
        Some(true) => "Reachable",
        Some(false) => "Not reachable",
        None => "Not tried",
    },

    add: "Add Active Directory domain",
    add_button: "Add",
    optional: "(optional)",
    name: "Domain name",
    name_hint: "The DNS name of the domain, for example corp.example.com. It is checked before anything is asked or created.",
    dns: "DNS servers that know the domain",
    dns_hint: "Needed only if the appliance's own DNS servers cannot resolve the domain. One or more IPv4 addresses, separated by commas.",
    not_added: |problems| match problems {
        1 => "Correct one field. Nothing has been checked yet.".to_owned(),
        problems => format!("Correct {problems} fields. Nothing has been checked yet."),
    },
    name_problem,
    dns_problem: |text| {
        format!(
            "\"{text}\" is not an IPv4 address, which has four numbers from 0 to 255, for example 10.71.0.10."
        )
    },
    too_many_dns: |limit| format!("There are more than {limit} DNS servers. Leave some out."),
    form_expired: "This form was open for too long. Fill it in again and send it.",
    role_silent: "The directory service does not answer. It is restarted by itself; try again in a few seconds.",
    role_failed: "The directory service cannot do this. Try again; if it stays, download a diagnostic report and send it to support.",

    join_title: "Join Active Directory",
    of_forest: |domain, forest| format!("{domain}, forest {forest}"),
    check: "Domain check",
    checking: |done, all| format!("{done} of {all} checked"),
    check_passed: |passed, noted| match noted {
        0 => format!("All {passed} passed"),
        noted => format!("{passed} passed, {noted} to note"),
    },
    check_failed: |failed, all| format!("{failed} of {all} failed"),
    cannot_join: |domain| format!("{domain} cannot be joined yet."),
    nothing_created: "Nothing has been created in the domain. Do what stands below the checks that failed, then check again.",
    item: |item| match item {
        CheckItem::Dns => "Domain controllers in DNS",
        CheckItem::Controllers => "Domain controllers that answer",
        CheckItem::Kerberos => "Kerberos",
        CheckItem::Ldap => "LDAP",
        CheckItem::PasswordChange => "Password changes",
        CheckItem::GlobalCatalog => "Global Catalog",
        CheckItem::Clock => "Clock",
        CheckItem::FunctionalLevel => "Functional level",
    },
    fact,
    fact_advice,
    item_waiting: "Waiting",
    item_left_out: "Not checked",
    item_failed: "Failed",
    check_again: "Check again",
    other_domain: "Other domain",

    account_and_name: "Account and machine name",
    user: "User name",
    user_hint: "Somebody who may add computers to the domain: name, name@domain or DOMAIN\\name.",
    password: "Password",
    password_hint: "Used once for the join and never stored.",
    machine_name: "Machine name",
    machine_hint: "Suggested from the name of this appliance. Up to 15 letters, digits and hyphens; the account is created in Active Directory by this name.",
    place: "Place in the directory",
    unit: "Organizational unit",
    unit_hint: "For example OU=Connectors,DC=example,DC=com. Left empty, the domain's own place for computers is used.",
    availability: "For availability,",
    availability_more: "join each domain from at least two appliances of the resource location.",
    join: "Join",
    joining: "Joining...",
    step: |step| match step {
        JoinStep::Finding => "Finding a domain controller that can be written to",
        JoinStep::SigningIn => "Signing in",
        JoinStep::MakingAccount => "Setting up the machine account",
        JoinStep::Proving => "Proving that the account works",
    },
    not_joined: "The domain has not been joined.",
    user_problem,
    machine_problem,
    unit_problem: |problem| match problem {
        OrganizationalUnitError::TooLong => {
            "The organizational unit is too long to be one. Check what you have pasted.".to_owned()
        }
        OrganizationalUnitError::NotDistinguished { text } => format!(
            "\"{text}\" is not a distinguished name. Enter it in full, for example OU=Connectors,DC=example,DC=com."
        ),
    },
    password_missing: "Enter the password of the user.",
    password_too_long: "The password is longer than 1024 bytes. Check what you have pasted.",
    busy: "Another domain is being joined at this moment. Wait until it is done, then try again.",
    take_over: |account| format!("Take over {account}"),
    take_over_hint: "Its password is reset. A machine that uses the account now loses its connection to the domain. Enter the password of the user again.",

    account: "Machine account",
    account_place: "Place in the directory",
    unknown: "Not known",
    password_changed: "Password changed",
    password_age: |at, days| match days {
        0 => format!("{at}, today"),
        1 => format!("{at}, 1 day ago"),
        days => format!("{at}, {days} days ago"),
    },
    password_rule: |days| format!("The appliance changes it by itself every {days} days."),
    joined_at: "Joined",
    netbios: "NetBIOS name",
    forest_root: "Forest",
    client_site: "Site of the appliance",
    no_site: "None: its subnet belongs to no site",
    dns_servers: "DNS servers",
    own_dns: "Those of the appliance",
    kerberos: "Kerberos",
    kerberos_hint: "Gets a new ticket as the machine, reads the directory over a sealed connection, and has the domain prove that it is genuine.",
    validation_passed: |at, host, took| format!("Passed {at} with {host} in {took}"),
    validation_failed: |at, why| format!("Failed {at}: {why}"),
    not_done: "This has not been done.",

    lookup: "Look up in the directory",
    lookup_hint: "Tests what the cloud will ask: finds users, groups and computers as the machine account sees them. Nothing is changed.",
    object: "What",
    object_kind: |kind| match kind {
        ObjectKind::User => "Users",
        ObjectKind::Group => "Groups",
        ObjectKind::Computer => "Computers",
    },
    by: "By",
    key: |key| match key {
        LookupKey::AccountName => "Logon name (sAMAccountName)",
        LookupKey::UserPrincipalName => "User principal name",
        LookupKey::Mail => "E-mail address",
        LookupKey::DisplayName => "Beginning of the display name",
        LookupKey::Sid => "Security identifier (SID)",
        LookupKey::Guid => "GUID",
    },
    value: "Value",
    with_groups: "With memberships: every group of users and computers, nested and universal ones included; the members of groups",
    look_up: "Look up",
    lookup_problem,
    found: |count, host, took| match count {
        1 => format!("1 object from {host} in {took}"),
        count => format!("{count} objects from {host} in {took}"),
    },
    found_nothing: "Nothing was found. Check the value, and whether the domain is the right one.",
    more: "Next page",
    column_name: "Name",
    column_account: "Account",
    column_ids: "Identifiers",
    column_groups: "Memberships",
    groups: |count| match count {
        1 => "1 group".to_owned(),
        count => format!("{count} groups"),
    },
    members: |count| match count {
        1 => "1 member".to_owned(),
        count => format!("{count} members"),
    },
    disabled: "Disabled",

    leave_title: "Leave an Active Directory domain",
    leave_question: |domain| format!("Leave {domain}?"),
    leave_consequence: "The appliance forgets the password of its machine account, and users of this domain are not found through this appliance any more.",
    leave_note: |account, domain| {
        format!(
            "Unless you have it deleted here, the machine account {account} stays in {domain}: note its name and delete it there."
        )
    },
    leave_delete: "Delete the machine account now",
    leave_delete_hint: "Enter a user who may delete computer accounts. Left empty, the account stays.",
    leave_button: "Continue",
    not_left: "The domain has not been left.",
    left: |domain| format!("{domain} has been left"),
    left_deleted: |account| {
        format!(
            "The machine account {account} has been deleted from the domain. There is nothing more to do."
        )
    },
    left_by_hand: |account, domain| {
        format!(
            "If the machine account {account} is still in {domain}, delete it by hand, for example in Active Directory Users and Computers."
        )
    },
    back: "Back to Connector administration",
};

fn name_problem(problem: &DomainNameError) -> String {
    match problem {
        DomainNameError::Empty => {
            "Type the DNS name of the domain, for example corp.example.com.".to_owned()
        }
        DomainNameError::TooLong { length } => format!(
            "The name has {length} characters, and a DNS name has 253 at most. Check what you have pasted."
        ),
        DomainNameError::Address { address } => format!(
            "{address} is an address. Type the DNS name of the domain; a DNS server has a field of its own."
        ),
        DomainNameError::SingleLabel { name } => format!(
            "\"{name}\" has no dot, so it may be the NetBIOS name. Type the DNS name, for example {}.example.com.",
            name.to_ascii_lowercase()
        ),
        DomainNameError::Label { label } if label.is_empty() => {
            "There are two dots in a row, or one at the beginning. Leave one out.".to_owned()
        }
        DomainNameError::Label { label } => format!(
            "\"{label}\" cannot be part of the name of a domain. Each part has letters, digits and hyphens, 63 at most."
        ),
    }
}

fn user_problem(problem: &UserNameError) -> String {
    match problem {
        UserNameError::Empty => "Enter a user who may add computers to the domain.".to_owned(),
        UserNameError::TooLong => {
            "The user name is longer than any can be. Check what you have pasted.".to_owned()
        }
        UserNameError::Character { character } => format!(
            "The user name holds {character:?}, which no logon name can have. Enter the logon name, not the display name."
        ),
        UserNameError::Part => {
            "A part of the user name is missing. Write name, name@domain or DOMAIN\\name."
                .to_owned()
        }
    }
}

fn machine_problem(problem: &MachineNameError) -> String {
    match problem {
        MachineNameError::Empty => "Enter a machine name.".to_owned(),
        MachineNameError::TooLong { length } => format!(
            "The machine name has {length} characters. Shorten it to {MAX_MACHINE_NAME} or fewer."
        ),
        MachineNameError::Character { character } => format!(
            "The machine name holds {character:?}. Use letters from A to Z, digits and hyphens only."
        ),
        MachineNameError::Hyphen => {
            "The machine name begins or ends with a hyphen. Leave that hyphen out.".to_owned()
        }
        MachineNameError::OnlyDigits => {
            "The machine name consists of digits only. Add a letter.".to_owned()
        }
    }
}

fn lookup_problem(problem: &LookupError) -> String {
    match problem {
        LookupError::Empty => "Enter what to look for.".to_owned(),
        LookupError::TooLong => format!("The value is longer than {MAX_TEXT} bytes. Shorten it."),
        LookupError::PrefixTooShort => format!(
            "Enter at least {MIN_PREFIX} characters of the display name; less would list half the directory."
        ),
        LookupError::NotSid { value } => format!(
            "\"{value}\" is not a security identifier, which looks like S-1-5-21-1004336348-1177238915-682003330-512."
        ),
        LookupError::NotGuid { value } => format!(
            "\"{value}\" is not a GUID, which looks like 6f1b0c1e-7a52-4c0e-9d35-0d2f6c1f3b77."
        ),
    }
}

fn fact(fact: &CheckFact) -> (String, Option<String>) {
    match fact {
        CheckFact::Controllers { hosts, count } => {
            (format!("{count} found"), Some(hosts.join(", ")))
        }
        CheckFact::Answering { answering, count, host, site, .. } => (
            format!("{answering} of {count}"),
            Some(match site.as_str() {
                "" => format!("In use: {host}"),
                site => format!("In use: {host}, site {site}"),
            }),
        ),
        CheckFact::Port { host, milliseconds } => {
            ("Open".to_owned(), Some(format!("{host} answers in {milliseconds} ms")))
        }
        CheckFact::PortClosed { host, port } => {
            ("Closed".to_owned(), Some(format!("{host} does not answer on TCP port {port}")))
        }
        CheckFact::Clock { seconds } => (
            format!("{} apart", difference(*seconds)),
            Some("Kerberos takes 5 min at most".to_owned()),
        ),
        CheckFact::Level { level } => (level_name(*level), None),
    }
}

fn fact_advice(fact: &CheckFact) -> String {
    match fact {
        CheckFact::Controllers { .. } => "The domain can be joined.".to_owned(),
        CheckFact::Answering { silent, .. } => format!(
            "The domain can be joined, and stays usable only as long as one of the others answers. These do not answer as they should{}. Check that they run, let {PORTS} through from the appliance to them, and remove those that are gone from DNS.",
            controllers(silent)
        ),
        CheckFact::Port { .. } => "It answers slowly. Check the network between.".to_owned(),
        CheckFact::PortClosed { host, port: 464 } => format!(
            "The domain can be joined. Open TCP port 464 to {host}, which changes of the machine password may need."
        ),
        CheckFact::PortClosed { host, port } => format!(
            "The domain can be joined. Open TCP port {port} to {host}: without the Global Catalog, memberships in universal groups of other domains of the forest are not found."
        ),
        CheckFact::Clock { .. } => {
            "The domain can be joined. Use the same time servers for both, before the difference grows over 5 minutes.".to_owned()
        }
        CheckFact::Level { .. } => {
            "Below Windows Server 2008 a domain has no AES keys, which the appliance needs. Raise the functional level if the join fails for want of them.".to_owned()
        }
    }
}

/// `msDS-Behavior-Version` (MS-ADTS 6.1.4.3).
fn level_name(level: u32) -> String {
    let year = match level {
        0 => "2000",
        1 => "2003 mixed mode",
        2 => "2003",
        3 => "2008",
        4 => "2008 R2",
        5 => "2012",
        6 => "2012 R2",
        7 => "2016",
        10 => "2025",
        other => return format!("Level {other}"),
    };
    format!("Windows Server {year}")
}

const _: () = assert!(MAX_PASSWORD_BYTES == 1024, "the texts name this number");
