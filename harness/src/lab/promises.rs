//! The promises that an S3 service makes, and how one looks that does not keep them: it ignores what it does not
//! know, and says that all went well.

use hyper::{Method, Request, Uri};

use super::requests::RequestKind;

/// A promise that the lab's bucket breaks when it is told to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Promise {
    /// A put with `If-None-Match: *` creates and never replaces.
    CreateOnly,
    /// A put with `If-Match` replaces this version alone.
    ReplaceOnly,
    /// A read of a range answers the range.
    Ranges,
    /// A list names what was just put.
    Lists,
}

impl Promise {
    pub const ALL: [Promise; 4] =
        [Promise::CreateOnly, Promise::ReplaceOnly, Promise::Ranges, Promise::Lists];

    /// A request as a service understands it that does not keep the promise.
    pub(super) fn ignored<B>(self, mut request: Request<B>) -> Request<B> {
        let is_put = *request.method() == Method::PUT;
        let lists = RequestKind::of(&request) == RequestKind::List;
        let headers = request.headers_mut();
        // It covers what is taken away here.
        headers.remove("authorization");
        match self {
            Promise::CreateOnly if is_put => drop(headers.remove("if-none-match")),
            Promise::ReplaceOnly if is_put => drop(headers.remove("if-match")),
            Promise::Ranges => drop(headers.remove("range")),
            Promise::Lists if lists => *request.uri_mut() = of_nothing(request.uri()),
            _ => {}
        }
        request
    }
}

/// The same list below a prefix where nothing is.
fn of_nothing(uri: &Uri) -> Uri {
    let target = format!("{}?list-type=2&prefix=nothing-is-here", uri.path());
    target.parse().unwrap_or_else(|_| uri.clone())
}

#[cfg(test)]
mod tests {
    use zenith_core::lake::StoreError;

    use super::super::Bucket;
    use super::*;

    #[tokio::test]
    async fn a_store_that_breaks_a_promise_is_refused_and_left_as_it_was() {
        for broken in Promise::ALL {
            let folder = tempfile::tempdir().unwrap();
            let bucket = Bucket::start(folder.path(), "zenith").await.unwrap();
            bucket.set_broken(&[broken]);
            let refused = bucket.store().store().unwrap().probe().await;
            assert!(matches!(refused, Err(StoreError::Lacks { .. })), "{broken:?}: {refused:?}");
            bucket.set_broken(&[]);
            let left = bucket.store().bytes_below("").await.unwrap();
            assert!(left <= 64, "{broken:?}: {left} bytes are left");
            bucket.store().store().unwrap().probe().await.unwrap();
        }
    }
}
