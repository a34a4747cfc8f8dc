//! *Domains*: where they can be reached, who serves them, whether they are enabled.

use std::collections::BTreeMap;

use pages::{DomainLocation, DomainProblem, Domains, EditDomain, domains, edit_domain};
use registry::{ConnectorFilter, ConnectorKind, ConnectorStatus, Domain, Location, RegistryError};

use crate::console::form::Form;
use crate::console::reply::{Failure, Reply};
use crate::console::visit::{Administration, Visit};

const PATH: &str = "/console/domains";

pub(super) async fn show(
    visit: &Visit<'_>,
    administration: &Administration,
) -> Result<Reply, Failure> {
    Ok(Reply::page(list(visit, administration, None).await?))
}

pub(super) async fn show_form(
    visit: &Visit<'_>,
    administration: &Administration,
) -> Result<Reply, Failure> {
    let name = visit.query.get("domain").unwrap_or_default();
    let domain = administration.tenant.domain(name).await?;
    Ok(Reply::page(form_page(visit, administration, domain, None).await?))
}

pub(super) async fn store(
    visit: &Visit<'_>,
    administration: &Administration,
    form: &Form,
) -> Result<Reply, Failure> {
    let (tenant, change) = (&administration.tenant, administration.change(visit));
    let mut domain = tenant.domain(&form.text("domain")).await?;
    domain.is_enabled = form.has("enabled");
    let wanted = pages::ConnectorKind::from_name(&form.text("served-by"));
    let served_by = match wanted {
        Some(pages::ConnectorKind::Appliance) => ConnectorKind::Unified,
        Some(pages::ConnectorKind::Windows) => ConnectorKind::Windows,
        None => domain.served_by,
    };
    let problem = if !form.text("primary").is_empty() {
        // No location goes before others.
        Some(DomainProblem::PrimaryLocation)
    } else if served_by != domain.served_by && !has_kind(administration, &domain, served_by).await?
    {
        Some(DomainProblem::ServedBy)
    } else {
        None
    };
    if problem.is_some() {
        let page = form_page(visit, administration, domain, problem).await?;
        return Ok(Reply::refused(page));
    }
    let enabled = Some(domain.is_enabled);
    tenant.update_domain(&domain.name, Some(served_by), enabled, &change).await?;
    Ok(Reply::page(list(visit, administration, Some(domain.name)).await?))
}

/// Whether a connector of a kind has joined a domain.
async fn has_kind(
    administration: &Administration,
    domain: &Domain,
    kind: ConnectorKind,
) -> Result<bool, RegistryError> {
    let filter = ConnectorFilter { location: None, kind: Some(kind) };
    let known = administration.tenant.connectors(&filter).await?;
    let is_known = |id: &str| known.iter().any(|connector| connector.id == id);
    Ok(domain.reports.iter().any(|report| is_known(&report.connector)))
}

async fn list(
    visit: &Visit<'_>,
    administration: &Administration,
    saved: Option<String>,
) -> Result<String, RegistryError> {
    let tenant = &administration.tenant;
    let (known, locations) = (tenant.domains().await?, tenant.locations().await?);
    let there = in_contact(visit, administration).await?;
    Ok(domains(&Domains {
        frame: administration.frame(visit, PATH).await?,
        domains: known.iter().map(|domain| view(domain, &locations, &there)).collect(),
        may_change: true,
        saved,
    }))
}

async fn form_page(
    visit: &Visit<'_>,
    administration: &Administration,
    domain: Domain,
    problem: Option<DomainProblem>,
) -> Result<String, RegistryError> {
    // Without a choice of locations: none goes before others.
    let domain = view(&domain, &[], &BTreeMap::new());
    let path = format!("{PATH}/edit?domain={}", domain.name);
    let frame = administration.frame(visit, path).await?;
    Ok(edit_domain(&EditDomain { frame, domain, problem }))
}

/// Whether each connector is in contact.
async fn in_contact(
    visit: &Visit<'_>,
    administration: &Administration,
) -> Result<BTreeMap<String, bool>, RegistryError> {
    let connectors = administration.tenant.connectors(&ConnectorFilter::default()).await?;
    let is_there = |status| status == ConnectorStatus::Connected;
    Ok(connectors
        .into_iter()
        .map(|one| (one.id.clone(), is_there(one.status(visit.now))))
        .collect())
}

fn view(domain: &Domain, locations: &[Location], there: &BTreeMap<String, bool>) -> pages::Domain {
    let location = |location: &Location| {
        let mut found = DomainLocation {
            id: location.id.clone(),
            name: location.name.clone(),
            healthy_connectors: 0,
            connectors: 0,
        };
        for report in domain.reports.iter().filter(|report| report.location == location.id) {
            let is_there = there.get(&report.connector).copied().unwrap_or(false);
            found.connectors += 1;
            found.healthy_connectors += u32::from(report.is_healthy && is_there);
        }
        Some(found).filter(|found| found.connectors > 0)
    };
    pages::Domain {
        name: domain.name.clone(),
        forest: domain.forest.clone(),
        locations: locations.iter().filter_map(location).collect(),
        primary_location: String::new(),
        served_by: match domain.served_by {
            ConnectorKind::Unified => pages::ConnectorKind::Appliance,
            ConnectorKind::Windows => pages::ConnectorKind::Windows,
        },
        is_enabled: domain.is_enabled,
    }
}
