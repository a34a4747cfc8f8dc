//! Registration, and the connections to the cloud.

use super::{Cause, Finding, Known, Subject, unheard};
use crate::channel::{
    ChannelStatus, ConnectionState, ConnectionTrouble, Ending, EndingReason, Registration,
    RegistrationState,
};
use crate::role::Role;

/// What there is to say, in the order of the page.
pub(super) fn findings(known: &Known<'_>) -> Vec<Finding> {
    let causes = match known.channel {
        Some(channel) => causes(channel, known.now),
        // Whether it is still starting, stands with the services.
        None => match unheard(Role::Channel, known.init) {
            silent @ Cause::RoleSilent { .. } => vec![silent],
            _ => Vec::new(),
        },
    };
    causes.into_iter().map(|cause| Finding { subject: Subject::Cloud, cause }).collect()
}

fn causes(channel: &ChannelStatus, now: i64) -> Vec<Cause> {
    match &channel.registration {
        RegistrationState::NotRegistered { last } => vec![match last {
            Some(Ending { name, at, reason: EndingReason::Removed, .. }) => {
                Cause::RemovedFromCloud { name: name.clone(), at: *at }
            }
            Some(Ending { name, reason: EndingReason::Sealed { trouble }, .. }) => {
                Cause::RegistrationSealed { name: name.clone(), trouble: trouble.clone() }
            }
            _ => Cause::NotRegistered,
        }],
        RegistrationState::Registering { trouble: Some(trouble), .. } => {
            vec![Cause::RegistrationStuck { trouble: trouble.clone() }]
        }
        RegistrationState::Registering { trouble: None, .. } => vec![Cause::NotRegistered],
        RegistrationState::Registered { registration } => {
            let mut causes: Vec<_> = connection_cause(channel).into_iter().collect();
            causes.extend(channel.clone_refused.as_ref().map(|clone| Cause::CloneTurnedAway {
                host_name: clone.host_name.clone(),
                addresses: clone.addresses.clone(),
                at: clone.at,
            }));
            causes.extend(certificate_cause(registration, now));
            if causes.is_empty() && channel.connected() > 0 {
                causes.push(Cause::Good);
            }
            causes
        }
    }
}

fn connection_cause(channel: &ChannelStatus) -> Option<Cause> {
    let failed: Vec<(&ConnectionTrouble, i64)> = channel
        .connections
        .iter()
        .filter_map(|connection| match &connection.state {
            ConnectionState::Failed { trouble } => Some((trouble, connection.since)),
            ConnectionState::Connecting | ConnectionState::Connected => None,
        })
        .collect();
    let (trouble, since) = failed.first()?;
    let trouble = (*trouble).clone();
    if channel.connected() > 0 {
        return Some(Cause::CloudSingleConnection { trouble, since: *since });
    }
    // Since the last one was lost.
    let since = failed.iter().map(|(_, since)| *since).max().unwrap_or(*since);
    Some(Cause::CloudUnreachable { trouble, since })
}

fn certificate_cause(registration: &Registration, now: i64) -> Option<Cause> {
    let until = registration.certificate_ends_at;
    if until <= now {
        return Some(Cause::CloudCertificateExpired { at: until });
    }
    let since = registration.renewal_refused_at?;
    Some(Cause::CloudCertificateNotRenewed { since, until })
}

#[cfg(test)]
mod tests;
