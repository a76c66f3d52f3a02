//! The one file that names stages.

use l0_engine::Registry;

/// The log levels of drivers and libraries. `-v` does not change them; `RUST_LOG` does.
pub(crate) const QUIET_DRIVERS: &str = "async_nats=error,sqlx=warn,hyper=warn,hyper_util=warn,\
    rustls=warn,warp=warn,tokio_util=warn,mio=warn,want=warn";

/// Every kind of stage of this repository: adding one is a line here, or in a `main` of your own.
pub fn registry() -> Registry {
    let registry = Registry::default();
    #[cfg(feature = "source-nats")]
    let registry = registry.with_about::<l0_source_nats::NatsConfig>(
        "a durable pull consumer of a NATS JetStream stream",
    );
    #[cfg(feature = "source-http")]
    let registry = registry
        .with_about::<l0_source_http::HttpConfig>("POST /documents, answered after the commit");
    #[cfg(feature = "source-file")]
    let registry = registry.with_about::<l0_source_file::FileConfig>(
        "JSON of files, a pipe or standard input: lines, arrays, gzip",
    );
    #[cfg(feature = "validate-json-schema")]
    let registry = registry
        .with_about::<l0_validate_json_schema::JsonSchemaConfig>("a JSON Schema, compiled once");
    #[cfg(feature = "sink-postgres")]
    let registry = registry
        .with_about::<l0_sink_postgres::PostgresConfig>("Postgres tables, one statement per batch");
    #[cfg(feature = "sink-sqlite")]
    let registry = registry
        .with_about::<l0_sink_sqlite::SqliteConfig>("a SQLite file, one transaction per batch");
    #[cfg(feature = "query-http")]
    let registry = registry.with_about::<l0_query_http::HttpConfig>(
        "documents by id over HTTP, with an LRU cache and the page",
    );
    registry.observed_by::<l0_observe::ObserveConfig>(
        "how this instance does, for probes and Prometheus",
    )
}
