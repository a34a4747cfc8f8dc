//! The hash of the administrator's password, made before the appliance exists.

use base64ct::{Base64Unpadded, Encoding as _};
use model::secret::Secret;

use super::MemberFault;

/// Longest hash in bytes; the settings role keeps no longer one.
const MAX_HASH_BYTES: usize = 1024;
/// Least memory in KiB: the least that OWASP names for argon2id.
const MIN_MEMORY_KIB: u32 = 7168;
/// Most memory in KiB. Every sign-in takes as much from a small machine.
const MAX_MEMORY_KIB: u32 = 65536;
/// Most passes and lanes.
const MAX_TIMES: u32 = 16;

/// Checks a hash: argon2id, version 19, in PHC string format.
///
/// `member` is its name in the wrapping that it came in.
pub(super) fn check(hash: Secret, member: &'static str) -> Result<Secret, MemberFault> {
    let text = hash.expose();
    if !text.starts_with('$') {
        return Err(MemberFault::ClearText { hash: member });
    }
    let parts: Vec<_> = text.split('$').collect();
    let ["", "argon2id", "v=19", cost, salt, output] = parts[..] else {
        return Err(MemberFault::NotArgon2id);
    };
    let is_whole = text.len() <= MAX_HASH_BYTES
        && decoded_bytes(salt).is_some_and(|bytes| (8..=64).contains(&bytes))
        && decoded_bytes(output).is_some_and(|bytes| (16..=64).contains(&bytes));
    let [memory, passes, lanes] = costs(cost).ok_or(MemberFault::NotArgon2id)?;
    if !is_whole {
        return Err(MemberFault::NotArgon2id);
    }
    let is_bearable = (MIN_MEMORY_KIB..=MAX_MEMORY_KIB).contains(&memory)
        && (1..=MAX_TIMES).contains(&passes)
        && (1..=MAX_TIMES).contains(&lanes);
    if is_bearable {
        Ok(hash)
    } else {
        Err(MemberFault::HashCost { min_kib: MIN_MEMORY_KIB, max_kib: MAX_MEMORY_KIB })
    }
}

/// Memory in KiB, passes and lanes of `m=19456,t=2,p=1`.
fn costs(text: &str) -> Option<[u32; 3]> {
    let mut parts = text.split(',');
    let mut next = |name: &str| {
        let number = parts.next()?.strip_prefix(name)?;
        let is_number = !number.is_empty() && number.bytes().all(|digit| digit.is_ascii_digit());
        if is_number { number.parse().ok() } else { None }
    };
    let costs = [next("m=")?, next("t=")?, next("p=")?];
    parts.next().is_none().then_some(costs)
}

fn decoded_bytes(text: &str) -> Option<usize> {
    Base64Unpadded::decode_vec(text).ok().map(|bytes| bytes.len())
}
