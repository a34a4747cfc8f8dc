//! Texts of *Network settings*, of keeping them, of a reset and of a copied machine.

use model::network_form::{NetworkField, NetworkProblem};
use model::settings::{RevertReason, TRIAL_SECONDS};

pub(crate) mod english;
pub(crate) mod japanese;

// The texts name the time, which is the same in all of them.
const _: () = assert!(TRIAL_SECONDS == 60);

/// Texts of the pages. `wait` is a duration in words, `at` a time.
#[derive(Debug)]
pub(crate) struct NetworkSettingsTexts {
    pub(crate) open: &'static str,
    pub(crate) title: &'static str,
    pub(crate) method: &'static str,
    pub(crate) automatic: &'static str,
    pub(crate) automatic_hint: &'static str,
    /// What DHCP has given: `values` are address, gateway and servers.
    pub(crate) automatic_offer: fn(server: &str, address: &str) -> String,
    pub(crate) own: &'static str,
    pub(crate) own_hint: &'static str,
    pub(crate) label: fn(NetworkField) -> String,
    pub(crate) dns: &'static str,
    pub(crate) ntp: &'static str,
    pub(crate) add_dns: &'static str,
    pub(crate) add_ntp: &'static str,
    pub(crate) remove: fn(label: &str) -> String,
    pub(crate) now: fn(value: &str, origin: &str) -> String,
    pub(crate) now_none: &'static str,
    pub(crate) mask_hint: &'static str,
    pub(crate) host_name_hint: fn(now: &str) -> String,
    pub(crate) save_silent: &'static str,
    pub(crate) what_happens: &'static str,
    pub(crate) consequence: &'static str,
    pub(crate) consequence_at: fn(url: &str) -> String,
    pub(crate) password: &'static str,
    pub(crate) save: &'static str,
    pub(crate) not_changed: fn(fields: usize) -> String,
    pub(crate) problem: fn(&NetworkProblem) -> String,
    pub(crate) problem_of: fn(label: &str, problem: &str) -> String,

    pub(crate) saved_title: &'static str,
    pub(crate) saved: &'static str,
    pub(crate) saved_steps: [&'static str; 3],
    pub(crate) saved_otherwise: &'static str,
    pub(crate) saved_open: fn(url: &str) -> String,
    pub(crate) saved_elsewhere: &'static str,

    pub(crate) keep_title: &'static str,
    pub(crate) keep_waiting: &'static str,
    pub(crate) keep: &'static str,
    pub(crate) keep_button: &'static str,
    pub(crate) revert_button: &'static str,
    pub(crate) reverting: fn(wait: &str) -> String,
    /// The same for the script, which fills in the seconds for `{}`.
    pub(crate) reverting_seconds: &'static str,
    pub(crate) time_left: &'static str,
    pub(crate) returns_at: fn(at: &str) -> String,
    pub(crate) changes: &'static str,
    pub(crate) setting: &'static str,
    pub(crate) before: &'static str,
    pub(crate) after: &'static str,
    pub(crate) from_dhcp: &'static str,
    pub(crate) in_your_use: &'static str,
    pub(crate) too_late: &'static str,
    pub(crate) reverted_title: &'static str,
    pub(crate) reverted: fn(RevertReason, at: &str) -> String,
    pub(crate) tried: &'static str,
    pub(crate) dismiss: &'static str,
    pub(crate) what_was_tried: &'static str,
}
