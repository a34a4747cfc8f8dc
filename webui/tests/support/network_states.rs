//! The pages of network settings, reset and a copied machine in every state.

use std::net::Ipv4Addr;

use model::ipv4::{HostAddressError, HostNet, MaskError, PrefixLength, RESERVED};
use model::network::{NetworkSettings, Origin, Sourced, StaticNetwork};
use model::network_form::{FieldProblem, Method, NetworkField, NetworkForm, NetworkProblem};
use model::settings::{NetworkChoice, NetworkReverted, NetworkTrial, RevertReason};
use webui::{
    CopiedMachine, EditNetwork, FactoryReset, KeepNetwork, Language, NetworkFate, NetworkSaved,
    PasswordField, PasswordProblem, Resetting, RevertedNetwork,
};

use super::{NOW, frame, network};

fn host_net(address: [u8; 4], bits: u8) -> HostNet {
    HostNet { address: address.into(), prefix: PrefixLength::new(bits).expect("a prefix") }
}

fn choice() -> NetworkChoice {
    let fixed = StaticNetwork {
        address: host_net([10, 71, 58, 20], 24),
        gateway: Some([10, 71, 58, 1].into()),
        dns: vec![[10, 0, 0, 2].into(), [10, 0, 0, 3].into()],
        ntp: vec!["10.71.0.5".to_owned()],
    };
    NetworkChoice {
        network: Sourced::new(NetworkSettings::Static(fixed), Origin::Operator),
        host_name: Some(Sourced::new("connector-hq-01".to_owned(), Origin::Operator)),
    }
}

fn automatic() -> NetworkChoice {
    let network = Sourced::new(NetworkSettings::Automatic, Origin::Default);
    NetworkChoice { network, host_name: None }
}

fn problems() -> Vec<NetworkProblem> {
    let network = host_net([10, 71, 58, 0], 24);
    let (address, bits) = RESERVED[1];
    vec![
        NetworkProblem::Missing,
        NetworkProblem::NotAnAddress,
        NetworkProblem::Unusable(HostAddressError::Unspecified),
        NetworkProblem::Unusable(HostAddressError::Loopback),
        NetworkProblem::Unusable(HostAddressError::NotUnicast),
        NetworkProblem::Unusable(HostAddressError::Reserved(host_net(address.octets(), bits))),
        NetworkProblem::Mask(MaskError::Unreadable),
        NetworkProblem::Mask(MaskError::Hole),
        NetworkProblem::NetworkAddress(network),
        NetworkProblem::BroadcastAddress(network),
        NetworkProblem::OffSubnet { network, suggestion: Some(Ipv4Addr::new(10, 71, 58, 1)) },
        NetworkProblem::OffSubnet { network, suggestion: None },
        NetworkProblem::IsOwnAddress,
        NetworkProblem::NotAServer,
        NetworkProblem::Duplicate,
        NetworkProblem::TooMany,
        NetworkProblem::NotAHostName,
        NetworkProblem::Taken { holder: "52:54:00:12:34:56".to_owned() },
        NetworkProblem::NoTime { reason: "it did not answer within 3 s".to_owned() },
    ]
}

fn edit(
    language: Language,
    form: NetworkForm,
    problems: Vec<FieldProblem>,
    refusal: Option<PasswordProblem>,
) -> String {
    webui::edit_network(&EditNetwork {
        frame: frame(language, true, "/network-settings"),
        form,
        saves_silent_servers: refusal.is_some(),
        problems,
        refusal,
        in_use: Some(network()),
    })
}

fn keep(language: Language, seconds_left: Option<u64>, trial: NetworkTrial) -> String {
    webui::keep_network(&KeepNetwork {
        frame: frame(language, true, "/network-settings/trial"),
        trial,
        network: Some(network()),
        used_address: "10.71.57.66".to_owned(),
        seconds_left,
        now: NOW,
    })
}

