//! In English.

use model::ipv4::{HostAddressError, MaskError};
use model::network::MAX_SERVERS;
use model::network_form::{MAX_HOST_NAME_BYTES, NetworkField, NetworkProblem};
use model::settings::RevertReason;

use super::NetworkSettingsTexts;

pub(crate) const TEXTS: NetworkSettingsTexts = NetworkSettingsTexts {
    open: "Edit network settings",
    title: "Network settings",
    method: "How does the appliance get its address?",
    automatic: "Obtain IP address automatically",
    automatic_hint: "From DHCP.",
    automatic_offer: |server, address| {
        format!("From DHCP. The server at {server} has given {address}.")
    },
    own: "Configure your own network settings",
    own_hint: "Type the values below. They stay in force whatever DHCP offers.",
    label: |field| match field {
        NetworkField::Address => "IP address".to_owned(),
        NetworkField::Mask => "Subnet mask".to_owned(),
        NetworkField::Gateway => "Default gateway".to_owned(),
        NetworkField::Dns(row) => format!("DNS server {}", row + 1),
        NetworkField::Ntp(row) => format!("NTP server {}", row + 1),
        NetworkField::HostName => "Host name".to_owned(),
    },
    dns: "DNS servers",
    ntp: "NTP servers",
    add_dns: "Add DNS server",
    add_ntp: "Add NTP server",
    remove: |label| format!("Remove {label}"),
    now: |value, origin| format!("Now {value}, {origin}"),
    now_none: "Now none",
    mask_hint: "Or a prefix length, such as 24",
    host_name_hint: |now| format!("{now}. Empty: the name that DHCP gives, or connector"),
    save_silent: "Save although a server does not answer",
    what_happens: "What happens when you save:",
    consequence: "the appliance restarts (about a minute), you are signed out, and this page moves to the new address. Sign in there within 60 s of its return and confirm, or the present settings come back by themselves.",
    consequence_at: |url| {
        format!(
            "the appliance restarts (about a minute), you are signed out, and this page moves to {url}. Sign in there within 60 s of its return and confirm, or the present settings come back by themselves."
        )
    },
    password: "Your password, to confirm",
    save: "Save",
    not_changed: |fields| match fields {
        1 => "Correct 1 field. Nothing has been changed yet.".to_owned(),
        _ => format!("Correct {fields} fields. Nothing has been changed yet."),
    },
    problem,
    problem_of: |label, problem| format!("{label}: {problem}"),

    saved_title: "Restarting with new network settings",
    saved: "The new settings are stored on trial, and the appliance restarts. This takes about a minute.",
    saved_steps: [
        "Open the page at its new address.",
        "Sign in there. Your session has ended.",
        "Choose \"Keep these settings\" within 60 s of its return.",
    ],
    saved_otherwise: "If nobody keeps them, the settings from before come back by themselves.",
    saved_open: |url| format!("Open {url}"),
    saved_elsewhere: "The console of the virtual machine shows the new address. So does the hypervisor.",

    keep_title: "Keep these network settings?",
    keep_waiting: "The network is starting with the new settings. The time to keep them has not begun.",
    keep: "You reached the appliance with its new settings, so they work from here.",
    keep_button: "Keep these settings",
    revert_button: "Revert now",
    reverting: |wait| format!("Reverting in {wait} unless you keep them."),
    reverting_seconds: "Reverting in {} s unless you keep them.",
    time_left: "Time left to keep the settings",
    returns_at: |at| format!("The settings from before return at {at}."),
    changes: "What changed",
    setting: "Setting",
    before: "Before",
    after: "Now",
    from_dhcp: "automatically, from DHCP",
    in_your_use: "You are using it",
    too_late: "It was too late: nothing is on trial any more.",
    reverted_title: "Network settings were taken back",
    reverted: |reason, at| match reason {
        RevertReason::NotConfirmed => {
            format!("Nobody kept them within 60 s; the settings from before returned at {at}.")
        }
        RevertReason::Operator => {
            format!("You took them back; the settings from before returned at {at}.")
        }
        RevertReason::Restarted => format!(
            "The appliance restarted before anybody kept them; the settings from before returned at {at}."
        ),
    },
    tried: "What had been tried",
    dismiss: "Dismiss",
    what_was_tried: "See what was tried",
};

fn problem(problem: &NetworkProblem) -> String {
    match problem {
        NetworkProblem::Missing => "It is missing.".to_owned(),
        NetworkProblem::NotAnAddress => "Not an IPv4 address. Type one such as 10.0.0.5.".to_owned(),
        NetworkProblem::Unusable(HostAddressError::Unspecified) => {
            "0.x.x.x names no machine. Type the address of one.".to_owned()
        }
        NetworkProblem::Unusable(HostAddressError::Loopback) => {
            "127.x.x.x is the appliance itself. Type an address on your network.".to_owned()
        }
        NetworkProblem::Unusable(HostAddressError::NotUnicast) => {
            "Addresses from 224.0.0.0 on are multicast, reserved or broadcast. Type the address of one machine.".to_owned()
        }
        NetworkProblem::Unusable(HostAddressError::Reserved(network)) => {
            format!("It lies in {network}, which the appliance keeps for itself. Use another network.")
        }
        NetworkProblem::Mask(MaskError::Unreadable) => {
            "Not a mask. Type one such as 255.255.255.0, or a prefix length from 1 to 32.".to_owned()
        }
        NetworkProblem::Mask(MaskError::Hole) => {
            "The mask has a hole: its one bits must all come first, as in 255.255.255.0.".to_owned()
        }
        NetworkProblem::NetworkAddress(network) => {
            format!("This is the address of the network {network} itself. Type the address of a machine in it.")
        }
        NetworkProblem::BroadcastAddress(network) => {
            format!("This is the broadcast address of the network {network}. Type the address of a machine in it.")
        }
        NetworkProblem::OffSubnet { network, suggestion: Some(meant) } => {
            format!("Not in {network}, the network of the IP address. Did you mean {meant}?")
        }
        NetworkProblem::OffSubnet { network, suggestion: None } => {
            format!("Not in {network}, the network of the IP address.")
        }
        NetworkProblem::IsOwnAddress => {
            "This is the IP address of the appliance itself. Type the address of the router.".to_owned()
        }
        NetworkProblem::NotAServer => "Neither an IPv4 address nor a host name.".to_owned(),
        NetworkProblem::Duplicate => "It stands in the list already. Remove it here.".to_owned(),
        NetworkProblem::TooMany => format!("At most {MAX_SERVERS} servers are kept. Remove it."),
        NetworkProblem::NotAHostName => format!(
            "Not a host name. Letters, digits and inner hyphens are allowed, {MAX_HOST_NAME_BYTES} characters at most, and digits alone are not."
        ),
        NetworkProblem::Taken { holder } => {
            format!("Another machine ({holder}) uses this address. Type a free one, or switch that machine off.")
        }
        NetworkProblem::NoTime { reason } => {
            format!("No usable answer on UDP 123: {reason}. Correct it, remove it, or save it anyway below.")
        }
    }
}
