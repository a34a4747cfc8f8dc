//! Passwords and second factors.

use std::io::Write as _;

use registry::password_policy::{PolicyError, UNUSED_SECONDS};
use registry::{
    Access, BACKUP_CODES, BreachList, Enrolment, NewSession, PersonId, Refusal, Registry,
};
use totp_rs::{Builder, Secret as TotpSecret};

use crate::fixtures::{NOW, PASSWORD, administrator, change, open, refusal, secret, tenant};

/// What an authenticator shows.
pub(crate) fn code(enrolment: &Enrolment, now: i64) -> String {
    let secret = TotpSecret::try_from_base32(enrolment.secret.expose()).unwrap();
    let totp = Builder::new().with_secret(secret).build().unwrap();
    totp.generate(u64::try_from(now).unwrap()).to_string()
}

async fn person(registry: &Registry) -> PersonId {
    let tenant = tenant(registry).await;
    let alice = administrator(&tenant, registry, "alice@example.com", Access::Full).await;
    alice.person.unwrap()
}

database::on_both! {
    async fn password_is_checked_without_regard_to_the_addresses_case(database: &Database) {
        let registry = open(database).await;
        let id = person(&registry).await;
        let found = registry.check_password(" Alice@EXAMPLE.com ", &secret(PASSWORD), NOW).await.unwrap();
        assert_eq!((&found.id, found.has_second_factor, found.must_change_password), (&id, false, false));
        for (email, password) in [
            ("alice@example.com", "correct-horse-7"),
            ("alice@example.com", ""),
            ("alice@example.com", &"x".repeat(100_000)),
            ("nobody@example.com", PASSWORD),
            ("", ""),
        ] {
            let result = registry.check_password(email, &secret(password), NOW).await;
            assert_eq!(refusal(result), Refusal::WrongCredentials, "{email}");
        }
    }

    async fn unused_password_must_be_changed_after_sixty_days(database: &Database) {
        let registry = open(database).await;
        let id = person(&registry).await;
        let must_change = async |now| {
            let found = registry.check_password("alice@example.com", &secret(PASSWORD), now).await;
            found.unwrap().must_change_password
        };
        let later = NOW + UNUSED_SECONDS;
        assert_eq!((must_change(later).await, must_change(later + 1).await), (false, true));
        let tenant = &registry.tenants_of(&id).await.unwrap()[0];
        let new = NewSession { person: id, source: String::new(), agent: String::new() };
        registry.tenant(&tenant.id).start_session(&new, later).await.unwrap();
        assert!(!must_change(later + 1).await, "it has just been used");
    }

    async fn new_password_obeys_the_rules(database: &Database) {
        let registry = open(database).await;
        let id = person(&registry).await;
        let change = async |current: &str, new: &str| {
            registry.change_password(&id, &secret(current), &secret(new), NOW).await
        };
        assert_eq!(refusal(change("wrong", "Abcdefg1!").await), Refusal::WrongCredentials);
        for (new, rule) in [
            ("Abc1!", PolicyError::TooShort),
            ("Alice-2026!", PolicyError::LikeUserName),
            (PASSWORD, PolicyError::Current),
        ] {
            assert_eq!(refusal(change(PASSWORD, new).await), Refusal::Password(vec![rule]));
        }
        let mut current = PASSWORD.to_owned();
        for number in 0..6 {
            let next = format!("Abcdefg{number}!");
            change(&current, &next).await.unwrap();
            current = next;
        }
        for number in 0..5 {
            let result = change(&current, &format!("Abcdefg{number}!")).await;
            assert_eq!(refusal(result), Refusal::Password(vec![PolicyError::Previous]), "{number}");
        }
        change(&current, PASSWORD).await.unwrap();
    }

    async fn breached_password_is_refused_and_must_be_changed(database: &Database) {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        // SHA-1 of the two passwords, in order.
        let mut hashes = [sha1_hex(PASSWORD), sha1_hex("Breached-99!")];
        hashes.sort();
        writeln!(file, "{}:12\n{}:3", hashes[0], hashes[1]).unwrap();
        let registry = open(database).await;
        let id = person(&registry).await;
        let registry = registry.with_breach_list(BreachList::open(file.path()).unwrap());
        let found = registry.check_password("alice@example.com", &secret(PASSWORD), NOW).await.unwrap();
        assert!(found.must_change_password);
        let result = registry.change_password(&id, &secret(PASSWORD), &secret("Breached-99!"), NOW).await;
        assert_eq!(refusal(result), Refusal::Password(vec![PolicyError::Breached]));
        registry.change_password(&id, &secret(PASSWORD), &secret("Unknown-99!"), NOW).await.unwrap();
    }

    async fn one_time_password_works_once(database: &Database) {
        let registry = open(database).await;
        let id = person(&registry).await;
        let enrolment = registry.begin_enrolment(&id, "My: Cloud").await.unwrap();
        assert!(enrolment.url.expose().starts_with("otpauth://totp/"), "for a QR code");
        let result = registry.confirm_enrolment(&id, &enrolment.secret, "000000", NOW).await;
        assert_eq!(refusal(result), Refusal::WrongCredentials);
        let typed = code(&enrolment, NOW);
        registry.confirm_enrolment(&id, &enrolment.secret, &typed, NOW).await.unwrap();
        let result = registry.begin_enrolment(&id, "Cloud").await;
        assert_eq!(refusal(result), Refusal::EnrolledAlready);
        let result = registry.check_second_factor(&id, &typed, NOW).await;
        assert_eq!(refusal(result), Refusal::WrongCredentials, "it was used to enrol");
        let next = code(&enrolment, NOW + 30);
        registry.check_second_factor(&id, &format!("{} {}", &next[..3], &next[3..]), NOW + 59).await.unwrap();
        let result = registry.check_second_factor(&id, &next, NOW + 59).await;
        assert_eq!(refusal(result), Refusal::WrongCredentials, "used");
        let old = code(&enrolment, NOW + 60);
        let result = registry.check_second_factor(&id, &old, NOW + 60 + 61).await;
        assert_eq!(refusal(result), Refusal::WrongCredentials, "too old");
        for text in ["", "12345", "1234567", "abcdef", "１２３４５６", &"1".repeat(10_000)] {
            let result = registry.check_second_factor(&id, text, NOW).await;
            assert_eq!(refusal(result), Refusal::WrongCredentials, "{text}");
        }
    }

    async fn backup_codes_work_once_each(database: &Database) {
        let registry = open(database).await;
        let id = person(&registry).await;
        let enrolment = registry.begin_enrolment(&id, "Cloud").await.unwrap();
        let typed = code(&enrolment, NOW);
        let codes = registry.confirm_enrolment(&id, &enrolment.secret, &typed, NOW).await.unwrap();
        assert_eq!(codes.len(), BACKUP_CODES);
        registry.check_second_factor(&id, &codes[0].expose().to_lowercase(), NOW).await.unwrap();
        let result = registry.check_second_factor(&id, codes[0].expose(), NOW).await;
        assert_eq!(refusal(result), Refusal::WrongCredentials);
        let renewed = registry.renew_backup_codes(&id).await.unwrap();
        let result = registry.check_second_factor(&id, codes[1].expose(), NOW).await;
        assert_eq!(refusal(result), Refusal::WrongCredentials, "replaced");
        registry.check_second_factor(&id, renewed[1].expose(), NOW).await.unwrap();
        registry.reset_second_factor(&id).await.unwrap();
        let result = registry.check_second_factor(&id, renewed[2].expose(), NOW).await;
        assert_eq!(refusal(result), Refusal::WrongCredentials);
        registry.begin_enrolment(&id, "Cloud").await.unwrap();
    }

    async fn one_person_can_be_administrator_of_two_tenants(database: &Database) {
        let registry = open(database).await;
        let id = person(&registry).await;
        let second = tenant(&registry).await;
        let new = registry::NewAdministrator {
            email: "Alice@example.com".into(),
            display_name: "Alice".into(),
            access: Access::Full,
        };
        let invitation = second.invite(&new, &change(NOW)).await.unwrap();
        let existing = registry.invitation(&invitation.secret, NOW).await.unwrap().2.unwrap();
        assert_eq!(existing.id, id);
        let result = registry.accept_invitation(&invitation.secret, &secret("Another-99!"), NOW).await;
        assert_eq!(refusal(result), Refusal::WrongCredentials, "the password that exists counts");
        registry.accept_invitation(&invitation.secret, &secret(PASSWORD), NOW).await.unwrap();
        assert_eq!(registry.tenants_of(&id).await.unwrap().len(), 2);
    }
}

fn sha1_hex(text: &str) -> String {
    use sha1::{Digest as _, Sha1};
    Sha1::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02X}")).collect()
}
