//! The control plane of this workspace, and a script that administers it.

use std::fmt;
use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Instant;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::error::HarnessError;
use crate::https::{HttpsClient, Reply, Request};
use crate::namespace::Namespace;
use crate::rest::json as body_of;
use crate::workspace;

/// E-mail address of the first administrator.
pub const ADMINISTRATOR: &str = "admin@example.com";
/// Name of the customer.
pub const CUSTOMER: &str = "Example Bank";

/// The running program; dropping it ends it.
pub struct Cloud {
    process: Child,
    directory: TempDir,
    database: Option<String>,
    listen: SocketAddr,
    host: String,
    first: First,
    client: CloudClient,
    log: Log,
}

/// What the program has said, and when it was heard.
type Log = Arc<Mutex<Vec<(Instant, String)>>>;

/// What `cloud set-up` prints.
#[derive(Clone)]
pub struct First {
    /// Identifier of the customer.
    pub customer: String,
    /// Password of the administrator.
    pub password: String,
    /// Identifier of a secure client.
    pub client: String,
    /// Its secret.
    pub secret: String,
}

impl fmt::Debug for Cloud {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Cloud").field("listen", &self.listen).finish_non_exhaustive()
    }
}

impl fmt::Debug for First {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("First").field("customer", &self.customer).finish_non_exhaustive()
    }
}

impl First {
    /// Makes the first customer of a directory without state, in a file there or in the database at an
    /// address.
    ///
    /// # Errors
    ///
    /// When the program cannot be started or refuses.
    pub fn set_up(data: &Path, database: Option<&str>) -> Result<Self, HarnessError> {
        let mut set_up = Command::new(workspace::cloud());
        set_up.args(["set-up", "--customer", CUSTOMER, "--email", ADMINISTRATOR, "--data"]);
        set_up.arg(data).args(database.iter().flat_map(|address| ["--database", address]));
        let output = set_up.output().map_err(HarnessError::io("start cloud set-up"))?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let word = |name: &str| {
            let line = text.lines().find(|line| line.starts_with(name));
            let word = line.and_then(|line| line.split_whitespace().last());
            let failed = || HarnessError::Command {
                command: "cloud set-up".to_owned(),
                stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
            };
            word.map(|word| word.trim_matches(['(', ')']).to_owned()).ok_or_else(failed)
        };
        Ok(Self {
            customer: word("customer")?,
            password: word("password")?,
            client: word("client")?,
            secret: word("secret")?,
        })
    }
}

impl Cloud {
    /// Starts it at an address of the namespace, with a certificate for that address, and signs the
    /// script in, which then works in that namespace.
    ///
    /// # Errors
    ///
    /// When it does not answer.
    pub fn start(namespace: &Namespace, listen: SocketAddr) -> Result<Self, HarnessError> {
        Self::start_on(namespace, listen, None)
    }

    /// [`Cloud::start`] with the database at an address instead of one in a file.
    ///
    /// # Errors
    ///
    /// When it does not answer.
    pub fn start_on(
        namespace: &Namespace,
        listen: SocketAddr,
        database: Option<String>,
    ) -> Result<Self, HarnessError> {
        let mut cloud = Self::run(Some(namespace), listen, listen.ip().to_string(), database)?;
        namespace.enter(|| cloud.client.sign_in(&cloud.first))??;
        Ok(cloud)
    }

    /// Starts it on this machine, with a certificate for the name under which appliances reach it.
    ///
    /// # Errors
    ///
    /// When it does not answer.
    pub fn start_here(port: u16, host: &str) -> Result<Self, HarnessError> {
        let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let mut cloud = Self::run(None, listen, host.to_owned(), None)?;
        cloud.client.sign_in(&cloud.first)?;
        Ok(cloud)
    }

    fn run(
        namespace: Option<&Namespace>,
        listen: SocketAddr,
        host: String,
        database: Option<String>,
    ) -> Result<Self, HarnessError> {
        let directory = tempfile::tempdir().map_err(HarnessError::io("create a directory"))?;
        let data = directory.path().join("data");
        let first = First::set_up(&data, database.as_deref())?;
        let log = Log::default();
        let (process, listen) = serve(namespace, listen, &host, &data, database.as_deref(), &log)?;
        let mut https = HttpsClient::new(listen, Ipv4Addr::UNSPECIFIED);
        https.host.clone_from(&host);
        let client = CloudClient { https, customer: first.customer.clone(), token: None };
        Ok(Self { process, directory, database, listen, host, first, client, log })
    }

    /// Kills it, as a power cut does, and starts it again.
    ///
    /// # Errors
    ///
    /// When it does not answer.
    pub fn restart(&mut self, namespace: &Namespace) -> Result<(), HarnessError> {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let data = self.directory.path().join("data");
        let database = self.database.as_deref();
        let namespace = Some(namespace);
        (self.process, _) = serve(namespace, self.listen, &self.host, &data, database, &self.log)?;
        Ok(())
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.listen
    }

    /// Its root certificate, PEM, which appliances and browsers are to trust.
    ///
    /// # Errors
    ///
    /// When there is none.
    pub fn root_ca(&self) -> Result<String, HarnessError> {
        std::fs::read_to_string(self.root_ca_file())
            .map_err(HarnessError::io("read the root of the cloud"))
    }

    /// The file that holds it.
    #[must_use]
    pub fn root_ca_file(&self) -> PathBuf {
        self.directory.path().join("data/root-ca.pem")
    }

    /// What `cloud set-up` printed.
    #[must_use]
    pub const fn first(&self) -> &First {
        &self.first
    }

