//! Resource locations, domains, updates.

use pages::{
    ConnectorKind, ConnectorUpdate, DeleteLocation, Domain, DomainLocation, DomainProblem, Domains,
    EditDomain, EditLocation, EditPolicy, Location, LocationNotice, LocationProblem,
    LocationUpdates, Locations, PolicyProblem, UpdateNotice, UpdateOrder, UpdatePolicy,
    UpdateProblem, UpdateState, Updates, Weekday,
};

use super::{DAY, HOUR, NOW, World};

const WINDOW: UpdatePolicy =
    UpdatePolicy::Window { day: Some(Weekday::Friday), start: 10 * 3600, order: UpdateOrder::Late };

pub(crate) fn add(world: World, list: &mut Vec<(String, String)>) {
    tiles(world, list);
    forms(world, list);
    domains(world, list);
    updates(world, list);
    policies(world, list);
}

fn every_location(world: World) -> Vec<Location> {
    let names = |names: &[&str]| names.iter().map(|name| world.name(name)).collect::<Vec<_>>();
    let location = |id: &str, name: &str, counts: (u32, u32, u32)| Location {
        id: world.name(id),
        name: world.name(name),
        time_zone: world.name("Tokyo Standard Time"),
        connectors: counts.0,
        in_contact: counts.1,
        updating: counts.2,
        created: NOW - 200 * DAY,
        ..Location::default()
    };
    vec![
        Location {
            is_default: true,
            versions: names(&["1.0.3.118", "1.0.4.12"]),
            domains: names(&["corp.example.com", "users.example.net"]),
            updates: WINDOW,
            ..location("5a1c2f9e-3a3e-4e0e-9d0f-6a0b7f6f2c11", "Tokyo HQ", (2, 1, 1))
        },
        Location {
            single_since: Some(NOW - 18 * DAY),
            versions: names(&["1.0.3.118"]),
            domains: names(&["branch.example.com"]),
            ..location("6b1c2f9e-3a3e-4e0e-9d0f-6a0b7f6f2c12", "Osaka Branch", (1, 1, 0))
        },
        Location {
            versions: names(&["1.0.3.118", "1.0.3.104"]),
            domains: names(&["plant.example.com"]),
            updates: UpdatePolicy::Window {
                day: None,
                start: 3 * 3600,
                order: UpdateOrder::Normal,
            },
            ..location("7c1c2f9e-3a3e-4e0e-9d0f-6a0b7f6f2c13", "Nagoya Plant", (2, 1, 0))
        },
        location("8d1c2f9e-3a3e-4e0e-9d0f-6a0b7f6f2c14", "Fukuoka Lab", (0, 0, 0)),
        Location {
            is_read_only: true,
            versions: names(&["1.0.4.12"]),
            ..location("9e1c2f9e-3a3e-4e0e-9d0f-6a0b7f6f2c15", "共有データセンター", (3, 3, 0))
        },
    ]
}

fn tiles(world: World, list: &mut Vec<(String, String)>) {
    let page = |locations, may_change, notice| {
        let frame = world.frame("/console/resource-locations");
        pages::locations(&Locations { frame, locations, may_change, notice, now: NOW })
    };
    let name = || world.name("Osaka Branch");
    list.push(("locations".into(), page(every_location(world), true, None)));
    list.push(("locations-read-only".into(), page(every_location(world), false, None)));
    let deleted = Some(LocationNotice::Deleted { name: name() });
    list.push(("locations-none".into(), page(Vec::new(), true, deleted)));
    list.push(("locations-none-read-only".into(), page(Vec::new(), false, None)));
    for (word, notice) in [
        ("added", LocationNotice::Added { name: name() }),
        ("changed", LocationNotice::Changed { name: name() }),
    ] {
        list.push((format!("locations-{word}"), page(every_location(world), true, Some(notice))));
    }
}

