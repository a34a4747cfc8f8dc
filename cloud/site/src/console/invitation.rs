//! Accepting an invitation. Who has a password already types that one.

use model::secret::Secret;
use pages::{PasswordOccasion, PasswordProblem, SetPassword, set_password};
use tokio::time::Instant;

use crate::console::form::Form;
use crate::console::password::problems_of;
use crate::console::reply::{Failure, Reply};
use crate::console::visit::Visit;

pub(super) async fn show(visit: &Visit<'_>) -> Result<Reply, Failure> {
    let token = Secret::new(visit.query.get("token").unwrap_or_default().to_owned());
    let (_, invited, _) = visit.site.registry().invitation(&token, visit.now).await?;
    Ok(Reply::page(page(visit, &token, invited.display_name, Vec::new()).await?))
}

pub(super) async fn accept(visit: &Visit<'_>, form: &Form) -> Result<Reply, Failure> {
    let (token, password) = (form.secret("invitation"), form.secret("password"));
    let name = form.text("name");
    visit.require_patience()?;
    let problems = if !form.is_own() {
        vec![PasswordProblem::FormExpired]
    } else if password.expose() != form.secret("confirmation").expose() {
        vec![PasswordProblem::Mismatch]
    } else if name.is_empty() {
        vec![PasswordProblem::Name]
    } else {
        let registry = visit.site.registry();
        match registry.accept_invitation_as(&token, Some(&name), &password, visit.now).await {
            Ok(_) => return Ok(Reply::see("/console/sign-in")),
            Err(error) => match error.refusal().and_then(problems_of) {
                Some(problems) => {
                    visit.site.throttle().failed(visit.source, Instant::now());
                    problems
                }
                None => return Err(error.into()),
            },
        }
    };
    Ok(Reply::refused(page(visit, &token, name, problems).await?))
}

async fn page(
    visit: &Visit<'_>,
    token: &Secret,
    name: String,
    problems: Vec<PasswordProblem>,
) -> Result<String, Failure> {
    let registry = visit.site.registry();
    let (tenant, invited, _) = registry.invitation(token, visit.now).await?;
    let customer = registry.tenant(&tenant).record().await?.name;
    let occasion = PasswordOccasion::Invitation { token: token.expose().to_owned(), customer };
    let mut frame = visit.frame();
    // The links that switch the language need the token as well.
    frame.path = format!("/console/invitation?token={}", token.expose());
    Ok(set_password(&SetPassword { frame, email: invited.email, name, occasion, problems }))
}
