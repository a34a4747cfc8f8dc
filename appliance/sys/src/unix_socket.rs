//! Unix sockets and directories that other users may reach.

use std::fs::{self, DirBuilder, Permissions};
use std::io;
use std::os::fd::AsFd;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt, chown};
use std::os::unix::net::UnixListener;
use std::path::Path;

use nix::sys::socket::sockopt::PeerCredentials;

use crate::SysError;
use crate::error::Step;

/// Who is at the other end of a Unix socket, as the kernel noted when it connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer {
    /// User id.
    pub uid: u32,
    /// Process id.
    pub pid: i32,
}

/// Asks the kernel who is at the other end.
///
/// # Errors
///
/// As `getsockopt(2)` with `SO_PEERCRED`.
pub fn peer(socket: &impl AsFd) -> io::Result<Peer> {
    let credentials = nix::sys::socket::getsockopt(socket, PeerCredentials)?;
    Ok(Peer { uid: credentials.uid(), pid: credentials.pid() })
}

/// Listens on a nonblocking socket at `path`, in place of what was there, with this mode.
///
/// # Errors
///
/// [`SysError::Call`].
pub fn listen(path: &Path, mode: u32) -> Result<UnixListener, SysError> {
    let listen = || {
        match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let listener = UnixListener::bind(path)?;
        fs::set_permissions(path, Permissions::from_mode(mode))?;
        listener.set_nonblocking(true)?;
        Ok(listener)
    };
    listen().step("listen on", &path.display())
}

/// Creates a directory of this owner and mode, or gives an existing one to that owner.
///
/// # Errors
///
/// [`SysError::Call`], for one when something else than a directory is there.
pub fn create_directory(path: &Path, mode: u32, owner: u32) -> Result<(), SysError> {
    let create = || {
        match DirBuilder::new().mode(mode).create(path) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            _ => {}
        }
        // A link would hand somebody else's file over.
        if !fs::symlink_metadata(path)?.is_dir() {
            return Err(io::ErrorKind::NotADirectory.into());
        }
        fs::set_permissions(path, Permissions::from_mode(mode))?;
        chown(path, Some(owner), Some(owner))
    };
    create().step("create the directory", &path.display())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{MetadataExt, symlink};
    use std::os::unix::net::UnixStream;

    use super::*;

    #[test]
    fn peer_of_a_pair_is_this_process() {
        let (near, _far) = UnixStream::pair().expect("pair");
        let peer = peer(&near).expect("credentials");
        assert_eq!(u32::try_from(peer.pid), Ok(std::process::id()));
    }

    #[test]
    fn listens_in_place_of_a_stale_socket() {
        let directory = tempfile::tempdir().expect("directory");
        let path = directory.path().join("socket");
        drop(listen(&path, 0o666).expect("first"));
        let _second = listen(&path, 0o666).expect("second");
        assert_eq!(fs::metadata(&path).expect("there").mode() & 0o777, 0o666);
        UnixStream::connect(&path).expect("accepts");
    }

    #[test]
    fn directory_is_taken_over_but_a_link_is_not() {
        let directory = tempfile::tempdir().expect("directory");
        let owner = fs::metadata(directory.path()).expect("there").uid();
        let path = directory.path().join("settings");
        create_directory(&path, 0o700, owner).expect("new");
        create_directory(&path, 0o755, owner).expect("existing");
        assert_eq!(fs::metadata(&path).expect("there").mode() & 0o777, 0o755);
        let link = directory.path().join("link");
        symlink(&path, &link).expect("link");
        assert!(create_directory(&link, 0o700, owner).is_err());
    }
}
