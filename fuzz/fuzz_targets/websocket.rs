//! Octets of the outer connection after its TLS, through every layer but the inner TLS: the WebSocket, the
//! streams in it, their frames, and the control messages in those. Whatever is sent, each side ends or goes
//! on, and never panics or hangs. The first byte says which side hears it.
#![no_main]

use std::future::Future;

use libfuzzer_sys::fuzz_target;
use protocol::control::FromAppliance;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tunnel::{Link, websocket};

/// Octets on the wire.
const WIRE_BYTES: usize = 64 * 1024;

fuzz_target!(|bytes: &[u8]| {
    let Some((side, bytes)) = bytes.split_first() else { return };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("runtime");
    runtime.block_on(async {
        let (near, far) = tokio::io::duplex(WIRE_BYTES);
        if side % 2 == 0 {
            hear(far, bytes, cloud(near)).await;
        } else {
            hear(far, bytes, appliance(near)).await;
        }
    });
});

/// What the cloud does with a connection that it has taken over.
async fn cloud(near: DuplexStream) {
    let mut link = Link::accepted(websocket::accept(near).await);
    while let Some(mut stream) = link.incoming.accept().await {
        tokio::spawn(async move {
            while let Ok(Some(_)) = stream.reader.message::<FromAppliance>().await {}
        });
    }
}

/// What the appliance does with a server's answer. It cannot be the right one: that depends on a random key.
async fn appliance(near: DuplexStream) {
    assert!(websocket::connect(near, "cloud.example.com", "test/1").await.is_err());
}

async fn hear(
    mut far: DuplexStream,
    bytes: &[u8],
    side: impl Future<Output = ()> + Send + 'static,
) {
    let side = tokio::spawn(side);
    // It may have ended before everything is written.
    let _ = far.write_all(bytes).await;
    let _ = far.shutdown().await;
    let _ = far.read_to_end(&mut Vec::new()).await;
    side.await.expect("it ends");
}
