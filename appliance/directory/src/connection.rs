//! A sealed LDAP connection to one domain controller, and what is asked over it.

use std::collections::HashSet;
use std::net::Ipv4Addr;
use std::os::unix::net::UnixStream;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use kerberos::{KerberosError, Ticket};
use ldap3::controls::{Control, ControlType, PagedResults};
use ldap3::{
    Ldap, LdapConnAsync, LdapConnSettings, LdapError, LdapResult, Mod, ResultEntry, Scope,
    SearchEntry, StdStream,
};
use model::domain::failure::{DomainFailure, PortTrouble, server_text};
use model::error::chain;
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::answers::{AnswerError, MAX_BYTES};
use crate::bind::{self, BindError};
use crate::clock::Clock;
use crate::controller::trouble;
use crate::sealed::{self, End, EndReason};

/// Ports of LDAP and of the Global Catalog.
pub(crate) const LDAP_PORT: u16 = 389;
pub(crate) const CATALOG_PORT: u16 = 3268;
/// How long a connection and its bind may take.
const OPEN_LIMIT: Duration = Duration::from_secs(5);
/// How long one operation may take.
const OPERATION_LIMIT: Duration = Duration::from_secs(15);
/// Objects of a page: Active Directory gives at most 1,000 (`MaxPageSize`).
pub(crate) const PAGE: i32 = 500;

/// A result of LDAP that is no success.
#[derive(Clone, Debug)]
pub(crate) struct Refused {
    pub(crate) code: u32,
    pub(crate) text: String,
}

/// Why an operation failed.
#[derive(Clone, Debug)]
pub(crate) enum OperationError {
    /// The domain controller says no.
    Refused(Refused),
    /// The connection does not work any more.
    Connection(DomainFailure),
}

/// A page of what was found.
pub(crate) struct Page {
    pub(crate) entries: Vec<SearchEntry>,
    /// What the next page is asked for with; `None` = this was the last.
    pub(crate) cookie: Option<Vec<u8>>,
}

/// A connection. It ends when this is dropped.
pub(crate) struct Connection {
    ldap: Ldap,
    host: String,
    end: End,
    tasks: [JoinHandle<()>; 2],
}

impl Drop for Connection {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

/// Codes of LDAP that callers tell apart (RFC 4511, appendix A).
pub(crate) mod code {
    pub(crate) const NO_SUCH_OBJECT: u32 = 32;
    pub(crate) const INSUFFICIENT_RIGHTS: u32 = 50;
    pub(crate) const EXISTS: u32 = 68;
}

impl Connection {
    /// Connects and binds with a ticket for this host.
    pub(crate) async fn open(
        host: &str,
        address: Ipv4Addr,
        port: u16,
        ticket: &Ticket,
        clock: Clock,
    ) -> Result<Self, DomainFailure> {
        let host = host.to_owned();
        let closed = |trouble| DomainFailure::PortClosed { host: host.clone(), port, trouble };
        let connected = timeout(OPEN_LIMIT, TcpStream::connect((address, port))).await;
        let stream = connected.map_err(|_| closed(PortTrouble::Silent))?;
        let mut stream = stream.map_err(|error| closed(trouble(&error)))?;
        let lost = |reason| DomainFailure::ConnectionLost { host: host.clone(), reason };
        stream.set_nodelay(true).map_err(|error| lost(error.to_string()))?;
        let bound = timeout(OPEN_LIMIT, bind::bind(&mut stream, ticket, clock)).await;
        let bound = bound.map_err(|_| lost("no answer to the bind".to_owned()))?;
        let bound = bound.map_err(|error| bind_failure(&host, error, clock))?;

        let failed = |error: std::io::Error| lost(error.to_string());
        let (ours, theirs) = UnixStream::pair().map_err(failed)?;
        ours.set_nonblocking(true).map_err(failed)?;
        let ours = tokio::net::UnixStream::from_std(ours).map_err(failed)?;
        let end = Arc::new(OnceLock::new());
        let carrier = tokio::spawn(sealed::carry(stream, ours, bound, Arc::clone(&end)));
        Self::speak(&host, theirs, carrier, end).await
    }

