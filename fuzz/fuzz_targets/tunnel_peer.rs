//! A peer that has passed the inner TLS and then misbehaves: whatever it sends in place of streams,
//! the link ends or goes on, and never panics or hangs.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tunnel::Link;

/// Octets on the wire.
const WIRE_BYTES: usize = 64 * 1024;

fuzz_target!(|bytes: &[u8]| {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("runtime");
    runtime.block_on(async {
        let (near, mut far) = tokio::io::duplex(WIRE_BYTES);
        let mut link = Link::accepted(near);
        let reading = tokio::spawn(async move {
            while let Some(mut stream) = link.incoming.accept().await {
                tokio::spawn(async move {
                    while let Ok(Some(_)) = stream.reader.piece().await {}
                });
            }
        });
        // The link may have ended before everything is written.
        let _ = far.write_all(bytes).await;
        let _ = far.shutdown().await;
        let _ = far.read_to_end(&mut Vec::new()).await;
        reading.await.expect("the link ends");
    });
});
