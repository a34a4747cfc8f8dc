//! What the scripts do to a cloud.

use std::fs;

use crate::desk::{AWS, AZURE, CLOUDS, Cloud, Desk, GOOGLE};

#[test]
fn a_run_makes_image_and_machine_and_prints_the_private_address() {
    for cloud in CLOUDS {
        let desk = Desk::of(cloud);
        let outcome = desk.run(&desk.options(&[]));
        outcome.is_success();
        assert!(outcome.out.contains("IP address") && outcome.out.ends_with(": 10.1.2.3\n"));
        assert_eq!(desk.changes(), cloud.changes, "{}", cloud.script);
    }
}

#[test]
fn a_second_run_uses_the_image_again() {
    for cloud in CLOUDS {
        let desk = Desk::of(cloud);
        desk.run(&desk.options(&[])).is_success();
        desk.changes();
        let outcome = desk.run(&desk.options(&[("name", "vm-2")]));
        outcome.is_success();
        assert!(outcome.err.contains("is there already"), "{}", outcome.err);
        assert_eq!(desk.changes(), cloud.later_changes, "{}", cloud.script);
    }
}

#[test]
fn another_disk_is_another_image() {
    for cloud in CLOUDS {
        let desk = Desk::of(cloud);
        desk.run(&desk.options(&[])).is_success();
        desk.changes();
        fs::write(desk.path(cloud.disk), "the disk of another release").unwrap();
        desk.run(&desk.options(&[("name", "vm-2")])).is_success();
        assert_eq!(desk.changes(), cloud.changes, "{}", cloud.script);
    }
}

#[test]
fn a_machine_of_the_same_name_is_refused_before_anything_changes() {
    for cloud in CLOUDS {
        let desk = Desk::of(cloud);
        desk.run(&desk.options(&[])).is_success();
        desk.changes();
        desk.run(&desk.options(&[])).is_refusal("choose another name");
        assert!(desk.changes().is_empty());
    }
}

#[test]
fn a_dry_run_changes_nothing_and_says_what_would_be_done() {
    for cloud in CLOUDS {
        let desk = Desk::of(cloud);
        let mut options = desk.options(&[]);
        options.push("--dry-run".to_owned());
        let outcome = desk.run(&options);
        outcome.is_success();
        let changed = desk.calls().into_iter().find(|call| call.0 == "change");
        assert!(changed.is_none() && outcome.out.is_empty(), "{changed:?} {}", outcome.out);
        let told = outcome.err.matches("would run: ").count();
        assert_eq!(told, cloud.changes.len(), "{}", outcome.err);
    }
}

/// What a test takes away, and the words of the refusal.
const MISSING: [(&Cloud, &str, &str); 17] = [
    (&AWS, "sign-in", "aws configure"),
    (&AWS, "region", "aws ec2 describe-regions"),
    (&AWS, "bucket", "create it in eu-central-1"),
    (&AWS, "role", "there is no role vmimport"),
    (&AWS, "policy", "has no policy vmimport"),
    (&AWS, "vpc", "there is no vpc-1"),
    (&AWS, "subnet", "there is no subnet-1"),
    (&AWS, "default group", "give --security-group"),
    (&AWS, "type", "give --instance-type t3.medium"),
    (&AZURE, "sign-in", "az login"),
    (&AZURE, "subscription", "az account list"),
    (&AZURE, "resource group", "az group create"),
    (&AZURE, "network", "no virtual network 'vnet'"),
    (&AZURE, "subnet", "no subnet 'default'"),
    (&GOOGLE, "sign-in", "gcloud auth login"),
    (&GOOGLE, "bucket", "gcloud storage buckets create"),
    (&GOOGLE, "zone", "gcloud compute zones list"),
];

