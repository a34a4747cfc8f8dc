//! Operations on Active Directory domains.

use axum::http::Method;

use super::{Access, Action as AnyAction, NO_JSON, OTHER_SITE, Operation, TOO_LARGE, UNAVAILABLE};
use crate::api::schema::Schema as AnySchema;
use crate::api::schema::directory::Schema;

/// What an operation of this group does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    ReadDomains,
    Join,
    ReadCheck,
    Check,
    ReadDomain,
    Leave,
    ReadTrusts,
    Validate,
    ChangePassword,
    LookUp,
}

const REFUSED_DOMAIN: (u16, &str) = (
    400,
    "As for every body; or something is refused (`connapp/domainRefused`). `parameters` names each \
     `property` to correct, followed by its `reason`. Found before the domain is asked: \
     `domain_name`: `missing`, `tooLong`, `address`, `singleLabel`, `label`; `dns_servers`: \
     `notAnAddress`; `user_name`: `missing`, `tooLong`, `character`, `part`; `password`: `missing`; \
     `machine_account`: `missing`, `tooLong`, `character`, `hyphen`, `onlyDigits`; \
     `organizational_unit`: `tooLong`, `notDistinguished`. Said by the domain: `domain.unknown`, \
     `domain.wrong-password`, `domain.password-expired`, `domain.user-unknown`, \
     `domain.foreign-suffix`, `domain.account-revoked`, `domain.logon-not-allowed`, \
     `domain.no-aes-keys`, `domain.no-right`, `domain.quota-used-up`, `domain.unit-missing`. Nothing \
     has changed.",
);
const REFUSED_LOOKUP: (u16, &str) = (
    400,
    "As for every body; or `kind` or `key` is unknown (`common/invalidEnum`), or `value` is refused \
     (`connapp/domainRefused`); its `reason` is `missing`, `tooLong`, `tooShort`, `notASid` or \
     `notAGuid`.",
);
const DOMAIN_REFUSED: (u16, &str) = (
    400,
    "The domain refuses the machine account (`connapp/domainRefused`); `reason` says why, such as \
     `domain.no-right`.",
);
const DOMAIN_FAILED: (u16, &str) = (
    502,
    "The domain does not do it (`connapp/domainFailed`). `reason` is its identifier, such as \
     `domain.no-controller-answers`, `domain.port-closed`, `domain.clock-differs`, \
     `domain.kerberos-refused`, `domain.no-protection`, `domain.machine-account-gone` or \
     `domain.machine-password-changed`; `detail` says what has happened and what to do.",
);
const NOT_DONE: (u16, &str) = (500, "The appliance could not do it (`connapp/error`).");
const NO_DOMAIN: (u16, &str) = (404, "The domain is not joined (`common/notFound`).");

