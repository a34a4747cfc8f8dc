//! Who has signed in: sessions of the pages and tokens of the REST interface.
//!
//! Only SHA-256 digests of cookies and tokens are kept, so that a copy of this memory signs nobody
//! in, and so that a look-up tells nothing through its duration. Time comes in as a parameter.
//! Each has an identifier of its own for the list in which the administrator ends one.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::Duration;

use model::secret::Secret;
use sha2::{Digest, Sha256};
use tokio::time::Instant;

use crate::pages::form::Form;
use crate::random;

/// A session of the pages ends when it is not used for this long.
pub(crate) const IDLE_LIMIT: Duration = Duration::from_secs(webui::SESSION_IDLE_SECONDS);
/// A session of the pages ends after this, used or not.
pub(crate) const SESSION_LIMIT: Duration = Duration::from_secs(12 * 60 * 60);
/// A token ends after this, used or not, as documented.
pub(crate) const TOKEN_LIMIT: Duration = Duration::from_secs(15 * 60);
/// For this long after the password was given the pages do not ask for it again before a dangerous
/// change (OWASP ASVS 5.0, 7.5).
pub(crate) const FRESH_LIMIT: Duration = Duration::from_secs(10 * 60);
/// How long a form waits for the password to be entered again.
pub(crate) const WAITING_LIMIT: Duration = Duration::from_secs(5 * 60);
/// Most sessions, and most tokens, at a time; the oldest ends for a new one. Scripts that sign in for
/// each call have many; each costs some 300 bytes.
pub(crate) const MAX_ENTRIES: usize = 256;

type Key = [u8; 32];

/// The sessions and tokens that are valid. Neither is accepted as the other.
#[derive(Debug, Default)]
pub(crate) struct Sessions {
    pages: HashMap<Key, PageSession>,
    tokens: HashMap<Key, Token>,
}

/// Who signs in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Client {
    pub(crate) source: IpAddr,
    /// Short name of the browser or program; may be empty.
    pub(crate) agent: String,
}

#[derive(Debug)]
struct PageSession {
    id: String,
    client: Client,
    opened: Instant,
    used: Instant,
    /// When the password was given last.
    proved: Instant,
    csrf: Secret,
    waiting: Option<Waiting>,
}

/// A form that waits for the password to be entered again.
#[derive(Debug)]
struct Waiting {
    path: &'static str,
    form: Form,
    since: Instant,
}

#[derive(Debug)]
struct Token {
    id: String,
    client: Client,
    issued: Instant,
    used: Instant,
}

/// What signing in has opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A session of the pages.
    Page,
    /// A token of the REST interface.
    Token,
}

/// A session or token as it is listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Listed {
    pub(crate) id: String,
    pub(crate) kind: Kind,
    pub(crate) client: Client,
    /// How long ago it was opened.
    pub(crate) age: Duration,
    /// How long ago it was used last.
    pub(crate) idle: Duration,
    /// When it ends if nobody uses it.
    pub(crate) ends_in: Duration,
}

/// A session of the pages that is valid.
#[derive(Clone, Debug)]
pub(crate) struct Used {
    /// Identifier in the list.
    pub(crate) id: String,
    /// Token of its forms.
    pub(crate) csrf: Secret,
}

impl PageSession {
    fn is_valid(&self, now: Instant) -> bool {
        !self.left(now).is_zero()
    }

    /// How long it is valid without being used.
    fn left(&self, now: Instant) -> Duration {
        let idle = (self.used + IDLE_LIMIT).saturating_duration_since(now);
        idle.min((self.opened + SESSION_LIMIT).saturating_duration_since(now))
    }
}

impl Token {
    fn is_valid(&self, now: Instant) -> bool {
        now.duration_since(self.issued) < TOKEN_LIMIT
    }
}

impl Sessions {
    /// Opens a session of the pages; the value is for its cookie.
    pub(crate) fn open_page(&mut self, client: Client, now: Instant) -> Secret {
        self.forget_ended(now);
        make_room(&mut self.pages, |session| session.opened);
        let cookie = random::secret_text();
        let session = PageSession {
            id: random::uuid(),
            client,
            opened: now,
            used: now,
            proved: now,
            csrf: random::secret_text(),
            waiting: None,
        };
        self.pages.insert(key(cookie.expose()), session);
        cookie
    }

