//! The stream of frames: how it is set up, and how an existing one is judged.

use async_nats::jetstream::context::{CreateStreamErrorKind, GetStreamErrorKind};
use async_nats::jetstream::stream::{Config, DiscardPolicy, RetentionPolicy, StorageType, Stream};
use async_nats::jetstream::{Context, ErrorCode};
use std::time::Duration;

use super::{NatsOptions, QueueError, away, refused};

/// How long the server knows the names of frames. It only keeps most repetitions out of the
/// stream: what decides is the writer, who knows every counter it has stored.
const DUPLICATE_WINDOW: Duration = Duration::from_secs(120);

/// The subject frames are published on.
pub(super) fn subject(namespace: &str) -> String {
    format!("{namespace}.frames")
}

/// The stream: made if it is not there, checked and set to the wanted size if it is.
///
/// # Errors
/// [`QueueError::Unusable`] when it is there and could lose frames or is somebody else's, or when
/// the server has no room for it; [`QueueError::Away`] when JetStream does not answer.
pub(super) async fn ensure(
    jetstream: &Context,
    options: &NatsOptions,
) -> Result<Stream, QueueError> {
    let stream = match jetstream.get_stream(&options.namespace).await {
        Ok(stream) => stream,
        Err(error) => match error.kind() {
            GetStreamErrorKind::JetStream(error)
                if error.error_code() == ErrorCode::STREAM_NOT_FOUND =>
            {
                return create(jetstream, options).await;
            }
            GetStreamErrorKind::JetStream(error) => {
                return Err(refused("JetStream does not show the stream", &error));
            }
            _ => {
                return Err(QueueError::Away(format!("JetStream does not answer: {error}")));
            }
        },
    };
    let found = &stream.cached_info().config;
    check(found, options)?;
    let size = size(options);
    if found.max_bytes != size {
        let config = Config { max_bytes: size, ..found.clone() };
        jetstream.update_stream(config).await.map_err(|error| {
            QueueError::Unusable(format!("cannot set the stream to {size} bytes: {error}"))
        })?;
    }
    Ok(stream)
}

async fn create(jetstream: &Context, options: &NatsOptions) -> Result<Stream, QueueError> {
    let stream = jetstream.create_stream(config(options)).await.map_err(|error| {
        let what = format!("cannot make the stream `{}`", options.namespace);
        match error.kind() {
            // Another process was first, with another size: the next try finds its stream.
            CreateStreamErrorKind::JetStream(error)
                if error.error_code() == ErrorCode::STREAM_NAME_EXIST =>
            {
                away(error)
            }
            CreateStreamErrorKind::JetStream(error) => refused(&what, &error),
            _ => QueueError::Away(format!("{what}: {error}")),
        }
    })?;
    tracing::info!(stream = options.namespace, bytes = options.stream_bytes, "stream made in NATS");
    Ok(stream)
}

/// Makes the stream behind a key-value bucket that keeps one value a key, as ADR-8 of NATS
/// describes it. `create_key_value` does so too, but cannot read what servers before 2.10 say of
/// their account.
pub(super) async fn make_bucket(
    jetstream: &Context,
    bucket: &str,
    replicas: usize,
) -> Result<(), QueueError> {
    let config = Config {
        name: format!("KV_{bucket}"),
        subjects: vec![format!("$KV.{bucket}.>")],
        storage: StorageType::File,
        discard: DiscardPolicy::New,
        max_messages_per_subject: 1,
        allow_rollup: true,
        deny_delete: true,
        allow_direct: true,
        num_replicas: replicas,
        ..Default::default()
    };
    jetstream.create_stream(config).await.map_err(away)?;
    Ok(())
}

fn size(options: &NatsOptions) -> i64 {
    i64::try_from(options.stream_bytes).unwrap_or(i64::MAX)
}

fn config(options: &NatsOptions) -> Config {
    Config {
        name: options.namespace.clone(),
        description: Some("Frames of log records that wait for the database".to_owned()),
        subjects: vec![subject(&options.namespace)],
        storage: StorageType::File,
        retention: RetentionPolicy::Limits,
        discard: DiscardPolicy::New,
        max_bytes: size(options),
        duplicate_window: DUPLICATE_WINDOW,
        num_replicas: options.replicas,
        ..Default::default()
    }
}

/// Refuses a stream that would lose frames or mix them with something else.
fn check(found: &Config, options: &NatsOptions) -> Result<(), QueueError> {
    let limit = |limit: i64| limit > 0;
    let too_small =
        |size: i32| usize::try_from(size).is_ok_and(|s| s > 0 && s < options.max_frame_bytes);
    let faults = [
        (found.subjects != [subject(&options.namespace)], "other subjects"),
        (found.storage != StorageType::File, "memory storage"),
        (found.retention != RetentionPolicy::Limits, "retention other than limits"),
        (found.discard != DiscardPolicy::New, "discard old"),
        (limit(found.max_messages), "a limit of messages"),
        (limit(found.max_messages_per_subject), "a limit of messages a subject"),
        (!found.max_age.is_zero(), "a limit of age"),
        (too_small(found.max_message_size), "a limit of message size below that of a frame"),
        (found.no_ack, "no acknowledgements"),
        (found.sealed, "a seal"),
        (found.deny_purge, "purges denied"),
        (found.mirror.is_some() || found.sources.is_some(), "mirrors or sources"),
    ];
    let faults: Vec<_> = faults.iter().filter(|(there, _)| *there).map(|(_, name)| *name).collect();
    if faults.is_empty() {
        return Ok(());
    }
    Err(QueueError::Unusable(format!(
        "stream `{}` in NATS is not a queue of frames: it has {}; remove it or choose another \
         --namespace",
        options.namespace,
        faults.join(", ")
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_of_our_own_making_is_accepted() {
        let options = NatsOptions::new("nats://localhost");
        assert!(check(&config(&options), &options).is_ok());
    }

    #[test]
    fn a_stream_that_forgets_is_refused_with_every_reason() {
        let options = NatsOptions::new("nats://localhost");
        let found = Config {
            discard: DiscardPolicy::Old,
            max_age: Duration::from_secs(3600),
            ..config(&options)
        };
        let error = check(&found, &options).unwrap_err().to_string();
        assert!(error.contains("it has discard old, a limit of age;"), "{error}");
    }
}
