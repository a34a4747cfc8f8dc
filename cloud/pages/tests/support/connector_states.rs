//! Adding, listing, looking at and removing connectors.

use pages::{
    AddConnector, AddStep, ApplianceDetails, ChannelConnection, CodeRefusal, Connector,
    ConnectorCertificate, ConnectorFilter, ConnectorKind, ConnectorNotice, ConnectorPage,
    ConnectorProblem, ConnectorState, Connectors, ConnectorsNotice, Disconnect, DisconnectCause,
    Image, LOAD_POINT_SECONDS, LoadPoint, LocationChoice, Platform, RemoveConnector,
    SingleConnector, UpdateState,
};

use super::{DAY, HOUR, NOW, World, precheck_states};

const FINGERPRINT: &str = "C4:18:7E:02:9B:60:D3:5F:11:A2:77:3C:90:4E:5D:88:C4:18:7E:02:9B:60:D3:5F:11:A2:77:3C:90:4E:5D:88";

pub(crate) fn add(world: World, list: &mut Vec<(String, String)>) {
    adding(world, list);
    listing(world, list);
    details(world, list);
    removing(world, list);
}

fn adding(world: World, list: &mut Vec<(String, String)>) {
    let locations = [("6b1c", "Osaka Branch"), ("5a1c", "Tokyo HQ")];
    let locations =
        locations.map(|(id, name)| LocationChoice { id: world.name(id), name: world.name(name) });
    let images = [
        (Platform::XenServer, "connector-appliance.xva"),
        (Platform::Esxi, "connector-appliance.ova"),
        (Platform::HyperV, "connector-appliance.zip"),
        (Platform::Azure, "connector-appliance-azure.zip"),
        (Platform::Aws, "connector-appliance-aws.zip"),
        (Platform::GoogleCloud, "connector-appliance-gcp.zip"),
    ];
    let images = images.map(|(platform, file)| Image {
        platform,
        url: format!("/console/images/{file}"),
        file: world.name(file),
        bytes: Some(31_240_000),
        sha256: "f2a907d1c4187e029b60d35f11a2773c904e5d88c4187e029b60d35f5c3eb860".into(),
    });
    let page = |location: &str, step, problem| {
        pages::add_connector(&AddConnector {
            frame: world.frame("/console/connectors/add?location=6b1c"),
            locations: locations.to_vec(),
            location: world.name(location),
            code: world.name("K7QM 4XZP"),
            images: images.to_vec(),
            terms_url: Some("/console/terms".into()),
            step,
            problem,
        })
    };
    list.push(("add-connector".into(), page("6b1c", AddStep::Code, None)));
    list.push(("add-connector-no-location".into(), page("", AddStep::Code, None)));
    let details = AddStep::Confirm(ApplianceDetails {
        registration: world.name("r-1"),
        name: world.name("connector-osk-02"),
        version: world.name("1.0.3.118"),
        addresses: vec![world.name("10.72.8.41")],
        seen_from: world.name("203.0.113.24"),
        key_fingerprint: world.name(FINGERPRINT),
        security_number: world.name("7KMD-2Q4T-XW3B-9ACE"),
        answer_milliseconds: 41,
        seconds_left: 545,
    });
    list.push(("add-connector-confirm".into(), page("6b1c", details, None)));
    for (name, is_single) in [("", false), ("-single", true)] {
        let (id, connector) = (world.name("c-2"), world.name("connector-osk-02"));
        let step = AddStep::Registered { id, name: connector, is_single };
        list.push((format!("add-connector-registered{name}"), page("6b1c", step, None)));
    }
    for (name, refusal) in refusals(world) {
        let step = AddStep::Code;
        list.push((format!("add-connector-{name}"), page("6b1c", step, Some(refusal.clone()))));
        list.push((
            format!("add-connector-failed-{name}"),
            page("6b1c", AddStep::Failed(refusal), None),
        ));
    }
}

