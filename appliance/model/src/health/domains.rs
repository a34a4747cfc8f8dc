//! Joined domains.

use super::{Cause, Finding, Known, Subject, unheard};
use crate::domain::status::DomainStatus;
use crate::role::Role;

/// What there is to say, in the order of the page.
pub(super) fn findings(known: &Known<'_>) -> Vec<Finding> {
    let causes: Vec<_> = match known.directory {
        Some(directory) => directory.domains.iter().flat_map(causes).collect(),
        // Whether it is still starting, stands with the services.
        None => match unheard(Role::Directory, known.init) {
            silent @ Cause::RoleSilent { .. } => vec![silent],
            _ => Vec::new(),
        },
    };
    causes.into_iter().map(|cause| Finding { subject: Subject::Domains, cause }).collect()
}

fn causes(status: &DomainStatus) -> Vec<Cause> {
    let domain = || status.domain.clone();
    let health = status.health.as_ref();
    if let Some((health, failure)) = health.and_then(|it| Some((it, it.failure.clone()?))) {
        // What else fails follows from it.
        return vec![Cause::DomainUnusable { domain: domain(), failure, since: health.since }];
    }
    let password = status.password_failure.clone();
    let forest = status.forest_failure.clone();
    let password =
        password.map(|failure| Cause::MachinePasswordNotChanged { domain: domain(), failure });
    let forest = forest.map(|failure| Cause::ForestUnreachable {
        domain: domain(),
        forest: status.forest.clone(),
        failure,
    });
    password.into_iter().chain(forest).collect()
}

#[cfg(test)]
mod tests;
