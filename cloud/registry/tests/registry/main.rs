//! The registry on real databases: every test of `on_both!` runs on SQLite and on PostgreSQL.

#![expect(clippy::unwrap_used, reason = "a step that fails is a test that fails")]

mod administrators;
mod clients;
mod connectors;
mod domains;
mod fixtures;
mod journal;
mod locations;
mod opening;
mod registrations;
mod sessions;
mod sign_in;
mod tenancy;
mod web_servers;
