//! Takes parts of a resource location away while it is asked without a pause, and checks that every request is
//! answered all the same.
//!
//! All that may be repeated has to be answered, whatever is lost ([protocol](../../../docs/protocol.md)). When an
//! appliance is lost the caller does not notice more than a longer answer. When the cloud itself is lost, its
//! callers lose their connections and send again; so they do here, and only then.
//!
//! What must not be repeated goes on beside it ([`crate::orders`]): none of it may be done twice.

use std::fmt;
use std::time::{Duration, Instant};

use crate::error::HarnessError;
use crate::limits;
use crate::load::{Asked, Load, PATIENCE};
use crate::orders::Tally;
use crate::resource_location::ResourceLocation;

/// Lookups a second that are offered while something fails; the machine may not manage as many.
pub const OFFERED: u32 = 2_000;
/// Lookups a second while an appliance starts again, which under emulation needs the processor.
const RECOVERY: u32 = 40;
/// Answers of each appliance before something fails, and of all while it is gone.
const ANSWERS: usize = 100;
/// Answers of each appliance by which it counts as back.
const BACK: usize = 10;
/// Within which the loss of an appliance has to be noticed.
pub const NOTICE: Duration = Duration::from_secs(5);
/// What the cloud logs then.
const SILENT: &str = "nothing is heard of the connector";

/// What is taken away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Failure {
    /// The power of an appliance, by its number from 0, which is then started again.
    Power(usize),
    /// Its network cable, which is then plugged in again.
    Cable(usize),
    /// The process of the cloud, with its gateway; it is killed and started again.
    Gateway,
    /// PostgreSQL, which is killed, missing for a while and started again.
    Database,
}

impl Failure {
    /// The appliance that is lost.
    const fn appliance(self) -> Option<usize> {
        match self {
            Self::Power(number) | Self::Cable(number) => Some(number),
            Self::Gateway | Self::Database => None,
        }
    }

    /// The kind, for people.
    #[must_use]
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Power(_) => "power of an appliance",
            Self::Cable(_) => "cable of an appliance",
            Self::Gateway => "gateway",
            Self::Database => "PostgreSQL",
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Power(number) => write!(formatter, "power of appliance {}", number + 1),
            Self::Cable(number) => write!(formatter, "cable of appliance {}", number + 1),
            Self::Gateway => formatter.write_str("gateway"),
            Self::Database => formatter.write_str("PostgreSQL"),
        }
    }
}

/// What happened around one failure.
#[derive(Clone, Copy, Debug)]
pub struct Round {
    /// Number of the failure, from 1.
    pub number: usize,
    /// What failed.
    pub failure: Failure,
    /// Answers a second before it.
    pub per_second: f64,
    /// Requests that were under way at that moment.
    pub under_way: usize,
    /// Until the cloud had given the appliance up; `None` when no appliance was lost.
    pub noticed: Option<Duration>,
    /// Longest time that a request took.
    pub longest: Duration,
    /// Requests that callers sent again.
    pub repeated: usize,
    /// Requests that were answered, all of them.
    pub answered: usize,
    /// Until everything worked as before.
    pub back: Duration,
}

impl fmt::Display for Round {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{}: {:.0} answers a second before, {} requests under way, ",
            self.failure, self.per_second, self.under_way
        )?;
        if let Some(noticed) = self.noticed {
            write!(formatter, "noticed after {:.1} s, ", noticed.as_secs_f64())?;
        }
        write!(
            formatter,
            "longest answer {:.1} s, {} sent again by callers, back after {:.1} s, {} answered, none lost",
            self.longest.as_secs_f64(),
            self.repeated,
            self.back.as_secs_f64(),
            self.answered
        )
    }
}

/// What happened in all.
#[derive(Clone, Debug)]
pub struct Campaign {
    /// Failure by failure.
    pub rounds: Vec<Round>,
    /// What must not be done twice.
    pub orders: Tally,
}

/// So many failures: of ten, four are cables, three gateways, two databases, and one is the power, which takes
/// a start under emulation to come back.
#[must_use]
pub fn plan(count: usize) -> Vec<Failure> {
    let ten = |turn: usize| {
        let (one, other) = (turn % 2, (turn + 1) % 2);
        [
            Failure::Cable(one),
            Failure::Gateway,
            Failure::Database,
            Failure::Cable(other),
            Failure::Power(one),
            Failure::Gateway,
            Failure::Cable(one),
            Failure::Database,
            Failure::Gateway,
            Failure::Cable(other),
        ]
    };
    (0..).flat_map(ten).take(count).collect()
}

/// Lets these failures happen one after the other. `report` hears of each.
///
/// # Errors
///
/// [`HarnessError::Damage`] when a request is lost, or had to be sent again although the cloud was there, an
/// appliance was not given up in time, or an order was carried out twice; other errors when what was lost does
/// not come back.
pub fn run(
    location: &mut ResourceLocation,
    failures: &[Failure],
    report: &mut dyn FnMut(&Round),
) -> Result<Campaign, HarnessError> {
    let load = location.load(OFFERED)?;
    let orders = location.orders()?;
    let mut rounds = Vec::new();
    for (index, failure) in failures.iter().enumerate() {
        let round = round(location, &load, index + 1, *failure)?;
        report(&round);
        rounds.push(round);
    }
    check(&load.finish(), "the end", false)?;
    let orders = location.settle(orders)?;
    Ok(Campaign { rounds, orders })
}

