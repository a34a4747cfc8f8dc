//! HTTP of the control plane: the public REST interface, as documented for the cloud; where the
//! documents are silent, as the OpenAPI document says.
//!
//! Every route stands in one table ([`routes`]) with the right that it needs. The dispatcher, the
//! OpenAPI document and the test that nobody reaches what is another tenant's are made from it.
//!
//! The console, pages for people under `/console`, has another table ([`page_routes`]) with the same
//! purpose. Its administrators have sessions in cookies instead of tokens.
//!
//! A request passes, from outside to inside: limits on connections and header, TLS, the path, the
//! token, the method, the media types, the customer, the right, the limit on requests, and only then
//! its body. A handler gets the [`registry::Tenant`] of the token and can ask of no other.
//!
//! Tokens are opaque. Each is checked in the registry when it is first seen and again after
//! [`TOKEN_FRESH_SECONDS`], so that a revoked client, a removed administrator and a changed right
//! count after that time at most, and at once on the node where it was done. While the database does
//! not answer, what was checked before goes on for [`TOKEN_GRACE_SECONDS`]: nothing can be revoked
//! meanwhile.
#![forbid(unsafe_code)]

mod appliances;
mod ask;
mod authorization;
mod call;
mod console;
mod dispatch;
mod download;
mod error;
mod in_flight;
mod inspection;
mod limiter;
mod listener;
mod moment;
mod object;
mod openapi;
mod order;
mod places;
mod query;
mod random;
mod relay;
mod relayed_fields;
mod request_body;
mod route;
mod routes;
mod schema;
mod site;
mod throttle;
mod tokens;
mod web_servers;

pub use appliances::{
    Answer, ApplianceError, Appliances, Asking, Confirmed, Connected, Origin, Relaying,
};
pub use console::{PageNeeds, PageRoute, page_routes};
pub use error::ApiError;
pub use listener::{Source, serve, tls};
pub use openapi::document;
pub use order::{Answered, Data, Order, Unanswered};
pub use relay::{RelayOrder, Relayed, Upgrade};
pub use route::{Needs, Route};
pub use routes::routes;
pub use site::{Clock, Site};
pub use tokens::{TOKEN_FRESH_SECONDS, TOKEN_GRACE_SECONDS};
