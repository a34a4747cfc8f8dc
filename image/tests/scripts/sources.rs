//! What can be said of the scripts without running them.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

use crate::desk::{PYTHON, SCRIPTS};

const READER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/scripts/powershell.py");
/// Those of the verbs that PowerShell approves of that the scripts use, with the verbs of the modules' cmdlets.
const VERBS: [&str; 21] = [
    "Add", "Assert", "Connect", "Convert", "Copy", "ForEach", "Get", "Import", "Invoke", "Join",
    "New", "Read", "Register", "Select", "Set", "Start", "Test", "Update", "Wait", "Where",
    "Write",
];

/// The scripts whose names end like this.
fn scripts(ending: &str) -> Vec<PathBuf> {
    let paths = fs::read_dir(SCRIPTS).unwrap().map(|entry| entry.unwrap().path());
    let found: Vec<_> = paths.filter(|it| it.to_str().unwrap().ends_with(ending)).collect();
    assert!(!found.is_empty());
    found
}

fn parsed(path: &PathBuf) -> Value {
    let output = Command::new(PYTHON).arg(READER).arg(path).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn texts(value: &Value) -> Vec<String> {
    value.as_array().unwrap().iter().map(|it| it.as_str().unwrap().to_owned()).collect()
}

#[test]
fn shellcheck_finds_nothing() {
    let output = Command::new("shellcheck")
        .arg("--external-sources")
        .args(scripts(".sh"))
        .current_dir(SCRIPTS)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn a_parser_of_powershell_finds_no_error() {
    for path in scripts(".ps1") {
        assert_eq!(texts(&parsed(&path)["errors"]), [""; 0], "{}", path.display());
    }
}

#[test]
fn the_parser_of_powershell_finds_errors() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("wrong.ps1");
    for wrong in ["function Get-It { if ($it) { 1 }", "param([string]$it", "$it = @{ a = 1"] {
        fs::write(&path, wrong).unwrap();
        assert!(!texts(&parsed(&path)["errors"]).is_empty(), "{wrong}");
    }
}

#[test]
fn powershell_scripts_use_approved_verbs_no_aliases_and_no_write_host() {
    for path in scripts(".ps1") {
        let parsed = parsed(&path);
        let names = [texts(&parsed["functions"]), texts(&parsed["commands"])].concat();
        for name in names.iter().filter(|name| *name != "gcloud" && !name.starts_with('$')) {
            let verb = name.split_once('-').map_or("", |(verb, _)| verb);
            assert!(VERBS.contains(&verb) && name != "Write-Host", "{}: {name}", path.display());
        }
    }
}

#[test]
fn every_parameter_of_a_powershell_script_is_explained_and_a_trial_run_is_possible() {
    for path in scripts(".ps1") {
        let text = fs::read_to_string(&path).unwrap();
        if path.ends_with("connector-appliance-common.ps1") {
            continue;
        }
        let parameters = texts(&parsed(&path)["parameters"]);
        assert!(parameters.contains(&"Force".to_owned()), "{parameters:?}");
        for name in parameters {
            assert!(text.contains(&format!("\n.PARAMETER {name}\n")), "{}: {name}", path.display());
        }
        assert!(text.contains("[CmdletBinding(SupportsShouldProcess)]\nparam("));
        assert!(text.contains("$PSCmdlet.ShouldProcess(") && text.contains(".SYNOPSIS"));
    }
}

#[test]
fn scripts_are_read_alike_in_every_code_page() {
    // Windows PowerShell takes a file without a mark for one in the code page of the machine.
    for path in [scripts(".ps1"), scripts(".sh")].concat() {
        let octets = fs::read(&path).unwrap();
        assert!(octets.is_ascii() && !octets.contains(&b'\r'), "{}", path.display());
    }
}
