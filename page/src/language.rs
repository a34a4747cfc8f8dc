//! The languages of the pages, and which one a browser prefers.

/// A language of the pages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// English, also the answer to every other language.
    #[default]
    English,
    /// Japanese.
    Japanese,
}

/// Most entries of an `Accept-Language` header that are looked at; browsers send fewer than ten.
const MAX_ENTRIES: usize = 32;

impl Language {
    /// Every language, in the order of the links on top of each page.
    pub const ALL: [Self; 2] = [Self::English, Self::Japanese];

    /// The tag of the language (RFC 5646): `en` or `ja`.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Japanese => "ja",
        }
    }

    /// The name of the language in that language.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::Japanese => "日本語",
        }
    }

    /// The language of a tag such as `ja` or `ja-JP`; `None` when the pages do not have it.
    #[must_use]
    pub fn from_tag(tag: &str) -> Option<Self> {
        let primary = tag.trim().split('-').next().unwrap_or_default();
        Self::ALL.into_iter().find(|language| language.tag().eq_ignore_ascii_case(primary))
    }

    /// Picks the language that an `Accept-Language` header (RFC 9110, 12.5.4) prefers.
    ///
    /// Of equal weights the first wins. A header that names none of our languages, or makes no
    /// sense, gets English.
    #[must_use]
    pub fn negotiate(accept_language_header: &str) -> Self {
        let mut best = (0, Self::default());
        for entry in accept_language_header.split(',').take(MAX_ENTRIES) {
            let mut parts = entry.split(';');
            let tag = parts.next().unwrap_or_default().trim();
            let language = if tag == "*" { Some(Self::default()) } else { Self::from_tag(tag) };
            let weight = parts
                .find_map(|part| part.trim().strip_prefix("q="))
                .map_or(Some(1000), thousandths)
                .unwrap_or(0);
            if let Some(language) = language
                && weight > best.0
            {
                best = (weight, language);
            }
        }
        best.1
    }
}

/// A weight `0` to `1` with up to three decimals, times 1000; `None` when it is none.
fn thousandths(weight: &str) -> Option<u32> {
    let (whole, decimals) = weight.split_once('.').unwrap_or((weight, ""));
    if decimals.len() > 3 || !decimals.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let fraction: u32 = format!("{decimals:0<3}").parse().ok()?;
    match whole {
        "0" => Some(fraction),
        "1" if fraction == 0 => Some(1000),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn picks_the_language_of_most_weight() {
        for (header, language) in [
            ("ja", Language::Japanese),
            ("ja-JP,ja;q=0.9,en-US;q=0.8,en;q=0.7", Language::Japanese),
            ("en-US,en;q=0.9,ja;q=0.8", Language::English),
            ("de, ja;q=0.3, en;q=0.2", Language::Japanese),
            ("en;q=0.5, ja;q=0.50", Language::English),
            ("ja;q=0, en;q=0.1", Language::English),
            ("*;q=0.2, ja;q=0.1", Language::English),
        ] {
            assert_eq!(Language::negotiate(header), language, "{header}");
        }
    }

    #[test]
    fn answers_nonsense_with_english() {
        for header in ["", ",,;;", "ja;q=2", "ja;q=0.1234", "ja;q=-1", "fr", "jam"] {
            assert_eq!(Language::negotiate(header), Language::English, "{header}");
        }
    }

    #[test]
    fn finds_a_language_by_its_tag() {
        assert_eq!(Language::from_tag("ja-JP"), Some(Language::Japanese));
        assert_eq!(Language::from_tag("EN"), Some(Language::English));
        assert_eq!(Language::from_tag("xx"), None);
    }
}
