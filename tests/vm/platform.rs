//! First settings of the platform on the whole machine, and what the platform is told: nobody opens the page.

mod clouds;
mod guest_agent;

use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::Command;

use harness::disk::run;
use harness::namespace::{GATEWAY, LEASED};
use harness::qemu::USER_ADDRESS;
use harness::rest::{PASSWORD, json};
use harness::{Cloud, Daemon, Machine, Namespace, RestClient, limits};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{answer, must, rest, screenshot};
use guest_agent::GuestAgent;

/// An address that is not private: connections to it take the proxies.
const OUTSIDE: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 10);
const PROXY: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(GATEWAY), 3128);
const PROXY_LOGIN: (&str, &str) = ("connector", "Proxy-Secret-4711");
const NAME: &str = "tokyo-1";
/// Of [`PASSWORD`], by `argon2 first-settings-1 -id -t 2 -k 19456 -p 1 -e`.
const PASSWORD_HASH: &str = "$argon2id$v=19$m=19456,t=2,p=1$Zmlyc3Qtc2V0dGluZ3MtMQ\
                             $ZyRFBGpVuJPsuUf9Q4K9keSXLfoxsVFIWAsvC1LWxwk";

/// Tables of VMware, for QEMU.
const VMWARE: &str = "type=1,manufacturer=VMware,, Inc.,product=VMware7,,1";
const CHANGED: &str = "Another-horse-2";

/// What surrounds a machine that nobody has opened the page of.
struct Site {
    // Before the network: the machine ends before its card is removed.
    machine: Machine,
    client: RestClient,
    namespace: Namespace,
    directory: TempDir,
}

fn namespace() -> Namespace {
    let mut namespace = must(Namespace::new());
    must(namespace.start_dhcp_server());
    must(namespace.add_addresses([OUTSIDE].into_iter()));
    namespace
}

impl Site {
    fn start(namespace: Namespace, directory: TempDir, extra: &[String]) -> Self {
        let extra: Vec<_> = extra.iter().map(String::as_str).collect();
        let machine = Machine::builder().attachment(namespace.attachment()).extra(&extra);
        let mut machine = must(machine.start());
        assert_eq!(must(machine.wait_for_landing_page()).address, LEASED);
        let https = must(machine.https(LEASED));
        must(must(namespace.enter(|| https.wait_until_answering(limits::BOOT))));
        Self { machine, client: RestClient::new(https), namespace, directory }
    }

    /// Signs in with the password whose hash was handed over.
    fn sign_in(&mut self) {
        let client = &mut self.client;
        must(must(self.namespace.enter(|| client.sign_in(PASSWORD))));
    }

    fn get(&self, path: &str) -> Value {
        let client = &self.client;
        must(json(&must(must(self.namespace.enter(|| client.get(path))))))
    }

    fn wait_for(&self, path: &str, is_wanted: impl Fn(&Value) -> bool + Send) -> Value {
        let client = &self.client;
        must(must(self.namespace.enter(|| client.wait_for(path, is_wanted))))
    }

    /// Signs in, and waits until the appliance is registered by its name and connected.
    fn is_registered(&mut self) {
        self.sign_in();
        let registered = self.wait_for("/registration", |registration| {
            let all = registration["connections"].as_array().map(Vec::as_slice).unwrap_or_default();
            let is_connected = |connection: &Value| connection["state"] == "connected";
            registration["status"] == "Registered" && all.len() == 2 && all.iter().all(is_connected)
        });
        assert_eq!(registered["name"], NAME, "{registered:#}");
    }
}

/// How a secure client registers with the cloud.
fn registration(cloud: &Cloud) -> Value {
    let first = cloud.first();
    json!({
        "clientId": first.client,
        "clientSecret": first.secret,
        "cloud": cloud.address().ip(),
    })
}

/// The document that makes a machine a registered appliance.
fn document(cloud: &Cloud) -> String {
    let document = json!({"connector": {
        "name": NAME,
        "rootCas": [must(cloud.root_ca())],
        "registration": registration(cloud),
        "passwordHash": PASSWORD_HASH,
    }});
    document.to_string()
}

