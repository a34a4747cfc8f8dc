//! One connector: state and causes, prechecks, diagnostic report, connections, load, certificate, update;
//! and the question before it is removed.

use askama::Template;
use model::precheck::PrecheckRun;

use crate::connectors::{Connector, ConnectorState, last_contact, remark, version};
use crate::form::{Confirmation, confirmation};
use crate::frame::{Frame, FrameView, Section};
use crate::load::DayView;
use crate::prechecks::RunView;
use crate::texts::Texts;
use crate::texts::connector::ConnectorPageTexts;
use crate::texts::connectors::ConnectorTexts;
use crate::texts::load::LoadTexts;
use crate::texts::updates::UpdateTexts;
use crate::time;
use crate::tone::Tone;
use crate::updates::{UpdateState, state_words};

/// Days before the end of a certificate from which on the page warns: renewal is due at ten.
const CERTIFICATE_WARNING_SECONDS: i64 = 7 * 86_400;

/// A connection of an appliance to a gateway.
#[derive(Clone, Debug)]
pub struct ChannelConnection {
    /// Name of the gateway.
    pub gateway: String,
    /// Since when, in seconds since 1970.
    pub since: i64,
    /// The address that it comes from.
    pub source: String,
    /// Time for a question and its answer, in milliseconds; `None` = not measured yet.
    pub round_trip_milliseconds: Option<u64>,
    /// Who intercepts TLS on the way, by the issuer of the certificate; empty = nobody.
    pub intercepted_by: String,
}

/// Why a connection ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DisconnectCause {
    /// The appliance restarted or was shut down.
    Restart,
    /// It restarted with an update.
    Update,
    /// The connection was reset on the way.
    Reset,
    /// The appliance closed it in good order.
    Closed,
    /// Nothing was heard for too long.
    NoAnswer,
    /// The gateway was shut down or moved its connections elsewhere.
    GatewayDrained,
    /// The gateway failed.
    GatewayLost,
    /// Another machine with the same key connected.
    Copy,
    /// The certificate was revoked.
    Revoked,
    /// The administrator of the appliance unregistered it.
    Unregistered,
    /// Its version is too old for this control plane.
    VersionTooOld,
    /// The certificate was too old and could not be renewed.
    CertificateExpired,
    /// It broke the rules of the protocol.
    Protocol {
        /// What it did.
        detail: String,
    },
}

/// The end of a connection.
#[derive(Clone, Debug)]
pub struct Disconnect {
    /// When, in seconds since 1970.
    pub at: i64,
    /// Name of the gateway.
    pub gateway: String,
    /// Why.
    pub cause: DisconnectCause,
    /// Seconds until it was connected again; `None` = it is not yet.
    pub away_seconds: Option<u64>,
}

/// The certificate of a connector.
#[derive(Clone, Debug, Default)]
pub struct ConnectorCertificate {
    /// SHA-256 of the key, as the appliance's own page shows it.
    pub key_fingerprint: String,
    /// Serial number.
    pub serial: String,
    /// When it ends, in seconds since 1970.
    pub expires: i64,
}

/// What has just been done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConnectorNotice {
    /// The prechecks were run.
    PrechecksDone,
    /// An update was ordered.
    UpdateOrdered,
}

/// Why something was not done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConnectorProblem {
    /// The connector is not in contact.
    NotInContact,
    /// It has as much to do as it can.
    Busy,
    /// Too many requests of the customer are under way.
    TooManyRequests,
    /// It did not answer in time.
    TooLate,
    /// Its version does not know how.
    TooOld,
    /// It answered that it cannot.
    Refused {
        /// What it says, in English.
        said: String,
    },
    /// Its answer cannot be understood.
    Strange,
    /// It was lost before it had answered.
    Lost,
    /// No gateway takes the request.
    NoGateway,
    /// The form was open for too long or comes from another session.
    FormExpired,
}

/// The page of a connector.
///
/// Posts `id` and `csrf` to `/console/connectors/prechecks` and to `/console/connectors/report`, which
/// answers with the file, and `connector` and `csrf` to `/console/updates/now`. A link leads to
/// `/console/connectors/remove?id=`.
#[derive(Clone, Debug)]
pub struct ConnectorPage {
    /// Common to all pages.
    pub frame: Frame,
    /// The connector as in the list.
    pub connector: Connector,
    /// When it was registered, in seconds since 1970.
    pub registered: i64,
    /// The address that it is seen from; empty = not known.
    pub seen_from: String,
    /// What it runs on, in its own words; empty = not known.
    pub platform: String,
    /// Domains that it serves.
    pub domains: Vec<String>,
    /// Failures that it reports itself, in words.
    pub failures: Vec<String>,
    /// When another machine with the same key was refused last, in seconds since 1970; `None` = none
    /// was.
    pub copy_refused: Option<i64>,
    /// Its connections, two when all is well.
    pub connections: Vec<ChannelConnection>,
    /// Whether ends of connections are kept, so that none listed means that there was none.
    pub keeps_disconnects: bool,
    /// The newest ends of connections, newest first.
    pub disconnects: Vec<Disconnect>,
    /// Its certificate.
    pub certificate: ConnectorCertificate,
    /// How far its update is.
    pub update: UpdateState,
    /// The prechecks that were run just now.
    pub prechecks: Option<PrecheckRun>,
    /// Whether the administrator may remove it, update it and ask it for something.
    pub may_change: bool,
    /// Whether updates can be ordered.
    pub can_order: bool,
    /// What has just been done.
    pub notice: Option<ConnectorNotice>,
    /// Why something was not done.
    pub problem: Option<ConnectorProblem>,
    /// The time now, in seconds since 1970.
    pub now: i64,
}

