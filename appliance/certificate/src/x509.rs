//! One certificate (RFC 5280).

use std::net::{Ipv4Addr, Ipv6Addr};

use der::asn1::{AnyRef, BitStringRef, ObjectIdentifier};
use der::{Decode, Encode, Reader, SliceReader};
use model::fingerprint::Fingerprint;
use rustls::crypto::aws_lc_rs::default_provider;
use x509_cert::certificate::{CertificateInner, Raw, Version};
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::ext::pkix::{BasicConstraints, ExtendedKeyUsage, KeyUsage, SubjectAltName};
use x509_cert::name::Name;

use crate::key::P521;
use crate::public_key::{self, KeyKind};

/// Purpose "TLS server" (RFC 5280, section 4.2.1.12).
const SERVER_AUTH: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.1");
/// Any purpose.
const ANY_PURPOSE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.37.0");
/// Signature algorithms with digests for which collisions can be made.
const WEAK_SIGNATURES: [(&str, &str); 6] = [
    ("1.2.840.113549.1.1.2", "MD2"),
    ("1.2.840.113549.1.1.3", "MD4"),
    ("1.2.840.113549.1.1.4", "MD5"),
    ("1.2.840.113549.1.1.5", "SHA-1"),
    ("1.3.14.3.2.29", "SHA-1"),
    ("1.2.840.10045.4.1", "SHA-1"),
];

/// What is shown of a certificate beside fingerprints, names and validity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Description {
    /// Whom it is for (RFC 4514).
    pub subject: String,
    /// Who has issued it (RFC 4514).
    pub issuer: String,
    /// Whether it is its own issuer.
    pub is_self_signed: bool,
    /// The organisation of the subject.
    pub organization: Option<String>,
    /// The curve of its key, when some browsers do not know it.
    pub rare_curve: Option<&'static str>,
}

/// A certificate taken apart.
pub(crate) struct Certificate {
    /// All of it, DER.
    pub(crate) der: Vec<u8>,
    /// Names and addresses that it is valid for.
    pub(crate) names: Vec<String>,
    /// In seconds since 1970.
    pub(crate) not_before: i64,
    /// In seconds since 1970.
    pub(crate) not_after: i64,
    /// The bits of the public key.
    pub(crate) public_key: Vec<u8>,
    parsed: CertificateInner<Raw>,
    signed: Vec<u8>,
}

impl Certificate {
    /// Reads DER; `None` when it is damaged.
    pub(crate) fn read(der: &[u8]) -> Option<Self> {
        let parsed = CertificateInner::<Raw>::from_der(der).ok()?;
        let body = parsed.tbs_certificate();
        let names = match body.get_extension::<SubjectAltName>() {
            Ok(extension) => extension.map(|(_, names)| shown(&names)).unwrap_or_default(),
            Err(_) => return None,
        };
        // The others are read here once, so that later a damaged one is not taken for a missing one.
        body.get_extension::<BasicConstraints>().ok()?;
        body.get_extension::<KeyUsage>().ok()?;
        body.get_extension::<ExtendedKeyUsage>().ok()?;
        let seconds =
            |time: x509_cert::time::Time| i64::try_from(time.to_unix_duration().as_secs());
        Some(Self {
            der: der.to_vec(),
            names,
            not_before: seconds(body.validity().not_before).ok()?,
            not_after: seconds(body.validity().not_after).ok()?,
            public_key: body.subject_public_key_info().subject_public_key.raw_bytes().to_vec(),
            signed: signed_part(der)?.to_vec(),
            parsed,
        })
    }

    /// Whom it is for.
    pub(crate) fn subject(&self) -> String {
        named(self.parsed.tbs_certificate().subject())
    }

    /// What is shown of it.
    pub(crate) fn describe(&self) -> Description {
        let body = self.parsed.tbs_certificate();
        let organization = body.subject().organization().ok().flatten();
        let curve = body.subject_public_key_info().algorithm.parameters.as_ref();
        let is_p521 = curve.is_some_and(|curve| curve.decode_as() == Ok(P521));
        Description {
            subject: self.subject(),
            issuer: self.issuer(),
            is_self_signed: self.is_self_issued() && self.is_signed_by(self),
            organization: organization.map(|name| name.value().into_owned()),
            rare_curve: is_p521.then_some("P-521"),
        }
    }

    /// Whether it names itself as issuer.
    pub(crate) fn is_self_issued(&self) -> bool {
        self.names_as_issuer(self)
    }

    /// Whether it names the other one as issuer.
    pub(crate) fn names_as_issuer(&self, other: &Self) -> bool {
        self.parsed.tbs_certificate().issuer() == other.parsed.tbs_certificate().subject()
    }

    /// Whether its signature is the other one's.
    pub(crate) fn is_signed_by(&self, issuer: &Self) -> bool {
        self.verify(issuer) == Some(true)
    }

