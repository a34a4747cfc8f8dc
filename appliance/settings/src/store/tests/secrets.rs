//! The token for metrics, and requests for a certificate.

use bus::{MAX_TOKEN_HASH_BYTES, StoredSigningRequest};
use model::signing_request::{MAX_REQUEST_NAMES, RequestKey, SigningRequestFacts};

use super::*;

const HASH: &str = "5a5a5a5a";

pub(super) fn request(name: &str) -> StoredSigningRequest {
    let facts = SigningRequestFacts {
        subject: format!("CN={name}"),
        names: vec![name.to_owned()],
        key: RequestKey::P256,
        created: 1_800_000_000,
    };
    let key_pem = format!("key of {name}").into();
    StoredSigningRequest { facts, request_pem: format!("request of {name}"), key_pem }
}

/// Whom the pending request is for.
pub(super) fn pending(store: &Store) -> Option<String> {
    let request = store.signing_request();
    assert_eq!(store.status().signing_request, request.as_ref().map(|it| it.facts.clone()));
    request.map(|request| request.facts.subject)
}

fn token(store: &Store) -> Option<String> {
    let hash = store.metrics_token_hash().map(|hash| hash.expose().to_owned());
    assert_eq!(store.status().has_metrics_token, hash.is_some());
    hash
}

fn assert_done(response: &SettingsResponse) {
    assert!(matches!(response, SettingsResponse::Done), "{response:?}");
}

#[test]
fn the_token_for_metrics_is_replaced_and_forgotten() {
    let disk = Disk::default();
    let mut store = disk.store();
    assert_done(&store.delete_metrics_token());
    assert_done(&store.set_metrics_token("old".to_owned().into()));
    assert_done(&store.set_metrics_token(HASH.to_owned().into()));
    assert_eq!(token(&disk.store()).as_deref(), Some(HASH));
    for hash in ["", "two words", "line\n", &"x".repeat(MAX_TOKEN_HASH_BYTES + 1)] {
        let response = store.set_metrics_token(hash.to_owned().into());
        assert!(matches!(response, SettingsResponse::Failed { .. }), "{response:?}");
    }
    assert_eq!(token(&store).as_deref(), Some(HASH));
    assert_done(&store.delete_metrics_token());
    assert_eq!((token(&store), token(&disk.store())), (None, None));
}

#[test]
fn the_token_after_a_power_cut_is_the_old_or_the_new() {
    let before = stored(|store| drop(store.set_metrics_token("old".to_owned().into())));
    let remains = remains_of_every_cut(&before, |store| {
        drop(store.set_metrics_token("new".to_owned().into()));
    });
    let found = remains.into_iter().map(|files| token(&Disk::holding(files).store()));
    assert!(found.flatten().all(|hash| hash == "old" || hash == "new"));
}

#[test]
fn a_damaged_token_is_valid_for_nobody() {
    for content in ["", "\"", "\"\"", "{}", "\"two words\""] {
        let files = Files::from([("metrics.token".to_owned(), content.as_bytes().to_vec())]);
        let store = Disk::holding(files).store();
        assert_eq!(token(&store), None, "{content}");
    }
}

#[test]
fn a_request_waits_until_it_is_dropped_or_replaced() {
    let disk = Disk::default();
    let mut store = disk.store();
    assert!(matches!(store.delete_signing_request(), SettingsResponse::Conflict));
    assert_done(&store.store_signing_request(request("one")));
    assert_done(&store.store_signing_request(request("two")));
    let kept = disk.store();
    assert_eq!(pending(&kept).as_deref(), Some("CN=two"));
    let kept = kept.signing_request().expect("a request");
    assert_eq!(kept.key_pem.expose(), "key of two");
    assert_eq!(kept.request_pem, "request of two");
    assert_done(&store.delete_signing_request());
    assert_eq!((pending(&store), pending(&disk.store())), (None, None));
    assert!(disk.files().is_empty());
}

#[test]
fn a_request_is_answered_by_the_certificate_with_its_key() {
    let disk = Disk::default();
    let mut store = disk.store();
    drop(store.store_certificate(certificate("old")));
    assert_done(&store.store_signing_request(request("one")));
    drop(store.store_certificate(certificate("unrelated")));
    assert!(pending(&store).is_some());
    let answer = StoredCertificate { key_pem: request("one").key_pem, ..certificate("answer") };
    assert_done(&store.try_certificate(answer, START));
    assert!(pending(&store).is_some(), "it may be taken back");
    assert_done(&store.confirm_certificate());
    assert_eq!((pending(&store), pending(&disk.store())), (None, None));
    assert!(!disk.files().contains_key("signing.request"), "its key stands in one place only");
}

#[test]
fn an_answer_after_a_power_cut_is_whole() {
    let before = stored(|store| {
        drop(store.store_certificate(certificate("old")));
        drop(store.store_signing_request(request("one")));
    });
    let answer = || StoredCertificate { key_pem: request("one").key_pem, ..certificate("new") };
    let remains = remains_of_every_cut(&before, |store| drop(store.store_certificate(answer())));
    for files in remains {
        let disk = Disk::holding(files);
        let store = disk.store();
        let is_new = certificates::name(&store).as_deref() == Some("new");
        assert_eq!(pending(&store).is_none(), is_new);
        assert_eq!(disk.files().contains_key("signing.request"), !is_new);
    }
}

#[test]
fn a_request_that_is_too_large_is_refused_and_a_damaged_one_set_aside() {
    let mut store = Disk::default().store();
    let mut large = request("one");
    large.request_pem = "x".repeat(signing_request::MAX_BYTES);
    let mut many = request("one");
    many.facts.names = vec!["x".to_owned(); MAX_REQUEST_NAMES + 1];
    for request in [large, many] {
        let response = store.store_signing_request(request);
        assert!(matches!(response, SettingsResponse::Failed { .. }), "{response:?}");
    }
    let files = Files::from([("signing.request".to_owned(), b"{\"key_pem\":\"hunter2\"".to_vec())]);
    let disk = Disk::holding(files);
    let store = disk.store();
    assert!(disk.files().contains_key("signing.request.damaged"));
    let StorageState::Trouble { reason } = store.status().storage else { panic!("a trouble") };
    let expected = "cannot use signing.request: it is damaged; a certificate made for this request \
                    cannot be used";
    assert_eq!(reason, expected);
}
