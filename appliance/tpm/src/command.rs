//! The commands, octet by octet (TCG, *TPM 2.0 Library*, parts 2 and 3).

use zeroize::Zeroizing;

use crate::response::{HEADER_BYTES, NO_SESSIONS, SESSIONS};

/// A command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Code {
    CreatePrimary = 0x131,
    Create = 0x153,
    Load = 0x157,
    Unseal = 0x15e,
    FlushContext = 0x165,
}

impl Code {
    /// As TCG names it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::CreatePrimary => "TPM2_CreatePrimary",
            Self::Create => "TPM2_Create",
            Self::Load => "TPM2_Load",
            Self::Unseal => "TPM2_Unseal",
            Self::FlushContext => "TPM2_FlushContext",
        }
    }
}

/// `TPM_RH_OWNER`: keys of the machine's owner.
const OWNER: u32 = 0x4000_0001;
/// `TPM_RS_PW`: a password authorizes the command.
const PASSWORD: u32 = 0x4000_0009;
const ALG_AES: u16 = 0x0006;
const ALG_KEYEDHASH: u16 = 0x0008;
const ALG_SHA256: u16 = 0x000b;
const ALG_NULL: u16 = 0x0010;
const ALG_ECC: u16 = 0x0023;
const ALG_CFB: u16 = 0x0043;
const ECC_NIST_P256: u16 = 0x0003;
/// `fixedTPM`, `fixedParent`, `userWithAuth` and `noDA`: it never leaves the TPM in another form, the password
/// is empty, and nobody can lock it by guessing.
const SEALED_ATTRIBUTES: u32 = 1 << 1 | 1 << 4 | 1 << 6 | 1 << 10;
/// The same and `sensitiveDataOrigin`, `restricted`, `decrypt`: a key that the TPM made, for keys below it.
const STORAGE_ATTRIBUTES: u32 = SEALED_ATTRIBUTES | 1 << 5 | 1 << 16 | 1 << 17;

/// Makes the storage key.
pub(crate) fn create_primary() -> Zeroizing<Vec<u8>> {
    let mut public = Fields::default();
    public.number16(ALG_ECC).number16(ALG_SHA256).number32(STORAGE_ATTRIBUTES).sized(&[]);
    public.number16(ALG_AES).number16(128).number16(ALG_CFB);
    // No scheme, the curve, no derivation; the unique part is zero for the first key.
    public.number16(ALG_NULL).number16(ECC_NIST_P256).number16(ALG_NULL);
    public.sized(&[0; 32]).sized(&[0; 32]);
    create(Code::CreatePrimary, OWNER, &[], &public)
}

/// Seals a secret under a key.
pub(crate) fn create_sealed(parent: u32, secret: &[u8]) -> Zeroizing<Vec<u8>> {
    let mut public = Fields::default();
    public.number16(ALG_KEYEDHASH).number16(ALG_SHA256).number32(SEALED_ATTRIBUTES).sized(&[]);
    // No scheme, and the TPM fills in the unique part.
    public.number16(ALG_NULL).sized(&[]);
    create(Code::Create, parent, secret, &public)
}

fn create(code: Code, parent: u32, secret: &[u8], public: &Fields) -> Zeroizing<Vec<u8>> {
    let mut sensitive = Fields::default();
    sensitive.sized(&[]).sized(secret);
    let mut fields = Fields::default();
    fields.number32(parent).empty_password();
    fields.sized(&sensitive.0).sized(&public.0);
    // No information from outside, and no registers of measurements.
    fields.sized(&[]).number32(0);
    fields.command(SESSIONS, code)
}

/// Loads what was sealed under a key. `sealed` = `TPM2B_PRIVATE` and `TPM2B_PUBLIC`.
pub(crate) fn load(parent: u32, sealed: &[u8]) -> Zeroizing<Vec<u8>> {
    let mut fields = Fields::default();
    fields.number32(parent).empty_password().octets(sealed);
    fields.command(SESSIONS, Code::Load)
}

/// Gives back what was sealed and is loaded.
pub(crate) fn unseal(object: u32) -> Zeroizing<Vec<u8>> {
    let mut fields = Fields::default();
    fields.number32(object).empty_password();
    fields.command(SESSIONS, Code::Unseal)
}

/// Forgets what is loaded.
pub(crate) fn flush_context(object: u32) -> Zeroizing<Vec<u8>> {
    let mut fields = Fields::default();
    fields.number32(object);
    fields.command(NO_SESSIONS, Code::FlushContext)
}

/// Fields of a command.
#[derive(Default)]
struct Fields(Zeroizing<Vec<u8>>);

impl Fields {
    fn octets(&mut self, octets: &[u8]) -> &mut Self {
        self.0.extend_from_slice(octets);
        self
    }

    fn number16(&mut self, number: u16) -> &mut Self {
        self.octets(&number.to_be_bytes())
    }

    fn number32(&mut self, number: u32) -> &mut Self {
        self.octets(&number.to_be_bytes())
    }

    /// `TPM2B`: octets with their length before them.
    fn sized(&mut self, octets: &[u8]) -> &mut Self {
        let length = u16::try_from(octets.len()).unwrap_or(u16::MAX);
        self.number16(length).octets(octets)
    }

    /// The one authorization of a command: a session of the password, without a nonce and attributes.
    fn empty_password(&mut self) -> &mut Self {
        self.number32(9).number32(PASSWORD).sized(&[]).octets(&[0]).sized(&[])
    }

    fn command(&self, tag: u16, code: Code) -> Zeroizing<Vec<u8>> {
        let length = u32::try_from(HEADER_BYTES + self.0.len()).unwrap_or(u32::MAX);
        // With its room from the beginning: what grows leaves copies of a secret behind.
        let mut command = Self(Zeroizing::new(Vec::with_capacity(HEADER_BYTES + self.0.len())));
        command.number16(tag).number32(length).number32(code as u32).octets(&self.0);
        command.0
    }
}
