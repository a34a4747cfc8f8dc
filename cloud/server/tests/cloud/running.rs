//! The running program and a script that uses it.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

pub(crate) const HOST: &str = "cloud.test";

/// `cloud serve`, killed at the end.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
    log: Mutex<Receiver<String>>,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    pub(crate) fn start(data: &Path, options: &[&str]) -> Self {
        Self::run(program().args(["serve", "--data"]).arg(data).args(options))
    }

    pub(crate) fn run(command: &mut Command) -> Self {
        if !command.get_args().any(|argument| argument == "--drain") {
            command.args(["--drain", "0"]);
        }
        let mut child = command
            .args(["--listen", "127.0.0.1:0", "--host", HOST])
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let (sender, log) = channel();
        std::thread::spawn(move || {
            lines.map_while(Result::ok).try_for_each(|line| sender.send(line))
        });
        let line = log.iter().find(|line| line.contains("answers")).unwrap();
        let address = line.split("address=").nth(1).unwrap().split(' ').next().unwrap();
        Self { child, address: address.parse().unwrap(), log: Mutex::new(log) }
    }

    /// The number of the process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(self.child.id().try_into().unwrap()), signal).unwrap();
    }

    /// The next line of the log with a text.
    pub(crate) fn says(&self, text: &str) -> String {
        self.log.lock().unwrap().iter().find(|line| line.contains(text)).unwrap()
    }

    /// Waits for the end of a program that was asked to end.
    pub(crate) fn end(mut self) -> bool {
        self.wait()
    }

    /// The same; the program stays where it is.
    pub(crate) fn wait(&mut self) -> bool {
        self.child.wait().unwrap().success()
    }
}

/// The program with one customer.
pub(crate) struct Cloud {
    pub(crate) server: Server,
    pub(crate) directory: TempDir,
    /// File of the authority that vouches for the HTTPS port.
    pub(crate) root: PathBuf,
    pub(crate) customer: String,
    client: String,
    secret: String,
}

pub(crate) fn program() -> Command {
    Command::new(env!("CARGO_BIN_EXE_cloud"))
}

pub(crate) fn set_up(data: &Path, options: &[&str]) -> Output {
    program()
        .args(["set-up", "--customer", "Example Bank", "--email", "admin@example.com", "--data"])
        .arg(data)
        .args(options)
        .output()
        .unwrap()
}

impl Cloud {
    pub(crate) fn start() -> Self {
        Self::start_with(&[], &[])
    }

    /// Starts it with options of every command, and options of `serve`.
    pub(crate) fn start_with(options: &[&str], serve: &[&str]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let data = directory.path().join("data");
        let output = set_up(&data, options);
        let text = String::from_utf8(output.stdout).unwrap();
        let word = |name: &str| {
            let line = text.lines().find(|line| line.starts_with(name)).unwrap();
            line.split_whitespace().last().unwrap().trim_matches(['(', ')']).to_owned()
        };
        let server = Server::start(&data, &[options, serve].concat());
        let (customer, client, secret) = (word("customer"), word("client"), word("secret"));
        Self { server, root: data.join("root-ca.pem"), directory, customer, client, secret }
    }

    /// Starts another node with copies of the keys.
    pub(crate) fn another(&self, options: &[&str], serve: &[&str]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let data = directory.path().join("data");
        std::fs::create_dir(&data).unwrap();
        for file in std::fs::read_dir(self.data()).unwrap() {
            let file = file.unwrap();
            std::fs::copy(file.path(), data.join(file.file_name())).unwrap();
        }
        let server = Server::start(&data, &[options, serve].concat());
        Self {
            server,
            root: data.join("root-ca.pem"),
            directory,
            customer: self.customer.clone(),
            client: self.client.clone(),
            secret: self.secret.clone(),
        }
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.directory.path().join("data")
    }

    pub(crate) async fn dial(&self) -> TlsStream<TcpStream> {
        self.dial_at(self.server.address).await
    }

    /// Dials an address that leads to the program.
    pub(crate) async fn dial_at(&self, address: SocketAddr) -> TlsStream<TcpStream> {
        dial(&self.root, address).await
    }

    /// Sends a request; gives status and body.
    pub(crate) async fn ask(
        &self,
        method: &str,
        path: &str,
        fields: &str,
        body: &str,
    ) -> (u16, String) {
        let mut stream = self.dial().await;
        let length = body.len();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {HOST}\r\nAccept: application/json\r\n\
             Connection: close\r\nContent-Length: {length}\r\n{fields}\r\n{body}"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        let answer = String::from_utf8(answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
    }

    pub(crate) async fn token(&self) -> String {
        let (client, secret) = (&self.client, self.secret.replace('+', "%2B").replace('=', "%3D"));
        let body =
            format!("grant_type=client_credentials&client_id={client}&client_secret={secret}");
        let form = "Content-Type: application/x-www-form-urlencoded\r\n";
        let path = format!("/cctrustoauth2/{}/tokens/clients", self.customer);
        let (status, body) = self.ask("POST", &path, form, &body).await;
        assert_eq!(status, 200, "{body}");
        let body: Value = serde_json::from_str(&body).unwrap();
        body["access_token"].as_str().unwrap().to_owned()
    }

    /// Posts JSON with a token, and reads the answer.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> Value {
        let fields = format!(
            "Authorization: CwsAuth Bearer={}\r\nCitrix-CustomerId: {}\r\n\
             Content-Type: application/json\r\n",
            self.token().await,
            self.customer
        );
        let (status, answer) = self.ask("POST", path, &fields, &body.to_string()).await;
        assert_eq!(status, 200, "{path}: {answer}");
        serde_json::from_str(&answer).unwrap()
    }
}

/// Dials an address of a program that shows a certificate of an authority.
pub(crate) async fn dial(root: &Path, address: SocketAddr) -> TlsStream<TcpStream> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(root).unwrap()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let stream = TcpStream::connect(address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let name = ServerName::try_from(HOST).unwrap();
    TlsConnector::from(Arc::new(config)).connect(name, stream).await.unwrap()
}
