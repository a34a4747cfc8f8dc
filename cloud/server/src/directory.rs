//! The directory of the control plane: keys and certificates, and by default the database.
//!
//! A file is written whole or not at all, and readable by its owner only. Nodes of one control plane
//! have copies of the same `master.key`, `authority.pem` and `authority.key`.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use gateway::{Authority, AuthorityFiles};
use model::secret::Secret;
use registry::{MasterKey, Registry};

use crate::arguments::State;
use crate::certificate;
use crate::error::CloudError;

pub(crate) const MASTER_KEY: &str = "master.key";
pub(crate) const AUTHORITY: &str = "authority.pem";
pub(crate) const AUTHORITY_KEY: &str = "authority.key";
pub(crate) const DATABASE: &str = "cloud.sqlite";
/// Without these a control plane is another one.
pub(crate) const NEEDED: [&str; 3] = [MASTER_KEY, AUTHORITY_KEY, AUTHORITY];
/// The certificate that was made for the HTTPS port, where the operator gave none. It is read by its
/// chain, which is last therefore.
pub(crate) const OPTIONAL: [&str; 3] = [certificate::ROOT, certificate::KEY, certificate::CHAIN];

/// The directory.
#[derive(Debug)]
pub(crate) struct Directory(PathBuf);

impl Directory {
    /// Opens it, and makes it if it is not there.
    pub(crate) fn open(state: &State) -> Result<Self, CloudError> {
        let path = &state.directory;
        fs::create_dir_all(path).map_err(|source| failed("make", path, source))?;
        Ok(Self(path.clone()))
    }

    /// A directory as it is.
    pub(crate) fn at(path: &Path) -> Self {
        Self(path.to_owned())
    }

    /// The path of a file in it.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// Opens the registry.
    pub(crate) async fn registry(&self, state: &State) -> Result<Registry, CloudError> {
        let key = self.master_key()?;
        let file = self.0.join(DATABASE);
        let address = match &state.database {
            Some(address) => address.clone(),
            None => format!("sqlite:{}", file.display()),
        };
        Ok(Registry::open(&address, &key).await?)
    }

    /// The key that seals secrets in the database, made if there is none.
    pub(crate) fn master_key(&self) -> Result<MasterKey, CloudError> {
        let path = self.0.join(MASTER_KEY);
        let text = match self.read(MASTER_KEY)? {
            Some(text) => text,
            None => {
                self.write(MASTER_KEY, MasterKey::generate().to_base64().expose())?;
                self.read(MASTER_KEY)?.ok_or_else(|| failed("read", &path, not_found()))?
            }
        };
        let what = "does not hold a key of 256 bits in base64";
        MasterKey::from_base64(text.expose()).ok_or(CloudError::Malformed { path, what })
    }

    /// The authority that vouches for gateways and connectors.
    pub(crate) fn authority(&self, now: i64) -> Result<Authority, CloudError> {
        if self.read(AUTHORITY)?.is_none() {
            let made = Authority::generate(now)?;
            // The certificate is last: without it, both are made anew.
            self.write(AUTHORITY_KEY, &made.key)?;
            self.write(AUTHORITY, &made.certificate)?;
        }
        let read = |name| {
            let path = self.0.join(name);
            self.read(name)?.ok_or_else(|| failed("read", &path, not_found()))
        };
        let (certificate, key) = (read(AUTHORITY)?, read(AUTHORITY_KEY)?);
        let files = AuthorityFiles {
            certificate: certificate.expose().to_owned(),
            key: key.expose().to_owned(),
        };
        Ok(Authority::read(&files)?)
    }

    /// Reads a file; `None` if there is none.
    pub(crate) fn read(&self, name: &str) -> Result<Option<Secret>, CloudError> {
        let path = self.0.join(name);
        match fs::read_to_string(&path) {
            Ok(text) => Ok(Some(Secret::new(text))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(failed("read", &path, source)),
        }
    }

    /// Writes a file that is not there yet; one that is stays, because another node may have made it.
    pub(crate) fn write(&self, name: &str, text: &str) -> Result<(), CloudError> {
        let path = self.0.join(name);
        let outcome = self.try_write(&path, text);
        match outcome {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            outcome => outcome.map_err(|source| failed("write", &path, source)),
        }
    }

    fn try_write(&self, path: &Path, text: &str) -> io::Result<()> {
        // Readable by its owner only, from the beginning.
        let mut file = tempfile::NamedTempFile::new_in(&self.0)?;
        file.write_all(text.as_bytes())?;
        file.as_file().sync_all()?;
        file.persist_noclobber(path).map_err(|error| error.error)?;
        fs::File::open(&self.0)?.sync_all()
    }
}

/// The error of an operation on a path.
pub(crate) fn failed(verb: &str, path: &Path, source: io::Error) -> CloudError {
    CloudError::Io { what: format!("{verb} {}", path.display()), source }
}

fn not_found() -> io::Error {
    io::ErrorKind::NotFound.into()
}
