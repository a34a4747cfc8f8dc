//! One request for a page.

use std::collections::BTreeMap;
use std::net::IpAddr;

use axum::http::header::{ACCEPT_LANGUAGE, SET_COOKIE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName};
use axum::response::Response;
use model::secret::Secret;
use pages::{ErrorKind, Frame, Language, Menu, Section, SignedIn};
use registry::{
    Access, Change, ConnectorFilter, ConnectorStatus, RegistryError, Right, Session, Tenant,
    VersionState,
};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq as _;
use tokio::time::Instant;

use crate::console::cookie::Cookie;
use crate::console::reply::{Failure, Reply};
use crate::console::route::PageNeeds;
use crate::limiter::whole_seconds;
use crate::listener::source_of;
use crate::query::Query;
use crate::random;
use crate::site::Site;

/// One request for a page.
pub(crate) struct Visit<'a> {
    pub(crate) site: &'a Site,
    pub(crate) path: String,
    /// Path and query, for the links that switch the language.
    target: String,
    pub(crate) query: Query,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) source: IpAddr,
    pub(crate) language: Language,
    /// The secret that tokens of forms belong to, and whether the browser does not have it yet.
    form: (Secret, bool),
    /// Seconds since 1970.
    pub(crate) now: i64,
    /// The identifier of the request, for the log.
    transaction_id: &'a str,
}

/// Who visits, and the tenant that is managed.
pub(crate) struct Administration {
    pub(crate) session: Session,
    pub(crate) tenant: Tenant,
    has_other_customers: bool,
}

impl<'a> Visit<'a> {
    pub(crate) fn new(site: &'a Site, parts: &'a Parts, transaction_id: &'a str) -> Self {
        let query = Query::parse(parts.uri.query().unwrap_or_default());
        let chosen = query.get("lang").and_then(Language::from_tag);
        let kept = || Language::from_tag(Cookie::Language.of(&parts.headers)?.expose());
        let wanted = || {
            let header = parts.headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
            Language::negotiate(header.unwrap_or_default())
        };
        let language = chosen.or_else(kept).unwrap_or_else(wanted);
        let form = match Cookie::Form.of(&parts.headers) {
            Some(secret) => (secret, false),
            None => (random::secret(), true),
        };
        Self {
            site,
            path: parts.uri.path().to_owned(),
            target: parts.uri.path_and_query().map_or_else(String::new, ToString::to_string),
            query,
            headers: &parts.headers,
            source: source_of(&parts.extensions),
            language,
            form,
            now: site.now(),
            transaction_id,
        }
    }

    /// The token that a form of this browser carries.
    pub(crate) fn csrf(&self) -> String {
        let mut hash = Sha256::new();
        hash.update(b"form ");
        hash.update(self.form.0.expose().as_bytes());
        hash.finalize().iter().map(|octet| format!("{octet:02x}")).collect()
    }

    /// Whether a form carries the token.
    pub(crate) fn is_own_form(&self, token: &str) -> bool {
        !self.form.1 && bool::from(self.csrf().as_bytes().ct_eq(token.as_bytes()))
    }

    /// What every page has around it before anybody has signed in.
    pub(crate) fn frame(&self) -> Frame {
        Frame {
            language: self.language,
            csrf_token: Some(self.csrf()),
            path: self.target.clone(),
            ..Frame::default()
        }
    }

    /// The ticket of a sign-in that is under way.
    pub(crate) fn ticket(&self) -> Option<Secret> {
        Cookie::SignIn.of(self.headers)
    }

    /// Whether the page asks by itself, to show what is new.
    fn is_live(&self) -> bool {
        self.header(&HeaderName::from_static("x-requested-with")) == "fetch"
    }

    /// Who has signed in.
    pub(crate) async fn administration(&self) -> Result<Administration, Failure> {
        let cookie = Cookie::Session.of(self.headers).ok_or(Failure::SignIn)?;
        let registry = self.site.registry();
        let session = match self.is_live() {
            true => registry.session_in_background(cookie.expose(), self.now).await?,
            false => registry.session(cookie.expose(), self.now).await?,
        };
        let session = session.ok_or(Failure::SignIn)?;
        let tenant = registry.tenant(&session.tenant.id);
        let has_other_customers = registry.tenants_of(&session.person).await?.len() > 1;
        Ok(Administration { session, tenant, has_other_customers })
    }

    /// Refuses who has to wait after wrong passwords.
    pub(crate) fn require_patience(&self) -> Result<(), Failure> {
        match self.site.throttle().pause(self.source, Instant::now()) {
            None => Ok(()),
            Some(wait) => {
                let wait_seconds = whole_seconds(wait);
                Err(Failure::Page(ErrorKind::TooManyRequests { wait_seconds }))
            }
        }
    }

