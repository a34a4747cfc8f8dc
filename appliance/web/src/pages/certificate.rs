//! *Certificate of this page*: replacing it, making a new one, keeping what is on trial.
//!
//! A new certificate is kept only by a form that comes over a connection which was opened with it:
//! that the browser got so far is what the trial is to show.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::CONNECTION;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use certificate::Input;
use model::settings::CertificateTrial;
use tracing::{error, info};
use webui::ReplaceCertificate;
use webui::{CertificateDetails, CertificateIssuer, CertificateProblem, CertificateStep};

use crate::certificate::{Active, ChangeError, Commitment, is_own};
use crate::listener::Presented;
use crate::pages::answer::{html, see_other};
use crate::pages::form::Form;
use crate::pages::submission::Submission;
use crate::pages::visit::Visit;
use crate::state::{Shared, State as Everything, now, seconds_until};

/// Where the page stands.
pub(crate) const PATH: &str = "/certificate";
/// What stands in every private key in PEM form and in no certificate.
const KEY_MARK: &str = "PRIVATE KEY";

/// `GET /certificate`.
pub(crate) async fn show(State(state): State<Shared>, request: Request) -> Response {
    let visit = Visit::of(&state, &request);
    if visit.session.is_none() {
        return see_other(&visit, "/");
    }
    let presented = presented(&request);
    if is_on_trial(&state) && is_outdated(&state, presented) {
        // The same again over a connection that is opened with the new certificate.
        return closing(see_other(&visit, PATH));
    }
    page(&visit, &state, presented, StatusCode::OK, None, String::new())
}

/// `POST /certificate`: what was handed in.
pub(crate) async fn replace(State(state): State<Shared>, request: Request) -> Response {
    let opened = match Opened::read(&state, request).await {
        Ok(opened) => opened,
        Err(response) => return response,
    };
    let input = Input {
        certificate: opened.form.secret("certificate"),
        key: opened.form.secret("key"),
        passphrase: opened.form.secret("passphrase"),
    };
    let sent = input.certificate.expose();
    let sent = if sent.contains(KEY_MARK) { String::new() } else { sent.to_owned() };
    let outcome = state.certificates.replace(input, Commitment::Trial).await;
    opened.tried(&state, outcome, sent).await
}

/// `POST /certificate/self-signed`: a new one of our own.
pub(crate) async fn renew(State(state): State<Shared>, request: Request) -> Response {
    let opened = match Opened::read(&state, request).await {
        Ok(opened) => opened,
        Err(response) => return response,
    };
    let network = state.network.borrow().clone();
    let outcome = state.certificates.renew_self_signed(network.as_ref()).await;
    opened.tried(&state, outcome, String::new()).await
}

/// `POST /certificate/keep`.
pub(crate) async fn keep(State(state): State<Shared>, request: Request) -> Response {
    let opened = match Opened::read(&state, request).await {
        Ok(opened) => opened,
        Err(response) => return response,
    };
    if is_outdated(&state, opened.presented) {
        let problem = CertificateProblem::OldConnection;
        return opened.answer(&state, StatusCode::CONFLICT, Some(problem), String::new());
    }
    match state.certificates.keep().await {
        Ok(()) => {
            info!(source = %opened.visit.source, "The administrator keeps the new certificate");
            state.see_certificate_trial(|trial| trial.is_none()).await;
            see_other(&opened.visit, PATH)
        }
        Err(error) => opened.failed(&state, error, String::new()),
    }
}

/// `POST /certificate/revert`.
pub(crate) async fn revert(State(state): State<Shared>, request: Request) -> Response {
    let opened = match Opened::read(&state, request).await {
        Ok(opened) => opened,
        Err(response) => return response,
    };
    match state.certificates.revert().await {
        Ok(()) => {
            info!(source = %opened.visit.source, "The administrator takes a certificate back");
            state.see_certificate_trial(is_over).await;
            see_other(&opened.visit, PATH)
        }
        Err(error) => opened.failed(&state, error, String::new()),
    }
}

/// A form that has passed the checks of every form.
struct Opened {
    visit: Visit,
    form: Form,
    presented: Presented,
}

impl Opened {
    async fn read(state: &Shared, request: Request) -> Result<Self, Response> {
        let presented = presented(&request);
        let submission = Submission::of_session(state, request).await?;
        let (visit, form) = submission.genuine(|visit, _| {
            let problem = Some(CertificateProblem::FormExpired);
            page(visit, state, presented, StatusCode::FORBIDDEN, problem, String::new())
        })?;
        Ok(Self { visit, form, presented })
    }

