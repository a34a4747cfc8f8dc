//! What leaves the appliance, and what tells an administrator why it does not: proxies, authorities,
//! probe, trace, log and report on the whole machine, with real servers in a namespace.

use std::io::Write as _;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use harness::disk::run;
use harness::namespace::GATEWAY;
use harness::rest::PASSWORD;
use harness::{Daemon, Namespace, RestClient, limits};
use serde_json::{Value, json};

use crate::in_use::InUse;
use crate::must;

/// An address that is not private, in the same namespace.
const OUTSIDE: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 10);
const PROXY_PORT: u16 = 3128;
const PROXY_USER: &str = "connector";
const PROXY_PASSWORD: &str = "Proxy-Secret-4711";
/// How long a report may take.
const REPORT_LIMIT: Duration = Duration::from_secs(30);

/// An appliance in a network with a way outside.
fn site() -> InUse {
    let mut namespace = must(Namespace::new());
    must(namespace.start_dhcp_server());
    must(namespace.add_addresses([OUTSIDE].into_iter()));
    InUse::start(namespace)
}

/// Asks until the answer is as wanted.
fn wait_for(
    site: &InUse,
    path: &str,
    what: &str,
    is_wanted: impl Fn(&Value) -> bool + Send,
) -> Value {
    let answer = site.wait_for(path, is_wanted);
    answer.unwrap_or_else(|error| panic!("{what} did not happen: {error}"))
}

/// Runs a probe to its end and gives it.
fn run_probe(site: &InUse, body: &Value) -> Value {
    let reply = site.post("/probe", body);
    assert_eq!(reply.status, 202, "{reply:?}");
    let is_over = |answer: &Value| answer["probe"]["state"] == "finished";
    wait_for(site, "/probe", "the end of the probe", is_over)["probe"].clone()
}

/// The cause that the failed step of a probe names, if one failed.
fn cause(probe: &Value) -> Option<&str> {
    let steps = probe["steps"].as_array().expect("steps");
    steps.iter().find_map(|step| step["failure"]["cause"].as_str())
}

#[test]
fn connections_outside_take_the_proxy_and_trust_an_added_authority_at_once() {
    let site = site();
    let proxy = SocketAddr::from((GATEWAY, PROXY_PORT));
    let login = Some((PROXY_USER, PROXY_PASSWORD));
    let squid = must(Daemon::squid(&site.namespace, proxy, login));
    let server = must(Daemon::tls_server(&site.namespace, SocketAddr::from((OUTSIDE, 443))));

    let location = proxy.to_string();
    let reply = site.post("/proxies", &json!({"location": location}));
    assert_eq!(reply.status, 201, "{reply:?}");
    let listed = wait_for(&site, "/proxies", "a first check", |proxies| {
        proxies["items"][0]["status"] == "unreachable"
    });
    let id = listed["items"][0]["id"].as_str().expect("an identifier").to_owned();
    let target = json!({"kind": "https", "target": OUTSIDE.to_string(), "route": "automatic"});
    assert_eq!(cause(&run_probe(&site, &target)), Some("outbound.proxy-authentication"));

    let path = format!("/proxies/{id}");
    let change = json!({"location": location, "username": PROXY_USER, "password": PROXY_PASSWORD});
    let put = site.put(&path, &change);
    assert_eq!(put.status, 204, "{put:?}");
    wait_for(&site, "/proxies", "the proxy is reachable", |proxies| {
        proxies["items"][0]["status"] == "reachable"
    });
    let probe = run_probe(&site, &target);
    let found = cause(&probe).expect("an authority that nobody knows");
    assert!(found.starts_with("outbound.tls-"), "{probe:#}");
    assert_eq!(probe["proxy"], location, "{probe:#}");

    let authority = must(server.file("ca.pem"));
    let reply = site.post("/rootCA", &json!({"rootCA": authority}));
    assert_eq!(reply.status, 201, "{reply:?}");
    let probe = run_probe(&site, &target);
    assert_eq!(cause(&probe), None, "{probe:#}");
    assert_eq!(probe["proxy"], location);

    let direct = json!({
        "kind": "tcp", "target": GATEWAY.to_string(), "port": PROXY_PORT, "route": "automatic",
    });
    let probe = run_probe(&site, &direct);
    assert_eq!((cause(&probe), &probe["proxy"]), (None, &Value::Null), "{probe:#}");

    drop(squid);
    assert_eq!(cause(&run_probe(&site, &target)), Some("outbound.proxy-unreachable"));
    let proxies = site.download("/proxies").text() + &site.download("/status").text();
    assert!(!proxies.contains(PROXY_PASSWORD));
}

