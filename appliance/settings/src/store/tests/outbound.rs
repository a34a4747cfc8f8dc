//! Proxies with their passwords, bypass list, authorities, syslog.

use bus::PasswordChange;
use model::bypass::{BypassRule, MAX_BYPASS_RULES};
use model::fingerprint::Fingerprint;
use model::proxy::{MAX_CREDENTIAL_BYTES, MAX_PROXIES, ProxyLocation};
use model::root_ca::{
    MAX_ROOT_CA_BYTES, MAX_ROOTS, MAX_ROOTS_PEM_BYTES, MAX_SHOWN_NAME_BYTES, RootCa, RootCaFacts,
};
use model::settings::SettingsRefusal as Refusal;
use model::syslog::SyslogForm;

use super::*;

pub(super) fn location(text: &str) -> ProxyLocation {
    ProxyLocation::parse(text).expect("valid")
}

pub(super) fn set(password: &str) -> PasswordChange {
    PasswordChange::Set { secret: password.to_owned().into() }
}

pub(super) fn add(
    store: &mut Store,
    id: &str,
    at: &str,
    login: Option<(&str, &str)>,
) -> SettingsResponse {
    let user_name = login.map(|(user_name, _)| user_name.to_owned());
    let password = login.map(|(_, password)| password.to_owned().into());
    store.add_proxy(id.to_owned(), location(at), user_name, password)
}

fn update(
    store: &mut Store,
    at: &str,
    user_name: Option<&str>,
    password: PasswordChange,
) -> SettingsResponse {
    store.update_proxy("1", location(at), user_name.map(str::to_owned), password)
}

/// What a dialer gets: id, location, user name and password of each proxy.
pub(super) fn accesses(store: &Store) -> Vec<(String, String, Option<String>, Option<String>)> {
    let SettingsResponse::Outbound(outbound) = store.outbound() else { panic!("settings") };
    let shown = outbound.proxies.into_iter().map(|proxy| {
        let password = proxy.password.map(|password| password.expose().to_owned());
        (proxy.id, proxy.location.to_string(), proxy.user_name, password)
    });
    shown.collect()
}

/// User name and password of the only proxy.
fn login(store: &Store) -> (Option<String>, Option<String>) {
    let accesses = accesses(store);
    assert_eq!(accesses.len(), 1);
    (accesses[0].2.clone(), accesses[0].3.clone())
}

pub(super) fn root(number: u8) -> RootCa {
    let sha256 = Fingerprint::new(&[number; 32]);
    let facts = RootCaFacts {
        id: sha256.id(),
        subject: format!("CN=Root {number}"),
        issuer: format!("CN=Root {number}"),
        serial: "01".to_owned(),
        not_before: 0,
        not_after: 2_000_000_000,
        sha1: Fingerprint::new(&[number; 20]),
        sha256,
        key: "EC P-256".to_owned(),
        is_self_signed: true,
    };
    RootCa { facts, pem: format!("certificate {number}") }
}

fn refusal(response: SettingsResponse) -> Refusal {
    match response {
        SettingsResponse::Refused { refusal } => refusal,
        other => panic!("{other:?}"),
    }
}

fn assert_done(response: &SettingsResponse) {
    assert!(matches!(response, SettingsResponse::Done), "{response:?}");
}

fn text(files: &Files) -> String {
    files.values().map(|bytes| String::from_utf8_lossy(bytes).into_owned()).collect()
}

#[test]
fn proxies_are_kept_in_order_with_their_passwords() {
    let disk = Disk::default();
    let mut store = disk.store();
    for (id, at, login) in [
        ("1", "one:3128", None),
        ("2", "two:3128", Some(("svc", "hunter2"))),
        ("3", "three:3128", Some(("svc", ""))),
        ("4", "four:3128", Some(("", ""))),
    ] {
        let added = add(&mut store, id, at, login);
        assert!(matches!(added, SettingsResponse::Added { id: it } if it == id));
    }
    let order = ["3", "1", "4", "2"].map(str::to_owned);
    assert_done(&store.order_proxies(&order));
    assert_done(&store.delete_proxy("4"));
    let (svc, secret) = (Some("svc".to_owned()), Some("hunter2".to_owned()));
    let expected = [
        ("3".to_owned(), "three:3128".to_owned(), svc.clone(), None),
        ("1".to_owned(), "one:3128".to_owned(), None, None),
        ("2".to_owned(), "two:3128".to_owned(), svc, secret),
    ];
    assert_eq!(accesses(&store), expected);
    assert_eq!(accesses(&disk.store()), expected);
}

