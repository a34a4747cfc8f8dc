//! The table of operations: the router and the OpenAPI document are made from it.

pub(crate) mod connections;
pub(crate) mod diagnostics;
pub(crate) mod directory;
pub(crate) mod registration;
pub(crate) mod sessions;

use axum::http::Method;

use crate::api::schema::Schema;

/// Who may ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// Anybody who reaches the port.
    Public,
    /// Who has a token.
    Bearer,
    /// Who has the token for metrics.
    Metrics,
}

/// What an operation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    ReadCredentials,
    CreateCredentials,
    LogIn,
    ChangePassword,
    ReplaceCertificate,
    Reboot,
    ReadNetwork,
    ChangeNetwork,
    ConfirmNetwork,
    RevertNetwork,
    ReadClock,
    ReadProcesses,
    Reset,
    KeepIdentity,
    ReadStatus,
    ReadDocument,
    /// Proxies, authorities and the certificate of the page.
    Connections(connections::Action),
    /// Capture, probe, prechecks and report.
    Diagnostics(diagnostics::Action),
    /// Active Directory domains.
    Directory(directory::Action),
    /// Registration with the cloud.
    Registration(registration::Action),
    /// Sessions, sign-ins, logs and metrics.
    Sessions(sessions::Action),
}

/// One method of one path.
#[derive(Debug)]
pub(crate) struct Operation {
    pub(crate) method: Method,
    pub(crate) path: &'static str,
    /// The same for all methods of a path.
    pub(crate) access: Access,
    pub(crate) action: Action,
    /// Name of the operation in generated clients.
    pub(crate) id: &'static str,
    pub(crate) summary: &'static str,
    pub(crate) description: &'static str,
    /// Schema of the request's body.
    pub(crate) request: Option<Schema>,
    /// Status, description and schema of the success.
    pub(crate) success: (u16, &'static str, Option<Schema>),
    /// Status and description of errors beside those that every operation of its kind has.
    pub(crate) errors: &'static [(u16, &'static str)],
}

const WRONG_BODY: (u16, &str) = (
    400,
    "The body is not well-formed JSON (`common/invalidJson`, with `line` and `column`), or a property \
     is missing (`common/missing`), not a string (`common/invalidString`), too long \
     (`common/tooLong`), unknown (`connapp/unknownProperty`) or repeated \
     (`connapp/duplicateProperty`). `parameters` names the `property`.",
);
const WEAK_PASSWORD: (u16, &str) = (
    400,
    "As for every body; and the password breaks rules (`common/invalidString`): `parameters` names \
     the `property` and each `rule`: `tooShort`, `noUpperCase`, `noLowerCase`, `noNonAlphabetic`, \
     `controlCharacter`, `sameAsCurrent`. A user name other than `admin` is `common/invalidEnum` \
     where credentials are set up.",
);
const REFUSED_CERTIFICATE: (u16, &str) = (
    400,
    "As for every body; or the certificate is refused (`connapp/certificateRefused`; \
     `common/missing` for an empty text, `common/tooLong` for a long one). `parameters` names the \
     `property` to correct and the `reason`: `missing`, `tooLarge`, `notPem`, `truncated`, \
     `damaged`, `keyInCertificate`, `certificateInKey`, `wrongBlock`, `tooManyCertificates`, \
     `severalKeys`, `passphraseMissing`, `wrongPassphrase`, `unsupportedEncryption`, \
     `unsupportedKey`, `weakKey`, `keyMismatch`, `severalLeaves`, `unrelated`, `brokenLink`, \
     `issuerNotAuthority`, `weakSignature`, `expired`, `notYetValid`, `authority`, \
     `notForServers`, `keyMayNotSign`, `oldVersion`, `handshake`. Nothing has changed.",
);
const REFUSED_NETWORK: (u16, &str) = (
    400,
    "As for every body; or the settings are refused (`connapp/networkSettingsRefused`). `parameters` \
     names each `property` to correct (`address`, `netmask`, `gateway`, `dns[0]`, `ntp[0]`, \
     `hostName`), followed by its `reason`: `missing`, `notAnAddress`, `unspecified`, `loopback`, \
     `notUnicast`, `reserved`, `notAMask`, `maskWithHole`, `networkAddress`, `broadcastAddress`, \
     `offSubnet`, `ownAddress`, `notAServer`, `duplicate`, `tooMany`, `notAHostName`, `taken`, \
     `noTime`. `method` is `common/invalidEnum` when it is neither, a list of something else than \
     strings `connapp/invalidList`. Nothing has changed.",
);
const TOO_LARGE: (u16, &str) = (413, "The body is larger than 65536 bytes.");
const NO_JSON: (u16, &str) =
    (415, "The media type is not `application/json`. A missing one is taken for JSON.");
