//! Power cuts while settings are stored, on a disk that drops or tears what it has not flushed.

use harness::power_cut::{self, Cut};
use harness::{HarnessError, Machine};

use crate::must;

/// Cuts of the test; `make bench` makes ten times as many.
const CUTS: usize = 30;
const SEED: u64 = 3;

/// Each cut is on the test's output, so that a failure can be told from its neighbours.
fn show(cut: &Cut) {
    println!("{cut:?}");
}

#[test]
fn nothing_acknowledged_is_lost_by_thirty_power_cuts() {
    let campaign = must(power_cut::run(SEED, CUTS, |_| (), &mut show));
    assert_eq!(campaign.cuts.len(), CUTS);
    let acknowledged: u64 = campaign.cuts.iter().map(|cut| cut.acknowledged).sum();
    assert!(acknowledged > 0, "nothing was stored, so nothing was at stake");
    assert!(campaign.cuts.iter().any(|cut| cut.while_starting), "no start was cut off");
    let at_stake = campaign.cuts.iter().filter(|cut| cut.remains.cached > 0);
    assert!(at_stake.count() > 0, "the disk never held anything back");
}

/// The test above is worth something only if it notices a disk that loses what it has promised.
#[test]
fn a_disk_that_lies_about_flushes_is_noticed() {
    let lie = |machine: &Machine| {
        if let Some(disk) = machine.volatile_disk() {
            disk.ignore_flushes();
        }
    };
    match power_cut::run(SEED, CUTS, lie, &mut show) {
        Err(HarnessError::Damage(what)) => println!("noticed: {what}"),
        outcome => panic!("thirty cuts of a lying disk did no harm: {outcome:?}"),
    }
}
