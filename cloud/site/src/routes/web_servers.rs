//! Web servers inside a resource location to which requests may be relayed.

use axum::http::Method;
use registry::{Right, WebServer};
use serde_json::{Value, json};

use crate::call::{Call, Reply};
use crate::error::ApiError;
use crate::moment;
use crate::route::{Needs, Route};
use crate::schema::{Schema, closed, full, list, moment as moment_schema, text};

const NEEDS: Needs = Needs::Right(Right::ResourceLocations);
const SERVER: Schema = Schema { name: "WebServer", value: schema };
const SERVERS: Schema =
    Schema { name: "WebServers", value: || full(&json!({"items": list(&schema())})) };
const NEW: Schema = Schema {
    name: "NewWebServer",
    value: || closed(&["name", "address"], &json!({"name": text(), "address": address()})),
};

pub(super) static ROUTES: &[Route] = &[
    Route {
        method: Method::GET,
        path: "/resourcelocations/{id}/webservers",
        older_path: None,
        needs: NEEDS,
        id: "getWebServers",
        summary: "List the web servers of a location",
        description: "By name. Requests are relayed to these and to no others.",
        query: &[],
        request: None,
        success: (200, "The web servers.", Some(SERVERS)),
        errors: &[],
        handler: |call| Box::pin(read_all(call)),
    },
    Route {
        method: Method::POST,
        path: "/resourcelocations/{id}/webservers",
        older_path: None,
        needs: NEEDS,
        id: "addWebServer",
        summary: "Add a web server to the list",
        description: "Whoever has the right `Requests` can send requests to it from then on. The name is \
                      unique in the location. The host of the address is a DNS name, which the appliance \
                      resolves, or an IPv4 address; loopback, link-local, multicast and broadcast \
                      addresses are refused here and, after resolving, by the appliance. With https the \
                      appliance checks the certificate by its root certificate authorities.",
        query: &[],
        request: Some(NEW),
        success: (200, "The web server.", Some(SERVER)),
        errors: &[(
            409,
            "The name is taken (`nameTaken`), or the location has 100 web servers \
             (`tooManyWebServers`).",
        )],
        handler: |call| Box::pin(add(call)),
    },
    Route {
        method: Method::DELETE,
        path: "/resourcelocations/{id}/webservers/{server}",
        older_path: None,
        needs: NEEDS,
        id: "deleteWebServer",
        summary: "Remove a web server from the list",
        description: "On the node that did it no request is relayed to it from now on, on others after 30 \
                      seconds. Requests that are on their way end as they would.",
        query: &[],
        request: None,
        success: (204, "It is removed.", None),
        errors: &[],
        handler: |call| Box::pin(delete(call)),
    },
];

async fn read_all(call: &Call<'_>) -> Result<Reply, ApiError> {
    let servers = call.tenant()?.web_servers(call.id()).await?;
    let items: Vec<_> = servers.iter().map(view).collect();
    Ok(Reply::ok(json!({"items": items})))
}

async fn add(call: &Call<'_>) -> Result<Reply, ApiError> {
    let mut object = call.object(&["name", "address"])?;
    let (name, address) = (object.text("name")?, object.text("address")?);
    let tenant = call.tenant()?;
    let server = tenant.add_web_server(call.id(), &name, &address, &call.change()?).await?;
    Ok(Reply::ok(view(&server)))
}

async fn delete(call: &Call<'_>) -> Result<Reply, ApiError> {
    let [location, server] = call.parameters.as_slice() else { return Err(ApiError::internal()) };
    let tenant = call.tenant()?;
    tenant.remove_web_server(location, server, &call.change()?).await?;
    call.site.web_servers().forget(tenant.id(), server);
    Ok(Reply::nothing())
}

fn view(server: &WebServer) -> Value {
    json!({
        "id": server.id,
        "location": server.location,
        "name": server.name,
        "address": server.address,
        "createdDate": moment::text(server.created_at),
    })
}

fn address() -> Value {
    json!({
        "type": "string",
        "description": "Such as `https://intranet.example.com:8443`, without a path.",
    })
}

fn schema() -> Value {
    full(&json!({
        "id": text(),
        "location": text(),
        "name": text(),
        "address": address(),
        "createdDate": moment_schema(),
    }))
}
