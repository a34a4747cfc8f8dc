//! The certificate that the cloud has issued: whether it fits, and when it is renewed.

use base64ct::{Base64, Encoding};
use protocol::registration::Certified;
use rustls::pki_types::CertificateDer;
use tunnel::Pin;
use x509_cert::Certificate;
use x509_cert::der::Decode;

use crate::key::ApplianceKey;

/// Most authorities that are believed at once: the present one and the next one, and room.
const MAX_AUTHORITIES: usize = 8;

/// From when to when a certificate is valid, in seconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Validity {
    pub(crate) begin: i64,
    pub(crate) end: i64,
}

impl Validity {
    /// When the certificate is renewed: at two thirds of its life, whatever length the cloud chose.
    pub(crate) fn renewal_at(self) -> i64 {
        self.begin.saturating_add(self.end.saturating_sub(self.begin) / 3 * 2)
    }
}

/// A certificate of this appliance, and whom it believes to be the cloud.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Issued {
    pub(crate) certificate: CertificateDer<'static>,
    pub(crate) authorities: Vec<Pin>,
    pub(crate) validity: Validity,
}

impl Issued {
    /// Reads what the cloud has issued.
    ///
    /// # Errors
    ///
    /// What is wrong with it: no certificate, that of another key, or no authority.
    pub(crate) fn read(certified: &Certified, key: &ApplianceKey) -> Result<Self, &'static str> {
        let der = Base64::decode_vec(&certified.certificate).map_err(|_| "it is not base64")?;
        let validity = validity(&der).ok_or("it is no certificate")?;
        if Pin::of_certificate(&der) != Some(key.pin()) {
            return Err("it is for another key");
        }
        let pins = certified.authorities.iter().map(|it| Pin::from_base64(it));
        let authorities: Vec<_> =
            pins.collect::<Option<_>>().ok_or("an authority cannot be read")?;
        if authorities.is_empty() || authorities.len() > MAX_AUTHORITIES {
            return Err("it names no authorities, or too many");
        }
        Ok(Self { certificate: CertificateDer::from(der), authorities, validity })
    }
}

fn validity(der: &[u8]) -> Option<Validity> {
    let certificate = Certificate::from_der(der).ok()?;
    let validity = certificate.tbs_certificate().validity();
    let seconds = |time: x509_cert::time::Time| {
        i64::try_from(time.to_unix_duration().as_secs()).unwrap_or(i64::MAX)
    };
    let validity =
        Validity { begin: seconds(validity.not_before), end: seconds(validity.not_after) };
    (validity.begin < validity.end).then_some(validity)
}

#[cfg(test)]
pub(crate) mod tests {
    use rcgen::{CertificateParams, KeyPair};

    use super::*;

    /// A certificate for a key, as some authority could have made it.
    pub(crate) fn certified(key: &ApplianceKey) -> Certified {
        let pair = rustls::pki_types::PrivatePkcs8KeyDer::from(key.private().secret_der().to_vec());
        let pair = KeyPair::from_pkcs8_der_and_sign_algo(&pair, &rcgen::PKCS_ECDSA_P256_SHA256);
        let mut parameters = CertificateParams::default();
        parameters.not_before = rcgen::date_time_ymd(2026, 1, 1);
        parameters.not_after = rcgen::date_time_ymd(2026, 1, 31);
        let certificate = parameters.self_signed(&pair.unwrap()).unwrap();
        Certified {
            certificate: Base64::encode_string(certificate.der()),
            authorities: vec![Pin([7; 32]).to_base64()],
        }
    }

    #[test]
    fn a_certificate_is_renewed_at_two_thirds_of_its_life() {
        let key = ApplianceKey::generate().unwrap();
        let issued = Issued::read(&certified(&key), &key).unwrap();
        let life = issued.validity.end - issued.validity.begin;
        assert_eq!(life, protocol::CERTIFICATE_SECONDS);
        assert_eq!(issued.validity.renewal_at() - issued.validity.begin, protocol::RENEWAL_SECONDS);
    }

    #[test]
    fn what_does_not_fit_is_refused_with_the_reason() {
        let (key, other) = (ApplianceKey::generate().unwrap(), ApplianceKey::generate().unwrap());
        let good = certified(&key);
        assert_eq!(Issued::read(&good, &other).unwrap_err(), "it is for another key");
        for (certificate, authorities) in [
            ("ä".to_owned(), good.authorities.clone()),
            ("AAAA".to_owned(), good.authorities.clone()),
            (good.certificate.clone(), Vec::new()),
            (good.certificate.clone(), vec!["AAAA".to_owned()]),
            (good.certificate.clone(), vec![good.authorities[0].clone(); 9]),
        ] {
            Issued::read(&Certified { certificate, authorities }, &key).unwrap_err();
        }
    }
}
