//! What a page's route is: a method of a path, who may use it, and what answers.

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use axum::http::Method;
use registry::Right;

use crate::console::form::Form;
use crate::console::reply::{Failure, Reply};
use crate::console::visit::{Administration, Visit};

/// Who may use a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageNeeds {
    /// Anybody; a step of the sign-in checks itself how far the sign-in is.
    Nothing,
    /// An administrator who has signed in.
    Session,
    /// One who may see locations and connectors, whether or not they may be changed.
    Overview,
    /// One with this right.
    Right(Right),
    /// One who may do everything.
    FullAccess,
}

/// The future of a handler.
pub(crate) type Handling<'a> = Pin<Box<dyn Future<Output = Result<Reply, Failure>> + Send + 'a>>;

type Show = for<'a> fn(&'a Visit<'a>, &'a Administration) -> Handling<'a>;
type Store = for<'a> fn(&'a Visit<'a>, &'a Administration, &'a Form) -> Handling<'a>;
type ShowAll = for<'a> fn(&'a Visit<'a>) -> Handling<'a>;
type StoreAll = for<'a> fn(&'a Visit<'a>, &'a Form) -> Handling<'a>;

/// What answers.
pub(crate) enum Handler {
    /// Shows a page to anybody.
    ShowAll(ShowAll),
    /// Takes a form from anybody, and says itself when it is not one of ours.
    StoreAll(StoreAll),
    /// Shows a page to an administrator.
    Show(Show),
    /// Takes a form of ours from an administrator.
    Store(Store),
}

/// One method of one path of the console.
pub struct PageRoute {
    /// The path behind `/console`.
    pub path: &'static str,
    /// Who may use it.
    pub needs: PageNeeds,
    pub(crate) handler: Handler,
}

impl fmt::Debug for PageRoute {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {} ({:?})", self.method(), self.path, self.needs)
    }
}

impl PageRoute {
    /// A page for anybody.
    pub(crate) const fn open(path: &'static str, handler: ShowAll) -> Self {
        Self { path, needs: PageNeeds::Nothing, handler: Handler::ShowAll(handler) }
    }

    /// A form for anybody.
    pub(crate) const fn open_form(path: &'static str, handler: StoreAll) -> Self {
        Self { path, needs: PageNeeds::Nothing, handler: Handler::StoreAll(handler) }
    }

    /// A page for administrators.
    pub(crate) const fn page(path: &'static str, needs: PageNeeds, handler: Show) -> Self {
        Self { path, needs, handler: Handler::Show(handler) }
    }

    /// A form for administrators.
    pub(crate) const fn form(path: &'static str, needs: PageNeeds, handler: Store) -> Self {
        Self { path, needs, handler: Handler::Store(handler) }
    }

    /// `GET` of a page, `POST` of a form.
    #[must_use]
    pub const fn method(&self) -> Method {
        match self.handler {
            Handler::ShowAll(_) | Handler::Show(_) => Method::GET,
            Handler::StoreAll(_) | Handler::Store(_) => Method::POST,
        }
    }
}
