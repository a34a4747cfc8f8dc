//! The certificate of the HTTPS port.

use std::error::Error as _;
use std::fs;
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose,
};
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime};
use x509_cert::der::Decode as _;

use crate::arguments::ServeOptions;
use crate::directory::Directory;
use crate::error::CloudError;
use crate::serve::now;

pub(crate) const ROOT: &str = "root-ca.pem";
pub(crate) const CHAIN: &str = "https.pem";
pub(crate) const KEY: &str = "https.key";
/// Life of a certificate that is made here: two years, as long as browsers take (825 days at most).
const LIFE: Duration = Duration::days(730);
/// How far back it begins, because clocks differ.
const TOLERANCE: Duration = Duration::hours(1);

/// The certificate that new connections are shown. Clones are the same one.
#[derive(Clone, Debug)]
pub(crate) struct Certificate(Arc<RwLock<Arc<CertifiedKey>>>);

impl ResolvesServerCert for Certificate {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner)))
    }
}

impl Certificate {
    /// The given certificate, or one that is made for the host's name. Its root is in the directory, for
    /// the appliances and browsers that are to trust it.
    pub(crate) fn load(options: &ServeOptions, directory: &Directory) -> Result<Self, CloudError> {
        let loaded = Loaded::read(options, directory)?;
        loaded.tell();
        Ok(Self(Arc::new(RwLock::new(loaded.key))))
    }

    /// Reads the files again. Connections that are open stay as they are; files that cannot be used
    /// change nothing.
    pub(crate) fn reload(&self, options: &ServeOptions, directory: &Directory) {
        let read = Loaded::read(options, directory).and_then(Loaded::unexpired);
        match read {
            Ok(loaded) => {
                loaded.tell();
                *self.0.write().unwrap_or_else(PoisonError::into_inner) = loaded.key;
            }
            Err(error) => {
                let mut text = error.to_string();
                if let Some(cause) = error.source() {
                    text = format!("{text}: {cause}");
                }
                tracing::error!(error = text, "the certificate of the HTTPS port stays the same");
            }
        }
    }
}

/// A certificate with its key.
struct Loaded {
    key: Arc<CertifiedKey>,
    /// When it ends, in seconds since 1970.
    ends: i64,
}

impl Loaded {
    fn read(options: &ServeOptions, directory: &Directory) -> Result<Self, CloudError> {
        let (chain, key) = match &options.certificate {
            Some((chain, key)) => (read(chain)?, read(key)?),
            None => made(&options.host, directory)?,
        };
        let unusable = |error: &dyn std::fmt::Display| CloudError::Certificate(error.to_string());
        let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(chain.as_bytes()).collect();
        let chain = chain.map_err(|error| unusable(&error))?;
        let first = chain.first().ok_or_else(|| unusable(&"there is no certificate in PEM"))?;
        let parsed = x509_cert::Certificate::from_der(first).map_err(|error| unusable(&error))?;
        let end = parsed.tbs_certificate().validity().not_after.to_unix_duration().as_secs();
        let key = PrivateKeyDer::from_pem_slice(key.as_bytes())
            .map_err(|error| unusable(&format_args!("there is no private key in PEM: {error}")))?;
        let key = CertifiedKey::from_der(chain, key, &aws_lc_rs::default_provider())
            .map_err(|error| unusable(&error))?;
        Ok(Self { key: Arc::new(key), ends: i64::try_from(end).unwrap_or(i64::MAX) })
    }

    fn unexpired(self) -> Result<Self, CloudError> {
        if self.ends > now() {
            return Ok(self);
        }
        Err(CloudError::Certificate(format!("the certificate expired at {}", self.end())))
    }

    fn tell(&self) {
        let ends = self.end();
        if self.ends > now() {
            tracing::info!(ends, "the certificate of the HTTPS port is in use");
        } else {
            tracing::warn!(ends, "the certificate of the HTTPS port has expired; replace it");
        }
    }

    fn end(&self) -> String {
        let end = OffsetDateTime::from_unix_timestamp(self.ends).ok();
        end.and_then(|end| end.format(&Rfc3339).ok()).unwrap_or_default()
    }
}

fn read(path: &Path) -> Result<String, CloudError> {
    fs::read_to_string(path)
        .map_err(|source| CloudError::Io { what: format!("read {}", path.display()), source })
}

fn made(host: &str, directory: &Directory) -> Result<(String, String), CloudError> {
    if directory.read(CHAIN)?.is_none() {
        let made = Made::new(host).map_err(|error| CloudError::Certificate(error.to_string()))?;
        // The chain is last: without it, all are made anew.
        directory.write(ROOT, &made.root)?;
        directory.write(KEY, &made.key)?;
        directory.write(CHAIN, &made.chain)?;
    }
    let read = |name: &str| {
        let text = directory.read(name)?;
        let what = || CloudError::Certificate(format!("{name} is missing"));
        text.map(|text| text.expose().to_owned()).ok_or_else(what)
    };
    Ok((read(CHAIN)?, read(KEY)?))
}

/// A root, and a certificate that it made. The root's key is forgotten.
struct Made {
    root: String,
    chain: String,
    key: String,
}

impl Made {
    fn new(host: &str) -> Result<Self, rcgen::Error> {
        let mut root = parameters(&format!("Root of {host}"), Vec::new())?;
        root.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        root.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let root = CertifiedIssuer::self_signed(root, KeyPair::generate()?)?;
        let mut parameters = parameters(host, vec![host.to_owned()])?;
        parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let key = KeyPair::generate()?;
        let certificate = parameters.signed_by(&key, &root)?;
        Ok(Self { root: root.pem(), chain: certificate.pem(), key: key.serialize_pem() })
    }
}

fn parameters(name: &str, hosts: Vec<String>) -> Result<CertificateParams, rcgen::Error> {
    let mut parameters = CertificateParams::new(hosts)?;
    parameters.distinguished_name = DistinguishedName::new();
    parameters.distinguished_name.push(DnType::CommonName, name);
    let now = OffsetDateTime::now_utc();
    (parameters.not_before, parameters.not_after) = (now - TOLERANCE, now + LIFE);
    Ok(parameters)
}
