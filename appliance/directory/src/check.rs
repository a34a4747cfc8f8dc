//! The check of a domain before it is joined: from DNS to the functional level, each with its result.

use std::net::Ipv4Addr;
use std::time::Duration;

use model::domain::check::{CheckFact, CheckItem, CheckResult};
use model::domain::failure::{ControllerTrouble, DomainFailure, PortTrouble};
use model::domain::{DomainName, MAX_CLOCK_DIFFERENCE};
use model::utc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};

use crate::ber;
use crate::clock::Clock;
use crate::connection::{CATALOG_PORT, LDAP_PORT};
use crate::controller::{self, Controller, Wanted, trouble};
use crate::dns::Dns;
use crate::kdc::{KERBEROS_PORT, PASSWORD_PORT};
use crate::search::{self, Entry, Filter};

/// How long a port is waited for.
const CONNECT_LIMIT: Duration = Duration::from_secs(3);
/// How long the root of the directory is waited for.
const READ_LIMIT: Duration = Duration::from_secs(5);
/// Longest answer that is read, in bytes.
const MAX_ANSWER: usize = 64 * 1024;
/// Difference of the clocks that deserves a word, in seconds.
const CLOCK_WARNING: i64 = 60;
/// Lowest functional level that has AES keys: Windows Server 2008 (MS-ADTS 6.1.4.3).
const MIN_LEVEL: u32 = 3;
/// Most names of domain controllers that are told.
const MAX_TOLD: usize = 10;

/// What is told while the check goes on.
pub(crate) enum Progress {
    /// An item has a result.
    Item(CheckItem, CheckResult),
    /// The names of the forest and of the domain in NetBIOS are known.
    Names { forest: String, netbios: String },
}

/// Checks everything, as far as what came before allows.
pub(crate) async fn run(dns: &Dns, domain: &DomainName, clock: Clock, tell: impl Fn(Progress)) {
    let note = |item, result| tell(Progress::Item(item, result));
    let failed = |failure| CheckResult::Failed { failure };
    let named = match dns.controllers(domain, None).await {
        Ok(named) => named,
        Err(failure) => return note(CheckItem::Dns, failed(failure)),
    };
    let count = named.len();
    let hosts = named.into_iter().map(|named| named.host).take(MAX_TOLD).collect();
    let fact = CheckFact::Controllers { hosts, count };
    note(CheckItem::Dns, CheckResult::Passed { fact });

    let wanted = Wanted { is_writable: true, preferred: None };
    let survey = match controller::survey(dns, domain, wanted).await {
        Ok(survey) => survey,
        Err(failure) => return note(CheckItem::Controllers, failed(failure)),
    };
    let Some(first) = survey.found.first() else { return };
    note(CheckItem::Controllers, check_answers(count, first, survey.troubles));
    let (forest, netbios) = (first.netlogon.forest.clone(), first.netlogon.netbios.clone());
    tell(Progress::Names { forest, netbios });

    for (item, port) in [
        (CheckItem::Kerberos, KERBEROS_PORT),
        (CheckItem::Ldap, LDAP_PORT),
        (CheckItem::PasswordChange, PASSWORD_PORT),
        (CheckItem::GlobalCatalog, CATALOG_PORT),
    ] {
        note(item, check_port(first, port).await);
    }
    match root(first).await {
        Ok(root) => {
            note(CheckItem::Clock, check_clock(&root, first, clock));
            note(CheckItem::FunctionalLevel, check_level(&root, first, domain));
        }
        Err(failure) => {
            note(CheckItem::Clock, failed(failure.clone()));
            note(CheckItem::FunctionalLevel, failed(failure));
        }
    }
}

/// Whether all of the domain controllers that DNS names answer.
fn check_answers(
    count: usize,
    first: &Controller,
    mut silent: Vec<ControllerTrouble>,
) -> CheckResult {
    let answering = count.saturating_sub(silent.len());
    silent.sort_by(|one, other| one.host.cmp(&other.host));
    silent.truncate(MAX_TOLD);
    let all_answer = silent.is_empty();
    let (host, site) = (first.host.clone(), first.netlogon.site.clone());
    let fact = CheckFact::Answering { answering, count, host, site, silent };
    if all_answer { CheckResult::Passed { fact } } else { CheckResult::Warned { fact } }
}

async fn check_port(controller: &Controller, port: u16) -> CheckResult {
    let start = Instant::now();
    let host = controller.host.clone();
    match connect(controller.address, port).await {
        Ok(_) => {
            let milliseconds = u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX);
            CheckResult::Passed { fact: CheckFact::Port { host, milliseconds } }
        }
        // The password can be changed over LDAP as well; not every domain controller is a catalog.
        Err(_) if [PASSWORD_PORT, CATALOG_PORT].contains(&port) => {
            CheckResult::Warned { fact: CheckFact::PortClosed { host, port } }
        }
        Err(trouble) => {
            CheckResult::Failed { failure: DomainFailure::PortClosed { host, port, trouble } }
        }
    }
}

