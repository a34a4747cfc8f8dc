//! What several forms have in common: a list of problems, and the question before something is done
//! that cannot be undone.

use askama::Template;

use crate::frame::{Frame, FrameView, Section};

/// A problem as the list of them shows it.
#[derive(Debug)]
pub(crate) struct ProblemView {
    /// Id of the field to correct, if it is one.
    pub(crate) field: Option<&'static str>,
    pub(crate) text: String,
}

/// What was wrong with the form sent before.
#[derive(Debug, Default)]
pub(crate) struct Problems {
    pub(crate) heading: String,
    pub(crate) list: Vec<ProblemView>,
}

impl Problems {
    /// The problems of a form, each with its field and its words.
    pub(crate) fn new(
        heading: fn(usize) -> String,
        problems: impl Iterator<Item = (Option<&'static str>, String)>,
    ) -> Self {
        let list: Vec<_> = problems.map(|(field, text)| ProblemView { field, text }).collect();
        Self { heading: heading(list.len()), list }
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Whether a field is to be corrected.
    pub(crate) fn has(&self, field: &str) -> bool {
        self.list.iter().any(|problem| problem.field == Some(field))
    }

    /// What is wrong with a field.
    pub(crate) fn of(&self, field: &str) -> Vec<&str> {
        let of_field = self.list.iter().filter(|problem| problem.field == Some(field));
        of_field.map(|problem| problem.text.as_str()).collect()
    }
}

/// The question, what follows, and where the answer goes.
#[derive(Debug)]
pub(crate) struct Confirmation<'a> {
    pub(crate) frame: &'a Frame,
    pub(crate) section: Section,
    pub(crate) title: &'static str,
    pub(crate) question: String,
    /// What follows, one sentence or more each.
    pub(crate) consequences: Vec<String>,
    /// Why it cannot be done, or was not done the last time.
    pub(crate) refused: Option<String>,
    /// Whether it can be done at all; if not, there is only the way back.
    pub(crate) is_possible: bool,
    /// Where the form goes.
    pub(crate) action: &'static str,
    /// Name and value of what is sent beside the token.
    pub(crate) fields: Vec<(&'static str, &'a str)>,
    pub(crate) button: &'static str,
    /// Where *Cancel* leads.
    pub(crate) back: String,
}

#[derive(Template)]
#[template(path = "confirmation.html")]
struct ConfirmationView<'a> {
    frame: FrameView<'a>,
    page: &'a Confirmation<'a>,
}

/// Renders the question.
pub(crate) fn confirmation(page: &Confirmation<'_>) -> String {
    crate::render(&ConfirmationView {
        frame: FrameView::new(page.frame, Some(page.section), page.title)
            .with_error(page.refused.is_some()),
        page,
    })
}
