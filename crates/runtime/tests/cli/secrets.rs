//! A stage of a third party: its secrets are hidden by their type, whatever they are called.

use std::collections::BTreeMap;

use l0_config::{Config, Inputs};
use l0_engine::Registry;
use l0_stage::schemars::JsonSchema;
use l0_stage::serde::Deserialize;
use l0_stage::{Context, Error, Finding, Plugin, Secret, Sink, anyhow};

const CANARY: &str = "hunter2-of-a-third-party";

/// `[sink.vault]`
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(crate = "l0_stage::serde")]
#[schemars(crate = "l0_stage::schemars")]
struct Vault {
    /// Opens the vault.
    pin: Option<Secret>,
    /// The column that passwords are not in.
    #[serde(default)]
    token: String,
    /// Columns by their pointers.
    #[serde(default)]
    columns: BTreeMap<String, String>,
}

impl Plugin for Vault {
    const NAME: &'static str = "vault";
    const EXAMPLE: &'static str = "[sink.vault]";
    type Stage = dyn Sink;

    fn check(&self, _: &Context) -> Vec<Finding> {
        let pin = self.pin.as_ref().map_or("", Secret::expose);
        vec![Finding::new(
            "pin",
            format!("`{pin}` does not open it: {} {:?}", self.token, self.columns),
        )]
    }

    fn summary(&self) -> String {
        "a vault".to_owned()
    }

    async fn connect(&self, _: &Context) -> Result<Box<dyn Sink>, Error> {
        Err(Error::permanent(anyhow::anyhow!("closed")))
    }
}

/// The report of a file with this section, and its settings if it can be read.
fn seen(section: &str) -> (String, Vec<(String, Option<String>)>) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("pipeline.toml");
    std::fs::write(&file, format!("[pipeline]\nname = \"v\"\n[sink.vault]\n{section}\n")).unwrap();
    let registry = Registry::default().with::<Vault>();
    let inputs = Inputs { file, ..Inputs::default() };
    let report = l0_runtime::check(inputs.clone(), &registry).err().unwrap().to_string();
    let config = Config::load(Inputs { keys: registry.keys(), ..inputs });
    let settings = config.map(|config| config.settings()).unwrap_or_default();
    (report, settings.into_iter().map(|setting| (setting.key, setting.value)).collect())
}

#[test]
fn a_secret_is_hidden_by_its_type_and_a_column_of_that_name_is_shown() {
    let columns = "token = \"an-open-name\"\ncolumns = { password = \"/pass\" }";
    let (report, settings) = seen(&format!("pin = \"{CANARY}\"\n{columns}"));
    assert!(!report.contains(CANARY) && report.contains("`[secret]` does not open it"), "{report}");
    assert!(report.contains("an-open-name") && report.contains("/pass"), "{report}");
    let value = |key: &str| settings.iter().find(|(known, _)| known == key).unwrap().1.clone();
    assert_eq!(value("sink.vault.pin"), None);
    assert_eq!(value("sink.vault.token").as_deref(), Some("an-open-name"));
    assert_eq!(value("sink.vault.columns.password").as_deref(), Some("/pass"));
}

#[test]
fn a_secret_that_is_written_wrongly_is_hidden_too() {
    for wrong in [
        format!("pin = [\"{CANARY}\"]"),
        format!("pin = {{ x = \"{CANARY}\" }}"),
        format!("pin = {CANARY}"),
        format!("pins = \"{CANARY}\""),
        format!("pin = \"{CANARY}\"\nunknown = 1"),
        format!("pin = \"{CANARY}\"\ntoken = [1"),
    ] {
        let (report, settings) = seen(&wrong);
        assert!(!report.contains(CANARY), "{wrong}\n{report}");
        let shown = settings.iter().filter_map(|(_, value)| value.as_deref());
        assert!(shown.into_iter().all(|value| !value.contains(CANARY)), "{wrong}");
    }
}
