//! A file that travels with an answer (`SCM_RIGHTS`, unix(7)).

use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, OwnedFd};

use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, recvmsg, sendmsg,
};
use tokio::io::{AsyncWriteExt, Interest};
use tokio::net::UnixStream;

use crate::frame::MAX_FRAME_BYTES;

/// Bytes that are read at a time.
const CHUNK_BYTES: usize = 8 * 1024;

/// Sends one line, and the file with its first byte.
pub(crate) async fn send(stream: &mut UnixStream, line: &[u8], file: &OwnedFd) -> io::Result<()> {
    let sent = stream
        .async_io(Interest::WRITABLE, || {
            let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
            let mut ancillary = SendAncillaryBuffer::new(&mut space);
            let files = [file.as_fd()];
            if !ancillary.push(SendAncillaryMessage::ScmRights(&files)) {
                return Err(io::ErrorKind::OutOfMemory.into());
            }
            let flags = SendFlags::NOSIGNAL;
            Ok(sendmsg(&*stream, &[IoSlice::new(line)], &mut ancillary, flags)?)
        })
        .await?;
    stream.write_all(line.get(sent..).unwrap_or_default()).await
}

/// Receives one line without its line feed, and the file that came with it. Nothing else may follow.
pub(crate) async fn receive(stream: &UnixStream) -> io::Result<(Vec<u8>, Option<OwnedFd>)> {
    let (mut line, mut file) = (Vec::new(), None);
    let mut chunk = [0; CHUNK_BYTES];
    while line.last() != Some(&b'\n') {
        let count = stream
            .async_io(Interest::READABLE, || {
                let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
                let mut ancillary = RecvAncillaryBuffer::new(&mut space);
                let mut buffers = [IoSliceMut::new(&mut chunk)];
                let flags = RecvFlags::CMSG_CLOEXEC;
                let received = recvmsg(stream, &mut buffers, &mut ancillary, flags)?;
                for message in ancillary.drain() {
                    if let RecvAncillaryMessage::ScmRights(files) = message {
                        file = files.last().or_else(|| file.take());
                    }
                }
                Ok(received.bytes)
            })
            .await?;
        let received = chunk.get(..count).filter(|received| !received.is_empty());
        line.extend_from_slice(received.ok_or(io::ErrorKind::UnexpectedEof)?);
        if line.len() > MAX_FRAME_BYTES {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "an answer is too long"));
        }
    }
    line.pop();
    Ok((line, file))
}
