//! Sealing and giving back.

use std::fmt;
use std::io::{Read, Write};
use std::path::Path;

use zeroize::Zeroizing;

use crate::command::{self, Code};
use crate::device::{self, Device};
use crate::error::TpmError;
use crate::response::{HEADER_BYTES, MAX_BYTES, Response};
use crate::sealed::Sealed;

/// Longest secret that a TPM seals, in octets (`MAX_SYM_DATA`).
pub const MAX_SECRET_BYTES: usize = 128;
/// `TPM_RC_INTEGRITY` of a parameter, without its number: it was not made under this key.
const INTEGRITY: u32 = 0x9f;
/// The bits of a response code that say to what it belongs (TCG, part 2, 6.6.3): parameter, and its number.
const PLACE: u32 = 0xf40;

/// A TPM 2.0. Each call takes some tenths of a second on real ones, and blocks.
pub struct Tpm {
    device: Box<dyn Device>,
}

impl Tpm {
    /// The TPM at this path: a device of the kernel, or the socket of a TPM in software. `None` if there is
    /// none.
    ///
    /// # Errors
    ///
    /// [`TpmError::Device`].
    pub fn open(path: &Path) -> Result<Option<Self>, TpmError> {
        Ok(device::open(path)?.map(|device| Self { device }))
    }

    /// Seals a secret of 1 to [`MAX_SECRET_BYTES`] octets.
    ///
    /// # Errors
    ///
    /// [`TpmError`].
    pub fn seal(&mut self, secret: &[u8]) -> Result<Sealed, TpmError> {
        if !(1..=MAX_SECRET_BYTES).contains(&secret.len()) {
            return Err(TpmError::Length);
        }
        self.under_storage_key(|tpm, parent| {
            let answer = tpm.exchange(Code::Create, &command::create_sealed(parent, secret))?;
            let mut parameters = content(&answer)?;
            // Of the parameters, the first two.
            parameters.number32()?;
            let (private, public) = (parameters.sized()?, parameters.sized()?);
            let sized = |octets: &[u8]| {
                let length = u16::try_from(octets.len()).map_err(|_| TpmError::Answer)?;
                Ok::<_, TpmError>([&length.to_be_bytes(), octets].concat())
            };
            Sealed::read(&[sized(private)?, sized(public)?].concat())
        })
    }

    /// Gives back what was sealed.
    ///
    /// # Errors
    ///
    /// [`TpmError::OtherTpm`] if this TPM cannot, now and for ever; the others may pass.
    pub fn unseal(&mut self, sealed: &Sealed) -> Result<Zeroizing<Vec<u8>>, TpmError> {
        self.under_storage_key(|tpm, parent| {
            let answer = tpm.exchange(Code::Load, &command::load(parent, sealed.as_bytes()));
            let object = content(&answer.map_err(of_other_tpm)?)?.number32()?;
            tpm.with_loaded(object, |tpm, object| {
                let answer = tpm.exchange(Code::Unseal, &command::unseal(object))?;
                let mut parameters = content(&answer)?;
                parameters.number32()?;
                Ok(Zeroizing::new(parameters.sized()?.to_vec()))
            })
        })
    }

    /// Does something under the storage key, which is made for it.
    fn under_storage_key<T>(
        &mut self,
        act: impl FnOnce(&mut Self, u32) -> Result<T, TpmError>,
    ) -> Result<T, TpmError> {
        let answer = self.exchange(Code::CreatePrimary, &command::create_primary())?;
        let key = content(&answer)?.number32()?;
        self.with_loaded(key, act)
    }

    /// Does something with what is loaded, and has the TPM forget it: it has room for few.
    fn with_loaded<T>(
        &mut self,
        object: u32,
        act: impl FnOnce(&mut Self, u32) -> Result<T, TpmError>,
    ) -> Result<T, TpmError> {
        let done = act(self, object);
        let forgotten = self.exchange(Code::FlushContext, &command::flush_context(object));
        let done = done?;
        forgotten.map(|_| done)
    }

    /// Sends a command and gives the whole response, if the TPM has done it.
    fn exchange(&mut self, code: Code, command: &[u8]) -> Result<Zeroizing<Vec<u8>>, TpmError> {
        // At once: the kernel takes each write for a command.
        self.device.write_all(command)?;
        self.device.flush()?;
        let mut octets = Zeroizing::new(vec![0; MAX_BYTES]);
        let mut count = 0;
        while count < HEADER_BYTES || count < Response::length(&octets)? {
            match self.device.read(octets.get_mut(count..).unwrap_or_default())? {
                0 => return Err(TpmError::Answer),
                more => count += more,
            }
        }
        octets.truncate(count);
        match Response::content(&octets)?.0 {
            0 => Ok(octets),
            refusal => Err(TpmError::Refused { command: code.name(), code: refusal }),
        }
    }
}

impl fmt::Debug for Tpm {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Tpm(..)")
    }
}

fn content(answer: &[u8]) -> Result<Response<'_>, TpmError> {
    Ok(Response::content(answer)?.1)
}

/// What it means when a TPM does not load what was sealed.
fn of_other_tpm(error: TpmError) -> TpmError {
    match error {
        TpmError::Refused { code, .. } if code & !PLACE == INTEGRITY => TpmError::OtherTpm,
        other => other,
    }
}
