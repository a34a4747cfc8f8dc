//! Services of clouds at their addresses, by stand-ins.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::thread;

use harness::{Namespace, limits};
use model::outbound::{METADATA, WIRE_SERVER};

use super::{Site, base64, document, with_cloud};
use crate::must;

/// What a service hears.
struct Heard {
    /// Method and path.
    line: String,
    /// Lines of the header, in small letters.
    header: Vec<String>,
    body: String,
}

impl Heard {
    fn has(&self, field: &str) -> bool {
        self.header.iter().any(|line| line == field)
    }
}

/// A service at an address, which answers with status, further lines of the header, and body.
fn serve(
    namespace: &Namespace,
    address: Ipv4Addr,
    answer: impl Fn(&Heard) -> (u16, &'static str, String) + Send + 'static,
) -> Receiver<Heard> {
    must(namespace.add_addresses([address].into_iter()));
    let listener = must(namespace.enter(|| TcpListener::bind((address, 80)))).expect("free");
    let (sender, requests) = channel();
    thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let heard = read(&stream);
            let (status, fields, body) = answer(&heard);
            let length = body.len();
            let reply =
                format!("HTTP/1.1 {status} X\r\n{fields}Content-Length: {length}\r\n\r\n{body}");
            let _ = stream.write_all(reply.as_bytes());
            let _ = sender.send(heard);
        }
    });
    requests
}

fn read(stream: &TcpStream) -> Heard {
    let mut reader = BufReader::new(stream);
    let lines = reader.by_ref().lines().map_while(Result::ok);
    let mut lines: Vec<_> = lines.take_while(|line| !line.is_empty()).collect();
    let line = lines.remove(0).replace(" HTTP/1.1", "");
    let header: Vec<_> = lines.iter().map(|line| line.to_ascii_lowercase()).collect();
    let length = header.iter().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body).expect("a body");
    Heard { line, header, body: String::from_utf8_lossy(&body).into_owned() }
}

/// A machine with tables of a cloud.
fn start(namespace: Namespace, tables: &[&str]) -> Site {
    let extra: Vec<_> =
        tables.iter().flat_map(|table| ["-smbios", table]).map(str::to_owned).collect();
    Site::start(namespace, tempfile::tempdir().expect("directory"), &extra)
}

#[test]
fn user_data_of_azure_register_an_appliance_which_reports_that_it_is_ready() {
    let (namespace, cloud) = with_cloud();
    let user_data = base64(&document(&cloud));
    let instance =
        format!(r#"{{"compute": {{"name": "m", "vmId": "x", "userData": "{user_data}"}}}}"#);
    let _metadata = serve(&namespace, METADATA, move |_| (200, "", instance.clone()));
    let reports = serve(&namespace, WIRE_SERVER, |_| (200, "", String::new()));
    let asset_tag = "type=3,asset=7783-7084-3265-9085-8269-3286-77";
    let machine = "type=1,manufacturer=Microsoft Corporation,product=Virtual Machine";
    start(namespace, &[machine, asset_tag]).is_registered();
    let report = reports.recv_timeout(limits::DIAGNOSIS).expect("a report");
    assert_eq!(report.body, r#"{"state":"Ready"}"#);
}

#[test]
fn user_data_of_amazon_register_an_appliance_by_version_2_of_the_service_alone() {
    const TOKEN: &str = "AQAEALH-k7i18JMkK";
    let (namespace, cloud) = with_cloud();
    let document = document(&cloud);
    let requests = serve(&namespace, METADATA, move |heard| match heard.line.as_str() {
        "PUT /latest/api/token" => (200, "", TOKEN.to_owned()),
        // Names of header fields and this token in small letters.
        "GET /latest/user-data" if heard.has("x-aws-ec2-metadata-token: aqaealh-k7i18jmkk") => {
            (200, "", document.clone())
        }
        _ => (401, "", String::new()),
    });
    start(namespace, &["type=1,manufacturer=Amazon EC2,product=m5.large"]).is_registered();
    let asked: Vec<_> = requests.try_iter().map(|heard| heard.line).collect();
    assert_eq!(asked, ["PUT /latest/api/token", "GET /latest/user-data"]);
}

#[test]
fn an_attribute_of_google_cloud_registers_an_appliance_which_says_that_it_is_ready() {
    const GUEST_ATTRIBUTE: &str =
        "PUT /computeMetadata/v1/instance/guest-attributes/connector/state";
    const FLAVOR: &str = "Metadata-Flavor: Google\r\n";
    let (namespace, cloud) = with_cloud();
    let document = document(&cloud);
    let requests = serve(&namespace, METADATA, move |heard| match heard.line.as_str() {
        _ if !heard.has("metadata-flavor: google") => (403, "", String::new()),
        "GET /computeMetadata/v1/instance/attributes/connector" => (200, FLAVOR, document.clone()),
        GUEST_ATTRIBUTE => (200, FLAVOR, String::new()),
        _ => (404, "", String::new()),
    });
    let machine = "type=1,manufacturer=Google,product=Google Compute Engine";
    start(namespace, &[machine]).is_registered();
    let mut written = std::iter::from_fn(|| requests.recv_timeout(limits::DIAGNOSIS).ok());
    let state = written.find(|heard| heard.line == GUEST_ATTRIBUTE).expect("a state");
    assert_eq!(state.body, "ready");
}
