//! Dead letters: the statements that read them, and their rows.

use l0_stage::letters::{BuriedLetter, Decision, LetterFilter, LetterPage, PageStart};
use l0_stage::time::OffsetDateTime;
use l0_stage::{Error, Message, Origin, Why};
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::query::Query;
use sqlx::{AssertSqlSafe, Postgres, Row};

/// Selects letters. `$1` is the most bytes that are read of each payload and of each header block.
const SELECT: &str = "SELECT id, buried_at, replayed_at, replayed_as, discarded_at, reason, detail,
    document_key, stream, stream_created, sequence, published_at, attempts, subject,
    substring(headers FROM 1 FOR $1) AS headers,
    substring(payload FROM 1 FOR $1) AS payload, octet_length(payload)::bigint AS size
    FROM dead_letters";

/// As the limit `$1`: more bytes than a column can hold, so that payloads are read whole.
const WHOLE: i32 = 1 << 30;

/// Letters that wait for a decision.
const WAITING: &str = "replayed_at IS NULL AND discarded_at IS NULL";

/// Whether a letter can match: no text of the database contains a NUL character.
pub(crate) fn can_fit(pipeline: &str, filter: &LetterFilter) -> bool {
    let LetterFilter { reason, document_key, .. } = filter;
    let asked = [reason, document_key].into_iter().flatten().map(String::as_str);
    asked.chain([pipeline]).all(|text| !text.contains('\0'))
}

/// Lists the letters of a pipeline. The statement is one of eight texts, and each text has an index
/// with the letters in its order.
pub(crate) fn list<'q>(
    pipeline: &'q str,
    filter: &'q LetterFilter,
    page: &LetterPage,
) -> Query<'q, Postgres, PgArguments> {
    let LetterFilter { reason, since, until, document_key, decided } = filter;
    let text = format!(
        "{SELECT} WHERE {}
           AND ($3::text IS NULL OR reason = $3)
           AND ($4::timestamptz IS NULL OR buried_at >= $4)
           AND ($5::timestamptz IS NULL OR buried_at < $5)
           AND {}
         LIMIT $6",
        if *decided { "true" } else { WAITING },
        range(page.from, document_key.is_some()),
    );
    let (PageStart::After(id) | PageStart::Before(id)) = page.from;
    let query = sqlx::query(AssertSqlSafe(text));
    let query = query.bind(most_bytes(page.payload_bytes)).bind(id).bind(reason).bind(since);
    let query = query.bind(until).bind(i64::try_from(page.limit).unwrap_or(i64::MAX));
    let query = query.bind(pipeline);
    match document_key {
        Some(key) => query.bind(key),
        None => query,
    }
}

/// Ids from `$2` on of the pipeline `$7`, and of the key `$8` if one is given. As in
/// [`crate::read::entries`], the condition is a range from the value to the value, in the order of
/// a single index. With an equality the planner might read the ids in their order instead.
fn range(from: PageStart, keyed: bool) -> String {
    let (after, to, order) = match from {
        PageStart::After(_) => (">", "<=", "ASC"),
        PageStart::Before(_) => ("<", ">=", "DESC"),
    };
    match keyed {
        false => format!(
            "(pipeline, id) {after} ($7::text, $2) AND pipeline {to} $7
             ORDER BY pipeline {order}, id {order}"
        ),
        true => format!(
            "pipeline = $7::text AND (document_key, id) {after} ($8::text, $2)
             AND document_key {to} $8
             ORDER BY document_key {order}, id {order}"
        ),
    }
}

/// The whole letter of a pipeline with this id.
pub(crate) fn get(pipeline: &str, id: i64) -> Query<'_, Postgres, PgArguments> {
    let query = sqlx::query(AssertSqlSafe(format!("{SELECT} WHERE id = $2 AND pipeline = $3")));
    query.bind(WHOLE).bind(id).bind(pipeline)
}

/// Counts the waiting letters of a pipeline, up to `most`.
pub(crate) fn waiting(pipeline: &str, most: usize) -> Query<'_, Postgres, PgArguments> {
    let text = format!(
        "SELECT count(*) FROM (
             SELECT id FROM dead_letters
             WHERE {WAITING} AND pipeline >= $2 AND pipeline <= $2
             ORDER BY pipeline, id LIMIT $1
         ) AS waiting"
    );
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    sqlx::query(AssertSqlSafe(text)).bind(most).bind(pipeline)
}

fn most_bytes(bytes: usize) -> i32 {
    i32::try_from(bytes).map_or(WHOLE, |bytes| bytes.min(WHOLE))
}

pub(crate) fn decode_count(rows: &[PgRow]) -> Result<usize, Error> {
    let count = rows.first().map_or(Ok(0), |row| row.try_get::<i64, _>(0));
    let count = count.map_err(|error| Error::retryable(Why::Mismatch, error))?;
    Ok(usize::try_from(count).unwrap_or_default())
}

pub(crate) fn decode_all(rows: &[PgRow]) -> Result<Vec<BuriedLetter>, Error> {
    let letters = rows.iter().map(decode).collect::<Result<_, sqlx::Error>>();
    letters.map_err(|error| Error::retryable(Why::Mismatch, error))
}

fn decode(row: &PgRow) -> Result<BuriedLetter, sqlx::Error> {
    let stream: String = row.try_get("stream")?;
    let unsigned = |column| row.try_get(column).map(i64::cast_unsigned);
    let bytes = |column| row.try_get::<Vec<u8>, _>(column);
    let time = |column| row.try_get::<OffsetDateTime, _>(column);
    let when = |column| row.try_get::<Option<OffsetDateTime>, _>(column);
    let origin = Origin {
        stream: stream.into(),
        stream_created: Origin::stream_created_of(time("stream_created")?),
        sequence: unsigned("sequence")?,
        published: time("published_at")?,
        attempt: unsigned("attempts")?,
    };
    Ok(BuriedLetter {
        id: row.try_get("id")?,
        buried_at: time("buried_at")?,
        decision: Decision::of(
            when("replayed_at")?,
            row.try_get("replayed_as")?,
            when("discarded_at")?,
        ),
        reason: row.try_get("reason")?,
        detail: row.try_get("detail")?,
        document_key: row.try_get("document_key")?,
        message: Message {
            origin,
            subject: String::from_utf8_lossy(&bytes("subject")?).into_owned(),
            headers: bytes("headers")?.into(),
            payload: bytes("payload")?.into(),
        },
        size: unsigned("size")?,
    })
}
