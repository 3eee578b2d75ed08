//! What is read again and again of blocks, kept in memory: their bytes, and their columns decoded.

use bytes::Bytes;
use quick_cache::sync::{Cache, DefaultLifecycle};
use quick_cache::{DefaultHashBuilder, Options, OptionsBuilder, Weighter};

use super::super::StoreError;
use super::super::block::Decoded;

/// Parts of the cache that lock apart from each other. What is larger than one does not enter it.
const SHARDS: usize = 4;
/// Bytes of an average part: only an estimate, for the size of the tables.
const USUAL_PART: usize = 128 << 10;

/// Bytes of the columns of a block, if all are decoded: an estimate too.
const USUAL_BLOCK: usize = 4 << 20;

/// Stands for the footer where parts are numbered.
pub(super) const FOOTER: i16 = -1;

/// Names a block. Ranges are sealed anew, and the first id stays: the last id and the footer's
/// checksum tell such blocks apart, so what is stale is never found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(in crate::store) struct BlockKey {
    pub first_id: i64,
    pub last_id: i64,
    /// The footer's.
    pub checksum: i64,
}

/// Names bytes of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(in crate::store) struct PartKey {
    pub block: BlockKey,
    /// As in `block_part.part`, or [`FOOTER`].
    pub part: i16,
}

#[derive(Clone, Debug)]
struct ByBytes;

impl Weighter<PartKey, Bytes> for ByBytes {
    fn weight(&self, _: &PartKey, bytes: &Bytes) -> u64 {
        (size_of::<PartKey>() + bytes.len()) as u64
    }
}

/// Bytes whose checksums were right, bounded in bytes. What is read once does not drive out what
/// is read often (the policy is akin to S3-FIFO).
#[derive(Debug)]
pub(in crate::store) struct PartCache {
    parts: Cache<PartKey, Bytes, ByBytes>,
}

impl PartCache {
    /// A cache of so many bytes, at most; of none when that is 0.
    pub fn new(bytes: usize) -> Result<Self, StoreError> {
        let options: Options = OptionsBuilder::new()
            .shards(SHARDS)
            .estimated_items_capacity(bytes / USUAL_PART)
            .weight_capacity(bytes as u64)
            .build()
            .map_err(|error| StoreError::Internal(error.to_string()))?;
        let (hasher, lifecycle) = (DefaultHashBuilder::default(), DefaultLifecycle::default());
        Ok(PartCache { parts: Cache::with_options(options, ByBytes, hasher, lifecycle) })
    }

    /// Bytes that one question may put in, about: it may go through the whole log.
    pub fn share(&self) -> u64 {
        self.parts.capacity() / 4
    }

    pub fn get(&self, key: &PartKey) -> Option<Bytes> {
        self.parts.get(key)
    }

    pub fn insert(&self, key: PartKey, bytes: Bytes) {
        self.parts.insert(key, bytes);
    }
}

impl Weighter<BlockKey, Decoded> for ByBytes {
    fn weight(&self, _: &BlockKey, decoded: &Decoded) -> u64 {
        (size_of::<BlockKey>() + size_of::<Decoded>() + decoded.size()) as u64
    }
}

/// Decoded columns of the blocks that are wanted most, bounded in bytes.
#[derive(Debug)]
pub(in crate::store) struct DecodedCache {
    blocks: Cache<BlockKey, Decoded, ByBytes>,
}

impl DecodedCache {
    /// A cache of so many bytes, at most; of none when that is 0.
    pub fn new(bytes: usize) -> Result<Self, StoreError> {
        let options = OptionsBuilder::new()
            // A block may take a good part of it.
            .shards(1)
            .estimated_items_capacity(bytes / USUAL_BLOCK)
            .weight_capacity(bytes as u64)
            .build()
            .map_err(|error| StoreError::Internal(error.to_string()))?;
        let (hasher, lifecycle) = (DefaultHashBuilder::default(), DefaultLifecycle::default());
        Ok(DecodedCache { blocks: Cache::with_options(options, ByBytes, hasher, lifecycle) })
    }

    /// What is known of a block, perhaps nothing.
    pub fn get(&self, key: &BlockKey) -> Decoded {
        self.blocks.get(key).unwrap_or_default()
    }

    /// Keeps what is known of a block.
    pub fn insert(&self, key: BlockKey, decoded: Decoded) {
        self.blocks.insert(key, decoded);
    }
}
