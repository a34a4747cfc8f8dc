//! The REST interface on real databases: every test of `on_both!` runs on SQLite and on PostgreSQL.

#![expect(clippy::unwrap_used, reason = "a step that fails is a test that fails")]

mod asked;
mod bench;
mod browser;
mod console;
mod console_asks;
mod console_pages;
mod console_rights;
mod console_web_servers;
mod conventions;
mod document;
mod listener;
mod outage;
mod relay;
mod requests;
mod resources;
mod tenancy;
mod tokens;