    async fn tried(
        &self,
        state: &Shared,
        outcome: Result<Arc<Active>, ChangeError>,
        sent: String,
    ) -> Response {
        match outcome {
            Ok(active) => {
                let sha1 = &active.facts.sha1;
                info!(source = %self.visit.source, %sha1, "The administrator tries a certificate");
                state.see_certificate_trial(|trial| !is_over(trial)).await;
                // Not a redirect: it would lead into the browser's warning before anybody has read
                // what comes.
                let step =
                    CertificateStep::ComeBack { seconds_left: model::settings::TRIAL_SECONDS };
                self.rendered(&active, step)
            }
            Err(error) => self.failed(state, error, sent),
        }
    }

    fn rendered(&self, active: &Active, step: CertificateStep) -> Response {
        let page = view(&self.visit, active, step, None);
        html(&self.visit, StatusCode::OK, webui::replace_certificate(&page))
    }

    fn failed(&self, state: &Shared, failure: ChangeError, sent: String) -> Response {
        let (status, problem) = match failure {
            ChangeError::Refused(refusal) => {
                (StatusCode::UNPROCESSABLE_ENTITY, CertificateProblem::Refused(refusal))
            }
            ChangeError::NoTrial => (StatusCode::CONFLICT, CertificateProblem::NoTrial),
            failure => {
                error!(error = %failure, "The certificate cannot be changed");
                (StatusCode::SERVICE_UNAVAILABLE, CertificateProblem::NotStored)
            }
        };
        self.answer(state, status, Some(problem), sent)
    }

    fn answer(
        &self,
        state: &Shared,
        status: StatusCode,
        problem: Option<CertificateProblem>,
        sent: String,
    ) -> Response {
        page(&self.visit, state, self.presented, status, problem, sent)
    }
}

fn page(
    visit: &Visit,
    state: &Everything,
    presented: Presented,
    status: StatusCode,
    problem: Option<CertificateProblem>,
    sent: String,
) -> Response {
    let active = state.certificates.active();
    let trial = state.certificate_trial();
    let is_outdated = is_outdated(state, presented);
    let step = match trial {
        Some(CertificateTrial::Running { ends_at_uptime_ms, previous }) => {
            let seconds_left = seconds_until(ends_at_uptime_ms);
            if is_outdated {
                CertificateStep::ComeBack { seconds_left }
            } else {
                let warnings = certificate::warnings(
                    &active.facts,
                    &active.description,
                    &hosts(visit, state),
                    now(),
                );
                CertificateStep::Keep { previous, warnings, seconds_left }
            }
        }
        Some(CertificateTrial::Reverted { at, reason, .. }) => {
            CertificateStep::Replace { sent, reverted: Some((reason, at)) }
        }
        None => CertificateStep::Replace { sent, reverted: None },
    };
    let page = view(visit, &active, step, problem);
    let response = html(visit, status, webui::replace_certificate(&page));
    if is_outdated { closing(response) } else { response }
}

/// An answer after which the connection ends: the next request of this browser shall shake hands with
/// the new certificate.
fn closing(mut response: Response) -> Response {
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    response
}

/// Whether a connection was opened with another certificate than the one in use.
fn is_outdated(state: &Everything, presented: Presented) -> bool {
    presented.0 != state.certificates.active().number
}

fn view(
    visit: &Visit,
    active: &Active,
    step: CertificateStep,
    problem: Option<CertificateProblem>,
) -> ReplaceCertificate {
    let certificate = details(active);
    ReplaceCertificate { frame: visit.frame(PATH), step, certificate, problem, now: now() }
}

/// What is shown of a certificate.
pub(crate) fn details(active: &Active) -> CertificateDetails {
    let description = &active.description;
    let issuer = if is_own(description) {
        CertificateIssuer::Appliance
    } else if description.is_self_signed {
        CertificateIssuer::Itself
    } else {
        CertificateIssuer::Authority(description.issuer.clone())
    };
    let (facts, subject) = (active.facts.clone(), description.subject.clone());
    CertificateDetails { facts, subject, issuer }
}

/// The address or name that the browser used, then those that the appliance has.
fn hosts(visit: &Visit, state: &Everything) -> Vec<String> {
    let network = state.network.borrow();
    let own = crate::certificate::Subject::of(network.as_ref()).names();
    let used = visit.host().trim_matches(['[', ']']).to_owned();
    // `localhost` is how a person tests through a tunnel; no certificate names it.
    if used == "localhost" { own } else { vec![used] }
}

/// Whether a certificate waits to be kept.
pub(crate) fn is_on_trial(state: &Everything) -> bool {
    !is_over(&state.certificate_trial())
}

fn is_over(trial: &Option<CertificateTrial>) -> bool {
    !matches!(trial, Some(CertificateTrial::Running { .. }))
}

fn presented(request: &Request) -> Presented {
    request.extensions().get::<Presented>().copied().unwrap_or(Presented(u64::MAX))
}