fn forms(world: World, list: &mut Vec<(String, String)>) {
    let form = |id: Option<&str>, is_default_now, problems| {
        pages::edit_location(&EditLocation {
            frame: world.frame("/console/resource-locations/add"),
            id: id.map(|id| world.name(id)),
            name: world.name("Osaka Branch"),
            time_zone: world.name("Tokyo Standard Time"),
            time_zones: ["GMT Standard Time", "Tokyo Standard Time", "UTC"]
                .map(|zone| world.name(zone))
                .into(),
            is_default: false,
            is_default_now,
            problems,
        })
    };
    list.push(("location-add".into(), form(None, false, Vec::new())));
    list.push(("location-edit".into(), form(Some("6b1c"), false, Vec::new())));
    list.push(("location-edit-default".into(), form(Some("6b1c"), true, Vec::new())));
    let problems = [
        ("name-missing", LocationProblem::NameMissing),
        ("name-too-long", LocationProblem::NameTooLong),
        ("name-character", LocationProblem::NameCharacter { character: '<' }),
        ("name-taken", LocationProblem::NameTaken),
        ("time-zone", LocationProblem::TimeZone),
        ("read-only", LocationProblem::ReadOnly),
        ("gone", LocationProblem::Gone),
        ("form-expired", LocationProblem::FormExpired),
        ("not-stored", LocationProblem::NotStored),
    ];
    for (name, problem) in problems {
        list.push((format!("location-edit-{name}"), form(Some("6b1c"), false, vec![problem])));
    }
    for (name, connectors, problem) in [
        ("", 0, None),
        ("-with-connectors", 2, None),
        ("-read-only", 0, Some(LocationProblem::ReadOnly)),
        ("-not-stored", 0, Some(LocationProblem::NotStored)),
    ] {
        let html = pages::delete_location(&DeleteLocation {
            frame: world.frame("/console/resource-locations/delete?id=6b1c"),
            id: world.name("6b1c"),
            name: world.name("Osaka Branch"),
            connectors,
            problem,
        });
        list.push((format!("location-delete{name}"), html));
    }
}

fn domains(world: World, list: &mut Vec<(String, String)>) {
    let location = |id: &str, name: &str, healthy_connectors, connectors| DomainLocation {
        id: world.name(id),
        name: world.name(name),
        healthy_connectors,
        connectors,
    };
    let domain = |name: &str, locations, is_enabled, served_by| Domain {
        name: world.name(name),
        forest: world.name("corp.example.com"),
        locations,
        primary_location: world.name("a"),
        served_by,
        is_enabled,
    };
    let appliance = ConnectorKind::Appliance;
    let both = || vec![location("a", "Tokyo HQ", 2, 2), location("b", "Osaka Branch", 0, 1)];
    let all = vec![
        domain("corp.example.com", both(), true, appliance),
        domain("branch.example.com", vec![location("b", "Osaka Branch", 1, 1)], true, appliance),
        domain("plant.example.com", vec![location("c", "Nagoya Plant", 0, 2)], true, appliance),
        domain(
            "old.example.com",
            vec![location("a", "Tokyo HQ", 1, 1)],
            false,
            ConnectorKind::Windows,
        ),
    ];
    let page = |domains, may_change, saved| {
        let frame = world.frame("/console/domains");
        pages::domains(&Domains { frame, domains, may_change, saved })
    };
    list.push(("domains".into(), page(all.clone(), true, None)));
    list.push(("domains-read-only".into(), page(all, false, None)));
    list.push((
        "domains-none".into(),
        page(Vec::new(), true, Some(world.name("gone.example.com"))),
    ));
    let edit = |problem| {
        pages::edit_domain(&EditDomain {
            frame: world.frame("/console/domains/edit?domain=corp.example.com"),
            domain: domain("corp.example.com", both(), true, appliance),
            problem,
        })
    };
    list.push(("domain-edit".into(), edit(None)));
    for (name, problem) in [
        ("primary", DomainProblem::PrimaryLocation),
        ("served-by", DomainProblem::ServedBy),
        ("gone", DomainProblem::Gone),
        ("form-expired", DomainProblem::FormExpired),
        ("not-stored", DomainProblem::NotStored),
    ] {
        list.push((format!("domain-edit-{name}"), edit(Some(problem))));
    }
}

