//! Clients that work beside a test until it has seen enough.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};

/// Clients at work, a thread each; dropping them ends them.
#[derive(Debug)]
pub(crate) struct Clients {
    has_ended: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl Clients {
    /// Starts so many, in the network of the calling thread. They work until the flag is set.
    pub(crate) fn start(count: usize, work: impl Fn(&AtomicBool) + Clone + Send + 'static) -> Self {
        let has_ended = Arc::new(AtomicBool::new(false));
        let client = |_| {
            let (has_ended, work) = (Arc::clone(&has_ended), work.clone());
            thread::spawn(move || work(&has_ended))
        };
        let threads = (0..count).map(client).collect();
        Self { has_ended, threads }
    }

    /// Has them end, and waits until they have.
    pub(crate) fn end(&mut self) {
        self.has_ended.store(true, Ordering::Relaxed);
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

impl Drop for Clients {
    fn drop(&mut self) {
        self.end();
    }
}