#[test]
fn what_every_role_sees_holds_no_secret_and_no_certificate() {
    let disk = Disk::default();
    let mut store = disk.store();
    drop(add(&mut store, "1", "one:3128", Some(("svc", "hunter2"))));
    assert_done(&store.add_root(root(1)));
    assert_done(&store.set_metrics_token("0123456789abcdef".to_owned().into()));
    assert_done(&store.store_signing_request(secrets::request("pending")));
    let status = store.status();
    let shown = serde_json::to_string(&status).expect("JSON")
        + &format!("{status:?} {store:?}", store = store.passwords);
    for secret in ["hunter2", "certificate 1", "0123456789abcdef", "key of pending"] {
        assert!(!shown.contains(secret), "{secret}");
        assert!(text(&disk.files()).contains(secret), "{secret}");
    }
    assert!(status.settings.proxies[0].has_password && status.has_metrics_token);
    assert!(status.signing_request.is_some());
    // Passwords stand in no file of settings.
    let files = disk.files();
    let settings = files.iter().filter(|(name, _)| name.starts_with("settings"));
    assert!(
        !text(&settings.map(|(name, bytes)| (name.clone(), bytes.clone())).collect())
            .contains("hunter2")
    );
}

#[test]
fn a_list_of_proxies_that_cannot_be_is_refused() {
    let mut store = Disk::default().store();
    let unknown = refusal(store.delete_proxy("1"));
    assert_eq!(unknown, Refusal::UnknownProxy);
    for number in 1..=MAX_PROXIES {
        let added = add(&mut store, &number.to_string(), &format!("proxy{number}:3128"), None);
        assert!(matches!(added, SettingsResponse::Added { .. }));
    }
    let before = store.settings.clone();
    let limit = MAX_PROXIES;
    let too_many = refusal(add(&mut store, "x", "other:3128", None));
    assert_eq!(too_many, Refusal::TooManyProxies { limit });
    assert_done(&store.delete_proxy("16"));
    let duplicate = Refusal::DuplicateProxy { location: "proxy2:3128".to_owned() };
    assert_eq!(refusal(add(&mut store, "x", "PROXY2:3128", None)), duplicate);
    let moved = update(&mut store, "proxy2:3128", None, PasswordChange::Keep);
    assert_eq!(refusal(moved), duplicate);
    let strange = store.update_proxy("x", location("y:1"), None, PasswordChange::Keep);
    assert_eq!(refusal(strange), Refusal::UnknownProxy);
    assert_eq!(refusal(store.order_proxies(&["1".to_owned()])), Refusal::ProxyOrder);
    assert_eq!(refusal(store.order_proxies(&["x".to_owned()])), Refusal::UnknownProxy);
    assert_eq!(store.settings.proxies, before.proxies[..MAX_PROXIES - 1]);
}

#[test]
fn credentials_that_basic_cannot_carry_are_refused() {
    let mut store = Disk::default().store();
    let long = "x".repeat(MAX_CREDENTIAL_BYTES + 1);
    for (user_name, password) in [("a:b", "x"), ("", "x"), ("a", "x\ny"), ("a", &long), (&long, "")]
    {
        let response = add(&mut store, "1", "one:3128", Some((user_name, password)));
        let SettingsResponse::Failed { reason } = response else { panic!("{response:?}") };
        assert!(password.len() < 2 || !reason.contains(password), "{reason}");
    }
    drop(add(&mut store, "1", "one:3128", None));
    let response = update(&mut store, "one:3128", None, set("x"));
    assert!(matches!(response, SettingsResponse::Failed { .. }), "{response:?}");
    assert!(!store.settings.proxies[0].has_password);
}

