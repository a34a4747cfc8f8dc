//! A change that cannot be undone by going back asks for the password once more: a session that
//! somebody else finds open must not do.

use axum::http::StatusCode;
use model::password;
use model::secret::Secret;
use tracing::error;
use webui::{PasswordField, PasswordProblem};

use crate::administrator::Refusal;
use crate::pages::visit::Visit;
use crate::state::State;
use crate::throttle::whole_seconds;

/// Checks the administrator's password. A wrong one counts as when signing in.
pub(crate) async fn confirm(
    state: &State,
    visit: &Visit,
    current: Secret,
) -> Result<(), (StatusCode, PasswordProblem)> {
    let wrong = StatusCode::UNPROCESSABLE_ENTITY;
    if current.expose().is_empty() {
        return Err((wrong, PasswordProblem::Missing(PasswordField::Current)));
    }
    if current.expose().len() > password::MAX_BYTES {
        // Nothing so long can be right, and it is not worth hashing.
        return Err((wrong, PasswordProblem::WrongCurrent { wait_seconds: 0 }));
    }
    state.administrator.confirm(visit.client(), current).await.map_err(|refusal| match refusal {
        Refusal::Wrong(failure) => {
            let wait_seconds = whole_seconds(failure.wait);
            (wrong, PasswordProblem::WrongCurrent { wait_seconds })
        }
        Refusal::TooSoon(wait) => {
            let wait_seconds = whole_seconds(wait);
            (StatusCode::TOO_MANY_REQUESTS, PasswordProblem::TooSoon { wait_seconds })
        }
        Refusal::Unavailable(error) => {
            error!(%error, "A password cannot be checked");
            (StatusCode::SERVICE_UNAVAILABLE, PasswordProblem::NotStored)
        }
    })
}
