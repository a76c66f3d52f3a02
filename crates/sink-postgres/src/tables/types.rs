//! Reads from the catalog what the type of a column can hold.

use l0_mapping::{ColumnType, Detail};
use sqlx::postgres::PgRow;
use sqlx::{Error as SqlError, Row};

use super::quote::quote;

/// What [`decode`] reads, of the tables that [`joined`] adds.
pub(super) const COLUMNS: &str = "base.schema AS type_schema, base.typname::text AS type_name,
                base.typtype::text AS type_kind, base.modifier AS type_modifier,
                element.schema AS element_schema, element.typname::text AS element_name,
                element.typtype::text AS element_kind,
                ARRAY(SELECT enumlabel::text FROM pg_enum
                      WHERE enumtypid IN (base.oid, element.oid) ORDER BY enumsortorder) AS labels";

/// The schemas of the types of the table `$1`, those of elements and of what a domain is made of too.
pub(crate) const SCHEMAS: &str = "WITH RECURSIVE used (oid) AS (
             SELECT atttypid FROM pg_attribute
             WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped
             UNION
             SELECT part.oid FROM used JOIN pg_type t ON t.oid = used.oid
             JOIN pg_type part ON part.oid IN (t.typelem, t.typbasetype)
         )
         SELECT t.typnamespace FROM used JOIN pg_type t ON t.oid = used.oid";

/// The type of the attribute `a` without its domains, and what it holds if it is an array.
pub(super) fn joined() -> String {
    let (base, element) = (
        without_domains("a.atttypid", "a.atttypmod"),
        without_domains("base.element", "base.modifier"),
    );
    format!("JOIN {base} base ON true LEFT JOIN {element} element ON true")
}

/// A domain's own modifier is that of its base type. An array's modifier is that of its elements.
fn without_domains(oid: &str, modifier: &str) -> String {
    format!(
        "LATERAL (
             WITH RECURSIVE chain (oid, modifier, is_not_null) AS (
                 SELECT {oid}, {modifier}, false
                 UNION ALL
                 SELECT t.typbasetype, t.typtypmod, chain.is_not_null OR t.typnotnull
                 FROM chain JOIN pg_type t ON t.oid = chain.oid WHERE t.typtype = 'd'
             )
             SELECT t.oid, t.typname, t.typtype, n.nspname::text AS schema, chain.modifier,
                    chain.is_not_null,
                    CASE WHEN t.typcategory = 'A' AND t.typname NOT IN ('int2vector', 'oidvector')
                         THEN t.typelem END AS element
             FROM chain JOIN pg_type t ON t.oid = chain.oid JOIN pg_namespace n ON n.oid = t.typnamespace
             WHERE t.typtype <> 'd'
         )"
    )
}

/// What a column holds; `None` for a type that a mapping cannot fill.
pub(super) fn decode(row: &PgRow) -> Result<(Option<ColumnType>, Detail), SqlError> {
    let (schema, name): (String, String) = (row.try_get("type_schema")?, row.try_get("type_name")?);
    let (kind, modifier): (String, i32) =
        (row.try_get("type_kind")?, row.try_get("type_modifier")?);
    let element: Option<String> = row.try_get("element_name")?;
    let mut detail = Detail { labels: row.try_get("labels")?, ..Detail::default() };
    let column_type = match element {
        Some(element) => {
            let kind: String = row.try_get("element_kind")?;
            let schema: String = row.try_get("element_schema")?;
            // Arrays of `box` have `;` instead of `,` between their elements.
            let is_other = element == "box";
            detail.element = column_type(&schema, &element, &kind, modifier).filter(|_| !is_other);
            detail.element.map(|_| ColumnType::Array)
        }
        None => column_type(&schema, &name, &kind, modifier),
    };
    let is_money = |name: &str| ["money", "_money"].contains(&name);
    if column_type.is_none() && is_money(&name) {
        detail.refused = Some(MONEY);
    }
    let declared: String = row.try_get("declared")?;
    if column_type == Some(ColumnType::Interval) && declared.contains(' ') {
        detail.refused = Some(FIELDS);
        return Ok((None, detail));
    }
    // The quoted name means the type without a modifier: unquoted, `bit` would be `bit(1)`.
    let cast = || format!("{}.{}", quote(&schema), quote(&name));
    detail.cast = column_type.filter(|it| is_cast(*it)).map(|_| cast());
    Ok((column_type, detail))
}

/// Why the only type without a [`ColumnType`] is refused, and what to do.
const MONEY: (&str, &str) = (
    "how it reads a text depends on a setting of the server",
    "make the column numeric: `ALTER COLUMN ... TYPE numeric USING ...::numeric`",
);

