//! Servers of Debian that run in a namespace as long as a test needs them.

use std::net::{SocketAddr, TcpStream};
use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Instant;

use tempfile::TempDir;

use crate::error::HarnessError;
use crate::limits;
use crate::namespace::Namespace;
use crate::workspace;

/// Number of the user `proxy` on every Debian: squid does not serve as root.
const PROXY_USER: u32 = 13;

/// A running server; dropping it ends it.
#[derive(Debug)]
pub struct Daemon {
    process: Child,
    /// Its configuration, keys and logs.
    directory: TempDir,
}

impl Daemon {
    /// Where a web server writes down what it was asked for.
    pub const REQUESTS: &str = "requests";

    /// Starts squid, a web proxy, which asks for a user name and password when they are given.
    ///
    /// # Errors
    ///
    /// When it does not answer in time.
    pub fn squid(
        namespace: &Namespace,
        listen: SocketAddr,
        login: Option<(&str, &str)>,
    ) -> Result<Self, HarnessError> {
        let directory = tempfile::tempdir().map_err(HarnessError::io("create a directory"))?;
        let path = |name: &str| directory.path().join(name).display().to_string();
        let access = match login {
            None => "http_access allow all\n".to_owned(),
            Some((user, password)) => {
                write(&directory, "checker", &checker(user, password))?;
                format!(
                    "auth_param basic program /bin/bash {}\nauth_param basic realm harness\n\
                     acl known proxy_auth REQUIRED\nhttp_access allow known\nhttp_access deny all\n",
                    path("checker")
                )
            }
        };
        let configuration = format!(
            "http_port {listen}\n{access}cache deny all\naccess_log none\ncache_log {}\n\
             pid_filename none\ncoredump_dir {}\nshutdown_lifetime 0 seconds\n\
             visible_hostname proxy.harness\ndns_timeout 2 seconds\nconnect_timeout 2 seconds\npinger_enable off\nnetdb_filename none\n",
            path("cache.log"),
            directory.path().display(),
        );
        write(&directory, "squid.conf", &configuration)?;
        chown(directory.path(), Some(PROXY_USER), Some(PROXY_USER))
            .map_err(HarnessError::io("give the directory to squid"))?;
        let user = format!("--reuid={PROXY_USER}");
        // Two of the same name would share memory, which lies outside of namespaces.
        let name: String = namespace.name().chars().filter(char::is_ascii_alphanumeric).collect();
        let arguments = ["setpriv", &user, "--clear-groups", "squid", "-n", &name, "-N", "-f"]
            .into_iter()
            .map(str::to_owned)
            .chain([path("squid.conf")])
            .collect::<Vec<_>>();
        Self::start(namespace, directory, &arguments, listen)
    }

    /// Starts a TLS server of OpenSSL that answers every request with a page. Its certificate is
    /// signed by an authority of its own ([`Daemon::file`] `ca.pem`).
    ///
    /// # Errors
    ///
    /// When the certificates cannot be made or it does not answer in time.
    pub fn tls_server(namespace: &Namespace, listen: SocketAddr) -> Result<Self, HarnessError> {
        let directory = tempfile::tempdir().map_err(HarnessError::io("create a directory"))?;
        let path = |name: &str| directory.path().join(name).display().to_string();
        let name = format!("subjectAltName=IP:{}", listen.ip());
        openssl(&[
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-keyout",
            &path("ca.key"),
            "-out",
            &path("ca.pem"),
            "-days",
            "30",
            "-subj",
            "/O=Harness/CN=Harness Root CA",
            "-addext",
            "basicConstraints=critical,CA:TRUE",
            "-addext",
            "keyUsage=critical,keyCertSign,cRLSign",
        ])?;
        openssl(&[
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-keyout",
            &path("key.pem"),
            "-out",
            &path("certificate.pem"),
            "-days",
            "20",
            "-subj",
            "/CN=harness",
            "-CA",
            &path("ca.pem"),
            "-CAkey",
            &path("ca.key"),
            "-addext",
            "basicConstraints=critical,CA:FALSE",
            "-addext",
            "extendedKeyUsage=serverAuth",
            "-addext",
            &name,
        ])?;
        let arguments = [
            "openssl",
            "s_server",
            "-quiet",
            "-www",
            "-accept",
            &listen.to_string(),
            "-cert",
            &path("certificate.pem"),
            "-key",
            &path("key.pem"),
        ]
        .map(str::to_owned);
        Self::start(namespace, directory, &arguments, listen)
    }

