//! A decoded column of text.

use arrow_array::StringArray;
use arrow_buffer::{Buffer, NullBuffer, OffsetBuffer};
use parquet::errors::ParquetError;

use super::file::damage;
use crate::filter::Texts;

/// Texts in one buffer.
#[derive(Debug)]
pub(super) struct TextColumn {
    buffer: String,
    offsets: OffsetBuffer<i32>,
    present: Option<NullBuffer>,
}

impl TextColumn {
    /// Takes a column that was read. Its bytes are looked at once more, as a whole: that is cheap,
    /// and searching one buffer relies on it.
    pub fn new(column: StringArray) -> Result<Self, ParquetError> {
        let (offsets, values, present) = column.into_parts();
        let bytes = values.into_vec().unwrap_or_else(|shared: Buffer| shared.to_vec());
        let buffer = String::from_utf8(bytes).map_err(|_| damage("a text is not UTF-8"))?;
        let ends = |offset: &i32| {
            usize::try_from(*offset).is_ok_and(|offset| buffer.is_char_boundary(offset))
        };
        if !offsets.is_sorted() || !offsets.iter().all(ends) {
            return Err(damage("texts do not end where they should"));
        }
        Ok(TextColumn { buffer, offsets, present })
    }

    /// Bytes that it takes, about.
    pub fn size(&self) -> usize {
        self.buffer.len() + size_of_val::<[i32]>(&self.offsets)
    }

    /// The column as the matcher takes it.
    pub fn texts(&self) -> Texts<'_> {
        Texts {
            buffer: self.buffer.as_bytes(),
            offsets: &self.offsets,
            gap: 0,
            present: self.present.clone(),
        }
    }

    /// The text at a place; `None` when there is none, or no such place.
    pub fn get(&self, place: usize) -> Option<&str> {
        if self
            .present
            .as_ref()
            .is_some_and(|present| place < present.len() && present.is_null(place))
        {
            return None;
        }
        let from = usize::try_from(*self.offsets.get(place)?).ok()?;
        let to = usize::try_from(*self.offsets.get(place + 1)?).ok()?;
        self.buffer.get(from..to)
    }
}
