//! A view of the machine in which nothing of the user's can be written: every folder is laid over
//! with an empty one that takes what is written, by overlayfs in a mount namespace of this
//! process's own.
//!
//! The root of the view is a folder of the sandbox, and each overlay's upper folder lies in it at
//! the overlay's own path: what a call writes to `/home/me/a.o` is afterwards `made/home/me/a.o`.
//! A folder that has file systems mounted below it cannot be laid over as a whole by users other
//! than root (they are locked to it), so what is in such a folder is laid over one by one.

use rustix::io::Errno;
use rustix::mount::{
    MountFlags, MountPropagationFlags, mount, mount_bind, mount_bind_recursive, mount_change,
    mount_remount,
};
use rustix::process::{chroot, getegid, geteuid};
use rustix::thread::UnshareFlags;
use std::ffi::CString;
use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use toolcall::os_str;

/// Folders of the system's own devices and answers, which are no files of the user's.
const SYSTEM: &[&str] = &["/dev", "/proc", "/sys"];

/// File in the spare folder that names the empty files which stand below mounted ones.
const STANDING: &str = "standing";

/// Makes the view this process's root. `made` takes what is written; `spare` is for overlayfs. Both
/// are new, empty and on one file system.
///
/// # Errors
/// The system does not let us, or has no overlayfs.
pub(crate) fn enter(made: &Path, spare: &Path) -> io::Result<()> {
    let owner = unshare()?;
    mount_change(
        "/",
        MountPropagationFlags::PRIVATE | MountPropagationFlags::REC,
    )?;
    let mut layers = Layers {
        made,
        spare,
        mounts: mounts(&fs::read("/proc/self/mountinfo")?),
        owner,
        number: 0,
        standing: Vec::new(),
    };
    layers.lay_each(Path::new("/"))?;
    fs::write(spare.join(STANDING), layers.standing.join(&b'\n'))?;
    chroot(made)?;
    std::env::set_current_dir("/")
}

/// The files in `made` that are no call's: something of the machine's was mounted over each.
pub(crate) fn standing(spare: &Path) -> Vec<PathBuf> {
    let names = fs::read(spare.join(STANDING)).unwrap_or_default();
    let names = names.split(|&byte| byte == b'\n');
    names.map(|name| os_str::os(name).into()).collect()
}

/// Removes overlayfs's work folders, which are empty and have no read permission.
pub(crate) fn clear(spare: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    for entry in fs::read_dir(spare)? {
        let work = entry?.path().join("work");
        if work.symlink_metadata().is_ok_and(|meta| meta.is_dir()) {
            fs::set_permissions(&work, fs::Permissions::from_mode(0o700))?;
        }
    }
    fs::remove_dir_all(spare)
}

/// Who mounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Owner {
    /// The machine's root.
    Root,
    /// A user, who is root in a namespace.
    User,
}

/// A mount namespace of our own; for those who may not have one, in a user namespace of our own.
fn unshare() -> io::Result<Owner> {
    #[expect(
        deprecated,
        reason = "it is unsafe only with FILES, which nobody asks for"
    )]
    let part = rustix::thread::unshare;
    if geteuid().is_root() && part(UnshareFlags::NEWNS).is_ok() {
        // Root of a container may be a user of the machine, as all numbers of its map then tell.
        let map = fs::read_to_string("/proc/self/uid_map")?;
        let whole = map.split_whitespace().eq(["0", "0", "4294967295"]);
        return Ok(if whole { Owner::Root } else { Owner::User });
    }
    let (user, group) = (geteuid().as_raw(), getegid().as_raw());
    part(UnshareFlags::NEWUSER | UnshareFlags::NEWNS)?;
    // The kernel takes a map of groups only from those who give up to change theirs.
    fs::write("/proc/self/setgroups", "deny")?;
    fs::write("/proc/self/uid_map", format!("{user} {user} 1"))?;
    fs::write("/proc/self/gid_map", format!("{group} {group} 1"))?;
    Ok(Owner::User)
}

/// The places where something is mounted, by `proc_pid_mountinfo(5)`: the fifth field, in which
/// blanks are octal.
fn mounts(info: &[u8]) -> Vec<PathBuf> {
    let lines = info.split(|&byte| byte == b'\n');
    let fifth = |line: &[u8]| Some(unescaped(line.split(|&byte| byte == b' ').nth(4)?));
    lines.filter_map(fifth).collect()
}

fn unescaped(field: &[u8]) -> PathBuf {
    let mut out = Vec::with_capacity(field.len());
    let mut rest = field;
    while let Some((&byte, after)) = rest.split_first() {
        let digits = after.get(..3).filter(|_| byte == b'\\');
        let digits = digits.and_then(|digits| std::str::from_utf8(digits).ok());
        match digits.and_then(|digits| u8::from_str_radix(digits, 8).ok()) {
            Some(code) => {
                out.push(code);
                rest = &after[3..];
            }
            None => {
                out.push(byte);
                rest = after;
            }
        }
    }
    os_str::os(&out).into()
}

struct Layers<'a> {
    made: &'a Path,
    spare: &'a Path,
    mounts: Vec<PathBuf>,
    owner: Owner,
    number: usize,
    standing: Vec<Vec<u8>>,
}

