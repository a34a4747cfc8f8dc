//! Why the control plane does not start.

use std::io;
use std::path::PathBuf;

use cluster::ClusterError;
use gateway::{AuthorityError, StartError};
use registry::RegistryError;
use thiserror::Error;

/// Why a command failed.
#[derive(Debug, Error)]
pub(crate) enum CloudError {
    /// The operating system refuses something.
    #[error("cannot {what}")]
    Io {
        /// What was attempted, such as `read /var/lib/cloud/master.key`.
        what: String,
        /// Why not.
        source: io::Error,
    },
    /// A file does not hold what it should.
    #[error("{} {what}; restore it from a backup", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        what: &'static str,
    },
    /// The database.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// The authority.
    #[error(transparent)]
    Authority(#[from] AuthorityError),
    /// The gateway.
    #[error(transparent)]
    Gateway(#[from] StartError),
    /// The other nodes.
    #[error("other nodes cannot be joined")]
    Cluster(#[from] ClusterError),
    /// The certificate of the HTTPS port.
    #[error("the certificate and key of the HTTPS port cannot be used: {0}")]
    Certificate(String),
    /// A backup is to be written where something is.
    #[error("{} exists; choose a name that does not", .0.display())]
    Exists(PathBuf),
    /// A backup is to be restored where state is.
    #[error("{} exists; restore into a directory without the state of a control plane", .0.display())]
    HasState(PathBuf),
    /// A directory lacks what makes it one of ours.
    #[error(
        "{} is missing: see that it is the right directory; where the database is PostgreSQL's, \
         give its address by --database", .0.display()
    )]
    Lacks(PathBuf),
    /// `set-up` where a customer exists.
    #[error("there is a customer already; what else is to be made, make in the console")]
    IsSetUp,
}