    /// Speaks LDAP to what is behind a stream. `carrier` carries the data and notes its end.
    pub(crate) async fn speak(
        host: &str,
        stream: UnixStream,
        carrier: JoinHandle<()>,
        end: End,
    ) -> Result<Self, DomainFailure> {
        let host = host.to_owned();
        let settings = LdapConnSettings::new().set_std_stream(StdStream::Unix(stream));
        let opened = LdapConnAsync::with_settings(settings, "ldapi:///").await;
        let (connection, ldap) = opened.map_err(|error| DomainFailure::ConnectionLost {
            host: host.clone(),
            reason: error.to_string(),
        })?;
        let driver = tokio::spawn(async move {
            // Its error is what the next operation fails with.
            let _ = connection.drive().await;
        });
        Ok(Self { ldap, host, end, tasks: [carrier, driver] })
    }

    /// Name of the domain controller.
    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    /// Whether operations can still be tried.
    pub(crate) fn is_open(&self) -> bool {
        self.end.get().is_none() && self.tasks.iter().all(|task| !task.is_finished())
    }

    /// Whether the LDAP client has panicked, once the connection has ended.
    #[cfg(test)]
    pub(crate) async fn has_panicked(mut self) -> bool {
        let [_, driver] = &mut self.tasks;
        driver.await.is_err_and(|error| error.is_panic())
    }

    /// Reads attributes of one object; `None` if there is none of this name.
    pub(crate) async fn read(
        &self,
        name: &str,
        attributes: &[&str],
    ) -> Result<Option<SearchEntry>, OperationError> {
        let mut ldap = self.operation();
        let found = ldap.search(name, Scope::Base, "(objectClass=*)", attributes).await;
        let found = found.map_err(|error| self.lost(&error))?;
        match found.1.rc {
            0 => Ok(entries(found.0).into_iter().next()),
            code::NO_SUCH_OBJECT => Ok(None),
            _ => Err(OperationError::Refused(refused(found.1))),
        }
    }

    /// Finds the objects below a base, a page at a time. Referrals to other domains are left out.
    pub(crate) async fn page(
        &self,
        base: &str,
        filter: &str,
        attributes: &[&str],
        size: i32,
        cookie: Vec<u8>,
    ) -> Result<Page, OperationError> {
        let mut ldap = self.operation();
        ldap.with_controls(PagedResults { size, cookie });
        let found = ldap.search(base, Scope::Subtree, filter, attributes).await;
        let ldap3::SearchResult(list, result) = found.map_err(|error| self.lost(&error))?;
        if result.rc != 0 {
            return Err(OperationError::Refused(refused(result)));
        }
        let paged = result.ctrls.iter().find_map(|Control(kind, raw)| {
            // Parsing a control that is cut would panic: it is checked before.
            let is_paged = matches!(kind, Some(ControlType::PagedResults));
            raw.val.as_deref().filter(|_| is_paged).and_then(cookie_of)
        });
        let cookie = paged.filter(|cookie| !cookie.is_empty());
        Ok(Page { entries: entries(list), cookie })
    }

    /// Finds all objects below a base, up to a number.
    pub(crate) async fn search(
        &self,
        base: &str,
        filter: &str,
        attributes: &[&str],
        most: usize,
    ) -> Result<Vec<SearchEntry>, OperationError> {
        let (mut found, mut cookie) = (Vec::new(), Vec::new());
        loop {
            let page = self.page(base, filter, attributes, PAGE, cookie).await?;
            found.extend(page.entries);
            found.truncate(most);
            match page.cookie {
                Some(next) if found.len() < most => cookie = next,
                _ => return Ok(found),
            }
        }
    }

    /// Makes an object.
    pub(crate) async fn add(
        &self,
        name: &str,
        attributes: Vec<(&str, Vec<Vec<u8>>)>,
    ) -> Result<(), OperationError> {
        let attributes = attributes
            .into_iter()
            .map(|(name, values)| (name.as_bytes().to_vec(), HashSet::from_iter(values)))
            .collect();
        let added = self.operation().add(name, attributes).await;
        self.done(added)
    }

