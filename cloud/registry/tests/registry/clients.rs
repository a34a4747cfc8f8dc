//! Secure clients and their tokens.

use database::Database;
use registry::{Access, Event, LogQuery, Refusal, Right, TOKEN_SECONDS};

use crate::fixtures::{NOW, administrator, change, open, refusal, secret, tenant};

database::on_both! {
    async fn secret_gets_a_token_for_an_hour(database: &Database) {
        let registry = open(database).await;
        let tenant = tenant(&registry).await;
        let maker = administrator(&tenant, &registry, "alice@example.com", Access::Full).await;
        let new = tenant.create_client("CI", &maker.id, &change(NOW)).await.unwrap();
        let (id, key) = (new.client.id.as_str(), &new.secret);
        let (token, holder) = registry.issue_token(id, key, Some(tenant.id()), NOW).await.unwrap();
        assert_eq!((holder.tenant.clone(), holder.expires_at), (tenant.id().clone(), NOW + 3600));
        assert_eq!((holder.access.clone(), holder.actor().name.as_str()), (Access::Full, "CI"));
        let last = NOW + TOKEN_SECONDS - 1;
        assert_eq!(registry.token_holder(token.expose(), last).await.unwrap(), Some(holder));
        assert_eq!(registry.token_holder(token.expose(), last + 1).await.unwrap(), None);
        assert_eq!(registry.token_holder("wrong", NOW).await.unwrap(), None);
        let listed = tenant.clients(None).await.unwrap();
        assert_eq!((listed.len(), listed[0].last_used_at), (1, Some(NOW)));
        registry.sweep(last + 1).await.unwrap();
        assert_eq!(registry.token_holder(token.expose(), NOW).await.unwrap(), None);
    }

    async fn wrong_secret_client_and_customer_look_the_same(database: &Database) {
        let registry = open(database).await;
        let (tenant, other) = (tenant(&registry).await, tenant(&registry).await);
        let maker = administrator(&tenant, &registry, "alice@example.com", Access::Full).await;
        let new = tenant.create_client("CI", &maker.id, &change(NOW)).await.unwrap();
        for (client, key, customer) in [
            (new.client.id.as_str(), secret("wrong"), None),
            (new.client.id.as_str(), secret(""), None),
            ("9c0d3a1e-0000-4000-8000-000000000001", new.secret.clone(), None),
            (new.client.id.as_str(), new.secret.clone(), Some(other.id())),
        ] {
            let result = registry.issue_token(client, &key, customer, NOW).await;
            assert_eq!(refusal(result), Refusal::WrongClient);
        }
        assert!(registry.issue_token(&new.client.id, &new.secret, None, NOW).await.is_ok());
    }

    async fn revoked_client_is_worth_nothing_at_once(database: &Database) {
        let registry = open(database).await;
        let tenant = tenant(&registry).await;
        let maker = administrator(&tenant, &registry, "alice@example.com", Access::Full).await;
        let new = tenant.create_client("CI", &maker.id, &change(NOW)).await.unwrap();
        let (token, _) = registry.issue_token(&new.client.id, &new.secret, None, NOW).await.unwrap();
        tenant.revoke_client(&new.client.id, None, &change(NOW)).await.unwrap();
        assert_eq!(registry.token_holder(token.expose(), NOW).await.unwrap(), None);
        let result = registry.issue_token(&new.client.id, &new.secret, None, NOW).await;
        assert_eq!(refusal(result), Refusal::WrongClient);
        assert!(tenant.clients(None).await.unwrap().is_empty());
        let result = tenant.revoke_client(&new.client.id, None, &change(NOW)).await;
        assert!(matches!(refusal(result), Refusal::NoSuch { .. }));
    }

    async fn client_may_what_its_maker_may_now(database: &Database) {
        let registry = open(database).await;
        let tenant = tenant(&registry).await;
        administrator(&tenant, &registry, "root@example.com", Access::Full).await;
        let maker = administrator(&tenant, &registry, "alice@example.com", Access::Full).await;
        let new = tenant.create_client("CI", &maker.id, &change(NOW)).await.unwrap();
        let (token, _) = registry.issue_token(&new.client.id, &new.secret, None, NOW).await.unwrap();
        let custom = Access::Custom([Right::Domains].into());
        tenant.set_access(&maker.id, &custom, &change(NOW)).await.unwrap();
        let holder = registry.token_holder(token.expose(), NOW).await.unwrap().unwrap();
        assert_eq!(holder.access, custom);
        tenant.remove_administrator(&maker.id, &change(NOW)).await.unwrap();
        assert_eq!(registry.token_holder(token.expose(), NOW).await.unwrap(), None);
        let result = registry.issue_token(&new.client.id, &new.secret, None, NOW).await;
        assert_eq!(refusal(result), Refusal::WrongClient);
    }

    async fn own_clients_only_where_asked_for(database: &Database) {
        let registry = open(database).await;
        let tenant = tenant(&registry).await;
        let alice = administrator(&tenant, &registry, "alice@example.com", Access::Full).await;
        let bob = administrator(&tenant, &registry, "bob@example.com", Access::Full).await;
        let hers = tenant.create_client("Hers", &alice.id, &change(NOW)).await.unwrap().client;
        let his = tenant.create_client("His", &bob.id, &change(NOW + 1)).await.unwrap().client;
        assert_eq!(tenant.clients(Some(&alice.id)).await.unwrap(), std::slice::from_ref(&hers));
        assert_eq!(tenant.clients(None).await.unwrap(), [his.clone(), hers.clone()]);
        let result = tenant.revoke_client(&his.id, Some(&alice.id), &change(NOW)).await;
        assert!(matches!(refusal(result), Refusal::NoSuch { .. }));
        tenant.revoke_client(&hers.id, Some(&alice.id), &change(NOW)).await.unwrap();
        let result = tenant.create_client(" ", &alice.id, &change(NOW)).await;
        assert!(matches!(refusal(result), Refusal::Name(_)));
        let result = tenant.create_client("CI", "nobody", &change(NOW)).await;
        assert!(matches!(refusal(result), Refusal::NoSuch { .. }));
        let log = tenant.log(&LogQuery { limit: 1, ..LogQuery::default() }, NOW).await.unwrap();
        assert_eq!(log.records[0].event, Event::ClientRevoked);
        assert_eq!(log.records[0].target.name, "Hers");
    }
}

