//! What domain controllers refuse, each with its own failure.

use directory::JoinError;
use forest::fixtures::forget_aes_keys;
use forest::{Forest, Recipe};
use model::domain::OrganizationalUnit;
use model::domain::failure::{DomainFailure, Revocation};

use crate::support::{Appliance, CORP, credentials, domain, join, with_password, within};

/// The failure of a join.
fn failure(joined: Result<(), JoinError>) -> DomainFailure {
    match joined {
        Err(JoinError::Failed(failure)) => failure,
        other => panic!("{other:?}"),
    }
}

#[test]
fn each_user_who_cannot_join_is_told_why() {
    let forest = Forest::start(Recipe::Single).unwrap();
    forget_aes_keys(forest.controller("dc1").unwrap()).unwrap();
    within(&forest, async || {
        let appliance = Appliance::new();
        let refused =
            async |user: &str| failure(appliance.domains.join(&join("APPL-1", user)).await);
        let user = |name: &str| name.to_owned();
        let revoked = |name: &str, why| DomainFailure::AccountRevoked { user: user(name), why };

        let mut wrong = join("APPL-1", "administrator");
        wrong.credentials = with_password("administrator", "wrong");
        let found = failure(appliance.domains.join(&wrong).await);
        assert_eq!(found, DomainFailure::WrongPassword { user: user("administrator") });

        let found = refused("nobody").await;
        let unknown = DomainFailure::UserUnknown { user: user("nobody"), domain: domain(CORP) };
        assert_eq!(found, unknown);
        for name in ["someone@elsewhere.example", "OTHER\\administrator"] {
            let foreign = DomainFailure::ForeignSuffix { user: user(name), domain: domain(CORP) };
            assert_eq!(refused(name).await, foreign);
        }
        assert_eq!(refused("disabled").await, revoked("disabled", Revocation::Disabled));
        // Windows says here that it is locked out; Samba says only that it cannot be used.
        assert_eq!(refused("locked").await, revoked("locked", Revocation::Unknown));
        assert_eq!(refused("expired").await, revoked("expired", Revocation::Expired));
        let found = refused("must-change").await;
        assert_eq!(found, DomainFailure::PasswordExpired { user: user("must-change") });
        assert_eq!(refused("old-keys").await, DomainFailure::NoAesKeys { user: user("old-keys") });

        // Each form of the name signs in; none of them may make an account.
        for name in ["alice", "alice@corp.example.com", "CORP\\alice", "suffix@brand.example.org"] {
            let found = refused(name).await;
            assert!(
                matches!(&found, DomainFailure::NoRight { user, .. } if user == name),
                "{found:?}"
            );
        }
        assert!(appliance.domain(CORP).is_none());
        let kept = std::fs::read_dir(appliance.directory.path()).unwrap().count();
        assert_eq!(kept, 0, "nothing is kept of a join that was refused");
    });
}

#[test]
fn account_is_made_where_the_user_may_make_one() {
    let forest = Forest::start(Recipe::Single).unwrap();
    within(&forest, async || {
        let appliance = Appliance::new();
        let unit = |text: &str| Some(OrganizationalUnit::parse(text).unwrap());
        let elsewhere = join("APPL-1", "delegate");
        let found = failure(appliance.domains.join(&elsewhere).await);
        assert!(matches!(found, DomainFailure::NoRight { .. }), "{found:?}");
        let missing = "OU=Missing,DC=corp,DC=example,DC=com";
        let mut join = join("APPL-1", "delegate");
        join.unit = unit(missing);
        let found = failure(appliance.domains.join(&join).await);
        assert_eq!(found, DomainFailure::UnitMissing { unit: missing.to_owned() });
        join.unit = unit("OU=Delegated,DC=corp,DC=example,DC=com");
        appliance.domains.join(&join).await.unwrap();
        let validation = appliance.domains.validate(&domain(CORP)).await.unwrap();
        assert_eq!(validation.failure, None);
        appliance.domains.change_password(&domain(CORP)).await.unwrap();
    });
    let dc1 = forest.controller("dc1").unwrap();
    let attributes = ["userAccountControl", "msDS-SupportedEncryptionTypes", "dNSHostName"];
    let made = &dc1.ldbsearch("(sAMAccountName=APPL-1$)", &attributes).unwrap()[0];
    assert_eq!(made.text("userAccountControl").as_deref(), Some("4096"));
    assert_eq!(made.text("msDS-SupportedEncryptionTypes").as_deref(), Some("24"));
    assert_eq!(made.text("dNSHostName").as_deref(), Some("appl-1.corp.example.com"));
}

