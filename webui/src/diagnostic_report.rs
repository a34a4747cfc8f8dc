//! The section *Diagnostic report* and the page that says why there is none.

use askama::Template;

use crate::frame::{Frame, FrameView};
use crate::texts::Texts;
use crate::texts::diagnostic_report::DiagnosticReportTexts;

/// The page. Its form, like the one of the section on *Connector administration*, posts `mask` and
/// `csrf` to `/diagnostic-report`; the answer is the file, or this page with the reason.
#[derive(Clone, Debug)]
pub struct DiagnosticReport {
    /// Common to all pages.
    pub frame: Frame,
    /// Whether addresses and names are to be masked.
    pub masks: bool,
    /// Why there is no report.
    pub refusal: Option<ReportRefusal>,
}

/// Why there is no report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReportRefusal {
    /// Another one is being made.
    Busy,
    /// The diagnostics role does not answer.
    Silent,
    /// Something went wrong.
    Failed {
        /// What, in English.
        reason: String,
    },
}

#[derive(Template)]
#[template(path = "diagnostic_report.html")]
struct PageView<'a> {
    frame: FrameView<'a>,
    text: &'static DiagnosticReportTexts,
    masks: bool,
    refusal: Option<(String, &'static str)>,
}

/// Renders the page.
#[must_use]
pub fn diagnostic_report(page: &DiagnosticReport) -> String {
    let text = &Texts::of(page.frame.language).diagnostic_report;
    let frame = FrameView::new(&page.frame, text.heading);
    let refusal = page.refusal.as_ref().map(text.refusal);
    crate::render(&PageView {
        frame: if refusal.is_some() { frame.with_error() } else { frame },
        text,
        masks: page.masks,
        refusal,
    })
}
