//! *Sessions*: who has signed in, who has tried to, and ending sessions.

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use tokio::time::Instant;
use tracing::info;
use webui::{
    Dangerous, OpenSession, SessionKind, SessionsNotice, SessionsPage, SignInEntry, SignInOutcome,
    SignInPlace,
};

use crate::pages::answer::{html, see_other};
use crate::pages::visit::Visit;
use crate::pages::{cookie, reenter};
use crate::session::{Kind, Listed};
use crate::sign_in_history::{Outcome, SignInTry, Way};
use crate::state::{Shared, State as Everything, now};

/// Where the page stands.
const PATH: &str = "/sessions";
const END: &str = "/sessions/end";
const END_OTHERS: &str = "/sessions/end-others";
/// Most entries of the history that the page shows; the REST interface shows all.
const SHOWN_SIGN_INS: usize = 50;

/// `GET /sessions`.
pub(crate) async fn show(State(state): State<Shared>, request: Request) -> Response {
    let mut visit = Visit::of(&state, &request);
    let Some(session) = visit.session.clone() else {
        return see_other(&visit, "/");
    };
    let notice = visit.notice.as_deref().and_then(notice_of);
    if notice.is_some() {
        visit.cookies.push(cookie::remove(cookie::NOTICE));
    }
    let listed = state.administrator.sessions().list(Instant::now());
    let mut sessions: Vec<_> =
        listed.into_iter().map(|listed| view(listed, &session.id, now())).collect();
    sessions.sort_by_key(|session| !session.is_own);
    let page = SessionsPage {
        frame: visit.frame(PATH),
        sessions,
        sign_ins: sign_ins(&state),
        notice,
        now: now(),
    };
    html(&visit, StatusCode::OK, webui::sessions(&page))
}

/// `POST /sessions/end`.
pub(crate) async fn end(State(state): State<Shared>, request: Request) -> Response {
    let (mut visit, form) = match reenter::form(&state, END, Dangerous::EndSessions, request).await
    {
        Ok(opened) => opened,
        Err(response) => return response,
    };
    let id = form.text("id").unwrap_or_default();
    let has_ended = state.administrator.sessions().end(id, Instant::now());
    if has_ended {
        info!(source = %visit.source, session = id, "The administrator has ended a session");
    }
    let notice = if has_ended { SessionsNotice::Ended } else { SessionsNotice::EndedBefore };
    with_notice(&mut visit, notice)
}

/// `POST /sessions/end-others`.
pub(crate) async fn end_others(State(state): State<Shared>, request: Request) -> Response {
    let (mut visit, _) =
        match reenter::form(&state, END_OTHERS, Dangerous::EndSessions, request).await {
            Ok(opened) => opened,
            Err(response) => return response,
        };
    let own = visit.session.as_ref().map(|session| session.id.clone()).unwrap_or_default();
    let count = state.administrator.sessions().end_others(&own, Instant::now());
    info!(source = %visit.source, count, "The administrator has ended every other session");
    with_notice(&mut visit, SessionsNotice::OthersEnded)
}

fn with_notice(visit: &mut Visit, notice: SessionsNotice) -> Response {
    let name = match notice {
        SessionsNotice::Ended => "session-ended",
        SessionsNotice::OthersEnded => "other-sessions-ended",
        SessionsNotice::EndedBefore => "session-ended-before",
    };
    visit.cookies.push(cookie::set(cookie::NOTICE, name, Some(cookie::NOTICE_AGE)));
    see_other(visit, PATH)
}

fn notice_of(name: &str) -> Option<SessionsNotice> {
    match name {
        "session-ended" => Some(SessionsNotice::Ended),
        "other-sessions-ended" => Some(SessionsNotice::OthersEnded),
        "session-ended-before" => Some(SessionsNotice::EndedBefore),
        _ => None,
    }
}

fn view(listed: Listed, own: &str, now: i64) -> OpenSession {
    let Listed { id, kind, client, age, idle, ends_in } = listed;
    OpenSession {
        is_own: id == own,
        id,
        kind: match kind {
            Kind::Page => SessionKind::Browser,
            Kind::Token => SessionKind::Token,
        },
        source: client.source.to_string(),
        agent: client.agent,
        started: now.saturating_sub_unsigned(age.as_secs()),
        used: now.saturating_sub_unsigned(idle.as_secs()),
        ends: now.saturating_add_unsigned(ends_in.as_secs()),
    }
}

fn sign_ins(state: &Everything) -> Vec<SignInEntry> {
    let tries = state.administrator.history().newest_first();
    tries.into_iter().take(SHOWN_SIGN_INS).map(entry).collect()
}

fn entry(tried: SignInTry) -> SignInEntry {
    let SignInTry { source, agent, way, outcome, count, first: _, last } = tried;
    SignInEntry {
        source: source.to_string(),
        agent,
        place: match way {
            Way::Page => SignInPlace::Page,
            Way::Api => SignInPlace::Api,
            Way::Confirmation => SignInPlace::Confirmation,
        },
        outcome: match outcome {
            Outcome::Accepted => SignInOutcome::Accepted,
            Outcome::Refused => SignInOutcome::Refused,
            Outcome::Delayed => SignInOutcome::Delayed,
        },
        count,
        last,
    }
}
