//! The hash tree of dm-verity (Linux, `Documentation/admin-guide/device-mapper/verity.rst`), format 1:
//! SHA-256 over salt and block, blocks of 4096 bytes, the highest level first, no superblock.

use model::trailer::BLOCK_BYTES;
use sha2::{Digest, Sha256};

const HASH_BYTES: usize = 32;
const BLOCK: usize = 4096;
const _: () = assert!(BLOCK as u64 == BLOCK_BYTES);

/// A hash tree and the hash that vouches for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HashTree {
    /// The blocks as they follow the data. Empty for a single block of data.
    pub blocks: Vec<u8>,
    /// Hash of the topmost block.
    pub root_hash: [u8; 32],
}

/// The hash tree of `data`, whose last block counts as filled up with zeros.
#[must_use]
pub fn hash_tree(data: &[u8], salt: &[u8; 32]) -> HashTree {
    let mut levels: Vec<Vec<u8>> = Vec::new();
    let mut hashes = hash_blocks(data, salt);
    while hashes.len() > HASH_BYTES {
        let mut level = hashes;
        level.resize(level.len().next_multiple_of(BLOCK), 0);
        hashes = hash_blocks(&level, salt);
        levels.push(level);
    }
    let root_hash = hashes.try_into().unwrap_or_default();
    levels.reverse();
    HashTree { blocks: levels.concat(), root_hash }
}

/// The hashes of all blocks, one after the other.
fn hash_blocks(data: &[u8], salt: &[u8; 32]) -> Vec<u8> {
    let salted = Sha256::new_with_prefix(salt);
    data.chunks(BLOCK)
        .flat_map(|block| {
            let mut hash = salted.clone();
            hash.update(block);
            hash.update(vec![0; BLOCK - block.len()]);
            hash.finalize()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tree_has_one_level_per_factor_of_128() {
        let salt = [5; 32];
        for (data_blocks, tree_blocks) in [(1, 0), (2, 1), (128, 1), (129, 3), (128 * 128 + 1, 132)]
        {
            let tree = hash_tree(&vec![1; data_blocks * BLOCK], &salt);
            assert_eq!(tree.blocks.len(), tree_blocks * BLOCK, "{data_blocks}");
        }
    }

    #[test]
    fn every_byte_and_the_salt_change_the_root_hash() {
        let data = vec![1; 200 * BLOCK];
        let hash = hash_tree(&data, &[5; 32]).root_hash;
        assert_ne!(hash_tree(&data, &[6; 32]).root_hash, hash);
        for position in [0, 100 * BLOCK + 7, 200 * BLOCK - 1] {
            let mut changed = data.clone();
            changed[position] ^= 1;
            assert_ne!(hash_tree(&changed, &[5; 32]).root_hash, hash);
        }
    }
}