/// Why an interval type that is limited to some fields is refused, for example `interval day`.
const FIELDS: (&str, &str) =
    ("drops parts of an interval without an error", "make the column `interval` without fields");

/// Whether values of this type are sent as text, and cast by the server.
fn is_cast(column: ColumnType) -> bool {
    use ColumnType::{
        Array, Cast, Char, Cidr, Enum, Inet, Interval, LocalTimestamp, MacAddress, ShortText, Time,
        TimeWithOffset,
    };
    let as_text = matches!(column, Array | Cast | Char { .. } | Cidr | Enum | Inet | Interval);
    as_text
        || matches!(column, LocalTimestamp | MacAddress { .. } | ShortText { .. } | Time)
        || column == TimeWithOffset
}

/// `kind` is `pg_type.typtype`. The layout of the modifier is that of `numerictypmodin` and
/// `varchartypmodin` in Postgres.
fn column_type(schema: &str, name: &str, kind: &str, modifier: i32) -> Option<ColumnType> {
    const HEADER: i32 = 4;
    let limited = modifier >= HEADER;
    let length = usize::try_from(modifier - HEADER).ok().filter(|_| limited);
    if kind == "e" {
        return Some(ColumnType::Enum);
    }
    if name == "citext" {
        return Some(ColumnType::Text { max: None });
    }
    if schema != "pg_catalog" {
        return Some(ColumnType::Cast);
    }
    Some(match name {
        "int2" => ColumnType::SmallInt,
        "int4" => ColumnType::Int,
        "int8" => ColumnType::BigInt,
        "numeric" => {
            let bits = modifier - HEADER;
            let scale = ((bits & 0x7ff) ^ 1024) - 1024;
            ColumnType::Numeric { limit: limited.then_some(((bits >> 16) & 0xffff, scale)) }
        }
        "float4" => ColumnType::Real,
        "float8" => ColumnType::Double,
        "text" => ColumnType::Text { max: None },
        "varchar" => ColumnType::Text { max: length },
        // `bpchar` without a length is neither padded nor cut.
        "bpchar" => {
            length.map_or(ColumnType::Text { max: None }, |length| ColumnType::Char { length })
        }
        "name" => ColumnType::ShortText { bytes: 63 },
        "char" => ColumnType::ShortText { bytes: 1 },
        "timestamptz" => ColumnType::Timestamp,
        "timestamp" => ColumnType::LocalTimestamp,
        "date" => ColumnType::Date,
        "time" => ColumnType::Time,
        "timetz" => ColumnType::TimeWithOffset,
        "interval" => ColumnType::Interval,
        "bool" => ColumnType::Boolean,
        "uuid" => ColumnType::Uuid,
        "inet" => ColumnType::Inet,
        "cidr" => ColumnType::Cidr,
        "macaddr" => ColumnType::MacAddress { bytes: 6 },
        "macaddr8" => ColumnType::MacAddress { bytes: 8 },
        "bytea" => ColumnType::Bytes,
        "json" => ColumnType::Json,
        "jsonb" => ColumnType::Jsonb,
        "money" => return None,
        _ => ColumnType::Cast,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(name: &str, modifier: i32) -> Option<ColumnType> {
        column_type("pg_catalog", name, "b", modifier)
    }

    #[test]
    fn modifiers_are_read_as_postgres_packs_them() {
        let numeric = |precision: i32, scale: i32| ((precision << 16) | (scale & 0x7ff)) + 4;
        let limit = |modifier| of("numeric", modifier);
        assert_eq!(limit(-1), Some(ColumnType::Numeric { limit: None }));
        assert_eq!(limit(numeric(10, 2)), Some(ColumnType::Numeric { limit: Some((10, 2)) }));
        assert_eq!(limit(numeric(3, -2)), Some(ColumnType::Numeric { limit: Some((3, -2)) }));
        assert_eq!(of("varchar", 24), Some(ColumnType::Text { max: Some(20) }));
        assert_eq!(of("bpchar", 6), Some(ColumnType::Char { length: 2 }));
    }

    #[test]
    fn a_type_of_an_extension_is_cast_by_the_server_whatever_its_name() {
        assert_eq!(column_type("public", "text", "b", -1), Some(ColumnType::Cast));
        assert_eq!(column_type("public", "mood", "e", -1), Some(ColumnType::Enum));
        assert_eq!(of("int4range", -1), Some(ColumnType::Cast));
        assert_eq!(of("money", -1), None);
    }
}
