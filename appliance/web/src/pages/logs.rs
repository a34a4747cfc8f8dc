//! *Logs*: the records, the server that they are sent to, and the token for metrics.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use model::journal::{MAX_PAGE_RECORDS, Page, Query, Record, SyslogState};
use model::syslog::SyslogForm;
use model::utc;
use tokio::time::Instant;
use tracing::{error, info};
use webui::{Dangerous, LogFilter, LogsPage, LogsProblem};

use crate::changes::ChangeFailure;
use crate::log_query::{DEFAULT_LIMIT, LogQuery};
use crate::pages::answer::{html, see_other};
use crate::pages::form::Form;
use crate::pages::visit::Visit;
use crate::pages::{cookie, reenter};
use crate::state::{Shared, State as Everything, now};

/// Where the page stands.
const PATH: &str = "/logs";
const SYSLOG: &str = "/logs/syslog";
const SYSLOG_REMOVE: &str = "/logs/syslog/remove";
const TOKEN: &str = "/logs/metrics-token";
const TOKEN_REMOVE: &str = "/logs/metrics-token/remove";
/// Longest value of a field that is looked at, in characters.
const MAX_VALUE_CHARS: usize = 253;
/// Largest download, in bytes; the newest records are kept.
const MAX_DOWNLOAD_BYTES: usize = 4 * 1024 * 1024;
/// Most questions to the journal for one download.
const MAX_DOWNLOAD_PAGES: usize = 200;

/// `GET /logs`.
pub(crate) async fn show(State(state): State<Shared>, request: Request) -> Response {
    let visit = Visit::of(&state, &request);
    if visit.session.is_none() {
        return see_other(&visit, "/");
    }
    let (query, problem) = read_query(&request);
    let mut view = view(&visit, &state, query).await;
    view.problem = problem;
    html(&visit, StatusCode::OK, webui::logs(&view))
}

/// `GET /logs/download`: the records that the filter shows as text, oldest first.
pub(crate) async fn download(State(state): State<Shared>, request: Request) -> Response {
    let mut response = Response::new(Body::empty());
    let cookie = cookie::read(request.headers(), cookie::SESSION).unwrap_or_default();
    if !state.administrator.sessions().has_page(cookie, Instant::now()) {
        *response.status_mut() = StatusCode::UNAUTHORIZED;
        return response;
    }
    let (LogQuery { query, .. }, _) = read_query(&request);
    let Some(text) = text(&state, query).await else {
        *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
        return response;
    };
    *response.body_mut() = Body::from(text);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    let name = format!("attachment; filename=\"{}-logs.txt\"", state.host_name());
    if let Ok(name) = HeaderValue::try_from(name) {
        headers.insert(CONTENT_DISPOSITION, name);
    }
    response
}

/// `POST /logs/syslog`.
pub(crate) async fn set_syslog(State(state): State<Shared>, request: Request) -> Response {
    let (visit, form) =
        match reenter::form(&state, SYSLOG, Dangerous::LogDestination, request).await {
            Ok(opened) => opened,
            Err(response) => return response,
        };
    let form = read_form(&form);
    match form.parse() {
        Ok(Some(setting)) => {
            let server = setting.server.clone();
            match state.set_syslog(Some(setting)).await {
                Ok(()) => {
                    info!(source = %visit.source, server, "The administrator sends the logs to a server");
                    see_other(&visit, PATH)
                }
                Err(failure) => failed(&visit, &state, &failure, Some(form)).await,
            }
        }
        Ok(None) => wrong(&visit, &state, LogsProblem::NoServer, form).await,
        Err(problems) => wrong(&visit, &state, LogsProblem::Syslog(problems), form).await,
    }
}

/// `POST /logs/syslog/remove`.
pub(crate) async fn remove_syslog(State(state): State<Shared>, request: Request) -> Response {
    let change = Dangerous::LogDestination;
    let (visit, _) = match reenter::form(&state, SYSLOG_REMOVE, change, request).await {
        Ok(opened) => opened,
        Err(response) => return response,
    };
    match state.set_syslog(None).await {
        Ok(()) => {
            info!(source = %visit.source, "The administrator sends the logs nowhere");
            see_other(&visit, PATH)
        }
        Err(failure) => failed(&visit, &state, &failure, None).await,
    }
}

/// `POST /logs/metrics-token`: the answer shows it, once.
pub(crate) async fn make_token(State(state): State<Shared>, request: Request) -> Response {
    let (visit, _) = match reenter::form(&state, TOKEN, Dangerous::MetricsToken, request).await {
        Ok(opened) => opened,
        Err(response) => return response,
    };
    match state.make_metrics_token().await {
        Ok(token) => {
            info!(source = %visit.source, "The administrator has made a token for metrics");
            let mut view = view(&visit, &state, newest()).await;
            view.new_metrics_token = Some(token.expose().to_owned());
            html(&visit, StatusCode::OK, webui::logs(&view))
        }
        Err(failure) => failed(&visit, &state, &failure, None).await,
    }
}

/// `POST /logs/metrics-token/remove`.
pub(crate) async fn remove_token(State(state): State<Shared>, request: Request) -> Response {
    let (visit, _) =
        match reenter::form(&state, TOKEN_REMOVE, Dangerous::MetricsToken, request).await {
            Ok(opened) => opened,
            Err(response) => return response,
        };
    match state.delete_metrics_token().await {
        Ok(()) => {
            info!(source = %visit.source, "The administrator has removed the token for metrics");
            see_other(&visit, PATH)
        }
        Err(failure) => failed(&visit, &state, &failure, None).await,
    }
}

