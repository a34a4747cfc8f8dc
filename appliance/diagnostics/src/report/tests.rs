//! Reports of an appliance whose roles are played here.

use std::collections::BTreeMap;
use std::future::pending;
use std::io::Read;
use std::sync::Arc;

use bus::{
    JournalRequest, JournalResponse, NetworkResponse, Peer, Service, SettingsResponse, TimeRequest,
    bind, serve,
};
use miniz_oxide::inflate::decompress_to_vec;
use model::journal::{BootId, Page, Record, Records, Severity, Source};
use model::kernel_facts::KernelFact;
use model::network::{NetworkStatus, Origin, Sourced};
use model::outbound::{OutboundSettings, ProxyAccess};
use model::proxy::ProxyServer;
use model::role::Role;
use model::settings::{Settings, SettingsStatus};
use model::supervision::{InitRequest, InitResponse};
use serde::Serialize;
use tempfile::TempDir;

use super::part::PartFile;
use super::*;

/// One of each kind of secret that the appliance has.
const SECRETS: [&str; 8] = [
    "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaGhhc2g",
    "3f9d0c1e5b7a4e6f8a9b0c1d2e3f4a5b",
    "pr0xy-passw0rd",
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg",
    "metrics-t0ken-value",
    "csrf-v4lue-of-a-form",
    "YWRtaW46cHIweHktcGFzc3cwcmQ=",
    "url-passw0rd",
];

/// Lines of a log that hold them, as they would slip in.
fn leaks() -> Vec<String> {
    let [hash, session, proxy, key, metrics, csrf, basic, url] = SECRETS;
    vec![
        format!("stored {hash} of the administrator"),
        format!("Cookie: __Host-session={session}; path=/"),
        format!("the proxy said {proxy} twice"),
        format!("-----BEGIN PRIVATE KEY-----\\n{key}\\n-----END PRIVATE KEY-----"),
        format!("GET /metrics Authorization: Bearer {metrics}"),
        format!("csrf_token={csrf}"),
        format!("Proxy-Authorization: Basic {basic}"),
        format!("CONNECT through http://admin:{url}@10.1.1.9:3128/"),
    ]
}

const NAMES: [&str; 6] = [
    "10.1.1.9",
    "10.7.7.7",
    "gw-tokyo.bank.example.net",
    "proxyadmin",
    "bank-jp",
    "52:54:00:aa:bb:cc",
];

fn settings() -> SettingsStatus {
    let deployment = "bank-jp".to_owned().try_into().expect("a name");
    let proxy = ProxyServer {
        id: "d2719e64-5a28-4b2f-b3a4-3f8a29a2c001".to_owned(),
        location: "gw-tokyo.bank.example.net:3128".to_owned().try_into().expect("a location"),
        user_name: Some("proxyadmin".to_owned()),
        has_password: true,
    };
    SettingsStatus {
        has_administrator: true,
        has_metrics_token: true,
        ..SettingsStatus::new(
            1,
            Settings { deployment: Some(deployment), proxies: vec![proxy], ..Settings::default() },
        )
    }
}

fn record(id: u64, message: &str) -> Record {
    Record {
        id,
        time_ms: 1_795_276_202_007,
        boot: BootId::from_random([3; 8]),
        sequence: id,
        uptime_us: id * 1000,
        severity: Severity::Warning,
        source: Source::Role(Role::Web),
        message: message.to_owned(),
        fields: vec![("error".to_owned(), format!("{message} again"))],
    }
}

/// A role whose answers are fixed.
struct Answers<Request, Response>(fn(Request) -> Option<Response>);

impl<Request, Response> Service for Answers<Request, Response>
where
    Request: serde::de::DeserializeOwned + Send + 'static,
    Response: Serialize + Send + 'static,
{
    type Request = Request;
    type Response = Response;

    async fn call(&self, _: Peer, request: Request) -> Response {
        match (self.0)(request) {
            Some(response) => response,
            // Connects and never answers.
            None => pending().await,
        }
    }
}

/// The sockets of the roles that are played.
struct Appliance {
    directory: TempDir,
}

impl Appliance {
    fn new() -> Self {
        Self { directory: TempDir::new().expect("directory") }
    }

