//! Creating a dm-verity device: three requests to the device mapper (Linux, `dm-ioctl.h`).

use std::fs::{File, OpenOptions};
use std::io;
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};

use model::trailer::{BLOCK_BYTES, VerityFacts, hex};

use crate::SysError;
use crate::error::Step;

const CONTROL: &str = "/dev/mapper/control";
/// `struct dm_ioctl`.
const HEADER_BYTES: usize = 312;
/// `struct dm_target_spec`, before the parameters of the target.
const TARGET_BYTES: usize = 40;
/// A whole request. The parameters of one verity target need about 250 bytes.
const REQUEST_BYTES: usize = 1024;
const READ_ONLY: u32 = 1;
const SECTOR_BYTES: u64 = 512;

type Request = [u8; REQUEST_BYTES];

mod ioctl {
    use super::HEADER_BYTES;

    type Header = [u8; HEADER_BYTES];
    nix::ioctl_readwrite!(create, 0xfd, 3, Header);
    nix::ioctl_readwrite!(resume, 0xfd, 6, Header);
    nix::ioctl_readwrite!(load, 0xfd, 9, Header);
}

/// Creates a read-only device that checks every block of `device` when it is read, and makes the
/// kernel panic when one is not what it was when the slot was signed. Returns its node.
///
/// # Errors
///
/// [`SysError::Call`], and [`SysError::VerityTable`] for facts that fit no device.
pub fn create(device: &Path, name: &str, facts: &VerityFacts) -> Result<PathBuf, SysError> {
    let table = || SysError::VerityTable { device: device.display().to_string() };
    let mut create = request(name, 0).ok_or_else(table)?;
    let mut load = load_request(name, device, facts).ok_or_else(table)?;
    let mut resume = request(name, READ_ONLY).ok_or_else(table)?;
    let control = OpenOptions::new().read(true).write(true).open(CONTROL).step("open", &CONTROL)?;
    send(&control, ioctl::create, &mut create).step("create the verity device", &name)?;
    send(&control, ioctl::load, &mut load).step("load the verity table of", &device.display())?;
    send(&control, ioctl::resume, &mut resume).step("start the verity device", &name)?;
    Ok(PathBuf::from(format!("/dev/dm-{}", minor(&resume))))
}

type Call = unsafe fn(libc::c_int, *mut [u8; HEADER_BYTES]) -> nix::Result<libc::c_int>;

fn send(control: &File, call: Call, request: &mut Request) -> io::Result<()> {
    // SAFETY: the kernel reads and writes at most `data_size` bytes from the pointer, which
    // `request` sets to the length of this buffer, and the buffer outlives the call.
    unsafe { call(control.as_raw_fd(), request.as_mut_ptr().cast()) }?;
    Ok(())
}

/// A request that concerns the device of this name.
fn request(name: &str, flags: u32) -> Option<Request> {
    let mut request = [0; REQUEST_BYTES];
    put(&mut request, 0, &4_u32.to_ne_bytes())?; // major version of the interface
    put(&mut request, 12, &u32::try_from(REQUEST_BYTES).ok()?.to_ne_bytes())?;
    put(&mut request, 16, &u32::try_from(HEADER_BYTES).ok()?.to_ne_bytes())?;
    put(&mut request, 28, &flags.to_ne_bytes())?;
    if name.len() >= 128 || name.contains('\0') {
        return None;
    }
    put(&mut request, 48, name.as_bytes())?;
    Some(request)
}

/// The request that loads the table of one verity target.
fn load_request(name: &str, device: &Path, facts: &VerityFacts) -> Option<Request> {
    let device = device.to_str().filter(|path| !path.contains([' ', '\0']))?;
    let blocks = facts.data_blocks;
    let sectors = blocks.checked_mul(BLOCK_BYTES / SECTOR_BYTES)?;
    let (root, salt) = (hex(&facts.root_hash), hex(&facts.salt));
    // The hash tree lies on the same device, right after the data.
    let parameters = format!(
        "1 {device} {device} {BLOCK_BYTES} {BLOCK_BYTES} {blocks} {blocks} sha256 {root} {salt} \
         1 panic_on_corruption"
    );
    let mut request = request(name, READ_ONLY)?;
    put(&mut request, 20, &1_u32.to_ne_bytes())?; // one target
    let target = HEADER_BYTES;
    put(&mut request, target + 8, &sectors.to_ne_bytes())?;
    let next = (TARGET_BYTES + parameters.len() + 1).next_multiple_of(8);
    put(&mut request, target + 20, &u32::try_from(next).ok()?.to_ne_bytes())?;
    put(&mut request, target + 24, b"verity")?;
    put(&mut request, target + TARGET_BYTES, parameters.as_bytes())?;
    (target + next <= REQUEST_BYTES).then_some(request)
}

fn put(request: &mut Request, offset: usize, bytes: &[u8]) -> Option<()> {
    request.get_mut(offset..offset + bytes.len())?.copy_from_slice(bytes);
    Some(())
}

/// The minor number in the answer, in the kernel's `new_encode_dev` form.
fn minor(answer: &Request) -> u32 {
    let device = u32::from_ne_bytes([answer[40], answer[41], answer[42], answer[43]]);
    (device & 0xff) | ((device >> 12) & 0x000f_ff00)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(data_blocks: u64) -> VerityFacts {
        VerityFacts { data_blocks, root_hash: [0xab; 32], salt: [0xcd; 32] }
    }

    #[test]
    fn table_names_device_blocks_hash_and_panics_on_corruption() {
        let request = load_request("root", Path::new("/dev/sda3"), &facts(100)).expect("fits");
        let text = String::from_utf8_lossy(&request[HEADER_BYTES + TARGET_BYTES..]).into_owned();
        let expected = format!(
            "1 /dev/sda3 /dev/sda3 4096 4096 100 100 sha256 {} {} 1 panic_on_corruption",
            "ab".repeat(32),
            "cd".repeat(32)
        );
        assert_eq!(text.trim_end_matches('\0'), expected);
        assert_eq!(request[HEADER_BYTES + 8..HEADER_BYTES + 16], 800_u64.to_ne_bytes());
    }

    #[test]
    fn refuses_what_fits_no_device() {
        assert!(load_request("root", Path::new("/dev/sda3"), &facts(u64::MAX)).is_none());
        assert!(load_request("root", Path::new("/dev/a b"), &facts(1)).is_none());
        assert!(request(&"x".repeat(128), 0).is_none());
    }

    #[test]
    fn reads_minor_numbers_beyond_a_byte() {
        let mut answer = [0; REQUEST_BYTES];
        answer[40..44].copy_from_slice(&0x0010_fd05_u32.to_ne_bytes());
        assert_eq!(minor(&answer), 0x105);
    }
}
