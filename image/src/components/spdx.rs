//! The list of components as SPDX 2.3 in JSON.

use model::product;
use serde::Serialize;

use super::{Component, Components, Kind, released};
use crate::format::Identity;

/// What the standard has for everything that is not looked into.
const NOT_SAID: &str = "NOASSERTION";
/// CycloneDX has a member for it.
const OF_COMPILER: &str = "Works inside the compiler; nothing of it is in the image";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    spdx_version: &'static str,
    data_license: &'static str,
    #[serde(rename = "SPDXID")]
    id: &'static str,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    document_namespace: Option<String>,
    creation_info: CreationInfo,
    packages: Vec<Package<'a>>,
    relationships: Vec<Relationship>,
}

#[derive(Serialize)]
struct CreationInfo {
    created: String,
    creators: [String; 2],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Package<'a> {
    #[serde(rename = "SPDXID")]
    id: String,
    name: &'a str,
    version_info: &'a str,
    supplier: String,
    download_location: &'static str,
    files_analyzed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    checksums: Option<[Checksum<'a>; 1]>,
    license_concluded: &'static str,
    license_declared: &'a str,
    copyright_text: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    comment: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    external_refs: Vec<Reference<'a>>,
    primary_package_purpose: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Checksum<'a> {
    algorithm: &'static str,
    checksum_value: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Reference<'a> {
    reference_category: &'static str,
    reference_type: &'static str,
    reference_locator: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Relationship {
    spdx_element_id: String,
    relationship_type: &'static str,
    related_spdx_element: String,
}

/// Writes the list.
///
/// # Errors
///
/// None that a list of components could have; they are those of the writer of JSON.
pub fn document(components: &Components) -> serde_json::Result<String> {
    let describes = components.product().map(|product| Relationship {
        spdx_element_id: reference("DOCUMENT"),
        relationship_type: "DESCRIBES",
        related_spdx_element: reference(&product.id),
    });
    let mut document = Document {
        spdx_version: "SPDX-2.3",
        data_license: "CC0-1.0",
        id: "SPDXRef-DOCUMENT",
        name: format!("{} {}", product::NAME, product::VERSION),
        document_namespace: None,
        creation_info: CreationInfo {
            created: released(),
            creators: [
                format!("Organization: {}", product::VENDOR),
                concat!("Tool: image-", env!("CARGO_PKG_VERSION")).to_owned(),
            ],
        },
        packages: components.iter().map(package).collect(),
        relationships: describes.into_iter().chain(components.iter().flat_map(needs)).collect(),
    };
    let uuid = Identity::of_octets(&serde_json::to_vec(&document)?).uuid_text("spdx");
    // Another list has another address; nothing is there to be read.
    document.document_namespace = Some(format!("{}/spdx/{uuid}", product::DOWNLOAD_URL));
    Ok(serde_json::to_string_pretty(&document)? + "\n")
}

fn reference(id: &str) -> String {
    format!("SPDXRef-{id}")
}

fn package(component: &Component) -> Package<'_> {
    let supplier = component.supplier.map(|name| format!("Organization: {name}"));
    let checksum = |checksum_value| [Checksum { algorithm: "SHA256", checksum_value }];
    let cpe = component.cpe.as_deref().map(|cpe| ("SECURITY", "cpe23Type", cpe));
    let purl = component.purl.as_deref().map(|purl| ("PACKAGE-MANAGER", "purl", purl));
    let external = cpe.into_iter().chain(purl);
    Package {
        id: reference(&component.id),
        name: &component.name,
        version_info: &component.version,
        supplier: supplier.unwrap_or_else(|| NOT_SAID.to_owned()),
        download_location: NOT_SAID,
        files_analyzed: false,
        checksums: component.sha256.as_deref().map(checksum),
        license_concluded: NOT_SAID,
        license_declared: &component.licence,
        copyright_text: NOT_SAID,
        comment: component.note.or_else(|| component.is_of_compiler.then_some(OF_COMPILER)),
        external_refs: external
            .map(|(reference_category, reference_type, reference_locator)| Reference {
                reference_category,
                reference_type,
                reference_locator,
            })
            .collect(),
        primary_package_purpose: match component.kind {
            Kind::Program => "APPLICATION",
            Kind::Library => "LIBRARY",
            Kind::System => "OPERATING-SYSTEM",
            Kind::Data => "OTHER",
        },
    }
}

fn needs(component: &Component) -> impl Iterator<Item = Relationship> {
    component.parts.iter().map(|part| Relationship {
        spdx_element_id: reference(&component.id),
        relationship_type: "DEPENDS_ON",
        related_spdx_element: reference(part),
    })
}
