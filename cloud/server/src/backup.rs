//! `cloud backup` and `cloud restore`.
//!
//! A backup is a directory that `cloud serve` could work in: keys, certificates and, where it is a file,
//! the database. It is made under another name and renamed when all of it is on the disk, so that a
//! directory with the name that was asked for is whole.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use registry::MasterKey;
use tempfile::NamedTempFile;

use crate::arguments::{BackupOptions, RestoreOptions};
use crate::directory::{self, DATABASE, Directory, MASTER_KEY, NEEDED, OPTIONAL};
use crate::error::CloudError;
use crate::serve::now;

/// What is said where the database is none of ours to copy.
const NO_DATABASE: &str =
    "The database is not part of it: use pg_dump and pg_restore, as the guide says.\n";

/// Copies the state to a new directory while `cloud serve` works, and says what it did.
pub(crate) async fn backup(options: &BackupOptions) -> Result<String, CloudError> {
    let (from, to) = (Directory::existing(&options.state)?, &options.to);
    refuse_existing(to)?;
    let parent = match to.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    };
    // Only its owner may enter it, so that nobody else reads what SQLite writes there.
    let unfinished = tempfile::Builder::new()
        .prefix(".backup-")
        .permissions(fs::Permissions::from_mode(0o700))
        .tempdir_in(parent)
        .map_err(|source| directory::failed("make a directory in", parent, source))?;
    let made = Directory::at(unfinished.path());
    let master = from.existing_master_key()?;
    from.existing_authority()?;
    for name in NEEDED {
        copy_text(&from, &made, name)?;
    }
    for name in OPTIONAL {
        if from.read(name)?.is_some() {
            copy_text(&from, &made, name)?;
        }
    }
    if options.state.database.is_none() {
        let (file, copy) = (from.database_file()?, made.path(DATABASE));
        new_file(&copy).map_err(|source| directory::failed("make", &copy, source))?;
        registry::copy_file(&file, &copy, &master).await?;
    }
    sync(made.path("").as_path())?;
    refuse_existing(to)?;
    let unfinished = unfinished.keep();
    // A directory that is not empty is never replaced.
    fs::rename(&unfinished, to).map_err(|source| {
        let _ = fs::remove_dir_all(&unfinished);
        directory::failed("make", to, source)
    })?;
    sync(parent)?;
    Ok(said(&format!("{} is a backup.", to.display()), options.state.database.is_some()))
}

/// Puts a backup into a directory without any state, and says what it did.
pub(crate) async fn restore(options: &RestoreOptions) -> Result<String, CloudError> {
    let has_own_database = options.state.database.is_none();
    let from = Directory::at(&options.from);
    let master = from.existing_master_key()?;
    from.existing_authority()?;
    if has_own_database {
        registry::check_file(&from.database_file()?, &master).await?;
    }
    let to = Directory::open(&options.state)?;
    let mut names = NEEDED.into_iter().chain(OPTIONAL).chain([DATABASE]);
    if let Some(name) = names.find(|name| to.path(name).exists()) {
        return Err(CloudError::HasState(to.path(name)));
    }
    if has_own_database {
        copy_database(&from.path(DATABASE), &to.path(DATABASE), &to.path(""))?;
    }
    for name in OPTIONAL {
        if from.read(name)?.is_some() {
            copy_text(&from, &to, name)?;
        }
    }
    // The master key is last: without it, `cloud serve` refuses the database instead of working
    // with half of the state.
    for name in NEEDED.into_iter().filter(|name| *name != MASTER_KEY).chain([MASTER_KEY]) {
        copy_text(&from, &to, name)?;
    }
    let text = format!("{} is restored.", options.state.directory.display());
    Ok(said(&text, !has_own_database))
}

fn said(text: &str, is_without_database: bool) -> String {
    let rest = if is_without_database { NO_DATABASE } else { "" };
    format!("{text}\n{rest}")
}

fn refuse_existing(path: &Path) -> Result<(), CloudError> {
    match fs::symlink_metadata(path) {
        Ok(_) => Err(CloudError::Exists(path.to_owned())),
        Err(_) => Ok(()),
    }
}

fn copy_text(from: &Directory, to: &Directory, name: &str) -> Result<(), CloudError> {
    let missing = || directory::failed("read", &from.path(name), io::ErrorKind::NotFound.into());
    to.write(name, from.read(name)?.ok_or_else(missing)?.expose())
}

fn copy_database(from: &Path, to: &Path, place: &Path) -> Result<(), CloudError> {
    let copy = || {
        let mut source = File::open(from)?;
        let mut file = NamedTempFile::new_in(place)?;
        io::copy(&mut source, &mut file)?;
        file.as_file().sync_all()?;
        file.persist_noclobber(to).map_err(|error| error.error)?;
        Ok(())
    };
    copy().map_err(|source| directory::failed("write", to, source))?;
    sync(place)
}

fn new_file(path: &Path) -> io::Result<File> {
    File::options().write(true).create_new(true).mode(0o600).open(path)
}

fn sync(path: &Path) -> Result<(), CloudError> {
    let synced = File::open(path).and_then(|directory| directory.sync_all());
    synced.map_err(|source| directory::failed("write", path, source))
}

impl Directory {
    /// The directory of a running or restored control plane: it is not made.
    fn existing(state: &crate::arguments::State) -> Result<Self, CloudError> {
        let path = &state.directory;
        fs::read_dir(path).map_err(|source| directory::failed("read", path, source))?;
        Ok(Self::at(path))
    }

    fn existing_master_key(&self) -> Result<MasterKey, CloudError> {
        self.require(MASTER_KEY)?;
        self.master_key()
    }

    fn existing_authority(&self) -> Result<(), CloudError> {
        self.require(directory::AUTHORITY)?;
        self.require(directory::AUTHORITY_KEY)?;
        self.authority(now()).map(drop)
    }

    fn database_file(&self) -> Result<PathBuf, CloudError> {
        self.require(DATABASE)?;
        Ok(self.path(DATABASE))
    }

    fn require(&self, name: &'static str) -> Result<(), CloudError> {
        let path = self.path(name);
        match fs::metadata(&path) {
            Ok(_) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(CloudError::Lacks(path)),
            Err(source) => Err(directory::failed("read", &path, source)),
        }
    }
}
