//! The role on platforms that give first settings: services of clouds at their real addresses, in a network
//! namespace of each test, and around the role the others of the appliance.
//!
//! The services are stand-ins, written after public documentation: no cloud can be reached here.

mod amazon;
mod azure;
mod google;
mod local;
mod registration;
mod server;
mod site;
