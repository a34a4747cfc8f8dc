//! The joined domains, and everything that is done with one.

use std::collections::BTreeMap;
use std::io;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bus::{Credentials, Join};
use model::domain::check::DomainCheck;
use model::domain::failure::DomainFailure;
use model::domain::lookup::{Lookup, LookupPage};
use model::domain::status::{
    DirectoryStatus, DomainHealth, DomainStatus, JoinProgress, Validation,
};
use model::domain::{DomainName, MAX_DOMAINS, MachineName};
use tokio::sync::watch;
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::Instant;
use tracing::{info, warn};

use crate::account::{Account, AccountState};
use crate::board::Board;
use crate::check::{self, Progress};
use crate::clock::Clock;
use crate::dns::{Dns, Remembered};
use crate::join::{self, Work};
use crate::link::Link;
use crate::lookup;
use crate::store::Store;

/// The joined domains. One for the process; tests have several.
pub struct Domains {
    pub(crate) store: Store,
    pub(crate) clock: Clock,
    pub(crate) board: Board,
    /// The appliance's own name servers.
    own_dns: watch::Receiver<Vec<IpAddr>>,
    remembered: Remembered,
    known: Mutex<BTreeMap<DomainName, Arc<Domain>>>,
    /// Held while a domain is joined or left.
    joining: tokio::sync::Mutex<()>,
    checking: Mutex<Option<AbortHandle>>,
}

/// A domain of which there is an account.
pub(crate) struct Domain {
    pub(crate) name: DomainName,
    account: Mutex<Account>,
    /// The connection that is kept. Held while it is opened, so that it is opened once.
    pub(crate) link: tokio::sync::Mutex<Option<Arc<Link>>>,
    /// Held while the password is changed or the account is checked.
    pub(crate) work: tokio::sync::Mutex<()>,
}

/// Why a join did not take place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JoinError {
    /// Another domain is being joined or left.
    Busy,
    /// It failed.
    Failed(DomainFailure),
}

impl From<DomainFailure> for JoinError {
    fn from(failure: DomainFailure) -> Self {
        Self::Failed(failure)
    }
}

impl std::fmt::Debug for Domains {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Domains").field("store", &self.store).finish_non_exhaustive()
    }
}

impl Domain {
    fn new(account: Account) -> Arc<Self> {
        Arc::new(Self {
            name: account.domain.clone(),
            account: Mutex::new(account),
            link: tokio::sync::Mutex::new(None),
            work: tokio::sync::Mutex::new(()),
        })
    }

    /// What is kept of the account.
    pub(crate) fn account(&self) -> Account {
        lock(&self.account).clone()
    }

    /// Stores a change of the account, then takes it over.
    pub(crate) fn update(&self, store: &Store, account: Account) -> Result<(), DomainFailure> {
        join::store(store, &account)?;
        *lock(&self.account) = account;
        Ok(())
    }
}

impl Domains {
    /// Reads what is stored. `own_dns` are the name servers of the appliance.
    ///
    /// # Errors
    ///
    /// The store cannot be read.
    pub fn open(
        store: Store,
        clock: Clock,
        own_dns: watch::Receiver<Vec<IpAddr>>,
    ) -> io::Result<Arc<Self>> {
        let board = Board::new();
        let mut known = BTreeMap::new();
        for account in store.load()? {
            if account.state == AccountState::Joined {
                board.change(|status| insert(status, status_of(&account)));
            }
            known.insert(account.domain.clone(), Domain::new(account));
        }
        Ok(Arc::new(Self {
            store,
            clock,
            board,
            own_dns,
            remembered: Remembered::default(),
            known: Mutex::new(known),
            joining: tokio::sync::Mutex::default(),
            checking: Mutex::default(),
        }))
    }

    /// What is said of all domains.
    #[must_use]
    pub fn status(&self) -> DirectoryStatus {
        self.board.status()
    }

    /// Every domain of which there is an account, joined or begun.
    fn all(&self) -> Vec<Arc<Domain>> {
        lock(&self.known).values().cloned().collect()
    }

