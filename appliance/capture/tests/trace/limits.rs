//! Traces end by themselves: after their time, at the largest size, on a full disk; and a day later
//! they are gone.

use std::fs;
use std::path::Path;
use std::time::Duration;

use bus::{CaptureRequest, CaptureResponse, StartRefusal};
use model::capture::{TraceDuration, TraceOrder};
use model::capture_status::{
    EndReason, EndedTrace, Trace, TraceCounts, TraceOrigin, TraceState, TraceSummary,
};
use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};

use crate::site::{FarEnd, Site, enter_namespace, order, talk, tshark};

/// Mounts a file system in memory of so many bytes there, for this thread only.
fn small_disk(path: &Path, bytes: u64) {
    unshare(CloneFlags::CLONE_NEWNS).expect("root");
    let nothing = None::<&str>;
    mount(nothing, "/", nothing, MsFlags::MS_REC | MsFlags::MS_PRIVATE, nothing).expect("private");
    let options = format!("size={bytes}");
    let kind = Some("tmpfs");
    mount(kind, path, kind, MsFlags::empty(), Some(options.as_str())).expect("mounted");
}

#[tokio::test]
async fn ends_when_its_time_is_up() {
    if !enter_namespace() {
        return;
    }
    let far_end = FarEnd::connect();
    far_end.echo(7001);
    let mut site = Site::start().await;
    let duration = TraceDuration::TenSeconds;
    let running = site.begin(TraceOrder { duration, ..order(None, None, false) }).await;
    talk(7001, 10);
    let ended = site.end().await;
    assert_eq!(ended.end, EndReason::TimeUp);
    assert!((10_000..11_000).contains(&ended.elapsed_ms), "{} ms", ended.elapsed_ms);
    assert!(ended.counts.packets >= 7);
    assert_eq!(ended.deleted_ms - ended.ended_ms, 24 * 60 * 60 * 1000);
    let answer = site.ask(CaptureRequest::Stop { id: running.trace.id }).await;
    assert_eq!(answer, CaptureResponse::AlreadyEnded(ended));
}

#[tokio::test]
async fn ends_at_the_largest_size_with_a_file_of_whole_records() {
    if !enter_namespace() {
        return;
    }
    let far_end = FarEnd::connect();
    far_end.echo(7001);
    let directory = tempfile::tempdir().expect("directory");
    let mut site = Site::start_with(directory, |config| config.max_file_bytes = 100_000).await;
    let running = site.begin(order(None, None, true)).await;
    talk(7001, 300_000);
    let ended = site.end().await;
    assert_eq!(ended.end, EndReason::SizeLimit);
    assert!((20_000..=100_000).contains(&ended.counts.file_bytes), "{:?}", ended.counts);
    let file = site.download(&running.trace.id).await;
    let packets = tshark(&file, "tcp", &[]);
    assert_eq!(u64::try_from(packets.len()).ok(), Some(ended.counts.packets));
}

#[tokio::test]
async fn ends_on_a_full_disk_with_a_file_of_whole_records() {
    if !enter_namespace() {
        return;
    }
    let far_end = FarEnd::connect();
    far_end.echo(7001);
    let directory = tempfile::tempdir().expect("directory");
    small_disk(directory.path(), 12 << 20);
    let mut site = Site::start_with(directory, |_| {}).await;
    let running = site.begin(order(None, None, true)).await;
    // Somebody else fills the disk meanwhile, all but a little.
    fs::write(site.traces().join("other"), vec![0; (12 << 20) - 200_000]).expect("written");
    talk(7001, 2_000_000);
    let ended = site.end().await;
    assert_eq!(ended.end, EndReason::DiskFull);
    fs::remove_file(site.traces().join("other")).expect("removed");
    let file = site.download(&running.trace.id).await;
    let packets = tshark(&file, "tcp", &[]);
    assert_eq!(u64::try_from(packets.len()).ok(), Some(ended.counts.packets));
}

