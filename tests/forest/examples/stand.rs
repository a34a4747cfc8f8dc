//! Starts a forest and keeps it until its input ends, to try things by hand:
//! `cargo run -p forest --example stand -- two-controllers`.
#![forbid(unsafe_code)]
#![expect(clippy::print_stdout, reason = "a program for a terminal")]

use std::env;
use std::io::{Read, stdin};

use forest::{Forest, ForestError, Recipe};

fn main() -> Result<(), ForestError> {
    let name = env::args().nth(1).unwrap_or_default();
    let recipe = Recipe::ALL.into_iter().find(|recipe| recipe.to_string() == name);
    let Some(recipe) = recipe else {
        println!("one of: {}", Recipe::ALL.map(|recipe| recipe.to_string()).join(", "));
        return Ok(());
    };
    let forest = Forest::start(recipe)?;
    let hosts = forest.controllers().iter().map(forest::Controller::host);
    for host in hosts.chain([forest.appliance(), forest.switch()]) {
        println!("{}: nsenter --target {} --all", host.name(), host.pid());
    }
    let _ = stdin().read(&mut [0]);
    Ok(())
}
