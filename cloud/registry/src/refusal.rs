//! Why something that is asked cannot be, and what to do instead.

use protocol::code::CodeError;
use protocol::web::WebAddressError;
use thiserror::Error;

use crate::name::NameError;
use crate::password_policy::PolicyError;
use crate::web_server::MAX_WEB_SERVERS;

/// What a thing is, as errors and the log name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A tenant.
    Customer,
    /// A resource location.
    ResourceLocation,
    /// A connector.
    Connector,
    /// An appliance that shows, or has shown, a code.
    Registration,
    /// A secure client.
    SecureClient,
    /// An administrator, invited or active.
    Administrator,
    /// A domain of Active Directory.
    Domain,
    /// A maintenance window.
    MaintenanceWindow,
    /// A notification.
    Notification,
    /// A request that runs once at most.
    Request,
    /// A web server inside.
    WebServer,
}

impl Kind {
    /// The name that programs compare.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Customer => "Customer",
            Self::ResourceLocation => "ResourceLocation",
            Self::Connector => "Connector",
            Self::Registration => "Registration",
            Self::SecureClient => "SecureClient",
            Self::Administrator => "Administrator",
            Self::Domain => "Domain",
            Self::MaintenanceWindow => "MaintenanceWindow",
            Self::Notification => "Notification",
            Self::Request => "Request",
            Self::WebServer => "WebServer",
        }
    }

    /// The same in a sentence.
    #[must_use]
    pub const fn phrase(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::ResourceLocation => "resource location",
            Self::Connector => "connector",
            Self::Registration => "registration",
            Self::SecureClient => "secure client",
            Self::Administrator => "administrator",
            Self::Domain => "domain",
            Self::MaintenanceWindow => "maintenance window",
            Self::Notification => "notification",
            Self::Request => "request",
            Self::WebServer => "web server",
        }
    }
}

/// Why something that is asked cannot be; nothing has changed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    /// The tenant has nothing of this kind with this identifier.
    #[error("There is no such {}. List what there is, and use an identifier of that list.", .kind.phrase())]
    NoSuch {
        /// What was looked for.
        kind: Kind,
        /// The identifier.
        id: String,
    },
    /// The name breaks a rule.
    #[error("{0}")]
    Name(#[from] NameError),
    /// Another one has the name, perhaps in another case.
    #[error("Another {} is named \"{name}\". Choose a name of its own.", .kind.phrase())]
    NameTaken {
        /// What it is.
        kind: Kind,
        /// The name.
        name: String,
    },
    /// The time zone is none of Windows'.
    #[error("\"{0}\" is no time zone. Use a Windows name, such as \"Tokyo Standard Time\".")]
    TimeZone(String),
    /// The location is managed by the platform.
    #[error("The resource location is managed by the platform and cannot be changed.")]
    ReadOnlyLocation,
    /// Connectors are left in the location.
    #[error(
        "The resource location still has {0} connectors. Unregister or remove them first, then \
         delete it."
    )]
    LocationHasConnectors(i64),
    /// What was typed is no code.
    #[error("This is no code: {0}. Compare it with the page of the appliance.")]
    NoCode(CodeError),
    /// No appliance shows this code.
    #[error("No appliance shows this code. Compare it with the page of the appliance.")]
    UnknownCode,
    /// The code is too old.
    #[error("The code has expired. Make a new one on the page of the appliance.")]
    ExpiredCode,
    /// The code has done its work.
    #[error("The code has been used. Make a new one on the page of the appliance.")]
    UsedCode,
    /// An administrator has refused the appliance.
    #[error("The appliance has been refused. Make a new code on its page to try again.")]
    RefusedCode,
    /// Its details have not been confirmed.
    #[error("Confirm the details of the appliance first, then register it.")]
    NotConfirmed,
    /// The appliance has asked for a location that the tenant does not have.
    #[error(
        "The appliance asks for a resource location that does not exist here. Register it again \
         on its page, with an identifier of the list of resource locations."
    )]
    OtherLocation,
    /// A connector has this key: the machine was copied, or it is registered already.
    #[error(
        "A connector with the same key is registered. If the machine is a copy, let it start \
         afresh as a new appliance; otherwise remove the old connector first."
    )]
    KeyTaken,
    /// Its certificate has been revoked.
    #[error("The connector has been revoked. Reset the appliance and register it again.")]
    RevokedConnector,
    /// The secure client has been revoked.
    #[error("The secure client has been revoked. Make a new one.")]
    RevokedClient,
    /// Identifier or secret of a secure client, or a token, is wrong.
    #[error("The identifier or the secret of the client is wrong, or the client was revoked.")]
    WrongClient,
    /// E-mail address, password or one-time password is wrong.
    #[error("The e-mail address, the password or the code is wrong.")]
    WrongCredentials,
    /// The sign-in took too long, or had too many wrong codes.
    #[error("The sign-in has ended. Begin again with the e-mail address and the password.")]
    SignInEnded,
    /// The e-mail address has no form of one.
    #[error("\"{0}\" is no e-mail address.")]
    Email(String),
    /// Nobody would be left who may do everything.
    #[error("This is the last administrator with full access. Give another one full access first.")]
    LastFullAdministrator,
    /// Custom access without a right would see nothing.
    #[error("Custom access needs one right at least.")]
    NoRights,
    /// The invitation does not exist, was used, or its five days are over.
    #[error("The invitation is not valid. Ask an administrator for a new one.")]
    InvalidInvitation,
    /// The invitation has been accepted.
    #[error("The invitation has been accepted already.")]
    AcceptedInvitation,
    /// The password breaks rules.
    #[error("{}", sentences(.0))]
    Password(Vec<PolicyError>),
    /// One-time passwords are set up already.
    #[error("The one-time passwords are set up already.")]
    EnrolledAlready,
    /// The time of inactivity is out of range.
    #[error("The time of inactivity must be 10 minutes to 12 hours, or off.")]
    Inactivity,
    /// The beginning of a maintenance window is no time of day.
    #[error("The window must begin at a time of day, such as 03:30:00.")]
    Start,
    /// A request with this identifier exists; it runs once.
    #[error("A request with this identifier exists. Ask for its outcome, or use another one.")]
    DuplicateRequest,
    /// The request has an outcome already.
    #[error("The request has an outcome already.")]
    FinishedRequest,
    /// The address is none of a web server that can be reached.
    #[error("This is no address for a web server, such as https://intranet.example.com:8443: {0}.")]
    WebAddress(WebAddressError),
    /// The location has as many web servers as it may.
    #[error("The resource location has {MAX_WEB_SERVERS} web servers. Remove one first.")]
    TooManyWebServers,
    /// A text is too long for what it says.
    #[error("{what} is longer than {limit} characters. Shorten it.")]
    TooLong {
        /// What is too long.
        what: &'static str,
        /// Most characters.
        limit: usize,
    },
}

