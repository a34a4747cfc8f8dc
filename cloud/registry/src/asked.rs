//! What administrators have a connector do that the log should tell of: it changes nothing here.

use crate::change::Change;
use crate::error::RegistryError;
use crate::log::Event;
use crate::tenant::Tenant;

impl Tenant {
    /// Notes that the diagnostic report of a connector was taken.
    ///
    /// # Errors
    ///
    /// There is no such connector, or the database does not answer.
    pub async fn note_report(&self, connector: &str, change: &Change) -> Result<(), RegistryError> {
        self.note_asked(connector, Event::ReportDownloaded, change).await
    }

    /// Notes that the prechecks of a connector were run.
    ///
    /// # Errors
    ///
    /// There is no such connector, or the database does not answer.
    pub async fn note_prechecks(
        &self,
        connector: &str,
        change: &Change,
    ) -> Result<(), RegistryError> {
        self.note_asked(connector, Event::PrechecksRun, change).await
    }

    async fn note_asked(
        &self,
        connector: &str,
        event: Event,
        change: &Change,
    ) -> Result<(), RegistryError> {
        let target = self.connector(connector).await?.target();
        let mut writing = self.write(change).await?;
        writing.log(event, target, None, None).await?;
        writing.commit().await
    }
}
