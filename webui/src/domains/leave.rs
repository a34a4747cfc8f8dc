//! The question before a domain is left, and what is left to be done afterwards.

use askama::Template;
use model::domain::status::DomainStatus;
use model::domain::{DomainName, MachineName};

use super::{DomainProblem, ProblemsView};
use crate::frame::{Frame, FrameView};
use crate::texts::Texts;
use crate::texts::domains::DomainsTexts;

/// The question before a domain is left. Posts `domain`, `user` and `password` (both may be empty) and
/// `csrf` to `/active-directory/leave`.
#[derive(Clone, Debug)]
pub struct LeaveDomain {
    /// Common to all pages.
    pub frame: Frame,
    /// The domain.
    pub status: DomainStatus,
    /// What stands in the field of the user name.
    pub user: String,
    /// What was wrong with the form sent before.
    pub problems: Vec<DomainProblem>,
}

#[derive(Template)]
#[template(path = "leave_domain.html")]
struct LeaveDomainView<'a> {
    frame: FrameView<'a>,
    text: &'static DomainsTexts,
    domain: &'a str,
    question: String,
    note: String,
    account: String,
    user: &'a str,
    problems: ProblemsView,
}

/// Renders the question before a domain is left.
#[must_use]
pub fn leave_domain(page: &LeaveDomain) -> String {
    let texts = Texts::of(page.frame.language);
    let text = &texts.domains;
    let frame = FrameView::new(&page.frame, text.leave_title);
    let problems = ProblemsView::new(texts, &page.problems);
    let domain = page.status.domain.as_str();
    let account = page.status.machine.account();
    crate::render(&LeaveDomainView {
        frame: if problems.is_empty() { frame } else { frame.with_error() },
        text,
        domain,
        question: (text.leave_question)(domain),
        note: (text.leave_note)(&account, domain),
        account,
        user: &page.user,
        problems,
    })
}

/// What there is to say once a domain has been left.
#[derive(Clone, Debug)]
pub struct LeftDomain {
    /// Common to all pages.
    pub frame: Frame,
    /// The domain.
    pub domain: DomainName,
    /// Name of its machine account.
    pub machine: MachineName,
    /// Whether the account was deleted.
    pub is_deleted: bool,
}

#[derive(Template)]
#[template(path = "left_domain.html")]
struct LeftDomainView<'a> {
    frame: FrameView<'a>,
    text: &'static DomainsTexts,
    heading: String,
    is_deleted: bool,
    next: String,
}

/// Renders what there is to say once a domain has been left.
#[must_use]
pub fn left_domain(page: &LeftDomain) -> String {
    let text = &Texts::of(page.frame.language).domains;
    let (domain, account) = (page.domain.as_str(), page.machine.account());
    crate::render(&LeftDomainView {
        frame: FrameView::new(&page.frame, text.leave_title),
        text,
        heading: (text.left)(domain),
        is_deleted: page.is_deleted,
        next: match page.is_deleted {
            true => (text.left_deleted)(&account),
            false => (text.left_by_hand)(&account, domain),
        },
    })
}
