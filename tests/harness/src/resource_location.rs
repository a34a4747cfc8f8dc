//! Two appliances in one resource location of a real control plane, with everything that a lookup needs:
//! a domain controller, PostgreSQL, and a network for all of them. Needs root.

use std::net::{Ipv4Addr, SocketAddr};
use std::thread;

use database::Postgres;
use forest::{Forest, Recipe, fixtures, role};
use serde_json::json;

use crate::cloud::Cloud;
use crate::daemon::Daemon;
use crate::disk::Disk;
use crate::error::HarnessError;
use crate::limits;
use crate::load::{Load, Question};
use crate::machine::Machine;
use crate::namespace::{self, Namespace};
use crate::orders::{Orders, Tally};
use crate::rest::{self, PASSWORD, RestClient};

/// Where the cloud is: not a private address, so that the appliances take it for one on the Internet.
const CLOUD: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 10);
const HTTPS: u16 = 443;
/// Where the web server inside is.
const WEB_SERVER: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 20);
const HTTP: u16 = 80;
/// Appliances of the resource location.
pub const APPLIANCES: u8 = 2;
/// Users of the domain that are looked up.
const USERS: [&str; 4] = ["alice", "yamada", "special", "delegate"];

/// An appliance of the resource location.
#[derive(Debug)]
pub struct Member {
    /// Its machine.
    pub machine: Machine,
    /// Its address.
    pub address: Ipv4Addr,
    /// Its name in the cloud.
    pub name: String,
    /// Its identifier in the cloud.
    pub connector: String,
}

/// The appliances, and what they work with.
#[derive(Debug)]
pub struct ResourceLocation {
    // Before the network: machines end before their cards are removed.
    members: Vec<Member>,
    cloud: Cloud,
    database: Postgres,
    _forest: Forest,
    web_server: Daemon,
    namespace: Namespace,
    id: String,
}

impl ResourceLocation {
    /// Starts everything, registers the appliances with a secure client, and has them join the domain.
    /// `report` hears of each step.
    ///
    /// # Errors
    ///
    /// When a part does not come up or refuses.
    pub fn start(report: &mut dyn FnMut(&str)) -> Result<Self, HarnessError> {
        report("a domain controller (Samba) and PostgreSQL");
        let forest = Forest::start(Recipe::Single).map_err(failed("start a domain controller"))?;
        let database = Postgres::start().map_err(failed("start PostgreSQL"))?;
        let mut namespace = Namespace::for_machines(APPLIANCES)?;
        namespace.start_dhcp_server()?;
        namespace.add_addresses([CLOUD, WEB_SERVER].into_iter())?;
        let places: Vec<_> = (0..APPLIANCES)
            .map(|number| (namespace::device(number), namespace::leased(number)))
            .collect();
        let places: Vec<_> = places.iter().map(|(device, it)| (device.as_str(), *it)).collect();
        forest.reach(namespace.name(), &places).map_err(failed("lay a cable to the domain"))?;
        let web_server = Daemon::web_server(&namespace, SocketAddr::from((WEB_SERVER, HTTP)))?;
        report("the cloud");
        let listen = SocketAddr::from((CLOUD, HTTPS));
        let cloud = Cloud::start_on(&namespace, listen, Some(database.address()))?;
        report("two appliances start, join the domain and register");
        let machines = (0..APPLIANCES).map(|number| {
            let attachment = namespace.attachment_of(number);
            Machine::builder().attachment(attachment).prepare(Disk::skip_grub_wait)
        });
        let machines = machines.collect::<Result<Vec<_>, _>>()?;
        let members = thread::scope(|scope| {
            let starting: Vec<_> = (0..APPLIANCES)
                .zip(machines)
                .map(|(number, machine)| {
                    let (namespace, cloud) = (&namespace, &cloud);
                    scope.spawn(move || namespace.enter(|| Member::set_up(number, machine, cloud)))
                })
                .collect();
            let members = starting.into_iter().map(|member| match member.join() {
                Ok(member) => member?,
                Err(panic) => std::panic::resume_unwind(panic),
            });
            members.collect::<Result<Vec<_>, HarnessError>>()
        })?;
        let reply = namespace.enter(|| cloud.client().get("/resourcelocations"))??;
        let id = rest::json(&reply)?["items"][0]["id"].as_str().map(str::to_owned);
        let id = id.ok_or_else(|| HarnessError::Http("no resource location".to_owned()))?;
        Ok(Self { members, cloud, database, _forest: forest, web_server, namespace, id })
    }

    /// The appliances.
    #[must_use]
    pub fn members(&self) -> &[Member] {
        &self.members
    }

