//! The causes in English.

use model::boot_parameter::STATIC_EXAMPLE;
use model::health::{Cause, Finding, Subject};
use model::role::Role;
use model::settings::RevertReason;

use super::{CauseText, CauseTexts, cloud, connections, domains, platform, text};

pub(crate) const TEXTS: CauseTexts = CauseTexts { text: english, boot_parameter: None };

const WAIT: &str =
    "Wait a few seconds. If this state lasts for more than a minute, restart the appliance.";

fn english(finding: &Finding) -> Option<CauseText> {
    let text = match &finding.cause {
        Cause::Good | Cause::NotRegistered => return None,
        Cause::NetworkStarting => text(
            "Starting",
            "The network is starting.",
            "The appliance is looking for its network card and its address.",
            &[WAIT],
        ),
        Cause::NoInterface => text(
            "No network card",
            "The appliance has no network card.",
            "It cannot be reached over the network.",
            &[
                "Add a network card to the virtual machine in the hypervisor.",
                "Restart the virtual machine.",
            ],
        ),
        Cause::NoLink => text(
            "No link",
            "The network card has no link.",
            "The virtual cable is unplugged, so nothing can be reached.",
            &[
                "Connect the network card in the settings of the virtual machine.",
                "Check that its virtual switch leads to your network.",
            ],
        ),
        Cause::NoLease { .. } => CauseText {
            state: "No address",
            headline: "No DHCP server answers.".to_owned(),
            consequence: "The appliance has no address of its own.",
            remedies: vec![
                "Connect the network card to a network with a DHCP server.".to_owned(),
                at_the_boot_menu(
                    "Or set a fixed address: restart",
                    &format!("add {STATIC_EXAMPLE}"),
                ),
            ],
        },
        Cause::AddressConflict { address, holder } => CauseText {
            state: "Address in use",
            headline: format!("Another machine ({holder}) uses the address {address}."),
            consequence: "The appliance does not use it, so that neither is disturbed.",
            remedies: vec![
                "Find the machine with this hardware address and give it another address."
                    .to_owned(),
                at_the_boot_menu(
                    "Or set another address: restart",
                    &format!("add {STATIC_EXAMPLE}"),
                ),
            ],
        },
        Cause::NetworkFailed { .. } => CauseText {
            state: "Setting refused",
            headline: "A network setting could not be applied.".to_owned(),
            consequence: "The network may work in part or not at all.",
            remedies: vec![at_the_boot_menu(
                "Restart",
                &format!("add network=dhcp or {STATIC_EXAMPLE}"),
            )],
        },
        Cause::NoDnsServer => CauseText {
            state: "No server known",
            headline: "No DNS server is known.".to_owned(),
            consequence: "Names cannot be looked up, only addresses can be used.",
            remedies: vec![
                "Let the DHCP server offer a DNS server.".to_owned(),
                at_the_boot_menu(
                    "Or give the servers by hand: restart",
                    &format!("add {STATIC_EXAMPLE}"),
                ),
            ],
        },
        Cause::ClockWaiting => text(
            "Waiting",
            "No time server has answered yet.",
            "Until one does, the clock is the hypervisor's.",
            &["Wait a few seconds."],
        ),
        Cause::ClockUnreachable { .. } => text(
            "No answer",
            "No time server gives a usable answer.",
            "The clock drifts; certificates and sign-ins fail once it is minutes off.",
            &[
                "Let UDP port 123 through to the time servers.",
                "Or name other time servers in the network settings.",
            ],
        ),
        Cause::ClockBeforeBuild => text(
            "Wrong",
            "The clock is earlier than the time at which this release was made.",
            "Certificates cannot be checked, so nothing outside is trusted.",
            &[
                "Set the clock of the host to the present time in UTC.",
                "Or name time servers in the network settings.",
            ],
        ),
        Cause::NetworkReverted { reason, .. } => CauseText {
            state: "Taken back",
            headline: format!("New network settings were taken back: {}.", revert_reason(*reason)),
            consequence: "The previous settings are in use.",
            remedies: vec![
                "Check the values that were tried, and save them again if they are right."
                    .to_owned(),
                "After saving, sign in at the new address and choose Keep these settings within 60 s."
                    .to_owned(),
            ],
        },
        Cause::CertificateReverted { reason, .. } => CauseText {
            state: "Taken back",
            headline: format!("A new certificate was taken back: {}.", revert_reason(*reason)),
            consequence: "The previous certificate is in use.",
            remedies: vec![
                "Try again, and confirm it within 60 s in a browser that trusts it.".to_owned(),
            ],
        },
        Cause::MachineCopied => text(
            "Copy",
            "This virtual machine is a copy of another appliance, or was moved.",
            "Two appliances with one identity disturb each other, so this one waits for your decision.",
            &[
                "If the original still runs: start fresh.",
                "If the machine was only moved or restored: keep its identity.",
            ],
        ),
        Cause::SlotFellBack { failure } => CauseText {
            state: "Fell back",
            headline: format!(
                "{} was given up, and {} runs instead.",
                failure.slot.title(),
                failure.slot.other().title()
            ),
            consequence: "The appliance works, with the system that this slot holds.",
            remedies: vec![
                "Note the reason. If a virtual disk was restored or copied, check it.".to_owned(),
                "The next update replaces the slot that was given up.".to_owned(),
            ],
        },
        Cause::SlotsAllFailed => text(
            "All failed",
            "Neither Root A nor Root B came up at first, and both were tried again.",
            "The appliance works now, and may not after the next restart.",
            &[
                "Check in the hypervisor that the disk is free of errors.",
                "If it happens again, deploy a new appliance from the image.",
            ],
        ),
        Cause::DataUnavailable { .. } => text(
            "Not usable",
            "The data partition cannot be used.",
            "Settings and the password are kept in memory only: a restart loses them.",
            &[
                "Check in the hypervisor that the disk is attached, writable and free of errors.",
                "Restart the appliance.",
                "If that does not help, deploy a new appliance from the image.",
            ],
        ),
        Cause::SettingsTrouble { .. } => text(
            "In trouble",
            "Settings could not be read or written.",
            "Some values may be defaults, and changes may be lost at a restart.",
            &[
                "Check in the hypervisor that the disk is writable, not full and free of errors.",
                "Compare the values on this page with the ones you have chosen.",
            ],
        ),
        Cause::BootParameterRefused { .. } => CauseText {
            state: "Not used",
            headline: "The boot parameter is malformed.".to_owned(),
            consequence: "It is not used; the previous network settings hold.",
            remedies: vec![at_the_boot_menu(
                "Restart",
                &format!("write network=dhcp or {STATIC_EXAMPLE}"),
            )],
        },
        Cause::BootParameterNotStored { .. } => text(
            "Not stored",
            "The boot parameter could not be stored.",
            "It is used now; the next start uses the previous network settings.",
            &[
                "Check in the hypervisor that the disk is writable, not full and free of errors.",
                "Restart with the same boot parameter.",
            ],
        ),
        Cause::ProxyUnreachable { .. }
        | Cause::NoUsableProxy { .. }
        | Cause::TlsIntercepted { .. }
        | Cause::TlsInterceptionRefused { .. }
        | Cause::RootExpired { .. }
        | Cause::RootExpiresSoon { .. }
        | Cause::CertificateExpired { .. }
        | Cause::CertificateExpiresSoon { .. } => connections::english(&finding.cause)?,
        Cause::DomainUnusable { .. }
        | Cause::MachinePasswordNotChanged { .. }
        | Cause::ForestUnreachable { .. } => domains::english(&finding.cause)?,
        Cause::RemovedFromCloud { .. }
        | Cause::RegistrationSealed { .. }
        | Cause::RegistrationStuck { .. }
        | Cause::CloudUnreachable { .. }
        | Cause::CloudSingleConnection { .. }
        | Cause::CloneTurnedAway { .. }
        | Cause::CloudCertificateExpired { .. }
        | Cause::CloudCertificateNotRenewed { .. } => cloud::english(&finding.cause)?,
        Cause::FirstSettingsRefused { .. }
        | Cause::FirstSettingsNotStored { .. }
        | Cause::FirstSettingsUnreachable { .. }
        | Cause::FirstRegistrationFailed { .. } => platform::english(&finding.cause)?,
        Cause::RoleFailed { role, .. } => CauseText {
            state: "Stopped",
            headline: format!("{} keeps stopping.", service(*role)),
            consequence: "It is started again by itself after a pause.",
            remedies: vec!["Wait a minute. If it goes on, restart the appliance.".to_owned()],
        },
        Cause::RolesStarting => CauseText {
            state: "Starting",
            headline: match finding.subject {
                Subject::Network => format!("{} is still starting.", service(Role::Network)),
                Subject::Storage => format!("{} is still starting.", service(Role::Settings)),
                Subject::Time => format!("{} is still starting.", service(Role::Time)),
                Subject::Dns
                | Subject::BootParameter
                | Subject::Changes
                | Subject::Identity
                | Subject::Slots
                | Subject::Proxies
                | Subject::Trust
                | Subject::Certificate
                | Subject::Domains
                | Subject::Cloud
                | Subject::Platform
                | Subject::Services => {
                    "Some services are still starting.".to_owned()
                }
            },
            consequence: "This takes a few seconds.",
            remedies: vec![WAIT.to_owned()],
        },
        Cause::RoleSilent { role } => CauseText {
            state: "No answer",
            headline: format!("{} does not answer.", service(*role)),
            consequence: "Its state is unknown.",
            remedies: vec!["Wait a minute. If it goes on, restart the appliance.".to_owned()],
        },
    };
    Some(text)
}

/// What to do at the boot menu, as a sentence.
fn at_the_boot_menu(restart: &str, change: &str) -> String {
    format!(
        "{restart}, press Esc at \"Welcome to GRUB!\", then e, {change} at the end of the linux line, and press Ctrl-x."
    )
}

const fn service(role: Role) -> &'static str {
    match role {
        Role::Settings => "The settings service",
        Role::Network => "The network service",
        Role::Console => "The console service",
        Role::Web => "The web service",
        Role::Time => "The time service",
        Role::Capture => "The packet capture service",
        Role::Diagnostics => "The diagnostics service",
        Role::Journal => "The log service",
        Role::Directory => "The directory service",
        Role::Channel => "The cloud connection service",
        Role::Guest => "The platform service",
    }
}

const fn revert_reason(reason: RevertReason) -> &'static str {
    match reason {
        RevertReason::NotConfirmed => "nobody confirmed the change in time",
        RevertReason::Operator => "you asked for it",
        RevertReason::Restarted => "the appliance restarted before the change was confirmed",
    }
}
