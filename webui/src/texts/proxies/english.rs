//! English texts of the section *Proxy servers*.

use model::bypass::{BypassListError, BypassRuleError as Rule, MAX_BYPASS_RULES};
use model::network_form::NetworkProblem;
use model::proxy::{
    MAX_CREDENTIAL_BYTES, ProxyCredentialError as Credential, ProxyLocationError as Location,
};

use super::ProxyTexts;
use crate::texts::network_settings::english::TEXTS as NETWORK;

pub(crate) const TEXTS: ProxyTexts = ProxyTexts {
    heading: "Proxy servers",
    hint: "Tried in this order for everything outside your network. Each is checked when it is saved, and every minute.",
    empty: "No proxy server is set. The appliance contacts the cloud directly.",
    empty_remedy: "Add one if your network lets machines out through a web proxy only.",
    order: "Order",
    location: "Address and port",
    sign_in: "Sign-in",
    no_sign_in: "None",
    basic: |user_name| format!("Basic, user {user_name}"),
    state: "State",
    actions: "Actions",
    checking: "Checking",
    checking_detail: "The result stands here in a few seconds.",
    reachable: "Reachable",
    reachable_detail: |milliseconds, at| format!("Answered in {milliseconds} ms, checked {at}"),
    unreachable: "Unreachable",
    unreachable_detail: |at| format!("Checked {at}"),
    unknown: "Not known",
    unknown_detail: "The service that checks proxies does not answer.",
    what_to_do: "What to do:",
    move_up: |location| format!("Move {location} up"),
    move_down: |location| format!("Move {location} down"),
    edit: |location| format!("Edit {location}"),
    delete: |location| format!("Delete {location}"),
    add: "Add proxy server",
    edit_title: "Edit proxy server",
    location_label: "Proxy IP address and Port",
    location_hint: "For example 10.71.0.80:3128 or proxy.example.com:8080",
    user_name: "Username",
    password: "Password",
    optional: "(optional)",
    password_hint: "Stored on the appliance and never shown again.",
    password_kept: "Leave it empty to keep the present one. It is never shown.",
    user_name_hint: "Empty it to use the proxy without sign-in.",
    basic_only: "Basic sign-in only; NTLM, Kerberos and Digest are not supported.",
    save: "Save",
    not_saved: |problems| match problems {
        1 => "Correct one field. Nothing has been changed yet.".to_owned(),
        problems => format!("Correct {problems} fields. Nothing has been changed yet."),
    },
    location_problem,
    credential_problem,
    form_expired: "This form was open for too long. Fill it in again and send it.",
    not_stored: "The appliance could not store the change. Check the disk of the virtual machine, restart it and try again.",

    delete_title: "Delete a proxy server",
    delete_question: |location| format!("Delete the proxy server {location}?"),
    delete_consequence: "New connections use the proxy servers that remain. Its password is forgotten.",
    delete_last: "It is the only one. Without it the appliance contacts the cloud directly, which works only if your network allows it.",
    delete_button: "Delete proxy server",

    bypass: "Contacted directly, without a proxy",
    bypass_always: "Always",
    bypass_own: "Also",
    bypass_none: "nothing else",
    bypass_edit: "Edit exceptions",
    bypass_title: "Exceptions from the proxy servers",
    bypass_label: "Names and addresses that are contacted directly",
    bypass_hint: "One a line. Addresses in 10.0.0.0/8, 172.16.0.0/12 and 192.168.0.0/16 are always contacted directly and need not stand here.",
    bypass_written: "Written",
    bypass_covers: "Covers",
    bypass_rules: &[
        ("host.example.com", "this name, and none below it"),
        (".example.com", "every name below example.com, and not example.com itself"),
        ("192.0.2.7", "this address"),
        ("192.0.2.0/24", "the addresses of this network"),
        ("*", "everything: the proxy servers are not used"),
    ],
    bypass_names: "A rule of addresses also covers a name when all addresses that it resolves to are covered. Upper case, a dot at the end and the port make no difference.",
    bypass_effective: "It takes effect with the next connection.",
    bypass_not_saved: "Nothing has been changed yet. Please correct:",
    bypass_changed: |now| {
        format!(
            "The exceptions were changed meanwhile to: {now}. Your text still stands below; saving it replaces them."
        )
    },
    bypass_emptied: "The exceptions were removed meanwhile. Your text still stands below; saving it sets them anew.",
    bypass_problem,
};

