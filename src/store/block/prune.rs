//! What SQL can say of a filter by the catalogue alone: a condition that holds for every block
//! that has a record the matcher accepts, and perhaps for more.

use std::collections::BTreeMap;
use std::sync::Arc;

use sea_orm::{Condition, DbBackend};

use crate::filter::Filter;
use crate::log::SourceKey;

/// Prunes by a filter. `sources` are all that the snapshot's records can name.
pub(in crate::store) fn prune(
    _filter: &Filter,
    _backend: DbBackend,
    _sources: &BTreeMap<i32, Arc<SourceKey>>,
) -> Condition {
    todo!()
}
