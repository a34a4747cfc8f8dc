//! The service behind a tunnel, and its clients.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

use crate::Outcome;

/// Octets that are sent at once.
pub(crate) const PIECE: usize = 64 * 1024;
/// Until windows have grown to the delay.
const WARMING: Duration = Duration::from_millis(1_000);
/// In which data are counted.
const WINDOW: Duration = Duration::from_millis(1_500);
/// Octets of a small request, and of its answer.
const SMALL: usize = 64;
/// Small requests, of which the median counts.
const REQUESTS: usize = 25;
/// Until one is answered.
const ANSWER: Duration = Duration::from_secs(5);
const MIB: f64 = 1_048_576.0;

/// What a window of time shows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Throughput {
    pub(crate) mebibytes_a_second: f64,
    /// Of the processors, by the processes of the tunnel.
    pub(crate) milliseconds_a_mebibyte: f64,
}

/// Starts the service: one that is sent `d` sends data without end, any other gets back what it sent.
pub(crate) async fn service() -> Outcome<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                stream.set_nodelay(true)?;
                let mut request = vec![0; SMALL];
                let length = stream.read(&mut request).await?;
                let is_download = request.first() == Some(&b'd');
                request.truncate(length);
                if !is_download {
                    return stream.write_all(&request).await;
                }
                let piece = vec![7; PIECE];
                loop {
                    stream.write_all(&piece).await?;
                }
            });
        }
    });
    Ok(address)
}

/// Downloads through so many connections at once.
pub(crate) async fn download(
    from: SocketAddr,
    connections: usize,
    processor_time: impl Fn() -> Outcome<Duration>,
) -> Outcome<Throughput> {
    let received = Arc::new(AtomicU64::new(0));
    let mut clients = JoinSet::new();
    for _ in 0..connections {
        let received = Arc::clone(&received);
        clients.spawn(async move {
            let mut stream = TcpStream::connect(from).await?;
            stream.write_all(b"d").await?;
            let mut piece = vec![0; 4 * PIECE];
            loop {
                let length = stream.read(&mut piece).await?;
                if length == 0 {
                    return Outcome::Ok(());
                }
                received.fetch_add(u64::try_from(length)?, Ordering::Relaxed);
            }
        });
    }
    tokio::select! {
        throughput = observe(&received, processor_time) => throughput,
        ended = clients.join_next() => {
            Err(format!("a download ended early: {ended:?}").into())
        }
    }
}

/// Counts octets and processor time in a window of time, once it has got going.
pub(crate) async fn observe(
    received: &AtomicU64,
    processor_time: impl Fn() -> Outcome<Duration>,
) -> Outcome<Throughput> {
    sleep(WARMING).await;
    let (began, octets, processor) =
        (Instant::now(), received.load(Ordering::Relaxed), processor_time()?);
    sleep(WINDOW).await;
    let (elapsed, octets, processor) = (
        began.elapsed(),
        received.load(Ordering::Relaxed) - octets,
        processor_time()?.saturating_sub(processor),
    );
    let mebibytes = f64::from(u32::try_from(octets / 1024)?) * 1024.0 / MIB;
    Ok(Throughput {
        mebibytes_a_second: mebibytes / elapsed.as_secs_f64(),
        milliseconds_a_mebibyte: processor.as_secs_f64() * 1e3 / mebibytes,
    })
}

/// Milliseconds of a small request on a connection of its own.
pub(crate) async fn request(to: SocketAddr) -> Outcome<f64> {
    let mut samples = Vec::new();
    for _ in 0..REQUESTS {
        let began = Instant::now();
        let asking = async {
            let mut stream = TcpStream::connect(to).await?;
            stream.set_nodelay(true)?;
            stream.write_all(&[b'e'; SMALL]).await?;
            stream.read_exact(&mut [0; SMALL]).await?;
            Outcome::Ok(())
        };
        timeout(ANSWER, asking).await.map_err(|_| "a small request got no answer")??;
        samples.push(began.elapsed().as_secs_f64() * 1e3);
    }
    samples.sort_by(f64::total_cmp);
    Ok(samples[samples.len() / 2])
}
