//! The key pair that the cloud knows the appliance by. It is born here, and its private half never
//! leaves the appliance.

use std::fmt;

use base64ct::{Base64, Encoding};
use model::secret::Secret;
use rcgen::{
    CertificateParams, DistinguishedName, DnType, KeyPair, PKCS_ECDSA_P256_SHA256, PublicKeyData,
};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tunnel::Pin;

/// Subject of the certificate request. The cloud names the appliance; this is only never empty.
const SUBJECT: &str = "Connector Appliance";

/// A key pair, ECDSA on P-256. `Debug` does not show it.
pub(crate) struct ApplianceKey(KeyPair);

impl ApplianceKey {
    /// Makes one.
    ///
    /// # Errors
    ///
    /// The library makes none.
    pub(crate) fn generate() -> Result<Self, rcgen::Error> {
        KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map(Self)
    }

    /// Reads what [`Self::to_secret`] gives; `None` if it is something else.
    pub(crate) fn read(stored: &Secret) -> Option<Self> {
        let der = PrivatePkcs8KeyDer::from(Base64::decode_vec(stored.expose()).ok()?);
        KeyPair::from_pkcs8_der_and_sign_algo(&der, &PKCS_ECDSA_P256_SHA256).ok().map(Self)
    }

    /// As it is stored: PKCS#8 in base64.
    pub(crate) fn to_secret(&self) -> Secret {
        Secret::new(Base64::encode_string(self.0.serialized_der()))
    }

    /// SHA-256 of the public key.
    pub(crate) fn pin(&self) -> Pin {
        Pin::of_key(&self.0.subject_public_key_info())
    }

    /// A certificate request, signed with the key; DER in base64.
    ///
    /// # Errors
    ///
    /// The library makes none.
    pub(crate) fn certificate_request(&self) -> Result<String, rcgen::Error> {
        let mut parameters = CertificateParams::default();
        parameters.distinguished_name = DistinguishedName::new();
        parameters.distinguished_name.push(DnType::CommonName, SUBJECT);
        let request = parameters.serialize_request(&self.0)?;
        Ok(Base64::encode_string(request.der()))
    }

    /// The private key for TLS.
    pub(crate) fn private(&self) -> PrivateKeyDer<'static> {
        PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(self.0.serialize_der()))
    }
}

impl fmt::Debug for ApplianceKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ApplianceKey(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stored_key_is_the_same_key() {
        let key = ApplianceKey::generate().unwrap();
        let read = ApplianceKey::read(&key.to_secret()).unwrap();
        assert_eq!(read.pin(), key.pin());
        assert_ne!(ApplianceKey::generate().unwrap().pin(), key.pin());
        assert!(!format!("{key:?}").contains(key.to_secret().expose()));
        for text in ["", "ä", "AAAA"] {
            assert!(ApplianceKey::read(&Secret::new(text.to_owned())).is_none(), "{text}");
        }
    }
}
