//! The tables of system calls, compared with the calls that the roles of the image make.
//!
//! No virtual machine: the program of the image runs in namespaces of this machine, caged as on the
//! appliance, watched by strace, while a client does what an administrator does. A call that is not
//! allowed ends its role, and this test; a rule that no call needed is found too.

mod day;

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, UdpSocket};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Instant;

use cage::rules::{self, Rule};
use forest::{Forest, Recipe};
use harness::disk::run;
use harness::{HttpsClient, Namespace, RestClient, limits, workspace};
use model::role::Role;

use crate::must;

/// Program of the image.
const CONNECTOR: &str = "target/x86_64-unknown-linux-musl/release/connector";
/// Other end of the network.
const SERVER: Ipv4Addr = Ipv4Addr::new(10, 98, 0, 1);
/// The only address that DHCP gives out.
const LEASED: Ipv4Addr = Ipv4Addr::new(10, 98, 0, 50);
/// A name that has an address.
const TIME_SERVER: &str = "time.corp.example.com";
/// From here on a process is caged.
const INSTALLS_FILTER: &str = "seccomp(";

/// A call that was made: its number and arguments.
#[derive(Clone, Debug)]
struct Made {
    name: String,
    number: u32,
    arguments: [u64; 6],
}

#[test]
fn roles_make_the_calls_that_the_tables_allow_and_no_rule_is_idle() {
    let directory = tempfile::tempdir().expect("directory");
    let trace = directory.path().join("trace");
    let made = calls_of_a_day(directory.path(), &trace);
    let mut used: Vec<&Rule> = Vec::new();
    let mut problems = Vec::new();
    for role in Role::ALL {
        let calls = made.get(role.name()).map(Vec::as_slice).unwrap_or_default();
        assert!(calls.len() > 50, "{role:?} made {} calls", calls.len());
        for call in calls {
            let allowing: Vec<_> =
                all_rules(role).filter(|rule| rule.allows(call.number, &call.arguments)).collect();
            if allowing.is_empty() {
                problems.push(format!("{} makes {call:x?}, which no rule allows", role.name()));
            }
            used.extend(allowing);
        }
    }
    for role in Role::ALL {
        for rule in all_rules(role) {
            if rule.rare.is_none() && !used.contains(&rule) {
                problems.push(format!("nobody needs {} ({})", rule.call.name, rule.caller));
            }
        }
    }
    problems.sort();
    problems.dedup();
    assert!(problems.is_empty(), "\n{}", problems.join("\n"));
}

fn all_rules(role: Role) -> impl Iterator<Item = &'static Rule> {
    rules::of(role).iter().flat_map(|table| table.iter())
}