fn location_problem(problem: &Location) -> String {
    match problem {
        Location::Empty => "Type the address and port of the proxy, for example 10.71.0.80:3128.".to_owned(),
        Location::Scheme { scheme } => format!("Leave out {scheme}://. Type the address and port alone, for example 10.71.0.80:3128."),
        Location::Credentials => "Leave out what stands before the @. User name and password have fields of their own.".to_owned(),
        Location::Path => "Leave out what stands behind the port. Type the address and port alone, for example 10.71.0.80:3128.".to_owned(),
        Location::Spaces => "There are spaces in it. Type the address and port without spaces, for example 10.71.0.80:3128.".to_owned(),
        Location::Ipv6 => "This is an IPv6 address, and the appliance uses IPv4 only. Give the proxy's IPv4 address or its name.".to_owned(),
        Location::NoPort => "The port is missing. Add it behind a colon, for example :3128.".to_owned(),
        Location::PortNotNumber { port } => format!("The port \"{port}\" is not a number. Type it in digits, for example 3128."),
        Location::PortRange { port } => format!("The port {port} does not exist. Ports go from 1 to 65535."),
        Location::NoHost => "The address before the colon is missing. Add it, for example 10.71.0.80:3128.".to_owned(),
        Location::NotAnAddress { host } => format!("\"{host}\" is not an IPv4 address. It has four numbers from 0 to 255, for example 10.71.0.80."),
        Location::Address { address, reason } => format!("A proxy cannot have the address {address}. {}", (NETWORK.problem)(&NetworkProblem::Unusable(*reason))),
        Location::NotAHost { host } => format!("\"{host}\" is neither an address nor a host name. Names have letters, digits, hyphens and dots."),
    }
}

fn credential_problem(problem: Credential) -> String {
    match problem {
        Credential::UserNameTooLong => format!("The user name is longer than {MAX_CREDENTIAL_BYTES} bytes. Shorten it."),
        Credential::UserNameColon => "A user name with a colon cannot be sent by Basic sign-in. Use another account of the proxy.".to_owned(),
        Credential::UserNameControl => "The user name has invisible control characters in it. Type it instead of pasting it.".to_owned(),
        Credential::PasswordTooLong => format!("The password is longer than {MAX_CREDENTIAL_BYTES} bytes. Use a shorter one."),
        Credential::PasswordControl => "The password has invisible control characters in it. Type it instead of pasting it.".to_owned(),
        Credential::PasswordWithoutUserName => "There is a password and no user name. Type the user name as well, or leave both empty.".to_owned(),
    }
}

fn bypass_problem(problem: &BypassListError) -> String {
    let BypassListError::Rule { text, reason } = problem else {
        return format!(
            "There are more than {MAX_BYPASS_RULES} rules. Combine them, for example by a network such as 192.0.2.0/24."
        );
    };
    let what = match reason {
        Rule::Empty => "There is nothing in it. Leave it out.".to_owned(),
        Rule::Scheme { scheme } => format!("Leave out {scheme}://."),
        Rule::Port => "Leave out the port: rules hold for all ports.".to_owned(),
        Rule::Ipv6 => "It is an IPv6 address, and the appliance uses IPv4 only.".to_owned(),
        Rule::Wildcard => "A * stands alone or in front, as in *.example.com.".to_owned(),
        Rule::NotAnAddress { .. } => "It is not an IPv4 address, which has four numbers from 0 to 255.".to_owned(),
        Rule::Mask(reason) => (NETWORK.problem)(&NetworkProblem::Mask(*reason)),
        Rule::HostBits { network } => format!("It is an address inside a network. Write {network} for the network, or the address without / for itself."),
        Rule::NotAName { .. } => "It is neither a host name nor an address. Names have letters, digits, hyphens and dots.".to_owned(),
    };
    format!("\"{text}\" cannot be used. {what}")
}