    /// Checks all domains at once, and finishes joins that were cut short.
    pub async fn check_all(self: &Arc<Self>) {
        let checks: JoinSet<()> = self
            .all()
            .into_iter()
            .map(|domain| {
                let domains = Arc::clone(self);
                async move { domains.check_health(&domain).await }
            })
            .collect();
        checks.join_all().await;
    }

    /// The name servers for a domain.
    fn dns(&self, given: &[IpAddr]) -> Result<Dns, DomainFailure> {
        let own = self.own_dns.borrow();
        Dns::new(if given.is_empty() { &own } else { given })
    }

    /// The name servers for a joined domain, which may be silent for a while.
    pub(crate) fn dns_of(&self, account: &Account) -> Result<Dns, DomainFailure> {
        Ok(self.dns(&account.dns_servers)?.remembering(&self.remembered))
    }

    fn joined(&self, domain: &DomainName) -> Result<Arc<Domain>, DomainFailure> {
        let known = lock(&self.known).get(domain).cloned();
        known
            .filter(|known| known.account().state == AccountState::Joined)
            .ok_or_else(|| DomainFailure::NotJoined { domain: domain.clone() })
    }

    /// Begins to check a domain that is to be joined; the check before ends. Tells its number.
    pub fn begin_check(self: &Arc<Self>, domain: DomainName, dns_servers: Vec<IpAddr>) -> u64 {
        let mut checking = lock(&self.checking);
        if let Some(earlier) = checking.take() {
            earlier.abort();
        }
        let mut number = 0;
        self.board.change(|status| {
            status.begun += 1;
            number = status.begun;
            status.check = Some(DomainCheck::begin(domain.clone(), dns_servers.clone()));
        });
        let domains = Arc::clone(self);
        let task = tokio::spawn(async move { domains.check(&domain, &dns_servers).await });
        *checking = Some(task.abort_handle());
        number
    }

    async fn check(&self, domain: &DomainName, dns_servers: &[IpAddr]) {
        let change = |change: &dyn Fn(&mut DomainCheck)| {
            self.board.change(|status| {
                if let Some(check) = status.check.as_mut() {
                    change(check);
                }
            });
        };
        match self.dns(dns_servers) {
            Ok(dns) => {
                check::run(&dns, domain, self.clock, |progress| {
                    change(&|check| match &progress {
                        Progress::Item(item, result) => check.note(*item, result.clone()),
                        Progress::Names { forest, netbios } => {
                            check.forest = Some(forest.clone());
                            check.netbios = Some(netbios.clone());
                        }
                    });
                })
                .await;
            }
            Err(failure) => change(&|check| {
                let failure = failure.clone();
                let result = model::domain::check::CheckResult::Failed { failure };
                check.note(model::domain::check::CheckItem::Dns, result);
            }),
        }
        change(&|check| check.is_running = false);
    }

    /// Joins a domain.
    ///
    /// # Errors
    ///
    /// [`JoinError`]; then there is no account, or one that the next attempt uses.
    pub async fn join(self: &Arc<Self>, join: &Join) -> Result<(), JoinError> {
        let Ok(_joining) = self.joining.try_lock() else { return Err(JoinError::Busy) };
        let earlier = lock(&self.known).get(&join.domain).cloned();
        let earlier = earlier.map(|earlier| earlier.account());
        if earlier.as_ref().is_some_and(|earlier| earlier.state == AccountState::Joined) {
            return Err(DomainFailure::AlreadyJoined { domain: join.domain.clone() }.into());
        }
        if lock(&self.known).len() >= MAX_DOMAINS && earlier.is_none() {
            return Err(DomainFailure::TooManyDomains { limit: MAX_DOMAINS }.into());
        }
        let dns = self.dns(&join.dns_servers)?;
        let work = Work { dns: &dns, clock: self.clock, store: &self.store };
        let tell = |step| {
            let progress = JoinProgress { domain: join.domain.clone(), step };
            self.board.change(|status| status.join = Some(progress));
        };
        let joined = join::join(&work, join, earlier.as_ref(), tell).await;
        self.board.change(|status| status.join = None);
        match joined {
            Ok((account, controller)) => {
                info!(domain = %join.domain, account = %account.name(), controller = %controller.host, "Joined a domain");
                self.adopt(account);
                self.board.change_domain(&join.domain, |status| {
                    status.controller = Some(controller.in_use());
                });
                let domain = self.joined(&join.domain)?;
                let domains = Arc::clone(self);
                // Trusts and the like need not be waited for.
                tokio::spawn(async move { domains.check_health(&domain).await });
                Ok(())
            }
            Err(failure) => {
                warn!(domain = %join.domain, id = failure.id(), %failure, "A domain is not joined");
                self.reload(&join.domain);
                Err(failure.into())
            }
        }
    }

