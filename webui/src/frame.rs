//! What every page has around its content.

use std::fmt;

use model::password::ADMINISTRATOR;
use model::product;

use crate::Language;
use crate::asset::ASSETS;
use crate::texts::Texts;

/// What every page needs beside its own content.
#[derive(Clone, Default)]
pub struct Frame {
    /// Language of the texts.
    pub language: Language,
    /// Host name of the appliance, shown beside the product's name.
    pub host_name: String,
    /// Whether the reader has signed in: shows the account menu.
    pub signed_in: bool,
    /// The token against forged requests; sent with each form as the field `csrf`.
    pub csrf_token: Option<String>,
    /// Path and query that show this page by GET, such as `/` or `/?deployment=productionjp`, for
    /// the links that switch the language. A `lang` in the query is replaced. The answer to a POST
    /// names the page that holds the form.
    pub path: String,
}

impl fmt::Debug for Frame {
    /// Leaves the token out, for it is a secret.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Frame")
            .field("language", &self.language)
            .field("host_name", &self.host_name)
            .field("signed_in", &self.signed_in)
            .field("path", &self.path)
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

/// The frame as the templates see it.
pub(crate) struct FrameView<'a> {
    pub(crate) texts: &'static Texts,
    pub(crate) language: Language,
    pub(crate) title: String,
    pub(crate) product: &'static str,
    pub(crate) account: &'static str,
    pub(crate) host_name: &'a str,
    pub(crate) signed_in: bool,
    pub(crate) csrf: &'a str,
    pub(crate) languages: Vec<LanguageLink>,
    pub(crate) style: String,
    pub(crate) script: String,
    pub(crate) icon: String,
}

impl<'a> FrameView<'a> {
    /// The frame of a page with this heading.
    pub(crate) fn new(frame: &'a Frame, title: &str) -> Self {
        let name = if frame.host_name.is_empty() { product::NAME } else { &frame.host_name };
        Self {
            texts: Texts::of(frame.language),
            language: frame.language,
            title: format!("{title} - {name}"),
            product: product::NAME,
            account: ADMINISTRATOR,
            host_name: &frame.host_name,
            signed_in: frame.signed_in,
            csrf: frame.csrf_token.as_deref().unwrap_or_default(),
            languages: Language::ALL
                .into_iter()
                .map(|language| LanguageLink {
                    language,
                    target: in_language(&frame.path, language),
                    is_current: language == frame.language,
                })
                .collect(),
            style: ASSETS.style_path(),
            script: ASSETS.script_path(),
            icon: ASSETS.icon_path(),
        }
    }

    /// Says in the title, which a screen reader reads first, that the page reports an error.
    pub(crate) fn with_error(mut self) -> Self {
        self.title = (self.texts.frame.error_title)(&self.title);
        self
    }
}

/// The path of the same page in another language.
fn in_language(path: &str, language: Language) -> String {
    // A path with two slashes or a backslash would lead to another host.
    let is_ours = path.starts_with('/') && !path.starts_with("//") && !path.contains('\\');
    let path = if is_ours { path } else { "/" };
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
            ("/", "/?lang=ja"),
            ("/?deployment=productionjp", "/?deployment=productionjp&lang=ja"),
            ("/?lang=en&deployment=x&lang=", "/?deployment=x&lang=ja"),
            ("/change-password?", "/change-password?lang=ja"),
        ] {
            assert_eq!(in_language(path, Language::Japanese), target);
        }
    }

    #[test]
    fn debug_output_has_no_token() {
        let csrf_token = Some("4fVq0Yl8mWk".to_owned());
        let shown = format!("{:?}", Frame { csrf_token, ..Frame::default() });
        assert!(!shown.contains("4fVq0Yl8mWk"), "{shown}");
    }

    #[test]
    fn language_links_never_leave_the_appliance() {
        for path in
            ["", "//evil.example/", "https://evil.example", "/\\evil.example", "javascript:x"]
        {
            assert_eq!(in_language(path, Language::English), "/?lang=en", "{path}");
        }
    }
}
