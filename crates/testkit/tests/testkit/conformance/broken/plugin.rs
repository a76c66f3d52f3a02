use std::net::TcpStream;

use l0_stage::schemars::JsonSchema;
use l0_stage::serde::Deserialize;
use l0_stage::{Context, Error, Finding, Plugin, Validator};
use l0_testkit::conformance::plugin;

/// A section with several faults.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(crate = "l0_stage::serde")]
#[schemars(crate = "l0_stage::schemars")]
#[expect(dead_code, reason = "no suite of a section connects")]
struct Wrong {
    /// Whom to talk to; the schema calls it otherwise.
    #[schemars(rename = "address")]
    server: String,
    /// A secret that can be printed.
    #[serde(default)]
    password: String,
    /// The schema says that it may be absent.
    #[schemars(default)]
    demanded: u8,
}

impl Plugin for Wrong {
    const NAME: &'static str = "Wrong";
    const EXAMPLE: &'static str = r#"
[validate.Wrong]
server = "example.com:1"
password = "secret"
demanded = 1
"#;
    type Stage = dyn Validator;

    fn check(&self, _: &Context) -> Vec<Finding> {
        TcpStream::connect(&self.server)
            .err()
            .map(|_| Finding::new("server", "it is away"))
            .into_iter()
            .collect()
    }

    fn summary(&self) -> String {
        String::new()
    }

    async fn connect(&self, _: &Context) -> Result<Box<dyn Validator>, Error> {
        unreachable!("no suite of a section connects")
    }
}

/// A section with two faults: a key has no docstring, and the example is of another kind.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(crate = "l0_stage::serde")]
#[schemars(crate = "l0_stage::schemars")]
#[expect(dead_code, reason = "no suite of a section connects")]
struct Misplaced {
    undescribed: Option<String>,
}

impl Plugin for Misplaced {
    const NAME: &'static str = "misplaced";
    const EXAMPLE: &'static str = "[validate.placed]";
    type Stage = dyn Validator;

    fn summary(&self) -> String {
        "one\nand two".to_owned()
    }

    async fn connect(&self, _: &Context) -> Result<Box<dyn Validator>, Error> {
        unreachable!("no suite of a section connects")
    }
}

#[tokio::test]
#[should_panic(expected = "`Wrong`")]
async fn a_name_that_is_not_plain_is_found() {
    plugin::its_name_and_its_summary_are_plain::<Wrong>().await;
}

#[tokio::test]
#[should_panic(expected = "of its kind alone")]
async fn an_example_of_another_section_is_found() {
    plugin::its_example_is_one_section_that_its_struct_reads::<Misplaced>().await;
}

#[tokio::test]
#[should_panic(expected = "schema and struct of ``")]
async fn a_key_that_only_the_schema_knows_is_found() {
    plugin::its_schema_and_its_struct_know_the_same_keys::<Wrong>().await;
}

#[tokio::test]
#[should_panic(expected = "the struct requires `demanded`")]
async fn a_key_that_only_the_struct_requires_is_found() {
    plugin::its_schema_and_its_struct_require_the_same_keys::<Wrong>().await;
}

#[tokio::test]
#[should_panic(expected = "`undescribed` has no docstring")]
async fn a_key_that_nobody_described_is_found() {
    plugin::every_key_is_described_and_stands_in_the_example::<Misplaced>().await;
}

#[tokio::test]
#[should_panic(expected = "a secret is shown")]
async fn a_secret_that_can_be_printed_is_found() {
    plugin::secrets_are_shown_nowhere::<Wrong>().await;
}

#[tokio::test]
#[should_panic(expected = "has connected to an address")]
async fn a_check_that_connects_is_found() {
    plugin::its_check_connects_to_nothing_and_finds_the_same_again::<Wrong>().await;
}
