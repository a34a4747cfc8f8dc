//! The registration of an appliance that has the secret of a secure client.

use base64ct::{Base64, Encoding};
use protocol::proof::{BYTES, Prover, Transcript, Verifier};
use protocol::registration::{Application, FromAppliance, FromCloud, Refusal};
use registry::{Change, NewConnector, RegistryError, Right, TokenHolder};
use tokio::time::timeout;
use tunnel::TunnelError;

use crate::applicant_key::ApplicantKey;
use crate::gateway::late;
use crate::limits;
use crate::registration::{Session, refusal};

/// Proves to the applicant that this is the cloud that knows its secret, lets it prove the same, and
/// registers it.
pub(crate) async fn serve(
    session: &mut Session<'_>,
    client: &str,
    nonce: &str,
    application: &Application,
) -> Result<(), TunnelError> {
    let key = ApplicantKey::of_request(&application.certificate_request);
    let (Ok(key), Some(appliance_nonce)) = (key, octets(nonce)) else {
        return session.refuse(Refusal::Malformed).await;
    };
    // An unknown client is refused at the end only, with a verifier that nobody has: nobody can find
    // out which clients there are.
    let known = session.gateway.0.registry.client_verifier(client, session.gateway.now()).await;
    let known = match known {
        Ok(Some(known)) => known.secret_hash().map(|hash| Some((hash, known.holder))),
        Ok(None) => Ok(None),
        Err(error) => Err(error),
    };
    let (verifier, holder) = match known {
        Ok(Some((hash, holder))) => (Verifier::from_hash(hash), Some(holder)),
        Ok(None) => (Verifier::from_hash(random()), None),
        Err(error) => {
            tracing::warn!(%error, "an unattended registration cannot be checked");
            return session.refuse(Refusal::Unavailable).await;
        }
    };
    let cloud_nonce = random();
    let transcript = Transcript {
        appliance_nonce: &appliance_nonce,
        cloud_nonce: &cloud_nonce,
        appliance_key: &key.pin().0,
        authority_key: &session.gateway.0.authority.pin().0,
    };
    let challenge = FromCloud::Challenge {
        nonce: Base64::encode_string(&cloud_nonce),
        proof: Base64::encode_string(&transcript.prove(&verifier, Prover::Cloud)),
    };
    session.say(&challenge).await?;
    let answer = timeout(limits::OPENING, session.inbox.next()).await.map_err(|_| late())??;
    let Some(FromAppliance::Proof { proof }) = answer else {
        return Err(TunnelError::Message);
    };
    let proof = Base64::decode_vec(&proof).unwrap_or_default();
    let is_proven = transcript.is_proven(&verifier, Prover::Appliance, &proof);
    let allowed = holder.filter(|it| is_proven && it.access.allows(Right::ResourceLocations));
    let Some(holder) = allowed else {
        return session.refuse(Refusal::ClientRefused).await;
    };
    match register(session, &holder, &key, application).await {
        Ok(()) => {
            let answer = session.registered(&key.pin().to_base64()).await;
            session.last(&answer).await
        }
        Err(reason) => session.refuse(reason).await,
    }
}

async fn register(
    session: &Session<'_>,
    holder: &TokenHolder,
    key: &ApplicantKey,
    application: &Application,
) -> Result<(), Refusal> {
    let (gateway, now) = (session.gateway, session.gateway.now());
    let fingerprint = key.pin().to_base64();
    let registry = &gateway.0.registry;
    let tell = |error: RegistryError| {
        tracing::warn!(client = holder.client, %error, "an unattended registration was refused");
        refusal(&error)
    };
    // The answer to an earlier attempt may have been lost.
    if let Some(known) = registry.connector_by_key(&fingerprint).await.map_err(tell)? {
        let is_same = known.tenant == holder.tenant && known.revoked_at.is_none();
        return if is_same { Ok(()) } else { Err(Refusal::Rejected) };
    }
    let id = registry::Registry::new_connector_id();
    let certificate =
        gateway.0.authority.connector(&id, key, now).map_err(|_| Refusal::Unavailable)?;
    let new = NewConnector {
        id,
        name: application.name.clone(),
        public_key: key.to_base64(),
        key_fingerprint: fingerprint,
        version: application.about.version.clone(),
        location: application.location.clone(),
        certificate,
    };
    let tenant = registry.tenant(&holder.tenant);
    tenant.register_unattended(new, &Change::new(holder.actor(), now)).await.map(drop).map_err(tell)
}

fn octets(text: &str) -> Option<[u8; BYTES]> {
    Base64::decode_vec(text).ok()?.try_into().ok()
}

fn random() -> [u8; BYTES] {
    let mut octets = [0; BYTES];
    getrandom::fill(&mut octets).expect("the system has random numbers");
    octets
}
