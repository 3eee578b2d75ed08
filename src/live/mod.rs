//! From a committed batch to everyone who follows: a short memory of the newest records, readers
//! that are cursors over the log, and the same between processes over NATS.

mod beat;
mod cursor;
mod hub;
mod nodes;
mod remote;
mod tail;

pub use cursor::{Cursor, NotACursor};
pub use hub::{Hub, Next, Piece};
pub use nodes::{NodeFigures, NodeState, NodeView, Nodes};
pub use remote::{Announcer, Remote};
pub use tail::{Batch, Start, Tail, TailError};