#[test]
fn a_password_is_kept_set_or_removed_and_never_goes_elsewhere() {
    let disk = Disk::default();
    let mut store = disk.store();
    let with = |user_name: &str, password: Option<&str>| {
        (Some(user_name.to_owned()), password.map(str::to_owned))
    };
    drop(add(&mut store, "1", "one:3128", Some(("svc", "hunter2"))));
    assert_done(&update(&mut store, "one:3128", Some("svc"), PasswordChange::Keep));
    assert_eq!(login(&store), with("svc", Some("hunter2")));
    for (at, user_name) in [("evil:3128", "svc"), ("one:80", "svc"), ("one:3128", "other")] {
        let moved = update(&mut store, at, Some(user_name), PasswordChange::Keep);
        assert_eq!(refusal(moved), Refusal::ProxyPasswordNeeded, "{at}");
    }
    assert_eq!(login(&store), with("svc", Some("hunter2")));
    assert_done(&update(&mut store, "two:3128", Some("other"), set("hunter3")));
    assert_eq!(login(&store), with("other", Some("hunter3")));
    assert_done(&update(&mut store, "two:3128", Some("other"), set("")));
    assert_eq!(login(&store), with("other", None));
    assert_done(&update(&mut store, "three:3128", Some("else"), PasswordChange::Keep));
    assert_done(&update(&mut store, "three:3128", Some("else"), set("hunter4")));
    assert_done(&update(&mut store, "three:3128", Some("else"), PasswordChange::Remove));
    assert_eq!(login(&disk.store()), with("else", None));
    assert_done(&update(&mut store, "three:3128", Some("else"), set("hunter5")));
    assert_done(&update(&mut store, "four:3128", None, PasswordChange::Keep));
    assert_eq!(login(&disk.store()), (None, None));
    assert!(!text(&disk.files()).contains("hunter"), "forgotten on the disk too");
    assert!(!disk.files().contains_key("proxy.passwords"));
}

#[test]
fn a_changed_password_is_a_change_that_followers_learn_of() {
    let mut store = Disk::default().store();
    drop(add(&mut store, "1", "one:3128", Some(("svc", "hunter2"))));
    let (status, seen) = (store.status(), store.unseen_changes());
    assert_done(&update(&mut store, "one:3128", Some("svc"), set("hunter3")));
    assert_eq!(store.status(), status);
    assert!(store.unseen_changes() > seen);
}

#[test]
fn a_proxy_after_a_power_cut_is_the_old_or_the_new_with_its_password() {
    let before = stored(|store| drop(add(store, "1", "one:3128", Some(("svc", "old")))));
    let old = accesses(&Disk::holding(before.clone()).store());
    type Change = fn(&mut Store);
    let changes: [(&str, Change); 6] = [
        ("password", |store| drop(update(store, "one:3128", Some("svc"), set("new")))),
        ("all", |store| drop(update(store, "two:3128", Some("other"), set("new")))),
        ("no password", |store| {
            drop(update(store, "one:3128", Some("svc"), PasswordChange::Remove));
        }),
        ("no user", |store| drop(update(store, "one:3128", None, PasswordChange::Keep))),
        ("another", |store| drop(add(store, "2", "two:3128", Some(("svc", "new"))))),
        ("none", |store| drop(store.delete_proxy("1"))),
    ];
    for (name, change) in changes {
        let whole = Disk::holding(before.clone());
        change(&mut whole.store());
        let new = accesses(&whole.store());
        assert_ne!(old, new, "{name}");
        let mut seen = [0, 0];
        for files in remains_of_every_cut(&before, change) {
            let disk = Disk::holding(files);
            let store = disk.store();
            assert_eq!(store.troubles.state(), StorageState::Good, "{name}");
            let found = accesses(&store);
            assert!(found == old || found == new, "{name}: {found:?}");
            seen[usize::from(found == new)] += 1;
            // A start leaves nothing behind that no proxy needs.
            let needed: Vec<_> = found.into_iter().filter_map(|(.., password)| password).collect();
            let stored = disk.files().get("proxy.passwords").cloned().unwrap_or_default();
            for password in ["old", "new"] {
                let is_needed = needed.iter().any(|it| it == password);
                let quoted = format!("\"{password}\"");
                let is_there = String::from_utf8_lossy(&stored).contains(&quoted);
                assert_eq!(is_there, is_needed, "{name}: {password}");
            }
        }
        assert!(seen[0] > 0 && seen[1] > 0, "{name}: {seen:?}");
    }
}

