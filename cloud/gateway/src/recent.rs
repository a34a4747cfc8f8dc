//! How often a source did something lately.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;

use tokio::time::Instant;

use crate::connection::lock;

/// Counts by source, within spans of a fixed length.
#[derive(Debug)]
pub(crate) struct Recent {
    limit: u32,
    span: Duration,
    sources: usize,
    counts: Mutex<Counts>,
}

#[derive(Debug)]
struct Counts {
    began: Instant,
    by_source: HashMap<String, u32>,
}

impl Recent {
    /// At most `limit` times within `span`; counts at most so many sources apart.
    pub(crate) fn new(limit: u32, span: Duration, sources: usize) -> Self {
        let counts = Mutex::new(Counts { began: Instant::now(), by_source: HashMap::new() });
        Self { limit, span, sources, counts }
    }

    /// Counts one more; whether it is within the limit.
    pub(crate) fn allows(&self, source: &str) -> bool {
        let mut counts = lock(&self.counts);
        if counts.began.elapsed() >= self.span {
            *counts = Counts { began: Instant::now(), by_source: HashMap::new() };
        }
        let is_known = counts.by_source.contains_key(source);
        let is_full = counts.by_source.len() >= self.sources;
        // Whoever has many addresses must not fill the memory with them.
        let source = if is_known || !is_full { source } else { "" };
        let count = counts.by_source.entry(source.to_owned()).or_default();
        *count = count.saturating_add(1);
        *count <= self.limit
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn counts_each_source_apart_until_the_span_ends() {
        let recent = Recent::new(2, Duration::from_secs(60), 2);
        assert!(recent.allows("a") && recent.allows("a") && !recent.allows("a"));
        assert!(recent.allows("b"));
        assert!(recent.allows("c") && recent.allows("d") && !recent.allows("e"), "share one count");
        tokio::time::advance(Duration::from_secs(60)).await;
        assert!(recent.allows("a"));
    }
}
