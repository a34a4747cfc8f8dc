//! Registration with the cloud: the pages.

use std::time::Duration;

use model::channel::{
    Ending, EndingReason, RegistrationRefusal, RegistrationState, RegistrationStep,
};
use model::product::DEPLOYMENTS;

use crate::appliance::{Appliance, Clock, PASSWORD};
use crate::client::Request;
use crate::pages::{Browser, token};
use crate::registration::{CODE, appliance, cloud, code_shown, registered, registering};

const PAGE: &str = "/register-connector";
const FIELDS: [(&str, &str); 2] = [("name", "東京 1"), ("cloud", "Cloud.corp.example:8443")];

#[tokio::test]
async fn the_form_suggests_the_host_name_and_the_cloud_of_the_product() {
    let (appliance, _channel, _) = appliance().await;
    let mut browser = Browser::signed_in(&appliance).await;
    let page = browser.get(PAGE).await.body;
    assert!(page.contains("name=\"name\" value=\"appliance\""), "{page}");
    let (_, (host, _)) = DEPLOYMENTS[0];
    assert!(page.contains(&format!("name=\"cloud\" value=\"{host}\"")), "{page}");
    // The server hears of the role by itself.
    let link = "href=\"/register-connector\">Register connector</a>";
    while !browser.get("/").await.body.contains(link) {}
}

#[tokio::test]
async fn a_registration_begins_shows_its_code_and_is_withdrawn() {
    let (appliance, channel, _) = appliance().await;
    let mut browser = Browser::signed_in(&appliance).await;
    let begun = browser.submit(PAGE, &FIELDS).await;
    assert_eq!((begun.status, begun.field("Location")), (303, Some(PAGE)), "{begun:?}");
    let application = channel.applications.lock().unwrap().pop().unwrap();
    assert_eq!((application.name.as_str(), application.cloud), ("東京 1", Some(cloud())));

    let page = browser.get(PAGE).await.body;
    let (first, second) = CODE.split_at(4);
    assert!(page.contains(&format!("<span>{first}</span><span>{second}</span>")), "{page}");
    assert!(page.contains("7KMD-2Q4T-XW3B-9ACE"));
    let live = browser.get("/register-connector/live").await.body;
    assert!(live.contains("7KMD-2Q4T-XW3B-9ACE") && !live.contains("csrf"), "{live}");
    let again = browser.submit(PAGE, &FIELDS).await;
    assert_eq!(again.field("Location"), Some(PAGE), "the one under way is shown");

    let question = browser.get("/register-connector/withdraw").await;
    assert!(question.status == 200 && question.body.contains("Withdraw the registration of one?"));
    let done = browser.submit("/register-connector/withdraw", &[]).await;
    assert_eq!(done.field("Location"), Some(PAGE), "{done:?}");
    assert_eq!(channel.state(), RegistrationState::default());
    let gone = browser.get("/register-connector/withdraw").await;
    assert_eq!(gone.field("Location"), Some(PAGE), "nothing is under way");
}

