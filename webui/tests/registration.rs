//! *Register connector* and the page of a registered appliance.

#[expect(dead_code, reason = "other tests use more of it")]
#[path = "support/states.rs"]
mod states;

use html::Document;
use model::channel::{
    Applicant, ChannelStatus, CloneRefused, ConnectionState, ConnectionTrouble, Registration,
    RegistrationState, RegistrationStep, ShownCode,
};
use states::NOW;
use states::registration_states::{
    code_shown, page, problems, refusals, registered, registering, registration, statuses,
    summary_with, troubles,
};
use webui::{Language, RegistrationProblem};

const HOSTILE: &str = "\"'><script>alert(1)</script><img src=x onerror=\"y\">";

fn read(page: &str) -> Document {
    html::parse(page).expect("a well-formed page")
}

fn connected() -> ChannelStatus {
    registered(&[ConnectionState::Connected, ConnectionState::Connected])
}

#[test]
fn the_form_suggests_name_and_cloud_and_says_that_the_name_stays() {
    let page = page(Language::English, Some(ChannelStatus::default()), Vec::new());
    for text in [
        "<h1>Register connector</h1>",
        ">Connector Appliance name</label>",
        "name=\"name\" value=\"connector-hq-01\"",
        "name=\"cloud\" value=\"cloud.example.com\"",
        ">Next</button>",
        "cannot be changed after registering",
    ] {
        assert!(page.contains(text), "{text}");
    }
}

#[test]
fn a_page_without_script_loads_itself_until_all_connections_are_there() {
    const RELOAD: &str = "url=/register-connector\"></noscript>";
    let half = [ConnectionState::Connected, ConnectionState::Connecting];
    for (status, reloads) in [
        (ChannelStatus::default(), false),
        (registering(code_shown(), None), true),
        (registered(&[]), true),
        (registered(&half), true),
        (connected(), false),
    ] {
        let page = page(Language::English, Some(status), Vec::new());
        assert_eq!(page.contains(RELOAD), reloads);
    }
}

#[test]
fn the_code_stands_with_its_time_and_the_security_number() {
    let page = page(Language::English, Some(registering(code_shown(), None)), Vec::new());
    for text in [
        "<span>K7QM</span><span>4XZP</span>",
        "Code: K 7 Q M 4 X Z P",
        "data-copy=\"code\"",
        "11 min 42 s left, until 2026-11-20 10:16:00 UTC",
        "<progress value=\"702\" max=\"900\"",
        "expires in 15 minutes",
        "7KMD-2Q4T-XW3B-9ACE",
        "The console must show the same security number.",
        "Waiting for the code to be entered",
        "url=/register-connector\"></noscript>",
        "href=\"/register-connector/withdraw\"",
        "form=\"registration-new-code\"",
    ] {
        assert!(page.contains(text), "{text}");
    }
    // Copied as it is to be entered.
    assert!(!page.contains("</span> <span>4XZP"));
}

#[test]
fn a_code_that_ran_out_is_not_shown() {
    let step = RegistrationStep::CodeExpired { at: NOW - 60 };
    let page = page(Language::English, Some(registering(step, None)), Vec::new());
    assert!(page.contains("The code expired at 2026-11-20 10:03:18 UTC"));
    assert!(page.contains("Get a new code") && !page.contains("K7QM"));
}

#[test]
fn every_trouble_has_its_remedy_and_name_in_every_language() {
    for language in Language::ALL {
        for trouble in troubles() {
            let id = format!("<code class=\"remedy__id\">{}</code>", trouble.id());
            let failed = ConnectionState::Failed { trouble: trouble.clone() };
            for status in [
                registering(RegistrationStep::Connecting, Some(trouble.clone())),
                registered(&[ConnectionState::Connected, failed]),
            ] {
                let page = page(language, Some(status), Vec::new());
                assert!(page.contains(&id), "{id}");
            }
        }
    }
}

#[test]
fn an_interceptor_is_named() {
    let trouble = troubles().into_iter().find(|it| it.id() == "outbound.tls-intercepted");
    let trouble = trouble.expect("an intercepted connection");
    let status = registering(RegistrationStep::Connecting, Some(trouble));
    assert!(page(Language::English, Some(status), Vec::new()).contains("Inspection"));
}

#[test]
fn each_refusal_stands_beside_its_field() {
    let all = refusals().into_iter().map(RegistrationProblem::Refused).chain(problems());
    for problem in all {
        let words = webui::registration_problem(Language::English, &problem);
        let status = Some(ChannelStatus::default());
        let page = page(Language::English, status, vec![problem.clone()]);
        let document = read(&page);
        let marked: Vec<_> = document
            .named("input")
            .iter()
            .filter(|input| input.attribute("aria-invalid") == Some("true"))
            .map(|input| input.attribute("name").unwrap_or_default().to_owned())
            .collect();
        let field: Vec<_> = problem.field().into_iter().map(str::to_owned).collect();
        assert_eq!(marked, field, "{words}");
        let shown = words.replace('<', "&#60;");
        let times = document.texts.iter().filter(|(text, _)| *text == shown).count();
        assert_eq!(times, 1 + field.len(), "in the list and beside the field: {words}");
    }
}

