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
//! | `/restart` | GET, POST | `csrf` | [`restart`], then [`restarting`] |
//! | `/summary` | GET | | [`summary`], a fragment for the script |
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
mod error_page;
mod frame;
mod keep_network;
mod language;
mod network_settings;
mod password;
mod replace_certificate;
mod reset;
mod restart;
mod sign_in;
mod summary;
mod texts;
mod time;

pub use administration::{Administration, administration, summary};
pub use asset::{ASSET_PATH, Asset, asset};
pub use error_page::{ErrorKind, ErrorPage, error_page};
pub use frame::Frame;
pub use keep_network::{KeepNetwork, RevertedNetwork, keep_network, reverted_network};
pub use language::Language;
pub use network_settings::{
    EditNetwork, NetworkSaved, edit_network, network_field_name, network_saved,
};
pub use password::{
    ChangePassword, CreatePassword, PasswordField, PasswordProblem, change_password,
    create_password,
};
pub use replace_certificate::{
    CertificateDetails, CertificateIssuer, CertificateProblem, CertificateStep, ReplaceCertificate,
    certificate_refusal, replace_certificate,
};
pub use reset::{
    CopiedMachine, FactoryReset, NetworkFate, Resetting, copied_machine, factory_reset, resetting,
};
pub use restart::{Restart, Restarting, restart, restarting};
pub use sign_in::{SESSION_IDLE_SECONDS, SignIn, SignInError, SignInNotice, sign_in};
pub use summary::Summary;

/// Fills a template. That can fail only when the `Display` of a value does, and none of ours does.
fn render(view: &impl askama::Template) -> String {
    view.render().unwrap_or_default()
}
