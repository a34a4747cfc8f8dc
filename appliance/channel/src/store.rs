//! The directory of the role: one file with the registration, which the machine's TPM seals if there is one.
//!
//! It is written under another name, waited for, and renamed: a power cut leaves the old content or
//! the new.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use model::channel::{Ending, EndingReason, SealTrouble};
use serde::{Deserialize, Serialize};
use tpm::{Tpm, TpmError};
use tracing::{error, warn};
use zeroize::Zeroizing;

use crate::clock;
use crate::record::Record;
use crate::sealed::{Label, OpenError, SealedContent};

/// Version of the file.
const SCHEMA: u32 = 1;
/// Version of one that is sealed.
const SEALED_SCHEMA: u32 = 2;
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

/// The same, sealed.
#[derive(Serialize, Deserialize)]
struct SealedFile {
    schema: u32,
    sealed: SealedContent,
}

/// What a file says of itself.
#[derive(Deserialize)]
struct Version {
    schema: u32,
}

/// What is stored.
#[derive(Debug)]
pub(crate) struct Stored {
    pub(crate) record: Record,
    /// Whether the TPM has sealed it.
    pub(crate) is_sealed: bool,
}

/// The directory.
#[derive(Clone, Debug)]
pub(crate) struct Store {
    directory: PathBuf,
    /// Where the TPM of the machine is, if it has one.
    tpm: PathBuf,
}

impl Store {
    /// The store in this directory, which init has made, for the TPM at this path.
    pub(crate) const fn new(directory: PathBuf, tpm: PathBuf) -> Self {
        Self { directory, tpm }
    }

    /// The directory.
    pub(crate) fn directory(&self) -> &Path {
        &self.directory
    }

    /// What is stored. A damaged file is set aside and told: the appliance is not registered then. Nor is it
    /// while the TPM that has sealed the file is not there; the file stays for when it is.
    ///
    /// # Errors
    ///
    /// The directory cannot be read.
    pub(crate) fn load(&self) -> io::Result<Stored> {
        // A missing directory is trouble and no appliance that is not registered.
        fs::metadata(&self.directory)?;
        match fs::remove_file(self.path(UNFINISHED)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                warn!(%error, "An unfinished file cannot be removed");
            }
            _ => {}
        }
        match self.read() {
            Ok(stored) => Ok(stored),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Ok(Stored { record: Record::default(), is_sealed: false })
            }
            Err(error) => {
                warn!(%error, "The file of the registration is damaged; it is set aside");
                fs::rename(self.path(NAME), self.path(DAMAGED))?;
                Ok(Stored { record: Record::default(), is_sealed: false })
            }
        }
    }

    fn read(&self) -> io::Result<Stored> {
        let bytes = read(&self.path(NAME))?;
        let Version { schema } = parse(&bytes)?;
        if schema != SEALED_SCHEMA {
            return Ok(Stored { record: record(&bytes)?, is_sealed: false });
        }
        let SealedFile { sealed, .. } = parse(&bytes)?;
        let mut tpm = self.tpm().unwrap_or_else(|error| {
            warn!(%error, "The TPM cannot be used");
            None
        });
        match sealed.open(tpm.as_mut()) {
            Ok(bytes) => Ok(Stored { record: record(&bytes)?, is_sealed: true }),
            Err(OpenError::Locked(trouble)) => {
                let label = sealed.label().clone();
                error!(name = label.name, cause = %trouble, "The registration cannot be used");
                Ok(Stored {
                    record: Record::None { last: Some(locked(label, trouble)) },
                    is_sealed: true,
                })
            }
            Err(OpenError::Damaged) => Err(invalid("it is not what the TPM has sealed")),
        }
    }

    fn tpm(&self) -> Result<Option<Tpm>, TpmError> {
        Tpm::open(&self.tpm)
    }

    /// Seals a file if it holds a key and the machine has a TPM. One that fails is told, and keeps nobody from
    /// being registered.
    fn seal(&self, record: &Record, bytes: &[u8]) -> Option<SealedFile> {
        let label = record.label()?;
        let sealed = self.tpm().and_then(|tpm| {
            tpm.map(|mut tpm| SealedContent::seal(&mut tpm, label, bytes)).transpose()
        });
        match sealed {
            Ok(sealed) => sealed.map(|sealed| SealedFile { schema: SEALED_SCHEMA, sealed }),
            Err(error) => {
                warn!(%error, "The TPM does not seal the key; it is stored as on a machine without");
                None
            }
        }
    }

    /// Keeps a record in place of the one before, and tells whether the TPM has sealed it. When this returns it
    /// is on the disk.
    ///
    /// # Errors
    ///
    /// It cannot be written; what there was is still there.
    pub(crate) fn save(&self, record: &Record) -> io::Result<bool> {
        let content = Content { schema: SCHEMA, content: record.clone() };
        let mut bytes = Zeroizing::new(serde_json::to_vec(&content)?);
        let sealed = self.seal(record, &bytes);
        if let Some(sealed) = &sealed {
            bytes = Zeroizing::new(serde_json::to_vec(sealed)?);
        }
        durable::replace(&self.directory, NAME, UNFINISHED, &bytes)?;
        Ok(sealed.is_some())
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
        durable::sync_directory(&self.directory)
    }
}

