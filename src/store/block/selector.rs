//! Which records of a block pass a filter, looking at as little of it as that takes.

use arrow_buffer::BooleanBuffer;

use super::BlockReader;
use crate::filter::{ColumnSet, Columns, Filter, Matcher, MissingColumn};
use crate::store::Damaged;

/// A filter, made ready to select records of blocks. Make it once; it may be shared by threads.
#[derive(Clone, Debug)]
pub(in crate::store) struct Selector {
    /// What of the filter needs no messages.
    without_messages: Matcher,
    /// What remains to be asked of the records that pass that.
    rest: Matcher,
    columns: ColumnSet,
}

impl Selector {
    pub fn new(filter: &Filter) -> Self {
        let (without_messages, rest) = filter.part(ColumnSet::MESSAGE);
        Selector {
            without_messages: Matcher::new(&without_messages),
            rest: Matcher::new(&rest),
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
        let everyone = BooleanBuffer::new_set(columns.len);
        let hopeful = self.without_messages.select_among(&columns, &everyone).map_err(missing)?;
        if !self.columns.touches(ColumnSet::MESSAGE) {
            return Ok(hopeful.set_indices_u32().collect());
        }
        let mut passing = Vec::new();
        reader.look_at_messages(&hopeful, |places, messages| {
            let start = u32::try_from(places.start).unwrap_or(u32::MAX);
            let asked = hopeful.slice(places.start, places.len());
            let page = Columns { messages: Some(messages), ..columns.slice(places) };
            let found = self.rest.select_among(&page, &asked).map_err(missing)?;
            passing.extend(found.set_indices_u32().map(|place| start + place));
            Ok(())
        })?;
        Ok(passing)
    }
}
