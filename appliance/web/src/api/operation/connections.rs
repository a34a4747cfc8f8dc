//! Operations on proxy servers, authorities and the certificate of the page.

use axum::http::Method;

use super::{
    Access, Action as AnyAction, FAILED, NO_JSON, OTHER_SITE, Operation, REFUSED_CERTIFICATE,
    TOO_LARGE, UNAVAILABLE,
};
use crate::api::schema::Schema as AnySchema;
use crate::api::schema::connections::Schema;

/// What an operation of this group does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    ReadProxies,
    AddProxy,
    ReadProxy,
    UpdateProxy,
    DeleteProxy,
    OrderProxies,
    ReadBypass,
    SetBypass,
    ReadRoots,
    AddRoot,
    DeleteRoot,
    ReadCertificate,
    ImportPkcs12,
    InstallCertificate,
    ReadRequest,
    MakeRequest,
    DropRequest,
}

const REFUSED_PROXY: (u16, &str) = (
    400,
    "As for every body; or the proxy is refused (`connapp/proxyRefused`). `parameters` names each \
     `property` to correct, followed by its `reason`. `location`: `missing`, `scheme`, \
     `credentials`, `path`, `spaces`, `ipv6`, `noPort`, `portNotNumber`, `portRange`, `noHost`, \
     `notAnAddress`, `unusableAddress`, `notAHost`; `username`: `missing`, `tooLong`, `colon`, \
     `controlCharacter`; `password`: `tooLong`, `controlCharacter`, `proxyPasswordNeeded`. Nothing \
     has changed.",
);
const REFUSED_ORDER: (u16, &str) = (
    400,
    "As for every body; or `ids` does not name each proxy exactly once (`connapp/proxyRefused`, \
     `reason` is `proxyOrder`). Nothing has changed.",
);
const REFUSED_BYPASS: (u16, &str) = (
    400,
    "As for every body; or a rule is refused (`connapp/proxyBypassRefused`). `parameters` names the \
     `property`, such as `items[0]`, and the `reason`: `notOneRule`, `scheme`, `port`, `ipv6`, \
     `wildcard`, `notAnAddress`, `notAMask`, `hostBits`, `notAName`, `tooMany`. Nothing has changed.",
);
const REFUSED_ROOT: (u16, &str) = (
    400,
    "As for every body; or it is not taken as an authority (`connapp/rootCARefused`; \
     `common/missing` for an empty text, `common/tooLong` for a long one). `parameters` names the \
     `reason`: `missing`, `tooLarge`, `encoding`, `notPem`, `truncated`, `wrongBase64`, `damaged`, \
     `privateKey`, `wrongBlock`, `severalCertificates`, `notAuthority`, `mayNotSign`, `oldVersion`, \
     `wrongSignature`, `weakKey`, `unsupportedKey`, `unusable`. Nothing has changed.",
);
const REFUSED_PKCS12: (u16, &str) = (
    400,
    "As for every body; or `pkcs12` is not base64 (`connapp/invalidBase64`), or the file is refused \
     (`connapp/certificateRefused`). `parameters` names the `property` and the `reason`: `missing`, \
     `tooLarge`, `isPem`, `notPkcs12`, `damaged`, `publicKeyMode`, `macMissing`, \
     `passphraseTooLong`, `passphraseMissing`, `wrongPassphrase`, `unsupportedEncryption`, `noKey`, \
     `severalKeys`, `noCertificate`, or a reason of `POST /$replaceSslCert`. Nothing has changed.",
);
const REFUSED_REQUEST: (u16, &str) = (
    400,
    "As for every body; or the request cannot be made (`connapp/signingRequestRefused`). \
     `parameters` names the `property` and the `reason`: `noNames`, `tooManyNames`, `notAName`, \
     `tooLong`, `controlCharacter`, `country`, `failed`. `key` is `common/invalidEnum` when it is \
     neither. Nothing has changed.",
);
const NO_PROXY: (u16, &str) = (404, "There is no such proxy (`common/notFound`).");
const NO_ROOT: (u16, &str) = (404, "There is no such authority (`common/notFound`).");
const NO_REQUEST: (u16, &str) = (404, "No signing request waits (`common/notFound`).");
const PROXY_CONFLICT: (u16, &str) = (
    409,
    "Another proxy has this location (`connapp/alreadyExists`), or there are 16 already \
     (`connapp/limitReached`).",
);
const ROOT_CONFLICT: (u16, &str) = (
    409,
    "It is there already (`connapp/alreadyExists`), or no more are kept (`connapp/limitReached`).",
);

