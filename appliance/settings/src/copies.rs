//! The two copies of the settings file.
//!
//! The newer copy that can be read counts; a write goes to the other one. So the settings before the
//! last change are still there when the disk loses a file.

use model::settings::Settings;
use model::settings_file::SettingsFile;
use model::settings_schema::{Content, Later, RootPems};
use tracing::warn;

use crate::error::{ReadError, WriteError, in_one_line};
use crate::file_system::{FileSystem, replace, set_aside};

const NAMES: [&str; 2] = ["settings.a", "settings.b"];
/// The copy that the first write goes to.
pub(crate) const FIRST: &str = NAMES[0];

/// Which copy counts, and how new it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Copies {
    generation: u64,
    newest: usize,
    /// The certificate of each authority in the settings.
    pub(crate) root_pems: RootPems,
    /// What a later release added.
    later: Later,
}

impl Default for Copies {
    /// None; the first write goes to the first copy.
    fn default() -> Self {
        Self { generation: 0, newest: 1, root_pems: RootPems::new(), later: Later::default() }
    }
}

/// What a start finds.
#[derive(Debug)]
pub(crate) struct Loaded {
    pub(crate) copies: Copies,
    pub(crate) settings: Settings,
    /// Why defaults are in use although settings were stored.
    pub(crate) trouble: Option<String>,
}

impl Copies {
    /// Reads both copies. Damaged ones are set aside.
    pub(crate) fn load(files: &dyn FileSystem) -> Loaded {
        let mut best: Option<(usize, SettingsFile)> = None;
        let mut trouble = None;
        for (index, name) in NAMES.into_iter().enumerate() {
            match read(files, name) {
                Ok(None) => {}
                Ok(Some(file)) => {
                    if best.as_ref().is_none_or(|(_, other)| other.generation < file.generation) {
                        best = Some((index, file));
                    }
                }
                Err(error) => {
                    let reason = in_one_line(&error);
                    warn!(error = reason, "A copy of the settings is unreadable");
                    set_aside(files, name);
                    trouble.get_or_insert(reason);
                }
            }
        }
        match best {
            Some((newest, SettingsFile { generation, content })) => {
                let Content { settings, root_pems, later } = content;
                let copies = Self { generation, newest, root_pems, later };
                Loaded { copies, settings, trouble: None }
            }
            None => Loaded {
                copies: Self::default(),
                settings: Settings::default(),
                trouble: trouble.map(|reason| format!("{reason}; defaults are in use")),
            },
        }
    }

    /// Stores settings in the older copy, which becomes the newest. The certificate of an authority
    /// that they do not name is forgotten.
    pub(crate) fn store(
        &mut self,
        files: &dyn FileSystem,
        settings: &Settings,
    ) -> Result<(), WriteError> {
        let generation = self.generation.saturating_add(1);
        let target = 1 - self.newest;
        let mut root_pems = self.root_pems.clone();
        root_pems.retain(|id, _| settings.roots.iter().any(|root| root.id == *id));
        let (settings, later) = (settings.clone(), self.later.clone());
        let file = SettingsFile { generation, content: Content { settings, root_pems, later } };
        replace(files, NAMES[target], &file.encode())?;
        self.root_pems = file.content.root_pems;
        self.generation = generation;
        self.newest = target;
        Ok(())
    }
}

fn read(files: &dyn FileSystem, name: &'static str) -> Result<Option<SettingsFile>, ReadError> {
    let bytes = files.read(name).map_err(|source| ReadError::Io { file: name, source })?;
    bytes
        .map(|bytes| SettingsFile::decode(&bytes))
        .transpose()
        .map_err(|source| ReadError::Content { file: name, source: source.into() })
}