    /// Shows an account as joined that has been proven just now ([`join::prove`]): with a ticket, a
    /// sealed bind and a Key Distribution Center that is genuine, it is as healthy as a check finds it.
    pub(crate) fn adopt(&self, account: Account) {
        let (name, at) = (account.domain.clone(), self.clock.seconds());
        let health = Some(DomainHealth { at, since: at, failure: None });
        let proven = DomainStatus { health, ..status_of(&account) };
        self.board.change(|status| insert(status, proven));
        lock(&self.known).insert(name, Domain::new(account));
    }

    /// Forgets every domain; the accounts stay in the directories.
    ///
    /// # Errors
    ///
    /// Something that is kept cannot be removed.
    pub async fn forget_all(&self) -> Result<(), DomainFailure> {
        let _joining = self.joining.lock().await;
        let not_removed = |error: io::Error| DomainFailure::NotStored { reason: error.to_string() };
        for domain in self.all() {
            let _work = domain.work.lock().await;
            self.store.remove(&domain.name).map_err(not_removed)?;
            lock(&self.known).remove(&domain.name);
            *domain.link.lock().await = None;
            self.board.change(|status| status.domains.retain(|it| it.domain != domain.name));
        }
        self.store.clear().map_err(not_removed)
    }

    /// Forgets a domain of which there is no account.
    pub(crate) fn forget(&self, domain: &DomainName) {
        if let Err(error) = self.store.remove(domain) {
            warn!(%domain, %error, "What is stored of a domain cannot be removed");
        }
        lock(&self.known).remove(domain);
    }

    /// Takes over what the store has of a domain whose join did not end well.
    fn reload(&self, domain: &DomainName) {
        let stored = self.store.load().unwrap_or_default();
        let mut known = lock(&self.known);
        match stored.into_iter().find(|account| account.domain == *domain) {
            Some(account) => drop(known.insert(domain.clone(), Domain::new(account))),
            None => drop(known.remove(domain)),
        }
    }

    /// Leaves a domain: the account is deleted if somebody who may is given, then everything that is
    /// kept of it goes. Tells the name of the account.
    ///
    /// # Errors
    ///
    /// [`JoinError`]; then nothing has changed.
    pub async fn leave(
        &self,
        domain: &DomainName,
        credentials: Option<&Credentials>,
    ) -> Result<MachineName, JoinError> {
        let Ok(_joining) = self.joining.try_lock() else { return Err(JoinError::Busy) };
        let known = self.joined(domain)?;
        let _work = known.work.lock().await;
        let account = known.account();
        if let Some(credentials) = credentials {
            let dns = self.dns_of(&account)?;
            let work = Work { dns: &dns, clock: self.clock, store: &self.store };
            join::delete_account(&work, &account, credentials).await?;
        }
        let not_removed = |error: io::Error| DomainFailure::NotStored { reason: error.to_string() };
        self.store.remove(domain).map_err(not_removed)?;
        lock(&self.known).remove(domain);
        *known.link.lock().await = None;
        self.board.change(|status| status.domains.retain(|status| status.domain != *domain));
        let is_deleted = credentials.is_some();
        info!(%domain, account = %account.name(), is_deleted, "Left a domain");
        Ok(account.machine)
    }

