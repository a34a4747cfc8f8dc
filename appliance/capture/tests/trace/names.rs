//! Host names: looked up when the trace starts.

use std::fs;
use std::process::{Child, Command};

use bus::{CaptureRequest, CaptureResponse, StartRefusal};
use model::capture::{TraceFilter, TraceOrder, TraceTarget};
use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};
use tempfile::TempDir;

use crate::site::{FAR, FarEnd, Site, enter_namespace, talk, tshark};

/// Ends with the test.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Has the names of this thread looked up by the other machine.
fn use_name_server(directory: &TempDir) {
    unshare(CloneFlags::CLONE_NEWNS).expect("root");
    let nothing = None::<&str>;
    mount(nothing, "/", nothing, MsFlags::MS_REC | MsFlags::MS_PRIVATE, nothing).expect("private");
    let file = directory.path().join("resolv.conf");
    fs::write(&file, format!("nameserver {FAR}\noptions timeout:1 attempts:1\n")).expect("written");
    let target = "/etc/resolv.conf";
    mount(Some(&file), target, nothing, MsFlags::MS_BIND, nothing).expect("mounted");
}

fn by_name(name: &str) -> TraceOrder {
    let target = Some(TraceTarget::Host(name.to_owned()));
    TraceOrder { filter: TraceFilter { target, port: None }, ..TraceOrder::default() }
}

#[tokio::test]
async fn host_name_is_looked_up_when_the_trace_starts() {
    if !enter_namespace() {
        return;
    }
    let far_end = FarEnd::connect();
    far_end.echo(7001);
    let directory = tempfile::tempdir().expect("directory");
    use_name_server(&directory);
    let mut site = Site::start_with(directory, |_| {}).await;
    let start = |name: &str| site.ask(CaptureRequest::Start { order: by_name(name) });

    let host = "dc1.corp.example".to_owned();
    let answer = start(&host).await;
    let CaptureResponse::Refused(StartRefusal::NotResolved { host: named, .. }) = answer else {
        panic!("without a name server: {answer:?}")
    };
    assert_eq!(named, host);

    let server = far_end.run(|| {
        Command::new("dnsmasq")
            .args(["--keep-in-foreground", "--conf-file=/dev/null", "--no-resolv", "--no-hosts"])
            .args(["--pid-file=", "--user=root", "--bind-interfaces", "--listen-address=10.77.0.1"])
            .args(["--local=/corp.example/", "--address=/dc1.corp.example/10.77.0.1"])
            .arg("--address=/dc1.corp.example/10.77.0.7")
            .spawn()
            .map(Server)
            .expect("dnsmasq")
    });
    let unknown = StartRefusal::UnknownHost { host: "dc2.corp.example".to_owned() };
    let answer = loop {
        match start("dc2.corp.example").await {
            // The server has only just been started.
            CaptureResponse::Refused(StartRefusal::NotResolved { .. }) => {}
            answer => break answer,
        }
    };
    assert_eq!(answer, CaptureResponse::Refused(unknown));
    let answer = start(&host).await;
    let CaptureResponse::Started(running) = answer else { panic!("{answer:?}") };
    assert_eq!(running.trace.addresses, [FAR, [10, 77, 0, 7].into()]);
    drop(server);
    talk(7001, 10);
    site.packets(7).await;
    site.stop(&running.trace.id).await;
    let file = site.download(&running.trace.id).await;
    assert!(tshark(&file, "ip.addr == 10.77.0.1", &[]).len() >= 7);
}