#[tokio::test]
async fn what_is_wrong_stands_beside_its_field_and_nothing_is_sent() {
    let (appliance, channel, _) = appliance().await;
    let mut browser = Browser::signed_in(&appliance).await;
    let long = "a".repeat(300);
    for (name, server, error) in [
        ("", "cloud.example.com", "id=\"name-error\""),
        (" ", "cloud.example.com", "Enter a name for the appliance."),
        (long.as_str(), "cloud.example.com", "The name has 300 characters."),
        ("<b>", "cloud.example.com", "A name cannot have “&#60;”."),
        ("one", "", "Enter the address of the cloud"),
        ("one", "https://cloud.example.com/", "is no host name"),
        ("one", "cloud.example.com:70000", "is no port"),
    ] {
        let wrong = browser.submit(PAGE, &[("name", name), ("cloud", server)]).await;
        assert_eq!(wrong.status, 422, "{name} {server}: {wrong:?}");
        assert!(wrong.body.contains(error), "{error}: {}", wrong.body);
        assert!(wrong.body.contains("<title>Error: "), "{error}");
    }
    let both = browser.submit(PAGE, &[]).await.body;
    assert!(both.contains("id=\"name-error\"") && both.contains("id=\"cloud-error\""), "{both}");
    assert!(channel.applications.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_name_that_is_taken_is_said_beside_the_name_with_what_was_typed() {
    let (appliance, channel, _) = appliance().await;
    let mut browser = Browser::signed_in(&appliance).await;
    *channel.outcome.lock().unwrap() = Some(RegistrationState::NotRegistered {
        last: Some(Ending {
            name: "one".to_owned(),
            cloud: cloud(),
            at: 1,
            reason: EndingReason::Refused { reason: RegistrationRefusal::NameTaken },
        }),
    });
    browser.submit(PAGE, &FIELDS).await;
    let page = browser.get(PAGE).await.body;
    assert!(page.contains("id=\"name-error\"") && page.contains("Choose another name."), "{page}");
    assert!(page.contains("value=\"one\"") && page.contains("value=\"cloud.corp.example:8443\""));
}

#[tokio::test]
async fn another_code_is_asked_for_when_one_ran_out() {
    let (appliance, channel, _) = appliance().await;
    let mut browser = Browser::signed_in(&appliance).await;
    channel.is(registering(RegistrationStep::CodeExpired { at: 1 }, None));
    assert!(browser.get(PAGE).await.body.contains("The code expired at"));
    let asked = browser.submit("/register-connector/code", &[]).await;
    assert_eq!(asked.field("Location"), Some(PAGE), "{asked:?}");
    assert_eq!(channel.state(), code_shown());
    channel.is(registered());
    let late = browser.submit("/register-connector/code", &[]).await;
    assert_eq!(late.field("Location"), Some(PAGE), "it is registered by now");
}

#[tokio::test]
async fn a_registered_appliance_is_shown_and_unregistered() {
    let (appliance, channel, _) = appliance().await;
    let mut browser = Browser::signed_in(&appliance).await;
    for is_told in [true, false] {
        channel.is(registered());
        *channel.is_told.lock().unwrap() = is_told;
        let page = browser.get(PAGE).await.body;
        assert!(page.contains("Tokyo") && page.contains("c-1") && !page.contains("name=\"cloud\""));
        let question = browser.get("/register-connector/unregister").await.body;
        assert!(question.contains("Unregister one?") && question.contains("cannot be told"));
        let done = browser.submit("/register-connector/unregister", &[]).await;
        assert_eq!(done.status, 200, "{done:?}");
        assert_eq!(done.body.contains("could not be told"), !is_told);
        assert_eq!(channel.state(), RegistrationState::default());
    }
    let gone = browser.submit("/register-connector/unregister", &[]).await;
    assert_eq!(gone.field("Location"), Some(PAGE));
    // A code that is on the page is no registration to be ended.
    channel.is(code_shown());
    browser.submit("/register-connector/unregister", &[]).await;
    assert_eq!(channel.state(), code_shown());
}

#[tokio::test]
async fn unregistering_asks_for_the_password_again_when_it_was_given_long_ago() {
    let (appliance, channel, _) = appliance().await;
    channel.is(registered());
    let mut browser = Browser::signed_in(&appliance).await;
    let csrf = token(&browser.get("/").await);
    let clock = Clock::stop();
    clock.advance(Duration::from_secs(601)).await;
    let send = |fields: &[(&str, &str)]| {
        let fields: Vec<_> = fields.iter().copied().chain([("csrf", csrf.as_str())]).collect();
        Request::post("/register-connector/unregister")
            .form(&fields)
            .field("Sec-Fetch-Site", "same-origin")
    };
    let asked = browser.send(send(&[])).await;
    assert_eq!(asked.status, 403, "{asked:?}");
    assert!(asked.body.contains("name=\"reentered\""));
    assert_eq!(channel.state(), registered());
    let done = browser.send(send(&[("reentered", PASSWORD)])).await;
    assert_eq!(done.status, 200, "{done:?}");
    assert_eq!(channel.state(), RegistrationState::default());
}

#[tokio::test]
async fn a_form_without_token_changes_nothing_and_keeps_what_was_typed() {
    let (appliance, channel, _) = appliance().await;
    let mut browser = Browser::signed_in(&appliance).await;
    let send = |path: &str, fields: &[(&str, &str)]| {
        Request::post(path).form(fields).field("Sec-Fetch-Site", "same-origin")
    };
    let form = browser.send(send(PAGE, &FIELDS)).await;
    assert_eq!(form.status, 403, "{form:?}");
    assert!(form.body.contains("value=\"東京 1\""), "{}", form.body);
    assert!(channel.applications.lock().unwrap().is_empty());
    channel.is(code_shown());
    for path in ["/register-connector/code", "/register-connector/withdraw"] {
        assert_eq!(browser.send(send(path, &[])).await.status, 403, "{path}");
    }
    assert_eq!(channel.state(), code_shown());
    channel.is(registered());
    assert_eq!(browser.send(send("/register-connector/unregister", &[])).await.status, 403);
    assert_eq!(channel.state(), registered());
}

#[tokio::test]
async fn the_front_page_follows_the_registration() {
    let (appliance, channel, _) = appliance().await;
    channel.is(code_shown());
    let mut browser = Browser::signed_in(&appliance).await;
    // The server hears of the role by itself.
    let link = "href=\"/register-connector\">Show the registration</a>";
    while !browser.get("/").await.body.contains(link) {}
    assert!(browser.get("/summary").await.body.contains(link));
    assert!(!browser.get("/").await.body.contains(CODE), "the code stands on its own page only");
}

#[tokio::test]
async fn without_the_role_the_page_says_so_and_keeps_what_was_typed() {
    let appliance = Appliance::start_with_password().await;
    let mut browser = Browser::signed_in(&appliance).await;
    let page = browser.get(PAGE).await;
    assert!(page.status == 200 && page.body.contains("does not answer"), "{page:?}");
    let sent = browser.submit(PAGE, &FIELDS).await;
    assert_eq!(sent.status, 503, "{sent:?}");
    assert!(sent.body.contains("value=\"東京 1\""), "{}", sent.body);
}
