//! Finding users, groups and computers.

use std::collections::BTreeSet;

use base64ct::{Base64UrlUnpadded, Encoding};
use ldap3::{SearchEntry, ldap_escape};
use model::domain::failure::DomainFailure;
use model::domain::lookup::{DirectoryObject, Lookup, LookupKey, MAX_PAGE, MAX_VALUES, ObjectKind};

use crate::connection::{Connection, OperationError};
use crate::entry::{self, bytes, number, text, values};
use crate::identifier::{filter_bytes, guid_bytes, guid_text, sid_bytes, sid_text};

/// What is read of each object.
const ATTRIBUTES: [&str; 7] = [
    "objectSid",
    "objectGUID",
    "sAMAccountName",
    "userPrincipalName",
    "displayName",
    "mail",
    "userAccountControl",
];
/// `ADS_UF_ACCOUNTDISABLE` (MS-ADTS 2.2.16).
const DISABLED: i64 = 2;

/// The filter of a request; every value is escaped (RFC 4515, section 3). `None` if the value cannot be
/// one of its key.
pub(crate) fn filter(lookup: &Lookup) -> Option<String> {
    let value = lookup.value.trim();
    let escaped = ldap_escape(value);
    let condition = match lookup.key {
        LookupKey::Sid => format!("(objectSid={})", filter_bytes(&sid_bytes(value)?)),
        LookupKey::Guid => format!("(objectGUID={})", filter_bytes(&guid_bytes(value)?)),
        LookupKey::UserPrincipalName => format!("(userPrincipalName={escaped})"),
        LookupKey::AccountName => format!("(sAMAccountName={escaped})"),
        LookupKey::Mail => format!("(|(mail={escaped})(proxyAddresses=smtp:{escaped}))"),
        LookupKey::DisplayName => format!("(displayName={escaped}*)"),
    };
    let kind = match lookup.kind {
        // Computers are users by their class.
        ObjectKind::User => "(objectCategory=person)(objectClass=user)",
        ObjectKind::Group => "(objectCategory=group)",
        ObjectKind::Computer => "(objectCategory=computer)",
    };
    Some(format!("(&{kind}{condition})"))
}

/// Finds a page of objects. `catalog` is the Global Catalog, where universal groups of other domains of
/// the forest are known.
pub(crate) async fn find(
    connection: &Connection,
    catalog: Option<&Connection>,
    base: &str,
    lookup: &Lookup,
    cookie: Vec<u8>,
) -> Result<(Vec<DirectoryObject>, Option<Vec<u8>>), DomainFailure> {
    let Some(filter) = filter(lookup) else { return Ok((Vec::new(), None)) };
    let size = i32::try_from(MAX_PAGE).unwrap_or(i32::MAX);
    let failed = |error| connection.failure(error);
    let page = connection.page(base, &filter, &ATTRIBUTES, size, cookie).await.map_err(failed)?;
    let mut objects = Vec::with_capacity(page.entries.len());
    for entry in &page.entries {
        let Some(mut object) = object(entry) else { continue };
        if lookup.with_groups {
            match lookup.kind {
                ObjectKind::Group => {
                    let members = entry::all_values(connection, &entry.dn, "member", MAX_VALUES);
                    object.members = Some(members.await.map_err(failed)?);
                }
                ObjectKind::User | ObjectKind::Computer => {
                    let groups = groups(connection, catalog, &entry.dn).await;
                    object.groups = Some(groups.map_err(failed)?);
                }
            }
        }
        objects.push(object);
    }
    Ok((objects, page.cookie))
}

/// The security identifiers of all groups of an object, nested ones included.
async fn groups(
    connection: &Connection,
    catalog: Option<&Connection>,
    object: &str,
) -> Result<Vec<String>, OperationError> {
    let mut found = BTreeSet::new();
    for place in [Some(connection), catalog].into_iter().flatten() {
        // The server follows the nesting and the universal groups; the attribute is computed, so that it
        // is read of one object only (MS-ADTS 3.1.1.4.5.19).
        let entry = place.read(object, &["tokenGroups"]).await?;
        let groups = entry.iter().flat_map(|entry| values(entry, "tokenGroups"));
        found.extend(groups.filter_map(|bytes| sid_text(&bytes)).take(MAX_VALUES));
    }
    Ok(found.into_iter().take(MAX_VALUES).collect())
}

/// An object; `None` if it lacks what every account has.
fn object(entry: &SearchEntry) -> Option<DirectoryObject> {
    Some(DirectoryObject {
        sid: sid_text(&bytes(entry, "objectSid")?)?,
        guid: guid_text(&bytes(entry, "objectGUID")?)?,
        distinguished_name: entry.dn.clone(),
        account_name: text(entry, "sAMAccountName")?,
        user_principal_name: text(entry, "userPrincipalName"),
        display_name: text(entry, "displayName"),
        mail: text(entry, "mail"),
        is_enabled: number(entry, "userAccountControl").unwrap_or(0) & DISABLED == 0,
        groups: None,
        members: None,
    })
}

/// Where a search goes on: only the connection on which it began knows.
pub(crate) fn cursor(link: u64, cookie: &[u8]) -> String {
    format!("{link}.{}", Base64UrlUnpadded::encode_string(cookie))
}

/// The cookie of a cursor; `None` if it belongs to another connection.
pub(crate) fn cookie(link: u64, cursor: &str) -> Option<Vec<u8>> {
    let (number, cookie) = cursor.split_once('.')?;
    (number.parse() == Ok(link)).then(|| Base64UrlUnpadded::decode_vec(cookie).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use model::domain::DomainName;
    use proptest::prelude::*;

    use super::*;

    fn lookup(kind: ObjectKind, key: LookupKey, value: &str) -> Lookup {
        let domain = DomainName::parse("corp.example.com").unwrap();
        Lookup { domain, kind, key, value: value.to_owned(), with_groups: false, cursor: None }
    }

    #[test]
    fn values_cannot_change_a_filter() {
        let filter = |key, value: &str| filter(&lookup(ObjectKind::User, key, value)).unwrap();
        let user = "(&(objectCategory=person)(objectClass=user)";
        assert_eq!(
            filter(LookupKey::AccountName, "a*)(cn=\\"),
            format!("{user}(sAMAccountName=a\\2a\\29\\28cn=\\5c))")
        );
        assert_eq!(filter(LookupKey::DisplayName, "山*"), format!("{user}(displayName=山\\2a*))"));
        assert_eq!(
            filter(LookupKey::Sid, "S-1-1-0"),
            format!("{user}(objectSid={}))", "\\01\\01\\00\\00\\00\\00\\00\\01\\00\\00\\00\\00")
        );
    }

    #[test]
    fn cursor_belongs_to_its_connection() {
        let cursor = cursor(7, b"\xff\x00cookie");
        assert_eq!(cookie(7, &cursor).unwrap(), b"\xff\x00cookie");
        assert_eq!(cookie(8, &cursor), None);
        assert_eq!(cookie(7, "7.***"), None);
    }

    proptest! {
        #[test]
        fn any_value_gives_a_balanced_filter(value: String) {
            let filter = filter(&lookup(ObjectKind::Group, LookupKey::Mail, &value)).unwrap();
            prop_assert_eq!(filter.matches('(').count(), filter.matches(')').count());
        }
    }
}
