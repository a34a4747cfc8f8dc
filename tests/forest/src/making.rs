//! How the controllers of each recipe are made.

use std::thread;
use std::time::Instant;

use crate::controller::{Controller, DATABASE};
use crate::error::ForestError;
use crate::fixtures::{self, PASSWORD};
use crate::forest::Forest;
use crate::limits;
use crate::network::wait_for_service_record;
use crate::recipe::Recipe;
use crate::role::{BRANCH1, DC1, DC2, Origin, PARTNER1, Role};

/// Makes what the bases lack. The controllers of the bases are in their places; none runs,
/// before and after.
pub(crate) fn make(recipe: Recipe, forest: &Forest) -> Result<(), ForestError> {
    match recipe {
        Recipe::Single => {
            let dc1 = forest.controller(DC1.name)?;
            provision(dc1)?;
            dc1.ldbmodify(&fixtures::company())?;
            dc1.start()?;
            dc1.host().run("samba_spnupdate", &[])?;
            fixtures::finish_company(dc1, forest.appliance())?;
            dc1.stop()
        }
        Recipe::OtherForest => {
            let partner = forest.controller(PARTNER1.name)?;
            provision(partner)?;
            partner.ldbmodify(&fixtures::partner())?;
            // At its first start it makes its keys.
            partner.start()?;
            partner.host().run("samba_spnupdate", &[])?;
            partner.stop()
        }
        Recipe::Crowd => {
            let dc1 = forest.controller(DC1.name)?;
            fixtures::crowd().iter().try_for_each(|ldif| dc1.ldbmodify(ldif))
        }
        Recipe::TwoControllers => {
            let (dc1, dc2) = (forest.controller(DC1.name)?, forest.controller(DC2.name)?);
            dc1.start()?;
            join(dc2)?;
            wait_for_replication(dc1, dc2)?;
            forest.stop()
        }
        Recipe::ReadOnly => {
            forest.controller(DC1.name)?.start()?;
            join(forest.controller(BRANCH1.name)?)?;
            forest.stop()
        }
        Recipe::TrustedForests => {
            let (dc1, partner) = (forest.controller(DC1.name)?, forest.controller(PARTNER1.name)?);
            dc1.start()?;
            partner.start()?;
            trust(dc1, partner)?;
            forest.stop()
        }
    }
}

/// Makes the first controller of a forest.
fn provision(controller: &Controller) -> Result<(), ForestError> {
    let role = controller.role();
    controller.host().write("/etc/resolv.conf", &format!("nameserver {}\n", role.address))?;
    let options = [
        format!("--realm={}", role.realm()),
        format!("--domain={}", role.netbios),
        format!("--host-name={}", role.name),
        format!("--host-ip={}", role.address),
        format!("--adminpass={PASSWORD}"),
    ];
    let mut arguments = vec![
        "domain",
        "provision",
        "--use-rfc2307",
        "--server-role=dc",
        "--dns-backend=SAMBA_INTERNAL",
    ];
    arguments.extend(options.iter().map(String::as_str));
    arguments.extend(OPTIONS);
    controller.samba_tool(&arguments)?;
    // A snapshot is older than the 42 days after which passwords end otherwise.
    controller.samba_tool(&["domain", "passwordsettings", "set", "--max-pwd-age=0"])?;
    Ok(())
}

/// Options of each controller's configuration. Access lists of files are kept in a file of Samba,
/// because not every file system takes them.
const OPTIONS: [&str; 7] = [
    // Programs in Python, which would take the processor from each test at the start.
    // Each runs once while the controller is made.
    "--option=dns update command=/bin/true",
    "--option=spn update command=/bin/true",
    "--option=prefork children=2",
    "--option=interfaces=lo eth0",
    "--option=bind interfaces only=yes",
    "--option=vfs objects=dfs_samba4 acl_xattr xattr_tdb",
    "--option=dns forwarder=10.99.0.2",
];

/// Makes a further controller of a forest whose first one runs, starts it and waits until it has
/// the other's content.
fn join(controller: &Controller) -> Result<(), ForestError> {
    let role = controller.role();
    let (how, first) = match role.origin {
        Origin::NewForest => return provision(controller),
        Origin::Joined(first) => (vec![role.domain, "DC"], first),
        Origin::ReadOnly(first) => (vec![role.domain, "RODC", "--site=Branch"], first),
    };
    controller.host().write("/etc/resolv.conf", &format!("nameserver {}\n", first.address))?;
    let (realm, user) = (first.realm(), format!("administrator@{}", first.realm()));
    let kerberos = format!(
        "[libdefaults]\n\tdefault_realm = {realm}\n\tdns_lookup_kdc = true\n\trdns = false\n"
    );
    controller.host().write("/etc/krb5.conf", &kerberos)?;
    let options = [
        format!("--realm={realm}"),
        format!("--server={}", first.host_name()),
        format!("--username={user}"),
        format!("--password={PASSWORD}"),
    ];
    let mut arguments = vec!["domain", "join"];
    arguments.extend(how);
    arguments.push("--dns-backend=SAMBA_INTERNAL");
    arguments.extend(options.iter().map(String::as_str));
    arguments.extend(OPTIONS);
    controller.samba_tool(&arguments)?;
    controller.host().write("/etc/resolv.conf", &format!("nameserver {}\n", role.address))?;
    controller.start()?;
    announce(controller)
}

