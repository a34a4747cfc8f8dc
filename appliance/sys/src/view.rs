//! The part of the file system that a role sees: a mount namespace with the read-only root and, of
//! everything else, only what the role is granted.
//!
//! The view is assembled on an empty directory and then becomes the root; the old root is taken away,
//! so that nothing else can be reached by any path. Every mount but the root forbids programs, and
//! every mount but the terminals device nodes.

use std::ffi::{CStr, CString};
use std::fs::{self, Permissions};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Component, Path, PathBuf};

use model::confinement::{Grant, STAGE, SYSTEM_UUID};
use model::role::Role;
use nix::errno::Errno;
use nix::mount::{MntFlags, MsFlags, mount, umount2};
use nix::sched::{CloneFlags, unshare};
use nix::sys::stat::{Mode, SFlag, mknod};
use nix::unistd::{chdir, mkdir, pivot_root};

use crate::SysError;
use crate::error::Step;
use crate::unix_socket;

/// Where the kernel shows the machine's UUID to root.
const UUID_SOURCE: &str = "/sys/class/dmi/id/product_uuid";
/// For directories that hold nothing but mount points; in KiB, rounded up to a page each.
const EMPTY_OPTIONS: &CStr = c"size=64k,nr_inodes=64,mode=755";
const NO_FILE_SYSTEM: Option<&CStr> = None;

/// Makes what the views need and the kernel does not have: the directory on which they are assembled,
/// and a copy of the machine's UUID that settings may read.
///
/// # Errors
///
/// [`SysError::Call`]. A machine without UUID is no error.
pub fn prepare() -> Result<(), SysError> {
    unix_socket::create_directory(Path::new(STAGE), 0o700, 0)?;
    let copy = Path::new(SYSTEM_UUID);
    if let (Ok(uuid), Some(directory)) = (fs::read(UUID_SOURCE), copy.parent()) {
        unix_socket::create_directory(directory, 0o755, 0)?;
        let owner = Some(Role::Settings.uid());
        fs::write(copy, uuid)
            .and_then(|()| fs::set_permissions(copy, Permissions::from_mode(0o400)))
            .and_then(|()| chown(copy, owner, owner))
            .step("write", &copy.display())?;
    }
    Ok(())
}

/// What a role sees. Made before the fork, so that the child allocates nothing.
#[derive(Debug)]
pub struct View {
    stage: CString,
    /// Empty file systems in memory, then what is in them.
    bases: Vec<CString>,
    points: Vec<Point>,
    binds: Vec<Bind>,
}

#[derive(Debug)]
struct Point {
    path: CString,
    is_file: bool,
}

#[derive(Debug)]
struct Bind {
    source: CString,
    target: CString,
    flags: MsFlags,
}

impl View {
    /// Plans the view for these grants, which name each directory before what lies in it. What does
    /// not exist is left out.
    ///
    /// # Errors
    ///
    /// When a path has no parent or holds a zero byte.
    pub fn new(grants: &[Grant]) -> io::Result<Self> {
        let stage = Path::new(STAGE);
        let mut bases: Vec<PathBuf> = Vec::new();
        let mut points: Vec<(PathBuf, bool)> = Vec::new();
        let mut binds = Vec::new();
        for grant in grants.iter().filter(|grant| Path::new(grant.path).exists()) {
            let inside: PathBuf = Path::new(grant.path).components().skip(1).collect();
            let is_inside_other = grants
                .iter()
                .any(|other| other != grant && Path::new(grant.path).starts_with(other.path));
            let Some(Component::Normal(top)) = inside.components().next() else {
                return Err(io::ErrorKind::InvalidInput.into());
            };
            let base = stage.join(top);
            if !bases.contains(&base) {
                bases.push(base);
            }
            // Directories below the base, and the mount point itself.
            let between = inside.ancestors().filter(|path| path.components().count() > 1);
            let mut between: Vec<_> = between.map(|path| stage.join(path)).collect();
            between.reverse();
            let last = between.last().cloned();
            for path in between.into_iter().filter(|_| !is_inside_other) {
                let is_file = Some(&path) == last.as_ref() && grant.access.is_file(grant.path);
                if !points.iter().any(|(known, _)| *known == path) {
                    points.push((path, is_file));
                }
            }
            let source = c_string(Path::new(grant.path))?;
            binds.push(Bind {
                source,
                target: c_string(&stage.join(&inside))?,
                flags: flags(grant),
            });
        }
        let points = points
            .into_iter()
            .map(|(path, is_file)| Ok(Point { path: c_string(&path)?, is_file }))
            .collect::<io::Result<_>>()?;
        let bases = bases.iter().map(|path| c_string(path)).collect::<io::Result<_>>()?;
        Ok(Self { stage: c_string(stage)?, bases, points, binds })
    }

