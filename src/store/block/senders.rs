//! The distinct sources of records on their way into a block.

use std::collections::HashMap;

use arrow_array::StringArray;

use super::Row;
use crate::log::SourceKey;

/// The distinct sources of some records.
#[derive(Debug)]
pub(super) struct Senders<'a> {
    /// Each source, with the number of its records.
    list: Vec<(i32, &'a SourceKey, u32)>,
    /// For each record the place of its source in the list.
    places: Vec<usize>,
}

impl<'a> Senders<'a> {
    pub fn of(rows: &[Row<'a>]) -> Self {
        let mut senders = Senders { list: Vec::new(), places: Vec::with_capacity(rows.len()) };
        let mut known: HashMap<i32, usize> = HashMap::new();
        for row in rows {
            let place = *known.entry(row.source_id).or_insert_with(|| {
                senders.list.push((row.source_id, row.source, 0));
                senders.list.len() - 1
            });
            senders.list[place].2 += 1;
            senders.places.push(place);
        }
        senders
    }

    /// The addresses of the records, as text.
    pub fn addresses(&self) -> StringArray {
        let texts: Vec<String> =
            self.list.iter().map(|(_, source, _)| source.address.to_string()).collect();
        StringArray::from_iter_values(self.places.iter().map(|place| texts[*place].as_str()))
    }

    /// How many records each source has, by source id.
    pub fn counts(&self) -> Vec<(i32, u32)> {
        let mut counts: Vec<(i32, u32)> =
            self.list.iter().map(|(id, _, records)| (*id, *records)).collect();
        counts.sort_unstable();
        counts
    }
}
