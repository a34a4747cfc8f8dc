//! The kernel's command line.

use crate::disk;
use crate::slot::Slot;

/// Splits a kernel command line into its parameters, keeping quoted spaces together and dropping
/// the quotes, as the kernel's own `next_arg` does.
pub fn parameters(command_line: &str) -> impl Iterator<Item = String> + '_ {
    let mut rest = command_line.trim_matches(is_separator);
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let mut is_quoted = false;
        let end = rest
            .find(|character: char| {
                is_quoted ^= character == '"';
                !is_quoted && is_separator(character)
            })
            .unwrap_or(rest.len());
        let (parameter, remainder) = rest.split_at(end);
        rest = remainder.trim_start_matches(is_separator);
        Some(parameter.replace('"', ""))
    })
}

/// Every value given for a key, in order.
pub fn values<'a>(command_line: &'a str, key: &'a str) -> impl Iterator<Item = String> + 'a {
    parameters(command_line).filter_map(move |parameter| {
        Some(parameter.strip_prefix(key)?.strip_prefix('=')?.to_owned())
    })
}

/// The partition GUID in `root=PARTUUID=<guid>`; the last one counts, as in the kernel.
#[must_use]
pub fn root_partition_guid(command_line: &str) -> Option<String> {
    values(command_line, "root").last()?.strip_prefix("PARTUUID=").map(str::to_owned)
}

/// The slot that the command line starts.
#[must_use]
pub fn root_slot(command_line: &str) -> Option<Slot> {
    disk::slot_of_partition(&root_partition_guid(command_line)?)
}

/// Everything of a `linux` line after the kernel's path, as the manual documents it.
#[must_use]
pub fn documented(slot: Slot) -> String {
    let guid = disk::root_partition(slot).guid;
    format!("ro root=PARTUUID={guid} quiet oops=panic console=tty0 console=ttyS0")
}

const fn is_separator(character: char) -> bool {
    character.is_ascii_whitespace() || character == '\0'
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn finds_the_slot_of_the_documented_line() {
        let line = format!("BOOT_IMAGE=/boot/bzImage {}", documented(Slot::B));
        assert_eq!(root_slot(&line), Some(Slot::B));
        assert_eq!(root_slot("root=/dev/sda1"), None);
    }

    #[test]
    fn keeps_quoted_parameters_whole() {
        let line = "quiet \"network=static:ip=10.0.0.5;dns=a b\" x=\"1 2\" last\n";
        let found: Vec<_> = parameters(line).collect();
        assert_eq!(found, ["quiet", "network=static:ip=10.0.0.5;dns=a b", "x=1 2", "last"]);
    }

    #[test]
    fn gives_every_value_of_a_repeated_key() {
        let found: Vec<_> = values("a=1 ab=2 a=3 a", "a").collect();
        assert_eq!(found, ["1", "3"]);
    }

    proptest! {
        #[test]
        fn never_panics_and_never_yields_separators(line in ".*") {
            for parameter in parameters(&line) {
                prop_assert!(line.contains('"') || !parameter.contains(' '));
            }
        }
    }
}
