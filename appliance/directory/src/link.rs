//! The connection that is kept to each domain, and what is checked over it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use ldap3::Mod;
use model::domain::failure::DomainFailure;
use model::domain::status::DomainHealth;
use model::domain::{DomainName, MACHINE_PASSWORD_DAYS};
use tracing::{info, warn};

use crate::account::{Account, AccountState, new_password};
use crate::clock::Clock;
use crate::connection::{Connection, OperationError};
use crate::controller::{self, Wanted};
use crate::domains::{Domain, Domains};
use crate::join::{self, Work, unicode_password};
use crate::session::{SignedIn, at_any};
use crate::trusts;

/// How long before its ticket ends a connection is renewed, in seconds.
const RENEWAL: i64 = 300;
/// After how many seconds an account that a cut-short join may have asked for is there if ever: the
/// domain controller may still be at work when the appliance is back.
const SETTLED: i64 = 60;
/// Numbers tell connections apart.
static NUMBER: AtomicU64 = AtomicU64::new(1);

/// A connection that is kept, and its number.
pub(crate) struct Link {
    pub(crate) number: u64,
    pub(crate) signed_in: SignedIn,
    account: String,
    catalog: tokio::sync::Mutex<Option<Arc<Connection>>>,
}

impl Link {
    fn new(signed_in: SignedIn, account: &Account) -> Arc<Self> {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let catalog = tokio::sync::Mutex::new(None);
        Arc::new(Self { number, signed_in, account: account.name(), catalog })
    }

    /// Whether it can be used for a while.
    fn is_fresh(&self, clock: Clock) -> bool {
        self.signed_in.connection.is_open()
            && self.signed_in.granting.end() > clock.seconds() + RENEWAL
    }

    /// The connection to the Global Catalog, where there is one.
    pub(crate) async fn catalog(&self, clock: Clock) -> Option<Arc<Connection>> {
        let mut catalog = self.catalog.lock().await;
        if let Some(open) = catalog.as_ref().filter(|open| open.is_open()) {
            return Some(Arc::clone(open));
        }
        if !self.signed_in.controller.netlogon.has_global_catalog() {
            return None;
        }
        *catalog = self.signed_in.catalog(&self.account, clock).await.ok().map(Arc::new);
        catalog.clone()
    }
}

impl Domains {
    /// The connection of a domain, opened if need be.
    pub(crate) async fn link(&self, domain: &Domain) -> Result<Arc<Link>, DomainFailure> {
        let mut kept = domain.link.lock().await;
        if let Some(link) = kept.as_ref().filter(|link| link.is_fresh(self.clock)) {
            return Ok(Arc::clone(link));
        }
        *kept = None;
        let link = self.open_link(domain).await?;
        *kept = Some(Arc::clone(&link));
        Ok(link)
    }

    /// Signs in as the machine.
    pub(crate) async fn open_link(&self, domain: &Domain) -> Result<Arc<Link>, DomainFailure> {
        let account = domain.account();
        let dns = self.dns_of(&account)?;
        let wanted = Wanted { is_writable: false, preferred: Some(&account.controller) };
        let controllers = controller::find(&dns, &domain.name, wanted).await?;
        let (signed_in, place) = at_any(&controllers, async |controller| {
            SignedIn::open_machine(&controller, &account, self.clock).await
        })
        .await?;
        if place > 0 {
            // The password that works comes first from now on.
            let mut account = account.clone();
            account.passwords.swap(0, place);
            domain.update(&self.store, account)?;
        }
        let in_use = signed_in.controller.in_use();
        self.board.change_domain(&domain.name, |status| status.controller = Some(in_use));
        Ok(Link::new(signed_in, &account))
    }

