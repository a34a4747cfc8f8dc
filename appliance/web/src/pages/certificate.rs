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
use model::pkcs12::Pkcs12Refusal;
use model::secret::Secret;
use model::settings::CertificateTrial;
use tracing::{error, info};
use webui::ReplaceCertificate;
use webui::{
    CertificateDetails, CertificateIssuer, CertificateProblem, CertificateStep, Dangerous,
};
use zeroize::Zeroizing;

use crate::certificate::{Active, ChangeError, Commitment, is_own};
use crate::listener::Presented;
use crate::pages::answer::{html, see_other};
use crate::pages::form::Form;
use crate::pages::reenter;
use crate::pages::submission::Submission;
use crate::pages::visit::Visit;
use crate::state::{Shared, State as Everything, now, seconds_until};

/// Where the page stands.
pub(crate) const PATH: &str = "/certificate";
const REPLACE_PATH: &str = "/certificate/replace";
const SELF_SIGNED_PATH: &str = "/certificate/self-signed";
const PKCS12_PATH: &str = "/certificate/pkcs12";
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
    let opened = match Opened::read_dangerous(&state, request, REPLACE_PATH).await {
        Ok(opened) => opened,
        Err(response) => return response,
    };
    let input = Input {
        certificate: opened.form.secret("certificate"),
        key: opened.form.secret("key"),
        passphrase: opened.form.secret("passphrase"),
    };
    let sent = shown_again(&input.certificate);
    let outcome = state.certificates.replace(input, Commitment::Trial).await;
    opened.tried(&state, outcome, sent).await
}

/// `POST /certificate/pkcs12`: a PKCS #12 file.
pub(crate) async fn import(State(state): State<Shared>, request: Request) -> Response {
    let opened = match Opened::read_dangerous(&state, request, PKCS12_PATH).await {
        Ok(opened) => opened,
        Err(response) => return response,
    };
    let file = Zeroizing::new(opened.form.file("pkcs12").unwrap_or_default().to_vec());
    let passphrase = opened.form.secret("pkcs12-passphrase");
    let outcome = state.certificates.import(file, passphrase, Commitment::Trial).await;
    opened.tried(&state, outcome, String::new()).await
}

/// `POST /certificate/self-signed`: a new one of our own.
pub(crate) async fn renew(State(state): State<Shared>, request: Request) -> Response {
    let opened = match Opened::read_dangerous(&state, request, SELF_SIGNED_PATH).await {
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
        let submission = Submission::with_file(state, request, |visit| {
            let limit_bytes = certificate::MAX_PKCS12_BYTES;
            let refusal = Pkcs12Refusal::TooLarge { limit_bytes };
            let problem = Some(CertificateProblem::File(refusal));
            page(visit, state, presented, StatusCode::PAYLOAD_TOO_LARGE, problem, String::new())
        })
        .await?;
        let (visit, form) = submission.genuine(|visit, _| {
            let problem = Some(CertificateProblem::FormExpired);
            page(visit, state, presented, StatusCode::FORBIDDEN, problem, String::new())
        })?;
        Ok(Self { visit, form, presented })
    }

    /// The same for another certificate or key: the password has been given lately, or is asked for.
    async fn read_dangerous(
        state: &Shared,
        request: Request,
        path: &'static str,
    ) -> Result<Self, Response> {
        let Self { visit, form, presented } = Self::read(state, request).await?;
        let change = Dangerous::ReplaceCertificate;
        let (visit, form) = reenter::password(state, path, change, visit, form).await?;
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
                come_back(&self.visit, state, &active).await
            }
            Err(error) => self.failed(state, error, sent),
        }
    }

    fn failed(&self, state: &Shared, failure: ChangeError, sent: String) -> Response {
        let (status, problem) = match failure {
            ChangeError::Refused(refusal) => {
                (StatusCode::UNPROCESSABLE_ENTITY, CertificateProblem::Refused(refusal))
            }
            ChangeError::File(refusal) => {
                (StatusCode::UNPROCESSABLE_ENTITY, CertificateProblem::File(refusal))
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

/// The answer once a new certificate is on trial. Not a redirect: it would lead into the browser's
/// warning before anybody has read what comes.
pub(crate) async fn come_back(visit: &Visit, state: &Everything, active: &Active) -> Response {
    state.see_certificate_trial(|trial| !is_over(trial)).await;
    let step = CertificateStep::ComeBack { seconds_left: model::settings::TRIAL_SECONDS };
    let page = view(visit, state, active, step, None);
    html(visit, StatusCode::OK, webui::replace_certificate(&page))
}

/// A text as it was sent, to be corrected; a key is not sent back.
pub(crate) fn shown_again(sent: &Secret) -> String {
    let sent = sent.expose();
    if sent.contains(KEY_MARK) { String::new() } else { sent.to_owned() }
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
    let page = view(visit, state, &active, step, problem);
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
    state: &Everything,
    active: &Active,
    step: CertificateStep,
    problem: Option<CertificateProblem>,
) -> ReplaceCertificate {
    let certificate = details(active);
    let requested = state.signing_request().map(|request| request.created);
    let frame = visit.frame(PATH);
    ReplaceCertificate { frame, step, certificate, requested, problem, now: now() }
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
    let mut chain = certificate::details(&active.stored.chain_pem).into_iter();
    let leaf = chain.next();
    CertificateDetails {
        facts,
        subject,
        issuer,
        serial: leaf.as_ref().map(|leaf| leaf.serial.clone()).unwrap_or_default(),
        key: leaf.as_ref().map(|leaf| leaf.key.clone()).unwrap_or_default(),
        signature: leaf.map(|leaf| leaf.signature).unwrap_or_default(),
        chain: chain.map(|it| (it.description.subject, it.facts.not_after)).collect(),
    }
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
