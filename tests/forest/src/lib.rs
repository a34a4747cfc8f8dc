//! Forests of real Samba domain controllers, for tests: a network of their own with one controller
//! or some, the company's DNS server, and a host on which the code under test runs. Needs root and
//! Debian's packages, which `make deps` installs.
//!
//! ```no_run
//! use forest::fixtures::PASSWORD;
//! use forest::{Block, Forest, Recipe};
//!
//! # fn main() -> Result<(), forest::ForestError> {
//! let forest = Forest::start(Recipe::TwoControllers)?;
//! let dc1 = forest.controller("dc1")?;
//! dc1.host().block(88, Block::Silent)?;
//! // A thread with the network, /etc/resolv.conf and host name of the appliance.
//! let answer = forest.appliance().enter(|| std::net::TcpStream::connect((dc1.address(), 389)))?;
//! assert!(answer.is_ok());
//! forest.appliance().run_with_input("kinit", &["alice"], PASSWORD)?;
//! assert_eq!(dc1.ldbsearch("(cn=alice)", &["memberOf"])?.len(), 1);
//! # Ok(())
//! # }
//! ```
//!
//! Every host has network, mount, host name and process namespaces of its own and no name outside,
//! so that any number of forests run side by side with the same addresses. What a controller stores
//! is in memory. The kernel ends and frees it all when a [`Forest`] is dropped, and as well when the
//! test process is killed.
//!
//! A [`Recipe`] is made once, from those it goes on with, and kept in `target/forests`; a test gets a
//! copy. On two processors with little else to do (ten times as long beside two emulated machines):
//!
//! | | make, seconds | start a copy, seconds | MB on disk |
//! |---|---|---|---|
//! | [`Recipe::Single`] | 9 | 1.1 | 53 |
//! | [`Recipe::OtherForest`] | 7 | 0.8 | 43 |
//! | [`Recipe::TwoControllers`] | 31 | 1.7 | 102 |
//! | [`Recipe::TrustedForests`] | 4 | 1.7 | 96 |
//! | [`Recipe::ReadOnly`] | 11 | 1.1 | 102 |
//! | [`Recipe::Crowd`] | 22 | 1.2 | 96 |
//!
//! A controller takes 150 to 250 MB of memory besides its files.
//!
//! Samba's controllers are not Windows': `ms-DS-MachineAccountQuota` lets nobody join, the functional
//! level is 2008 R2, and child domains cannot be made: `samba-tool domain join` has lost them, and what
//! is left of it in Samba's libraries ends in a controller that does not answer.
#![forbid(unsafe_code)]

mod controller;
mod entry;
mod error;
pub mod fixtures;
mod forest;
mod host;
mod limits;
mod making;
mod network;
mod recipe;
pub mod role;
mod snapshot;
mod traffic;

pub use controller::Controller;
pub use entry::Entry;
pub use error::ForestError;
pub use forest::Forest;
pub use host::Host;
pub use recipe::Recipe;
pub use role::Role;
pub use traffic::{Block, Capture, Recording};
