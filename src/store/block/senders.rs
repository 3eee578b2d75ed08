//! The distinct sources of records on their way into a block.

use std::collections::HashMap;

use super::Row;

/// A source, and how many of the records are its.
#[derive(Debug)]
struct Sender {
    id: i32,
    address: String,
    records: u32,
}

/// The distinct sources of some records.
#[derive(Debug)]
pub(super) struct Senders {
    list: Vec<Sender>,
    /// For each record the place of its source in the list.
    places: Vec<usize>,
}

impl Senders {
    pub fn of(rows: &[Row<'_>]) -> Self {
        let mut senders = Senders { list: Vec::new(), places: Vec::with_capacity(rows.len()) };
        let mut known: HashMap<i32, usize> = HashMap::new();
        for row in rows {
            let place = *known.entry(row.source_id).or_insert_with(|| {
                let address = row.source.address.to_string();
                senders.list.push(Sender { id: row.source_id, address, records: 0 });
                senders.list.len() - 1
            });
            senders.list[place].records += 1;
            senders.places.push(place);
        }
        senders
    }

    /// The addresses of the records, as text.
    pub fn addresses(&self) -> impl Iterator<Item = &str> + Clone {
        self.places.iter().filter_map(|place| Some(&*self.list.get(*place)?.address))
    }

    /// How many records each source has, by source id.
    pub fn counts(&self) -> Vec<(i32, u32)> {
        let mut counts: Vec<(i32, u32)> =
            self.list.iter().map(|sender| (sender.id, sender.records)).collect();
        counts.sort_unstable();
        counts
    }
}
