//! The tunnel alone: both ends in one process, with data that come from nowhere and go nowhere.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::net::TcpListener;
use tunnel::Piece;

use crate::load::{self, PIECE};
use crate::{Outcome, ends, process, say};

/// Sends on so many streams at once, and prints what a window of time shows.
pub(crate) async fn streams(at: &str, to: &str, count: &str, keys: &str) -> Outcome<()> {
    let listener = TcpListener::bind(at).await?;
    let keys = Path::new(keys);
    let (mut cloud, appliance) =
        tokio::try_join!(ends::accept(&listener, keys), ends::dial(to.parse()?, keys))?;
    let received = Arc::new(AtomicU64::new(0));
    for _ in 0..count.parse()? {
        let mut sender = appliance.opener.open().await?;
        tokio::spawn(async move {
            let piece = vec![7; PIECE];
            while sender.writer.data(&piece).await.is_ok() {}
        });
        let mut receiver = cloud.incoming.accept().await.ok_or("the tunnel has ended")?;
        let received = Arc::clone(&received);
        tokio::spawn(async move {
            while let Ok(Some(Piece::Data(data))) = receiver.reader.piece().await {
                received.fetch_add(u64::try_from(data.len()).unwrap_or(0), Ordering::Relaxed);
            }
        });
    }
    let own = std::process::id();
    let sample = load::observe(&received, || process::processor_time(&[own])).await?;
    say(&format!("{} {}", sample.mebibytes_a_second, sample.milliseconds_a_mebibyte));
    Ok(())
}
