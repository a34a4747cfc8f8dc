//! What the control plane knows, in SQL: tenants, resource locations, connectors, registrations,
//! secure clients, administrators, domains, maintenance windows, log, notifications.
//!
//! One SQL text serves SQLite (a file) and PostgreSQL (several nodes). [`Registry`] has only what
//! finds a tenant or belongs to none: signing in, tokens, codes, certificates. Everything else is asked
//! of a [`Tenant`], and each of its statements names the tenant, so that nobody can forget it. The
//! tables repeat that in their foreign keys.
//!
//! A change takes a [`Change`]: who, when, and for which request. It locks its tenant for the length
//! of the transaction, so that what it checks stays true until it is stored, and it writes its record
//! of the log in the same transaction.
//!
//! Nothing here reads a clock: every time is a parameter, in seconds since 1970. Randomness comes
//! from the kernel, in one module. Secrets are stored as digests, or sealed with a [`MasterKey`] that
//! is kept outside of the database.
#![forbid(unsafe_code)]

mod access;
mod administrator;
mod asked;
mod breach;
mod change;
mod client;
mod columns;
mod connector;
mod contact;
mod copy;
mod database;
mod domain;
mod error;
mod invitation;
mod keys;
mod load;
mod location;
mod log;
mod maintenance;
mod name;
mod notification;
mod once;
mod password_hash;
pub mod password_policy;
mod person;
mod random;
mod refusal;
mod registration;
mod registration_decision;
mod registry;
mod second_factor;
mod session;
mod sign_in;
mod tenant;
mod time_zone;
mod token;
mod web_server;

pub use access::{Access, Right, Rights};
pub use administrator::{Administrator, AdministratorStatus};
pub use breach::{BreachList, BreachListError};
pub use change::{Actor, ActorKind, Change};
pub use client::{Client, NewClient};
pub use connector::{
    CONTACT_LIMIT_SECONDS, Certificate, Connector, ConnectorFilter, ConnectorKey, ConnectorKind,
    ConnectorStatus, Upgrade, VersionState,
};
pub use contact::Contact;
pub use copy::{check_file, copy_file};
pub use domain::{Domain, DomainReport};
pub use error::RegistryError;
pub use invitation::{INVITATION_SECONDS, Invitation, NewAdministrator};
pub use keys::MasterKey;
pub use load::{LOAD_SECONDS, Load};
pub use location::{Location, LocationForm};
pub use log::{
    Event, LOG_SECONDS, LogPage, LogPosition, LogQuery, LogRecord, MAX_LOG_LIMIT, Target,
};
pub use maintenance::{Day, MaintenanceWindow, UpdateOrder};
pub use name::{MAX_NAME_CHARACTERS, NameError};
pub use notification::{Content, NewNotification, Notification, Severity};
pub use once::{NewOnce, OnceRequest, OnceState};
pub use password_hash::HashCost;
pub use person::{Person, PersonId};
pub use refusal::{Kind, Refusal};
pub use registration::{NewRegistration, Opened, Registration, RegistrationState};
pub use registration_decision::NewConnector;
pub use registry::Registry;
pub use second_factor::{BACKUP_CODES, Enrolment};
pub use session::{MAX_INACTIVITY, MIN_INACTIVITY, NewSession, SESSION_SECONDS, Session};
pub use sign_in::{SIGN_IN_FAILURES, SIGN_IN_SECONDS, SignIn, SignInStep};
pub use tenant::{Tenant, TenantId, TenantRecord};
pub use time_zone::{is_time_zone, time_zones};
pub use token::{ClientVerifier, TOKEN_SECONDS, TokenHolder};
pub use web_server::{MAX_WEB_SERVERS, WebServer};