/// The operations, grouped by path.
pub(crate) static OPERATIONS: &[Operation] = &[
    Operation {
        method: Method::GET,
        path: "/domains",
        access: Access::Bearer,
        action: AnyAction::Directory(Action::ReadDomains),
        id: "getDomains",
        summary: "List the joined Active Directory domains",
        description: "In the order of their names. `GET /domains/{name}` has more about each.",
        request: None,
        success: (200, "The domains.", Some(AnySchema::Directory(Schema::Domains))),
        errors: &[UNAVAILABLE],
    },
    Operation {
        method: Method::POST,
        path: "/domains",
        access: Access::Bearer,
        action: AnyAction::Directory(Action::Join),
        id: "joinDomain",
        summary: "Join an Active Directory domain",
        description: "Creates the machine account, of at most 15 characters, and proves that it \
                      works; answered when that is done, within 120 seconds. The user needs the right \
                      to create computer accounts; the password is used once and never stored. \
                      `user_name` is `name`, `name@domain` or `DOMAIN\\name`. An account of this name \
                      that exists already is refused, unless it is a machine account and `take_over` \
                      is `true`: then its password is reset. `dns_servers` are asked for the domain \
                      instead of the appliance's own.",
        request: Some(AnySchema::Directory(Schema::Join)),
        success: (200, "The domain is joined.", None),
        errors: &[
            REFUSED_DOMAIN,
            OTHER_SITE,
            (
                409,
                "The domain is joined already or the name is in use (`connapp/alreadyExists`, with \
                 `reason`, and for a name `account`, `place` and `canBeTakenOver`), too many domains \
                 are joined (`connapp/limitReached`), or another join is under way \
                 (`connapp/joinRunning`).",
            ),
            TOO_LARGE,
            NO_JSON,
            NOT_DONE,
            DOMAIN_FAILED,
            UNAVAILABLE,
        ],
    },
    Operation {
        method: Method::GET,
        path: "/domains/$check",
        access: Access::Bearer,
        action: AnyAction::Directory(Action::ReadCheck),
        id: "getDomainCheck",
        summary: "Read the check of a domain that runs or ran last",
        description: "`check` is `null` before the first one. `state` is `running`, `passed` or \
                      `failed`; `result` of an item is `waiting`, `passed`, `warned` or `failed`. What \
                      failed has a `cause` with an `id` that programs compare, a `detail` and a \
                      `remedy` for a person.",
        request: None,
        success: (200, "The check.", Some(AnySchema::Directory(Schema::Check))),
        errors: &[UNAVAILABLE],
    },
    Operation {
        method: Method::POST,
        path: "/domains/$check",
        access: Access::Bearer,
        action: AnyAction::Directory(Action::Check),
        id: "checkDomain",
        summary: "Check whether a domain can be joined",
        description: "DNS, domain controllers, the ports 88, 389, 464 and 3268, the clock and the \
                      functional level. Nothing is changed and no password is needed. A check that is \
                      under way ends. Poll `GET /domains/$check`.",
        request: Some(AnySchema::Directory(Schema::CheckStart)),
        success: (202, "It has begun.", Some(AnySchema::Directory(Schema::Check))),
        errors: &[
            REFUSED_DOMAIN,
            OTHER_SITE,
            (409, "The domain is joined already (`connapp/alreadyExists`)."),
            TOO_LARGE,
            NO_JSON,
            NOT_DONE,
            DOMAIN_FAILED,
            UNAVAILABLE,
        ],
    },
    Operation {
        method: Method::GET,
        path: "/domains/{name}",
        access: Access::Bearer,
        action: AnyAction::Directory(Action::ReadDomain),
        id: "getDomain",
        summary: "Read everything about a joined domain",
        description: "Times are seconds since 1970. `health` is what the last check has found, which \
                      is done every few minutes; `null` before the first one. `password_cause` says \
                      why the password of the machine account could not be changed, `forest_cause` \
                      why the root of the forest is not reached.",
        request: None,
        success: (200, "The domain.", Some(AnySchema::Directory(Schema::Domain))),
        errors: &[NO_DOMAIN, UNAVAILABLE],
    },
    Operation {
        method: Method::DELETE,
        path: "/domains/{name}",
        access: Access::Bearer,
        action: AnyAction::Directory(Action::Leave),
        id: "leaveDomain",
        summary: "Leave a domain",
        description: "The appliance forgets the password of its machine account. The account stays in \
                      the domain, unless the body, which may be left out, names a user who may delete \
                      it: then it is disabled and deleted first, and if that fails nothing changes.",
        request: Some(AnySchema::Directory(Schema::Leave)),
        success: (204, "The domain is left.", None),
        errors: &[
            REFUSED_DOMAIN,
            OTHER_SITE,
            NO_DOMAIN,
            (409, "A domain is being joined (`connapp/joinRunning`)."),
            TOO_LARGE,
            NO_JSON,
            NOT_DONE,
            DOMAIN_FAILED,
            UNAVAILABLE,
        ],
    },
    Operation {
        method: Method::POST,
        path: "/domains/{name}/$changePassword",
        access: Access::Bearer,
        action: AnyAction::Directory(Action::ChangePassword),
        id: "changeMachinePassword",
        summary: "Change the password of the machine account now",
        description: "It is changed by itself every 30 days. The one before is kept until the new one \
                      is proven. A body is not looked at.",
        request: None,
        success: (204, "It is changed.", None),
        errors: &[
            DOMAIN_REFUSED,
            OTHER_SITE,
            NO_DOMAIN,
            (409, "A domain is being joined (`connapp/joinRunning`)."),
            NOT_DONE,
            DOMAIN_FAILED,
            UNAVAILABLE,
        ],
    },
    Operation {
        method: Method::POST,
        path: "/domains/{name}/$lookup",
        access: Access::Bearer,
        action: AnyAction::Directory(Action::LookUp),
        id: "lookUp",
        summary: "Find users, groups or computers",
        description: "A test of what the cloud asks, as the machine account sees it. `kind` is `user`, \
                      `group` or `computer`; `key` is `accountName`, `userPrincipalName`, `mail`, \
                      `displayName` (its beginning), `sid` or `guid`. With `groups` the security \
                      identifiers of all groups of users and computers are read, nested and universal \
                      ones included, and the members of groups. `cursor` of an answer asks for the \
                      next page; it is `null` on the last.",
        request: Some(AnySchema::Directory(Schema::LookupStart)),
        success: (200, "What was found.", Some(AnySchema::Directory(Schema::Lookup))),
        errors: &[
            REFUSED_LOOKUP,
            OTHER_SITE,
            NO_DOMAIN,
            (409, "A domain is being joined (`connapp/joinRunning`)."),
            TOO_LARGE,
            NO_JSON,
            NOT_DONE,
            DOMAIN_FAILED,
            UNAVAILABLE,
        ],
    },
    Operation {
        method: Method::POST,
        path: "/domains/{name}/$validate",
        access: Access::Bearer,
        action: AnyAction::Directory(Action::Validate),
        id: "validateDomain",
        summary: "Validate Kerberos",
        description: "Gets a new ticket as the machine, reads the directory over a sealed connection, \
                      and has the domain prove that it is genuine. What fails is an answer as well: \
                      `passed` is `false`, and `cause` says why. A body is not looked at.",
        request: None,
        success: (200, "The result.", Some(AnySchema::Directory(Schema::Validation))),
        errors: &[
            DOMAIN_REFUSED,
            OTHER_SITE,
            NO_DOMAIN,
            (409, "A domain is being joined (`connapp/joinRunning`)."),
            NOT_DONE,
            DOMAIN_FAILED,
            UNAVAILABLE,
        ],
    },
    Operation {
        method: Method::GET,
        path: "/domains/{name}/trusts",
        access: Access::Bearer,
        action: AnyAction::Directory(Action::ReadTrusts),
        id: "getTrusts",
        summary: "List the trusts of a joined domain",
        description: "As its directory has them. `direction` is `disabled`, `inbound`, `outbound` or \
                      `bidirectional`; `kind` is `within_forest`, `forest`, `external` or `realm`.",
        request: None,
        success: (200, "The trusts.", Some(AnySchema::Directory(Schema::Trusts))),
        errors: &[NO_DOMAIN, UNAVAILABLE],
    },
];
