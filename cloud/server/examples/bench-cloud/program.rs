//! `cloud serve` as a process.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use tokio::task::spawn_blocking;

use crate::Outcome;

/// The name of the program's certificate.
pub(crate) const HOST: &str = "cloud.test";
/// What the program logs.
const LOG: &str = "target/bench/gateway.log";
/// Ticks of `/proc/PID/stat` in a second (`USER_HZ` on Linux).
const TICKS: f64 = 100.0;

/// The program, with one customer; dropping it kills it.
pub(crate) struct Program {
    program: PathBuf,
    data: PathBuf,
    child: Child,
    pub(crate) address: SocketAddr,
    client: String,
    secret: String,
}

/// Where connectors register, and with which client.
pub(crate) struct Office {
    pub(crate) address: SocketAddr,
    pub(crate) client: String,
    pub(crate) secret: String,
}

impl Program {
    /// Makes customer and client in a directory, and serves.
    pub(crate) async fn start(program: &str, directory: &Path) -> Outcome<Self> {
        let (program, data) = (PathBuf::from(program), directory.join("data"));
        File::create(LOG)?;
        let output = Command::new(&program)
            .args(["set-up", "--customer", "Example Bank", "--email", "admin@example.com"])
            .arg("--data")
            .arg(&data)
            .output()
            .map_err(|error| format!("{} does not start: {error}", program.display()))?;
        let said = String::from_utf8(output.stdout)?;
        let word = |name: &str| {
            let line = said.lines().find(|line| line.starts_with(name));
            line.and_then(|line| line.split_whitespace().last()).map(str::to_owned)
        };
        let (Some(client), Some(secret)) = (word("client"), word("secret")) else {
            return Err(
                format!("`set-up` failed: {}", String::from_utf8_lossy(&output.stderr)).into()
            );
        };
        let (child, address) = serve(&program, &data).await?;
        Ok(Self { program, data, child, address, client, secret })
    }

    /// Where connectors register.
    pub(crate) fn office(&self) -> Office {
        let (client, secret) = (self.client.clone(), self.secret.clone());
        Office { address: self.address, client, secret }
    }

    /// Ends it without a word.
    pub(crate) fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Serves again what it served before, at another port.
    pub(crate) async fn restart(&mut self) -> Outcome<()> {
        (self.child, self.address) = serve(&self.program, &self.data).await?;
        Ok(())
    }

    /// The authority of its HTTPS port.
    pub(crate) fn root(&self) -> Outcome<CertificateDer<'static>> {
        Ok(CertificateDer::from_pem_file(self.data.join("root-ca.pem"))?)
    }

    /// Memory that it has, in KiB.
    pub(crate) fn resident(&self) -> Outcome<f64> {
        self.figure("status", "VmRSS:")
    }

    /// What it has sent to the disk, in KiB.
    pub(crate) fn written(&self) -> Outcome<f64> {
        Ok(self.figure("io", "write_bytes:")? / 1024.0)
    }

    /// Seconds of processors that it has had.
    pub(crate) fn processor_time(&self) -> Outcome<f64> {
        let stat = fs::read_to_string(self.file("stat"))?;
        let (_, fields) = stat.rsplit_once(')').ok_or("no process")?;
        let ticks = fields.split_whitespace().skip(11).take(2).map(str::parse::<f64>);
        Ok(ticks.sum::<Result<f64, _>>()? / TICKS)
    }

    fn figure(&self, file: &str, name: &str) -> Outcome<f64> {
        let text = fs::read_to_string(self.file(file))?;
        let line = text.lines().find_map(|line| line.strip_prefix(name));
        let figure = line.and_then(|line| line.split_whitespace().next());
        Ok(figure.ok_or_else(|| format!("{file} has no {name}"))?.parse()?)
    }

    fn file(&self, name: &str) -> PathBuf {
        Path::new("/proc").join(self.child.id().to_string()).join(name)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Starts it; gives where it answers once it does.
async fn serve(program: &Path, data: &Path) -> Outcome<(Child, SocketAddr)> {
    let mut child = Command::new(program)
        .args(["serve", "--listen", "127.0.0.1:0", "--host", HOST, "--data"])
        .arg(data)
        .stderr(Stdio::piped())
        .spawn()?;
    let mut log = BufReader::new(child.stderr.take().ok_or("no log")?);
    let (address, mut log) = spawn_blocking(move || {
        let mut line = String::new();
        while log.read_line(&mut line)? > 0 && !line.contains("answers") {
            line.clear();
        }
        let address = line.split("address=").nth(1).and_then(|rest| rest.split(' ').next());
        let address = address.ok_or_else(|| format!("it does not serve: {line}"))?;
        Outcome::Ok((address.parse()?, log))
    })
    .await??;
    // It must not wait for somebody who reads.
    let mut file = File::options().create(true).append(true).open(LOG)?;
    std::thread::spawn(move || std::io::copy(&mut log, &mut file));
    Ok((child, address))
}
