//! What an administrator does on the first day, by the REST interface, so that each role does what
//! it is for.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, UdpSocket};
use std::thread;

use forest::{fixtures, role};
use harness::rest::PASSWORD;
use harness::{Cloud, Daemon, HttpsClient, Namespace, RestClient, limits};
use model::syslog::SyslogTransport;
use serde_json::{Value, json};

use crate::must;

const PROXY_PORT: u16 = 3128;
const TLS_PORT: u16 = 4433;
const SYSLOG_PORT: u16 = 6514;
const PLAIN_SYSLOG_PORT: u16 = 1514;
const CLOUD_PORT: u16 = 8444;

/// Does it, beside servers of a namespace.
pub(super) fn spend(network: &Namespace, server: Ipv4Addr, appliance: Ipv4Addr) {
    let proxy = SocketAddr::from((server, PROXY_PORT));
    let _squid = must(Daemon::squid(network, proxy, None));
    let tls = must(Daemon::tls_server(network, SocketAddr::from((server, TLS_PORT))));
    let syslog = must(Daemon::tls_server(network, SocketAddr::from((server, SYSLOG_PORT))));
    let plain = SocketAddr::from((server, PLAIN_SYSLOG_PORT));
    let (_datagrams, stream) = must(network.enter(|| {
        (UdpSocket::bind(plain).expect("a socket"), TcpListener::bind(plain).expect("a socket"))
    }));
    // Takes what comes for as long as the test lasts.
    thread::spawn(move || io::copy(&mut stream.accept()?.0, &mut io::sink()));
    let cloud = must(Cloud::start(network, SocketAddr::from((server, CLOUD_PORT))));
    let roots = [must(tls.file("ca.pem")), must(syslog.file("ca.pem")), must(cloud.root_ca())];
    must(network.enter(|| {
        let client = HttpsClient::new(SocketAddr::from((appliance, 443)), appliance);
        must(client.wait_until_answering(limits::HTTPS));
        let mut rest = RestClient::new(client);
        must(rest.create_password(PASSWORD));
        must(rest.sign_in(PASSWORD));
        let day = Day { rest, server: server.to_string() };
        day.connect(&proxy.to_string(), &roots);
        day.diagnose();
        day.keep_logs();
        day.join_a_domain();
        day.register(&cloud);
        must(day.rest.restart());
    }));
}

struct Day {
    rest: RestClient,
    server: String,
}

impl Day {
    fn get(&self, path: &str) {
        let reply = must(self.rest.get(path));
        assert_eq!(reply.status, 200, "{path}: {reply:?}");
    }

    fn post(&self, path: &str, body: &Value, status: u16) {
        let reply = must(self.rest.post(path, body));
        assert_eq!(reply.status, status, "{path}: {reply:?}");
    }

    fn connect(&self, proxy: &str, roots: &[String]) {
        self.get("/status");
        self.post("/proxies", &json!({"location": proxy}), 201);
        for root in roots {
            self.post("/rootCA", &json!({"rootCA": root}), 201);
        }
        let is_reachable = |proxies: &Value| proxies["items"][0]["status"] == "reachable";
        let proxies = must(self.rest.wait_for("/proxies", is_reachable));
        let id = proxies["items"][0]["id"].as_str().expect("an identifier");
        let name = super::TIME_SERVER;
        for (kind, target, port, route) in [
            ("icmp", name, None, "direct"),
            ("tcp", name, Some(TLS_PORT), "automatic"),
            ("tls", &self.server, Some(TLS_PORT), "direct"),
            ("https", &self.server, Some(TLS_PORT), id),
            ("http", &self.server, Some(PROXY_PORT), "direct"),
            ("icmp", "10.98.0.99", None, "direct"),
        ] {
            let mut order = json!({"kind": kind, "target": target, "route": route});
            if let Some(port) = port {
                order["port"] = port.into();
            }
            order["capture"] = (kind == "tcp").into();
            self.post("/probe", &order, 202);
            let is_over = |answer: &Value| answer["probe"]["state"] == "finished";
            println!("{}", must(self.rest.wait_for("/probe", is_over)));
        }
    }