    fn path(&self, name: &str) -> String {
        self.directory.path().join(name).to_str().expect("UTF-8").to_owned()
    }

    fn play<Request, Response>(self, name: &str, answers: fn(Request) -> Option<Response>) -> Self
    where
        Request: serde::de::DeserializeOwned + Send + 'static,
        Response: Serialize + Send + 'static,
    {
        let listener = bind(self.path(name)).expect("socket");
        tokio::spawn(serve(listener, Arc::new(Answers(answers))));
        self
    }

    fn whole(self) -> Self {
        self.play("settings", |request| {
            Some(match request {
                SettingsRequest::Outbound => SettingsResponse::Outbound(OutboundSettings {
                    proxies: vec![ProxyAccess {
                        id: "d2719e64-5a28-4b2f-b3a4-3f8a29a2c001".to_owned(),
                        location: "gw-tokyo.bank.example.net:3128"
                            .to_owned()
                            .try_into()
                            .expect("good"),
                        user_name: Some("proxyadmin".to_owned()),
                        password: Some(Secret::new(SECRETS[2].to_owned())),
                    }],
                    ..OutboundSettings::default()
                }),
                _ => SettingsResponse::Status(settings()),
            })
        })
        .play("network", |_: NetworkRequest| {
            let mut status = NetworkStatus::starting(5);
            status.hardware_address = Some("52:54:00:aa:bb:cc".to_owned());
            status.gateway = Some(Sourced::new("10.7.7.7".parse().expect("good"), Origin::Dhcp));
            Some(NetworkResponse::Status { generation: 1, status })
        })
        .play("journal", |request| {
            let JournalRequest::Read { query, page: Page::Newest, .. } = request else {
                return Some(JournalResponse::Forbidden);
            };
            let lines =
                leaks().into_iter().chain([format!("Cannot reach {} ({})", NAMES[1], NAMES[2])]);
            let mut records: Vec<_> =
                (1..).zip(lines).map(|(id, line)| record(id, &line)).collect();
            records.retain(|record| query.matches(record));
            records.reverse();
            Some(JournalResponse::Records(Records { records, next: None }))
        })
        .play("init", |request| {
            Some(match request {
                InitRequest::KernelFacts => InitResponse::KernelFacts {
                    facts: vec![
                        KernelFact::of("/proc/net/arp", b"10.7.7.7 0x1 0x2 52:54:00:aa:bb:cc"),
                        KernelFact::of("/proc/version", b"Linux version 6.12.41 (x@y)"),
                        KernelFact::of(
                            "/proc/net/tcp",
                            b"h\n 0: 0701070A:01BB 0707070A:C350 01 0:0 00:0 0 104 0 1\n",
                        ),
                    ],
                },
                _ => InitResponse::Refused { reason: "password=hunter2 is not for you".to_owned() },
            })
        })
    }

    fn sources(&self, parts: Vec<Part>) -> Sources {
        let sockets = Sockets {
            settings: self.path("settings"),
            network: self.path("network"),
            time: self.path("time"),
            capture: self.path("capture"),
            directory: self.path("directory"),
            channel: self.path("channel"),
            guest: self.path("guest"),
            journal: self.path("journal"),
            init: self.path("init"),
        };
        let directory = self.directory.path().join("reports");
        let _ = fs::create_dir(&directory);
        let own = DiagnosticsStatus::default();
        Sources { sockets, directory, own, parts, now: 1_795_276_202 }
    }

    async fn report(&self, parts: Vec<Part>, mask: bool) -> BTreeMap<String, String> {
        let file = write(self.sources(parts), Options { mask }).await.expect("a report");
        unpack(file)
    }
}

