//! Why something about a domain is refused.

use axum::http::StatusCode;
use model::domain::failure::DomainFailure;
use model::domain::lookup::LookupError;
use model::domain::{DomainNameError, MachineNameError, OrganizationalUnitError, UserNameError};
use webui::{DirectoryRefusal, DomainProblem, Language, LookupForm};

use crate::api::error::ApiError;

impl ApiError {
    /// Every property that is wrong, with the reason.
    pub(crate) fn domain_refused(problems: &[DomainProblem]) -> Self {
        let sentences: Vec<_> =
            problems.iter().map(|it| webui::domain_problem(Language::English, it)).collect();
        let error = Self::bad_request("connapp/domainRefused", sentences.join(" "));
        problems.iter().fold(error, |error, problem| {
            let (property, reason) = named(problem);
            error.with("property", property).with("reason", reason)
        })
    }

    /// What is looked for cannot be.
    pub(crate) fn lookup_refused(error: LookupError) -> Self {
        Self::domain_refused(&[DomainProblem::Lookup(error)])
    }

    /// There is no such kind of object.
    pub(crate) fn unknown_kind() -> Self {
        let names = LookupForm::KINDS.map(LookupForm::kind_id).join(", ");
        Self::unknown_name("kind", &names)
    }

    /// Objects are not found by that.
    pub(crate) fn unknown_lookup_key() -> Self {
        let names = LookupForm::KEYS.map(LookupForm::key_id).join(", ");
        Self::unknown_name("key", &names)
    }

    fn unknown_name(property: &'static str, names: &str) -> Self {
        let detail = format!("The property \"{property}\" must be one of {names}.");
        Self::bad_request("common/invalidEnum", detail).with("property", property)
    }
}

impl From<DirectoryRefusal> for ApiError {
    fn from(refusal: DirectoryRefusal) -> Self {
        match refusal {
            DirectoryRefusal::Failure(failure) => failed(&failure),
            DirectoryRefusal::Busy => {
                let detail = "Another domain is being joined at this moment. Try again.";
                Self::new(StatusCode::CONFLICT, "connapp/joinRunning", detail)
            }
            DirectoryRefusal::Failed => Self::internal(),
            DirectoryRefusal::Silent => Self::unavailable(),
        }
    }
}

/// `reason` is the identifier of the failure; `detail` is the sentence and the remedy.
fn failed(failure: &DomainFailure) -> ApiError {
    use DomainFailure as Failure;
    let (sentence, remedy) = webui::domain_failure(Language::English, failure);
    let (status, kind) = match failure {
        Failure::NotJoined { .. } => (StatusCode::NOT_FOUND, "common/notFound"),
        Failure::AlreadyJoined { .. } | Failure::NameInUse { .. } => {
            (StatusCode::CONFLICT, "connapp/alreadyExists")
        }
        Failure::TooManyDomains { .. } => (StatusCode::CONFLICT, "connapp/limitReached"),
        Failure::NotStored { .. } => (StatusCode::INTERNAL_SERVER_ERROR, "connapp/error"),
        _ if property(failure).is_some() => (StatusCode::BAD_REQUEST, "connapp/domainRefused"),
        // The appliance asks the domain for the client, as a gateway.
        _ => (StatusCode::BAD_GATEWAY, "connapp/domainFailed"),
    };
    let mut error = ApiError::new(status, kind, format!("{sentence} {remedy}"));
    if let Some(property) = property(failure) {
        error = error.with("property", property);
    }
    error = error.with("reason", failure.id());
    match failure {
        Failure::NameInUse { account, place, is_machine } => error
            .with("account", account)
            .with("place", place)
            .with("canBeTakenOver", is_machine.to_string()),
        Failure::ClockDiffers { host, seconds } => {
            error.with("host", host).with("seconds", seconds.to_string())
        }
        Failure::PortClosed { host, port, .. } => {
            error.with("host", host).with("port", port.to_string())
        }
        Failure::KerberosRefused { host, code, .. } => {
            error.with("host", host).with("code", code.to_string())
        }
        Failure::DirectoryRefused { host, code, .. } => {
            error.with("host", host).with("code", code.to_string())
        }
        _ => error,
    }
}

/// The property of the body that a failure is about.
const fn property(failure: &DomainFailure) -> Option<&'static str> {
    use DomainFailure as Failure;
    match failure {
        Failure::DomainUnknown { .. } => Some("domain_name"),
        Failure::WrongPassword { .. } | Failure::PasswordExpired { .. } => Some("password"),
        Failure::UserUnknown { .. }
        | Failure::ForeignSuffix { .. }
        | Failure::AccountRevoked { .. }
        | Failure::LogonNotAllowed { .. }
        | Failure::NoAesKeys { .. }
        | Failure::NoRight { .. }
        | Failure::QuotaUsedUp { .. } => Some("user_name"),
        Failure::NameInUse { .. } => Some("machine_account"),
        Failure::UnitMissing { .. } => Some("organizational_unit"),
        _ => None,
    }
}

/// The property and the reason of a problem.
const fn named(problem: &DomainProblem) -> (&'static str, &'static str) {
    match problem {
        DomainProblem::Name(error) => (
            "domain_name",
            match error {
                DomainNameError::Empty => "missing",
                DomainNameError::TooLong { .. } => "tooLong",
                DomainNameError::Address { .. } => "address",
                DomainNameError::SingleLabel { .. } => "singleLabel",
                DomainNameError::Label { .. } => "label",
            },
        ),
        DomainProblem::Dns { .. } => ("dns_servers", "notAnAddress"),
        DomainProblem::TooManyDns { .. } => ("dns_servers", "tooMany"),
        DomainProblem::User(error) => (
            "user_name",
            match error {
                UserNameError::Empty => "missing",
                UserNameError::TooLong => "tooLong",
                UserNameError::Character { .. } => "character",
                UserNameError::Part => "part",
            },
        ),
        DomainProblem::PasswordMissing => ("password", "missing"),
        DomainProblem::PasswordTooLong => ("password", "tooLong"),
        DomainProblem::Machine(error) => (
            "machine_account",
            match error {
                MachineNameError::Empty => "missing",
                MachineNameError::TooLong { .. } => "tooLong",
                MachineNameError::Character { .. } => "character",
                MachineNameError::Hyphen => "hyphen",
                MachineNameError::OnlyDigits => "onlyDigits",
            },
        ),
        DomainProblem::Unit(error) => (
            "organizational_unit",
            match error {
                OrganizationalUnitError::TooLong => "tooLong",
                OrganizationalUnitError::NotDistinguished { .. } => "notDistinguished",
            },
        ),
        DomainProblem::Lookup(error) => (
            "value",
            match error {
                LookupError::Empty => "missing",
                LookupError::TooLong => "tooLong",
                LookupError::PrefixTooShort => "tooShort",
                LookupError::NotSid { .. } => "notASid",
                LookupError::NotGuid { .. } => "notAGuid",
            },
        ),
        DomainProblem::Refused(_) | DomainProblem::FormExpired => ("", "refused"),
    }
}
