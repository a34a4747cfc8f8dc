//! The page *Connector administration*.

use askama::Template;

use crate::certificate::CertificateView;
use crate::frame::{Frame, FrameView};
use crate::language::Language;
use crate::proxies::ProxiesView;
use crate::replace_certificate::CertificateDetails;
use crate::roots::RootsView;
use crate::summary::{Summary, SummaryView};
use crate::texts::Texts;
use crate::texts::summary::SummaryTexts;

/// The page *Connector administration*.
#[derive(Clone, Debug)]
pub struct Administration {
    /// Common to all pages.
    pub frame: Frame,
    /// The section *Connector summary*.
    pub summary: Summary,
    /// The certificate of this page.
    pub certificate: Option<CertificateDetails>,
}

#[derive(Template)]
#[template(path = "administration.html")]
struct AdministrationView<'a> {
    frame: FrameView<'a>,
    text: &'static SummaryTexts,
    summary: SummaryView,
    proxies: ProxiesView<'a>,
    roots: RootsView<'a>,
    certificate: Option<CertificateView>,
}

#[derive(Template)]
#[template(path = "summary_fragment.html")]
struct FragmentView<'a> {
    texts: &'static Texts,
    summary: SummaryView,
    proxies: ProxiesView<'a>,
    roots: RootsView<'a>,
}

/// Renders *Connector administration*.
#[must_use]
pub fn administration(page: &Administration) -> String {
    let texts = Texts::of(page.frame.language);
    let now = page.summary.now;
    crate::render(&AdministrationView {
        frame: FrameView::new(&page.frame, texts.frame.admin_title),
        text: &texts.summary,
        summary: SummaryView::new(texts, &page.summary),
        proxies: ProxiesView::new(texts, &page.summary),
        roots: RootsView::new(texts, &page.summary),
        certificate: page
            .certificate
            .as_ref()
            .map(|certificate| CertificateView::new(texts, certificate, now)),
    })
}

/// Renders the parts of the page that the script refreshes: elements, each with the id of the one
/// that it replaces. Served at `/summary`.
#[must_use]
pub fn summary(language: Language, summary: &Summary) -> String {
    let texts = Texts::of(language);
    crate::render(&FragmentView {
        texts,
        summary: SummaryView::new(texts, summary),
        proxies: ProxiesView::new(texts, summary),
        roots: RootsView::new(texts, summary),
    })
}
