//! The role Directory, played by the test.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use bus::{Credentials, DirectoryRequest, DirectoryResponse, Join, Peer, Service};
use model::domain::check::{CheckFact, CheckItem, CheckResult, DomainCheck};
use model::domain::failure::DomainFailure;
use model::domain::lookup::{DirectoryObject, Lookup, LookupPage};
use model::domain::status::{
    ControllerInUse, DirectoryStatus, DomainHealth, DomainStatus, Trust, TrustDirection, TrustKind,
    Validation,
};
use model::domain::{DomainName, MachineName};
use tokio::sync::watch;

/// The domain that every test uses.
pub(crate) const DOMAIN: &str = "corp.example.com";
/// A domain that no DNS server knows.
pub(crate) const UNKNOWN: &str = "nowhere.example.com";
/// The password with which everything works.
pub(crate) const JOIN_PASSWORD: &str = "J0in-S3cret";
/// The machine name that is taken by another machine.
pub(crate) const TAKEN: &str = "TAKEN-1";

/// The role: knows one domain.
pub(crate) struct FakeDirectory {
    status: watch::Sender<(u64, DirectoryStatus)>,
    /// Joins that were asked for.
    pub(crate) joins: Mutex<Vec<Join>>,
    /// Credentials with which the domain was left.
    pub(crate) leaver: Mutex<Option<Credentials>>,
    /// What was looked up last.
    pub(crate) lookup: Mutex<Option<Lookup>>,
    /// Answers to give instead of doing what is asked.
    pub(crate) failures: Mutex<VecDeque<DirectoryResponse>>,
}

pub(crate) fn domain() -> DomainName {
    DomainName::parse(DOMAIN).unwrap()
}

fn joined(machine: MachineName) -> DomainStatus {
    DomainStatus {
        domain: domain(),
        forest: "example.com".into(),
        netbios: "CORP".into(),
        account_place: Some(format!("CN={machine},CN=Computers,DC=corp,DC=example,DC=com")),
        machine,
        dns_servers: Vec::new(),
        joined_at: 5,
        controller: Some(ControllerInUse {
            host: "dc1.corp.example.com".into(),
            address: [10, 0, 0, 10].into(),
            site: "Tokyo".into(),
            client_site: String::new(),
            latency_micros: 900,
        }),
        health: Some(DomainHealth { at: 7, since: 6, failure: None }),
        validation: None,
        password_changed_at: 5,
        password_failure: None,
        forest_failure: None,
        trusts: vec![Trust {
            name: "partner.example.org".into(),
            direction: TrustDirection::Outbound,
            kind: TrustKind::Forest,
            is_reachable: Some(false),
        }],
    }
}

