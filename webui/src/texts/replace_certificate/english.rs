//! English texts of the page *Certificate of this page*.

use model::certificate::{
    CertificateField as Field, CertificateRefusal as Refusal, CertificateWarning as Warning,
};
use model::settings::RevertReason;

use super::ReplaceCertificateTexts;
use crate::time::{date, date_time};

pub(crate) const TEXTS: ReplaceCertificateTexts = ReplaceCertificateTexts {
    in_use: "In use now",
    issued_to: "Issued to",
    self_signed: |subject| format!("{subject} (self-signed)"),
    valid_from: "Valid from",
    open: "Replace certificate",

    replace_heading: "Replace certificate",
    replace_hint: "For a certificate that your organisation or a public authority has issued for this appliance.",
    certificate: "Certificate",
    certificate_hint: "In PEM form, from -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----, followed by the certificates of its issuers. The order does not matter.",
    key: "Private key",
    key_hint: "In PEM form: RSA of 2048 bits or more, or EC on P-256, P-384 or P-521. It is stored on this appliance and never shown.",
    passphrase: "Passphrase of the private key",
    passphrase_hint: "Only for a key that is encrypted. It is not stored.",
    optional: "(optional)",
    choose_file: "Or take it from a file:",
    what_happens: "What happens when you replace it:",
    trial: "The new certificate is in use at once, and you open this page again. Choose \"Keep this certificate\" within 60 s, or the present one comes back by itself. Nobody is signed out.",
    replace_button: "Replace certificate",

    self_signed_heading: "Make a new self-signed certificate",
    self_signed_hint: "With a new key, for the present address and names, valid for five years. It is on trial for 60 s as well. Browsers warn of a self-signed certificate: compare its fingerprint with the console.",
    self_signed_button: "Make a new self-signed certificate",

    come_back_heading: "The new certificate is in use, on trial",
    come_back: "Open this page again to show that your browser can use it.",
    come_back_compare: "Compare the fingerprint below with the one on the console of the virtual machine. They must be the same.",
    come_back_open: "Open this page again. Your browser may warn of a certificate that it does not know: compare the fingerprint there as well.",
    come_back_keep: "Choose \"Keep this certificate\".",
    come_back_otherwise: "If your browser cannot open the page, do nothing: the previous certificate comes back by itself.",
    open_again: "Open this page again",

    keep_title: "Keep this certificate?",
    keep: "Your browser has reached this page with the new certificate, so it works from here. Unless you keep it, the previous one returns.",
    keep_button: "Keep this certificate",
    revert_button: "Revert now",
    previous: "Fingerprints of the previous certificate",
    reverting: |wait| format!("Reverting in {wait}"),
    reverting_seconds: "Reverting in {} s",
    reverted: |reason, at| match reason {
        RevertReason::NotConfirmed => format!(
            "The new certificate was taken back at {at}, because nobody kept it within 60 s. The certificate from before is in use."
        ),
        RevertReason::Operator => format!(
            "The new certificate was taken back at {at}, as you asked. The certificate from before is in use."
        ),
        RevertReason::Restarted => format!(
            "The new certificate was taken back at {at}, because the appliance restarted before anybody kept it. The certificate from before is in use."
        ),
    },

    not_changed: "Nothing has been changed. Please correct:",
    form_expired: "This form was open for too long. Fill it in again and send it.",
    not_stored: "The appliance could not store the certificate. Check the disk of the virtual machine, restart it and try again.",
    no_trial: "No certificate is on trial any more: it was kept or taken back meanwhile. Look below which one is in use.",
    old_connection: "This was sent over a connection that was opened before the change, so it does not show that your browser can use the new certificate. Open this page again and choose \"Keep this certificate\" there.",
    refusal,
    warning,
};

const fn field(field: Field) -> &'static str {
    match field {
        Field::Certificate => "certificate",
        Field::Key => "private key",
        Field::Passphrase => "passphrase",
    }
}

