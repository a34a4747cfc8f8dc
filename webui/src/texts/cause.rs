//! What each cause means and what to do about it.

pub(crate) mod cloud;
mod connections;
mod domains;
pub(crate) mod english;
pub(crate) mod japanese;
mod platform;

use model::boot_parameter::BootParameterError;
use model::health::Finding;

/// What a cause means and what to do about it.
#[derive(Debug)]
pub(crate) struct CauseText {
    /// The state in one to three words, beside the name of what was looked at.
    pub(crate) state: &'static str,
    /// The cause as a sentence, for the numbered list at the top.
    pub(crate) headline: String,
    /// What follows from it, as a sentence.
    pub(crate) consequence: &'static str,
    /// What to do: one step, or several in order.
    pub(crate) remedies: Vec<String>,
}

/// Texts of the causes.
#[derive(Debug)]
pub(crate) struct CauseTexts {
    /// The text of a cause; `None` when all is well.
    pub(crate) text: fn(&Finding) -> Option<CauseText>,
    /// Why a boot parameter is refused; `None` in English, where the error's own text serves.
    pub(crate) boot_parameter: Option<fn(&BootParameterError) -> String>,
}

fn text(
    state: &'static str,
    headline: &str,
    consequence: &'static str,
    remedies: &[&str],
) -> CauseText {
    CauseText {
        state,
        headline: headline.to_owned(),
        consequence,
        remedies: remedies.iter().map(|&remedy| remedy.to_owned()).collect(),
    }
}
