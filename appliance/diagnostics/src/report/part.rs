//! What a report is made of.

use std::fmt;
use std::pin::Pin;
use std::time::{Duration, Instant};

use model::redaction::Redaction;
use model::redaction::secrets;
use model::secret::Secret;
use serde_json::Value;

/// Usual limits of a part: roles answer within milliseconds.
pub(crate) const USUAL_TIME: Duration = Duration::from_secs(6);
/// Usual size of a part's files in bytes.
pub(crate) const USUAL_BYTES: usize = 512 * 1024;

/// What a part found, or why it found nothing, in plain words.
pub(crate) type Found = Result<Vec<PartFile>, String>;

/// Something to be found out, with its limits.
pub(crate) struct Part {
    /// Name in the manifest, and of the file that holds its error.
    pub(crate) name: String,
    /// How long it may take.
    pub(crate) time: Duration,
    /// How long each of its files may be, in bytes; the end is cut off.
    pub(crate) bytes: usize,
    /// Whether addresses and names in it are masked when that is asked for. What every copy of this release
    /// has in common is not.
    pub(crate) is_private: bool,
    /// Finds it out.
    pub(crate) work: Pin<Box<dyn Future<Output = Found> + Send>>,
}

/// A file of a part.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct PartFile {
    /// Its name in the archive.
    pub(crate) name: String,
    /// What it holds.
    pub(crate) content: Content,
}

/// What a file holds.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Content {
    /// Values.
    Json(Value),
    /// Text.
    Text(String),
}

impl Part {
    /// A part with the usual limits.
    pub(crate) fn new(
        name: impl Into<String>,
        work: impl Future<Output = Found> + Send + 'static,
    ) -> Self {
        let (time, bytes) = (USUAL_TIME, USUAL_BYTES);
        Self { name: name.into(), time, bytes, is_private: true, work: Box::pin(work) }
    }

    /// A part of one JSON file, `<name>.json`.
    pub(crate) fn json(
        name: &str,
        work: impl Future<Output = Result<Value, String>> + Send + 'static,
    ) -> Self {
        let file = format!("{name}.json");
        Self::new(name, async move {
            Ok(vec![PartFile { name: file, content: Content::Json(work.await?) }])
        })
    }
}

impl fmt::Debug for Part {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Part").field("name", &self.name).finish_non_exhaustive()
    }
}

/// A part that has come to its end.
#[derive(Debug)]
pub(crate) struct Finished {
    pub(crate) name: String,
    pub(crate) took: Duration,
    pub(crate) bytes: usize,
    pub(crate) is_private: bool,
    pub(crate) found: Found,
}

impl Part {
    /// Finds it out within its limit of time.
    pub(crate) async fn finish(self, longest: Duration) -> Finished {
        let Self { name, time, bytes, is_private, work } = self;
        let limit = time.min(longest);
        let begin = Instant::now();
        // In a task of its own: one that panics is one that failed.
        let mut task = tokio::spawn(work);
        let found = match tokio::time::timeout(limit, &mut task).await {
            Ok(Ok(found)) => found,
            Ok(Err(error)) => Err(format!("it ended early: {error}")),
            Err(_) => {
                task.abort();
                Err(format!("it took longer than {} ms", limit.as_millis()))
            }
        };
        Finished { name, took: begin.elapsed(), bytes, is_private, found }
    }
}

/// Takes what must not be in a report out of its texts.
#[derive(Debug)]
pub(crate) struct Cleaner {
    /// Secrets that this role knows.
    pub(crate) known: Vec<Secret>,
    /// Pseudonyms; `None` = addresses and names stay.
    pub(crate) masks: Option<Redaction>,
}

impl Cleaner {
    /// The text of a file without secrets, with pseudonyms if they are wanted, not longer than its limit.
    pub(crate) fn clean(
        &mut self,
        content: Content,
        is_private: bool,
        limit_bytes: usize,
    ) -> String {
        let masks = self.masks.as_mut().filter(|_| is_private);
        let text = match content {
            Content::Json(mut value) => {
                secrets::remove_from_json(&mut value, &self.known);
                if let Some(masks) = masks {
                    masks.mask_json(&mut value);
                }
                // A value has nothing that JSON lacks.
                let mut text = serde_json::to_string_pretty(&value).unwrap_or_default();
                text.push('\n');
                text
            }
            Content::Text(text) => {
                let text = secrets::remove_known(secrets::remove(&text), &self.known);
                masks.map_or_else(|| text.clone(), |masks| masks.mask(&text))
            }
        };
        cut(text, limit_bytes)
    }
}

/// Cuts the end off, and says so.
fn cut(mut text: String, limit_bytes: usize) -> String {
    if text.len() > limit_bytes {
        let whole = text.len();
        text.truncate(text.floor_char_boundary(limit_bytes));
        let cut = whole - text.len();
        text.push_str(&format!("\n[{cut} more bytes were cut off]\n"));
    }
    text
}
