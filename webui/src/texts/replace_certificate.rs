//! Texts of the page *Certificate of this page*.

use model::certificate::{CertificateRefusal, CertificateWarning};
use model::settings::{RevertReason, TRIAL_SECONDS};

pub(crate) mod english;
pub(crate) mod japanese;

// The texts name the time, which is the same in all of them.
const _: () = assert!(TRIAL_SECONDS == 60);

/// Texts of the page. `wait` is a duration in words, `at` a time.
#[derive(Debug)]
pub(crate) struct ReplaceCertificateTexts {
    pub(crate) in_use: &'static str,
    pub(crate) issued_to: &'static str,
    pub(crate) self_signed: fn(subject: &str) -> String,
    pub(crate) valid_from: &'static str,
    pub(crate) open: &'static str,

    pub(crate) replace_heading: &'static str,
    pub(crate) replace_hint: &'static str,
    pub(crate) certificate: &'static str,
    pub(crate) certificate_hint: &'static str,
    pub(crate) key: &'static str,
    pub(crate) key_hint: &'static str,
    pub(crate) passphrase: &'static str,
    pub(crate) passphrase_hint: &'static str,
    pub(crate) optional: &'static str,
    pub(crate) choose_file: &'static str,
    pub(crate) what_happens: &'static str,
    pub(crate) trial: &'static str,
    pub(crate) replace_button: &'static str,

    pub(crate) self_signed_heading: &'static str,
    pub(crate) self_signed_hint: &'static str,
    pub(crate) self_signed_button: &'static str,

    pub(crate) come_back_heading: &'static str,
    pub(crate) come_back: &'static str,
    pub(crate) come_back_compare: &'static str,
    pub(crate) come_back_open: &'static str,
    pub(crate) come_back_keep: &'static str,
    pub(crate) come_back_otherwise: &'static str,
    pub(crate) open_again: &'static str,

    pub(crate) keep_title: &'static str,
    pub(crate) keep: &'static str,
    pub(crate) keep_button: &'static str,
    pub(crate) revert_button: &'static str,
    pub(crate) previous: &'static str,
    pub(crate) reverting: fn(wait: &str) -> String,
    /// The same for the script, which fills in the seconds for `{}`.
    pub(crate) reverting_seconds: &'static str,
    pub(crate) reverted: fn(RevertReason, at: &str) -> String,

    pub(crate) not_changed: &'static str,
    pub(crate) form_expired: &'static str,
    pub(crate) not_stored: &'static str,
    pub(crate) no_trial: &'static str,
    pub(crate) old_connection: &'static str,
    /// What is wrong and what to do.
    pub(crate) refusal: fn(&CertificateRefusal) -> String,
    pub(crate) warning: fn(&CertificateWarning) -> String,
}