    /// Changes an object.
    pub(crate) async fn modify(
        &self,
        name: &str,
        changes: Vec<Mod<Vec<u8>>>,
    ) -> Result<(), OperationError> {
        let modified = self.operation().modify(name, changes).await;
        self.done(modified)
    }

    /// Deletes an object.
    pub(crate) async fn delete(&self, name: &str) -> Result<(), OperationError> {
        let deleted = self.operation().delete(name).await;
        self.done(deleted)
    }

    fn operation(&self) -> Ldap {
        let mut ldap = self.ldap.clone();
        ldap.with_timeout(OPERATION_LIMIT);
        ldap
    }

    fn done(&self, result: Result<LdapResult, LdapError>) -> Result<(), OperationError> {
        let result = result.map_err(|error| self.lost(&error))?;
        match result.rc {
            0 => Ok(()),
            _ => Err(OperationError::Refused(refused(result))),
        }
    }

    /// What a connection that does not work any more means. The LDAP client knows only that it ended.
    fn lost(&self, error: &LdapError) -> OperationError {
        let host = self.host.clone();
        OperationError::Connection(match self.end.get() {
            Some(end) if end.is_tampering() => {
                DomainFailure::Tampered { host, reason: end.to_string() }
            }
            Some(EndReason::Answer(AnswerError::TooLarge)) => {
                let mebibytes = MAX_BYTES >> 20;
                DomainFailure::TooLarge { limit: format!("{mebibytes} MiB") }
            }
            Some(EndReason::Answer(error)) => {
                DomainFailure::AnswerNotValid { host, reason: error.to_string() }
            }
            Some(end) => DomainFailure::ConnectionLost { host, reason: end.to_string() },
            None => match error {
                LdapError::Timeout { .. } => {
                    let seconds = OPERATION_LIMIT.as_secs();
                    let reason = format!("no answer within {seconds} s");
                    DomainFailure::ConnectionLost { host, reason }
                }
                other => DomainFailure::AnswerNotValid { host, reason: chain(other) },
            },
        })
    }

    /// What a refusal means where nothing more is known of it.
    pub(crate) fn failure(&self, error: OperationError) -> DomainFailure {
        match error {
            OperationError::Connection(failure) => failure,
            OperationError::Refused(Refused { code, text }) => {
                DomainFailure::DirectoryRefused { host: self.host.clone(), code, text }
            }
        }
    }
}

fn refused(result: LdapResult) -> Refused {
    Refused { code: result.rc, text: server_text(&result.text) }
}

fn entries(list: Vec<ResultEntry>) -> Vec<SearchEntry> {
    let objects = list.into_iter().filter(|entry| !entry.is_ref() && !entry.is_intermediate());
    objects.map(SearchEntry::construct).collect()
}

/// The cookie in the control of a page (RFC 2696, section 2).
fn cookie_of(value: &[u8]) -> Option<Vec<u8>> {
    use crate::ber::{expect, tag};
    let (sequence, _) = expect(value, tag::SEQUENCE)?;
    let (_, rest) = expect(sequence, tag::INTEGER)?;
    let (cookie, _) = expect(rest, tag::OCTETS)?;
    Some(cookie.to_vec())
}

fn bind_failure(host: &str, error: BindError, clock: Clock) -> DomainFailure {
    let host = host.to_owned();
    match error {
        BindError::Io(_) | BindError::Ended => {
            DomainFailure::ConnectionLost { host, reason: chain(&error) }
        }
        // The server wants TLS or a binding to it, or does not do GSSAPI.
        BindError::Refused { code: 7 | 8 | 13, .. } | BindError::NoProtection { .. } => {
            DomainFailure::NoProtection { host, reason: error.to_string() }
        }
        BindError::Refused { code, text } => DomainFailure::DirectoryRefused { host, code, text },
        BindError::NotValid(_) => DomainFailure::AnswerNotValid { host, reason: error.to_string() },
        BindError::Kerberos(KerberosError::Kdc(error))
            if error.code == kerberos::code::CLOCK_SKEW =>
        {
            let seconds = error.server_time - clock.seconds();
            DomainFailure::ClockDiffers { host, seconds }
        }
        BindError::Kerberos(error) => DomainFailure::NotGenuine { host, reason: chain(&error) },
    }
}
