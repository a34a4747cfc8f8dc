//! A new password: because it is due at the sign-in, or because its owner wants one.

use model::secret::Secret;
use pages::{PasswordOccasion, PasswordProblem, SetPassword, set_password};
use registry::password_policy::{PolicyError, UNUSED_SECONDS};
use registry::{Person, Refusal, RegistryError, SignInStep};
use tokio::time::Instant;

use crate::console::cookie::Cookie;
use crate::console::form::Form;
use crate::console::reply::{Failure, Reply};
use crate::console::sign_in::{self, go_on};
use crate::console::visit::{Administration, Visit};

/// Who changes the password.
enum Owner {
    /// Somebody who signs in, and must.
    SigningIn(Secret, Box<Person>),
    /// Somebody who has signed in, and wants to.
    SignedIn(Box<Administration>),
}

pub(super) async fn show(visit: &Visit<'_>) -> Result<Reply, Failure> {
    let owner = owner(visit).await?;
    Ok(Reply::page(page(visit, &owner, Vec::new()).await?))
}

pub(super) async fn change(visit: &Visit<'_>, form: &Form) -> Result<Reply, Failure> {
    let owner = owner(visit).await?;
    let (current, new) = (form.secret("current"), form.secret("password"));
    let problems = if !form.is_own() {
        vec![PasswordProblem::FormExpired]
    } else if new.expose() != form.secret("confirmation").expose() {
        vec![PasswordProblem::Mismatch]
    } else {
        visit.require_patience()?;
        match store(visit, &owner, &current, &new).await {
            Ok(reply) => return Ok(reply),
            Err(Failure::Registry(error)) => match error.refusal().and_then(problems_of) {
                Some(problems) => {
                    if error.refusal() == Some(&Refusal::WrongCredentials) {
                        visit.site.throttle().failed(visit.source, Instant::now());
                    }
                    problems
                }
                None => return Err(Failure::Registry(error)),
            },
            Err(failure) => return Err(failure),
        }
    };
    Ok(Reply::refused(page(visit, &owner, problems).await?))
}

async fn store(
    visit: &Visit<'_>,
    owner: &Owner,
    current: &Secret,
    new: &Secret,
) -> Result<Reply, Failure> {
    let registry = visit.site.registry();
    match owner {
        Owner::SigningIn(ticket, _) => {
            registry.change_password_at_sign_in(ticket, current, new, visit.now).await?;
            go_on(visit, ticket).await
        }
        Owner::SignedIn(administration) => {
            let person = &administration.session.person;
            registry.change_password(person, current, new, visit.now).await?;
            registry.end_sessions_of(person).await?;
            Ok(Reply::see(sign_in::PASSWORD_CHANGED).clearing(Cookie::Session))
        }
    }
}

async fn owner(visit: &Visit<'_>) -> Result<Owner, Failure> {
    match visit.administration().await {
        Ok(administration) => return Ok(Owner::SignedIn(Box::new(administration))),
        Err(Failure::SignIn) => {}
        Err(failure) => return Err(failure),
    }
    let ticket = visit.ticket().ok_or(Failure::SignIn)?;
    let state = visit.site.registry().sign_in(&ticket, visit.now).await?;
    match state.step {
        SignInStep::ChangePassword => Ok(Owner::SigningIn(ticket, Box::new(state.person))),
        _ => Err(Failure::SignIn),
    }
}

async fn page(
    visit: &Visit<'_>,
    owner: &Owner,
    problems: Vec<PasswordProblem>,
) -> Result<String, RegistryError> {
    let (frame, email, occasion) = match owner {
        Owner::SignedIn(administration) => (
            administration.frame(visit, "/console/account/password").await?,
            administration.session.administrator.email.clone(),
            PasswordOccasion::Wish,
        ),
        Owner::SigningIn(_, person) => {
            let last = person.last_sign_in_at.unwrap_or(0).max(person.password_changed_at);
            let is_unused = visit.now - last > UNUSED_SECONDS;
            let occasion =
                if is_unused { PasswordOccasion::Unused } else { PasswordOccasion::Leaked };
            (visit.frame(), person.email.clone(), occasion)
        }
    };
    let name = String::new();
    Ok(set_password(&SetPassword { frame, email, name, occasion, problems }))
}

/// What the page says of a refusal; `None` = it is about something else.
pub(super) fn problems_of(refusal: &Refusal) -> Option<Vec<PasswordProblem>> {
    match refusal {
        Refusal::WrongCredentials => Some(vec![PasswordProblem::WrongCurrent]),
        Refusal::Password(rules) => Some(rules.iter().map(|rule| problem_of(*rule)).collect()),
        Refusal::TooLong { .. } => Some(vec![PasswordProblem::Name]),
        _ => None,
    }
}

const fn problem_of(rule: PolicyError) -> PasswordProblem {
    match rule {
        PolicyError::TooShort => PasswordProblem::TooShort,
        PolicyError::TooLong => PasswordProblem::TooLong,
        PolicyError::NoUpperCase => PasswordProblem::NoUpperCase,
        PolicyError::NoLowerCase => PasswordProblem::NoLowerCase,
        PolicyError::NoDigit => PasswordProblem::NoDigit,
        // The page has no words for a control character, which a browser's field does not take.
        PolicyError::NoSymbol | PolicyError::ControlCharacter => PasswordProblem::NoSymbol,
        PolicyError::LikeUserName => PasswordProblem::LikeUserName,
        PolicyError::Current => PasswordProblem::IsCurrent,
        PolicyError::Previous => PasswordProblem::IsRecent,
        PolicyError::Breached => PasswordProblem::IsLeaked,
    }
}
