//! The rules of the public kernel-hardening-checker: the kernel follows each, or there is a reason.
//!
//! Rules stand in `kernel/hardening`, one a line, and reasons in `kernel/HARDENING.md`; a rule that
//! the configuration, the boot parameters and init's settings follow has no reason there.

use std::collections::HashMap;
use std::fmt;

use model::slot::Slot;
use model::{command_line, sysctl};

use super::config;

/// The rules.
const RULES: &str = include_str!("../../kernel/hardening");
/// The reasons, for people.
const REASONS: &str = include_str!("../../kernel/HARDENING.md");

/// Option with the boot parameters that come before those of the boot loader.
const BUILT_IN_PARAMETERS: &str = "CONFIG_CMDLINE";

/// Between alternatives of a rule.
const OR: &str = " | ";
/// Between terms that must hold together; binds more tightly.
const AND: &str = " & ";

/// Something that the rules, the reasons and the kernel do not agree on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// The kernel does not follow this rule, and no reason says why.
    Unexplained(String),
    /// A reason for a rule that the kernel follows, or that does not exist.
    Needless(String),
    /// A line of the rules that cannot be read, or a row of the reasons without a reason.
    Unreadable(String),
}

impl fmt::Display for Finding {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unexplained(rule) => write!(out, "{rule}: neither followed nor explained"),
            Self::Needless(rule) => write!(out, "{rule}: explained, but followed or no rule"),
            Self::Unreadable(line) => write!(out, "{line}: cannot be read, or stands twice"),
        }
    }
}

/// How many rules there are, and how many of them a kernel follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Score {
    /// All rules.
    pub(super) rules: usize,
    /// Rules that the kernel follows; each of the others has a reason.
    pub(super) followed: usize,
}

/// Judges a kernel by its version, such as `6.12`, and its configuration.
///
/// # Errors
///
/// Everything that is not as it should be, in the order of the rules and then of the reasons.
pub(super) fn judge(version: &str, configuration: &str) -> Result<Score, Vec<Finding>> {
    judge_by(RULES, REASONS, &Kernel::new(version, configuration))
}

fn judge_by(rules: &str, reasons: &str, kernel: &Kernel<'_>) -> Result<Score, Vec<Finding>> {
    let mut findings = Vec::new();
    let mut unused: Vec<&str> = Vec::new();
    for (names, reason) in rows(reasons) {
        for name in names {
            if reason.is_empty() || unused.contains(&name) {
                findings.push(Finding::Unreadable(name.to_owned()));
            }
            unused.push(name);
        }
    }
    let mut score = Score { rules: 0, followed: 0 };
    for rule in rules.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let Some(is_followed) = kernel.follows(rule) else {
            findings.push(Finding::Unreadable(rule.to_owned()));
            continue;
        };
        let name = name_of(rule);
        score.rules += 1;
        score.followed += usize::from(is_followed);
        let explained = unused.iter().position(|reason| *reason == name);
        match (is_followed, explained) {
            (false, Some(place)) => drop(unused.remove(place)),
            (false, None) => findings.push(Finding::Unexplained(name.to_owned())),
            // The reason stays among the unused ones.
            (true, _) => {}
        }
    }
    findings.extend(unused.into_iter().map(|name| Finding::Needless(name.to_owned())));
    if findings.is_empty() { Ok(score) } else { Err(findings) }
}

/// Rows of the tables in the reasons: the rules between backquotes in the first cell, and the
/// second cell.
fn rows(reasons: &str) -> impl Iterator<Item = (Vec<&str>, &str)> {
    reasons.lines().filter_map(|line| {
        let (rules, reason) = line.strip_prefix("| `")?.split_once('|')?;
        let names = rules.trim_end().strip_suffix('`')?.split("`, `").collect();
        Some((names, reason.trim_end_matches('|').trim()))
    })
}

/// What rules ask about.
struct Kernel<'a> {
    version: Vec<u32>,
    options: HashMap<&'a str, &'a str>,
    parameters: HashMap<String, String>,
}

impl<'a> Kernel<'a> {
    fn new(version: &str, configuration: &'a str) -> Self {
        let options: HashMap<_, _> = config::options(configuration).collect();
        let built_in = options.get(BUILT_IN_PARAMETERS).map_or("", |line| line.trim_matches('"'));
        let documented = command_line::documented(Slot::A);
        let parameters = command_line::parameters(built_in)
            .chain(command_line::parameters(&documented))
            .map(|parameter| match parameter.split_once('=') {
                Some((name, value)) => (name.to_owned(), value.to_owned()),
                None => (parameter, String::new()),
            })
            .collect();
        Self { version: numbers(version).unwrap_or_default(), options, parameters }
    }

    /// Whether the kernel follows a rule; `None` when it cannot be read.
    fn follows(&self, rule: &str) -> Option<bool> {
        let mut is_followed = false;
        for alternative in rule.split(OR) {
            let mut holds = true;
            for term in alternative.split(AND) {
                holds &= self.holds(term)?;
            }
            is_followed |= holds;
        }
        Some(is_followed)
    }