#[test]
fn each_missing_prerequisite_is_named_before_anything_changes() {
    for (cloud, absent, words) in MISSING {
        let desk = Desk::of(cloud);
        desk.set_world(&format!(r#"{{"absent": ["{absent}"]}}"#));
        desk.run(&desk.options(&[])).is_refusal(words);
        assert!(desk.changes().is_empty(), "{absent}");
    }
}

#[test]
fn a_bucket_or_subnet_elsewhere_is_refused() {
    let places = [
        (r#"{"bucket_region": null}"#, "is in us-east-1"),
        (r#"{"bucket_region": "EU"}"#, "is in eu-west-1"),
        (r#"{"subnet_vpc": "vpc-2"}"#, "is not in vpc-1 but in vpc-2"),
    ];
    for (world, words) in places {
        let desk = Desk::of(&AWS);
        desk.set_world(world);
        desk.run(&desk.options(&[])).is_refusal(words);
        assert!(desk.changes().is_empty());
    }
}

#[test]
fn a_policy_that_is_attached_serves_as_well_as_one_that_is_part_of_the_role() {
    let desk = Desk::of(&AWS);
    desk.set_world(r#"{"absent": ["inline"]}"#);
    desk.run(&desk.options(&[])).is_success();
}

#[test]
fn a_step_that_fails_names_what_exists_and_the_next_run_uses_it() {
    let failures = [
        (&AWS, "ec2 import-snapshot", "object s3://bucket-1/", &AWS.changes[1..]),
        (&AWS, "ec2 register-image", "snapshot snap-1", &AWS.changes[3..]),
        (&AWS, "ec2 run-instances", "image ami-1", &AWS.changes[5..]),
        (&AZURE, "vm create", "disk vm-1-disk", &AZURE.changes[6..]),
        (&GOOGLE, "compute images create", "object gs://bucket-1/", &GOOGLE.changes[1..]),
        (&GOOGLE, "compute instances create", "image connector-appliance-", &GOOGLE.changes[2..]),
    ];
    for (cloud, command, exists, rest) in failures {
        let desk = Desk::of(cloud);
        let outcome = desk.run_failing(&desk.options(&[]), "", command);
        outcome.is_refusal("this exists by now");
        outcome.is_refusal(exists);
        outcome.is_refusal(command);
        desk.changes();
        desk.run(&desk.options(&[])).is_success();
        assert_eq!(desk.changes(), rest, "{command}");
    }
}

#[test]
fn half_a_disk_is_discarded_with_the_address_that_lets_anybody_write() {
    let desk = Desk::of(&AZURE);
    let outcome = desk.run_failing(&desk.options(&[]), "", "copy");
    outcome.is_refusal("the upload failed");
    assert!(!outcome.err.contains("secret-of-the-upload"), "{}", outcome.err);
    let changes = desk.changes();
    assert_eq!(changes[3..], ["az disk revoke-access", "az disk delete"]);
    desk.run(&desk.options(&[])).is_success();
}

#[test]
fn a_disk_that_is_not_whole_or_not_ours_is_not_used() {
    let desk = Desk::of(&AZURE);
    desk.run(&desk.options(&[])).is_success();
    let world = fs::read_to_string(desk.path("world.json")).unwrap();
    let at = world.find("\"sha256\"").unwrap();
    desk.set_world(&format!("{}\"other\"{}", &world[..at], &world[at + 8..]));
    desk.changes();
    desk.run(&desk.options(&[("name", "vm-2")])).is_refusal("delete it and run this again");
    assert!(desk.changes().is_empty());
}

#[test]
fn the_address_for_the_upload_goes_to_the_one_program_that_needs_it() {
    let desk = Desk::of(&AZURE);
    let outcome = desk.run(&desk.options(&[]));
    assert!(!outcome.err.contains("secret-of-the-upload"), "{}", outcome.err);
    let given: Vec<_> = desk
        .calls()
        .into_iter()
        .filter(|call| call.3.iter().any(|word| word.contains("secret-of-the-upload")))
        .map(|call| call.1)
        .collect();
    assert_eq!(given, ["azcopy"]);
}

#[test]
fn an_import_that_takes_too_long_is_waited_for_by_the_next_run() {
    let desk = Desk::of(&AWS);
    desk.set_world(r#"{"absent": ["end of import"]}"#);
    let mut options = desk.options(&[]);
    options.extend(["--timeout-minutes", "0"].map(str::to_owned));
    desk.run(&options).is_refusal("takes longer than 0 minutes; run this again to wait on");
    desk.changes();
    let world = fs::read_to_string(desk.path("world.json")).unwrap();
    desk.set_world(&world.replace("end of import", "nothing"));
    desk.run(&desk.options(&[])).is_success();
    assert_eq!(desk.changes(), AWS.changes[2..]);
}

#[test]
fn an_import_that_fails_is_explained() {
    let desk = Desk::of(&AWS);
    desk.set_world(r#"{"absent": ["failed import"]}"#);
    desk.run(&desk.options(&[])).is_refusal("is error: ClientError: Unsupported disk");
}

#[test]
fn an_aws_image_demands_tokens_of_the_metadata_service_and_a_machine_has_no_public_address() {
    let desk = Desk::of(&AWS);
    desk.run(&desk.options(&[])).is_success();
    let calls = desk.calls();
    let words = |command| calls.iter().find(|call| call.2 == command).unwrap().3.join(" ");
    let (image, machine) = (words("ec2 register-image"), words("ec2 run-instances"));
    for word in ["--imds-support v2.0", "--ena-support", "--virtualization-type hvm"] {
        assert!(image.contains(word), "{image}");
    }
    for word in ["HttpTokens=required", "--no-associate-public-ip-address"] {
        assert!(machine.contains(word), "{machine}");
    }
}