#[tokio::test]
async fn does_not_start_without_room_and_leaves_others_theirs() {
    if !enter_namespace() {
        return;
    }
    let directory = tempfile::tempdir().expect("directory");
    small_disk(directory.path(), 20 << 20);
    let site = Site::start_with(directory, |config| config.min_free_bytes = 15 << 20).await;
    let answer = site.ask(CaptureRequest::Start { order: TraceOrder::default() }).await;
    let CaptureResponse::Refused(StartRefusal::NoSpace { free_bytes, needed_bytes }) = answer
    else {
        panic!("{answer:?}")
    };
    assert!(free_bytes < 6 << 20 && needed_bytes == 8 << 20);
}

/// What a role before this one left: a trace that ended so long ago.
fn leave_trace(directory: &Path, age: Duration) -> EndedTrace {
    const ID: &str = "00112233445566ff";
    let now = i64::try_from(sys::clock::now_nanoseconds().expect("clock") / 1_000_000);
    let age = i64::try_from(age.as_millis()).expect("short");
    let ended_ms = now.expect("in range") - age;
    let ended = EndedTrace {
        trace: Trace {
            id: ID.to_owned(),
            origin: TraceOrigin::Probe,
            order: TraceOrder::default(),
            addresses: Vec::new(),
            started_ms: ended_ms - 5000,
        },
        counts: TraceCounts::default(),
        end: EndReason::Stopped,
        elapsed_ms: 5000,
        ended_ms,
        deleted_ms: ended_ms + 24 * 60 * 60 * 1000,
        summary: TraceSummary::default(),
    };
    let directory = directory.join("capture");
    fs::create_dir(&directory).expect("made");
    fs::write(directory.join(format!("trace-{ID}.pcap")), "records").expect("written");
    let text = serde_json::to_string(&ended).expect("text");
    fs::write(directory.join("trace.json"), text).expect("written");
    ended
}

#[tokio::test(start_paused = true)]
async fn is_deleted_after_a_day_even_across_a_restart() {
    if !enter_namespace() {
        return;
    }
    let directory = tempfile::tempdir().expect("directory");
    let hour = Duration::from_secs(60 * 60);
    let ended = leave_trace(directory.path(), 23 * hour);
    let mut site = Site::start_with(directory, |_| {}).await;
    let begin = tokio::time::Instant::now();
    let status = site.status(|_| true).await;
    assert_eq!(status.state, TraceState::Ended(ended.clone()));
    // Waits for the limit of `status` several times, which take no time on a paused clock.
    let mut passed = Duration::ZERO;
    while passed < hour - Duration::from_secs(60) {
        tokio::time::advance(Duration::from_secs(60)).await;
        let answer = site.ask(CaptureRequest::Status { newer_than: None }).await;
        let CaptureResponse::Status { status, .. } = answer else { panic!("{answer:?}") };
        if status.state == TraceState::Idle {
            break;
        }
        passed = begin.elapsed();
    }
    assert!(passed > Duration::from_secs(55 * 60), "{passed:?}");
    tokio::time::advance(Duration::from_secs(120)).await;
    let answer = site.ask(CaptureRequest::File { id: ended.trace.id }).await;
    assert_eq!(answer, CaptureResponse::NoSuchTrace);
    assert_eq!(fs::read_dir(site.traces()).expect("directory").count(), 0);
}

#[tokio::test]
async fn trace_that_is_older_than_a_day_is_gone_at_the_start() {
    if !enter_namespace() {
        return;
    }
    let directory = tempfile::tempdir().expect("directory");
    leave_trace(directory.path(), Duration::from_secs(25 * 60 * 60));
    let mut site = Site::start_with(directory, |_| {}).await;
    site.status(|status| status.state == TraceState::Idle).await;
    assert_eq!(fs::read_dir(site.traces()).expect("directory").count(), 0);
}
