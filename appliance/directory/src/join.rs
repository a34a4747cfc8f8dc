//! Joining a domain and leaving it.

use std::io;

use bus::{Credentials, Join};
use ldap3::{Mod, SearchEntry, ldap_escape};
use model::domain::DomainName;
use model::domain::failure::DomainFailure;
use model::domain::status::JoinStep;
use model::secret::Secret;

use crate::account::{Account, AccountState, SCHEMA, new_password};
use crate::clock::Clock;
use crate::connection::{OperationError, Refused, code};
use crate::controller::{self, Controller, Wanted};
use crate::dns::Dns;
use crate::kdc::Client;
use crate::session::{SignedIn, at_any};
use crate::store::Store;

/// Well-known container of computers (MS-ADTS 6.1.1.4): administrators may redirect it.
const COMPUTERS: &str = "AA312825768811D1ADED00C04FD8D5CD";
/// `ADS_UF_WORKSTATION_TRUST_ACCOUNT` (MS-ADTS 2.2.16).
const MACHINE: u32 = 0x1000;
/// `ADS_UF_ACCOUNTDISABLE`.
const DISABLED: u32 = 2;
/// AES128 and AES256 (MS-KILE 2.2.7).
const AES_ONLY: &str = "24";
/// `ERROR_DS_MACHINE_ACCOUNT_QUOTA_EXCEEDED`, as it stands in the text of a refusal.
const QUOTA: &str = "0000216D";

/// What a join or leave works with.
pub(crate) struct Work<'a> {
    pub(crate) dns: &'a Dns,
    pub(crate) clock: Clock,
    pub(crate) store: &'a Store,
}

/// Joins a domain: the account is made or taken over, proven and stored.
///
/// The password is stored before the account exists. Whenever this ends, by an error or a power cut,
/// there is no account, or one whose password is stored: the next check of the domain finishes it.
pub(crate) async fn join(
    work: &Work<'_>,
    join: &Join,
    earlier: Option<&Account>,
    tell: impl Fn(JoinStep),
) -> Result<(Account, Controller), DomainFailure> {
    tell(JoinStep::Finding);
    let wanted = Wanted { is_writable: true, preferred: None };
    let controllers = controller::find(work.dns, &join.domain, wanted).await?;
    tell(JoinStep::SigningIn);
    let Credentials { user, password } = &join.credentials;
    let client = Client::User(user);
    let signed_in = at_any(&controllers, async |controller| {
        SignedIn::open(&controller, &join.domain, work.clock, &client, password.expose()).await
    })
    .await?;
    tell(JoinStep::MakingAccount);
    let controller = signed_in.controller.clone();
    let mut account = new_account(work, join, &signed_in)?;
    let existing = find_account(&signed_in, &join.machine.account()).await?;
    let place = match &existing {
        Some(existing) => existing.dn.clone(),
        None => {
            let container = container(&signed_in, join).await?;
            format!("CN={},{container}", join.machine)
        }
    };
    account.place = place;
    // An account of an earlier attempt is ours: its password is stored.
    let is_ours = earlier.is_some_and(|earlier| {
        earlier.state == AccountState::Pending && earlier.machine == join.machine
    });
    if let (Some(earlier), true) = (earlier, is_ours) {
        account.passwords.extend(earlier.passwords.iter().cloned());
    }
    if let Some(existing) = &existing {
        refuse_unless_free(existing, join, is_ours)?;
        if let (Some(earlier), true) = (earlier, is_ours) {
            let mut earlier = Account { place: existing.dn.clone(), ..earlier.clone() };
            if prove(work, &mut earlier, &controller).await.is_ok() {
                return Ok((earlier, controller));
            }
        }
    }
    store(work.store, &account)?;
    let made = match &existing {
        Some(existing) => take_over(&signed_in, existing, &account).await,
        None => make(&signed_in, &account).await,
    };
    if let Err(failure) =
        made.map_err(|error| refusal(&signed_in, error, user.to_string(), &account))
    {
        // Whether a lost connection has made the account nobody knows: then the password stays.
        if !matches!(failure, DomainFailure::ConnectionLost { .. }) && !is_ours {
            let _ = work.store.remove(&join.domain);
        }
        return Err(failure);
    }
    drop(signed_in);
    tell(JoinStep::Proving);
    prove(work, &mut account, &controller).await?;
    Ok((account, controller))
}

