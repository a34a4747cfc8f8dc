//! The steps of messages, against a host that keeps to them. No recording of a real one was at hand.

use proptest::prelude::*;

use super::*;

/// A host that answers each message with `1 ` and the message.
#[derive(Default)]
struct Host {
    is_open: bool,
    expected: usize,
    received: Vec<u8>,
    answer: Vec<u8>,
    sent: usize,
}

const CHANNEL: u32 = 5;
const COOKIES: [u32; 2] = [0x11, 0x22];

impl Port for Host {
    fn call(&mut self, registers: Registers) -> Option<Registers> {
        let [eax, ebx, ecx, edx, esi, edi] = registers;
        assert_eq!((eax, edx & 0xffff), (MAGIC, PORT));
        let mut answer = registers;
        if ecx == VERSION {
            answer[..2].copy_from_slice(&[6, MAGIC]);
            return Some(answer);
        }
        let step = ecx >> 16;
        assert_eq!(ecx & 0xffff, MESSAGE);
        if step != OPEN {
            assert!(self.is_open && edx >> 16 == CHANNEL && [esi, edi] == COOKIES);
        }
        answer[ECX] = SUCCESS;
        match step {
            OPEN => {
                self.is_open = true;
                answer[EDX] = CHANNEL << 16 | PORT;
                answer[4..].copy_from_slice(&COOKIES);
            }
            SEND_SIZE => {
                (self.expected, self.received) = (usize::try_from(ebx).unwrap(), Vec::new())
            }
            SEND_PAYLOAD => self.received.extend(ebx.to_le_bytes()),
            RECEIVE_SIZE => {
                self.received.truncate(self.expected);
                self.answer = [b"1 ", self.received.as_slice()].concat();
                self.sent = 0;
                answer[ECX] |= HAS_MESSAGE;
                answer[EBX] = u32::try_from(self.answer.len()).unwrap();
                answer[EDX] = 1 << 16 | PORT;
            }
            RECEIVE_PAYLOAD => {
                assert_eq!(ebx, 1);
                let mut word = [0; 4];
                for (place, byte) in word.iter_mut().zip(&self.answer[self.sent..]) {
                    *place = *byte;
                }
                self.sent += 4;
                answer[EBX] = u32::from_le_bytes(word);
            }
            CLOSE => self.is_open = false,
            _ => {}
        }
        Some(answer)
    }
}

/// Whatever a function answers.
struct Answering<F>(F);

impl<F: FnMut(Registers) -> Option<Registers>> Port for Answering<F> {
    fn call(&mut self, registers: Registers) -> Option<Registers> {
        (self.0)(registers)
    }
}

#[test]
fn a_message_of_any_length_goes_there_and_its_answer_comes_back() {
    for message in ["", "a", "info-get guestinfo.ovfEnv", &"x".repeat(4097)] {
        let mut host = Host::default();
        assert!(is_there(&mut host));
        assert_eq!(ask(&mut host, message).unwrap(), format!("1 {message}").as_bytes());
        assert!(!host.is_open);
    }
}

#[test]
fn a_port_of_qemu_has_no_channels_and_a_machine_without_one_none() {
    // QEMU's vmport leaves registers of commands that it does not know, but for EAX.
    let mut qemu = Answering(|mut registers: Registers| {
        registers[EAX] = u32::MAX;
        if registers[ECX] == VERSION {
            registers[..2].copy_from_slice(&[6, MAGIC]);
        }
        Some(registers)
    });
    assert!(is_there(&mut qemu));
    assert_eq!(ask(&mut qemu, "ping"), Err(BackdoorError::NotOpened));
    let mut none = Answering(|_| None);
    assert!(!is_there(&mut none));
    assert_eq!(ask(&mut none, "ping"), Err(BackdoorError::NoPort));
}

#[test]
fn an_answer_that_never_ends_is_refused() {
    let mut endless = Answering(|mut registers: Registers| {
        registers[ECX] = SUCCESS | HAS_MESSAGE;
        registers[EBX] = u32::MAX;
        Some(registers)
    });
    assert_eq!(ask(&mut endless, "ping"), Err(BackdoorError::TooLong));
}

proptest! {
    #[test]
    fn whatever_the_host_answers_ends(answers in prop::collection::vec(any::<Registers>(), 1..50)) {
        let mut answers = answers.into_iter();
        let mut host = Answering(|_| {
            let mut registers = answers.next()?;
            registers[EBX] &= 0xff;
            Some(registers)
        });
        let _ = ask(&mut host, "ping");
    }
}
