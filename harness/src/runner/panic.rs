//! A spike's panic is a verdict, not the end of the program: it is caught and told, with its place.

use std::any::Any;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

tokio::task_local! {
    static PLACE: Place;
}

/// Where a spike's task panicked, if a hook was there to see.
#[derive(Clone, Default)]
pub(super) struct Place(Arc<Mutex<Option<String>>>);

impl Place {
    /// Runs the task so that its panics are known to be caught.
    pub fn watch<F: Future>(&self, task: F) -> impl Future<Output = F::Output> + use<F> {
        PLACE.scope(self.clone(), task)
    }

    fn set(&self, place: String) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(place);
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(place) => write!(f, " at {place}"),
            None => Ok(()),
        }
    }
}

/// Whether the caller is a spike's own task, whose panic is caught: a panic hook that restores a
/// terminal and says goodbye asks this first.
pub fn is_running_spike() -> bool {
    PLACE.try_with(|_| ()).is_ok()
}

/// Keeps the panics of spikes off standard error, where they would tear the line of progress or a
/// screen: the outcome tells them. Other panics go where they went. A program calls it once.
pub fn hold_back_panics() {
    let others = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let told = PLACE.try_with(|place| {
            place.set(panic.location().map(ToString::to_string).unwrap_or_default());
        });
        if told.is_err() {
            others(panic);
        }
    }));
}

/// What a panic says.
pub(super) fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(ToString::to_string);
    text.or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "it left no message".to_string())
}
