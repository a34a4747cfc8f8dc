//! What the role keeps.

use model::channel::{Applicant, Ending, Registration};
use model::secret::Secret;
use protocol::registration::Certified;
use serde::{Deserialize, Serialize};
use tunnel::Pin;

use crate::certificate::Issued;
use crate::key::ApplianceKey;
use crate::sealed::Label;

/// State of the registration as it is stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "record", rename_all = "snake_case")]
pub(crate) enum Record {
    /// The appliance is not registered.
    None {
        /// How the last registration ended, unless the administrator ended it.
        last: Option<Ending>,
    },
    /// A code is shown.
    Registering(Pending),
    /// The appliance is registered.
    Registered(Member),
}

/// A registration whose code is shown: what it takes to go on after a restart.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Pending {
    /// What is asked for.
    pub(crate) applicant: Applicant,
    /// The private key, see [`ApplianceKey`].
    pub(crate) key: Secret,
    /// What takes the registration up again.
    pub(crate) ticket: Secret,
    /// The code that is shown.
    pub(crate) code: Secret,
    /// When it runs out, in seconds since 1970.
    pub(crate) expires_at: i64,
    /// The authority of the cloud that gave the code: no other one may finish the registration.
    pub(crate) authority: String,
}

/// A registration that holds.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Member {
    /// What is shown of it.
    pub(crate) registration: Registration,
    /// The private key, see [`ApplianceKey`].
    pub(crate) key: Secret,
    /// Certificate and authorities.
    pub(crate) certified: Certified,
}

impl Default for Record {
    fn default() -> Self {
        Self::None { last: None }
    }
}

impl Record {
    /// What may be shown of it when its key cannot be used; `None` if it holds none.
    pub(crate) fn label(&self) -> Option<Label> {
        match self {
            Self::None { .. } => None,
            Self::Registering(pending) => {
                let Applicant { name, cloud, .. } = pending.applicant.clone();
                Some(Label { name, cloud })
            }
            Self::Registered(member) => {
                let Registration { name, cloud, .. } = member.registration.clone();
                Some(Label { name, cloud })
            }
        }
    }

    /// Whether everything in it can be used.
    pub(crate) fn is_usable(&self) -> bool {
        match self {
            Self::None { .. } => true,
            Self::Registering(pending) => {
                ApplianceKey::read(&pending.key).is_some()
                    && Pin::from_base64(&pending.authority).is_some()
                    && protocol::name::Name::parse(&pending.applicant.name).is_ok()
            }
            Self::Registered(member) => member.credentials().is_some(),
        }
    }
}

impl Member {
    /// Key, certificate and authorities.
    pub(crate) fn credentials(&self) -> Option<(ApplianceKey, Issued)> {
        let key = ApplianceKey::read(&self.key)?;
        let issued = Issued::read(&self.certified, &key).ok()?;
        Some((key, issued))
    }
}
