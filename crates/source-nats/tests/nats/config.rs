use l0_source_nats::NatsConfig;
use l0_stage::Plugin;

use crate::support::{context, parse};

const REQUIRED: &str = "stream = 'S'\nsubject = 's'\ndurable = 'd'\nurl = 'nats://localhost'\n";

fn findings(toml: &str) -> Vec<String> {
    let found = parse(toml).check(&context());
    found.into_iter().map(|finding| format!("{}: {}", finding.key, finding.message)).collect()
}

#[test]
fn the_example_is_complete_and_shows_the_defaults() {
    let example: toml::Table = toml::from_str(NatsConfig::EXAMPLE).expect("example.toml");
    let section = toml::to_string(&example["source"]["nats"]).expect("section");
    let example = parse(&section);
    assert_eq!(example.check(&context()), []);

    let defaults = parse(REQUIRED);
    assert_eq!(example.manage, defaults.manage);
    assert_eq!(example.ack_wait_secs, defaults.ack_wait_secs);
    assert_eq!(example.max_ack_pending, defaults.max_ack_pending);
    assert_eq!(example.max_batch_bytes, defaults.max_batch_bytes);
    assert_eq!(example.probe_secs, defaults.probe_secs);
    assert_eq!(example.replicas, defaults.replicas);
    let rest = [
        "max_bytes",
        "user",
        "password",
        "password_file",
        "token",
        "nkey",
        "nkey_file",
        "credentials_file",
        "tls_ca_file",
        "tls_cert_file",
        "tls_key_file",
        "inbox_prefix",
        "domain",
        "api_prefix",
    ];
    for key in rest {
        assert!(NatsConfig::EXAMPLE.contains(&format!("{key} = ")), "{key}");
    }
}

#[test]
fn everything_wrong_is_found_at_once() {
    let found = findings(
        "url = 'http://localhost'\nstream = 'a.b'\nsubject = 'a b'\ndurable = ''\n\
         ack_wait_secs = 0\nprobe_secs = 0\nmax_ack_pending = 399\nmax_batch_bytes = 2097151\nmax_bytes = 0\n\
         replicas = 6",
    );
    assert_eq!(
        found,
        [
            "url: `http://localhost` is not the address of a nats server",
            "stream: `a.b` cannot be the name of a stream",
            "durable: `` cannot be the name of a durable",
            "subject: subject `a b` has white space",
            "ack_wait_secs: 0 is not between 1 and 86400",
            "probe_secs: 0 is not between 1 and 3600",
            "max_bytes: 0 is not between 1 and 9223372036854775807",
            "replicas: 6 is not between 1 and 5",
            "max_ack_pending: 399 is less than pipeline.workers × pipeline.max_batch",
            "max_batch_bytes: 2097151 is less than two of the largest documents",
        ]
    );
}

#[test]
fn subjects_of_a_list_are_checked_each_and_must_not_overlap() {
    let with = |subjects: &str| {
        findings(&REQUIRED.replace("subject = 's'", &format!("subject = {subjects}")))
    };
    assert_eq!(with("['a', 'b.*', 'c.>']"), [""; 0]);
    assert_eq!(with("['a']"), [""; 0]);
    assert_eq!(with("[]"), ["subject: the list is empty"]);
    assert_eq!(
        with("['a', 'b b', 'c.*', 'c.d', 'a']"),
        [
            "subject: subject `b b` has white space",
            "subject: subjects `a` and `a` overlap",
            "subject: subjects `c.*` and `c.d` overlap",
        ]
    );
}

#[test]
fn subjects_are_a_text_or_a_list_of_texts() {
    for wrong in ["5", "true", "{ a = 1 }"] {
        let text = REQUIRED.replace("'s'", wrong);
        let error = toml::from_str::<NatsConfig>(&text).expect_err("refused").to_string();
        assert!(error.contains("expected a text or a list of texts"), "{error}");
    }
    let several = parse(&REQUIRED.replace("'s'", "['a', 'b']")).summary();
    assert_eq!(several, "nats at localhost:4222, stream S, subjects a, b, durable d");
}

