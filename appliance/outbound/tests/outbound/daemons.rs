//! Real servers for the far side: dnsmasq, Squid, nginx, mitmproxy.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::Instant;

use crate::authority::Identity;
use crate::site::{Daemon, LIMIT, PAUSE, Site};

/// Where `tools/deps` puts mitmproxy.
const INTERCEPTOR: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/interceptor/bin/mitmdump");

/// User and password that the Squid of [`squid_with_users`] knows.
pub(crate) const USER: (&str, &str) = ("svc-connector", "correct horse: battery");

/// A DNS server that knows these names and no others.
pub(crate) fn dns(site: &Site, address: &str, records: &[(&str, &[&str])]) -> Daemon {
    let mut arguments = vec![
        "--keep-in-foreground".to_owned(),
        "--conf-file=/dev/null".to_owned(),
        "--pid-file".to_owned(),
        "--user=root".to_owned(),
        "--no-resolv".to_owned(),
        "--no-hosts".to_owned(),
        "--bind-interfaces".to_owned(),
        "--except-interface=lo".to_owned(),
        format!("--listen-address={address}"),
    ];
    for (name, addresses) in records {
        for address in *addresses {
            arguments.push(format!("--host-record={name},{address}"));
        }
    }
    // What it does not know does not exist.
    arguments.push("--address=/#/".to_owned());
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    site.start("/usr/sbin/dnsmasq", &arguments, &format!("{address}:53"))
}

/// A running Squid and what it writes down.
pub(crate) struct Squid {
    _daemon: Daemon,
    log: PathBuf,
}

impl Squid {
    /// Lines `status CONNECT server user` of the requests so far.
    pub(crate) fn requests(&self) -> Vec<String> {
        let log = fs::read_to_string(&self.log).unwrap_or_default();
        // Looking whether it listens leaves lines of its own.
        log.lines().filter(|line| line.contains(" CONNECT ")).map(str::to_owned).collect()
    }

    /// The requests when there are so many; each is written down when its tunnel ends.
    pub(crate) fn requests_to(&self, count: usize) -> Vec<String> {
        let started = Instant::now();
        while self.requests().len() < count && started.elapsed() < LIMIT {
            thread::sleep(PAUSE);
        }
        self.requests()
    }
}

/// A Squid on 10.77.0.1 that lets everybody through.
pub(crate) fn squid(site: &Site, port: u16) -> Squid {
    start_squid(site, port, "http_access allow all\n")
}

/// A Squid that makes no tunnels.
pub(crate) fn squid_without_connect(site: &Site, port: u16) -> Squid {
    start_squid(
        site,
        port,
        "acl CONNECT method CONNECT\nhttp_access deny CONNECT\nhttp_access allow all\n",
    )
}

/// A Squid that wants Basic authentication.
pub(crate) fn squid_with_users(site: &Site, port: u16) -> Squid {
    let users = site.place("users").join("passwd");
    let hash = Command::new("openssl").args(["passwd", "-apr1", USER.1]).output().expect("openssl");
    let hash = String::from_utf8(hash.stdout).expect("text");
    fs::write(&users, format!("{}:{hash}", USER.0)).expect("written");
    let rules = format!(
        "auth_param basic program /usr/lib/squid/basic_ncsa_auth {}\n\
         auth_param basic realm the proxy\n\
         acl known proxy_auth REQUIRED\n\
         http_access allow known\n\
         http_access deny all\n",
        users.display()
    );
    start_squid(site, port, &rules)
}

