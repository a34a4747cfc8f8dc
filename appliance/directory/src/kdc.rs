//! Exchanges with the Key Distribution Center of a domain controller. TCP only: tickets of Active
//! Directory carry a list of groups and seldom fit into a datagram.

use std::net::Ipv4Addr;
use std::time::Duration;

use kerberos::{
    AsExchange, AsStep, KdcError, KerberosError, Key, NtStatus, PasswordExchange, PasswordResult,
    Principal, TgsExchange, Ticket, code,
};
use model::domain::failure::{DomainFailure, Revocation, server_text};
use model::domain::{DomainName, UserName};
use model::error::chain;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::clock::Clock;
use crate::controller::{Controller, trouble};

/// Port of Kerberos.
pub(crate) const KERBEROS_PORT: u16 = 88;
/// Port of password changes.
pub(crate) const PASSWORD_PORT: u16 = 464;
/// How long one exchange may take.
const LIMIT: Duration = Duration::from_secs(5);
/// Longest reply: a ticket with the most groups that Windows allows is 64 KiB.
const MAX_REPLY: usize = 1 << 20;

/// Who signs in.
#[derive(Clone, Debug)]
pub(crate) enum Client<'a> {
    /// A person, by any form of the name.
    User(&'a UserName),
    /// The appliance.
    Machine(&'a str),
}

impl Client<'_> {
    fn name(&self) -> String {
        match self {
            Self::User(user) => user.to_string(),
            Self::Machine(account) => (*account).to_owned(),
        }
    }

    fn principal(&self, realm: &str) -> Principal {
        match self {
            Self::User(user) => match user.suffix() {
                // The realm looks the name up: the suffix may be any that the forest has.
                Some(_) => Principal::enterprise(&user.to_string(), realm),
                None => Principal::account(user.account(), realm),
            },
            Self::Machine(account) => Principal::account(account, realm),
        }
    }
}

/// A Key Distribution Center.
#[derive(Clone, Debug)]
pub(crate) struct Kdc {
    host: String,
    address: Ipv4Addr,
    domain: DomainName,
    clock: Clock,
}

impl Kdc {
    pub(crate) fn new(controller: &Controller, domain: &DomainName, clock: Clock) -> Self {
        let (host, address) = (controller.host.clone(), controller.address);
        Self { host, address, domain: domain.clone(), clock }
    }

    /// A ticket-granting ticket, and the key of the password.
    pub(crate) async fn sign_in(
        &self,
        client: &Client<'_>,
        password: &str,
    ) -> Result<(Ticket, Key), DomainFailure> {
        let exchange = AsExchange::new(client.principal(&self.domain.realm()), password);
        self.initial(exchange, client).await
    }

    async fn initial(
        &self,
        exchange: Result<AsExchange<'_>, KerberosError>,
        client: &Client<'_>,
    ) -> Result<(Ticket, Key), DomainFailure> {
        let failed = |error| self.failure(error, client);
        let mut exchange = exchange.map_err(failed)?;
        let mut request = exchange.request(self.clock.now()).map_err(failed)?;
        loop {
            let reply = self.exchange(KERBEROS_PORT, &request).await?;
            match exchange.step(&reply, self.clock.now()).map_err(failed)? {
                AsStep::Send(next) => request = next,
                AsStep::Done { ticket, key } => return Ok((*ticket, key)),
            }
        }
    }

    /// A ticket for a service of the domain.
    pub(crate) async fn ticket(
        &self,
        granting: &Ticket,
        service: &str,
        host: &str,
        client: &Client<'_>,
    ) -> Result<Ticket, DomainFailure> {
        let failed = |error| self.failure(error, client);
        let server = Principal::service(service, host, &self.domain.realm());
        let exchange = TgsExchange::new(granting, server).map_err(failed)?;
        let request = exchange.request(self.clock.now()).map_err(failed)?;
        let reply = self.exchange(KERBEROS_PORT, &request).await?;
        let ticket = exchange.ticket(&reply).map_err(failed)?;
        match ticket.referral() {
            None => Ok(ticket),
            Some(realm) => {
                Err(self.not_valid(format!("it refers to {realm} for {service}/{host}")))
            }
        }
    }

    /// Changes the password of a machine by the service for it (RFC 3244).
    pub(crate) async fn change_password(
        &self,
        account: &str,
        password: &str,
        new: &str,
    ) -> Result<(), DomainFailure> {
        let client = Client::Machine(account);
        let failed = |error| self.failure(error, &client);
        let principal = client.principal(&self.domain.realm());
        let exchange = AsExchange::for_password_change(principal, password);
        let (ticket, _) = self.initial(exchange, &client).await?;
        let exchange =
            PasswordExchange::new(&ticket, None, new, self.clock.now()).map_err(failed)?;
        let reply = self.exchange(PASSWORD_PORT, exchange.request()).await?;
        match exchange.result(&reply).map_err(failed)? {
            PasswordResult::Changed => Ok(()),
            PasswordResult::Refused { code, text } => Err(DomainFailure::DirectoryRefused {
                host: self.host.clone(),
                code: u32::from(code),
                text: server_text(&text),
            }),
        }
    }

