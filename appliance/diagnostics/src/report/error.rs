//! Why there is no report.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

/// The report cannot be handed over. What goes wrong with a part stands in the report instead.
#[derive(Debug, Error)]
pub(crate) enum ReportError {
    /// There is no room for the report, or no directory.
    #[error("cannot store the report in {}", path.display())]
    Store {
        /// Where.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl ReportError {
    /// The error and its cause in one line.
    pub(crate) fn in_one_line(&self) -> String {
        let Self::Store { source, .. } = self;
        format!("{self}: {source}")
    }
}
