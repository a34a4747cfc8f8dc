//! Reads the files in which the kernel tells about itself.

use std::fs;

use model::kernel_facts::{FILES, KernelFact};
use model::load::LoadFacts;

/// Reads all of [`FILES`]. One that cannot be read has the reason as its text.
#[must_use]
pub fn read_all() -> Vec<KernelFact> {
    let read = |name: &&str| match fs::read(name) {
        Ok(content) => KernelFact::of(name, &content),
        Err(error) => KernelFact::of(name, error.to_string().as_bytes()),
    };
    FILES.iter().map(read).collect()
}

/// How busy the machine is. What cannot be read counts as nothing.
#[must_use]
pub fn read_load() -> LoadFacts {
    let text = |name| fs::read_to_string(name).unwrap_or_default();
    LoadFacts::parse(&text("/proc/stat"), &text("/proc/meminfo"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_every_file_of_this_machine() {
        let facts = read_all();
        assert_eq!(facts.len(), FILES.len());
        assert!(facts.iter().any(|fact| fact.text.starts_with("Linux version")));
    }

    #[test]
    fn this_machine_has_processors_and_memory() {
        let load = read_load();
        assert!(load.total_ticks > 0 && load.available_kib > 0 && load.memory_kib > 0, "{load:?}");
    }
}
