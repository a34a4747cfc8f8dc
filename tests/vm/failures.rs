//! Two appliances of one resource location are asked without a pause while power, cable, gateway and database
//! fail.

use harness::ResourceLocation;
use harness::failure::{self, Failure, NOTICE, Round};

use crate::must;

/// Failures of the test; `make bench` makes ten times as many.
const FAILURES: usize = 20;

#[test]
fn no_request_is_lost_by_twenty_failures() {
    let mut location = must(ResourceLocation::start(&mut |step| println!("{step}")));
    let mut show = |round: &Round| println!("{}: {round}", round.number);
    let rounds = must(failure::run(&mut location, &failure::plan(FAILURES), &mut show));
    assert_eq!(rounds.len(), FAILURES);
    for round in &rounds {
        assert!(round.under_way > 0, "nothing was at stake: {round}");
        if let Failure::Power(_) | Failure::Cable(_) = round.failure {
            let noticed = round.noticed.expect("the time");
            assert!(noticed <= NOTICE, "{round}");
        }
    }
}
