//! The questions before a registration is given up or ended, and what is left to be done afterwards.

use askama::Template;
use model::channel::CloudAddress;

use super::{PATH, RegistrationProblem, problem};
use crate::confirmation::{Confirmation, confirmation};
use crate::frame::{Frame, FrameView};
use crate::texts::Texts;
use crate::texts::registration::RegistrationTexts;

/// The question before a registration is given up or ended. Posts `csrf` to
/// `/register-connector/withdraw` or `/register-connector/unregister`.
#[derive(Clone, Debug)]
pub struct EndRegistration {
    /// Common to all pages.
    pub frame: Frame,
    /// Name that the appliance has or was to have.
    pub name: String,
    /// Why it did not happen the last time.
    pub refused: Option<RegistrationProblem>,
}

/// Renders the question before a registration that is under way is given up.
#[must_use]
pub fn withdraw_registration(page: &EndRegistration) -> String {
    let texts = Texts::of(page.frame.language);
    let text = &texts.registration;
    let refused = page.refused.as_ref().map(|problem| problem::words(texts, problem));
    confirmation(&Confirmation {
        frame: &page.frame,
        title: text.title,
        question: (text.withdraw_question)(&page.name),
        consequence: text.withdraw_consequence,
        refused: refused.as_deref(),
        action: "/register-connector/withdraw",
        id: None,
        button: text.withdraw,
        back: PATH,
    })
}

/// Renders the question before an appliance is unregistered.
#[must_use]
pub fn unregister(page: &EndRegistration) -> String {
    let texts = Texts::of(page.frame.language);
    let text = &texts.registration;
    let refused = page.refused.as_ref().map(|problem| problem::words(texts, problem));
    confirmation(&Confirmation {
        frame: &page.frame,
        title: text.unregister,
        question: (text.unregister_question)(&page.name),
        consequence: text.unregister_consequence,
        refused: refused.as_deref(),
        action: "/register-connector/unregister",
        id: None,
        button: text.unregister,
        back: PATH,
    })
}

/// What there is to say once an appliance is unregistered.
#[derive(Clone, Debug)]
pub struct Unregistered {
    /// Common to all pages.
    pub frame: Frame,
    /// Name that the appliance had.
    pub name: String,
    /// The cloud.
    pub cloud: CloudAddress,
    /// Whether the cloud was told.
    pub is_told: bool,
}

#[derive(Template)]
#[template(path = "unregistered.html")]
struct UnregisteredView<'a> {
    frame: FrameView<'a>,
    text: &'static RegistrationTexts,
    is_told: bool,
    next: String,
}

/// Renders what there is to say once an appliance is unregistered.
#[must_use]
pub fn unregistered(page: &Unregistered) -> String {
    let text = &Texts::of(page.frame.language).registration;
    crate::render(&UnregisteredView {
        frame: FrameView::new(&page.frame, text.unregister),
        text,
        is_told: page.is_told,
        next: match page.is_told {
            true => (text.told)(&page.name),
            false => (text.not_told)(&page.name, &page.cloud.to_string()),
        },
    })
}