fn refusals(world: World) -> Vec<(&'static str, CodeRefusal)> {
    vec![
        ("malformed", CodeRefusal::Malformed),
        ("unknown", CodeRefusal::Unknown),
        ("expired", CodeRefusal::Expired),
        ("used", CodeRefusal::Used),
        ("cancelled", CodeRefusal::Cancelled),
        ("not-reachable", CodeRefusal::NotReachable),
        ("too-many-attempts", CodeRefusal::TooManyAttempts { wait_seconds: 540 }),
        ("name-taken", CodeRefusal::NameTaken { name: world.name("connector-osk-01") }),
        ("key-taken", CodeRefusal::KeyTaken),
        ("other-location", CodeRefusal::OtherLocation),
        ("too-old", CodeRefusal::TooOld { version: world.name("0.9.0.1") }),
        ("location-gone", CodeRefusal::LocationGone),
        ("form-expired", CodeRefusal::FormExpired),
        ("not-stored", CodeRefusal::NotStored),
    ]
}

/// A day with its peak in the afternoon, the last `silent` points missing.
fn history(silent: i64) -> Vec<LoadPoint> {
    let now = NOW.div_euclid(LOAD_POINT_SECONDS);
    (silent..288)
        .map(|ago| {
            let start = (now - ago) * LOAD_POINT_SECONDS;
            let of_day = start.rem_euclid(DAY) / LOAD_POINT_SECONDS;
            // Two hills of a working day, with some noise that is the same in each run.
            let hill = |middle: i64| (60 - (of_day - middle).abs()).max(0);
            let noise = (start / LOAD_POINT_SECONDS).wrapping_mul(7919).rem_euclid(23);
            let requests = u64::try_from(40 + 8 * hill(36) + 6 * hill(72) + noise).unwrap_or(0);
            LoadPoint {
                start,
                requests,
                failures: u64::from(noise == 0),
                total_milliseconds: requests * (11 + u64::try_from(noise).unwrap_or(0) / 4),
                longest_milliseconds: 40 + u64::try_from(noise * noise).unwrap_or(0) / 3,
            }
        })
        .collect()
}

fn every_connector(world: World) -> Vec<Connector> {
    let connector = |name: &str, location: &str, state, silent: i64| Connector {
        id: world.name(&format!("id-{name}")),
        name: world.name(name),
        kind: ConnectorKind::Appliance,
        addresses: vec![world.name("10.73.4.12")],
        location_id: world.name(location),
        location: world.name(location),
        is_single: false,
        state,
        since: Some(NOW - 18 * 60),
        version: world.name("1.0.3.118"),
        expected_version: world.name("1.0.4.12"),
        last_contact: Some(NOW - 300 * silent - 2),
        load_percent: Some(61),
        history: history(silent),
    };
    vec![
        Connector {
            load_percent: None,
            ..connector("connector-ngo-02", "Nagoya Plant", ConnectorState::NotInContact, 16)
        },
        connector("connector-ngo-01", "Nagoya Plant", ConnectorState::Error, 0),
        connector("connector-old-01", "Nagoya Plant", ConnectorState::Revoked, 288),
        Connector {
            version: String::new(),
            addresses: Vec::new(),
            last_contact: None,
            load_percent: None,
            ..connector("connector-new-01", "Tokyo HQ", ConnectorState::Waiting, 288)
        },
        Connector {
            is_single: true,
            load_percent: Some(22),
            ..connector("connector-osk-01", "Osaka Branch", ConnectorState::InContact, 0)
        },
        connector("connector-hq-02", "Tokyo HQ", ConnectorState::Updating, 1),
        Connector {
            version: world.name("1.0.4.12"),
            load_percent: Some(14),
            ..connector("connector-hq-01", "Tokyo HQ", ConnectorState::InContact, 0)
        },
        Connector {
            kind: ConnectorKind::Windows,
            ..connector(
                "a-connector-with-a-very-long-name.datacenter-1.corp.example.com",
                "Tokyo HQ",
                ConnectorState::InContact,
                0,
            )
        },
    ]
}

