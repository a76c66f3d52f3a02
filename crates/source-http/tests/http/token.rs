use l0_testkit::http::get;

use crate::support::{JSON, Lab, post_with};

const TYPE: &str = "Content-Type: application/json\r\n";

#[tokio::test]
async fn with_a_token_only_those_who_prove_to_know_it_may_post() {
    let lab = Lab::deciding("token = 'open-sesame'").await;
    let with = async |header: &str| post_with(lab.address, &format!("{TYPE}{header}"), "{}").await;
    for wrong in [
        "",
        "Authorization: Bearer \r\n",
        "Authorization: Bearer open-sesam\r\n",
        "Authorization: Bearer open-sesame2\r\n",
        "Authorization: Basic open-sesame\r\n",
        "Authorization: open-sesame\r\n",
        "X-Authorization: Bearer open-sesame\r\n",
    ] {
        let answer = with(wrong).await;
        assert_eq!((answer.status, answer.error_code()), (401, "unauthorized".to_owned()));
        assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
    }
    for right in ["Authorization: Bearer open-sesame\r\n", "authorization: bearer open-sesame\r\n"]
    {
        assert_eq!(with(right).await.status, 201);
    }
    assert_eq!(get(lab.address, "/livez").await.status, 200);
    let usage = String::from_utf8(get(lab.address, "/").await.body).expect("text");
    assert!(usage.contains("Bearer TOKEN") && !usage.contains("sesame"));
}

#[tokio::test]
async fn a_token_may_stand_in_a_file() {
    let folder = tempfile::tempdir().expect("folder");
    let file = folder.path().join("token");
    std::fs::write(&file, "open-sesame\n").expect("file");
    let lab = Lab::deciding(&format!("token_file = '{}'", file.display())).await;
    assert_eq!(lab.post(JSON, "{}").await.status, 401);
    let header = format!("{TYPE}Authorization: Bearer open-sesame\r\n");
    assert_eq!(post_with(lab.address, &header, "{}").await.status, 201);
}

/// A page of another host, or of a name that was made to resolve to our address.
#[tokio::test]
async fn without_a_token_no_web_page_may_post() {
    let page = format!("{TYPE}Origin: http://evil.example\r\n");
    let lab = Lab::deciding("").await;
    let answer = post_with(lab.address, &page, "{}").await;
    assert_eq!((answer.status, answer.error_code()), (403, "cross_site".to_owned()));

    let lab = Lab::deciding("token = 'open-sesame'").await;
    let header = format!("{page}Authorization: Bearer open-sesame\r\n");
    assert_eq!(post_with(lab.address, &header, "{}").await.status, 201);
}

#[tokio::test]
async fn without_a_token_nothing_is_taken_that_a_proxy_handed_on() {
    let (open, closed) = (Lab::deciding("").await, Lab::deciding("token = 'open-sesame'").await);
    for header in ["Forwarded: for=192.0.2.1", "X-Forwarded-For: 127.0.0.1", "Via: 1.1 proxy"] {
        let proxied = format!("{TYPE}{header}\r\n");
        let answer = post_with(open.address, &proxied, "{}").await;
        assert_eq!((answer.status, answer.error_code()), (403, "forbidden".to_owned()), "{header}");
        let proof = format!("{proxied}Authorization: Bearer open-sesame\r\n");
        assert_eq!(post_with(closed.address, &proof, "{}").await.status, 201, "{header}");
    }
}

#[tokio::test]
async fn a_client_that_guesses_tokens_is_told_to_wait_and_its_right_one_is_taken() {
    let lab = Lab::deciding("token = 'open-sesame'").await;
    let with = async |token: &str| {
        let header = format!("{TYPE}Authorization: Bearer {token}\r\n");
        post_with(lab.address, &header, "{}").await
    };
    for number in 0..10 {
        assert_eq!(with(&format!("guess-{number}")).await.status, 401);
    }
    let answer = with("guess-10").await;
    assert_eq!((answer.status, answer.error_code()), (429, "too_many_attempts".to_owned()));
    assert_eq!(answer.header("retry-after"), Some("60"));
    assert_eq!(with("open-sesame").await.status, 201);
    let guesses = l0_stage::observe::Measure::counter(
        "wrong_tokens_total",
        "Requests with a wrong token.",
        11,
    );
    assert_eq!(lab.source.measures(), [guesses]);
}
