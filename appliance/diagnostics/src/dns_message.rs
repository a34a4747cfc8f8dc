//! Questions to DNS servers and their answers (RFC 1035), as far as the prechecks need them.

use std::net::Ipv4Addr;

/// Longest answer over UDP without extensions (RFC 1035, section 4.2.1), in bytes.
pub const MAX_BYTES: usize = 512;
const HEADER_BYTES: usize = 12;
/// Type of IPv4 addresses, and the class Internet.
const TYPE_A: u16 = 1;
const CLASS_IN: u16 = 1;
/// Most addresses of an answer that are kept.
const MAX_ADDRESSES: usize = 8;

/// A question with recursion desired; `None` for what is no name.
#[must_use]
pub fn question(name: &str, number: u16) -> Option<Vec<u8>> {
    let mut message = Vec::with_capacity(HEADER_BYTES + name.len() + 6);
    message.extend_from_slice(&number.to_be_bytes());
    message.extend_from_slice(&[1, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
    for label in name.split('.') {
        let length = u8::try_from(label.len()).ok().filter(|length| (1..64).contains(length))?;
        message.push(length);
        message.extend_from_slice(label.as_bytes());
    }
    message.push(0);
    message.extend_from_slice(&TYPE_A.to_be_bytes());
    message.extend_from_slice(&CLASS_IN.to_be_bytes());
    // A name has 255 bytes at most (section 2.3.4).
    (message.len() <= HEADER_BYTES + 255 + 4).then_some(message)
}

/// Addresses in an answer, or the code that the server gives instead; `None` when it is not the
/// answer to this question.
#[must_use]
pub fn read(answer: &[u8], question: &[u8]) -> Option<Result<Vec<Ipv4Addr>, String>> {
    let is_answer = answer.len() >= HEADER_BYTES
        && answer.get(..2) == question.get(..2)
        && answer[2] & 0x80 != 0;
    if !is_answer {
        return None;
    }
    match answer[3] & 0x0f {
        // The name does not exist: the server works.
        3 => return Some(Ok(Vec::new())),
        0 => {}
        code => return Some(Err(code_name(code))),
    }
    // Some servers send an answer without repeating the question; nothing is read from it.
    if !repeats_question(answer, question) {
        return Some(Ok(Vec::new()));
    }
    let count = u16::from_be_bytes([answer[6], answer[7]]);
    Some(Ok(addresses(answer, question.len(), count)))
}

/// Names are compared without case, which some servers change.
fn repeats_question(answer: &[u8], question: &[u8]) -> bool {
    answer
        .get(HEADER_BYTES..question.len())
        .is_some_and(|repeated| repeated.eq_ignore_ascii_case(&question[HEADER_BYTES..]))
}

/// The IPv4 addresses among the records that begin at a place; ends at the first damaged one.
fn addresses(answer: &[u8], begin: usize, count: u16) -> Vec<Ipv4Addr> {
    let mut found = Vec::new();
    let mut place = begin;
    for _ in 0..count {
        let Some((kind, data, end)) = record(answer, place) else { break };
        if kind == TYPE_A
            && let Ok(address) = <[u8; 4]>::try_from(data)
            && found.len() < MAX_ADDRESSES
        {
            found.push(Ipv4Addr::from(address));
        }
        place = end;
    }
    found
}

/// Type, data and end of the record at a place.
fn record(answer: &[u8], place: usize) -> Option<(u16, &[u8], usize)> {
    let fixed = end_of_name(answer, place)?;
    let part = answer.get(fixed..fixed + 10)?;
    let kind = u16::from_be_bytes([part[0], part[1]]);
    let length = usize::from(u16::from_be_bytes([part[8], part[9]]));
    let end = fixed + 10 + length;
    Some((kind, answer.get(fixed + 10..end)?, end))
}

/// The place after a name: after its last label, or after the pointer that ends it (section 4.1.4).
fn end_of_name(answer: &[u8], mut place: usize) -> Option<usize> {
    loop {
        match *answer.get(place)? {
            0 => return Some(place + 1),
            length if length & 0xc0 == 0xc0 => return Some(place + 2),
            length if length & 0xc0 == 0 => place += 1 + usize::from(length),
            _ => return None,
        }
    }
}

/// The name of a code (RFC 1035, section 4.1.1; RFC 2136, section 2.2).
fn code_name(code: u8) -> String {
    match code {
        1 => "FORMERR".to_owned(),
        2 => "SERVFAIL".to_owned(),
        4 => "NOTIMP".to_owned(),
        5 => "REFUSED".to_owned(),
        9 => "NOTAUTH".to_owned(),
        code => format!("code {code}"),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NUMBER: u16 = 0x1234;

    fn asked() -> Vec<u8> {
        question("A.example", NUMBER).expect("a name")
    }

    /// An answer with these records, which refer to the name of the question.
    fn answer(code: u8, records: &[(u16, &[u8])]) -> Vec<u8> {
        let mut message = asked();
        message[2] = 0x81;
        message[3] = 0x80 | code;
        message[7] = u8::try_from(records.len()).expect("few");
        for (kind, data) in records {
            message.extend_from_slice(&[0xc0, 12]);
            message.extend_from_slice(&kind.to_be_bytes());
            message.extend_from_slice(&[0, 1, 0, 0, 0, 60, 0]);
            message.push(u8::try_from(data.len()).expect("short"));
            message.extend_from_slice(data);
        }
        message
    }

    #[test]
    fn finds_addresses_behind_an_alias() {
        let message = answer(0, &[(5, &[1, b'b', 0]), (1, &[10, 0, 0, 1]), (1, &[10, 0, 0, 2])]);
        let expected = vec![Ipv4Addr::new(10, 0, 0, 1), Ipv4Addr::new(10, 0, 0, 2)];
        assert_eq!(read(&message, &asked()), Some(Ok(expected)));
    }

    #[test]
    fn a_name_that_does_not_exist_is_an_answer() {
        assert_eq!(read(&answer(3, &[]), &asked()), Some(Ok(Vec::new())));
        assert_eq!(read(&answer(5, &[]), &asked()), Some(Err("REFUSED".to_owned())));
        assert_eq!(read(&answer(2, &[]), &asked()), Some(Err("SERVFAIL".to_owned())));
    }

    #[test]
    fn answers_to_other_questions_are_dropped() {
        let mut other = answer(0, &[]);
        other[0] ^= 1;
        assert_eq!(read(&other, &asked()), None);
        assert_eq!(read(&asked(), &asked()), None, "a question is no answer");
    }

    #[test]
    fn what_is_no_name_is_not_asked_for() {
        for name in ["", "a..b", &"a".repeat(64), &"abcdefgh.".repeat(40)] {
            assert_eq!(question(name, NUMBER), None, "{name}");
        }
    }

    proptest! {
        #[test]
        fn no_answer_breaks_the_reader(tail in prop::collection::vec(any::<u8>(), 0..200)) {
            let mut message = answer(0, &[]);
            message[7] = 200;
            message.extend_from_slice(&tail);
            let read = read(&message, &asked());
            prop_assert!(read.is_some_and(|read| read.is_ok_and(|found| found.len() <= MAX_ADDRESSES)));
            let _ = super::read(&tail, &asked());
        }
    }
}
