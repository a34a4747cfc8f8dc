//! Serves a [`VolatileDisk`] to QEMU over a Unix socket: the network block device protocol, newstyle
//! handshake with fixed options and simple replies (`doc/proto.md` of the nbd project).

use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};

use crate::error::HarnessError;
use crate::volatile_disk::{Refusal, VolatileDisk};
use crate::write_cache::SECTOR_BYTES;

const INIT: &[u8] = b"NBDMAGICIHAVEOPT";
const OPTION: &[u8] = b"IHAVEOPT";
const OPTION_REPLY: u64 = 0x0003_e889_0455_65a9;
const REQUEST: u32 = 0x2560_9513;
const REPLY: u32 = 0x6744_6698;
/// Longest data of an option and of a request, in bytes; QEMU sends at most 32 MiB.
const MAX_OPTION_BYTES: u32 = 4096;
const MAX_REQUEST_BYTES: u32 = 32 << 20;

/// Fixed newstyle, no zeroes after the handshake.
const HANDSHAKE_FLAGS: u16 = 0b11;
/// Flags are sent; flush, force unit access and write zeroes are understood.
const TRANSMISSION_FLAGS: u16 = 1 | 1 << 2 | 1 << 3 | 1 << 6;
const FORCE_UNIT_ACCESS: u16 = 1;

const OPTION_ABORT: u32 = 2;
const OPTION_INFO: u32 = 6;
const OPTION_GO: u32 = 7;
const REPLY_ACK: u32 = 1;
const REPLY_INFO: u32 = 3;
const REPLY_UNSUPPORTED: u32 = 0x8000_0001;
const INFO_EXPORT: u16 = 0;
const INFO_BLOCK_SIZE: u16 = 3;

const READ: u16 = 0;
const WRITE: u16 = 1;
const DISCONNECT: u16 = 2;
const FLUSH: u16 = 3;
const WRITE_ZEROES: u16 = 6;

const ERROR_IO: u32 = 5;
const ERROR_INVALID: u32 = 22;

/// A server for one disk, which one machine at a time uses. Ends when it is dropped.
#[derive(Debug)]
pub struct NbdServer {
    disk: Arc<VolatileDisk>,
    socket: PathBuf,
    is_ending: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl NbdServer {
    /// Serves a disk on a socket.
    ///
    /// # Errors
    ///
    /// When the socket cannot be made.
    pub fn start(disk: VolatileDisk, socket: &Path) -> Result<Self, HarnessError> {
        let listener = UnixListener::bind(socket)
            .map_err(HarnessError::io(format!("listen on {}", socket.display())))?;
        let (disk, is_ending) = (Arc::new(disk), Arc::new(AtomicBool::new(false)));
        let (served, ending) = (Arc::clone(&disk), Arc::clone(&is_ending));
        let thread = thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(stream) = stream else { return };
                if ending.load(Ordering::SeqCst) {
                    return;
                }
                served.enter();
                // QEMU ends the connection by ending.
                let _ = serve(stream, &served);
                served.leave();
            }
        });
        Ok(Self { disk, socket: socket.to_owned(), is_ending, thread: Some(thread) })
    }

    /// The disk.
    #[must_use]
    pub fn disk(&self) -> &VolatileDisk {
        &self.disk
    }

    /// Where QEMU connects to.
    #[must_use]
    pub fn socket(&self) -> &Path {
        &self.socket
    }
}

impl Drop for NbdServer {
    fn drop(&mut self) {
        self.is_ending.store(true, Ordering::SeqCst);
        // Wakes the thread, unless a machine is still connected: then it ends with the process.
        if UnixStream::connect(&self.socket).is_ok()
            && let Some(thread) = self.thread.take()
            && !self.disk.is_in_use()
        {
            let _ = thread.join();
        }
    }
}

fn serve(mut stream: UnixStream, disk: &VolatileDisk) -> io::Result<()> {
    if shake_hands(&mut stream, disk)? {
        while transmit(&mut stream, disk)? {}
    }
    Ok(())
}

/// Offers the disk; says whether the client took it.
fn shake_hands(stream: &mut UnixStream, disk: &VolatileDisk) -> io::Result<bool> {
    stream.write_all(INIT)?;
    stream.write_all(&HANDSHAKE_FLAGS.to_be_bytes())?;
    let _client_flags: [u8; 4] = take(stream)?;
    loop {
        if take::<8>(stream)? != *OPTION {
            return Err(ErrorKind::InvalidData.into());
        }
        let option = u32::from_be_bytes(take(stream)?);
        let length = u32::from_be_bytes(take(stream)?);
        take_bytes(stream, length, MAX_OPTION_BYTES)?;
        match option {
            OPTION_ABORT => {
                answer_option(stream, option, REPLY_ACK, &[])?;
                return Ok(false);
            }
            OPTION_GO | OPTION_INFO => {
                let size = disk.size_bytes().map_err(io::Error::other)?;
                let export = [
                    &INFO_EXPORT.to_be_bytes()[..],
                    &size.to_be_bytes(),
                    &TRANSMISSION_FLAGS.to_be_bytes(),
                ];
                let sector = u32::try_from(SECTOR_BYTES).map_err(io::Error::other)?;
                let block = [
                    &INFO_BLOCK_SIZE.to_be_bytes()[..],
                    &sector.to_be_bytes(),
                    &(8 * sector).to_be_bytes(),
                    &MAX_REQUEST_BYTES.to_be_bytes(),
                ];
                answer_option(stream, option, REPLY_INFO, &export.concat())?;
                answer_option(stream, option, REPLY_INFO, &block.concat())?;
                answer_option(stream, option, REPLY_ACK, &[])?;
                if option == OPTION_GO {
                    return Ok(true);
                }
            }
            _ => answer_option(stream, option, REPLY_UNSUPPORTED, &[])?,
        }
    }
}

