//! Other programs that do what the tunnel does: how they are built and started.

use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::process::Program;
use crate::{Outcome, say};

/// Where Debian has the server; it has to be started with its whole path.
const SSHD: &str = "/usr/sbin/sshd";
/// What sshd needs when it runs as root.
const SSHD_DIRECTORY: &str = "/run/sshd";
/// Where peers that are crates are installed.
const ROOT: &str = "target/peers";
const RATHOLE: &str = "rathole@0.5.0";
/// Without the transports that need OpenSSL; the one that is used encrypts as well. Without its lock file,
/// which names `time` 0.3.29: compilers since 1.80 refuse that one (E0282).
const RATHOLE_OPTIONS: [&str; 3] = ["--no-default-features", "--features", "server,client,noise"];
const BORE: &str = "bore-cli@0.6.0";
/// The port of bore's server cannot be chosen.
pub(crate) const BORE_PORT: u16 = 7835;

/// What both ends of a tunnel are told.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ports {
    /// Where the end of the cloud waits for that of the appliance.
    pub(crate) cloud: SocketAddr,
    /// What the end of the appliance dials: the wire.
    pub(crate) wire: SocketAddr,
    /// Where the end of the cloud takes connections.
    pub(crate) public: SocketAddr,
    /// Where those end.
    pub(crate) service: SocketAddr,
}

/// Looks whether OpenSSH is here, and makes its keys in a directory.
pub(crate) fn prepare_ssh(directory: &Path) -> Outcome<()> {
    if !Path::new(SSHD).exists() {
        return Err("openssh-server is not installed".into());
    }
    fs::create_dir_all(SSHD_DIRECTORY)?;
    for name in ["host", "client"] {
        let file = directory.join(name);
        run(Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(file))?;
    }
    let keys = directory.join("authorized");
    fs::copy(directory.join("client.pub"), &keys)?;
    fs::set_permissions(&keys, fs::Permissions::from_mode(0o600))?;
    Ok(())
}

/// Both ends of OpenSSH's reverse forwarding, as it comes.
pub(crate) async fn ssh(ports: &Ports, directory: &Path) -> Outcome<[Program; 2]> {
    let path = |name: &str| directory.join(name).display().to_string();
    let (host, port) = (ports.cloud.ip(), ports.cloud.port());
    let configuration = format!(
        "ListenAddress {host}\nPort {port}\nHostKey {}\nAuthorizedKeysFile {}\nPidFile none\n\
         StrictModes no\nUsePAM no\nPermitRootLogin prohibit-password\nPasswordAuthentication no\n",
        path("host"),
        path("authorized")
    );
    fs::write(directory.join("sshd_config"), configuration)?;
    let mut server = Command::new(SSHD);
    server.args(["-D", "-e", "-f", &path("sshd_config")]);
    let server = Program::start(&mut server, &directory.join("sshd.log"))?;
    server.listens(ports.cloud).await?;
    let user = String::from_utf8(run(Command::new("id").arg("-un"))?.stdout)?;
    let mut client = Command::new("ssh");
    client.args(["-F", "none", "-N", "-T", "-i", &path("client"), "-R"]);
    client.arg(format!("{}:{}", ports.public, ports.service));
    client.args(["-p", &ports.wire.port().to_string(), "-l", user.trim()]);
    for option in [
        "BatchMode=yes",
        "ExitOnForwardFailure=yes",
        "StrictHostKeyChecking=no",
        "UserKnownHostsFile=/dev/null",
    ] {
        client.args(["-o", option]);
    }
    client.arg(ports.wire.ip().to_string());
    Ok([Program::start(&mut client, &directory.join("ssh.log"))?, server])
}

/// Builds rathole, and makes the keys of its encryption.
pub(crate) fn prepare_rathole(directory: &Path) -> Outcome<()> {
    install(RATHOLE, &RATHOLE_OPTIONS)?;
    let said = String::from_utf8(run(Command::new(installed("rathole")).arg("--genkey"))?.stdout)?;
    let keys: Vec<_> = said.lines().filter(|line| line.ends_with('=')).collect();
    let [private, public] = keys.as_slice() else { return Err("rathole makes no key".into()) };
    fs::write(directory.join("rathole.private"), private)?;
    fs::write(directory.join("rathole.public"), public)?;
    Ok(())
}

