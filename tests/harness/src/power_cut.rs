//! Cuts the power of an appliance again and again while it stores settings, and checks after each
//! start that nothing is lost that it had acknowledged.
//!
//! The settings are changed as an operator would change them, through the REST interface: each
//! acknowledged password has to be in force after the next start, unless the one in flight is. A
//! cut comes at a random moment after power-on, or at a random write or flush of the disk, so that
//! it hits the start, the boot loader's counter, recoveries of the file system and the changes
//! alike. What the disk had not flushed is then dropped, torn or reordered ([`crate::write_cache`]).

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use model::password::ADMINISTRATOR;
use serde_json::{Value, json};

use crate::dice::Dice;
use crate::disk::Disk;
use crate::error::HarnessError;
use crate::https::{HttpsClient, Request};
use crate::limits;
use crate::machine::Machine;
use crate::qemu::USER_ADDRESS;
use crate::rest::{self, RestClient};
use crate::write_cache::Remains;

/// One cut in so many is chosen by time, the others by what the disk does: the disk is idle most of
/// the time, and then a cut puts little at stake.
const BY_TIME: u64 = 3;
/// Latest moment of a cut that is chosen by time, after power-on.
const LONGEST_RUN: Duration = Duration::from_secs(9);
/// Latest moment of a cut that is chosen by what the disk does, in writes and flushes. A start makes
/// some 15, a change of the password some 10.
const MOST_REQUESTS: u64 = 70;
/// A cut that is chosen by what the disk does comes after this time at the latest.
const REQUESTS_LIMIT: Duration = Duration::from_secs(40);
/// Causes of findings that tell of damage: none may ever show.
const DAMAGE: [&str; 4] = ["storage.", "identity.", "services.failed", "boot-parameter."];

/// What one cut hit, and what the next start showed.
#[derive(Clone, Copy, Debug)]
pub struct Cut {
    /// Number of the cut, from 1.
    pub number: usize,
    /// Time since power-on.
    pub after: Duration,
    /// Writes and flushes of the disk since power-on.
    pub requests: u64,
    /// Whether the appliance was still starting.
    pub while_starting: bool,
    /// What the disk kept.
    pub remains: Remains,
    /// Changes that were acknowledged since the last cut.
    pub acknowledged: u64,
}

/// All cuts of one machine.
#[derive(Clone, Debug)]
pub struct Campaign {
    /// In order.
    pub cuts: Vec<Cut>,
    /// How often a start after a cut got as far as answering, and everything was there.
    pub checked_starts: u64,
    /// How often the change in flight turned out to be stored.
    pub in_flight_stored: u64,
}

/// What the operator knows.
#[derive(Debug)]
struct Ledger {
    acknowledged: String,
    in_flight: Option<String>,
    certificate: Vec<u8>,
    changes: u64,
    checked_starts: u64,
    in_flight_stored: u64,
}

/// Who works with the machine while the power is on.
struct Operator<'a> {
    https: HttpsClient,
    ledger: &'a Mutex<Ledger>,
    is_cut: &'a AtomicBool,
    has_started: &'a AtomicBool,
}

/// Cuts the power of a new machine so many times, then switches it off in order and checks its file
/// system. `change` prepares the volatile disk; `report` hears of each cut.
///
/// # Errors
///
/// [`HarnessError::Damage`] when anything acknowledged is lost or the appliance reports damage; other
/// errors when the machine does not start.
pub fn run(
    seed: u64,
    cuts: usize,
    change: impl FnOnce(&Machine),
    report: &mut dyn FnMut(&Cut),
) -> Result<Campaign, HarnessError> {
    let mut dice = Dice::new(seed);
    let mut machine = Machine::builder().volatile_disk().prepare(Disk::skip_grub_wait)?;
    change(&machine);
    let ledger = Mutex::new(first_visit(&machine)?);
    let mut campaign = Campaign { cuts: Vec::new(), checked_starts: 0, in_flight_stored: 0 };
    for number in 1..=cuts {
        if number > 1 {
            machine.switch_on()?;
        }
        let cut = one_cut(&mut machine, &ledger, &mut dice, number)?;
        report(&cut);
        campaign.cuts.push(cut);
    }
    machine.switch_on()?;
    let is_cut = AtomicBool::new(false);
    let operator = Operator {
        https: machine.https(USER_ADDRESS)?,
        ledger: &ledger,
        is_cut: &is_cut,
        has_started: &AtomicBool::new(false),
    };
    let client = operator.check_start()?.ok_or_else(|| damage("no answer".to_owned()))?;
    client.wait_until_marked_good()?;
    machine.power_button()?;
    machine.disk().check_data()?;
    let ledger = ledger.into_inner().unwrap_or_else(PoisonError::into_inner);
    campaign.checked_starts = ledger.checked_starts;
    campaign.in_flight_stored = ledger.in_flight_stored;
    Ok(campaign)
}

