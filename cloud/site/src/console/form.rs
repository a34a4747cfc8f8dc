//! A form that a page of ours has sent.

use axum::body::Body;
use axum::http::HeaderName;
use axum::http::header::{CONTENT_TYPE, HOST, ORIGIN};
use model::secret::Secret;
use pages::ErrorKind;

use crate::console::reply::Failure;
use crate::console::visit::Visit;
use crate::query::Query;
use crate::request_body;
use crate::routes::TOKEN_FORM;

/// The fields of a form.
pub(crate) struct Form {
    fields: Query,
    is_own: bool,
}

impl Form {
    /// Reads a form. It must come from a page of this host, as the browser says it; whether it carries
    /// the token shows in [`Form::is_own`], because a page says it better than an error does.
    pub(crate) async fn read(visit: &Visit<'_>, body: Body) -> Result<Self, Failure> {
        if is_other_site(visit) {
            return Err(Failure::Page(ErrorKind::Forbidden));
        }
        let media_type = visit.header(&CONTENT_TYPE).split(';').next().unwrap_or_default();
        if !media_type.trim().eq_ignore_ascii_case(TOKEN_FORM) {
            return Err(Failure::Page(ErrorKind::UnsupportedMediaType));
        }
        let body = request_body::read(body).await.map_err(|error| {
            let is_large = error.status() == 413;
            Failure::Page(if is_large { ErrorKind::TooLarge } else { ErrorKind::BadRequest })
        })?;
        let text = str::from_utf8(&body).map_err(|_| Failure::Page(ErrorKind::BadRequest))?;
        let fields = Query::parse(text);
        let is_own = visit.is_own_form(fields.get("csrf").unwrap_or_default());
        Ok(Self { fields, is_own })
    }

    /// Whether it carries the token of this browser.
    pub(crate) const fn is_own(&self) -> bool {
        self.is_own
    }

    /// A field without the blanks around it; missing = empty. No text keeps the character NUL.
    pub(crate) fn text(&self, name: &str) -> String {
        self.fields.get(name).unwrap_or_default().trim().replace('\0', "")
    }

    /// A field as it is.
    pub(crate) fn secret(&self, name: &str) -> Secret {
        Secret::new(self.fields.get(name).unwrap_or_default().to_owned())
    }

    /// Every value of a field that may come several times.
    pub(crate) fn all(&self, name: &str) -> Vec<String> {
        self.fields.all(name).map(str::to_owned).collect()
    }

    /// Whether a box is ticked.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.fields.get(name).is_some()
    }
}

/// Whether the browser says that another site has sent the form.
fn is_other_site(visit: &Visit<'_>) -> bool {
    let site = visit.header(&HeaderName::from_static("sec-fetch-site"));
    if !site.is_empty() {
        return !matches!(site, "same-origin" | "none");
    }
    let origin = visit.header(&ORIGIN);
    let host = visit.header(&HOST);
    !origin.is_empty() && origin.strip_prefix("https://") != Some(host)
}
