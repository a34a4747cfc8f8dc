//! Two appliances of one resource location are asked without a pause while power, cable, gateway and database
//! fail.

use harness::ResourceLocation;
use harness::failure::{self, Failure, NOTICE, Round};

use crate::must;

/// Failures of the test; `make bench` makes ten times as many.
const FAILURES: usize = 20;

#[test]
fn twenty_failures_lose_no_request_and_repeat_no_order() {
    let mut location = must(ResourceLocation::start(&mut |step| println!("{step}")));
    let mut show = |round: &Round| println!("{}: {round}", round.number);
    let campaign = must(failure::run(&mut location, &failure::plan(FAILURES), &mut show));
    println!("{}", campaign.orders);
    assert!(campaign.orders.done > FAILURES, "few orders were at stake: {}", campaign.orders);
    assert_eq!(campaign.rounds.len(), FAILURES);
    for round in &campaign.rounds {
        assert!(round.under_way > 0, "nothing was at stake: {round}");
        if let Failure::Power(_) | Failure::Cable(_) = round.failure {
            let noticed = round.noticed.expect("the time");
            assert!(noticed <= NOTICE, "{round}");
        }
    }
}
