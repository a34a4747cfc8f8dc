//! *Network settings*: editing them and saving them on trial.

use std::net::Ipv4Addr;

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use model::network::{MAX_SERVERS, NetworkSettings};
use model::network_form::{FieldProblem, Method, NetworkField, NetworkForm};
use model::settings::{NetworkChoice, SettingsStatus};
use tracing::{error, info};
use webui::{EditNetwork, ErrorKind, NetworkSaved, PasswordProblem, network_field_name};

use crate::changes::{SilentServers, check_network};
use crate::pages::answer::{self, html, html_with_pause, see_other};
use crate::pages::confirmation::confirm;
use crate::pages::form::Form;
use crate::pages::submission::Submission;
use crate::pages::visit::Visit;
use crate::state::Shared;

const PATH: &str = "/network-settings";
/// Longest value of a field that is looked at, in bytes.
const MAX_VALUE_BYTES: usize = 253;

/// `GET /network-settings`.
pub(crate) async fn show(State(state): State<Shared>, request: Request) -> Response {
    let visit = Visit::of(&state, &request);
    if visit.session.is_none() {
        return see_other(&visit, "/");
    }
    let settings = state.settings.borrow().clone();
    let Some(settings) = settings else {
        return answer::error(&visit, ErrorKind::Unavailable);
    };
    let mut draft = Draft { form: present(&settings, &state), saves_silent_servers: false };
    draft.form.show_a_row();
    page(&visit, &state, StatusCode::OK, draft, Vec::new(), None)
}

/// `POST /network-settings`.
pub(crate) async fn submit(State(state): State<Shared>, request: Request) -> Response {
    let submission = match Submission::of_session(&state, request).await {
        Ok(submission) => submission,
        Err(response) => return response,
    };
    let genuine = submission.genuine(|visit, form| {
        let refusal = Some(PasswordProblem::FormExpired);
        page(visit, &state, StatusCode::FORBIDDEN, Draft::read(form), Vec::new(), refusal)
    });
    let (visit, form) = match genuine {
        Ok(genuine) => genuine,
        Err(response) => return response,
    };
    let mut draft = Draft::read(&form);
    let action = form.text("action").unwrap_or_default();
    if action != "save" {
        draft.form.edit_rows(action);
        return page(&visit, &state, StatusCode::OK, draft, Vec::new(), None);
    }
    save(visit, &state, draft, &form).await
}

async fn save(visit: Visit, state: &Shared, draft: Draft, form: &Form) -> Response {
    let wrong = StatusCode::UNPROCESSABLE_ENTITY;
    // What can be seen without asking anybody comes first, all of it at once.
    let problems = draft.form.check().err().unwrap_or_default();
    let current = form.secret("current");
    if !problems.is_empty() || current.expose().is_empty() {
        let refusal = current
            .expose()
            .is_empty()
            .then_some(PasswordProblem::Missing(webui::PasswordField::Current));
        return page(&visit, state, wrong, draft, problems, refusal);
    }
    if let Err((status, refusal)) = confirm(state, &visit, current).await {
        return page(&visit, state, status, draft, Vec::new(), Some(refusal));
    }
    let silent = match draft.saves_silent_servers {
        true => SilentServers::Stored,
        false => SilentServers::Refused,
    };
    let choice = match check_network(state, &draft.form, silent).await {
        Ok(choice) => choice,
        Err(problems) => return page(&visit, state, wrong, draft, problems, None),
    };
    let url = url(&choice);
    match state.changers.try_network(choice).await {
        Ok(()) => saved(visit, url),
        Err(failure) => {
            error!(error = %failure, "The network settings cannot be changed");
            let (status, refusal) = (StatusCode::SERVICE_UNAVAILABLE, PasswordProblem::NotStored);
            page(&visit, state, status, draft, Vec::new(), Some(refusal))
        }
    }
}

fn saved(mut visit: Visit, url: Option<String>) -> Response {
    info!(source = %visit.source, "The administrator tries other network settings");
    visit.leave_session();
    let page = NetworkSaved { frame: visit.frame("/"), url };
    html(&visit, StatusCode::OK, webui::network_saved(&page))
}

