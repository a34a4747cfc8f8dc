//! System log and notifications.

use pages::{Language, LogActor, LogRecord, Notification, Notifications, Severity, SystemLog};

use super::{DAY, NOW, World};

pub(crate) fn add(world: World, list: &mut Vec<(String, String)>) {
    log(world, list);
    notifications(world, list);
}

fn log(world: World, list: &mut Vec<(String, String)>) {
    let actors = [
        LogActor::Administrator { name: world.name("Yuki Tanaka") },
        LogActor::System,
        LogActor::Client { name: world.name("terraform") },
        LogActor::Connector { name: world.name("connector-hq-01") },
    ];
    let events = [
        ("administrator/accesstype", "'Full' -> 'Custom'", "Sora Mori"),
        ("connector/updatefailed", "1.0.3.118 -> 1.0.4.12", "connector-hq-02"),
        ("resourcelocation/create", "", "Fukuoka Lab"),
        ("secureclient/create", "", "monitoring"),
        ("something/new", "", "an event of a later release"),
    ];
    let record = |index: i64| {
        let pick = usize::try_from(index).unwrap_or_default();
        let (event, change, target) = events[pick % events.len()];
        LogRecord {
            at: NOW - index * 5 * 3600,
            actor: actors[pick % actors.len()].clone(),
            event: world.name(event),
            change: world.name(change),
            target: world.name(target),
            target_id: "5f0c2a9e-3a3e-4e0e-9d0f-6a0b7f6f2c11".into(),
        }
    };
    let page = |count: i64, days, text: &str, first, total, older: Option<&str>| {
        pages::system_log(&SystemLog {
            frame: world.frame("/console/system-log?days=30"),
            records: (0..count).map(record).collect(),
            days,
            text: world.name(text),
            first,
            total,
            older: older.map(|older| world.name(older)),
        })
    };
    list.push(("log".into(), page(32, 30, "", 1, 32, None)));
    list.push(("log-page-2".into(), page(10, 90, "connector", 101, 1234, Some("k12"))));
    list.push(("log-nothing".into(), page(0, 60, "zzz", 1, 0, None)));
}

fn notifications(world: World, list: &mut Vec<(String, String)>) {
    let one = |id: &str, severity, title: &str, description: &str, language| Notification {
        id: world.name(id),
        severity,
        title: world.name(title),
        description: world.name(description),
        language,
        component: world.name("Connectors"),
        created: NOW - DAY,
    };
    let all = || {
        vec![
            one(
                "1",
                Severity::Error,
                "connector-ngo-02 is not in contact",
                "It fell silent at 09:46 UTC. Look at the console of the machine.",
                Language::English,
            ),
            one(
                "2",
                Severity::Warning,
                "Osaka Branch のコネクタは 1 台だけです",
                "2 台目を追加してください。",
                Language::Japanese,
            ),
            one(
                "3",
                Severity::Information,
                "Version 1.0.4.12 is available",
                "It is installed in the windows of each location.",
                Language::English,
            ),
        ]
    };
    let page = |notifications, dismissed, is_form_expired| {
        pages::notifications(&Notifications {
            frame: world.frame("/console/notifications"),
            notifications,
            dismissed,
            is_form_expired,
            now: NOW,
        })
    };
    list.push(("notifications".into(), page(all(), None, false)));
    list.push(("notifications-none".into(), page(Vec::new(), Some(3), false)));
    list.push(("notifications-dismissed".into(), page(all(), Some(1), false)));
    list.push(("notifications-gone".into(), page(all(), Some(0), false)));
    list.push(("notifications-form-expired".into(), page(all(), None, true)));
}
