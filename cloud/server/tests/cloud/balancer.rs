//! HAProxy, with the configuration that `docs/scale.md` gives.

use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::os::unix::net::UnixStream;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;
use tokio::time::sleep;

const GUIDE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/scale.md");
/// Between two looks at what HAProxy says.
const LOOK: Duration = Duration::from_millis(50);

/// A load balancer in front of nodes; dropping it kills it.
pub(crate) struct Balancer {
    child: Child,
    directory: TempDir,
    pub(crate) address: SocketAddr,
}

impl Drop for Balancer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The documented part, with these nodes instead of its own.
fn backend(nodes: &[SocketAddr]) -> String {
    let guide = fs::read_to_string(GUIDE).unwrap();
    let block = guide.split("```").find(|block| block.contains("backend nodes")).unwrap();
    let (mut text, mut left) = (String::new(), nodes.iter());
    for line in block.lines() {
        let words: Vec<_> = line.split_whitespace().collect();
        if let ["server", name, _] = words.as_slice() {
            text += &format!("    server {name} {}\n", left.next().unwrap());
        } else {
            text += &format!("{line}\n");
        }
    }
    assert!(left.next().is_none(), "the guide names fewer nodes");
    text
}

impl Balancer {
    pub(crate) async fn start(nodes: &[SocketAddr]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let place = directory.path().display();
        let configuration = format!(
            "global\n    stats socket {place}/admin level admin\n\
             defaults\n    timeout connect 5s\n    timeout client 5m\n    timeout server 5m\n\
             frontend scripts\n    mode tcp\n    bind {address}\n    default_backend nodes\n{}\n",
            backend(nodes)
        );
        let file = directory.path().join("haproxy.cfg");
        fs::write(&file, configuration).unwrap();
        let child = Command::new("/usr/sbin/haproxy")
            .args(["-db", "-q", "-f"])
            .arg(file)
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        let balancer = Self { child, directory, address };
        while tokio::net::TcpStream::connect(address).await.is_err() {
            sleep(LOOK).await;
        }
        balancer
    }

    /// Says something to HAProxy; gives its answer.
    fn say(&self, command: &str) -> String {
        let mut admin = UnixStream::connect(self.directory.path().join("admin")).unwrap();
        admin.write_all(format!("{command}\n").as_bytes()).unwrap();
        let mut answer = String::new();
        admin.read_to_string(&mut answer).unwrap();
        answer
    }

    /// Tells where a node answers that was started again.
    pub(crate) fn moved(&self, node: &str, to: SocketAddr) {
        self.say(&format!("set server nodes/{node} addr {} port {}", to.ip(), to.port()));
    }

    /// Waits until HAProxy has found by itself whether a node takes connections.
    pub(crate) async fn sees(&self, node: &str, is_up: bool) {
        let line = |stat: &str| {
            let start = format!("nodes,{node},");
            stat.lines().find(|line| line.starts_with(&start)).map(str::to_owned).unwrap()
        };
        // Its column 17 is the state.
        while (line(&self.say("show stat")).split(',').nth(17) == Some("UP")) != is_up {
            sleep(LOOK).await;
        }
    }
}
