//! Web servers inside a resource location to which requests may be relayed. What is not listed is not
//! reached.

use protocol::web::WebAddress;
use serde_json::{Value, json};
use sqlx::AnyConnection;
use sqlx::any::AnyRow;

use crate::change::Change;
use crate::columns::Columns as _;
use crate::error::RegistryError;
use crate::location;
use crate::log::{Event, Target};
use crate::name::{Name, key};
use crate::random;
use crate::refusal::{Kind, Refusal};
use crate::tenant::Tenant;

/// Most web servers of a location.
pub const MAX_WEB_SERVERS: i64 = 100;

/// A web server inside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebServer {
    /// Its identifier, which stands in the paths of requests.
    pub id: String,
    /// The location whose connectors reach it.
    pub location: String,
    /// Its name, unique in the location.
    pub name: String,
    /// Where it is.
    pub address: WebAddress,
    /// When it was listed.
    pub created_at: i64,
}

impl WebServer {
    fn read(row: &AnyRow) -> Result<Self, RegistryError> {
        Ok(Self {
            id: row.text("id")?,
            location: row.text("location")?,
            name: row.text("name")?,
            address: row.named("address", |text| text.parse().ok())?,
            created_at: row.number("created_at")?,
        })
    }

    fn target(&self) -> Target {
        Target::new(Kind::WebServer, &self.id, &self.name)
    }

    fn value(&self) -> Value {
        json!({"location": self.location, "name": self.name, "address": self.address})
    }
}

impl Tenant {
    /// Web servers of a location, by name.
    ///
    /// # Errors
    ///
    /// There is no such location, or the database does not answer.
    pub async fn web_servers(&self, location: &str) -> Result<Vec<WebServer>, RegistryError> {
        self.location(location).await?;
        let statement = "SELECT id, location, name, address, created_at FROM web_servers \
                         WHERE tenant = $1 AND location = $2 ORDER BY name_key";
        let rows =
            sqlx::query(statement).bind(self.key()).bind(location).fetch_all(self.pool()).await?;
        rows.iter().map(WebServer::read).collect()
    }

    /// One web server of a location.
    ///
    /// # Errors
    ///
    /// The location has none with this identifier, or the database does not answer.
    pub async fn web_server(&self, location: &str, id: &str) -> Result<WebServer, RegistryError> {
        let mut connection = self.pool().acquire().await?;
        find(&mut connection, self.key(), location, id).await
    }

    /// Lists a web server, so that requests may be relayed to it.
    ///
    /// # Errors
    ///
    /// There is no such location, the name breaks a rule or is taken, the address is none, or the
    /// location has [`MAX_WEB_SERVERS`].
    pub async fn add_web_server(
        &self,
        location: &str,
        name: &str,
        address: &str,
        change: &Change,
    ) -> Result<WebServer, RegistryError> {
        let name = Name::parse(name).map_err(Refusal::from)?;
        let address = address.trim().parse().map_err(Refusal::WebAddress)?;
        let mut writing = self.write(change).await?;
        let location = location::find(writing.connection(), self.key(), location).await?;
        let row = sqlx::query(
            "SELECT COUNT(*) AS servers FROM web_servers WHERE tenant = $1 AND location = $2",
        )
        .bind(self.key())
        .bind(location.id.as_str())
        .fetch_one(writing.connection())
        .await?;
        if row.number("servers")? >= MAX_WEB_SERVERS {
            return Err(Refusal::TooManyWebServers.into());
        }
        let server = WebServer {
            id: random::uuid(),
            location: location.id,
            name: name.text,
            address,
            created_at: change.at,
        };
        let inserted = sqlx::query(
            "INSERT INTO web_servers (tenant, location, id, name, name_key, address, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(self.key())
        .bind(server.location.as_str())
        .bind(server.id.as_str())
        .bind(server.name.as_str())
        .bind(key(&server.name))
        .bind(server.address.to_string())
        .bind(server.created_at)
        .execute(writing.connection())
        .await;
        inserted.map_err(|error| match RegistryError::from(error) {
            error if error.is_duplicate() => {
                Refusal::NameTaken { kind: Kind::WebServer, name: server.name.clone() }.into()
            }
            error => error,
        })?;
        writing.log(Event::WebServerAdded, server.target(), None, Some(server.value())).await?;
        writing.commit().await?;
        Ok(server)
    }

    /// Removes a web server from the list: no request is relayed to it any more.
    ///
    /// # Errors
    ///
    /// The location has none with this identifier, or the database does not answer.
    pub async fn remove_web_server(
        &self,
        location: &str,
        id: &str,
        change: &Change,
    ) -> Result<(), RegistryError> {
        let mut writing = self.write(change).await?;
        let server = find(writing.connection(), self.key(), location, id).await?;
        sqlx::query("DELETE FROM web_servers WHERE tenant = $1 AND id = $2")
            .bind(self.key())
            .bind(id)
            .execute(writing.connection())
            .await?;
        let (target, value) = (server.target(), server.value());
        writing.log(Event::WebServerRemoved, target, Some(value), None).await?;
        writing.commit().await
    }
}

async fn find(
    connection: &mut AnyConnection,
    tenant: &str,
    location: &str,
    id: &str,
) -> Result<WebServer, RegistryError> {
    let row = sqlx::query(
        "SELECT id, location, name, address, created_at FROM web_servers \
         WHERE tenant = $1 AND location = $2 AND id = $3",
    )
    .bind(tenant)
    .bind(location)
    .bind(id)
    .fetch_optional(connection)
    .await?;
    let row = row.ok_or_else(|| Refusal::no_such(Kind::WebServer, id))?;
    WebServer::read(&row)
}
