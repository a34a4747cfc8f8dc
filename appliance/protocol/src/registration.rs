//! Registration: how an appliance becomes known to the cloud.
//!
//! ```text
//! appliance                              cloud
//!   begin(name, key)        ->
//!                           <-  code(code, ticket)        shown on the page
//!                           <-  areYouThere               the administrator typed the code
//!   here                    ->
//!                           <-  registered(certificate)   the administrator pressed Register
//! ```
//!
//! The connection may break at any point: `resume(ticket)` takes the registration up again. A code
//! that ran out is replaced by `newCode`. Unattended, the secret of a secure client takes the place
//! of the administrator, see [`proof`](crate::proof):
//!
//! ```text
//!   unattended(client, nonce)  ->
//!                              <-  challenge(nonce, proof)
//!   proof(proof)               ->
//!                              <-  registered(certificate)
//! ```

use serde::{Deserialize, Serialize};

use crate::control::About;
use crate::name::Name;

/// What an appliance that is not registered says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum FromAppliance {
    /// Asks for a code.
    Begin(Application),
    /// Takes up a registration after the connection broke.
    Resume {
        /// The ticket that came with the code.
        ticket: String,
    },
    /// Asks for another code in place of one that ran out.
    NewCode,
    /// Answers [`FromCloud::AreYouThere`].
    Here,
    /// Registers without a person.
    Unattended {
        /// Identifier of the secure client.
        client: String,
        /// 32 random octets in base64.
        nonce: String,
        /// What is registered.
        application: Application,
    },
    /// Answers a challenge, see [`proof`](crate::proof).
    Proof {
        /// 32 octets in base64.
        proof: String,
    },
    /// The administrator does not want it any more.
    Withdraw,
}

/// What is registered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Application {
    /// Name of the appliance.
    pub name: Name,
    /// Identifier of the resource location; without one the customer's default one is meant, or the
    /// one that the administrator chooses in the console.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// Certificate request (RFC 2986) with the appliance's public key, signed by it; DER in base64.
    pub certificate_request: String,
    /// What the administrator sees in the console before deciding.
    pub about: About,
}

/// What the cloud says to an appliance that is not registered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum FromCloud {
    /// The code to show.
    Code {
        /// Eight characters, see [`code`](crate::code).
        code: String,
        /// How long it is good for, in seconds. No moment: the appliance's clock may be wrong.
        expires_in: i64,
        /// What [`FromAppliance::Resume`] needs; secret.
        ticket: String,
    },
    /// An administrator has typed the code and looks at the details.
    AreYouThere,
    /// The cloud's proof, before the appliance gives its own.
    Challenge {
        /// 32 random octets in base64.
        nonce: String,
        /// 32 octets in base64.
        proof: String,
    },
    /// Done.
    Registered(Registered),
    /// It is not registered.
    Refused {
        /// Why.
        reason: Refusal,
    },
}

/// What a registered appliance keeps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Registered {
    /// Identifier of the appliance in the cloud.
    pub connector: String,
    /// Identifier of the customer.
    pub customer: String,
    /// The customer's name.
    pub customer_name: String,
    /// Identifier of the resource location.
    pub location: String,
    /// Its name.
    pub location_name: String,
    /// Certificate, see [`Certified`].
    pub certified: Certified,
}

/// A client certificate, and whom to believe from now on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Certified {
    /// The certificate, DER in base64.
    pub certificate: String,
    /// Public keys of the authorities that may vouch for the cloud: SHA-256 of the subject public key
    /// information in base64, the present one and possibly the next one.
    pub authorities: Vec<String>,
}

/// Why an appliance is not registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Refusal {
    /// The code, or the ticket, ran out; ask for a new code.
    Expired,
    /// The administrator refused it.
    Rejected,
    /// Another appliance of the resource location has the name.
    NameTaken,
    /// The customer has no such resource location.
    UnknownLocation,
    /// There is no such secure client, it was revoked, may not do this, or the secret is wrong. One
    /// reason for all, so that nobody can try out which clients there are.
    ClientRefused,
    /// Too many at once from this source; try again in a minute.
    TooMany,
    /// The request makes no sense to this version of the cloud.
    Malformed,
    /// The cloud itself cannot at the moment.
    Unavailable,
}
