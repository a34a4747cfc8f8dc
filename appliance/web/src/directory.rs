//! Active Directory domains: what the pages and the REST interface ask the role Directory for.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use bus::{BusError, Credentials, DirectoryRequest, DirectoryResponse, Join};
use model::domain::check::DomainCheck;
use model::domain::failure::DomainFailure;
use model::domain::lookup::{Lookup, LookupPage};
use model::domain::status::{DirectoryStatus, DomainStatus, Validation};
use model::domain::{
    DomainName, MAX_DNS_SERVERS, MAX_PASSWORD_BYTES, MachineName, OrganizationalUnit, UserName,
};
use model::secret::Secret;
use tokio::time::timeout;
use tracing::{info, warn};
use webui::{DirectoryRefusal, DomainProblem};

use crate::random;
use crate::state::{SETTINGS_LIMIT, State};

/// How long a join or leaving may take: each asks several domain controllers, one after the other.
const CHANGE_LIMIT: Duration = Duration::from_secs(120);
/// How long anything else may take that asks a domain controller.
const ASK_LIMIT: Duration = Duration::from_secs(60);

/// What is entered to join a domain, as texts.
#[derive(Debug)]
pub(crate) struct JoinInput {
    pub(crate) user: String,
    pub(crate) password: Secret,
    pub(crate) machine: String,
    pub(crate) unit: String,
    /// Name of the account that is taken over; empty = none.
    pub(crate) take_over: String,
}

/// What has become of a domain that was left.
#[derive(Debug)]
pub(crate) struct Departure {
    pub(crate) machine: MachineName,
    pub(crate) is_deleted: bool,
}

impl JoinInput {
    /// The order to join this domain, or everything that cannot be used.
    pub(crate) fn check(
        self,
        domain: DomainName,
        dns_servers: Vec<IpAddr>,
    ) -> Result<Join, Vec<DomainProblem>> {
        let credentials = credentials(&self.user, self.password);
        let machine = MachineName::parse(&self.machine).map_err(DomainProblem::Machine);
        let unit = match self.unit.trim() {
            "" => Ok(None),
            unit => OrganizationalUnit::parse(unit).map(Some).map_err(DomainProblem::Unit),
        };
        match (credentials, machine, unit) {
            (Ok(credentials), Ok(machine), Ok(unit)) => Ok(Join {
                domain,
                credentials,
                // Taken over is what was agreed to, and not what was typed afterwards.
                takes_over: machine.account().eq_ignore_ascii_case(self.take_over.trim()),
                machine,
                unit,
                dns_servers,
            }),
            (credentials, machine, unit) => {
                let mut problems = credentials.err().unwrap_or_default();
                problems.extend([machine.err(), unit.err()].into_iter().flatten());
                Err(problems)
            }
        }
    }
}

/// User name and password, or what is wrong with them.
pub(crate) fn credentials(user: &str, password: Secret) -> Result<Credentials, Vec<DomainProblem>> {
    let user = UserName::parse(user).map_err(DomainProblem::User);
    let wrong = match password.expose().len() {
        0 => Some(DomainProblem::PasswordMissing),
        length if length > MAX_PASSWORD_BYTES => Some(DomainProblem::PasswordTooLong),
        _ => None,
    };
    match (user, wrong) {
        (Ok(user), None) => Ok(Credentials { user, password }),
        (user, wrong) => Err(user.err().into_iter().chain(wrong).collect()),
    }
}

/// The addresses of DNS servers, or what is wrong with them.
pub(crate) fn dns_servers(
    texts: impl IntoIterator<Item = impl AsRef<str>>,
) -> Result<Vec<IpAddr>, DomainProblem> {
    let mut servers: Vec<IpAddr> = Vec::new();
    for text in texts {
        let text = text.as_ref().trim();
        if text.is_empty() {
            continue;
        }
        let server: Ipv4Addr = text
            .parse()
            .ok()
            .filter(|it: &Ipv4Addr| !it.is_unspecified() && !it.is_broadcast())
            .ok_or_else(|| DomainProblem::Dns { text: text.chars().take(60).collect() })?;
        if !servers.contains(&server.into()) {
            servers.push(server.into());
        }
    }
    match servers.len() {
        count if count > MAX_DNS_SERVERS => {
            Err(DomainProblem::TooManyDns { limit: MAX_DNS_SERVERS })
        }
        _ => Ok(servers),
    }
}

