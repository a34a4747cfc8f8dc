//! First settings of the platform on the whole machine, and what the platform is told: nobody opens the page.

mod guest_agent;

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::process::Command;
use std::sync::mpsc::{Receiver, channel};
use std::thread;

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

    fn wait_until_connected(&self) -> Value {
        self.wait_for("/registration", |registration| {
            let all = registration["connections"].as_array().map(Vec::as_slice).unwrap_or_default();
            let is_connected = |connection: &Value| connection["state"] == "connected";
            registration["status"] == "Registered" && all.len() == 2 && all.iter().all(is_connected)
        })
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

#[test]
fn files_of_fw_cfg_make_a_registered_appliance_behind_a_proxy_and_the_agent_ends_it() {
    let namespace = namespace();
    let cloud = must(Cloud::start(&namespace, SocketAddr::from((OUTSIDE, 443))));
    let _squid = must(Daemon::squid(&namespace, PROXY, Some(PROXY_LOGIN)));
    let directory = tempfile::tempdir().expect("directory");
    let (user, password) = PROXY_LOGIN;
    let proxies = json!([{"location": PROXY.to_string(), "userName": user, "password": password}]);
    let mut extra = GuestAgent::arguments(directory.path());
    for (name, value) in [
        ("name", NAME.to_owned()),
        ("network", format!("static:ip={LEASED};netmask=24;route={GATEWAY};dns={GATEWAY}")),
        ("proxies", proxies.to_string()),
        ("rootcas", must(cloud.root_ca())),
        ("registration", registration(&cloud).to_string()),
        ("password-hash", PASSWORD_HASH.to_owned()),
    ] {
        let file = directory.path().join(name);
        fs::write(&file, value).expect("a file");
        extra.push("-fw_cfg".to_owned());
        extra.push(format!("name=opt/connector/{name},file={}", file.display()));
    }
    let mut site = Site::start(namespace, directory, &extra);
    site.sign_in();
    let registered = site.wait_until_connected();
    assert_eq!(registered["name"], NAME, "{registered:#}");
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

/// A CD with user data, as `cloud-localds` makes them.
fn medium(directory: &Path, user_data: &str) -> Vec<String> {
    let files = directory.join("files");
    fs::create_dir(&files).expect("a directory");
    fs::write(files.join("user-data"), user_data).expect("a file");
    fs::write(files.join("meta-data"), "instance-id: one\n").expect("a file");
    let image = directory.join("seed.iso");
    let mut command = Command::new("genisoimage");
    command.args(["-quiet", "-joliet", "-rock", "-volid", "cidata", "-output"]);
    must(run(command.arg(&image).arg(&files)));
    let drive = format!("file={},format=raw,if=none,id=seed,readonly=on", image.display());
    ["-drive", &drive, "-device", "ide-cd,drive=seed"].map(str::to_owned).to_vec()
}

#[test]
fn a_medium_sets_up_an_appliance_once_and_what_a_person_changes_stays() {
    let directory = tempfile::tempdir().expect("directory");
    let document = json!({"connector": {"name": NAME, "passwordHash": PASSWORD_HASH}});
    let extra = medium(directory.path(), &format!("#connector\n{document}"));
    let mut site = Site::start(namespace(), directory, &extra);
    site.sign_in();
    assert_eq!(site.get("/network")["settings"]["hostName"]["value"], NAME);
    let client = &site.client;
    let change = json!({"username": "admin", "currentPassword": PASSWORD, "newPassword": CHANGED});
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
    let tables = "type=1,manufacturer=VMware,, Inc.,product=VMware7,,1";
    let builder = Machine::builder().extra(&["-smbios", tables]);
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

/// Azure's services at their addresses, which have this user data, in base64. Says what is reported.
fn azure(namespace: &Namespace, user_data: &str) -> Receiver<String> {
    const METADATA: Ipv4Addr = Ipv4Addr::new(169, 254, 169, 254);
    const WIRE_SERVER: Ipv4Addr = Ipv4Addr::new(168, 63, 129, 16);
    must(namespace.add_addresses([METADATA, WIRE_SERVER].into_iter()));
    let (sender, reports) = channel();
    let answer =
        format!(r#"{{"compute": {{"name": "m", "vmId": "x", "userData": "{user_data}"}}}}"#);
    let listen =
        |address| must(namespace.enter(|| TcpListener::bind((address, 80)))).expect("free");
    let [metadata, wire_server] = [METADATA, WIRE_SERVER].map(listen);
    thread::spawn(move || serve(&metadata, &answer, |_| ()));
    thread::spawn(move || serve(&wire_server, "", |body| drop(sender.send(body))));
    reports
}

/// Answers every request with status 200 and a body.
fn serve(listener: &TcpListener, answer: &str, mut heard: impl FnMut(String)) {
    for mut stream in listener.incoming().map_while(Result::ok) {
        let mut reader = BufReader::new(stream.try_clone().expect("a stream"));
        let mut bytes = 0;
        for line in reader.by_ref().lines().map_while(Result::ok).take_while(|it| !it.is_empty()) {
            let length = line.to_ascii_lowercase().strip_prefix("content-length: ").map(str::parse);
            bytes = length.and_then(Result::ok).unwrap_or(bytes);
        }
        let mut body = vec![0; bytes];
        reader.read_exact(&mut body).expect("a body");
        let length = answer.len();
        let reply = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{answer}");
        let _ = stream.write_all(reply.as_bytes());
        heard(String::from_utf8_lossy(&body).into_owned());
    }
}

#[test]
fn user_data_of_azure_register_an_appliance_which_reports_that_it_is_ready() {
    let namespace = namespace();
    let cloud = must(Cloud::start(&namespace, SocketAddr::from((OUTSIDE, 443))));
    let document = json!({"connector": {
        "name": NAME,
        "rootCas": [must(cloud.root_ca())],
        "registration": registration(&cloud),
        "passwordHash": PASSWORD_HASH,
    }});
    let directory = tempfile::tempdir().expect("directory");
    let file = directory.path().join("user-data");
    fs::write(&file, document.to_string()).expect("a file");
    let encoded = must(run(Command::new("base64").arg("--wrap=0").arg(&file)));
    let reports = azure(&namespace, &String::from_utf8(encoded).expect("base64"));
    let extra = [
        "-smbios",
        "type=1,manufacturer=Microsoft Corporation,product=Virtual Machine",
        "-smbios",
        "type=3,asset=7783-7084-3265-9085-8269-3286-77",
    ];
    let mut site = Site::start(namespace, directory, &extra.map(str::to_owned));
    site.sign_in();
    let registered = site.wait_until_connected();
    assert_eq!(registered["name"], NAME, "{registered:#}");
    let report = reports.recv_timeout(limits::DIAGNOSIS).expect("a report");
    assert_eq!(report, r#"{"state":"Ready"}"#);
}