    /// Starts nginx, a web server, which answers every request with a text and writes down its path
    /// ([`Daemon::file`] [`Daemon::REQUESTS`], a line each).
    ///
    /// # Errors
    ///
    /// When it does not answer in time.
    pub fn web_server(namespace: &Namespace, listen: SocketAddr) -> Result<Self, HarnessError> {
        let directory = tempfile::tempdir().map_err(HarnessError::io("create a directory"))?;
        let place = directory.path().display().to_string();
        let log = Self::REQUESTS;
        let configuration = format!(
            "daemon off;\nmaster_process off;\nuser root;\npid {place}/pid;\nevents {{}}\nhttp {{\n\
             log_format path $request_uri;\naccess_log {place}/{log} path;\n\
             client_body_temp_path {place};\nproxy_temp_path {place};\nfastcgi_temp_path {place};\n\
             uwsgi_temp_path {place};\nscgi_temp_path {place};\n\
             server {{\nlisten {listen};\nlocation / {{ return 200 done; }}\n}}\n}}\n"
        );
        write(&directory, "nginx.conf", &configuration)?;
        let arguments = ["/usr/sbin/nginx", "-e", "stderr", "-c", &format!("{place}/nginx.conf")]
            .map(str::to_owned);
        Self::start(namespace, directory, &arguments, listen)
    }

    /// Starts mitmproxy, a web proxy that makes certificates of its own for what passes through it and
    /// writes down what it sees ([`Daemon::file`] `mitmproxy-ca-cert.pem` and `flows`).
    ///
    /// # Errors
    ///
    /// When it is not installed or does not answer in time.
    pub fn interceptor(namespace: &Namespace, listen: SocketAddr) -> Result<Self, HarnessError> {
        let directory = tempfile::tempdir().map_err(HarnessError::io("create a directory"))?;
        let path = |name: &str| directory.path().join(name).display().to_string();
        let program = workspace::root().join("target/interceptor/bin/mitmdump");
        let arguments = [
            &program.display().to_string(),
            "--listen-host",
            &listen.ip().to_string(),
            "--listen-port",
            &listen.port().to_string(),
            "--set",
            &format!("confdir={}", directory.path().display()),
            "--save-stream-file",
            &path("flows"),
            // What it thinks of the server is not what is tested.
            "--ssl-insecure",
        ]
        .map(str::to_owned);
        Self::start(namespace, directory, &arguments, listen)
    }

    /// Where a file of the server is.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Reads a file of the server that is no text.
    ///
    /// # Errors
    ///
    /// As for reading a file.
    pub fn octets(&self, name: &str) -> Result<Vec<u8>, HarnessError> {
        let path = self.path(name);
        std::fs::read(&path).map_err(HarnessError::io(format!("read {}", path.display())))
    }

    /// Reads a file of the server, such as the certificate of its authority.
    ///
    /// # Errors
    ///
    /// As for reading a file.
    pub fn file(&self, name: &str) -> Result<String, HarnessError> {
        let path = self.path(name);
        std::fs::read_to_string(&path).map_err(HarnessError::io(format!("read {}", path.display())))
    }

    fn start(
        namespace: &Namespace,
        directory: TempDir,
        arguments: &[String],
        listen: SocketAddr,
    ) -> Result<Self, HarnessError> {
        let process = Command::new("ip")
            .args(["netns", "exec", namespace.name(), "setpriv", "--pdeathsig", "KILL"])
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(HarnessError::io("start a server"))?;
        let daemon = Self { process, directory };
        namespace.enter(|| wait_until_listening(listen, arguments.first()))??;
        Ok(daemon)
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A program that squid asks about each login: lines of user and password, answered by OK or ERR.
fn checker(user: &str, password: &str) -> String {
    format!(
        "while read -r line; do\n  if [ \"$line\" = '{user} {password}' ]; then echo OK; else echo ERR; fi\ndone\n"
    )
}

fn wait_until_listening(listen: SocketAddr, name: Option<&String>) -> Result<(), HarnessError> {
    let deadline = Instant::now() + limits::HTTPS;
    while let Err(error) = TcpStream::connect(listen) {
        if Instant::now() > deadline {
            let name = name.map_or("a server", String::as_str);
            return Err(HarnessError::io(format!("wait for {name}"))(error));
        }
        thread::sleep(limits::POLL_INTERVAL);
    }
    Ok(())
}

fn write(directory: &TempDir, name: &str, content: &str) -> Result<(), HarnessError> {
    let path: &Path = &directory.path().join(name);
    std::fs::write(path, content).map_err(HarnessError::io(format!("write {}", path.display())))
}

fn openssl(arguments: &[&str]) -> Result<(), HarnessError> {
    crate::disk::run(Command::new("openssl").args(arguments)).map(drop)
}