#[test]
fn trace_holds_the_packets_of_its_filter_and_the_report_holds_no_secret() {
    let site = site();
    let server = must(Daemon::tls_server(&site.namespace, SocketAddr::from((GATEWAY, 4433))));
    let proxy = json!({
        "location": "10.99.0.77:3128", "username": PROXY_USER, "password": PROXY_PASSWORD,
    });
    assert_eq!(site.post("/proxies", &proxy).status, 201);

    let order = json!({"target": GATEWAY.to_string(), "port": 4433, "duration": 60});
    assert_eq!(site.post("/capture/$start", &order).status, 202);
    let second = site.post("/capture/$start", &order);
    assert_eq!(second.status, 409, "{second:?}");
    let target = json!({"kind": "tls", "target": GATEWAY.to_string(), "port": 4433});
    run_probe(&site, &target);
    wait_for(&site, "/capture", "packets", |capture| {
        capture["trace"]["packets"].as_u64().is_some_and(|count| count >= 6)
    });
    assert_eq!(site.post("/capture/$stop", &json!({})).status, 200);
    let capture = site.get("/capture");
    assert_eq!((&capture["state"], &capture["trace"]["lost"]), (&json!("ended"), &json!(0)));
    let trace = site.download("/capture/trace");
    assert_eq!(trace.status, 200);
    judge_trace(&trace.body, capture["trace"]["packets"].as_u64().expect("a count"));

    let begin = Instant::now();
    let report = site.download("/report");
    assert_eq!(report.status, 200, "{}", report.text());
    assert!(begin.elapsed() < REPORT_LIMIT, "{:?}", begin.elapsed());
    let text = unpack(&report.body);
    for part in ["manifest.json", "settings.json", "starts its roles", "10.99.0.77"] {
        assert!(text.contains(part), "the report lacks {part}");
    }
    let key = must(server.file("key.pem"));
    for secret in [PROXY_PASSWORD, PASSWORD, "$argon2id$", "PRIVATE KEY", key.as_str()] {
        assert!(!text.contains(secret), "the report holds {secret}");
    }
    let masked = unpack(&site.download("/report?mask=true").body);
    assert!(!masked.contains("10.99.0."), "the masked report holds an address");

    let logs = site.download("/logs").text();
    assert!(logs.contains("connector") || logs.contains("items"), "{logs}");
    drop(site.machine);
}

#[test]
fn report_of_a_broken_appliance_comes_in_time_and_says_what_is_broken() {
    let mut site = site();
    // Nobody has the first address, and no packet comes back from the second.
    for location in ["10.99.0.77:3128", "203.0.113.200:3128"] {
        assert_eq!(site.post("/proxies", &json!({ "location": location })).status, 201);
    }
    site.ask(RestClient::wait_until_marked_good);
    must(site.machine.power_button());
    must(site.machine.disk().spoil_directory("capture"));
    must(site.machine.disk().fill_data());
    must(site.machine.switch_on());
    let findings = ["storage.settings", "services."];
    must(site.machine.wait_for_console(&findings, limits::BOOT));
    site.sign_in();

    let begin = Instant::now();
    let report = site.download("/report");
    assert!(begin.elapsed() < REPORT_LIMIT, "{:?}", begin.elapsed());
    assert_eq!(report.status, 200, "{}", report.text());
    let text = unpack(&report.body);
    for part in [
        "the disk is full",
        "status/capture",
        "10.99.0.77",
        "dns_silent",
        "/data/capture: not a directory",
    ] {
        assert!(text.contains(part), "the report lacks {part}:\n{text}");
    }
}

/// tshark reads it without a complaint, and finds TCP of this port in short records only.
fn judge_trace(trace: &[u8], packets: u64) {
    let mut file = tempfile::NamedTempFile::new().expect("file");
    file.write_all(trace).expect("written");
    let fields = ["-T", "fields", "-e", "tcp.port", "-e", "frame.cap_len", "-e", "frame.len"];
    let output = tshark(file.path(), &fields);
    let lines: Vec<_> = output.lines().collect();
    assert_eq!(lines.len() as u64, packets, "{output}");
    let mut was_cut = false;
    for line in lines {
        let words: Vec<_> = line.split('\t').collect();
        let [ports, kept, length] = words[..] else { panic!("{line}") };
        assert!(ports.split(',').any(|port| port == "4433"), "{line}");
        let (kept, length): (u32, u32) =
            (kept.parse().expect("a number"), length.parse().expect("a number"));
        assert_eq!(kept, length.min(94), "{line}");
        was_cut |= kept < length;
    }
    assert!(was_cut, "a certificate is longer than 94 bytes");
}

fn tshark(file: &Path, arguments: &[&str]) -> String {
    let output = must(run(Command::new("tshark").arg("-r").arg(file).args(arguments)));
    String::from_utf8_lossy(&output).into_owned()
}

/// Names and contents of all files of an archive.
fn unpack(archive: &[u8]) -> String {
    let mut file = tempfile::NamedTempFile::new().expect("file");
    file.write_all(archive).expect("written");
    let program = "import sys, zipfile\n\
        archive = zipfile.ZipFile(sys.argv[1])\n\
        assert archive.testzip() is None\n\
        for name in archive.namelist():\n\
        \x20   sys.stdout.buffer.write(name.encode() + b'\\n' + archive.read(name) + b'\\n')\n";
    let output = must(run(Command::new("python3").args(["-c", program]).arg(file.path())));
    String::from_utf8_lossy(&output).into_owned()
}
