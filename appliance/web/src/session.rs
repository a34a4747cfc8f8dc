//! Who has signed in: sessions of the pages and tokens of the REST interface.
//!
//! Only SHA-256 digests of cookies and tokens are kept, so that a copy of this memory signs nobody
//! in, and so that a look-up tells nothing through its duration. Time comes in as a parameter.

use std::collections::HashMap;
use std::time::Duration;

use model::secret::Secret;
use sha2::{Digest, Sha256};
use tokio::time::Instant;

use crate::random;

/// A session of the pages ends when it is not used for this long.
pub(crate) const IDLE_LIMIT: Duration = Duration::from_secs(webui::SESSION_IDLE_SECONDS);
/// A session of the pages ends after this, used or not.
pub(crate) const SESSION_LIMIT: Duration = Duration::from_secs(12 * 60 * 60);
/// A token ends after this, used or not, as documented.
pub(crate) const TOKEN_LIMIT: Duration = Duration::from_secs(15 * 60);
/// Most sessions, and most tokens, at a time; the oldest ends for a new one. Scripts that sign in for
/// each call have many; each costs some 200 bytes.
pub(crate) const MAX_ENTRIES: usize = 256;

type Key = [u8; 32];

/// The sessions and tokens that are valid. Neither is accepted as the other.
#[derive(Debug, Default)]
pub(crate) struct Sessions {
    pages: HashMap<Key, PageSession>,
    tokens: HashMap<Key, Instant>,
}

#[derive(Debug)]
struct PageSession {
    opened: Instant,
    used: Instant,
    csrf: Secret,
}

impl PageSession {
    fn is_valid(&self, now: Instant) -> bool {
        now.duration_since(self.used) < IDLE_LIMIT
            && now.duration_since(self.opened) < SESSION_LIMIT
    }
}

impl Sessions {
    /// Opens a session of the pages; the value is for its cookie.
    pub(crate) fn open_page(&mut self, now: Instant) -> Secret {
        self.forget_ended(now);
        make_room(&mut self.pages, |session| session.opened);
        let cookie = random::secret_text();
        let session = PageSession { opened: now, used: now, csrf: random::secret_text() };
        self.pages.insert(key(cookie.expose()), session);
        cookie
    }

    /// The form token of the session with this cookie. Counts as use.
    pub(crate) fn use_page(&mut self, cookie: &str, now: Instant) -> Option<Secret> {
        let session = self.pages.get_mut(&key(cookie)).filter(|session| session.is_valid(now))?;
        session.used = now;
        Some(session.csrf.clone())
    }

    /// Whether there is a session with this cookie. Does not count as use: what a page asks by itself
    /// must not keep its session alive.
    pub(crate) fn has_page(&self, cookie: &str, now: Instant) -> bool {
        self.pages.get(&key(cookie)).is_some_and(|session| session.is_valid(now))
    }

    /// Ends the session with this cookie.
    pub(crate) fn close_page(&mut self, cookie: &str) {
        self.pages.remove(&key(cookie));
    }

    /// Issues a token for the REST interface.
    pub(crate) fn issue_token(&mut self, now: Instant) -> Secret {
        self.forget_ended(now);
        make_room(&mut self.tokens, |issued| *issued);
        let token = random::secret_text();
        self.tokens.insert(key(token.expose()), now);
        token
    }

    /// Whether this token is valid.
    pub(crate) fn has_token(&self, token: &str, now: Instant) -> bool {
        self.tokens.get(&key(token)).is_some_and(|issued| now.duration_since(*issued) < TOKEN_LIMIT)
    }

    /// Ends every session and every token.
    pub(crate) fn end_all(&mut self) {
        self.pages.clear();
        self.tokens.clear();
    }

    fn forget_ended(&mut self, now: Instant) {
        self.pages.retain(|_, session| session.is_valid(now));
        self.tokens.retain(|_, issued| now.duration_since(*issued) < TOKEN_LIMIT);
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

    #[test]
    fn session_ends_without_use() {
        let (mut sessions, start) = (Sessions::default(), Instant::now());
        let cookie = sessions.open_page(start);
        let used = start + IDLE_LIMIT - SECOND;
        assert!(sessions.use_page(cookie.expose(), used).is_some());
        assert!(sessions.has_page(cookie.expose(), used + IDLE_LIMIT - SECOND));
        assert!(sessions.use_page(cookie.expose(), used + IDLE_LIMIT).is_none());
    }

    #[test]
    fn session_ends_in_the_end_although_used() {
        let (mut sessions, start) = (Sessions::default(), Instant::now());
        let cookie = sessions.open_page(start);
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
        let cookie = sessions.open_page(start);
        assert!(sessions.has_page(cookie.expose(), start + IDLE_LIMIT - SECOND));
        assert!(!sessions.has_page(cookie.expose(), start + IDLE_LIMIT));
    }

    #[test]
    fn token_ends_after_fifteen_minutes_although_used() {
        let (mut sessions, start) = (Sessions::default(), Instant::now());
        let token = sessions.issue_token(start);
        assert!(sessions.has_token(token.expose(), start + TOKEN_LIMIT - SECOND));
        assert!(!sessions.has_token(token.expose(), start + TOKEN_LIMIT));
    }

    #[test]
    fn cookie_is_no_token_and_token_no_cookie() {
        let (mut sessions, now) = (Sessions::default(), Instant::now());
        let (cookie, token) = (sessions.open_page(now), sessions.issue_token(now));
        assert!(!sessions.has_token(cookie.expose(), now));
        assert!(!sessions.has_page(token.expose(), now));
    }

    #[test]
    fn oldest_ends_for_a_new_one() {
        let (mut sessions, start) = (Sessions::default(), Instant::now());
        let first = sessions.open_page(start);
        let second = sessions.open_page(start + SECOND);
        for _ in 1..MAX_ENTRIES {
            sessions.open_page(start + 2 * SECOND);
        }
        assert!(!sessions.has_page(first.expose(), start + 2 * SECOND));
        assert!(sessions.has_page(second.expose(), start + 2 * SECOND));
        assert_eq!(sessions.pages.len(), MAX_ENTRIES);
    }

    #[test]
    fn all_end_at_once() {
        let (mut sessions, now) = (Sessions::default(), Instant::now());
        let (cookie, token) = (sessions.open_page(now), sessions.issue_token(now));
        sessions.end_all();
        assert!(
            !sessions.has_page(cookie.expose(), now) && !sessions.has_token(token.expose(), now)
        );
    }
}
