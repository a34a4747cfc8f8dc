//! Every text of the pages, as one typed table for each language.
//!
//! A part of the table is a struct in a file of its own, with one value for each language beside it,
//! so that a missing translation does not compile. Sentences with values in them are functions: each
//! language builds the whole sentence, nothing is put together from pieces.

pub(crate) mod account;
pub(crate) mod add_connector;
pub(crate) mod administrators;
pub(crate) mod api_access;
pub(crate) mod connector;
pub(crate) mod connectors;
pub(crate) mod domains;
pub(crate) mod error_page;
pub(crate) mod frame;
pub(crate) mod load;
pub(crate) mod locations;
pub(crate) mod notifications;
pub(crate) mod password;
pub(crate) mod second_factor;
pub(crate) mod sign_in;
pub(crate) mod system_log;
pub(crate) mod updates;
pub(crate) mod web_servers;

use crate::Language;

/// All texts of one language.
#[derive(Debug)]
pub(crate) struct Texts {
    pub(crate) account: account::AccountTexts,
    pub(crate) add_connector: add_connector::AddConnectorTexts,
    pub(crate) administrators: administrators::AdministratorTexts,
    pub(crate) api_access: api_access::ApiAccessTexts,
    pub(crate) check: page::precheck::CheckTexts,
    pub(crate) connector: connector::ConnectorPageTexts,
    pub(crate) connectors: connectors::ConnectorTexts,
    pub(crate) domains: domains::DomainTexts,
    pub(crate) error_page: error_page::ErrorPageTexts,
    pub(crate) frame: frame::FrameTexts,
    pub(crate) load: load::LoadTexts,
    pub(crate) locations: locations::LocationTexts,
    pub(crate) notifications: notifications::NotificationTexts,
    pub(crate) outbound: page::outbound::OutboundTexts,
    pub(crate) password: password::PasswordTexts,
    pub(crate) second_factor: second_factor::SecondFactorTexts,
    pub(crate) sign_in: sign_in::SignInTexts,
    pub(crate) system_log: system_log::SystemLogTexts,
    pub(crate) language: Language,
    pub(crate) updates: updates::UpdateTexts,
    pub(crate) web_servers: web_servers::WebServerTexts,
}

static ENGLISH: Texts = Texts {
    account: account::ENGLISH,
    add_connector: add_connector::ENGLISH,
    administrators: administrators::ENGLISH,
    api_access: api_access::ENGLISH,
    check: page::precheck::ENGLISH,
    connector: connector::ENGLISH,
    connectors: connectors::ENGLISH,
    domains: domains::ENGLISH,
    error_page: error_page::ENGLISH,
    frame: frame::ENGLISH,
    load: load::ENGLISH,
    locations: locations::ENGLISH,
    notifications: notifications::ENGLISH,
    outbound: page::outbound::ENGLISH,
    password: password::ENGLISH,
    second_factor: second_factor::ENGLISH,
    sign_in: sign_in::ENGLISH,
    system_log: system_log::ENGLISH,
    language: Language::English,
    updates: updates::ENGLISH,
    web_servers: web_servers::ENGLISH,
};

static JAPANESE: Texts = Texts {
    account: account::JAPANESE,
    add_connector: add_connector::JAPANESE,
    administrators: administrators::JAPANESE,
    api_access: api_access::JAPANESE,
    check: page::precheck::JAPANESE,
    connector: connector::JAPANESE,
    connectors: connectors::JAPANESE,
    domains: domains::JAPANESE,
    error_page: error_page::JAPANESE,
    frame: frame::JAPANESE,
    load: load::JAPANESE,
    locations: locations::JAPANESE,
    notifications: notifications::JAPANESE,
    outbound: page::outbound::JAPANESE,
    password: password::JAPANESE,
    second_factor: second_factor::JAPANESE,
    sign_in: sign_in::JAPANESE,
    system_log: system_log::JAPANESE,
    language: Language::Japanese,
    updates: updates::JAPANESE,
    web_servers: web_servers::JAPANESE,
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
