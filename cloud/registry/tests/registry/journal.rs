//! The system log, notifications, and requests that run once.

use registry::{
    Actor, ActorKind, Change, Content, LOG_SECONDS, LogQuery, NewNotification, NewOnce, OnceState,
    Refusal, Severity,
};

use crate::fixtures::{NOW, change, named, open, refusal, tenant};

fn notification(event_id: &str, destination: &str) -> NewNotification {
    NewNotification {
        component: "Connectors".into(),
        event_id: event_id.into(),
        severity: Severity::Warning,
        priority: "Normal".into(),
        destination: destination.into(),
        content: vec![Content {
            language_tag: "ja".into(),
            title: "接続なし".into(),
            description: "確認してください".into(),
        }],
    }
}

fn request(id: &str) -> NewOnce {
    NewOnce {
        id: id.into(),
        location: "berlin".into(),
        operation: "update".into(),
        deadline: NOW + 60,
    }
}

database::on_both! {
    async fn pages_go_through_all_records(database: &Database) {
        let registry = open(database).await;
        let tenant = tenant(&registry).await;
        for number in 0..7 {
            let now = change(NOW + number / 3);
            tenant.create_location(&named(&format!("L{number}")), &now).await.unwrap();
        }
        let mut query = LogQuery { limit: 3, ..LogQuery::default() };
        let mut names = Vec::new();
        let mut pages = 0;
        loop {
            let page = tenant.log(&query, NOW).await.unwrap();
            names.extend(page.records.into_iter().map(|record| record.target.name));
            pages += 1;
            match page.next {
                Some(position) => query.after = Some(position),
                None => break,
            }
        }
        assert_eq!(names, ["L6", "L5", "L4", "L3", "L2", "L1", "L0"], "the newest first");
        assert_eq!(pages, 3);
        let whole = LogQuery { limit: 7, ..LogQuery::default() };
        assert_eq!(tenant.log(&whole, NOW).await.unwrap().next, None, "exactly one page");
    }

    async fn log_is_filtered_by_time_and_text(database: &Database) {
        let registry = open(database).await;
        let tenant = tenant(&registry).await;
        let alice = Actor::new(ActorKind::Administrator, "1", "Alice 100%_sure");
        for (number, name) in ["Berlin", "Bonn", "Köln"].into_iter().enumerate() {
            let by = if name == "Bonn" { alice.clone() } else { Actor::system() };
            let at = Change::new(by, NOW + i64::try_from(number).unwrap());
            tenant.create_location(&named(name), &at).await.unwrap();
        }
        let names = async |from, to, containing: &str| {
            let query = LogQuery {
                from,
                to,
                containing: Some(containing.to_owned()),
                limit: 100,
                after: None,
            };
            let found = tenant.log(&query, NOW + 5).await.unwrap().records;
            found.into_iter().map(|record| record.target.name).collect::<Vec<_>>()
        };
        assert_eq!(names(Some(NOW + 1), None, "").await, ["Köln", "Bonn"]);
        assert_eq!(names(None, Some(NOW + 1), "").await, ["Berlin"]);
        assert_eq!(names(None, None, "B").await, ["Bonn", "Berlin"]);
        assert_eq!(names(None, None, "ALICE").await, ["Bonn"]);
        assert_eq!(names(None, None, "KÖLN").await, ["Köln"]);
        assert_eq!(names(None, None, "100%_").await, ["Bonn"]);
        assert!(names(None, None, "%_%").await.is_empty(), "signs of LIKE are texts");
        assert!(names(None, None, "' OR 1=1 --").await.is_empty());
        assert_eq!(names(None, None, "resourcelocation/create").await.len(), 3);
    }

    async fn records_are_kept_for_90_days(database: &Database) {
        let registry = open(database).await;
        let tenant = tenant(&registry).await;
        tenant.create_location(&named("Old"), &change(NOW)).await.unwrap();
        tenant.create_location(&named("New"), &change(NOW + 1)).await.unwrap();
        let query = LogQuery { from: Some(0), limit: 100, ..LogQuery::default() };
        let count = async |now| tenant.log(&query, now).await.unwrap().records.len();
        let later = NOW + LOG_SECONDS;
        assert_eq!((count(later).await, count(later + 1).await), (2, 1), "hidden");
        registry.sweep(later + 1).await.unwrap();
        assert_eq!(count(later).await, 1, "removed");
    }

    async fn notification_is_shown_until_it_is_dismissed(database: &Database) {
        let registry = open(database).await;
        let tenant = tenant(&registry).await;
        for (event, destination) in [("offline/1", "*"), ("offline/1", "*"), ("expired", "alice")] {
            tenant.notify(&notification(event, destination), &change(NOW)).await.unwrap();
        }
        let shown = tenant.notifications("alice").await.unwrap();
        let events: Vec<_> =
            shown.iter().map(|shown| shown.notification.event_id.as_str()).collect();
        assert_eq!(events, ["expired", "offline/1"], "the newest first, each once");
        assert_eq!(shown[1].notification, notification("offline/1", "*"));
        assert_eq!(tenant.notifications("bob").await.unwrap().len(), 1);
        tenant.dismiss(&shown[1].id, &change(NOW)).await.unwrap();
        let result = tenant.dismiss(&shown[1].id, &change(NOW)).await;
        assert!(matches!(refusal(result), Refusal::NoSuch { .. }));
        tenant.notify(&notification("offline/1", "*"), &change(NOW)).await.unwrap();
        assert_eq!(tenant.notifications("bob").await.unwrap().len(), 1, "it happened again");
    }

    async fn request_is_handed_over_once(database: &Database) {
        let registry = open(database).await;
        let tenant = tenant(&registry).await;
        tenant.open_once(&request("r1"), NOW).await.unwrap();
        let result = tenant.open_once(&request("r1"), NOW).await;
        assert_eq!(refusal(result), Refusal::DuplicateRequest);
        let (first, second) = tokio::join!(
            tenant.hand_over_once("r1", "ca1", NOW),
            tenant.hand_over_once("r1", "ca2", NOW),
        );
        assert!(first.is_ok() ^ second.is_ok(), "{first:?} {second:?}");
        let (winner, loser) = if first.is_ok() { ("ca1", "ca2") } else { ("ca2", "ca1") };
        let result = tenant.answer_once("r1", loser, "x", NOW).await;
        assert_eq!(refusal(result), Refusal::FinishedRequest);
        tenant.answer_once("r1", winner, "done", NOW + 1).await.unwrap();
        let result = tenant.answer_once("r1", winner, "twice", NOW + 1).await;
        assert_eq!(refusal(result), Refusal::FinishedRequest);
        let known = tenant.once("r1", NOW + 999).await.unwrap();
        assert_eq!((known.state, known.answer.as_deref()), (OnceState::Answered, Some("done")));
        assert_eq!((known.connector.as_deref(), known.finished_at), (Some(winner), Some(NOW + 1)));
    }

    async fn deadline_cancels_or_leaves_in_doubt(database: &Database) {
        let registry = open(database).await;
        let tenant = tenant(&registry).await;
        for id in ["waits", "sent"] {
            tenant.open_once(&request(id), NOW).await.unwrap();
        }
        tenant.hand_over_once("sent", "ca1", NOW).await.unwrap();
        let state = async |id, now| tenant.once(id, now).await.unwrap().state;
        assert_eq!(state("waits", NOW + 59).await, OnceState::Open);
        assert_eq!(state("waits", NOW + 60).await, OnceState::Cancelled);
        assert_eq!(state("sent", NOW + 60).await, OnceState::InDoubt);
        let result = tenant.hand_over_once("waits", "ca1", NOW + 61).await;
        assert_eq!(refusal(result), Refusal::FinishedRequest, "never after it is over");
        let result = tenant.hand_over_once("sent", "ca2", NOW + 1).await;
        assert_eq!(refusal(result), Refusal::FinishedRequest, "never to another");
        tenant.answer_once("sent", "ca1", "late", NOW + 90).await.unwrap();
        assert_eq!(state("sent", NOW + 91).await, OnceState::Answered, "knowing is better");
        let result = tenant.hand_over_once("nothing", "ca1", NOW).await;
        assert!(matches!(refusal(result), Refusal::NoSuch { .. }));
        let long = NewOnce { operation: "x".repeat(129), ..request("r2") };
        assert!(matches!(refusal(tenant.open_once(&long, NOW).await), Refusal::TooLong { .. }));
    }
}
