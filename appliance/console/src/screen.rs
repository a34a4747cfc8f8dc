//! The text of the landing page: a pure function of what the roles say.

use std::fmt::Write as _;

use model::channel::{ChannelStatus, RegistrationState};
use model::clock::ClockStatus;
pub use model::console::COLUMNS;
use model::console::wrap;
use model::diagnostics::DiagnosticsStatus;
use model::domain::status::DirectoryStatus;
use model::guest::GuestStatus;
use model::health::{Finding, Health, Known, Severity};
use model::network::{NetworkStatus, Origin};
use model::product;
use model::settings::{BootParameterReport, SettingsStatus, TRIAL_SECONDS, TrialPhase};
use model::supervision::InitStatus;

use crate::cause;

/// Height of the page in lines: one less than 25, so that nothing ever scrolls.
pub const ROWS: usize = 24;

/// Lines that stand at the foot of every page.
const HELP: [&str; 2] = [
    "To set a fixed address: restart, press Esc at \"Welcome to GRUB!\", then e,",
    "and add network=static:ip=...;netmask=...;route=...;dns=...;ntp=...",
];
const SHA256_BYTES_A_LINE: usize = 16;

/// What the page shows; `None` = the role does not answer.
#[derive(Clone, Debug, Default)]
pub struct View {
    /// Values of the network.
    pub network: Option<NetworkStatus>,
    /// Settings and certificate.
    pub settings: Option<SettingsStatus>,
    /// Whether the clock is right.
    pub clock: Option<ClockStatus>,
    /// Slot and processes.
    pub init: Option<InitStatus>,
    /// Proxies and interception.
    pub diagnostics: Option<DiagnosticsStatus>,
    /// What the directory role says.
    pub directory: Option<DirectoryStatus>,
    /// Registration and connections to the cloud.
    pub channel: Option<ChannelStatus>,
    /// The platform and its first settings.
    pub guest: Option<GuestStatus>,
    /// The time, in seconds since 1970.
    pub now: i64,
}

/// The lines of the page: at most [`ROWS`] of at most [`COLUMNS`] printable ASCII characters.
#[must_use]
pub fn render(view: &View) -> Vec<String> {
    let health = Health::judge(&Known {
        network: view.network.as_ref(),
        settings: view.settings.as_ref(),
        clock: view.clock.as_ref(),
        init: view.init.as_ref(),
        diagnostics: view.diagnostics.as_ref(),
        directory: view.directory.as_ref(),
        channel: view.channel.as_ref(),
        guest: view.guest.as_ref(),
        now: view.now,
    });
    let mut lines = heading();
    lines.extend(address_lines(view.network.as_ref()));
    lines.push(String::new());
    lines.extend(fingerprint_lines(view.settings.as_ref()));
    lines.push(String::new());
    lines.push(format!("State: {}", headline(&health, view.channel.as_ref())));
    lines.extend(trial_lines(view));
    let room = ROWS - lines.len() - HELP.len();
    lines.extend(body(view, &health, room));
    lines.resize(ROWS - HELP.len(), String::new());
    lines.extend(HELP.map(str::to_owned));
    lines.into_iter().map(|line| printable(&line).chars().take(COLUMNS).collect()).collect()
}

/// The documented first lines.
fn heading() -> Vec<String> {
    vec![
        product::VENDOR.to_owned(),
        "-".repeat(product::VENDOR.len()),
        String::new(),
        format!("{} {}", product::NAME, product::VERSION),
        format!("Downloaded from {} - {}", product::VENDOR, product::DOWNLOAD_URL),
        String::new(),
    ]
}

fn address_lines(network: Option<&NetworkStatus>) -> [String; 3] {
    let address = network.and_then(|network| network.address.as_ref());
    let url = address.map_or_else(
        || "(no address yet)".to_owned(),
        |address| format!("https://{}", address.value.address),
    );
    ["Please go to:".to_owned(), url, "to manage your deployment".to_owned()]
}

fn fingerprint_lines(settings: Option<&SettingsStatus>) -> Vec<String> {
    let Some(facts) = settings.and_then(|settings| settings.certificate.as_ref()) else {
        return vec!["SSL Fingerprint: (the certificate is being made)".to_owned()];
    };
    let sha256 = facts.sha256.to_string();
    let (first, second) = sha256.split_at_checked(SHA256_BYTES_A_LINE * 3).unwrap_or((&sha256, ""));
    vec![
        format!("SSL Fingerprint: {}", facts.sha1),
        format!("SHA-256: {first}"),
        format!("         {second}"),
    ]
}

fn headline(health: &Health, channel: Option<&ChannelStatus>) -> String {
    if health.is_starting() {
        return "Starting".to_owned();
    }
    let causes = health.causes();
    let count = |severity| causes.iter().filter(|found| found.cause.severity() == severity).count();
    match health.severity() {
        Severity::Good => match channel.map(|channel| &channel.registration) {
            None | Some(RegistrationState::NotRegistered { .. }) => "Healthy - ready to register",
            Some(RegistrationState::Registering { .. }) => "Healthy - being registered",
            Some(RegistrationState::Registered { .. }) => "Healthy - registered",
        }
        .to_owned(),
        Severity::Attention => match count(Severity::Attention) {
            1 => "Working - 1 thing to note".to_owned(),
            several => format!("Working - {several} things to note"),
        },
        Severity::Failing => match count(Severity::Failing) {
            1 => "NOT WORKING - 1 cause to fix".to_owned(),
            several => format!("NOT WORKING - {several} causes to fix"),
        },
    }
}

