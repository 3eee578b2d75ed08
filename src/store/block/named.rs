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
        let mut sources = NamedSources {
            places: Vec::with_capacity(address.keys.len()),
            keys: Vec::new(),
            ids: Vec::new(),
        };
        let mut known: HashMap<[Option<i32>; 3], u32> = HashMap::new();
        for record in 0..address.keys.len() {
            let names = [host.key(record), app.key(record), address.key(record)];
            if let Some(place) = known.get(&names) {
                sources.places.push(*place);
                continue;
            }
            let peer = address.text(names[2])?.ok_or_else(|| damage("an address is missing"))?;
            let peer: IpAddr = peer.parse().map_err(|_| damage("an address is none"))?;
            let key = SourceKey {
                host: host.text(names[0])?.map(str::to_owned),
                app: app.text(names[1])?.map(str::to_owned),
                address: peer,
            };
            let (id, key) = dictionary
                .find(&key)
                .ok_or_else(|| damage(&format!("its source {key:?} is not known")))?;
            let place = u32::try_from(sources.keys.len()).unwrap_or(u32::MAX);
            sources.keys.push(key);
            sources.ids.push(id);
            sources.places.push(place);
            known.insert(names, place);
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
        let names = column.values().as_string_opt();
        Ok(Names { keys: column.keys(), names: names.ok_or_else(|| damage("names are no text"))? })
    }

    fn key(&self, record: usize) -> Option<i32> {
        self.keys.is_valid(record).then(|| self.keys.value(record))
    }

    fn text(&self, key: Option<i32>) -> Result<Option<&'a str>, ParquetError> {
        let Some(key) = key else { return Ok(None) };
        match usize::try_from(key) {
            Ok(place) if place < self.names.len() => Ok(Some(self.names.value(place))),
            _ => Err(damage("a name is not in its dictionary")),
        }
    }
}
