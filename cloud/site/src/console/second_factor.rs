//! The second step of a sign-in, and setting it up.

use axum::http::StatusCode;
use model::product;
use model::secret::Secret;
use pages::{
    BackupCodes, BackupOccasion, CodeProblem, Factor, SecondStep, SetUpTotp, backup_codes,
    second_step, set_up_totp,
};
use registry::{Refusal, SignIn, SignInStep};
use tokio::time::Instant;

use crate::console::form::Form;
use crate::console::reply::{Failure, Reply};
use crate::console::sign_in::go_on;
use crate::console::visit::Visit;
use crate::limiter::whole_seconds;

pub(super) async fn show(visit: &Visit<'_>) -> Result<Reply, Failure> {
    let (_, state) = expect(visit, &SignInStep::SecondFactor).await?;
    let factor = visit.query.get("factor").and_then(Factor::from_name).unwrap_or_default();
    Ok(Reply::page(page(visit, &state, factor, None)))
}

pub(super) async fn enter(visit: &Visit<'_>, form: &Form) -> Result<Reply, Failure> {
    let (ticket, state) = expect(visit, &SignInStep::SecondFactor).await?;
    let factor = Factor::from_name(&form.text("factor")).unwrap_or_default();
    let code = form.text("code");
    let problem = match problem_of(form, &code).or_else(|| too_soon(visit, &state)) {
        Some(problem) => problem,
        None => match visit.site.registry().sign_in_with_code(&ticket, &code, visit.now).await {
            Ok(_) => return go_on(visit, &ticket).await,
            Err(error) if error.refusal() == Some(&Refusal::WrongCredentials) => CodeProblem::Wrong,
            Err(error) => return Err(error.into()),
        },
    };
    Ok(refused(page(visit, &state, factor, Some(problem)), problem))
}

pub(super) async fn show_set_up(visit: &Visit<'_>) -> Result<Reply, Failure> {
    let (ticket, state) = expect(visit, &SignInStep::Enrol).await?;
    Ok(Reply::page(set_up_page(visit, &ticket, &state, None).await?))
}

pub(super) async fn set_up(visit: &Visit<'_>, form: &Form) -> Result<Reply, Failure> {
    let (ticket, state) = expect(visit, &SignInStep::Enrol).await?;
    let code = form.text("code");
    let registry = visit.site.registry();
    let problem = match problem_of(form, &code) {
        Some(problem) => problem,
        None => match registry.confirm_sign_in_enrolment(&ticket, &code, visit.now).await {
            Ok(codes) => {
                let codes = codes.iter().map(|code| code.expose().to_owned()).collect();
                let (frame, occasion) = (visit.frame(), BackupOccasion::First);
                return Ok(Reply::page(backup_codes(&BackupCodes { frame, codes, occasion })));
            }
            Err(error) if error.refusal() == Some(&Refusal::WrongCredentials) => CodeProblem::Wrong,
            Err(error) => return Err(error.into()),
        },
    };
    let page = set_up_page(visit, &ticket, &state, Some(problem)).await?;
    Ok(refused(page, problem))
}

/// The sign-in that is under way, if its next step is this one.
async fn expect(visit: &Visit<'_>, step: &SignInStep) -> Result<(Secret, SignIn), Failure> {
    let ticket = visit.ticket().ok_or(Failure::SignIn)?;
    let state = visit.site.registry().sign_in(&ticket, visit.now).await?;
    if state.step == *step { Ok((ticket, state)) } else { Err(Failure::SignIn) }
}

fn problem_of(form: &Form, code: &str) -> Option<CodeProblem> {
    if !form.is_own() {
        return Some(CodeProblem::FormExpired);
    }
    code.is_empty().then_some(CodeProblem::Missing)
}

/// Counts the tries of a person over all sign-ins: each sign-in ends after a few wrong codes, but who
/// has the password can begin another one.
fn too_soon(visit: &Visit<'_>, state: &SignIn) -> Option<CodeProblem> {
    let person = state.person.id.as_str().to_owned();
    let wait = visit.site.second_factors().take(person, Instant::now()).err()?;
    Some(CodeProblem::TooSoon { wait_seconds: whole_seconds(wait) })
}

fn refused(page: String, problem: CodeProblem) -> Reply {
    let reply = Reply::refused(page);
    match problem {
        CodeProblem::FormExpired => reply.with_status(StatusCode::FORBIDDEN),
        CodeProblem::TooSoon { .. } => reply.with_status(StatusCode::TOO_MANY_REQUESTS),
        _ => reply,
    }
}

fn page(visit: &Visit<'_>, state: &SignIn, factor: Factor, problem: Option<CodeProblem>) -> String {
    let email = state.person.email.clone();
    second_step(&SecondStep { frame: visit.frame(), email, factor, problem })
}

async fn set_up_page(
    visit: &Visit<'_>,
    ticket: &Secret,
    state: &SignIn,
    problem: Option<CodeProblem>,
) -> Result<String, Failure> {
    let registry = visit.site.registry();
    let enrolment = registry.sign_in_enrolment(ticket, product::NAME, visit.now).await?;
    Ok(set_up_totp(&SetUpTotp {
        frame: visit.frame(),
        email: state.person.email.clone(),
        uri: enrolment.url.expose().to_owned(),
        key: enrolment.secret.expose().to_owned(),
        problem,
    }))
}
