//! The page that asks whether new network settings shall stay, and the one that says that they did not.

use askama::Template;
use model::network::{NetworkSettings, NetworkStatus};
use model::network_form::NetworkField;
use model::settings::{NetworkChoice, NetworkReverted, NetworkTrial};

use crate::frame::{Frame, FrameView};
use crate::texts::Texts;
use crate::texts::network_settings::NetworkSettingsTexts;
use crate::time;

/// Between the end of the trial and the look without script, in seconds.
const AFTER_END_SECONDS: u64 = 3;
/// Between two looks without script while the time has not begun, in seconds.
const WAITING_SECONDS: u64 = 5;
/// How long a trial lasts, for the bar.
const TRIAL_SECONDS: u64 = model::settings::TRIAL_SECONDS;

/// The question after the restart. Posts `csrf` to `/network-settings/keep` or `/network-settings/revert`.
#[derive(Clone, Debug)]
pub struct KeepNetwork {
    /// Common to all pages.
    pub frame: Frame,
    /// What is tried and what returns.
    pub trial: NetworkTrial,
    /// The values in use.
    pub network: Option<NetworkStatus>,
    /// Address or name under which the browser reached the appliance, without port.
    pub used_address: String,
    /// Seconds until the settings from before return; `None` while that time has not begun.
    pub seconds_left: Option<u64>,
    /// Seconds since 1970.
    pub now: i64,
}

/// What was tried and taken back. Posts `csrf` to `/changes/dismiss`.
#[derive(Clone, Debug)]
pub struct RevertedNetwork {
    /// Common to all pages.
    pub frame: Frame,
    /// What was taken back.
    pub reverted: NetworkReverted,
    /// Whether the reader has just tried to keep it.
    pub is_too_late: bool,
}

/// A row of the table.
#[derive(Debug)]
struct RowView {
    name: String,
    before: String,
    after: String,
    /// Whether the browser came over this value.
    is_used: bool,
}

#[derive(Debug)]
struct CountdownView {
    seconds: u64,
    text: String,
    returns_at: String,
}

#[derive(Template)]
#[template(path = "keep_network.html")]
struct KeepNetworkView<'a> {
    frame: FrameView<'a>,
    text: &'static NetworkSettingsTexts,
    countdown: Option<CountdownView>,
    trial_seconds: u64,
    /// When a browser without script looks again.
    refresh_seconds: u64,
    rows: Vec<RowView>,
}

#[derive(Template)]
#[template(path = "reverted_network.html")]
struct RevertedNetworkView<'a> {
    frame: FrameView<'a>,
    text: &'static NetworkSettingsTexts,
    explanation: String,
    is_too_late: bool,
    rows: Vec<(String, String)>,
}

/// Renders the question.
#[must_use]
pub fn keep_network(page: &KeepNetwork) -> String {
    let texts = Texts::of(page.frame.language);
    let text = &texts.network_settings;
    let (before, tried) = (&page.trial.previous, &page.trial.tried);
    let after = |field| in_use(page, field, texts).unwrap_or_else(|| value(tried, field, texts));
    // Compared as chosen: what DHCP gives now is no change of the settings.
    let is_shown = |field: &NetworkField| {
        *field == NetworkField::Address
            || value(before, *field, texts) != value(tried, *field, texts)
    };
    let rows =
        FIELDS
            .into_iter()
            .filter(is_shown)
            .map(|field| RowView {
                name: label(text, field),
                before: value(before, field, texts),
                after: after(field),
                is_used: field == NetworkField::Address
                    && page.network.as_ref().and_then(|it| it.address.as_ref()).is_some_and(
                        |address| address.value.address.to_string() == page.used_address,
                    ),
            })
            .collect();
    let countdown = page.seconds_left.map(|seconds| CountdownView {
        seconds,
        text: (text.reverting)(&time::duration(texts, seconds)),
        returns_at: (text.returns_at)(&time::date_time(page.now.saturating_add_unsigned(seconds))),
    });
    crate::render(&KeepNetworkView {
        frame: FrameView::new(&page.frame, text.keep_title),
        text,
        countdown,
        trial_seconds: TRIAL_SECONDS,
        refresh_seconds: page
            .seconds_left
            .map_or(WAITING_SECONDS, |seconds| seconds + AFTER_END_SECONDS),
        rows,
    })
}

/// Renders the page about settings that were taken back.
#[must_use]
pub fn reverted_network(page: &RevertedNetwork) -> String {
    let texts = Texts::of(page.frame.language);
    let text = &texts.network_settings;
    let NetworkReverted { tried, at, reason } = &page.reverted;
    let frame = FrameView::new(&page.frame, text.reverted_title);
    crate::render(&RevertedNetworkView {
        frame: if page.is_too_late { frame.with_error() } else { frame },
        text,
        explanation: (text.reverted)(*reason, &time::date_time(*at)),
        is_too_late: page.is_too_late,
        rows: FIELDS
            .into_iter()
            .map(|field| (label(text, field), value(tried, field, texts)))
            .collect(),
    })
}

/// The rows of the tables; a row of a list stands for the whole list.
const FIELDS: [NetworkField; 5] = [
    NetworkField::Address,
    NetworkField::Gateway,
    NetworkField::Dns(0),
    NetworkField::Ntp(0),
    NetworkField::HostName,
];

fn label(text: &NetworkSettingsTexts, field: NetworkField) -> String {
    match field {
        NetworkField::Dns(_) => text.dns.to_owned(),
        NetworkField::Ntp(_) => text.ntp.to_owned(),
        other => (text.label)(other),
    }
}

fn value(choice: &NetworkChoice, field: NetworkField, texts: &Texts) -> String {
    let text = &texts.network_settings;
    if field == NetworkField::HostName {
        let name = choice.host_name.as_ref().map(|name| name.value.clone());
        return name.unwrap_or_else(|| text.from_dhcp.to_owned());
    }
    let NetworkSettings::Static(fixed) = &choice.network.value else {
        return text.from_dhcp.to_owned();
    };
    let value = match field {
        NetworkField::Gateway => {
            fixed.gateway.map(|gateway| gateway.to_string()).unwrap_or_default()
        }
        NetworkField::Dns(_) => join(&fixed.dns),
        NetworkField::Ntp(_) => fixed.ntp.join(", "),
        _ => fixed.address.to_string(),
    };
    or_none(value, texts)
}

/// What the network role says is in use: what DHCP gave is known only there.
fn in_use(page: &KeepNetwork, field: NetworkField, texts: &Texts) -> Option<String> {
    let network = page.network.as_ref()?;
    let value = match field {
        NetworkField::Gateway => {
            network.gateway.as_ref().map(|it| it.value.to_string()).unwrap_or_default()
        }
        NetworkField::Dns(_) => join(&network.dns.value),
        NetworkField::Ntp(_) => network.ntp.value.join(", "),
        NetworkField::HostName => network.host_name.value.clone(),
        _ => network.address.as_ref()?.value.to_string(),
    };
    Some(or_none(value, texts))
}

fn join(addresses: &[std::net::Ipv4Addr]) -> String {
    addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

fn or_none(value: String, texts: &Texts) -> String {
    if value.is_empty() { texts.summary.none.to_owned() } else { value }
}