impl Layers<'_> {
    /// Lays over what is in a folder.
    fn lay_each(&mut self, folder: &Path) -> io::Result<()> {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            let place = self.made.join(path.strip_prefix("/").unwrap_or(&path));
            let kind = path.symlink_metadata()?.file_type();
            if kind.is_symlink() {
                let link = std::os::unix::fs::symlink(fs::read_link(&path)?, &place);
                link.or_else(|error| match error.kind() {
                    io::ErrorKind::AlreadyExists => Ok(()),
                    _ => Err(error),
                })?;
            } else if kind.is_file() {
                if !place.exists() {
                    fs::write(&place, "")?;
                    self.standing.push(place.as_os_str().as_bytes().to_owned());
                    bind(&path, &place)?;
                }
            } else if kind.is_dir() {
                fs::create_dir_all(&place)?;
                self.lay(&path, &place)?;
            }
        }
        Ok(())
    }

    fn lay(&mut self, path: &Path, place: &Path) -> io::Result<()> {
        if SYSTEM.iter().any(|system| path == Path::new(system)) {
            mount_bind_recursive(path, place)?;
            // A device takes what is written; that it is removed or replaced must not reach the machine. A
            // user could not do it anyway, and may not be let.
            let _ = read_only(place, &DEVICES);
            return Ok(());
        }
        let mut below = self.mounts.iter();
        if below.any(|mount| mount != path && mount.starts_with(path)) {
            return self.lay_each(path);
        }
        // The upper folder's rights are those of both.
        fs::set_permissions(place, path.metadata()?.permissions())?;
        // What cannot be laid over can at least not be written.
        self.overlay(path, place)
            .or_else(|error| bind(path, place).map_err(|_| error))
    }

    fn overlay(&mut self, path: &Path, place: &Path) -> io::Result<()> {
        self.number += 1;
        let work = self.spare.join(self.number.to_string());
        fs::create_dir(&work)?;
        let mut options = Vec::new();
        for (name, folder) in [("lowerdir", path), ("upperdir", place), ("workdir", &work)] {
            options.extend_from_slice(name.as_bytes());
            options.push(b'=');
            for &byte in folder.as_os_str().as_bytes() {
                // Colons part lower folders, and mean nothing in the others.
                if matches!(byte, b'\\' | b',') || (byte == b':' && name == "lowerdir") {
                    options.push(b'\\');
                }
                options.push(byte);
            }
            options.push(b',');
        }
        let theirs: &[u8] = match self.owner {
            Owner::Root => b"",
            Owner::User => b"userxattr,",
        };
        options.extend_from_slice(theirs);
        // Nobody needs the sandbox after a crash of the machine; older kernels have no `volatile`.
        let volatile = [&options[..], b"volatile"].concat();
        options.pop();
        let try_with = |options: Vec<u8>| {
            let options = CString::new(options).map_err(io::Error::other)?;
            let flags = MountFlags::empty();
            mount("overlay", place, "overlay", flags, options.as_c_str()).map_err(io::Error::from)
        };
        try_with(volatile).or_else(|_| try_with(options))
    }
}

/// Shows something in the view that cannot be written there.
fn bind(path: &Path, place: &Path) -> io::Result<()> {
    mount_bind(path, place)?;
    Ok(read_only(place, &FILES)?)
}

/// What mounts may forbid, as sets to try in turn: in a user namespace what a mount forbids stays
/// forbidden; which of these it does, the system does not tell shortly.
type Forbidden = [MountFlags; 3];

/// For mounts with files alone.
const FILES: Forbidden = [
    MountFlags::empty(),
    MountFlags::NOSUID.union(MountFlags::NODEV),
    MountFlags::NOSUID
        .union(MountFlags::NODEV)
        .union(MountFlags::NOEXEC),
];

/// For mounts whose devices are used.
const DEVICES: Forbidden = [
    MountFlags::empty(),
    MountFlags::NOSUID,
    MountFlags::NOSUID.union(MountFlags::NOEXEC),
];

/// Lets nobody change the folder that is mounted there; what is mounted below it stays as it is.
fn read_only(place: &Path, forbidden: &Forbidden) -> Result<(), Errno> {
    let read_only = MountFlags::BIND | MountFlags::RDONLY;
    let mut result = Err(Errno::PERM);
    for more in forbidden {
        if result.is_err() {
            result = mount_remount(place, read_only | *more, c"");
        }
    }
    result
}

/// Whether a file that a view has made says that something of the machine's was removed: a device
/// with the number 0, by the kernel's documentation of overlayfs.
pub(crate) fn is_removal(meta: &fs::Metadata) -> bool {
    use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
    meta.file_type().is_char_device() && meta.rdev() == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mount_points_are_read_with_blanks_in_them() {
        let info = b"22 1 8:1 / / rw - ext4 /dev/a rw\n23 22 8:2 / /a\\040b rw - ext4 /dev/b rw\n";
        assert_eq!(mounts(info), [PathBuf::from("/"), PathBuf::from("/a b")]);
    }
}
