//! Texts of *Register connector* and of the page of a registered appliance.

use model::channel::{CloudAddressError, ConnectionTrouble, RegistrationRefusal, SealTrouble};
use page::outbound::OutboundText;
use protocol::name::NameError;

pub(crate) mod english;
pub(crate) mod japanese;

/// Texts of the pages. `at` is a time, `left` a duration.
#[derive(Debug)]
pub(crate) struct RegistrationTexts {
    pub(crate) title: &'static str,
    pub(crate) connection_title: &'static str,
    /// Two sentences after each other.
    pub(crate) sentences: fn(first: &str, second: &str) -> String,
    pub(crate) what_to_do: &'static str,
    pub(crate) silent: &'static str,
    pub(crate) silent_remedy: &'static str,

    /// In the summary: state, link and detail.
    pub(crate) under_way: &'static str,
    pub(crate) show_code: &'static str,
    pub(crate) show_connection: &'static str,
    pub(crate) registered_as: fn(name: &str, customer: &str, location: &str) -> String,

    pub(crate) form_heading: &'static str,
    pub(crate) form_intro: &'static str,
    pub(crate) name: &'static str,
    pub(crate) name_hint: &'static str,
    pub(crate) cloud: &'static str,
    pub(crate) cloud_hint: &'static str,
    pub(crate) next: &'static str,
    pub(crate) not_begun: &'static str,
    pub(crate) not_changed: &'static str,
    pub(crate) ended: fn(at: &str) -> String,
    pub(crate) removed: fn(name: &str, at: &str) -> String,
    pub(crate) removed_remedy: &'static str,
    pub(crate) sealed: fn(name: &str, trouble: &SealTrouble) -> String,
    pub(crate) unseal_remedies: fn() -> Vec<String>,
    pub(crate) name_problem: fn(&NameError) -> String,
    pub(crate) cloud_problem: fn(&CloudAddressError) -> String,
    pub(crate) cloud_missing: &'static str,
    pub(crate) refusal: fn(&RegistrationRefusal) -> OutboundText,
    /// What there is no connection for; failed connections have texts of their own.
    pub(crate) trouble: fn(&ConnectionTrouble) -> OutboundText,
    pub(crate) conflict: &'static str,
    pub(crate) role_failed: &'static str,
    pub(crate) role_silent: &'static str,
    pub(crate) form_expired: &'static str,

    pub(crate) registering: fn(name: &str) -> String,
    pub(crate) enter_code: fn(cloud: &str) -> String,
    pub(crate) code: &'static str,
    pub(crate) spelled: fn(code: &str) -> String,
    pub(crate) copy: &'static str,
    pub(crate) left: fn(left: &str, at: &str) -> String,
    pub(crate) time_left: &'static str,
    pub(crate) valid: &'static str,
    pub(crate) security_number: &'static str,
    pub(crate) security_hint: &'static str,
    pub(crate) next_steps: &'static str,
    pub(crate) steps: fn(cloud: &str) -> [String; 4],
    pub(crate) no_inbound: &'static str,
    pub(crate) connecting: fn(cloud: &str) -> String,
    pub(crate) waiting: &'static str,
    pub(crate) confirming: &'static str,
    pub(crate) proving: &'static str,
    pub(crate) stuck: &'static str,
    pub(crate) expired: fn(at: &str) -> String,
    pub(crate) expired_hint: &'static str,
    pub(crate) new_code: &'static str,
    pub(crate) withdraw: &'static str,
    pub(crate) withdraw_question: fn(name: &str) -> String,
    pub(crate) withdraw_consequence: &'static str,

    pub(crate) connected: fn(connected: usize, all: usize) -> String,
    pub(crate) not_connected: &'static str,
    pub(crate) dialled: &'static str,
    pub(crate) name_fixed: &'static str,
    pub(crate) customer: &'static str,
    pub(crate) location: &'static str,
    pub(crate) connector: &'static str,
    pub(crate) registered_at: &'static str,
    pub(crate) key: &'static str,
    pub(crate) key_is_sealed: &'static str,
    pub(crate) key_is_on_disk: &'static str,
    pub(crate) certificate_until: &'static str,
    pub(crate) certificate_expired: &'static str,
    pub(crate) certificate_renewed: &'static str,
    pub(crate) renewal_refused: fn(at: &str) -> String,
    pub(crate) renewal_remedy: &'static str,
    pub(crate) connections: &'static str,
    pub(crate) connection: &'static str,
    pub(crate) state: &'static str,
    pub(crate) gateway: &'static str,
    pub(crate) way: &'static str,
    pub(crate) connection_state: fn(ConnectionWord) -> &'static str,
    pub(crate) since: fn(at: &str) -> String,
    pub(crate) direct: &'static str,
    pub(crate) via: fn(proxy: &str) -> String,
    pub(crate) unknown: &'static str,
    pub(crate) intercepted: fn(issuer: &str) -> String,
    pub(crate) clone: fn(host: &str, addresses: &str, at: &str) -> String,
    pub(crate) clone_remedy: &'static str,

    pub(crate) unregister: &'static str,
    pub(crate) unregister_question: fn(name: &str) -> String,
    pub(crate) unregister_consequence: &'static str,
    pub(crate) unregistered: &'static str,
    pub(crate) told: fn(name: &str) -> String,
    pub(crate) not_told: fn(name: &str, cloud: &str) -> String,
    pub(crate) back: &'static str,
}

/// State of a connection in a word.
#[derive(Clone, Copy, Debug)]
pub(crate) enum ConnectionWord {
    Connecting,
    Connected,
    Failed,
}

fn text(headline: &str, next_step: &str) -> OutboundText {
    OutboundText { headline: headline.to_owned(), next_step: next_step.to_owned() }
}
