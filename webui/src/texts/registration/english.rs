//! Texts of the registration in English.

use model::channel::{CloudAddressError, RegistrationRefusal, SealTrouble};
use protocol::name::{MAX_CHARACTERS, NameError};

use super::{ConnectionWord, OutboundText, RegistrationTexts, text};
use crate::texts::cause::cloud;

pub(crate) const TEXTS: RegistrationTexts = RegistrationTexts {
    title: "Register connector",
    connection_title: "Cloud connection",
    sentences: |first, second| format!("{first} {second}"),
    what_to_do: "What to do:",
    silent: "The service that talks to the cloud does not answer.",
    silent_remedy: "Load the page again in a minute. If this lasts, restart the appliance.",

    under_way: "Being registered",
    show_code: "Show the registration",
    show_connection: "Show the connection",
    registered_as: |name, customer, location| format!("{name} of {customer}, {location}"),

    form_heading: "Name and cloud",
    form_intro: "The next page shows a code. An administrator enters it in the console of the cloud, and the appliance is registered.",
    name: "Connector Appliance name",
    name_hint: "Up to 64 letters, digits, spaces and . - _ ( ). The name must be the only one of its kind in the resource location and cannot be changed after registering.",
    cloud: "Cloud address",
    cloud_hint: "Host name, or host name and port such as cloud.example.com:8443. Without a port it is 443.",
    next: "Next",
    not_begun: "The registration has not begun.",
    not_changed: "Nothing has been changed.",
    ended: |at| format!("The registration did not come about ({at})."),
    removed: |name, at| {
        format!("The appliance was removed in the cloud ({at}), where it was called {name}.")
    },
    removed_remedy: "If it is still needed, register it again.",
    sealed,
    unseal_remedies,
    name_problem,
    cloud_problem,
    cloud_missing: "Enter the address of the cloud, such as cloud.example.com.",
    refusal,
    trouble: cloud::in_english,
    conflict: "The appliance is registered already, or is being registered. Load the page again: it shows which.",
    role_failed: "The service that talks to the cloud does not do it. Try again; if this lasts, restart the appliance.",
    role_silent: "The service that talks to the cloud does not answer. Try again in a minute; if this lasts, restart the appliance.",
    form_expired: "The form was open for too long or comes from another session. Nothing has been changed; send it again.",

    registering: |name| format!("Registering {name}"),
    enter_code: |cloud| format!("Enter this code in the console of {cloud}."),
    code: "the code",
    spelled: |code| format!("Code: {code}"),
    copy: "Copy",
    left: |left, at| format!("{left} left, until {at}"),
    time_left: "Time left for the code",
    valid: "The code expires in 15 minutes and works once.",
    security_number: "Security number",
    security_hint: "The console must show the same security number. If it shows another one, somebody intercepts the connection: do not choose Register there, and withdraw here.",
    next_steps: "Next steps",
    steps: |cloud| {
        [
            format!("Open the console of {cloud} and go to Resource locations."),
            "On your location, choose + Connector appliance.".to_owned(),
            "At Step 2, enter the code and choose Confirm details.".to_owned(),
            "Compare name and security number, and choose Register.".to_owned(),
        ]
    },
    no_inbound: "This page notices by itself when the registration is done. No inbound port is needed: the cloud uses the connection of the appliance.",
    connecting: |cloud| format!("Asking {cloud} for a code"),
    waiting: "Waiting for the code to be entered",
    confirming: "The administrator is confirming the details",
    proving: "Registering without a code, as a program has asked for",
    stuck: "The cloud cannot be reached; it is tried again",
    expired: |at| format!("The code expired at {at}"),
    expired_hint: "Nothing has been registered. Get a new code and enter it within 15 minutes.",
    new_code: "Get a new code",
    withdraw: "Withdraw",
    withdraw_question: |name| format!("Withdraw the registration of {name}?"),
    withdraw_consequence: "The code loses its value at once, and nothing is registered. You can begin again at any time.",

    connected: |connected, all| match (connected, all) {
        (1, 1) => "Connected to the cloud".to_owned(),
        _ => format!("Connected to the cloud by {connected} of {all} connections"),
    },
    not_connected: "Not connected to the cloud",
    dialled: "Connecting to the cloud",
    name_fixed: "cannot be changed",
    customer: "Customer",
    location: "Resource location",
    connector: "Connector id",
    registered_at: "Registered",
    key: "Private key",
    key_is_sealed: "Sealed by the TPM of this machine",
    key_is_on_disk: "On the disk; no TPM has sealed it",
    certificate_until: "Certificate valid until",
    certificate_expired: "Expired. It is renewed as soon as the cloud is reached.",
    certificate_renewed: "renewed by itself",
    renewal_refused: |at| format!("The cloud has refused to renew the certificate since {at}."),
    renewal_remedy: "Look for the reason in the log of the cloud. Registering the appliance again helps in any case.",
    connections: "Connections",
    connection: "Connection",
    state: "State",
    gateway: "Gateway",
    way: "Way",
    connection_state: |word| match word {
        ConnectionWord::Connecting => "Connecting",
        ConnectionWord::Connected => "Connected",
        ConnectionWord::Failed => "Not connected",
    },
    since: |at| format!("since {at}"),
    direct: "direct",
    via: |proxy| format!("by the proxy {proxy}"),
    unknown: "not known yet",
    intercepted: |issuer| {
        format!(
            "{issuer} intercepts the outer TLS. It sees that there is a connection and not what is in it: a second TLS with keys of its own protects that."
        )
    },
    clone: |host, addresses, at| {
        format!("The cloud turned away a copy of this appliance: {host} ({addresses}), {at}.")
    },
    clone_remedy: "Reset the copy to its factory settings, and register it under a name of its own.",

    unregister: "Unregister",
    unregister_question: |name| format!("Unregister {name}?"),
    unregister_consequence: "The cloud is told, and both connections end; what the cloud asks for has to be done by other appliances. Joined domains and all settings stay. If the cloud cannot be told, the appliance forgets the registration all the same, and an administrator has to remove the appliance in the console.",
    unregistered: "The appliance is not registered any more",
    told: |name| format!("The cloud knows that {name} is not registered any more."),
    not_told: |name, cloud| {
        format!(
            "The cloud could not be told. Remove {name} in the console of {cloud}: it is still listed there."
        )
    },
    back: "Back to Connector administration",
};