    /// Checks a domain: the account, the forest's root, the trusts, the age of the password. Finishes a
    /// join that was cut short.
    pub(crate) async fn check_health(&self, domain: &Arc<Domain>) {
        let _work = domain.work.lock().await;
        if domain.account().state == AccountState::Pending {
            return self.resume(domain).await;
        }
        let checked = self.check_account(domain).await;
        let is_good = checked.is_ok();
        self.note_health(&domain.name, checked.err());
        let account = domain.account();
        self.check_forest(&account).await;
        let age = self.clock.seconds() - account.password_changed_at;
        if is_good && age > MACHINE_PASSWORD_DAYS * 86_400 {
            // Its failure is on the board.
            let _ = self.rotate(domain).await;
        }
    }

    /// Finishes what a power cut or a lost connection left, or forgets it when there is no account.
    async fn resume(&self, domain: &Arc<Domain>) {
        let mut account = domain.account();
        let finish = async {
            let dns = self.dns_of(&account)?;
            let wanted = Wanted { is_writable: true, preferred: Some(&account.controller) };
            let controllers = controller::find(&dns, &domain.name, wanted).await?;
            let work = Work { dns: &dns, clock: self.clock, store: &self.store };
            let first = controllers.into_iter().find(|it| it.host == account.controller);
            match first {
                // Only the domain controller on which it was to be made knows for sure.
                Some(first) => join::prove(&work, &mut account, &first).await,
                None => Err(DomainFailure::ConnectionLost {
                    host: account.controller.clone(),
                    reason: "it does not answer".to_owned(),
                }),
            }
        };
        match finish.await {
            Ok(()) => {
                info!(domain = %domain.name, account = %account.name(), "A join that was cut short is finished");
                self.adopt(account);
            }
            Err(
                failure @ (DomainFailure::MachineAccountGone { .. }
                | DomainFailure::MachinePasswordChanged { .. }),
            ) if self.clock.seconds() - account.joined_at > SETTLED => {
                info!(domain = %domain.name, %failure, "A join that was cut short has left no account");
                self.forget(&domain.name);
            }
            Err(failure) => {
                warn!(domain = %domain.name, %failure, "A join that was cut short cannot be finished yet");
            }
        }
    }

    async fn check_account(&self, domain: &Domain) -> Result<(), DomainFailure> {
        let mut link = self.link(domain).await?;
        let account = domain.account();
        let mut read = link.signed_in.connection.read(&account.place, &["pwdLastSet"]).await;
        if let Err(OperationError::Connection(_)) = read {
            // Active Directory cuts idle connections; that says nothing about the domain.
            *domain.link.lock().await = None;
            link = self.link(domain).await?;
            read = link.signed_in.connection.read(&account.place, &["pwdLastSet"]).await;
        }
        let connection = &link.signed_in.connection;
        if read.map_err(|error| connection.failure(error))?.is_none() {
            *domain.link.lock().await = None;
            // It may have been moved: signing in tells whether it is still there.
            self.link(domain).await?;
        }
        let mut trusts = trusts::read(connection, &link.signed_in.root.base).await?;
        trusts::reach(&self.dns_of(&account)?, &mut trusts).await;
        self.board.change_domain(&domain.name, |status| status.trusts = trusts);
        Ok(())
    }

    /// Whether a domain controller of the forest's root domain answers.
    async fn check_forest(&self, account: &Account) {
        let Ok(forest) = DomainName::parse(&account.forest) else { return };
        let failure = if forest == account.domain {
            None
        } else {
            match self.dns_of(account) {
                Ok(dns) => controller::find(&dns, &forest, Wanted::default()).await.err(),
                Err(failure) => Some(failure),
            }
        };
        self.board.change_domain(&account.domain, |status| status.forest_failure = failure);
    }

