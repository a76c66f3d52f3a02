//! Dead letters: the statements that read them, and their rows.

use l0_stage::letters::{BuriedLetter, Decision, LetterFilter, LetterPage, PageStart};
use l0_stage::time::OffsetDateTime;
use l0_stage::{Message, Origin};
use rusqlite::{Connection, Row, named_params, params, types::Type};

use crate::link::moment;

/// Letters that wait for a decision.
pub(crate) const WAITING: &str = "replayed_at IS NULL AND discarded_at IS NULL";

/// `ifnull` is needed because `substr` returns NULL for an empty blob.
const COLUMNS: &str = "id, buried_at, replayed_at, replayed_as, discarded_at, reason, detail,
    document_key, stream, stream_created, sequence, published_at, attempts, subject,
    ifnull(substr(headers, 1, :bytes), x'') AS headers,
    ifnull(substr(payload, 1, :bytes), x'') AS payload, length(payload) AS size";

/// More bytes than a value can have (<https://www.sqlite.org/limits.html>), within what `substr`
/// accepts.
const WHOLE: i64 = 1 << 30;

/// The indexes that the statements name.
pub(crate) const INDEXES: [&str; 3] = [
    "dead_letters_pipeline",
    "dead_letters_pipeline_document_key",
    "dead_letters_pipeline_waiting",
];

pub(crate) fn list(
    connection: &Connection,
    pipeline: &str,
    filter: &LetterFilter,
    page: &LetterPage,
) -> rusqlite::Result<Vec<BuriedLetter>> {
    let LetterFilter { reason, since, until, document_key, .. } = filter;
    let (PageStart::After(id) | PageStart::Before(id)) = page.from;
    let values = named_params! {
        ":bytes": most(page.payload_bytes).min(WHOLE), ":key": document_key, ":id": id,
        ":reason": reason, ":since": since.map(moment::text), ":until": until.map(moment::text),
        ":limit": most(page.limit), ":pipeline": pipeline,
    };
    connection.prepare_cached(&text(filter, page))?.query_map(values, decode)?.collect()
}

/// The statement that lists letters: one of six texts. Each names the index that gives the letters
/// of a pipeline in their order.
fn text(filter: &LetterFilter, page: &LetterPage) -> String {
    let waiting = if filter.decided { "true" } else { WAITING };
    let (index, key) = match (&filter.document_key, filter.decided) {
        (Some(_), _) => ("dead_letters_pipeline_document_key", "document_key = :key"),
        (None, false) => ("dead_letters_pipeline_waiting", ":key IS NULL"),
        (None, true) => ("dead_letters_pipeline", ":key IS NULL"),
    };
    let (after, order) = match page.from {
        PageStart::After(_) => (">", "ASC"),
        PageStart::Before(_) => ("<", "DESC"),
    };
    format!(
        "SELECT {COLUMNS} FROM dead_letters INDEXED BY {index}
         WHERE pipeline = :pipeline AND {key} AND id {after} :id AND {waiting}
           AND (:reason IS NULL OR reason = :reason)
           AND (:since IS NULL OR buried_at >= :since)
           AND (:until IS NULL OR buried_at < :until)
         ORDER BY id {order} LIMIT :limit"
    )
}

/// The whole letter of a pipeline with this id.
pub(crate) fn get(
    connection: &Connection,
    pipeline: &str,
    id: i64,
) -> rusqlite::Result<Option<BuriedLetter>> {
    // The plus keeps SQLite from using an index of this column. The look-up by id is better,
    // because it finds at most one letter.
    let text =
        format!("SELECT {COLUMNS} FROM dead_letters WHERE id = :id AND +pipeline = :pipeline");
    let mut statement = connection.prepare_cached(&text)?;
    let values = named_params! { ":bytes": WHOLE, ":id": id, ":pipeline": pipeline };
    statement.query_map(values, decode)?.next().transpose()
}

/// Counts the waiting letters of a pipeline, up to `limit`.
pub(crate) fn waiting(
    connection: &Connection,
    pipeline: &str,
    limit: usize,
) -> rusqlite::Result<usize> {
    let mut statement = connection.prepare_cached(&count_text())?;
    statement.query_row(params![most(limit), pipeline], |row| row.get(0).map(count))
}

fn count_text() -> String {
    format!(
        "SELECT count(*) FROM (SELECT id FROM dead_letters INDEXED BY dead_letters_pipeline_waiting
         WHERE {WAITING} AND pipeline = ?2 LIMIT ?1)"
    )
}

fn most(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

fn count(count: i64) -> usize {
    usize::try_from(count).unwrap_or_default()
}

fn decode(row: &Row<'_>) -> rusqlite::Result<BuriedLetter> {
    let unsigned = |column| row.get(column).map(i64::cast_unsigned);
    let bytes = |column| row.get::<_, Vec<u8>>(column);
    let when = |column| moment::read(row, column);
    let origin = Origin {
        stream: row.get("stream")?,
        stream_created: Origin::stream_created_of(time(row, "stream_created")?),
        sequence: unsigned("sequence")?,
        published: time(row, "published_at")?,
        attempt: unsigned("attempts")?,
    };
    Ok(BuriedLetter {
        id: row.get("id")?,
        buried_at: time(row, "buried_at")?,
        decision: Decision::of(
            when("replayed_at")?,
            row.get("replayed_as")?,
            when("discarded_at")?,
        ),
        reason: row.get("reason")?,
        detail: row.get("detail")?,
        document_key: row.get("document_key")?,
        message: Message {
            origin,
            subject: String::from_utf8_lossy(&bytes("subject")?).into_owned(),
            headers: bytes("headers")?.into(),
            payload: bytes("payload")?.into(),
        },
        size: unsigned("size")?,
    })
}

fn time(row: &Row<'_>, column: &str) -> rusqlite::Result<OffsetDateTime> {
    let null = || rusqlite::Error::InvalidColumnType(0, column.to_owned(), Type::Null);
    moment::read(row, column)?.ok_or_else(null)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::entries::tests::{explain, tables};

    #[test]
    fn each_page_is_read_in_the_order_of_an_index() {
        let connection = tables();
        let page = |from| LetterPage { from, limit: 20, payload_bytes: 200 };
        let key = Some("T1".to_owned());
        for (document_key, decided, by) in [
            (None, true, "pipeline (pipeline=? AND id"),
            (None, false, "pipeline_waiting (pipeline=? AND id"),
            (key.clone(), true, "pipeline_document_key (pipeline=? AND document_key=? AND id"),
            (key, false, "pipeline_document_key (pipeline=? AND document_key=? AND id"),
        ] {
            let filter = LetterFilter { document_key, decided, ..LetterFilter::default() };
            for (from, range) in [(PageStart::After(7), ">?)"), (PageStart::Before(7), "<?)")] {
                let plan = explain(&connection, &text(&filter, &page(from)));
                let by = format!("SEARCH dead_letters USING INDEX dead_letters_{by}{range}");
                assert_eq!(plan, [by]);
            }
        }
        let plan = explain(&connection, &count_text());
        let by = "dead_letters_pipeline_waiting (pipeline=?)";
        assert!(plan.iter().any(|step| step.contains(by)), "{plan:?}");
    }
}
