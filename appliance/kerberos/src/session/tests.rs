use proptest::prelude::*;

use super::*;
use crate::key::EncryptionType;

/// What a server does, from the same key.
struct Acceptor {
    key: Key,
    sent: u64,
}

impl Acceptor {
    /// A token with the data rotated to the right, as Windows sends them.
    fn seal(&mut self, data: &[u8], rotation: u16) -> Vec<u8> {
        let flags = SENT_BY_ACCEPTOR | SEALED | ACCEPTOR_SUBKEY;
        let protected = [data, &header(flags, 0, 0, self.sent)].concat();
        let mut sealed = self.key.encrypt(usage::ACCEPTOR_SEAL, &protected).unwrap();
        let turn = usize::from(rotation) % sealed.len();
        sealed.rotate_right(turn);
        let token = [header(flags, 0, rotation, self.sent).as_slice(), &sealed].concat();
        self.sent += 1;
        token
    }

    fn sign(&mut self, data: &[u8]) -> Vec<u8> {
        let flags = SENT_BY_ACCEPTOR | ACCEPTOR_SUBKEY;
        let protected = [data, &header(flags, 0, 0, self.sent)].concat();
        let checksum = self.key.checksum(usage::ACCEPTOR_SEAL, &protected).unwrap();
        let token = [header(flags, 12, 0, self.sent).as_slice(), data, &checksum].concat();
        self.sent += 1;
        token
    }
}

fn pair() -> (Session, Acceptor) {
    let [ours, theirs] = [(); 2].map(|()| Key::random(EncryptionType::Aes256).unwrap());
    (Session::new(ours, Some(theirs.clone()), 7, 100), Acceptor { key: theirs, sent: 100 })
}

const SEALED_ONLY: Protection = Protection::Sealed;

#[test]
fn opens_what_a_server_seals_however_it_is_rotated() {
    let (mut session, mut acceptor) = pair();
    for rotation in [0, 1, 12, 28, 1000, u16::MAX] {
        let token = acceptor.seal(b"search result", rotation);
        assert_eq!(*session.unwrap(&token, SEALED_ONLY).unwrap(), b"search result", "{rotation}");
    }
}

#[test]
fn each_changed_bit_is_noticed() {
    let (mut session, mut acceptor) = pair();
    let (sealed, signed) = (acceptor.seal(b"data", 28), acceptor.sign(b"data"));
    for token in [sealed, signed] {
        for place in 0..token.len() * 8 {
            let mut changed = token.clone();
            changed[place / 8] ^= 1 << (place % 8);
            // Another rotation than that of the sender gives other data, and its check fails.
            assert!(session.unwrap(&changed, Protection::Signed).is_err(), "bit {place}");
        }
    }
}

#[test]
fn each_cut_token_is_refused() {
    let (mut session, mut acceptor) = pair();
    let token = acceptor.seal(b"data", 28);
    for length in 0..token.len() {
        assert!(session.unwrap(&token[..length], SEALED_ONLY).is_err(), "{length}");
    }
}

#[test]
fn repeated_lost_and_reordered_tokens_are_noticed() {
    let (mut session, mut acceptor) = pair();
    let tokens: Vec<_> = (0..4).map(|_| acceptor.seal(b"data", 28)).collect();
    session.unwrap(&tokens[0], SEALED_ONLY).unwrap();
    let error = |result: Result<_, KerberosError>| match result {
        Err(KerberosError::Sequence { found, expected }) => (found, expected),
        _ => panic!("the sequence is not checked"),
    };
    assert_eq!(error(session.unwrap(&tokens[0], SEALED_ONLY)), (100, 101), "repeated");
    assert_eq!(error(session.unwrap(&tokens[2], SEALED_ONLY)), (102, 101), "one is lost");
    session.unwrap(&tokens[1], SEALED_ONLY).unwrap();
}

#[test]
fn signed_token_is_not_taken_for_a_sealed_one() {
    let (mut session, mut acceptor) = pair();
    let token = acceptor.sign(b"data");
    assert!(matches!(session.unwrap(&token, SEALED_ONLY), Err(KerberosError::Unexpected(_))));
    assert_eq!(*session.unwrap(&token, Protection::Signed).unwrap(), b"data");
}

#[test]
fn own_token_that_comes_back_is_refused() {
    let (mut session, _) = pair();
    for protection in [Protection::Signed, Protection::Sealed] {
        let token = session.wrap(b"data", protection).unwrap();
        assert!(session.unwrap(&token, Protection::Signed).is_err());
        assert!(token.len() <= 4 + Session::overhead());
    }
}

proptest! {
    #[test]
    fn any_token_is_refused_without_panic(token: Vec<u8>) {
        let (mut session, _) = pair();
        prop_assert!(session.unwrap(&token, Protection::Signed).is_err());
    }
}
