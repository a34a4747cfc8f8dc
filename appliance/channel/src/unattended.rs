//! Registration without a person, by the secret of a secure client.
//!
//! The cloud proves first that it knows the secret, for the keys that this appliance sees. Without
//! that nothing is sent by which the secret could be tried out, and nobody in between can pass it on.

use base64ct::{Base64, Encoding};
use model::channel::{Applicant, ConnectionTrouble, RegistrationRefusal};
use protocol::backoff;
use protocol::proof::{Prover, Transcript, Verifier};
use protocol::registration::{FromAppliance, FromCloud, Registered};
use tokio::time::sleep;
use tracing::warn;
use tunnel::Trust;

use crate::application::{Conversation, application, member, octets, out_of_place, refusal};
use crate::context::Surroundings;
use crate::dial::failure;
use crate::key::ApplianceKey;
use crate::order::Client;
use crate::random;
use crate::record::Member;
use crate::session::ended;

/// Attempts in all: a connection that is lost on the way leaves open whether the cloud has decided.
const ATTEMPTS: u32 = 3;

/// Why an attempt came to nothing.
enum Failed {
    /// For good.
    Refused(RegistrationRefusal),
    /// The connection did not hold.
    Lost(ConnectionTrouble),
}

impl From<RegistrationRefusal> for Failed {
    fn from(reason: RegistrationRefusal) -> Self {
        Self::Refused(reason)
    }
}

/// Registers. All attempts have the same key, so that the cloud recognises them.
pub(crate) async fn register(
    surroundings: &Surroundings,
    applicant: &Applicant,
    client: &Client,
) -> Result<Member, RegistrationRefusal> {
    let key = ApplianceKey::generate()
        .map_err(|error| RegistrationRefusal::WrongCertificate { detail: error.to_string() })?;
    let mut failures = 0;
    loop {
        match attempt(surroundings, applicant, client, &key).await {
            Ok(member) => return Ok(member),
            Err(Failed::Refused(reason)) => return Err(reason),
            Err(Failed::Lost(trouble)) => {
                failures += 1;
                if failures == ATTEMPTS {
                    return Err(RegistrationRefusal::Unreached { trouble });
                }
                warn!(error = %trouble, "A registration is tried again");
                sleep(backoff::pause(failures, (surroundings.random)())).await;
            }
        }
    }
}

async fn attempt(
    surroundings: &Surroundings,
    applicant: &Applicant,
    client: &Client,
    key: &ApplianceKey,
) -> Result<Member, Failed> {
    let about = surroundings.about.borrow().clone();
    let nonce = random::octets();
    let first = FromAppliance::Unattended {
        client: client.id.clone(),
        nonce: Base64::encode_string(&nonce),
        application: application(applicant, key, about)?,
    };
    // Only what holds for the first connection is told to the administrator at once.
    let begun = Conversation::begin(surroundings, applicant, Trust::FirstUse, &first).await;
    let mut conversation = begun.map_err(|failed| match failed.trouble {
        trouble @ (ConnectionTrouble::Lost { .. } | ConnectionTrouble::Silent) => {
            Failed::Lost(trouble)
        }
        trouble => Failed::Refused(RegistrationRefusal::Unreached { trouble }),
    })?;
    let (cloud_nonce, proof) = match next(&mut conversation).await? {
        FromCloud::Challenge { nonce, proof } => (octets(&nonce), octets(&proof)),
        other => return Err(unexpected(&other)),
    };
    let (Some(cloud_nonce), Some(proof)) = (cloud_nonce, proof) else {
        return Err(RegistrationRefusal::CloudNotProven.into());
    };
    let (appliance_key, authority_key) = (key.pin(), conversation.authority);
    let transcript = Transcript {
        appliance_nonce: &nonce,
        cloud_nonce: &cloud_nonce,
        appliance_key: &appliance_key.0,
        authority_key: &authority_key.0,
    };
    let verifier = Verifier::of_secret(client.secret.expose().as_bytes());
    if !transcript.is_proven(&verifier, Prover::Cloud, &proof) {
        return Err(RegistrationRefusal::CloudNotProven.into());
    }
    let proof = Base64::encode_string(&transcript.prove(&verifier, Prover::Appliance));
    let sent = conversation.writer.message(&FromAppliance::Proof { proof }).await;
    sent.map_err(|error| Failed::Lost(failure(&error).trouble))?;
    let registered: Registered = match next(&mut conversation).await? {
        FromCloud::Registered(registered) => registered,
        other => return Err(unexpected(&other)),
    };
    Ok(member(applicant, key, conversation.authority, registered)?)
}

async fn next(conversation: &mut Conversation) -> Result<FromCloud, Failed> {
    match conversation.inbox.next().await {
        Ok(Some(message)) => Ok(message),
        Ok(None) => Err(Failed::Lost(ended(&conversation.link.ended))),
        Err(error) => Err(Failed::Lost(failure(&error).trouble)),
    }
}

fn unexpected(message: &FromCloud) -> Failed {
    let reason = match message {
        FromCloud::Refused { reason } => refusal(*reason).unwrap_or(RegistrationRefusal::Malformed),
        other => RegistrationRefusal::Unreached { trouble: out_of_place(other) },
    };
    Failed::Refused(reason)
}
