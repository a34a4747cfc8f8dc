//! Operations on capture, probe, prechecks and report.

use axum::http::Method;

use super::sessions::QueryParameter;
use super::{Access, Action as AnyAction, NO_JSON, OTHER_SITE, Operation, TOO_LARGE, UNAVAILABLE};
use crate::api::schema::Schema as AnySchema;
use crate::api::schema::diagnostics::Schema;

/// What an operation of this group does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    ReadCapture,
    DeleteCapture,
    StartCapture,
    StopCapture,
    ReadTrace,
    ReadProbe,
    StartProbe,
    StopProbe,
    ReadPrechecks,
    RunPrechecks,
    ReadReport,
}

/// The parameters of the query of `GET /report`.
pub(crate) const REPORT_QUERY: &[QueryParameter] = &[(
    "mask",
    "boolean",
    "Whether addresses and names are replaced by pseudonyms, the same one for the same thing \
     throughout the report; `false` if it is left out.",
)];

const NO_TRACE: (u16, &str) =
    (404, "There is no trace: none was started, or it was deleted (`common/notFound`).");
const STILL_RUNNING: (u16, &str) =
    (409, "The trace is still running; stop it first (`connapp/captureRunning`).");
const REFUSED_TRACE: (u16, &str) = (
    400,
    "As for every body; or `port` or `duration` is no whole number (`connapp/invalidNumber`), or the \
     trace is refused (`connapp/captureRefused`): `parameters` names each `property` to correct, \
     followed by its `reason`: `notATarget`, `ipv6`, `loopback`, `network`, `url`, \
     `targetWithPort`, `severalTargets`, `expression`, `notAPort`, `portOutOfRange`, \
     `severalPorts`, `notADuration`, `unknownHost`, `notResolved`.",
);
const REFUSED_PROBE: (u16, &str) = (
    400,
    "As for every body; or `kind` is unknown (`common/invalidEnum`), `port` is no whole number \
     (`connapp/invalidNumber`), or the probe is refused (`connapp/probeRefused`): `parameters` names \
     each `property` to correct, followed by its `reason`: `missing`, `url`, `withPort`, `space`, \
     `ipv6`, `brokenAddress`, `noMachine`, `tooLong`, `notAHost`, `notAPort`, `noSlash`, \
     `character`, `icmpThroughProxy`, `unknownProxy`.",
);
const NOT_DONE: (u16, &str) =
    (500, "The appliance could not do it (`connapp/error`); `reason` says why.");

