//! Whatever names, parameters and reasons hold, it stays text.

#[expect(dead_code, reason = "other tests use more of it")]
#[path = "support/states.rs"]
mod states;

use model::certificate::{CertificateRefusal, CertificateWarning};
use model::domain::failure::DomainFailure;
use model::domain::status::{DirectoryStatus, Trust, TrustDirection, TrustKind};
use model::health::{Cause, Finding, Health, Subject};
use model::network::{Origin, Sourced};
use model::role::Role;
use webui::{
    Administration, CertificateDetails, CertificateIssuer, CertificateProblem, CertificateStep,
    CreatePassword, DomainsTab, Frame, Language, ReplaceCertificate, SignIn,
};

const HOSTILE: &str = "\"'><script>alert(1)</script><img src=x onerror=\"y\">&amp;<b>";

fn frame(language: Language, signed_in: bool) -> Frame {
    Frame {
        language,
        host_name: HOSTILE.to_owned(),
        signed_in,
        csrf_token: Some(HOSTILE.to_owned()),
        path: format!("/?deployment={HOSTILE}"),
    }
}

fn hostile_summary() -> webui::Summary {
    let mut summary = states::summary();
    let hostile = || HOSTILE.to_owned();
    let mut network = states::network();
    network.host_name = Sourced::new(hostile(), Origin::Dhcp);
    network.domain = Some(Sourced::new(hostile(), Origin::Dhcp));
    network.ntp = Sourced::new(vec![hostile()], Origin::Dhcp);
    network.interface = Some(hostile());
    network.hardware_address = Some(hostile());
    summary.network = Some(network);
    summary.version = hostile();
    let mut domain = states::domain_states::joined("users.example.net");
    domain.forest = hostile();
    domain.trusts.push(Trust {
        name: hostile(),
        direction: TrustDirection::Inbound,
        kind: TrustKind::Realm,
        is_reachable: None,
    });
    let failure = DomainFailure::DirectoryRefused { host: hostile(), code: 1, text: hostile() };
    domain.password_failure = Some(failure);
    summary.directory =
        Some(DirectoryStatus { domains: vec![domain], ..DirectoryStatus::default() });
    let (parameter, reason) = (hostile(), hostile());
    summary.health = Health {
        findings: vec![
            states::good(Subject::Network),
            Finding {
                subject: Subject::Network,
                cause: Cause::NetworkFailed { reason: hostile() },
            },
            Finding {
                subject: Subject::BootParameter,
                cause: Cause::BootParameterRefused { parameter, reason },
            },
            Finding {
                subject: Subject::Services,
                cause: Cause::RoleFailed { role: Role::Web, last_exit: hostile() },
            },
        ],
    };
    summary
}

#[test]
fn hostile_values_never_become_markup() {
    let hostile = || HOSTILE.to_owned();
    for language in Language::ALL {
        let mut certificate = states::certificate();
        certificate.names = vec![hostile()];
        let details = CertificateDetails {
            facts: certificate.clone(),
            subject: hostile(),
            issuer: CertificateIssuer::Authority(hostile()),
            serial: hostile(),
            key: hostile(),
            signature: hostile(),
            chain: vec![(hostile(), states::NOW)],
        };
        let pages = [
            webui::create_password(&CreatePassword {
                frame: frame(language, false),
                address: hostile(),
                deployment: Some(hostile()),
                certificate: Some(certificate.clone()),
                problems: Vec::new(),
            }),
            webui::sign_in(&SignIn {
                frame: frame(language, false),
                address: hostile(),
                ..SignIn::default()
            }),
            webui::administration(&Administration {
                frame: frame(language, true),
                summary: hostile_summary(),
                certificate: Some(details.clone()),
                domains: DomainsTab::Joined,
            }),
            webui::replace_certificate(&ReplaceCertificate {
                frame: frame(language, true),
                step: CertificateStep::Replace { sent: hostile(), reverted: None },
                certificate: details.clone(),
                requested: None,
                problem: Some(CertificateProblem::Refused(CertificateRefusal::BrokenLink {
                    subject: hostile(),
                    issuer: hostile(),
                })),
                now: states::NOW,
            }),
            webui::replace_certificate(&ReplaceCertificate {
                frame: frame(language, true),
                step: CertificateStep::Keep {
                    previous: certificate.clone(),
                    warnings: vec![CertificateWarning::NotNamed {
                        host: hostile(),
                        names: vec![hostile()],
                    }],
                    seconds_left: 42,
                },
                certificate: details,
                requested: None,
                problem: None,
                now: states::NOW,
            }),
            webui::summary(language, &hostile_summary(), DomainsTab::Joined),
            webui::summary(language, &hostile_summary(), DomainsTab::Trusted),
        ];
        for page in pages {
            let document = html::parse(&page).expect("a well-formed page");
            assert!(document.named("img").is_empty());
            assert!(document.named("script").len() <= 1);
            let has_handler = |element: &html::Element| {
                element.attributes.iter().any(|(name, _)| name == "onerror")
            };
            assert!(!document.elements.iter().any(has_handler));
            assert!(page.contains("&#60;script&#62;") || page.contains("&lt;script&gt;"));
        }
    }
}