fn name_problem(problem: &NameError) -> String {
    match problem {
        NameError::Empty => "Enter a name for the appliance.".to_owned(),
        NameError::TooLong(count) => {
            format!("The name has {count} characters. Shorten it to {MAX_CHARACTERS} or fewer.")
        }
        NameError::WrongCharacter(character) => format!(
            "A name cannot have “{}”. Use letters, digits, spaces and . - _ ( ).",
            character.escape_debug()
        ),
    }
}

fn cloud_problem(problem: &CloudAddressError) -> String {
    match problem {
        CloudAddressError::Host { text } => format!(
            "“{text}” is no host name such as cloud.example.com. Enter it without https:// and path."
        ),
        CloudAddressError::Port { text } => {
            format!("“{text}” is no port. Enter a number from 1 to 65535 behind the colon.")
        }
    }
}

fn refusal(refusal: &RegistrationRefusal) -> OutboundText {
    match refusal {
        RegistrationRefusal::Rejected => text(
            "An administrator refused the appliance in the console of the cloud.",
            "Ask them for the reason, and begin again.",
        ),
        RegistrationRefusal::NameTaken => text(
            "Another appliance of the resource location has this name.",
            "Choose another name. If that appliance is gone for good, remove it in the console first.",
        ),
        RegistrationRefusal::UnknownLocation => text(
            "The customer has no such resource location.",
            "Check its identifier in the console.",
        ),
        RegistrationRefusal::ClientRefused => text(
            "The cloud does not take this secure client.",
            "Check in the console that it exists and may register, and use its secret.",
        ),
        RegistrationRefusal::TooMany => {
            text("Too many registrations come from here.", "Try again in a minute.")
        }
        RegistrationRefusal::Malformed => text(
            "The cloud does not understand the request.",
            "Bring appliance and cloud to the same release.",
        ),
        RegistrationRefusal::Unavailable => text(
            "The cloud cannot register an appliance at the moment.",
            "Try again in a few minutes.",
        ),
        RegistrationRefusal::CloudNotProven => text(
            "The server does not know the secret of the secure client. Nothing was disclosed to it.",
            "Check the secret; if it is right, somebody intercepts the connection.",
        ),
        RegistrationRefusal::WrongCertificate { .. } => text(
            "The cloud issued a certificate that does not fit this appliance.",
            "Check that the clock of the appliance is right, and begin again. The log has the details.",
        ),
        RegistrationRefusal::Unreached { .. } => text(
            "The cloud was not reached.",
            "Check the address of the cloud and run the prechecks of the network diagnostics.",
        ),
        RegistrationRefusal::NotStored { .. } => text(
            "The registration cannot be stored on the disk.",
            "Check the disk of the virtual machine, restart the appliance, and begin again.",
        ),
    }
}

/// That a sealed key cannot be used.
pub(crate) fn sealed(name: &str, trouble: &SealTrouble) -> String {
    let cause = match trouble {
        SealTrouble::NoTpm => "A TPM has sealed its key, and this machine has none.".to_owned(),
        SealTrouble::OtherTpm => {
            "Another TPM has sealed its key, or this one before it was cleared.".to_owned()
        }
        SealTrouble::Failed { detail } => format!("Its key is sealed: {detail}."),
    };
    format!("The appliance cannot be {name} in the cloud. {cause}")
}

/// What to do then.
pub(crate) fn unseal_remedies() -> Vec<String> {
    vec![
        "If the disk was moved, start it in the machine that it comes from, with its TPM."
            .to_owned(),
        "Otherwise remove the appliance in the cloud, and register it again here.".to_owned(),
    ]
}