/// Every page with its name.
pub(super) fn all(language: Language) -> Vec<(String, String)> {
    let mut pages = Vec::new();
    let mut add = |name: String, html: String| pages.push((name, html));
    let one_row = |method| NetworkForm {
        method,
        dns: vec![String::new()],
        ntp: vec![String::new()],
        ..NetworkForm::default()
    };
    add("network-automatic".to_owned(), edit(language, one_row(Method::Automatic), vec![], None));
    let form = NetworkForm::of(&choice());
    add("network-static".to_owned(), edit(language, form.clone(), vec![], None));
    for (index, problem) in problems().into_iter().enumerate() {
        let several = [NetworkField::Gateway, NetworkField::Dns(1), NetworkField::Ntp(0)]
            .map(|field| FieldProblem { field, problem: problem.clone() });
        add(
            format!("network-problem-{index:02}"),
            edit(language, form.clone(), several.to_vec(), None),
        );
    }
    let fields = [NetworkField::Address, NetworkField::Mask, NetworkField::HostName]
        .map(|field| FieldProblem { field, problem: NetworkProblem::Missing });
    let missing = Some(PasswordProblem::Missing(PasswordField::Current));
    add(
        "network-empty".to_owned(),
        edit(language, one_row(Method::Static), fields.to_vec(), missing),
    );
    for (index, refusal) in refusals().into_iter().enumerate() {
        add(
            format!("network-refused-{index}"),
            edit(language, form.clone(), vec![], Some(refusal.clone())),
        );
        add(
            format!("reset-refused-{index}"),
            webui::factory_reset(&FactoryReset {
                frame: frame(language, true, "/reset"),
                network: NetworkFate::Dropped,
                is_confirmation_wrong: index == 0,
                refusal: Some(refusal),
            }),
        );
    }
    for (name, url) in [("address", Some("https://10.71.58.20/".to_owned())), ("dhcp", None)] {
        let saved = NetworkSaved { frame: frame(language, false, "/"), url };
        add(format!("network-saved-{name}"), webui::network_saved(&saved));
    }
    let trial = NetworkTrial { tried: choice(), previous: automatic(), saved: NOW - 60 };
    add("network-keep".to_owned(), keep(language, Some(42), trial.clone()));
    add("network-keep-waiting".to_owned(), keep(language, None, trial));
    let back = NetworkTrial { tried: automatic(), previous: choice(), saved: NOW - 60 };
    add("network-keep-dhcp".to_owned(), keep(language, Some(1), back));
    let reasons = [RevertReason::NotConfirmed, RevertReason::Operator, RevertReason::Restarted];
    for (index, reason) in reasons.into_iter().enumerate() {
        let reverted = NetworkReverted { tried: choice(), at: NOW - 40, reason };
        let frame = frame(language, true, "/network-settings/reverted");
        let page = RevertedNetwork { frame, reverted, is_too_late: index == 0 };
        add(format!("network-reverted-{index}"), webui::reverted_network(&page));
    }
    let reset = FactoryReset { frame: frame(language, true, "/reset"), ..FactoryReset::default() };
    add("reset".to_owned(), webui::factory_reset(&reset));
    let leaving = Resetting { frame: frame(language, false, "/") };
    add("resetting".to_owned(), webui::resetting(&leaving));
    let uuid = |last: &str| format!("564d9e7a-0000-4000-8000-0000000000{last}");
    for (name, uuids, is_refused) in [
        ("copied", Some((uuid("01"), uuid("02"))), false),
        ("copied-refused", Some((uuid("01"), uuid("02"))), true),
        ("copied-not", None, false),
    ] {
        let frame = frame(language, true, "/identity");
        add(name.to_owned(), webui::copied_machine(&CopiedMachine { frame, uuids, is_refused }));
    }
    pages
}

fn refusals() -> Vec<PasswordProblem> {
    vec![
        PasswordProblem::Missing(PasswordField::Current),
        PasswordProblem::WrongCurrent { wait_seconds: 8 },
        PasswordProblem::TooSoon { wait_seconds: 5 },
        PasswordProblem::FormExpired,
        PasswordProblem::NotStored,
    ]
}