    /// The session with this cookie. Counts as use.
    pub(crate) fn use_page(&mut self, cookie: &str, now: Instant) -> Option<Used> {
        let session = self.pages.get_mut(&key(cookie)).filter(|session| session.is_valid(now))?;
        session.used = now;
        Some(Used { id: session.id.clone(), csrf: session.csrf.clone() })
    }

    /// Whether there is a session with this cookie. Does not count as use: what a page asks by itself
    /// must not keep its session alive.
    pub(crate) fn has_page(&self, cookie: &str, now: Instant) -> bool {
        self.pages.get(&key(cookie)).is_some_and(|session| session.is_valid(now))
    }

    /// Whether the password was given in this session not long ago.
    pub(crate) fn is_fresh(&self, cookie: &str, now: Instant) -> bool {
        self.pages
            .get(&key(cookie))
            .is_some_and(|session| now.duration_since(session.proved) < FRESH_LIMIT)
    }

    /// The password was given once more in this session.
    pub(crate) fn prove(&mut self, cookie: &str, now: Instant) {
        if let Some(session) = self.pages.get_mut(&key(cookie)) {
            session.proved = now;
        }
    }

    /// Keeps a form until the password has been entered again. There is one in a session.
    pub(crate) fn let_wait(&mut self, cookie: &str, path: &'static str, form: Form, now: Instant) {
        if let Some(session) = self.pages.get_mut(&key(cookie)) {
            session.waiting = Some(Waiting { path, form, since: now });
        }
    }

    /// The form for this path that waits in this session.
    pub(crate) fn take_waiting(&mut self, cookie: &str, path: &str, now: Instant) -> Option<Form> {
        let waiting = self.pages.get_mut(&key(cookie))?.waiting.take()?;
        let is_wanted = waiting.path == path && now.duration_since(waiting.since) < WAITING_LIMIT;
        is_wanted.then_some(waiting.form)
    }

    /// Ends the session with this cookie.
    pub(crate) fn close_page(&mut self, cookie: &str) {
        self.pages.remove(&key(cookie));
    }

    /// Issues a token for the REST interface.
    pub(crate) fn issue_token(&mut self, client: Client, now: Instant) -> Secret {
        self.forget_ended(now);
        make_room(&mut self.tokens, |token| token.issued);
        let text = random::secret_text();
        let token = Token { id: random::uuid(), client, issued: now, used: now };
        self.tokens.insert(key(text.expose()), token);
        text
    }

    /// The identifier of this token, if it is valid. Counts as use, which does not prolong it.
    pub(crate) fn use_token(&mut self, token: &str, now: Instant) -> Option<&str> {
        let token = self.tokens.get_mut(&key(token)).filter(|token| token.is_valid(now))?;
        token.used = now;
        Some(&token.id)
    }

    /// Every session and token that is valid, the one used last first.
    pub(crate) fn list(&self, now: Instant) -> Vec<Listed> {
        let pages =
            self.pages.values().filter(|session| session.is_valid(now)).map(|session| Listed {
                id: session.id.clone(),
                kind: Kind::Page,
                client: session.client.clone(),
                age: now.duration_since(session.opened),
                idle: now.duration_since(session.used),
                ends_in: session.left(now),
            });
        let tokens = self.tokens.values().filter(|token| token.is_valid(now)).map(|token| Listed {
            id: token.id.clone(),
            kind: Kind::Token,
            client: token.client.clone(),
            age: now.duration_since(token.issued),
            idle: now.duration_since(token.used),
            ends_in: (token.issued + TOKEN_LIMIT).saturating_duration_since(now),
        });
        let mut all: Vec<_> = pages.chain(tokens).collect();
        all.sort_by(|one, other| (one.idle, &one.id).cmp(&(other.idle, &other.id)));
        all
    }

    /// How many sessions and how many tokens are valid.
    pub(crate) fn count(&self, now: Instant) -> (usize, usize) {
        let pages = self.pages.values().filter(|session| session.is_valid(now)).count();
        let tokens = self.tokens.values().filter(|token| token.is_valid(now)).count();
        (pages, tokens)
    }

