//! What holds for every page in every state and language.

#[expect(dead_code, reason = "other tests use more of it")]
#[path = "support/states.rs"]
mod states;

use std::collections::BTreeSet;

use html::Document;
use pages::{ASSET_PATH, Language};
use states::Page;

fn every_page() -> Vec<(Page, Document)> {
    Language::ALL.into_iter().flat_map(states::all).map(read).collect()
}

fn read(page: Page) -> (Page, Document) {
    let document = html::parse(&page.html)
        .unwrap_or_else(|error| panic!("{} in {:?}: {error}", page.name, page.language));
    (page, document)
}

/// A page of a name in English.
fn english(name: &str) -> String {
    let found = states::all(Language::English).into_iter().find(|page| page.name == name);
    found.unwrap_or_else(|| panic!("no page {name}")).html
}

#[test]
fn every_page_is_well_formed_and_names_its_language() {
    for (page, document) in every_page() {
        let root = document.named("html");
        assert_eq!(root[0].attribute("lang"), Some(page.language.tag()), "{}", page.name);
        for name in ["h1", "main", "title"] {
            assert_eq!(document.named(name).len(), 1, "{}: {name}", page.name);
        }
    }
}

#[test]
fn every_state_has_a_name_of_its_own() {
    for language in Language::ALL {
        let pages = states::all(language);
        let names: BTreeSet<_> = pages.iter().map(|page| page.name.as_str()).collect();
        assert_eq!(names.len(), pages.len());
    }
}

#[test]
fn every_reference_has_its_target() {
    for (page, document) in every_page() {
        let ids: Vec<_> = document.elements.iter().filter_map(|one| one.attribute("id")).collect();
        let distinct: BTreeSet<_> = ids.iter().collect();
        assert_eq!(ids.len(), distinct.len(), "{}: an id stands twice", page.name);
        for element in &document.elements {
            let anchors = element.attribute("href").and_then(|href| href.strip_prefix('#'));
            let listed = ["for", "aria-describedby", "aria-labelledby", "data-copy"]
                .into_iter()
                .filter_map(|name| element.attribute(name))
                .flat_map(str::split_whitespace);
            for target in anchors.into_iter().chain(listed) {
                assert!(ids.contains(&target), "{}: nothing has the id {target}", page.name);
            }
            let is_live = element.attribute("data-live").is_some();
            assert!(!is_live || element.attribute("id").is_some(), "{}: {element:?}", page.name);
        }
    }
}

#[test]
fn every_field_has_a_label_and_every_form_that_changes_something_a_token() {
    for (page, document) in every_page() {
        let labels = document.named("label");
        let labelled: Vec<_> = labels.iter().filter_map(|label| label.attribute("for")).collect();
        for field in [document.named("input"), document.named("select")].concat() {
            let is_hidden =
                field.attribute("type") == Some("hidden") || field.attribute("hidden").is_some();
            let id = field.attribute("id").unwrap_or_default();
            assert!(is_hidden || labelled.contains(&id), "{}: {field:?}", page.name);
        }
        let tokens = document
            .named("input")
            .iter()
            .filter(|input| input.attribute("name") == Some("csrf"))
            .count();
        let (posts, gets): (Vec<_>, Vec<_>) = document
            .named("form")
            .into_iter()
            .partition(|form| form.attribute("method") == Some("post"));
        assert_eq!(tokens, posts.len(), "{}", page.name);
        for form in gets {
            // A form that only looks something up: the token must not stand in an address.
            assert_eq!(form.attribute("role"), Some("search"), "{}", page.name);
        }
        for form in posts {
            let action = form.attribute("action").expect("where it goes");
            assert!(action.starts_with("/console/"), "{}: {action}", page.name);
        }
    }
}

#[test]
fn no_page_needs_more_than_the_strict_policy() {
    for (page, document) in every_page() {
        for element in &document.elements {
            for (name, value) in &element.attributes {
                assert!(!name.starts_with("on") && name != "style", "{}: {name}", page.name);
                let is_link = matches!(name.as_str(), "href" | "src" | "action");
                let is_local =
                    value.starts_with('#') || (value.starts_with('/') && !value.starts_with("//"));
                // What is shown once is saved from the page itself, which the policy allows.
                let is_download =
                    value.starts_with("data:text/") && element.attribute("download").is_some();
                let is_mail = value.starts_with("mailto:");
                assert!(!is_link || is_local || is_download || is_mail, "{}: {value}", page.name);
            }
            assert_ne!(element.name, "style", "{}", page.name);
            if element.name == "script" {
                let source = element.attribute("src").expect("a script of its own file");
                let name = source.strip_prefix(ASSET_PATH).expect("a path of an asset");
                assert!(pages::asset(name).is_some(), "{source}");
            }
        }
    }
}