    /// The script that administers it, to be used in the namespace.
    #[must_use]
    pub const fn client(&self) -> &CloudClient {
        &self.client
    }

    /// What it has logged.
    #[must_use]
    pub fn log(&self) -> String {
        lock(&self.log).iter().map(|(_, line)| format!("{line}\n")).collect()
    }

    /// When it logged such lines, after a moment.
    #[must_use]
    pub fn logged(&self, since: Instant, is_wanted: impl Fn(&str) -> bool) -> Vec<Instant> {
        let log = lock(&self.log);
        let wanted = log.iter().filter(|(at, line)| *at >= since && is_wanted(line));
        wanted.map(|(at, _)| *at).collect()
    }
}

impl Drop for Cloud {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn lock<T>(log: &Mutex<T>) -> MutexGuard<'_, T> {
    log.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Starts the program, waits until it answers, and gives where.
fn serve(
    namespace: Option<&Namespace>,
    listen: SocketAddr,
    host: &str,
    data: &Path,
    database: Option<&str>,
    log: &Log,
) -> Result<(Child, SocketAddr), HarnessError> {
    let mut command = match namespace {
        Some(namespace) => {
            let mut enter = Command::new("ip");
            enter.args(["netns", "exec", namespace.name(), "setpriv"]);
            enter
        }
        None => Command::new("setpriv"),
    };
    let mut process = command
        .args(["--pdeathsig", "KILL"])
        .arg(workspace::cloud())
        .args(["serve", "--listen", &listen.to_string(), "--host", host, "--drain", "0", "--data"])
        .arg(data)
        .args(database.iter().flat_map(|address| ["--database", address]))
        .stdin(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(HarnessError::io("start cloud serve"))?;
    let mut lines = process.stderr.take().into_iter().flat_map(|log| BufReader::new(log).lines());
    let mut said = String::new();
    let address = loop {
        let Some(Ok(line)) = lines.next() else {
            let _ = process.wait();
            let command = "cloud serve".to_owned();
            return Err(HarnessError::Command { command, stderr: said });
        };
        said.push_str(&line);
        said.push('\n');
        lock(log).push((Instant::now(), line.clone()));
        if let Some(address) = answering(&line) {
            break address;
        }
    };
    let log = Arc::clone(log);
    thread::spawn(move || {
        for line in lines.map_while(Result::ok) {
            lock(&log).push((Instant::now(), line));
        }
    });
    Ok((process, address))
}

/// The address in the line of the log that says that the program answers.
fn answering(line: &str) -> Option<SocketAddr> {
    let (_, address) = line.split_once("the control plane answers")?.1.split_once("address=")?;
    address.split(' ').next()?.parse().ok()
}

/// Calls the public interface of the cloud with the token of a secure client.
#[derive(Clone, Debug)]
pub struct CloudClient {
    https: HttpsClient,
    customer: String,
    token: Option<String>,
}

impl CloudClient {
    fn sign_in(&mut self, first: &First) -> Result<(), HarnessError> {
        let secret = first.secret.replace('+', "%2B").replace('=', "%3D");
        let form = format!(
            "grant_type=client_credentials&client_id={}&client_secret={secret}",
            first.client
        );
        let path = format!("/cctrustoauth2/{}/tokens/clients", self.customer);
        let request = Request::new("POST", &path).body("application/x-www-form-urlencoded", form);
        let reply = self.https.send(&request)?;
        self.token = body_of(&reply)?["access_token"].as_str().map(str::to_owned);
        match self.token {
            Some(_) => Ok(()),
            None => Err(HarnessError::Http(format!("no token: {}", reply.text()))),
        }
    }

    /// Sends a request without body.
    ///
    /// # Errors
    ///
    /// When the exchange fails.
    pub fn get(&self, path: &str) -> Result<Reply, HarnessError> {
        self.https.send(&self.authorised(Request::new("GET", path)))
    }

    /// Sends a JSON body.
    ///
    /// # Errors
    ///
    /// When the exchange fails.
    pub fn post(&self, path: &str, body: &Value) -> Result<Reply, HarnessError> {
        let request = Request::new("POST", path).body("application/json", body.to_string());
        self.https.send(&self.authorised(request))
    }

    /// Deletes a resource.
    ///
    /// # Errors
    ///
    /// When the exchange fails.
    pub fn delete(&self, path: &str) -> Result<Reply, HarnessError> {
        self.https.send(&self.authorised(Request::new("DELETE", path)))
    }

    /// Does what an administrator does with a code: looks at the details and registers.
    ///
    /// # Errors
    ///
    /// When the cloud refuses.
    pub fn register(&self, code: &str) -> Result<Value, HarnessError> {
        let found = self.done("/registrations/$confirm", &json!({ "code": code }))?;
        let id = found["id"].as_str().unwrap_or_default();
        self.done(&format!("/registrations/{id}/$register"), &json!({}))
    }

    fn done(&self, path: &str, body: &Value) -> Result<Value, HarnessError> {
        let reply = self.post(path, body)?;
        if reply.status != 200 {
            return Err(HarnessError::Http(format!("{path}: {} {}", reply.status, reply.text())));
        }
        body_of(&reply)
    }

    /// The connection to the cloud.
    pub(crate) const fn https(&self) -> &HttpsClient {
        &self.https
    }

    /// The request as one of the customer's.
    pub(crate) fn authorised(&self, request: Request) -> Request {
        let token = self.token.as_deref().unwrap_or_default();
        request
            .field("Authorization", &format!("CwsAuth Bearer={token}"))
            .field("Citrix-CustomerId", &self.customer)
    }
}
