//! A TPM in software, which follows the specification of TCG.

#![expect(clippy::unwrap_used, reason = "a step that fails is a test that fails")]

use std::io::Write;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::thread;

use swtpm::Chip;
use tpm::{Sealed, Tpm, TpmError};

fn open(path: &Path) -> Tpm {
    Tpm::open(path).unwrap().unwrap()
}

#[test]
fn a_secret_comes_back_after_a_restart_of_the_machine() {
    let chip = Chip::new().unwrap();
    let sealed = {
        let plugged = chip.plug_in().unwrap();
        let mut tpm = open(plugged.socket());
        // More often than it has room for what is loaded.
        for _ in 0..8 {
            let sealed = tpm.seal(b"a key").unwrap();
            assert_eq!(tpm.unseal(&sealed).unwrap().as_slice(), b"a key");
        }
        tpm.seal(&[7; tpm::MAX_SECRET_BYTES]).unwrap()
    };
    assert!(!sealed.as_bytes().windows(8).any(|octets| octets == [7; 8]), "it stands there");
    let stored = Sealed::read(sealed.as_bytes()).unwrap();
    let plugged = chip.plug_in().unwrap();
    let secret = open(plugged.socket()).unseal(&stored).unwrap();
    assert_eq!(secret.as_slice(), [7; tpm::MAX_SECRET_BYTES]);
}

#[test]
fn another_tpm_gives_nothing_back() {
    let (one, two) = (Chip::new().unwrap(), Chip::new().unwrap());
    let (one, two) = (one.plug_in().unwrap(), two.plug_in().unwrap());
    let sealed = open(one.socket()).seal(b"a key").unwrap();
    let refusal = open(two.socket()).unseal(&sealed).unwrap_err();
    assert!(matches!(refusal, TpmError::OtherTpm), "{refusal:?}");
    // The next one is given back: nothing of the refused one stays.
    let sealed = open(two.socket()).seal(b"another key").unwrap();
    assert_eq!(open(two.socket()).unseal(&sealed).unwrap().as_slice(), b"another key");
}

#[test]
fn what_was_altered_is_not_given_back() {
    let chip = Chip::new().unwrap();
    let plugged = chip.plug_in().unwrap();
    let mut tpm = open(plugged.socket());
    let sealed = tpm.seal(b"a key").unwrap();
    let length = sealed.as_bytes().len();
    for place in [10, length / 2, length - 1] {
        let mut octets = sealed.as_bytes().to_vec();
        octets[place] ^= 1;
        let altered = Sealed::read(&octets).unwrap();
        assert!(tpm.unseal(&altered).is_err(), "{place}");
    }
    for octets in [&[][..], &[0, 0, 0, 0], &sealed.as_bytes()[..length - 1], &[1; 8000]] {
        assert!(matches!(Sealed::read(octets), Err(TpmError::NotSealed)));
    }
    assert_eq!(tpm.unseal(&sealed).unwrap().as_slice(), b"a key");
}

#[test]
fn a_secret_has_one_to_128_octets() {
    let chip = Chip::new().unwrap();
    let plugged = chip.plug_in().unwrap();
    let mut tpm = open(plugged.socket());
    for length in [0, tpm::MAX_SECRET_BYTES + 1] {
        assert!(matches!(tpm.seal(&vec![1; length]), Err(TpmError::Length)));
    }
    let sealed = tpm.seal(&[1]).unwrap();
    assert_eq!(tpm.unseal(&sealed).unwrap().as_slice(), [1]);
}

#[test]
fn a_machine_without_a_tpm_has_none() {
    assert!(Tpm::open(Path::new("/dev/no-such-tpm")).unwrap().is_none());
}

#[test]
fn a_device_that_answers_nonsense_or_goes_away_is_an_error() {
    let directory = tempfile::tempdir().unwrap();
    for (number, answer) in [&b""[..], b"\x80\x01\0\0", &[0xff; 64], b"\x80\x02\0\0\0\x0a\0\0\0\0"]
        .into_iter()
        .enumerate()
    {
        let path = directory.path().join(number.to_string());
        let listener = UnixListener::bind(&path).unwrap();
        let device = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            stream.write_all(answer).unwrap();
        });
        assert!(open(&path).seal(b"a key").is_err(), "{answer:?}");
        device.join().unwrap();
    }
}