#[test]
fn account_of_another_is_taken_over_only_when_asked_for() {
    let forest = Forest::start(Recipe::Single).unwrap();
    within(&forest, async || {
        let (first, second) = (Appliance::new(), Appliance::new());
        let mut join = join("APPL-1", "administrator");
        first.domains.join(&join).await.unwrap();
        let found = failure(second.domains.join(&join).await);
        let DomainFailure::NameInUse { account, is_machine, .. } = found else {
            panic!("{found:?}")
        };
        assert_eq!((account.as_str(), is_machine), ("APPL-1$", true));
        let state = first.domains.validate(&domain(CORP)).await.unwrap();
        assert_eq!(state.failure, None, "the first one still has it");

        join.takes_over = true;
        second.domains.join(&join).await.unwrap();
        assert_eq!(second.domains.validate(&domain(CORP)).await.unwrap().failure, None);
        let account = "APPL-1$".to_owned();
        let lost = Some(DomainFailure::MachinePasswordChanged { account });
        assert_eq!(first.domains.validate(&domain(CORP)).await.unwrap().failure, lost);

        join.machine = model::domain::MachineName::parse("DC1").unwrap();
        let found = failure(Appliance::new().domains.join(&join).await);
        assert!(
            matches!(found, DomainFailure::NameInUse { is_machine: false, .. }),
            "a domain controller is never taken over"
        );
    });
}

#[test]
fn clock_that_differs_is_named_with_its_difference() {
    let forest = Forest::start(Recipe::Single).unwrap();
    within(&forest, async || {
        for (machine, offset) in [("AHEAD", 240), ("BEHIND", -240)] {
            let appliance = Appliance::with_clock(offset);
            appliance.domains.join(&join(machine, "administrator")).await.unwrap();
        }
        for offset in [360, -360, 3600] {
            let appliance = Appliance::with_clock(offset);
            let found = failure(appliance.domains.join(&join("APPL-1", "administrator")).await);
            let DomainFailure::ClockDiffers { host, seconds } = found else { panic!("{found:?}") };
            assert_eq!(host, "dc1.corp.example.com");
            assert!((seconds + offset).abs() <= 2, "{seconds} for {offset}");
        }
    });
}

#[test]
fn what_happens_to_the_account_behind_our_back_is_told() {
    let forest = Forest::start(Recipe::Single).unwrap();
    let dc1 = forest.controller("dc1").unwrap();
    let account = "APPL-1$".to_owned();
    within(&forest, async || {
        let appliance = Appliance::new();
        appliance.domains.join(&join("APPL-1", "administrator")).await.unwrap();
        let validated = async || appliance.domains.validate(&domain(CORP)).await.unwrap().failure;
        assert_eq!(validated().await, None);
        dc1.samba_tool(&["user", "disable", "APPL-1$"]).unwrap();
        let disabled = DomainFailure::MachineAccountDisabled { account: account.clone() };
        assert_eq!(validated().await, Some(disabled));
        dc1.samba_tool(&["user", "enable", "APPL-1$"]).unwrap();
        assert_eq!(validated().await, None);
        dc1.samba_tool(&["user", "setpassword", "APPL-1$", "--newpassword=Elsewhere.23"]).unwrap();
        let changed = DomainFailure::MachinePasswordChanged { account: account.clone() };
        assert_eq!(validated().await, Some(changed));
        dc1.samba_tool(&["computer", "delete", "APPL-1"]).unwrap();
        let gone = DomainFailure::MachineAccountGone { account: account.clone() };
        assert_eq!(validated().await, Some(gone.clone()));
        let health = appliance.domain(CORP).unwrap().health.unwrap();
        assert_eq!(health.failure, Some(gone));
        // Leaving with an administrator works all the same.
        let administrator = credentials("administrator");
        appliance.domains.leave(&domain(CORP), Some(&administrator)).await.unwrap();
        assert!(appliance.domain(CORP).is_none());
    });
}
