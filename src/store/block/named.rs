//! Who sent the records of a block: its columns name the sources, the dictionary knows their ids.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Int32Type;
use arrow_array::{Array, DictionaryArray, Int32Array, StringArray};
use parquet::errors::ParquetError;

use super::file::damage;
use crate::log::SourceKey;
use crate::store::dictionary::Dictionary;

/// The sources of the records of a block.
#[derive(Debug)]
pub(super) struct NamedSources {
    /// For each record the place of its source in the lists.
    pub places: Vec<u32>,
    pub keys: Vec<Arc<SourceKey>>,
    pub ids: Vec<i32>,
}

impl NamedSources {
    /// Finds the source of each record by what the columns say.
    pub fn new(
        host: &DictionaryArray<Int32Type>,
        app: &DictionaryArray<Int32Type>,
        address: &DictionaryArray<Int32Type>,
        dictionary: &Dictionary,
    ) -> Result<Self, ParquetError> {
        let [host, app, address] = [Names::new(host)?, Names::new(app)?, Names::new(address)?];
        let peers = address.names.iter().flatten().map(|peer| peer.parse().ok());
        let peers: Option<Vec<IpAddr>> = peers.collect();
        let peers = peers.ok_or_else(|| damage("an address is none"))?;
        let mut sources = NamedSources {
            places: Vec::with_capacity(address.keys.len()),
            keys: Vec::new(),
            ids: Vec::new(),
        };
        let mut known: HashMap<u64, u32> = HashMap::new();
        for record in 0..address.keys.len() {
            let names = [host.place(record)?, app.place(record)?, address.place(record)?];
            // Each is below 2^21 (see `Names::new`).
            let joined = names.iter().fold(0, |joined, name| joined << 21 | u64::from(*name));
            if let Some(place) = known.get(&joined) {
                sources.places.push(*place);
                continue;
            }
            let [host, app] = [host.text(names[0]), app.text(names[1])];
            let peer = names[2].checked_sub(1).and_then(|place| peers.get(place as usize));
            let address = *peer.ok_or_else(|| damage("an address is missing"))?;
            let key = SourceKey { host, app, address };
            let (id, key) = dictionary
                .find(&key)
                .ok_or_else(|| damage(&format!("its source {key:?} is not known")))?;
            let place = u32::try_from(sources.keys.len()).unwrap_or(u32::MAX);
            sources.keys.push(key);
            sources.ids.push(id);
            sources.places.push(place);
            known.insert(joined, place);
        }
        Ok(sources)
    }
}

/// A column of names that occur again and again.
struct Names<'a> {
    keys: &'a Int32Array,
    names: &'a StringArray,
}

impl<'a> Names<'a> {
    fn new(column: &'a DictionaryArray<Int32Type>) -> Result<Self, ParquetError> {
        let names = column.values().as_string_opt::<i32>();
        let names = names.ok_or_else(|| damage("names are no text"))?;
        if names.null_count() > 0 || names.len() >= 1 << 21 {
            return Err(damage("names are missing, or too many"));
        }
        Ok(Names { keys: column.keys(), names })
    }

    /// The place of a record's name among all names, from 1 on; 0 when it has none.
    fn place(&self, record: usize) -> Result<u32, ParquetError> {
        if self.keys.is_null(record) {
            return Ok(0);
        }
        match u32::try_from(self.keys.value(record)) {
            Ok(place) if (place as usize) < self.names.len() => Ok(place + 1),
            _ => Err(damage("a name is not among the names")),
        }
    }

    fn text(&self, place: u32) -> Option<String> {
        let place = place.checked_sub(1)?;
        Some(self.names.value(place as usize).to_owned())
    }
}
