//! What several forms have in common: a list of problems, and the question before something is
//! deleted.

use askama::Template;

use crate::frame::{Frame, FrameView};

/// A problem as the list of them shows it.
#[derive(Debug)]
pub(crate) struct ProblemView {
    /// Id of the field to correct, if it is one.
    pub(crate) field: Option<&'static str>,
    pub(crate) text: String,
}

/// The question, what follows, and where the answer goes.
#[derive(Debug)]
pub(crate) struct Confirmation<'a> {
    pub(crate) frame: &'a Frame,
    pub(crate) title: &'static str,
    pub(crate) question: String,
    /// What follows, as sentences.
    pub(crate) consequence: &'static str,
    /// Why it did not happen the last time.
    pub(crate) refused: Option<&'a str>,
    /// Where the form goes.
    pub(crate) action: &'static str,
    /// What is to be deleted, if there are several.
    pub(crate) id: Option<&'a str>,
    pub(crate) button: &'static str,
    /// Where *Cancel* leads.
    pub(crate) back: &'static str,
}

#[derive(Template)]
#[template(path = "confirmation.html")]
struct ConfirmationView<'a> {
    frame: FrameView<'a>,
    page: &'a Confirmation<'a>,
}

/// Renders the question.
pub(crate) fn confirmation(page: &Confirmation<'_>) -> String {
    let frame = FrameView::new(page.frame, page.title);
    let frame = if page.refused.is_some() { frame.with_error() } else { frame };
    crate::render(&ConfirmationView { frame, page })
}
