//! The real LDAP client, and a domain controller that sends what it likes.

use std::os::unix::net::UnixStream;
use std::sync::{Arc, OnceLock};

use model::domain::failure::DomainFailure;
use proptest::collection::vec;
use proptest::prelude::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::*;
use crate::connection::{Connection, OperationError};
use crate::sealed::EndReason;

const ENUMERATED: u8 = tag::ENUMERATED;

fn element(tag: u8, parts: &[Vec<u8>]) -> Vec<u8> {
    ber::write(tag, &parts.concat())
}

fn octets(text: &[u8]) -> Vec<u8> {
    ber::write(tag::OCTETS, text)
}

fn message(number: u8, operation: Vec<u8>, controls: &[Vec<u8>]) -> Vec<u8> {
    let mut parts = vec![ber::small(tag::INTEGER, number), operation];
    parts.extend((!controls.is_empty()).then(|| element(answer::CONTROLS, controls)));
    element(tag::SEQUENCE, &parts)
}

fn attribute(name: &str, values: &[&[u8]]) -> Vec<u8> {
    let values: Vec<_> = values.iter().map(|value| octets(value)).collect();
    element(tag::SEQUENCE, &[octets(name.as_bytes()), element(answer::SET, &values)])
}

fn found(attributes: &[Vec<u8>]) -> Vec<u8> {
    element(answer::ENTRY, &[octets(b"CN=Ada,DC=a,DC=b"), element(tag::SEQUENCE, attributes)])
}

fn result_of(kind: u8, more: &[Vec<u8>]) -> Vec<u8> {
    let parts = [ber::small(ENUMERATED, 0), octets(b""), octets("ended\0".as_bytes())];
    element(kind, &[&parts[..], more].concat())
}

/// The control of a page: name, whether it matters, value.
fn paged() -> Vec<u8> {
    let value = element(tag::SEQUENCE, &[ber::small(tag::INTEGER, 0), octets(b"cookie")]);
    let parts = [octets(b"1.2.840.113556.1.4.319"), ber::small(tag::BOOLEAN, 0), octets(&value)];
    element(tag::SEQUENCE, &parts)
}

/// What a domain controller answers to a search, in order.
fn good() -> [Vec<u8>; 3] {
    let attributes =
        [attribute("cn", &[b"Ada", b"\xe5\xb1\xb1"]), attribute("objectSid", &[b"\x01\xff"])];
    let reference = element(answer::REFERENCE, &[octets(b"ldap://child.a.b/DC=child,DC=a,DC=b")]);
    let done = message(1, result_of(answer::DONE, &[]), &[paged()]);
    [message(1, found(&attributes), &[]), message(1, reference, &[]), done]
}

/// A request as the client sends it.
fn asked(number: u8, operation: u8) -> Vec<u8> {
    message(number, ber::write(operation, &[9; 300]), &[])
}

/// What comes of these messages after the request 1 of this kind.
fn checked(operation: u8, messages: &[u8]) -> Result<usize, AnswerError> {
    let mut requests = Requests::default();
    requests.note(&asked(1, operation));
    Answers::default().take(messages, &mut requests).map(|passed| passed.len())
}

#[test]
fn answers_of_a_domain_controller_are_handed_on() {
    let all = good().concat();
    assert_eq!(checked(request::SEARCH, &all), Ok(all.len()));
    let referral = element(answer::REFERRAL, &[octets(b"ldap://a.b/")]);
    for (asked, kind) in [
        (request::SEARCH, answer::DONE),
        (request::MODIFY, answer::MODIFIED),
        (request::ADD, answer::ADDED),
        (request::DELETE, answer::DELETED),
    ] {
        let ended = message(1, result_of(kind, std::slice::from_ref(&referral)), &[]);
        assert_eq!(checked(asked, &ended), Ok(ended.len()));
        let twice = [ended.clone(), ended].concat();
        assert_eq!(checked(asked, &twice), Err(AnswerError::Unasked));
    }
    // Active Directory puts the name of the notice outside of the response.
    let notice = element(0x78, &[ber::small(ENUMERATED, 52), octets(b""), octets(b"")]);
    let notice = [ber::small(tag::INTEGER, 0), notice, ber::write(0x8a, b"1.3.6.1.4.1.1466.20036")];
    assert_eq!(checked(request::SEARCH, &element(tag::SEQUENCE, &notice)), Ok(0));
}

#[test]
fn requests_are_known_however_they_are_cut() {
    // The last one has a number of two bytes, and no length of its own in four.
    let long = element(tag::SEQUENCE, &[vec![2, 2, 1, 0], ber::write(request::DELETE, b"")]);
    let sent =
        [asked(1, request::SEARCH), asked(2, request::MODIFY), asked(3, 0x42), long].concat();
    for size in [1, 2, 3, 7, 100, sent.len()] {
        let mut requests = Requests::default();
        sent.chunks(size).for_each(|piece| requests.note(piece));
        let waiting: Vec<_> = requests.waiting.iter().map(|(id, it)| (*id, it.operation)).collect();
        let expected = [(1, request::SEARCH), (2, request::MODIFY), (256, request::DELETE)];
        assert_eq!(waiting, expected, "{size} bytes at a time");
    }
}

