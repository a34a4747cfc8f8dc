//! Every text of the pages, as one typed table for each language.
//!
//! A part of the table is a struct in a file of its own, with one value for each language beside it,
//! so that a missing translation does not compile. Sentences with values in them are functions: each
//! language builds the whole sentence, nothing is put together from pieces.

pub(crate) mod boot_parameter;
pub(crate) mod capture;
pub(crate) mod cause;
pub(crate) mod diagnostic_report;
pub(crate) mod domain_failure;
pub(crate) mod domains;
pub(crate) mod error_page;
pub(crate) mod frame;
pub(crate) mod logs;
pub(crate) mod network_settings;
pub(crate) mod password;
pub(crate) mod precheck;
pub(crate) mod probe;
pub(crate) mod proxies;
pub(crate) mod reenter_password;
pub(crate) mod registration;
pub(crate) mod replace_certificate;
pub(crate) mod reset;
pub(crate) mod restart;
pub(crate) mod roots;
pub(crate) mod sessions;
pub(crate) mod settings_refusal;
pub(crate) mod sign_in;
pub(crate) mod signing_request;
pub(crate) mod summary;

use model::settings::SettingsRefusal;

use crate::Language;

/// All texts of one language.
#[derive(Debug)]
pub(crate) struct Texts {
    pub(crate) frame: frame::FrameTexts,
    pub(crate) language: Language,
    pub(crate) password: password::PasswordTexts,
    pub(crate) sign_in: sign_in::SignInTexts,
    pub(crate) summary: summary::SummaryTexts,
    pub(crate) cause: cause::CauseTexts,
    pub(crate) replace_certificate: replace_certificate::ReplaceCertificateTexts,
    pub(crate) reset: reset::ResetTexts,
    pub(crate) logs: logs::LogsTexts,
    pub(crate) network_settings: network_settings::NetworkSettingsTexts,
    pub(crate) reenter_password: reenter_password::ReenterPasswordTexts,
    pub(crate) restart: restart::RestartTexts,
    pub(crate) proxies: proxies::ProxyTexts,
    pub(crate) roots: roots::RootTexts,
    pub(crate) signing_request: signing_request::SigningRequestTexts,
    pub(crate) outbound: page::outbound::OutboundTexts,
    pub(crate) capture: capture::CaptureTexts,
    pub(crate) probe: probe::ProbeTexts,
    pub(crate) check: page::precheck::CheckTexts,
    pub(crate) precheck: precheck::PrecheckTexts,
    pub(crate) diagnostic_report: diagnostic_report::DiagnosticReportTexts,
    pub(crate) domains: domains::DomainsTexts,
    pub(crate) domain_failure: domain_failure::DomainFailureTexts,
    pub(crate) registration: registration::RegistrationTexts,
    pub(crate) settings_refusal: fn(&SettingsRefusal) -> String,
    pub(crate) sessions: sessions::SessionsTexts,
    pub(crate) error_page: error_page::ErrorPageTexts,
}

static ENGLISH: Texts = Texts {
    frame: frame::ENGLISH,
    language: Language::English,
    password: password::ENGLISH,
    sign_in: sign_in::ENGLISH,
    summary: summary::ENGLISH,
    cause: cause::english::TEXTS,
    replace_certificate: replace_certificate::english::TEXTS,
    reset: reset::ENGLISH,
    logs: logs::english::TEXTS,
    network_settings: network_settings::english::TEXTS,
    reenter_password: reenter_password::ENGLISH,
    restart: restart::ENGLISH,
    proxies: proxies::english::TEXTS,
    roots: roots::english::TEXTS,
    signing_request: signing_request::english::TEXTS,
    outbound: page::outbound::ENGLISH,
    capture: capture::english::TEXTS,
    probe: probe::english::TEXTS,
    check: page::precheck::ENGLISH,
    precheck: precheck::english::TEXTS,
    diagnostic_report: diagnostic_report::ENGLISH,
    domains: domains::english::TEXTS,
    domain_failure: domain_failure::english::TEXTS,
    registration: registration::english::TEXTS,
    settings_refusal: settings_refusal::english,
    sessions: sessions::ENGLISH,
    error_page: error_page::ENGLISH,
};

static JAPANESE: Texts = Texts {
    frame: frame::JAPANESE,
    language: Language::Japanese,
    password: password::JAPANESE,
    sign_in: sign_in::JAPANESE,
    summary: summary::JAPANESE,
    cause: cause::japanese::TEXTS,
    replace_certificate: replace_certificate::japanese::TEXTS,
    reset: reset::JAPANESE,
    logs: logs::japanese::TEXTS,
    network_settings: network_settings::japanese::TEXTS,
    reenter_password: reenter_password::JAPANESE,
    restart: restart::JAPANESE,
    proxies: proxies::japanese::TEXTS,
    roots: roots::japanese::TEXTS,
    signing_request: signing_request::japanese::TEXTS,
    outbound: page::outbound::JAPANESE,
    capture: capture::japanese::TEXTS,
    probe: probe::japanese::TEXTS,
    check: page::precheck::JAPANESE,
    precheck: precheck::japanese::TEXTS,
    diagnostic_report: diagnostic_report::JAPANESE,
    domains: domains::japanese::TEXTS,
    domain_failure: domain_failure::japanese::TEXTS,
    registration: registration::japanese::TEXTS,
    settings_refusal: settings_refusal::japanese,
    sessions: sessions::JAPANESE,
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
