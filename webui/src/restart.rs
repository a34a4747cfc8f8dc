//! The pages that ask for a restart and that wait for its end.

use askama::Template;

use crate::frame::{Frame, FrameView};
use crate::texts::Texts;
use crate::texts::restart::RestartTexts;

/// The page that asks whether to restart. Posts `csrf` to `/restart`.
#[derive(Clone, Debug, Default)]
pub struct Restart {
    /// Common to all pages.
    pub frame: Frame,
    /// Whether the restart was asked for and could not be started; the appliance goes on working.
    pub is_refused: bool,
}

/// The page while the appliance restarts. The script goes to `/` as soon as the appliance answers
/// again; without script a link does.
#[derive(Clone, Debug, Default)]
pub struct Restarting {
    /// Common to all pages; `signed_in` is false, for the session has ended.
    pub frame: Frame,
}

#[derive(Template)]
#[template(path = "restart.html")]
struct RestartView<'a> {
    frame: FrameView<'a>,
    text: &'static RestartTexts,
    is_refused: bool,
}

#[derive(Template)]
#[template(path = "restarting.html")]
struct RestartingView<'a> {
    frame: FrameView<'a>,
    text: &'static RestartTexts,
}

/// Renders the question.
#[must_use]
pub fn restart(page: &Restart) -> String {
    let text = &Texts::of(page.frame.language).restart;
    let frame = FrameView::new(&page.frame, text.title);
    let frame = if page.is_refused { frame.with_error() } else { frame };
    crate::render(&RestartView { frame, text, is_refused: page.is_refused })
}

/// Renders the page of a restart under way.
#[must_use]
pub fn restarting(page: &Restarting) -> String {
    let text = &Texts::of(page.frame.language).restart;
    let frame = FrameView::new(&page.frame, text.under_way_title);
    crate::render(&RestartingView { frame, text })
}
