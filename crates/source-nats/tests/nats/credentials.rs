use std::fs;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use l0_stage::serde_json::{Value, json};
use l0_stage::{Error, Plugin, Source, Stop, Why};
use l0_testkit::{NatsServer, eventually, require_services};
use nkeys::KeyPair;

use crate::support::{
    SOON, config, context, publish, reason, receive, receive_at_last, settle, try_connect,
};

const CANARY: &str = "canary-7c1";

/// A server that asks for credentials.
fn users(password: &str) -> String {
    format!("authorization {{ users = [ {{ user: all, password: {password} }} ] }}")
}

/// Publishes and receives. A user who can do that has access.
async fn works(connected: Result<Box<dyn Source>, Error>) {
    let source = connected.unwrap_or_else(|error| panic!("{error}"));
    publish(&*source, 1).await;
    settle(receive(&*source, 1).await).await;
    source.close().await.expect("closed");
}

fn is_denied(connected: Result<Box<dyn Source>, Error>) -> String {
    let (why, text) = reason(connected);
    assert_eq!(why, Why::Denied, "{text}");
    assert!(!text.contains(CANARY), "{text}");
    text
}

#[tokio::test]
async fn wrong_credentials_are_denied_and_never_shown() {
    require_services!();
    let server = NatsServer::with_config(&users(CANARY)).await;
    let (asks, refused) = ("asks for credentials, and none are", "refused the credentials");
    for (wrong, told) in [
        (String::new(), asks),
        (format!("user = 'all'\npassword = '{CANARY}-wrong'"), refused),
        (format!("token = '{CANARY}'"), refused),
        (format!("nkey = '{}'", KeyPair::new_user().seed().expect("seed")), refused),
    ] {
        let text = is_denied(try_connect(&server, &wrong).await);
        assert!(text.contains(told), "{text}");
    }
}

#[tokio::test]
async fn a_token_is_enough_where_one_is_asked_for() {
    require_services!();
    let server = NatsServer::with_config(&format!("authorization {{ token: {CANARY} }}")).await;
    is_denied(try_connect(&server, "token = 'wrong'").await);
    works(try_connect(&server, &format!("token = '{CANARY}'")).await).await;
}

#[tokio::test]
async fn a_password_file_is_read_at_every_connect() {
    require_services!();
    let server = NatsServer::with_config(&users(CANARY)).await;
    let file = server.store().join("password");
    let more = format!("user = 'all'\npassword_file = {file:?}");

    let text = is_denied(try_connect(&server, &more).await);
    assert!(text.starts_with("cannot read password file `"), "{text}");
    fs::write(&file, "wrong").expect("written");
    is_denied(try_connect(&server, &more).await);
    fs::write(&file, format!("{CANARY}\n")).expect("written");
    works(try_connect(&server, &more).await).await;
}

/// The client itself does it, because it reconnects without asking the source.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_password_that_was_changed_while_the_server_was_away_is_taken_up() {
    require_services!();
    let mut server = NatsServer::with_config(&users("before")).await;
    let file = server.store().join("password");
    fs::write(&file, "before").expect("written");
    let more = format!("user = 'all'\npassword_file = {file:?}");
    let source = try_connect(&server, &more).await.unwrap_or_else(|error| panic!("{error}"));
    publish(&*source, 1).await;

    server.stop().await;
    server.set_config(&users("after"));
    fs::write(&file, "after").expect("written");
    server.restart().await;
    settle(receive_at_last(&*source).await).await;
}

#[tokio::test]
async fn an_nkey_stands_in_the_section_or_in_a_file_that_is_read_at_every_connect() {
    require_services!();
    let key = KeyPair::new_user();
    let users = format!("authorization {{ users = [ {{ nkey: {} }} ] }}", key.public_key());
    let server = NatsServer::with_config(&users).await;
    let seed = key.seed().expect("seed");
    works(try_connect(&server, &format!("nkey = '{seed}'")).await).await;

    let file = server.store().join("seed");
    let more = format!("nkey_file = {file:?}");
    assert!(is_denied(try_connect(&server, &more).await).contains("cannot read nkey file"));
    fs::write(&file, CANARY).expect("written");
    assert!(is_denied(try_connect(&server, &more).await).contains("not the seed of a user"));
    fs::write(&file, KeyPair::new_user().seed().expect("seed")).expect("written");
    is_denied(try_connect(&server, &more).await);
    fs::write(&file, seed).expect("written");
    works(try_connect(&server, &more).await).await;
}

