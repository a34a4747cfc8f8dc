//! What a role must not be able to do is tried, by a program that takes the place of each role: started as
//! the role is, in the real cage. Once in namespaces of this machine, once on the appliance itself.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use harness::disk::run;
use harness::{Machine, Namespace, SlotBuilder, limits, workspace};
use model::role::Role;
use model::slot::Slot;
use regex::Regex;

use crate::must;

/// Target of static programs.
const TARGET: &str = "x86_64-unknown-linux-musl";
/// What each role must be able to do, or its refusals prove nothing.
const OWN: &str = "own-work";
/// What settings alone may do.
const OF_SETTINGS: [&str; 2] = ["read-settings", "list-settings"];
/// Said after the last attempt.
const END: &str = "attempts end";
/// A line of a role in the kernel's log, on the serial line.
const LINE: &str = r"connector ([a-z]+): (attempts? [^\r\n]+)\r";
/// How an attempt fails that is refused: by seccomp, or for want of a right, a file or a writable mount.
/// Other errors could mean that the kernel would have done it, asked better.
const REFUSALS: [&str; 6] = [
    "(SIGSYS)",
    "(os error 1)",
    "(os error 2)",
    "(os error 13)",
    "(os error 30)",
    "it is the role's own work",
];
/// Fewer would mean that attempts were lost on the way.
const MIN_ATTEMPTS: usize = 45;

/// Attempts of each role, by name, with what became of them.
#[derive(Debug, Default)]
struct Outcomes(BTreeMap<&'static str, BTreeMap<String, String>>);

impl Outcomes {
    /// Takes a line such as `attempt mount refused: signal: 31`. Says whether all roles have ended.
    fn take(&mut self, role: Role, line: &str) -> bool {
        let own = self.0.entry(role.name()).or_default();
        if let Some((name, outcome)) = line.strip_prefix("attempt ").and_then(|l| l.split_once(' '))
        {
            own.insert(name.to_owned(), outcome.trim().to_owned());
        } else if line.trim() == END {
            own.insert(END.to_owned(), String::new());
        }
        let has_ended =
            |role: &Role| self.0.get(role.name()).is_some_and(|own| own.contains_key(END));
        Role::ALL.iter().all(has_ended)
    }

    /// Everything was refused but each role's own work.
    fn check(&self) {
        let mut problems = Vec::new();
        for (role, outcomes) in &self.0 {
            assert!(outcomes.len() > MIN_ATTEMPTS, "{role}: {outcomes:?}");
            for (name, outcome) in outcomes.iter().filter(|(name, _)| *name != END) {
                let is_of_settings =
                    *role == Role::Settings.name() && OF_SETTINGS.contains(&name.as_str());
                let is_right = if name == OWN || is_of_settings {
                    outcome == "done"
                } else {
                    outcome.starts_with("refused: ")
                        && REFUSALS.iter().any(|how| outcome.ends_with(how))
                };
                if !is_right {
                    problems.push(format!("{role} {name}: {outcome}"));
                }
            }
        }
        assert!(problems.is_empty(), "\n{}", problems.join("\n"));
    }
}

#[test]
fn what_no_role_may_do_is_refused_in_namespaces() {
    let directory = tempfile::tempdir().expect("directory");
    std::fs::copy(program(), directory.path().join("connector")).expect("copied");
    let namespace = must(Namespace::new());
    let mut roles = Command::new("ip")
        .args(["netns", "exec", namespace.name(), env!("CARGO_BIN_EXE_roles")])
        .arg(directory.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the roles start");
    let mut outcomes = Outcomes::default();
    let output = BufReader::new(roles.stderr.take().expect("output"));
    for line in output.lines().map_while(Result::ok) {
        let Some((role, line)) = line.split_once(": ") else { continue };
        if let Some(role) = Role::from_name(role)
            && outcomes.take(role, line)
        {
            break;
        }
    }
    let _ = roles.kill();
    let _ = roles.wait();
    outcomes.check();
}

#[test]
fn what_no_role_may_do_is_refused_on_the_appliance() {
    let slot = must(SlotBuilder::new()).connector(&program());
    let mut machine = must(Machine::builder().prepare(|disk| slot.write(disk, Slot::A)));
    // What the roles print goes to the kernel's log, which a person can have on the console.
    must(machine.start_with("ignore_loglevel"));
    let mut outcomes = Outcomes::default();
    loop {
        let line = must(machine.serial().expect(LINE, limits::BOOT));
        let role = Role::from_name(&line[1]).expect("the name of a role");
        if outcomes.take(role, &line[2]) {
            break;
        }
    }
    outcomes.check();
    let log = machine.serial().transcript();
    let killed = Regex::new(r"type=1326 [^\r\n]* syscall=[0-9]+").expect("a pattern");
    assert!(killed.is_match(&log), "the log names the call that ended a role:\n{log}");
    // Init reports what it could not set.
    assert!(!log.contains("/proc/sys/"), "{log}");
}

/// The program that tries, compiled as programs of the image are.
fn program() -> PathBuf {
    let root = workspace::root();
    let arguments = ["build", "--release", "--target", TARGET, "--package", "attempts"];
    must(run(Command::new(env!("CARGO")).args(arguments).current_dir(&root)));
    let target =
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    Path::new(&target).join(TARGET).join("release/attempts")
}
