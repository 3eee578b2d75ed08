//! The columns of a block's Parquet file, and how each of them is written.

use std::sync::{Arc, LazyLock};

use arrow_schema::{DataType, Field, Schema, SchemaRef, TimeUnit};
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;

use super::FILE_FORMAT;
use crate::filter::ColumnSet;

/// The entry of the footer that says which version of the format the file has.
pub(super) const FORMAT_KEY: &str = "tailwater.format";

/// Text of a page, about. To read one record is to decompress one page of each column; pages of
/// half this size take 4 % more room, and 7 % longer to decompress all.
const PAGE_BYTES: usize = 512 << 10;

/// The columns of the file, in its order. What is in one [`Part`](super::Part) stands together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Column {
    Id,
    Timestamp,
    ReceivedAt,
    Severity,
    Facility,
    Host,
    App,
    Address,
    ProcId,
    MsgId,
    Message,
    Attributes,
}

impl Column {
    /// All of them; the place of each is its discriminant.
    pub const ALL: [Column; 12] = [
        Column::Id,
        Column::Timestamp,
        Column::ReceivedAt,
        Column::Severity,
        Column::Facility,
        Column::Host,
        Column::App,
        Column::Address,
        Column::ProcId,
        Column::MsgId,
        Column::Message,
        Column::Attributes,
    ];

    /// Its name in the file.
    pub fn name(self) -> &'static str {
        match self {
            Column::Id => "id",
            Column::Timestamp => "timestamp",
            Column::ReceivedAt => "received_at",
            Column::Severity => "severity",
            Column::Facility => "facility",
            Column::Host => "host",
            Column::App => "app",
            Column::Address => "address",
            Column::ProcId => "procid",
            Column::MsgId => "msgid",
            Column::Message => "message",
            Column::Attributes => "attributes",
        }
    }

    /// Its place in the file.
    pub fn place(self) -> usize {
        self as usize
    }

    /// The places of the columns of a set. Positions are counted, never read.
    pub fn places(set: ColumnSet) -> Vec<usize> {
        let wanted = |column: &Column| set.touches(column.sets());
        Column::ALL.into_iter().filter(wanted).map(Column::place).collect()
    }

    /// The columns of a query that are made of it.
    fn sets(self) -> ColumnSet {
        match self {
            Column::Id => ColumnSet::NONE,
            Column::Timestamp => ColumnSet::TIMESTAMP,
            Column::ReceivedAt => ColumnSet::RECEIVED_AT,
            Column::Severity => ColumnSet::SEVERITY,
            Column::Facility => ColumnSet::FACILITY,
            Column::Host => ColumnSet::HOST.and(ColumnSet::SOURCE),
            Column::App => ColumnSet::APP.and(ColumnSet::SOURCE),
            Column::Address => ColumnSet::ADDRESS.and(ColumnSet::SOURCE),
            Column::ProcId => ColumnSet::PROC_ID,
            Column::MsgId => ColumnSet::MSG_ID,
            Column::Message => ColumnSet::MESSAGE,
            Column::Attributes => ColumnSet::ATTRIBUTES,
        }
    }

    /// A record can be without it.
    fn is_nullable(self) -> bool {
        match self {
            Column::Id
            | Column::Timestamp
            | Column::ReceivedAt
            | Column::Address
            | Column::Message => false,
            Column::Severity
            | Column::Facility
            | Column::Host
            | Column::App
            | Column::ProcId
            | Column::MsgId
            | Column::Attributes => true,
        }
    }

    /// What it is written from.
    fn written_as(self) -> DataType {
        match self {
            Column::Id => DataType::Int64,
            Column::Timestamp | Column::ReceivedAt => {
                DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()))
            }
            Column::Severity | Column::Facility => DataType::UInt8,
            _ => DataType::Utf8,
        }
    }

    /// What it is read into: few sources say the same again and again, so theirs stay numbers.
    fn read_as(self) -> DataType {
        match self {
            Column::Host | Column::App | Column::Address => {
                DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8))
            }
            column => column.written_as(),
        }
    }
}

/// What a block is written from.
pub(in crate::store) static WRITTEN: LazyLock<SchemaRef> =
    LazyLock::new(|| schema(Column::written_as));

/// What a block is read into.
pub(super) static READ: LazyLock<SchemaRef> = LazyLock::new(|| schema(Column::read_as));

fn schema(type_of: fn(Column) -> DataType) -> SchemaRef {
    let field = |column: Column| Field::new(column.name(), type_of(column), column.is_nullable());
    Arc::new(Schema::new(Column::ALL.map(field).to_vec()))
}

/// How it is written. The catalogue has what a query needs to skip a block, so that statistics
/// and indexes would be no more than weight. Numbers are packed as tight as they get without
/// compression, which costs about 25 µs a column and block to begin with. Messages by
/// `DELTA_LENGTH_BYTE_ARRAY` are neither smaller nor faster than plain ones.
pub(in crate::store) static PROPERTIES: LazyLock<WriterProperties> = LazyLock::new(|| {
    let path = |column: Column| ColumnPath::from(column.name());
    let mut properties = WriterProperties::builder()
        .set_created_by(concat!("tailwater version ", env!("CARGO_PKG_VERSION")).to_owned())
        .set_key_value_metadata(Some(vec![KeyValue::new(
            FORMAT_KEY.to_owned(),
            FILE_FORMAT.to_string(),
        )]))
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_statistics_enabled(EnabledStatistics::None)
        .set_offset_index_disabled(true);
    for column in [Column::Id, Column::Timestamp, Column::ReceivedAt] {
        properties = properties
            .set_column_compression(path(column), Compression::UNCOMPRESSED)
            .set_column_dictionary_enabled(path(column), false)
            .set_column_encoding(path(column), Encoding::DELTA_BINARY_PACKED);
    }
    for column in [Column::Severity, Column::Facility] {
        properties = properties.set_column_compression(path(column), Compression::UNCOMPRESSED);
    }
    for column in [Column::Message, Column::Attributes] {
        properties = properties
            .set_column_data_page_size_limit(path(column), PAGE_BYTES)
            .set_column_dictionary_enabled(path(column), false)
            .set_column_encoding(path(column), Encoding::PLAIN);
    }
    properties.build()
});