#[test]
fn answers_are_handed_on_however_they_are_cut() {
    let all = good().concat();
    for size in [1, 2, 5, 64, all.len()] {
        let (mut requests, mut answers) = (Requests::default(), Answers::default());
        requests.note(&asked(1, request::SEARCH));
        let pieces = all.chunks(size);
        let passed: Vec<_> =
            pieces.map(|piece| answers.take(piece, &mut requests).expect("good")).collect();
        assert_eq!(passed.concat(), all, "{size} bytes at a time");
    }
}

#[test]
fn what_the_client_cannot_read_is_not_handed_on() {
    use AnswerError::{NotLdap, OtherKind, Unasked};
    let search = |operation| checked(request::SEARCH, &message(1, operation, &[]));
    assert_eq!(checked(request::SEARCH, &element(tag::SEQUENCE, &[])), Err(NotLdap));
    assert_eq!(checked(request::SEARCH, &[0x30, 0x80]), Err(NotLdap));
    let only_number = element(tag::SEQUENCE, &[ber::small(tag::INTEGER, 1)]);
    assert_eq!(checked(request::SEARCH, &only_number), Err(NotLdap));
    let other = message(2, result_of(answer::DONE, &[]), &[]);
    assert_eq!(checked(request::SEARCH, &other), Err(Unasked));
    assert_eq!(search(result_of(answer::MODIFIED, &[])), Err(OtherKind));
    assert_eq!(search(result_of(0x79, &[])), Err(OtherKind));
    let modify = |operation| checked(request::MODIFY, &message(1, operation, &[]));
    assert_eq!(modify(found(&[])), Err(OtherKind));

    assert_eq!(search(ber::write(answer::DONE, b"")), Err(NotLdap));
    assert_eq!(search(result_of(answer::DONE, &[octets(b"more")])), Err(NotLdap));
    assert_eq!(search(found(&[octets(b"no attribute")])), Err(NotLdap));
    assert_eq!(search(found(&[attribute("cn", &[]), vec![0x30, 1]])), Err(NotLdap));
    let without_values = element(tag::SEQUENCE, &[octets(b"cn")]);
    assert_eq!(search(found(&[without_values])), Err(NotLdap));
    let not_utf8 = element(answer::ENTRY, &[octets(b"\xff"), element(tag::SEQUENCE, &[])]);
    assert_eq!(search(not_utf8), Err(NotLdap));
    let nested = (0..10_000).fold(octets(b""), |inner, _| ber::write(tag::SEQUENCE, &inner));
    assert_eq!(search(found(&[nested])), Err(NotLdap));
    for control in [
        octets(b"1.2"),
        element(tag::SEQUENCE, &[]),
        element(tag::SEQUENCE, &[octets(b"1.2"), ber::write(tag::BOOLEAN, b"")]),
        element(tag::SEQUENCE, &[octets(b"1.2"), ber::small(tag::INTEGER, 1)]),
    ] {
        let done = message(1, result_of(answer::DONE, &[]), &[control]);
        assert_eq!(checked(request::SEARCH, &done), Err(NotLdap));
    }
}

#[test]
fn answer_without_end_is_refused() {
    let large = message(1, found_large(), &[]);
    assert_eq!(checked(request::SEARCH, &large.repeat(7)), Ok(7 * large.len()));
    assert_eq!(checked(request::SEARCH, &large.repeat(8)), Err(AnswerError::TooLarge));
    let many = message(1, found(&[attribute("cn", &[b"".as_slice(); 1000])]), &[]);
    assert!(checked(request::SEARCH, &many.repeat(100)).is_ok());
    assert_eq!(checked(request::SEARCH, &many.repeat(140)), Err(AnswerError::TooLarge));
    // Refused when it is announced, before it is here.
    assert_eq!(checked(request::SEARCH, &[0x30, 0x84, 0, 0x80, 0, 1]), Err(AnswerError::TooLarge));
}

#[test]
fn requests_that_are_never_answered_are_forgotten() {
    let mut requests = Requests::default();
    for number in 1..=2000_u16 {
        let id = [&[2, 2][..], &number.to_be_bytes()].concat();
        requests.note(&element(tag::SEQUENCE, &[id, ber::write(request::SEARCH, b"")]));
    }
    assert_eq!(requests.waiting.len(), MAX_WAITING);
    assert!(requests.waiting.contains_key(&2000));
}