fn invalid(reason: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, reason)
}

fn read(path: &Path) -> io::Result<Zeroizing<Vec<u8>>> {
    if fs::metadata(path)?.len() > MAX_BYTES {
        return Err(invalid("it is too large"));
    }
    fs::read(path).map(Zeroizing::new)
}

fn parse<T: for<'a> Deserialize<'a>>(bytes: &[u8]) -> io::Result<T> {
    // The error of the parser would show what it stumbled over.
    serde_json::from_slice(bytes).map_err(|_| invalid("it is no registration"))
}

fn record(bytes: &[u8]) -> io::Result<Record> {
    let content: Content = parse(bytes)?;
    if content.schema != SCHEMA {
        return Err(invalid("it is of another version"));
    }
    if content.content.is_usable() {
        Ok(content.content)
    } else {
        Err(invalid("key and certificate do not fit"))
    }
}

fn locked(label: Label, trouble: SealTrouble) -> Ending {
    let Label { name, cloud } = label;
    Ending { name, cloud, at: clock::now(), reason: EndingReason::Sealed { trouble } }
}

#[cfg(test)]
mod tests {
    use model::channel::{Applicant, CloudAddress, Registration};
    use model::secret::Secret;
    use swtpm::Chip;
    use tempfile::TempDir;
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

    /// On a machine without a TPM.
    fn store(directory: &TempDir) -> Store {
        Store::new(directory.path().to_owned(), directory.path().join("no-tpm"))
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
        let store = store(&directory);
        assert_eq!(kind(&store.load().unwrap().record), "none");
        for record in [pending(), member(), Record::default()] {
            store.save(&record).unwrap();
            assert_eq!(kind(&store.load().unwrap().record), kind(&record));
        }
        store.clear().unwrap();
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_power_cut_at_any_octet_leaves_the_old_registration() {
        let directory = tempfile::tempdir().unwrap();
        let store = store(&directory);
        store.save(&member()).unwrap();
        let whole = fs::read(store.path(NAME)).unwrap();
        store.save(&pending()).unwrap();
        for length in 0..=whole.len() {
            // Cut while it is written; at the full length, before it is renamed.
            fs::write(store.path(UNFINISHED), &whole[..length]).unwrap();
            assert_eq!(kind(&store.load().unwrap().record), "registering", "{length}");
            assert!(!store.path(UNFINISHED).exists());
        }
        fs::write(store.path(UNFINISHED), &whole).unwrap();
        fs::rename(store.path(UNFINISHED), store.path(NAME)).unwrap();
        assert_eq!(kind(&store.load().unwrap().record), "registered");
    }

    #[test]
    fn a_disk_that_takes_nothing_leaves_the_old_registration() {
        let directory = tempfile::tempdir().unwrap();
        let store = store(&directory);
        store.save(&member()).unwrap();
        // A directory of this name stands for a disk that refuses to write.
        fs::create_dir(store.path(UNFINISHED)).unwrap();
        store.save(&pending()).unwrap_err();
        assert_eq!(kind(&store.load().unwrap().record), "registered");
    }

    #[test]
    fn damaged_files_are_set_aside() {
        let directory = tempfile::tempdir().unwrap();
        let store = store(&directory);
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
            assert_eq!(kind(&store.load().unwrap().record), "none");
            assert!(store.path(DAMAGED).exists() && !store.path(NAME).exists());
        }
    }

    #[test]
    fn only_the_role_reads_the_file_and_debug_shows_no_secret() {
        use std::os::unix::fs::PermissionsExt;
        let directory = tempfile::tempdir().unwrap();
        let store = store(&directory);
        store.save(&pending()).unwrap();
        let file = fs::metadata(store.path(NAME)).unwrap();
        assert_eq!(file.permissions().mode() & 0o777, 0o600);
        let shown = format!("{:?}", pending());
        assert!(!shown.contains("ticket-of-gold") && !shown.contains("ABCD2345"), "{shown}");
    }