    /// Makes the view the root of this process. Only makes system calls. The file mode creation mask
    /// must be empty.
    pub(crate) fn enter(&self) -> Result<(), Errno> {
        unshare(CloneFlags::CLONE_NEWNS)?;
        // Nothing that is mounted from now on shows elsewhere.
        mount(
            NO_FILE_SYSTEM,
            c"/",
            NO_FILE_SYSTEM,
            MsFlags::MS_REC | MsFlags::MS_PRIVATE,
            NO_FILE_SYSTEM,
        )?;
        let root = MsFlags::MS_RDONLY | MsFlags::MS_NOSUID | MsFlags::MS_NODEV;
        bind(c"/", &self.stage, root)?;
        let data_only = MsFlags::MS_NOSUID | MsFlags::MS_NODEV | MsFlags::MS_NOEXEC;
        for base in &self.bases {
            mount(Some(c"tmpfs"), base.as_c_str(), Some(c"tmpfs"), data_only, Some(EMPTY_OPTIONS))?;
        }
        for point in &self.points {
            if point.is_file {
                mknod(point.path.as_c_str(), SFlag::S_IFREG, Mode::from_bits_truncate(0o444), 0)?;
            } else {
                mkdir(point.path.as_c_str(), Mode::from_bits_truncate(0o755))?;
            }
        }
        for bound in &self.binds {
            bind(&bound.source, &bound.target, bound.flags)?;
        }
        for base in &self.bases {
            remount(base, data_only | MsFlags::MS_RDONLY)?;
        }
        chdir(self.stage.as_c_str())?;
        pivot_root(c".", c".")?;
        // The old root lies over the new one now.
        umount2(c".", MntFlags::MNT_DETACH)?;
        chdir(c"/")
    }
}

fn flags(grant: &Grant) -> MsFlags {
    let mut flags = MsFlags::MS_NOSUID | MsFlags::MS_NOEXEC;
    if !grant.access.is_device() {
        flags |= MsFlags::MS_NODEV;
    }
    if !grant.access.is_writable() {
        flags |= MsFlags::MS_RDONLY;
    }
    flags
}

fn bind(source: &CStr, target: &CStr, flags: MsFlags) -> Result<(), Errno> {
    mount(Some(source), target, NO_FILE_SYSTEM, MsFlags::MS_BIND, NO_FILE_SYSTEM)?;
    remount(target, flags)
}

/// Restrictions take effect on a mount that is there only.
fn remount(target: &CStr, flags: MsFlags) -> Result<(), Errno> {
    let flags = MsFlags::MS_REMOUNT | MsFlags::MS_BIND | flags;
    mount(NO_FILE_SYSTEM, target, NO_FILE_SYSTEM, flags, NO_FILE_SYSTEM)
}