/// The operations, grouped by path.
pub(crate) static OPERATIONS: &[Operation] = &[
    Operation {
        method: Method::GET,
        path: "/capture",
        access: Access::Bearer,
        action: AnyAction::Diagnostics(Action::ReadCapture),
        id: "getCapture",
        summary: "Read the trace that runs or ran last",
        description: "`state` is `idle`, `running` or `ended`. An ended trace comes with its `end`, \
                      a `summary`, and when it will be deleted. Times are seconds since 1970. The \
                      counts of a running one are at most a second old.",
        request: None,
        success: (200, "The trace.", Some(AnySchema::Diagnostics(Schema::Capture))),
        errors: &[UNAVAILABLE],
    },
    Operation {
        method: Method::DELETE,
        path: "/capture",
        access: Access::Bearer,
        action: AnyAction::Diagnostics(Action::DeleteCapture),
        id: "deleteCapture",
        summary: "Delete the trace that has ended",
        description: "It is deleted by itself after 24 hours, or when the next one starts.",
        request: None,
        success: (204, "It is deleted.", None),
        errors: &[OTHER_SITE, NO_TRACE, STILL_RUNNING, NOT_DONE, UNAVAILABLE],
    },
    Operation {
        method: Method::POST,
        path: "/capture/$start",
        access: Access::Bearer,
        action: AnyAction::Diagnostics(Action::StartCapture),
        id: "startCapture",
        summary: "Start a trace of TCP traffic",
        description: "Records what passes the network card to or from one machine, one port, or \
                      everything. Without `packetTracing` the first 94 bytes of each packet, which \
                      are the headers; with it whole packets, which may contain personal data. One \
                      trace at a time; a finished one is deleted. It ends by itself after `duration` \
                      seconds, when its file is full, or when the data disk is.",
        request: Some(AnySchema::Diagnostics(Schema::TraceStart)),
        success: (202, "It records.", Some(AnySchema::Diagnostics(Schema::Capture))),
        errors: &[
            REFUSED_TRACE,
            OTHER_SITE,
            (
                409,
                "Another trace runs (`connapp/captureRunning`, with `since`) or is being started \
                 (`connapp/captureStarting`).",
            ),
            TOO_LARGE,
            NO_JSON,
            NOT_DONE,
            UNAVAILABLE,
            (
                507,
                "The data disk has no room (`connapp/noSpace`, with `freeBytes` and `neededBytes`).",
            ),
        ],
    },
    Operation {
        method: Method::POST,
        path: "/capture/$stop",
        access: Access::Bearer,
        action: AnyAction::Diagnostics(Action::StopCapture),
        id: "stopCapture",
        summary: "Stop the trace",
        description: "Answered when its file is complete. A body is not looked at.",
        request: None,
        success: (200, "It has ended.", Some(AnySchema::Diagnostics(Schema::Capture))),
        errors: &[
            OTHER_SITE,
            NO_TRACE,
            (409, "No trace is running (`connapp/captureNotRunning`)."),
            NOT_DONE,
            UNAVAILABLE,
        ],
    },
    Operation {
        method: Method::GET,
        path: "/capture/trace",
        access: Access::Bearer,
        action: AnyAction::Diagnostics(Action::ReadTrace),
        id: "getTrace",
        summary: "Download the trace that has ended",
        description: "A `.pcap` file; \
                      `Content-Disposition` names it after the appliance and the start.",
        request: None,
        success: (200, "The file.", Some(AnySchema::Diagnostics(Schema::Trace))),
        errors: &[NO_TRACE, STILL_RUNNING, NOT_DONE, UNAVAILABLE],
    },
    Operation {
        method: Method::GET,
        path: "/probe",
        access: Access::Bearer,
        action: AnyAction::Diagnostics(Action::ReadProbe),
        id: "getProbe",
        summary: "Read the probe that runs or ran last",
        description: "`probe` is `null` before the first one. Each step has its time; one that \
                      failed has a `cause` that programs compare, a `detail` and a `remedy` for a \
                      person.",
        request: None,
        success: (200, "The probe.", Some(AnySchema::Diagnostics(Schema::Probe))),
        errors: &[UNAVAILABLE],
    },
    Operation {
        method: Method::POST,
        path: "/probe",
        access: Access::Bearer,
        action: AnyAction::Diagnostics(Action::StartProbe),
        id: "startProbe",
        summary: "Follow one connection step by step",
        description: "`route` is `direct` (if left out), `automatic` for the way that the settings \
                      say, or the `id` of a proxy. ICMP goes straight to the target. With `capture` \
                      everything that the appliance sends and receives meanwhile is recorded, as a \
                      trace under the `id` that `trace` names. One probe at a time, 60 seconds at \
                      most; poll `GET /probe`.",
        request: Some(AnySchema::Diagnostics(Schema::ProbeStart)),
        success: (202, "It has begun.", Some(AnySchema::Diagnostics(Schema::Probe))),
        errors: &[
            REFUSED_PROBE,
            OTHER_SITE,
            (409, "Another probe is under way (`connapp/probeRunning`)."),
            TOO_LARGE,
            NO_JSON,
            NOT_DONE,
            UNAVAILABLE,
        ],
    },
    Operation {
        method: Method::POST,
        path: "/probe/$stop",
        access: Access::Bearer,
        action: AnyAction::Diagnostics(Action::StopProbe),
        id: "stopProbe",
        summary: "Stop the probe",
        description: "What its steps have found until then stays. A body is not looked at.",
        request: None,
        success: (200, "It has ended.", Some(AnySchema::Diagnostics(Schema::Probe))),
        errors: &[
            OTHER_SITE,
            (409, "No probe is under way (`connapp/probeNotRunning`)."),
            NOT_DONE,
            UNAVAILABLE,
        ],
    },
    Operation {
        method: Method::GET,
        path: "/prechecks",
        access: Access::Bearer,
        action: AnyAction::Diagnostics(Action::ReadPrechecks),
        id: "getPrechecks",
        summary: "Read the prechecks that run or ran last",
        description: "`prechecks` is `null` before the first run. `result` of a check is `waiting`, \
                      `running`, `good`, `attention`, `failing` or `skipped`.",
        request: None,
        success: (200, "The checks.", Some(AnySchema::Diagnostics(Schema::Prechecks))),
        errors: &[UNAVAILABLE],
    },
    Operation {
        method: Method::POST,
        path: "/prechecks/$run",
        access: Access::Bearer,
        action: AnyAction::Diagnostics(Action::RunPrechecks),
        id: "runPrechecks",
        summary: "Look at everything that the appliance needs from its surroundings",
        description: "Link, address, gateway, DNS, time, each proxy, each address of the cloud; 60 \
                      seconds at most. Poll `GET /prechecks`. A body is not looked at.",
        request: None,
        success: (202, "They have begun.", Some(AnySchema::Diagnostics(Schema::Prechecks))),
        errors: &[
            OTHER_SITE,
            (409, "They are under way already (`connapp/prechecksRunning`)."),
            NOT_DONE,
            UNAVAILABLE,
        ],
    },
    Operation {
        method: Method::GET,
        path: "/report",
        access: Access::Bearer,
        action: AnyAction::Diagnostics(Action::ReadReport),
        id: "getReport",
        summary: "Make and download a diagnostic report",
        description: "A `.zip` with settings, states, prechecks and logs, without secrets. Making it \
                      takes up to 30 seconds; a part that fails is replaced by its error. One at a \
                      time.",
        request: None,
        success: (200, "The file.", Some(AnySchema::Diagnostics(Schema::Report))),
        errors: &[
            (
                400,
                "`mask` is neither `true` nor `false` (`connapp/invalidBoolean`), or there is \
                 another parameter (`connapp/unknownProperty`).",
            ),
            (409, "Another report is being made (`connapp/reportRunning`)."),
            (500, "It could not be made (`connapp/reportFailed`); `reason` says why."),
            UNAVAILABLE,
        ],
    },
];
