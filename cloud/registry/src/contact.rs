//! That connectors were heard of: many of them, often, and written together.

use std::fmt::Write;

use sqlx::AssertSqlSafe;

use crate::error::RegistryError;
use crate::registry::Registry;
use crate::tenant::TenantId;

/// Connectors of one statement: few enough for the 32,766 parameters that SQLite takes.
const ROWS: usize = 100;
/// Parameters of a connector.
const COLUMNS: usize = 5;

/// That a connector was heard of, and what it says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    /// Whose it is.
    pub tenant: TenantId,
    /// Its identifier.
    pub connector: String,
    /// When it was heard of, in seconds since 1970.
    pub at: i64,
    /// The version that it runs.
    pub version: String,
    /// Whether it takes no requests for now.
    pub in_maintenance: bool,
}

impl Registry {
    /// Notes that connectors, of whichever tenants, were heard of: all in one transaction, because each
    /// one costs a flush of the disk. It is not a change and not in the log. A connector that was
    /// removed meanwhile is passed over.
    ///
    /// # Errors
    ///
    /// The database does not answer; nothing is noted then.
    pub async fn note_contacts(&self, contacts: &[Contact]) -> Result<(), RegistryError> {
        if contacts.is_empty() {
            return Ok(());
        }
        let mut sorted: Vec<_> = contacts.iter().collect();
        // In the same order everywhere, so that two gateways never wait for each other's rows.
        sorted
            .sort_by(|one, two| (&one.tenant, &one.connector).cmp(&(&two.tenant, &two.connector)));
        let mut transaction = self.pool.begin().await?;
        for rows in sorted.chunks(ROWS) {
            // Its text depends on the number of rows, so that keeping it prepared is of little use.
            let mut query = sqlx::query(AssertSqlSafe(statement(rows.len()))).persistent(false);
            for contact in rows {
                query = query
                    .bind(contact.tenant.as_str())
                    .bind(contact.connector.as_str())
                    .bind(contact.at)
                    .bind(contact.version.as_str())
                    .bind(i64::from(contact.in_maintenance));
            }
            query.execute(&mut *transaction).await?;
        }
        transaction.commit().await?;
        Ok(())
    }
}

/// The text for so many connectors.
fn statement(rows: usize) -> String {
    let mut sql = "UPDATE connectors SET last_contact_at = heard.column3, \
         current_version = heard.column4, in_maintenance = heard.column5 FROM (VALUES "
        .to_owned();
    for row in 0..rows {
        let first = row * COLUMNS;
        let separator = if row == 0 { "" } else { ", " };
        let [tenant, id, at, version, maintenance] = [1, 2, 3, 4, 5].map(|column| first + column);
        let _ = write!(sql, "{separator}(${tenant}, ${id}, ${at}, ${version}, ${maintenance})");
    }
    sql + ") AS heard WHERE connectors.tenant = heard.column1 AND connectors.id = heard.column2"
}
