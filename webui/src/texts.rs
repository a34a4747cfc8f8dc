//! Every text of the pages, as one typed table for each language.
//!
//! A part of the table is a struct in a file of its own, with one value for each language beside it,
//! so that a missing translation does not compile. Sentences with values in them are functions: each
//! language builds the whole sentence, nothing is put together from pieces.

pub(crate) mod boot_parameter;
pub(crate) mod cause;
pub(crate) mod error_page;
pub(crate) mod frame;
pub(crate) mod network_settings;
pub(crate) mod password;
pub(crate) mod replace_certificate;
pub(crate) mod reset;
pub(crate) mod restart;
pub(crate) mod sign_in;
pub(crate) mod summary;
pub(crate) mod time;

use crate::Language;

/// All texts of one language.
#[derive(Debug)]
pub(crate) struct Texts {
    pub(crate) frame: frame::FrameTexts,
    pub(crate) time: time::TimeTexts,
    pub(crate) password: password::PasswordTexts,
    pub(crate) sign_in: sign_in::SignInTexts,
    pub(crate) summary: summary::SummaryTexts,
    pub(crate) cause: cause::CauseTexts,
    pub(crate) replace_certificate: replace_certificate::ReplaceCertificateTexts,
    pub(crate) reset: reset::ResetTexts,
    pub(crate) network_settings: network_settings::NetworkSettingsTexts,
    pub(crate) restart: restart::RestartTexts,
    pub(crate) error_page: error_page::ErrorPageTexts,
}

static ENGLISH: Texts = Texts {
    frame: frame::ENGLISH,
    time: time::ENGLISH,
    password: password::ENGLISH,
    sign_in: sign_in::ENGLISH,
    summary: summary::ENGLISH,
    cause: cause::english::TEXTS,
    replace_certificate: replace_certificate::english::TEXTS,
    reset: reset::ENGLISH,
    network_settings: network_settings::english::TEXTS,
    restart: restart::ENGLISH,
    error_page: error_page::ENGLISH,
};

static JAPANESE: Texts = Texts {
    frame: frame::JAPANESE,
    time: time::JAPANESE,
    password: password::JAPANESE,
    sign_in: sign_in::JAPANESE,
    summary: summary::JAPANESE,
    cause: cause::japanese::TEXTS,
    replace_certificate: replace_certificate::japanese::TEXTS,
    reset: reset::JAPANESE,
    network_settings: network_settings::japanese::TEXTS,
    restart: restart::JAPANESE,
    error_page: error_page::JAPANESE,
};

impl Texts {
    /// The texts of a language.
    pub(crate) fn of(language: Language) -> &'static Self {
        match language {
            Language::English => &ENGLISH,
            Language::Japanese => &JAPANESE,
        }
    }
}