impl State {
    /// A joined domain.
    pub(crate) fn domain(&self, name: &DomainName) -> Option<DomainStatus> {
        self.directory.borrow().as_ref()?.of(name).cloned()
    }

    /// The last check of a domain that is to be joined.
    pub(crate) fn domain_check(&self) -> Option<DomainCheck> {
        self.directory.borrow().as_ref()?.check.clone()
    }

    /// A machine name that most likely nobody has.
    pub(crate) fn suggested_machine(&self) -> MachineName {
        let random = random::uuid();
        // The first group of a UUID of version 4 is random as a whole.
        let distinction = random.get(..8).and_then(|digits| u32::from_str_radix(digits, 16).ok());
        MachineName::suggest(&self.host_name(), distinction.unwrap_or_default())
    }

    /// Starts the check of a domain.
    pub(crate) async fn check_domain(
        &self,
        domain: DomainName,
        dns_servers: Vec<IpAddr>,
    ) -> Result<(), DirectoryRefusal> {
        if self.domain(&domain).is_some() {
            return Err(refused(DomainFailure::AlreadyJoined { domain }));
        }
        let name = domain.to_string();
        let request = DirectoryRequest::Check { domain, dns_servers };
        match self.ask_directory(ASK_LIMIT, &request).await? {
            DirectoryResponse::Begun { number } => {
                info!(domain = name, "The administrator checks a domain");
                self.see_directory(|status| status.begun >= number).await;
                Ok(())
            }
            other => Err(unexpected(other)),
        }
    }

    /// Joins a domain.
    pub(crate) async fn join_domain(
        &self,
        join: Join,
        source: IpAddr,
    ) -> Result<(), DirectoryRefusal> {
        let (domain, machine) = (join.domain.clone(), join.machine.account());
        let (takes_over, user) = (join.takes_over, join.credentials.user.to_string());
        let request = DirectoryRequest::Join { join };
        match self.ask_directory(CHANGE_LIMIT, &request).await? {
            DirectoryResponse::Done => {
                info!(%source, %domain, machine, user, takes_over, "The administrator joins a domain");
                self.see_directory(|status| status.of(&domain).is_some()).await;
                Ok(())
            }
            other => {
                let refusal = unexpected(other);
                if let DirectoryRefusal::Failure(failure) = &refusal {
                    let cause = failure.id();
                    warn!(%source, %domain, machine, user, cause, "A domain cannot be joined");
                }
                Err(refusal)
            }
        }
    }

    /// Leaves a domain; with credentials its machine account is deleted first.
    pub(crate) async fn leave_domain(
        &self,
        domain: DomainName,
        credentials: Option<Credentials>,
        source: IpAddr,
    ) -> Result<Departure, DirectoryRefusal> {
        let user = credentials.as_ref().map(|it| it.user.to_string()).unwrap_or_default();
        let request = DirectoryRequest::Leave { domain: domain.clone(), credentials };
        match self.ask_directory(CHANGE_LIMIT, &request).await? {
            DirectoryResponse::Left { failure: Some(failure), .. } => {
                let cause = failure.id();
                warn!(%source, %domain, user, cause, "A machine account cannot be deleted");
                Err(refused(failure))
            }
            DirectoryResponse::Left { machine, is_deleted, failure: None } => {
                let account = machine.account();
                info!(%source, %domain, account, user, is_deleted, "The administrator leaves a domain");
                self.see_directory(|status| status.of(&domain).is_none()).await;
                Ok(Departure { machine, is_deleted })
            }
            other => Err(unexpected(other)),
        }
    }

    /// Proves that the machine account works.
    pub(crate) async fn validate_domain(
        &self,
        domain: DomainName,
    ) -> Result<Validation, DirectoryRefusal> {
        let request = DirectoryRequest::Validate { domain: domain.clone() };
        match self.ask_directory(ASK_LIMIT, &request).await? {
            DirectoryResponse::Validated { validation } => {
                let cause = validation.failure.as_ref().map_or("", DomainFailure::id);
                info!(%domain, cause, "The administrator validates Kerberos");
                let is_seen = |it: &DomainStatus| {
                    it.validation.as_ref().is_some_and(|seen| seen.at >= validation.at)
                };
                self.see_directory(|status| status.of(&domain).is_none_or(is_seen)).await;
                Ok(validation)
            }
            other => Err(unexpected(other)),
        }
    }

