//! The table of pages: the router is made from it, and so is the test that tries each of them without
//! a session.

use axum::routing::{MethodRouter, get, post};

use crate::pages::{
    administration, asset, certificate, change_password, create_password, diagnostics, directory,
    front, logs, network, proxies, registration, report, reset, restart, roots, sessions, sign_in,
    signing_request, trial,
};
use crate::route::Access;
use crate::state::Shared;

/// Makes the handler of one method.
pub(crate) type Handler = fn() -> MethodRouter<Shared>;

/// One path with its methods.
#[derive(Debug)]
pub(crate) struct PageRoute {
    pub(crate) path: &'static str,
    pub(crate) access: Access,
    pub(crate) get: Handler,
    pub(crate) post: Option<Handler>,
}

/// The handler of one method, as a function of its own.
macro_rules! by {
    ($method:ident, $handler:path) => {{
        fn methods() -> MethodRouter<Shared> {
            $method($handler)
        }
        methods
    }};
}

// Rows are literals: constant functions in so long a table cost the compiler minutes.

/// A page that is looked at only.
macro_rules! shown {
    ($path:expr, $access:expr, $get:expr $(,)?) => {
        PageRoute { path: $path, access: $access, get: $get, post: None }
    };
}

/// The address of a form. GET shows the page that the form stands on: its address stands in the
/// browser after an error in it, and is opened there or reloaded.
macro_rules! form {
    ($path:expr, $access:expr, $get:expr, $post:expr $(,)?) => {
        PageRoute { path: $path, access: $access, get: $get, post: Some($post) }
    };
}

