//! The page *Connector administration*.

use askama::Template;

use crate::Language;
use crate::certificate::CertificateView;
use crate::domains::{DomainsTab, DomainsView};
use crate::frame::{Frame, FrameView};
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
    /// Which list of domains is shown.
    pub domains: DomainsTab,
}

#[derive(Template)]
#[template(path = "administration.html")]
struct AdministrationView<'a> {
    frame: FrameView<'a>,
    text: &'static SummaryTexts,
    summary: SummaryView,
    refresh: &'static str,
    domains: DomainsView<'a>,
    proxies: ProxiesView<'a>,
    roots: RootsView<'a>,
    certificate: Option<CertificateView>,
}

#[derive(Template)]
#[template(path = "summary_fragment.html")]
struct FragmentView<'a> {
    texts: &'static Texts,
    summary: SummaryView,
    domains: DomainsView<'a>,
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
        refresh: page.domains.refresh_path(),
        domains: DomainsView::new(texts, &page.summary, page.domains),
        proxies: ProxiesView::new(texts, &page.summary),
        roots: RootsView::new(texts, &page.summary),
        certificate: page
            .certificate
            .as_ref()
            .map(|certificate| CertificateView::new(texts, certificate, now)),
    })
}

/// Renders the parts of the page that the script refreshes: elements, each with the id of the one
/// that it replaces. Served at `/summary`, with `domains=trusted` for the other list of domains.
#[must_use]
pub fn summary(language: Language, summary: &Summary, domains: DomainsTab) -> String {
    let texts = Texts::of(language);
    crate::render(&FragmentView {
        texts,
        summary: SummaryView::new(texts, summary),
        domains: DomainsView::new(texts, summary, domains),
        proxies: ProxiesView::new(texts, summary),
        roots: RootsView::new(texts, summary),
    })
}
