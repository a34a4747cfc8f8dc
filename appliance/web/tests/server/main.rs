//! The real server over real TLS on the loopback interface, with the other roles played by the test.

#![expect(clippy::unwrap_used, reason = "a step that fails is a test that fails")]

mod access;
mod appliance;
mod certificate;
mod client;
mod connections;
mod diagnosis_roles;
mod diagnostics;
mod directory;
mod directory_role;
mod document;
mod logs;
mod metrics;
mod network;
mod outgoing;
mod outgoing_roles;
mod pages;
mod registration;
mod registration_pages;
mod reset;
mod rest;
mod roles;
mod sessions;
mod sign_in;
mod signing_request;
mod start;
