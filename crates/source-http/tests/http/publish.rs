use l0_stage::{Error, Reason, Why};

use crate::support::Lab;

fn why(error: &Error) -> Option<Why> {
    match error {
        Error::Retryable { why, .. } => Some(*why),
        Error::Refused(_) | Error::Permanent(_) => None,
    }
}

#[tokio::test]
async fn a_producer_posts_to_the_instance_that_listens_and_a_duplicate_is_success() {
    let lab = Lab::deciding("token = 'open-sesame'").await;
    let publisher = lab.another().await.publisher().expect("a publisher");
    for body in ["{}", "\"duplicate\"", "{}"] {
        publisher.publish(body.into()).await.expect("published");
    }
}

#[tokio::test]
async fn what_was_rejected_is_poison_with_the_reason() {
    let lab = Lab::deciding("").await;
    let publisher = lab.source.publisher().expect("a publisher");
    for (body, reason) in [("\"bad\"", Reason::SchemaViolation), ("\"conflict\"", Reason::Conflict)]
    {
        match publisher.publish(body.into()).await {
            Err(Error::Refused(refusal)) => assert_eq!(refusal.rejection.reason, reason),
            other => panic!("{other:?}"),
        }
    }
    publisher.publish("{}".into()).await.expect("published");
}

#[tokio::test]
async fn any_other_answer_is_an_error_that_tells_the_code_and_the_place() {
    let lab = Lab::deciding("max_body_bytes = 10").await;
    let publisher = lab.source.publisher().expect("a publisher");
    let error = publisher.publish("\"drop\"".into()).await.expect_err("given back");
    assert_eq!(why(&error), Some(Why::Contended));
    let place = format!("cannot post to http://{}/documents: ", lab.address);
    assert!(error.to_string().starts_with(&format!("{place}503 given_back: ")), "{error}");
    let error = publisher.publish("\"0123456789\"".into()).await.expect_err("too large");
    assert!(matches!(error, Error::Permanent(_)));
    assert!(error.to_string().starts_with(&format!("{place}413 body_too_large: ")), "{error}");
}

#[tokio::test]
async fn a_wrong_token_is_denied_without_being_told() {
    let lab = Lab::deciding("token = 'open-sesame'").await;
    let toml = format!("listen = '{}'\ntoken = 'guessed'", lab.address);
    let config = crate::support::parse(&toml);
    let other = l0_stage::Plugin::connect(&config, &crate::support::context()).await;
    let publisher = other.expect("connected").publisher().expect("a publisher");
    let error = publisher.publish("{}".into()).await.expect_err("denied");
    assert_eq!(why(&error), Some(Why::Denied));
    let text = format!("{error} {error:?} {config:?}");
    assert!(text.contains("401 unauthorized") && !text.contains("guessed"), "{text}");
}

#[tokio::test]
async fn where_nobody_listens_it_is_unreachable_and_a_kept_connection_may_have_ended() {
    let lab = Lab::open("").await;
    let publisher = lab.source.publisher().expect("a publisher");
    let error = publisher.publish("{}".into()).await.expect_err("nobody");
    assert_eq!(why(&error), Some(Why::Unreachable));
    assert!(error.to_string().contains(&lab.address.to_string()), "{error}");

    for _ in 0..2 {
        let source = lab.another().await;
        let stop = l0_stage::Stop::new();
        let work = async {
            while let Some(batch) = source.receive(10, &stop).await.expect("received") {
                crate::support::store(batch).await;
            }
        };
        let publish = async {
            lab.listens().await;
            publisher.publish("{}".into()).await.expect("published");
            stop.request();
        };
        tokio::join!(work, publish);
        source.close().await.expect("closed");
    }
}