/// Reads an archive as strictly as `unzip`, which the test beside this one asks too.
fn unpack(mut file: File) -> BTreeMap<String, String> {
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).expect("readable from its beginning");
    assert!(file.write_all(b"x").is_err(), "it cannot be changed");
    let number = |place: usize, length: usize| {
        let bytes = &bytes[place..place + length];
        bytes.iter().rev().fold(0_usize, |number, byte| number << 8 | usize::from(*byte))
    };
    let end = bytes.len() - 22;
    assert_eq!(&bytes[end..end + 4], b"PK\x05\x06");
    let mut place = number(end + 16, 4);
    let mut files = BTreeMap::new();
    for _ in 0..number(end + 10, 2) {
        assert_eq!(&bytes[place..place + 4], b"PK\x01\x02");
        let (packed, length, name) =
            (number(place + 20, 4), number(place + 24, 4), number(place + 28, 2));
        let offset = number(place + 42, 4);
        let name_text =
            String::from_utf8(bytes[place + 46..place + 46 + name].to_vec()).expect("UTF-8");
        let data = offset + 30 + number(offset + 26, 2);
        let content = decompress_to_vec(&bytes[data..data + packed]).expect("deflate");
        assert_eq!(
            (content.len(), crc32fast::hash(&content)),
            (length, u32::try_from(number(place + 16, 4)).expect("CRC"))
        );
        let text = String::from_utf8(content).expect("UTF-8");
        assert!(files.insert(name_text, text).is_none(), "each name once");
        place += 46 + name;
    }
    assert_eq!(place, end);
    files
}

fn manifest(files: &BTreeMap<String, String>) -> Vec<Value> {
    let manifest: Value = serde_json::from_str(&files["manifest.json"]).expect("JSON");
    manifest["files"].as_array().expect("a list").clone()
}

#[tokio::test]
async fn no_secret_is_in_any_file() {
    let appliance = Appliance::new().whole();
    let prechecks = Part::json("prechecks", async {
        Ok(json!({ "detail": leaks(), "password": "hunter2", "key_pem": SECRETS[3] }))
    });
    for mask in [false, true] {
        let files =
            appliance.report(vec![Part::new("x", async { Err(leaks().join(" ")) })], mask).await;
        for (name, text) in &files {
            for secret in SECRETS.iter().chain(&["hunter2"]) {
                assert!(!text.contains(secret), "{secret} in {name}: {text}");
            }
        }
        assert!(files["logs/web.log"].contains("[removed]"), "the lines are there");
        assert!(files["settings.json"].contains("\"has_password\": true"));
    }
    let files = appliance.report(vec![prechecks], false).await;
    assert!(SECRETS.iter().all(|secret| !files["prechecks.json"].contains(secret)));
}

#[tokio::test]
async fn a_masked_report_has_no_address_and_no_name_and_the_same_pseudonyms_everywhere() {
    let appliance = Appliance::new().whole();
    let plain = appliance.report(Vec::new(), false).await;
    for name in NAMES {
        assert!(plain.values().any(|text| text.contains(name)), "{name} is there to be masked");
    }
    let files = appliance.report(Vec::new(), true).await;
    for (file, text) in &files {
        for name in NAMES {
            assert!(!text.to_lowercase().contains(name), "{name} in {file}: {text}");
        }
    }
    let status: Value = serde_json::from_str(&files["status/network.json"]).expect("JSON");
    let gateway = status["gateway"]["value"].as_str().expect("text");
    assert!(gateway.starts_with("address-"), "{gateway}");
    assert!(files["kernel/net-arp.txt"].starts_with(gateway), "{}", files["kernel/net-arp.txt"]);
    assert!(files["kernel/net-tcp.json"].contains(&format!("{gateway}:50000")));
    assert!(files["logs/web.log"].contains(&format!("Cannot reach {gateway} (host-")));
    assert!(files["sbom.cdx.json"].contains("6.12.41"), "what is no secret of the customer stays");
}