const TOO_SOON: (u16, &str) = (
    429,
    "The pause after wrong passwords is not over; the password was not looked at. `retryDelay` and \
     the field `Retry-After` name the seconds that are left.",
);
const OTHER_SITE: (u16, &str) = (403, "A browser sent the request for a page of another site.");
const UNAVAILABLE: (u16, &str) = (503, "A part of the appliance does not answer; try again.");
const FAILED_READING: (u16, &str) = (500, "The facts cannot be read (`connapp/error`).");
const FAILED: (u16, &str) = (500, "Storing failed; nothing has changed.");

/// Every operation; those of one path stand together.
pub(crate) fn operations() -> impl Iterator<Item = &'static Operation> {
    let groups: [&'static [Operation]; 6] = [
        &MACHINE,
        connections::OPERATIONS,
        diagnostics::OPERATIONS,
        directory::OPERATIONS,
        registration::OPERATIONS,
        sessions::OPERATIONS,
    ];
    groups.into_iter().flatten()
}

/// The parameters of the query of an operation.
pub(crate) fn query_of(action: Action) -> &'static [sessions::QueryParameter] {
    match action {
        Action::Sessions(sessions::Action::ReadLogs) => sessions::LOG_QUERY,
        Action::Diagnostics(diagnostics::Action::ReadReport) => diagnostics::REPORT_QUERY,
        _ => &[],
    }
}