fn refusal(refusal: &Refusal) -> String {
    match refusal {
        Refusal::Missing(Field::Certificate) => "The certificate is missing. Paste it, from -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----.".to_owned(),
        Refusal::Missing(which) => format!("The {} is missing. Paste it, from its BEGIN line to its END line.", field(*which)),
        Refusal::TooLarge { field: which, limit_bytes } => format!("The {} is longer than {limit_bytes} bytes. Leave out what does not belong to it.", field(*which)),
        Refusal::NotPem(which) => format!("The {} has no BEGIN line, so it is not in PEM form. Convert a binary file first, for example with \"openssl x509\", \"openssl pkey\" or, for a .pfx file, \"openssl pkcs12\".", field(*which)),
        Refusal::Truncated(which) => format!("The {} has a BEGIN line without its END line. Copy the whole of it.", field(*which)),
        Refusal::Damaged { field: which, number } => format!("Block {number} of the {} is damaged: it is not what its BEGIN line says. Copy it again from its source.", field(*which)),
        Refusal::KeyInCertificate => "There is a private key in the field for the certificate. Put it into the field for the key, and only certificates here.".to_owned(),
        Refusal::CertificateInKey => "There is a certificate in the field for the private key. Put only the key here.".to_owned(),
        Refusal::WrongBlock { label, .. } if label.ends_with("CERTIFICATE REQUEST") => "This is a signing request, not yet a certificate. Send it to an authority and paste the certificate that it returns.".to_owned(),
        Refusal::WrongBlock { label, .. } if label == "PKCS7" => "This is a PKCS #7 container. Convert it with \"openssl pkcs7 -print_certs\".".to_owned(),
        Refusal::WrongBlock { label, .. } if label == "TRUSTED CERTIFICATE" => "This certificate is in a form of OpenSSL's own. Convert it with \"openssl x509\".".to_owned(),
        Refusal::WrongBlock { label, .. } if label == "OPENSSH PRIVATE KEY" => "This is a key for SSH. Convert it with \"ssh-keygen -p -m PKCS8\", or use the key that the certificate was requested with.".to_owned(),
        Refusal::WrongBlock { field: which, label } => format!("There is a block \"{label}\" in the {}, which does not belong there. Leave it out.", field(*which)),
        Refusal::TooManyCertificates { limit } => format!("There are more than {limit} certificates. Give the one of this appliance and those of its issuers."),
        Refusal::SeveralKeys => "There are several private keys. Give the one that belongs to the certificate.".to_owned(),
        Refusal::PassphraseMissing => "The private key is encrypted. Type its passphrase.".to_owned(),
        Refusal::WrongPassphrase => "The passphrase does not open the private key. Type it again.".to_owned(),
        Refusal::UnsupportedEncryption { scheme } => format!("The private key is encrypted with {scheme}, which the appliance does not open. Convert it with \"openssl pkcs8 -topk8\", and give the result."),
        Refusal::UnsupportedKey { kind } => format!("The private key is of the kind {kind}, which browsers cannot use for a page. Request a certificate for an RSA key of 2048 bits or more, or for an EC key on P-256 or P-384."),
        Refusal::WeakKey { bits } => format!("The RSA key has {bits} bits, which is too short to be safe. Request a certificate for a key of 2048 bits or more."),
        Refusal::KeyMismatch { subject } => format!("The private key does not belong to the certificate {subject}. Give the key that the certificate was requested with."),
        Refusal::SeveralLeaves { subjects } => format!("There are several certificates for this private key: {}. Give the newest one only.", subjects.join("; ")),
        Refusal::Unrelated { subject } => format!("The certificate {subject} does not belong to the chain. Leave it out, or add the certificate that links it."),
        Refusal::BrokenLink { subject, issuer } => format!("The certificate {subject} is not signed by {issuer}, although it names it as its issuer. Give the issuer's certificate that belongs to it."),
        Refusal::IssuerNotAuthority { subject } => format!("The certificate {subject} stands in the chain and may not issue certificates. Give the certificate of the authority."),
        Refusal::WeakSignature { subject, algorithm } => format!("The certificate {subject} is signed with {algorithm}, which can be forged. Have it issued again with SHA-256."),
        Refusal::Expired { subject, not_after } => format!("The certificate {subject} expired on {}. Renew it.", date_time(*not_after)),
        Refusal::NotYetValid { subject, not_before, now } => format!("The certificate {subject} is valid from {} only, and the clock of the appliance says {}. Wait until then, or correct the clock.", date_time(*not_before), date_time(*now)),
        Refusal::Authority { subject } => format!("The certificate {subject} is that of an authority (CA:TRUE), not of a server. Give the one issued for this appliance, or make the self-signed one with \"basicConstraints=critical,CA:FALSE\"."),
        Refusal::NotForServers { subject } => format!("The certificate {subject} is not for TLS servers. Have it issued with the extended key usage \"serverAuth\"."),
        Refusal::KeyMayNotSign { subject } => format!("The key usage of the certificate {subject} lacks \"digitalSignature\", which TLS needs. Have it issued again with it."),
        Refusal::OldVersion { subject } => format!("The certificate {subject} is not of version 3, which browsers require. Have it issued again with extensions, at least \"subjectAltName\"."),
        Refusal::Handshake { reason } => format!("A TLS connection with this certificate does not work ({reason}). Have it issued again."),
    }
}

fn warning(warning: &Warning) -> String {
    match warning {
        Warning::NotNamed { host, names } if names.is_empty() => format!(
            "The certificate names no address and no host, so browsers warn of it at {host}. Have it issued with \"subjectAltName\"."
        ),
        Warning::NotNamed { host, names } => format!(
            "The certificate is valid for {} and not for {host}, so browsers warn of it there. Open the appliance by one of these names, or have it issued for {host} too.",
            names.join(", ")
        ),
        Warning::ExpiresSoon { not_after, days } => {
            format!("The certificate ends on {}, in {days} days. Renew it soon.", date(*not_after))
        }
        Warning::RareCurve { curve } => format!(
            "The key is on the curve {curve}, which Chrome and Edge do not know. They cannot open this page with it; P-256 and P-384 work everywhere."
        ),
    }
}
