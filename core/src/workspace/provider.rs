//! What a driver asks of whoever makes a base.

use super::base::{BaseError, Dump};
use super::snapshot::{Changes, Snapshot};

/// Makes one base from the document, and keeps it. One call at a time; each does all of its work or nothing.
///
/// A call may block its thread: whoever asks has one to spare.
pub trait Provider: Send + 'static {
    /// Names the base, for what is said of it.
    fn name(&self) -> String;

    /// Makes the base anew from a moment.
    fn rebuild(&mut self, snapshot: &Snapshot) -> impl Future<Output = Result<(), BaseError>>;

    /// Brings what changed since the moment that the base holds. After an error the base is to be looked at first, by
    /// [`Provider::check`].
    fn apply(
        &mut self,
        changes: &Changes,
        snapshot: &Snapshot,
    ) -> impl Future<Output = Result<(), BaseError>>;

    /// Reads what really lies in the base, and goes on from there. `None` where there is none, or one of another schema,
    /// document or model: it must be made anew.
    fn check(&mut self, snapshot: &Snapshot) -> impl Future<Output = Result<Option<Dump>, BaseError>>;

    /// Lets go of the base. Nothing is written afterwards, until the next of the other calls.
    fn close(&mut self) -> impl Future<Output = ()>;
}
