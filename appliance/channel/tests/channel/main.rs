//! The role against a cloud in the same process, over TCP, both TLS and the dialer.
#![cfg(test)]

mod appliance;
mod cloud;
mod connections;
mod registration;
mod requests;
mod unattended;
mod web;