/// Starts the roles, does what an administrator does, and gives what each role called in its cage.
fn calls_of_a_day(directory: &Path, trace: &Path) -> BTreeMap<String, Vec<Made>> {
    let program = workspace::root().join(CONNECTOR);
    let root = directory.join("root");
    std::fs::create_dir(&root).expect("root");
    std::fs::copy(&program, root.join("connector")).expect("the image has been built");
    let network = Network::new();
    let mut roles = Command::new("ip")
        .args(["netns", "exec", network.roles.name()])
        .args(["strace", "--follow-forks", "--quiet=all", "-e", "raw=all", "-o"])
        .arg(trace)
        .arg(env!("CARGO_BIN_EXE_roles"))
        .arg(&root)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("strace starts");
    let mut input = roles.stdin.take().expect("input");
    let mut lines = BufReader::new(roles.stdout.take().expect("output")).lines();
    let mut pids = BTreeMap::new();
    for line in lines.by_ref() {
        let line = line.expect("a line");
        match line.split_once(' ') {
            Some(("ended", role)) => {
                panic!("{role} ended before all were ready: {}", refused_call(trace))
            }
            Some((role, pid)) => pids.insert(pid.parse().expect("a process"), role.to_owned()),
            None => break,
        };
    }
    assert_eq!(pids.len(), Role::ALL.len(), "all roles are ready");
    let forest = Forest::start(Recipe::Single).expect("a forest");
    forest.reach(network.server.name(), &[("cable", LEASED)]).expect("a way to the forest");
    day::spend(&network.server, SERVER, LEASED);
    let mut ask = |role: Role, request: &str| {
        writeln!(input, "{} {request}", role.socket_path()).expect("asked");
        lines.next().expect("an answer").expect("an answer")
    };
    let by_name = format!(r#"{{"request":"check_server","server":"{TIME_SERVER}"}}"#);
    println!("{}", ask(Role::Time, &by_name));
    let address = r#"{"request":"check_address","address":"10.98.0.77"}"#;
    println!("{}", ask(Role::Network, address));
    let reset = r#"{"request":"reset","keep_network":false}"#;
    println!("{}", ask(Role::Settings, reset));
    // The order is carried out by the next start.
    writeln!(input, "restart {}", Role::Settings.name()).expect("asked");
    let line = lines.next().expect("the process").expect("the process");
    let (role, pid) = line.split_once(' ').expect("a process");
    pids.insert(pid.parse().expect("a process"), role.to_owned());
    must(network.server.enter(wait_until_forgotten));
    drop(input);
    let status = roles.wait().expect("ended");
    assert!(status.success(), "{status}");
    read_trace(&std::fs::read_to_string(trace).expect("trace"), &pids)
}

/// The call for which a role was ended, as strace says it.
fn refused_call(trace: &Path) -> String {
    let text = std::fs::read_to_string(trace).expect("trace");
    let is_end = |line: &str| line.contains("SIGSYS");
    text.lines().find(|line| is_end(line)).map_or_else(|| "no call".to_owned(), str::to_owned)
}

/// Waits until the roles know of no password any more.
fn wait_until_forgotten() {
    let client = RestClient::new(HttpsClient::new(SocketAddr::from((LEASED, 443)), LEASED));
    let deadline = Instant::now() + limits::HTTPS;
    while !matches!(client.credentials_are_set_up(), Ok(false)) {
        assert!(Instant::now() < deadline, "the reset is not carried out");
        thread::sleep(limits::POLL_INTERVAL);
    }
}

/// Two namespaces with a cable: the roles are in one, DHCP, DNS and NTP in the other.
struct Network {
    server: Namespace,
    roles: Namespace,
    dnsmasq: Child,
}

impl Network {
    fn new() -> Self {
        let (server, roles) = (must(Namespace::new()), must(Namespace::new()));
        let ip = |namespace: &Namespace, arguments: &str| {
            let arguments = arguments.split(' ');
            must(run(Command::new("ip").args(["-n", namespace.name()]).args(arguments)));
        };
        // The roles must not find the device of a virtual machine.
        ip(&roles, "link delete tap0");
        ip(&server, &format!("link add cable type veth peer name eth0 netns {}", roles.name()));
        ip(&server, &format!("address add {SERVER}/24 dev cable"));
        ip(&server, "link set cable up");
        ip(&server, &format!("address add {METADATA}/32 dev cable"));
        let mut dnsmasq = Command::new("ip")
            .args(["netns", "exec", server.name(), "setpriv", "--pdeathsig", "KILL", "dnsmasq"])
            .args(["--keep-in-foreground", "--conf-file=/dev/null", "--leasefile-ro"])
            .args(["--pid-file=", "--bind-interfaces", "--no-ping", "--dhcp-authoritative"])
            .args(["--user=root", "--log-facility=-", "--no-hosts", "--no-resolv"])
            .args(["--interface=cable", "--domain=corp.example.com"])
            .arg(format!("--dhcp-range={LEASED},{LEASED},255.255.255.0,2m"))
            .arg(format!("--dhcp-option=option:ntp-server,{SERVER}"))
            // Addresses of both kinds, among which the resolver chooses.
            .arg(format!("--host-record={TIME_SERVER},{SERVER},fd00::1"))
            .arg("--local=/corp.example.com/")
            .stdin(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("dnsmasq starts");
        let log = BufReader::new(dnsmasq.stderr.take().expect("log"));
        thread::spawn(move || log.lines().for_each(drop));
        let socket = must(server.enter(|| UdpSocket::bind((Ipv4Addr::UNSPECIFIED, NTP))));
        let socket = socket.expect("a socket");
        thread::spawn(move || answer_time(&socket));
        let listener = must(server.enter(|| TcpListener::bind((METADATA, HTTP))));
        let listener = listener.expect("a socket");
        thread::spawn(move || answer_metadata(&listener));
        Self { server, roles, dnsmasq }
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        let _ = self.dnsmasq.kill();
        let _ = self.dnsmasq.wait();
    }
}

/// Where metadata services of clouds are.
const METADATA: Ipv4Addr = Ipv4Addr::new(169, 254, 169, 254);
const HTTP: u16 = 80;

/// Has no value that is asked for.
fn answer_metadata(listener: &TcpListener) {
    for mut stream in listener.incoming().map_while(Result::ok) {
        let mut request = [0; 4096];
        let _ = stream.read(&mut request);
        let _ = stream.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
    }
}

/// Port of NTP.
const NTP: u16 = 123;

/// Answers every question with an hour from now (RFC 4330, section 4).
fn answer_time(socket: &UdpSocket) {
    const HOUR_SECONDS: u64 = 3600;
    const FROM_1900_TO_1970_SECONDS: u64 = 2_208_988_800;
    let mut packet = [0; 48];
    while let Ok((48, client)) = socket.recv_from(&mut packet) {
        let now = std::time::SystemTime::UNIX_EPOCH.elapsed().expect("after 1970").as_secs();
        let stamp = u32::try_from((now + HOUR_SECONDS + FROM_1900_TO_1970_SECONDS) % (1 << 32));
        let stamp = stamp.expect("32 bits").to_be_bytes();
        let mut answer = [0; 48];
        // No warning, version 4, server; stratum 2; precision of a microsecond.
        answer[..4].copy_from_slice(&[0x24, 2, 6, 0xec]);
        answer[12..16].copy_from_slice(&SERVER.octets());
        answer[16..20].copy_from_slice(&stamp);
        answer[24..32].copy_from_slice(&packet[40..48]);
        answer[32..36].copy_from_slice(&stamp);
        answer[40..44].copy_from_slice(&stamp);
        let _ = socket.send_to(&answer, client);
    }
}

/// The calls of each role since it was caged. Threads belong to the process that made them.
///
/// What stands after a role was killed is left out: for a process that is killed as it enters a call,
/// strace writes the call of the process that it read last, which is the killer's.
fn read_trace(text: &str, pids: &BTreeMap<u32, String>) -> BTreeMap<String, Vec<Made>> {
    let mut owners = pids.clone();
    let mut caged: BTreeMap<u32, bool> = BTreeMap::new();
    let mut calls: BTreeMap<String, Vec<Made>> = BTreeMap::new();
    for line in text.lines() {
        let Some((pid, call)) = line.split_once(' ') else { continue };
        let (Ok(pid), call) = (pid.parse::<u32>(), call.trim_start()) else { continue };
        if let Some(killed) = killed_process(call) {
            owners.remove(&killed);
        }
        let Some(role) = owners.get(&pid).cloned() else { continue };
        // The second half of a call that another one interrupted tells its result only.
        let result = call.rsplit_once("= ").map(|(_, result)| result);
        let is_clone = call.starts_with("clone(") || call.starts_with("<... clone resumed>");
        if let Some(thread) = result.filter(|_| is_clone).and_then(parse_number) {
            let thread = u32::try_from(thread).expect("a thread");
            owners.insert(thread, role.clone());
            caged.insert(thread, true);
        }
        if call.starts_with(INSTALLS_FILTER) {
            caged.insert(pid, true);
        } else if caged.contains_key(&pid)
            && let Some(made) = parse_call(call)
        {
            calls.entry(role).or_default().push(made);
        }
    }
    calls
}

/// Whom a call `kill(0x18fd, 0x9` kills.
fn killed_process(call: &str) -> Option<u32> {
    let (pid, signal) = call.strip_prefix("kill(")?.split_once(", ")?;
    signal.starts_with("0x9").then(|| parse_number(pid))?.and_then(|pid| u32::try_from(pid).ok())
}

/// `name(0x1, 0x2) = 0` or `name(0x1, 0x2 <unfinished ...>`.
fn parse_call(text: &str) -> Option<Made> {
    let (name, rest) = text.split_once('(')?;
    let is_name = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    let rest = rest.split([')', '<']).next().filter(|_| is_name)?;
    let mut arguments = [0; 6];
    for (place, argument) in rest.split(", ").filter(|text| !text.is_empty()).enumerate() {
        *arguments.get_mut(place)? = parse_number(argument)?;
    }
    let number = Role::ALL
        .into_iter()
        .flat_map(all_rules)
        .find(|rule| rule.call.name == name)
        // Not in any table: a number that no rule has.
        .map_or(u32::MAX, |rule| rule.call.number);
    Some(Made { name: name.to_owned(), number, arguments })
}

fn parse_number(text: &str) -> Option<u64> {
    let text = text.trim();
    match text.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16).ok(),
        None => text.parse().ok(),
    }
}

#[test]
fn reads_calls_as_strace_prints_them() {
    let call = parse_call("socket(0x1, 0x80801, 0)    = 0xb").expect("a call");
    assert_eq!((call.name.as_str(), call.arguments), ("socket", [1, 0x80801, 0, 0, 0, 0]));
    assert!(parse_call("futex(0x7f02, 0x80, 0x2, 0 <unfinished ...>").is_some());
    assert!(parse_call("<... futex resumed>)        = 0").is_none());
    assert!(parse_call("+++ exited with 0 +++").is_none());
}

#[test]
fn leaves_out_the_call_of_the_killer_that_strace_writes_for_the_killed() {
    let trace = "\
        6397 seccomp(0x1, 0x1, 0x7f02)         = 0\n\
        6397 close(0x9 <unfinished ...>\n\
        6385 kill(0x18fd, 0x9 <unfinished ...>\n\
        6397 kill(0x18fd, 0x9 <unfinished ...>\n\
        6385 <... kill resumed>)               = 0\n";
    let calls = read_trace(trace, &BTreeMap::from([(6397, "settings".to_owned())]));
    let names: Vec<_> = calls["settings"].iter().map(|call| call.name.as_str()).collect();
    assert_eq!(names, ["close"]);
}
