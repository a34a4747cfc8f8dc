//! What is seen on the wire.

use forest::{Forest, Recipe};
use model::domain::lookup::{Lookup, LookupKey, ObjectKind};

use crate::support::{Appliance, CORP, credentials, domain, join, within};

#[test]
fn nothing_of_ldap_is_in_clear_after_the_bind() {
    let forest = Forest::start(Recipe::Single).unwrap();
    let appliance = forest.appliance();
    let recording = appliance.record().unwrap();
    within(&forest, async || {
        let appliance = Appliance::new();
        appliance.domains.join(&join("APPL-1", "administrator")).await.unwrap();
        appliance.domains.validate(&domain(CORP)).await.unwrap();
        appliance.domains.change_password(&domain(CORP)).await.unwrap();
        let lookup = Lookup {
            domain: domain(CORP),
            kind: ObjectKind::User,
            key: LookupKey::DisplayName,
            value: "Al".to_owned(),
            with_groups: true,
            cursor: None,
        };
        let page = appliance.domains.lookup(&lookup).await.unwrap();
        assert_eq!(page.objects[0].account_name, "alice");
        appliance.domains.leave(&domain(CORP), Some(&credentials("administrator"))).await.unwrap();
    });
    let capture = recording.finish().unwrap();
    // Requests and responses of a bind are the only LDAP messages on TCP that are not in a token.
    let clear = "tcp && ldap.protocolOp && !ldap.bindRequest_element && !ldap.bindResponse_element";
    let clear = format!("{clear} && !gss-api && !ldap.sasl_buffer_length");
    assert_eq!(capture.count(&clear).unwrap(), 0);
    assert!(capture.count("ldap.sasl_buffer_length").unwrap() > 10, "there are tokens");
    for name in ["alice", "Alice", "unicodePwd", "userAccountControl", "CN=APPL-1", "tokenGroups"] {
        assert!(!capture.contains(name.as_bytes()).unwrap(), "{name} in clear");
    }
    assert_eq!(capture.count("ldap.authentication == 0").unwrap(), 0, "no simple bind");
    let ports = "tcp.port == 636 || tcp.port == 3269 || tcp.port == 445 || tcp.port == 135";
    assert_eq!(capture.count(ports).unwrap(), 0);
    // AES and nothing else, asked for or given.
    let weak = "kerberos.etype && !(kerberos.etype == 17 || kerberos.etype == 18)";
    assert_eq!(capture.count(weak).unwrap(), 0);
}
