//! First settings of the platform, and what became of them in this start.

use super::{Cause, Finding, Known, Subject};
use crate::guest::FirstState;

/// What there is to say. It is said until the next start, also to whoever has set the appliance up meanwhile:
/// the page is seen only after that.
pub(super) fn finding(known: &Known<'_>) -> Option<Finding> {
    let cause = match &known.guest?.first {
        FirstState::Registering { trouble: Some(reason) } => {
            Cause::FirstRegistrationFailed { reason: reason.clone() }
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
    Some(Finding { subject: Subject::Platform, cause })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guest::{FirstSource, GuestStatus};

    fn cause(first: FirstState) -> Option<&'static str> {
        let guest = GuestStatus { platform: None, first };
        let known = Known { guest: Some(&guest), ..Known::default() };
        finding(&known).map(|finding| finding.cause.id())
    }

    #[test]
    fn what_is_not_used_is_told() {
        let source = FirstSource::Metadata;
        let reason = || "x".to_owned();
        for (first, id) in [
            (FirstState::Refused { source, reason: reason() }, "platform.first-settings-refused"),
            (
                FirstState::NotStored { source, reason: reason() },
                "platform.first-settings-not-stored",
            ),
            (FirstState::Unreachable { reason: reason() }, "platform.metadata-unreachable"),
            (FirstState::Registering { trouble: Some(reason()) }, "platform.registration-failed"),
        ] {
            assert_eq!(cause(first), Some(id));
        }
    }

    #[test]
    fn what_is_well_or_unknown_is_not() {
        for first in [
            FirstState::Looking,
            FirstState::None,
            FirstState::Taken,
            FirstState::Registering { trouble: None },
        ] {
            assert_eq!(cause(first), None);
        }
        assert_eq!(finding(&Known::default()), None);
    }
}