/// Both ends of rathole, which encrypts.
pub(crate) async fn rathole(ports: &Ports, directory: &Path) -> Outcome<[Program; 2]> {
    let key = |name: &str| fs::read_to_string(directory.join(name));
    let server = format!(
        "[server]\nbind_addr = \"{}\"\ndefault_token = \"bench\"\n\
         [server.transport]\ntype = \"noise\"\n[server.transport.noise]\nlocal_private_key = \"{}\"\n\
         [server.services.bench]\nbind_addr = \"{}\"\n",
        ports.cloud,
        key("rathole.private")?,
        ports.public
    );
    let client = format!(
        "[client]\nremote_addr = \"{}\"\ndefault_token = \"bench\"\n\
         [client.transport]\ntype = \"noise\"\n[client.transport.noise]\nremote_public_key = \"{}\"\n\
         [client.services.bench]\nlocal_addr = \"{}\"\n",
        ports.wire,
        key("rathole.public")?,
        ports.service
    );
    let start = |name: &str, configuration: String| {
        let file = directory.join(name).with_extension("toml");
        fs::write(&file, configuration)?;
        Program::start(
            Command::new(installed("rathole")).arg(file),
            &directory.join(name).with_extension("log"),
        )
    };
    let server = start("rathole-server", server)?;
    server.listens(ports.cloud).await?;
    Ok([start("rathole-client", client)?, server])
}

/// Builds bore.
pub(crate) fn prepare_bore() -> Outcome<()> {
    install(BORE, &["--locked"])
}

/// Both ends of bore, which does not encrypt.
pub(crate) async fn bore(ports: &Ports, directory: &Path) -> Outcome<[Program; 2]> {
    let [host, wire] = [ports.cloud, ports.wire].map(|address| address.ip().to_string());
    let public = ports.public.port().to_string();
    let mut server = Command::new(installed("bore"));
    server.args(["server", "--bind-addr", &host, "--secret", "bench"]);
    let server = Program::start(&mut server, &directory.join("bore-server.log"))?;
    server.listens(ports.cloud).await?;
    let (service, port) = (ports.service.ip().to_string(), ports.service.port().to_string());
    let mut client = Command::new(installed("bore"));
    client.args(["local", &port, "--local-host", &service, "--to", &wire]);
    client.args(["--port", &public, "--secret", "bench"]);
    Ok([Program::start(&mut client, &directory.join("bore-client.log"))?, server])
}

/// Both ends of ours.
pub(crate) async fn ours(ports: &Ports, own: &Path, directory: &Path) -> Outcome<[Program; 2]> {
    let [cloud, wire, public, service] =
        [ports.cloud, ports.wire, ports.public, ports.service].map(|address| address.to_string());
    let mut server = Command::new(own);
    server.args(["cloud", &cloud, &public]).arg(directory);
    let server = Program::start(&mut server, &directory.join("cloud.log"))?;
    server.listens(ports.cloud).await?;
    let mut client = Command::new(own);
    client.args(["appliance", &wire, &service]).arg(directory);
    Ok([Program::start(&mut client, &directory.join("appliance.log"))?, server])
}

fn installed(program: &str) -> PathBuf {
    Path::new(ROOT).join("bin").join(program)
}

/// Installs a program of a crate, of this version, unless it is there.
fn install(package: &str, options: &[&str]) -> Outcome<()> {
    say(&format!("cargo installs {package} in {ROOT}, unless it is there"));
    let mut cargo = Command::new("cargo");
    cargo.args(["install", "--quiet", "--root", ROOT, package]).args(options);
    run(&mut cargo).map(drop)
}

fn run(command: &mut Command) -> Outcome<Output> {
    let name = command.get_program().display().to_string();
    let output = command.output().map_err(|error| format!("{name} does not start: {error}"))?;
    if output.status.success() {
        return Ok(output);
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let why = said.lines().find(|line| line.starts_with("error")).unwrap_or("it says nothing");
    Err(format!("{name} has failed: {why}").into())
}
