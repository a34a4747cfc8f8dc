//! The form that names a domain to be joined.

use askama::Template;

use super::{DomainProblem, ProblemsView};
use crate::frame::{Frame, FrameView};
use crate::texts::Texts;
use crate::texts::domains::DomainsTexts;

/// The form that names a domain. Posts `domain`, `dns` (addresses, separated by commas or spaces) and
/// `csrf` to `/active-directory/add`.
#[derive(Clone, Debug)]
pub struct AddDomain {
    /// Common to all pages.
    pub frame: Frame,
    /// What stands in the field of the name.
    pub name: String,
    /// What stands in the field of the DNS servers.
    pub dns: String,
    /// What was wrong with the form sent before.
    pub problems: Vec<DomainProblem>,
}

/// The fields as the templates see them.
#[derive(Debug, Default)]
pub(crate) struct AddFields<'a> {
    pub(crate) name: &'a str,
    pub(crate) dns: &'a str,
    pub(crate) problems: ProblemsView,
}

#[derive(Template)]
#[template(path = "add_domain.html")]
struct AddDomainView<'a> {
    frame: FrameView<'a>,
    text: &'static DomainsTexts,
    fields: AddFields<'a>,
    heading: String,
}

/// Renders the form that names a domain.
#[must_use]
pub fn add_domain(page: &AddDomain) -> String {
    let texts = Texts::of(page.frame.language);
    let text = &texts.domains;
    let frame = FrameView::new(&page.frame, text.add);
    let problems = ProblemsView::new(texts, &page.problems);
    let wrong_fields = page.problems.iter().filter(|problem| problem.field().is_some()).count();
    crate::render(&AddDomainView {
        frame: if problems.is_empty() { frame } else { frame.with_error() },
        text,
        heading: match wrong_fields {
            0 => text.not_done.to_owned(),
            count => (text.not_added)(count),
        },
        fields: AddFields { name: &page.name, dns: &page.dns, problems },
    })
}