fn newest() -> LogQuery {
    LogQuery { query: Query::default(), page: Page::Newest, limit: DEFAULT_LIMIT }
}

/// What the filter asks for. One that is not understood shows everything and says so.
fn read_query(request: &Request) -> (LogQuery, Option<LogsProblem>) {
    let form = Form::parse(request.uri().query().unwrap_or_default().as_bytes());
    match form.map(|form| LogQuery::read(&form)) {
        Some(Ok(query)) => (query, None),
        Some(Err(_)) | None => (newest(), Some(LogsProblem::Filter)),
    }
}

fn read_form(form: &Form) -> SyslogForm {
    let text = |name| form.text(name).unwrap_or_default().chars().take(MAX_VALUE_CHARS).collect();
    SyslogForm {
        server: text("server"),
        port: text("port"),
        transport: text("transport"),
        severity: text("severity"),
    }
}

async fn wrong(
    visit: &Visit,
    state: &Everything,
    problem: LogsProblem,
    form: SyslogForm,
) -> Response {
    let mut view = view(visit, state, newest()).await;
    view.syslog = form;
    view.problem = Some(problem);
    html(visit, StatusCode::UNPROCESSABLE_ENTITY, webui::logs(&view))
}

async fn failed(
    visit: &Visit,
    state: &Everything,
    failure: &ChangeFailure,
    form: Option<SyslogForm>,
) -> Response {
    error!(error = %failure, "A setting of logs or metrics cannot be changed");
    let mut view = view(visit, state, newest()).await;
    if let Some(form) = form {
        view.syslog = form;
    }
    view.problem = Some(LogsProblem::NotStored);
    html(visit, StatusCode::SERVICE_UNAVAILABLE, webui::logs(&view))
}

async fn view(visit: &Visit, state: &Everything, asked: LogQuery) -> LogsPage {
    let LogQuery { query, page, limit } = asked;
    let filter = LogFilter {
        source: query.source,
        severity: query.severity,
        text: query.text.clone().unwrap_or_default(),
        before: match page {
            Page::Before(id) => Some(id),
            Page::Newest | Page::After(_) => None,
        },
    };
    let records = state.read_journal(query, page, limit).await;
    let older = records.as_ref().and_then(|records| match records.next {
        Some(Page::Before(id)) => Some(id),
        _ => None,
    });
    let journal = state.journal.borrow().clone();
    let setting = state.syslog();
    let syslog_state = journal.as_ref().map(|journal| journal.syslog.clone());
    let syslog_cause = match &syslog_state {
        Some(SyslogState::Failing { cause, .. }) => cause.clone(),
        _ => None,
    };
    LogsPage {
        frame: visit.frame(PATH),
        filter,
        records: records.map(|records| records.records),
        older,
        storage: journal.map(|journal| journal.disk),
        has_syslog: setting.is_some(),
        syslog: setting.map_or_else(SyslogForm::default, |setting| SyslogForm {
            server: setting.server,
            port: setting.port.to_string(),
            transport: setting.transport.name().to_owned(),
            severity: setting.severity.name().to_owned(),
        }),
        syslog_state,
        syslog_cause,
        has_metrics_token: state.has_metrics_token(),
        new_metrics_token: None,
        address: visit.address.clone(),
        problem: None,
        now: now(),
    }
}

/// The newest records that fit, oldest first, one in a line; `None` when the journal does not answer.
async fn text(state: &Everything, query: Query) -> Option<String> {
    let (mut lines, mut bytes) = (Vec::new(), 0);
    let mut page = Page::Newest;
    'pages: for _ in 0..MAX_DOWNLOAD_PAGES {
        let records = state.read_journal(query.clone(), page, MAX_PAGE_RECORDS).await?;
        for record in &records.records {
            let line = line(record);
            bytes += line.len();
            if bytes > MAX_DOWNLOAD_BYTES {
                break 'pages;
            }
            lines.push(line);
        }
        match records.next {
            Some(next) => page = next,
            None => break,
        }
    }
    lines.reverse();
    Some(lines.concat())
}

/// `2026-11-20T10:04:18.123Z warning web: A wrong password was given source=10.0.0.5`.
fn line(record: &Record) -> String {
    let time = utc::date_time(record.time_ms);
    // What a client wrote must not begin a line of its own.
    let text: String =
        record.text().chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    format!("{time} {} {}: {text}\n", record.severity.name(), record.source.name())
}

#[cfg(test)]
mod tests {
    use model::journal::{BootId, Severity, Source};

    use super::*;

    #[test]
    fn record_is_one_line() {
        let record = Record {
            id: 1,
            time_ms: 1_795_169_058_123,
            boot: BootId::from_random([0; 8]),
            sequence: 1,
            uptime_us: 1,
            severity: Severity::Warning,
            source: Source::Kernel,
            message: "two\nlines".into(),
            fields: vec![("name".into(), "value".into())],
        };
        let line = line(&record);
        assert!(line.starts_with("2026-11-20T10:04:18.123"), "{line}");
        assert!(line.ends_with(" warning kernel: two lines name=value\n"), "{line}");
    }
}
