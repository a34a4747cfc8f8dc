//! The WebSocket under everything that appliance and cloud say, as the other side, or a proxy, may send
//! it. The first byte says who reads: the cloud after the request for it, or the appliance from the
//! answer to that request on.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tunnel::websocket;

/// Octets on the wire.
const WIRE_BYTES: usize = 64 * 1024;

fuzz_target!(|bytes: &[u8]| {
    let Some((who, bytes)) = bytes.split_first() else { return };
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("runtime");
    runtime.block_on(async {
        let (near, far) = tokio::io::duplex(WIRE_BYTES);
        let peer = misbehave(far, bytes);
        if who % 2 == 0 {
            tokio::join!(peer, async {
                read(websocket::accept(near).await, bytes.len()).await;
            });
        } else {
            tokio::join!(peer, async {
                let connected = websocket::connect(near, "cloud.example.com", "connector/1").await;
                if let Ok(octets) = connected {
                    read(octets, bytes.len()).await;
                }
            });
        }
    });
});

async fn misbehave(mut wire: DuplexStream, bytes: &[u8]) {
    // The reader may have given up before everything is written.
    let _ = wire.write_all(bytes).await;
    let _ = wire.shutdown().await;
    let _ = wire.read_to_end(&mut Vec::new()).await;
}

/// Reads to the end or to the first error. No message gives more octets than were sent.
async fn read(mut octets: websocket::Octets<DuplexStream>, sent: usize) {
    let mut received = Vec::new();
    let _ = octets.read_to_end(&mut received).await;
    assert!(received.len() <= sent);
}
