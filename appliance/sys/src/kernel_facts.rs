//! Reads the files in which the kernel tells about itself.

use std::fs;

use model::kernel_facts::{FILES, KernelFact};

/// Reads all of [`FILES`]. One that cannot be read has the reason as its text.
#[must_use]
pub fn read_all() -> Vec<KernelFact> {
    let read = |name: &&str| match fs::read(name) {
        Ok(content) => KernelFact::of(name, &content),
        Err(error) => KernelFact::of(name, error.to_string().as_bytes()),
    };
    FILES.iter().map(read).collect()
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
}
