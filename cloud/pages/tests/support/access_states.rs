//! API access and administrators.

use pages::{
    Access, AccessProblem, AccessSubject, Administrator, AdministratorStatus, Administrators,
    AdministratorsNotice, AdministratorsProblem, ClientProblem, DeleteAdministrator, DeleteClient,
    InvitationLink, NewSecret, ProductRegistration, ProductRegistrations, RemoveRegistration,
    SecureClient, SecureClients, SetAccess,
};

use super::{DAY, HOUR, NOW, World, custom};

pub(crate) fn add(world: World, list: &mut Vec<(String, String)>) {
    clients(world, list);
    registrations(world, list);
    administrators(world, list);
    access(world, list);
}

fn clients(world: World, list: &mut Vec<(String, String)>) {
    let client = |name: &str, last_used, may_delete| SecureClient {
        id: world.name("0f7c2a9e-3a3e-4e0e-9d0f-6a0b7f6f2c11"),
        name: world.name(name),
        maker: world.name("Yuki Tanaka"),
        created: NOW - 90 * DAY,
        last_used,
        may_delete,
    };
    let all =
        || vec![client("terraform", Some(NOW - 300), true), client("monitoring", None, false)];
    let page = |clients, created, deleted, problem| {
        pages::secure_clients(&SecureClients {
            frame: world.frame("/console/api-access"),
            customer_id: world.name("ex4mple0k2z1"),
            clients,
            shows_registrations: true,
            name: world.name("inventory"),
            created,
            deleted,
            problem,
            now: NOW,
        })
    };
    list.push(("clients".into(), page(all(), None, None, None)));
    list.push(("clients-none".into(), page(Vec::new(), None, Some(world.name("terraform")), None)));
    let made = NewSecret {
        name: world.name("inventory"),
        id: world.name("1a7c2a9e-3a3e-4e0e-9d0f-6a0b7f6f2c19"),
        secret: world.name("q3J0yVnK8mR1sT5w=="),
    };
    list.push(("clients-created".into(), page(all(), Some(made), None, None)));
    for (name, problem) in [
        ("name-missing", ClientProblem::NameMissing),
        ("name-too-long", ClientProblem::NameTooLong),
        ("name-character", ClientProblem::NameCharacter { character: '"' }),
        ("name-taken", ClientProblem::NameTaken),
        ("too-many", ClientProblem::TooMany),
        ("form-expired", ClientProblem::FormExpired),
        ("not-stored", ClientProblem::NotStored),
    ] {
        list.push((format!("clients-{name}"), page(all(), None, None, Some(problem))));
    }
    for (name, is_refused) in [("", false), ("-refused", true)] {
        let html = pages::delete_client(&DeleteClient {
            frame: world.frame("/console/api-access/delete?id=1"),
            id: world.name("1"),
            name: world.name("terraform"),
            is_refused,
        });
        list.push((format!("client-delete{name}"), html));
    }
}

fn registrations(world: World, list: &mut Vec<(String, String)>) {
    let registration = |name: &str, is_in_use| ProductRegistration {
        id: world.name(name),
        name: world.name(name),
        product: world.name("Connector Appliance"),
        location: world.name("Tokyo HQ"),
        registered_by: world.name("Yuki Tanaka"),
        registered: NOW - 120 * DAY,
        is_in_use,
    };
    let page = |registrations, removed| {
        pages::product_registrations(&ProductRegistrations {
            frame: world.frame("/console/api-access/product-registrations"),
            customer_id: world.name("ex4mple0k2z1"),
            registrations,
            removed,
            now: NOW,
        })
    };
    let all = vec![registration("connector-hq-01", true), registration("connector-old-01", false)];
    list.push(("registrations".into(), page(all, None)));
    list.push(("registrations-none".into(), page(Vec::new(), Some(world.name("old")))));
    for (name, is_in_use, is_refused) in [("in-use", true, false), ("gone", false, true)] {
        let html = pages::remove_registration(&RemoveRegistration {
            frame: world.frame("/console/api-access/product-registrations/remove?id=1"),
            id: world.name("1"),
            name: world.name("connector-old-01"),
            is_in_use,
            is_refused,
        });
        list.push((format!("registration-remove-{name}"), html));
    }
}

