//! The directory of the role: one file with the registration.
//!
//! It is written under another name, waited for, and renamed: a power cut leaves the old content or
//! the new.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use tracing::warn;
use zeroize::Zeroizing;

use crate::record::Record;

/// Version of the file.
const SCHEMA: u32 = 1;
/// Name of the file.
const NAME: &str = "registration.json";
/// Name of one that is being written.
const UNFINISHED: &str = "registration.new";
/// Name of one that cannot be read: it is kept for whoever investigates.
const DAMAGED: &str = "registration.damaged";
/// Largest file that is read, in bytes.
const MAX_BYTES: u64 = 64 * 1024;

/// The file.
#[derive(Serialize, Deserialize)]
struct Content {
    schema: u32,
    content: Record,
}

/// The directory.
#[derive(Clone, Debug)]
pub(crate) struct Store {
    directory: PathBuf,
}

impl Store {
    /// The store in this directory, which init has made.
    pub(crate) const fn new(directory: PathBuf) -> Self {
        Self { directory }
    }

    /// The directory.
    pub(crate) fn directory(&self) -> &Path {
        &self.directory
    }

    /// What is stored. A damaged file is set aside and told: the appliance is not registered then.
    ///
    /// # Errors
    ///
    /// The directory cannot be read.
    pub(crate) fn load(&self) -> io::Result<Record> {
        // A missing directory is trouble and no appliance that is not registered.
        fs::metadata(&self.directory)?;
        match fs::remove_file(self.path(UNFINISHED)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                warn!(%error, "An unfinished file cannot be removed");
            }
            _ => {}
        }
        match read(&self.path(NAME)) {
            Ok(record) => Ok(record),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Record::default()),
            Err(error) => {
                warn!(%error, "The file of the registration is damaged; it is set aside");
                fs::rename(self.path(NAME), self.path(DAMAGED))?;
                Ok(Record::default())
            }
        }
    }

    /// Keeps a record in place of the one before. When this returns it is on the disk.
    ///
    /// # Errors
    ///
    /// It cannot be written; what there was is still there.
    pub(crate) fn save(&self, record: &Record) -> io::Result<()> {
        let content = Content { schema: SCHEMA, content: record.clone() };
        let bytes = Zeroizing::new(serde_json::to_vec(&content)?);
        let unfinished = self.path(UNFINISHED);
        let write = || {
            let mut options = OpenOptions::new();
            let mut file =
                options.write(true).create(true).truncate(true).mode(0o600).open(&unfinished)?;
            file.write_all(&bytes)?;
            file.sync_all()?;
            fs::rename(&unfinished, self.path(NAME))
        };
        write().inspect_err(|_| drop(fs::remove_file(&unfinished)))?;
        self.sync()
    }

    /// Removes every file, damaged ones too.
    ///
    /// # Errors
    ///
    /// One cannot be removed.
    pub(crate) fn clear(&self) -> io::Result<()> {
        for entry in fs::read_dir(&self.directory)? {
            fs::remove_file(entry?.path())?;
        }
        self.sync()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    fn sync(&self) -> io::Result<()> {
        File::open(&self.directory)?.sync_all()
    }
}

fn read(path: &Path) -> io::Result<Record> {
    let invalid = |reason: &str| io::Error::new(io::ErrorKind::InvalidData, reason);
    if fs::metadata(path)?.len() > MAX_BYTES {
        return Err(invalid("it is too large"));
    }
    let bytes = Zeroizing::new(fs::read(path)?);
    // The error of the parser would show what it stumbled over.
    let content: Content =
        serde_json::from_slice(&bytes).map_err(|_| invalid("it is no registration"))?;
    if content.schema != SCHEMA {
        return Err(invalid("it is of another version"));
    }
    if content.content.is_usable() {
        Ok(content.content)
    } else {
        Err(invalid("key and certificate do not fit"))
    }
}

#[cfg(test)]
mod tests {
    use model::channel::{Applicant, CloudAddress, Registration};
    use model::secret::Secret;
    use tunnel::Pin;

    use super::*;
    use crate::certificate::tests::certified;
    use crate::key::ApplianceKey;
    use crate::record::{Member, Pending};

    fn cloud() -> CloudAddress {
        CloudAddress::parse("cloud.example.com").unwrap()
    }

