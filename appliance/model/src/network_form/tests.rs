use proptest::prelude::*;

use super::*;

fn form() -> NetworkForm {
    NetworkForm {
        method: Method::Static,
        address: "10.71.58.20".into(),
        mask: "255.255.255.0".into(),
        gateway: "10.71.58.1".into(),
        dns: vec!["10.0.0.2".into(), String::new(), "10.0.0.3".into()],
        ntp: vec!["10.71.0.5".into(), "NTP1.corp.example.com".into()],
        host_name: "Connector-HQ-01".into(),
    }
}

fn problems(form: &NetworkForm) -> Vec<(NetworkField, &'static str)> {
    let problems = form.check().err().unwrap_or_default();
    problems.iter().map(|it| (it.field, it.problem.id())).collect()
}

#[test]
fn reads_what_was_typed() {
    let choice = form().check().expect("nothing is wrong");
    assert_eq!(choice.host_name.map(|name| name.value).as_deref(), Some("connector-hq-01"));
    assert_eq!(choice.network.origin, Origin::Operator);
    let NetworkSettings::Static(fixed) = choice.network.value else { panic!("it is static") };
    assert_eq!(fixed.address.to_string(), "10.71.58.20/24");
    assert_eq!(fixed.gateway, Some([10, 71, 58, 1].into()));
    assert_eq!(fixed.dns, [Ipv4Addr::from([10, 0, 0, 2]), [10, 0, 0, 3].into()]);
    assert_eq!(fixed.ntp, ["10.71.0.5", "ntp1.corp.example.com"]);
}

#[test]
fn takes_a_prefix_length_and_leaves_out_what_may_be_missing() {
    let mut typed = NetworkForm { mask: "/24".into(), ..form() };
    for optional in [&mut typed.gateway, &mut typed.host_name] {
        optional.clear();
    }
    typed.dns.clear();
    typed.ntp.clear();
    let choice = typed.check().expect("nothing is wrong");
    assert_eq!(choice.host_name, None);
}

#[test]
fn automatic_settings_do_not_mind_what_else_was_typed() {
    let typed = NetworkForm { method: Method::Automatic, address: "nonsense".into(), ..form() };
    let choice = typed.check().expect("nothing is wrong");
    assert_eq!(choice.network.value, NetworkSettings::Automatic);
    let typed = NetworkForm { host_name: "-a".into(), ..typed };
    assert_eq!(problems(&typed), [(NetworkField::HostName, "notAHostName")]);
}

#[test]
fn every_empty_form_says_what_is_missing() {
    let typed = NetworkForm { method: Method::Static, ..NetworkForm::default() };
    assert_eq!(
        problems(&typed),
        [(NetworkField::Address, "missing"), (NetworkField::Mask, "missing")]
    );
}

#[test]
fn each_address_is_refused_for_its_own_reason() {
    for (address, mask, problem) in [
        ("10.0.0", "24", "notAnAddress"),
        ("010.0.0.1", "24", "notAnAddress"),
        ("10.0.0.256", "24", "notAnAddress"),
        ("0.0.0.5", "24", "unspecified"),
        ("127.0.0.1", "8", "loopback"),
        ("224.0.0.1", "24", "notUnicast"),
        ("255.255.255.255", "24", "notUnicast"),
        ("169.254.0.9", "24", "reserved"),
        ("169.254.100.9", "24", "reserved"),
        ("169.254.200.9", "24", "reserved"),
        ("10.0.0.0", "24", "networkAddress"),
        ("10.0.0.255", "24", "broadcastAddress"),
        ("10.0.3.255", "255.255.252.0", "broadcastAddress"),
    ] {
        let typed = NetworkForm {
            address: address.into(),
            mask: mask.into(),
            gateway: String::new(),
            ..form()
        };
        assert_eq!(problems(&typed), [(NetworkField::Address, problem)], "{address}/{mask}");
    }
}

#[test]
fn masks_with_holes_and_without_bits_are_refused() {
    for (mask, problem) in [
        ("255.0.255.0", "maskWithHole"),
        ("0.0.0.255", "maskWithHole"),
        ("33", "notAMask"),
        ("0", "notAMask"),
        ("0.0.0.0", "notAMask"),
        ("x", "notAMask"),
    ] {
        let typed = NetworkForm { mask: mask.into(), ..form() };
        assert_eq!(problems(&typed), [(NetworkField::Mask, problem)], "{mask}");
    }
}

#[test]
fn networks_of_two_and_one_have_no_network_address() {
    for (address, mask, gateway) in [("10.0.0.0", "31", "10.0.0.1"), ("10.0.0.0", "32", "10.9.9.9")]
    {
        let typed = NetworkForm {
            address: address.into(),
            mask: mask.into(),
            gateway: gateway.into(),
            ..form()
        };
        assert_eq!(problems(&typed), [], "{address}/{mask}");
    }
}