/// Enters a controller into DNS, as it does itself elsewhere.
fn announce(controller: &Controller) -> Result<(), ForestError> {
    let host = controller.host();
    host.run("samba_spnupdate", &[])?;
    if let Origin::ReadOnly(first) = controller.role().origin {
        return announce_read_only(controller, first);
    }
    host.run("samba_dnsupdate", &["--use-samba-tool"]).map(drop)
}

/// A read-only controller may not write, and is entered for its site only.
fn announce_read_only(controller: &Controller, first: &Role) -> Result<(), ForestError> {
    let zone = format!("_msdcs.{}", first.domain);
    for (service, zone, port) in [
        ("_ldap._tcp.Branch._sites.dc", zone.as_str(), 389),
        ("_kerberos._tcp.Branch._sites.dc", zone.as_str(), 88),
        ("_ldap._tcp.Branch._sites", first.domain, 389),
        ("_kerberos._tcp.Branch._sites", first.domain, 88),
    ] {
        let record = format!("{} {port} 0 100", controller.role().host_name());
        let user = format!("--username=administrator%{PASSWORD}");
        let server = first.host_name();
        controller.samba_tool(&["dns", "add", &server, zone, service, "SRV", &record, &user])?;
    }
    Ok(())
}

/// Waits until DNS names both controllers of a domain, and what is written on either is on the
/// other.
fn wait_for_replication(first: &Controller, second: &Controller) -> Result<(), ForestError> {
    for controller in [first, second] {
        // Who replicates from whom is computed by this program and read at the start. Asking a
        // running controller for both would be lost when its own turn for that comes meanwhile.
        controller.host().run("samba_kcc", &[])?;
        controller.stop()?;
        controller.start()?;
    }
    let deadline = Instant::now() + limits::REPLICATION;
    for (from, to) in [(first, second), (second, first)] {
        from.samba_tool(&["contact", "create", from.role().name])?;
        wait_for_copy(from, to)?;
        from.samba_tool(&["contact", "delete", from.role().name])?;
        let (server, name) = (from.address(), Some(to.role().name));
        let wait = || wait_for_service_record(server, from.role().domain, name, deadline);
        from.host().enter(wait)?.map_err(ForestError::io("wait for DNS"))?;
    }
    Ok(())
}

/// Waits until the contact of one controller is on the other, which is asked to fetch it. By itself
/// it may come only after five minutes: a controller reads at its start and then every five minutes
/// whom it has to tell of changes, and the other one may not have entered itself by then. What is
/// asked gets lost when it is the controller's own turn, so it is asked again.
fn wait_for_copy(from: &Controller, to: &Controller) -> Result<(), ForestError> {
    let filter = format!("(&(objectClass=contact)(cn={}))", from.role().name);
    let deadline = Instant::now() + limits::REPLICATION;
    loop {
        replicate(from, to)?;
        match wait_for_entry_until(to, &filter, Instant::now() + limits::REPLICATION_TURN) {
            Err(ForestError::Timeout { .. }) if Instant::now() < deadline => {}
            outcome => return outcome,
        }
    }
}

/// Asks a controller to fetch what is new on another, and to be told from then on.
fn replicate(from: &Controller, to: &Controller) -> Result<(), ForestError> {
    let context = from.role().base();
    let user = format!("--username=administrator%{PASSWORD}");
    let (to_host, from_host) = (to.role().host_name(), from.role().host_name());
    let arguments = ["drs", "replicate", &to_host, &from_host, &context, "--add-ref", &user];
    to.samba_tool(&arguments).map(drop)
}

/// Makes two forests trust each other.
fn trust(near: &Controller, far: &Controller) -> Result<(), ForestError> {
    let user = format!("--username=administrator@{}", far.role().realm());
    let password = format!("--password={PASSWORD}");
    near.samba_tool(&[
        "domain",
        "trust",
        "create",
        far.role().domain,
        "--type=forest",
        "--direction=both",
        "--create-location=both",
        &user,
        &password,
    ])
    .map(drop)
}

/// Waits until a search on a controller's own database finds something.
pub(crate) fn wait_for_entry(controller: &Controller, filter: &str) -> Result<(), ForestError> {
    wait_for_entry_until(controller, filter, Instant::now() + limits::REPLICATION)
}

fn wait_for_entry_until(
    controller: &Controller,
    filter: &str,
    deadline: Instant,
) -> Result<(), ForestError> {
    while controller.ldbsearch(filter, &["cn"])?.is_empty() {
        if Instant::now() > deadline {
            let what = format!("{filter} in {DATABASE} of {}", controller.role().name);
            return Err(ForestError::Timeout { what, limit: limits::REPLICATION });
        }
        thread::sleep(limits::SEARCH_INTERVAL);
    }
    Ok(())
}
