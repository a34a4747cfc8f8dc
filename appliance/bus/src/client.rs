//! The asking side.

use std::io;
use std::os::fd::OwnedFd;
use std::time::Duration;

use serde::{Serialize, de::DeserializeOwned};
use tokio::io::{AsyncWriteExt, BufReader};
use tokio::net::UnixStream;
use tokio::time::timeout;

use crate::error::BusError;
use crate::{descriptor, frame};

/// How long an ordinary request may take. Storing on a slow disk is the longest.
const CALL_LIMIT: Duration = Duration::from_secs(15);
/// How long making a file may take: twice what a diagnostic report is given.
const FILE_LIMIT: Duration = Duration::from_secs(60);

/// Asks the role behind one socket. Each call is a connection of its own: roles restart, and a
/// connection costs some ten microseconds.
#[derive(Clone, Debug)]
pub struct Client {
    path: String,
}

impl Client {
    /// A client of the service at this path. Nothing is opened yet.
    #[must_use]
    pub fn new(path: impl Into<String>) -> Self {
        Self { path: path.into() }
    }

    /// Asks and waits for the answer.
    ///
    /// # Errors
    ///
    /// [`BusError`] when the role is not there, does not answer within 15 s, or answers something
    /// that cannot be read.
    pub async fn call<Response: DeserializeOwned>(
        &self,
        request: &impl Serialize,
    ) -> Result<Response, BusError> {
        self.call_within(CALL_LIMIT, request).await
    }

    /// The same for a request that takes longer than others.
    ///
    /// # Errors
    ///
    /// As [`Client::call`], with this limit.
    pub async fn call_within<Response: DeserializeOwned>(
        &self,
        limit: Duration,
        request: &impl Serialize,
    ) -> Result<Response, BusError> {
        timeout(limit, self.call_without_limit(request))
            .await
            .unwrap_or_else(|_| Err(self.timed_out(limit)))
    }

    /// Asks for an answer that may come with an open file, and waits as long as making that file may
    /// take.
    ///
    /// # Errors
    ///
    /// As [`Client::call`], with 60 s as the limit.
    pub async fn call_for_file<Response: DeserializeOwned>(
        &self,
        request: &impl Serialize,
    ) -> Result<(Response, Option<OwnedFd>), BusError> {
        let exchange = timeout(FILE_LIMIT, self.exchange_for_file(request)).await;
        let (answer, file) = exchange
            .map_err(|_| self.timed_out(FILE_LIMIT))?
            .map_err(|source| self.io_error(source))?;
        Ok((self.read(&answer)?, file))
    }

    /// Asks and waits for the answer as long as it takes: for long polls.
    pub(crate) async fn call_without_limit<Response: DeserializeOwned>(
        &self,
        request: &impl Serialize,
    ) -> Result<Response, BusError> {
        let answer = self.exchange(request).await.map_err(|source| self.io_error(source))?;
        self.read(&answer)
    }

    async fn exchange(&self, request: &impl Serialize) -> io::Result<Vec<u8>> {
        let mut line = serde_json::to_vec(request)?;
        line.push(b'\n');
        let mut stream = BufReader::new(UnixStream::connect(&self.path).await?);
        stream.write_all(&line).await?;
        frame::read(&mut stream).await?.ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
    }

    async fn exchange_for_file(
        &self,
        request: &impl Serialize,
    ) -> io::Result<(Vec<u8>, Option<OwnedFd>)> {
        let mut line = serde_json::to_vec(request)?;
        line.push(b'\n');
        let mut stream = UnixStream::connect(&self.path).await?;
        stream.write_all(&line).await?;
        descriptor::receive(&stream).await
    }

    fn read<Response: DeserializeOwned>(&self, answer: &[u8]) -> Result<Response, BusError> {
        serde_json::from_slice(answer)
            .map_err(|source| BusError::Answer { path: self.path.clone(), source })
    }

    fn timed_out(&self, limit: Duration) -> BusError {
        BusError::TimedOut { path: self.path.clone(), seconds: limit.as_secs() }
    }

    fn io_error(&self, source: io::Error) -> BusError {
        BusError::Io { path: self.path.clone(), source }
    }
}