/// Proves that the account works, has it use AES only, and stores it as joined.
pub(crate) async fn prove(
    work: &Work<'_>,
    account: &mut Account,
    controller: &Controller,
) -> Result<(), DomainFailure> {
    let (machine, place) = SignedIn::open_machine(controller, account, work.clock).await?;
    let types = Mod::Replace(
        b"msDS-SupportedEncryptionTypes".to_vec(),
        [AES_ONLY.as_bytes().to_vec()].into(),
    );
    // Machines may set this of themselves; where a domain forbids it, its own default holds.
    let _ = machine.connection.modify(&account.place, vec![types]).await;
    machine.prove_genuine(account).await?;
    account.passwords.swap(0, place);
    account.passwords.truncate(1);
    account.state = AccountState::Joined;
    store(work.store, account)
}

fn new_account(
    work: &Work<'_>,
    join: &Join,
    signed_in: &SignedIn,
) -> Result<Account, DomainFailure> {
    let random = |_| DomainFailure::NotStored { reason: "no random numbers".to_owned() };
    let now = work.clock.seconds();
    Ok(Account {
        schema: SCHEMA,
        state: AccountState::Pending,
        domain: join.domain.clone(),
        forest: signed_in.root.forest.clone(),
        netbios: signed_in.controller.netlogon.netbios.clone(),
        machine: join.machine.clone(),
        place: String::new(),
        dns_servers: join.dns_servers.clone(),
        controller: signed_in.controller.host.clone(),
        joined_at: now,
        password_changed_at: now,
        passwords: vec![new_password().map_err(random)?],
    })
}

/// Where the account is to be made.
async fn container(signed_in: &SignedIn, join: &Join) -> Result<String, DomainFailure> {
    let base = &signed_in.root.base;
    let name = match &join.unit {
        Some(unit) => unit.as_str().to_owned(),
        None => format!("<WKGUID={COMPUTERS},{base}>"),
    };
    let connection = &signed_in.connection;
    let missing = || DomainFailure::UnitMissing { unit: name.clone() };
    match connection.read(&name, &["distinguishedName"]).await {
        Ok(Some(entry)) => Ok(entry.dn),
        // 34: the name cannot be read; 10: it belongs to another domain.
        Ok(None) | Err(OperationError::Refused(Refused { code: 10 | 34, .. })) => Err(missing()),
        Err(error) => Err(connection.failure(error)),
    }
}

/// The account of this name anywhere in the domain.
async fn find_account(
    signed_in: &SignedIn,
    account: &str,
) -> Result<Option<SearchEntry>, DomainFailure> {
    let filter = format!("(sAMAccountName={})", ldap_escape(account));
    let attributes = ["objectClass", "userAccountControl"];
    let connection = &signed_in.connection;
    let found = connection.search(&signed_in.root.base, &filter, &attributes, 1).await;
    Ok(found.map_err(|error| connection.failure(error))?.into_iter().next())
}

/// An existing account is taken over only when that was asked for, or when it is ours.
fn refuse_unless_free(
    existing: &SearchEntry,
    join: &Join,
    is_ours: bool,
) -> Result<(), DomainFailure> {
    let classes = existing.attrs.get("objectClass");
    let is_computer =
        classes.is_some_and(|classes| classes.iter().any(|it| it.eq_ignore_ascii_case("computer")));
    // Never a domain controller, writable or not.
    let is_machine = is_computer && control_of(existing) & MACHINE != 0;
    match is_machine && (join.takes_over || is_ours) {
        true => Ok(()),
        false => Err(DomainFailure::NameInUse {
            account: join.machine.account(),
            place: existing.dn.clone(),
            is_machine,
        }),
    }
}

fn control_of(entry: &SearchEntry) -> u32 {
    let values = entry.attrs.get("userAccountControl");
    values.and_then(|values| values.first()).and_then(|value| value.parse().ok()).unwrap_or(0)
}

/// Makes the account in one step, password included.
async fn make(signed_in: &SignedIn, account: &Account) -> Result<(), OperationError> {
    let text = |value: &str| vec![value.as_bytes().to_vec()];
    let attributes = vec![
        ("objectClass", text("computer")),
        ("sAMAccountName", text(&account.name())),
        ("userAccountControl", text(&MACHINE.to_string())),
        ("dNSHostName", text(&account.dns_name())),
        ("servicePrincipalName", service_names(account)),
        ("unicodePwd", vec![unicode_password(primary(account))]),
    ];
    signed_in.connection.add(&account.place, attributes).await
}

