//! Times and durations as the pages show them.

pub(crate) use page::time::{date, date_time, moment};

use crate::texts::Texts;

/// The one or two largest units of a duration, in the language of the texts.
pub(crate) fn duration(texts: &Texts, seconds: u64) -> String {
    page::time::duration(texts.language, seconds)
}
