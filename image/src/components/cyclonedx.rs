//! The list of components as CycloneDX 1.6 (ECMA-424) in JSON.

use serde::Serialize;

use super::{Component, Components, Kind, released};
use crate::format::Identity;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    bom_format: &'static str,
    spec_version: &'static str,
    /// Not drawn at random, as the standard has it for lists that are made anew: the same list has the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    serial_number: Option<String>,
    version: u8,
    metadata: Metadata<'a>,
    components: Vec<Entry<'a>>,
    dependencies: Vec<Dependency<'a>>,
}

#[derive(Serialize)]
struct Metadata<'a> {
    timestamp: String,
    component: Option<Entry<'a>>,
}

#[derive(Serialize)]
struct Entry<'a> {
    r#type: &'static str,
    #[serde(rename = "bom-ref")]
    reference: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    supplier: Option<Supplier>,
    name: &'a str,
    version: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    scope: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    hashes: Option<[Hash<'a>; 1]>,
    licenses: [License<'a>; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    cpe: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    purl: Option<&'a str>,
}

#[derive(Serialize)]
struct Supplier {
    name: &'static str,
}

#[derive(Serialize)]
struct Hash<'a> {
    alg: &'static str,
    content: &'a str,
}

#[derive(Serialize)]
struct License<'a> {
    expression: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Dependency<'a> {
    r#ref: &'a str,
    depends_on: Vec<&'a str>,
}

/// Writes the list.
///
/// # Errors
///
/// None that a list of components could have; they are those of the writer of JSON.
pub fn document(components: &Components) -> serde_json::Result<String> {
    let mut document = Document {
        bom_format: "CycloneDX",
        spec_version: "1.6",
        serial_number: None,
        version: 1,
        metadata: Metadata { timestamp: released(), component: components.product().map(entry) },
        components: components.iter().skip(1).map(entry).collect(),
        dependencies: components.iter().map(dependency).collect(),
    };
    let identity = Identity::of_octets(&serde_json::to_vec(&document)?);
    document.serial_number = Some(format!("urn:uuid:{}", identity.uuid_text("cyclonedx")));
    Ok(serde_json::to_string_pretty(&document)? + "\n")
}

fn entry(component: &Component) -> Entry<'_> {
    Entry {
        r#type: match component.kind {
            Kind::Program => "application",
            Kind::Library => "library",
            Kind::System => "operating-system",
            Kind::Data => "data",
        },
        reference: &component.id,
        supplier: component.supplier.map(|name| Supplier { name }),
        name: &component.name,
        version: &component.version,
        description: component.note,
        scope: if component.is_of_compiler { "excluded" } else { "required" },
        hashes: component.sha256.as_deref().map(|content| [Hash { alg: "SHA-256", content }]),
        licenses: [License { expression: &component.licence }],
        cpe: component.cpe.as_deref(),
        purl: component.purl.as_deref(),
    }
}

fn dependency(component: &Component) -> Dependency<'_> {
    let depends_on = component.parts.iter().map(String::as_str).collect();
    Dependency { r#ref: &component.id, depends_on }
}
