//! Whether a server's certificate holds, and if not, which cause that is.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use model::outbound::{CertificateTrouble, FailureCause, TrustAnchor};
use model::product::RELEASED;
use rustls::client::{verify_server_cert_signed_by_trust_anchor, verify_server_name};
use rustls::crypto::CryptoProvider;
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, RootCertStore};

use crate::clock::Clock;
use crate::error::OutboundError;
use crate::roots::{AddedRoot, Facts, PublicRoots, names_of};

/// How long after the release a clock can be right, in seconds: ten years. No release is in use for
/// so long.
const LONGEST_USE: i64 = 10 * 31_557_600;

/// What the appliance trusts, and the clock that it checks by.
#[derive(Clone)]
pub(crate) struct Trust {
    pub(crate) provider: Arc<CryptoProvider>,
    added: Arc<[AddedRoot]>,
    clock: Arc<dyn Clock>,
}

/// A chain as the server presents it.
pub(crate) struct Presented<'a> {
    pub(crate) leaf: &'a CertificateDer<'a>,
    pub(crate) others: &'a [CertificateDer<'a>],
    pub(crate) name: &'a ServerName<'a>,
    /// Whether the server is in a private range.
    pub(crate) is_private: bool,
}

impl Trust {
    pub(crate) fn new(roots: &[String], clock: Arc<dyn Clock>) -> Result<Self, OutboundError> {
        let read = |(index, pem): (usize, &String)| {
            AddedRoot::read(pem).ok_or(OutboundError::Root { number: index + 1 })
        };
        let added = roots.iter().enumerate().map(read).collect::<Result<_, _>>()?;
        Ok(Self { provider: Arc::new(default_provider()), added, clock })
    }

    /// The same with another clock.
    pub(crate) fn with_clock(self, clock: Arc<dyn Clock>) -> Self {
        Self { clock, ..self }
    }

    /// Judges a chain: where it ends, or why it does not hold.
    pub(crate) fn judge(&self, presented: &Presented<'_>) -> Result<TrustAnchor, FailureCause> {
        let Some(facts) = Facts::read(presented.leaf) else {
            return Err(untrusted(
                CertificateTrouble::Malformed,
                &Facts::unreadable(presented.leaf),
            ));
        };
        let Ok(leaf) = ParsedCertificate::try_from(presented.leaf) else {
            return Err(untrusted(CertificateTrouble::Malformed, &facts));
        };
        let now = self.clock.now();
        let chain = Chain { leaf: &leaf, facts: &facts, presented };
        let error = match (self.anchor(&chain, now.max(RELEASED)), chain.check_name()) {
            (Ok(anchor), Ok(())) => return Ok(anchor),
            (Err(_), _) if facts.is_self_issued => {
                return Err(untrusted(CertificateTrouble::SelfSigned, &facts));
            }
            (_, Err(trouble)) => return Err(untrusted(trouble, &facts)),
            (Err(error), Ok(())) => error,
        };
        // The clock is what is wrong when the chain holds at its own time. Authorities are older
        // than what they issue, so that the youngest certificate tells when that is.
        let others = presented.others.iter().filter_map(|der| Facts::read(der));
        let not_before = others.map(|other| other.not_before).fold(facts.not_before, i64::max);
        let at_its_time = self.anchor(&chain, not_before).err();
        let not_after = facts.not_after;
        let wrong = || FailureCause::ClockWrong { now, not_before, not_after };
        match (error, at_its_time) {
            (CertificateError::NotValidYetContext { .. }, None) => Err(wrong()),
            (CertificateError::NotValidYetContext { .. }, Some(error)) => {
                Err(self.explain(&error, &chain))
            }
            (CertificateError::ExpiredContext { not_after, .. }, None)
                if seconds(not_after) >= RELEASED && now > RELEASED + LONGEST_USE =>
            {
                Err(wrong())
            }
            (error, _) => Err(self.explain(&error, &chain)),
        }
    }

    /// The anchor of a chain at a time, whatever its name is.
    fn anchor(&self, chain: &Chain<'_>, time: i64) -> Result<TrustAnchor, CertificateError> {
        let Err(mut error) = self.verify(chain, &PublicRoots::get().store, time) else {
            return Ok(TrustAnchor::Public);
        };
        for root in self.added.iter().filter(|root| root.facts.is_valid_at(time)) {
            match self.verify(chain, &root.store, time) {
                Ok(()) => {
                    let subject = root.facts.subject.clone();
                    let fingerprint = root.facts.fingerprint.clone();
                    return Ok(TrustAnchor::Added { subject, fingerprint });
                }
                Err(other) if error == CertificateError::UnknownIssuer => error = other,
                Err(_) => {}
            }
        }
        Err(error)
    }

