//! The pages of the appliance: templates, view models, style sheet, and texts in English and
//! Japanese.
//!
//! Each page is a struct and a function that renders it: the server fills [`SignIn`] and sends what
//! [`sign_in`] returns as `text/html; charset=utf-8`. Nothing here does I/O or reads a clock.
//!
//! The pages work without script under this policy:
//! `default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self';
//! form-action 'self'; base-uri 'none'; frame-ancestors 'none'`.
//!
//! | path | method | fields | page |
//! |---|---|---|---|
//! | `/` | GET | `deployment`, `lang` | [`create_password`], [`sign_in`] or [`administration`] |
//! | `/create-password` | POST | `username`, `password`, `confirmation`, `deployment`, `csrf` | [`create_password`] on problems |
//! | `/sign-in` | POST | `username`, `password`, `csrf` | [`sign_in`] on errors |
//! | `/sign-out` | POST | `csrf` | |
//! | `/change-password` | GET, POST | `username`, `current`, `password`, `confirmation`, `csrf` | [`change_password`] |
//! | `/certificate` | GET, POST | `certificate`, `key`, `passphrase`, `csrf` | [`replace_certificate`] |
//! | `/certificate/self-signed` | POST | `csrf` | [`replace_certificate`] |
//! | `/certificate/keep`, `/certificate/revert` | POST | `csrf` | [`replace_certificate`] on problems |
//! | `/network-settings` | GET, POST | see [`EditNetwork`] | [`edit_network`], then [`network_saved`] |
//! | `/network-settings/trial` | GET | | [`keep_network`] |
//! | `/network-settings/keep`, `/network-settings/revert` | POST | `csrf` | |
//! | `/network-settings/reverted` | GET | | [`reverted_network`] |
//! | `/changes/dismiss` | POST | `csrf` | |
//! | `/reset` | GET, POST | see [`FactoryReset`] | [`factory_reset`], then [`resetting`] |
//! | `/identity` | GET | | [`copied_machine`] |
//! | `/identity/keep` | POST | `csrf` | |
//! | `/network-diagnostics` and below | GET, POST | see [`NetworkDiagnostics`] | [`network_diagnostics`] |
//! | `/network-diagnostics/live` | GET | | [`network_diagnostics_live`], a fragment for the script |
//! | `/diagnostic-report` | GET, POST | `mask`, `csrf` | [`diagnostic_report`]; POST answers with the file |
//! | `/restart` | GET, POST | `csrf` | [`restart`], then [`restarting`] |
//! | `/sessions` | GET | | [`sessions`] |
//! | `/sessions/end` | POST | `id`, `csrf` | [`reenter_password`] when the password was not given lately |
//! | `/sessions/end-others` | POST | `csrf` | as `/sessions/end` |
//! | `/certificate/pkcs12` | POST | `pkcs12`, `pkcs12-passphrase`, `csrf` | [`replace_certificate`] |
//! | `/certificate/request` | GET, POST | see [`RequestStep`] | [`signing_request`] |
//! | `/certificate/request/install` | POST | see [`RequestStep`] | [`signing_request`] on problems |
//! | `/certificate/request/drop` | GET, POST | `csrf` | [`drop_request`] |
//! | `/certificate/request.csr` | GET | | |
//! | `/proxy-servers/add`, `/proxy-servers/edit` | GET, POST | see [`EditProxy`] | [`edit_proxy`] |
//! | `/proxy-servers/delete` | GET, POST | `id`, `csrf` | [`delete_proxy`] |
//! | `/proxy-servers/order` | POST | `up` or `down` (an id), `csrf` | |
//! | `/proxy-bypass` | GET, POST | see [`EditBypass`] | [`edit_bypass`] |
//! | `/root-certificates/add` | GET, POST | see [`AddRoot`] | [`add_root`] |
//! | `/root-certificates/delete` | GET, POST | `id`, `csrf` | [`delete_root`] |
//! | `/active-directory/add` | GET, POST | see [`AddDomain`] | [`add_domain`] |
//! | `/active-directory/join` | GET, POST | see [`JoinDomain`] | [`join_domain`] |
//! | `/active-directory/join/live` | GET | | [`join_domain_live`], a fragment for the script |
//! | `/active-directory/domain` | GET | `name` | [`domain_page`] |
//! | `/active-directory/validate`, `/active-directory/password`, `/active-directory/lookup` | POST | see [`DomainPage`] | [`domain_page`] |
//! | `/active-directory/leave` | GET, POST | see [`LeaveDomain`] | [`leave_domain`], then [`left_domain`] |
//! | `/register-connector` | GET, POST | see [`RegistrationPage`] | [`registration`] |
//! | `/register-connector/live` | GET | | [`registration_live`], a fragment for the script |
//! | `/register-connector/code` | POST | `csrf` | [`registration`] |
//! | `/register-connector/withdraw` | GET, POST | `csrf` | [`withdraw_registration`] |
//! | `/register-connector/unregister` | GET, POST | `csrf` | [`unregister`], then [`unregistered`] |
//! | `/logs` | GET | `source`, `severity`, `text`, `before` | [`logs`] |
//! | `/logs/download` | GET | as `/logs` | the same records as text |
//! | `/logs/syslog`, `/logs/metrics-token` and each with `/remove` | POST | see [`LogsPage`] | as `/sessions/end` |
//! | `/summary` | GET | `domains` | [`summary`], a fragment for the script |
//! | `/assets/<name>` | GET | | [`asset`] |
//!
//! `/summary` answers 401 without a session, upon which the script loads `/` again, and must not
//! prolong the session: a page left open would stay signed in for ever.
//!
//! Every page takes `lang=en` or `lang=ja` in its query ([`Language::from_tag`]); the server keeps
//! the choice in a cookie and asks [`Language::negotiate`] otherwise.
#![forbid(unsafe_code)]

