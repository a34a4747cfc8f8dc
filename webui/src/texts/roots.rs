//! Texts of the section *Root certificate authorities* and of its forms.

use model::root_ca::RootCaRefusal;

pub(crate) mod english;
pub(crate) mod japanese;

/// Texts of the section and its pages. `name` is that of an authority, `date` a day.
#[derive(Debug)]
pub(crate) struct RootTexts {
    pub(crate) heading: &'static str,
    pub(crate) hint: &'static str,
    pub(crate) empty: &'static str,
    pub(crate) empty_remedy: &'static str,
    pub(crate) name: &'static str,
    pub(crate) issued_by: fn(issuer: &str) -> String,
    pub(crate) self_signed: &'static str,
    pub(crate) valid_until: &'static str,
    pub(crate) actions: &'static str,
    pub(crate) expires_soon: fn(date: &str, days: i64) -> String,
    pub(crate) expires_soon_remedy: &'static str,
    pub(crate) expired: fn(date: &str) -> String,
    pub(crate) expired_remedy: &'static str,
    pub(crate) not_yet_valid: fn(date: &str) -> String,
    pub(crate) not_yet_valid_remedy: &'static str,
    pub(crate) delete: fn(name: &str) -> String,
    pub(crate) intercepted: fn(issuer: &str, host: &str, at: &str) -> String,

    pub(crate) add: &'static str,
    pub(crate) add_title: &'static str,
    pub(crate) details: &'static str,
    pub(crate) details_hint: &'static str,
    pub(crate) file: &'static str,
    pub(crate) file_hint: &'static str,
    pub(crate) effective: &'static str,
    pub(crate) add_button: &'static str,
    pub(crate) not_added: &'static str,
    pub(crate) text_and_file: &'static str,
    pub(crate) refusal: fn(&RootCaRefusal) -> String,
    pub(crate) form_expired: &'static str,
    pub(crate) not_stored: &'static str,

    pub(crate) delete_title: &'static str,
    pub(crate) delete_question: fn(name: &str) -> String,
    pub(crate) delete_consequence: &'static str,
    pub(crate) delete_button: &'static str,
}