/// Where the page will be.
fn url(choice: &NetworkChoice) -> Option<String> {
    match &choice.network.value {
        NetworkSettings::Automatic => None,
        NetworkSettings::Static(fixed) => Some(format!("https://{}/", fixed.address.address)),
    }
}

/// What stands in the form at first: the settings, and for automatic ones the values in use, from
/// which somebody would start.
fn present(settings: &SettingsStatus, state: &Shared) -> NetworkForm {
    let settings = &settings.settings;
    let choice =
        NetworkChoice { network: settings.network.clone(), host_name: settings.host_name.clone() };
    let mut form = NetworkForm::of(&choice);
    let network = state.network.borrow();
    if let (Method::Automatic, Some(network)) = (form.method, network.as_ref()) {
        if let Some(address) = &network.address {
            form.address = address.value.address.to_string();
            form.mask = address.value.prefix.mask().to_string();
        }
        let gateway = network.gateway.as_ref();
        form.gateway = gateway.map(|gateway| gateway.value.to_string()).unwrap_or_default();
        form.dns = network.dns.value.iter().map(Ipv4Addr::to_string).collect();
        form.ntp.clone_from(&network.ntp.value);
    }
    form
}

/// The form with what belongs to the page only.
struct Draft {
    form: NetworkForm,
    saves_silent_servers: bool,
}

impl Draft {
    fn read(sent: &Form) -> Self {
        let text = |name: &str| {
            let text = sent.text(name).unwrap_or_default();
            text.chars().take(MAX_VALUE_BYTES).collect::<String>()
        };
        let rows = |field: fn(usize) -> NetworkField| {
            let names = (0..MAX_SERVERS).map(|row| network_field_name(field(row)));
            names.filter(|name| sent.text(name).is_some()).map(|name| text(&name)).collect()
        };
        let method = match sent.text("method") {
            Some("static") => Method::Static,
            _ => Method::Automatic,
        };
        let mut form = NetworkForm {
            method,
            address: text("address"),
            mask: text("mask"),
            gateway: text("gateway"),
            dns: rows(NetworkField::Dns),
            ntp: rows(NetworkField::Ntp),
            host_name: text("hostName"),
        };
        form.show_a_row();
        Self { form, saves_silent_servers: sent.text("force").is_some() }
    }
}

/// The rows of the lists, which only the page knows: the REST interface has arrays.
trait Rows {
    fn show_a_row(&mut self);
    fn edit_rows(&mut self, action: &str);
}

impl Rows for NetworkForm {
    /// An empty list has one row to type into.
    fn show_a_row(&mut self) {
        for rows in [&mut self.dns, &mut self.ntp] {
            if rows.is_empty() {
                rows.push(String::new());
            }
        }
    }

    /// Does `add-dns`, `remove-ntp-2` and the like; anything else changes nothing.
    fn edit_rows(&mut self, action: &str) {
        let mut words = action.split('-');
        let (verb, list, row) = (words.next(), words.next(), words.next());
        let rows = match list {
            Some("dns") => &mut self.dns,
            Some("ntp") => &mut self.ntp,
            _ => return,
        };
        let row = row.and_then(|row| row.parse::<usize>().ok()).and_then(|row| row.checked_sub(1));
        match (verb, row) {
            (Some("add"), _) if rows.len() < MAX_SERVERS => rows.push(String::new()),
            (Some("remove"), Some(row)) if row < rows.len() => {
                rows.remove(row);
            }
            _ => {}
        }
        self.show_a_row();
    }
}

fn page(
    visit: &Visit,
    state: &Shared,
    status: StatusCode,
    draft: Draft,
    problems: Vec<FieldProblem>,
    refusal: Option<PasswordProblem>,
) -> Response {
    let wait_seconds = refusal.as_ref().map_or(0, PasswordProblem::wait_seconds);
    let page = EditNetwork {
        frame: visit.frame(PATH),
        form: draft.form,
        saves_silent_servers: draft.saves_silent_servers,
        problems,
        refusal,
        in_use: state.network.borrow().clone(),
    };
    html_with_pause(visit, status, webui::edit_network(&page), wait_seconds)
}
