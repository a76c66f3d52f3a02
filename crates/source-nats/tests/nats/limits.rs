//! Accounts and servers that allow fewer open deliveries than the configuration wants.

use async_nats::jetstream::consumer::pull;
use async_nats::jetstream::stream::Config;
use l0_stage::Source;
use l0_stage::doctor::Condition;
use l0_testkit::{NatsServer, require_services};

use crate::backlog::Log;
use crate::doctor::examine;
use crate::support::{
    DURABLE, STREAM, SUBJECT, admin, config, connect, durable_info, publish, receive, settle,
};

const ACCOUNT: &str = "accounts { A { jetstream { max_ack_pending: 500 }, \
     users: [{ user: u, password: p }] } }\nno_auth_user: u";
const SERVER: &str = "jetstream { limits { max_ack_pending: 500 } }";

async fn works(source: &dyn Source) {
    publish(source, 2).await;
    settle(receive(source, 2).await).await;
    source.close().await.expect("closed");
}

/// The warnings of `doctor` about open deliveries.
async fn doctor(server: &NatsServer) -> Vec<String> {
    let examination = examine(&config(&server.url(), "")).await;
    let warnings = examination.into_iter().filter_map(|check| match check.condition {
        Condition::Warning(finding) => Some(format!("{}: {}", check.name, finding.message)),
        _ => None,
    });
    warnings.collect()
}

#[tokio::test]
async fn a_durable_has_as_many_open_deliveries_as_account_or_server_allow_and_says_so() {
    require_services!();
    for limited in [ACCOUNT, SERVER] {
        let log = Log::default();
        let _log = log.capture();
        let server = NatsServer::with_config(limited).await;
        // First it is created, then it is found.
        for _ in 0..2 {
            let source = connect(&server, "").await;
            assert_eq!(durable_info(&admin(&server).await).await.config.max_ack_pending, 500);
            assert_eq!(source.most_given_back(), 50);
            works(&*source).await;
        }
        let told = "nats lets a consumer of stream `ORDERS` have 500 deliveries open, not the configured \
                    50000";
        assert_eq!(log.lines(told).len(), 2, "{:?}", log.lines("WARN"));
        assert_eq!(log.lines("had max_ack_pending").len(), 0);
    }
}

#[tokio::test]
async fn a_durable_with_fewer_is_raised_to_what_is_allowed() {
    require_services!();
    let server = NatsServer::with_config(ACCOUNT).await;
    let admin = admin(&server).await;
    let kept = Config { name: STREAM.into(), subjects: vec![SUBJECT.into()], ..Config::default() };
    let stream = admin.create_stream(kept).await.expect("stream");
    let few = pull::Config {
        durable_name: Some(DURABLE.into()),
        filter_subject: SUBJECT.into(),
        max_ack_pending: 100,
        ..pull::Config::default()
    };
    stream.create_consumer(few).await.expect("durable");
    works(&*connect(&server, "").await).await;
    assert_eq!(durable_info(&admin).await.config.max_ack_pending, 500);
}

#[tokio::test]
async fn doctor_says_what_the_account_allows_and_calls_no_durable_drifted_for_it() {
    require_services!();
    let server = NatsServer::with_config(ACCOUNT).await;
    let told = "limits: the account of stream `ORDERS` lets a consumer have 500 deliveries open, not the \
                configured 50000";
    let source = connect(&server, "").await;
    assert_eq!(
        doctor(&server).await,
        [
            told,
            "in hand: one instance may take all 500 open deliveries: a second one would get nothing"
        ]
    );
    source.close().await.expect("closed");
    let server = NatsServer::start().await;
    drop(connect(&server, "").await);
    assert_eq!(doctor(&server).await, [""; 0]);
}
