//! What the scripts ask, and what they make of odd answers.

use std::fs;
use std::process::Command;

use crate::desk::{AWS, AZURE, CLOUDS, Desk, GOOGLE};

#[test]
fn every_option_that_is_not_given_is_asked_for_in_order() {
    for cloud in CLOUDS {
        let desk = Desk::of(cloud);
        let mut typed: String = cloud.answers.iter().map(|it| format!("{}\n", it.1)).collect();
        // Enter after the summary, then no other machine where that is asked.
        typed += "\nn\n";
        let poll = ["--poll-seconds", "0"].map(str::to_owned);
        let options = if cloud.script == AWS.script { &poll[..] } else { &[] };
        let outcome = desk.run_failing(options, &typed, "");
        outcome.is_success();
        assert!(outcome.err.contains("Enter continues"), "{}", outcome.err);
        assert_eq!(desk.changes(), cloud.changes, "{}", cloud.script);
    }
}

#[test]
fn enter_takes_the_default() {
    let desk = Desk::of(&GOOGLE);
    let outcome = desk.run_failing(&[], "\nbucket-1\neurope-west3-a\n\n\n\nn\n", "");
    outcome.is_success();
    assert!(outcome.err.contains("Project [project-1]: "), "{}", outcome.err);
    assert!(outcome.out.contains("of connector-appliance:"), "{}", outcome.out);
}

#[test]
fn y_makes_another_machine_and_n_ends() {
    for cloud in [&AZURE, &GOOGLE] {
        let desk = Desk::of(cloud);
        let mut typed: String = cloud.answers.iter().map(|it| format!("{}\n", it.1)).collect();
        typed += "\ny\nvm-2\ny\nvm-3\nn\n";
        let outcome = desk.run_failing(&[], &typed, "");
        outcome.is_success();
        assert_eq!(outcome.out.lines().count(), 3, "{}", outcome.out);
        let rest = &desk.changes()[cloud.changes.len()..];
        assert_eq!(rest, [cloud.later_changes, cloud.later_changes].concat());
    }
}

