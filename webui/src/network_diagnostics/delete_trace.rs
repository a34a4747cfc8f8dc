//! The question before a trace is deleted.

use crate::confirmation::{Confirmation, confirmation};
use crate::frame::Frame;
use crate::texts::Texts;
use crate::time;

/// The question before a trace is deleted. Posts `id` and `csrf` to
/// `/network-diagnostics/capture/delete`.
#[derive(Clone, Debug)]
pub struct DeleteTrace {
    /// Common to all pages.
    pub frame: Frame,
    /// Which trace.
    pub id: String,
    /// When it began, in seconds since 1970.
    pub started: i64,
}

/// Renders the question before a trace is deleted.
#[must_use]
pub fn delete_trace(page: &DeleteTrace) -> String {
    let text = &Texts::of(page.frame.language).capture;
    confirmation(&Confirmation {
        frame: &page.frame,
        title: text.delete,
        question: (text.delete_question)(&time::date_time(page.started)),
        consequence: text.delete_consequence,
        refused: None,
        action: "/network-diagnostics/capture/delete",
        id: Some(&page.id),
        button: text.delete_button,
        back: "/network-diagnostics#capture",
    })
}
