//! Requests for a certificate (PKCS#10, RFC 2986), and what an authority answers.

use std::net::IpAddr;

use der::Decode;
use model::boot_parameter::is_host_name;
use model::certificate::{CertificateField as Field, CertificateRefusal};
use model::secret::Secret;
use model::signing_request::{
    MAX_REQUEST_NAMES, MAX_SUBJECT_PART_BYTES, RequestField, RequestKey, SigningRequestFacts,
    SigningRequestInput, SigningRequestRefusal as Refusal,
};
use rcgen::string::{Ia5String, PrintableString};
use rcgen::{
    CertificateParams, DistinguishedName, DnType, DnValue, ExtendedKeyUsagePurpose, KeyPair,
    KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384, SanType,
};
use x509_cert::request::CertReq;
use zeroize::Zeroizing;

use crate::{Bundle, assemble, chain, key, pem, x509};

/// A request with its key.
#[derive(Clone, Debug)]
pub struct SigningRequest {
    /// What is shown of it.
    pub facts: SigningRequestFacts,
    /// The request, PEM.
    pub request_pem: String,
    /// The private key, PKCS#8 PEM.
    pub key_pem: Secret,
}

/// Makes a key and a request for a certificate, at a time in seconds since 1970.
///
/// # Errors
///
/// A [`Refusal`] that names the field to correct.
pub fn make_request(input: &SigningRequestInput, now: i64) -> Result<SigningRequest, Refusal> {
    let names = names(&input.names)?;
    let mut parameters = CertificateParams::default();
    parameters.distinguished_name = subject(input, &names)?;
    parameters.subject_alt_names = names.iter().map(Name::alternative).collect::<Result<_, _>>()?;
    parameters.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let kind = match input.key {
        RequestKey::P256 => &PKCS_ECDSA_P256_SHA256,
        RequestKey::P384 => &PKCS_ECDSA_P384_SHA384,
    };
    let key = KeyPair::generate_for(kind).map_err(failed)?;
    let request = parameters.serialize_request(&key).map_err(failed)?;
    // The subject is shown as it will be shown of the certificate.
    let read = CertReq::from_der(request.der()).map_err(failed)?;
    let facts = SigningRequestFacts {
        subject: x509::named(&read.info.subject),
        names: names.iter().map(Name::text).collect(),
        key: input.key,
        created: now,
    };
    let pkcs8 = Zeroizing::new(key.serialize_der());
    let request_pem = pem::write_request(request.der());
    Ok(SigningRequest { facts, request_pem, key_pem: pem::write_key(&pkcs8) })
}

/// Checks the certificate that an authority has made for a request with this key, with or without its
/// chain, at a time in seconds since 1970.
///
/// # Errors
///
/// As [`crate::check`]; [`CertificateRefusal::KeyMismatch`] when it was made for another request.
pub fn check_signed(
    certificate: &Secret,
    key_pem: &Secret,
    now: i64,
) -> Result<Bundle, CertificateRefusal> {
    let certificates = chain::read(&pem::read(certificate, Field::Certificate)?)?;
    let no_passphrase = Secret::new(String::new());
    let key = key::read(&pem::read(key_pem, Field::Key)?, &no_passphrase)?;
    assemble(certificates, &key, now)
}

/// A name that the certificate is to be valid for.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Name {
    Dns(String),
    Address(IpAddr),
}

impl Name {
    /// Reads a host name, `*.` and a host name, or an address.
    fn read(text: &str) -> Option<Self> {
        if let Ok(address) = text.parse() {
            return Some(Self::Address(address));
        }
        let host = text.strip_prefix("*.").unwrap_or(text);
        // Digits and dots alone are an address that was mistyped.
        let has_letter = host.bytes().any(|byte| byte.is_ascii_alphabetic());
        let is_name = has_letter && is_host_name(host);
        is_name.then(|| Self::Dns(text.to_ascii_lowercase()))
    }

    fn text(&self) -> String {
        match self {
            Self::Dns(name) => name.clone(),
            Self::Address(address) => address.to_string(),
        }
    }

    fn alternative(&self) -> Result<SanType, Refusal> {
        Ok(match self {
            Self::Dns(name) => {
                SanType::DnsName(Ia5String::try_from(name.as_str()).map_err(failed)?)
            }
            Self::Address(address) => SanType::IpAddress(*address),
        })
    }
}

/// Reads the names; one that stands there twice is taken once.
fn names(texts: &[String]) -> Result<Vec<Name>, Refusal> {
    let mut names = Vec::new();
    for text in texts.iter().map(|text| text.trim()).filter(|text| !text.is_empty()) {
        let not_a_name = || Refusal::NotAName { name: text.chars().take(80).collect() };
        let name = Name::read(text).ok_or_else(not_a_name)?;
        if names.contains(&name) {
            continue;
        }
        if names.len() == MAX_REQUEST_NAMES {
            return Err(Refusal::TooManyNames { limit: MAX_REQUEST_NAMES });
        }
        names.push(name);
    }
    if names.is_empty() { Err(Refusal::NoNames) } else { Ok(names) }
}

fn subject(input: &SigningRequestInput, names: &[Name]) -> Result<DistinguishedName, Refusal> {
    let mut subject = DistinguishedName::new();
    let country = input.country.trim().to_ascii_uppercase();
    if !country.is_empty() {
        let is_code = country.len() == 2 && country.bytes().all(|byte| byte.is_ascii_uppercase());
        if !is_code {
            return Err(Refusal::Country { country: country.chars().take(80).collect() });
        }
        let country = PrintableString::try_from(country).map_err(failed)?;
        subject.push(DnType::CountryName, DnValue::PrintableString(country));
    }
    // Browsers ignore the common name, and authorities ask for one; a longer one does not fit there.
    let fitting = names.iter().map(Name::text).find(|name| name.len() <= MAX_SUBJECT_PART_BYTES);
    let common_name = match input.common_name.trim() {
        "" => fitting.unwrap_or_default(),
        name => name.to_owned(),
    };
    for (kind, field, text) in [
        (DnType::StateOrProvinceName, RequestField::State, &input.state),
        (DnType::LocalityName, RequestField::Locality, &input.locality),
        (DnType::OrganizationName, RequestField::Organization, &input.organization),
        (
            DnType::OrganizationalUnitName,
            RequestField::OrganizationalUnit,
            &input.organizational_unit,
        ),
        (DnType::CommonName, RequestField::CommonName, &common_name),
    ] {
        let text = text.trim();
        if text.len() > MAX_SUBJECT_PART_BYTES {
            return Err(Refusal::TooLong { field, limit_bytes: MAX_SUBJECT_PART_BYTES });
        }
        if text.contains(char::is_control) {
            return Err(Refusal::ControlCharacter { field });
        }
        if !text.is_empty() {
            subject.push(kind, text);
        }
    }
    Ok(subject)
}

fn failed(error: impl std::fmt::Display) -> Refusal {
    Refusal::Failed { reason: error.to_string() }
}
