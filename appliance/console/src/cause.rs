//! What is wrong and what to do, in plain words for a screen without room.

use model::health::Cause;
use model::settings::RevertReason;
use model::utc::date_time;

/// One or two sentences: what is, then what to do. ASCII, as the console's font is.
pub(crate) fn text(cause: &Cause) -> String {
    match cause {
        Cause::Good | Cause::NotRegistered => String::new(),
        Cause::NetworkStarting => "The network is starting.".to_owned(),
        Cause::NoInterface => {
            "The machine has no network card. Add one in the hypervisor.".to_owned()
        }
        Cause::NoLink => "The network card has no link. Connect the virtual network card, or the \
                          cable of the host, to a network."
            .to_owned(),
        Cause::NoLease { since } => format!(
            "No DHCP server has answered since {} UTC. Connect the virtual network card to a \
             network with DHCP, or set a fixed address as below.",
            clock_time(*since)
        ),
        Cause::AddressConflict { address, holder } => format!(
            "The address {address} is in use by another machine ({holder}), so this appliance does \
             not use it. Take it from that machine, or set another one as below."
        ),
        Cause::NetworkFailed { reason } => {
            format!("The network cannot be set up: {reason}. Correct the settings as below.")
        }
        Cause::NoDnsServer => "No DNS server is known, so names cannot be resolved. Have DHCP \
                               offer one, or give dns= with a fixed address."
            .to_owned(),
        Cause::ClockWaiting => "Waiting for a time server.".to_owned(),
        Cause::ClockUnreachable { reason } => format!(
            "No time server can be used: {reason}. Let UDP port 123 through, or name other servers \
             in the network settings."
        ),
        Cause::ClockBeforeBuild => "The clock is wrong: it is earlier than this release. Set the \
                                    clock of the host, or name time servers."
            .to_owned(),
        Cause::NetworkReverted { reason, .. } => format!(
            "New network settings were taken back: {}. The previous ones hold.",
            revert_reason(*reason)
        ),
        Cause::CertificateReverted { reason, .. } => format!(
            "A new certificate was taken back: {}. The previous one is in use.",
            revert_reason(*reason)
        ),
        Cause::MachineCopied => {
            "This virtual machine is a copy of another appliance, or was moved. \
                                 Sign in and say which."
                .to_owned()
        }
        Cause::SlotFellBack { failure } => format!(
            "{} was given up: {}. {} runs instead.",
            failure.slot.title(),
            failure.reason,
            failure.slot.other().title()
        ),
        Cause::SlotsAllFailed => "Neither Root A nor Root B came up, and both were tried again. \
                                  Check the virtual disk, or deploy a new appliance."
            .to_owned(),
        Cause::DataUnavailable { reason } => format!(
            "The data partition cannot be used: {reason}. Nothing is kept over a restart. Check the \
             virtual disk, or deploy a new appliance."
        ),
        Cause::SettingsTrouble { reason } => format!("Settings cannot be trusted: {reason}."),
        Cause::BootParameterRefused { parameter, reason } => format!(
            "The boot parameter \"{parameter}\" is not used: {reason}. The previous network settings \
             hold. Restart and type it again."
        ),
        Cause::BootParameterNotStored { reason } => format!(
            "The boot parameter network= holds for this start only; it cannot be stored: {reason}."
        ),
        Cause::ProxyUnreachable { location, failure, .. } => format!(
            "The proxy {location} cannot be used: {failure}. Another one is used. Check it, or delete \
             it on the admin page."
        ),
        Cause::NoUsableProxy { count: 1, failure, .. } => format!(
            "The only proxy cannot be used: {failure}. Check it, or change it on the admin page."
        ),
        Cause::NoUsableProxy { count, failure, .. } => format!(
            "None of the {count} proxies can be used; the first: {failure}. Check them, or change \
             them on the admin page."
        ),
        Cause::TlsIntercepted { issuer, .. } => format!(
            "TLS is intercepted by {issuer}, which an administrator has added as trusted. It can read \
             along."
        ),
        Cause::TlsInterceptionRefused { issuer, .. } => format!(
            "TLS is intercepted by {issuer}, which is not trusted. Exempt the appliance from \
             inspection, or add this authority on the admin page."
        ),
        Cause::RootExpired { authority, at } => format!(
            "The added authority {authority} expired on {}. Replace it on the admin page.",
            date(*at)
        ),
        Cause::RootExpiresSoon { authority, days } => format!(
            "The added authority {authority} expires in {}. Replace it on the admin page.",
            days_left(*days)
        ),
        Cause::CertificateExpired { at } => {
            format!("The certificate of the admin page expired on {}. Replace it there.", date(*at))
        }
        Cause::CertificateExpiresSoon { days } => format!(
            "The certificate of the admin page expires in {}. Replace it there.",
            days_left(*days)
        ),
        Cause::DomainUnusable { domain, failure, .. } => format!(
            "The domain {domain} cannot be used: {failure}. The admin page says what to do."
        ),
        Cause::MachinePasswordNotChanged { domain, failure } => format!(
            "The password of the machine account in {domain} is due and could not be changed: \
             {failure}. The admin page says what to do."
        ),
        Cause::ForestUnreachable { domain, forest, failure } => format!(
            "{forest}, the root of the forest of {domain}, cannot be reached: {failure}. The admin \
             page says what to do."
        ),
        Cause::RemovedFromCloud { name, .. } => {
            format!(
                "The appliance {name} was removed in the cloud. Register it again if it is needed."
            )
        }
        Cause::RegistrationSealed { name, trouble } => {
            format!(
                "The appliance cannot be {name} in the cloud: {trouble}. The admin page says what \
                 to do."
            )
        }
        Cause::FirstSettingsRefused { source, reason } => format!(
            "The first settings of the platform ({}) are not used: {}. Correct them and restart, or \
             set the appliance up on its page.",
            source.name(),
            reason.replace('\n', "; ")
        ),
        Cause::FirstSettingsNotStored { source, reason } => format!(
            "The first settings of the platform ({}) cannot be stored: {reason}. Restart to try again.",
            source.name()
        ),
        Cause::FirstSettingsUnreachable { reason } => format!(
            "The metadata service of the platform gives no first settings: {reason}. Restart to try \
             again, or set the appliance up on its page."
        ),
        Cause::FirstRegistrationFailed { reason } => format!(
            "The registration that the platform asked for has failed: {reason}. It is tried again."
        ),
        Cause::RegistrationStuck { trouble } => {
            format!("The registration waits: {trouble}. The admin page says what to do.")
        }
        Cause::CloudUnreachable { trouble, .. } => {
            format!("The cloud is not connected: {trouble}. The admin page says what to do.")
        }
        Cause::CloudSingleConnection { trouble, .. } => {
            format!("One of two connections to the cloud does not work: {trouble}.")
        }
        Cause::CloneTurnedAway { host_name, addresses, .. } => format!(
            "A copy of this appliance wanted to connect with the cloud: {host_name} ({}). Reset the \
             copy to its factory settings.",
            addresses.join(", ")
        ),
        Cause::CloudCertificateExpired { at } => format!(
            "The certificate that the cloud gave to this appliance expired on {}. It is renewed as \
             soon as the cloud is reached.",
            date(*at)
        ),
        Cause::CloudCertificateNotRenewed { until, .. } => format!(
            "The cloud does not renew the certificate of this appliance, which expires on {}. \
             Register the appliance again.",
            date(*until)
        ),
        Cause::RoleFailed { role, last_exit } => format!(
            "The process {} keeps ending ({last_exit}) and is being restarted. If this stays, restart \
             the appliance.",
            role.name()
        ),
        Cause::RolesStarting => "Processes are starting.".to_owned(),
        Cause::RoleSilent { role } => format!(
            "The process {} does not answer yet. If this stays, restart the appliance.",
            role.name()
        ),
    }
}

