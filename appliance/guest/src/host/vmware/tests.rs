//! A host that speaks through six registers, written after govmomi's toolbox. No real one was at hand.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use crate::host::tests::surroundings;

use super::*;

const MAGIC: u32 = 0x564d_5868;
const GUEST: u32 = 0x4943_5052;

/// What a host keeps of a channel.
#[derive(Default)]
struct Line {
    is_guests: bool,
    expected: usize,
    incoming: Vec<u8>,
    outgoing: Vec<u8>,
}

#[derive(Default)]
struct Desk {
    lines: Vec<Line>,
    /// Commands that the host still has.
    commands: VecDeque<&'static str>,
    /// Value of `guestinfo.ovfEnv`.
    environment: Option<String>,
    /// What the guest has said, on either channel.
    heard: Vec<String>,
}

#[derive(Clone, Default)]
struct Host(Arc<Mutex<Desk>>);

impl Host {
    fn heard(&self) -> Vec<String> {
        self.0.lock().expect("not poisoned").heard.clone()
    }
}

impl Desk {
    /// The guest's message is whole.
    fn hear(&mut self, id: usize) {
        let line = &mut self.lines[id];
        line.incoming.truncate(line.expected);
        let text = String::from_utf8(line.incoming.clone()).expect("a text");
        line.outgoing = match (line.is_guests, text.as_str()) {
            (true, "info-get guestinfo.ovfEnv") => match &self.environment {
                Some(environment) => format!("1 {environment}").into_bytes(),
                None => b"0 No value found".to_vec(),
            },
            (true, _) => b"1 ".to_vec(),
            (false, _) => self.commands.pop_front().unwrap_or_default().as_bytes().to_vec(),
        };
        if !text.is_empty() {
            self.heard.push(text);
        }
    }
}

impl Port for Host {
    fn call(&mut self, registers: Registers) -> Option<Registers> {
        let mut desk = self.0.lock().expect("not poisoned");
        let [_, ebx, ecx, edx, ..] = registers;
        let mut answer = registers;
        if ecx == 10 {
            answer[..2].copy_from_slice(&[6, MAGIC]);
            return Some(answer);
        }
        answer[2] = 1 << 16;
        let id = usize::try_from(edx >> 16).expect("small");
        match ecx >> 16 {
            0 => {
                let is_guests = ebx & 0x7fff_ffff == GUEST;
                desk.lines.push(Line { is_guests, ..Line::default() });
                let id = u32::try_from(desk.lines.len() - 1).expect("few");
                answer[3] = id << 16 | 0x5658;
            }
            1 => {
                desk.lines[id].expected = usize::try_from(ebx).expect("short");
                desk.lines[id].incoming.clear();
                if ebx == 0 {
                    desk.hear(id);
                }
            }
            2 => {
                desk.lines[id].incoming.extend(ebx.to_le_bytes());
                if desk.lines[id].incoming.len() >= desk.lines[id].expected {
                    desk.hear(id);
                }
            }
            3 if !desk.lines[id].outgoing.is_empty() => {
                answer[1] = u32::try_from(desk.lines[id].outgoing.len()).expect("short");
                answer[2] |= 1 << 17;
                answer[3] = 1 << 16 | 0x5658;
            }
            4 => {
                let outgoing = &mut desk.lines[id].outgoing;
                let word: Vec<u8> = outgoing.drain(..outgoing.len().min(4)).collect();
                let mut bytes = [0; 4];
                bytes[..word.len()].copy_from_slice(&word);
                answer[1] = u32::from_le_bytes(bytes);
            }
            _ => {}
        }
        Some(answer)
    }
}

async fn until(host: &Host, text: &str) {
    while !host.heard().iter().any(|heard| heard == text) {
        sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn vsphere_is_told_the_address_when_it_wants_to_know() {
    let host = Host::default();
    host.0.lock().expect("not poisoned").commands =
        ["reset", "Capabilities_Register", "Set_Option broadcastIP 1"].into();
    let around = surroundings();
    tokio::spawn(speak(host.clone(), around.surroundings));
    until(&host, "info-set guestinfo.ip 10.0.2.15").await;
    let heard = host.heard();
    for text in ["OK ATR toolbox", "tools.set.version 2147483647", "tools.capability.statechange"] {
        assert!(heard.iter().any(|it| it == text), "{text}: {heard:?}");
    }
}

#[tokio::test]
async fn an_order_to_stop_is_confirmed_and_passed_on() {
    for (order, confirmation, request) in [
        ("OS_Halt", "tools.os.statechange.status 1 1", InitRequest::PowerOff),
        ("OS_Reboot", "tools.os.statechange.status 1 2", InitRequest::Restart),
    ] {
        let host = Host::default();
        host.0.lock().expect("not poisoned").commands = [order].into();
        let mut around = surroundings();
        tokio::spawn(speak(host.clone(), around.surroundings));
        assert_eq!(around.asked.recv().await, Some(request));
        assert!(host.heard().iter().any(|it| it == confirmation), "{:?}", host.heard());
    }
}

#[test]
fn the_ovf_environment_has_first_settings() {
    let mut host = Host::default();
    assert!(first_settings(&mut host).expect("none").is_empty());
    let environment = include_str!("../../../../platform/src/ovf/samples/vsphere.xml");
    host.0.lock().expect("not poisoned").environment = Some(environment.to_owned());
    let settings = first_settings(&mut host).expect("some");
    assert_eq!(settings.name.as_deref(), Some("tokyo-1"));
    host.0.lock().expect("not poisoned").environment = Some("<Environment".to_owned());
    assert!(first_settings(&mut host).is_err());
}

#[tokio::test]
async fn a_machine_without_the_port_goes_on_without() {
    assert!(first_settings(&mut HostPort).expect("none").is_empty());
    speak(HostPort, surroundings().surroundings).await;
}
