//! Blocks that cannot be read: an answer comes without their records, and says so beside its data,
//! with an error a block.

use async_graphql::Context;

use super::errors::ApiError;
use crate::store::{Answer, Damaged};

/// Blocks named in one answer, at most: when so much is damaged, more names help nobody.
const MOST: usize = 20;

/// The value of an answer, with what is missing from it told beside the field that is being
/// resolved.
pub fn told<T>(ctx: &Context<'_>, answer: Answer<T>) -> T {
    tell(ctx, answer.damaged);
    answer.value
}

/// Tells of damaged blocks beside the field that is being resolved, of each once.
pub fn tell(ctx: &Context<'_>, mut damaged: Vec<Damaged>) {
    damaged.sort_by_key(|block| block.first_id);
    damaged.dedup_by_key(|block| block.first_id);
    for block in damaged.iter().take(MOST) {
        ApiError::damaged(block).beside_data(ctx);
    }
}
