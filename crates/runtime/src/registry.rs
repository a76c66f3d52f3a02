//! The one file that names stages.

use l0_engine::Registry;

/// Every kind of stage of this repository: adding one is a line here, or in a `main` of your own.
pub fn registry() -> Registry {
    let registry = Registry::default();
    #[cfg(feature = "source-nats")]
    let registry = registry.with::<l0_source_nats::NatsConfig>();
    #[cfg(feature = "source-http")]
    let registry = registry.with::<l0_source_http::HttpConfig>();
    #[cfg(feature = "source-file")]
    let registry = registry.with::<l0_source_file::FileConfig>();
    #[cfg(feature = "validate-json-schema")]
    let registry = registry.with::<l0_validate_json_schema::JsonSchemaConfig>();
    #[cfg(feature = "sink-postgres")]
    let registry = registry.with::<l0_sink_postgres::PostgresConfig>();
    #[cfg(feature = "sink-sqlite")]
    let registry = registry.with::<l0_sink_sqlite::SqliteConfig>();
    #[cfg(feature = "query-http")]
    let registry = registry.with::<l0_query_http::HttpConfig>();
    registry
}
