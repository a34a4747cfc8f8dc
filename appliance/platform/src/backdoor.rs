//! How texts of VMware's guest RPC ([`crate::rpci`]) travel: through six registers of a port, four bytes at a
//! time.
//!
//! Source: the toolbox of govmomi (Apache-2.0), and open-vm-tools as reading matter.

use thiserror::Error;

use crate::rpci::MAX_MESSAGE_BYTES;

/// The registers that go to the hypervisor and come back: EAX, EBX, ECX, EDX, ESI, EDI.
pub type Registers = [u32; 6];

// Places of registers.
const EAX: usize = 0;
const EBX: usize = 1;
const ECX: usize = 2;
const EDX: usize = 3;

/// In EAX with every call, and in EBX of an answer to [`VERSION`].
const MAGIC: u32 = 0x564d_5868;
/// In the lower half of EDX: the port.
const PORT: u32 = 0x5658;
/// Command that tells the version of the hypervisor.
const VERSION: u32 = 10;
/// Command of messages, in the lower half of ECX; the step of it is in the upper half.
const MESSAGE: u32 = 30;
// Steps.
const OPEN: u32 = 0;
const SEND_SIZE: u32 = 1;
const SEND_PAYLOAD: u32 = 2;
const RECEIVE_SIZE: u32 = 3;
const RECEIVE_PAYLOAD: u32 = 4;
const RECEIVE_STATUS: u32 = 5;
const CLOSE: u32 = 6;
// What ECX says of a step that was taken.
const SUCCESS: u32 = 1 << 16;
const HAS_MESSAGE: u32 = 1 << 17;
/// Asks for cookies, by which the hypervisor knows who has opened the channel.
const WITH_COOKIES: u32 = 0x8000_0000;

/// The port. `None` = there is none.
pub trait Port {
    /// Exchanges registers.
    fn call(&mut self, registers: Registers) -> Option<Registers>;
}

/// Why a channel does not work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum BackdoorError {
    /// Not VMware, or its administrator has restricted the port.
    #[error("the hypervisor's port does not answer")]
    NoPort,
    /// The hypervisor has no channels of messages.
    #[error("the hypervisor opens no channel")]
    NotOpened,
    /// It has closed the channel, or lost it.
    #[error("the hypervisor does not take step {0} of a message")]
    Step(u32),
    /// More than [`MAX_MESSAGE_BYTES`].
    #[error("the hypervisor sends more than {MAX_MESSAGE_BYTES} bytes")]
    TooLong,
}

/// Who speaks first on a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// The guest asks ("RPCI").
    Guest,
    /// The host asks ("TCLO").
    Host,
}

impl Protocol {
    const fn number(self) -> u32 {
        match self {
            Self::Guest => 0x4943_5052,
            Self::Host => 0x4f4c_4354,
        }
    }
}

/// Whether VMware answers at the port.
pub fn is_there(port: &mut impl Port) -> bool {
    let answer = port.call([MAGIC, !MAGIC, VERSION, PORT, 0, 0]);
    answer.is_some_and(|registers| registers[EBX] == MAGIC && registers[EAX] != u32::MAX)
}

/// An open channel.
#[derive(Debug)]
pub struct Channel {
    id: u32,
    cookies: [u32; 2],
}

impl Channel {
    /// Opens a channel.
    ///
    /// # Errors
    ///
    /// [`BackdoorError::NoPort`], [`BackdoorError::NotOpened`].
    pub fn open(port: &mut impl Port, protocol: Protocol) -> Result<Self, BackdoorError> {
        let command = MESSAGE | OPEN << 16;
        let registers = [MAGIC, protocol.number() | WITH_COOKIES, command, PORT, 0, 0];
        let answer = port.call(registers).ok_or(BackdoorError::NoPort)?;
        // A hypervisor without channels leaves the command as it was.
        if answer[ECX] & SUCCESS == 0 {
            return Err(BackdoorError::NotOpened);
        }
        let [.., esi, edi] = answer;
        Ok(Self { id: answer[EDX] >> 16, cookies: [esi, edi] })
    }

    /// Sends a message, which may be empty.
    ///
    /// # Errors
    ///
    /// [`BackdoorError`]; the channel is of no use then.
    pub fn send(&self, port: &mut impl Port, message: &[u8]) -> Result<(), BackdoorError> {
        let length = u32::try_from(message.len()).map_err(|_| BackdoorError::TooLong)?;
        self.step(port, SEND_SIZE, length)?;
        for chunk in message.chunks(4) {
            let mut word = [0; 4];
            word[..chunk.len()].copy_from_slice(chunk);
            self.step(port, SEND_PAYLOAD, u32::from_le_bytes(word))?;
        }
        Ok(())
    }

    /// Takes the message that waits; empty when none does.
    ///
    /// # Errors
    ///
    /// [`BackdoorError`]; the channel is of no use then.
    pub fn receive(&self, port: &mut impl Port) -> Result<Vec<u8>, BackdoorError> {
        let answer = self.step(port, RECEIVE_SIZE, 0)?;
        if answer[ECX] & HAS_MESSAGE == 0 {
            return Ok(Vec::new());
        }
        let length = usize::try_from(answer[EBX]).unwrap_or(usize::MAX);
        if length > MAX_MESSAGE_BYTES {
            return Err(BackdoorError::TooLong);
        }
        // The kind of the message is handed back with each step.
        let kind = answer[EDX] >> 16;
        let mut message = Vec::with_capacity(length);
        while message.len() < length {
            let answer = self.step(port, RECEIVE_PAYLOAD, kind)?;
            let left = (length - message.len()).min(4);
            message.extend_from_slice(&answer[EBX].to_le_bytes()[..left]);
        }
        self.step(port, RECEIVE_STATUS, kind)?;
        Ok(message)
    }

    /// Closes the channel. One that the hypervisor has closed is no error.
    pub fn close(self, port: &mut impl Port) {
        let _ = self.step(port, CLOSE, 0);
    }

    fn step(
        &self,
        port: &mut impl Port,
        step: u32,
        value: u32,
    ) -> Result<Registers, BackdoorError> {
        let [esi, edi] = self.cookies;
        let registers = [MAGIC, value, MESSAGE | step << 16, PORT | self.id << 16, esi, edi];
        let answer = port.call(registers).ok_or(BackdoorError::NoPort)?;
        if answer[ECX] & SUCCESS == 0 { Err(BackdoorError::Step(step)) } else { Ok(answer) }
    }
}

/// Asks the host one thing on a channel of its own.
///
/// # Errors
///
/// [`BackdoorError`].
pub fn ask(port: &mut impl Port, message: &str) -> Result<Vec<u8>, BackdoorError> {
    let channel = Channel::open(port, Protocol::Guest)?;
    let answer = channel.send(port, message.as_bytes()).and_then(|()| channel.receive(port));
    channel.close(port);
    answer
}

#[cfg(test)]
mod tests;