/// Every page.
pub(crate) static PAGES: &[PageRoute] = &[
    shown!("/", Access::Anybody, by!(get, administration::front)),
    form!(
        "/create-password",
        Access::Entrance,
        by!(get, front),
        by!(post, create_password::submit)
    ),
    form!("/sign-in", Access::Entrance, by!(get, front), by!(post, sign_in::submit)),
    form!("/sign-out", Access::Session, by!(get, front), by!(post, sign_in::sign_out)),
    form!(
        "/change-password",
        Access::Session,
        by!(get, change_password::show),
        by!(post, change_password::submit),
    ),
    shown!("/certificate", Access::Session, by!(get, certificate::show)),
    form!(
        "/certificate/replace",
        Access::Session,
        by!(get, certificate::show),
        by!(post, certificate::replace),
    ),
    form!(
        "/certificate/self-signed",
        Access::Session,
        by!(get, certificate::show),
        by!(post, certificate::renew),
    ),
    form!(
        "/certificate/pkcs12",
        Access::Session,
        by!(get, certificate::show),
        by!(post, certificate::import),
    ),
    form!(
        "/certificate/request",
        Access::Session,
        by!(get, signing_request::show),
        by!(post, signing_request::make),
    ),
    shown!("/certificate/request.csr", Access::Fragment, by!(get, signing_request::download)),
    form!(
        "/certificate/request/install",
        Access::Session,
        by!(get, signing_request::show),
        by!(post, signing_request::install),
    ),
    form!(
        "/certificate/request/drop",
        Access::Session,
        by!(get, signing_request::show_drop),
        by!(post, signing_request::drop),
    ),
    form!(
        "/certificate/keep",
        Access::Session,
        by!(get, certificate::show),
        by!(post, certificate::keep),
    ),
    form!(
        "/certificate/revert",
        Access::Session,
        by!(get, certificate::show),
        by!(post, certificate::revert),
    ),
    form!(
        "/network-settings",
        Access::Session,
        by!(get, network::show),
        by!(post, network::submit)
    ),
    shown!("/network-settings/trial", Access::Session, by!(get, trial::show)),
    form!("/network-settings/keep", Access::Session, by!(get, trial::show), by!(post, trial::keep)),
    form!(
        "/network-settings/revert",
        Access::Session,
        by!(get, trial::show),
        by!(post, trial::revert),
    ),
    shown!("/network-settings/reverted", Access::Session, by!(get, trial::reverted)),
    form!(
        "/changes/dismiss",
        Access::Session,
        by!(get, trial::reverted),
        by!(post, trial::dismiss)
    ),
    form!(
        "/proxy-servers/add",
        Access::Session,
        by!(get, proxies::show_add),
        by!(post, proxies::add),
    ),
    form!(
        "/proxy-servers/edit",
        Access::Session,
        by!(get, proxies::show_edit),
        by!(post, proxies::edit),
    ),
    form!(
        "/proxy-servers/delete",
        Access::Session,
        by!(get, proxies::show_delete),
        by!(post, proxies::delete),
    ),
    form!("/proxy-servers/order", Access::Session, by!(get, front), by!(post, proxies::order)),
    form!(
        "/proxy-bypass",
        Access::Session,
        by!(get, proxies::show_bypass),
        by!(post, proxies::bypass),
    ),
    form!(
        "/root-certificates/add",
        Access::Session,
        by!(get, roots::show_add),
        by!(post, roots::add),
    ),
    form!(
        "/root-certificates/delete",
        Access::Session,
        by!(get, roots::show_delete),
        by!(post, roots::delete),
    ),
    form!("/reset", Access::Session, by!(get, reset::show), by!(post, reset::submit)),
    shown!("/identity", Access::Session, by!(get, reset::identity)),
    form!(
        "/identity/keep",
        Access::Session,
        by!(get, reset::identity),
        by!(post, reset::keep_identity),
    ),
    shown!("/sessions", Access::Session, by!(get, sessions::show)),
    form!("/sessions/end", Access::Session, by!(get, sessions::show), by!(post, sessions::end)),
    form!(
        "/sessions/end-others",
        Access::Session,
        by!(get, sessions::show),
        by!(post, sessions::end_others),
    ),
    shown!("/logs", Access::Session, by!(get, logs::show)),
    shown!("/logs/download", Access::Fragment, by!(get, logs::download)),
    form!("/logs/syslog", Access::Session, by!(get, logs::show), by!(post, logs::set_syslog)),
    form!(
        "/logs/syslog/remove",
        Access::Session,
        by!(get, logs::show),
        by!(post, logs::remove_syslog),
    ),
    form!(
        "/logs/metrics-token",
        Access::Session,
        by!(get, logs::show),
        by!(post, logs::make_token)
    ),
    form!(
        "/logs/metrics-token/remove",
        Access::Session,
        by!(get, logs::show),
        by!(post, logs::remove_token),
    ),
    shown!("/network-diagnostics", Access::Session, by!(get, diagnostics::show)),
    shown!("/network-diagnostics/live", Access::Fragment, by!(get, diagnostics::live)),
    form!(
        "/network-diagnostics/capture",
        Access::Session,
        by!(get, diagnostics::show),
        by!(post, diagnostics::start_trace),
    ),
    form!(
        "/network-diagnostics/capture/stop",
        Access::Session,
        by!(get, diagnostics::show),
        by!(post, diagnostics::stop_trace),
    ),
    form!(
        "/network-diagnostics/capture/delete",
        Access::Session,
        by!(get, diagnostics::show_delete_trace),
        by!(post, diagnostics::delete_trace),
    ),
    shown!("/network-diagnostics/trace", Access::Session, by!(get, diagnostics::trace)),
    form!(
        "/network-diagnostics/probe",
        Access::Session,
        by!(get, diagnostics::show),
        by!(post, diagnostics::start_probe),
    ),
    form!(
        "/network-diagnostics/probe/stop",
        Access::Session,
        by!(get, diagnostics::show),
        by!(post, diagnostics::stop_probe),
    ),
    form!(
        "/network-diagnostics/prechecks",
        Access::Session,
        by!(get, diagnostics::show),
        by!(post, diagnostics::run_prechecks),
    ),
    form!(
        "/diagnostic-report",
        Access::Session,
        by!(get, report::show),
        by!(post, report::download),
    ),
    form!(
        "/active-directory/add",
        Access::Session,
        by!(get, directory::show_add),
        by!(post, directory::add),
    ),
    form!(
        "/active-directory/join",
        Access::Session,
        by!(get, directory::show_join),
        by!(post, directory::join),
    ),
    shown!("/active-directory/join/live", Access::Fragment, by!(get, directory::live)),
    shown!("/active-directory/domain", Access::Session, by!(get, directory::show_domain)),
    form!(
        "/active-directory/validate",
        Access::Session,
        by!(get, directory::show_domain),
        by!(post, directory::validate),
    ),
    form!(
        "/active-directory/password",
        Access::Session,
        by!(get, directory::show_domain),
        by!(post, directory::change_password),
    ),
    form!(
        "/active-directory/lookup",
        Access::Session,
        by!(get, directory::show_domain),
        by!(post, directory::look_up),
    ),
    form!(
        "/active-directory/leave",
        Access::Session,
        by!(get, directory::show_leave),
        by!(post, directory::leave),
    ),
    form!(
        "/register-connector",
        Access::Session,
        by!(get, registration::show),
        by!(post, registration::submit),
    ),
    shown!("/register-connector/live", Access::Fragment, by!(get, registration::live)),
    form!(
        "/register-connector/code",
        Access::Session,
        by!(get, registration::show),
        by!(post, registration::new_code),
    ),
    form!(
        "/register-connector/withdraw",
        Access::Session,
        by!(get, registration::show_withdraw),
        by!(post, registration::withdraw),
    ),
    form!(
        "/register-connector/unregister",
        Access::Session,
        by!(get, registration::show_unregister),
        by!(post, registration::unregister),
    ),
    form!("/restart", Access::Session, by!(get, restart::show), by!(post, restart::submit)),
    shown!("/summary", Access::Fragment, by!(get, administration::summary)),
    shown!("/assets/{name}", Access::Anybody, by!(get, asset::serve)),
];