    /// One of the appliances.
    ///
    /// # Panics
    ///
    /// When there is none of this number.
    pub fn member(&mut self, number: usize) -> &mut Member {
        &mut self.members[number]
    }

    /// The cloud.
    #[must_use]
    pub const fn cloud(&self) -> &Cloud {
        &self.cloud
    }

    /// Kills the cloud, as a power cut does, and starts it again.
    ///
    /// # Errors
    ///
    /// When it does not answer.
    pub fn restart_cloud(&mut self) -> Result<(), HarnessError> {
        self.cloud.restart(&self.namespace)
    }

    /// Ends PostgreSQL, as a power cut does.
    pub fn stop_database(&mut self) {
        self.database.stop();
    }

    /// Starts PostgreSQL again.
    ///
    /// # Errors
    ///
    /// When it does not start.
    pub fn resume_database(&mut self) -> Result<(), HarnessError> {
        self.database.resume().map_err(failed("start PostgreSQL"))
    }

    /// Starts clients that look users up in this resource location, so many times a second.
    ///
    /// # Errors
    ///
    /// When the network cannot be entered.
    pub fn load(&self, rate: u32) -> Result<Load, HarnessError> {
        let question = Question {
            location: self.id.clone(),
            domain: role::DC1.domain.to_owned(),
            users: USERS.map(str::to_owned).to_vec(),
        };
        let client = self.cloud.client().clone();
        self.namespace.enter(|| Load::start(client, question, rate))
    }

    /// Starts clients that have the web server inside do what must not be done twice.
    ///
    /// # Errors
    ///
    /// When the cloud does not take the web server into its list.
    pub fn orders(&self) -> Result<Orders, HarnessError> {
        let location = format!("/resourcelocations/{}", self.id);
        let server = json!({"name": "orders", "address": format!("http://{WEB_SERVER}")});
        let path = format!("{location}/webservers");
        let client = self.cloud.client().clone();
        let listed = self.namespace.enter(|| client.post(&path, &server))??;
        let heard = || HarnessError::Http(format!("{path}: {} {}", listed.status, listed.text()));
        let id = rest::json(&listed)?["id"].as_str().map(str::to_owned).ok_or_else(heard)?;
        self.namespace.enter(|| Orders::start(client, format!("{location}/web/{id}")))
    }

    /// Ends these clients, and compares what they heard with what the web server was told.
    ///
    /// # Errors
    ///
    /// As for [`Orders::finish`].
    pub fn settle(&self, orders: Orders) -> Result<Tally, HarnessError> {
        orders.finish(|| self.web_server.file(Daemon::REQUESTS))
    }
}

impl Member {
    /// Waits for a machine that starts, gives it a password, and has it join the domain and register.
    fn set_up(number: u8, mut machine: Machine, cloud: &Cloud) -> Result<Self, HarnessError> {
        let (address, name) = (namespace::leased(number), format!("ca-{}", number + 1));
        machine.wait_for_landing_page()?;
        let https = machine.https(address)?;
        https.wait_until_answering(limits::BOOT)?;
        let mut client = RestClient::new(https);
        client.create_password(PASSWORD)?;
        client.sign_in(PASSWORD)?;
        let done = |path: &str, body: serde_json::Value, status: u16| {
            let reply = client.post(path, &body)?;
            let heard = || format!("{name}: {path}: {} {}", reply.status, reply.text());
            if reply.status == status { Ok(()) } else { Err(HarnessError::Http(heard())) }
        };
        done("/rootCA", json!({"rootCA": cloud.root_ca()?}), 201)?;
        let join = json!({
            "domain_name": role::DC1.domain,
            "user_name": "administrator",
            "password": fixtures::PASSWORD,
            "machine_account": name.to_uppercase(),
            "dns_servers": [role::DNS_SERVER.to_string()],
        });
        done("/domains", join, 200)?;
        let registration = json!({
            "applianceName": name,
            "clientId": cloud.first().client,
            "clientSecret": cloud.first().secret,
            "cloud": CLOUD.to_string(),
        });
        done("/unattendedRegistration", registration, 200)?;
        let registration = rest::json(&client.get("/registration")?)?;
        let connector = registration["connectorId"].as_str().unwrap_or_default().to_owned();
        Ok(Self { machine, address, name, connector })
    }
}

/// An error of another crate of tests.
fn failed<E: std::fmt::Display>(what: &str) -> impl FnOnce(E) -> HarnessError {
    let command = what.to_owned();
    move |error| HarnessError::Command { command, stderr: error.to_string() }
}