    /// Whether its signature is the other one's; `None` when nothing here can check signatures of
    /// that kind.
    pub(crate) fn verify(&self, issuer: &Self) -> Option<bool> {
        let key = issuer.parsed.tbs_certificate().subject_public_key_info();
        let signature = self.parsed.signature();
        let (Ok(key_algorithm), Ok(algorithm)) =
            (key.algorithm.to_der(), self.parsed.signature_algorithm().to_der())
        else {
            return None;
        };
        let provider = default_provider();
        let matching = provider.signature_verification_algorithms.all.iter().filter(|it| {
            Some(it.public_key_alg_id().as_ref()) == content(&key_algorithm)
                && Some(it.signature_alg_id().as_ref()) == content(&algorithm)
        });
        let outcomes = matching.map(|it| {
            it.verify_signature(&issuer.public_key, &self.signed, signature.raw_bytes()).is_ok()
        });
        outcomes.max()
    }

    /// The kind of its key.
    pub(crate) fn key_kind(&self) -> KeyKind {
        KeyKind::of(self.parsed.tbs_certificate().subject_public_key_info())
    }

    /// The algorithm of its signature, for people.
    pub(crate) fn signature_algorithm(&self) -> String {
        public_key::signature_name(&self.parsed.signature_algorithm().oid)
    }

    /// Its serial number, upper-case hexadecimal bytes with colons.
    pub(crate) fn serial(&self) -> String {
        Fingerprint::new(self.parsed.tbs_certificate().serial_number().as_bytes()).to_string()
    }

    /// Whom it names as issuer.
    pub(crate) fn issuer(&self) -> String {
        named(self.parsed.tbs_certificate().issuer())
    }

    /// The digest of its signature, when collisions can be made for it.
    pub(crate) fn weak_signature(&self) -> Option<&'static str> {
        let oid = self.parsed.signature_algorithm().oid.to_string();
        WEAK_SIGNATURES.iter().find(|(weak, _)| *weak == oid).map(|(_, name)| *name)
    }

    /// Whether it is the certificate of an authority, which may sign others.
    pub(crate) fn is_authority(&self) -> bool {
        self.claims_authority() && self.may_sign_certificates()
    }

    /// Whether its basic constraints say that it is one of an authority.
    pub(crate) fn claims_authority(&self) -> bool {
        let constraints = self.parsed.tbs_certificate().get_extension::<BasicConstraints>();
        constraints.ok().flatten().is_some_and(|(_, constraints)| constraints.ca)
    }

    /// Whether its key usage, if there is any, lets it sign certificates.
    pub(crate) fn may_sign_certificates(&self) -> bool {
        match self.parsed.tbs_certificate().get_extension::<KeyUsage>() {
            Ok(Some((_, usage))) => usage.key_cert_sign(),
            _ => true,
        }
    }

    /// Whether TLS servers may use it.
    pub(crate) fn is_for_servers(&self) -> bool {
        match self.parsed.tbs_certificate().get_extension::<ExtendedKeyUsage>() {
            Ok(Some((_, ExtendedKeyUsage(purposes)))) => {
                purposes.contains(&SERVER_AUTH) || purposes.contains(&ANY_PURPOSE)
            }
            _ => true,
        }
    }

    /// Whether its key may sign, as each handshake with forward secrecy does (RFC 8446, 4.4.2.2).
    pub(crate) fn key_may_sign(&self) -> bool {
        match self.parsed.tbs_certificate().get_extension::<KeyUsage>() {
            Ok(Some((_, usage))) => usage.digital_signature(),
            _ => true,
        }
    }

    /// Whether it is of version 3, which all of today's rules are for.
    pub(crate) fn is_version_3(&self) -> bool {
        self.parsed.tbs_certificate().version() == Version::V3
    }
}

/// The bits of a public key (RFC 5280, section 4.1).
pub(crate) fn public_key_bits(spki: &[u8]) -> Option<Vec<u8>> {
    let mut reader = SliceReader::new(content(spki)?).ok()?;
    reader.tlv_bytes().ok()?;
    let bits = BitStringRef::decode(&mut reader).ok()?;
    Some(bits.raw_bytes().to_vec())
}

/// The part of a certificate that is signed, with its tag and length.
fn signed_part(der: &[u8]) -> Option<&[u8]> {
    SliceReader::new(content(der)?).ok()?.tlv_bytes().ok()
}

/// What stands between tag and end.
fn content(der: &[u8]) -> Option<&[u8]> {
    AnyRef::from_der(der).ok().map(|any| any.value())
}

/// A name as it is shown.
pub(crate) fn named(name: &Name) -> String {
    if name.is_empty() { "(no name)".to_owned() } else { name.to_string() }
}

fn shown(names: &SubjectAltName) -> Vec<String> {
    let shown = names.0.iter().filter_map(|name| match name {
        GeneralName::DnsName(name) => Some(name.to_string()),
        GeneralName::IpAddress(address) => match address.as_bytes().len() {
            4 => Some(Ipv4Addr::from(<[u8; 4]>::try_from(address.as_bytes()).ok()?).to_string()),
            16 => Some(Ipv6Addr::from(<[u8; 16]>::try_from(address.as_bytes()).ok()?).to_string()),
            _ => None,
        },
        _ => None,
    });
    shown.collect()
}
