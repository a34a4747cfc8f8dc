//! Which records of the journal a query string asks for. Pure.

use model::journal::{MAX_PAGE_RECORDS, MAX_SEARCH_BYTES, Page, Query, Severity, Source};
use thiserror::Error;

use crate::pages::form::Form;

/// Records of an answer when the query names no number.
pub(crate) const DEFAULT_LIMIT: u32 = 100;
/// Names that a query may hold.
const NAMES: [&str; 8] =
    ["source", "severity", "text", "since", "until", "before", "after", "limit"];

/// A query that can be sent to the journal role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LogQuery {
    pub(crate) query: Query,
    pub(crate) page: Page,
    pub(crate) limit: u32,
}

/// Why a query is refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub(crate) enum LogQueryError {
    /// A parameter is there twice, or is not UTF-8.
    #[error("it is not well-formed, or a parameter stands twice in it")]
    Malformed,
    /// There is no such parameter.
    #[error("there is no parameter \"{0}\"")]
    Unknown(String),
    /// Nobody has this name.
    #[error("\"source\" names nobody who writes to the logs")]
    Source,
    /// There is no such severity.
    #[error("\"severity\" is no severity")]
    Severity,
    /// It is no number, or too large.
    #[error("\"{0}\" is not a number in its range")]
    Number(&'static str),
    /// The text to look for is too long.
    #[error("\"text\" is longer than {MAX_SEARCH_BYTES} bytes")]
    TooLong,
    /// Both directions at once.
    #[error("\"before\" and \"after\" exclude each other")]
    BothDirections,
}

impl LogQueryError {
    /// The parameter to correct.
    pub(crate) fn parameter(&self) -> Option<&str> {
        match self {
            Self::Malformed => None,
            Self::Unknown(name) => Some(name),
            Self::Source => Some("source"),
            Self::Severity => Some("severity"),
            Self::Number(name) => Some(name),
            Self::TooLong => Some("text"),
            Self::BothDirections => Some("before"),
        }
    }
}

impl LogQuery {
    /// Reads a query and refuses what is unknown, for scripts.
    pub(crate) fn strict(query: Option<&str>) -> Result<Self, LogQueryError> {
        let form = Form::parse(query.unwrap_or_default().as_bytes());
        let form = form.ok_or(LogQueryError::Malformed)?;
        if let Some(name) = form.names().find(|name| !NAMES.contains(name)) {
            return Err(LogQueryError::Unknown(name.chars().take(64).collect()));
        }
        Self::read(&form)
    }

    /// Reads the fields that it knows; an empty one counts as missing, as in a form.
    pub(crate) fn read(form: &Form) -> Result<Self, LogQueryError> {
        let text = |name: &str| form.text(name).map(str::trim).filter(|text| !text.is_empty());
        let source = text("source")
            .map(|name| Source::from_name(name).ok_or(LogQueryError::Source))
            .transpose()?;
        let severity = text("severity")
            .map(|name| Severity::from_name(name).ok_or(LogQueryError::Severity))
            .transpose()?;
        let search = text("text").map(str::to_owned);
        if search.as_ref().is_some_and(|text| text.len() > MAX_SEARCH_BYTES) {
            return Err(LogQueryError::TooLong);
        }
        let seconds = |name: &'static str| {
            let number = text(name).map(str::parse::<i64>).transpose();
            let number = number.map_err(|_| LogQueryError::Number(name))?;
            number
                .map(|seconds| seconds.checked_mul(1000).ok_or(LogQueryError::Number(name)))
                .transpose()
        };
        let id = |name: &'static str| {
            text(name).map(str::parse::<u64>).transpose().map_err(|_| LogQueryError::Number(name))
        };
        let (since_ms, until_ms) = (seconds("since")?, seconds("until")?);
        let page = match (id("before")?, id("after")?) {
            (None, None) => Page::Newest,
            (Some(id), None) => Page::Before(id),
            (None, Some(id)) => Page::After(id),
            (Some(_), Some(_)) => return Err(LogQueryError::BothDirections),
        };
        let limit = id("limit")?.map(u32::try_from).transpose();
        let limit = limit.map_err(|_| LogQueryError::Number("limit"))?.unwrap_or(DEFAULT_LIMIT);
        if !(1..=MAX_PAGE_RECORDS).contains(&limit) {
            return Err(LogQueryError::Number("limit"));
        }
        let query = Query { since_ms, until_ms, source, severity, text: search, boot: None };
        Ok(Self { query, page, limit })
    }
}

#[cfg(test)]
mod tests {
    use model::role::Role;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_every_parameter() {
        let read = LogQuery::strict(Some(
            "source=web&severity=warning&text=wrong+password&since=10&until=20&before=77&limit=5",
        ))
        .unwrap();
        assert_eq!(read.query.source, Some(Source::Role(Role::Web)));
        assert_eq!(read.query.severity, Some(Severity::Warning));
        assert_eq!(read.query.text.as_deref(), Some("wrong password"));
        assert_eq!((read.query.since_ms, read.query.until_ms), (Some(10_000), Some(20_000)));
        assert_eq!((read.page, read.limit), (Page::Before(77), 5));
        let all = LogQuery::strict(None).unwrap();
        assert_eq!((all.query, all.page, all.limit), (Query::default(), Page::Newest, 100));
    }

    #[test]
    fn names_the_parameter_that_is_wrong() {
        let long = format!("text={}", "x".repeat(MAX_SEARCH_BYTES + 1));
        for (query, expected) in [
            ("source=nobody", Some("source")),
            ("severity=fatal", Some("severity")),
            ("since=yesterday", Some("since")),
            ("until=9223372036854775807", Some("until")),
            ("limit=0", Some("limit")),
            ("limit=501", Some("limit")),
            ("before=-1", Some("before")),
            ("before=1&after=2", Some("before")),
            ("level=1", Some("level")),
            ("limit=1&limit=2", None),
            (&long, Some("text")),
        ] {
            let error = LogQuery::strict(Some(query)).unwrap_err();
            assert_eq!(error.parameter(), expected, "{query}: {error}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(query in ".{0,300}") {
            if let Ok(read) = LogQuery::strict(Some(&query)) {
                prop_assert!((1..=MAX_PAGE_RECORDS).contains(&read.limit));
            }
        }
    }
}
