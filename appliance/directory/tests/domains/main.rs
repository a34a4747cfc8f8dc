//! The role's work against real domain controllers (Samba), from the network of an appliance.
#![cfg(test)]

mod bad_days;
mod crash;
mod forests;
mod join;
mod refusals;
mod support;
mod wire;
