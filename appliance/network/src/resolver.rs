//! The file from which programs learn the DNS servers (`resolv.conf(5)`).

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::configuration::Configuration;

/// Every role may read the file, although what a role writes is its own otherwise.
const MODE: u32 = 0o644;

/// Replaces the file. It lies in memory, so nothing waits for a disk.
pub(crate) fn write(path: &Path, configuration: Option<&Configuration>) -> io::Result<()> {
    let temporary = path.with_extension("new");
    fs::write(&temporary, text(configuration))?;
    fs::set_permissions(&temporary, Permissions::from_mode(MODE))?;
    fs::rename(temporary, path)
}

fn text(configuration: Option<&Configuration>) -> String {
    let Some(Configuration { dns, domain, .. }) = configuration else {
        return String::new();
    };
    let servers = dns.iter().map(|server| format!("nameserver {server}\n"));
    let search = domain.iter().map(|domain| format!("search {domain}\n"));
    servers.chain(search).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_role_may_read_the_file() {
        let directory = tempfile::tempdir().expect("directory");
        let path = directory.path().join("resolv.conf");
        // What a role creates is closed to others; this one was left over.
        let left_over = path.with_extension("new");
        fs::write(&left_over, "").expect("written");
        fs::set_permissions(&left_over, Permissions::from_mode(0o600)).expect("closed");
        write(&path, None).expect("written");
        let mode = fs::metadata(&path).expect("there").permissions().mode();
        assert_eq!(mode & 0o777, MODE);
        assert!(!left_over.exists());
    }
}
