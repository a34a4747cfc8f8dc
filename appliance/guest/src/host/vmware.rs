//! VMware: guest RPC through the port of its hypervisor.

use std::net::IpAddr;
use std::time::Duration;

use model::supervision::{InitRequest, InitResponse};
use platform::agent::Interface;
use platform::backdoor::{self, BackdoorError, Channel, Port, Protocol, Registers};
use platform::guest::FirstSettings;
use platform::ovf::Environment;
use platform::rpci::{self, Action, CAPABILITIES, OVF_ENVIRONMENT, Power, Rpci, RpciError};
use tokio::time::sleep;
use tracing::{info, warn};

use super::Surroundings;
use crate::error::UnusableError;

/// How often the host is asked for its wishes.
const PERIOD: Duration = Duration::from_secs(1);
/// Pause before a channel that was lost is opened again: after a migration it is.
const LOST_PAUSE: Duration = Duration::from_secs(10);

/// The port of this machine.
pub(crate) struct HostPort;

impl Port for HostPort {
    fn call(&mut self, registers: Registers) -> Option<Registers> {
        sys::backdoor::call(registers).ok().flatten()
    }
}

/// First settings in the OVF environment; empty ones where the host has none, or does not answer.
///
/// # Errors
///
/// [`UnusableError`].
pub(crate) fn first_settings(port: &mut impl Port) -> Result<FirstSettings, UnusableError> {
    let environment = match tell(port, &Rpci::Get(OVF_ENVIRONMENT)) {
        Ok(Ok(environment)) => environment,
        Ok(Err(RpciError::Refused(_))) => return Ok(FirstSettings::default()),
        Ok(Err(error)) => {
            warn!(%error, "VMware's OVF environment cannot be read");
            return Ok(FirstSettings::default());
        }
        Err(error) => {
            info!(%error, "VMware does not answer");
            return Ok(FirstSettings::default());
        }
    };
    if environment.expose().trim().is_empty() {
        return Ok(FirstSettings::default());
    }
    Ok(Environment::parse(environment.expose().as_bytes())?.first_settings()?)
}

/// Sends one message; the inner result is the host's answer.
fn tell(
    port: &mut impl Port,
    message: &Rpci,
) -> Result<Result<model::secret::Secret, RpciError>, BackdoorError> {
    let answer = backdoor::ask(port, &message.encode())?;
    Ok(rpci::answer(&answer))
}

/// Carries out what the host wants, as long as there is one that speaks.
pub(crate) async fn speak(mut port: impl Port + Send, surroundings: Surroundings) {
    if !backdoor::is_there(&mut port) {
        info!("The port of VMware does not answer, so that vSphere shows no address");
        return;
    }
    let mut talk = Talk { surroundings, is_wanted: false, told: None };
    loop {
        match talk.listen(&mut port).await {
            Err(BackdoorError::NoPort | BackdoorError::NotOpened) => {
                info!("The hypervisor has VMware's port and takes no messages");
                return;
            }
            Err(error) => warn!(%error, "The channel to VMware is opened again"),
            Ok(never) => match never {},
        }
        sleep(LOST_PAUSE).await;
    }
}

struct Talk {
    surroundings: Surroundings,
    /// Whether the host wants to know the address.
    is_wanted: bool,
    /// The address that it knows.
    told: Option<IpAddr>,
}

impl Talk {
    /// Opens the host's channel and answers its commands until it is lost.
    async fn listen(
        &mut self,
        port: &mut (impl Port + Send),
    ) -> Result<std::convert::Infallible, BackdoorError> {
        let channel = Channel::open(port, Protocol::Host)?;
        info!("VMware is spoken with");
        let mut answer = String::new();
        loop {
            channel.send(port, answer.as_bytes())?;
            let command = channel.receive(port)?;
            let action = if command.is_empty() {
                answer.clear();
                sleep(PERIOD).await;
                Action::None
            } else {
                let (text, action) = rpci::command(&command);
                answer = text;
                action
            };
            self.carry_out(port, action).await?;
            self.tell_address(port)?;
        }
    }

    async fn carry_out(
        &mut self,
        port: &mut impl Port,
        action: Action,
    ) -> Result<(), BackdoorError> {
        match action {
            Action::None => {}
            Action::TellCapabilities => {
                for message in CAPABILITIES {
                    note(tell(port, &message)?);
                }
            }
            Action::TellAddress => (self.is_wanted, self.told) = (true, None),
            Action::End(power) => {
                note(tell(port, &Rpci::StateChange { power, is_accepted: true })?);
                let request = match power {
                    Power::Halt => InitRequest::PowerOff,
                    Power::Reboot => InitRequest::Restart,
                };
                info!(?power, "VMware asks for the end of the machine");
                if let Err(error) = self.surroundings.init.call::<InitResponse>(&request).await {
                    warn!(%error, "PID 1 cannot be asked to end the machine");
                }
            }
        }
        Ok(())
    }

    /// Tells the address if it is another one than the host knows.
    fn tell_address(&mut self, port: &mut impl Port) -> Result<(), BackdoorError> {
        let interfaces = self.surroundings.facts().of_agent().interfaces;
        let addresses = interfaces.first().map(|it: &Interface| it.addresses.as_slice());
        let address = addresses.and_then(|it| it.first()).map(|(address, _)| *address);
        if let Some(address) = address.filter(|it| self.is_wanted && self.told != Some(*it)) {
            note(tell(port, &Rpci::SetAddress(address))?);
            self.told = Some(address);
        }
        Ok(())
    }
}

fn note(answer: Result<model::secret::Secret, RpciError>) {
    if let Err(error) = answer {
        warn!(%error, "VMware does not take a message");
    }
}

#[cfg(test)]
mod tests;