const fn revert_reason(reason: RevertReason) -> &'static str {
    match reason {
        RevertReason::NotConfirmed => "nobody confirmed the change in time",
        RevertReason::Operator => "the administrator asked for it",
        RevertReason::Restarted => "the appliance restarted before the change was confirmed",
    }
}

/// `2026-11-20` of a time in seconds since 1970.
fn date(seconds: i64) -> String {
    date_time(seconds.saturating_mul(1000)).chars().take("2026-11-20".len()).collect()
}

fn days_left(days: i64) -> String {
    match days {
        0 => "less than a day".to_owned(),
        1 => "1 day".to_owned(),
        _ => format!("{days} days"),
    }
}

/// `10:04:18` of a time in seconds since 1970.
fn clock_time(seconds: i64) -> String {
    let second_of_day = seconds.rem_euclid(86_400);
    let (hour, minute, second) =
        (second_of_day / 3600, second_of_day / 60 % 60, second_of_day % 60);
    format!("{hour:02}:{minute:02}:{second:02}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_the_time_of_day_in_utc() {
        assert_eq!(clock_time(1_763_632_900), "10:01:40");
        assert_eq!(clock_time(0), "00:00:00");
    }

    #[test]
    fn names_the_day_on_which_a_certificate_expires() {
        let authority = "CN=Inspection".to_owned();
        let expired = text(&Cause::RootExpired { authority: authority.clone(), at: 1_795_276_202 });
        assert!(expired.contains("CN=Inspection expired on 2026-11-21."), "{expired}");
        let soon = |days| text(&Cause::RootExpiresSoon { authority: authority.clone(), days });
        assert!(soon(1).contains("expires in 1 day.") && soon(0).contains("less than a day"));
    }
}
