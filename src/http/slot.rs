//! The place of the schema: HTTP answers from the first moment, the schema comes when the
//! database does.

use std::sync::{Arc, OnceLock};

use crate::api::TailwaterSchema;

/// A place for the schema, filled once. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct SchemaSlot {
    schema: Arc<OnceLock<TailwaterSchema>>,
}

impl SchemaSlot {
    /// Puts the schema in its place. Only the first one stays.
    pub fn fill(&self, schema: TailwaterSchema) {
        if self.schema.set(schema).is_err() {
            tracing::warn!("the schema was there already");
        }
    }

    /// The schema, once it is there.
    pub fn get(&self) -> Option<&TailwaterSchema> {
        self.schema.get()
    }
}
