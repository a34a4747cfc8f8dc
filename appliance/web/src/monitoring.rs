//! What watches the appliance from elsewhere: the token for metrics, the server that the logs are
//! sent to, and the logs themselves. The pages and the REST interface do the same.

use bus::{JournalRequest, JournalResponse, SettingsRequest, SettingsResponse};
use model::journal::{Page, Query, Records};
use model::secret::Secret;
use model::syslog::SyslogSetting;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use tracing::warn;

use crate::changes::ChangeFailure;
use crate::random;
use crate::state::State;

/// What came of looking at a token for metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MetricsTokenCheck {
    /// It is the one.
    Right,
    /// It is not, or none has been made.
    Wrong,
    /// The settings role does not answer.
    Unknown,
}

impl State {
    /// Makes a token for metrics in place of the one before. It is shown once: only its hash is kept.
    pub(crate) async fn make_metrics_token(&self) -> Result<Secret, ChangeFailure> {
        let token = random::secret_text();
        let hash = Secret::new(hash(token.expose()));
        self.changers.change(SettingsRequest::SetMetricsToken { hash }).await?;
        self.see_settings(|status| status.has_metrics_token).await;
        Ok(token)
    }

    /// Forgets the token for metrics.
    pub(crate) async fn delete_metrics_token(&self) -> Result<(), ChangeFailure> {
        self.changers.change(SettingsRequest::DeleteMetricsToken).await?;
        self.see_settings(|status| !status.has_metrics_token).await;
        Ok(())
    }

    /// Whether there is a token for metrics.
    pub(crate) fn has_metrics_token(&self) -> bool {
        self.settings.borrow().as_ref().is_some_and(|status| status.has_metrics_token)
    }

    /// Compares a token with the one for metrics.
    pub(crate) async fn check_metrics_token(&self, token: &str) -> MetricsTokenCheck {
        // Nothing else can be right, and nobody makes the settings role work for it.
        if !random::is_secret_text(token) || !self.has_metrics_token() {
            return MetricsTokenCheck::Wrong;
        }
        match self.changers.settings.call(&SettingsRequest::MetricsTokenHash).await {
            Ok(SettingsResponse::MetricsTokenHash { hash: Some(expected) }) => {
                let given = hash(token);
                match given.as_bytes().ct_eq(expected.expose().as_bytes()).into() {
                    true => MetricsTokenCheck::Right,
                    false => MetricsTokenCheck::Wrong,
                }
            }
            Ok(SettingsResponse::MetricsTokenHash { hash: None }) => MetricsTokenCheck::Wrong,
            Ok(_) => {
                warn!("The settings role does not tell the hash of the token for metrics");
                MetricsTokenCheck::Unknown
            }
            Err(error) => {
                warn!(%error, "Cannot ask for the hash of the token for metrics");
                MetricsTokenCheck::Unknown
            }
        }
    }

    /// Where the logs are sent; `None` = nowhere, or the settings role has not answered yet.
    pub(crate) fn syslog(&self) -> Option<SyslogSetting> {
        self.settings.borrow().as_ref()?.settings.syslog.clone()
    }

    /// Sets where the logs are sent; `None` = nowhere.
    pub(crate) async fn set_syslog(
        &self,
        setting: Option<SyslogSetting>,
    ) -> Result<(), ChangeFailure> {
        let wanted = setting.clone();
        self.changers.change(SettingsRequest::SetSyslog { setting }).await?;
        self.see_settings(|status| status.settings.syslog == wanted).await;
        Ok(())
    }

    /// Reads records of the journal; `None` when the journal role cannot tell.
    pub(crate) async fn read_journal(
        &self,
        query: Query,
        page: Page,
        limit: u32,
    ) -> Option<Records> {
        let request = JournalRequest::Read { query, page, limit };
        match self.changers.journal.call(&request).await {
            Ok(JournalResponse::Records(records)) => Some(records),
            Ok(answer) => {
                warn!(?answer, "The journal role does not show its records");
                None
            }
            Err(error) => {
                warn!(%error, "Cannot ask for the records of the journal");
                None
            }
        }
    }
}

/// Hash of a token in hexadecimal digits. A token has 256 random bits, so a plain hash is enough.
fn hash(token: &str) -> String {
    Sha256::digest(token.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hash_is_sha_256_in_hexadecimal() {
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(hash("abc"), expected);
    }
}
