//! Operations on the registration with the cloud.

use axum::http::Method;

use super::{Access, Action as AnyAction, NO_JSON, OTHER_SITE, Operation, TOO_LARGE, UNAVAILABLE};
use crate::api::schema::Schema as AnySchema;
use crate::api::schema::registration::Schema;

/// What an operation of this group does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    Read,
    Register,
    End,
    Unattended,
}

const REFUSED: (u16, &str) = (
    400,
    "As for every body; or something is refused (`connapp/registrationRefused`): `property` is `name`, \
     `cloud` or `identifier`, or `reason` is `registration.rejected`, \
     `registration.unknown-location`, `registration.client-refused` or \
     `registration.cloud-not-proven`. `deployment` is `common/invalidEnum` when there is no such one.",
);
const NAME_TAKEN: (u16, &str) = (
    409,
    "Another appliance of the resource location has the name (`connapp/alreadyExists`; `reason` is \
     `registration.name-taken`).",
);
const REGISTERED: (u16, &str) = (
    500,
    "The appliance is registered already, or a registration is under way, or it could not be stored \
     (`connapp/error`); `detail` says which.",
);
const CLOUD_FAILED: (u16, &str) = (
    502,
    "The cloud does not do it (`connapp/cloudFailed`). `reason` is `registration.unreached`, with the \
     identifier of its `cause` such as `outbound.dns-failed`; or `registration.too-many`, \
     `registration.unavailable`, `registration.malformed`, `registration.wrong-certificate`.",
);

/// The operations, grouped by path.
pub(crate) static OPERATIONS: &[Operation] = &[
    Operation {
        method: Method::GET,
        path: "/registration",
        access: Access::Bearer,
        action: AnyAction::Registration(Action::Read),
        id: "getRegistration",
        summary: "Read whether the appliance is registered with the cloud",
        description: "While a code is good it stands here with the security number, which the \
                      console of the cloud has to show beside the details. `cause` says what keeps \
                      the appliance from the cloud, or how the last registration ended.",
        request: None,
        success: (200, "The state.", Some(AnySchema::Registration(Schema::State))),
        errors: &[(500, "The state cannot be read (`connapp/error`)."), UNAVAILABLE],
    },
    Operation {
        method: Method::POST,
        path: "/registration",
        access: Access::Bearer,
        action: AnyAction::Registration(Action::Register),
        id: "register",
        summary: "Register the appliance by code",
        description: "Answered when the cloud has given a code, within 45 seconds. An administrator \
                      enters it at `verificationUrl`; then `GET /registration` says `Registered`. A \
                      registration that is under way is given up for the new one. `cloud` names a \
                      cloud of your own as `host` or `host:port`; otherwise `deployment` decides.",
        request: Some(AnySchema::Registration(Schema::ByCode)),
        success: (201, "The code.", Some(AnySchema::Registration(Schema::State))),
        errors: &[
            REFUSED,
            OTHER_SITE,
            NAME_TAKEN,
            TOO_LARGE,
            NO_JSON,
            REGISTERED,
            CLOUD_FAILED,
            UNAVAILABLE,
        ],
    },
    Operation {
        method: Method::DELETE,
        path: "/registration",
        access: Access::Bearer,
        action: AnyAction::Registration(Action::End),
        id: "unregister",
        summary: "End the registration, or give up the one that is under way",
        description: "The cloud is told if it is connected; otherwise it still lists the appliance, \
                      which can be removed there. A body is not looked at.",
        request: None,
        success: (
            200,
            "The appliance is not registered any more.",
            Some(AnySchema::Registration(Schema::Ended)),
        ),
        errors: &[
            OTHER_SITE,
            (409, "The appliance is not registered (`connapp/nothingToDo`)."),
            (500, "It could not be done (`connapp/error`)."),
            UNAVAILABLE,
        ],
    },
    Operation {
        method: Method::POST,
        path: "/unattendedRegistration",
        access: Access::Bearer,
        action: AnyAction::Registration(Action::Unattended),
        id: "registerUnattended",
        summary: "Register the appliance by the secret of a secure client",
        description: "Answered when it is done, within 95 seconds. The secret is not sent to the \
                      cloud: both prove that they know it, the cloud first. `clientSecret` is the \
                      text that the cloud showed.",
        request: Some(AnySchema::Registration(Schema::Unattended)),
        success: (
            200,
            "The appliance is registered.",
            Some(AnySchema::Registration(Schema::Registered)),
        ),
        errors: &[
            REFUSED,
            OTHER_SITE,
            NAME_TAKEN,
            TOO_LARGE,
            NO_JSON,
            REGISTERED,
            CLOUD_FAILED,
            UNAVAILABLE,
        ],
    },
];