/// Operator, account and user, as `nsc` would create them.
#[tokio::test]
async fn a_credentials_file_is_read_at_every_connect() {
    require_services!();
    let (operator, account) = (KeyPair::new_operator(), KeyPair::new_account());
    let system = KeyPair::new_account();
    let unlimited = json!({
        "subs": -1, "conn": -1, "leaf": -1, "imports": -1, "exports": -1, "data": -1,
        "payload": -1, "wildcards": true, "mem_storage": -1, "disk_storage": -1,
        "streams": -1, "consumer": -1,
    });
    let own = |key: &KeyPair, nats: Value| jwt(&operator, key, &nats);
    let limited = own(&account, json!({ "type": "account", "version": 2, "limits": unlimited }));
    let server = NatsServer::with_config(&format!(
        "operator: {}\nsystem_account: {}\nresolver: MEMORY\n\
         resolver_preload: {{\n{}: {}\n{}: {limited}\n}}",
        own(&operator, json!({ "type": "operator", "version": 2 })),
        system.public_key(),
        system.public_key(),
        own(&system, json!({ "type": "account", "version": 2 })),
        account.public_key(),
    ))
    .await;

    let user = KeyPair::new_user();
    let permitted = json!({ "type": "user", "version": 2, "subs": -1, "data": -1, "payload": -1 });
    let user_jwt = jwt(&account, &user, &permitted);
    let credentials = |key: &KeyPair| {
        format!(
            "-----BEGIN NATS USER JWT-----\n{user_jwt}\n------END NATS USER JWT------\n\n\
             NKEYs are sensitive.\n\n-----BEGIN USER NKEY SEED-----\n{}\n\
             ------END USER NKEY SEED------\n",
            key.seed().expect("seed")
        )
    };
    let file = server.store().join("user.creds");
    let more = format!("credentials_file = {file:?}");
    assert!(is_denied(try_connect(&server, &more).await).contains("cannot read credentials file"));
    fs::write(&file, CANARY).expect("written");
    assert!(is_denied(try_connect(&server, &more).await).ends_with("has no NATS USER JWT"));
    fs::write(&file, credentials(&KeyPair::new_user())).expect("written");
    is_denied(try_connect(&server, &more).await);
    fs::write(&file, credentials(&user)).expect("written");
    works(try_connect(&server, &more).await).await;
}

/// A token of NATS, version 2: a JWT with an ed25519 signature by the issuer's nkey.
fn jwt(issuer: &KeyPair, subject: &KeyPair, nats: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let header = json!({ "typ": "JWT", "alg": "ed25519-nkey" });
    let claims = json!({
        "jti": subject.public_key(), "iat": 1, "iss": issuer.public_key(),
        "name": "test", "sub": subject.public_key(), "nats": nats,
    });
    let signed = format!("{}.{}", part(&header), part(&claims));
    let signature = issuer.sign(signed.as_bytes()).expect("signed");
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// Paths are relative to the folder of the configuration.
#[tokio::test]
async fn a_relative_file_is_found_beside_the_configuration() {
    require_services!();
    let server = NatsServer::with_config(&users(CANARY)).await;
    fs::write(server.store().join("password"), CANARY).expect("written");
    let config = config(&server.url(), "user = 'all'\npassword_file = 'password'");
    let mut context = context();
    context.base = server.store().to_owned();
    works(config.connect(&context).await).await;
}

/// The client itself retries again and again, without reporting what the server says.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_is_no_longer_let_in_says_so() {
    require_services!();
    let mut server = NatsServer::with_config(&users("before")).await;
    let more = "user = 'all'\npassword = 'before'\nprobe_secs = 1";
    let source = try_connect(&server, more).await.unwrap_or_else(|error| panic!("{error}"));
    server.stop().await;
    server.set_config(&users("after"));
    server.restart().await;
    let denied = async || match source.receive(1, &Stop::new()).await {
        Err(error @ Error::Retryable { why: Why::Denied, .. }) => Some(error.to_string()),
        _ => None,
    };
    let text = eventually(SOON, "it is denied", denied).await;
    assert!(text.contains("refused the credentials"), "{text}");
}