#[test]
fn gateway_in_another_network_is_refused_with_a_suggestion() {
    let typed = NetworkForm { gateway: "10.71.57.1".into(), ..form() };
    let found = typed.check().expect_err("it is elsewhere");
    let network: HostNet =
        HostNet { address: [10, 71, 58, 0].into(), prefix: PrefixLength::new(24).expect("valid") };
    let suggestion = Some([10, 71, 58, 1].into());
    let problem = NetworkProblem::OffSubnet { network, suggestion };
    assert_eq!(found, [FieldProblem { field: NetworkField::Gateway, problem }]);
    // The suggestion would be the appliance itself.
    let typed = NetworkForm { gateway: "10.71.57.20".into(), ..form() };
    let found = typed.check().expect_err("it is elsewhere");
    assert_eq!(found[0].problem, NetworkProblem::OffSubnet { network, suggestion: None });
    for (gateway, problem) in [
        ("10.71.58.20", "ownAddress"),
        ("10.71.58.255", "broadcastAddress"),
        ("10.71.58.0", "networkAddress"),
        ("169.254.64.1", "reserved"),
    ] {
        let typed = NetworkForm { gateway: gateway.into(), ..form() };
        assert_eq!(problems(&typed), [(NetworkField::Gateway, problem)], "{gateway}");
    }
}

#[test]
fn servers_are_refused_by_row() {
    let rows = |rows: &[&str]| rows.iter().map(|row| (*row).to_owned()).collect::<Vec<_>>();
    let typed = NetworkForm {
        dns: rows(&["dns.example.com", "", "10.0.0.2", "10.0.0.2", "169.254.0.1"]),
        ntp: rows(&["_x", "A.example", "a.example", "10.0.0.256", "127.0.0.1"]),
        ..form()
    };
    assert_eq!(
        problems(&typed),
        [
            (NetworkField::Dns(0), "notAnAddress"),
            (NetworkField::Dns(3), "duplicate"),
            (NetworkField::Dns(4), "reserved"),
            (NetworkField::Ntp(0), "notAServer"),
            (NetworkField::Ntp(2), "duplicate"),
            (NetworkField::Ntp(3), "notAnAddress"),
            (NetworkField::Ntp(4), "loopback"),
        ]
    );
    let many: Vec<_> = (1..=MAX_SERVERS + 3).map(|last| format!("10.0.0.{last}")).collect();
    let typed = NetworkForm { dns: many, ..form() };
    assert_eq!(problems(&typed), [(NetworkField::Dns(MAX_SERVERS), "tooMany")]);
}

#[test]
fn host_names_follow_rfc_1123() {
    let longest = format!("{}.{}", "a".repeat(31), "b".repeat(32));
    for name in ["a", "1a", "connector-01", "hq.corp.example.com", longest.as_str()] {
        let typed = NetworkForm { host_name: name.into(), ..form() };
        assert_eq!(problems(&typed), [], "{name}");
    }
    let too_long = format!("{longest}c");
    for name in ["-a", "a-", "a_b", "a..b", ".a", "a.", "a b", "10.0.0.5", "1", too_long.as_str()] {
        let typed = NetworkForm { host_name: name.into(), ..form() };
        assert_eq!(problems(&typed), [(NetworkField::HostName, "notAHostName")], "{name}");
    }
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(texts in proptest::collection::vec(".{0,20}", 7)) {
        let typed = NetworkForm {
            method: Method::Static,
            address: texts[0].clone(),
            mask: texts[1].clone(),
            gateway: texts[2].clone(),
            dns: vec![texts[3].clone(), texts[4].clone()],
            ntp: vec![texts[5].clone()],
            host_name: texts[6].clone(),
        };
        let _ = typed.check();
    }

    /// What is accepted can be shown in the form again and is accepted again, unchanged.
    #[test]
    fn accepted_settings_survive_the_form(
        address: [u8; 4], bits in 1_u8..=32, gateway: [u8; 4], dns: [u8; 4], name in "[a-z]{1,9}"
    ) {
        let mut typed = NetworkForm {
            method: Method::Static,
            address: Ipv4Addr::from(address).to_string(),
            mask: bits.to_string(),
            gateway: Ipv4Addr::from(gateway).to_string(),
            dns: vec![Ipv4Addr::from(dns).to_string()],
            ntp: vec![format!("{name}.example")],
            host_name: name,
        };
        // A gateway in the network is suggested where there is one.
        if let Err(problems) = typed.check() {
            for FieldProblem { problem, .. } in problems {
                if let NetworkProblem::OffSubnet { suggestion: Some(meant), .. } = problem {
                    typed.gateway = meant.to_string();
                }
            }
        }
        if let Ok(choice) = typed.check() {
            prop_assert_eq!(NetworkForm::of(&choice).check(), Ok(choice));
        }
    }
}
