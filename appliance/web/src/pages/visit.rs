//! What is known of a request for a page: language, session, form token.

use std::net::{IpAddr, Ipv4Addr};

use axum::extract::Request;
use axum::http::HeaderMap;
use axum::http::header::{ACCEPT_LANGUAGE, HOST, USER_AGENT};
use model::deployment::Deployment;
use model::secret::Secret;
use subtle::ConstantTimeEq;
use tokio::time::Instant;
use webui::{Frame, Language};

use crate::listener::Source;
use crate::origin::Sender;
use crate::pages::cookie;
use crate::pages::form::Form;
use crate::session::Client;
use crate::state::State;
use crate::{agent, random};

/// A request for a page. Looking at one counts as use of its session.
#[derive(Debug)]
pub(crate) struct Visit {
    pub(crate) source: IpAddr,
    /// Short name of the browser; may be empty.
    agent: String,
    /// Where the request comes from.
    pub(crate) sender: Sender,
    /// Address or name under which the browser reached the appliance.
    pub(crate) address: String,
    pub(crate) language: Language,
    /// The deployment that the link names.
    pub(crate) deployment: Option<Deployment>,
    /// Cookie and form token of the session.
    pub(crate) session: Option<Session>,
    /// Whether the browser sent a session cookie that is not valid any more.
    pub(crate) has_ended_session: bool,
    /// The notice for this page.
    pub(crate) notice: Option<String>,
    /// Form token when there is no session.
    csrf: Secret,
    host_name: String,
    /// `Set-Cookie` values of the answer.
    pub(crate) cookies: Vec<String>,
}

/// A valid session.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    /// Value of its cookie.
    pub(crate) cookie: Secret,
    /// Identifier in the list of sessions.
    pub(crate) id: String,
    csrf: Secret,
}

impl Visit {
    /// Reads the header of a request.
    pub(crate) fn of(state: &State, request: &Request) -> Self {
        let headers = request.headers();
        let query = request.uri().query().and_then(|query| Form::parse(query.as_bytes()));
        let query = query.unwrap_or_default();
        let mut cookies = Vec::new();
        let language = language(request, &query, &mut cookies);
        let cookie = cookie::read(headers, cookie::SESSION);
        let session = cookie.and_then(|cookie| {
            let used = state.administrator.sessions().use_page(cookie, Instant::now())?;
            Some(Session { cookie: Secret::new(cookie.to_owned()), id: used.id, csrf: used.csrf })
        });
        let csrf = cookie::read(headers, cookie::CSRF)
            .filter(|token| random::is_secret_text(token))
            .map_or_else(
                || {
                    let token = random::secret_text();
                    cookies.push(cookie::set(cookie::CSRF, token.expose(), None));
                    token
                },
                |token| Secret::new(token.to_owned()),
            );
        Self {
            source: request
                .extensions()
                .get::<Source>()
                .map_or_else(|| Ipv4Addr::UNSPECIFIED.into(), |source| source.0),
            agent: agent_of(headers),
            sender: Sender::of(headers),
            address: headers
                .get(HOST)
                .and_then(|host| host.to_str().ok())
                .unwrap_or_default()
                .to_owned(),
            language,
            deployment: query
                .text("deployment")
                .and_then(|name| Deployment::try_from(name.to_owned()).ok()),
            has_ended_session: cookie.is_some_and(|cookie| !cookie.is_empty()) && session.is_none(),
            session,
            notice: cookie::read(headers, cookie::NOTICE).map(str::to_owned),
            csrf,
            host_name: state.host_name(),
            cookies,
        }
    }

    /// Who visits.
    pub(crate) fn client(&self) -> Client {
        Client { source: self.source, agent: self.agent.clone() }
    }

    /// Address or name under which the browser reached the appliance, without the port.
    pub(crate) fn host(&self) -> &str {
        match self.address.rsplit_once(':') {
            Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
            _ => &self.address,
        }
    }

    /// What every page has around its content. `path` is where its links for the language lead.
    pub(crate) fn frame(&self, path: &str) -> Frame {
        let csrf = self.session.as_ref().map_or(&self.csrf, |session| &session.csrf);
        let path = match &self.deployment {
            Some(deployment) if path.contains('?') => format!("{path}&deployment={deployment}"),
            Some(deployment) => format!("{path}?deployment={deployment}"),
            None => path.to_owned(),
        };
        Frame {
            language: self.language,
            host_name: self.host_name.clone(),
            signed_in: self.session.is_some(),
            csrf_token: Some(csrf.expose().to_owned()),
            path,
        }
    }

    /// Whether a form bears the token that its page was given.
    pub(crate) fn has_token(&self, form: &Form) -> bool {
        let expected = self.session.as_ref().map_or(&self.csrf, |session| &session.csrf);
        let sent = form.secret("csrf");
        expected.expose().as_bytes().ct_eq(sent.expose().as_bytes()).into()
    }

    /// Forgets the session, so that the answer is a page for somebody who has not signed in.
    pub(crate) fn leave_session(&mut self) {
        self.session = None;
        self.cookies.push(cookie::remove(cookie::SESSION));
    }
}

/// Short name of the browser or program that sent a request.
pub(crate) fn agent_of(headers: &HeaderMap) -> String {
    let value = headers.get(USER_AGENT).and_then(|value| value.to_str().ok());
    agent::short_name(value.unwrap_or_default())
}

/// A value of the query of a request.
pub(crate) fn query_value(request: &Request, name: &str) -> Option<String> {
    let query = Form::parse(request.uri().query()?.as_bytes())?;
    query.text(name).map(str::to_owned)
}

/// The language of the link, else of the cookie, else what the browser prefers.
fn language(request: &Request, query: &Form, cookies: &mut Vec<String>) -> Language {
    if let Some(language) = query.text("lang").and_then(Language::from_tag) {
        cookies.push(cookie::set(cookie::LANGUAGE, language.tag(), Some(cookie::LANGUAGE_AGE)));
        return language;
    }
    known_language(request.headers())
}

/// The language of the cookie, else what the browser prefers.
pub(crate) fn known_language(headers: &HeaderMap) -> Language {
    cookie::read(headers, cookie::LANGUAGE).and_then(Language::from_tag).unwrap_or_else(|| {
        let preferred = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        Language::negotiate(preferred.unwrap_or_default())
    })
}