async fn connect(address: Ipv4Addr, port: u16) -> Result<TcpStream, PortTrouble> {
    let connected = timeout(CONNECT_LIMIT, TcpStream::connect((address, port))).await;
    connected.map_err(|_| PortTrouble::Silent)?.map_err(|error| trouble(&error))
}

/// Reads the root of the directory: everybody may, without a sign-in.
async fn root(controller: &Controller) -> Result<Entry, DomainFailure> {
    let host = controller.host.clone();
    let mut stream = connect(controller.address, LDAP_PORT).await.map_err(|trouble| {
        DomainFailure::PortClosed { host: host.clone(), port: LDAP_PORT, trouble }
    })?;
    let exchange = async {
        let attributes = ["currentTime", "domainFunctionality", "defaultNamingContext"];
        stream.write_all(&search::request(Filter::Any, &attributes)).await?;
        let mut answer = Vec::new();
        while answer.len() < MAX_ANSWER {
            let is_whole = match ber::length(&answer) {
                Some(Ok(length)) => answer.len() >= length,
                Some(Err(_)) => true,
                None => false,
            };
            if is_whole || stream.read_buf(&mut answer).await? == 0 {
                break;
            }
        }
        Ok::<_, std::io::Error>(answer)
    };
    let lost = |reason: String| DomainFailure::ConnectionLost { host: host.clone(), reason };
    let answer = timeout(READ_LIMIT, exchange).await;
    let answer = answer.map_err(|_| lost("no answer from the root of the directory".to_owned()))?;
    let answer = answer.map_err(|error| lost(error.to_string()))?;
    search::entry(&answer).ok_or_else(|| DomainFailure::AnswerNotValid {
        host: host.clone(),
        reason: "the root of the directory cannot be read".to_owned(),
    })
}

/// An attribute as text.
fn text(root: &Entry, name: &str) -> Option<String> {
    root.get(name).map(|value| String::from_utf8_lossy(value).into_owned())
}

fn check_clock(root: &Entry, controller: &Controller, clock: Clock) -> CheckResult {
    let host = controller.host.clone();
    let Some(theirs) = text(root, "currenttime").as_deref().and_then(generalized_time) else {
        let reason = "it does not tell its time".to_owned();
        return CheckResult::Failed { failure: DomainFailure::AnswerNotValid { host, reason } };
    };
    let seconds = theirs - clock.seconds();
    match seconds.abs() {
        0..=CLOCK_WARNING => CheckResult::Passed { fact: CheckFact::Clock { seconds } },
        // Somewhat less than the limit: the clocks drift, and the time goes on while asking.
        other if other < MAX_CLOCK_DIFFERENCE => {
            CheckResult::Warned { fact: CheckFact::Clock { seconds } }
        }
        _ => CheckResult::Failed { failure: DomainFailure::ClockDiffers { host, seconds } },
    }
}

fn check_level(root: &Entry, controller: &Controller, domain: &DomainName) -> CheckResult {
    let is_domain = text(root, "defaultnamingcontext")
        .is_some_and(|name| name.eq_ignore_ascii_case(&domain.distinguished_name()));
    if !is_domain {
        let (host, domain) = (controller.host.clone(), domain.clone());
        let reason = "its directory is that of another domain".to_owned();
        let failure = DomainFailure::NotController { host, domain, reason };
        return CheckResult::Failed { failure };
    }
    let level = text(root, "domainfunctionality").and_then(|level| level.parse().ok()).unwrap_or(0);
    let fact = CheckFact::Level { level };
    if level < MIN_LEVEL { CheckResult::Warned { fact } } else { CheckResult::Passed { fact } }
}

/// Reads `20261121221000.0Z` (RFC 4517, section 3.3.13) into seconds since 1970.
fn generalized_time(text: &str) -> Option<i64> {
    let digits = text.get(..14).filter(|_| text.ends_with('Z'))?;
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let part = |from: usize, to: usize| digits.get(from..to)?.parse::<i64>().ok();
    let (year, month, day) = (part(0, 4)?, part(4, 6)?, part(6, 8)?);
    let (hour, minute, second) = (part(8, 10)?, part(10, 12)?, part(12, 14)?);
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    Some(utc::days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn time_of_a_domain_controller_is_read() {
        assert_eq!(generalized_time("20261121221000.0Z"), Some(1_795_299_000));
        assert_eq!(generalized_time("19700101000000Z"), Some(0));
        for text in ["", "20261121221000", "20261321221000.0Z", "2026112122100x.0Z", "日本日本日Z"]
        {
            assert_eq!(generalized_time(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_time_is_read_without_panic(text: String) {
            let _ = generalized_time(&text);
        }
    }
}