#[test]
fn credentials_are_complete_and_of_one_kind() {
    let with = |more: &str| findings(&format!("{REQUIRED}{more}"));
    assert_eq!(with("user = 'u'\npassword = 'p'"), [""; 0]);
    assert_eq!(with("token = 't'"), [""; 0]);
    assert_eq!(with("user = 'u'"), ["user: a user without a password"]);
    assert_eq!(with("password = 'p'"), ["password: a password without a user"]);
    assert_eq!(
        with("user = 'u'\npassword = 'p'\npassword_file = 'f'"),
        ["password_file: `password` and `password_file` are both set"]
    );
    assert_eq!(with("user = 'u'\npassword = 'p'\ntoken = 't'"), ["token: a token and a user"]);

    let seed = nkeys::KeyPair::new_user().seed().expect("seed");
    assert_eq!(with(&format!("nkey = '{seed}'")), [""; 0]);
    assert_eq!(with("nkey_file = 'f'"), [""; 0]);
    assert_eq!(with("credentials_file = 'f'"), [""; 0]);
    assert_eq!(
        with(&format!("nkey = '{seed}'\nnkey_file = 'f'")),
        ["nkey_file: `nkey` and `nkey_file` are both set"]
    );
    let account = nkeys::KeyPair::new_account().seed().expect("seed");
    for wrong in ["SUcanary", &account] {
        let found = with(&format!("nkey = '{wrong}'"));
        assert_eq!(found, ["nkey: not the seed of a user's nkey"]);
    }
    assert_eq!(
        with("token = 't'\nnkey_file = 'f'\ncredentials_file = 'f'"),
        ["nkey_file: an nkey and a token", "credentials_file: a credentials file and a token"]
    );
}

#[test]
fn a_url_with_credentials_is_refused_and_shown_nowhere() {
    let config =
        parse(&REQUIRED.replace("nats://localhost", "nats://user:canary@example.org:4333"));
    let findings = config.check(&context());
    // A finding of the key itself would be shown with its line.
    assert_eq!(findings.iter().map(|finding| finding.key.as_str()).collect::<Vec<_>>(), [""]);
    assert!(!format!("{findings:?}").contains("canary"));
    assert_eq!(config.summary(), "nats at example.org:4333, stream S, subject s, durable d");
}

#[test]
fn a_subject_of_a_bucket_names_it_and_what_else_begins_with_a_dollar_is_the_servers() {
    let of = |subject: &str| {
        findings(&REQUIRED.replace("subject = 's'", &format!("subject = '{subject}'")))
    };
    for bucket in ["$KV.trips.>", "$KV.trips.eu.*", "$O.files.M.>"] {
        assert_eq!(of(bucket), [""; 0]);
    }
    let unnamed = "subject: subject `$KV.>` does not name one bucket and keys of it";
    assert_eq!(of("$KV.>"), [unnamed]);
    for reserved in ["$JS.API.>", "$SYS.>", "$KVX.trips.>"] {
        assert_eq!(
            of(reserved),
            [format!("subject: subject `{reserved}` is reserved for the server")]
        );
    }
}

#[test]
fn a_domain_is_a_name_and_an_api_prefix_a_subject_instead_of_it() {
    let with = |more: &str| findings(&format!("{REQUIRED}{more}"));
    assert_eq!(with("domain = 'hub'"), [""; 0]);
    assert_eq!(with("api_prefix = '$JS.hub.API'"), [""; 0]);
    assert_eq!(with("domain = 'a.b'"), ["domain: `a.b` cannot be the name of a domain"]);
    assert_eq!(with("api_prefix = 'a.>'"), ["api_prefix: prefix `a.>` has a wildcard"]);
    let both = "api_prefix: `domain` says already where JetStream's API is";
    assert_eq!(with("domain = 'hub'\napi_prefix = 'a'"), [both]);
}

#[test]
fn a_certificate_has_its_key_and_an_inbox_prefix_is_a_subject() {
    let with = |more: &str| findings(&format!("{REQUIRED}{more}"));
    assert_eq!(with("tls_cert_file = 'c'\ntls_key_file = 'k'\ninbox_prefix = 'a.b'"), [""; 0]);
    let alone = ["tls_cert_file: `tls_cert_file` without `tls_key_file`"];
    assert_eq!(with("tls_cert_file = 'c'"), alone);
    let alone = ["tls_key_file: `tls_key_file` without `tls_cert_file`"];
    assert_eq!(with("tls_key_file = 'k'"), alone);
    let pem = "tls_cert_file = 'c'\ntls_key_file = '-----BEGIN PRIVATE KEY----- canary'";
    assert_eq!(
        with(pem),
        [": `tls_cert_file` and `tls_key_file` name files, and one holds PEM itself"]
    );
    for (prefix, problem) in
        [("a b", "has white space"), ("a.", "has an empty token"), ("a.*", "has a wildcard")]
    {
        let text = format!("inbox_prefix: inbox prefix `{prefix}` {problem}");
        assert_eq!(with(&format!("inbox_prefix = '{prefix}'")), [text]);
    }
}