/// What to do while new network settings are on trial. The seconds that are left are not counted
/// here: the page would be drawn anew each second.
fn trial_lines(view: &View) -> Vec<String> {
    let trial = view.settings.as_ref().and_then(|settings| settings.network_trial.as_ref());
    let address = view.network.as_ref().and_then(|network| network.address.as_ref());
    match (trial, address) {
        (None, _) => Vec::new(),
        (Some(TrialPhase::AwaitsRestart), _) => {
            vec!["New network settings take effect with the restart that comes now.".to_owned()]
        }
        (Some(TrialPhase::Running { .. }), Some(address)) => vec![
            format!("New network settings: sign in at https://{}", address.value.address),
            format!("and keep them within {TRIAL_SECONDS} s, or the previous ones return."),
        ],
        (Some(_), _) => vec!["New network settings are being tried.".to_owned()],
    }
}

/// Causes first, then as many values as there is room for.
fn body(view: &View, health: &Health, room: usize) -> Vec<String> {
    let causes = health.causes();
    let mut lines = Vec::new();
    for (index, found) in causes.iter().enumerate() {
        let block = cause_lines(index + 1, found);
        let is_last = index + 1 == causes.len();
        if lines.len() + block.len() + usize::from(!is_last) > room {
            lines.push(format!("... and {} more on the admin page", causes.len() - index));
            break;
        }
        lines.extend(block);
    }
    let mut facts = facts(view);
    if lines.len() + 2 + facts.len() < room {
        facts.insert(0, String::new());
    }
    facts.truncate(room.saturating_sub(lines.len()));
    lines.extend(facts);
    lines
}

/// `[1] text`, wrapped, with the identifier at the right edge of the last line.
fn cause_lines(number: usize, found: &Finding) -> Vec<String> {
    const INDENT: usize = 4;
    let text = cause::text(&found.cause);
    let mut lines = wrap(&printable(&text), COLUMNS - INDENT);
    let id = found.cause.id();
    match lines.last_mut() {
        Some(last) if INDENT + last.len() + 1 + id.len() <= COLUMNS => {
            let width = COLUMNS - INDENT - last.len();
            let _ = write!(last, "{id:>width$}");
        }
        _ => lines.push(format!("{id:>width$}", width = COLUMNS - INDENT)),
    }
    let mark = |index| if index == 0 { format!("[{number}] ") } else { " ".repeat(INDENT) };
    lines.into_iter().enumerate().map(|(index, line)| mark(index) + &line).collect()
}

fn facts(view: &View) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(network) = &view.network {
        if let Some(address) = &network.address {
            let gateway = network.gateway.as_ref().map_or_else(
                || "no gateway".to_owned(),
                |gateway| format!("gateway {}", gateway.value),
            );
            lines.push(fact("Address", &format!("{}, {gateway}", address.value), address.origin));
        }
        if !network.dns.value.is_empty() {
            lines.push(fact("DNS", &join(&network.dns.value), network.dns.origin));
        }
        if !network.ntp.value.is_empty() {
            lines.push(fact("Time", &join(&network.ntp.value), network.ntp.origin));
        }
        let name = network.domain.as_ref().map_or_else(
            || network.host_name.value.clone(),
            |domain| format!("{}.{}", network.host_name.value, domain.value),
        );
        lines.push(fact("Name", &name, network.host_name.origin));
    }
    lines.extend(view.channel.as_ref().and_then(cloud_line));
    let report = view.settings.as_ref().and_then(|settings| settings.boot_parameter.as_ref());
    if report == Some(&BootParameterReport::Stored) {
        lines.push("Boot      network= of this start is in use and stored for later starts".into());
    }
    if let Some(slot) = view.init.as_ref().and_then(|init| init.slot) {
        lines.push(format!("Slot      {}", slot.title()));
    }
    lines
}

/// Under which name the cloud knows the appliance, and whether it is connected.
fn cloud_line(channel: &ChannelStatus) -> Option<String> {
    match &channel.registration {
        RegistrationState::NotRegistered { .. } => None,
        RegistrationState::Registering { applicant, .. } => {
            Some(row("Cloud", &applicant.name, "being registered"))
        }
        RegistrationState::Registered { registration } => {
            let state = match (channel.connected(), channel.connections.len()) {
                (0, _) => "not connected".to_owned(),
                (some, all) => format!("connected ({some} of {all})"),
            };
            Some(row("Cloud", &registration.name, &state))
        }
    }
}

fn fact(label: &str, value: &str, origin: Origin) -> String {
    let origin = match origin {
        Origin::Default => "default",
        Origin::BootParameter => "from boot parameter",
        Origin::Dhcp => "from DHCP",
        Origin::Operator => "set by operator",
    };
    row(label, value, origin)
}

fn row(label: &str, value: &str, remark: &str) -> String {
    format!("{label:<10}{value:<40} {remark}")
}

fn join<T: ToString>(values: &[T]) -> String {
    values.iter().map(T::to_string).collect::<Vec<_>>().join(", ")
}

/// Replaces what a VGA font or a terminal would not show plainly.
fn printable(line: &str) -> String {
    let shown = |character: char| {
        if character == ' ' || character.is_ascii_graphic() { character } else { '?' }
    };
    line.chars().map(shown).collect()
}

#[cfg(test)]
mod tests;