    /// Changes the password of the machine account.
    pub(crate) async fn change_machine_password(
        &self,
        domain: DomainName,
        source: IpAddr,
    ) -> Result<(), DirectoryRefusal> {
        let before = self.domain(&domain).map(|status| status.password_changed_at);
        let request = DirectoryRequest::ChangePassword { domain: domain.clone() };
        match self.ask_directory(ASK_LIMIT, &request).await? {
            DirectoryResponse::Done => {
                info!(%source, %domain, "The administrator changes the password of a machine account");
                // Within the second of the change before, the status looks the same.
                let is_seen = |it: &DomainStatus| {
                    Some(it.password_changed_at) != before
                        || it.password_changed_at >= crate::state::now() - 1
                };
                self.see_directory(|status| status.of(&domain).is_none_or(is_seen)).await;
                Ok(())
            }
            other => Err(unexpected(other)),
        }
    }

    /// Finds objects.
    pub(crate) async fn look_up(&self, lookup: Lookup) -> Result<LookupPage, DirectoryRefusal> {
        match self.ask_directory(ASK_LIMIT, &DirectoryRequest::Lookup { lookup }).await? {
            DirectoryResponse::Page { page } => Ok(page),
            other => Err(unexpected(other)),
        }
    }

    async fn ask_directory(
        &self,
        limit: Duration,
        request: &DirectoryRequest,
    ) -> Result<DirectoryResponse, DirectoryRefusal> {
        let answer = self.changers.directory.call_within(limit, request).await;
        answer.map_err(|error: BusError| {
            warn!(%error, "The directory role does not answer");
            DirectoryRefusal::Silent
        })
    }

    /// Waits until the directory role has told everybody: the next page must not show the state from
    /// before.
    async fn see_directory(&self, is_seen: impl Fn(&DirectoryStatus) -> bool) {
        let mut directory = self.directory.clone();
        let seen = directory.wait_for(|status| status.as_ref().is_some_and(&is_seen));
        if timeout(SETTINGS_LIMIT, seen).await.is_err() {
            warn!("The directory role does not show what has become of a request");
        }
    }
}

fn refused(failure: DomainFailure) -> DirectoryRefusal {
    DirectoryRefusal::Failure(Box::new(failure))
}

fn unexpected(answer: DirectoryResponse) -> DirectoryRefusal {
    match answer {
        DirectoryResponse::Failed { failure } => refused(failure),
        DirectoryResponse::Conflict => DirectoryRefusal::Busy,
        _ => {
            warn!("The directory role does not do what it is asked for");
            DirectoryRefusal::Failed
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn input(take_over: &str, password: &str) -> JoinInput {
        JoinInput {
            user: "CORP\\ada".to_owned(),
            password: Secret::new(password.to_owned()),
            machine: "conn-1".to_owned(),
            unit: "  ".to_owned(),
            take_over: take_over.to_owned(),
        }
    }

    fn domain() -> DomainName {
        DomainName::parse("corp.example.com").unwrap()
    }

    #[test]
    fn an_account_is_taken_over_only_by_its_own_name() {
        let takes_over = |text| input(text, "x").check(domain(), Vec::new()).unwrap().takes_over;
        assert!(takes_over("CONN-1$"));
        assert!(!takes_over("") && !takes_over("CONN-2$") && !takes_over("1"));
    }

    #[test]
    fn everything_that_is_wrong_is_named_at_once() {
        let wrong = JoinInput {
            user: "@".to_owned(),
            machine: "a_b".to_owned(),
            unit: "Connectors".to_owned(),
            ..input("", "")
        };
        let problems = wrong.check(domain(), Vec::new()).unwrap_err();
        let fields: Vec<_> = problems.iter().filter_map(DomainProblem::field).collect();
        assert_eq!(fields, ["user", "password", "machine", "unit"]);
    }

    #[test]
    fn dns_servers_are_addresses_and_few() {
        let read = |text: &str| dns_servers(text.split(','));
        assert_eq!(read("10.0.0.1, 10.0.0.1,,").unwrap().len(), 1);
        assert_eq!(read("dc1").unwrap_err(), DomainProblem::Dns { text: "dc1".to_owned() });
        assert_eq!(read("0.0.0.0").unwrap_err().field(), Some("dns"));
        let many = "10.0.0.1,10.0.0.2,10.0.0.3,10.0.0.4,10.0.0.5";
        assert_eq!(read(many).unwrap_err(), DomainProblem::TooManyDns { limit: 4 });
    }
}
