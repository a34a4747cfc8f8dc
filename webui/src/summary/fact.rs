//! The values in use and where they come from.

use model::network::{LeaseFacts, NetworkStatus, Origin, Sourced};

use super::Summary;
use crate::texts::Texts;
use crate::texts::summary::SummaryTexts;
use crate::time;

/// A value and where it comes from, as the templates see it.
#[derive(Debug)]
pub(crate) struct FactView {
    pub(crate) name: &'static str,
    /// The values; empty when there is none.
    pub(crate) values: Vec<String>,
    /// Whether the values are addresses, which are set in a fixed width.
    pub(crate) is_code: bool,
    pub(crate) origin: Option<&'static str>,
}

impl FactView {
    fn plain(name: &'static str, value: String) -> Self {
        Self { name, values: vec![value], is_code: false, origin: None }
    }

    fn text(text: &SummaryTexts, name: &'static str, value: &Sourced<String>) -> Self {
        let origin = Some((text.origin)(value.origin));
        Self { name, values: vec![value.value.clone()], is_code: false, origin }
    }

    fn addresses(
        text: &SummaryTexts,
        name: &'static str,
        values: Vec<String>,
        origin: Origin,
    ) -> Self {
        let origin = (!values.is_empty()).then(|| (text.origin)(origin));
        Self { name, values, is_code: true, origin }
    }

    fn missing(name: &'static str) -> Self {
        Self { name, values: Vec::new(), is_code: false, origin: None }
    }
}

pub(super) fn facts(texts: &Texts, summary: &Summary) -> Vec<FactView> {
    let text = &texts.summary;
    let mut facts =
        summary.network.as_ref().map(|network| of_network(text, network)).unwrap_or_default();
    if let Some(deployment) =
        summary.settings.as_ref().and_then(|status| status.settings.deployment.as_ref())
    {
        let origin = Some(text.from_link);
        let values = vec![deployment.to_string()];
        facts.push(FactView { name: text.deployment, values, is_code: false, origin });
    }
    let slot = summary.init.as_ref().and_then(|init| init.slot);
    let version = slot.map_or_else(
        || summary.version.clone(),
        |slot| (text.version_in_slot)(&summary.version, slot.title()),
    );
    facts.push(FactView::plain(text.version, version));
    let running = time::duration(texts, summary.uptime_seconds);
    facts.push(FactView::plain(text.running_for, running));
    facts
}

fn of_network(text: &SummaryTexts, network: &NetworkStatus) -> Vec<FactView> {
    let mut facts = vec![FactView::text(text, text.name, &network.host_name)];
    facts.push(network.address.as_ref().map_or_else(
        || FactView::missing(text.address),
        |address| {
            let value = vec![address.value.to_string()];
            FactView::addresses(text, text.address, value, address.origin)
        },
    ));
    facts.push(network.gateway.as_ref().map_or_else(
        || FactView::missing(text.gateway),
        |gateway| {
            let value = vec![gateway.value.to_string()];
            FactView::addresses(text, text.gateway, value, gateway.origin)
        },
    ));
    let dns = network.dns.value.iter().map(ToString::to_string).collect();
    facts.push(FactView::addresses(text, text.dns, dns, network.dns.origin));
    if let Some(domain) = &network.domain {
        facts.push(FactView::text(text, text.search_domain, domain));
    }
    let time_servers = network.ntp.value.clone();
    facts.push(FactView::addresses(text, text.time_servers, time_servers, network.ntp.origin));
    if let Some(lease) = &network.lease {
        facts.push(FactView::plain(text.lease, lease_text(text, lease)));
    }
    let card: Vec<_> =
        [&network.interface, &network.hardware_address].into_iter().flatten().cloned().collect();
    if !card.is_empty() {
        facts.push(FactView { name: text.network_card, values: card, is_code: true, origin: None });
    }
    if network.interfaces.len() > 1 && network.interface.is_some() {
        let why = (text.first_with_link)(network.interfaces.len());
        facts.push(FactView::plain(text.network_card_choice, why));
    }
    facts
}

fn lease_text(text: &SummaryTexts, lease: &LeaseFacts) -> String {
    let server = lease.server.to_string();
    match lease.duration_seconds {
        Some(seconds) => {
            let end = lease.obtained.saturating_add(i64::from(seconds));
            (text.lease_until)(&server, &time::date_time(end))
        }
        None => (text.lease_for_ever)(&server),
    }
}
