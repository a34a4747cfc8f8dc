//! What the appliance knows, as plain values: settings and status, where each value came from, boot
//! parameters, slots, the disk layout, the password policy.
//!
//! Nothing here does I/O or reads a clock; time and randomness come in as parameters. The image
//! builder, the boot loader configuration, every role of the appliance and the tests share these
//! definitions, so that a fact stands once.
#![forbid(unsafe_code)]

pub mod boot_parameter;
pub mod boot_slots;
pub mod bypass;
pub mod capture;
pub mod capture_status;
pub mod certificate;
pub mod channel;
pub mod clock;
pub mod command_line;
pub mod confinement;
pub mod console;
pub mod deployment;
pub mod diagnostics;
pub mod disk;
pub mod domain;
pub mod error;
pub mod expiry;
pub mod fingerprint;
pub mod grubenv;
pub mod guest;
pub mod guest_files;
pub mod health;
pub mod ipv4;
pub mod journal;
pub mod kernel_facts;
pub mod lines;
pub mod load;
pub mod machine;
pub mod network;
pub mod network_form;
pub mod outbound;
pub mod panic_record;
pub mod password;
pub mod pkcs12;
pub mod precheck;
pub mod probe;
pub mod process_facts;
pub mod product;
pub mod proxy;
pub mod redaction;
pub mod role;
pub mod root_ca;
pub mod secret;
pub mod settings;
pub mod settings_file;
pub mod settings_schema;
pub mod shutdown;
pub mod signing_request;
pub mod slot;
pub mod slot_report;
pub mod supervision;
pub mod supervisor;
pub mod sysctl;
pub mod syslog;
pub mod trailer;
pub mod trial;
pub mod utc;
