//! Work that may panic: what a library takes for impossible, a server or a file may bring all the same.

use tokio::task::JoinSet;

/// Does work in a task of its own: a panic ends that alone, and there is `None`. So does the task when nobody
/// waits for it any more.
pub async fn alone<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> Option<T> {
    let mut task = JoinSet::new();
    task.spawn(work);
    task.join_next().await?.ok()
}
