//! An OVF environment, and a goal state of Azure.
#![no_main]

use libfuzzer_sys::fuzz_target;
use platform::goal_state::{GoalState, Health, health_request};
use platform::ovf::Environment;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(environment) = Environment::parse(bytes) {
        let _ = environment.first_settings();
    }
    if let Ok(goal) = GoalState::parse(bytes) {
        let description = String::from_utf8_lossy(bytes).into_owned();
        assert!(!health_request(&goal, &Health::Failed { description }).body.is_empty());
    }
});
