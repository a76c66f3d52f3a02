//! The stage over a schema, as the engine uses it.

use std::path::Path;
use std::sync::Arc;

use l0_stage::time::OffsetDateTime;
use l0_stage::{Bytes, Context, Document, Message, Origin, Plugin, Reason, Validator};
use l0_validate_json_schema::JsonSchemaConfig;

/// The stage over a schema file.
pub async fn stage(schema: &Path) -> Box<dyn Validator> {
    let context = Context {
        pipeline: "orders".into(),
        workers: 1,
        max_batch: 1,
        max_document_bytes: 1 << 20,
        base: "/".into(),
    };
    JsonSchemaConfig { schema: schema.into() }.connect(&context).await.unwrap()
}

/// The detail of the rejection of a document; `None` if it was accepted.
pub fn rejection(stage: &dyn Validator, json: &str) -> Option<String> {
    let rejection = stage.validate(&document(json)).err()?;
    assert_eq!(rejection.reason, Reason::SchemaViolation);
    Some(rejection.detail)
}

fn document(json: &str) -> Document {
    let origin = Origin {
        stream: Arc::from("ORDERS"),
        stream_created: None,
        sequence: 1,
        published: OffsetDateTime::UNIX_EPOCH,
        attempt: 1,
    };
    let payload = Bytes::copy_from_slice(json.as_bytes());
    let message = Message { origin, subject: "order".into(), headers: Bytes::new(), payload };
    Document::new(message, serde_json::from_str(json).unwrap())
}
