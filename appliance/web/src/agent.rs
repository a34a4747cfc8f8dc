//! The browser or program behind a request, as a few words for a list. Pure.
//!
//! `User-Agent` says whatever its sender likes: it helps a person to recognise a session and decides
//! nothing.

/// Longest name that is shown, in characters.
const MAX_CHARS: usize = 40;
/// Products in the order in which they are looked for: Edge and Opera name Chrome as well, and Chrome
/// names Safari.
const BROWSERS: [(&str, &str); 6] = [
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("HeadlessChrome/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Version/", "Safari"),
];
/// Systems in the order in which they are looked for: Android names Linux, iPhone names Mac OS X.
const SYSTEMS: [(&str, &str); 7] = [
    ("Windows", "Windows"),
    ("Android", "Android"),
    ("iPhone", "iOS"),
    ("iPad", "iPadOS"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
];

/// A short name such as `Firefox 133, Linux` or `curl/8.5.0`; empty when nothing is said.
pub(crate) fn short_name(user_agent: &str) -> String {
    let browser = BROWSERS.iter().find_map(|(mark, name)| {
        let (_, version) = user_agent.split_once(mark)?;
        let major: String = version.chars().take_while(char::is_ascii_digit).take(5).collect();
        (!major.is_empty()).then(|| format!("{name} {major}"))
    });
    let system = SYSTEMS.iter().find(|(mark, _)| user_agent.contains(mark)).map(|(_, name)| name);
    match (browser, system) {
        (Some(browser), Some(system)) => format!("{browser}, {system}"),
        (Some(browser), None) => browser,
        (None, _) => first_word(user_agent),
    }
}

/// The first product of a program that is no browser.
fn first_word(user_agent: &str) -> String {
    let word = user_agent.split_ascii_whitespace().next().unwrap_or_default();
    word.chars().filter(char::is_ascii_graphic).take(MAX_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_browser_and_system() {
        let chrome = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) \
                      Chrome/131.0.0.0 Safari/537.36";
        let edge = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like \
                    Gecko) Chrome/131.0.0.0 Safari/537.36 Edg/130.0.0.0";
        let safari = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) \
                      AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile Safari/604.1";
        let firefox = "Mozilla/5.0 (Macintosh; Intel Mac OS X 14.7; rv:133.0) Gecko/20100101 \
                       Firefox/133.0";
        for (user_agent, expected) in [
            (chrome, "Chrome 131, Linux"),
            (edge, "Edge 130, Windows"),
            (safari, "Safari 18, iOS"),
            (firefox, "Firefox 133, macOS"),
            ("curl/8.5.0", "curl/8.5.0"),
            ("python-requests/2.32 extra", "python-requests/2.32"),
            ("Firefox/", "Firefox/"),
            ("", ""),
        ] {
            assert_eq!(short_name(user_agent), expected);
        }
    }

    proptest! {
        #[test]
        fn any_text_gives_a_short_name(text in ".{0,300}") {
            let name = short_name(&text);
            prop_assert!(name.chars().count() <= MAX_CHARS);
            prop_assert!(name.chars().all(|char| !char.is_control()));
        }
    }
}
