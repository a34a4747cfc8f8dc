//! First settings of the platform, as long as a person may want to know what became of them.

use super::{Cause, Finding, Known, Subject};
use crate::guest::FirstState;

/// What there is to say. Once somebody has chosen a password, first settings that were not used do not
/// matter any more; a registration that is awaited does.
pub(super) fn finding(known: &Known<'_>) -> Option<Finding> {
    let is_administered = known.settings.is_some_and(|settings| settings.has_administrator);
    let cause = match &known.guest?.first {
        FirstState::Registering { trouble: Some(reason) } => {
            return found(Cause::FirstRegistrationFailed { reason: reason.clone() });
        }
        FirstState::Refused { source, reason } => {
            Cause::FirstSettingsRefused { source: *source, reason: reason.clone() }
        }
        FirstState::NotStored { source, reason } => {
            Cause::FirstSettingsNotStored { source: *source, reason: reason.clone() }
        }
        FirstState::Unreachable { reason } => {
            Cause::FirstSettingsUnreachable { reason: reason.clone() }
        }
        FirstState::Looking
        | FirstState::None
        | FirstState::Taken
        | FirstState::Registering { trouble: None } => return None,
    };
    if is_administered { None } else { found(cause) }
}

fn found(cause: Cause) -> Option<Finding> {
    Some(Finding { subject: Subject::Platform, cause })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guest::{FirstSource, GuestStatus};
    use crate::settings::{Identity, Settings, SettingsStatus, StorageState};

    fn settings(has_administrator: bool) -> SettingsStatus {
        SettingsStatus {
            generation: 1,
            settings: Settings::default(),
            boot_parameter: None,
            storage: StorageState::Good,
            has_administrator,
            certificate: None,
            network_trial: None,
            certificate_trial: None,
            identity: Identity::Known,
            has_metrics_token: false,
            signing_request: None,
            first_taken: None,
        }
    }

    fn cause(first: FirstState, has_administrator: bool) -> Option<&'static str> {
        let guest = GuestStatus { platform: None, first };
        let settings = settings(has_administrator);
        let known = Known { guest: Some(&guest), settings: Some(&settings), ..Known::default() };
        finding(&known).map(|finding| finding.cause.id())
    }

    #[test]
    fn unused_settings_are_told_until_somebody_has_set_the_appliance_up() {
        let source = FirstSource::Metadata;
        for (first, id) in [
            (FirstState::Refused { source, reason: "x".into() }, "platform.first-settings-refused"),
            (
                FirstState::NotStored { source, reason: "x".into() },
                "platform.first-settings-not-stored",
            ),
            (FirstState::Unreachable { reason: "x".into() }, "platform.metadata-unreachable"),
        ] {
            assert_eq!(cause(first.clone(), false), Some(id));
            assert_eq!(cause(first, true), None);
        }
    }

    #[test]
    fn a_registration_that_fails_is_told_whoever_has_set_the_password() {
        let failed = FirstState::Registering { trouble: Some("x".into()) };
        for has_administrator in [false, true] {
            let id = cause(failed.clone(), has_administrator);
            assert_eq!(id, Some("platform.registration-failed"));
        }
        for first in [FirstState::Registering { trouble: None }, FirstState::Taken] {
            assert_eq!(cause(first, false), None);
        }
        assert_eq!(finding(&Known::default()), None);
    }
}
