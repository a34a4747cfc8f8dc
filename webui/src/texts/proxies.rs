//! Texts of the section *Proxy servers*, of its forms, and of the bypass list.

use model::bypass::BypassListError;
use model::proxy::{ProxyCredentialError, ProxyLocationError};

pub(crate) mod english;
pub(crate) mod japanese;

/// Texts of the section and its pages. `location` is `host:port`, `at` a time, `wait` a duration.
#[derive(Debug)]
pub(crate) struct ProxyTexts {
    pub(crate) heading: &'static str,
    pub(crate) hint: &'static str,
    pub(crate) empty: &'static str,
    pub(crate) empty_remedy: &'static str,
    pub(crate) order: &'static str,
    pub(crate) location: &'static str,
    pub(crate) sign_in: &'static str,
    pub(crate) no_sign_in: &'static str,
    pub(crate) basic: fn(user_name: &str) -> String,
    pub(crate) state: &'static str,
    pub(crate) actions: &'static str,
    pub(crate) checking: &'static str,
    pub(crate) checking_detail: &'static str,
    pub(crate) reachable: &'static str,
    pub(crate) reachable_detail: fn(milliseconds: u64, at: &str) -> String,
    pub(crate) unreachable: &'static str,
    pub(crate) unreachable_detail: fn(at: &str) -> String,
    pub(crate) unknown: &'static str,
    pub(crate) unknown_detail: &'static str,
    pub(crate) what_to_do: &'static str,
    pub(crate) move_up: fn(location: &str) -> String,
    pub(crate) move_down: fn(location: &str) -> String,
    pub(crate) edit: fn(location: &str) -> String,
    pub(crate) delete: fn(location: &str) -> String,

    pub(crate) add: &'static str,
    pub(crate) edit_title: &'static str,
    pub(crate) location_label: &'static str,
    pub(crate) location_hint: &'static str,
    pub(crate) user_name: &'static str,
    pub(crate) password: &'static str,
    pub(crate) optional: &'static str,
    pub(crate) password_hint: &'static str,
    pub(crate) password_kept: &'static str,
    pub(crate) user_name_hint: &'static str,
    pub(crate) basic_only: &'static str,
    pub(crate) save: &'static str,
    pub(crate) not_saved: fn(problems: usize) -> String,
    pub(crate) location_problem: fn(&ProxyLocationError) -> String,
    pub(crate) credential_problem: fn(ProxyCredentialError) -> String,
    pub(crate) form_expired: &'static str,
    pub(crate) not_stored: &'static str,

    pub(crate) delete_title: &'static str,
    pub(crate) delete_question: fn(location: &str) -> String,
    pub(crate) delete_consequence: &'static str,
    pub(crate) delete_last: &'static str,
    pub(crate) delete_button: &'static str,

    pub(crate) bypass: &'static str,
    pub(crate) bypass_always: &'static str,
    pub(crate) bypass_own: &'static str,
    pub(crate) bypass_none: &'static str,
    pub(crate) bypass_edit: &'static str,
    pub(crate) bypass_title: &'static str,
    pub(crate) bypass_label: &'static str,
    pub(crate) bypass_hint: &'static str,
    pub(crate) bypass_written: &'static str,
    pub(crate) bypass_covers: &'static str,
    /// What each way of writing a rule covers: the rule and the words.
    pub(crate) bypass_rules: &'static [(&'static str, &'static str)],
    pub(crate) bypass_names: &'static str,
    pub(crate) bypass_effective: &'static str,
    pub(crate) bypass_not_saved: &'static str,
    pub(crate) bypass_changed: fn(now: &str) -> String,
    pub(crate) bypass_emptied: &'static str,
    pub(crate) bypass_problem: fn(&BypassListError) -> String,
}
