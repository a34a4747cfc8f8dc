//! *Web servers* of a resource location: the list, the form of a new one, and the question before one is
//! removed.

use pages::{
    RemoveWebServer, WebServerProblem, WebServers, WebServersNotice, remove_web_server, web_servers,
};
use registry::{Location, MAX_WEB_SERVERS, NameError, Refusal, RegistryError, WebServer};

use crate::console::form::Form;
use crate::console::reply::{Failure, Reply};
use crate::console::visit::{Administration, Visit};

const PATH: &str = "/console/resource-locations/web-servers";

pub(super) async fn show(
    visit: &Visit<'_>,
    administration: &Administration,
) -> Result<Reply, Failure> {
    let id = visit.query.get("id").unwrap_or_default();
    let location = administration.tenant.location(id).await?;
    Ok(Reply::page(list(visit, administration, location, WebServers::default()).await?))
}

pub(super) async fn add(
    visit: &Visit<'_>,
    administration: &Administration,
    form: &Form,
) -> Result<Reply, Failure> {
    let tenant = &administration.tenant;
    let location = tenant.location(&form.text("id")).await?;
    let (name, address) = (form.text("name"), form.text("address"));
    let change = administration.change(visit);
    match tenant.add_web_server(&location.id, &name, &address, &change).await {
        Ok(added) => {
            let notice = Some(WebServersNotice::Added { name: added.name });
            let page = WebServers { notice, ..WebServers::default() };
            Ok(Reply::page(list(visit, administration, location, page).await?))
        }
        Err(error) => {
            let problem = Some(problem_of(error)?);
            let page = WebServers { name, address, problem, ..WebServers::default() };
            Ok(Reply::refused(list(visit, administration, location, page).await?))
        }
    }
}

pub(super) async fn show_remove(
    visit: &Visit<'_>,
    administration: &Administration,
) -> Result<Reply, Failure> {
    let text = |name: &str| visit.query.get(name).unwrap_or_default();
    let location = administration.tenant.location(text("id")).await?;
    let server = administration.tenant.web_server(&location.id, text("server")).await?;
    let path = format!("{PATH}/remove?id={}&server={}", location.id, server.id);
    Ok(Reply::page(remove_web_server(&RemoveWebServer {
        frame: administration.frame(visit, path).await?,
        location_id: location.id,
        location: location.name,
        server: view(server),
    })))
}

pub(super) async fn remove(
    visit: &Visit<'_>,
    administration: &Administration,
    form: &Form,
) -> Result<Reply, Failure> {
    let tenant = &administration.tenant;
    let location = tenant.location(&form.text("id")).await?;
    let server = tenant.web_server(&location.id, &form.text("server")).await?;
    tenant.remove_web_server(&location.id, &server.id, &administration.change(visit)).await?;
    visit.site.web_servers().forget(tenant.id(), &server.id);
    let notice = Some(WebServersNotice::Removed { name: server.name });
    let page = WebServers { notice, ..WebServers::default() };
    Ok(Reply::page(list(visit, administration, location, page).await?))
}

/// The list, with what was typed or done.
async fn list(
    visit: &Visit<'_>,
    administration: &Administration,
    location: Location,
    page: WebServers,
) -> Result<String, RegistryError> {
    let servers = administration.tenant.web_servers(&location.id).await?;
    Ok(web_servers(&WebServers {
        frame: administration.frame(visit, format!("{PATH}?id={}", location.id)).await?,
        servers: servers.into_iter().map(view).collect(),
        limit: usize::try_from(MAX_WEB_SERVERS).unwrap_or(usize::MAX),
        location_id: location.id,
        location: location.name,
        ..page
    }))
}

fn view(server: WebServer) -> pages::WebServer {
    pages::WebServer {
        id: server.id,
        name: server.name,
        address: server.address.to_string(),
        added: server.created_at,
    }
}

/// What the page says of a refusal; other failures have pages of their own.
fn problem_of(error: RegistryError) -> Result<WebServerProblem, Failure> {
    let problem = match error.refusal() {
        Some(Refusal::Name(NameError::Empty)) => WebServerProblem::NameMissing,
        Some(Refusal::Name(NameError::TooLong(_))) => WebServerProblem::NameTooLong,
        Some(Refusal::Name(NameError::Forbidden(character))) => {
            WebServerProblem::NameCharacter { character: *character }
        }
        Some(Refusal::NameTaken { .. }) => WebServerProblem::NameTaken,
        Some(Refusal::WebAddress(error)) => WebServerProblem::Address(error.clone()),
        Some(Refusal::TooManyWebServers) => WebServerProblem::TooMany,
        _ => return Err(error.into()),
    };
    Ok(problem)
}