/// Creates the first password and remembers the certificate.
fn first_visit(machine: &Machine) -> Result<Ledger, HarnessError> {
    let https = machine.https(USER_ADDRESS)?;
    let certificate = https.wait_until_answering(limits::BOOT)?.certificate;
    let acknowledged = password(0);
    RestClient::new(https).create_password(&acknowledged)?;
    Ok(Ledger {
        acknowledged,
        in_flight: None,
        certificate,
        changes: 0,
        checked_starts: 0,
        in_flight_stored: 0,
    })
}

/// Lets the machine start and the operator work until the chosen moment, and cuts the power.
fn one_cut(
    machine: &mut Machine,
    ledger: &Mutex<Ledger>,
    dice: &mut Dice,
    number: usize,
) -> Result<Cut, HarnessError> {
    let disk = machine.volatile_disk().ok_or(HarnessError::NoVolatileDisk)?;
    let before = (disk.requests(), lock(ledger).changes);
    let limit = if dice.one_in(BY_TIME) {
        let longest = u64::try_from(LONGEST_RUN.as_millis()).unwrap_or(u64::MAX);
        Duration::from_millis(dice.below(longest))
    } else {
        disk.cut_after(1 + dice.below(MOST_REQUESTS));
        REQUESTS_LIMIT
    };
    let (is_cut, has_started) = (AtomicBool::new(false), AtomicBool::new(false));
    let https = machine.https(USER_ADDRESS)?;
    let started = machine.started();
    let (cut, worked) = thread::scope(|scope| {
        let operator = Operator { https, ledger, is_cut: &is_cut, has_started: &has_started };
        let work = scope.spawn(move || operator.work());
        wait(machine, Instant::now() + limit, || work.is_finished());
        is_cut.store(true, Ordering::SeqCst);
        let screen = machine.serial().screen();
        let requests = machine.volatile_disk().map_or(0, |disk| disk.requests() - before.0);
        let after = started.elapsed();
        let cut = machine.cut_power(dice).map(|remains| (remains, screen, requests, after));
        let worked = work.join().unwrap_or_else(|_| Err(damage("the operator panicked".into())));
        (cut, worked)
    });
    let (remains, screen, requests, after) = cut?;
    worked?;
    if let Some(cause) = DAMAGE.iter().find(|cause| screen.contains(**cause)) {
        return Err(damage(format!("before cut {number} the console showed {cause}:\n{screen}")));
    }
    let while_starting = !has_started.load(Ordering::SeqCst);
    let acknowledged = lock(ledger).changes - before.1;
    Ok(Cut { number, after, requests, while_starting, remains, acknowledged })
}

/// Waits for the moment of the cut, or for the operator to find something wrong.
fn wait(machine: &Machine, until: Instant, mut has_ended: impl FnMut() -> bool) {
    while !has_ended() {
        let left = until.saturating_duration_since(Instant::now());
        let look = left.min(limits::POLL_INTERVAL);
        let is_dead = machine.volatile_disk().is_some_and(|disk| disk.wait_until_dead(look));
        if left.is_zero() || is_dead {
            return;
        }
    }
}