#[test]
fn a_change_of_a_proxy_that_cannot_be_stored_changes_nothing() {
    for steps in 0..6 {
        let disk = Disk::default();
        let mut store = disk.store();
        drop(add(&mut store, "1", "one:3128", Some(("svc", "old"))));
        let before = accesses(&store);
        disk.fail_after(Some(steps));
        let changed = update(&mut store, "two:3128", Some("svc"), set("new"));
        assert!(matches!(changed, SettingsResponse::Failed { .. }), "{steps}: {changed:?}");
        assert_eq!(accesses(&store), before, "{steps}");
        disk.fail_after(None);
        // Only the last wait had failed, so the new settings may be there.
        if steps < 5 {
            assert_eq!(accesses(&disk.store()), before, "{steps}");
        }
    }
}

#[test]
fn a_lost_password_is_known_to_be_missing() {
    let disk = Disk::default();
    let mut store = disk.store();
    drop(add(&mut store, "1", "one:3128", Some(("svc", "hunter2"))));
    drop(add(&mut store, "2", "two:3128", None));
    let mut files = disk.files();
    files.insert("proxy.passwords".to_owned(), b"[{\"password\":\"hunter2\"".to_vec());
    let disk = Disk::holding(files);
    let mut store = disk.store();
    let StorageState::Trouble { reason } = store.status().storage else { panic!("a trouble") };
    let expected = "cannot use proxy.passwords: it is damaged; the password of the proxy one:3128 \
                    is lost; enter it again";
    assert_eq!(reason, expected);
    assert!(!store.settings.proxies[0].has_password);
    assert!(disk.files().contains_key("proxy.passwords.damaged"));
    assert_done(&update(&mut store, "one:3128", Some("svc"), set("hunter3")));
    let store = disk.store();
    assert_eq!(store.troubles.state(), StorageState::Good);
    assert_eq!(accesses(&store)[0].3.as_deref(), Some("hunter3"));
}

#[test]
fn a_bypass_list_is_replaced_only_when_it_is_the_one_expected() {
    let disk = Disk::default();
    let mut store = disk.store();
    let rules = |texts: &[&str]| {
        texts.iter().map(|text| BypassRule::parse(text).expect("valid")).collect::<Vec<_>>()
    };
    let (one, other) = (rules(&["a.example.com"]), rules(&["b.example.com", "192.0.2.0/24"]));
    assert_done(&store.set_proxy_bypass(one.clone(), Some(&[])));
    let late = store.set_proxy_bypass(other.clone(), Some(&[]));
    assert!(matches!(late, SettingsResponse::Conflict), "{late:?}");
    assert_eq!(disk.store().settings.proxy_bypass, one);
    assert_done(&store.set_proxy_bypass(other.clone(), None));
    let SettingsResponse::Outbound(outbound) = disk.store().outbound() else { panic!("settings") };
    assert_eq!(outbound.bypass, other);
    let limit = MAX_BYPASS_RULES;
    let many = vec![other[0].clone(); limit + 1];
    let refused = refusal(store.set_proxy_bypass(many, None));
    assert_eq!(refused, Refusal::TooManyBypassRules { limit });
}

#[test]
fn authorities_are_trusted_from_the_moment_they_are_added_until_they_are_deleted() {
    let disk = Disk::default();
    let mut store = disk.store();
    let trusted = |store: &Store| match store.outbound() {
        SettingsResponse::Outbound(outbound) => outbound.roots,
        other => panic!("{other:?}"),
    };
    for number in 1..=3 {
        assert_done(&store.add_root(root(number)));
    }
    assert_eq!(trusted(&store), ["certificate 1", "certificate 2", "certificate 3"]);
    let duplicate = Refusal::DuplicateRoot { subject: "CN=Root 2".to_owned() };
    assert_eq!(refusal(store.add_root(root(2))), duplicate);
    assert_done(&store.delete_root(&root(2).facts.id));
    assert_eq!(refusal(store.delete_root(&root(2).facts.id)), Refusal::UnknownRoot);
    // The second write of the two copies forgets it for good.
    drop(add(&mut store, "1", "one:3128", None));
    assert!(!text(&disk.files()).contains("certificate 2"));
    assert_eq!(trusted(&disk.store()), ["certificate 1", "certificate 3"]);
}

