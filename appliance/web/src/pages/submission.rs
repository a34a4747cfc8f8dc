//! A form that was sent: the checks that every form passes before anything is looked at.

use axum::extract::Request;
use axum::response::Response;
use model::deployment::Deployment;
use webui::ErrorKind;

use crate::origin::Sender;
use crate::pages::answer::{error, see_other};
use crate::pages::form::Form;
use crate::pages::visit::Visit;
use crate::state::State;

/// A form that no other site sent. What is in it comes out with [`Submission::genuine`] only, which
/// compares its token, so that no page can forget to.
#[derive(Debug)]
pub(crate) struct Submission {
    pub(crate) visit: Visit,
    form: Form,
}

impl Submission {
    /// Reads a form that anybody may send.
    pub(crate) async fn read(state: &State, request: Request) -> Result<Self, Response> {
        let visit = Visit::of(state, &request);
        Self::of_visit(visit, request).await
    }

    /// Reads a form of somebody who has signed in; anybody else is led to the front page, and the
    /// body is not read.
    pub(crate) async fn of_session(state: &State, request: Request) -> Result<Self, Response> {
        let visit = Visit::of(state, &request);
        // Another site is told so even when the session has ended.
        if visit.session.is_none() && visit.sender != Sender::OtherSite {
            return Err(see_other(&visit, "/"));
        }
        Self::of_visit(visit, request).await
    }

    /// The same for a form that takes a file: what is too large is answered on the page of the form.
    pub(crate) async fn with_file(
        state: &State,
        request: Request,
        too_large: impl FnOnce(&Visit) -> Response,
    ) -> Result<Self, Response> {
        let visit = Visit::of(state, &request);
        if visit.session.is_none() && visit.sender != Sender::OtherSite {
            return Err(see_other(&visit, "/"));
        }
        Self::of_visit_or(visit, request, |visit, kind| match kind {
            ErrorKind::TooLarge => too_large(visit),
            kind => error(visit, kind),
        })
        .await
    }

    async fn of_visit(visit: Visit, request: Request) -> Result<Self, Response> {
        Self::of_visit_or(visit, request, error).await
    }

    async fn of_visit_or(
        visit: Visit,
        request: Request,
        unreadable: impl FnOnce(&Visit, ErrorKind) -> Response,
    ) -> Result<Self, Response> {
        if visit.sender == Sender::OtherSite {
            return Err(error(&visit, ErrorKind::Forbidden));
        }
        match Form::read(request).await {
            Ok(form) => Ok(Self { visit, form }),
            Err(kind) => Err(unreadable(&visit, kind)),
        }
    }

    /// The deployment that the form names: shown again in every answer to it, so it is read before the
    /// token has been compared.
    pub(crate) fn deployment(&self) -> Option<Deployment> {
        let name = self.form.text("deployment")?;
        Deployment::try_from(name.to_owned()).ok()
    }

    /// The visit and the form, if it bears the token that its page was given; otherwise what
    /// `expired` answers.
    #[expect(clippy::result_large_err, reason = "the error is the answer, made once a request")]
    pub(crate) fn genuine(
        self,
        expired: impl FnOnce(&Visit, &Form) -> Response,
    ) -> Result<(Visit, Form), Response> {
        if self.visit.has_token(&self.form) {
            return Ok((self.visit, self.form));
        }
        Err(expired(&self.visit, &self.form))
    }

    /// The same for a form without anything to type: the page that says that nothing has happened.
    #[expect(clippy::result_large_err, reason = "the error is the answer, made once a request")]
    pub(crate) fn genuine_or_forbidden(self) -> Result<(Visit, Form), Response> {
        self.genuine(|visit, _| error(visit, ErrorKind::Forbidden))
    }
}
