//! *Notifications*: what administrators should know without asking.

use pages::{Language, Notifications, notifications};
use registry::{Kind, Notification, RegistryError, Severity};

use crate::console::connectors::is_gone;
use crate::console::form::Form;
use crate::console::reply::{Failure, Reply};
use crate::console::visit::{Administration, Visit};

const PATH: &str = "/console/notifications";

pub(super) async fn show(
    visit: &Visit<'_>,
    administration: &Administration,
) -> Result<Reply, Failure> {
    Ok(Reply::page(list(visit, administration, None).await?))
}

pub(super) async fn dismiss(
    visit: &Visit<'_>,
    administration: &Administration,
    form: &Form,
) -> Result<Reply, Failure> {
    let shown = own(administration).await?;
    let chosen = shown.into_iter().filter(|one| one.id == form.text("id")).collect();
    let dismissed = dismiss_each(visit, administration, chosen).await?;
    Ok(Reply::page(list(visit, administration, Some(dismissed)).await?))
}

pub(super) async fn dismiss_all(
    visit: &Visit<'_>,
    administration: &Administration,
    _: &Form,
) -> Result<Reply, Failure> {
    let shown = own(administration).await?;
    let dismissed = dismiss_each(visit, administration, shown).await?;
    Ok(Reply::page(list(visit, administration, Some(dismissed)).await?))
}

/// Those that the administrator sees.
async fn own(administration: &Administration) -> Result<Vec<Notification>, RegistryError> {
    administration.tenant.notifications(&administration.session.administrator.id).await
}

async fn dismiss_each(
    visit: &Visit<'_>,
    administration: &Administration,
    chosen: Vec<Notification>,
) -> Result<u32, RegistryError> {
    let change = administration.change(visit);
    let mut dismissed = 0;
    for one in chosen {
        match administration.tenant.dismiss(&one.id, &change).await {
            Ok(()) => dismissed += 1,
            // Somebody else has just done it.
            Err(error) if is_gone(&error, Kind::Notification) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(dismissed)
}

async fn list(
    visit: &Visit<'_>,
    administration: &Administration,
    dismissed: Option<u32>,
) -> Result<String, RegistryError> {
    let shown = own(administration).await?;
    Ok(notifications(&Notifications {
        frame: administration.frame(visit, PATH).await?,
        notifications: shown.into_iter().map(|one| view(one, visit.language)).collect(),
        dismissed,
        is_form_expired: false,
        now: visit.now,
    }))
}

/// In the language of the reader where there is one, in the first one otherwise.
fn view(one: Notification, language: Language) -> pages::Notification {
    let notification = one.notification;
    let spoken = |tag: &str| Language::from_tag(tag.split('-').next().unwrap_or_default());
    let mut contents = notification.content.iter();
    let content = contents
        .find(|content| spoken(&content.language_tag) == Some(language))
        .or_else(|| notification.content.first());
    pages::Notification {
        id: one.id,
        severity: match notification.severity {
            Severity::Information => pages::Severity::Information,
            Severity::Warning => pages::Severity::Warning,
            Severity::Error => pages::Severity::Error,
        },
        title: content.map(|content| content.title.clone()).unwrap_or_default(),
        description: content.map(|content| content.description.clone()).unwrap_or_default(),
        language: content.and_then(|content| spoken(&content.language_tag)).unwrap_or_default(),
        component: notification.component,
        created: one.created_at,
    }
}
