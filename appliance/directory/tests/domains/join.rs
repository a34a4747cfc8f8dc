//! Joining and leaving.

use forest::{Forest, Recipe};
use model::domain::lookup::{Lookup, LookupKey, ObjectKind};

use crate::support::{Appliance, CORP, credentials, domain, join, within};

#[test]
fn joins_validates_looks_up_and_leaves() {
    let forest = Forest::start(Recipe::Single).unwrap();
    let dc1 = forest.controller("dc1").unwrap();
    within(&forest, async || {
        let appliance = Appliance::new();
        let start = std::time::Instant::now();
        appliance.domains.join(&join("APPL-1", "administrator")).await.unwrap();
        println!("joined in {:?}", start.elapsed());
        // The first periodic check has not run yet: the join has proven as much.
        let health = appliance.domain(CORP).unwrap().health;
        assert_eq!(health.map(|health| health.failure), Some(None), "healthy from the start");
        let validation = appliance.domains.validate(&domain(CORP)).await.unwrap();
        assert_eq!(validation.failure, None);
        appliance.domains.change_password(&domain(CORP)).await.unwrap();
        let page = appliance
            .domains
            .lookup(&Lookup {
                domain: domain(CORP),
                kind: ObjectKind::User,
                key: LookupKey::AccountName,
                value: "alice".to_owned(),
                with_groups: true,
                cursor: None,
            })
            .await
            .unwrap();
        println!("{page:#?}\n{:#?}", appliance.domain(CORP));
        appliance.domains.leave(&domain(CORP), Some(&credentials("administrator"))).await.unwrap();
    });
    let left = dc1.ldbsearch("(sAMAccountName=APPL-1$)", &["cn"]).unwrap();
    assert!(left.is_empty());
}