/// The same as values with keys.
fn values(cloud: &Cloud) -> [(&'static str, String); 4] {
    [
        ("name", NAME.to_owned()),
        ("rootcas", must(cloud.root_ca())),
        ("registration", registration(cloud).to_string()),
        ("password-hash", PASSWORD_HASH.to_owned()),
    ]
}

fn base64(text: &str) -> String {
    let directory = tempfile::tempdir().expect("directory");
    let file = write(directory.path(), "text", text);
    let encoded = must(run(Command::new("base64").arg("--wrap=0").arg(file)));
    String::from_utf8(encoded).expect("base64")
}

/// A network with a cloud outside of it.
fn with_cloud() -> (Namespace, Cloud) {
    let namespace = namespace();
    let cloud = must(Cloud::start(&namespace, SocketAddr::from((OUTSIDE, 443))));
    (namespace, cloud)
}

fn write(directory: &Path, name: &str, content: &str) -> PathBuf {
    let file = directory.join(name);
    fs::write(&file, content).expect("a file");
    file
}

#[test]
fn files_of_fw_cfg_make_a_registered_appliance_behind_a_proxy_and_the_agent_ends_it() {
    let (namespace, cloud) = with_cloud();
    let _squid = must(Daemon::squid(&namespace, PROXY, Some(PROXY_LOGIN)));
    let directory = tempfile::tempdir().expect("directory");
    let (user, password) = PROXY_LOGIN;
    let proxies = json!([{"location": PROXY.to_string(), "userName": user, "password": password}]);
    let mut extra = GuestAgent::arguments(directory.path());
    let network = format!("static:ip={LEASED};netmask=24;route={GATEWAY};dns={GATEWAY}");
    let further = [("network", network), ("proxies", proxies.to_string())];
    for (name, value) in values(&cloud).into_iter().chain(further) {
        let file = write(directory.path(), name, &value);
        extra.push("-fw_cfg".to_owned());
        extra.push(format!("name=opt/connector/{name},file={}", file.display()));
    }
    let mut site = Site::start(namespace, directory, &extra);
    site.is_registered();
    let is_used = |proxies: &Value| proxies["items"][0]["status"] == "reachable";
    site.wait_for("/proxies", is_used);
    let network = site.get("/network");
    assert_eq!(network["settings"]["hostName"]["value"], NAME, "{network:#}");
    assert_eq!(network["settings"]["network"]["origin"], "operator", "{network:#}");

    let mut agent = GuestAgent::connect(site.directory.path());
    assert_eq!(agent.ask(&json!({"execute": "guest-ping"})), json!({"return": {}}));
    let interfaces = agent.ask(&json!({"execute": "guest-network-get-interfaces"}));
    let address = &interfaces["return"][0]["ip-addresses"][0]["ip-address"];
    assert_eq!(*address, LEASED.to_string(), "{interfaces:#}");
    let unknown = agent.ask(&json!({"execute": "guest-exec"}));
    assert_eq!(unknown["error"]["class"], "CommandNotFound", "{unknown:#}");
    agent.send(&json!({"execute": "guest-shutdown"}));
    must(site.machine.wait_for_power_off());
}

#[test]
fn oem_strings_make_a_registered_appliance() {
    let (namespace, cloud) = with_cloud();
    let directory = tempfile::tempdir().expect("directory");
    let mut extra = Vec::new();
    for (key, value) in values(&cloud) {
        // From files: a comma would end a value of the argument.
        let file = write(directory.path(), key, &format!("connector.{key}={value}"));
        extra.extend(["-smbios".to_owned(), format!("type=11,path={}", file.display())]);
    }
    Site::start(namespace, directory, &extra).is_registered();
}

/// A drive of QEMU with a medium, at a device such as `ide-cd`.
fn drive(image: &Path, device: &str) -> Vec<String> {
    let file = format!("file={},format=raw,if=none,id=seed,readonly=on", image.display());
    let device = format!("{device},drive=seed");
    ["-drive", &file, "-device", &device].map(str::to_owned).to_vec()
}

/// A CD with these files.
fn cd(directory: &Path, name: &str, files: &[(&str, String)]) -> Vec<String> {
    let tree = directory.join("files");
    fs::create_dir(&tree).expect("a directory");
    for (name, content) in files {
        write(&tree, name, content);
    }
    let image = directory.join("seed.iso");
    let mut command = Command::new("genisoimage");
    command.args(["-quiet", "-joliet", "-rock", "-volid", name, "-output"]);
    must(run(command.arg(&image).arg(&tree)));
    drive(&image, "ide-cd")
}

#[test]
fn a_medium_registers_an_appliance_once_and_what_a_person_changes_stays() {
    let (namespace, cloud) = with_cloud();
    let directory = tempfile::tempdir().expect("directory");
    let user_data = format!("#connector\n{}", document(&cloud));
    let files = [("user-data", user_data), ("meta-data", "instance-id: one\n".to_owned())];
    let drive = cd(directory.path(), "cidata", &files);
    let mut site = Site::start(namespace, directory, &drive);
    site.is_registered();
    let change = json!({"username": "admin", "currentPassword": PASSWORD, "newPassword": CHANGED});
    let client = &site.client;
    let reply = must(must(site.namespace.enter(|| client.post("/$changePassword", &change))));
    assert!(reply.status < 300, "{reply:?}");

    must(site.machine.power_button());
    must(site.machine.switch_on());
    must(site.machine.wait_for_landing_page());
    let https = must(site.machine.https(LEASED));
    must(must(site.namespace.enter(|| https.wait_until_answering(limits::BOOT))));
    let client = &mut site.client;
    assert!(!must(must(site.namespace.enter(|| client.try_sign_in(PASSWORD)))));
    assert!(must(must(site.namespace.enter(|| client.try_sign_in(CHANGED)))));
}

#[test]
fn properties_of_an_ova_on_a_cd_make_a_registered_appliance_on_vmware() {
    let (namespace, cloud) = with_cloud();
    let directory = tempfile::tempdir().expect("directory");
    let property = |(key, value): (&str, String)| {
        let is_long = matches!(key, "rootcas" | "registration");
        let value = if is_long { base64(&value) } else { value };
        format!(r#"<Property oe:key="connector.{key}" oe:value="{value}"/>"#)
    };
    let properties: String = values(&cloud).map(property).concat();
    let space = "http://schemas.dmtf.org/ovf/environment/1";
    let environment = format!(
        r#"<?xml version="1.0" encoding="UTF-8"?><Environment xmlns="{space}" xmlns:oe="{space}">
           <PropertySection>{properties}</PropertySection></Environment>"#
    );
    let mut extra = cd(directory.path(), "OVF ENV", &[("ovf-env.xml", environment)]);
    extra.extend(["-smbios".to_owned(), VMWARE.to_owned()]);
    Site::start(namespace, directory, &extra).is_registered();
}

#[test]
fn a_disk_with_fat_makes_a_registered_appliance() {
    let (namespace, cloud) = with_cloud();
    let directory = tempfile::tempdir().expect("directory");
    let image = directory.path().join("seed.img");
    let mut make = Command::new("mkfs.vfat");
    must(run(make.args(["-n", "CIDATA", "-C"]).arg(&image).arg("1440")));
    let user_data = write(directory.path(), "user-data", &document(&cloud));
    must(run(Command::new("mcopy").arg("-i").arg(&image).arg(user_data).arg("::")));
    Site::start(namespace, directory, &drive(&image, "virtio-blk-pci")).is_registered();
}

#[test]
fn a_mistake_in_oem_strings_is_named_on_console_and_page_and_repeats_no_password() {
    let strings = "type=11,value=connector.name=not a name,value=connector.password=hunter2";
    let builder = Machine::builder().reach(USER_ADDRESS).extra(&["-smbios", strings]);
    let mut machine = must(builder.start());
    let words = ["connector.name", "connector.password-hash", "platform.first-settings-refused"];
    must(machine.wait_for_console(&words, limits::BOOT));
    screenshot(&mut machine, "first-settings-refused");
    answer(&machine, USER_ADDRESS);
    let mut client = rest(&machine, USER_ADDRESS);
    must(client.create_password(PASSWORD));
    must(client.sign_in(PASSWORD));
    let status = must(json(&must(client.get("/status")))).to_string();
    assert!(status.contains("platform.first-settings-refused"), "{status}");
    assert!(!status.contains("hunter2"), "{status}");
}

#[test]
fn a_machine_that_says_it_is_vmware_and_whose_port_faults_works() {
    // QEMU has the port and lets no program in user mode use it.
    let builder = Machine::builder().extra(&["-smbios", VMWARE]);
    let mut machine = must(builder.start());
    must(machine.wait_for_console(&["State: Healthy"], limits::BOOT));
    answer(&machine, USER_ADDRESS);
    let mut client = rest(&machine, USER_ADDRESS);
    must(client.create_password(PASSWORD));
    must(client.sign_in(PASSWORD));
    must(client.wait_until_marked_good());
    let log = must(client.get("/logs?source=guest")).text();
    assert!(log.contains("VMware"), "{log}");
    assert!(log.contains("port of VMware does not answer"), "{log}");
}
