use std::sync::Arc;

use hyper::service::Service;

use crate::Client;
use crate::admission::Place;

/// Who is at the other end of a connection.
#[derive(Debug, Clone, Copy)]
pub struct Peer {
    /// Whose it is.
    pub client: Client,
    /// Whether its client has as many connections as it may: only probes are to be answered on it.
    pub is_crowded: bool,
}

/// A service that notes when its connection has sent a whole request.
#[derive(Debug)]
pub(crate) struct Noted<S> {
    pub service: S,
    pub place: Arc<Place>,
}

impl<R, S: Service<R>> Service<R> for Noted<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn call(&self, request: R) -> S::Future {
        self.place.speaks();
        self.service.call(request)
    }
}