#[test]
fn every_error_is_in_the_title_and_gets_the_focus() {
    for (page, document) in every_page() {
        let alerts: Vec<_> = document
            .elements
            .iter()
            .filter(|element| element.attribute("role") == Some("alert"))
            .collect();
        let has_prefix =
            page.html.contains("<title>Error: ") || page.html.contains("<title>エラー: ");
        // The end of a session is no error.
        let is_end = page.name.starts_with("sign-in-session-");
        let is_error = page.name.starts_with("error-") || (!alerts.is_empty() && !is_end);
        assert_eq!(is_error, has_prefix, "{}", page.name);
        let focused: Vec<_> = document
            .elements
            .iter()
            .filter(|element| element.attribute("autofocus").is_some())
            .collect();
        assert!(focused.len() <= 1, "{}", page.name);
        if let Some(alert) = alerts.first() {
            assert!(alert.attribute("autofocus").is_some(), "{}", page.name);
        }
    }
}

#[test]
fn every_text_is_in_the_language_of_its_page() {
    // Names of products, places and people of the samples are the same in both.
    let is_japanese = |text: &str| text.chars().any(|c| ('\u{3040}'..='\u{30ff}').contains(&c));
    for (page, document) in every_page() {
        let texts = document.texts.iter().filter(|(_, language)| language == page.language.tag());
        let japanese = texts.clone().filter(|(text, _)| is_japanese(text)).count();
        match page.language {
            // The one location of the samples with a Japanese name, and the language link.
            Language::English => {
                let foreign: Vec<_> = texts
                    .filter(|(text, _)| is_japanese(text) && !text.contains("共有データセンター"))
                    .collect();
                assert!(foreign.is_empty(), "{}: {foreign:?}", page.name);
            }
            Language::Japanese => assert!(japanese >= 5, "{}: {japanese} texts", page.name),
        }
    }
}

#[test]
fn the_menu_marks_where_the_reader_is() {
    for (page, document) in every_page() {
        let navigations = document.named("nav");
        let links = document.named("a");
        let marked: Vec<_> = links
            .iter()
            .filter(|link| link.attribute("aria-current") == Some("page"))
            .filter_map(|link| link.attribute("href"))
            .collect();
        if navigations.len() < 3 {
            assert!(marked.is_empty(), "{}: signed out, but {marked:?}", page.name);
            continue;
        }
        // Once beside the page and once in the menu of narrow screens; a tab may be a third.
        let is_of_section = !page.name.starts_with("account") && !page.name.starts_with("error-");
        assert_eq!(marked.len() >= 2, is_of_section, "{}: {marked:?}", page.name);
    }
}

#[test]
fn documented_texts_stand_verbatim() {
    for (name, texts) in [
        (
            "add-connector",
            vec![
                "Step 1. Install Connector Appliance</h2>",
                "We recommend two Connector Appliances per resource location for high availability.",
                "View minimum requirements",
                "Step 2. Enter your 8-digit code to confirm connector details and then register as a product in",
                ">Confirm details</button>",
            ],
        ),
        ("add-connector-confirm", vec![">Register</button>", ">Cancel</button>"]),
        ("location-add", vec!["<h1>Add a Resource Location</h1>", ">Save</button>"]),
        (
            "clients",
            vec![">Create Client</button>", ">Secure clients</a>", ">Product registrations</a>"],
        ),
        ("clients-created", vec!["Download CSV</a>", "download=\"secureclient.csv\""]),
        (
            "administrators",
            vec![">Type</th>", ">Display name</th>", ">Status</th>", ">Access</th>", "Invite Sent"],
        ),
        (
            "log",
            vec![">Date &#38; Time</th>", "Nov 20, 2026 10:04:18 UTC", "CwcSystem", "1-32 of 32"],
        ),
        (
            "connector-prechecks",
            vec![
                "1 check failed",
                "Time server time.example.com",
                "Check its name, that it runs, and that firewalls let UDP port 123 pass.",
                "Allow the connection from the address of this appliance.",
            ],
        ),
        ("connectors", vec!["Not in contact", "Osaka Branch has a single connector"]),
        ("locations", vec!["Osaka Branch has a single connector"]),
    ] {
        let html = english(name);
        let bare = html.replace("</svg>", "</svg>>");
        for text in texts {
            assert!(html.contains(text) || bare.contains(text), "{name}: {text}");
        }
    }
}

