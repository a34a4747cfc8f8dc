//! The pages *Factory reset* and *This virtual machine is a copy*.

use askama::Template;

use crate::frame::{Frame, FrameView};
use crate::password::{PasswordField, PasswordProblem};
use crate::texts::Texts;
use crate::texts::reset::ResetTexts;
use crate::time;

/// What a reset does with the network settings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NetworkFate {
    /// They stay.
    #[default]
    Kept,
    /// They are forgotten as well.
    Dropped,
}

/// The page *Factory reset*. Posts `network` (`keep` or `drop`), `confirmation` (the host name),
/// `current` (the password) and `csrf` to `/reset`.
#[derive(Clone, Debug, Default)]
pub struct FactoryReset {
    /// Common to all pages.
    pub frame: Frame,
    /// Which choice is ticked.
    pub network: NetworkFate,
    /// Whether something else than the host name was typed.
    pub is_confirmation_wrong: bool,
    /// What is wrong with the password or with the form as a whole.
    pub refusal: Option<PasswordProblem>,
}

/// The page of a reset under way.
#[derive(Clone, Debug, Default)]
pub struct Resetting {
    /// Common to all pages; nobody is signed in any more.
    pub frame: Frame,
}

/// The page that asks what a copied machine is. Posts `csrf` to `/identity/keep`.
#[derive(Clone, Debug, Default)]
pub struct CopiedMachine {
    /// Common to all pages.
    pub frame: Frame,
    /// UUID of the machine that the settings were made on, and of this one; `None` when it is the same.
    pub uuids: Option<(String, String)>,
    /// Whether keeping the settings failed.
    pub is_refused: bool,
}

#[derive(Template)]
#[template(path = "factory_reset.html")]
struct FactoryResetView<'a> {
    frame: FrameView<'a>,
    text: &'static ResetTexts,
    keeps_network: bool,
    confirmation_label: String,
    confirmation_error: Option<String>,
    password_error: Option<String>,
    problems: Vec<(Option<&'static str>, String)>,
}

#[derive(Template)]
#[template(path = "resetting.html")]
struct ResettingView<'a> {
    frame: FrameView<'a>,
    text: &'static ResetTexts,
    moved: &'static str,
    open: &'static str,
}

#[derive(Template)]
#[template(path = "copied_machine.html")]
struct CopiedMachineView<'a> {
    frame: FrameView<'a>,
    text: &'static ResetTexts,
    uuids: Option<(&'a str, &'a str)>,
    is_refused: bool,
}

/// Renders *Factory reset*.
#[must_use]
pub fn factory_reset(page: &FactoryReset) -> String {
    let texts = Texts::of(page.frame.language);
    let text = &texts.reset;
    let host_name = &page.frame.host_name;
    let confirmation_error =
        page.is_confirmation_wrong.then(|| (text.confirmation_wrong)(host_name));
    let words = |refusal: &PasswordProblem| {
        (texts.password.problem)(refusal, &time::duration(texts, refusal.wait_seconds()))
    };
    let confirmation = confirmation_error.clone().map(|words| (Some("confirmation"), words));
    let refusal = page.refusal.as_ref();
    let password =
        refusal.map(|refusal| (refusal.field().map(PasswordField::name), words(refusal)));
    let problems: Vec<_> = confirmation.into_iter().chain(password).collect();
    let frame = FrameView::new(&page.frame, text.title);
    crate::render(&FactoryResetView {
        frame: if problems.is_empty() { frame } else { frame.with_error() },
        text,
        keeps_network: page.network == NetworkFate::Kept,
        confirmation_label: (text.confirmation)(host_name),
        confirmation_error,
        password_error: refusal
            .filter(|refusal| refusal.field() == Some(PasswordField::Current))
            .map(words),
        problems,
    })
}

/// Renders the page of a reset under way.
#[must_use]
pub fn resetting(page: &Resetting) -> String {
    let texts = Texts::of(page.frame.language);
    let text = &texts.reset;
    let frame = FrameView::new(&page.frame, text.under_way_title);
    let (moved, open) = (texts.restart.moved, texts.restart.open);
    crate::render(&ResettingView { frame, text, moved, open })
}

/// Renders *This virtual machine is a copy*.
#[must_use]
pub fn copied_machine(page: &CopiedMachine) -> String {
    let text = &Texts::of(page.frame.language).reset;
    let frame = FrameView::new(&page.frame, text.copied_title);
    let uuids = page.uuids.as_ref();
    crate::render(&CopiedMachineView {
        frame: if page.is_refused { frame.with_error() } else { frame },
        text,
        uuids: uuids.map(|(original, present)| (original.as_str(), present.as_str())),
        is_refused: page.is_refused,
    })
}
