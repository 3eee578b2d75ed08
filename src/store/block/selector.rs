//! Which records of a block pass a filter, looking at as little of it as that takes.

use super::BlockReader;
use crate::filter::{ColumnSet, Columns, Filter, Matcher, MissingColumn};
use crate::store::Damaged;

/// A filter, made ready to select records of blocks. Make it once; it may be shared by threads.
#[derive(Clone, Debug)]
pub(in crate::store) struct Selector {
    matcher: Matcher,
    /// What of the filter needs no messages: what fails it is never looked at more closely.
    without_messages: Matcher,
    columns: ColumnSet,
}

impl Selector {
    pub fn new(filter: &Filter) -> Self {
        Selector {
            matcher: Matcher::new(filter),
            without_messages: Matcher::new(&filter.without(ColumnSet::MESSAGE)),
            columns: filter.columns(),
        }
    }

    /// The places of the records that pass, in order. The block's parts that hold the columns of
    /// the filter must be there.
    ///
    /// # Errors
    /// [`Damaged`] when anything is not as it was written.
    pub fn select(&self, reader: &mut BlockReader<'_>) -> Result<Vec<u32>, Damaged> {
        reader.load(self.columns.without(ColumnSet::MESSAGE))?;
        let missing = |missing: MissingColumn| reader.damaged(missing.to_string());
        let columns = reader.columns();
        if !self.columns.touches(ColumnSet::MESSAGE) {
            return self.matcher.select(&columns).map_err(missing);
        }
        let hopeful = self.without_messages.select(&columns).map_err(missing)?;
        if hopeful.is_empty() {
            return Ok(hopeful);
        }
        let mut passing = Vec::new();
        reader.look_at_messages(&hopeful, |places, messages| {
            let start = u32::try_from(places.start).unwrap_or(u32::MAX);
            let page = Columns { messages: Some(messages), ..columns.slice(places) };
            let found = self.matcher.select(&page).map_err(missing)?;
            passing.extend(found.into_iter().map(|place| start + place));
            Ok(())
        })?;
        Ok(passing)
    }
}
