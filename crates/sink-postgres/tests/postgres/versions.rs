//! Servers that are too old.

use l0_stage::{Error, Plugin, Why};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::support::{config, context};

/// The recorded answer of Postgres 13.23 to a start with `client_connection_check_interval`: the
/// client is admitted first, and then refused.
const REFUSAL: &[u8] = b"R\0\0\0\x08\0\0\0\0E\0\0\0\x83SFATAL\0VFATAL\0C42704\0Munrecognized \
    configuration parameter \"client_connection_check_interval\"\0Fguc.c\0L6992\0Rset_config_option\0\0";

/// Answers one client as that server does, without TLS.
async fn play_postgres_13(listener: TcpListener) {
    let (mut client, _) = listener.accept().await.unwrap();
    let mut request = [0; 8];
    client.read_exact(&mut request).await.unwrap();
    client.write_all(b"N").await.unwrap();
    let length = client.read_u32().await.unwrap();
    let mut startup = vec![0; usize::try_from(length).unwrap() - 4];
    client.read_exact(&mut startup).await.unwrap();
    client.write_all(REFUSAL).await.unwrap();
}

#[tokio::test]
async fn a_server_older_than_14_is_told_so() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let config = config(listener.local_addr().unwrap().port());
    let server = tokio::spawn(play_postgres_13(listener));
    let Err(error) = config.connect(&context()).await else { panic!("connected") };
    server.await.unwrap();
    assert!(error.headline().contains("older than 14"), "{error}");
    assert!(error.to_string().contains("client_connection_check_interval"), "{error}");
    assert!(matches!(error, Error::Retryable { why: Why::Unclassified, .. }), "{error:?}");
}
