//! What a route is: a method of a path, who may use it, and what is said of it.

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use axum::http::Method;
use registry::Right;

use crate::call::{Call, Reply};
use crate::error::ApiError;
use crate::query::decode;
use crate::schema::{FILE, Schema};

/// Who may use a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// Anybody.
    Nothing,
    /// A token of a client whose maker has this right.
    Right(Right),
    /// A token of a client whose maker may do everything.
    FullAccess,
}

/// The future of a handler.
pub(crate) type Handling<'a> = Pin<Box<dyn Future<Output = Result<Reply, ApiError>> + Send + 'a>>;

/// A parameter of the query: name, type in JSON's words, what it is.
pub(crate) type Parameter = (&'static str, &'static str, &'static str);

/// One method of one path.
pub struct Route {
    /// The method.
    pub method: Method,
    /// The path with names in braces, without a slash at its end; one is accepted.
    pub path: &'static str,
    /// The form of the path that older clients know, with the customer in it.
    pub(crate) older_path: Option<&'static str>,
    /// Who may use it.
    pub needs: Needs,
    /// Name of the operation in generated clients.
    pub id: &'static str,
    pub(crate) summary: &'static str,
    pub(crate) description: &'static str,
    pub(crate) query: &'static [Parameter],
    /// Schema of the request's body.
    pub(crate) request: Option<Schema>,
    /// Status, description and schema of the success.
    pub(crate) success: (u16, &'static str, Option<Schema>),
    /// Status and description of errors beside those that every route of its kind has.
    pub(crate) errors: &'static [(u16, &'static str)],
    pub(crate) handler: for<'a> fn(&'a Call<'a>) -> Handling<'a>,
}

impl fmt::Debug for Route {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {} ({:?})", self.method, self.path, self.needs)
    }
}

impl Route {
    /// The values of the parts in braces if a path is this route's; and the customer, where the path
    /// has it.
    pub(crate) fn matches(&self, path: &str) -> Option<(Vec<String>, Option<String>)> {
        if let Some(values) = values(self.path, path) {
            return Some((values, None));
        }
        let mut values = values(self.older_path?, path)?;
        let customer = values.remove(0);
        Some((values, Some(customer)))
    }

    /// Whether it answers a method. HEAD is a GET whose body is not sent; nobody has an appliance make a
    /// file for that.
    pub(crate) fn takes(&self, method: &Method) -> bool {
        match *method {
            Method::HEAD => self.method == Method::GET && !self.is_file(),
            // Methods of later standards change something, as far as is known here.
            ref method if self.is_relay() && self.method == Method::POST => {
                *method == Method::POST || is_extension(method)
            }
            ref method => self.method == *method,
        }
    }

    /// The status of the success.
    #[must_use]
    pub const fn success_status(&self) -> u16 {
        self.success.0
    }

    /// Whether its requests go on to appliances. How many of them there may be at once is limited
    /// instead of how many a second.
    pub(crate) fn is_handed_on(&self) -> bool {
        self.needs == Needs::Right(Right::Requests)
    }

    /// Whether it relays: the last part of its path takes any path, and its body is not read before.
    pub(crate) fn is_relay(&self) -> bool {
        self.path.ends_with(REST)
    }

    /// Whether its success is a file instead of JSON.
    pub(crate) fn is_file(&self) -> bool {
        self.success.2.is_some_and(|schema| schema.name == FILE.name)
    }

    /// Whether it takes a body.
    #[must_use]
    pub const fn takes_body(&self) -> bool {
        self.request.is_some()
    }
}

/// The end of a path that takes whatever follows, as it is sent.
const REST: &str = "/{path}";

/// Whether a method is none of RFC 9110 and RFC 5789, such as WebDAV's.
fn is_extension(method: &Method) -> bool {
    ![
        Method::GET,
        Method::HEAD,
        Method::POST,
        Method::PUT,
        Method::PATCH,
        Method::DELETE,
        Method::OPTIONS,
        Method::CONNECT,
        Method::TRACE,
    ]
    .contains(method)
}

/// The values of the parts in braces of a pattern if a path matches it. Empty parts match nothing.
fn values(pattern: &str, path: &str) -> Option<Vec<String>> {
    let path = path.strip_suffix('/').filter(|path| !path.is_empty()).unwrap_or(path);
    let mut values = Vec::new();
    let (pattern, path) = match pattern.strip_suffix(REST) {
        Some(pattern) => {
            let parts = pattern.split('/').count();
            let end = path.match_indices('/').nth(parts - 1).map_or(path.len(), |(end, _)| end);
            (pattern, path.get(..end).unwrap_or(path))
        }
        None => (pattern, path),
    };
    let (mut wanted, mut given) = (pattern.split('/'), path.split('/'));
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return Some(values),
            (Some(wanted), Some(given)) if wanted.starts_with('{') && !given.is_empty() => {
                // A plus sign means itself in a path.
                values.push(decode(&given.replace('+', "%2B")));
            }
            (Some(wanted), Some(given)) if wanted == given => {}
            _ => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_match_with_and_without_a_slash_at_the_end() {
        for path in ["/resourcelocations", "/resourcelocations/"] {
            assert_eq!(values("/resourcelocations", path), Some(vec![]));
        }
        let one = |text: &str| Some(vec![text.to_owned()]);
        assert_eq!(values("/connectors/{id}", "/connectors/a-1"), one("a-1"));
        assert_eq!(values("/domains/{name}", "/domains/a%2Fb+c%20d/"), one("a/b+c d"));
        for path in ["/connectors", "/connectors/", "/connectors/a/b", "//connectors/a", "/", ""] {
            assert_eq!(values("/connectors/{id}", path), None, "{path}");
        }
    }
}