    /// Whether one term holds; `None` when it cannot be read.
    fn holds(&self, term: &str) -> Option<bool> {
        if let Some(version) = term.strip_prefix("version ") {
            return Some(self.version >= numbers(version)?);
        }
        let (kind, rest) = term.split_once(' ')?;
        let (name, wanted) = rest.split_once(' ')?;
        let found = match kind {
            "kconfig" => self.options.get(format!("CONFIG_{name}").as_str()).copied(),
            "cmdline" => self.parameters.get(name).map(String::as_str),
            "sysctl" => sysctl::SETTINGS.iter().find(|set| set.name == name).map(|set| set.value),
            _ => return None,
        };
        Some(match (wanted, found) {
            ("present", found) => found.is_some(),
            ("absent", found) => found.is_none(),
            ("n", found) => found.is_none_or(|found| found == "n"),
            ("!off", found) => found.is_some_and(|found| !["off", "0"].contains(&found)),
            (_, None) => false,
            (wanted, Some(found)) => match wanted.strip_prefix('*') {
                Some(item) => {
                    let item = item.trim_end_matches('*');
                    found.trim_matches('"').split(',').any(|found| found == item)
                }
                None => found == wanted,
            },
        })
    }
}

/// The first term of a rule, which names it.
fn name_of(rule: &str) -> &str {
    let name = rule.split(OR).next().unwrap_or(rule);
    name.split(AND).next().unwrap_or(name)
}

/// The numbers of a version, to compare.
fn numbers(version: &str) -> Option<Vec<u32>> {
    version.split('.').map(|number| number.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rules' names that are found for a configuration, with the reasons given.
    fn findings(rules: &str, reasons: &str, configuration: &str) -> Vec<Finding> {
        judge_by(rules, reasons, &Kernel::new("6.12", configuration)).err().unwrap_or_default()
    }

    #[test]
    fn the_fragment_follows_every_rule_that_has_no_reason() {
        let score = judge("6.12", config::FRAGMENT).unwrap_or_else(|findings| {
            panic!("{}", findings.iter().map(|each| format!("\n{each}")).collect::<String>())
        });
        assert!(score.rules > 300, "{score:?}");
    }

    #[test]
    fn every_rule_stands_once() {
        let mut seen = std::collections::HashSet::new();
        for rule in RULES.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
            assert!(seen.insert(name_of(rule)), "{rule}");
        }
    }

    #[test]
    fn a_rule_that_is_not_followed_needs_a_reason() {
        let rule = "kconfig FB n\nkconfig VT n";
        let reason = "| `kconfig VT n`, `kconfig FB n` | The console is on the screen. |";
        let console = "CONFIG_FB=y\nCONFIG_VT=y";
        assert_eq!(findings(rule, reason, console), []);
        let missing = Finding::Unexplained("kconfig FB n".into());
        assert_eq!(findings(rule, "| `kconfig VT n` | Why. |", console), [missing]);
        let empty = findings(rule, &reason.replace("The console is on the screen.", ""), console);
        assert_eq!(empty.len(), 2, "{empty:?}");
    }

    #[test]
    fn a_reason_for_a_rule_that_is_followed_is_too_much() {
        let reason = "| `kconfig FB n` | The console is on the screen. |";
        let needless = Finding::Needless("kconfig FB n".into());
        let expected = [needless];
        assert_eq!(findings("kconfig FB n", reason, "# CONFIG_FB is not set"), expected);
        assert_eq!(findings("", reason, ""), expected);
    }

    #[test]
    fn understands_every_kind_of_rule() {
        let configuration = "# CONFIG_OFF is not set\nCONFIG_ON=y\nCONFIG_BITS=32\n\
            CONFIG_LSM=\"landlock,lockdown\"\nCONFIG_CMDLINE=\"a.b=1 alone\"";
        let kernel = Kernel::new("6.12", configuration);
        let followed = [
            "kconfig ON y",
            "kconfig BITS 32",
            "kconfig OFF n & kconfig OFF present",
            "kconfig UNKNOWN n",
            "kconfig LSM *lockdown*",
            "cmdline a.b 1",
            "cmdline a.b !off",
            "cmdline alone present",
            "cmdline oops panic",
            "cmdline other absent",
            "sysctl kernel.kptr_restrict 2",
            "kconfig OLD y | version 6.9",
            "kconfig OLD y | kconfig ON y & version 6.6.8",
        ];
        let broken = [
            "kconfig ON n",
            "kconfig BITS 28",
            "kconfig UNKNOWN n & kconfig UNKNOWN present",
            "kconfig LSM *down*",
            "cmdline a.b absent",
            "cmdline other !off",
            "sysctl kernel.kptr_restrict 1",
            "sysctl kernel.other 0",
            "kconfig OLD y | version 6.13",
            "kconfig OLD y | kconfig ON n & version 6.6",
        ];
        for rule in followed {
            assert_eq!(kernel.follows(rule), Some(true), "{rule}");
        }
        for rule in broken {
            assert_eq!(kernel.follows(rule), Some(false), "{rule}");
        }
        for rule in ["kconfig ON", "other ON y", "version six", ""] {
            assert_eq!(kernel.follows(rule), None, "{rule}");
        }
    }
}
