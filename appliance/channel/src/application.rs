//! Messages of a registration, from what is asked for to what is kept.

use std::sync::Arc;

use base64ct::{Base64, Encoding};
use model::channel::{Applicant, ConnectionTrouble, Registration, RegistrationRefusal};
use protocol::control::About;
use protocol::name::Name;
use protocol::registration::{Application, FromAppliance, FromCloud, Refusal, Registered};
use rustls::ClientConfig;
use tunnel::stream::Writer;
use tunnel::{Inbox, Link, Pin, Trust, identity};

use crate::certificate::Issued;
use crate::clock;
use crate::context::Surroundings;
use crate::dial::{DialFailure, Way, dial, failure};
use crate::key::ApplianceKey;
use crate::record::Member;

/// Longest name or identifier that the cloud may give, in octets.
const MAX_TEXT_BYTES: usize = 512;

/// A connection on which a registration is spoken of.
pub(crate) struct Conversation {
    pub(crate) writer: Writer,
    pub(crate) inbox: Inbox<FromCloud>,
    pub(crate) link: Link,
    /// The authority of the cloud at the other end.
    pub(crate) authority: Pin,
    pub(crate) way: Way,
}

impl Conversation {
    /// Dials and says the first word.
    pub(crate) async fn begin(
        surroundings: &Surroundings,
        applicant: &Applicant,
        trust: Trust,
        first: &FromAppliance,
    ) -> Result<Self, DialFailure> {
        let config: Arc<ClientConfig> =
            identity::applicant(trust).map_err(|error| failure(&error))?;
        let dialled =
            dial(&surroundings.settings, &applicant.cloud, config, surroundings.spread).await?;
        let open = async {
            let mut stream = dialled.link.opener.open().await?;
            stream.writer.message(first).await?;
            Ok(stream)
        };
        let stream = open.await.map_err(|error| failure(&error))?;
        Ok(Self {
            writer: stream.writer,
            inbox: Inbox::new(stream.reader),
            link: dialled.link,
            authority: dialled.authority,
            way: dialled.way,
        })
    }
}

/// What the appliance asks for.
///
/// # Errors
///
/// The name is none any more, or no certificate request can be made.
pub(crate) fn application(
    applicant: &Applicant,
    key: &ApplianceKey,
    about: About,
) -> Result<Application, RegistrationRefusal> {
    let name = Name::parse(&applicant.name).map_err(|_| RegistrationRefusal::Malformed)?;
    let certificate_request = key
        .certificate_request()
        .map_err(|error| RegistrationRefusal::WrongCertificate { detail: error.to_string() })?;
    Ok(Application { name, location: applicant.location.clone(), certificate_request, about })
}

/// Checks what the cloud has issued, and makes of it what is kept.
///
/// # Errors
///
/// It does not fit this appliance, or this cloud.
pub(crate) fn member(
    applicant: &Applicant,
    key: &ApplianceKey,
    authority: Pin,
    registered: Registered,
) -> Result<Member, RegistrationRefusal> {
    let wrong = |detail: &str| RegistrationRefusal::WrongCertificate { detail: detail.to_owned() };
    let issued = Issued::read(&registered.certified, key).map_err(wrong)?;
    if !issued.authorities.contains(&authority) {
        return Err(wrong("the cloud does not name its own authority"));
    }
    let texts = [
        &registered.connector,
        &registered.customer,
        &registered.customer_name,
        &registered.location,
        &registered.location_name,
    ];
    if texts.iter().any(|text| text.len() > MAX_TEXT_BYTES) || registered.connector.is_empty() {
        return Err(wrong("a name or identifier is empty or too long"));
    }
    let registration = Registration {
        name: applicant.name.clone(),
        cloud: applicant.cloud.clone(),
        connector: registered.connector,
        customer: registered.customer,
        customer_name: registered.customer_name,
        location: registered.location,
        location_name: registered.location_name,
        registered_at: clock::now(),
        certificate_ends_at: issued.validity.end,
        renewal_refused_at: None,
    };
    Ok(Member { registration, key: key.to_secret(), certified: registered.certified })
}

/// What a refusal of the cloud means; `None` = the code, or what takes it up again, ran out.
pub(crate) const fn refusal(reason: Refusal) -> Option<RegistrationRefusal> {
    match reason {
        Refusal::Expired => None,
        Refusal::Rejected => Some(RegistrationRefusal::Rejected),
        Refusal::NameTaken => Some(RegistrationRefusal::NameTaken),
        Refusal::UnknownLocation => Some(RegistrationRefusal::UnknownLocation),
        Refusal::ClientRefused => Some(RegistrationRefusal::ClientRefused),
        Refusal::TooMany => Some(RegistrationRefusal::TooMany),
        Refusal::Malformed => Some(RegistrationRefusal::Malformed),
        Refusal::Unavailable => Some(RegistrationRefusal::Unavailable),
    }
}

/// A message that does not belong where it came.
pub(crate) fn out_of_place(message: &FromCloud) -> ConnectionTrouble {
    let kind = match message {
        FromCloud::Code { .. } => "a code",
        FromCloud::AreYouThere => "a question",
        FromCloud::Challenge { .. } => "a challenge",
        FromCloud::Registered(_) => "a registration",
        FromCloud::Refused { .. } => "a refusal",
    };
    ConnectionTrouble::Protocol { detail: format!("{kind} that was not asked for") }
}

/// 32 octets in base64.
pub(crate) fn octets(text: &str) -> Option<[u8; 32]> {
    Base64::decode_vec(text).ok()?.try_into().ok()
}