fn listing(world: World, list: &mut Vec<(String, String)>) {
    let page = |connectors: Vec<Connector>, total, filter, notice, may_change| {
        pages::connectors(&Connectors {
            frame: world.frame("/console/connectors"),
            connectors,
            total,
            in_contact: total.min(3),
            updating: total.min(1),
            failing: total.min(3),
            requests_last_hour: 52_300,
            failures_last_hour: 5,
            locations: [("5a1c", "Tokyo HQ"), ("6b1c", "Osaka Branch")]
                .map(|(id, name)| (world.name(id), world.name(name)))
                .into(),
            filter,
            singles: vec![SingleConnector {
                location_id: world.name("6b1c"),
                location: world.name("Osaka Branch"),
                domains: vec![world.name("branch.example.com")],
            }],
            may_change,
            notice,
            now: NOW,
        })
    };
    let all = || every_connector(world);
    let filter = ConnectorFilter {
        text: world.name("hq"),
        location: world.name("5a1c"),
        state: Some(ConnectorState::InContact),
    };
    let no_filter = ConnectorFilter::default;
    list.push(("connectors".into(), page(all(), 8, no_filter(), None, true)));
    list.push(("connectors-read-only".into(), page(all(), 8, no_filter(), None, false)));
    let some = all().into_iter().skip(6).take(1).collect();
    list.push(("connectors-filtered".into(), page(some, 8, filter.clone(), None, true)));
    list.push(("connectors-nothing-found".into(), page(Vec::new(), 8, filter, None, true)));
    list.push(("connectors-none".into(), page(Vec::new(), 0, no_filter(), None, true)));
    for (name, notice) in [
        ("removed", ConnectorsNotice::Removed { name: world.name("connector-ngo-02") }),
        ("cancelled", ConnectorsNotice::RegistrationCancelled),
    ] {
        let html = page(all(), 8, no_filter(), Some(notice), true);
        list.push((format!("connectors-{name}"), html));
    }
}

fn connections(world: World) -> Vec<ChannelConnection> {
    let connection = |gateway: &str, intercepted_by: &str, round_trip| ChannelConnection {
        gateway: world.name(gateway),
        since: NOW - 3 * DAY,
        source: world.name("203.0.113.24"),
        round_trip_milliseconds: round_trip,
        intercepted_by: world.name(intercepted_by),
    };
    vec![
        connection("gateway-1", "", Some(12)),
        connection("gateway-2", "CN=Example Proxy CA, O=Example Corp", None),
    ]
}

fn disconnects(world: World) -> Vec<Disconnect> {
    let causes = [
        DisconnectCause::NoAnswer,
        DisconnectCause::Restart,
        DisconnectCause::Update,
        DisconnectCause::Reset,
        DisconnectCause::Closed,
        DisconnectCause::GatewayDrained,
        DisconnectCause::GatewayLost,
        DisconnectCause::Copy,
        DisconnectCause::Revoked,
        DisconnectCause::Unregistered,
        DisconnectCause::VersionTooOld,
        DisconnectCause::CertificateExpired,
        DisconnectCause::Protocol { detail: world.name("frame of 9 MB") },
    ];
    let away = |index: u64| (index > 0).then_some(index * 47);
    let disconnect = |(index, cause)| Disconnect {
        at: NOW - 18 * 60 * (i64::from(index) + 1) * (i64::from(index) + 1),
        gateway: world.name("gateway-1"),
        cause,
        away_seconds: away(u64::from(index)),
    };
    (0_u32..).zip(causes).map(disconnect).collect()
}