#[test]
fn a_location_with_connectors_cannot_be_deleted() {
    let offers = |name: &str| english(name).contains("<button class=\"btn btn--danger\">");
    assert!(offers("location-delete"));
    assert!(!offers("location-delete-with-connectors"));
    assert!(!offers("location-delete-read-only"));
    assert!(offers("administrator-delete"));
    assert!(!offers("administrator-delete-last"));
}

#[test]
fn an_expired_code_asks_for_a_new_one_and_keeps_what_was_typed() {
    let html = english("add-connector-expired");
    assert!(html.contains("Generate a new code on the page of the appliance"));
    assert!(html.contains("value=\"K7QM 4XZP\""));
    let document = html::parse(&html).expect("a page");
    let inputs = document.named("input");
    let code = inputs.iter().find(|input| input.attribute("id") == Some("code")).expect("a field");
    assert_eq!(code.attribute("aria-invalid"), Some("true"));
    assert_eq!(code.attribute("aria-describedby"), Some("code-error code-hint"));
}

#[test]
fn who_may_not_change_anything_gets_no_way_to() {
    for name in [
        "locations-read-only",
        "connectors-read-only",
        "connector-read-only",
        "updates-read-only",
        "domains-read-only",
    ] {
        let html = english(name);
        for way in ["/add", "/edit", "/delete", "/remove?", "/policy", "/invite", "btn--primary"] {
            assert!(!html.contains(way), "{name}: {way}");
        }
    }
}

#[test]
fn who_cannot_be_asked_offers_no_button_and_says_what_to_do() {
    for (name, is_offered) in [
        ("connector", true),
        ("connector-error", true),
        ("connector-silent", false),
        ("connector-waiting", false),
        ("connector-read-only", false),
    ] {
        let html = english(name);
        for button in ["Run prechecks</button>", "Make and download a report</button>"] {
            assert_eq!(html.contains(button), is_offered, "{name}: {button}");
        }
        let is_told = html.contains("so it cannot be asked. See on the console of the machine");
        assert_eq!(is_told, !is_offered && name != "connector-read-only", "{name}");
    }
}

#[test]
fn every_check_that_is_not_good_has_its_remedy() {
    let document = html::parse(&english("connector-prechecks-every-cause")).expect("a page");
    let remedies: Vec<_> = document
        .elements
        .iter()
        .filter(|element| element.attribute("class").is_some_and(|it| it.starts_with("remedy ")))
        .collect();
    assert_eq!(remedies.len(), 15);
}

#[test]
fn the_answer_to_a_form_that_asks_a_connector_says_that_it_is_one() {
    // The script asks for a fresh page unless one of the two is there; their address takes no GET.
    for page in states::all(Language::English) {
        let is_answer = page.name.starts_with("connector-prechecks")
            || ["connector-too-late", "connector-refused"].contains(&page.name.as_str());
        if is_answer {
            let main = page.html.split("<main").nth(1).expect("the content");
            let is_told = ["role=\"alert\"", "role=\"status\""].iter().any(|it| main.contains(it));
            assert!(is_told, "{}", page.name);
        }
    }
}

#[test]
fn signing_in_reveals_neither_customer_nor_menu() {
    for language in Language::ALL {
        for page in states::all(language) {
            if page.name.starts_with("sign-in") || page.name.starts_with("second-step") {
                assert!(!page.html.contains("Example Corp"), "{}", page.name);
                assert!(!page.html.contains("/console/administrators"), "{}", page.name);
            }
        }
    }
}

#[test]
fn debug_output_has_no_secret() {
    let secret = "q3J0yVnK8mR1";
    let link = pages::InvitationLink {
        email: String::new(),
        url: secret.to_owned(),
        expires: 0,
        is_mailed: false,
    };
    let made =
        pages::NewSecret { name: String::new(), id: String::new(), secret: secret.to_owned() };
    let codes = pages::BackupCodes { codes: vec![secret.to_owned()], ..Default::default() };
    let totp =
        pages::SetUpTotp { key: secret.to_owned(), uri: secret.to_owned(), ..Default::default() };
    let shown = format!("{link:?} {made:?} {codes:?} {totp:?}");
    assert!(!shown.contains(secret), "{shown}");
}
