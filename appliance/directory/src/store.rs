//! The directory of the role: one file for each domain.
//!
//! A file is written under another name, waited for, and renamed: a power cut leaves the old content or
//! the new.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use model::domain::DomainName;
use tracing::warn;
use zeroize::Zeroizing;

use crate::account::{Account, SCHEMA};

/// End of the names of the files.
const EXTENSION: &str = "json";
/// End of the name of one that is being written.
const UNFINISHED: &str = "new";
/// End of the name of one that cannot be read: it is kept for whoever investigates.
const DAMAGED: &str = "damaged";
/// Largest file that is read, in bytes.
const MAX_BYTES: u64 = 64 * 1024;

/// The directory.
#[derive(Clone, Debug)]
pub struct Store {
    directory: PathBuf,
}

impl Store {
    /// The store in this directory, which init has made.
    #[must_use]
    pub const fn new(directory: PathBuf) -> Self {
        Self { directory }
    }

    /// All accounts. Unfinished files go; damaged ones are set aside and told.
    ///
    /// # Errors
    ///
    /// The directory cannot be read.
    pub fn load(&self) -> io::Result<Vec<Account>> {
        let mut accounts = Vec::new();
        for entry in fs::read_dir(&self.directory)? {
            let path = entry?.path();
            match path.extension().and_then(|extension| extension.to_str()) {
                Some(EXTENSION) => match read(&path) {
                    Ok(account) => accounts.push(account),
                    Err(error) => {
                        let file = path.file_name().unwrap_or_default().to_string_lossy();
                        warn!(%file, %error, "The file of a joined domain is damaged; it is set aside");
                        let aside = path.with_extension(DAMAGED);
                        if let Err(error) = fs::rename(&path, aside) {
                            warn!(%file, %error, "The damaged file cannot be set aside");
                        }
                    }
                },
                Some(UNFINISHED) => drop(fs::remove_file(&path)),
                _ => {}
            }
        }
        accounts.sort_by(|one, other| one.domain.cmp(&other.domain));
        Ok(accounts)
    }

    /// Keeps an account in place of what there was of its domain. When this returns it is on the disk.
    ///
    /// # Errors
    ///
    /// It cannot be written; what there was is still there.
    pub fn save(&self, account: &Account) -> io::Result<()> {
        let bytes = Zeroizing::new(serde_json::to_vec(account)?);
        let [name, unfinished] =
            [EXTENSION, UNFINISHED].map(|end| format!("{}.{end}", account.domain));
        durable::replace(&self.directory, &name, &unfinished, &bytes)
    }

    /// Forgets what there is of a domain; there may be nothing.
    ///
    /// # Errors
    ///
    /// It cannot be removed.
    pub fn remove(&self, domain: &DomainName) -> io::Result<()> {
        match fs::remove_file(self.path(domain)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => self.sync(),
        }
    }

    /// Removes every file, damaged ones too.
    ///
    /// # Errors
    ///
    /// One cannot be removed.
    pub fn clear(&self) -> io::Result<()> {
        for entry in fs::read_dir(&self.directory)? {
            fs::remove_file(entry?.path())?;
        }
        self.sync()
    }

    /// Names of domains hold neither slashes nor a dot in front.
    fn path(&self, domain: &DomainName) -> PathBuf {
        self.directory.join(format!("{domain}.{EXTENSION}"))
    }

    fn sync(&self) -> io::Result<()> {
        durable::sync_directory(&self.directory)
    }
}

fn read(path: &Path) -> io::Result<Account> {
    let invalid = |reason: &str| io::Error::new(io::ErrorKind::InvalidData, reason);
    if fs::metadata(path)?.len() > MAX_BYTES {
        return Err(invalid("it is too large"));
    }
    let bytes = Zeroizing::new(fs::read(path)?);
    // The error of the parser would show what it stumbled over.
    let account: Account =
        serde_json::from_slice(&bytes).map_err(|_| invalid("it is no account"))?;
    match account.schema == SCHEMA && !account.passwords.is_empty() {
        true => Ok(account),
        false => Err(invalid("it is of another version")),
    }
}

#[cfg(test)]
mod tests {
    use model::domain::MachineName;
    use model::secret::Secret;

    use super::*;
    use crate::account::AccountState;

    fn account(domain: &str) -> Account {
        Account {
            schema: SCHEMA,
            state: AccountState::Joined,
            domain: DomainName::parse(domain).unwrap(),
            forest: domain.to_owned(),
            netbios: "CORP".to_owned(),
            machine: MachineName::parse("APPL-1").unwrap(),
            place: "CN=APPL-1".to_owned(),
            dns_servers: Vec::new(),
            controller: "dc1.example.com".to_owned(),
            joined_at: 1,
            password_changed_at: 1,
            passwords: vec![Secret::new("hunter2".to_owned())],
        }
    }

    #[test]
    fn accounts_are_kept_replaced_and_forgotten() {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::new(directory.path().to_owned());
        store.save(&account("b.example.com")).unwrap();
        store.save(&account("a.example.com")).unwrap();
        store.save(&Account { joined_at: 2, ..account("a.example.com") }).unwrap();
        let kept = store.load().unwrap();
        let names: Vec<_> = kept.iter().map(|it| (it.domain.as_str(), it.joined_at)).collect();
        assert_eq!(names, [("a.example.com", 2), ("b.example.com", 1)]);
        assert_eq!(kept[0].passwords[0].expose(), "hunter2");
        store.remove(&kept[0].domain).unwrap();
        store.remove(&kept[0].domain).unwrap();
        assert_eq!(store.load().unwrap().len(), 1);
    }

    #[test]
    fn unfinished_files_go_and_damaged_ones_are_set_aside() {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::new(directory.path().to_owned());
        store.save(&account("a.example.com")).unwrap();
        fs::write(directory.path().join("b.example.com.new"), "{").unwrap();
        fs::write(directory.path().join("c.example.com.json"), "{\"passwords\":").unwrap();
        assert_eq!(store.load().unwrap().len(), 1);
        let mut names: Vec<_> =
            fs::read_dir(directory.path()).unwrap().map(|it| it.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, ["a.example.com.json", "c.example.com.damaged"]);
        store.clear().unwrap();
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0);
    }

    #[test]
    fn only_the_role_reads_a_file() {
        use std::os::unix::fs::PermissionsExt;
        let directory = tempfile::tempdir().unwrap();
        let store = Store::new(directory.path().to_owned());
        store.save(&account("a.example.com")).unwrap();
        let file = fs::metadata(directory.path().join("a.example.com.json")).unwrap();
        assert_eq!(file.permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn debug_shows_no_password() {
        assert!(!format!("{:?}", account("a.example.com")).contains("hunter2"));
    }
}
