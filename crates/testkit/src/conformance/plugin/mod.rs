//! What the section of every stage keeps to, whatever its role.

mod keys;
mod probe;

use std::fmt::Debug;
use std::net::TcpListener;

use l0_stage::text::printable;
use l0_stage::{Context, Finding, Plugin, Role};
use toml::{Table, Value};

use keys::{Key, in_example, keys};
use probe::structs;

/// Each of these behaviours of a config struct as a test. Two of them in one crate need two modules.
#[macro_export]
macro_rules! plugin_conformance {
    ($plugin:ty) => {
        $crate::plugin_tests! { $plugin,
            its_name_and_its_summary_are_plain
            its_example_is_one_section_that_its_struct_reads
            its_schema_and_its_struct_know_the_same_keys
            its_schema_and_its_struct_require_the_same_keys
            every_key_is_described_and_stands_in_the_example
            secrets_are_shown_nowhere
            its_check_connects_to_nothing_and_finds_the_same_again
        }
    };
}

/// Writes the behaviours out as tests.
#[doc(hidden)]
#[macro_export]
macro_rules! plugin_tests {
    ($plugin:ty, $($behaviour:ident)*) => { $(
        #[::tokio::test]
        async fn $behaviour() {
            $crate::conformance::plugin::$behaviour::<$plugin>().await;
        }
    )* };
}

/// The name stands in `pipeline.toml`, the summary in one line of the log.
pub async fn its_name_and_its_summary_are_plain<P: Plugin>() {
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    assert!(P::NAME.chars().all(is_plain) && !P::NAME.is_empty(), "`{}`", P::NAME);
    let summary = plugin::<P>(section::<P>()).summary();
    assert!(!summary.trim().is_empty());
    assert_eq!(printable(&summary), summary, "one line that can be printed");
}

/// `l0-runtime` shows it to people, who copy it.
pub async fn its_example_is_one_section_that_its_struct_reads<P: Plugin>() {
    let example: Table = toml::from_str(P::EXAMPLE).expect("the example is TOML");
    let roles: Vec<_> = example.keys().collect();
    assert_eq!(roles, [P::Stage::NAME], "of its role alone");
    let kinds: Vec<_> = example[P::Stage::NAME].as_table().expect("a table").keys().collect();
    assert_eq!(kinds, [P::NAME], "of its kind alone");
    plugin::<P>(section::<P>());
}

/// An editor offers the keys of the schema; the runtime takes those of the struct.
pub async fn its_schema_and_its_struct_know_the_same_keys<P: Plugin>() {
    let keys = keys::<P>();
    for (path, mut fields) in structs::<P>() {
        let below = keys.iter().filter(|key| key.parent == path);
        let mut properties: Vec<_> = below.map(|key| key.name.as_str()).collect();
        properties.sort_unstable();
        fields.sort_unstable();
        assert_eq!(properties, fields, "schema and struct of `{path}`");
    }
}

/// Without a key that the schema requires the struct is not read, without any other it is.
pub async fn its_schema_and_its_struct_require_the_same_keys<P: Plugin>() {
    for key in keys::<P>() {
        let mut section = section::<P>();
        let Some(parent) = table_at(&mut section, &key.parent) else { continue };
        if parent.remove(&key.name).is_none() {
            continue;
        }
        let read = section.try_into::<P>();
        let path = key.path();
        match key.is_required {
            true => assert!(read.is_err(), "the schema requires `{path}`, the struct does not"),
            false => assert!(read.is_ok(), "the struct requires `{path}`, the schema does not"),
        }
    }
}

/// A comment line of the example counts.
pub async fn every_key_is_described_and_stands_in_the_example<P: Plugin>() {
    for key in keys::<P>() {
        let path = key.path();
        assert!(key.is_described, "`{path}` has no docstring");
        assert!(in_example(P::EXAMPLE, &key.name), "`{path}` is not in the example");
    }
}

