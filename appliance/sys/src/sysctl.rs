//! Settings of the kernel in `/proc/sys`.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use model::sysctl::{INTERFACES_DIRECTORY, SETTINGS, Setting};

use crate::SysError;
use crate::error::Step;

/// Writes every setting of the appliance and reads it back. Gives what could not be set, which
/// keeps nothing else from being set.
#[must_use]
pub fn apply() -> Vec<SysError> {
    let root = Path::new("/proc/sys");
    SETTINGS.iter().flat_map(|setting| apply_one(root, setting)).collect()
}

/// Sets one, for interfaces that are there already too.
fn apply_one(root: &Path, setting: &Setting) -> Vec<SysError> {
    let present = fs::read_dir(root.join(INTERFACES_DIRECTORY)).into_iter().flatten().flatten();
    let interfaces = present
        .filter_map(|entry| setting.path_of_interface(&entry.file_name().to_string_lossy()))
        .filter(|path| *path != setting.path());
    let paths = std::iter::once(setting.path()).chain(interfaces);
    paths.filter_map(|path| set(root.join(path), setting.value).err()).collect()
}

fn set(path: PathBuf, value: &str) -> Result<(), SysError> {
    let set = || {
        fs::write(&path, value)?;
        let kept = fs::read_to_string(&path)?;
        if kept.trim() == value {
            return Ok(());
        }
        Err(io::Error::other(format!("the kernel keeps {}", kept.trim())))
    };
    set().step("write", &path.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_present_interfaces_too_but_those_for_all_only_by_their_own_setting() {
        let root = tempfile::tempdir().expect("directory");
        for interface in ["default", "lo", "eth0"] {
            let directory = root.path().join(INTERFACES_DIRECTORY).join(interface);
            fs::create_dir_all(&directory).expect("directory");
            fs::write(directory.join("rp_filter"), "0").expect("file");
        }
        let setting = Setting { name: "net.ipv4.conf.default.rp_filter", value: "2", reason: "" };
        assert!(apply_one(root.path(), &setting).is_empty());
        for interface in ["default", "lo", "eth0"] {
            let file = root.path().join(INTERFACES_DIRECTORY).join(interface).join("rp_filter");
            assert_eq!(fs::read_to_string(file).expect("file"), "2", "{interface}");
        }
    }

    #[test]
    fn names_what_cannot_be_set() {
        let root = tempfile::tempdir().expect("directory");
        let setting = Setting { name: "kernel.nothing", value: "1", reason: "" };
        let refused = apply_one(root.path(), &setting);
        // A plain directory has no file `kernel/nothing` and no directory `kernel` to make it in.
        assert_eq!(refused.len(), 1);
        assert!(refused[0].to_string().contains("kernel/nothing"));
    }
}
