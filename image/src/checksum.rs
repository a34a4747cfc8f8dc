//! SHA-256 of files.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

use model::trailer::hex;
use sha2::{Digest as _, Sha256};

use crate::format::source::next_data;

/// The SHA-256 of a file, in hexadecimal digits. Its holes are not read: reading them takes longer than everything else.
pub(crate) fn of_file(path: &Path) -> io::Result<String> {
    const PIECE: usize = 1 << 20;
    let (file, mut digest) = (File::open(path)?, Sha256::new());
    let (mut buffer, zeros) = (vec![0; PIECE], vec![0; PIECE]);
    let length = file.metadata()?.len();
    let (mut at, mut data) = (0, (0, 0));
    while at < length {
        if at >= data.1 {
            data = next_data(&file, at)?.unwrap_or((length, length));
        }
        let end = if at < data.0 { data.0 } else { data.1.min(length) };
        let count = usize::try_from(end - at).map_or(PIECE, |count| count.min(PIECE));
        if at < data.0 {
            digest.update(&zeros[..count]);
        } else {
            file.read_exact_at(&mut buffer[..count], at)?;
            digest.update(&buffer[..count]);
        }
        at += count as u64;
    }
    Ok(hex(&digest.finalize()))
}