fn details(world: World, list: &mut Vec<(String, String)>) {
    let base = |connector: Connector| ConnectorPage {
        frame: world.frame("/console/connectors/details?id=c-1"),
        connector,
        registered: NOW - 120 * DAY,
        seen_from: world.name("203.0.113.24"),
        platform: world.name("VMware ESXi 8"),
        domains: vec![world.name("corp.example.com"), world.name("users.example.net")],
        failures: Vec::new(),
        copy_refused: None,
        connections: connections(world),
        keeps_disconnects: true,
        disconnects: Vec::new(),
        certificate: ConnectorCertificate {
            key_fingerprint: world.name(FINGERPRINT),
            serial: world.name("4A:11:90:7C:22"),
            expires: NOW + 23 * DAY,
        },
        update: UpdateState::Current,
        prechecks: None,
        may_change: true,
        can_order: true,
        notice: None,
        problem: None,
        now: NOW,
    };
    let all = every_connector(world);
    let good = || base(all[6].clone());
    let mut push = |name: &str, page: ConnectorPage| {
        list.push((format!("connector{name}"), pages::connector(&page)));
    };
    push("", good());
    push("-read-only", ConnectorPage { may_change: false, ..good() });
    push(
        "-silent",
        ConnectorPage {
            connections: Vec::new(),
            disconnects: disconnects(world),
            update: UpdateState::WaitsForContact,
            certificate: ConnectorCertificate { expires: NOW - DAY, ..good().certificate },
            problem: Some(ConnectorProblem::NotInContact),
            ..base(all[0].clone())
        },
    );
    push(
        "-error",
        ConnectorPage {
            failures: vec![world.name("The clock of the appliance is 7 min behind.")],
            copy_refused: Some(NOW - 7 * 60),
            connections: connections(world).into_iter().take(1).collect(),
            disconnects: disconnects(world).into_iter().skip(1).take(3).collect(),
            certificate: ConnectorCertificate { expires: NOW + 2 * DAY, ..good().certificate },
            update: UpdateState::Failed { reason: world.name("signature: key not known") },
            ..base(all[1].clone())
        },
    );
    push(
        "-waiting",
        ConnectorPage {
            connections: Vec::new(),
            seen_from: String::new(),
            platform: String::new(),
            domains: Vec::new(),
            update: UpdateState::Unknown,
            ..base(all[3].clone())
        },
    );
    push(
        "-update-ordered",
        ConnectorPage {
            update: UpdateState::Scheduled { at: Some(NOW + 5 * HOUR) },
            notice: Some(ConnectorNotice::UpdateOrdered),
            ..good()
        },
    );
    for (name, prechecks) in [
        ("-prechecks", precheck_states::mixed(world)),
        ("-prechecks-good", precheck_states::good()),
        ("-prechecks-every-cause", precheck_states::every_cause(world)),
    ] {
        let notice = Some(ConnectorNotice::PrechecksDone);
        push(name, ConnectorPage { prechecks: Some(prechecks), notice, ..good() });
    }
    for (name, problem) in [
        ("-busy", ConnectorProblem::Busy),
        ("-too-many-requests", ConnectorProblem::TooManyRequests),
        ("-too-late", ConnectorProblem::TooLate),
        ("-too-old", ConnectorProblem::TooOld),
        ("-refused", ConnectorProblem::Refused { said: world.name("the disk is full") }),
        ("-strange", ConnectorProblem::Strange),
        ("-lost", ConnectorProblem::Lost),
        ("-no-gateway", ConnectorProblem::NoGateway),
        ("-form-expired", ConnectorProblem::FormExpired),
    ] {
        push(name, ConnectorPage { problem: Some(problem), ..good() });
    }
}

fn removing(world: World, list: &mut Vec<(String, String)>) {
    for (name, state, is_last, is_refused) in [
        ("orphan", ConnectorState::NotInContact, false, false),
        ("working", ConnectorState::InContact, true, false),
        ("refused", ConnectorState::NotInContact, false, true),
    ] {
        let html = pages::remove_connector(&RemoveConnector {
            frame: world.frame("/console/connectors/remove?id=c-1"),
            id: world.name("c-1"),
            name: world.name("connector-ngo-02"),
            location: world.name("Nagoya Plant"),
            state,
            is_last,
            is_refused,
        });
        list.push((format!("connector-remove-{name}"), html));
    }
}
