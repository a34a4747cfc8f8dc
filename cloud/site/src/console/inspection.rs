//! What a connector is asked for on its page: its prechecks and its diagnostic report.

use std::time::Duration;

use pages::{ConnectorNotice, ConnectorProblem};
use protocol::request::{Failure as Refusal, FailureKind};
use tracing::warn;

use crate::ask::AskError;
use crate::console::connectors::{Outcome, details};
use crate::console::form::Form;
use crate::console::reply::{Failure, Reply};
use crate::console::visit::{Administration, Visit};
use crate::error::said;
use crate::inspection::{self, PRECHECKS_SECONDS, REPORT_SECONDS};
use crate::order::Unanswered;

pub(super) async fn run_prechecks(
    visit: &Visit<'_>,
    administration: &Administration,
    form: &Form,
) -> Result<Reply, Failure> {
    let tenant = &administration.tenant;
    let found = tenant.connector(&form.text("id")).await?;
    let (within, change) = (seconds(PRECHECKS_SECONDS), administration.change(visit));
    let run = inspection::prechecks(visit.site, tenant, &found, within, &change).await;
    let outcome = match run {
        Ok(run) => Outcome {
            prechecks: Some(run),
            notice: Some(ConnectorNotice::PrechecksDone),
            problem: None,
        },
        Err(error) => return refused(visit, administration, found, error).await,
    };
    Ok(Reply::page(details(visit, administration, found, outcome).await?))
}

pub(super) async fn download_report(
    visit: &Visit<'_>,
    administration: &Administration,
    form: &Form,
) -> Result<Reply, Failure> {
    let tenant = &administration.tenant;
    let found = tenant.connector(&form.text("id")).await?;
    let (within, change) = (seconds(REPORT_SECONDS), administration.change(visit));
    match inspection::report(visit.site, tenant, &found, within, &change).await {
        Ok(download) => Ok(Reply::download(download)),
        Err(error) => refused(visit, administration, found, error).await,
    }
}

fn seconds(seconds: u32) -> Duration {
    Duration::from_secs(seconds.into())
}

/// The page of the connector, with what it did not do.
async fn refused(
    visit: &Visit<'_>,
    administration: &Administration,
    connector: registry::Connector,
    error: AskError,
) -> Result<Reply, Failure> {
    let outcome = Outcome { problem: Some(problem_of(error)?), ..Outcome::default() };
    Ok(Reply::refused(details(visit, administration, connector, outcome).await?))
}

/// What the page says; failures of the registry have pages of their own.
fn problem_of(error: AskError) -> Result<ConnectorProblem, Failure> {
    let problem = match error {
        AskError::TooMany => ConnectorProblem::TooManyRequests,
        AskError::Strange => ConnectorProblem::Strange,
        AskError::Registry(error) => return Err(error.into()),
        AskError::Unanswered(Unanswered::NobodyThere) => ConnectorProblem::NotInContact,
        AskError::Unanswered(Unanswered::Busy) => ConnectorProblem::Busy,
        AskError::Unanswered(Unanswered::Deadline) => ConnectorProblem::TooLate,
        AskError::Unanswered(Unanswered::InDoubt | Unanswered::Broken) => ConnectorProblem::Lost,
        AskError::Unanswered(Unanswered::Unavailable(cause)) => {
            warn!(cause, "No gateway takes a request");
            ConnectorProblem::NoGateway
        }
        AskError::Unanswered(Unanswered::Failed(Refusal { kind, detail })) => match kind {
            FailureKind::Busy => ConnectorProblem::Busy,
            FailureKind::Deadline => ConnectorProblem::TooLate,
            FailureKind::Unsupported => ConnectorProblem::TooOld,
            FailureKind::Unknown => ConnectorProblem::Lost,
            FailureKind::Invalid
            | FailureKind::Unreachable
            | FailureKind::NotFound
            | FailureKind::Refused
            | FailureKind::Internal => ConnectorProblem::Refused { said: said(&detail) },
        },
    };
    Ok(problem)
}
