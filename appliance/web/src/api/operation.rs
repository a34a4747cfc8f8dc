//! The table of operations: the router and the OpenAPI document are made from it.

use axum::http::Method;

use crate::api::schema::Schema;

/// Who may ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// Anybody who reaches the port.
    Public,
    /// Who has a token.
    Bearer,
}

/// What an operation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    ReadCredentials,
    CreateCredentials,
    LogIn,
    ChangePassword,
    Reboot,
    ReadStatus,
    ReadDocument,
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
const FAILED: (u16, &str) = (500, "Storing failed; nothing has changed.");

/// Every operation, grouped by path.
pub(crate) static OPERATIONS: [Operation; 7] = [
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
                      password or a restart of the service. At most 32 are valid; the oldest ends \
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
        for pair in OPERATIONS.windows(2) {
            if pair[0].path == pair[1].path {
                assert_eq!(pair[0].access, pair[1].access, "{}", pair[0].path);
            }
        }
        let mut paths: Vec<_> = OPERATIONS.iter().map(|operation| operation.path).collect();
        paths.dedup();
        let grouped = paths.len();
        paths.sort_unstable();
        paths.dedup();
        assert_eq!(paths.len(), grouped);
    }
}
