//! Crates: the tree of those that a program is compiled from as `cargo tree` prints it, and `Cargo.lock`.

use std::collections::{BTreeMap, BTreeSet};

/// How `cargo tree` has to print a crate for [`Crates::add`], besides `--prefix depth`.
pub(super) const FORMAT: &str = "{p}|{l}";

/// Name and version of a crate.
pub(super) type Key = (String, String);

/// What the tree says of a crate.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Crate {
    /// The licence that it declares, as it stands in its manifest.
    pub(super) licence: String,
    /// A macro: it and what it needs work inside the compiler.
    pub(super) is_macro: bool,
    /// What it is compiled from.
    pub(super) parts: BTreeSet<Key>,
}

/// The crates of all programs.
#[derive(Debug, Default)]
pub(super) struct Crates(pub(super) BTreeMap<Key, Crate>);

impl Crates {
    /// Adds the tree of a program, whose crate comes first. `None` = the text is no tree.
    ///
    /// A crate's parts stand below it, one deeper, where it comes first; after that it has a `(*)`.
    pub(super) fn add(&mut self, tree: &str) -> Option<Key> {
        let mut path: Vec<Key> = Vec::new();
        for line in tree.lines() {
            let (depth, key, found) = read(line)?;
            if depth > path.len() || (depth == 0 && !path.is_empty()) {
                return None;
            }
            path.truncate(depth);
            if let Some(above) = path.last() {
                self.0.get_mut(above)?.parts.insert(key.clone());
            }
            let known = self.0.entry(key.clone()).or_default();
            (known.licence, known.is_macro) = (found.licence, found.is_macro);
            path.push(key);
        }
        path.into_iter().next()
    }

    /// The crates that a program has in it: those that it reaches otherwise than through a macro.
    pub(super) fn linked(&self, programs: &[Key]) -> BTreeSet<Key> {
        let (mut linked, mut open) = (BTreeSet::new(), programs.to_vec());
        while let Some(key) = open.pop() {
            let Some(found) = self.0.get(&key).filter(|found| !found.is_macro) else { continue };
            if linked.insert(key) {
                open.extend(found.parts.iter().cloned());
            }
        }
        linked
    }
}

/// Depth, name with version, and the rest of a line such as `2serde v1.0.229 (proc-macro)|MIT OR Apache-2.0 (*)`.
fn read(line: &str) -> Option<(usize, Key, Crate)> {
    let name_at = line.find(|letter: char| !letter.is_ascii_digit())?;
    let (depth, rest) = line.split_at(name_at);
    let (package, licence) = rest.rsplit_once('|')?;
    let (name, rest) = package.split_once(" v")?;
    let (version, remark) = rest.split_once(' ').unwrap_or((rest, ""));
    let found = Crate {
        licence: expression(licence.trim_end_matches(" (*)")),
        is_macro: remark.contains("(proc-macro)"),
        parts: BTreeSet::new(),
    };
    Some((depth.parse().ok()?, (name.to_owned(), version.to_owned()), found))
}

/// An SPDX expression. Before cargo knew them, a slash stood between licences to choose from.
fn expression(licence: &str) -> String {
    licence.split('/').map(str::trim).collect::<Vec<_>>().join(" OR ")
}

/// The crates that `Cargo.lock` takes from the registry, with the SHA-256 of their archives. Ours have none.
pub(super) fn checksums(lock: &str) -> BTreeMap<Key, String> {
    let field = |block: &str, name: &str| {
        let line = block.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(" = \""));
        line.and_then(|line| line.strip_suffix('"')).map(str::to_owned)
    };
    let blocks = lock.split("[[package]]");
    let entry = |block: &str| {
        Some(((field(block, "name")?, field(block, "version")?), field(block, "checksum")?))
    };
    blocks.filter_map(entry).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TREE: &str = "\
0init v0.1.0 (/home/me/a|b/init)|Apache-2.0
1serde v1.0.2|MIT OR Apache-2.0
2serde_derive v1.0.2 (proc-macro)|MIT/Apache-2.0
3syn v3.0.9+a|MIT
3unicode v1.0.0|Unicode-3.0
1unicode v1.0.0|Unicode-3.0 (*)
1model v0.1.0 (/home/me/a|b/model)|Apache-2.0
2serde v1.0.2|MIT OR Apache-2.0 (*)
";

    fn key(name: &str, version: &str) -> Key {
        (name.to_owned(), version.to_owned())
    }

    #[test]
    fn a_crate_has_the_parts_that_stand_below_it() {
        let mut crates = Crates::default();
        assert_eq!(crates.add(TREE), Some(key("init", "0.1.0")));
        let parts = |name, version| {
            let found = &crates.0[&key(name, version)];
            found.parts.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>()
        };
        assert_eq!(parts("init", "0.1.0"), ["model", "serde", "unicode"]);
        assert_eq!(parts("serde", "1.0.2"), ["serde_derive"]);
        assert_eq!(parts("serde_derive", "1.0.2"), ["syn", "unicode"]);
        assert_eq!(parts("model", "0.1.0"), ["serde"]);
        assert_eq!(crates.0[&key("serde_derive", "1.0.2")].licence, "MIT OR Apache-2.0");
    }

    #[test]
    fn what_only_a_macro_needs_is_not_linked() {
        let mut crates = Crates::default();
        let program = crates.add(TREE).expect("a tree");
        let linked = crates.linked(&[program]);
        let names: Vec<_> = linked.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["init", "model", "serde", "unicode"]);
    }

    #[test]
    fn a_text_that_is_no_tree_is_refused() {
        for text in ["", "error: no", "0a v1|MIT\n2b v1|MIT", "0a v1|MIT\n0b v1|MIT", "0a|MIT"] {
            assert_eq!(Crates::default().add(text), None, "{text}");
        }
    }

    #[test]
    fn checksums_are_those_of_the_registry() {
        let lock = "version = 4\n\n[[package]]\nname = \"a\"\nversion = \"1.0.0+b\"\nsource = \"registry+x\"\n\
                    checksum = \"00ff\"\ndependencies = [\n \"c\",\n]\n\n[[package]]\nname = \"c\"\nversion = \"0.1.0\"\n";
        let expected = BTreeMap::from([(key("a", "1.0.0+b"), "00ff".to_owned())]);
        assert_eq!(checksums(lock), expected);
    }
}
