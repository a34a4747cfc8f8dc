use model::channel::{
    Applicant, ChannelStatus, CloudAddress, ConnectionState, ConnectionStatus, Registration,
    RegistrationState, RegistrationStep,
};
use model::clock::{ClockStatus, ClockTrust};
use model::fingerprint::{CertificateFacts, Fingerprint};
use model::ipv4::{HostNet, PrefixLength};
use model::network::{NetworkState, Sourced};
use model::role::Role;
use model::settings::Settings;
use model::slot::Slot;
use model::slot_report::SlotReport;
use model::supervision::{DataState, RoleState, RoleStatus};
use proptest::prelude::*;

use super::*;

fn healthy() -> View {
    let mut network = NetworkStatus::starting(0);
    network.state = NetworkState::Configured;
    let prefix = PrefixLength::new(24).expect("valid");
    let address = HostNet { address: [10, 71, 57, 66].into(), prefix };
    network.address = Some(Sourced::new(address, Origin::Dhcp));
    network.gateway = Some(Sourced::new([10, 71, 57, 1].into(), Origin::Dhcp));
    network.dns = Sourced::new(vec![[10, 0, 0, 2].into(), [10, 0, 0, 3].into()], Origin::Dhcp);
    let certificate = CertificateFacts {
        sha1: Fingerprint::new(&[0xd5; 20]),
        sha256: Fingerprint::new(&[0x6e; 32]),
        names: Vec::new(),
        not_before: 0,
        not_after: i64::MAX,
    };
    let settings = SettingsStatus {
        has_administrator: true,
        certificate: Some(certificate),
        ..SettingsStatus::new(1, Settings::default())
    };
    let init = InitStatus {
        generation: 1,
        slot: Some(Slot::A),
        marked_good: true,
        data: DataState::Mounted,
        slots: SlotReport::default(),
        roles: Vec::new(),
    };
    let clock = ClockStatus { trust: ClockTrust::Hypervisor, ..ClockStatus::starting(0) };
    View {
        network: Some(network),
        settings: Some(settings),
        clock: Some(clock),
        init: Some(init),
        diagnostics: None,
        directory: Some(DirectoryStatus::default()),
        channel: Some(ChannelStatus::default()),
        guest: None,
        now: 0,
    }
}

#[test]
fn shows_the_documented_lines_in_order() {
    let lines = render(&healthy());
    let expected = [
        "Example Corp".to_owned(),
        "------------".to_owned(),
        String::new(),
        format!("Connector Appliance {}", product::VERSION),
        "Downloaded from Example Corp - https://cloud.example.com".to_owned(),
        String::new(),
        "Please go to:".to_owned(),
        "https://10.71.57.66".to_owned(),
        "to manage your deployment".to_owned(),
        String::new(),
        format!("SSL Fingerprint: {}", ["D5"; 20].join(":")),
        format!("SHA-256: {}:", ["6E"; 16].join(":")),
        format!("         {}", ["6E"; 16].join(":")),
        String::new(),
        "State: Healthy - ready to register".to_owned(),
    ];
    assert_eq!(lines[..expected.len()], expected);
    assert!(lines[16].starts_with("Address   10.71.57.66/24, gateway 10.71.57.1"));
    assert!(lines[16].ends_with("from DHCP"));
}

#[test]
fn says_what_is_wrong_and_what_to_do_when_dhcp_is_silent() {
    let mut view = healthy();
    let network = view.network.as_mut().expect("set");
    network.state = NetworkState::NoLease { since: 36_100 };
    network.address = None;
    let page = render(&view).join("\n");
    assert!(page.contains("(no address yet)"));
    assert!(page.contains("State: NOT WORKING - 1 cause to fix"));
    assert!(page.contains("[1] No DHCP server has answered since 10:01:40 UTC."));
    assert!(page.contains("network.no-lease"));
    assert!(page.contains("network=static:ip="));
}

#[test]
fn says_starting_while_nothing_else_is_wrong() {
    let page = render(&View::default()).join("\n");
    assert!(page.contains("State: Starting"), "{page}");
}

#[test]
fn explains_a_refused_boot_parameter() {
    let mut view = healthy();
    view.settings.as_mut().expect("set").boot_parameter = Some(BootParameterReport::Refused {
        parameter: "network=static:ip=10.0.2.300;netmask=255.255.255.0".to_owned(),
        reason: "ip: \"10.0.2.300\" is not an IPv4 address such as 10.0.0.5".to_owned(),
    });
    let page = render(&view).join("\n");
    assert!(page.contains("State: Working - 1 thing to note"), "{page}");
    let words: Vec<_> = page.split_whitespace().collect();
    let explanation = "is not used: ip: \"10.0.2.300\" is not an IPv4 address such as 10.0.0.5. The \
                       previous network settings hold. Restart and type it again.";
    assert!(words.join(" ").contains(explanation), "{page}");
}

