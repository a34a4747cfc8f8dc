//! The program as a whole: set up, served, used by a script and by an appliance, backed up, given
//! another certificate, several of it beside each other, and the files that it is installed with.

#![expect(clippy::unwrap_used, reason = "a step that fails is a test that fails")]

mod appliance;
mod backups;
mod balancer;
mod certificates;
mod deployment;
mod nodes;
mod relays;
mod requests;
mod rolling;
mod running;
mod scanners;
mod serving;
mod wire;
