//! Makes the list of what the appliance's programs are built from (SBOM, CycloneDX 1.6) out of `Cargo.lock`,
//! so that it is part of the program and of the report.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::{env, fs};

use serde_json::{Value, json};

/// The packages that make up the programs of the appliance.
const PROGRAMS: [&str; 2] = ["connector", "init"];
/// Directories of our packages, from the root of the workspace.
const OUR_DIRECTORIES: [&str; 2] = ["appliance", ""];

/// A package of `Cargo.lock`.
#[derive(Default)]
struct Package {
    version: String,
    source: Option<String>,
    checksum: Option<String>,
    dependencies: Vec<String>,
}

fn main() {
    let here = env::var("CARGO_MANIFEST_DIR").expect("Cargo names it");
    let root = Path::new(&here).join("../..");
    let lock = root.join("Cargo.lock");
    println!("cargo::rerun-if-changed={}", lock.display());
    let text = fs::read_to_string(&lock).expect("the workspace has a lock file");
    let packages = parse(&text);
    let wanted = reachable(&packages, &root);
    let components: Vec<_> = wanted.iter().map(|key| component(key, &packages[key])).collect();
    let sbom = json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": { "type": "firmware", "name": "connector-appliance", "version": env::var("CARGO_PKG_VERSION").expect("Cargo names it") },
        },
        "components": components,
    });
    let out = Path::new(&env::var("OUT_DIR").expect("Cargo names it")).join("sbom.cdx.json");
    fs::write(out, sbom.to_string()).expect("the directory for output is writable");
}

/// The packages by `name version`.
fn parse(lock: &str) -> BTreeMap<String, Package> {
    let mut packages = BTreeMap::new();
    for block in lock.split("[[package]]").skip(1) {
        let mut package = Package::default();
        let mut name = String::new();
        for line in block.lines().map(str::trim) {
            let value = |line: &str| line.split('"').nth(1).unwrap_or_default().to_owned();
            if line.starts_with("name =") {
                name = value(line);
            } else if line.starts_with("version =") {
                package.version = value(line);
            } else if line.starts_with("source =") {
                package.source = Some(value(line));
            } else if line.starts_with("checksum =") {
                package.checksum = Some(value(line));
            } else if line.starts_with('"') {
                package.dependencies.push(value(line));
            }
        }
        packages.insert(format!("{name} {}", package.version), package);
    }
    packages
}

/// What the programs depend on. The lock file does not tell dependencies of tests from others; for our packages
/// their manifests do.
fn reachable(packages: &BTreeMap<String, Package>, root: &Path) -> BTreeSet<String> {
    let key_of = |dependency: &str| -> Option<String> {
        let mut words = dependency.split(' ');
        let (name, version) = (words.next()?, words.next());
        let is_it = |key: &&String| match version {
            Some(version) => **key == format!("{name} {version}"),
            None => key.split(' ').next() == Some(name),
        };
        packages.keys().find(is_it).cloned()
    };
    let mut seen = BTreeSet::new();
    let mut open: Vec<_> = PROGRAMS.iter().filter_map(|name| key_of(name)).collect();
    while let Some(key) = open.pop() {
        let package = &packages[&key];
        let name = key.split(' ').next().unwrap_or_default().to_owned();
        if !seen.insert(key) {
            continue;
        }
        let tests =
            if package.source.is_none() { only_for_tests(&name, root) } else { BTreeSet::new() };
        let used = package
            .dependencies
            .iter()
            .filter(|dependency| !tests.contains(dependency.split(' ').next().unwrap_or_default()));
        open.extend(used.filter_map(|dependency| key_of(dependency)));
    }
    seen
}

/// Dependencies that one of our packages has for its tests alone.
fn only_for_tests(name: &str, root: &Path) -> BTreeSet<String> {
    let manifests =
        OUR_DIRECTORIES.map(|directory| root.join(directory).join(name).join("Cargo.toml"));
    let Some(text) = manifests.iter().find_map(|path| fs::read_to_string(path).ok()) else {
        return BTreeSet::new();
    };
    let section = |wanted: &str| -> BTreeSet<String> {
        let mut is_in = false;
        let mut names = BTreeSet::new();
        for line in text.lines() {
            if line.starts_with('[') {
                is_in = line == wanted;
            } else if is_in && let Some((name, _)) = line.split_once(['=', '.', ' ']) {
                names.insert(name.trim().to_owned());
            }
        }
        names
    };
    let used = section("[dependencies]");
    let tests = section("[dev-dependencies]");
    let builds = section("[build-dependencies]");
    tests.into_iter().chain(builds).filter(|name| !used.contains(name)).collect()
}

fn component(key: &str, package: &Package) -> Value {
    let name = key.split(' ').next().unwrap_or_default();
    let mut component = json!({
        "type": "library",
        "name": name,
        "version": package.version,
        "bom-ref": key,
    });
    if package.source.is_some() {
        component["purl"] = json!(format!("pkg:cargo/{name}@{}", package.version));
    }
    if let Some(checksum) = &package.checksum {
        component["hashes"] = json!([{ "alg": "SHA-256", "content": checksum }]);
    }
    component
}