    fn pending() -> Record {
        Record::Registering(Pending {
            applicant: Applicant { name: "one".to_owned(), cloud: cloud(), location: None },
            key: ApplianceKey::generate().unwrap().to_secret(),
            ticket: Secret::new("ticket-of-gold".to_owned()),
            code: Secret::new("ABCD2345".to_owned()),
            expires_at: 1,
            authority: Pin([1; 32]).to_base64(),
        })
    }

    fn member() -> Record {
        let key = ApplianceKey::generate().unwrap();
        let registration = Registration {
            name: "one".to_owned(),
            cloud: cloud(),
            connector: "c".to_owned(),
            customer: "t".to_owned(),
            customer_name: "T".to_owned(),
            location: "l".to_owned(),
            location_name: "L".to_owned(),
            registered_at: 1,
            certificate_ends_at: 2,
            renewal_refused_at: None,
        };
        Record::Registered(Member {
            registration,
            certified: certified(&key),
            key: key.to_secret(),
        })
    }

    fn kind(record: &Record) -> &'static str {
        match record {
            Record::None { .. } => "none",
            Record::Registering(_) => "registering",
            Record::Registered(_) => "registered",
        }
    }

    #[test]
    fn what_is_stored_is_there_after_a_restart() {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::new(directory.path().to_owned());
        assert_eq!(kind(&store.load().unwrap()), "none");
        for record in [pending(), member(), Record::default()] {
            store.save(&record).unwrap();
            assert_eq!(kind(&store.load().unwrap()), kind(&record));
        }
        store.clear().unwrap();
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_power_cut_at_any_octet_leaves_the_old_registration() {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::new(directory.path().to_owned());
        store.save(&member()).unwrap();
        let whole = fs::read(store.path(NAME)).unwrap();
        store.save(&pending()).unwrap();
        for length in 0..=whole.len() {
            // Cut while it is written; at the full length, before it is renamed.
            fs::write(store.path(UNFINISHED), &whole[..length]).unwrap();
            assert_eq!(kind(&store.load().unwrap()), "registering", "{length}");
            assert!(!store.path(UNFINISHED).exists());
        }
        fs::write(store.path(UNFINISHED), &whole).unwrap();
        fs::rename(store.path(UNFINISHED), store.path(NAME)).unwrap();
        assert_eq!(kind(&store.load().unwrap()), "registered");
    }

    #[test]
    fn a_disk_that_takes_nothing_leaves_the_old_registration() {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::new(directory.path().to_owned());
        store.save(&member()).unwrap();
        // A directory of this name stands for a disk that refuses to write.
        fs::create_dir(store.path(UNFINISHED)).unwrap();
        store.save(&pending()).unwrap_err();
        assert_eq!(kind(&store.load().unwrap()), "registered");
    }

    #[test]
    fn damaged_files_are_set_aside() {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::new(directory.path().to_owned());
        store.save(&member()).unwrap();
        let whole = String::from_utf8(fs::read(store.path(NAME)).unwrap()).unwrap();
        let other_version = whole.replace("\"schema\":1", "\"schema\":2");
        let mut other_key: Content = serde_json::from_str(&whole).unwrap();
        if let Record::Registered(member) = &mut other_key.content {
            member.key = ApplianceKey::generate().unwrap().to_secret();
        }
        let other_key = serde_json::to_string(&other_key).unwrap();
        let large = " ".repeat(64 * 1024) + &whole;
        for text in [&whole[..whole.len() - 1], "", &other_version, &other_key, &large] {
            fs::write(store.path(NAME), text).unwrap();
            assert_eq!(kind(&store.load().unwrap()), "none");
            assert!(store.path(DAMAGED).exists() && !store.path(NAME).exists());
        }
    }

    #[test]
    fn only_the_role_reads_the_file_and_debug_shows_no_secret() {
        use std::os::unix::fs::PermissionsExt;
        let directory = tempfile::tempdir().unwrap();
        let store = Store::new(directory.path().to_owned());
        store.save(&pending()).unwrap();
        let file = fs::metadata(store.path(NAME)).unwrap();
        assert_eq!(file.permissions().mode() & 0o777, 0o600);
        let shown = format!("{:?}", pending());
        assert!(!shown.contains("ticket-of-gold") && !shown.contains("ABCD2345"), "{shown}");
    }
}
