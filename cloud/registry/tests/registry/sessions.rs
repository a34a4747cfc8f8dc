//! Sessions of the console.

use registry::password_policy::UNUSED_SECONDS;
use registry::{
    Access, MAX_INACTIVITY, MIN_INACTIVITY, NewSession, Refusal, Right, SESSION_SECONDS,
    SIGN_IN_FAILURES, SIGN_IN_SECONDS, SignInStep,
};

use crate::fixtures::{NOW, PASSWORD, administrator, change, open, refusal, secret, tenant};
use crate::sign_in::code;

database::on_both! {
    async fn session_ends_after_72_hours(database: &Database) {
        let registry = open(database).await;
        let tenant = tenant(&registry).await;
        let alice = administrator(&tenant, &registry, "alice@example.com", Access::Full).await;
        let new = NewSession {
            person: alice.person.clone().unwrap(),
            source: "192.0.2.1".into(),
            agent: "x".repeat(1000),
        };
        let cookie = tenant.start_session(&new, NOW).await.unwrap();
        let at = async |now| registry.session(cookie.expose(), now).await.unwrap();
        let session = at(NOW + SESSION_SECONDS - 1).await.unwrap();
        assert_eq!((&session.tenant.id, session.administrator.clone()), (tenant.id(), alice));
        assert_eq!((session.source.as_str(), session.agent.len()), ("192.0.2.1", 200));
        assert_eq!(at(NOW + SESSION_SECONDS).await, None);
        assert_eq!(registry.session("wrong", NOW).await.unwrap(), None);
        registry.sweep(NOW + SESSION_SECONDS).await.unwrap();
        assert_eq!(at(NOW).await, None);
    }

    async fn inactivity_ends_a_session_where_it_is_on(database: &Database) {
        let registry = open(database).await;
        let tenant = tenant(&registry).await;
        let alice = administrator(&tenant, &registry, "alice@example.com", Access::Full).await;
        for seconds in [MIN_INACTIVITY - 1, MAX_INACTIVITY + 1, 0, -1] {
            let result = tenant.set_inactivity(Some(seconds), &change(NOW)).await;
            assert_eq!(refusal(result), Refusal::Inactivity);
        }
        tenant.set_inactivity(Some(600), &change(NOW)).await.unwrap();
        let person = alice.person.unwrap();
        let new = NewSession { person, source: String::new(), agent: String::new() };
        let cookie = tenant.start_session(&new, NOW).await.unwrap();
        let at = async |now| registry.session(cookie.expose(), now).await.unwrap().is_some();
        assert!(at(NOW + 599).await);
        assert!(at(NOW + 599 + 599).await, "use keeps it");
        assert!(!at(NOW + 599 + 599 + 600).await);
        assert!(!at(NOW + 599 + 599 + 1).await, "what has ended does not come back");
    }

    async fn removed_administrator_is_out_at_once(database: &Database) {
        let registry = open(database).await;
        let tenant = tenant(&registry).await;
        administrator(&tenant, &registry, "root@example.com", Access::Full).await;
        let bob = administrator(&tenant, &registry, "bob@example.com", Access::Full).await;
        let person = bob.person.clone().unwrap();
        let new = NewSession { person, source: String::new(), agent: String::new() };
        let cookie = tenant.start_session(&new, NOW).await.unwrap();
        let custom = Access::Custom([Right::Dashboard].into());
        tenant.set_access(&bob.id, &custom, &change(NOW)).await.unwrap();
        let session = registry.session(cookie.expose(), NOW).await.unwrap().unwrap();
        assert_eq!(session.administrator.access, custom, "changed access counts at once");
        tenant.remove_administrator(&bob.id, &change(NOW)).await.unwrap();
        assert_eq!(registry.session(cookie.expose(), NOW).await.unwrap(), None);
        assert_eq!(refusal(tenant.start_session(&new, NOW).await), Refusal::WrongCredentials);
    }

    async fn sessions_are_ended_one_by_one_and_all(database: &Database) {
        let registry = open(database).await;
        let tenant = tenant(&registry).await;
        let alice = administrator(&tenant, &registry, "alice@example.com", Access::Full).await;
        let person = alice.person.unwrap();
        let new = NewSession { person: person.clone(), source: String::new(), agent: String::new() };
        let mut cookies = Vec::new();
        for _ in 0..3 {
            cookies.push(tenant.start_session(&new, NOW).await.unwrap());
        }
        registry.end_session(cookies[0].expose()).await.unwrap();
        let open = async |index: usize| {
            registry.session(cookies[index].expose(), NOW).await.unwrap().is_some()
        };
        assert_eq!((open(0).await, open(1).await), (false, true));
        registry.end_sessions_of(&person).await.unwrap();
        assert_eq!((open(1).await, open(2).await), (false, false));
    }

    async fn sign_in_goes_through_every_step(database: &Database) {
        let registry = open(database).await;
        let tenant = tenant(&registry).await;
        administrator(&tenant, &registry, "alice@example.com", Access::Full).await;
        let password = secret(PASSWORD);
        let (ticket, first) = registry.begin_sign_in("alice@example.com", &password, NOW).await.unwrap();
        assert_eq!(first.step, SignInStep::Enrol);
        let early = registry.finish_sign_in(&ticket, tenant.id(), "192.0.2.1", "x", NOW).await;
        assert_eq!(refusal(early), Refusal::SignInEnded, "no step is left out");
        let enrolment = registry.sign_in_enrolment(&ticket, "Cloud", NOW).await.unwrap();
        let again = registry.sign_in_enrolment(&ticket, "Cloud", NOW).await.unwrap();
        assert_eq!(enrolment.url.expose(), again.url.expose(), "a reload shows the same");
        let typed = code(&enrolment, NOW);
        registry.confirm_sign_in_enrolment(&ticket, &typed, NOW).await.unwrap();
        let state = registry.sign_in(&ticket, NOW).await.unwrap();
        assert_eq!(state.step, SignInStep::ChooseTenant(vec![tenant.record().await.unwrap()]));
        let cookie = registry.finish_sign_in(&ticket, tenant.id(), "192.0.2.1", "x", NOW).await.unwrap();
        assert!(registry.session(cookie.expose(), NOW).await.unwrap().is_some());
        let result = registry.sign_in(&ticket, NOW).await;
        assert_eq!(refusal(result), Refusal::SignInEnded, "a ticket works once");
        let later = NOW + UNUSED_SECONDS + 1;
        let (ticket, second) = registry.begin_sign_in("alice@example.com", &password, later).await.unwrap();
        assert_eq!(second.step, SignInStep::SecondFactor);
        let new = secret("Another-99!");
        let early = registry.change_password_at_sign_in(&ticket, &password, &new, later).await;
        assert_eq!(refusal(early), Refusal::SignInEnded);
        let state = registry.sign_in_with_code(&ticket, &code(&enrolment, later), later).await.unwrap();
        assert_eq!(state.step, SignInStep::ChangePassword, "it was not used for long");
        let early = registry.finish_sign_in(&ticket, tenant.id(), "192.0.2.1", "x", later).await;
        assert_eq!(refusal(early), Refusal::SignInEnded);
        let state = registry.change_password_at_sign_in(&ticket, &password, &new, later).await.unwrap();
        assert!(matches!(state.step, SignInStep::ChooseTenant(_)));
        let other = crate::fixtures::tenant(&registry).await;
        let result = registry.finish_sign_in(&ticket, other.id(), "192.0.2.1", "x", later).await;
        assert_eq!(refusal(result), Refusal::WrongCredentials, "a tenant of others");
        registry.finish_sign_in(&ticket, tenant.id(), "192.0.2.1", "x", later).await.unwrap();
    }

    async fn sign_in_ends_after_ten_minutes_and_five_wrong_codes(database: &Database) {
        let registry = open(database).await;
        let tenant = tenant(&registry).await;
        let alice = administrator(&tenant, &registry, "alice@example.com", Access::Full).await;
        let person = alice.person.unwrap();
        let enrolment = registry.begin_enrolment(&person, "Cloud").await.unwrap();
        let typed = code(&enrolment, NOW - 90);
        registry.confirm_enrolment(&person, &enrolment.secret, &typed, NOW - 90).await.unwrap();
        let begin = async || {
            registry.begin_sign_in("alice@example.com", &secret(PASSWORD), NOW).await.unwrap().0
        };
        let ticket = begin().await;
        assert!(registry.sign_in(&ticket, NOW + SIGN_IN_SECONDS - 1).await.is_ok());
        let result = registry.sign_in(&ticket, NOW + SIGN_IN_SECONDS).await;
        assert_eq!(refusal(result), Refusal::SignInEnded);
        for _ in 0..SIGN_IN_FAILURES {
            let result = registry.sign_in_with_code(&ticket, "000000", NOW).await;
            assert_eq!(refusal(result), Refusal::WrongCredentials);
        }
        let result = registry.sign_in_with_code(&ticket, &code(&enrolment, NOW), NOW).await;
        assert_eq!(refusal(result), Refusal::SignInEnded);
        let ticket = begin().await;
        registry.sign_in_with_code(&ticket, &code(&enrolment, NOW), NOW).await.unwrap();
        registry.cancel_sign_in(&ticket).await.unwrap();
        assert_eq!(refusal(registry.sign_in(&ticket, NOW).await), Refusal::SignInEnded);
        let wrong = registry.begin_sign_in("alice@example.com", &secret("wrong"), NOW).await;
        assert_eq!(refusal(wrong.map(drop)), Refusal::WrongCredentials);
    }
}
