//! The fragment of kernel options, and whether they all survived.

/// The options of the appliance's kernel, over `allnoconfig`.
pub const FRAGMENT: &str = include_str!("../../kernel/fragment");

/// One option that the fragment gives another value than the configuration has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// Name, such as `CONFIG_DM_VERITY`.
    pub option: String,
    /// Value in the fragment.
    pub wanted: String,
    /// Value in the configuration; `n` when it is not there.
    pub found: String,
}

/// Every option of the fragment that Kconfig dropped or changed, in the fragment's order.
#[must_use]
pub fn mismatches(fragment: &str, configuration: &str) -> Vec<Mismatch> {
    let found = |option: &str| {
        options(configuration).find(|(name, _)| *name == option).map_or("n", |(_, value)| value)
    };
    options(fragment)
        .map(|(option, wanted)| Mismatch {
            option: option.to_owned(),
            wanted: wanted.to_owned(),
            found: found(option).to_owned(),
        })
        .filter(|option| option.wanted != option.found)
        .collect()
}

/// The options in a configuration; the comment `# CONFIG_X is not set` is `n`.
pub(super) fn options(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.lines().filter_map(|line| match line.strip_prefix("# ") {
        Some(comment) => {
            let option = comment.strip_suffix(" is not set")?;
            option.starts_with("CONFIG_").then_some((option, "n"))
        }
        None => line.starts_with("CONFIG_").then(|| line.split_once('=')).flatten(),
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn lists_dropped_and_changed_options_and_accepts_absence_as_n() {
        let fragment =
            "# Why.\nCONFIG_A=y\nCONFIG_B=64\nCONFIG_C=n\nCONFIG_D=y\nCONFIG_E=\"x=y\"\n";
        let configuration = "CONFIG_A=y\nCONFIG_B=32\n# CONFIG_C is not set\nCONFIG_E=\"x=y\"\n";
        let found: Vec<_> = mismatches(fragment, configuration)
            .into_iter()
            .map(|option| (option.option, option.wanted, option.found))
            .collect();
        let expected = [("CONFIG_B", "64", "32"), ("CONFIG_D", "y", "n")]
            .map(|(option, wanted, found)| (option.into(), wanted.into(), found.into()));
        assert_eq!(found, expected);
    }

    #[test]
    fn no_option_stands_twice_in_the_fragment() {
        let mut seen = HashSet::new();
        for (option, _) in options(FRAGMENT) {
            assert!(seen.insert(option), "{option}");
        }
    }

    #[test]
    fn the_fragment_has_no_modules_and_every_driver_built_in() {
        assert!(options(FRAGMENT).all(|(_, value)| value != "m"));
        assert!(options(FRAGMENT).any(|option| option == ("CONFIG_MODULES", "n")));
    }
}
