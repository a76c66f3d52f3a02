use l0_stage::{Document, Error, Outcome, Record, Rejection, Writer};

/// Encodes a document as a worker does before the write.
///
/// # Errors
/// The sink's rejection.
pub fn encode(writer: &dyn Writer, document: &Document) -> Result<Record, Rejection> {
    let encoded = writer.encode(document)?;
    Ok(Record { message: document.message().clone(), encoded })
}

/// Encodes documents and writes them.
///
/// # Errors
/// The writer's.
///
/// # Panics
/// When one of them is rejected before the write.
#[allow(clippy::expect_used, reason = "a test fails by panicking")]
pub async fn write(writer: &mut dyn Writer, batch: &[Document]) -> Result<Vec<Outcome>, Error> {
    let records = batch.iter().map(|document| encode(writer, document));
    let records: Vec<_> = records.collect::<Result<_, _>>().expect("documents that fit");
    writer.write(&records).await
}
