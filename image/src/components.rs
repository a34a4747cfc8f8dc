//! What the appliance is made of: the crates that its programs are compiled from, the kernel, GRUB, and what
//! comes with the compiler.
//!
//! - [`Components::collect`] asks cargo, the compiler and Debian's package list.
//! - [`cyclonedx`] and [`spdx`] write the list as tools for licences and vulnerabilities read it.
//!
//! Crates that only build scripts use are left out: nothing of them is in the image. The list depends on sources and
//! tools alone, not on a clock or on chance.

mod collect;
mod crates;
pub mod cyclonedx;
mod musl;
pub mod spdx;

use std::collections::BTreeSet;

use model::{product, utc};

/// What a component is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The product or a program in it.
    Program,
    /// Something that a program is made from.
    Library,
    /// A kernel.
    System,
    /// Something that programs only read.
    Data,
}

/// One thing that the appliance is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Component {
    /// What the lists call it: letters, digits, dots and hyphens (SPDX 2.3, 7.2).
    pub id: String,
    /// What it is.
    pub kind: Kind,
    /// Its name.
    pub name: String,
    /// Its version; of a Debian package with Debian's revision.
    pub version: String,
    /// The licence that it declares: an SPDX expression.
    pub licence: String,
    /// Who supplies it; `None` = its authors.
    pub supplier: Option<&'static str>,
    /// Where it comes from: a package URL.
    pub purl: Option<String>,
    /// What the list of known vulnerabilities calls it: a CPE 2.3.
    pub cpe: Option<String>,
    /// SHA-256 of the archive with its source, in hexadecimal digits.
    pub sha256: Option<String>,
    /// What else is to be known of it.
    pub note: Option<&'static str>,
    /// It works inside the compiler, such as a macro: what it writes is in the image, it is not.
    pub is_of_compiler: bool,
    /// What it is made from: their `id`.
    pub parts: BTreeSet<String>,
}

/// All components, the product first, and each once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Components(Vec<Component>);

impl Components {
    /// The product, made of these. Its own parts are those that nothing else is made from.
    #[must_use]
    pub fn of(components: Vec<Component>) -> Self {
        let inner: BTreeSet<_> = components.iter().flat_map(|it| it.parts.clone()).collect();
        let outer = components.iter().filter(|it| !inner.contains(&it.id));
        let product = Component {
            id: "connector-appliance".to_owned(),
            kind: Kind::Program,
            name: product::NAME.to_owned(),
            version: product::VERSION.to_owned(),
            licence: env!("CARGO_PKG_LICENSE").to_owned(),
            supplier: Some(product::VENDOR),
            purl: None,
            cpe: None,
            sha256: None,
            note: None,
            is_of_compiler: false,
            parts: outer.map(|it| it.id.clone()).collect(),
        };
        Self([vec![product], components].concat())
    }

    /// The product.
    fn product(&self) -> Option<&Component> {
        self.0.first()
    }

    /// All of them, the product first.
    pub fn iter(&self) -> impl Iterator<Item = &Component> {
        self.0.iter()
    }
}

/// When the lists say that they were made: when the release was. A clock would make two builds different.
fn released() -> String {
    // Both formats know whole seconds only.
    utc::date_time(product::RELEASED * 1000).replace(".000Z", "Z")
}
