//! The real server over real TLS on the loopback interface, with the other roles played by the test.

#![expect(clippy::unwrap_used, reason = "a step that fails is a test that fails")]

mod appliance;
mod certificate;
mod client;
mod connections;
mod document;
mod network;
mod pages;
mod reset;
mod rest;
mod roles;
mod sign_in;
mod start;