#[test]
fn how_the_last_registration_ended_stands_with_the_form_until_another_is_sent() {
    let ended = |name: &str| {
        let found = statuses().into_iter().find(|(it, _)| it == name);
        Some(found.expect("the state").1)
    };
    let taken = page(Language::English, ended("ended-01"), Vec::new());
    assert!(taken.contains("The registration did not come about (10:02 UTC)."));
    assert!(taken.contains("id=\"name-error\""));
    let wrong = vec![RegistrationProblem::CloudMissing];
    let again = page(Language::English, ended("ended-01"), wrong);
    assert!(again.contains("The registration has not begun.") && !again.contains("name-error"));
    let removed = page(Language::English, ended("removed"), Vec::new());
    assert!(removed.contains("was removed in the cloud") && !removed.contains("role=\"alert\""));
}

#[test]
fn a_registered_appliance_shows_everything_the_cloud_knows_it_by() {
    let page = page(Language::English, Some(connected()), Vec::new());
    for text in [
        "<h1>Cloud connection</h1>",
        "<dd>connector-hq-01 <span class=\"origin\">cannot be changed</span></dd>",
        "Example Corp Ltd",
        "HQ-1",
        "5b0a4f7e-5d3b-4a6e-8a2b-0d2f6c1f3b77",
        "cloud.example.com:8443",
        "gateway-2",
        "by the proxy proxy.corp.example:3128",
        "192.0.2.7:8443",
        "since 09:59 UTC",
        "2026-12-17 10:04:18 UTC",
        "Connected to the cloud by 2 of 2 connections",
        "href=\"/register-connector/unregister\"",
    ] {
        assert!(page.contains(text), "{text}");
    }
    assert!(!page.contains("name=\"cloud\""), "no form");
}

#[test]
fn the_live_parts_are_those_of_the_page_and_hold_no_token() {
    for language in Language::ALL {
        for (name, status) in statuses() {
            let fragment = webui::registration_live(language, Some(&status), NOW);
            let whole = page(language, Some(status), Vec::new());
            assert!(!fragment.contains("csrf"), "{name}");
            for id in ["h-registration", "registration-state", "registration-code"]
                .into_iter()
                .chain(["registration-time", "registration-facts", "registration-actions"])
                .chain(["registration-done"])
            {
                let start = fragment.find(&format!(" id=\"{id}\"")).expect(id);
                let start = fragment[..start].rfind('<').expect("an element");
                let line = fragment[start..].lines().next().expect("a line");
                assert!(whole.contains(line), "{name}: {id}");
                assert_eq!(whole.matches(&format!(" id=\"{id}\"")).count(), 1, "{name}: {id}");
            }
        }
    }
}

#[test]
fn another_kind_of_page_is_loaded_when_the_state_changes_its_kind() {
    let kinds = |status: &ChannelStatus| {
        let fragment = webui::registration_live(Language::English, Some(status), NOW);
        let has = |id: &str| fragment.contains(&format!("id=\"{id}\" data-kind=\"form\""));
        (has("registration-form"), has("registration-done"))
    };
    assert_eq!(kinds(&ChannelStatus::default()), (true, false));
    assert_eq!(kinds(&registering(code_shown(), None)), (false, false));
    assert_eq!(kinds(&connected()), (false, true));
}

#[test]
fn the_summary_leads_to_the_page_and_says_what_is_true() {
    for (status, headline, words) in [
        (ChannelStatus::default(), "Healthy - ready to register</h2>", "Register connector"),
        (registering(code_shown(), None), "ready to register</h2>", "Show the registration"),
        (connected(), "Healthy - registered</h2>", "Show the connection"),
    ] {
        let is_registered = status.registered().is_some();
        let page = states::administration(Language::English, summary_with(status));
        assert!(page.contains(headline), "{headline}");
        assert_eq!(page.contains("ready to register"), !is_registered);
        assert!(page.contains(&format!("href=\"/register-connector\">{words}</a>")), "{words}");
    }
    let lost = ConnectionState::Failed { trouble: ConnectionTrouble::Silent };
    let page =
        states::administration(Language::English, summary_with(registered(&[lost.clone(), lost])));
    assert!(page.contains("href=\"/register-connector\">Show the connection</a>"));
    assert!(!page.contains("ready to register"));
}

#[test]
fn nothing_that_the_cloud_or_the_network_says_becomes_markup() {
    let hostile = || HOSTILE.to_owned();
    let mut status = connected();
    let registration = Registration {
        name: hostile(),
        connector: hostile(),
        customer: hostile(),
        customer_name: hostile(),
        location: hostile(),
        location_name: hostile(),
        ..registration()
    };
    status.registration = RegistrationState::Registered { registration };
    status.clone_refused =
        Some(CloneRefused { host_name: hostile(), addresses: vec![hostile()], at: NOW });
    for connection in &mut status.connections {
        connection.gateway = Some(hostile());
        connection.peer = Some(hostile());
        let trouble = ConnectionTrouble::NotCloud { status: None, detail: hostile() };
        connection.state = ConnectionState::Failed { trouble };
    }
    let cloud = states::registration_states::cloud();
    let applicant = Applicant { name: hostile(), cloud, location: Some(hostile()) };
    let step = RegistrationStep::CodeShown {
        code: ShownCode(hostile()),
        security_number: hostile(),
        expires_at: i64::MAX,
    };
    let registration = RegistrationState::Registering { applicant, step, trouble: None };
    let code = ChannelStatus { registration, ..ChannelStatus::default() };
    for language in Language::ALL {
        for status in [&status, &code] {
            let whole = page(language, Some(status.clone()), Vec::new());
            let front = states::administration(language, summary_with(status.clone()));
            for page in [whole, front, webui::registration_live(language, Some(status), NOW)] {
                let document = read(&page);
                assert!(document.named("img").is_empty());
                assert!(document.named("script").len() <= 1);
            }
        }
    }
}
