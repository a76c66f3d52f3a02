//! What every query stage must do that speaks HTTP.

use std::net::SocketAddr;
use std::path::Path;

use l0_query_http::HttpServer;
use l0_stage::Query;
use l0_testkit::conformance::QueryLab;

use crate::support::{config, context};

struct Http(HttpServer);

impl QueryLab for Http {
    async fn open() -> Self {
        let config = config("listen = '127.0.0.1:0'");
        Self(config.bind(&context(Path::new("."))).await.expect("bind"))
    }

    fn into_stage(self) -> (Box<dyn Query>, SocketAddr) {
        let address = self.0.address();
        (Box::new(self.0), address)
    }
}

l0_testkit::query_conformance!(Http);
l0_testkit::plugin_conformance!(l0_query_http::HttpConfig);
