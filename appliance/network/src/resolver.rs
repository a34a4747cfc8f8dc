//! The file from which programs learn the DNS servers (`resolv.conf(5)`).

use std::fs;
use std::io;
use std::path::Path;

use crate::configuration::Configuration;

/// Replaces the file. It lies in memory, so nothing waits for a disk.
pub(crate) fn write(path: &Path, configuration: Option<&Configuration>) -> io::Result<()> {
    let temporary = path.with_extension("new");
    fs::write(&temporary, text(configuration))?;
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
