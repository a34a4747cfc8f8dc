//! The programs that are measured.

use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use bus::{Credentials, Join};
use directory::{Clock, Domains, JoinError, Store};
use forest::fixtures::{CROWD, PASSWORD};
use forest::{Forest, ForestError, Host, role};
use model::domain::lookup::{Lookup, LookupKey, ObjectKind};
use model::domain::{DomainName, MachineName, UserName};
use model::secret::Secret;
use tempfile::TempDir;
use tokio::sync::watch;

use crate::say;

const DOMAIN: &str = "corp.example.com";
const ADMINISTRATOR: &str = "administrator";
/// Number of the computer that is joined for the searches.
const FOR_SEARCHES: usize = 0;
/// Objects on a page, as the role asks for them.
const PAGE: &str = "pr=500/noprompt";
/// What the role reads of each object.
const ATTRIBUTES: [&str; 7] = [
    "objectSid",
    "objectGUID",
    "sAMAccountName",
    "userPrincipalName",
    "displayName",
    "mail",
    "userAccountControl",
];

/// What is measured.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Task {
    /// Joining a domain.
    Join,
    /// Finding 5,000 users, page by page.
    Search,
}

impl fmt::Display for Task {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Join => "join",
            Self::Search => "search of 5,000 users",
        })
    }
}

impl Task {
    /// The programs that do it; the first is ours.
    pub(crate) const fn programs(self) -> &'static [&'static str] {
        match self {
            Self::Join => &["connector", "adcli", "net ads join"],
            Self::Search => &["connector", "ldapsearch"],
        }
    }
}

/// Where all run.
pub(crate) struct Place<'forest> {
    appliance: &'forest Host,
    directory: TempDir,
    own: String,
}

impl<'forest> Place<'forest> {
    /// Joins once, for the searches, and logs the peer in.
    pub(crate) fn new(forest: &'forest Forest) -> Result<Self, Box<dyn Error>> {
        let own = std::env::current_exe()?.display().to_string();
        let place = Self { appliance: forest.appliance(), directory: tempfile::tempdir()?, own };
        place.do_once(Task::Join, "connector", FOR_SEARCHES)?;
        place.appliance.run_with_input("kinit", &[ADMINISTRATOR], PASSWORD)?;
        Ok(place)
    }

    /// Runs a program and returns how many milliseconds it took.
    pub(crate) fn measure(
        &self,
        task: Task,
        program: &str,
        run: usize,
    ) -> Result<f64, Box<dyn Error>> {
        let started = Instant::now();
        let said = self.do_once(task, program, run)?;
        let milliseconds = started.elapsed().as_secs_f64() * 1000.0;
        if task == Task::Search {
            let found = said.lines().filter(|line| line.starts_with("sAMAccountName: ")).count();
            if found != CROWD {
                return Err(format!("{program} found {found} users of {CROWD}").into());
            }
        }
        Ok(milliseconds)
    }

    fn do_once(&self, task: Task, program: &str, run: usize) -> Result<String, ForestError> {
        let store = |run: usize| self.directory.path().join(run.to_string()).display().to_string();
        match (task, program) {
            (Task::Join, "adcli") => {
                let machine = format!("--computer-name=BY-ADCLI-{run}");
                let name = format!("--host-fqdn=by-adcli-{run}.{DOMAIN}");
                let keys = format!("--host-keytab=/run/by-adcli-{run}.keytab");
                let arguments = ["join", DOMAIN, "--login-user", ADMINISTRATOR];
                let more = ["--stdin-password", &machine, &name, &keys];
                self.appliance.run_with_input(program, &[&arguments[..], &more].concat(), PASSWORD)
            }
            (Task::Join, "net ads join") => {
                let user = format!("{ADMINISTRATOR}%{PASSWORD}");
                let machine = format!("--option=netbios name=BY-NET-{run}");
                let name = format!("dnshostname=by-net-{run}.{DOMAIN}");
                let arguments = ["ads", "join", "-U", &user, "--no-dns-updates", &machine, &name];
                self.appliance.run("net", &arguments)
            }
            (Task::Join, _) => {
                let machine = format!("BY-OURS-{run}");
                self.appliance.run(&self.own, &["join", &store(run), &machine])
            }
            (Task::Search, "ldapsearch") => {
                let server = format!("ldap://{}", role::DC1.host_name());
                let base = role::DC1.base();
                let filter = "(&(objectCategory=person)(objectClass=user)(displayName=Bulk*))";
                let arguments = ["-Q", "-LLL", "-Y", "GSSAPI", "-H", &server, "-b", &base];
                let more = ["-E", PAGE, filter];
                self.appliance.run(program, &[&arguments[..], &more, &ATTRIBUTES].concat())
            }
            (Task::Search, _) => self.appliance.run(&self.own, &["search", &store(FOR_SEARCHES)]),
        }
    }
}

/// Joins as the role does, in a process of its own.
pub(crate) fn join(directory: &str, machine: &str) -> Result<(), Box<dyn Error>> {
    let user = UserName::parse(ADMINISTRATOR).map_err(wrong)?;
    let join = Join {
        domain: domain()?,
        credentials: Credentials { user, password: Secret::new(PASSWORD.to_owned()) },
        machine: MachineName::parse(machine).map_err(wrong)?,
        unit: None,
        dns_servers: Vec::new(),
        takes_over: false,
    };
    let failed = |error: JoinError| format!("{error:?}");
    within(directory, async |domains| Ok(domains.join(&join).await.map_err(failed)?))
}

/// Finds all users of the crowd as the role does, in a process of its own.
pub(crate) fn search(directory: &str) -> Result<(), Box<dyn Error>> {
    let mut lookup = Lookup {
        domain: domain()?,
        kind: ObjectKind::User,
        key: LookupKey::DisplayName,
        value: "Bulk".to_owned(),
        with_groups: false,
        cursor: None,
    };
    within(directory, async |domains| {
        loop {
            let page = domains.lookup(&lookup).await.map_err(|error| format!("{error:?}"))?;
            for object in page.objects {
                say(&format!("sAMAccountName: {}", object.account_name));
            }
            lookup.cursor = page.cursor;
            if lookup.cursor.is_none() {
                return Ok(());
            }
        }
    })
}

fn within(
    directory: &str,
    work: impl AsyncFnOnce(Arc<Domains>) -> Result<(), Box<dyn Error>>,
) -> Result<(), Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let (_dns, own_dns) = watch::channel(vec![role::DNS_SERVER.into()]);
        let domains = Domains::open(Store::new(directory.into()), Clock::default(), own_dns)?;
        work(domains).await
    })
}

fn domain() -> Result<DomainName, Box<dyn Error>> {
    DomainName::parse(DOMAIN).map_err(wrong)
}

fn wrong(error: impl fmt::Debug) -> Box<dyn Error> {
    format!("{error:?}").into()
}
