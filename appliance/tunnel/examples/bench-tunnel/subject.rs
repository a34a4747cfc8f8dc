//! What is measured, and where.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use tempfile::TempDir;
use tokio::task::spawn_blocking;

use crate::load::{self, Throughput};
use crate::peers::{self, BORE_PORT, Ports};
use crate::process::{Program, processor_time};
use crate::wire::Wire;
use crate::{Outcome, ends, say};

/// Where the ends of tunnels and the service are.
const HOST: Ipv4Addr = Ipv4Addr::LOCALHOST;
/// Where the wire begins, because bore dials the port that its server has.
const WIRE: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);

/// What is measured.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Subject {
    /// Both ends of the tunnel, with data that nobody forwards.
    Streams,
    /// The tunnel as a forwarder.
    Tunnel,
    /// `ssh -R`.
    Ssh,
    /// rathole with its encryption.
    Rathole,
    /// bore, which does not encrypt.
    Bore,
    /// No tunnel: clients dial the service through the wire.
    Plain,
}

/// Under which circumstances.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Case {
    /// Of one direction.
    pub(crate) delay: Duration,
    pub(crate) streams: usize,
}

/// What came out.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sample {
    pub(crate) throughput: Throughput,
    /// Milliseconds of a small request on a connection of its own.
    pub(crate) request: Option<f64>,
}

impl fmt::Display for Subject {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Streams => "connector, streams alone",
            Self::Tunnel => "connector",
            Self::Ssh => "ssh -R",
            Self::Rathole => "rathole 0.5.0, noise",
            Self::Bore => "bore 0.6.0, no encryption",
            Self::Plain => "plain TCP",
        })
    }
}

impl fmt::Display for Case {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} streams, {} ms", self.streams, self.delay.as_millis() * 2)
    }
}

impl fmt::Display for Sample {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Throughput { mebibytes_a_second, milliseconds_a_mebibyte } = self.throughput;
        write!(formatter, "{mebibytes_a_second:.0} MiB/s, {milliseconds_a_mebibyte:.2} ms/MiB")?;
        match self.request {
            Some(request) => write!(formatter, ", a request in {request:.2} ms"),
            None => Ok(()),
        }
    }
}

/// Where all run: the service, and what was prepared.
pub(crate) struct Place {
    directory: TempDir,
    own: PathBuf,
    service: SocketAddr,
    subjects: Vec<Subject>,
}

impl Place {
    /// Prepares all; a peer that cannot be built is left out, and the reason is said.
    pub(crate) async fn new() -> Outcome<Self> {
        let directory = tempfile::tempdir()?;
        ends::make_keys(directory.path())?;
        let mut subjects = vec![Subject::Streams, Subject::Tunnel, Subject::Plain];
        for (subject, prepared) in [
            (Subject::Ssh, peers::prepare_ssh(directory.path())),
            (Subject::Rathole, peers::prepare_rathole(directory.path())),
            (Subject::Bore, peers::prepare_bore()),
        ] {
            match prepared {
                Ok(()) => subjects.push(subject),
                Err(error) => say(&format!("{subject} is left out: {error}")),
            }
        }
        subjects.sort();
        let own = std::env::current_exe()?;
        Ok(Self { directory, own, service: load::service().await?, subjects })
    }

    /// What is measured here.
    pub(crate) fn subjects(&self) -> impl Iterator<Item = Subject> {
        self.subjects.iter().copied()
    }

    /// Measures once, with programs that are started for it.
    pub(crate) async fn measure(&self, subject: Subject, case: Case) -> Outcome<Sample> {
        let cloud = match subject {
            Subject::Bore => SocketAddr::from((HOST, BORE_PORT)),
            Subject::Plain => self.service,
            _ => free(HOST)?,
        };
        let wire = Wire::new(SocketAddr::from((WIRE, cloud.port())), cloud, case.delay).await?;
        let ports = Ports { cloud, wire: wire.address, public: free(HOST)?, service: self.service };
        let directory = self.directory.path();
        let programs = match subject {
            Subject::Streams => return self.streams(&ports, case).await,
            Subject::Plain => return measure(ports.wire, case, &[]).await,
            Subject::Tunnel => peers::ours(&ports, &self.own, directory).await,
            Subject::Ssh => peers::ssh(&ports, directory).await,
            Subject::Rathole => peers::rathole(&ports, directory).await,
            Subject::Bore => peers::bore(&ports, directory).await,
        }?;
        programs[0].listens(ports.public).await?;
        measure(ports.public, case, &programs).await
    }

    /// The tunnel alone; the process measures itself.
    async fn streams(&self, ports: &Ports, case: Case) -> Outcome<Sample> {
        let mut command = Command::new(&self.own);
        let [cloud, wire] = [ports.cloud, ports.wire].map(|address| address.to_string());
        command.args(["streams", &cloud, &wire, &case.streams.to_string()]);
        command.arg(self.directory.path());
        let output = spawn_blocking(move || command.output()).await??;
        let said = String::from_utf8(output.stdout)?;
        let figures: Option<Vec<f64>> =
            said.split_whitespace().map(|figure| figure.parse().ok()).collect();
        let Some([mebibytes_a_second, milliseconds_a_mebibyte]) = figures.as_deref() else {
            return Err(format!("the tunnel alone failed: {said}").into());
        };
        let throughput = Throughput {
            mebibytes_a_second: *mebibytes_a_second,
            milliseconds_a_mebibyte: *milliseconds_a_mebibyte,
        };
        Ok(Sample { throughput, request: None })
    }
}

/// Measures what comes through an entrance.
async fn measure(entrance: SocketAddr, case: Case, programs: &[Program]) -> Outcome<Sample> {
    let processes: Vec<_> = programs.iter().map(Program::id).collect();
    let request = if case.streams == 1 { Some(load::request(entrance).await?) } else { None };
    let spent = || processor_time(&processes);
    let throughput = load::download(entrance, case.streams, spent).await?;
    Ok(Sample { throughput, request })
}

/// An address that nothing listens at.
fn free(host: Ipv4Addr) -> Outcome<SocketAddr> {
    Ok(TcpListener::bind((host, 0))?.local_addr()?)
}