impl FakeDirectory {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            status: watch::Sender::new((1, DirectoryStatus::default())),
            joins: Mutex::default(),
            leaver: Mutex::default(),
            lookup: Mutex::default(),
            failures: Mutex::default(),
        })
    }

    pub(crate) fn change(&self, change: impl FnOnce(&mut DirectoryStatus)) {
        self.status.send_modify(|(generation, status)| {
            *generation += 1;
            change(status);
        });
    }

    /// Joins the domain without being asked.
    pub(crate) fn join_now(&self) {
        let machine = MachineName::parse("CONN-1").unwrap();
        self.change(|status| status.domains = vec![joined(machine)]);
    }

    /// Whether no domain is joined.
    pub(crate) fn has_left_nothing(&self) -> bool {
        self.status.borrow().1.domains.is_empty()
    }

    /// The next request fails for this reason.
    pub(crate) fn fail(&self, failure: DomainFailure) {
        self.failures.lock().unwrap().push_back(DirectoryResponse::Failed { failure });
    }

    fn check(&self, check: DomainCheck) -> DirectoryResponse {
        let mut check = check;
        if check.domain.as_str() == UNKNOWN {
            let failure =
                DomainFailure::DomainUnknown { domain: check.domain.clone(), servers: Vec::new() };
            check.note(CheckItem::Dns, CheckResult::Failed { failure });
        } else {
            for item in CheckItem::ALL {
                let fact = CheckFact::Clock { seconds: 1 };
                check.note(item, CheckResult::Passed { fact });
            }
            check.forest = Some("example.com".into());
        }
        check.is_running = false;
        self.change(|status| {
            status.begun += 1;
            status.check = Some(check);
        });
        DirectoryResponse::Begun { number: self.status.borrow().1.begun }
    }

    fn join(&self, join: Join) -> DirectoryResponse {
        let (machine, takes_over) = (join.machine.clone(), join.takes_over);
        let user = join.credentials.user.to_string();
        let is_right = join.credentials.password.expose() == JOIN_PASSWORD;
        self.joins.lock().unwrap().push(join);
        if !is_right {
            return DirectoryResponse::Failed { failure: DomainFailure::WrongPassword { user } };
        }
        if machine.as_str() == TAKEN && !takes_over {
            let failure = DomainFailure::NameInUse {
                account: machine.account(),
                place: "CN=TAKEN-1,CN=Computers,DC=corp,DC=example,DC=com".into(),
                is_machine: true,
            };
            return DirectoryResponse::Failed { failure };
        }
        self.change(|status| status.domains = vec![joined(machine)]);
        DirectoryResponse::Done
    }

    fn leave(&self, credentials: Option<Credentials>) -> DirectoryResponse {
        let machine = self.status.borrow().1.domains[0].machine.clone();
        let is_deleted = credentials.is_some();
        if let Some(credentials) = credentials {
            if credentials.password.expose() != JOIN_PASSWORD {
                let user = credentials.user.to_string();
                let failure = Some(DomainFailure::WrongPassword { user });
                return DirectoryResponse::Left { machine, is_deleted: false, failure };
            }
            *self.leaver.lock().unwrap() = Some(credentials);
        }
        self.change(|status| status.domains.clear());
        DirectoryResponse::Left { machine, is_deleted, failure: None }
    }

    fn look_up(&self, lookup: Lookup) -> DirectoryResponse {
        let cursor = lookup.cursor.is_none().then(|| "second page".to_owned());
        let object = DirectoryObject {
            sid: "S-1-5-21-1-2-3-1105".into(),
            guid: "6f1b0c1e-7a52-4c0e-9d35-0d2f6c1f3b77".into(),
            distinguished_name: "CN=Ada,CN=Users,DC=corp,DC=example,DC=com".into(),
            account_name: "ada".into(),
            user_principal_name: None,
            display_name: Some("Ada <L>".into()),
            mail: None,
            is_enabled: true,
            groups: lookup.with_groups.then(|| vec!["S-1-5-32-544".into()]),
            members: None,
        };
        *self.lookup.lock().unwrap() = Some(lookup);
        let host = "dc1.corp.example.com".into();
        let page = LookupPage { objects: vec![object], cursor, host, milliseconds: 3 };
        DirectoryResponse::Page { page }
    }
}

impl Service for FakeDirectory {
    type Request = DirectoryRequest;
    type Response = DirectoryResponse;

    async fn call(&self, _: Peer, request: DirectoryRequest) -> DirectoryResponse {
        if let DirectoryRequest::Status { newer_than } = request {
            let mut status = self.status.subscribe();
            let newer = status.wait_for(|(generation, _)| Some(*generation) != newer_than).await;
            let (generation, status) = newer.unwrap().clone();
            return DirectoryResponse::Status { generation, status };
        }
        if let Some(failure) = self.failures.lock().unwrap().pop_front() {
            return failure;
        }
        match request {
            DirectoryRequest::Status { .. } => unreachable!("answered above"),
            DirectoryRequest::Check { domain, dns_servers } => {
                self.check(DomainCheck::begin(domain, dns_servers))
            }
            DirectoryRequest::Join { join } => self.join(join),
            DirectoryRequest::Leave { credentials, .. } => self.leave(credentials),
            DirectoryRequest::Validate { .. } => {
                let host = Some("dc1.corp.example.com".to_owned());
                let validation = Validation { at: 9, host, milliseconds: 96, failure: None };
                let seen = validation.clone();
                self.change(|status| status.domains[0].validation = Some(seen));
                DirectoryResponse::Validated { validation }
            }
            DirectoryRequest::Forget => {
                self.change(|status| status.domains.clear());
                DirectoryResponse::Done
            }
            DirectoryRequest::ChangePassword { .. } => {
                self.change(|status| status.domains[0].password_changed_at = 99);
                DirectoryResponse::Done
            }
            DirectoryRequest::Lookup { lookup } => self.look_up(lookup),
        }
    }
}