fn answer_option(stream: &mut UnixStream, option: u32, kind: u32, data: &[u8]) -> io::Result<()> {
    let length = u32::try_from(data.len()).map_err(io::Error::other)?;
    let reply = [
        &OPTION_REPLY.to_be_bytes()[..],
        &option.to_be_bytes(),
        &kind.to_be_bytes(),
        &length.to_be_bytes(),
        data,
    ];
    stream.write_all(&reply.concat())
}

/// Answers one request; says whether another may come.
fn transmit(stream: &mut UnixStream, disk: &VolatileDisk) -> io::Result<bool> {
    if u32::from_be_bytes(take(stream)?) != REQUEST {
        return Err(ErrorKind::InvalidData.into());
    }
    let flags = u16::from_be_bytes(take(stream)?);
    let command = u16::from_be_bytes(take(stream)?);
    let handle: [u8; 8] = take(stream)?;
    let offset = u64::from_be_bytes(take(stream)?);
    let length = u32::from_be_bytes(take(stream)?);
    let through = flags & FORCE_UNIT_ACCESS != 0;
    let size = usize::try_from(length).map_err(io::Error::other)?;
    let mut data = Vec::new();
    let outcome = match command {
        DISCONNECT => return Ok(false),
        READ if length <= MAX_REQUEST_BYTES => {
            data.resize(size, 0);
            disk.read(offset, &mut data)
        }
        WRITE => {
            let bytes = take_bytes(stream, length, MAX_REQUEST_BYTES)?;
            disk.write(offset, bytes, through)
        }
        WRITE_ZEROES => disk.zero(offset, size, through),
        FLUSH => disk.flush(),
        _ => return answer(stream, ERROR_INVALID, handle, &[]).map(|()| true),
    };
    match outcome {
        Ok(()) => answer(stream, 0, handle, &data)?,
        Err(Refusal::Failed) => answer(stream, ERROR_IO, handle, &[])?,
        Err(Refusal::NoPower) => {
            // Nothing is answered any more; the machine is about to lose its power too.
            io::copy(stream, &mut io::sink())?;
            return Ok(false);
        }
    }
    Ok(true)
}

fn answer(stream: &mut UnixStream, error: u32, handle: [u8; 8], data: &[u8]) -> io::Result<()> {
    let head = [&REPLY.to_be_bytes()[..], &error.to_be_bytes(), &handle].concat();
    stream.write_all(&head)?;
    stream.write_all(data)
}

fn take<const N: usize>(stream: &mut UnixStream) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    stream.read_exact(&mut bytes)?;
    Ok(bytes)
}

fn take_bytes(stream: &mut UnixStream, length: u32, limit: u32) -> io::Result<Vec<u8>> {
    if length > limit {
        return Err(ErrorKind::InvalidData.into());
    }
    let mut bytes = vec![0; usize::try_from(length).map_err(io::Error::other)?];
    stream.read_exact(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::process::Command;
    use std::time::Duration;

    use super::*;
    use crate::dice::Dice;
    use crate::disk::run;

    /// QEMU's own client writes, flushes and reads what it wrote.
    #[test]
    fn qemu_reads_what_it_wrote_and_flushed_data_outlives_a_cut() {
        let directory = tempfile::tempdir().expect("directory");
        let image = directory.path().join("image");
        std::fs::write(&image, vec![0; 1 << 20]).expect("written");
        let disk = VolatileDisk::open(&image).expect("opened");
        let server = NbdServer::start(disk, &directory.path().join("socket")).expect("started");
        let target = format!("nbd+unix:///?socket={}", server.socket().display());
        let commands = ["write -P 7 4096 8192", "flush", "write -z 4096 512", "read -P 0 4096 512"];
        let mut command = Command::new("qemu-io");
        command.args(["-f", "raw", "-t", "writeback", "-d", "unmap"]);
        for text in commands {
            command.args(["-c", text]);
        }
        let output = run(command.arg(&target)).expect("qemu-io runs");
        let output = String::from_utf8_lossy(&output);
        assert!(!output.contains("failed"), "{output}");
        server.disk().cut(&mut Dice::new(1), Duration::from_secs(5)).expect("cut");
        let bytes = std::fs::read(&image).expect("read");
        assert!(bytes[4608..12288].iter().all(|byte| *byte == 7));
        assert!(server.disk().requests() >= 3);
    }
}
