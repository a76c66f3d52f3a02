//! What every sink must do, with a key of several columns.

use l0_sink_postgres::PostgresConfig as Config;
use l0_stage::{Error, Plugin, Sink};
use l0_testkit::conformance::SinkLab;

use crate::support::{Shop, context};

struct CompositeLab {
    config: Config,
    _shop: Shop,
}

impl SinkLab for CompositeLab {
    fn is_available() -> bool {
        l0_testkit::services_available(module_path!())
    }

    async fn open() -> Self {
        let mut shop = Shop::open().await;
        shop.execute(
            "ALTER TABLE orders DROP CONSTRAINT orders_track_number_key;
             ALTER TABLE orders ADD UNIQUE (track_number, order_uid)",
        )
        .await;
        let mut config = shop.config.clone();
        config.table.key = ["order_uid", "track_number"].into();
        Self { config, _shop: shop }
    }

    async fn connect(&self) -> Result<Box<dyn Sink>, Error> {
        self.config.connect(&context()).await
    }

    fn payload(key: &str, members: &str) -> String {
        format!(r#"{{"order_uid":"u/~","track_number":"{key}"{members}}}"#)
    }

    fn unfit(key: &str, text: &str) -> Option<String> {
        Some(Self::payload(key, &format!(r#","sm_id":"{text}""#)))
    }
}

l0_testkit::sink_conformance!(CompositeLab);
l0_testkit::reader_conformance!(CompositeLab);