fn everybody(world: World) -> Vec<Administrator> {
    let one = |name: &str, email: &str, status, access, is_self| Administrator {
        id: world.name(name),
        name: world.name(name),
        email: world.name(email),
        status,
        access,
        invitation_expires: NOW + 3 * DAY,
        is_self,
    };
    vec![
        one("Yuki Tanaka", "y.tanaka@example.com", AdministratorStatus::Active, Access::Full, true),
        one("Sora Mori", "s.mori@example.com", AdministratorStatus::InviteSent, custom(), false),
        one(
            "Ren Ito",
            "a.very.long.address.of.an.administrator@subsidiary.example.com",
            AdministratorStatus::Expired,
            Access::Full,
            false,
        ),
    ]
}

fn administrators(world: World, list: &mut Vec<(String, String)>) {
    let page = |may_change, timeout_minutes, notice, problem| {
        pages::administrators(&Administrators {
            frame: world.frame("/console/administrators"),
            administrators: everybody(world),
            may_change,
            timeout_minutes,
            timeout_text: String::new(),
            notice,
            problem,
            now: NOW,
        })
    };
    let name = || world.name("Sora Mori");
    list.push(("administrators".into(), page(true, None, None, None)));
    list.push(("administrators-read-only".into(), page(false, Some(30), None, None)));
    let link = |is_mailed| {
        AdministratorsNotice::Invited(InvitationLink {
            email: world.name("s.mori@example.com"),
            url: world.name("https://cloud.example.com/console/invitation?token=Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4"),
            expires: NOW + 120 * HOUR,
            is_mailed,
        })
    };
    for (word, notice) in [
        ("invited", link(false)),
        ("mailed", link(true)),
        ("changed", AdministratorsNotice::AccessChanged { name: name() }),
        ("deleted", AdministratorsNotice::Deleted { name: name() }),
        ("timeout-saved", AdministratorsNotice::TimeoutSaved),
    ] {
        let html = page(true, Some(60), Some(notice), None);
        list.push((format!("administrators-{word}"), html));
    }
    for (word, problem) in [
        ("timeout", AdministratorsProblem::Timeout),
        ("accepted", AdministratorsProblem::Accepted),
        ("invitation-expired", AdministratorsProblem::InvitationExpired),
        ("gone", AdministratorsProblem::Gone),
        ("form-expired", AdministratorsProblem::FormExpired),
        ("not-stored", AdministratorsProblem::NotStored),
    ] {
        let html = page(true, None, None, Some(problem));
        list.push((format!("administrators-problem-{word}"), html));
    }
    for (word, is_last_full, is_self, is_refused) in [
        ("", false, false, false),
        ("-self", false, true, false),
        ("-last", true, true, false),
        ("-refused", false, false, true),
    ] {
        let html = pages::delete_administrator(&DeleteAdministrator {
            frame: world.frame("/console/administrators/delete?id=1"),
            id: world.name("1"),
            name: name(),
            is_last_full,
            is_self,
            is_refused,
        });
        list.push((format!("administrator-delete{word}"), html));
    }
}

fn access(world: World, list: &mut Vec<(String, String)>) {
    let page = |subject, access, problems| {
        let frame = world.frame("/console/administrators/invite");
        pages::set_access(&SetAccess { frame, subject, access, problems })
    };
    let invited = |email: &str| AccessSubject::Invited {
        email: world.name(email),
        name: world.name("Sora Mori"),
    };
    let known = || AccessSubject::Administrator {
        id: world.name("1"),
        name: world.name("Sora Mori"),
        email: world.name("s.mori@example.com"),
    };
    list.push(("invite".into(), page(invited(""), Access::Full, Vec::new())));
    list.push(("invite-custom".into(), page(invited("s.mori@example.com"), custom(), Vec::new())));
    list.push(("access".into(), page(known(), custom(), Vec::new())));
    let problems = vec![AccessProblem::Email, AccessProblem::Name, AccessProblem::NoRights];
    list.push((
        "invite-problems".into(),
        page(invited("s.mori"), Access::Custom(Vec::new()), problems),
    ));
    for (word, problem) in [
        ("email-taken", AccessProblem::EmailTaken),
        ("last-full", AccessProblem::LastFull),
        ("gone", AccessProblem::Gone),
        ("form-expired", AccessProblem::FormExpired),
        ("not-stored", AccessProblem::NotStored),
    ] {
        let subject = if word == "email-taken" { invited("s.mori@example.com") } else { known() };
        list.push((format!("access-{word}"), page(subject, custom(), vec![problem])));
    }
}
