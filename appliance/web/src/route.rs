//! Every route with who may use it, in one list: the router is made from the same two tables, and a
//! test tries each route without what it needs.

use crate::api;
use crate::pages;

/// Who may use a route, and what everybody else is told. A request that names another host is told
/// 421 on every route, one that another site sends with a method other than GET 403.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Anybody who reaches the port.
    Anybody,
    /// A form for somebody who has not signed in yet; without the token of its page it is refused
    /// with 403. GET leads to `/` (303).
    Entrance,
    /// Who has signed in with a browser. Anybody else is led to `/` (303); a form without the token
    /// of its page is refused with 403.
    Session,
    /// The same for what the script or a download asks for, where a redirect would mislead: anybody
    /// else is told 401.
    Fragment,
    /// Who has a token of `POST /$login`; anybody else is told 401. A session of the browser does
    /// not help.
    Bearer,
    /// Who has the token for metrics; anybody else is told 401. Neither a session nor a token of
    /// `POST /$login` helps.
    Metrics,
}

/// One method of one path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Route {
    /// `GET`, `POST`, `PUT` or `DELETE`. `HEAD` is answered wherever `GET` is.
    pub method: &'static str,
    /// The path; a part in braces stands for any value.
    pub path: &'static str,
    /// Who may use it.
    pub access: Access,
    /// Whether it is a page, in contrast to an operation of the REST interface. Both may stand at
    /// one path.
    pub is_page: bool,
}

/// Every route that the server answers.
#[must_use]
pub fn routes() -> Vec<Route> {
    let mut routes = api::routes();
    routes.extend(pages::routes());
    routes
}