    /// Sends a message and gets its reply, each behind its length (RFC 4120, section 7.2.2).
    async fn exchange(&self, port: u16, request: &[u8]) -> Result<Vec<u8>, DomainFailure> {
        let connect = TcpStream::connect((self.address, port));
        let closed = |trouble| DomainFailure::PortClosed { host: self.host.clone(), port, trouble };
        let silent = model::domain::failure::PortTrouble::Silent;
        let stream = timeout(LIMIT, connect).await.map_err(|_| closed(silent))?;
        let mut stream = stream.map_err(|error| closed(trouble(&error)))?;
        let lost = |reason: String| DomainFailure::ConnectionLost {
            host: self.host.clone(),
            reason: format!("on port {port}: {reason}"),
        };
        let exchange = async {
            let length = u32::try_from(request.len()).unwrap_or(u32::MAX);
            stream.write_all(&[&length.to_be_bytes(), request].concat()).await?;
            let mut length = [0; 4];
            stream.read_exact(&mut length).await?;
            let length = usize::try_from(u32::from_be_bytes(length)).unwrap_or(usize::MAX);
            if length > MAX_REPLY {
                return Ok(None);
            }
            let mut reply = vec![0; length];
            stream.read_exact(&mut reply).await?;
            Ok::<_, std::io::Error>(Some(reply))
        };
        let reply = timeout(LIMIT, exchange).await;
        let reply = reply.map_err(|_| lost(format!("no answer within {} s", LIMIT.as_secs())))?;
        match reply.map_err(|error| lost(error.to_string()))? {
            Some(reply) => Ok(reply),
            None => Err(self.not_valid("a reply of Kerberos is larger than 1 MiB".to_owned())),
        }
    }

    fn not_valid(&self, reason: String) -> DomainFailure {
        DomainFailure::AnswerNotValid { host: self.host.clone(), reason }
    }

    /// What an error means to the person who reads of it.
    fn failure(&self, error: KerberosError, client: &Client<'_>) -> DomainFailure {
        match error {
            KerberosError::Kdc(error) => self.refusal(&error, client),
            KerberosError::NoAesKeys => DomainFailure::NoAesKeys { user: client.name() },
            other => self.not_valid(chain(&other)),
        }
    }

    fn refusal(&self, error: &KdcError, client: &Client<'_>) -> DomainFailure {
        let (user, domain) = (client.name(), self.domain.clone());
        let is_machine = matches!(client, Client::Machine(_));
        match error.code {
            code::CLIENT_UNKNOWN if is_machine => {
                DomainFailure::MachineAccountGone { account: user }
            }
            code::PRE_AUTHENTICATION_FAILED | code::BAD_INTEGRITY if is_machine => {
                DomainFailure::MachinePasswordChanged { account: user }
            }
            code::CLIENT_REVOKED if is_machine => {
                DomainFailure::MachineAccountDisabled { account: user }
            }
            code::CLIENT_UNKNOWN | code::WRONG_REALM => match client {
                Client::User(name) if !name.is_of(&self.domain) => {
                    DomainFailure::ForeignSuffix { user, domain }
                }
                _ => DomainFailure::UserUnknown { user, domain },
            },
            code::PRE_AUTHENTICATION_FAILED | code::BAD_INTEGRITY => {
                DomainFailure::WrongPassword { user }
            }
            code::CLIENT_REVOKED => {
                DomainFailure::AccountRevoked { user, why: revocation(error.status) }
            }
            code::KEY_EXPIRED => DomainFailure::PasswordExpired { user },
            code::POLICY => DomainFailure::LogonNotAllowed { user },
            code::ENCRYPTION_TYPE => DomainFailure::NoAesKeys { user },
            code::CLOCK_SKEW => DomainFailure::ClockDiffers {
                host: self.host.clone(),
                seconds: error.server_time - self.clock.seconds(),
            },
            other => DomainFailure::KerberosRefused {
                host: self.host.clone(),
                code: i32::try_from(other).unwrap_or(i32::MAX),
                name: error.name().to_owned(),
            },
        }
    }
}

fn revocation(status: Option<NtStatus>) -> Revocation {
    match status {
        Some(NtStatus::ACCOUNT_DISABLED) => Revocation::Disabled,
        Some(NtStatus::ACCOUNT_LOCKED_OUT) => Revocation::LockedOut,
        Some(NtStatus::ACCOUNT_EXPIRED) => Revocation::Expired,
        _ => Revocation::Unknown,
    }
}