/// Sets the password of an account that exists, and what else ours needs. What the user may not set, the
/// account keeps as it is.
async fn take_over(
    signed_in: &SignedIn,
    existing: &SearchEntry,
    account: &Account,
) -> Result<(), OperationError> {
    let replace = |name: &str, values: Vec<Vec<u8>>| {
        Mod::Replace(name.as_bytes().to_vec(), values.into_iter().collect())
    };
    let connection = &signed_in.connection;
    let password = replace("unicodePwd", vec![unicode_password(primary(account))]);
    connection.modify(&account.place, vec![password]).await?;
    let control = control_of(existing);
    if control & DISABLED != 0 {
        let enabled = (control & !DISABLED).to_string().into_bytes();
        connection
            .modify(&account.place, vec![replace("userAccountControl", vec![enabled])])
            .await?;
    }
    let names = vec![
        replace("dNSHostName", vec![account.dns_name().into_bytes()]),
        replace("servicePrincipalName", service_names(account)),
    ];
    match connection.modify(&account.place, names).await {
        Err(OperationError::Connection(failure)) => Err(OperationError::Connection(failure)),
        _ => Ok(()),
    }
}

/// Names of services by which tickets to the machine are asked for.
fn service_names(account: &Account) -> Vec<Vec<u8>> {
    let (short, long) = (account.machine.as_str(), account.dns_name());
    ["HOST", "RestrictedKrbHost"]
        .into_iter()
        .flat_map(|service| [format!("{service}/{short}"), format!("{service}/{long}")])
        .map(String::into_bytes)
        .collect()
}

fn primary(account: &Account) -> &str {
    account.passwords.first().map(Secret::expose).unwrap_or_default()
}

/// A password as `unicodePwd` takes it: in quotation marks, in UTF-16 (MS-ADTS 3.1.1.3.1.5.1).
pub(crate) fn unicode_password(password: &str) -> Vec<u8> {
    let quoted = zeroize::Zeroizing::new(format!("\"{password}\""));
    quoted.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// What a refusal of the account means.
fn refusal(
    signed_in: &SignedIn,
    error: OperationError,
    user: String,
    account: &Account,
) -> DomainFailure {
    let place = account.place.clone();
    match error {
        OperationError::Refused(Refused { code, text }) => match code {
            _ if text.contains(QUOTA) => DomainFailure::QuotaUsedUp { user },
            code::INSUFFICIENT_RIGHTS => DomainFailure::NoRight { user, place },
            code::EXISTS => {
                DomainFailure::NameInUse { account: account.name(), place, is_machine: false }
            }
            code::NO_SUCH_OBJECT => DomainFailure::UnitMissing { unit: place },
            _ => signed_in.connection.failure(OperationError::Refused(Refused { code, text })),
        },
        other => signed_in.connection.failure(other),
    }
}

pub(crate) fn store(store: &Store, account: &Account) -> Result<(), DomainFailure> {
    let failed = |error: io::Error| DomainFailure::NotStored { reason: error.to_string() };
    store.save(account).map_err(failed)
}

/// Disables and deletes the account as somebody who may. Done as well when it is gone already.
pub(crate) async fn delete_account(
    work: &Work<'_>,
    account: &Account,
    credentials: &Credentials,
) -> Result<(), DomainFailure> {
    let preferred = Some(account.controller.as_str());
    let wanted = Wanted { is_writable: true, preferred };
    let controllers = controller::find(work.dns, &account.domain, wanted).await?;
    let Credentials { user, password } = credentials;
    let client = Client::User(user);
    let domain: &DomainName = &account.domain;
    let signed_in = at_any(&controllers, async |controller| {
        SignedIn::open(&controller, domain, work.clock, &client, password.expose()).await
    })
    .await?;
    let Some(existing) = find_account(&signed_in, &account.name()).await? else { return Ok(()) };
    let connection = &signed_in.connection;
    let refused = |error| match error {
        OperationError::Refused(Refused { code: code::INSUFFICIENT_RIGHTS, .. }) => {
            DomainFailure::NoRight { user: user.to_string(), place: existing.dn.clone() }
        }
        other => connection.failure(other),
    };
    let control = (control_of(&existing) | DISABLED).to_string().into_bytes();
    let disabled = Mod::Replace(b"userAccountControl".to_vec(), [control].into());
    // Somebody who may delete it need not be allowed to change it.
    let _ = connection.modify(&existing.dn, vec![disabled]).await;
    connection.delete(&existing.dn).await.map_err(refused)
}