fn c_string(path: &Path) -> io::Result<CString> {
    CString::new(path.as_os_str().as_bytes()).map_err(io::Error::from)
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::io::Read;

    use model::confinement::{self, Access, COMMAND_LINE};
    use model::process_facts::{Mount, parse_mounts};
    use nix::unistd::Uid;

    use super::*;
    use crate::process::{self, Confinement};

    /// Gives this thread, and what it starts, an own `/run` as init makes it. Needs root.
    fn make_sources() -> bool {
        if !Uid::effective().is_root() {
            println!("skipped: only root can make mounts");
            return false;
        }
        unshare(CloneFlags::CLONE_NEWNS).expect("namespace");
        let private = MsFlags::MS_REC | MsFlags::MS_PRIVATE;
        mount(NO_FILE_SYSTEM, c"/", NO_FILE_SYSTEM, private, NO_FILE_SYSTEM).expect("private");
        mount(Some(c"tmpfs"), c"/run", Some(c"tmpfs"), MsFlags::empty(), NO_FILE_SYSTEM)
            .expect("tmpfs");
        for directory in ["/run/bus/settings", "/run/bus/web", "/run/network", "/run/secret"] {
            fs::create_dir_all(directory).expect("directory");
        }
        prepare().expect("stage");
        true
    }

    /// What a program sees in the view of these grants.
    fn output_of(program: &str, arguments: &[&str], grants: &[Grant]) -> String {
        let confinement = Confinement {
            uid: Role::Settings.uid(),
            capabilities: &[],
            limits: confinement::of(Role::Web).limits,
            group: None,
            view: Some(View::new(grants).expect("view")),
        };
        let (read, write) = nix::unistd::pipe2(nix::fcntl::OFlag::O_CLOEXEC).expect("pipe");
        process::spawn(Path::new(program), arguments, confinement, None, write).expect("starts");
        let mut text = String::new();
        File::from(read).read_to_string(&mut text).expect("output");
        text
    }

    #[test]
    fn shows_the_read_only_root_and_what_is_granted() {
        if !make_sources() {
            return;
        }
        let grants = [
            Grant { path: "/run/bus", access: Access::Connect },
            Grant { path: "/run/bus/settings", access: Access::Serve },
            Grant { path: "/run/missing", access: Access::Store },
        ];
        let grants = &grants;
        let listing = output_of("/bin/sh", &["-c", "echo /run/* /proc/* /sys/*"], grants);
        assert_eq!(listing.trim(), "/run/bus /proc/* /sys/*");
        let script = "for at in / /run /run/bus /run/bus/web /run/bus/settings; do \
            (: > $at/file) 2>&-; [ -e $at/file ] && echo $at; done";
        let writable = output_of("/bin/sh", &["-c", script], grants);
        // The directory belongs to root, so that not even this is writable for the role.
        assert_eq!(writable, "");
        let owner = Some(Role::Settings.uid());
        chown("/run/bus/settings", owner, owner).expect("owner");
        chown("/run/bus/web", owner, owner).expect("owner");
        assert_eq!(output_of("/bin/sh", &["-c", script], grants), "/run/bus/settings\n");
    }

    #[test]
    fn every_mount_but_the_root_forbids_programs() {
        if !make_sources() {
            return;
        }
        let grants = [
            Grant { path: "/run/bus", access: Access::Connect },
            Grant { path: COMMAND_LINE, access: Access::Read },
            Grant { path: "/run/network", access: Access::Store },
            Grant { path: "/dev/null", access: Access::Terminal },
        ];
        let facts = facts_inside(&grants);
        let of = |target: &str| {
            facts.iter().rev().find(|mount| mount.target == target).expect("mounted")
        };
        let targets: Vec<_> = facts.iter().map(|mount| mount.target.as_str()).collect();
        let expected =
            ["/", "/run", "/proc", "/dev", "/run/bus", COMMAND_LINE, "/run/network", "/dev/null"];
        assert_eq!(targets, expected);
        assert!(of("/").has("ro") && of("/").has("nodev") && !of("/").has("noexec"));
        for target in &expected[1..] {
            let mount = of(target);
            assert!(mount.has("noexec") && mount.has("nosuid"), "{mount:?}");
            assert_eq!(mount.has("nodev"), *target != "/dev/null", "{mount:?}");
            let is_writable = ["/run/network", "/dev/null"].contains(target);
            assert_eq!(mount.has("rw"), is_writable, "{mount:?}");
        }
    }

    /// The mounts of a process in the view, read from outside.
    fn facts_inside(grants: &[Grant]) -> Vec<Mount> {
        let confinement = Confinement {
            uid: 0,
            capabilities: &[],
            limits: confinement::of(Role::Web).limits,
            group: None,
            view: Some(View::new(grants).expect("view")),
        };
        let (_read, write) = process::output_pipe().expect("pipe");
        let pid = process::spawn(Path::new("/bin/sleep"), &["60"], confinement, None, write);
        let pid = pid.expect("starts");
        let text = fs::read_to_string(format!("/proc/{pid}/mountinfo")).expect("mounts");
        process::kill_now(pid).expect("ended");
        parse_mounts(&text)
    }
}