    /// The answer with the cookies of this visit and the fields that every page has.
    pub(crate) fn finish(&self, reply: Reply) -> Response {
        let mut response = reply.into_response();
        let form = self.form.1.then(|| Cookie::Form.set(self.form.0.expose())).flatten();
        let language = self.query.get("lang").and_then(Language::from_tag);
        let language = language.and_then(|language| Cookie::Language.set(language.tag()));
        for cookie in [form, language].into_iter().flatten() {
            response.headers_mut().append(SET_COOKIE, cookie);
        }
        response
    }

    /// A field of the request as text.
    pub(crate) fn header(&self, name: &HeaderName) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

impl Administration {
    /// What every page has around it, with `path` for the links that switch the language.
    pub(crate) async fn frame(
        &self,
        visit: &Visit<'_>,
        path: impl Into<String>,
    ) -> Result<Frame, RegistryError> {
        let administrator = &self.session.administrator;
        Ok(Frame {
            customer: self.session.tenant.name.clone(),
            administrator: Some(SignedIn {
                name: administrator.display_name.clone(),
                email: administrator.email.clone(),
                has_other_customers: self.has_other_customers,
            }),
            menu: self.menu(visit.now).await?,
            path: path.into(),
            ..visit.frame()
        })
    }

    /// The sections that may be opened, with what wants attention there.
    async fn menu(&self, now: i64) -> Result<Menu, RegistryError> {
        let access = self.access();
        let mut menu = Menu { sections: sections(access), ..Menu::default() };
        if sees_overview(access) {
            let mut places: BTreeMap<String, u32> = BTreeMap::new();
            for connector in self.tenant.connectors(&ConnectorFilter::default()).await? {
                let status = connector.status(now);
                menu.silent_connectors += u32::from(status == ConnectorStatus::Disconnected);
                let is_failed = connector.version_state == VersionState::UpdateFailed;
                menu.failed_updates += u32::from(is_failed);
                *places.entry(connector.location).or_default() += 1;
            }
            menu.single_locations = count(places.values().filter(|number| **number == 1).count());
        }
        if access.allows(Right::Notifications) {
            let shown = self.tenant.notifications(&self.session.administrator.id).await?;
            menu.notifications = count(shown.len());
        }
        Ok(menu)
    }

    /// What the administrator may do.
    pub(crate) const fn access(&self) -> &Access {
        &self.session.administrator.access
    }

    /// Whether locations, connectors and their updates may be changed, and not only seen.
    pub(crate) fn may_change_locations(&self) -> bool {
        self.access().allows(Right::ResourceLocations)
    }

    /// Refuses who may not use a page.
    pub(crate) fn require(&self, needs: PageNeeds) -> Result<(), Failure> {
        let access = self.access();
        let kind = match needs {
            PageNeeds::Nothing | PageNeeds::Session => return Ok(()),
            PageNeeds::Overview if sees_overview(access) => return Ok(()),
            PageNeeds::FullAccess if access.is_full() => return Ok(()),
            PageNeeds::Right(right) if access.allows(right) => return Ok(()),
            PageNeeds::Overview => ErrorKind::MissingRight(pages::Right::Dashboard),
            PageNeeds::FullAccess => ErrorKind::FullAccessNeeded,
            PageNeeds::Right(right) => pages::Right::from_name(right.name())
                .map_or(ErrorKind::FullAccessNeeded, ErrorKind::MissingRight),
        };
        Err(Failure::Page(kind))
    }

    /// What a change is logged with.
    pub(crate) fn change(&self, visit: &Visit<'_>) -> Change {
        Change {
            transaction_id: Some(visit.transaction_id.to_owned()),
            ..Change::new(self.session.administrator.actor(), visit.now)
        }
    }
}

/// A number for a page.
pub(crate) fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// Whether somebody may see locations and connectors: who may change them sees them too.
fn sees_overview(access: &Access) -> bool {
    access.allows(Right::Dashboard) || access.allows(Right::ResourceLocations)
}

/// The sections that somebody may open.
pub(crate) fn sections(access: &Access) -> Vec<Section> {
    let may_open = |section: &Section| match section {
        Section::Locations | Section::Connectors | Section::Updates => sees_overview(access),
        Section::Domains => access.allows(Right::Domains),
        Section::ApiAccess => access.allows(Right::SecureClients),
        Section::Administrators => access.is_full(),
        Section::SystemLog => access.allows(Right::SystemLog),
        Section::Notifications => access.allows(Right::Notifications),
    };
    Section::ALL.into_iter().filter(may_open).collect()
}
