//! Texts of the page *Signing request*, and of a PKCS #12 file.

use model::pkcs12::Pkcs12Refusal;
use model::signing_request::{RequestField, RequestKey, SigningRequestRefusal};

pub(crate) mod english;
pub(crate) mod japanese;

/// Texts of the page and the file. `at` is a time.
#[derive(Debug)]
pub(crate) struct SigningRequestTexts {
    pub(crate) title: &'static str,
    pub(crate) section: &'static str,
    pub(crate) section_hint: &'static str,
    pub(crate) section_pending: fn(at: &str) -> String,
    pub(crate) create: &'static str,
    pub(crate) go_on: &'static str,

    pub(crate) make_heading: &'static str,
    pub(crate) make_hint: &'static str,
    pub(crate) label: fn(RequestField) -> &'static str,
    pub(crate) optional: &'static str,
    pub(crate) common_name_hint: &'static str,
    pub(crate) names_hint: &'static str,
    pub(crate) more: &'static str,
    pub(crate) country_hint: &'static str,
    pub(crate) key: &'static str,
    pub(crate) key_name: fn(RequestKey) -> &'static str,
    pub(crate) make_button: &'static str,
    pub(crate) not_made: &'static str,

    pub(crate) pending: &'static str,
    pub(crate) steps: [&'static str; 3],
    pub(crate) made: &'static str,
    pub(crate) subject: &'static str,
    pub(crate) names: &'static str,
    pub(crate) text: &'static str,
    pub(crate) copy: &'static str,
    pub(crate) download: &'static str,

    pub(crate) install_heading: &'static str,
    pub(crate) signed: &'static str,
    pub(crate) signed_hint: &'static str,
    pub(crate) file: &'static str,
    pub(crate) install_button: &'static str,
    pub(crate) not_installed: &'static str,
    pub(crate) other_request: fn(subject: &str) -> String,
    pub(crate) text_and_file: &'static str,
    pub(crate) too_large: &'static str,

    pub(crate) drop_heading: &'static str,
    pub(crate) drop_hint: &'static str,
    pub(crate) drop_title: &'static str,
    pub(crate) drop_question: &'static str,
    pub(crate) drop_button: &'static str,

    pub(crate) form_expired: &'static str,
    pub(crate) not_stored: &'static str,
    pub(crate) nothing_pending: &'static str,
    pub(crate) refusal: fn(&SigningRequestRefusal) -> String,

    pub(crate) pkcs12_heading: &'static str,
    pub(crate) pkcs12_hint: &'static str,
    pub(crate) pkcs12_file: &'static str,
    pub(crate) pkcs12_passphrase: &'static str,
    pub(crate) pkcs12_button: &'static str,
    /// The refusals of what the file protects; what stands in it has texts of its own.
    pub(crate) pkcs12_refusal: fn(&Pkcs12Refusal) -> String,

    pub(crate) serial: &'static str,
    pub(crate) key_kind: &'static str,
    pub(crate) signature: &'static str,
    pub(crate) issuers: &'static str,
    pub(crate) issuer: fn(subject: &str, until: &str) -> String,
}