/// Whatever a key is called that should be one: [`l0_stage::Secret`] is a text that cannot be printed.
pub async fn secrets_are_shown_nowhere<P: Plugin + Debug>() {
    const UNSPEAKABLE: &str = "unspeakable-5e1f";
    let mut section = section::<P>();
    for key in keys::<P>().iter().filter(|key| key.is_secret()) {
        if let Some(parent) = table_at(&mut section, &key.parent) {
            parent.insert(key.name.clone(), UNSPEAKABLE.into());
        }
    }
    let plugin = plugin::<P>(section);
    let shown = format!(
        "{plugin:?} {} {:?} {:?}",
        plugin.summary(),
        plugin.url(),
        plugin.check(&context(&tempfile::tempdir().expect("a folder")))
    );
    assert!(!shown.contains(UNSPEAKABLE), "a secret is shown: {shown}");
}

/// Every address in the example is that of a listener, which no client comes to.
pub async fn its_check_connects_to_nothing_and_finds_the_same_again<P: Plugin>() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.set_nonblocking(true).expect("nonblocking");
    let port = listener.local_addr().expect("an address").port();
    let mut section = Value::Table(section::<P>());
    lead_to(port, "", &mut section);
    let Value::Table(section) = section else { unreachable!("it was a table") };
    let (plugin, folder) = (plugin::<P>(section), tempfile::tempdir().expect("a folder"));
    let check = || plugin.check(&context(&folder));
    let found: Vec<Finding> = check();
    assert_eq!(check(), found);
    assert!(listener.accept().is_err(), "the check has connected to an address of the section");
}

fn section<P: Plugin>() -> Table {
    let mut example: Table = toml::from_str(P::EXAMPLE).expect("the example is TOML");
    let Some(Value::Table(mut kinds)) = example.remove(P::Stage::NAME) else { panic!("no role") };
    let Some(Value::Table(section)) = kinds.remove(P::NAME) else { panic!("no `{}`", P::NAME) };
    section
}

fn plugin<P: Plugin>(section: Table) -> P {
    section.try_into().unwrap_or_else(|error| panic!("the struct does not read it: {error}"))
}

fn table_at<'a>(section: &'a mut Table, path: &str) -> Option<&'a mut Table> {
    let mut table = section;
    for step in path.split('.').filter(|step| !step.is_empty()) {
        table = table.get_mut(step)?.as_table_mut()?;
    }
    Some(table)
}

fn context(folder: &tempfile::TempDir) -> Context {
    Context {
        pipeline: "test".to_owned(),
        workers: 1,
        max_batch: 100,
        max_document_bytes: 1_000_000,
        base: folder.path().to_owned(),
    }
}

/// Puts this port of 127.0.0.1 where a value says whom to talk to.
fn lead_to(port: u16, key: &str, value: &mut Value) {
    match value {
        Value::Table(members) => {
            members.iter_mut().for_each(|(key, value)| lead_to(port, key, value));
        }
        Value::Array(values) => values.iter_mut().for_each(|value| lead_to(port, key, value)),
        Value::Integer(number) if key == "port" => *number = port.into(),
        Value::String(text) => match text.split_once("://") {
            Some((scheme, _)) => *text = format!("{scheme}://127.0.0.1:{port}"),
            None if key == "host" => *text = "127.0.0.1".to_owned(),
            None if ["address", "server", "servers"].contains(&key) => {
                *text = format!("127.0.0.1:{port}");
            }
            None => {}
        },
        _ => {}
    }
}

impl Key {
    fn path(&self) -> String {
        match self.parent.as_str() {
            "" => self.name.clone(),
            parent => format!("{parent}.{}", self.name),
        }
    }

    /// Whether its type says so, or its name suggests it: then it should have that type.
    fn is_secret(&self) -> bool {
        const SECRETS: [&str; 6] = ["password", "passphrase", "secret", "token", "nkey", "api_key"];
        self.is_marked || SECRETS.iter().any(|secret| self.name.ends_with(secret))
    }
}
