//! What every sink must do.

use std::any::Any;
use std::path::{Path, PathBuf};

use l0_sink_sqlite::SqliteConfig;
use l0_stage::{Context, Error, Plugin, Sink};
use l0_testkit::conformance::{Attach, DurableLab, SinkLab};
use rusqlite::Connection;

use crate::support::{Shop, config, context};

struct SqliteLab {
    folder: PathBuf,
    config: SqliteConfig,
    /// What deletes the folder: not of a lab in another process.
    _shop: Option<Shop>,
}

impl SqliteLab {
    fn in_folder(folder: &Path, shop: Option<Shop>) -> Self {
        Self { folder: folder.to_owned(), config: config(folder), _shop: shop }
    }
}

impl SinkLab for SqliteLab {
    async fn open() -> Self {
        let shop = Shop::new();
        let folder = shop.folder().to_owned();
        Self::in_folder(&folder, Some(shop))
    }

    async fn of_pipeline(&self, name: &str) -> Option<Box<dyn Sink>> {
        let context = Context { pipeline: name.to_owned(), ..context() };
        Some(self.config.connect(&context).await.unwrap())
    }

    async fn connect(&self) -> Result<Box<dyn Sink>, Error> {
        self.config.connect(&context()).await
    }

    fn payload(key: &str, members: &str) -> String {
        format!(r#"{{"order_uid":"u","track_number":"{key}"{members}}}"#)
    }

    fn odd_but_good() -> Vec<String> {
        let mapped = [
            r#","entry":453,"sm_id":"1e1","date_created":"2021-11-26T06:22:19.5+03:00""#,
            r#","payment":{"amount":12345678901234567890.12,"delivery_cost":1.5e3,"custom_fee":-0.00012}"#,
            r#","delivery":null,"items":[{"chrt_id":9007199254740993,"sale":"30.3","size":"M"},{"size":0}]"#,
            r#","delivery":{"name":"<b>'\"\\ $1"},"payment":{},"items":[],"locale":"🏠""#,
        ];
        let payload = |(n, members)| Self::payload(&format!("mapped {n}"), members);
        mapped.into_iter().enumerate().map(payload).collect()
    }

    fn unfit(key: &str, text: &str) -> Option<String> {
        Some(Self::payload(key, &format!(r#","sm_id":"{text}""#)))
    }

    fn with_field(key: &str, value: &str) -> Option<(&'static str, String)> {
        Some(("order_uid", format!(r#"{{"order_uid":"{value}","track_number":"{key}"}}"#)))
    }

    fn keeps_deliveries() -> bool {
        true
    }
}

impl Attach for SqliteLab {
    fn address(&self) -> String {
        self.folder.display().to_string()
    }

    async fn attach(address: &str) -> Self {
        Self::in_folder(Path::new(address), None)
    }
}

impl DurableLab for SqliteLab {
    /// Another writer has the file for itself.
    async fn hinder(&self) -> Option<Box<dyn Any>> {
        let other = Connection::open(&self.config.path).unwrap();
        other.execute_batch("BEGIN EXCLUSIVE").unwrap();
        Some(Box::new(other))
    }
}

l0_testkit::sink_conformance!(SqliteLab);
l0_testkit::reader_conformance!(SqliteLab);
l0_testkit::entry_conformance!(SqliteLab);
l0_testkit::durable_conformance!(SqliteLab);
l0_testkit::dead_letter_conformance!(SqliteLab);
l0_testkit::panicking_sink_conformance!(SqliteLab);
l0_testkit::plugin_conformance!(SqliteConfig);
