//! The answering side.

use std::fs;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::io::{AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::Semaphore;
use tracing::{debug, warn};

use crate::peer::Peer;
use crate::{descriptor, frame};

/// How many connections a service keeps open at a time: three per role with room to spare.
const MAX_CONNECTIONS: usize = 64;
/// Pause after a failed `accept`, which is out of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// What a role answers.
pub trait Service: Send + Sync + 'static {
    /// What is asked.
    type Request: DeserializeOwned + Send;
    /// What is answered.
    type Response: Serialize + Send;

    /// Answers one request. Long polls wait in here.
    fn call(
        &self,
        peer: Peer,
        request: Self::Request,
    ) -> impl Future<Output = Self::Response> + Send;

    /// Answers one request, with an open file when the answer has one.
    fn call_with_file(
        &self,
        peer: Peer,
        request: Self::Request,
    ) -> impl Future<Output = (Self::Response, Option<OwnedFd>)> + Send {
        async move { (self.call(peer, request).await, None) }
    }
}

/// Creates the socket, replacing one that an ended process left behind. Every role may connect; what
/// each may ask is the service's business.
///
/// # Errors
///
/// The error of the file system, such as a missing directory.
pub fn bind(path: impl AsRef<Path>) -> io::Result<UnixListener> {
    let path = path.as_ref();
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let listener = UnixListener::bind(path)?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o666))?;
    Ok(listener)
}

/// Answers on a socket until the task is dropped.
pub async fn serve<S: Service>(listener: UnixListener, service: Arc<S>) {
    let places = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        match listener.accept().await {
            Ok((stream, _)) => {
                let service = Arc::clone(&service);
                tokio::spawn(async move {
                    if let Err(error) = answer_all(stream, &*service).await {
                        debug!(%error, "A bus connection ended");
                    }
                    drop(place);
                });
            }
            Err(error) => {
                warn!(%error, "Cannot accept a bus connection");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

async fn answer_all(stream: UnixStream, service: &impl Service) -> io::Result<()> {
    let peer = Peer::of(&stream)?;
    let mut stream = BufReader::new(stream);
    while let Some(line) = frame::read(&mut stream).await? {
        let request = serde_json::from_slice(&line)?;
        let (response, file) = tokio::select! {
            answer = service.call_with_file(peer, request) => answer,
            // A long poll whose asker has gone must not hold its place.
            () = closed(stream.get_ref()) => return Ok(()),
        };
        let mut line = serde_json::to_vec(&response)?;
        line.push(b'\n');
        match file {
            Some(file) => descriptor::send(stream.get_mut(), &line, &file).await?,
            None => stream.write_all(&line).await?,
        }
    }
    Ok(())
}

async fn closed(stream: &UnixStream) {
    let mut byte = [0];
    loop {
        if stream.readable().await.is_err() {
            return;
        }
        match stream.try_read(&mut byte) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            // The end, an error, or a client that talks out of turn.
            _ => return,
        }
    }
}
