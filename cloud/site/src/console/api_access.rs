//! *API access*: secure clients.

use pages::{
    ClientProblem, DeleteClient, NewSecret, SecureClient, SecureClients, delete_client,
    secure_clients,
};
use registry::{Client, Kind, NameError, Refusal, RegistryError};

use crate::console::form::Form;
use crate::console::reply::{Failure, Reply};
use crate::console::visit::{Administration, Visit};

const PATH: &str = "/console/api-access";

pub(super) async fn show(
    visit: &Visit<'_>,
    administration: &Administration,
) -> Result<Reply, Failure> {
    Ok(Reply::page(list(visit, administration, SecureClients::default()).await?))
}

pub(super) async fn create(
    visit: &Visit<'_>,
    administration: &Administration,
    form: &Form,
) -> Result<Reply, Failure> {
    let name = form.text("name");
    let maker = &administration.session.administrator.id;
    let change = administration.change(visit);
    match administration.tenant.create_client(&name, maker, &change).await {
        Ok(new) => {
            let created = NewSecret {
                name: new.client.name,
                id: new.client.id,
                secret: new.secret.expose().to_owned(),
            };
            let page = SecureClients { created: Some(created), ..SecureClients::default() };
            Ok(Reply::page(list(visit, administration, page).await?))
        }
        Err(error) => {
            let problem = Some(problem_of(error)?);
            let page = SecureClients { name, problem, ..SecureClients::default() };
            Ok(Reply::refused(list(visit, administration, page).await?))
        }
    }
}

pub(super) async fn show_delete(
    visit: &Visit<'_>,
    administration: &Administration,
) -> Result<Reply, Failure> {
    let client = find(administration, visit.query.get("id").unwrap_or_default()).await?;
    let path = format!("{PATH}/delete?id={}", client.id);
    Ok(Reply::page(delete_client(&DeleteClient {
        frame: administration.frame(visit, path).await?,
        id: client.id,
        name: client.name,
        is_refused: false,
    })))
}

pub(super) async fn delete(
    visit: &Visit<'_>,
    administration: &Administration,
    form: &Form,
) -> Result<Reply, Failure> {
    let client = find(administration, &form.text("id")).await?;
    let (tenant, change) = (&administration.tenant, administration.change(visit));
    tenant.revoke_client(&client.id, own_only(administration), &change).await?;
    visit.site.tokens().forget(tenant.id());
    let page = SecureClients { deleted: Some(client.name), ..SecureClients::default() };
    Ok(Reply::page(list(visit, administration, page).await?))
}

/// Who has no full access works with the own clients.
fn own_only(administration: &Administration) -> Option<&str> {
    let administrator = &administration.session.administrator;
    (!administrator.access.is_full()).then_some(administrator.id.as_str())
}

async fn find(administration: &Administration, id: &str) -> Result<Client, RegistryError> {
    let clients = administration.tenant.clients(own_only(administration)).await?;
    let found = clients.into_iter().find(|client| client.id == id);
    let missing = || Refusal::NoSuch { kind: Kind::SecureClient, id: String::new() };
    Ok(found.ok_or_else(missing)?)
}

async fn list(
    visit: &Visit<'_>,
    administration: &Administration,
    page: SecureClients,
) -> Result<String, RegistryError> {
    let clients = administration.tenant.clients(own_only(administration)).await?;
    let view = |client: Client| SecureClient {
        id: client.id,
        name: client.name,
        maker: client.maker_name,
        created: client.created_at,
        last_used: client.last_used_at,
        may_delete: true,
    };
    Ok(secure_clients(&SecureClients {
        frame: administration.frame(visit, PATH).await?,
        customer_id: administration.tenant.id().as_str().to_owned(),
        clients: clients.into_iter().map(view).collect(),
        shows_registrations: administration.access().is_full(),
        now: visit.now,
        ..page
    }))
}

/// What the page says of a refusal; other failures have pages of their own.
fn problem_of(error: RegistryError) -> Result<ClientProblem, Failure> {
    match error.refusal() {
        Some(Refusal::Name(NameError::Empty)) => Ok(ClientProblem::NameMissing),
        Some(Refusal::Name(NameError::TooLong(_))) => Ok(ClientProblem::NameTooLong),
        Some(Refusal::Name(NameError::Forbidden(character))) => {
            Ok(ClientProblem::NameCharacter { character: *character })
        }
        _ => Err(error.into()),
    }
}
