//! English texts of the section *Root certificate authorities*.

use model::root_ca::RootCaRefusal as Refusal;

use super::RootTexts;

pub(crate) const TEXTS: RootTexts = RootTexts {
    heading: "Root certificate authorities",
    hint: "Trusted for outgoing connections, in addition to the public authorities that come with the appliance.",
    empty: "No authority of your own is added.",
    empty_remedy: "Add one if a proxy or firewall on the way to the cloud inspects TLS and signs certificates itself. Without inspection none is needed.",
    name: "Name",
    issued_by: |issuer| format!("Issued by {issuer}"),
    self_signed: "Self-signed",
    valid_until: "Valid until",
    actions: "Actions",
    expires_soon: |date, days| match days {
        0 => format!("{date}, within a day"),
        1 => format!("{date}, in 1 day"),
        days => format!("{date}, in {days} days"),
    },
    expires_soon_remedy: "Add its successor before then.",
    expired: |date| format!("Expired on {date}"),
    expired_remedy: "It is not trusted any more. Add its successor, then delete it.",
    not_yet_valid: |date| format!("Valid from {date} only"),
    not_yet_valid_remedy: "Wait until then, or correct the clock of the appliance.",
    delete: |name| format!("Delete {name}"),
    intercepted: |issuer, host, at| {
        format!(
            "Your network inspects TLS: the connection to {host} was intercepted by {issuer}, an authority from this list, at {at}."
        )
    },

    add: "Add certificate",
    add_title: "Add a root certificate authority",
    details: "Full Certificate Details",
    details_hint: "One certificate in PEM form, from -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----. No private key.",
    file: "Or its file",
    file_hint: "A .pem, .crt or .cer file with one certificate.",
    effective: "It is trusted at once, without a restart.",
    add_button: "Add Certificate",
    not_added: "No authority has been added. Please correct:",
    text_and_file: "There are both a text and a file. Give one of them.",
    refusal,
    form_expired: "This form was open for too long. Fill it in again and send it.",
    not_stored: "The appliance could not store the change. Check the disk of the virtual machine, restart it and try again.",

    delete_title: "Delete a root certificate authority",
    delete_question: |name| format!("Delete {name}?"),
    delete_consequence: "It is no longer trusted, at once. Where a proxy or firewall inspects TLS with it, the appliance does not reach the cloud any more.",
    delete_button: "Delete authority",
};

fn refusal(refusal: &Refusal) -> String {
    match refusal {
        Refusal::Missing => "The certificate is missing. Paste it, from -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----, or choose its file.".to_owned(),
        Refusal::TooLarge { limit_bytes } => format!("This is larger than {} KiB, so it is more than one certificate. Give the certificate of the authority alone.", limit_bytes / 1024),
        Refusal::Encoding { encoding } => format!("The text is in {encoding}. Save it as UTF-8 (in Windows Notepad: Save as, Encoding UTF-8), or choose the .crt file itself."),
        Refusal::NotPem => "This is no certificate: there is no line -----BEGIN CERTIFICATE-----. Export it again as \"Base-64 encoded X.509\" (PEM).".to_owned(),
        Refusal::Truncated => "There is a BEGIN line without its END line. Copy the whole of the certificate.".to_owned(),
        Refusal::WrongBase64 => "The text between the BEGIN and END lines is not base64: characters are missing or were changed. Copy it again from its source.".to_owned(),
        Refusal::Damaged => "What stands between the BEGIN and END lines cannot be read as a certificate. Export it again from its source.".to_owned(),
        Refusal::PrivateKey => "This has a private key in it. A private key never belongs here: give the certificate alone, and regard the key as disclosed if others could see it.".to_owned(),
        Refusal::WrongBlock { label } if label.ends_with("CERTIFICATE REQUEST") => "This is a signing request, not a certificate. Give the certificate of the authority that signs.".to_owned(),
        Refusal::WrongBlock { label } if label == "PKCS7" => "This is a PKCS #7 container (.p7b). Give the certificate of the root authority alone, as \"Base-64 encoded X.509\".".to_owned(),
        Refusal::WrongBlock { label } if label == "PKCS12" => "This is a PKCS #12 file (.pfx, .p12), which holds a private key. Give the certificate of the root authority alone, as \"Base-64 encoded X.509\".".to_owned(),
        Refusal::WrongBlock { label } => format!("This is \"{label}\" and not a certificate. Give the certificate of the authority."),
        Refusal::SeveralCertificates { count } => format!("There are {count} certificates. Add one at a time, beginning with the root authority."),
        Refusal::NotAuthority { subject } => format!("{subject} is the certificate of a server or a person, not of an authority (CA:FALSE). Give the certificate of the authority that issued it."),
        Refusal::MayNotSign { subject } => format!("The key usage of {subject} does not let it sign certificates (keyCertSign is missing). Give the certificate of the authority that signs."),
        Refusal::OldVersion { subject } => format!("{subject} is a certificate before version 3, which does not say whether it is an authority. Have the authority issue one of version 3."),
        Refusal::WrongSignature { subject } => format!("The signature of {subject} does not match its content, so it was changed on the way. Export it again from its source."),
        Refusal::WeakKey { bits } => format!("Its RSA key has {bits} bits, which is too short to be safe. Use an authority with 2048 bits or more."),
        Refusal::UnsupportedKey { kind } => format!("Its key is of the kind {kind}, with which the appliance cannot check signatures. Use an authority with RSA of 2048 bits or more, or EC on P-256 or P-384."),
        Refusal::Unusable { reason } => format!("It cannot be trusted ({reason}). Give another certificate of the authority."),
    }
}