    fn diagnose(&self) {
        self.post("/prechecks/$run", &json!({}), 202);
        let is_over = |answer: &Value| answer["prechecks"]["isRunning"] == false;
        must(self.rest.wait_for("/prechecks", is_over));
        self.post("/capture/$start", &json!({"duration": 600, "packetTracing": true}), 202);
        let has_packets = |answer: &Value| answer["trace"]["packets"].as_u64() > Some(10);
        must(self.rest.wait_for("/capture", has_packets));
        self.post("/capture/$stop", &json!({}), 200);
        self.get("/capture/trace");
        assert_eq!(must(self.rest.delete("/capture")).status, 204);
        self.get("/report");
        self.post("/metricsToken", &json!({}), 201);
    }

    fn keep_logs(&self) {
        for (transport, port) in [
            (SyslogTransport::Udp, PLAIN_SYSLOG_PORT),
            (SyslogTransport::Tcp, PLAIN_SYSLOG_PORT),
            (SyslogTransport::Tls, SYSLOG_PORT),
        ] {
            let name = serde_json::to_value(transport).expect("a name");
            let setting = json!({"server": self.server, "port": port, "transport": name});
            assert_eq!(must(self.rest.put("/syslog", &setting)).status, 200);
            let is_used = |answer: &Value| {
                answer["status"]["state"] == "connected" && answer["setting"]["transport"] == name
            };
            must(self.rest.wait_for("/syslog", is_used));
        }
        self.get("/logs");
    }

    /// Checks a domain, joins it, uses it and leaves it.
    fn join_a_domain(&self) {
        let dns_servers = [role::DC1.address.to_string()];
        let domain = role::DC1.domain;
        let check = json!({"domain_name": domain, "dns_servers": dns_servers});
        self.post("/domains/$check", &check, 202);
        let mut join = json!({
            "domain_name": domain,
            "user_name": "administrator",
            "password": "wrong",
            "machine_account": "APPL-1",
            "dns_servers": dns_servers,
        });
        self.post("/domains", &join, 400);
        join["password"] = json!(fixtures::PASSWORD);
        self.post("/domains", &join, 200);
        let place = format!("/domains/{domain}");
        self.get("/domains");
        self.get(&place);
        for action in ["$validate", "$changePassword"] {
            let reply = must(self.rest.post(&format!("{place}/{action}"), &json!({})));
            assert!(reply.status < 300, "{action}: {reply:?}");
        }
        let lookup = json!({
            "kind": "user", "key": "accountName", "value": "alice", "groups": true,
        });
        let reply = must(self.rest.post(&format!("{place}/$lookup"), &lookup));
        assert_eq!(reply.status, 200, "{reply:?}");
        let reply = must(self.rest.delete(&place));
        assert_eq!(reply.status, 204, "{reply:?}");
    }

    /// Registers with the cloud by a code, leaves it, and registers with a secure client.
    fn register(&self, cloud: &Cloud) {
        let address = format!("{}:{CLOUD_PORT}", self.server);
        self.post("/registration", &json!({"name": "appl-1", "cloud": address}), 201);
        let has_code = |registration: &Value| registration["code"].is_string();
        let registration = must(self.rest.wait_for("/registration", has_code));
        must(cloud.client().register(registration["code"].as_str().expect("a code")));
        let is_connected = |registration: &Value| {
            let connections = registration["connections"].to_string();
            connections.matches("\"connected\"").count() == 2
        };
        must(self.rest.wait_for("/registration", is_connected));
        assert_eq!(must(self.rest.delete("/registration")).status, 200);
        let secure_client = json!({
            "applianceName": "appl-1",
            "clientId": cloud.first().client,
            "clientSecret": cloud.first().secret,
            "cloud": address,
        });
        self.post("/unattendedRegistration", &secure_client, 200);
        must(self.rest.wait_for("/registration", is_connected));
    }
}
