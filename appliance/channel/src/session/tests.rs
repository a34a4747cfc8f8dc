use std::sync::Arc;

use protocol::control::{About, Load};
use tokio::sync::mpsc;
use tunnel::stream::Writer;

use super::*;
use crate::board::Board;
use crate::certificate::Issued;
use crate::certificate::tests::certified;
use crate::context::Surroundings;
use crate::dispatch::Dispatcher;
use crate::journal::Journal;
use crate::key::ApplianceKey;
use crate::operations::{Operations, Sockets};
use crate::renewal::Turn;
use crate::settings::Settings;
use crate::web::Relay;

/// Octets on the way between both ends.
const WIRE_BYTES: usize = 64 * 1024;

/// The other end.
struct Cloud {
    inbox: Inbox<FromAppliance>,
    writer: Writer,
    _link: Link,
}

/// What has to live as long as the session.
struct Around {
    load: watch::Sender<Load>,
    about: watch::Sender<About>,
    events: mpsc::Receiver<Event>,
    _leaving: watch::Sender<bool>,
    _directory: tempfile::TempDir,
}

fn context() -> (Context, Around) {
    let directory = tempfile::tempdir().unwrap();
    let nowhere = || directory.path().join("nowhere").display().to_string();
    let sockets = Sockets {
        settings: nowhere(),
        network: nowhere(),
        time: nowhere(),
        diagnostics: nowhere(),
        directory: nowhere(),
        guest: nowhere(),
        init: nowhere(),
    };
    let board = Board::new();
    let journal = Journal::open(directory.path().to_owned(), 0);
    let operations = Operations::new(sockets, board.clone());
    let key = ApplianceKey::generate().unwrap();
    let issued = Issued::read(&certified(&key), &key).unwrap();
    let (load, loads) = watch::channel(Load::default());
    let (about, abouts) = watch::channel(About::default());
    let relay = Relay::new(Settings::unknown(), abouts.clone());
    let (leaving, left) = watch::channel(false);
    let (sender, events) = mpsc::channel(8);
    let surroundings = Surroundings {
        settings: Settings::unknown(),
        about: abouts,
        load: loads,
        dispatcher: Arc::new(Dispatcher::new(operations, journal, relay, 4)),
        board,
        random: || 0,
        instance: "instance".to_owned(),
        spread: 0,
    };
    let context = Context {
        surroundings,
        cloud: model::channel::CloudAddress::parse("cloud.example.com").unwrap(),
        key: Arc::new(key),
        issued: watch::channel(Arc::new(issued)).1,
        events: sender,
        turn: Turn::default(),
        leaving: left,
    };
    let around = Around { load, about, events, _leaving: leaving, _directory: directory };
    (context, around)
}

/// A session that was welcomed at a moment of the certificate's life, and its other end.
async fn session(day: u8) -> (Session, Cloud, Around) {
    let (near, far) = tokio::io::duplex(WIRE_BYTES);
    let (context, around) = context();
    let answer = async {
        let mut link = Link::accepted(far);
        let stream = link.incoming.accept().await.unwrap();
        let (mut inbox, mut writer) = (Inbox::new(stream.reader), stream.writer);
        assert!(matches!(inbox.next().await.unwrap(), Some(FromAppliance::Hello { .. })));
        let clock = rcgen::date_time_ymd(2026, 1, day).unix_timestamp();
        let gateway = "g-1".to_owned();
        let welcome = FromCloud::Welcome { clock, gateway, renewal_only: false };
        writer.message(&welcome).await.unwrap();
        Cloud { inbox, writer, _link: link }
    };
    let begin = Session::begin(context, Link::dialled(near), Activity::new());
    let (session, cloud) = tokio::join!(begin, answer);
    (session.unwrap(), cloud, around)
}

#[tokio::test(start_paused = true)]
async fn a_cloud_that_says_nothing_is_asked_and_then_given_up() {
    let (mut session, mut cloud, _around) = session(2).await;
    let begin = Instant::now();
    assert_eq!(session.serve().await, Turning::Lost(ConnectionTrouble::Silent));
    let seconds = begin.elapsed().as_secs();
    assert!((30..=45).contains(&seconds), "{seconds}");
    assert_eq!(cloud.inbox.next().await.unwrap(), Some(FromAppliance::Ask));
}

#[tokio::test(start_paused = true)]
async fn a_cloud_that_does_not_answer_what_it_is_asked_is_given_up_within_five_seconds() {
    // Two thirds of January are over.
    let (mut session, mut cloud, _around) = session(22).await;
    let begin = Instant::now();
    assert_eq!(session.serve().await, Turning::Lost(ConnectionTrouble::Silent));
    assert!(begin.elapsed() <= Duration::from_secs(5), "{:?}", begin.elapsed());
    let asked = cloud.inbox.next().await.unwrap();
    assert!(matches!(asked, Some(FromAppliance::Renew { .. })), "{asked:?}");
}

#[tokio::test(start_paused = true)]
async fn a_cloud_that_does_not_read_is_given_up() {
    let (mut session, _cloud, around) = session(2).await;
    let flood = async {
        loop {
            let host_name = format!("{:a<30000}", around.about.borrow().host_name.len());
            around.about.send_replace(About { host_name, ..About::default() });
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        turning = session.serve() => {
            assert_eq!(turning, Turning::Lost(ConnectionTrouble::Silent));
        }
        () = flood => {}
    }
}

#[tokio::test(start_paused = true)]
async fn the_load_is_told_when_it_has_changed() {
    let (mut session, mut cloud, around) = session(2).await;
    let load = Load { processor_percent: 40, memory_percent: 50, requests: 0 };
    around.load.send_replace(load);
    let hear = async {
        assert_eq!(cloud.inbox.next().await.unwrap(), Some(FromAppliance::Load(load)));
        // The next word is the question, far later: the same load is not told again.
        assert_eq!(cloud.inbox.next().await.unwrap(), Some(FromAppliance::Ask));
    };
    tokio::select! {
        turning = session.serve() => panic!("{turning:?}"),
        () = hear => {}
    }
}

#[tokio::test(start_paused = true)]
async fn a_refused_renewal_is_asked_for_again_after_an_hour() {
    let (mut session, mut cloud, mut around) = session(22).await;
    let begin = Instant::now();
    let refuse = async {
        let mut renewals = Vec::new();
        while renewals.len() < 2 {
            match cloud.inbox.next().await.unwrap() {
                Some(FromAppliance::Renew { .. }) => {
                    renewals.push(begin.elapsed());
                    cloud.writer.message(&FromCloud::NotCertified).await.unwrap();
                    assert!(matches!(around.events.recv().await, Some(Event::NotCertified)));
                }
                Some(_) => {}
                None => panic!("the appliance is gone"),
            }
        }
        renewals
    };
    // Nothing is heard on this wire as far as the heartbeat is concerned, so it is kept from looking.
    let serve = async {
        loop {
            if let Turning::Lost(ConnectionTrouble::Silent) = session.serve().await {
                session.heartbeat = Heartbeat::new(0);
                session.heartbeat.hear(session.activity.now());
            }
        }
    };
    let renewals = tokio::select! {
        renewals = refuse => renewals,
        () = serve => unreachable!("it serves for ever"),
    };
    let pause = renewals[1] - renewals[0];
    assert!((3600..3700).contains(&pause.as_secs()), "{pause:?}");
}
