//! What the appliance is built from, as CycloneDX.

use model::supervision::{InitRequest, InitResponse};
use serde_json::{Value, json};

use crate::report::part::Part;
use crate::report::roles::ask;

/// The packages of the programs, from `Cargo.lock` at build time.
const PACKAGES: &str = include_str!(concat!(env!("OUT_DIR"), "/sbom.cdx.json"));

/// The part. Nothing in it belongs to the customer, so nothing in it is masked.
pub(crate) fn part(init: String) -> Part {
    let work = async move {
        let mut sbom = packages()?;
        // The kernel tells its version itself; without PID 1 the list is without it.
        if let Ok(InitResponse::KernelFacts { facts }) =
            ask(&bus::Client::new(init), &InitRequest::KernelFacts).await
            && let Some(version) = facts
                .iter()
                .find(|fact| fact.name == "/proc/version")
                .and_then(|fact| fact.text.split_whitespace().nth(2))
            && let Some(components) = sbom["components"].as_array_mut()
        {
            components
                .push(json!({ "type": "operating-system", "name": "linux", "version": version }));
        }
        Ok(sbom)
    };
    Part { is_private: false, ..Part::json("sbom.cdx", work) }
}

fn packages() -> Result<Value, String> {
    serde_json::from_str(PACKAGES).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_what_the_programs_use_and_not_what_their_tests_use() {
        let sbom = packages().expect("JSON");
        let components = sbom["components"].as_array().expect("a list");
        let has = |name: &str| components.iter().any(|component| component["name"] == name);
        for name in
            ["connector", "init", "rustls", "aws-lc-rs", "tokio", "diagnostics", "serde_json"]
        {
            assert!(has(name), "{name}");
        }
        for name in ["proptest", "tempfile", "harness", "image"] {
            assert!(!has(name), "{name}");
        }
        let rustls = components.iter().find(|component| component["name"] == "rustls");
        let rustls = rustls.expect("listed");
        assert!(rustls["purl"].as_str().expect("text").starts_with("pkg:cargo/rustls@0."));
        assert_eq!(rustls["hashes"][0]["alg"], "SHA-256");
    }
}