fn start_squid(site: &Site, port: u16, rules: &str) -> Squid {
    let place = site.place(&format!("squid-{port}"));
    let path = |name: &str| place.join(name).display().to_string();
    let log = place.join("access.log");
    let configuration = format!(
        "http_port 10.77.0.1:{port}\n\
         pid_filename none\n\
         cache deny all\n\
         cache_mem 8 MB\n\
         cache_log {}\n\
         coredump_dir {}\n\
         logformat plain %03>Hs %rm %ru %[un\n\
         access_log stdio:{} plain\n\
         buffered_logs off\n\
         pinger_enable off\n\
         netdb_filename none\n\
         dns_nameservers 10.77.0.54\n\
         visible_hostname proxy.test\n\
         shutdown_lifetime 0 seconds\n\
         {rules}",
        path("cache.log"),
        place.display(),
        log.display(),
    );
    fs::write(place.join("squid.conf"), configuration).expect("written");
    let arguments = ["-N", "-f", &path("squid.conf")];
    let at = format!("10.77.0.1:{port}");
    Squid { _daemon: site.start_as("proxy", "/usr/sbin/squid", &arguments, &at), log }
}

/// An nginx that answers each request with the name of the server.
pub(crate) struct Nginx {
    _daemon: Daemon,
    log: PathBuf,
}

impl Nginx {
    /// The addresses that requests came from, so far.
    pub(crate) fn clients(&self) -> Vec<String> {
        let log = fs::read_to_string(&self.log).unwrap_or_default();
        log.lines().map(str::to_owned).collect()
    }
}

/// An HTTPS server with this identity.
pub(crate) fn nginx(site: &Site, at: &str, identity: &Identity) -> Nginx {
    nginx_with(site, at, identity, "ssl_protocols TLSv1.2 TLSv1.3;")
}

/// The same with further configuration of the server.
pub(crate) fn nginx_with(site: &Site, at: &str, identity: &Identity, more: &str) -> Nginx {
    let place = site.place(&format!("nginx-{at}"));
    fs::write(place.join("chain.pem"), &identity.chain).expect("written");
    fs::write(place.join("key.pem"), &identity.key).expect("written");
    let path = |name: &str| place.join(name).display().to_string();
    let configuration = format!(
        "daemon off;\nmaster_process off;\nuser root;\npid {};\nerror_log {};\n\
         events {{}}\n\
         http {{\n\
         log_format plain $remote_addr;\naccess_log {} plain;\n\
         client_body_temp_path {place};\nproxy_temp_path {place};\nfastcgi_temp_path {place};\n\
         uwsgi_temp_path {place};\nscgi_temp_path {place};\n\
         server {{\nlisten {at} ssl;\nssl_certificate {};\nssl_certificate_key {};\n{more}\n\
         location / {{ return 200 \"hello from $server_addr\"; }}\n}}\n}}\n",
        path("pid"),
        path("error.log"),
        path("access.log"),
        path("chain.pem"),
        path("key.pem"),
        place = place.display(),
    );
    fs::write(place.join("nginx.conf"), configuration).expect("written");
    let error_log = path("error.log");
    let arguments = ["-e", &error_log, "-c", &path("nginx.conf")];
    let daemon = site.start("/usr/sbin/nginx", &arguments, at);
    Nginx { _daemon: daemon, log: place.join("access.log") }
}

/// A proxy on 10.77.0.1 that makes certificates of its own for what passes through it.
pub(crate) struct Interceptor {
    _daemon: Daemon,
    /// Its authority, PEM.
    pub(crate) authority: String,
}

/// Starts mitmproxy.
pub(crate) fn interceptor(site: &Site, port: u16) -> Interceptor {
    assert!(Path::new(INTERCEPTOR).exists(), "{INTERCEPTOR}: run `make deps`");
    let place = site.place("interceptor");
    let directory = format!("confdir={}", place.display());
    let port_text = port.to_string();
    let arguments = [
        "--listen-host",
        "10.77.0.1",
        "--listen-port",
        &port_text,
        "--set",
        &directory,
        // What it thinks of the server is not what is tested.
        "--ssl-insecure",
    ];
    let daemon = site.start(INTERCEPTOR, &arguments, &format!("10.77.0.1:{port}"));
    let authority = fs::read_to_string(place.join("mitmproxy-ca-cert.pem")).expect("made at start");
    Interceptor { _daemon: daemon, authority }
}
