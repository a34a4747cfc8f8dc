//! What is wrong with a registration, in words.

use model::channel::{CloudAddressError, ConnectionTrouble, RegistrationRefusal};
use page::outbound::OutboundText;
use protocol::name::NameError;

use crate::Language;
use crate::texts::Texts;

/// Why a registration has not begun, or not come about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RegistrationProblem {
    /// The name.
    Name(NameError),
    /// The address of the cloud.
    Cloud(CloudAddressError),
    /// The address of the cloud is missing.
    CloudMissing,
    /// The cloud did not register the appliance, or could not be asked.
    Refused(RegistrationRefusal),
    /// The appliance is registered, or is being registered.
    Conflict,
    /// The channel role does not do it.
    Failed,
    /// The channel role does not answer.
    Silent,
    /// The form was open for too long or comes from another session.
    FormExpired,
}

impl RegistrationProblem {
    /// Id of the field to correct; `None` when it is none of them.
    #[must_use]
    pub const fn field(&self) -> Option<&'static str> {
        match self {
            Self::Name(_) | Self::Refused(RegistrationRefusal::NameTaken) => Some("name"),
            Self::Cloud(_)
            | Self::CloudMissing
            | Self::Refused(RegistrationRefusal::Unreached { .. }) => Some("cloud"),
            Self::Refused(_) | Self::Conflict | Self::Failed | Self::Silent | Self::FormExpired => {
                None
            }
        }
    }
}

/// The words for a problem: what is wrong and what to do.
#[must_use]
pub fn registration_problem(language: Language, problem: &RegistrationProblem) -> String {
    words(Texts::of(language), problem)
}

pub(super) fn words(texts: &Texts, problem: &RegistrationProblem) -> String {
    let text = &texts.registration;
    match problem {
        RegistrationProblem::Name(problem) => (text.name_problem)(problem),
        RegistrationProblem::Cloud(problem) => (text.cloud_problem)(problem),
        RegistrationProblem::CloudMissing => text.cloud_missing.to_owned(),
        RegistrationProblem::Refused(refusal) => {
            let OutboundText { headline, next_step } = match refusal {
                RegistrationRefusal::Unreached { trouble } => advice(texts, trouble),
                refusal => (text.refusal)(refusal),
            };
            (text.sentences)(&headline, &next_step)
        }
        RegistrationProblem::Conflict => text.conflict.to_owned(),
        RegistrationProblem::Failed => text.role_failed.to_owned(),
        RegistrationProblem::Silent => text.role_silent.to_owned(),
        RegistrationProblem::FormExpired => text.form_expired.to_owned(),
    }
}

/// Why there is no connection, and what to do.
pub(super) fn advice(texts: &Texts, trouble: &ConnectionTrouble) -> OutboundText {
    match trouble {
        ConnectionTrouble::Outbound { cause } => (texts.outbound.text)(cause),
        trouble => (texts.registration.trouble)(trouble),
    }
}