mod administration;
mod asset;
mod certificate;
mod confirmation;
mod diagnostic_report;
mod domains;
mod error_page;
mod frame;
mod keep_network;
mod logs;
mod network_diagnostics;
mod network_settings;
mod password;
mod proxies;
mod reenter_password;
mod registration;
mod replace_certificate;
mod reset;
mod restart;
mod roots;
mod sessions;
mod sign_in;
mod signing_request;
mod summary;
mod texts;
mod time;

use page::amount;

pub use administration::{Administration, administration, summary};
pub use asset::{ASSET_PATH, asset};
pub use diagnostic_report::{DiagnosticReport, ReportRefusal, diagnostic_report};
pub use domains::{
    AddDomain, DirectoryRefusal, DomainPage, DomainProblem, DomainsTab, JoinDomain, JoinForm,
    LeaveDomain, LeftDomain, LookupForm, add_domain, domain_failure, domain_page, domain_problem,
    join_domain, join_domain_live, leave_domain, left_domain,
};
pub use error_page::{ErrorKind, ErrorPage, error_page};
pub use frame::Frame;
pub use keep_network::{KeepNetwork, RevertedNetwork, keep_network, reverted_network};
pub use logs::{LogFilter, LogsPage, LogsProblem, logs};
pub use network_diagnostics::{
    CaptureRefusal, DeleteTrace, DiagnosticsProblem, DiagnosticsState, NetworkDiagnostics,
    ProxyChoice, TaskRefusal, delete_trace, network_diagnostics, network_diagnostics_live,
    precheck_cause, probe_failure,
};
pub use network_settings::{
    EditNetwork, NetworkSaved, edit_network, network_field_name, network_saved,
};
pub use page::{Asset, Language};
pub use password::{
    ChangePassword, CreatePassword, PasswordField, PasswordProblem, change_password,
    create_password,
};
pub use proxies::{
    BypassProblem, DeleteProxy, EditBypass, EditProxy, ProxyProblem, bypass_problem, delete_proxy,
    edit_bypass, edit_proxy, is_proxy_checked, proxy_problem,
};
pub use reenter_password::{Dangerous, ReenterPassword, reenter_password};
pub use registration::{
    EndRegistration, RegistrationForm, RegistrationPage, RegistrationProblem, Unregistered,
    registration, registration_live, registration_problem, unregister, unregistered,
    withdraw_registration,
};
pub use replace_certificate::{
    CertificateDetails, CertificateIssuer, CertificateProblem, CertificateStep, ReplaceCertificate,
    certificate_refusal, pkcs12_refusal, replace_certificate,
};
pub use reset::{
    CopiedMachine, FactoryReset, NetworkFate, Resetting, copied_machine, factory_reset, resetting,
};
pub use restart::{Restart, Restarting, restart, restarting};
pub use roots::{AddRoot, DeleteRoot, RootProblem, add_root, delete_root, root_refusal};
pub use sessions::{
    OpenSession, SessionKind, SessionsNotice, SessionsPage, SignInEntry, SignInOutcome,
    SignInPlace, sessions,
};
pub use sign_in::{SESSION_IDLE_SECONDS, SignIn, SignInError, SignInNotice, sign_in};
pub use signing_request::{
    DropRequest, RequestProblem, RequestStep, SigningRequestPage, drop_request, request_field_name,
    request_refusal, signed_refusal, signing_request,
};
pub use summary::Summary;

/// A failed connection in words: what has happened, and what to do.
#[must_use]
pub fn outbound_failure(
    language: Language,
    cause: &model::outbound::FailureCause,
) -> (String, String) {
    let page::outbound::OutboundText { headline, next_step } =
        (texts::Texts::of(language).outbound.text)(cause);
    (headline, next_step)
}

/// Why a change does not fit what is stored, and what to do.
#[must_use]
pub fn settings_refusal(language: Language, refusal: &model::settings::SettingsRefusal) -> String {
    (texts::Texts::of(language).settings_refusal)(refusal)
}

/// Fills a template. That can fail only when the `Display` of a value does, and none of ours does.
fn render(view: &impl askama::Template) -> String {
    view.render().unwrap_or_default()
}
