//! The diagnostic report: a `.zip` that always comes out.
//!
//! Each part is found out at the same time as all others, within limits of its own; one that fails, hangs or is
//! too long is replaced by its error or cut, and the manifest says so. Everything is made in memory, whose
//! size the limits bound, and then stored where memory stands in for a disk: a full disk does not matter, and when there
//! is no room even there, the largest parts are left out one by one.
//!
//! Secrets do not reach this role, but for the passwords of the proxies. A second net
//! ([`model::redaction::secrets`]) goes over every text, and those passwords are looked for by themselves.
//! By choice, addresses and names become pseudonyms, the same ones in all parts.

mod error;
mod kernel;
mod logs;
mod names;
mod part;
mod roles;
mod sbom;
#[cfg(test)]
mod tests;
mod zip;

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use bus::{
    ChannelRequest, Client, DirectoryRequest, NetworkRequest, SettingsRequest, SettingsResponse,
};
use model::diagnostics::DiagnosticsStatus;
use model::product;
use model::redaction::{NameKind, Redaction};
use model::secret::Secret;
use model::utc;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::task::JoinSet;

pub(crate) use error::ReportError;
pub(crate) use part::Part;
pub(crate) use roles::Sockets;

use part::{Cleaner, Content, Finished};
use zip::Packed;

/// How long all parts together may take; packing comes on top. A report comes within 30 s.
const TOTAL_LIMIT: Duration = Duration::from_secs(20);
/// Largest report in bytes.
const MAX_REPORT_BYTES: usize = 16 * 1024 * 1024;
/// Smallest part that is left out for want of room, in bytes: the others would gain nothing.
const MIN_LEFT_OUT_BYTES: usize = 512;

/// Distinguishes the files of reports.
static REPORTS: AtomicU64 = AtomicU64::new(0);

/// Where a report comes from.
#[derive(Debug)]
pub(crate) struct Sources {
    /// The other roles.
    pub(crate) sockets: Sockets,
    /// Directory for the report, on a file system in memory.
    pub(crate) directory: PathBuf,
    /// What this role knows.
    pub(crate) own: DiagnosticsStatus,
    /// Further parts, such as the prechecks.
    pub(crate) parts: Vec<Part>,
    /// The time in seconds since 1970.
    pub(crate) now: i64,
}

/// What a report is to be.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Options {
    /// Whether addresses and names are replaced by pseudonyms.
    pub(crate) mask: bool,
}

/// A file of the report and what the manifest says about it.
struct Entry {
    packed: Packed,
    line: Value,
}

/// Makes a report and opens it for reading. It has no name any more: it goes away with the last descriptor.
pub(crate) async fn write(sources: Sources, options: Options) -> Result<File, ReportError> {
    let begin = Instant::now();
    let Sources { sockets, directory, own, parts, now } = sources;
    let cleaner = cleaner(&sockets, options).await;
    let mut all = roles::parts(&sockets, &own, now);
    all.extend(logs::parts(&sockets));
    all.extend(parts);
    all.push(sbom::part(sockets.init));
    let remaining = TOTAL_LIMIT.saturating_sub(begin.elapsed());
    let mut running = JoinSet::new();
    for (place, part) in all.into_iter().enumerate() {
        running.spawn(async move { (place, part.finish(remaining).await) });
    }
    let mut finished = running.join_all().await;
    finished.sort_by_key(|(place, _)| *place);
    let store_error = |path: &Path| {
        let path = path.to_owned();
        move |source| ReportError::Store { path, source }
    };
    let place = directory.clone();
    // Searching megabytes for secrets and packing them would hold up the other tasks of the role.
    let made = tokio::task::spawn_blocking(move || {
        let finished = finished.into_iter().map(|(_, finished)| finished);
        let entries = pack(finished, cleaner);
        store(&directory, entries, options, now)
    });
    let stored = made.await.unwrap_or_else(|panic| Err(io::Error::other(panic)));
    stored.map_err(store_error(&place))
}

/// Asks for what has to be looked for in every text.
async fn cleaner(sockets: &Sockets, options: Options) -> Cleaner {
    let client = Client::new(sockets.settings.clone());
    let (outbound, settings, network, directory, channel) = tokio::join!(
        roles::ask(&client, &SettingsRequest::Outbound),
        roles::status::<SettingsRequest>(sockets.settings.clone()),
        roles::status::<NetworkRequest>(sockets.network.clone()),
        roles::status::<DirectoryRequest>(sockets.directory.clone()),
        roles::status::<ChannelRequest>(sockets.channel.clone()),
    );
    let known: Vec<Secret> = match outbound {
        Ok(SettingsResponse::Outbound(outbound)) => {
            outbound.proxies.into_iter().filter_map(|proxy| proxy.password).collect()
        }
        _ => Vec::new(),
    };
    let masks = options.mask.then(|| {
        let mut names = Vec::new();
        for status in [settings.map(|s| json!(s)), network.map(|n| json!(n))].into_iter().flatten()
        {
            collect_names(&status, None, &mut names);
        }
        names.extend(directory.iter().flat_map(names::of_directory));
        names.extend(channel.iter().flat_map(names::of_channel));
        Redaction::new(names)
    });
    Cleaner { known, masks }
}

