//! What every page has around its content: top bar, menu of sections, account menu, languages.

use std::fmt;

use crate::Language;
use crate::asset::ASSETS;
use crate::texts::Texts;

/// A section of the console, an entry of its menu.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    /// *Resource locations*.
    Locations,
    /// *Connectors*.
    Connectors,
    /// *Updates*.
    Updates,
    /// *Domains*.
    Domains,
    /// *API access*.
    ApiAccess,
    /// *Administrators*.
    Administrators,
    /// *System log*.
    SystemLog,
    /// *Notifications*.
    Notifications,
}

impl Section {
    /// Every section, in the order of the menu.
    pub const ALL: [Self; 8] = [
        Self::Locations,
        Self::Connectors,
        Self::Updates,
        Self::Domains,
        Self::ApiAccess,
        Self::Administrators,
        Self::SystemLog,
        Self::Notifications,
    ];

    /// Path of the section's page.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::Locations => "/console/resource-locations",
            Self::Connectors => "/console/connectors",
            Self::Updates => "/console/updates",
            Self::Domains => "/console/domains",
            Self::ApiAccess => "/console/api-access",
            Self::Administrators => "/console/administrators",
            Self::SystemLog => "/console/system-log",
            Self::Notifications => "/console/notifications",
        }
    }
}

/// The menu of sections.
#[derive(Clone, Debug)]
pub struct Menu {
    /// The sections that the administrator may open, in order.
    pub sections: Vec<Section>,
    /// Resource locations that have one connector only.
    pub single_locations: u32,
    /// Connectors that are not in contact.
    pub silent_connectors: u32,
    /// Connectors whose update has failed.
    pub failed_updates: u32,
    /// Notifications that nobody has dismissed.
    pub notifications: u32,
}

impl Default for Menu {
    /// Every section, nothing to report.
    fn default() -> Self {
        Self {
            sections: Section::ALL.to_vec(),
            single_locations: 0,
            silent_connectors: 0,
            failed_updates: 0,
            notifications: 0,
        }
    }
}

/// Who is signed in.
#[derive(Clone, Debug, Default)]
pub struct SignedIn {
    /// Name of the administrator.
    pub name: String,
    /// E-mail address of the administrator.
    pub email: String,
    /// Whether the administrator belongs to several customers and may switch.
    pub has_other_customers: bool,
}

/// What every page needs beside its own content.
#[derive(Clone, Default)]
pub struct Frame {
    /// Language of the texts.
    pub language: Language,
    /// Name of the customer that is managed; empty before signing in.
    pub customer: String,
    /// Who is signed in; `None` shows neither menu.
    pub administrator: Option<SignedIn>,
    /// The token against forged requests; sent with each form as the field `csrf`.
    pub csrf_token: Option<String>,
    /// Path and query that show this page by GET, such as `/console/connectors?state=error`, for the
    /// links that switch the language. A `lang` in the query is replaced. The answer to a POST names
    /// the page that holds the form.
    pub path: String,
    /// The menu of sections.
    pub menu: Menu,
}

impl fmt::Debug for Frame {
    /// Leaves the token out, for it is a secret.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Frame")
            .field("language", &self.language)
            .field("customer", &self.customer)
            .field("administrator", &self.administrator)
            .field("path", &self.path)
            .field("menu", &self.menu)
            .finish_non_exhaustive()
    }
}

/// A link to the same page in another language.
#[derive(Debug)]
pub(crate) struct LanguageLink {
    pub(crate) language: Language,
    pub(crate) target: String,
    pub(crate) is_current: bool,
}

/// Why an entry of the menu wants attention.
#[derive(Debug)]
pub(crate) struct EntryAlert {
    pub(crate) class: &'static str,
    pub(crate) icon: &'static str,
    pub(crate) words: String,
}

/// An entry of the menu as the templates see it.
#[derive(Debug)]
pub(crate) struct EntryView {
    pub(crate) path: &'static str,
    pub(crate) name: &'static str,
    pub(crate) is_current: bool,
    pub(crate) alert: Option<EntryAlert>,
    /// A number beside the name; empty = none.
    pub(crate) count: String,
    pub(crate) count_words: String,
}