#[tokio::test]
async fn database_holds_neither_secrets_nor_codes() {
    let database = Database::sqlite().unwrap();
    let registry = open(&database).await;
    let tenant = tenant(&registry).await;
    let maker = administrator(&tenant, &registry, "alice@example.com", Access::Full).await;
    let new = tenant.create_client("CI", &maker.id, &change(NOW)).await.unwrap();
    let (token, _) = registry.issue_token(&new.client.id, &new.secret, None, NOW).await.unwrap();
    let opened = registry.open_registration(&crate::fixtures::appliance("ca1"), NOW).await.unwrap();
    let enrolment =
        registry.begin_enrolment(maker.person.as_ref().unwrap(), "Cloud").await.unwrap();
    let code = crate::sign_in::code(&enrolment, NOW);
    let person = maker.person.as_ref().unwrap();
    let backup = registry.confirm_enrolment(person, &enrolment.secret, &code, NOW).await.unwrap();
    registry.close().await;
    let path = database.address();
    let mut stored = std::fs::read(&path).unwrap();
    stored.extend(std::fs::read(format!("{path}-wal")).unwrap_or_default());
    let has = |text: &str| stored.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(has("alice@example.com"), "this is the right file");
    let secrets = [&new.secret, &token, &opened.ticket, &enrolment.secret, &backup[0]];
    let texts = secrets.into_iter().map(|secret| secret.expose());
    for text in texts.chain([opened.code.as_str(), crate::fixtures::PASSWORD]) {
        assert!(!has(text));
    }
}
