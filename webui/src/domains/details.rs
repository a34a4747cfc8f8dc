//! One joined domain: its machine account, Kerberos, and a test of looking things up.

use askama::Template;
use model::domain::MACHINE_PASSWORD_DAYS;
use model::domain::lookup::{DirectoryObject, LookupKey, LookupPage, ObjectKind};
use model::domain::status::{DomainStatus, Validation};

use super::{AdviceView, DomainProblem, DomainView, ProblemsView, validation_state};
use crate::frame::{Frame, FrameView};
use crate::summary::Tone;
use crate::texts::Texts;
use crate::texts::domains::DomainsTexts;
use crate::{amount, time};

/// Seconds of a day.
const DAY: i64 = 86_400;

/// One joined domain. Its forms post `domain` and `csrf` to `/active-directory/validate` and
/// `/active-directory/password`, and besides `kind`, `key`, `value`, `groups` and `cursor` to
/// `/active-directory/lookup`.
#[derive(Clone, Debug)]
pub struct DomainPage {
    /// Common to all pages.
    pub frame: Frame,
    /// The domain.
    pub status: DomainStatus,
    /// What was wrong with what was sent.
    pub problem: Option<DomainProblem>,
    /// What stands in the form that looks something up.
    pub lookup: LookupForm,
    /// What it has found.
    pub found: Option<LookupPage>,
    /// The time of this answer, in seconds since 1970.
    pub now: i64,
}

/// What stands in the form that looks something up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LookupForm {
    /// What kind of object.
    pub kind: ObjectKind,
    /// By what.
    pub key: LookupKey,
    /// The value that it has.
    pub value: String,
    /// Whether groups are read.
    pub with_groups: bool,
}

impl Default for LookupForm {
    fn default() -> Self {
        Self {
            kind: ObjectKind::User,
            key: LookupKey::AccountName,
            value: String::new(),
            with_groups: false,
        }
    }
}

impl LookupForm {
    /// Name of a kind of object in forms, bodies and answers.
    #[must_use]
    pub const fn kind_id(kind: ObjectKind) -> &'static str {
        match kind {
            ObjectKind::User => "user",
            ObjectKind::Group => "group",
            ObjectKind::Computer => "computer",
        }
    }

    /// Name of what an object is found by in forms, bodies and answers.
    #[must_use]
    pub const fn key_id(key: LookupKey) -> &'static str {
        match key {
            LookupKey::AccountName => "accountName",
            LookupKey::UserPrincipalName => "userPrincipalName",
            LookupKey::Mail => "mail",
            LookupKey::DisplayName => "displayName",
            LookupKey::Sid => "sid",
            LookupKey::Guid => "guid",
        }
    }

    /// The kind of object of this name.
    #[must_use]
    pub fn kind_of(id: &str) -> Option<ObjectKind> {
        Self::KINDS.into_iter().find(|kind| Self::kind_id(*kind) == id)
    }

    /// What objects are found by of this name.
    #[must_use]
    pub fn key_of(id: &str) -> Option<LookupKey> {
        Self::KEYS.into_iter().find(|key| Self::key_id(*key) == id)
    }

    /// The kinds of objects, in the order of the form.
    pub const KINDS: [ObjectKind; 3] = [ObjectKind::User, ObjectKind::Group, ObjectKind::Computer];

    /// What they are found by, in the order of the form.
    pub const KEYS: [LookupKey; 6] = [
        LookupKey::AccountName,
        LookupKey::UserPrincipalName,
        LookupKey::Mail,
        LookupKey::DisplayName,
        LookupKey::Sid,
        LookupKey::Guid,
    ];
}

/// An option of a list.
#[derive(Debug)]
struct OptionView {
    value: &'static str,
    words: &'static str,
    is_chosen: bool,
}

/// An object that was found.
#[derive(Debug)]
struct ObjectView {
    name: String,
    place: String,
    account: String,
    principal: Option<String>,
    mail: Option<String>,
    is_enabled: bool,
    sid: String,
    guid: String,
    /// How many groups or members, and which.
    groups: Option<(String, Vec<String>)>,
}

#[derive(Debug)]
struct FoundView {
    caption: String,
    /// Whether memberships were asked for.
    has_groups: bool,
    objects: Vec<ObjectView>,
    cursor: Option<String>,
}