/// The names in a status, told by the members that hold them.
fn collect_names(value: &Value, kind: Option<NameKind>, names: &mut Vec<(NameKind, String)>) {
    match value {
        Value::String(text) => {
            let Some(kind) = kind else { return };
            // A location has a port, a subject has several parts: `CN=Root,O=Contoso`.
            let parts =
                text.split([',', '+']).map(|part| part.split_once('=').map_or(part, |p| p.1));
            let host = |part: &str| match part.rsplit_once(':') {
                Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => {
                    host.to_owned()
                }
                _ => part.to_owned(),
            };
            names
                .extend(parts.map(|part| (kind, host(part.trim().trim_start_matches(['.', '*'])))));
        }
        Value::Array(values) => values.iter().for_each(|value| collect_names(value, kind, names)),
        Value::Object(members) => {
            for (name, value) in members {
                let kind = match name.as_str() {
                    "host_name" | "domain" | "server" | "location" | "names" | "ntp"
                    | "proxy_bypass" => Some(NameKind::Host),
                    "user_name" => Some(NameKind::User),
                    "subject" | "issuer" | "deployment" => Some(NameKind::Other),
                    "value" => kind,
                    _ => None,
                };
                collect_names(value, kind, names);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Cleans and compresses what was found.
fn pack(finished: impl Iterator<Item = Finished>, mut cleaner: Cleaner) -> Vec<Entry> {
    let mut entries = Vec::new();
    for Finished { name, took, bytes, is_private, found } in finished {
        let took_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        let files = match found {
            Ok(files) => files.into_iter().map(|file| (file.name, file.content, None)).collect(),
            Err(error) => {
                let text = Content::Text(format!("{error}\n"));
                vec![(format!("{name}.error.txt"), text, Some(error))]
            }
        };
        for (file, content, error) in files {
            let text = cleaner.clean(content, is_private, bytes);
            let error = error.map(|error| {
                let clean = cleaner.clean(Content::Text(error), is_private, bytes);
                clean.trim_end().to_owned()
            });
            let line = json!({
                "part": name,
                "file": file,
                "bytes": text.len(),
                "sha256": hexadecimal(&Sha256::digest(text.as_bytes())),
                "took_ms": took_ms,
                "error": error,
            });
            entries.push(Entry { packed: Packed::new(file, text.as_bytes()), line });
        }
    }
    entries
}

/// Stores the report; leaves the largest files out when there is no room for all.
fn store(
    directory: &Path,
    mut entries: Vec<Entry>,
    options: Options,
    now: i64,
) -> io::Result<File> {
    loop {
        let archive = assemble(&entries, options, now);
        let outcome = if archive.len() > MAX_REPORT_BYTES {
            Err(io::ErrorKind::FileTooLarge.into())
        } else {
            store_bytes(directory, &archive)
        };
        let error = match outcome {
            Ok(file) => return Ok(file),
            Err(error) => error,
        };
        let is_size = matches!(
            error.kind(),
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge
        );
        let largest = entries.iter_mut().max_by_key(|entry| entry.packed.packed_bytes());
        let Some(largest) =
            largest.filter(|entry| is_size && entry.packed.packed_bytes() >= MIN_LEFT_OUT_BYTES)
        else {
            return Err(error);
        };
        let reason = "left out: there is no room for the whole report";
        let file = largest.line["file"].as_str().unwrap_or_default();
        largest.packed = Packed::new(format!("{file}.error.txt"), reason.as_bytes());
        largest.line["error"] = json!(reason);
    }
}

/// The archive, with its manifest in front.
fn assemble(entries: &[Entry], options: Options, now: i64) -> Vec<u8> {
    let lines: Vec<_> = entries.iter().map(|entry| &entry.line).collect();
    let manifest = json!({
        "product": product::NAME,
        "version": product::VERSION,
        "made": utc::date_time(now.saturating_mul(1000)),
        "is_masked": options.mask,
        "files": lines,
    });
    let text = serde_json::to_string_pretty(&manifest).unwrap_or_default() + "\n";
    let mut files = vec![Packed::new("manifest.json".to_owned(), text.as_bytes())];
    files.extend(entries.iter().map(|entry| entry.packed.clone()));
    zip::archive(&files, now)
}

fn store_bytes(directory: &Path, bytes: &[u8]) -> io::Result<File> {
    let number = REPORTS.fetch_add(1, Ordering::Relaxed);
    let path = directory.join(format!("report-{}-{number}.zip", std::process::id()));
    let stored = (|| {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
        file.write_all(bytes)?;
        // A descriptor that cannot be written to, at the beginning.
        File::open(&path)
    })();
    match fs::remove_file(&path) {
        Err(error) if stored.is_ok() => Err(error),
        _ => stored,
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
