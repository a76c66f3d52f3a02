//! What we say of a value before the server sees it, against what the server says.

mod forms;
mod random;
mod tables;

use l0_mapping::{Cell, ColumnType, Detail};
use l0_stage::serde_json::Value;
use l0_testkit::{Postgres, require_services};
use sqlx::{AssertSqlSafe, PgConnection};

use forms::{ALL, Form, ONLY_POSTGRES};
use random::Random;

const VALUES: usize = 20_000;

/// A function that reads a text as its type does, and gives NULL for what the type refuses.
async fn add_reader(server: &mut PgConnection, form: &Form) {
    let Form { sql, reading, .. } = form;
    let text = format!(
        "CREATE OR REPLACE FUNCTION pg_temp.reads(src text) RETURNS {sql} LANGUAGE plpgsql AS
         $$ BEGIN RETURN {reading}; EXCEPTION WHEN OTHERS THEN RETURN NULL; END $$"
    );
    sqlx::raw_sql("DROP FUNCTION IF EXISTS pg_temp.reads(text)")
        .execute(&mut *server)
        .await
        .unwrap();
    sqlx::raw_sql(AssertSqlSafe(text)).execute(server).await.unwrap();
}

fn ours(text: &str, column: ColumnType) -> Option<String> {
    let value = Value::String(text.to_owned());
    let cell = Cell::fit(&value, column, &Detail::default())?;
    Some(cell.printed().unwrap().into_owned())
}

/// Returns texts that we take but the server reads differently, and texts that only the server
/// takes.
async fn compare(server: &mut PgConnection, form: &Form) -> (Vec<String>, Vec<String>) {
    add_reader(server, form).await;
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let texts: Vec<_> = (0..VALUES).map(|_| (form.generate)(&mut random)).collect();
    let printed: Vec<_> = texts.iter().map(|text| ours(text, form.column)).collect();
    assert!(printed.iter().flatten().count() > VALUES / 20, "{}: the values test little", form.sql);
    let text = format!(
        "WITH read AS (
             SELECT src, ours, pg_temp.reads(src) AS theirs FROM unnest($1::text[], $2::text[]) AS u(src, ours)
         )
         SELECT ARRAY(SELECT DISTINCT src FROM read
                      WHERE ours IS NOT NULL AND (theirs IS NULL OR CAST(ours AS {sql}) <> theirs)),
                ARRAY(SELECT DISTINCT src FROM read WHERE ours IS NULL AND theirs IS NOT NULL)",
        sql = form.sql
    );
    let query = sqlx::query_as(AssertSqlSafe(text)).bind(texts).bind(printed);
    query.fetch_one(server).await.unwrap()
}

#[tokio::test]
async fn what_we_take_postgres_reads_as_the_same_value_and_what_only_it_takes_is_listed() {
    require_services!();
    let postgres = Postgres::start().await;
    let mut server = postgres.admin().await;
    let mut differences = Vec::new();
    for form in ALL {
        let (wrong, only_theirs) = compare(&mut server, form).await;
        let wrong = wrong.iter().map(|it| format!("{}: `{it}` is read differently", form.sql));
        let unlisted = only_theirs.iter().filter(|it| !(form.only_postgres)(it));
        let unlisted = unlisted.map(|it| format!("{}: only Postgres takes `{it}`", form.sql));
        differences.extend(wrong.chain(unlisted));
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[tokio::test]
async fn each_form_that_the_docs_call_refused_is_one_that_postgres_alone_takes() {
    require_services!();
    let postgres = Postgres::start().await;
    let mut server = postgres.admin().await;
    let docs = include_str!("../../../../../docs/types.md");
    for (column, sql, form) in ONLY_POSTGRES {
        let cast = format!("SELECT CAST($1::text AS {sql}) IS NOT NULL");
        let taken: bool = sqlx::query_scalar(AssertSqlSafe(cast))
            .bind(form)
            .fetch_one(&mut server)
            .await
            .unwrap();
        assert!(taken, "{sql}: Postgres reads `{form}`");
        assert_eq!(ours(form, *column), None, "{sql}: `{form}`");
        assert!(docs.contains(&format!("`{form}`")), "docs/types.md lists `{form}` of {sql}");
    }
}
