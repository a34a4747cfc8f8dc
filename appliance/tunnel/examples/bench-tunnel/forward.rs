//! The tunnel as a forwarder of TCP connections: one process for each end.

use std::path::Path;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tunnel::{Piece, Stream};

use crate::{Outcome, ends};

/// Octets that are read at once.
const PIECE: usize = 64 * 1024;

/// The end of the cloud: waits for the appliance, then opens a stream for each connection.
pub(crate) async fn cloud(at: &str, public: &str, keys: &str) -> Outcome<()> {
    let link = ends::accept(&TcpListener::bind(at).await?, Path::new(keys)).await?;
    let listener = TcpListener::bind(public).await?;
    loop {
        let (connection, _) = listener.accept().await?;
        let stream = link.opener.open().await?;
        tokio::spawn(join(connection, stream));
    }
}

/// The end of the appliance: connects each stream with the service.
pub(crate) async fn appliance(to: &str, service: &str, keys: &str) -> Outcome<()> {
    let mut link = ends::dial(to.parse()?, Path::new(keys)).await?;
    while let Some(stream) = link.incoming.accept().await {
        let connection = TcpStream::connect(service).await?;
        tokio::spawn(join(connection, stream));
    }
    Ok(())
}

/// Copies in both directions until both have ended.
async fn join(connection: TcpStream, stream: Stream) -> Outcome<()> {
    connection.set_nodelay(true)?;
    let (mut from, mut to) = connection.into_split();
    let Stream { mut reader, mut writer } = stream;
    let outgoing = async {
        let mut piece = vec![0; PIECE];
        while let length @ 1.. = from.read(&mut piece).await? {
            writer.data(&piece[..length]).await?;
        }
        writer.end().await?;
        writer.close().await?;
        Outcome::Ok(())
    };
    let incoming = async {
        while let Some(Piece::Data(data)) = reader.piece().await? {
            to.write_all(&data).await?;
        }
        to.shutdown().await?;
        Outcome::Ok(())
    };
    tokio::try_join!(outgoing, incoming)?;
    Ok(())
}
