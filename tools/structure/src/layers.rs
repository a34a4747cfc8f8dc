//! Who may depend on whom.

use std::collections::BTreeMap;

use serde::Deserialize;

/// The part of `cargo metadata` that is looked at.
#[derive(Debug, Deserialize)]
pub(crate) struct Metadata {
    /// Crates of the workspace.
    pub(crate) packages: Vec<Package>,
    metadata: WorkspaceMetadata,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) manifest_path: String,
    dependencies: Vec<Dependency>,
}

#[derive(Debug, Deserialize)]
struct Dependency {
    name: String,
    kind: Option<String>,
    path: Option<String>,
}

#[derive(Debug, Deserialize)]
struct WorkspaceMetadata {
    layers: BTreeMap<String, u8>,
    only: BTreeMap<String, Vec<String>>,
}

/// One sentence for every dependency that breaks a rule. Tests may depend on anything.
pub(crate) fn check(metadata: &Metadata) -> Vec<String> {
    metadata
        .packages
        .iter()
        .flat_map(|package| check_package(package, &metadata.metadata))
        .collect()
}

fn check_package(package: &Package, rules: &WorkspaceMetadata) -> Vec<String> {
    let name = &package.name;
    let Some(layer) = rules.layers.get(name) else {
        return vec![format!("{name} has no layer in [workspace.metadata.layers]")];
    };
    let own = package.dependencies.iter().filter(|dependency| {
        dependency.path.is_some() && dependency.kind.as_deref() != Some("dev")
    });
    let mut problems = Vec::new();
    for Dependency { name: other, .. } in own {
        match rules.layers.get(other) {
            Some(lower) if lower < layer => {}
            Some(lower) => problems.push(format!(
                "{name} (layer {layer}) depends on {other} (layer {lower}); only lower layers are allowed"
            )),
            None => problems.push(format!("{name} depends on {other}, which has no layer")),
        }
        if rules.only.get(name).is_some_and(|allowed| !allowed.contains(other)) {
            problems.push(format!("{name} depends on {other}, which its list does not allow"));
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metadata(dependency: &str, kind: &str) -> Metadata {
        serde_json::from_str(&format!(
            r#"{{
                "packages": [{{
                    "name": "web", "manifest_path": "web/Cargo.toml",
                    "dependencies": [{{ "name": "{dependency}", "kind": {kind}, "path": "x" }}]
                }}],
                "metadata": {{
                    "layers": {{ "model": 1, "bus": 2, "web": 3, "network": 3 }},
                    "only": {{ "web": ["model", "network"] }}
                }}
            }}"#
        ))
        .expect("valid")
    }

    #[test]
    fn allows_lower_layers_only() {
        assert!(check(&metadata("model", "null")).is_empty());
        let problems = check(&metadata("network", "null"));
        assert_eq!(
            problems,
            ["web (layer 3) depends on network (layer 3); only lower layers are allowed"]
        );
    }

    #[test]
    fn keeps_to_the_list_of_a_crate_and_lets_tests_be() {
        assert_eq!(
            check(&metadata("bus", "null")),
            ["web depends on bus, which its list does not allow"]
        );
        assert!(check(&metadata("network", "\"dev\"")).is_empty());
    }
}