/// The frame as the templates see it.
pub(crate) struct FrameView<'a> {
    pub(crate) texts: &'static Texts,
    pub(crate) language: Language,
    pub(crate) title: String,
    pub(crate) customer: &'a str,
    pub(crate) administrator: Option<&'a SignedIn>,
    pub(crate) csrf: &'a str,
    pub(crate) languages: Vec<LanguageLink>,
    pub(crate) entries: Vec<EntryView>,
    pub(crate) style: String,
    pub(crate) script: String,
    pub(crate) icon: String,
}

impl<'a> FrameView<'a> {
    /// The frame of a page with this heading.
    pub(crate) fn new(frame: &'a Frame, section: Option<Section>, title: &str) -> Self {
        let texts = Texts::of(frame.language);
        let name =
            if frame.customer.is_empty() { texts.frame.product } else { frame.customer.as_str() };
        let entries = match frame.administrator {
            Some(_) => entries(texts, &frame.menu, section),
            None => Vec::new(),
        };
        Self {
            texts,
            language: frame.language,
            title: format!("{title} - {name}"),
            customer: &frame.customer,
            administrator: frame.administrator.as_ref(),
            csrf: frame.csrf_token.as_deref().unwrap_or_default(),
            languages: Language::ALL
                .into_iter()
                .map(|language| LanguageLink {
                    language,
                    target: in_language(&frame.path, language),
                    is_current: language == frame.language,
                })
                .collect(),
            entries,
            style: ASSETS.style_path(),
            script: ASSETS.script_path(),
            icon: ASSETS.icon_path(),
        }
    }

    /// Says in the title, which a screen reader reads first, that the page reports an error.
    pub(crate) fn with_error(mut self, is_error: bool) -> Self {
        if is_error {
            self.title = (self.texts.frame.error_title)(&self.title);
        }
        self
    }
}

/// The entries of the menu, each with what wants attention there.
fn entries(texts: &Texts, menu: &Menu, current: Option<Section>) -> Vec<EntryView> {
    let text = &texts.frame;
    let alert = |count: u32, class, icon, words: fn(u32) -> String| {
        (count > 0).then(|| EntryAlert { class, icon, words: words(count) })
    };
    let view = |section: Section| EntryView {
        path: section.path(),
        name: (text.section)(section),
        is_current: current == Some(section),
        alert: match section {
            Section::Locations => {
                alert(menu.single_locations, "is-warn", "warn", text.single_locations)
            }
            Section::Connectors => {
                alert(menu.silent_connectors, "is-bad", "bad", text.silent_connectors)
            }
            Section::Updates => alert(menu.failed_updates, "is-bad", "bad", text.failed_updates),
            _ => None,
        },
        count: match section {
            Section::Notifications if menu.notifications > 0 => menu.notifications.to_string(),
            _ => String::new(),
        },
        count_words: (text.notifications)(menu.notifications),
    };
    menu.sections.iter().copied().map(view).collect()
}

/// The path of the same page in another language.
fn in_language(path: &str, language: Language) -> String {
    // A path with two slashes or a backslash would lead to another host.
    let is_ours = path.starts_with('/') && !path.starts_with("//") && !path.contains('\\');
    let path = if is_ours { path } else { "/console" };
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let kept: String = query
        .split('&')
        .filter(|pair| !pair.is_empty() && *pair != "lang" && !pair.starts_with("lang="))
        .map(|pair| format!("{pair}&"))
        .collect();
    format!("{path}?{kept}lang={}", language.tag())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn language_links_keep_the_rest_of_the_query() {
        for (path, target) in [
            ("/console", "/console?lang=ja"),
            ("/console/connectors?state=error", "/console/connectors?state=error&lang=ja"),
            ("/console?lang=en&x=1&lang=", "/console?x=1&lang=ja"),
        ] {
            assert_eq!(in_language(path, Language::Japanese), target);
        }
    }

    #[test]
    fn language_links_never_leave_the_console() {
        for path in ["", "//evil.example/", "https://evil.example", "/\\evil.example"] {
            assert_eq!(in_language(path, Language::English), "/console?lang=en", "{path}");
        }
    }

    #[test]
    fn debug_output_has_no_token() {
        let csrf_token = Some("4fVq0Yl8mWk".to_owned());
        let shown = format!("{:?}", Frame { csrf_token, ..Frame::default() });
        assert!(!shown.contains("4fVq0Yl8mWk"), "{shown}");
    }
}
