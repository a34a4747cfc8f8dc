//! The channel to the hypervisor: a device that PID 1 has opened, or VMware's port.

mod agent;
mod kvp;
mod store;
pub(crate) mod vmware;

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;

use bus::Client;
use model::guest_files::HostChannel;
use model::load::LoadFacts;
use model::network::NetworkStatus;
use model::supervision::{InitRequest, InitResponse};
use tokio::io::unix::AsyncFd;
use tokio::sync::watch;
use tracing::{info, warn};

use crate::facts::Facts;

/// What the appliance tells, and whom it tells the hypervisor's wishes.
pub(crate) struct Surroundings {
    pub(crate) network: watch::Receiver<Option<NetworkStatus>>,
    pub(crate) init: Client,
}

impl Surroundings {
    /// What is told now.
    fn facts(&self) -> Facts {
        let network = self.network.borrow().clone();
        Facts { release: sys::kernel::release(), network, load: LoadFacts::default() }
    }

    /// The same with how busy the machine is.
    async fn facts_with_load(&self) -> Facts {
        let load = match self.init.call(&InitRequest::Load).await {
            Ok(InitResponse::Load(load)) => load,
            _ => LoadFacts::default(),
        };
        Facts { load, ..self.facts() }
    }
}

/// Speaks with the hypervisor as long as the device answers. What fails is said in the log; the
/// appliance works without.
pub(crate) async fn speak(channel: HostChannel, device: OwnedFd, surroundings: Surroundings) {
    let name = channel.name();
    info!(channel = name, "The hypervisor is spoken with");
    let spoken = match Device::new(device) {
        Ok(device) => match channel {
            HostChannel::Agent => agent::speak(&device, &surroundings).await,
            HostChannel::Kvp => kvp::speak(&device, &surroundings).await,
            HostChannel::Store => store::speak(&device, surroundings).await,
        },
        Err(error) => Err(error),
    };
    if let Err(error) = spoken {
        warn!(channel = name, %error, "The hypervisor is spoken with no more");
    }
}

/// A character device that does not block.
struct Device(AsyncFd<File>);

impl Device {
    #[expect(
        deprecated,
        reason = "its successor is unsafe because it takes types without `AsFd`, which a file has; \
                  crates other than `sys` have no unsafe code"
    )]
    fn new(device: OwnedFd) -> io::Result<Self> {
        AsyncFd::new(File::from(device)).map(Self)
    }

    /// Reads what there is; nothing when nobody is at the other end.
    async fn read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let mut guard = self.0.readable().await?;
            match guard.try_io(|device| device.get_ref().read(buffer)) {
                Ok(Ok(0)) => {
                    // The device says that it is readable as long as nobody is there. What comes later
                    // is a new event.
                    guard.clear_ready();
                    return Ok(0);
                }
                Ok(result) => return result,
                Err(_would_block) => {}
            }
        }
    }

    /// Writes everything, in one call where the device takes it.
    async fn write(&self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            let mut guard = self.0.writable().await?;
            match guard.try_io(|device| device.get_ref().write(bytes)) {
                Ok(Ok(0)) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(Ok(written)) => bytes = bytes.get(written..).unwrap_or_default(),
                Ok(Err(error)) => return Err(error),
                Err(_would_block) => {}
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
