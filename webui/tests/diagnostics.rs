//! *Network diagnostics* and *Diagnostic report*: documented texts, and what the script refreshes.

#[expect(dead_code, reason = "the other tests use more of it")]
#[path = "support/states.rs"]
mod states;

use html::Document;
use webui::{Language, NetworkDiagnostics, network_diagnostics, network_diagnostics_live};

/// The parts that the script replaces.
const PARTS: [&str; 3] = ["capture-live", "probe-live", "prechecks-live"];

fn page(name: &str) -> String {
    let pages = states::all(Language::English);
    pages.into_iter().find(|page| page.name == name).expect("the page").html
}

fn kind(document: &Document) -> Option<String> {
    let part = document.elements.iter().find(|it| it.attribute("id") == Some("capture-live"))?;
    part.attribute("data-kind").map(str::to_owned)
}

/// From the start tag with this id to the end of its element.
fn part<'a>(html: &'a str, id: &str) -> &'a str {
    let at = html.find(&format!("id=\"{id}\"")).expect(id);
    let start = html[..at].rfind("<div").expect("a div");
    let mut depth = 0;
    for (index, _) in html[start..].match_indices('<') {
        let tag = &html[start + index..];
        depth += i32::from(tag.starts_with("<div")) - i32::from(tag.starts_with("</div"));
        if depth == 0 {
            return &html[start..start + index];
        }
    }
    panic!("{id} is left open");
}

fn follow(page: &NetworkDiagnostics, offers_new_trace: bool) -> String {
    network_diagnostics_live(page.frame.language, &page.state, offers_new_trace)
}

#[test]
fn documented_texts_stand_verbatim() {
    for (name, texts) in [
        (
            "diagnostics",
            vec![
                "<h1>Network diagnostics</h1>",
                ">TCP Capture</h2>",
                ">Trace Duration</label>",
                "<b>Packet Tracing</b>",
                ">Start trace</button>",
            ],
        ),
        ("trace-ended-0", vec!["</svg>Download</a>", ">Start new trace</a>"]),
        (
            "administration",
            vec![
                ">Diagnostic report</h2>",
                "</svg>Download Report</button>",
                "</svg>Network diagnostics</a>",
            ],
        ),
    ] {
        let page = page(name);
        for text in texts {
            assert!(page.contains(text), "{name}: {text}");
        }
    }
}

#[test]
fn durations_are_the_documented_ones() {
    let page = page("diagnostics");
    for words in [
        "10 seconds",
        "30 seconds",
        "1 minute",
        "2 minutes",
        "5 minutes",
        "10 minutes",
        "30 minutes",
        "60 minutes",
    ] {
        assert!(page.contains(&format!(">{words}</option>")), "{words}");
    }
    assert!(page.contains("value=\"120\" selected>2 minutes"));
}

#[test]
fn the_fragment_shows_what_the_page_shows() {
    for (page, offers_new_trace) in states::diagnostics_states::live() {
        let whole = network_diagnostics(&page);
        let fragment = follow(&page, offers_new_trace);
        let (document, live) = (html::parse(&whole), html::parse(&fragment));
        let (document, live) = (document.expect("a page"), live.expect("a fragment"));
        assert_eq!(kind(&document), kind(&live));
        for id in PARTS {
            let is_form = id == "capture-live" && kind(&live).as_deref() == Some("form");
            assert!(is_form || part(&whole, id) == part(&fragment, id), "{id}");
        }
    }
}

#[test]
fn the_fragment_holds_no_token_and_no_field() {
    for (page, offers_new_trace) in states::diagnostics_states::live() {
        let fragment = follow(&page, offers_new_trace);
        let token = page.frame.csrf_token.as_deref().expect("a token");
        for text in ["<form", "<input", "<select", token] {
            assert!(!fragment.contains(text), "{text}");
        }
    }
}

#[test]
fn the_fragment_says_what_is_under_way() {
    let busy: Vec<_> = states::diagnostics_states::live()
        .iter()
        .map(|(page, offers_new_trace)| {
            follow(page, *offers_new_trace).matches("data-busy").count()
        })
        .collect();
    assert_eq!(busy, [0, 1, 0, 2, 0]);
}

#[test]
fn a_trace_of_whole_packets_is_handed_out_with_a_warning() {
    assert!(page("trace-ended-1").contains("The file contains whole packets"));
    assert!(!page("trace-ended-0").contains("The file contains whole packets"));
}

#[test]
fn what_machines_say_cannot_become_markup() {
    let page = page("probe-failed-6");
    assert!(page.contains("SSH-2.0-server &#60;b&#62;"), "{page}");
}