    fn last(stored: &Stored) -> Option<&EndingReason> {
        let Record::None { last } = &stored.record else { return None };
        last.as_ref().map(|last| &last.reason)
    }

    #[test]
    fn a_tpm_seals_what_has_a_key_and_alone_opens_it() {
        let directory = tempfile::tempdir().unwrap();
        let (chip, other) = (Chip::new().unwrap(), Chip::new().unwrap());
        let (plugged, other) = (chip.plug_in().unwrap(), other.plug_in().unwrap());
        let at = |tpm: &Path| Store::new(directory.path().to_owned(), tpm.to_owned());
        let sealed = at(plugged.socket());
        for record in [pending(), member()] {
            assert!(sealed.save(&record).unwrap());
            let stored = sealed.load().unwrap();
            assert_eq!((kind(&stored.record), stored.is_sealed), (kind(&record), true));
            let file = fs::read_to_string(sealed.path(NAME)).unwrap();
            for secret in ["ticket-of-gold", "ABCD2345", "PRIVATE", "connector"] {
                assert!(!file.contains(secret), "{secret}");
            }
        }
        // Neither loses the registration.
        for (store, trouble) in [
            (at(Path::new("/dev/no-tpm")), SealTrouble::NoTpm),
            (at(other.socket()), SealTrouble::OtherTpm),
        ] {
            let stored = store.load().unwrap();
            assert_eq!(last(&stored), Some(&EndingReason::Sealed { trouble }));
        }
        assert_eq!(kind(&sealed.load().unwrap().record), "registered");
        drop(plugged);
        let again = chip.plug_in().unwrap();
        assert_eq!(kind(&at(again.socket()).load().unwrap().record), "registered");
        assert!(!at(again.socket()).save(&Record::default()).unwrap(), "there is no key in it");
    }

    #[test]
    fn what_was_stored_without_a_tpm_is_sealed_when_it_is_stored_again() {
        let directory = tempfile::tempdir().unwrap();
        let chip = Chip::new().unwrap();
        let plugged = chip.plug_in().unwrap();
        assert!(!store(&directory).save(&member()).unwrap());
        let with = Store::new(directory.path().to_owned(), plugged.socket().to_owned());
        let stored = with.load().unwrap();
        assert_eq!((kind(&stored.record), stored.is_sealed), ("registered", false));
        assert!(with.save(&stored.record).unwrap());
        assert!(with.load().unwrap().is_sealed);
    }

    #[test]
    fn a_tpm_that_fails_keeps_nobody_from_being_registered() {
        let directory = tempfile::tempdir().unwrap();
        // A file takes every command and answers nothing.
        let broken = directory.path().join("broken");
        fs::write(&broken, "").unwrap();
        let with = Store::new(directory.path().join("store"), broken);
        fs::create_dir(with.directory()).unwrap();
        assert!(!with.save(&member()).unwrap());
        assert_eq!(kind(&with.load().unwrap().record), "registered");
    }

    #[test]
    fn a_sealed_file_that_was_altered_is_set_aside() {
        let directory = tempfile::tempdir().unwrap();
        let chip = Chip::new().unwrap();
        let plugged = chip.plug_in().unwrap();
        let with = Store::new(directory.path().to_owned(), plugged.socket().to_owned());
        with.save(&member()).unwrap();
        let whole = fs::read(with.path(NAME)).unwrap();
        let altered = |member: &str, value: &str| {
            let mut file: serde_json::Value = serde_json::from_slice(&whole).unwrap();
            let place = file.pointer_mut(member).unwrap();
            assert_ne!(place, value);
            *place = value.into();
            file.to_string()
        };
        for text in [
            altered("/sealed/label/name", "two"),
            altered("/sealed/content", "AAAA"),
            altered("/sealed/nonce", "AAAAAAAAAAAAAAAA"),
            altered("/sealed/key", "AAAA"),
            String::from_utf8(whole[..whole.len() / 2].to_vec()).unwrap(),
        ] {
            fs::write(with.path(NAME), text).unwrap();
            let stored = with.load().unwrap();
            assert!(last(&stored).is_none() && kind(&stored.record) == "none");
            assert!(with.path(DAMAGED).exists() && !with.path(NAME).exists());
        }
    }
}
