use l0_stage::{Context, Error, Why};
use l0_testkit::{NatsServer, require_services};

use super::current::Link;
use crate::NatsConfig;
use crate::jetstream::api::Api;

pub(crate) fn config(server: &NatsServer) -> NatsConfig {
    let url = server.url();
    let config = format!("url = '{url}'\nstream = 's'\nsubject = 'order.>'\ndurable = 'd'");
    toml::from_str(&config).expect("config")
}

pub(crate) fn context() -> Context {
    Context {
        pipeline: "test".into(),
        workers: 1,
        max_batch: 1,
        max_document_bytes: 1,
        base: std::path::PathBuf::from("."),
    }
}

pub(crate) async fn open(server: &NatsServer) -> Link {
    Link::open(&config(server), &context()).await.unwrap_or_else(|error| panic!("{error}"))
}

#[tokio::test]
async fn a_request_ends_with_its_connection() {
    require_services!();
    let mut server = NatsServer::start().await;
    let (link, config) = (open(&server).await, config(&server));
    server.freeze();
    let lost = async {
        link.connection().client.flush().await.expect("sent");
        server.kill().await;
    };
    let api = Api::new(&link, &config);
    let (answer, ()) = tokio::join!(api.stream(), lost);
    let why = answer.err().map(|error| match error {
        Error::Retryable { why, .. } => why,
        other => panic!("{other}"),
    });
    assert_eq!(why, Some(Why::Unreachable));
}
