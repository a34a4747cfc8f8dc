//! Factory reset, a copied machine, and a data partition that cannot be read.

use std::sync::atomic::Ordering;

use model::capture_status::TraceState;
use model::journal::SyslogState;
use model::settings::Identity;
use model::supervision::DataState;

use crate::appliance::{Appliance, PASSWORD};
use crate::client::{Answer, Request};
use crate::diagnosis_roles::FakeCapture;
use crate::directory_role::FakeDirectory;
use crate::logs::FakeJournal;
use crate::pages::Browser;

/// Loads of a page that are more than enough for a role's word to arrive.
const MAX_LOOKS: usize = 200;

fn fields<'a>(
    network: &'a str,
    confirmation: &'a str,
    current: &'a str,
) -> [(&'a str, &'a str); 3] {
    [("network", network), ("confirmation", confirmation), ("current", current)]
}

/// Loads a page until it shows what the roles have said meanwhile.
async fn eventually(
    browser: &mut Browser<'_>,
    path: &str,
    is_wanted: impl Fn(&Answer) -> bool,
) -> Answer {
    for _ in 0..MAX_LOOKS {
        let page = browser.get(path).await;
        if is_wanted(&page) {
            return page;
        }
    }
    panic!("{path} never shows it")
}

#[tokio::test]
async fn reset_needs_the_host_name_and_the_password() {
    let appliance = Appliance::start_with_password().await;
    let mut browser = Browser::signed_in(&appliance).await;
    for (confirmation, current, error) in [
        ("", PASSWORD, "confirmation-error"),
        ("other", PASSWORD, "confirmation-error"),
        ("appliance", "", "current-error"),
        ("appliance", "Wrong-Horse-1", "current-error"),
    ] {
        let answer = browser.submit("/reset", &fields("drop", confirmation, current)).await;
        assert_eq!(answer.status, 422, "{confirmation} {current}");
        assert!(answer.body.contains(error), "{error} in {}", answer.body);
        assert!(answer.body.contains("value=\"drop\" checked"), "the choice is not lost");
    }
    assert_eq!(*appliance.settings.reset.lock().unwrap(), None);
    assert_eq!(appliance.init.requests.borrow().1, 0);
}

#[tokio::test]
async fn reset_keeps_or_drops_the_network_and_restarts() {
    for (network, keeps) in [("keep", true), ("drop", false)] {
        let appliance = Appliance::start_with_password().await;
        let mut browser = Browser::signed_in(&appliance).await;
        let answer = browser.submit("/reset", &fields(network, "Appliance", PASSWORD)).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(*appliance.settings.reset.lock().unwrap(), Some(keeps));
        assert_eq!(appliance.init.requests.borrow().1, 1);
        assert!(browser.get("/").await.body.contains("action=\"/sign-in\""), "signed out");
    }
}

#[tokio::test]
async fn reset_erases_the_trace_the_logs_and_the_accounts_in_domains() {
    let appliance = Appliance::start_with_password().await;
    let (capture, journal) = (FakeCapture::new(), FakeJournal::new(SyslogState::Off));
    appliance.serve("capture", &capture);
    appliance.serve("journal", &journal);
    let directory = FakeDirectory::new();
    directory.join_now();
    appliance.serve("directory", &directory);
    let mut browser = Browser::signed_in(&appliance).await;
    let started = browser.submit("/network-diagnostics/capture", &[("duration", "600")]).await;
    assert!(matches!(capture.state(), TraceState::Running(_)), "{started:?}");
    let answer = browser.submit("/reset", &fields("keep", "appliance", PASSWORD)).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert!(matches!(capture.state(), TraceState::Idle));
    assert_eq!(journal.forgotten.load(Ordering::Relaxed), 1);
    assert!(directory.has_left_nothing());
}

#[tokio::test]
async fn copied_machine_starts_fresh_or_stays_the_same() {
    let appliance = Appliance::start_with_password().await;
    let mut browser = Browser::signed_in(&appliance).await;
    let (original, present) = ("11111111-aaaa".to_owned(), "22222222-bbbb".to_owned());
    appliance.settings.status.send_modify(|status| {
        status.generation += 1;
        status.identity = Identity::Copied { original, present };
    });
    let page =
        eventually(&mut browser, "/identity", |page| page.body.contains("22222222-bbbb")).await;
    assert!(page.body.contains("href=\"/reset?network=drop\""), "{}", page.body);
    assert!(browser.get("/").await.body.contains("href=\"/identity\""), "the summary leads there");
    let fresh = browser.get("/reset?network=drop").await;
    assert!(fresh.body.contains("value=\"drop\" checked"), "{}", fresh.body);
    let answer = browser.submit("/identity/keep", &[]).await;
    assert_eq!((answer.status, answer.field("Location")), (303, Some("/")), "{answer:?}");
    assert_eq!(appliance.settings.status.borrow().identity, Identity::Known);
}

#[tokio::test]
async fn unreadable_data_partition_lets_nobody_set_a_password() {
    let appliance =
        Appliance::start_with(crate::roles::FakeSettings::new(), crate::roles::FakeNetwork::new())
            .await;
    let reason = "mount /data: structure needs cleaning".to_owned();
    appliance.init.set_data(DataState::Unavailable { reason });
    let mut browser = Browser::new(&appliance);
    let page = eventually(&mut browser, "/", |page| page.status == 503).await;
    assert!(!page.body.contains("action=\"/create-password\""), "{}", page.body);
    assert!(page.body.contains("data partition"), "{}", page.body);
    let form = Request::post("/create-password")
        .form(&[("password", PASSWORD), ("confirmation", PASSWORD)]);
    assert_eq!(browser.send(form).await.status, 503);
    assert!(appliance.settings.hash.lock().unwrap().is_none());
}

#[tokio::test]
async fn pages_that_change_something_need_a_session() {
    let appliance = Appliance::start_with_password().await;
    let mut browser = Browser::new(&appliance);
    for path in [
        "/network-settings",
        "/network-settings/trial",
        "/network-settings/reverted",
        "/reset",
        "/identity",
    ] {
        assert_eq!(browser.get(path).await.field("Location"), Some("/"), "{path}");
    }
    for path in [
        "/network-settings",
        "/network-settings/keep",
        "/network-settings/revert",
        "/changes/dismiss",
        "/reset",
        "/identity/keep",
    ] {
        let request = Request::post(path).form(&[("confirmation", "appliance")]);
        assert_eq!(browser.send(request).await.field("Location"), Some("/"), "{path}");
        let foreign = Request::post(path).form(&[]).field("Sec-Fetch-Site", "cross-site");
        assert_eq!(browser.send(foreign).await.status, 403, "{path}");
    }
    let mut browser = Browser::signed_in(&appliance).await;
    for path in ["/network-settings/keep", "/changes/dismiss", "/reset", "/identity/keep"] {
        let forged = Request::post(path).form(&[("csrf", "0")]);
        assert_eq!(browser.send(forged).await.status, 403, "{path}");
    }
    assert_eq!(*appliance.settings.reset.lock().unwrap(), None);
}
