//! Who asks.

use std::io;

use model::role::Role;
use tokio::net::UnixStream;

/// The process at the other end of a connection, as the kernel vouches for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Peer {
    /// One of the roles.
    Role(Role),
    /// PID 1, or a developer's test.
    Root,
    /// Anybody else.
    Other(u32),
}

impl Peer {
    pub(crate) fn of(stream: &UnixStream) -> io::Result<Self> {
        Ok(Self::of_uid(stream.peer_cred()?.uid()))
    }

    fn of_uid(uid: u32) -> Self {
        match (uid, Role::from_uid(uid)) {
            (0, _) => Self::Root,
            (_, Some(role)) => Self::Role(role),
            (uid, None) => Self::Other(uid),
        }
    }

    /// Whether the peer is this role, or PID 1, which may ask anything.
    #[must_use]
    pub fn is(self, role: Role) -> bool {
        self == Self::Root || self == Self::Role(role)
    }

    /// Whether the peer belongs to the appliance.
    #[must_use]
    pub const fn is_known(self) -> bool {
        !matches!(self, Self::Other(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_roles_by_their_user() {
        assert!(Peer::of_uid(Role::Web.uid()).is(Role::Web));
        assert!(!Peer::of_uid(Role::Console.uid()).is(Role::Web));
        assert!(Peer::of_uid(0).is(Role::Web));
        assert!(!Peer::of_uid(65534).is_known());
    }
}