#[test]
fn whoever_is_not_signed_in_is_signed_in_unless_nothing_may_be_asked() {
    for (cloud, command) in [(&AZURE, "az login"), (&GOOGLE, "gcloud auth login")] {
        let desk = Desk::of(cloud);
        desk.set_world(r#"{"absent": ["sign-in"]}"#);
        let mut typed: String = cloud.answers.iter().map(|it| format!("{}\n", it.1)).collect();
        typed += "\nn\n";
        desk.run_failing(&[], &typed, "").is_success();
        assert_eq!(desk.changes()[0], command);
    }
}

#[test]
fn what_has_no_default_is_demanded_with_yes() {
    for (cloud, words) in
        [(&AWS, "give --bucket"), (&AZURE, "give --resource-group"), (&GOOGLE, "give --bucket")]
    {
        let desk = Desk::of(cloud);
        desk.run(&["--yes".to_owned()]).is_refusal(words);
        assert!(desk.changes().is_empty());
    }
}

#[test]
fn an_end_of_the_answers_ends_the_script() {
    for cloud in CLOUDS {
        let desk = Desk::of(cloud);
        desk.run_failing(&[], "", "").is_refusal("there is no answer to");
        assert!(desk.changes().is_empty());
    }
}

#[test]
fn odd_names_of_machines_are_refused_with_the_rule() {
    let long = "a".repeat(300);
    let odd = ["", &long, "a,b", "a\"b", "a\\b", "a*", "a\nb", "-", "$(touch made)*"];
    for cloud in CLOUDS {
        let desk = Desk::of(cloud);
        for name in odd.iter().filter(|name| **name != "-" || cloud.script != AWS.script) {
            let outcome = desk.run(&desk.options(&[("name", name)]));
            let words = if name.is_empty() { "is empty" } else { "cannot be the name" };
            outcome.is_refusal(words);
            assert!(desk.changes().is_empty(), "{name}");
        }
        assert!(!desk.path("made").exists());
    }
}

#[test]
fn spaces_and_other_scripts_are_fine_in_names_on_aws_only() {
    for name in ["Connector Appliance", "コネクタ", "a'b", "$(touch made)", "`touch made`", "-"]
    {
        let desk = Desk::of(&AWS);
        desk.run(&desk.options(&[("name", name)])).is_success();
        let calls = desk.calls();
        let run = calls.iter().find(|call| call.2 == "ec2 run-instances").unwrap();
        assert!(run.3.iter().any(|word| word.contains(&format!("\"Value\":\"{name}\""))));
        assert!(!desk.path("made").exists());
        for other in [&AZURE, &GOOGLE] {
            let desk = Desk::of(other);
            desk.run(&desk.options(&[("name", name)])).is_refusal("cannot be the name");
        }
    }
}

#[test]
fn odd_places_are_refused() {
    for (cloud, option, value) in [
        (&AWS, "region", "europe"),
        (&AWS, "bucket", "s3://bucket"),
        (&AWS, "vpc", "my vpc"),
        (&AWS, "subnet", "subnet-1,subnet-2"),
        (&GOOGLE, "project", "My Project"),
        (&GOOGLE, "bucket", "gs://bucket"),
        (&GOOGLE, "zone", "europe"),
        (&GOOGLE, "subnet", "Default"),
    ] {
        let desk = Desk::of(cloud);
        desk.run(&desk.options(&[(option, value)])).is_refusal("cannot be");
        assert!(desk.changes().is_empty());
    }
}

#[test]
fn an_unknown_option_one_without_a_value_and_a_word_are_refused() {
    for cloud in CLOUDS {
        let desk = Desk::of(cloud);
        for (word, words) in [
            ("--nothing", "there is no option --nothing"),
            ("--name", "--name needs a value"),
            ("vm-1", "cannot use 'vm-1'"),
            ("--name vm-1", "there is no option"),
        ] {
            desk.run(&[word.to_owned()]).is_refusal(words);
        }
        assert!(desk.calls().is_empty());
    }
}

#[test]
fn help_lists_every_option_and_calls_nothing() {
    for cloud in CLOUDS {
        let desk = Desk::of(cloud);
        let outcome = desk.run(&["--help".to_owned()]);
        outcome.is_success();
        for name in cloud.answers.iter().map(|it| it.0).chain(["yes", "dry-run"]) {
            assert!(outcome.out.contains(&format!("--{name}")), "{name}: {}", outcome.out);
        }
        assert!(desk.calls().is_empty());
    }
}

#[test]
fn a_tool_that_is_not_installed_is_named() {
    for cloud in CLOUDS {
        for tool in cloud.tools {
            let desk = Desk::of(cloud);
            fs::remove_file(desk.path("bin").join(tool)).unwrap();
            desk.run(&desk.options(&[])).is_refusal(&format!("{tool} is not installed; install"));
            assert!(desk.calls().is_empty());
        }
    }
}

#[test]
fn a_disk_that_is_missing_or_another_one_is_refused() {
    for cloud in CLOUDS {
        let desk = Desk::of(cloud);
        let sums = desk.path("SHA256SUMS");
        fs::write(&sums, "0000  another-file\n").unwrap();
        desk.run(&desk.options(&[])).is_refusal("SHA256SUMS does not list");
        fs::write(&sums, format!("0000  {}\n", cloud.disk)).unwrap();
        desk.run(&desk.options(&[])).is_refusal("download it again");
        let listed = Command::new("sha256sum")
            .arg(cloud.disk)
            .current_dir(sums.parent().unwrap())
            .output()
            .unwrap();
        fs::write(&sums, listed.stdout).unwrap();
        assert!(desk.calls().is_empty());
        desk.run(&desk.options(&[])).is_success();
        fs::remove_file(desk.path(cloud.disk)).unwrap();
        desk.run(&desk.options(&[])).is_refusal("is missing; unpack the whole archive");
        fs::remove_file(desk.path("connector-appliance-common.sh")).unwrap();
        desk.run(&desk.options(&[])).is_refusal("common.sh is missing; unpack the whole archive");
    }
}
