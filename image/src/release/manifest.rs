//! The description of a release for programs: `manifest.json`.

use model::{product, utc};
use serde::Serialize;

/// Changes when a program that knows the members below would read something wrong.
const SCHEMA: u32 = 1;

/// A release.
#[derive(Serialize)]
pub(super) struct Manifest {
    schema: u32,
    name: &'static str,
    vendor: &'static str,
    version: &'static str,
    /// When it was made: RFC 3339.
    released: String,
    /// What a hypervisor or cloud imports.
    pub(super) artefacts: Vec<Artefact>,
    /// What is said of it.
    pub(super) documents: Vec<Document>,
}

/// A file for a hypervisor or cloud.
#[derive(Serialize)]
pub(super) struct Artefact {
    pub(super) platform: &'static str,
    #[serde(flatten)]
    pub(super) document: Document,
    /// The disk in it; `None` = it has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) disk: Option<Disk>,
}

/// A file.
#[derive(Serialize)]
pub(super) struct Document {
    pub(super) file: &'static str,
    pub(super) format: &'static str,
    /// Its length.
    pub(super) bytes: u64,
    /// In hexadecimal digits.
    pub(super) sha256: String,
}

/// The disk as a machine sees it.
#[derive(Clone, Serialize)]
pub(super) struct Disk {
    pub(super) bytes: u64,
    /// Of all its octets, the empty ones as well; in hexadecimal digits.
    pub(super) sha256: String,
}

impl Manifest {
    /// A release of nothing yet.
    pub(super) fn new() -> Self {
        Self {
            schema: SCHEMA,
            name: product::NAME,
            vendor: product::VENDOR,
            version: product::VERSION,
            released: utc::date_time(product::RELEASED * 1000),
            artefacts: Vec::new(),
            documents: Vec::new(),
        }
    }

    /// Every file of it, in the order in which they are listed.
    pub(super) fn files(&self) -> impl Iterator<Item = &Document> {
        self.artefacts.iter().map(|artefact| &artefact.document).chain(&self.documents)
    }
}