    /// Notes whether the machine account works.
    pub(crate) fn note_health(&self, domain: &DomainName, failure: Option<DomainFailure>) {
        let at = self.clock.seconds();
        self.board.change_domain(domain, |status| {
            let before = status.health.as_ref();
            let is_same = before.is_some_and(|before| before.failure == failure);
            let since = before.filter(|_| is_same).map_or(at, |before| before.since);
            if !is_same {
                match &failure {
                    None => info!(%domain, "The domain can be used"),
                    Some(failure) => {
                        warn!(%domain, id = failure.id(), %failure, "The domain cannot be used");
                    }
                }
            }
            status.health = Some(DomainHealth { at, since, failure });
        });
    }

    /// Changes the password of the machine account. Whoever calls holds [`Domain::work`].
    ///
    /// The new password is stored before the domain controller gets it, and the old one is kept until
    /// the next change: whatever happens in between, one of both works.
    pub(crate) async fn rotate(&self, domain: &Arc<Domain>) -> Result<(), DomainFailure> {
        let changed = self.try_rotate(domain).await;
        let failure = changed.as_ref().err().cloned();
        match &failure {
            None => info!(domain = %domain.name, "The password of the machine account is changed"),
            Some(failure) => {
                let id = failure.id();
                warn!(domain = %domain.name, id, %failure, "The password of the machine account is not changed");
            }
        }
        let changed_at = domain.account().password_changed_at;
        self.board.change_domain(&domain.name, |status| {
            status.password_failure = failure;
            status.password_changed_at = changed_at;
        });
        changed
    }

    async fn try_rotate(&self, domain: &Arc<Domain>) -> Result<(), DomainFailure> {
        let link = self.writable_link(domain).await?;
        let random = |_| DomainFailure::NotStored { reason: "no random numbers".to_owned() };
        let new = new_password().map_err(random)?;
        let mut account = domain.account();
        account.passwords.truncate(1);
        account.passwords.push(new.clone());
        account.controller.clone_from(&link.signed_in.controller.host);
        domain.update(&self.store, account.clone())?;
        let old = account.passwords.first().map(|old| old.expose().to_owned());
        let old = zeroize::Zeroizing::new(old.unwrap_or_default());

        let name = b"unicodePwd".to_vec();
        let changes = vec![
            Mod::Delete(name.clone(), [unicode_password(&old)].into()),
            Mod::Add(name, [unicode_password(new.expose())].into()),
        ];
        let signed_in = &link.signed_in;
        let by_ldap = signed_in.connection.modify(&account.place, changes).await;
        if let Err(error) = by_ldap {
            let failure = signed_in.connection.failure(error);
            let by_service =
                signed_in.kdc.change_password(&account.name(), &old, new.expose()).await;
            if let Err(other) = by_service {
                warn!(domain = %domain.name, failure = %other, "The password cannot be changed by Kerberos either");
                return Err(failure);
            }
        }
        // Proven on the same domain controller: the others learn of it later.
        account.passwords.swap(0, 1);
        let (proven, place) =
            SignedIn::open_machine(&signed_in.controller, &account, self.clock).await?;
        if place > 0 {
            return Err(DomainFailure::AnswerNotValid {
                host: signed_in.controller.host.clone(),
                reason: "it has not taken the new password that it confirmed".to_owned(),
            });
        }
        account.password_changed_at = self.clock.seconds();
        domain.update(&self.store, account.clone())?;
        *domain.link.lock().await = Some(Link::new(proven, &account));
        Ok(())
    }

    /// A connection to a domain controller that can be written to.
    async fn writable_link(&self, domain: &Domain) -> Result<Arc<Link>, DomainFailure> {
        let link = self.link(domain).await?;
        if link.signed_in.controller.netlogon.is_writable() {
            return Ok(link);
        }
        let account = domain.account();
        let dns = self.dns_of(&account)?;
        let wanted = Wanted { is_writable: true, preferred: Some(&account.controller) };
        let controllers = controller::find(&dns, &domain.name, wanted).await?;
        let (signed_in, _) = at_any(&controllers, async |controller| {
            SignedIn::open_machine(&controller, &account, self.clock).await
        })
        .await?;
        Ok(Link::new(signed_in, &account))
    }
}
