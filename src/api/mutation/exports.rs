//! Exports.

use async_graphql::{Context, ID, Object};

use super::auth;
use super::note::Note;
use crate::api::asker::viewer;
use crate::api::errors::Fallible;
use crate::api::export::{self, Export, ExportFormat};
use crate::api::filter::{LogFilter, uuid};
use crate::api::reader::reader;

/// Exports.
#[derive(Default)]
pub struct Exports;

#[Object]
impl Exports {
    /// Prepares a file of every record that matches, and gives a link to it that is good once, for
    /// a minute, without any token: whoever has it gets what you see. A saved search of the filter
    /// is read when the link is followed. A block of records that is damaged ends the export, unless
    /// `skipDamaged` leaves it out. Four of your exports may wait or run at a time, and 16 of all
    /// users. Needs VIEWER.
    async fn create_export(
        &self,
        ctx: &Context<'_>,
        filter: Option<LogFilter>,
        format: ExportFormat,
        skip_damaged: Option<bool>,
    ) -> Fallible<Export> {
        let create = async |note: &Note<'_>| {
            let viewer = viewer(ctx)?;
            let filter = filter.unwrap_or_default();
            // What could not be followed later is better refused now.
            reader(ctx)?.read(&filter).await?;
            let filter = filter.to_json_with_saved_search()?;
            let skip_damaged = skip_damaged.unwrap_or(false);
            let (known, secret) =
                auth(ctx).create_export(&viewer, filter, format.into(), skip_damaged).await?;
            note.about(known.id.to_string());
            let url = ctx.data_unchecked::<export::Exports>().link(&secret);
            Ok(Export::with_link(known, url))
        };
        Note::new(ctx).of(create).await
    }

    /// Calls off an export of yours that waits or runs; one that has ended stays as it is. Admins
    /// call off anybody's. Needs VIEWER.
    async fn cancel_export(&self, ctx: &Context<'_>, id: ID) -> Fallible<Export> {
        let cancel = async |note: &Note<'_>| {
            note.about(&id);
            let viewer = viewer(ctx)?;
            Ok(auth(ctx).cancel_export(&viewer, uuid("id", &id)?).await?.into())
        };
        Note::new(ctx).of(cancel).await
    }
}