    /// Checks the signatures, dates and purposes of a chain; the dates of the roots do not count.
    fn verify(
        &self,
        chain: &Chain<'_>,
        roots: &RootCertStore,
        time: i64,
    ) -> Result<(), CertificateError> {
        let time = Duration::from_secs(u64::try_from(time).unwrap_or_default());
        let verdict = verify_server_cert_signed_by_trust_anchor(
            chain.leaf,
            roots,
            chain.presented.others,
            UnixTime::since_unix_epoch(time),
            self.provider.signature_verification_algorithms.all,
        );
        verdict.map_err(|error| match error {
            rustls::Error::InvalidCertificate(error) => error,
            _ => CertificateError::BadEncoding,
        })
    }

    /// The cause for what is wrong with a chain.
    fn explain(&self, error: &CertificateError, chain: &Chain<'_>) -> FailureCause {
        let trouble = match error {
            CertificateError::UnknownIssuer => return self.unknown(chain),
            CertificateError::ExpiredContext { not_after, .. } => {
                CertificateTrouble::Expired { not_after: seconds(*not_after) }
            }
            CertificateError::BadSignature
            | CertificateError::UnsupportedSignatureAlgorithmContext { .. }
            | CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => {
                CertificateTrouble::Signature
            }
            CertificateError::BadEncoding => CertificateTrouble::Malformed,
            _ => CertificateTrouble::Usage,
        };
        untrusted(trouble, chain.facts)
    }

    /// The cause for a chain whose authority is not known.
    fn unknown(&self, chain: &Chain<'_>) -> FailureCause {
        let time = self.clock.now().max(RELEASED);
        let expired = self.added.iter().find(|root| {
            root.facts.not_after < time && self.verify(chain, &root.store, time).is_ok()
        });
        if let Some(root) = expired {
            let not_after = root.facts.not_after;
            return untrusted(CertificateTrouble::Expired { not_after }, chain.facts);
        }
        if chain.presented.is_private {
            return untrusted(CertificateTrouble::UnknownAuthority, chain.facts);
        }
        let (top, is_authority) = chain.top();
        let public = PublicRoots::get();
        let organisation = top.issuer_organisation.as_deref();
        if organisation.is_some_and(|organisation| public.knows_organisation(organisation)) {
            return untrusted(CertificateTrouble::IncompleteChain, chain.facts);
        }
        let Facts { issuer, fingerprint, .. } = top;
        FailureCause::TlsIntercepted { issuer, fingerprint, is_authority }
    }
}

impl fmt::Debug for Trust {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Trust").field("added", &self.added).finish_non_exhaustive()
    }
}

/// A chain that can be read.
struct Chain<'a> {
    leaf: &'a ParsedCertificate<'a>,
    facts: &'a Facts,
    presented: &'a Presented<'a>,
}

impl Chain<'_> {
    fn check_name(&self) -> Result<(), CertificateTrouble> {
        let name = self.presented.name;
        if verify_server_name(self.leaf, name).is_ok() {
            return Ok(());
        }
        let names = names_of(self.presented.leaf);
        Err(CertificateTrouble::WrongName { name: name.to_str().into_owned(), names })
    }

    /// The highest certificate that leads up from the server's, and whether it is an authority's.
    fn top(&self) -> (Facts, bool) {
        let mut others: Vec<Facts> =
            self.presented.others.iter().filter_map(|der| Facts::read(der)).collect();
        let (mut top, mut is_authority) = (self.facts.clone(), false);
        while let Some(index) = others.iter().position(|other| other.subject == top.issuer) {
            (top, is_authority) = (others.swap_remove(index), true);
        }
        (top, is_authority)
    }
}

fn untrusted(reason: CertificateTrouble, facts: &Facts) -> FailureCause {
    FailureCause::TlsUntrusted {
        reason,
        subject: facts.subject.clone(),
        issuer: facts.issuer.clone(),
        fingerprint: facts.fingerprint.clone(),
    }
}

fn seconds(time: UnixTime) -> i64 {
    i64::try_from(time.as_secs()).unwrap_or(i64::MAX)
}
