//! English texts of the page *Signing request*, and of a PKCS #12 file.

use model::pkcs12::Pkcs12Refusal as File;
use model::signing_request::{RequestField as Field, RequestKey, SigningRequestRefusal as Refusal};

use super::SigningRequestTexts;
use crate::texts::replace_certificate::english::TEXTS as CERTIFICATE;

pub(crate) const TEXTS: SigningRequestTexts = SigningRequestTexts {
    title: "Signing request",
    section: "Have a certificate signed",
    section_hint: "The appliance makes a key and a request for it. Your authority signs the request, and the key never leaves the appliance.",
    section_pending: |at| format!("A request made at {at} waits for its certificate."),
    create: "Create signing request",
    go_on: "Continue with the request",

    make_heading: "Create a signing request",
    make_hint: "The certificate in use stays until the signed one is installed.",
    label,
    optional: "(optional)",
    common_name_hint: "Left empty, it is the first of the names.",
    names_hint: "One a line: every name and address under which browsers open this page. Browsers compare these, not the common name.",
    more: "Organisation and place",
    country_hint: "Two letters, for example JP.",
    key: "Kind of key",
    key_name: |key| match key {
        RequestKey::P256 => "EC on P-256: for every browser",
        RequestKey::P384 => "EC on P-384: where rules ask for it",
    },
    make_button: "Create signing request",
    not_made: "No request has been made. Please correct:",

    pending: "The request waits for its certificate",
    steps: [
        "Download the request, or copy its text.",
        "Have your authority sign it as a certificate for a web server.",
        "Install the certificate that it returns below.",
    ],
    made: "Made at",
    subject: "For",
    names: "Valid for",
    text: "Text of the request",
    copy: "text of the request",
    download: "Download request (.csr)",

    install_heading: "Install the signed certificate",
    signed: "Signed certificate",
    signed_hint: "In PEM form, from -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----, followed by the certificates of its issuers. The order does not matter.",
    file: "Or its file",
    install_button: "Install certificate",
    not_installed: "The certificate has not been installed. Please correct:",
    other_request: |subject| {
        format!(
            "The certificate {subject} was made for another request: its key is not the one that waits here. Have the present request signed, or install that certificate together with its key under \"Replace certificate\"."
        )
    },
    text_and_file: "There are both a text and a file. Give one of them.",
    too_large: "This is larger than a certificate with its issuers. Give them alone.",

    drop_heading: "Drop the request",
    drop_hint: "Its key is deleted, so that a certificate for it cannot be installed any more. The certificate in use stays.",
    drop_title: "Drop the signing request",
    drop_question: "Drop the request and its key?",
    drop_button: "Drop request",

    form_expired: "This form was open for too long. Fill it in again and send it.",
    not_stored: "The appliance could not store the change. Check the disk of the virtual machine, restart it and try again.",
    nothing_pending: "No request waits for a certificate any more: it was dropped, or its certificate was installed. Make a new one if you need it.",
    refusal,

    pkcs12_heading: "Replace certificate from a PKCS #12 file",
    pkcs12_hint: "For a .pfx or .p12 file with the certificate, its issuers and its private key, as Windows exports it.",
    pkcs12_file: "PKCS #12 file",
    pkcs12_passphrase: "Password of the file",
    pkcs12_button: "Replace from file",
    pkcs12_refusal,

    serial: "Serial number",
    key_kind: "Key",
    signature: "Signature",
    issuers: "Its issuers",
    issuer: |subject, until| format!("{subject}, valid until {until}"),
};

const fn label(field: Field) -> &'static str {
    match field {
        Field::CommonName => "Common name",
        Field::Organization => "Organisation",
        Field::OrganizationalUnit => "Organisational unit",
        Field::Locality => "City",
        Field::State => "State or province",
        Field::Country => "Country",
        Field::Names => "Names and addresses",
    }
}

fn refusal(refusal: &Refusal) -> String {
    match refusal {
        Refusal::NoNames => "There is no name and no address. Type at least one; browsers do not look at the common name.".to_owned(),
        Refusal::TooManyNames { limit } => format!("There are more than {limit} names and addresses. Leave out those under which nobody opens this page."),
        Refusal::NotAName { name } => format!("\"{name}\" is neither a host name nor an address. Names have letters, digits, hyphens and dots."),
        Refusal::TooLong { field, limit_bytes } => format!("{} is longer than {limit_bytes} bytes. Shorten it.", label(*field)),
        Refusal::ControlCharacter { field } => format!("{} has invisible control characters in it. Type it instead of pasting it.", label(*field)),
        Refusal::Country { country } => format!("\"{country}\" is no country code. Type two letters, for example JP."),
        Refusal::Failed { reason } => format!("The request could not be made ({reason}). Try again, or restart the appliance."),
    }
}

fn pkcs12_refusal(refusal: &File) -> String {
    match refusal {
        File::Missing => "No file was chosen. Choose the .pfx or .p12 file.".to_owned(),
        File::TooLarge { limit_bytes } => format!("The file is larger than {} KiB, so it holds more than one certificate with its issuers. Export it again.", limit_bytes / 1024),
        File::IsPem => "This is a file in PEM form. Paste its parts under \"Replace certificate\".".to_owned(),
        File::NotPkcs12 => "This is no PKCS #12 file. Choose the .pfx or .p12 file.".to_owned(),
        File::Damaged => "The file is damaged. Export it again from its source.".to_owned(),
        File::PublicKeyMode => "The file is protected for certain accounts (by a certificate) and not by a password. Export it again with a password.".to_owned(),
        File::MacMissing => "The file has no integrity code, so nobody can tell whether it was changed. Export it again with a password.".to_owned(),
        File::PassphraseTooLong { limit_bytes } => format!("The password is longer than {limit_bytes} bytes. Export the file again with a shorter one."),
        File::PassphraseMissing => "The file is protected. Type its password.".to_owned(),
        File::WrongPassphrase => "The password does not open the file. Type it again.".to_owned(),
        File::UnsupportedEncryption { scheme } => format!("The file is protected with {scheme}, which the appliance does not open. Export it again with AES-256 and SHA-256."),
        File::NoKey => "There is no private key in the file. Export it again and choose to include the private key.".to_owned(),
        File::SeveralKeys { count } => format!("There are {count} private keys in the file. Export the certificate of this appliance alone."),
        File::NoCertificate => "There is no certificate in the file. Export it again with the certificate and its issuers.".to_owned(),
        File::Content(refusal) => (CERTIFICATE.refusal)(refusal),
    }
}