/// The operations, grouped by path.
pub(crate) static OPERATIONS: &[Operation] = &[
    Operation {
        method: Method::GET,
        path: "/proxies",
        access: Access::Bearer,
        action: AnyAction::Connections(Action::ReadProxies),
        id: "getProxies",
        summary: "List the proxy servers in the order in which they are tried",
        description: "`unreachable` means that the entry is wrong, cannot be contacted, or has not been checked \
         yet. Each is checked when it is saved and every minute. Passwords are never shown.",
        request: None,
        success: (200, "The proxy servers.", Some(AnySchema::Connections(Schema::Proxies))),
        errors: &[UNAVAILABLE],
    },
    Operation {
        method: Method::POST,
        path: "/proxies",
        access: Access::Bearer,
        action: AnyAction::Connections(Action::AddProxy),
        id: "addProxy",
        summary: "Add a proxy server behind the others",
        description: "`location` is host and port; the port is mandatory. `username` and `password` are for Basic \
         authentication, the only kind. The answer waits up to 5 seconds for the first check.",
        request: Some(AnySchema::Connections(Schema::ProxyChange)),
        success: (201, "It is stored.", Some(AnySchema::Connections(Schema::Proxy))),
        errors: &[
            REFUSED_PROXY,
            OTHER_SITE,
            PROXY_CONFLICT,
            TOO_LARGE,
            NO_JSON,
            FAILED,
            UNAVAILABLE,
        ],
    },
    Operation {
        method: Method::POST,
        path: "/proxies/$order",
        access: Access::Bearer,
        action: AnyAction::Connections(Action::OrderProxies),
        id: "orderProxies",
        summary: "Bring the proxy servers into another order",
        description: "`ids` names each proxy exactly once.",
        request: Some(AnySchema::Connections(Schema::ProxyOrder)),
        success: (204, "They are tried in this order.", None),
        errors: &[REFUSED_ORDER, OTHER_SITE, NO_PROXY, TOO_LARGE, NO_JSON, FAILED, UNAVAILABLE],
    },
    Operation {
        method: Method::GET,
        path: "/proxies/{id}",
        access: Access::Bearer,
        action: AnyAction::Connections(Action::ReadProxy),
        id: "getProxy",
        summary: "Read a proxy server, and why it cannot be used",
        description: "`cause` is `null` unless it is unreachable; `checked` is `null` before the first check, in \
         seconds since 1970 afterwards.",
        request: None,
        success: (200, "The proxy server.", Some(AnySchema::Connections(Schema::ProxyDetails))),
        errors: &[NO_PROXY, UNAVAILABLE],
    },
    Operation {
        method: Method::PUT,
        path: "/proxies/{id}",
        access: Access::Bearer,
        action: AnyAction::Connections(Action::UpdateProxy),
        id: "updateProxy",
        summary: "Change a proxy server",
        description: "A `username` that is left out or empty means no authentication. A `password` that is left \
         out stays, but not for another location or user name; an empty one is removed.",
        request: Some(AnySchema::Connections(Schema::ProxyChange)),
        success: (204, "It is changed.", None),
        errors: &[
            REFUSED_PROXY,
            OTHER_SITE,
            NO_PROXY,
            PROXY_CONFLICT,
            TOO_LARGE,
            NO_JSON,
            FAILED,
            UNAVAILABLE,
        ],
    },
    Operation {
        method: Method::DELETE,
        path: "/proxies/{id}",
        access: Access::Bearer,
        action: AnyAction::Connections(Action::DeleteProxy),
        id: "deleteProxy",
        summary: "Delete a proxy server with its password",
        description: "New connections use those that remain.",
        request: None,
        success: (204, "It is deleted.", None),
        errors: &[OTHER_SITE, NO_PROXY, FAILED, UNAVAILABLE],
    },
    Operation {
        method: Method::GET,
        path: "/proxyBypass",
        access: Access::Bearer,
        action: AnyAction::Connections(Action::ReadBypass),
        id: "getProxyBypass",
        summary: "List what is contacted without a proxy",
        description: "Beside 10.0.0.0/8, 172.16.0.0/12 and 192.168.0.0/16, which always are.",
        request: None,
        success: (200, "The rules.", Some(AnySchema::Connections(Schema::Bypass))),
        errors: &[UNAVAILABLE],
    },
    Operation {
        method: Method::PUT,
        path: "/proxyBypass",
        access: Access::Bearer,
        action: AnyAction::Connections(Action::SetBypass),
        id: "setProxyBypass",
        summary: "Replace the list of what is contacted without a proxy",
        description: "A rule is a name (`host.example.com`, only this one), the names below one \
         (`.example.com` or `*.example.com`), an address, a network (`192.0.2.0/24`), or `*` for \
         everything. A rule of addresses also covers a name when all its addresses are covered.",
        request: Some(AnySchema::Connections(Schema::BypassChange)),
        success: (204, "They take effect with the next connection.", None),
        errors: &[REFUSED_BYPASS, OTHER_SITE, TOO_LARGE, NO_JSON, FAILED, UNAVAILABLE],
    },
    Operation {
        method: Method::GET,
        path: "/rootCA",
        access: Access::Bearer,
        action: AnyAction::Connections(Action::ReadRoots),
        id: "getRootCAs",
        summary: "List the added root certificate authorities",
        description: "`validity` is `valid`, `expiresSoon` (within 30 days), `expired` or `notYetValid`.",
        request: None,
        success: (200, "The authorities.", Some(AnySchema::Connections(Schema::Roots))),
        errors: &[UNAVAILABLE],
    },
    Operation {
        method: Method::POST,
        path: "/rootCA",
        access: Access::Bearer,
        action: AnyAction::Connections(Action::AddRoot),
        id: "addRootCA",
        summary: "Trust another root certificate authority",
        description: "Exactly one certificate in PEM form, without private key. It is trusted at once, without a \
         restart, in addition to the built-in authorities.",
        request: Some(AnySchema::Connections(Schema::RootAddition)),
        success: (201, "It is trusted.", Some(AnySchema::Connections(Schema::Root))),
        errors: &[REFUSED_ROOT, OTHER_SITE, ROOT_CONFLICT, TOO_LARGE, NO_JSON, FAILED, UNAVAILABLE],
    },
    Operation {
        method: Method::DELETE,
        path: "/rootCA/{id}",
        access: Access::Bearer,
        action: AnyAction::Connections(Action::DeleteRoot),
        id: "deleteRootCA",
        summary: "Delete an added root certificate authority",
        description: "It is no longer trusted, at once.",
        request: None,
        success: (204, "It is deleted.", None),
        errors: &[OTHER_SITE, NO_ROOT, FAILED, UNAVAILABLE],
    },
    Operation {
        method: Method::GET,
        path: "/certificate",
        access: Access::Bearer,
        action: AnyAction::Connections(Action::ReadCertificate),
        id: "getCertificate",
        summary: "Read the certificate of the administration page",
        description: "`chain` begins with the certificate itself, followed by those of its issuers that are sent \
         along. `requested` is when the signing request was made that waits, or `null`. A request \
         that accepts `text/html` gets the page instead.",
        request: None,
        success: (200, "The certificate.", Some(AnySchema::Connections(Schema::Certificate))),
        errors: &[],
    },
    Operation {
        method: Method::POST,
        path: "/certificate/$importPkcs12",
        access: Access::Bearer,
        action: AnyAction::Connections(Action::ImportPkcs12),
        id: "importPkcs12",
        summary: "Replace the certificate by a PKCS #12 file",
        description: "As `POST /$replaceSslCert`, with certificate, issuers and key in one file, base64.",
        request: Some(AnySchema::Connections(Schema::Pkcs12)),
        success: (202, "It is stored and in use.", Some(AnySchema::Connections(Schema::Installed))),
        errors: &[REFUSED_PKCS12, OTHER_SITE, TOO_LARGE, NO_JSON, FAILED, UNAVAILABLE],
    },
    Operation {
        method: Method::POST,
        path: "/certificate/$install",
        access: Access::Bearer,
        action: AnyAction::Connections(Action::InstallCertificate),
        id: "installCertificate",
        summary: "Install the certificate that was signed for the request",
        description: "The certificate and those of its issuers in PEM form, for the key that waits. For good and \
         at once, as `POST /$replaceSslCert`.",
        request: Some(AnySchema::Connections(Schema::SignedCertificate)),
        success: (202, "It is stored and in use.", Some(AnySchema::Connections(Schema::Installed))),
        errors: &[
            REFUSED_CERTIFICATE,
            OTHER_SITE,
            NO_REQUEST,
            TOO_LARGE,
            NO_JSON,
            FAILED,
            UNAVAILABLE,
        ],
    },
    Operation {
        method: Method::GET,
        path: "/certificate/request",
        access: Access::Bearer,
        action: AnyAction::Connections(Action::ReadRequest),
        id: "getSigningRequest",
        summary: "Read the signing request that waits for its certificate",
        description: "`request` is PKCS #10 in PEM form.",
        request: None,
        success: (200, "The request.", Some(AnySchema::Connections(Schema::SigningRequest))),
        errors: &[NO_REQUEST, FAILED, UNAVAILABLE],
    },
    Operation {
        method: Method::POST,
        path: "/certificate/request",
        access: Access::Bearer,
        action: AnyAction::Connections(Action::MakeRequest),
        id: "makeSigningRequest",
        summary: "Make a key and a signing request for it",
        description: "Replaces the request before. Without `names` those of the appliance are taken, without \
         `commonName` the first of them. The key never leaves the appliance; the certificate in use \
         stays.",
        request: Some(AnySchema::Connections(Schema::SigningRequestInput)),
        success: (201, "The request.", Some(AnySchema::Connections(Schema::SigningRequest))),
        errors: &[REFUSED_REQUEST, OTHER_SITE, TOO_LARGE, NO_JSON, FAILED, UNAVAILABLE],
    },
    Operation {
        method: Method::DELETE,
        path: "/certificate/request",
        access: Access::Bearer,
        action: AnyAction::Connections(Action::DropRequest),
        id: "dropSigningRequest",
        summary: "Drop the signing request with its key",
        description: "The certificate in use stays.",
        request: None,
        success: (204, "It is dropped.", None),
        errors: &[OTHER_SITE, NO_REQUEST, FAILED, UNAVAILABLE],
    },
];
