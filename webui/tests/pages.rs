//! What holds for every page in every state and language.

#[expect(dead_code, reason = "other tests use more of it")]
#[path = "support/states.rs"]
mod states;

use std::collections::BTreeSet;

use html::Document;
use model::health::Health;
use model::role::Role;
use states::Page;
use webui::{ASSET_PATH, DomainsTab, Language};

fn every_page() -> Vec<(Page, Document)> {
    Language::ALL.into_iter().flat_map(states::all).map(read).collect()
}

fn read(page: Page) -> (Page, Document) {
    let document = html::parse(&page.html)
        .unwrap_or_else(|error| panic!("{} in {:?}: {error}", page.name, page.language));
    (page, document)
}

#[test]
fn every_page_is_well_formed_and_names_its_language() {
    for (page, document) in every_page() {
        let root = document.named("html");
        assert_eq!(root[0].attribute("lang"), Some(page.language.tag()), "{}", page.name);
        assert_eq!(document.named("h1").len(), 1, "{}", page.name);
        assert_eq!(document.named("main").len(), 1, "{}", page.name);
        assert_eq!(document.named("title").len(), 1, "{}", page.name);
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
        }
    }
}

#[test]
fn every_field_has_a_label_and_every_form_a_token() {
    for (page, document) in every_page() {
        let labelled: Vec<_> =
            document.named("label").iter().filter_map(|label| label.attribute("for")).collect();
        for input in document.named("input") {
            let is_hidden =
                input.attribute("type") == Some("hidden") || input.attribute("hidden").is_some();
            let id = input.attribute("id").unwrap_or_default();
            let has_name = input.attribute("aria-label").is_some_and(|label| !label.is_empty());
            assert!(is_hidden || has_name || labelled.contains(&id), "{}: {input:?}", page.name);
        }
        let tokens = document
            .named("input")
            .iter()
            .filter(|input| input.attribute("name") == Some("csrf"))
            .count();
        let forms = document.named("form");
        let posts = forms.iter().filter(|form| form.attribute("method") == Some("post"));
        assert_eq!(tokens, posts.count(), "{}", page.name);
        for form in forms.iter().filter(|form| form.attribute("method") != Some("post")) {
            // A form that only looks something up: the token must not stand in an address.
            assert_eq!(form.attribute("action"), Some("/logs"), "{}", page.name);
        }
        for control in document.named("button") {
            let has_name = control.attribute("aria-label").is_some_and(|label| !label.is_empty());
            assert!(has_name || control.attribute("data-copy").is_none(), "{}", page.name);
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
                // The one way out: to the address that the appliance moves to.
                let is_own =
                    page.name == "network-saved-address" && value == "https://10.71.58.20/";
                assert!(!is_link || is_local || is_own, "{}: {value}", page.name);
            }
            assert_ne!(element.name, "style", "{}", page.name);
            if element.name == "script" {
                let source = element.attribute("src").expect("a script of its own file");
                let name = source.strip_prefix(ASSET_PATH).expect("a path of an asset");
                assert!(webui::asset(name).is_some(), "{source}");
            }
        }
    }
}

#[test]
fn every_error_is_in_the_title_and_gets_the_focus() {
    for (page, document) in every_page() {
        let has_alert =
            document.elements.iter().any(|element| element.attribute("role") == Some("alert"));
        let has_prefix = page.html.contains("<title>Error: ")
            || page.html.contains("<title>エラー: ")
            || page.name == "sign-in-error-5"; // the end of a session is no error
        let is_error_page = page.name.starts_with("error-");
        assert_eq!(has_alert || is_error_page, has_prefix, "{}", page.name);
        let focused: Vec<_> = document
            .elements
            .iter()
            .filter(|element| element.attribute("autofocus").is_some())
            .collect();
        assert!(focused.len() <= 1, "{}", page.name);
        if has_alert {
            assert_eq!(focused[0].attribute("role"), Some("alert"), "{}", page.name);
        }
    }
}

#[test]
fn a_field_with_a_problem_is_marked_and_described() {
    let page = states::create_password(Language::English, vec![webui::PasswordProblem::Mismatch]);
    let document = html::parse(&page).expect("a page");
    let field = |id| {
        let inputs = document.named("input");
        let found = inputs.iter().find(|input| input.attribute("id") == Some(id));
        let input = found.expect("the field");
        (
            input.attribute("aria-invalid").map(str::to_owned),
            input.attribute("aria-describedby").map(str::to_owned),
        )
    };
    assert_eq!(field("password"), (None, Some("password-hint".to_owned())));
    let described = Some("confirmation-error".to_owned());
    assert_eq!(field("confirmation"), (Some("true".to_owned()), described));
}

