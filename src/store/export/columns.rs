//! Records as the columns of a Parquet file.

use std::sync::Arc;

use arrow_array::{
    ArrayRef, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray, UInt8Array,
};
use arrow_schema::{DataType, Field, Schema, SchemaRef, TimeUnit};
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties};

use crate::log::Log;

/// The columns, self-contained: host and app by name.
pub(super) fn schema() -> SchemaRef {
    let instant = || DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
    Arc::new(Schema::new(vec![
        Field::new("id", DataType::Int64, false),
        Field::new("timestamp", instant(), false),
        Field::new("received_at", instant(), false),
        Field::new("severity", DataType::UInt8, true),
        Field::new("facility", DataType::UInt8, true),
        Field::new("host", DataType::Utf8, true),
        Field::new("app", DataType::Utf8, true),
        Field::new("address", DataType::Utf8, false),
        Field::new("procid", DataType::Utf8, true),
        Field::new("msgid", DataType::Utf8, true),
        Field::new("message", DataType::Utf8, false),
        Field::new("attributes", DataType::Utf8, true),
    ]))
}

pub(super) fn properties() -> WriterProperties {
    WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_statistics_enabled(EnabledStatistics::None)
        .build()
}

pub(super) fn record_batch(logs: &[Log]) -> Result<RecordBatch, ParquetError> {
    fn texts<'a>(logs: &'a [Log], of: impl Fn(&'a Log) -> Option<&'a str>) -> ArrayRef {
        Arc::new(logs.iter().map(of).collect::<StringArray>())
    }
    let instants = |of: fn(&Log) -> i64| -> ArrayRef {
        let values: TimestampMicrosecondArray = logs.iter().map(|log| Some(of(log))).collect();
        Arc::new(values.with_timezone("UTC"))
    };
    let codes = |of: fn(&Log) -> Option<u8>| -> ArrayRef {
        Arc::new(logs.iter().map(of).collect::<UInt8Array>())
    };
    let addresses: StringArray =
        logs.iter().map(|log| Some(log.source.address.to_string())).collect();
    let columns: Vec<ArrayRef> = vec![
        Arc::new(logs.iter().map(|log| Some(log.id)).collect::<Int64Array>()),
        instants(|log| log.entry.timestamp.timestamp_micros()),
        instants(|log| log.entry.received_at.timestamp_micros()),
        codes(|log| log.entry.severity.map(|severity| severity.code())),
        codes(|log| log.entry.facility.map(|facility| facility.code())),
        texts(logs, |log| log.source.host.as_deref()),
        texts(logs, |log| log.source.app.as_deref()),
        Arc::new(addresses),
        texts(logs, |log| log.entry.proc_id.as_deref()),
        texts(logs, |log| log.entry.msg_id.as_deref()),
        texts(logs, |log| Some(&log.entry.message)),
        texts(logs, |log| {
            let attributes = &log.entry.attributes;
            (!attributes.is_empty()).then(|| attributes.as_json())
        }),
    ];
    Ok(RecordBatch::try_new(schema(), columns)?)
}
