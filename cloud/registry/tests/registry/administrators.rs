//! Administrators and invitations.

use registry::{
    Access, AdministratorStatus, Event, INVITATION_SECONDS, Kind, LogQuery, NewAdministrator,
    Refusal, Right, Rights,
};

use crate::fixtures::{NOW, PASSWORD, administrator, change, open, refusal, secret, tenant};

fn new(email: &str, access: Access) -> NewAdministrator {
    NewAdministrator { email: email.to_owned(), display_name: String::new(), access }
}

database::on_both! {
    async fn invitation_lives_five_days(database: &Database) {
        let registry = open(database).await;
        let tenant = tenant(&registry).await;
        let alice = new("alice@example.com", Access::Full);
        let invitation = tenant.invite(&alice, &change(NOW)).await.unwrap();
        let last = NOW + INVITATION_SECONDS - 1;
        let status = |now| invitation.administrator.status(now);
        assert_eq!((status(last), status(last + 1)), (AdministratorStatus::InviteSent, AdministratorStatus::Expired));
        let (id, invited, person) = registry.invitation(&invitation.secret, last).await.unwrap();
        assert_eq!((&id, invited.email.as_str(), person), (tenant.id(), "alice@example.com", None));
        let result = registry.accept_invitation(&invitation.secret, &secret(PASSWORD), last + 1).await;
        assert_eq!(refusal(result), Refusal::InvalidInvitation);
        registry.accept_invitation(&invitation.secret, &secret(PASSWORD), last).await.unwrap();
        let listed = tenant.administrators().await.unwrap();
        assert_eq!(listed[0].status(last + 1), AdministratorStatus::Active);
        let result = registry.accept_invitation(&invitation.secret, &secret(PASSWORD), last).await;
        assert_eq!(refusal(result), Refusal::InvalidInvitation, "it works once");
        let result = tenant.resend_invitation(&listed[0].id, &change(last)).await;
        assert_eq!(refusal(result), Refusal::AcceptedInvitation);
    }

    async fn new_link_does_not_last_longer(database: &Database) {
        let registry = open(database).await;
        let tenant = tenant(&registry).await;
        let alice = new("alice@example.com", Access::Full);
        let first = tenant.invite(&alice, &change(NOW)).await.unwrap();
        let again = tenant.resend_invitation(&first.administrator.id, &change(NOW + 9)).await.unwrap();
        let expires = |invitation: &registry::Invitation| invitation.administrator.invitation_expires_at;
        assert_eq!(expires(&first), expires(&again));
        assert_eq!(refusal(registry.invitation(&first.secret, NOW).await), Refusal::InvalidInvitation);
        registry.invitation(&again.secret, NOW).await.unwrap();
        let late = change(NOW + INVITATION_SECONDS);
        let result = tenant.resend_invitation(&first.administrator.id, &late).await;
        assert_eq!(refusal(result), Refusal::InvalidInvitation);
        tenant.remove_administrator(&first.administrator.id, &change(NOW)).await.unwrap();
        assert_eq!(refusal(registry.invitation(&again.secret, NOW).await), Refusal::InvalidInvitation);
        tenant.invite(&alice, &change(NOW)).await.unwrap();
    }

    async fn rejects_bad_addresses_rights_and_repetitions(database: &Database) {
        let registry = open(database).await;
        let tenant = tenant(&registry).await;
        tenant.invite(&new("alice@example.com", Access::Full), &change(NOW)).await.unwrap();
        for (email, access, expected) in [
            ("alice", Access::Full, Refusal::Email("alice".into())),
            ("bob@example.com", Access::Custom(Rights::new()), Refusal::NoRights),
            (
                "ALICE@example.com",
                Access::Full,
                Refusal::NameTaken { kind: Kind::Administrator, name: "ALICE@example.com".into() },
            ),
        ] {
            let result = tenant.invite(&new(email, access), &change(NOW)).await;
            assert_eq!(refusal(result), expected);
        }
        let long = NewAdministrator { display_name: "x".repeat(65), ..new("c@example.com", Access::Full) };
        assert!(matches!(refusal(tenant.invite(&long, &change(NOW)).await), Refusal::TooLong { .. }));
    }

    async fn last_full_administrator_stays(database: &Database) {
        let registry = open(database).await;
        let tenant = tenant(&registry).await;
        let alice = administrator(&tenant, &registry, "alice@example.com", Access::Full).await;
        let custom = Access::Custom([Right::SystemLog].into());
        administrator(&tenant, &registry, "custom@example.com", custom.clone()).await;
        tenant.invite(&new("invited@example.com", Access::Full), &change(NOW)).await.unwrap();
        for result in [
            tenant.remove_administrator(&alice.id, &change(NOW)).await,
            tenant.set_access(&alice.id, &custom, &change(NOW)).await.map(drop),
        ] {
            assert_eq!(refusal(result), Refusal::LastFullAdministrator);
        }
        let bob = administrator(&tenant, &registry, "bob@example.com", Access::Full).await;
        let now = change(NOW);
        let (first, second) = tokio::join!(
            tenant.remove_administrator(&alice.id, &now),
            tenant.remove_administrator(&bob.id, &now),
        );
        assert!(first.is_ok() ^ second.is_ok(), "one of two stays: {first:?} {second:?}");
    }

    async fn access_changes_are_logged_by_kind(database: &Database) {
        let registry = open(database).await;
        let tenant = tenant(&registry).await;
        administrator(&tenant, &registry, "root@example.com", Access::Full).await;
        let alice = administrator(&tenant, &registry, "alice@example.com", Access::Full).await;
        for rights in [Rights::from([Right::Domains]), Rights::from([Right::SystemLog])] {
            tenant.set_access(&alice.id, &Access::Custom(rights), &change(NOW)).await.unwrap();
        }
        tenant.remove_administrator(&alice.id, &change(NOW)).await.unwrap();
        let query = LogQuery { containing: Some("alice".into()), limit: 10, ..LogQuery::default() };
        let log = tenant.log(&query, NOW).await.unwrap().records;
        let events: Vec<_> = log.iter().map(|record| record.event).collect();
        assert_eq!(events, [
            Event::AdministratorRemoved,
            Event::RightsChanged,
            Event::AccessTypeChanged,
            Event::AdministratorCreated,
            Event::FullAdministratorInvited,
        ]);
        assert_eq!(log[1].before, Some(serde_json::json!({"Custom": ["Domains"]})));
        assert_eq!(log[1].after, Some(serde_json::json!({"Custom": ["SystemLog"]})));
        assert_eq!(log[3].actor.name, "alice", "who accepts, acts");
        assert!(log.iter().all(|record| record.target.email.as_deref() == Some("alice@example.com")));
    }
}