#[test]
fn documented_texts_stand_verbatim() {
    let english = Language::English;
    for (page, texts) in [
        (
            states::create_password(english, Vec::new()),
            vec![
                "<title>Create new password - ",
                "<h1>Create new password</h1>",
                ">Set a new password</h2>",
                ">Enter new password</label>",
                ">Confirm password</label>",
                ">Password must be at least 8 characters long, have at least 1 upper case, 1 lower case and 1 non-alphabetic character</p>",
                ">Set password</button>",
            ],
        ),
        (
            states::change_password(english, Vec::new()),
            vec![
                "<title>Change password - ",
                "<h1>Change password</h1>",
                ">Change password</button>",
                ">Password must be at least 8 characters long, have at least 1 upper case, 1 lower case and 1 non-alphabetic character</p>",
            ],
        ),
        (
            states::administration(english, states::summary()),
            vec![
                "<title>Connector administration - connector-hq-01</title>",
                "<h1>Connector administration</h1>",
                "Connector summary",
                "Healthy - ready to register</h2>",
                ">Sign out</button>",
                ">Change password</a>",
            ],
        ),
    ] {
        for text in texts {
            // Icons may stand between the tag and the text.
            let bare = page.replace("</svg>", "</svg>>");
            assert!(page.contains(text) || bare.contains(text), "{text}");
        }
    }
}

#[test]
fn sign_in_reveals_neither_health_nor_version() {
    for language in Language::ALL {
        let page = states::sign_in(language, None, None);
        for secret in [model::product::VERSION, "Root A", "eth0", "Healthy", "正常"] {
            assert!(!page.contains(secret), "{secret}");
        }
    }
}

#[test]
fn every_cause_has_a_remedy_in_every_language() {
    for language in Language::ALL {
        for finding in states::causes() {
            let mut summary = states::summary();
            summary.health = Health { findings: vec![finding.clone()] };
            let page = states::administration(language, summary);
            let id = format!("<code class=\"remedy__id\">{}</code>", finding.cause.id());
            assert!(page.contains(&id), "{id}");
            assert!(page.contains("<ol class=\"causes\">"), "{id}");
            assert!(page.contains("<a id=\"cause-check-1\" href=\"#check-1\">"), "{id}");
            assert!(!page.contains("Healthy - ready to register"), "{id}");
        }
    }
}

#[test]
fn the_worst_cause_comes_first() {
    let mut summary = states::summary();
    summary.health = Health { findings: states::causes() };
    let page = states::administration(Language::English, summary);
    let position = |text: &str| page.find(text).expect(text);
    assert!(position("No DHCP server answers.</a>") < position("No DNS server is known.</a>"));
}

#[test]
fn japanese_pages_show_why_a_boot_parameter_is_refused_in_japanese() {
    let page = states::administration(Language::Japanese, states::no_lease());
    assert!(page.contains("「10.0.0.300」は 10.0.0.5 のような IPv4 アドレスではありません"));
    assert!(!page.contains("is not an IPv4 address"));
}

#[test]
fn the_fragment_replaces_parts_that_the_page_has() {
    for language in Language::ALL {
        let fragment = webui::summary(language, &states::summary(), DomainsTab::Joined);
        let page = states::administration(language, states::summary());
        let document = html::parse(&fragment).expect("a fragment");
        for id in [
            "checked",
            "summary-state",
            "summary",
            "domains-state",
            "domains-live",
            "proxies-state",
            "proxies-live",
            "roots-state",
            "roots-live",
        ] {
            assert!(page.contains(&format!("id=\"{id}\"")), "{id}");
            let is_there =
                document.elements.iter().any(|element| element.attribute("id") == Some(id));
            assert!(is_there, "{id}");
        }
        let section = &fragment[fragment.find("<section").expect("the section")..];
        let section = section.split_inclusive("</section>").next().expect("the section");
        assert!(page.contains(section.trim()), "the page shows another summary");
    }
}

/// What is the same in every language: names, values, identifiers.
fn is_neutral(text: &str) -> bool {
    const NAMES: [&str; 24] = [
        "Connector Appliance",
        "English",
        "日本語",
        "admin",
        "DNS",
        "SHA-256",
        "SHA-1",
        "connector",
        "connector-hq-01",
        "productionjp",
        "10.71.57.66, connector-hq-01.corp.example.com",
        "0.1.0.0, Root A",
        "0.1.0.0",
        "Test Lab CA",
        "Active Directory",
        "USERS",
        "net",
        "org",
        "com",
        "users.example.net - connector-hq-01",
        "lab.example.org - connector-hq-01",
        "AD",
        "Early",
        "hypervisor.example.com, .corp.example.com, 192.0.2.0/24",
    ];
    let is_code =
        !text.contains(' ') && text.contains(|c: char| c == '.' || c == ':' || c.is_ascii_digit());
    let is_program = |text: &str| {
        text == "kernel" || text == "init" || Role::ALL.iter().any(|role| role.name() == text)
    };
    NAMES.contains(&text)
        || is_program(text)
        || text.starts_with("Example Corp ")
        || text.starts_with("Root")
        || is_code
        || is_technical(text)
        || !text.contains(|c: char| c.is_alphabetic())
}

