//! Notes while a request of a connection is under way.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::service::{Service, service_fn};
use hyper::{Request, Response};

use crate::admission::{Place, UnderWay};

/// Wraps a service, so that it tells the connection's place when a request begins, and when its
/// whole answer has been sent.
pub(crate) fn noting<S, B>(
    service: S,
    place: Arc<Place>,
) -> impl Service<Request<Incoming>, Response = Response<Answer<B>>, Error = Infallible, Future: Send>
where
    S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible, Future: Send>,
    B: Body + Unpin,
{
    service_fn(move |request| {
        let under_way = place.begins();
        let answer = service.call(request);
        async move { Ok(answer.await?.map(|body| Answer { body, _under_way: under_way })) }
    })
}

/// The body of an answer. Its request counts as under way until the body is dropped.
#[derive(Debug)]
pub(crate) struct Answer<B> {
    body: B,
    _under_way: UnderWay,
}

impl<B: Body + Unpin> Body for Answer<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
