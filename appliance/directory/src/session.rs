//! Signed in at one domain controller: tickets, a sealed connection, and what its root says.

use kerberos::{Key, Ticket};
use model::domain::DomainName;
use model::domain::failure::DomainFailure;

use crate::account::Account;
use crate::clock::Clock;
use crate::connection::{CATALOG_PORT, Connection, LDAP_PORT};
use crate::controller::Controller;
use crate::kdc::{Client, Kdc};

/// Somebody who is signed in.
pub(crate) struct SignedIn {
    pub(crate) controller: Controller,
    pub(crate) kdc: Kdc,
    pub(crate) granting: Ticket,
    /// The key of the password that was used.
    pub(crate) key: Key,
    pub(crate) connection: Connection,
    pub(crate) root: Root,
}

/// What the root of the directory says (RFC 4512, section 5.1; MS-ADTS 3.1.1.3.2).
#[derive(Clone, Debug)]
pub(crate) struct Root {
    /// Distinguished name of the domain.
    pub(crate) base: String,
    /// DNS name of the forest's root domain.
    pub(crate) forest: String,
}

impl SignedIn {
    /// Signs in.
    pub(crate) async fn open(
        controller: &Controller,
        domain: &DomainName,
        clock: Clock,
        client: &Client<'_>,
        password: &str,
    ) -> Result<Self, DomainFailure> {
        if let Client::User(user) = client
            && let Some(netbios) = user.netbios()
            && !netbios.eq_ignore_ascii_case(&controller.netlogon.netbios)
        {
            return Err(DomainFailure::ForeignSuffix {
                user: user.to_string(),
                domain: domain.clone(),
            });
        }
        let kdc = Kdc::new(controller, domain, clock);
        let (granting, key) = kdc.sign_in(client, password).await?;
        let ticket = kdc.ticket(&granting, "ldap", &controller.host, client).await?;
        let (host, address) = (&controller.host, controller.address);
        let connection = Connection::open(host, address, LDAP_PORT, &ticket, clock).await?;
        let root = root(&connection).await?;
        Ok(Self { controller: controller.clone(), kdc, granting, key, connection, root })
    }

    /// Signs in as the machine, with the first of its passwords that the domain controller takes. Tells
    /// which one that was.
    pub(crate) async fn open_machine(
        controller: &Controller,
        account: &Account,
        clock: Clock,
    ) -> Result<(Self, usize), DomainFailure> {
        let name = account.name();
        let client = Client::Machine(&name);
        let mut refused = DomainFailure::NotJoined { domain: account.domain.clone() };
        for (place, password) in account.passwords.iter().enumerate() {
            let password = password.expose();
            match Self::open(controller, &account.domain, clock, &client, password).await {
                Ok(signed_in) => return Ok((signed_in, place)),
                Err(failure @ DomainFailure::MachinePasswordChanged { .. }) => refused = failure,
                Err(failure) => return Err(failure),
            }
        }
        Err(refused)
    }

    /// A connection to the Global Catalog of the same domain controller.
    pub(crate) async fn catalog(
        &self,
        account: &str,
        clock: Clock,
    ) -> Result<Connection, DomainFailure> {
        let (host, client) = (&self.controller.host, Client::Machine(account));
        let ticket = self.kdc.ticket(&self.granting, "ldap", host, &client).await?;
        Connection::open(host, self.controller.address, CATALOG_PORT, &ticket, clock).await
    }

    /// Has the Key Distribution Center prove that it is genuine: it makes a ticket to ourselves, which
    /// opens with the key of our own password. Nobody else could make it.
    pub(crate) async fn prove_genuine(&self, account: &Account) -> Result<(), DomainFailure> {
        let (name, host) = (account.name(), account.dns_name());
        let client = Client::Machine(&name);
        let ticket = self.kdc.ticket(&self.granting, "host", &host, &client).await?;
        ticket.verify_issuer(&self.key).map_err(|error| DomainFailure::NotGenuine {
            host: self.controller.host.clone(),
            reason: error.to_string(),
        })
    }
}

async fn root(connection: &Connection) -> Result<Root, DomainFailure> {
    let attributes = ["defaultNamingContext", "rootDomainNamingContext"];
    let read = connection.read("", &attributes).await;
    let entry = read.map_err(|error| connection.failure(error))?;
    let value = |name: &str| {
        let values = entry.as_ref().and_then(|entry| entry.attrs.get(name));
        values.and_then(|values| values.first()).cloned()
    };
    match (value("defaultNamingContext"), value("rootDomainNamingContext")) {
        (Some(base), Some(forest)) => Ok(Root { base, forest: dns_of(&forest) }),
        _ => Err(DomainFailure::AnswerNotValid {
            host: connection.host().to_owned(),
            reason: "the root of the directory names no domain".to_owned(),
        }),
    }
}

/// The DNS name of a domain's distinguished name.
fn dns_of(name: &str) -> String {
    let parts = name.split(',').filter_map(|part| {
        let (kind, value) = part.split_once('=')?;
        kind.trim().eq_ignore_ascii_case("DC").then(|| value.trim().to_lowercase())
    });
    parts.collect::<Vec<_>>().join(".")
}

/// Tries one domain controller after the other.
pub(crate) async fn at_any<T, F>(
    controllers: &[Controller],
    mut attempt: impl FnMut(Controller) -> F,
) -> Result<T, DomainFailure>
where
    F: Future<Output = Result<T, DomainFailure>>,
{
    let mut first = None;
    for controller in controllers {
        match attempt(controller.clone()).await {
            Ok(value) => return Ok(value),
            // A domain controller to which a new account has not come yet does not know it; another may.
            Err(failure) if failure.tries_next_controller() || is_replication(&failure) => {
                first.get_or_insert(failure);
            }
            Err(failure) => return Err(failure),
        }
    }
    // The list is never empty: `controller::find` sees to it.
    let reason = || "no domain controller was tried".to_owned();
    Err(first.unwrap_or_else(|| DomainFailure::DnsFailed { reason: reason() }))
}

/// Whether it may be that the domain controller does not know yet what another one does.
const fn is_replication(failure: &DomainFailure) -> bool {
    matches!(
        failure,
        DomainFailure::MachineAccountGone { .. } | DomainFailure::MachinePasswordChanged { .. }
    )
}
