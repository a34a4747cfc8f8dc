//! The control stream of a registered appliance: the first stream, opened by the appliance.
//!
//! ```text
//! appliance                     cloud
//!   hello(instance, about) ->
//!                          <-  welcome(clock) | refused(reason)
//!   load(…)                ->                           every few seconds while it changes
//!   ask                    ->   <-  here                either way, when the other is silent
//!   renew(request)         ->   <-  certified(…)        at two thirds of the certificate's life
//!                          <-  drain(within)            the gateway stops: dial another one first
//! ```

use serde::{Deserialize, Serialize};

use crate::registration::Certified;

/// Lowest and highest version of these messages that this build speaks.
pub const VERSION: u32 = 1;

/// What an appliance tells about itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct About {
    /// Version of its software.
    pub version: String,
    /// Its host name.
    #[serde(default)]
    pub host_name: String,
    /// Its addresses.
    #[serde(default)]
    pub addresses: Vec<String>,
    /// Domains that it has joined.
    #[serde(default)]
    pub domains: Vec<JoinedDomain>,
}

/// A domain that an appliance has joined.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct JoinedDomain {
    /// DNS name of the domain.
    pub name: String,
    /// DNS name of its forest.
    pub forest: String,
    /// Whether requests to it work.
    pub is_healthy: bool,
}

/// What a registered appliance says on the control stream.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum FromAppliance {
    /// The first message.
    Hello {
        /// [`VERSION`].
        version: u32,
        /// Random text of this start of the appliance, the same on all its connections. Another
        /// machine with the same key has another one.
        instance: String,
        /// What it tells about itself.
        about: About,
        /// Requests that it takes at once.
        capacity: u32,
    },
    /// Something about it changed.
    About(About),
    /// How busy it is.
    Load(Load),
    /// Asks whether the cloud is there.
    Ask,
    /// Answers [`FromCloud::Ask`].
    Here,
    /// Asks for a new certificate.
    Renew {
        /// Certificate request with the same key or a new one, DER in base64.
        certificate_request: String,
    },
    /// The administrator of the appliance wants it to be forgotten.
    Unregister,
}

/// How busy an appliance is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Load {
    /// Share of the processors in use, in percent.
    pub processor_percent: u8,
    /// Share of the memory in use, in percent.
    pub memory_percent: u8,
    /// Requests that it works on.
    pub requests: u32,
}

/// What the cloud says on the control stream.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum FromCloud {
    /// Answers a hello that is accepted.
    Welcome {
        /// The cloud's clock, in seconds since 1970.
        clock: i64,
        /// Name of the gateway, for logs.
        gateway: String,
        /// Whether only a renewal is accepted, because the certificate ran out.
        renewal_only: bool,
    },
    /// Answers a hello that is not accepted; the connection ends.
    Refused {
        /// Why.
        reason: Refusal,
        /// Seconds after which another attempt makes sense.
        retry_after: u32,
    },
    /// Asks whether the appliance is there.
    Ask,
    /// Answers [`FromAppliance::Ask`].
    Here,
    /// A new certificate; the old one stays good until it ends.
    Certified(Certified),
    /// The renewal is refused; the old certificate stays good until it ends.
    NotCertified,
    /// The gateway stops soon: dial another one within so many seconds, then close this one.
    Drain {
        /// Seconds.
        within: u32,
    },
    /// Another machine with the key of this appliance wanted to connect and was refused.
    CloneRefused {
        /// What that machine told about itself.
        about: About,
    },
    /// The appliance has been removed from the cloud.
    Unregistered,
}

/// Why the cloud does not accept a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Refusal {
    /// Another machine with the same key is connected: one of both is a copy.
    Clone,
    /// The appliance was removed or its certificate revoked.
    Unregistered,
    /// The cloud does not speak this version any more; update the appliance.
    VersionTooOld,
    /// The cloud does not speak this version yet.
    VersionTooNew,
    /// Too many connections at the moment.
    Busy,
}