    /// Ends the session or token with this identifier, if it is valid.
    pub(crate) fn end(&mut self, id: &str, now: Instant) -> bool {
        self.forget_ended(now);
        let before = self.pages.len() + self.tokens.len();
        self.pages.retain(|_, session| session.id != id);
        self.tokens.retain(|_, token| token.id != id);
        before > self.pages.len() + self.tokens.len()
    }

    /// Ends every session and token but the one with this identifier; says how many.
    pub(crate) fn end_others(&mut self, id: &str, now: Instant) -> usize {
        self.forget_ended(now);
        let before = self.pages.len() + self.tokens.len();
        self.pages.retain(|_, session| session.id == id);
        self.tokens.retain(|_, token| token.id == id);
        before - self.pages.len() - self.tokens.len()
    }

    /// Ends every session and every token.
    pub(crate) fn end_all(&mut self) {
        self.pages.clear();
        self.tokens.clear();
    }

    fn forget_ended(&mut self, now: Instant) {
        self.pages.retain(|_, session| session.is_valid(now));
        self.tokens.retain(|_, token| token.is_valid(now));
    }
}

fn key(secret: &str) -> Key {
    Sha256::digest(secret.as_bytes()).into()
}

fn make_room<T>(entries: &mut HashMap<Key, T>, since: impl Fn(&T) -> Instant) {
    while entries.len() >= MAX_ENTRIES {
        let oldest = entries.iter().min_by_key(|(_, entry)| since(entry)).map(|(key, _)| *key);
        let Some(oldest) = oldest else { return };
        entries.remove(&oldest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn client() -> Client {
        Client { source: [192, 0, 2, 1].into(), agent: "curl/8.5.0".into() }
    }

    #[test]
    fn session_ends_without_use() {
        let (mut sessions, start) = (Sessions::default(), Instant::now());
        let cookie = sessions.open_page(client(), start);
        let used = start + IDLE_LIMIT - SECOND;
        assert!(sessions.use_page(cookie.expose(), used).is_some());
        assert!(sessions.has_page(cookie.expose(), used + IDLE_LIMIT - SECOND));
        assert!(sessions.use_page(cookie.expose(), used + IDLE_LIMIT).is_none());
    }

    #[test]
    fn session_ends_in_the_end_although_used() {
        let (mut sessions, start) = (Sessions::default(), Instant::now());
        let cookie = sessions.open_page(client(), start);
        let mut now = start;
        while now + IDLE_LIMIT - SECOND < start + SESSION_LIMIT {
            now += IDLE_LIMIT - SECOND;
            assert!(sessions.use_page(cookie.expose(), now).is_some());
        }
        assert!(sessions.use_page(cookie.expose(), start + SESSION_LIMIT).is_none());
    }

    #[test]
    fn looking_does_not_count_as_use() {
        let (mut sessions, start) = (Sessions::default(), Instant::now());
        let cookie = sessions.open_page(client(), start);
        assert!(sessions.has_page(cookie.expose(), start + IDLE_LIMIT - SECOND));
        assert!(!sessions.has_page(cookie.expose(), start + IDLE_LIMIT));
    }

    #[test]
    fn token_ends_after_fifteen_minutes_although_used() {
        let (mut sessions, start) = (Sessions::default(), Instant::now());
        let token = sessions.issue_token(client(), start);
        assert!(sessions.use_token(token.expose(), start + TOKEN_LIMIT - SECOND).is_some());
        assert!(sessions.use_token(token.expose(), start + TOKEN_LIMIT).is_none());
    }

    #[test]
    fn cookie_is_no_token_and_token_no_cookie() {
        let (mut sessions, now) = (Sessions::default(), Instant::now());
        let (cookie, token) =
            (sessions.open_page(client(), now), sessions.issue_token(client(), now));
        assert!(sessions.use_token(cookie.expose(), now).is_none());
        assert!(!sessions.has_page(token.expose(), now));
    }

    #[test]
    fn oldest_ends_for_a_new_one() {
        let (mut sessions, start) = (Sessions::default(), Instant::now());
        let first = sessions.open_page(client(), start);
        let second = sessions.open_page(client(), start + SECOND);
        for _ in 1..MAX_ENTRIES {
            sessions.open_page(client(), start + 2 * SECOND);
        }
        assert!(!sessions.has_page(first.expose(), start + 2 * SECOND));
        assert!(sessions.has_page(second.expose(), start + 2 * SECOND));
        assert_eq!(sessions.pages.len(), MAX_ENTRIES);
    }

    #[test]
    fn all_end_at_once() {
        let (mut sessions, now) = (Sessions::default(), Instant::now());
        let (cookie, token) =
            (sessions.open_page(client(), now), sessions.issue_token(client(), now));
        sessions.end_all();
        assert!(!sessions.has_page(cookie.expose(), now));
        assert!(sessions.use_token(token.expose(), now).is_none());
    }

    #[test]
    fn lists_who_where_and_when() {
        let (mut sessions, start) = (Sessions::default(), Instant::now());
        let cookie = sessions.open_page(client(), start);
        sessions.issue_token(client(), start + 10 * SECOND);
        let now = start + 60 * SECOND;
        let own = sessions.use_page(cookie.expose(), now).unwrap().id;
        let listed = sessions.list(now);
        let [page, token] = &listed[..] else { panic!("two") };
        assert_eq!((page.id.as_str(), page.kind), (own.as_str(), Kind::Page));
        assert_eq!((page.age, page.idle, page.ends_in), (60 * SECOND, Duration::ZERO, IDLE_LIMIT));
        assert_eq!((token.kind, token.age, token.idle), (Kind::Token, 50 * SECOND, 50 * SECOND));
        assert_eq!(token.ends_in, TOKEN_LIMIT - 50 * SECOND);
        assert_eq!(page.client, client());
        assert_eq!(sessions.list(start + SESSION_LIMIT), []);
    }

    #[test]
    fn one_or_all_others_end() {
        let (mut sessions, now) = (Sessions::default(), Instant::now());
        let cookies: Vec<_> = (0..3).map(|_| sessions.open_page(client(), now)).collect();
        let token = sessions.issue_token(client(), now);
        let id = |sessions: &mut Sessions, index: usize| {
            sessions.use_page(cookies[index].expose(), now).unwrap().id
        };
        let second = id(&mut sessions, 1);
        assert!(sessions.end(&second, now));
        assert!(!sessions.end(&second, now) && !sessions.end("", now));
        assert!(!sessions.has_page(cookies[1].expose(), now));
        let first = id(&mut sessions, 0);
        assert_eq!(sessions.end_others(&first, now), 2);
        assert!(sessions.has_page(cookies[0].expose(), now));
        assert!(!sessions.has_page(cookies[2].expose(), now));
        assert!(sessions.use_token(token.expose(), now).is_none());
    }

    #[test]
    fn password_is_fresh_for_ten_minutes() {
        let (mut sessions, start) = (Sessions::default(), Instant::now());
        let cookie = sessions.open_page(client(), start);
        assert!(sessions.is_fresh(cookie.expose(), start + FRESH_LIMIT - SECOND));
        assert!(!sessions.is_fresh(cookie.expose(), start + FRESH_LIMIT));
        sessions.prove(cookie.expose(), start + FRESH_LIMIT);
        assert!(sessions.is_fresh(cookie.expose(), start + 2 * FRESH_LIMIT - SECOND));
        assert!(!sessions.is_fresh("", start));
    }

    #[test]
    fn form_waits_for_its_path_and_not_for_ever() {
        let (mut sessions, now) = (Sessions::default(), Instant::now());
        let cookie = sessions.open_page(client(), now);
        let cookie = cookie.expose();
        let form = || Form::parse(b"key=secret").unwrap();
        sessions.let_wait(cookie, "/certificate", form(), now);
        assert!(sessions.take_waiting(cookie, "/other", now).is_none(), "of another path");
        assert!(sessions.take_waiting(cookie, "/certificate", now).is_none(), "it is given up");
        sessions.let_wait(cookie, "/certificate", form(), now);
        assert!(sessions.take_waiting(cookie, "/certificate", now + WAITING_LIMIT).is_none());
        sessions.let_wait(cookie, "/certificate", form(), now);
        let taken = sessions.take_waiting(cookie, "/certificate", now).unwrap();
        assert_eq!(taken.text("key"), Some("secret"));
        assert!(sessions.take_waiting(cookie, "/certificate", now).is_none(), "once");
    }
}
