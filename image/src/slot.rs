//! A root slot: squashfs, hash tree right behind it, signed trailer in the last 4 KiB of the partition.

use boot::keys::SlotKey;
use model::disk::Partition;
use model::trailer::{BLOCK_BYTES, TRAILER_BYTES, VerityFacts};
use sha2::{Digest, Sha256};

use crate::ImageError;
use crate::verity::hash_tree;

/// What the salt is derived from besides the file system. A salt drawn at random would make every build
/// different; derived, it still differs from release to release.
const SALT_CONTEXT: &[u8] = b"connector-appliance dm-verity salt 1";

/// The contents of a root slot; between both parts the partition is empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlotContents {
    /// File system and hash tree, from the first byte of the partition.
    pub body: Vec<u8>,
    /// The last 4 KiB of the partition.
    pub trailer: [u8; TRAILER_BYTES],
    /// What the trailer says.
    pub facts: VerityFacts,
}

/// Adds hash tree and signed trailer to a file system.
///
/// # Errors
///
/// [`ImageError::SlotFull`] when the partition is too small.
pub fn make(
    file_system: Vec<u8>,
    partition: &Partition,
    key: &SlotKey,
) -> Result<SlotContents, ImageError> {
    let mut body = file_system;
    let blocks = body.len().div_ceil(TRAILER_BYTES);
    body.resize(blocks * TRAILER_BYTES, 0);
    let salt = Sha256::new_with_prefix(SALT_CONTEXT).chain_update(&body).finalize().into();
    let tree = hash_tree(&body, &salt);
    body.extend_from_slice(&tree.blocks);
    let facts = VerityFacts { data_blocks: blocks as u64, root_hash: tree.root_hash, salt };
    let needed = body.len() as u64 + BLOCK_BYTES;
    let available = partition.size_bytes();
    if needed > available {
        return Err(ImageError::SlotFull { needed, available });
    }
    Ok(SlotContents { trailer: key.trailer(&facts), body, facts })
}

#[cfg(test)]
mod tests {
    use model::disk::{BIOS_BOOT, ROOT_A};

    use super::*;

    #[test]
    fn the_tree_follows_the_file_system_that_is_filled_up_to_a_block() {
        let key = SlotKey::from_seed(&[1; 32]);
        let slot = make(vec![7; 10_000], &ROOT_A, &key).expect("fits");
        assert_eq!(slot.facts.data_blocks, 3);
        assert_eq!(slot.body.len(), 4 * 4096);
        assert_eq!(make(vec![7; 10_000], &ROOT_A, &key).expect("fits"), slot);
    }

    #[test]
    fn refuses_what_does_not_fit() {
        let key = SlotKey::from_seed(&[1; 32]);
        let result = make(vec![7; 1 << 20], &BIOS_BOOT, &key);
        assert!(matches!(result, Err(ImageError::SlotFull { available: 1_048_576, .. })));
    }
}