impl Operator<'_> {
    /// Checks the start and changes the password until the power is cut. What fails then is no
    /// failure.
    fn work(&self) -> Result<(), HarnessError> {
        let result = self.work_while_powered();
        let is_cut = self.is_cut.load(Ordering::SeqCst);
        match result {
            Err(error) if !is_cut || matches!(error, HarnessError::Damage(_)) => Err(error),
            _ => Ok(()),
        }
    }

    fn work_while_powered(&self) -> Result<(), HarnessError> {
        let Some(mut client) = self.check_start()? else { return Ok(()) };
        loop {
            let (current, new) = {
                let mut ledger = lock(self.ledger);
                let new = password(ledger.changes + 1);
                ledger.in_flight = Some(new.clone());
                (ledger.acknowledged.clone(), new)
            };
            let body = json!({
                "username": ADMINISTRATOR,
                "currentPassword": current,
                "newPassword": new,
            });
            let reply = client.post("/$changePassword", &body)?;
            if reply.status != 204 {
                return Err(damage(format!("the change was refused: {}", reply.text())));
            }
            let mut ledger = lock(self.ledger);
            ledger.acknowledged.clone_from(&new);
            ledger.in_flight = None;
            ledger.changes += 1;
            drop(ledger);
            client.sign_in(&new)?;
        }
    }

    /// Waits for the page, and checks that everything acknowledged is there and nothing is damaged.
    /// `None` when the power is cut before it answers.
    fn check_start(&self) -> Result<Option<RestClient>, HarnessError> {
        let Some(certificate) = self.wait_for_answer()? else { return Ok(None) };
        let mut client = RestClient::new(self.https.clone());
        let (acknowledged, in_flight) = {
            let ledger = lock(self.ledger);
            if ledger.certificate != certificate {
                return Err(damage("the certificate is another one".to_owned()));
            }
            (ledger.acknowledged.clone(), ledger.in_flight.clone())
        };
        let is_acknowledged = client.try_sign_in(&acknowledged)?;
        let is_in_flight = match &in_flight {
            Some(password) if !is_acknowledged => client.try_sign_in(password)?,
            _ => false,
        };
        if !is_acknowledged && !is_in_flight {
            return Err(damage(format!(
                "neither the acknowledged password {acknowledged} nor the one in flight \
                 {in_flight:?} is in force"
            )));
        }
        let status = rest::json(&client.get("/status")?)?;
        let findings = status["health"]["findings"].as_array().cloned().unwrap_or_default();
        let is_damage = |finding: &&Value| {
            let cause = finding["cause"].as_str().unwrap_or_default();
            DAMAGE.iter().any(|damage| cause.starts_with(damage))
        };
        if let Some(finding) = findings.iter().find(is_damage) {
            return Err(damage(format!("the appliance reports {finding}")));
        }
        let mut ledger = lock(self.ledger);
        if is_in_flight {
            ledger.acknowledged = in_flight.unwrap_or_default();
            ledger.changes += 1;
            ledger.in_flight_stored += 1;
        }
        ledger.in_flight = None;
        ledger.checked_starts += 1;
        self.has_started.store(true, Ordering::SeqCst);
        Ok(Some(client))
    }

    fn wait_for_answer(&self) -> Result<Option<Vec<u8>>, HarnessError> {
        let deadline = Instant::now() + limits::BOOT;
        let request = Request::new("GET", "/");
        loop {
            match self.https.send_within(&request, limits::ATTEMPT) {
                Ok(reply) => return Ok(Some(reply.certificate)),
                Err(_) if self.is_cut.load(Ordering::SeqCst) => return Ok(None),
                Err(error) if Instant::now() >= deadline => return Err(error),
                Err(_) => thread::sleep(limits::POLL_INTERVAL),
            }
        }
    }
}

fn password(number: u64) -> String {
    format!("Correct-horse-{number}")
}

fn damage(what: String) -> HarnessError {
    HarnessError::Damage(what)
}

fn lock(ledger: &Mutex<Ledger>) -> MutexGuard<'_, Ledger> {
    ledger.lock().unwrap_or_else(PoisonError::into_inner)
}
