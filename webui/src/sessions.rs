//! The page *Sessions*: who has signed in, and who has tried to.

use askama::Template;

use crate::frame::{Frame, FrameView};
use crate::texts::Texts;
use crate::texts::sessions::SessionsTexts;
use crate::time;

/// What signing in has opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionKind {
    /// A session of a browser.
    Browser,
    /// A token of the REST interface.
    Token,
}

/// A session that is open. All times in seconds since 1970.
#[derive(Clone, Debug)]
pub struct OpenSession {
    /// What is sent to end it.
    pub id: String,
    /// Whether the page is shown in it.
    pub is_own: bool,
    /// What it is.
    pub kind: SessionKind,
    /// Address that it was opened from.
    pub source: String,
    /// Short name of the browser or program; may be empty.
    pub agent: String,
    /// When it was opened.
    pub started: i64,
    /// When it was used last.
    pub used: i64,
    /// When it ends by itself if it is not used.
    pub ends: i64,
}

/// Where a password was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignInPlace {
    /// The page *Sign in*.
    Page,
    /// The REST interface.
    Api,
    /// A page that asks for the password once more.
    Confirmation,
}

/// What a try came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignInOutcome {
    /// The password was right.
    Accepted,
    /// It was wrong.
    Refused,
    /// It came before the pause after wrong ones was over and was not looked at.
    Delayed,
}

/// Tries to sign in that belong together.
#[derive(Clone, Debug)]
pub struct SignInEntry {
    /// Where they came from.
    pub source: String,
    /// Short name of the browser or program; may be empty.
    pub agent: String,
    /// Where the password was given.
    pub place: SignInPlace,
    /// What came of them.
    pub outcome: SignInOutcome,
    /// How many there were.
    pub count: u32,
    /// When the last one was, in seconds since 1970.
    pub last: i64,
}

/// What has just been done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionsNotice {
    /// One session has ended.
    Ended,
    /// All others have ended.
    OthersEnded,
    /// The session had ended before.
    EndedBefore,
}

/// The page *Sessions*.
///
/// A button posts `id` and `csrf` to `/sessions/end`, another `csrf` to `/sessions/end-others`.
#[derive(Clone, Debug, Default)]
pub struct SessionsPage {
    /// Common to all pages.
    pub frame: Frame,
    /// Every session that is open, the own one among them.
    pub sessions: Vec<OpenSession>,
    /// The newest tries to sign in, newest first.
    pub sign_ins: Vec<SignInEntry>,
    /// What has just been done.
    pub notice: Option<SessionsNotice>,
    /// The time now, in seconds since 1970.
    pub now: i64,
}

/// A session as the template sees it.
struct SessionView<'a> {
    id: &'a str,
    is_own: bool,
    kind: &'static str,
    source: &'a str,
    agent: &'a str,
    started: String,
    used: String,
    ends: String,
    end: String,
}

/// An entry of the history as the template sees it.
struct SignInView<'a> {
    source: &'a str,
    agent: &'a str,
    place: &'static str,
    tone: &'static str,
    icon: &'static str,
    outcome: &'static str,
    count: Option<String>,
    last: String,
}

#[derive(Template)]
#[template(path = "sessions.html")]
struct SessionsView<'a> {
    frame: FrameView<'a>,
    text: &'static SessionsTexts,
    sessions: Vec<SessionView<'a>>,
    has_others: bool,
    sign_ins: Vec<SignInView<'a>>,
    notice: Option<&'static str>,
}

/// Renders *Sessions*.
#[must_use]
pub fn sessions(page: &SessionsPage) -> String {
    let text = &Texts::of(page.frame.language).sessions;
    let moment = |at| time::moment(at, page.now);
    let sessions: Vec<_> = page
        .sessions
        .iter()
        .map(|session| SessionView {
            id: &session.id,
            is_own: session.is_own,
            kind: (text.kind)(session.kind),
            source: &session.source,
            agent: &session.agent,
            started: moment(session.started),
            used: moment(session.used),
            ends: moment(session.ends),
            end: (text.end_of)(&session.source),
        })
        .collect();
    let sign_ins = page.sign_ins.iter().map(|entry| {
        let (tone, icon) = match entry.outcome {
            SignInOutcome::Accepted => ("is-ok", "ok"),
            SignInOutcome::Refused => ("is-bad", "bad"),
            SignInOutcome::Delayed => ("is-warn", "warn"),
        };
        SignInView {
            source: &entry.source,
            agent: &entry.agent,
            place: (text.place)(entry.place),
            tone,
            icon,
            outcome: (text.outcome)(entry.outcome),
            count: (entry.count > 1).then(|| (text.times)(entry.count)),
            last: time::date_time(entry.last),
        }
    });
    crate::render(&SessionsView {
        frame: FrameView::new(&page.frame, text.title),
        text,
        has_others: sessions.len() > 1,
        sessions,
        sign_ins: sign_ins.collect(),
        notice: page.notice.map(text.notice),
    })
}