fn round(
    location: &mut ResourceLocation,
    load: &Load,
    number: usize,
    failure: Failure,
) -> Result<Round, HarnessError> {
    let before = load.take();
    check(&before, "the time before", false)?;
    let begin = Instant::now();
    load.offer(OFFERED);
    wait_for_all(location, load, begin, ANSWERS)?;
    let (moment, under_way) = (Instant::now(), load.under_way(Instant::now()));
    strike(location, load, failure)?;
    let noticed = settle(location, load, failure, moment)?;
    load.offer(RECOVERY);
    let healed = Instant::now();
    heal(location, failure)?;
    wait_for_all(location, load, healed, BACK)?;
    let back = moment.elapsed();
    let asked = load.take();
    let may_repeat = failure == Failure::Gateway;
    check(&asked, &format!("failure {number} ({failure})"), may_repeat)?;
    let earlier = asked.iter().filter(|asked| asked.ended < moment).count();
    let seconds = moment.saturating_duration_since(begin).as_secs_f64();
    Ok(Round {
        number,
        failure,
        per_second: f64::from(u32::try_from(earlier).unwrap_or(u32::MAX)) / seconds,
        under_way,
        noticed,
        longest: asked.iter().map(Asked::took).max().unwrap_or_default(),
        repeated: asked.iter().filter(|asked| asked.tries > 1).count(),
        answered: asked.len(),
        back,
    })
}

fn strike(
    location: &mut ResourceLocation,
    load: &Load,
    failure: Failure,
) -> Result<(), HarnessError> {
    match failure {
        Failure::Power(number) => location.member(number).machine.pull_plug(),
        Failure::Cable(number) => location.member(number).machine.plug(false)?,
        Failure::Gateway => location.restart_cloud()?,
        Failure::Database => {
            location.stop_database();
            let moment = Instant::now();
            load.wait("answers without PostgreSQL", PATIENCE, |asked| {
                asked.iter().filter(|asked| asked.sent >= moment).count() >= ANSWERS
            })?;
        }
    }
    Ok(())
}

/// Waits until nothing waits any more that was asked up to now, and when an appliance is lost, until it
/// is given up. Gives how long that took.
fn settle(
    location: &ResourceLocation,
    load: &Load,
    failure: Failure,
    moment: Instant,
) -> Result<Option<Duration>, HarnessError> {
    let struck = Instant::now();
    load.wait("answers to what was under way", PATIENCE, |asked| {
        let later = asked.iter().filter(|asked| asked.sent >= struck).count();
        load.under_way(struck) == 0 && later >= ANSWERS
    })?;
    let Some(lost) = failure.appliance() else { return Ok(None) };
    load.wait("the end of the connections", limits::CONSOLE, |_| {
        noticed(location, lost, moment).is_some()
    })?;
    Ok(noticed(location, lost, moment))
}

/// How long after a moment the cloud has given up the last connection of an appliance, by its number;
/// `None` = not yet.
#[must_use]
pub fn noticed(location: &ResourceLocation, lost: usize, moment: Instant) -> Option<Duration> {
    let source = format!("\"{}\"", location.members().get(lost)?.address);
    let is_of_lost = |line: &str| line.contains(SILENT) && line.contains(&source);
    let ends = location.cloud().logged(moment, is_of_lost);
    ends.last().map(|end| end.saturating_duration_since(moment))
}

fn heal(location: &mut ResourceLocation, failure: Failure) -> Result<(), HarnessError> {
    match failure {
        Failure::Power(number) => location.member(number).machine.switch_on(),
        Failure::Cable(number) => location.member(number).machine.plug(true),
        Failure::Gateway => Ok(()),
        Failure::Database => location.resume_database(),
    }
}

/// Waits until each appliance has answered often enough since a moment.
fn wait_for_all(
    location: &ResourceLocation,
    load: &Load,
    since: Instant,
    answers: usize,
) -> Result<(), HarnessError> {
    load.wait("answers of all appliances", limits::BOOT, |asked| {
        location.members().iter().all(|member| {
            let later = asked.iter().filter(|it| it.sent >= since);
            later.filter(|it| it.is_from(&member.connector)).count() >= answers
        })
    })
}

/// Whether all requests were answered, and none was sent again without need.
fn check(asked: &[Asked], when: &str, may_repeat: bool) -> Result<(), HarnessError> {
    let lost = asked.iter().filter_map(|asked| asked.answer.as_ref().err()).collect::<Vec<_>>();
    if let Some(first) = lost.first() {
        let of = asked.len();
        let what = format!("{when}: {} of {of} requests lost, one by: {first}", lost.len());
        return Err(HarnessError::Damage(what));
    }
    match asked.iter().filter(|asked| asked.tries > 1).count() {
        repeated if repeated > 0 && !may_repeat => {
            let what = format!("{when}: {repeated} callers lost their connection to the cloud");
            Err(HarnessError::Damage(what))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_appliances_and_all_kinds_have_their_turn() {
        let plan = plan(20);
        let all = [
            (Failure::Power(0), 1),
            (Failure::Power(1), 1),
            (Failure::Cable(0), 4),
            (Failure::Cable(1), 4),
            (Failure::Gateway, 6),
            (Failure::Database, 4),
        ];
        for (failure, count) in all {
            assert_eq!(plan.iter().filter(|it| **it == failure).count(), count, "{failure}");
        }
    }

    #[test]
    fn a_lost_request_and_a_needless_repetition_are_told() {
        let now = Instant::now();
        let asked = |tries, answer| Asked { sent: now, ended: now, tries, answer };
        let good = asked(1, Ok("one".to_owned()));
        assert!(check(&[good.clone(), good.clone()], "", false).is_ok());
        let again = asked(2, Ok("one".to_owned()));
        assert!(check(&[good.clone(), again.clone()], "", false).is_err());
        assert!(check(&[good.clone(), again], "", true).is_ok());
        let lost = asked(1, Err("504".to_owned()));
        assert!(check(&[good, lost], "", true).unwrap_err().to_string().contains("1 of 2"));
    }
}
