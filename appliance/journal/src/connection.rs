//! A connection to a syslog server.

use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use bus::{BusError, Client, SettingsRequest, SettingsResponse};
use model::error::chain;
use model::journal::Record;
use model::outbound::{FailureCause, Route};
use model::syslog::{
    MAX_DATAGRAM_BYTES, MAX_FRAME_BYTES, Sender, SyslogSetting, SyslogTransport, frame, message,
};
use outbound::{Dialer, OutboundError, Stream, Target, TlsPlan};
use thiserror::Error;
use tokio::io::{AsyncReadExt, AsyncWriteExt, ReadHalf, WriteHalf};
use tokio::net::{UdpSocket, lookup_host};
use tokio::time::timeout;

/// How long a server may take to accept records, or a name server to answer.
const LIMIT: Duration = Duration::from_secs(10);

/// Why records cannot be sent.
#[derive(Debug, Error)]
pub(crate) enum ForwardError {
    #[error("the settings for connections cannot be read")]
    Settings(#[source] BusError),
    #[error("the role Settings does not give the settings for connections")]
    Withheld,
    #[error("the settings for connections cannot be used")]
    Dialer(#[source] OutboundError),
    #[error("{0}")]
    Dial(FailureCause),
    #[error("the name {name} cannot be resolved")]
    Resolve { name: String, source: io::Error },
    #[error("{name} has no IPv4 address")]
    NoAddress { name: String },
    #[error("the server takes no more records")]
    Send(#[source] io::Error),
    #[error("the server took no records within {} s", LIMIT.as_secs())]
    Stalled,
    #[error("the server has closed the connection")]
    Closed,
}

impl ForwardError {
    /// The error and its cause in one line.
    pub(crate) fn in_one_line(&self) -> String {
        chain(self)
    }

    /// The named cause, when there is one.
    pub(crate) fn cause(&self) -> Option<FailureCause> {
        match self {
            Self::Dial(cause) => Some(cause.clone()),
            _ => None,
        }
    }
}

/// An open connection.
pub(crate) enum Connection {
    Datagrams(UdpSocket),
    Stream { reader: ReadHalf<Stream>, writer: WriteHalf<Stream> },
}

impl Connection {
    /// Connects. TCP and TLS go the way of every connection of the appliance; UDP goes directly.
    pub(crate) async fn open(
        setting: &SyslogSetting,
        settings: &Client,
    ) -> Result<Self, ForwardError> {
        let tls = match setting.transport {
            SyslogTransport::Udp => return Self::open_datagrams(setting).await,
            SyslogTransport::Tcp => None,
            SyslogTransport::Tls => Some(TlsPlan { server_name: None, alpn: Vec::new() }),
        };
        let answer = settings.call(&SettingsRequest::Outbound).await;
        let SettingsResponse::Outbound(outbound) = answer.map_err(ForwardError::Settings)? else {
            return Err(ForwardError::Withheld);
        };
        let dialer = Dialer::new(outbound).map_err(ForwardError::Dialer)?;
        let target = Target { host: setting.server.clone(), port: setting.port.get(), tls };
        let connection = dialer.dial(&target, &Route::Automatic).await;
        let connection = connection.map_err(|error| ForwardError::Dial(error.cause.clone()))?;
        let (reader, writer) = tokio::io::split(connection.stream);
        Ok(Self::Stream { reader, writer })
    }

    async fn open_datagrams(setting: &SyslogSetting) -> Result<Self, ForwardError> {
        let name = || setting.server.clone();
        let resolve_error = |source| ForwardError::Resolve { name: name(), source };
        let lookup = lookup_host((setting.server.as_str(), setting.port.get()));
        let addresses = timeout(LIMIT, lookup).await;
        let addresses = addresses.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()));
        let mut addresses = addresses.map_err(resolve_error)?;
        let address = addresses.find(|address| matches!(address.ip(), IpAddr::V4(_)));
        let address = address.ok_or_else(|| ForwardError::NoAddress { name: name() })?;
        let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).await;
        let socket = socket.map_err(ForwardError::Send)?;
        socket.connect(address).await.map_err(ForwardError::Send)?;
        Ok(Self::Datagrams(socket))
    }

    /// Sends records. With TCP and TLS nothing tells that the server has read them.
    pub(crate) async fn send(
        &mut self,
        records: &[impl AsRef<Record>],
        sender: &Sender,
    ) -> Result<(), ForwardError> {
        let send = async {
            match self {
                Self::Datagrams(socket) => {
                    for record in records {
                        let text = message(record.as_ref(), sender, MAX_DATAGRAM_BYTES);
                        socket.send(text.as_bytes()).await?;
                    }
                }
                Self::Stream { writer, .. } => {
                    let frames = records
                        .iter()
                        .map(|record| frame(&message(record.as_ref(), sender, MAX_FRAME_BYTES)));
                    writer.write_all(&frames.collect::<Vec<_>>().concat()).await?;
                    writer.flush().await?;
                }
            }
            Ok(())
        };
        match timeout(LIMIT, send).await {
            Ok(sent) => sent.map_err(ForwardError::Send),
            Err(_) => Err(ForwardError::Stalled),
        }
    }

    /// Waits for the end of the connection. Servers have nothing to say; what they say is ignored.
    pub(crate) async fn ended(&mut self) -> ForwardError {
        match self {
            Self::Datagrams(socket) => {
                // An ICMP message says that nobody listens.
                let mut buffer = [0; 64];
                loop {
                    if let Err(error) = socket.recv(&mut buffer).await {
                        return ForwardError::Send(error);
                    }
                }
            }
            Self::Stream { reader, .. } => {
                let mut buffer = [0; 64];
                loop {
                    match reader.read(&mut buffer).await {
                        Ok(0) => return ForwardError::Closed,
                        Ok(_) => {}
                        Err(error) => return ForwardError::Send(error),
                    }
                }
            }
        }
    }
}