#[test]
fn authorities_that_do_not_fit_are_refused() {
    let mut store = Disk::default().store();
    let change = |change: fn(&mut RootCa)| {
        let mut root = root(1);
        change(&mut root);
        root
    };
    for root in [
        change(|root| root.pem = "x".repeat(MAX_ROOT_CA_BYTES + 1)),
        change(|root| root.facts.subject = "x".repeat(MAX_SHOWN_NAME_BYTES + 1)),
        change(|root| root.facts.id = "../settings".to_owned()),
        change(|root| root.facts.sha1 = Fingerprint::new(&[1; 1000])),
    ] {
        let response = store.add_root(root);
        assert!(matches!(response, SettingsResponse::Failed { .. }), "{response:?}");
    }
    let large = |number| RootCa { pem: "x".repeat(MAX_ROOT_CA_BYTES - 10), ..root(number) };
    assert_done(&store.add_root(large(1)));
    assert_done(&store.add_root(large(2)));
    let limit_bytes = MAX_ROOTS_PEM_BYTES;
    assert_eq!(refusal(store.add_root(large(3))), Refusal::RootsTooLarge { limit_bytes });
    let mut store = Disk::default().store();
    for number in 0..MAX_ROOTS {
        assert_done(&store.add_root(root(u8::try_from(number).expect("few"))));
    }
    assert_eq!(refusal(store.add_root(root(200))), Refusal::TooManyRoots { limit: MAX_ROOTS });
}

#[test]
fn an_authority_that_cannot_be_stored_is_not_trusted() {
    let disk = Disk::default();
    let mut store = disk.store();
    disk.fail_after(Some(0));
    assert!(matches!(store.add_root(root(1)), SettingsResponse::Failed { .. }));
    disk.fail_after(None);
    let SettingsResponse::Outbound(outbound) = store.outbound() else { panic!("settings") };
    assert!(outbound.roots.is_empty() && store.settings.roots.is_empty());
    assert_done(&store.add_root(root(1)));
}

#[test]
fn the_largest_settings_travel_in_one_message() {
    let mut store = Disk::default().store();
    let long = |length: usize| "\"".repeat(length);
    for number in 0..MAX_PROXIES {
        let host = format!("{}.{}.example:65535", "a".repeat(63), "b".repeat(60));
        let at = format!("proxy{number}.{host}");
        let (user_name, password) = (long(MAX_CREDENTIAL_BYTES), long(MAX_CREDENTIAL_BYTES));
        let login = Some((user_name.as_str(), password.as_str()));
        let id = format!("{number:036}");
        assert!(matches!(add(&mut store, &id, &at, login), SettingsResponse::Added { .. }));
    }
    let rule = |number| {
        let labels = [60, 60, 60].map(|length| "x".repeat(length)).join(".");
        BypassRule::parse(&format!("{number}.{labels}.example")).expect("valid")
    };
    assert_done(&store.set_proxy_bypass((0..MAX_BYPASS_RULES).map(rule).collect(), None));
    for number in 0..MAX_ROOTS {
        let mut root = root(u8::try_from(number).expect("few"));
        root.facts.subject = long(MAX_SHOWN_NAME_BYTES);
        root.facts.issuer = long(MAX_SHOWN_NAME_BYTES);
        root.pem = ("x".repeat(64) + "\n").repeat(MAX_ROOTS_PEM_BYTES / MAX_ROOTS / 65);
        assert_done(&store.add_root(root));
    }
    let status = serde_json::to_string(&store.status()).expect("JSON");
    let outbound = serde_json::to_string(&store.outbound()).expect("JSON");
    for (name, message) in [("status", status), ("outbound", outbound)] {
        assert!(message.len() < 250 * 1024, "{name}: {} bytes", message.len());
    }
}

#[test]
fn the_syslog_server_is_kept_and_forgotten() {
    let disk = Disk::default();
    let mut store = disk.store();
    let form = SyslogForm { server: "logs.example.com".to_owned(), ..SyslogForm::default() };
    let setting = form.parse().expect("valid");
    assert_done(&store.set_syslog(setting.clone()));
    assert_eq!(disk.store().settings.syslog, setting);
    let long =
        setting.map(|setting| model::syslog::SyslogSetting { server: "x".repeat(300), ..setting });
    assert!(matches!(store.set_syslog(long), SettingsResponse::Failed { .. }));
    assert_done(&store.set_syslog(None));
    assert_eq!(disk.store().settings.syslog, None);
}