#[tokio::test]
async fn parts_that_fail_are_replaced_by_their_error_and_the_others_are_there() {
    let appliance = Appliance::new()
        .whole()
        // Answers nothing for ever; capture is not there at all.
        .play("time", |_: TimeRequest| None::<bus::TimeResponse>);
    let parts = vec![
        Part::new("panics", async { panic!("on purpose") }),
        Part { time: Duration::from_millis(50), ..Part::new("hangs", pending()) },
        Part {
            bytes: 100,
            ..Part::new("long", async {
                let content = Content::Text("あ".repeat(1000));
                Ok(vec![PartFile { name: "long.txt".to_owned(), content }])
            })
        },
    ];
    let begin = Instant::now();
    let files = appliance.report(parts, false).await;
    assert!(begin.elapsed() < Duration::from_secs(15), "{:?}", begin.elapsed());
    assert!(files["status/time.error.txt"].contains("no answer within 5 s"));
    assert!(
        files["status/capture.error.txt"].contains("No such file"),
        "{}",
        files["status/capture.error.txt"]
    );
    assert!(files["panics.error.txt"].contains("panic"));
    assert_eq!(files["hangs.error.txt"], "it took longer than 50 ms\n");
    assert_eq!(files["long.txt"], format!("{}\n[2901 more bytes were cut off]\n", "あ".repeat(33)));
    assert!(files["health.json"].contains("findings"), "{}", files["health.json"]);
    let lines = manifest(&files);
    assert_eq!(lines.len() + 1, files.len(), "the manifest lists every other file");
    for line in &lines {
        let text = &files[line["file"].as_str().expect("a name")];
        assert_eq!(line["bytes"], text.len());
        assert_eq!(line["sha256"], hexadecimal(&Sha256::digest(text.as_bytes())));
        assert_eq!(
            line["error"].is_null(),
            !line["file"].as_str().expect("text").ends_with(".error.txt")
        );
        assert!(line["took_ms"].is_u64());
    }
}

#[tokio::test]
async fn a_report_of_an_appliance_without_any_role_comes_out() {
    let files = Appliance::new().report(Vec::new(), true).await;
    assert!(files.contains_key("versions.json") && files.contains_key("sbom.cdx.json"));
    assert!(
        files.contains_key("settings.error.txt") && files.contains_key("logs/kernel.error.txt")
    );
    assert_eq!(files.len(), manifest(&files).len() + 1);
}

#[tokio::test]
async fn a_directory_that_is_missing_is_named() {
    let appliance = Appliance::new();
    let sources = Sources { directory: "/nowhere/reports".into(), ..appliance.sources(Vec::new()) };
    let error = write(sources, Options::default()).await.expect_err("no directory");
    let text = error.in_one_line();
    assert_eq!(
        text,
        "cannot store the report in /nowhere/reports: No such file or directory (os error 2)"
    );
}

/// Needs to be root, which tests are in the builds of this project; others see it skipped.
#[tokio::test]
async fn without_room_the_largest_parts_are_left_out() {
    let appliance = Appliance::new().whole();
    let sources = appliance.sources(vec![Part::new("noise", async {
        // Noise that does not get shorter by compression.
        let mut state = 1_u64;
        let noise = (0..400_000).map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            char::from(b' ' + u8::try_from((state >> 33) % 94).expect("small"))
        });
        let content = Content::Text(noise.collect());
        Ok(vec![PartFile { name: "noise.txt".to_owned(), content }])
    })]);
    let directory = sources.directory.clone();
    let mount = std::process::Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=64k", "tmpfs"])
        .arg(&directory)
        .status();
    if !mount.is_ok_and(|status| status.success()) {
        return;
    }
    let report = write(sources, Options::default()).await;
    let unmounted = std::process::Command::new("umount").arg("-l").arg(&directory).status();
    assert!(unmounted.is_ok_and(|status| status.success()));
    let files = unpack(report.expect("a report all the same"));
    assert!(files["noise.txt.error.txt"].contains("no room"));
    assert!(files.contains_key("settings.json"), "the small ones are there");
    let line = manifest(&files).into_iter().find(|line| line["part"] == "noise").expect("listed");
    assert!(line["error"].as_str().expect("text").contains("no room"));
}

#[tokio::test]
async fn other_programs_read_the_archive_without_complaint() {
    let appliance = Appliance::new().whole();
    let mut file =
        write(appliance.sources(Vec::new()), Options::default()).await.expect("a report");
    let path = appliance.directory.path().join("copy.zip");
    let mut copy = File::create(&path).expect("file");
    io::copy(&mut file, &mut copy).expect("copied");
    let script = "import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); assert z.testzip() is None; \
                  print(z.getinfo('manifest.json').date_time)";
    let python = std::process::Command::new("python3").args(["-c", script]).arg(&path).output();
    let python = python.expect("Python 3, which the build needs too");
    let text = String::from_utf8_lossy(&python.stdout);
    assert_eq!(
        text.trim(),
        "(2026, 11, 21, 15, 50, 2)",
        "{}",
        String::from_utf8_lossy(&python.stderr)
    );
    assert!(
        fs::read_dir(appliance.directory.path().join("reports")).expect("list").next().is_none()
    );
}