#[derive(Template)]
#[template(path = "domain.html")]
struct DomainPageView<'a> {
    frame: FrameView<'a>,
    text: &'static DomainsTexts,
    domain: DomainView,
    facts: Vec<(&'static str, String)>,
    controller_facts: Vec<(&'static str, String)>,
    /// Tone and words of the last validation, and what is wrong.
    validation: Option<(Tone, String, Option<AdviceView>)>,
    problems: ProblemsView,
    lookup: &'a LookupForm,
    kinds: Vec<OptionView>,
    keys: Vec<OptionView>,
    found: Option<FoundView>,
}

/// Renders one joined domain.
#[must_use]
pub fn domain_page(page: &DomainPage) -> String {
    let texts = Texts::of(page.frame.language);
    let text = &texts.domains;
    let status = &page.status;
    let name = status.domain.as_str();
    let frame = FrameView::new(&page.frame, name);
    let problems = ProblemsView::new(texts, page.problem.as_slice());
    let mut domain = DomainView::new(texts, status, page.now);
    // What to do stands once, however often the same has been found.
    let is_new = |it: &AdviceView| !problems.advice.iter().any(|said| said.says_the_same(it));
    domain.advice.retain(is_new);
    let validation = status.validation.as_ref();
    let validation = validation.map(|it| validation_view(texts, it, name, page.now));
    let validation = validation.map(|(tone, words, advice)| {
        let is_said = |it: &AdviceView| domain.advice.iter().any(|said| said.says_the_same(it));
        let advice = advice.filter(|it| is_new(it) && !is_said(it));
        // The words say already what has happened.
        (tone, words, advice.map(|it| AdviceView { headline: String::new(), ..it }))
    });
    crate::render(&DomainPageView {
        frame: if problems.is_empty() { frame } else { frame.with_error() },
        text,
        domain,
        facts: account_facts(texts, status, page.now),
        controller_facts: controller_facts(texts, status),
        validation,
        problems,
        lookup: &page.lookup,
        kinds: LookupForm::KINDS
            .map(|kind| OptionView {
                value: LookupForm::kind_id(kind),
                words: (text.object_kind)(kind),
                is_chosen: kind == page.lookup.kind,
            })
            .into(),
        keys: LookupForm::KEYS
            .map(|key| OptionView {
                value: LookupForm::key_id(key),
                words: (text.key)(key),
                is_chosen: key == page.lookup.key,
            })
            .into(),
        found: page.found.as_ref().map(|found| found_view(text, found)),
    })
}

/// Tone and words of a validation, and what is wrong.
fn validation_view(
    texts: &Texts,
    validation: &Validation,
    domain: &str,
    now: i64,
) -> (Tone, String, Option<AdviceView>) {
    let text = &texts.domains;
    let (tone, _) = validation_state(texts, validation);
    let at = time::moment(validation.at, now);
    let failure = validation.failure.as_ref();
    let advice = failure.map(|failure| AdviceView::new(texts, failure, Tone::Failing));
    let words = match &advice {
        None => {
            let took = amount::milliseconds(validation.milliseconds.saturating_mul(1000));
            let host = validation.host.as_deref().unwrap_or(domain);
            (text.validation_passed)(&at, host, &took)
        }
        Some(advice) => (text.validation_failed)(&at, &advice.headline),
    };
    (tone, words, advice)
}

fn account_facts(texts: &Texts, status: &DomainStatus, now: i64) -> Vec<(&'static str, String)> {
    let text = &texts.domains;
    let days = (now - status.password_changed_at).max(0) / DAY;
    let place = status.account_place.clone().unwrap_or_else(|| text.unknown.to_owned());
    let changed = time::date_time(status.password_changed_at);
    vec![
        (text.account, status.machine.account()),
        (text.account_place, place),
        (text.password_changed, (text.password_age)(&changed, days)),
        (text.joined_at, time::date_time(status.joined_at)),
    ]
}

fn controller_facts(texts: &Texts, status: &DomainStatus) -> Vec<(&'static str, String)> {
    let text = &texts.domains;
    let mut facts =
        vec![(text.forest_root, status.forest.clone()), (text.netbios, status.netbios.clone())];
    match &status.controller {
        Some(controller) => {
            let latency = amount::milliseconds(controller.latency_micros);
            let where_from = (text.site)(&controller.site, &latency);
            let host = format!("{} ({}), {where_from}", controller.host, controller.address);
            let client_site = match controller.client_site.as_str() {
                "" => text.no_site.to_owned(),
                site => site.to_owned(),
            };
            facts.extend([(text.controller, host), (text.client_site, client_site)]);
        }
        None => facts.push((text.controller, text.no_controller.to_owned())),
    }
    let servers: Vec<_> = status.dns_servers.iter().map(ToString::to_string).collect();
    let servers = if servers.is_empty() { text.own_dns.to_owned() } else { servers.join(", ") };
    facts.push((text.dns_servers, servers));
    facts
}

fn found_view(text: &DomainsTexts, found: &LookupPage) -> FoundView {
    let took = amount::milliseconds(found.milliseconds.saturating_mul(1000));
    FoundView {
        has_groups: found.objects.iter().any(|it| it.groups.is_some() || it.members.is_some()),
        caption: (text.found)(found.objects.len(), &found.host, &took),
        objects: found.objects.iter().map(|object| object_view(text, object)).collect(),
        cursor: found.cursor.clone(),
    }
}

fn object_view(text: &DomainsTexts, object: &DirectoryObject) -> ObjectView {
    let groups = object.groups.as_ref().map(|it| ((text.groups)(it.len()), it.clone()));
    let members = object.members.as_ref().map(|it| ((text.members)(it.len()), it.clone()));
    ObjectView {
        name: object.display_name.clone().unwrap_or_else(|| object.account_name.clone()),
        place: object.distinguished_name.clone(),
        account: object.account_name.clone(),
        principal: object.user_principal_name.clone(),
        mail: object.mail.clone(),
        is_enabled: object.is_enabled,
        sid: object.sid.clone(),
        guid: object.guid.clone(),
        groups: members.or(groups),
    }
}

impl DomainPageView<'_> {
    fn password_rule(&self) -> String {
        (self.text.password_rule)(MACHINE_PASSWORD_DAYS)
    }
}
