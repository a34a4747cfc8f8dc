//! A directory as whoever unpacks an archive has it, and a cloud that is not one.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// Python with what the stand-ins and the parser need; `tools/deps` makes it.
pub(crate) const PYTHON: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/../target/scripts/bin/python");
pub(crate) const SCRIPTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/scripts");
const STAND_IN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/scripts/stand_in.py");
const COMMON: &str = "connector-appliance-common.sh";
/// Programs of the system that scripts use; nothing else is in their path.
const PROGRAMS: [&str; 8] = ["bash", "sha256sum", "cut", "wc", "awk", "dirname", "sleep", "cat"];

/// One of the clouds, and how its script is answered.
pub(crate) struct Cloud {
    pub(crate) script: &'static str,
    pub(crate) disk: &'static str,
    pub(crate) tools: &'static [&'static str],
    /// Options and values in the order in which they are asked for.
    pub(crate) answers: &'static [(&'static str, &'static str)],
    /// What changes something in a first run, in order.
    pub(crate) changes: &'static [&'static str],
    /// The same in a run that finds the image.
    pub(crate) later_changes: &'static [&'static str],
}

pub(crate) const AWS: Cloud = Cloud {
    script: "connector-appliance-upload-aws.sh",
    disk: "connector-appliance.vhd",
    tools: &["aws"],
    answers: &[
        ("region", "eu-central-1"),
        ("bucket", "bucket-1"),
        ("name", "vm-1"),
        ("vpc", "vpc-1"),
        ("subnet", "subnet-1"),
    ],
    changes: &[
        "aws s3 cp",
        "aws ec2 import-snapshot",
        "aws ec2 create-tags",
        "aws ec2 register-image",
        "aws ec2 wait image-available",
        "aws ec2 run-instances",
    ],
    later_changes: &["aws ec2 run-instances"],
};
pub(crate) const AZURE: Cloud = Cloud {
    script: "connector-appliance-upload-Azure.sh",
    disk: "connector-appliance-azure.vhd",
    tools: &["az", "azcopy"],
    answers: &[
        ("subscription", "Ours"),
        ("resource-group", "rg"),
        ("network", "vnet"),
        ("subnet", "default"),
        ("name", "vm-1"),
    ],
    changes: &[
        "az disk create",
        "az disk grant-access",
        "azcopy copy",
        "az disk revoke-access",
        "az disk update",
        "az disk create",
        "az vm create",
        "az vm boot-diagnostics enable",
    ],
    later_changes: &["az disk create", "az vm create", "az vm boot-diagnostics enable"],
};
pub(crate) const GOOGLE: Cloud = Cloud {
    script: "connector-appliance-upload-gcp.sh",
    disk: "connector-appliance.tar.gz",
    tools: &["gcloud"],
    answers: &[
        ("project", "project-1"),
        ("bucket", "bucket-1"),
        ("zone", "europe-west3-a"),
        ("subnet", "default"),
        ("name", "vm-1"),
    ],
    changes: &[
        "gcloud storage cp",
        "gcloud compute images create",
        "gcloud compute instances create",
    ],
    later_changes: &["gcloud compute instances create"],
};
pub(crate) const CLOUDS: [&Cloud; 3] = [&AWS, &AZURE, &GOOGLE];

/// How a script ended.
pub(crate) struct Outcome {
    pub(crate) is_ok: bool,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Outcome {
    /// Fails unless the script refused with these words.
    pub(crate) fn is_refusal(&self, words: &str) {
        assert!(!self.is_ok && self.err.contains(words), "{words}: {}{}", self.out, self.err);
    }

    pub(crate) fn is_success(&self) {
        assert!(self.is_ok, "{}{}", self.out, self.err);
    }
}

/// The directory: an unpacked archive, programs, and the world of the stand-ins.
pub(crate) struct Desk {
    directory: TempDir,
    cloud: &'static Cloud,
}

impl Desk {
    pub(crate) fn of(cloud: &'static Cloud) -> Self {
        let desk = Self { directory: tempfile::tempdir().unwrap(), cloud };
        for name in [cloud.script, COMMON] {
            fs::copy(Path::new(SCRIPTS).join(name), desk.path(name)).unwrap();
        }
        fs::write(desk.path(cloud.disk), "a disk").unwrap();
        fs::create_dir(desk.path("bin")).unwrap();
        for program in PROGRAMS {
            let [here, there] = ["/usr/bin", "/bin"].map(|place| Path::new(place).join(program));
            let target = if here.exists() { here } else { there };
            std::os::unix::fs::symlink(target, desk.path("bin").join(program)).unwrap();
        }
        for tool in cloud.tools {
            let path = desk.path("bin").join(tool);
            let text = format!("#!/bin/sh\nexec '{PYTHON}' '{STAND_IN}' {tool} \"$@\"\n");
            fs::write(&path, text).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        }
        desk.set_world("{}");
        desk
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Says what is there, as JSON.
    pub(crate) fn set_world(&self, world: &str) {
        fs::write(self.path("world.json"), world).unwrap();
    }

    /// Every option that is asked for but those that are replaced, and `--yes`.
    pub(crate) fn options(&self, replaced: &[(&str, &str)]) -> Vec<String> {
        let mut options = vec!["--yes".to_owned()];
        if self.cloud.tools == AWS.tools {
            options.extend(["--poll-seconds", "0"].map(str::to_owned));
        }
        for (name, value) in self.cloud.answers {
            let value = replaced.iter().find(|it| it.0 == *name).map_or(*value, |it| it.1);
            options.extend([format!("--{name}"), value.to_owned()]);
        }
        options
    }

    /// Runs the script with what is typed, and perhaps a command that fails.
    pub(crate) fn run_failing(&self, options: &[String], typed: &str, fails: &str) -> Outcome {
        let mut child = Command::new(self.path(self.cloud.script))
            .args(options)
            .env_clear()
            .env("PATH", self.path("bin"))
            .env("LANG", "C.UTF-8")
            .env("STAND_IN", self.directory.path())
            .env("FAIL", fails)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // A script that refuses early does not read it.
        let _closed = child.stdin.take().unwrap().write_all(typed.as_bytes());
        let output = child.wait_with_output().unwrap();
        let text = |octets: Vec<u8>| String::from_utf8_lossy(&octets).into_owned();
        Outcome {
            is_ok: output.status.success(),
            out: text(output.stdout),
            err: text(output.stderr),
        }
    }

    /// Runs the script without anybody who types.
    pub(crate) fn run(&self, options: &[String]) -> Outcome {
        self.run_failing(options, "", "")
    }

    /// Calls of the tools, as the stand-ins noted them; the list starts anew.
    pub(crate) fn calls(&self) -> Vec<Call> {
        let path = self.path("calls");
        let text = fs::read_to_string(&path).unwrap_or_default();
        let _missing = fs::remove_file(path);
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// Calls that change something, by tool and command.
    pub(crate) fn changes(&self) -> Vec<String> {
        let changing = self.calls().into_iter().filter(|call| call.0 == "change");
        changing.map(|call| format!("{} {}", call.1, call.2)).collect()
    }
}

/// "change" or "look", tool, command, all words.
pub(crate) type Call = (String, String, String, Vec<String>);
