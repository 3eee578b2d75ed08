//! Records side by side, as a block holds them: what the matcher looks at when it looks at many.

use std::ops::Range;
use std::sync::Arc;

use arrow_buffer::NullBuffer;

use crate::log::SourceKey;

/// Which columns a question needs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ColumnSet(u16);

impl ColumnSet {
    pub const NONE: ColumnSet = ColumnSet(0);
    pub const TIMESTAMP: ColumnSet = ColumnSet(1);
    pub const RECEIVED_AT: ColumnSet = ColumnSet(1 << 1);
    pub const SEVERITY: ColumnSet = ColumnSet(1 << 2);
    pub const FACILITY: ColumnSet = ColumnSet(1 << 3);
    pub const HOST: ColumnSet = ColumnSet(1 << 4);
    pub const APP: ColumnSet = ColumnSet(1 << 5);
    pub const ADDRESS: ColumnSet = ColumnSet(1 << 6);
    /// Host, app and address together, as the sources that the store knows.
    pub const SOURCE: ColumnSet = ColumnSet(1 << 7);
    pub const PROC_ID: ColumnSet = ColumnSet(1 << 8);
    pub const MSG_ID: ColumnSet = ColumnSet(1 << 9);
    pub const MESSAGE: ColumnSet = ColumnSet(1 << 10);
    pub const ATTRIBUTES: ColumnSet = ColumnSet(1 << 11);
    pub const ALL: ColumnSet = ColumnSet((1 << 12) - 1);

    /// The columns of both.
    pub const fn and(self, other: ColumnSet) -> ColumnSet {
        ColumnSet(self.0 | other.0)
    }

    /// The columns of this set that are not in the other.
    pub const fn without(self, other: ColumnSet) -> ColumnSet {
        ColumnSet(self.0 & !other.0)
    }

    /// Whether a column is in both.
    pub const fn touches(self, other: ColumnSet) -> bool {
        self.0 & other.0 != 0
    }

    /// Whether it has every column of the other.
    pub const fn holds(self, other: ColumnSet) -> bool {
        self.0 & other.0 == other.0
    }
}

/// The code of a severity or facility where a record has none.
pub const NO_CODE: u8 = u8::MAX;

/// A column that a question needs is not there, or is not one value for each record: the fault of
/// whoever brought the columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the column {0:?} is not there as it is needed")]
pub struct MissingColumn(pub ColumnSet);

/// Texts in one buffer: the n-th lies between the n-th offset and the next, behind a few bytes that
/// do not belong to it.
#[derive(Clone, Debug, Default)]
pub struct Texts<'a> {
    /// Each text is UTF-8; what lies between them can be anything.
    pub buffer: &'a [u8],
    pub offsets: &'a [i32],
    /// Bytes before each text, from its offset on.
    pub gap: usize,
    /// Which of them there are; `None`: all.
    pub present: Option<NullBuffer>,
}

impl<'a> Texts<'a> {
    /// The text at a place; none where there is none.
    pub fn get(&self, place: usize) -> Option<&'a str> {
        let is_null = |present: &NullBuffer| place < present.len() && present.is_null(place);
        if self.present.as_ref().is_some_and(is_null) {
            return None;
        }
        let offset = |place: usize| usize::try_from(*self.offsets.get(place)?).ok();
        let bytes = self.buffer.get(offset(place)? + self.gap..offset(place + 1)?)?;
        str::from_utf8(bytes).ok()
    }

    /// Some of the texts.
    fn slice(&self, range: Range<usize>) -> Texts<'a> {
        let present = self.present.as_ref().filter(|present| range.end <= present.len());
        Texts {
            offsets: self.offsets.get(range.start..=range.end).unwrap_or_default(),
            present: present.map(|present| present.slice(range.start, range.len())),
            ..*self
        }
    }

    /// Whether these are so many texts, one after another, within the buffer.
    pub(super) fn are_sound(&self, len: usize) -> bool {
        let within = |offset: &i32| usize::try_from(*offset).is_ok_and(|o| o <= self.buffer.len());
        self.offsets.len() == len + 1
            && self.offsets.is_sorted()
            && self.offsets.first().is_some_and(within)
            && self.offsets.last().is_some_and(within)
            && self.present.as_ref().is_none_or(|present| present.len() == len)
    }
}

/// A column of few names that occur again and again.
#[derive(Clone, Debug, Default)]
pub struct Names<'a> {
    /// For each record the place of its name in the list, from 1 on; 0 where it has none.
    pub places: &'a [u32],
    pub list: Texts<'a>,
}

impl<'a> Names<'a> {
    /// The names in the list, in its order.
    pub(super) fn iter(&self) -> impl Iterator<Item = &'a str> {
        (0..self.list.offsets.len().saturating_sub(1)).map_while(|place| self.list.get(place))
    }
}

/// Columns of records with contiguous ids. Only those that were asked for are there.
#[derive(Clone, Debug, Default)]
pub struct Columns<'a> {
    pub first_id: i64,
    pub len: usize,
    /// Microseconds since the Unix epoch.
    pub timestamps: Option<&'a [i64]>,
    /// Microseconds since the Unix epoch.
    pub received_at: Option<&'a [i64]>,
    /// Codes, or [`NO_CODE`].
    pub severities: Option<&'a [u8]>,
    /// Codes, or [`NO_CODE`].
    pub facilities: Option<&'a [u8]>,
    pub hosts: Option<Names<'a>>,
    pub apps: Option<Names<'a>>,
    pub addresses: Option<Names<'a>>,
    /// For each record the place of its source in the list.
    pub sources: Option<(&'a [u32], &'a [Arc<SourceKey>])>,
    pub proc_ids: Option<Texts<'a>>,
    pub msg_ids: Option<Texts<'a>>,
    pub messages: Option<Texts<'a>>,
    /// JSON objects; none where a record has no attributes.
    pub attributes: Option<Texts<'a>>,
}

impl<'a> Columns<'a> {
    /// The same columns of some of the records.
    pub fn slice(&self, range: Range<usize>) -> Columns<'a> {
        fn part<'a, T>(column: Option<&'a [T]>, range: &Range<usize>) -> Option<&'a [T]> {
            column?.get(range.clone())
        }
        let texts = |column: &Option<Texts<'a>>| Some(column.as_ref()?.slice(range.clone()));
        let names = |column: &Option<Names<'a>>| {
            let Names { places, list } = column.clone()?;
            Some(Names { places: places.get(range.clone())?, list })
        };
        Columns {
            first_id: i64::try_from(range.start).map_or(i64::MAX, |start| self.first_id + start),
            len: range.len(),
            timestamps: part(self.timestamps, &range),
            received_at: part(self.received_at, &range),
            severities: part(self.severities, &range),
            facilities: part(self.facilities, &range),
            hosts: names(&self.hosts),
            apps: names(&self.apps),
            addresses: names(&self.addresses),
            sources: self
                .sources
                .and_then(|(places, keys)| Some((part(Some(places), &range)?, keys))),
            proc_ids: texts(&self.proc_ids),
            msg_ids: texts(&self.msg_ids),
            messages: texts(&self.messages),
            attributes: texts(&self.attributes),
        }
    }
}