fn every_update(world: World) -> Vec<ConnectorUpdate> {
    let reason = || world.name("health: the admin page did not answer within 5 min");
    let states = [
        UpdateState::Current,
        UpdateState::Scheduled { at: Some(NOW + 5 * HOUR) },
        UpdateState::Scheduled { at: None },
        UpdateState::WaitsForSibling,
        UpdateState::WaitsForContact,
        UpdateState::Downloading { percent: 42 },
        UpdateState::Installing,
        UpdateState::Restarting,
        UpdateState::Failed { reason: reason() },
        UpdateState::RolledBack { reason: reason() },
        UpdateState::Off,
        UpdateState::Unknown,
    ];
    let update = |(index, state)| ConnectorUpdate {
        id: world.name(&format!("c-{index}")),
        name: world.name(&format!("connector-hq-{index:02}")),
        version: world.name(if state == UpdateState::Unknown { "" } else { "1.0.3.118" }),
        target: world.name("1.0.4.12"),
        since: (state != UpdateState::Unknown).then_some(NOW - 2 * HOUR),
        state,
    };
    states.into_iter().enumerate().map(update).collect()
}

fn updates(world: World, list: &mut Vec<(String, String)>) {
    let location = |name: &str, policy, connectors| LocationUpdates {
        id: world.name(name),
        name: world.name(name),
        time_zone: world.name("Tokyo Standard Time"),
        policy,
        connectors,
    };
    let all = vec![
        location("Tokyo HQ", WINDOW, every_update(world)),
        location("Fukuoka Lab", UpdatePolicy::Immediately, Vec::new()),
    ];
    let page = |locations, may_change, notice, problem| {
        let frame = world.frame("/console/updates");
        pages::updates(&Updates {
            frame,
            locations,
            may_change,
            can_order: may_change,
            notice,
            problem,
            now: NOW,
        })
    };
    let connector = || world.name("connector-hq-01");
    list.push(("updates".into(), page(all.clone(), true, None, None)));
    list.push(("updates-read-only".into(), page(all.clone(), false, None, None)));
    list.push(("updates-none".into(), page(Vec::new(), true, None, None)));
    let saved = UpdateNotice::PolicySaved { location: world.name("Tokyo HQ") };
    list.push(("updates-policy-saved".into(), page(all.clone(), true, Some(saved), None)));
    let ordered = UpdateNotice::Ordered { connector: connector() };
    list.push(("updates-ordered".into(), page(all.clone(), true, Some(ordered), None)));
    for (name, problem) in [
        ("not-in-contact", UpdateProblem::NotInContact { connector: connector() }),
        ("nothing-to-do", UpdateProblem::NothingToDo { connector: connector() }),
        ("form-expired", UpdateProblem::FormExpired),
    ] {
        list.push((format!("updates-{name}"), page(all.clone(), true, None, Some(problem))));
    }
}

fn policies(world: World, list: &mut Vec<(String, String)>) {
    let page = |policy, problem| {
        pages::edit_policy(&EditPolicy {
            frame: world.frame("/console/updates/policy?location=5a1c"),
            location: world.name("5a1c"),
            name: world.name("Tokyo HQ"),
            time_zone: world.name("Tokyo Standard Time"),
            policy,
            start: String::new(),
            problem,
        })
    };
    list.push(("policy-immediately".into(), page(UpdatePolicy::Immediately, None)));
    list.push(("policy-window".into(), page(WINDOW, None)));
    for (name, problem) in [
        ("start", PolicyProblem::Start),
        ("day", PolicyProblem::Day),
        ("gone", PolicyProblem::Gone),
        ("form-expired", PolicyProblem::FormExpired),
        ("not-stored", PolicyProblem::NotStored),
    ] {
        list.push((format!("policy-{name}"), page(WINDOW, Some(problem))));
    }
}
