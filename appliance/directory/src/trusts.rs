//! Trusts of a domain, as its directory says (MS-ADTS 6.1.6.7).

use ldap3::SearchEntry;
use model::domain::DomainName;
use model::domain::failure::DomainFailure;
use model::domain::status::{Trust, TrustDirection, TrustKind};

use crate::connection::Connection;
use crate::controller::{self, Wanted};
use crate::dns::Dns;
use crate::entry::{number, text};

/// Most trusts that are read.
const MAX_TRUSTS: usize = 100;
/// `trustType`: a realm of Kerberos that is no Windows domain (MS-ADTS 6.1.6.7.15).
const REALM: i64 = 3;
/// `trustAttributes`: between forests, within a forest (MS-ADTS 6.1.6.7.9).
const FOREST: i64 = 8;
const WITHIN_FOREST: i64 = 0x20;

/// The trusts of a domain.
pub(crate) async fn read(connection: &Connection, base: &str) -> Result<Vec<Trust>, DomainFailure> {
    let attributes = ["trustPartner", "flatName", "trustDirection", "trustType", "trustAttributes"];
    let place = format!("CN=System,{base}");
    let filter = "(objectClass=trustedDomain)";
    let found = connection.search(&place, filter, &attributes, MAX_TRUSTS).await;
    let found = found.map_err(|error| connection.failure(error))?;
    let mut trusts: Vec<_> = found.iter().filter_map(trust).collect();
    trusts.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(trusts)
}

fn trust(entry: &SearchEntry) -> Option<Trust> {
    let attributes = number(entry, "trustAttributes").unwrap_or(0);
    let kind = if number(entry, "trustType") == Some(REALM) {
        TrustKind::Realm
    } else if attributes & WITHIN_FOREST != 0 {
        TrustKind::WithinForest
    } else if attributes & FOREST != 0 {
        TrustKind::Forest
    } else {
        TrustKind::External
    };
    let direction = match number(entry, "trustDirection")? & 3 {
        0 => TrustDirection::Disabled,
        1 => TrustDirection::Inbound,
        2 => TrustDirection::Outbound,
        _ => TrustDirection::Bidirectional,
    };
    let name = text(entry, "trustPartner").or_else(|| text(entry, "flatName"))?;
    Some(Trust { name: name.to_lowercase(), direction, kind, is_reachable: None })
}

/// Finds out which of them have a domain controller that answers.
pub(crate) async fn reach(dns: &Dns, trusts: &mut [Trust]) {
    for trust in trusts {
        let is_tried =
            trust.kind != TrustKind::Realm && trust.direction != TrustDirection::Disabled;
        let Some(domain) = DomainName::parse(&trust.name).ok().filter(|_| is_tried) else {
            continue;
        };
        trust.is_reachable = Some(controller::find(dns, &domain, Wanted::default()).await.is_ok());
    }
}