/// Names of protocols and certificates, and amounts with their units.
fn is_technical(text: &str) -> bool {
    const PROTOCOLS: [&str; 12] = [
        "ICMP (ping)",
        "TCP",
        "TLS",
        "HTTP",
        "HTTPS",
        "LDAP",
        "Kerberos",
        "GUID",
        "Global catalog",
        "EC P-256",
        "ECDSA, SHA-256",
        "RSA 4096",
    ];
    const UNITS: [&str; 6] = ["B", "kB", "MB", "GB", "ms", "s"];
    let is_number = |text: &str| text.parse::<f64>().is_ok();
    let amount = text.split_once(' ');
    PROTOCOLS.contains(&text)
        || text.starts_with("CN=")
        || text.starts_with("OU=")
        || text.starts_with("Windows Server ")
        || text.starts_with("-----BEGIN ")
        || text.ends_with(" UTC")
        || text == "gateway-1.cloud.example, *.cloud.example"
        || amount.is_some_and(|(number, unit)| is_number(number) && UNITS.contains(&unit))
}

/// Attributes that are read by a person.
const WRITTEN_IN_ATTRIBUTES: [&str; 9] = [
    "aria-label",
    "data-copied",
    "data-wait-text",
    "data-countdown-text",
    "data-making",
    "data-receiving",
    "data-done",
    "data-lost",
    "data-under-way",
];

/// Everything on a page that is read by a person, without what is marked as English.
fn readable(document: &Document, is_english_left_out: bool) -> BTreeSet<String> {
    let texts = document
        .texts
        .iter()
        .filter(|(_, language)| !is_english_left_out || language != "en")
        .map(|(text, _)| text.clone());
    let attributes = document.elements.iter().flat_map(|element| {
        WRITTEN_IN_ATTRIBUTES
            .into_iter()
            .filter_map(|name| element.attribute(name).map(str::to_owned))
    });
    texts.chain(attributes).collect()
}

#[test]
fn japanese_pages_have_no_english_left() {
    let english = states::all(Language::English);
    let japanese = states::all(Language::Japanese);
    assert_eq!(english.len(), japanese.len());
    for (english, japanese) in english.into_iter().zip(japanese) {
        let (_, english) = read(english);
        let (page, japanese) = read(japanese);
        let in_english = readable(&english, false);
        assert!(in_english.contains("Skip to content"), "{}", page.name);
        let left: Vec<_> = readable(&japanese, true)
            .into_iter()
            .filter(|text| in_english.contains(text) && !is_neutral(text))
            .collect();
        assert!(left.is_empty(), "{}: {left:?}", page.name);
    }
}

#[test]
fn the_style_sheet_has_the_rules_that_are_used_and_no_others() {
    let mut used = BTreeSet::new();
    let mut style = String::new();
    for (_, document) in every_page() {
        for element in &document.elements {
            let classes = element.attribute("class").unwrap_or_default();
            used.extend(classes.split_whitespace().map(str::to_owned));
            if element.attribute("rel") == Some("stylesheet") {
                style = element.attribute("href").unwrap_or_default().to_owned();
            }
        }
    }
    let name = style.strip_prefix(ASSET_PATH).expect("a path of an asset");
    let bytes = webui::asset(name).expect("the style sheet").bytes;
    let sheet = std::str::from_utf8(bytes).expect("UTF-8");
    let mut ruled = BTreeSet::new();
    for line in sheet.lines().filter(|line| !line.trim_start().starts_with("/*")) {
        let selector = line.rsplit_once('{').map_or(line, |_| line.split('{').next().unwrap_or(""));
        let selector = if selector.trim_start().starts_with('@') { line } else { selector };
        for (index, _) in selector.match_indices('.') {
            let class: String = selector[index + 1..]
                .chars()
                .take_while(|c| c.is_ascii_alphanumeric() || *c == '-' || *c == '_')
                .collect();
            if class.starts_with(|c: char| c.is_ascii_lowercase()) {
                ruled.insert(class);
            }
        }
    }
    // Marks an element without changing its look.
    used.remove("errors");
    assert_eq!(ruled, used);
}
