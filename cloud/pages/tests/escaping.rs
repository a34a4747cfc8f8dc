//! Whatever names, codes and reasons hold, it stays text.

#[expect(dead_code, reason = "other tests use more of it")]
#[path = "support/states.rs"]
mod states;

use pages::Language;

const HOSTILE: &str = "\"'><script>alert(1)</script><img src=x onerror=\"y\">&amp;<b>";

#[test]
fn hostile_values_never_become_markup() {
    for language in Language::ALL {
        for page in states::hostile(language, HOSTILE) {
            let document =
                html::parse(&page.html).unwrap_or_else(|error| panic!("{}: {error}", page.name));
            assert!(document.named("img").is_empty(), "{}", page.name);
            assert_eq!(document.named("script").len(), 1, "{}", page.name);
            for element in &document.elements {
                let is_handler = |(name, _): &(String, String)| name == "onerror";
                assert!(!element.attributes.iter().any(is_handler), "{}", page.name);
            }
        }
    }
}

#[test]
fn hostile_values_never_lead_elsewhere() {
    for scheme in ["javascript:alert(1)", "//evil.example/", "https://evil.example/"] {
        for page in states::hostile(Language::English, scheme) {
            let document =
                html::parse(&page.html).unwrap_or_else(|error| panic!("{}: {error}", page.name));
            for element in &document.elements {
                for name in ["href", "src", "action"] {
                    let value = element.attribute(name).unwrap_or("/");
                    let is_ours = ["/console", "#", "data:text/", "mailto:"];
                    let is_ours =
                        value == "/" || is_ours.iter().any(|ours| value.starts_with(ours));
                    assert!(is_ours, "{}: {value}", page.name);
                }
            }
        }
    }
}
