//! Operations on sessions, sign-ins, logs and metrics.

use axum::http::Method;

use super::{
    Access, Action as AnyAction, FAILED, NO_JSON, OTHER_SITE, Operation, TOO_LARGE, UNAVAILABLE,
};
use crate::api::schema::Schema as AnySchema;
use crate::api::schema::sessions::Schema;

/// What an operation of this group does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    ReadSessions,
    EndSession,
    ReadSignIns,
    ReadLogs,
    ReadSyslog,
    SetSyslog,
    DeleteSyslog,
    MakeMetricsToken,
    DeleteMetricsToken,
    ReadMetrics,
}

/// A parameter of a query: name, JSON type, description.
pub(crate) type QueryParameter = (&'static str, &'static str, &'static str);

/// The parameters of the query of `GET /logs`.
pub(crate) const LOG_QUERY: &[QueryParameter] = &[
    ("source", "string", "Only from `kernel`, `init` or the service of this name."),
    (
        "severity",
        "string",
        "Only this severe or worse: `emergency`, `alert`, `critical`, `error`, `warning`, `notice`, \
         `informational`, `debug`.",
    ),
    ("text", "string", "Only with this text, upper and lower case alike; 200 bytes at most."),
    ("since", "integer", "Not before this time, in seconds since 1970."),
    ("until", "integer", "Not after this time, in seconds since 1970."),
    ("before", "integer", "Only older than the record with this `id`: the next page."),
    ("after", "integer", "Only newer than this `id`, oldest first: to follow the logs."),
    ("limit", "integer", "Most records of the answer, 1 to 500; 100 if it is left out."),
];

const REFUSED_QUERY: (u16, &str) = (
    400,
    "A parameter is unknown or two exclude each other (`connapp/unknownProperty`), names no source \
     or severity (`common/invalidEnum`), is no number in its range (`common/outOfRange`), too long \
     (`common/tooLong`), or stands twice (`common/invalidString`). `parameters` names the \
     `property`.",
);
const REFUSED_SYSLOG: (u16, &str) = (
    400,
    "As for every body; or `port` is no whole number (`connapp/invalidNumber`), or the setting is \
     refused (`connapp/syslogRefused`): `parameters` names each `property` to correct, followed by \
     its `reason`: `notAServer`, `ipv6`, `unusable`, `notAPort`, `notATransport`, `notASeverity`. \
     Nothing has changed.",
);

/// The operations, grouped by path.
pub(crate) static OPERATIONS: &[Operation] = &[
    Operation {
        method: Method::GET,
        path: "/sessions",
        access: Access::Bearer,
        action: AnyAction::Sessions(Action::ReadSessions),
        id: "getSessions",
        summary: "List the sessions of browsers and the tokens that are valid",
        description: "The one used last stands first. `isOwn` marks the token of this request. \
                      `agent` is what the client says of itself, shortened; it proves nothing. At \
                      most 256 of each kind are valid at a time; the oldest ends for a new one.",
        request: None,
        success: (200, "The sessions.", Some(AnySchema::Sessions(Schema::Sessions))),
        errors: &[],
    },
    Operation {
        method: Method::DELETE,
        path: "/sessions/{id}",
        access: Access::Bearer,
        action: AnyAction::Sessions(Action::EndSession),
        id: "endSession",
        summary: "End a session or token",
        description: "At once: the next request of it is refused. With the `id` of the own token it \
                      signs this script out. The password is not asked for again: a token that lasts \
                      15 minutes is a fresh proof, unlike a browser left open.",
        request: None,
        success: (204, "It has ended.", None),
        errors: &[OTHER_SITE, (404, "No session that is valid has this `id` (`common/notFound`).")],
    },
    Operation {
        method: Method::GET,
        path: "/signIns",
        access: Access::Bearer,
        action: AnyAction::Sessions(Action::ReadSignIns),
        id: "getSignIns",
        summary: "Read who has given the password, right or wrong",
        description: "The newest 200 since the start of the service, newest first; earlier ones \
                      stand in the logs (`GET /logs?source=web`). Failures of the same kind from the \
                      same address that follow each other are one entry with a `count`.",
        request: None,
        success: (200, "The tries.", Some(AnySchema::Sessions(Schema::SignIns))),
        errors: &[],
    },
    Operation {
        method: Method::GET,
        path: "/logs",
        access: Access::Bearer,
        action: AnyAction::Sessions(Action::ReadLogs),
        id: "getLogs",
        summary: "Read the logs",
        description: "Newest first, unless `after` asks for the other direction. `next` holds the \
                      parameter of the next page and is `null` when there is none; a page may be \
                      empty and have a next one. At most 500 records and 192 KiB.",
        request: None,
        success: (200, "A page of records.", Some(AnySchema::Sessions(Schema::Logs))),
        errors: &[REFUSED_QUERY, UNAVAILABLE],
    },
    Operation {
        method: Method::GET,
        path: "/syslog",
        access: Access::Bearer,
        action: AnyAction::Sessions(Action::ReadSyslog),
        id: "getSyslog",
        summary: "Read where the logs are sent, and whether they arrive",
        description: "`setting` is `null` when they are not sent. `status` and `storage` are `null` \
                      while the service that sends them does not answer.",
        request: None,
        success: (200, "Setting and state.", Some(AnySchema::Sessions(Schema::Syslog))),
        errors: &[],
    },
    Operation {
        method: Method::PUT,
        path: "/syslog",
        access: Access::Bearer,
        action: AnyAction::Sessions(Action::SetSyslog),
        id: "setSyslog",
        summary: "Send the logs to a syslog server (RFC 5424)",
        description: "At once, beginning with the records of this start that are still in memory. \
                      `transport` is `tls` (left out), `tcp` or `udp`; `port` is 6514 for TLS and 514 \
                      otherwise when it is left out; `severity` is the least severe that is sent, \
                      `informational` when it is left out.",
        request: Some(AnySchema::Sessions(Schema::SyslogChange)),
        success: (200, "Setting and state.", Some(AnySchema::Sessions(Schema::Syslog))),
        errors: &[REFUSED_SYSLOG, OTHER_SITE, TOO_LARGE, NO_JSON, FAILED, UNAVAILABLE],
    },
    Operation {
        method: Method::DELETE,
        path: "/syslog",
        access: Access::Bearer,
        action: AnyAction::Sessions(Action::DeleteSyslog),
        id: "deleteSyslog",
        summary: "Send the logs nowhere",
        description: "They stay on the appliance.",
        request: None,
        success: (204, "They are not sent any more.", None),
        errors: &[OTHER_SITE, FAILED, UNAVAILABLE],
    },
    Operation {
        method: Method::POST,
        path: "/metricsToken",
        access: Access::Bearer,
        action: AnyAction::Sessions(Action::MakeMetricsToken),
        id: "makeMetricsToken",
        summary: "Make the token with which metrics are read",
        description: "It does not end by itself, reads metrics and nothing else, and is told once: \
                      only its hash is kept. The one before is refused from now on. A body is not \
                      looked at.",
        request: None,
        success: (201, "The token.", Some(AnySchema::Sessions(Schema::MetricsToken))),
        errors: &[OTHER_SITE, FAILED, UNAVAILABLE],
    },
    Operation {
        method: Method::DELETE,
        path: "/metricsToken",
        access: Access::Bearer,
        action: AnyAction::Sessions(Action::DeleteMetricsToken),
        id: "deleteMetricsToken",
        summary: "Remove the token with which metrics are read",
        description: "Nobody reads metrics until another one is made.",
        request: None,
        success: (204, "There is none any more.", None),
        errors: &[OTHER_SITE, FAILED, UNAVAILABLE],
    },
    Operation {
        method: Method::GET,
        path: "/metrics",
        access: Access::Metrics,
        action: AnyAction::Sessions(Action::ReadMetrics),
        id: "getMetrics",
        summary: "Read metrics in the Prometheus text format",
        description: "Version 0.0.4 of the format, for `Authorization: Bearer <metrics token>`. A \
                      token of `POST /$login` is refused here, and this one everywhere else. A part \
                      of the appliance that does not answer has no samples.",
        request: None,
        success: (200, "The metrics.", Some(AnySchema::Sessions(Schema::Metrics))),
        errors: &[UNAVAILABLE],
    },
];