/// What becomes of a search and of a change whose requests are answered by these bytes.
async fn serve(answers: Vec<u8>) -> [Result<usize, OperationError>; 2] {
    let (ours, theirs) = UnixStream::pair().unwrap();
    ours.set_nonblocking(true).unwrap();
    let ours = tokio::net::UnixStream::from_std(ours).unwrap();
    let end = Arc::new(OnceLock::new());
    let noted = Arc::clone(&end);
    let carrier = tokio::spawn(async move {
        let (mut from_client, mut to_client) = ours.into_split();
        let mut requests = Requests::default();
        while requests.waiting.len() < 2 {
            let mut piece = [0; 1024];
            let length = from_client.read(&mut piece).await.unwrap();
            requests.note(&piece[..length]);
        }
        match Answers::default().take(&answers, &mut requests) {
            // The client may have ended.
            Ok(passed) => drop(to_client.write_all(&passed).await),
            Err(error) => noted.set(EndReason::Answer(error)).unwrap(),
        }
    });
    let connection = Connection::speak("dc1.a.b", theirs, carrier, end).await.unwrap();
    let search = connection.page("DC=a,DC=b", "(cn=Ada)", &["cn"], 500, Vec::new());
    let (found, changed) = tokio::join!(search, connection.modify("CN=Ada", Vec::new()));
    assert!(!connection.has_panicked().await, "the client has panicked");
    [found.map(|page| page.entries.len()), changed.map(|()| 0)]
}

fn served(answers: Vec<u8>) -> [Result<usize, OperationError>; 2] {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(serve(answers))
}

fn changed() -> Vec<u8> {
    message(2, result_of(answer::MODIFIED, &[]), &[])
}

#[test]
fn connection_that_is_answered_badly_ends_and_says_why() {
    let [found, modified] = served([good().concat(), changed()].concat());
    assert!(matches!((&found, &modified), (Ok(1), Ok(0))), "{found:?}, {modified:?}");
    let reason = |answers| {
        let [found, _] = served(answers);
        let Err(OperationError::Connection(failure)) = found else { panic!("{found:?}") };
        failure
    };
    let is_not_valid = |failure, words: &str| {
        let DomainFailure::AnswerNotValid { host, reason } = failure else { panic!("{failure:?}") };
        assert!(host == "dc1.a.b" && reason.contains(words), "{reason}");
    };
    is_not_valid(reason(message(1, result_of(answer::MODIFIED, &[]), &[])), "something else");
    is_not_valid(reason(message(1, ber::write(answer::ENTRY, b""), &[])), "RFC 4511");
    let large = message(1, found_large(), &[]);
    let limit = "8 MiB".to_owned();
    assert_eq!(reason(large.repeat(8)), DomainFailure::TooLarge { limit });
}

fn found_large() -> Vec<u8> {
    found(&[attribute("cn", &[&vec![b'x'; 1 << 20]])])
}

/// Messages that are nearly right: trees of elements with the tags that occur.
fn nearly_right() -> impl Strategy<Value = Vec<u8>> {
    let tags = [1, 2, 4, 10, 0x30, 0x31, 0x64, 0x65, 0x67, 0x73, 0x78, 0xa0, 0xa3, 0x87, 0x8a];
    let tag = proptest::sample::select(tags.to_vec());
    let leaf =
        (tag.clone(), vec(any::<u8>(), 0..4)).prop_map(|(tag, value)| ber::write(tag, &value));
    let tree = leaf.prop_recursive(5, 40, 4, move |inner| {
        (tag.clone(), vec(inner, 0..4)).prop_map(|(tag, parts)| element(tag, &parts))
    });
    (1_u8..3, vec(tree, 0..3)).prop_map(|(number, parts)| {
        let parts = [vec![ber::small(tag::INTEGER, number)], parts].concat();
        element(tag::SEQUENCE, &parts)
    })
}

/// What a domain controller answers, with some bytes changed and a part repeated or left out.
fn touched() -> impl Strategy<Value = Vec<u8>> {
    let whole = [good().concat(), changed()].concat();
    let length = whole.len();
    let changes = vec((0..length, any::<u8>()), 0..4);
    (changes, 0..length, 0..length).prop_map(move |(changes, from, to)| {
        let mut bytes = whole.clone();
        changes.into_iter().for_each(|(at, byte)| bytes[at] = byte);
        match from < to {
            true => drop(bytes.drain(from..to).take(from % 3)),
            false => bytes.extend_from_within(to..from),
        }
        bytes
    })
}

proptest! {
    #[test]
    fn whatever_is_handed_on_the_client_can_read(
        nearly_right in vec(nearly_right(), 0..4),
        touched in touched(),
    ) {
        let _ = served(nearly_right.concat());
        let _ = served(touched);
    }

    #[test]
    fn any_bytes_are_checked_without_panic(pieces: Vec<Vec<u8>>) {
        let (mut requests, mut answers) = (Requests::default(), Answers::default());
        for piece in pieces {
            requests.note(&piece);
            if answers.take(&piece, &mut requests).is_err() {
                break;
            }
        }
    }
}