#[derive(Template)]
#[template(path = "connector.html")]
struct ConnectorView<'a> {
    frame: FrameView<'a>,
    texts: &'static Texts,
    text: &'static ConnectorPageTexts,
    list_text: &'static ConnectorTexts,
    load_text: &'static LoadTexts,
    update_text: &'static UpdateTexts,
    page: &'a ConnectorPage,
    day: Option<DayView>,
    notice: Option<&'static str>,
    problem: Option<&'static str>,
    run: Option<RunView>,
    copy_refused: Option<String>,
    certificate_ends: String,
    is_certificate_old: bool,
    update: String,
}

impl ConnectorView<'_> {
    fn moment(&self, at: &i64) -> String {
        time::moment(*at, self.page.now)
    }

    fn state_remark(&self) -> String {
        remark(self.list_text, &self.page.connector, self.page.now)
    }

    fn version(&self) -> String {
        version(self.list_text, &self.page.connector.version)
    }

    fn expected(&self) -> String {
        version(self.list_text, &self.page.connector.expected_version)
    }

    fn last_contact(&self) -> String {
        last_contact(self.texts, self.page.connector.last_contact, self.page.now)
    }

    fn load(&self) -> String {
        let percent = self.page.connector.load_percent;
        percent.map_or_else(|| self.list_text.unknown.to_owned(), |percent| format!("{percent} %"))
    }

    fn round_trip(&self, connection: &ChannelConnection) -> String {
        let time = connection.round_trip_milliseconds;
        time.map_or_else(|| self.list_text.unknown.to_owned(), |time| format!("{time} ms"))
    }

    fn away(&self, disconnect: &Disconnect) -> String {
        match disconnect.away_seconds {
            Some(seconds) => time::duration(self.texts, seconds),
            None => self.text.still_away.to_owned(),
        }
    }

    fn connections_tone(&self) -> Tone {
        match self.page.connections.len() {
            0 => Tone::Failing,
            1 => Tone::Attention,
            _ => Tone::Good,
        }
    }

    fn connections_state(&self) -> &'static str {
        (self.text.connections_state)(self.page.connections.len())
    }

    /// Whether it can be asked for something now.
    const fn is_there(&self) -> bool {
        matches!(self.page.connector.state, ConnectorState::InContact | ConnectorState::Error)
    }

    /// What the connector said when it refused.
    fn said(&self) -> Option<&str> {
        match &self.page.problem {
            Some(ConnectorProblem::Refused { said }) => Some(said),
            _ => None,
        }
    }
}

/// Renders the page of a connector.
#[must_use]
pub fn connector(page: &ConnectorPage) -> String {
    let texts = Texts::of(page.frame.language);
    let text = &texts.connector;
    let left = page.certificate.expires - page.now;
    let words = match u64::try_from(left) {
        Ok(left) => (text.certificate_left)(&time::duration(texts, left)),
        Err(_) => text.certificate_ended.to_owned(),
    };
    crate::render(&ConnectorView {
        frame: FrameView::new(&page.frame, Some(Section::Connectors), &page.connector.name)
            .with_error(page.problem.is_some()),
        texts,
        text,
        list_text: &texts.connectors,
        load_text: &texts.load,
        update_text: &texts.updates,
        page,
        day: DayView::new(texts, &page.connector.history, page.now),
        notice: page.notice.map(text.notice),
        problem: page.problem.as_ref().map(text.problem),
        run: page.prechecks.as_ref().map(|run| RunView::new(texts, run)),
        copy_refused: page.copy_refused.map(|at| (text.copy_refused)(&time::moment(at, page.now))),
        certificate_ends: format!("{} ({words})", time::date_time(page.certificate.expires)),
        is_certificate_old: left < CERTIFICATE_WARNING_SECONDS,
        update: state_words(&texts.updates, &page.update, page.now),
    })
}

/// The question before a connector is removed.
///
/// Posts `id` and `csrf` to `/console/connectors/remove`.
#[derive(Clone, Debug)]
pub struct RemoveConnector {
    /// Common to all pages.
    pub frame: Frame,
    /// ID of the connector.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Name of its resource location.
    pub location: String,
    /// How it is.
    pub state: ConnectorState,
    /// Whether it is the last of its location.
    pub is_last: bool,
    /// Whether it could not be removed the last time.
    pub is_refused: bool,
}

/// Renders the question before a connector is removed.
#[must_use]
pub fn remove_connector(page: &RemoveConnector) -> String {
    let text = &Texts::of(page.frame.language).connector;
    let is_there = matches!(
        page.state,
        ConnectorState::InContact | ConnectorState::Updating | ConnectorState::Error
    );
    let mut consequences = vec![match is_there {
        true => text.remove_working.to_owned(),
        false => text.remove_orphan.to_owned(),
    }];
    if page.is_last {
        consequences.push((text.remove_last)(&page.location));
    }
    confirmation(&Confirmation {
        frame: &page.frame,
        section: Section::Connectors,
        title: text.remove_title,
        question: (text.remove_question)(&page.name, &page.location),
        consequences,
        refused: page.is_refused.then(|| text.not_removed.to_owned()),
        is_possible: true,
        action: "/console/connectors/remove",
        fields: vec![("id", &page.id)],
        button: text.remove_button,
        back: "/console/connectors".to_owned(),
    })
}
