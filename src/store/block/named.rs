//! Who sent the records of a block: its columns name the sources, the dictionary knows their ids.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Int32Type;
use arrow_array::{Array, ArrayRef};
use parquet::errors::ParquetError;

use super::file::damage;
use super::text::TextColumn;
use crate::filter::Names;
use crate::log::SourceKey;
use crate::store::dictionary::Dictionary;

/// A decoded column of names that occur again and again.
#[derive(Debug)]
pub(super) struct NameColumn {
    /// As in [`Names::places`].
    places: Vec<u32>,
    list: TextColumn,
}

impl NameColumn {
    /// Takes a column that was read.
    pub fn new(column: ArrayRef) -> Result<Self, ParquetError> {
        let column = column.as_dictionary_opt::<Int32Type>().ok_or_else(|| damage("no names"))?;
        let names = column.values().as_string_opt::<i32>();
        let names = names.ok_or_else(|| damage("names are no text"))?;
        if names.null_count() > 0 || names.len() >= 1 << 21 {
            return Err(damage("names are missing, or too many"));
        }
        let place = |key: Option<i32>| match key.map(u32::try_from) {
            None => Ok(0),
            Some(Ok(place)) if (place as usize) < names.len() => Ok(place + 1),
            Some(_) => Err(damage("a name is not among the names")),
        };
        let places = column.keys().iter().map(place).collect::<Result<_, _>>()?;
        Ok(NameColumn { places, list: TextColumn::new(names.clone())? })
    }

    /// Bytes that it takes, about.
    pub fn size(&self) -> usize {
        size_of_val(self.places.as_slice()) + self.list.size()
    }

    /// The column as the matcher takes it.
    pub fn names(&self) -> Names<'_> {
        Names { places: &self.places, list: self.list.texts() }
    }

    fn text(&self, place: u32) -> Option<&str> {
        self.list.get(place.checked_sub(1)? as usize)
    }
}

/// The sources of the records of a block.
#[derive(Debug)]
pub(super) struct NamedSources {
    /// For each record the place of its source in the lists.
    pub places: Vec<u32>,
    pub keys: Vec<Arc<SourceKey>>,
    pub ids: Vec<i32>,
}

impl NamedSources {
    /// Bytes that it takes, about: the keys are the dictionary's.
    pub fn size(&self) -> usize {
        size_of_val(self.places.as_slice())
    }

    /// Finds the source of each record by what the columns say.
    pub fn new(
        [hosts, apps, addresses]: [&NameColumn; 3],
        dictionary: &Dictionary,
    ) -> Result<Self, ParquetError> {
        let mut sources = NamedSources {
            places: Vec::with_capacity(addresses.places.len()),
            keys: Vec::new(),
            ids: Vec::new(),
        };
        let mut known: HashMap<u64, u32> = HashMap::new();
        let columns = hosts.places.iter().zip(&apps.places).zip(&addresses.places);
        for ((host, app), address) in columns {
            // Each is below 2^21 (see `NameColumn::new`).
            let joined = [host, app, address]
                .iter()
                .fold(0, |joined, name| joined << 21 | u64::from(**name));
            if let Some(place) = known.get(&joined) {
                sources.places.push(*place);
                continue;
            }
            let text = |column: &NameColumn, place| column.text(place).map(str::to_owned);
            let address = addresses.text(*address).map(str::parse::<IpAddr>);
            let Some(Ok(address)) = address else { return Err(damage("an address is none")) };
            let key = SourceKey { host: text(hosts, *host), app: text(apps, *app), address };
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