impl Refusal {
    pub(crate) fn no_such(kind: Kind, id: &str) -> Self {
        Self::NoSuch { kind, id: id.chars().take(256).collect() }
    }

    /// The name of the reason, for programs.
    #[must_use]
    pub const fn id(&self) -> &'static str {
        match self {
            Self::NoSuch { .. } => "noSuch",
            Self::Name(error) => error.id(),
            Self::NameTaken { .. } => "nameTaken",
            Self::TimeZone(_) => "unknownTimeZone",
            Self::ReadOnlyLocation => "readOnly",
            Self::LocationHasConnectors(_) => "hasConnectors",
            Self::NoCode(_) => "noCode",
            Self::UnknownCode => "unknownCode",
            Self::ExpiredCode => "expiredCode",
            Self::UsedCode => "usedCode",
            Self::RefusedCode => "refusedCode",
            Self::NotConfirmed => "notConfirmed",
            Self::OtherLocation => "otherLocation",
            Self::KeyTaken => "keyTaken",
            Self::RevokedConnector => "revokedConnector",
            Self::RevokedClient => "revokedClient",
            Self::WrongClient => "wrongClient",
            Self::WrongCredentials => "wrongCredentials",
            Self::SignInEnded => "signInEnded",
            Self::Email(_) => "invalidEmail",
            Self::LastFullAdministrator => "lastFullAdministrator",
            Self::NoRights => "noRights",
            Self::InvalidInvitation => "invalidInvitation",
            Self::AcceptedInvitation => "acceptedInvitation",
            Self::Password(_) => "passwordRules",
            Self::EnrolledAlready => "enrolledAlready",
            Self::Inactivity => "inactivityOutOfRange",
            Self::Start => "invalidStart",
            Self::DuplicateRequest => "duplicateRequest",
            Self::FinishedRequest => "finishedRequest",
            Self::WebAddress(error) => match error {
                WebAddressError::Scheme => "unknownScheme",
                WebAddressError::Credentials => "credentials",
                WebAddressError::Path => "path",
                WebAddressError::Host => "invalidHost",
                WebAddressError::Port => "invalidPort",
                WebAddressError::Forbidden(_) => "forbiddenAddress",
            },
            Self::TooManyWebServers => "tooManyWebServers",
            Self::TooLong { .. } => "tooLong",
        }
    }
}

fn sentences(errors: &[PolicyError]) -> String {
    errors.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}