#[test]
fn says_that_a_boot_parameter_is_stored() {
    let mut view = healthy();
    view.settings.as_mut().expect("set").boot_parameter = Some(BootParameterReport::Stored);
    assert!(render(&view).join("\n").contains("in use and stored for later starts"));
}

#[test]
fn names_what_does_not_fit() {
    let mut view = healthy();
    let failed = |role| RoleStatus {
        role,
        state: RoleState::Failed,
        restarts: 9,
        last_exit: Some("signal 6".repeat(20)),
    };
    view.init.as_mut().expect("set").roles = Role::ALL.map(failed).to_vec();
    let page = render(&view).join("\n");
    assert!(page.contains("more on the admin page"), "{page}");
}

proptest! {
    #[test]
    fn always_fits_and_is_always_printable(reason in ".{0,900}", name in ".{0,300}", parameter in ".{0,900}") {
        let mut view = healthy();
        let network = view.network.as_mut().expect("set");
        network.state = NetworkState::Failed { reason: reason.clone() };
        network.host_name.value = name;
        view.settings.as_mut().expect("set").boot_parameter =
            Some(BootParameterReport::Refused { parameter, reason });
        let lines = render(&view);
        prop_assert_eq!(lines.len(), ROWS);
        for line in lines {
            prop_assert!(line.len() <= COLUMNS, "{}", line);
            prop_assert!(line.bytes().all(|byte| (0x20..0x7f).contains(&byte)));
        }
    }
}

#[test]
fn says_where_and_for_how_long_new_network_settings_are_tried() {
    let mut view = healthy();
    let on_trial = |view: &mut View, phase| {
        let settings = view.settings.as_mut().expect("they are there");
        settings.network_trial = Some(phase);
    };
    on_trial(&mut view, TrialPhase::Running { ends_at_uptime_ms: 90_000 });
    let text = render(&view).join("\n");
    assert!(text.contains("sign in at https://10.71.57.66\nand keep them within 60 s"), "{text}");
    // The page stands still while the time runs.
    on_trial(&mut view, TrialPhase::Running { ends_at_uptime_ms: 30_000 });
    assert_eq!(render(&view).join("\n"), text);
    on_trial(&mut view, TrialPhase::AwaitsRestart);
    assert!(render(&view).join("\n").contains("with the restart that comes now"));
    view.network = None;
    on_trial(&mut view, TrialPhase::Starting);
    assert!(render(&view).join("\n").contains("New network settings are being tried."));
}

#[test]
fn says_under_which_name_the_cloud_knows_the_appliance_and_whether_it_is_connected() {
    let cloud = CloudAddress::parse("cloud.example.com").expect("an address");
    let mut view = healthy();
    let show = |view: &View| render(view).join("\n");
    assert!(!show(&view).contains("\nCloud"));

    let applicant = Applicant { name: "hq-01".to_owned(), cloud: cloud.clone(), location: None };
    let step = RegistrationStep::Connecting;
    let registration = RegistrationState::Registering { applicant, step, trouble: None };
    view.channel.as_mut().expect("set").registration = registration;
    let page = show(&view);
    assert!(page.contains("State: Healthy - being registered"), "{page}");
    assert!(page.contains(&row("Cloud", "hq-01", "being registered")), "{page}");

    let channel = view.channel.as_mut().expect("set");
    channel.registration = RegistrationState::Registered {
        registration: Registration {
            name: "hq-01".to_owned(),
            cloud,
            connector: "c-1".to_owned(),
            customer: "example".to_owned(),
            customer_name: "Example Bank".to_owned(),
            location: "l-1".to_owned(),
            location_name: "Headquarters".to_owned(),
            registered_at: 0,
            certificate_ends_at: 30 * 86_400,
            renewal_refused_at: None,
        },
    };
    let connection = ConnectionStatus {
        state: ConnectionState::Connected,
        since: 0,
        peer: None,
        proxy: None,
        gateway: None,
        interception: None,
    };
    let second = ConnectionStatus { state: ConnectionState::Connecting, ..connection.clone() };
    channel.connections = vec![connection, second];
    let page = show(&view);
    assert!(page.contains("State: Healthy - registered"), "{page}");
    assert!(page.contains(&row("Cloud", "hq-01", "connected (1 of 2)")), "{page}");
    view.channel.as_mut().expect("set").connections.clear();
    assert!(show(&view).contains(&row("Cloud", "hq-01", "not connected")));
}