    /// Proves that the machine account works: a fresh ticket, a sealed bind, a Key Distribution Center
    /// that is genuine.
    ///
    /// # Errors
    ///
    /// The domain is not joined. What fails stands in the result.
    pub async fn validate(&self, domain: &DomainName) -> Result<Validation, DomainFailure> {
        let known = self.joined(domain)?;
        let start = Instant::now();
        let opened = self.open_link(&known).await;
        let (link, failure) = match opened {
            Ok(link) => {
                let genuine = link.signed_in.prove_genuine(&known.account()).await;
                (Some(link), genuine.err())
            }
            Err(failure) => (None, Some(failure)),
        };
        let validation = Validation {
            at: self.clock.seconds(),
            host: link.as_ref().map(|link| link.signed_in.controller.host.clone()),
            milliseconds: milliseconds(start.elapsed()),
            failure,
        };
        match &validation.failure {
            None => info!(%domain, "Kerberos is valid"),
            Some(failure) => warn!(%domain, id = failure.id(), %failure, "Kerberos is not valid"),
        }
        self.note_health(domain, validation.failure.clone());
        self.board.change_domain(domain, |status| status.validation = Some(validation.clone()));
        *known.link.lock().await = link.filter(|_| validation.failure.is_none());
        Ok(validation)
    }

    /// Changes the password of the machine account now.
    ///
    /// # Errors
    ///
    /// Why it is not changed.
    pub async fn change_password(&self, domain: &DomainName) -> Result<(), DomainFailure> {
        let known = self.joined(domain)?;
        let _work = known.work.lock().await;
        self.rotate(&known).await
    }

    /// Finds objects.
    ///
    /// # Errors
    ///
    /// Why nothing can be found out.
    pub async fn lookup(&self, lookup: &Lookup) -> Result<LookupPage, DomainFailure> {
        let known = self.joined(&lookup.domain)?;
        let start = Instant::now();
        let mut link = self.link(&known).await?;
        let found = match self.find(&link, lookup).await {
            // An idle connection may have been cut without a word: a new one is tried once.
            Err(DomainFailure::ConnectionLost { .. }) if lookup.cursor.is_none() => {
                *known.link.lock().await = None;
                link = self.link(&known).await?;
                self.find(&link, lookup).await
            }
            found => found,
        };
        let (objects, cookie) = found?;
        Ok(LookupPage {
            objects,
            cursor: cookie.map(|cookie| lookup::cursor(link.number, &cookie)),
            host: link.signed_in.controller.host.clone(),
            milliseconds: milliseconds(start.elapsed()),
        })
    }

    async fn find(
        &self,
        link: &Link,
        lookup: &Lookup,
    ) -> Result<(Vec<model::domain::lookup::DirectoryObject>, Option<Vec<u8>>), DomainFailure> {
        let cookie = match &lookup.cursor {
            None => Vec::new(),
            Some(cursor) => lookup::cookie(link.number, cursor).ok_or_else(|| {
                let host = link.signed_in.controller.host.clone();
                let reason = "the search began on a connection that has ended".to_owned();
                DomainFailure::ConnectionLost { host, reason }
            })?,
        };
        let catalog = if lookup.with_groups { link.catalog(self.clock).await } else { None };
        let (signed_in, catalog) = (&link.signed_in, catalog.as_deref());
        lookup::find(&signed_in.connection, catalog, &signed_in.root.base, lookup, cookie).await
    }
}

/// What is said of a domain at first.
fn status_of(account: &Account) -> DomainStatus {
    DomainStatus {
        domain: account.domain.clone(),
        forest: account.forest.clone(),
        netbios: account.netbios.clone(),
        machine: account.machine.clone(),
        account_place: Some(account.place.clone()),
        dns_servers: account.dns_servers.clone(),
        joined_at: account.joined_at,
        controller: None,
        health: None,
        validation: None,
        password_changed_at: account.password_changed_at,
        password_failure: None,
        forest_failure: None,
        trusts: Vec::new(),
    }
}

fn insert(status: &mut DirectoryStatus, domain: DomainStatus) {
    status.domains.retain(|known| known.domain != domain.domain);
    status.domains.push(domain);
    status.domains.sort_by(|one, other| one.domain.cmp(&other.domain));
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// Nothing can panic while a lock is held.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