/// The operations on the appliance as a whole.
static MACHINE: [Operation; 16] = [
    Operation {
        method: Method::GET,
        path: "/credentials",
        access: Access::Public,
        action: Action::ReadCredentials,
        id: "getCredentials",
        summary: "Tell whether the administrator's password has been set",
        description: "The first call of a script: set the credentials up if needed, then log in.",
        request: None,
        success: (200, "Whether it has been set.", Some(Schema::CredentialsState)),
        errors: &[UNAVAILABLE],
    },
    Operation {
        method: Method::POST,
        path: "/credentials",
        access: Access::Public,
        action: Action::CreateCredentials,
        id: "createCredentials",
        summary: "Set the administrator's first password",
        description: "Possible once. A lost password cannot be recovered: the appliance has to be \
                      installed again. The password has at least 8 characters, an upper-case and a \
                      lower-case letter, and a character that is no letter.",
        request: Some(Schema::Credentials),
        success: (204, "It has been set.", None),
        errors: &[
            WEAK_PASSWORD,
            OTHER_SITE,
            (409, "The credentials are set up already (`connapp/credentialsAlreadySetUp`)."),
            TOO_LARGE,
            NO_JSON,
            FAILED,
            UNAVAILABLE,
        ],
    },
    Operation {
        method: Method::POST,
        path: "/$login",
        access: Access::Public,
        action: Action::LogIn,
        id: "logIn",
        summary: "Exchange user name and password for a token",
        description: "The token is valid for 15 minutes and ends earlier with a change of the \
                      password or a restart of the service. At most 256 are valid; the oldest ends \
                      for a new one. After three wrong passwords from an address each further one \
                      is followed by a rising pause of 60 seconds at most; nobody is locked out.",
        request: Some(Schema::Credentials),
        success: (200, "The token.", Some(Schema::Token)),
        errors: &[
            WRONG_BODY,
            (
                401,
                "User name or password is wrong, or none has been set; the answer does not tell \
                 which (`reason` is `invalid`).",
            ),
            OTHER_SITE,
            TOO_LARGE,
            NO_JSON,
            TOO_SOON,
            FAILED,
            UNAVAILABLE,
        ],
    },
    Operation {
        method: Method::POST,
        path: "/$changePassword",
        access: Access::Bearer,
        action: Action::ChangePassword,
        id: "changePassword",
        summary: "Change the administrator's password",
        description: "Needs a token and the current password. Every session and every token ends, \
                      the one of this request too. A wrong user name or current password gets 401 \
                      with `reason` `invalid` and counts like a wrong password when logging in.",
        request: Some(Schema::PasswordChange),
        success: (204, "It has been changed.", None),
        errors: &[WEAK_PASSWORD, OTHER_SITE, TOO_LARGE, NO_JSON, TOO_SOON, FAILED, UNAVAILABLE],
    },
    Operation {
        method: Method::POST,
        path: "/$replaceSslCert",
        access: Access::Bearer,
        action: Action::ReplaceCertificate,
        id: "replaceSslCert",
        summary: "Replace the certificate of the administration page",
        description: "The certificate is checked and proven by a TLS handshake inside the appliance, \
                      then stored for good and served to every new connection, without a restart; \
                      `/status` and the console show its fingerprints. Unlike a replacement on the \
                      page it is not on trial, because a script does not come back to confirm. It \
                      ends a trial that is under way. Connections that are open are closed after 3 \
                      seconds. Carriage returns, a missing final newline, and text around the PEM \
                      blocks do not matter.",
        request: Some(Schema::CertificateReplacement),
        success: (202, "It is stored and in use.", Some(Schema::CertificateAccepted)),
        errors: &[REFUSED_CERTIFICATE, OTHER_SITE, TOO_LARGE, NO_JSON, FAILED, UNAVAILABLE],
    },
    Operation {
        method: Method::POST,
        path: "/$reboot",
        access: Access::Bearer,
        action: Action::Reboot,
        id: "reboot",
        summary: "Restart the appliance",
        description: "A body is not looked at.",
        request: None,
        success: (202, "The restart has begun.", Some(Schema::Accepted)),
        errors: &[OTHER_SITE, (500, "The restart was refused (`connapp/error`).")],
    },
    Operation {
        method: Method::GET,
        path: "/status",
        access: Access::Bearer,
        action: Action::ReadStatus,
        id: "getStatus",
        summary: "Read version, health, network values and their origin",
        description: "A part that does not answer is `null`. Times are seconds since 1970.",
        request: None,
        success: (200, "The state of the appliance.", Some(Schema::Status)),
        errors: &[],
    },
    Operation {
        method: Method::GET,
        path: "/network",
        access: Access::Bearer,
        action: Action::ReadNetwork,
        id: "getNetwork",
        summary: "Read the network values in use, the settings, and the trial of new ones",
        description: "Each value stands with its `origin`: `default`, `bootParameter`, `dhcp` or \
                      `operator`. `trial` is `null` unless settings wait to be confirmed; \
                      `reverted` says what was taken back last and why, until it is dismissed.",
        request: None,
        success: (200, "Values, settings and trial.", Some(Schema::Network)),
        errors: &[UNAVAILABLE],
    },
    Operation {
        method: Method::PUT,
        path: "/network",
        access: Access::Bearer,
        action: Action::ChangeNetwork,
        id: "changeNetwork",
        summary: "Try other network settings",
        description: "The settings are checked, the address by ARP and the time servers by a \
                      question; then they are stored on trial and the appliance restarts. Every \
                      token ends with the restart. Log in at the new address and call \
                      `POST /network/$confirm` within 60 seconds of its return, or the settings \
                      from before come back by themselves. `ignoreSilentServers` stores time \
                      servers that do not answer. The password is not asked for again: a token \
                      that lasts 15 minutes is a fresh proof, unlike a browser left open.",
        request: Some(Schema::NetworkChange),
        success: (
            202,
            "They are stored on trial, and the restart has begun.",
            Some(Schema::Accepted),
        ),
        errors: &[
            REFUSED_NETWORK,
            OTHER_SITE,
            TOO_LARGE,
            NO_JSON,
            (500, "Storing or the restart failed; nothing has changed."),
            UNAVAILABLE,
        ],
    },
    Operation {
        method: Method::POST,
        path: "/network/$confirm",
        access: Access::Bearer,
        action: Action::ConfirmNetwork,
        id: "confirmNetwork",
        summary: "Keep the network settings that are on trial",
        description: "A body is not looked at.",
        request: None,
        success: (204, "They are kept.", None),
        errors: &[
            OTHER_SITE,
            (409, "Nothing is on trial, or it waits for the restart (`connapp/nothingToDo`)."),
            FAILED,
            UNAVAILABLE,
        ],
    },
    Operation {
        method: Method::POST,
        path: "/network/$revert",
        access: Access::Bearer,
        action: Action::RevertNetwork,
        id: "revertNetwork",
        summary: "Take the network settings that are on trial back",
        description: "The settings from before return at once, so this connection may break. A body \
                      is not looked at.",
        request: None,
        success: (204, "They are taken back.", None),
        errors: &[
            OTHER_SITE,
            (409, "Nothing is on trial (`connapp/nothingToDo`)."),
            FAILED,
            UNAVAILABLE,
        ],
    },
    Operation {
        method: Method::GET,
        path: "/clock",
        access: Access::Bearer,
        action: Action::ReadClock,
        id: "getClock",
        summary: "Read whether the clock is right and who says so",
        description: "`offsetMilliseconds` is how far the clock was off when it was compared last; \
                      positive = behind.",
        request: None,
        success: (200, "The clock.", Some(Schema::Clock)),
        errors: &[UNAVAILABLE],
    },
    Operation {
        method: Method::GET,
        path: "/processes",
        access: Access::Bearer,
        action: Action::ReadProcesses,
        id: "getProcesses",
        summary: "Read what the kernel says about each process",
        description: "PID 1 (`init`) and each service that runs: user, capabilities, filter of system \
                      calls, limits, mounts and memory, for comparison with what the documents \
                      promise.",
        request: None,
        success: (200, "The processes.", Some(Schema::Processes)),
        errors: &[FAILED_READING, UNAVAILABLE],
    },
    Operation {
        method: Method::POST,
        path: "/$reset",
        access: Access::Bearer,
        action: Action::Reset,
        id: "reset",
        summary: "Forget everything and restart",
        description: "Deletes the password, the certificate and every setting; `keepNetwork` keeps \
                      the network settings and the host name. `confirm` must be the host name in use. \
                      A power cut in between leaves either everything or nothing. Afterwards the \
                      credentials have to be set up anew.",
        request: Some(Schema::Reset),
        success: (202, "It is stored, and the restart has begun.", Some(Schema::Accepted)),
        errors: &[
            (
                400,
                "As for every body; or `confirm` is not the host name (`connapp/notConfirmed`). \
                 Nothing has changed.",
            ),
            OTHER_SITE,
            TOO_LARGE,
            NO_JSON,
            FAILED,
            UNAVAILABLE,
        ],
    },
    Operation {
        method: Method::POST,
        path: "/identity/$keep",
        access: Access::Bearer,
        action: Action::KeepIdentity,
        id: "keepIdentity",
        summary: "Say that this machine is the same appliance, moved or restored",
        description: "After `/status` has reported the cause `identity.copied`. To start fresh \
                      instead, use `/$reset`. A body is not looked at.",
        request: None,
        success: (200, "The identity is kept.", Some(Schema::Kept)),
        errors: &[
            OTHER_SITE,
            (409, "The identity is known already (`connapp/nothingToDo`)."),
            FAILED,
            UNAVAILABLE,
        ],
    },
    Operation {
        method: Method::GET,
        path: "/openapi.json",
        access: Access::Public,
        action: Action::ReadDocument,
        id: "getOpenApiDocument",
        summary: "Read this document",
        description: "OpenAPI 3.1, made from the table that the server's router is made from.",
        request: None,
        success: (200, "This document.", Some(Schema::Document)),
        errors: &[],
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operations_of_a_path_stand_together_and_have_one_access() {
        let operations: Vec<_> = operations().collect();
        for pair in operations.windows(2) {
            if pair[0].path == pair[1].path {
                assert_eq!(pair[0].access, pair[1].access, "{}", pair[0].path);
            }
        }
        let mut paths: Vec<_> = operations.iter().map(|operation| operation.path).collect();
        paths.dedup();
        let grouped = paths.len();
        paths.sort_unstable();
        paths.dedup();
        assert_eq!(paths.len(), grouped);
    }
}
