//! Tables of somebody else, with types that no `init` would choose.

use std::sync::Arc;

use l0_sink_postgres::PostgresConfig;
use l0_stage::{Blame, Outcome, Plugin, Reason, Rejection, Sink, serde_json};
use l0_testkit::{require_services, write};
use serde_json::json;

use crate::support::{Shop, context, document};

const RIDE: &str = r#"{"ride_id":"R-1","status":"completed","tags":["airport","night"],"client_ip":"10.1.2.3","duration":"PT23M","started_local":"2024-05-01 08:15:00","pickup":"08:15:00","rating":5,"code":"AB","payload_b64":"aGVsbG8=","email":"Ann@Example.org","stops":[1,2,3],"fare":12.5}"#;

const RIDES: &str = "
    CREATE EXTENSION citext;
    CREATE TYPE ride_status AS ENUM ('new', 'completed');
    CREATE DOMAIN stars AS smallint CHECK (value BETWEEN 1 AND 5);
    CREATE TABLE rides (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        ride_id varchar(40) NOT NULL UNIQUE,
        status ride_status NOT NULL DEFAULT 'new',
        tags text[], client_ip inet, duration interval, started_local timestamp, pickup time,
        rating stars, code char(4), payload bytea, email citext, stops int[], fare numeric(10,2),
        span int4range, mac macaddr, pickup_zone timetz, net cidr, statuses ride_status[],
        started timestamptz, seen timestamp, raw bytea, bits bit(3), object oid, short name,
        document json NOT NULL
    )";

fn rides() -> serde_json::Value {
    json!({
        "name": "rides", "id": "id", "key": "ride_id", "document": "document",
        "columns": {
            "ride_id": "/ride_id", "status": "/status", "tags": "/tags", "client_ip": "/client_ip",
            "duration": "/duration", "started_local": "/started_local", "pickup": "/pickup",
            "rating": "/rating", "code": "/code", "payload": "/payload_b64", "email": "/email",
            "stops": "/stops", "fare": "/fare", "span": "/span", "mac": "/mac",
            "pickup_zone": "/pickup_zone", "net": "/net", "statuses": "/statuses",
            "started": {"value": "/started", "unit": "ms"}, "seen": {"value": "/seen", "unit": "s"},
            "raw": {"value": "/raw", "encoding": "hex"}, "bits": "/bits", "object": "/object",
            "short": "/short",
        },
    })
}

async fn sink(shop: &mut Shop) -> Arc<dyn Sink> {
    shop.execute(RIDES).await;
    shop.execute("GRANT SELECT, INSERT ON rides TO worker").await;
    shop.execute("GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO worker").await;
    let table = serde_json::from_value(rides()).unwrap();
    let config = PostgresConfig { table, ..shop.config.clone() };
    config.connect(&context()).await.unwrap().into()
}

#[tokio::test]
async fn a_ride_reaches_a_table_of_enums_domains_arrays_and_addresses() {
    require_services!();
    let mut shop = Shop::open().await;
    let sink = sink(&mut shop).await;
    let mut writer = sink.writer().await.unwrap();
    let rich = r#"{"ride_id":"R-2","span":"[1,5)","mac":"08:00:2b:01:02:03","pickup_zone":"08:15+02","net":"10.0.0.0/8","statuses":["new",null],"started":1641204000123,"seen":"1641204000","raw":"68EF","bits":"101","object":7,"short":"a","stops":[[1,2],[3,null]],"code":"AB  "}"#;
    let stored = write(&mut *writer, &[document(RIDE), document(rich)]).await.unwrap();
    assert_eq!(stored, [1, 2].map(Outcome::Stored));
    let row =
        "SELECT concat_ws('|', status, tags, client_ip, duration, started_local, pickup, rating,
               code, convert_from(payload, 'UTF8'), email, stops, fare) FROM rides WHERE id = 1";
    let row: String = shop.scalar(row).await;
    assert_eq!(
        row,
        "completed|{airport,night}|10.1.2.3|00:23:00|2024-05-01 08:15:00|08:15:00|5|AB  |hello|\
         Ann@Example.org|{1,2,3}|12.50"
    );
    let row = "SELECT concat_ws('|', status, span, mac, pickup_zone, net, statuses,
               started AT TIME ZONE 'UTC', seen, raw, bits, object, short, stops) FROM rides WHERE id = 2";
    let row: String = shop.scalar(row).await;
    assert_eq!(
        row,
        "new|[1,5)|08:00:2b:01:02:03|08:15:00+02|10.0.0.0/8|{new,NULL}|2022-01-03 10:00:00.123|\
         2022-01-03 10:00:00|\\x68ef|101|7|a|{{1,2},{3,NULL}}"
    );
}

#[tokio::test]
async fn a_value_that_its_type_refuses_is_refused_before_the_server_sees_it() {
    require_services!();
    let mut shop = Shop::open().await;
    let sink = sink(&mut shop).await;
    let writer = sink.writer().await.unwrap();
    let refused = |member: &str| {
        let ride = document(&format!(r#"{{"ride_id":"R",{member}}}"#));
        let Err(Rejection { reason: Reason::UnfitValue, detail }) = writer.encode(&ride) else {
            panic!("{member} was taken")
        };
        detail
    };
    let of_enum = refused(r#""status":"lost""#);
    assert_eq!(of_enum, "`/status` (column `rides.status`) must be one of `new`, `completed`");
    let of_array = refused(r#""stops":[1,"x"]"#);
    assert!(of_array.ends_with("must be an array, each element a 32-bit integer"), "{of_array}");
    let of_epoch = refused(r#""started":"2022-01-03T10:00:00Z""#);
    assert!(of_epoch.ends_with("must be a number of milliseconds since 1970"), "{of_epoch}");
    for member in [
        r#""client_ip":"10.1.2""#,
        r#""duration":"1 day""#,
        r#""rating":40000"#,
        r#""code":"ABCDE""#,
        r#""payload_b64":"a""#,
        r#""stops":"{1}""#,
        r#""statuses":["lost"]"#,
        r#""raw":"6""#,
    ] {
        refused(member);
    }
}

#[tokio::test]
async fn a_label_that_an_enum_gains_is_taken_at_the_next_look() {
    require_services!();
    let mut shop = Shop::open().await;
    let sink = sink(&mut shop).await;
    let mut writer = sink.writer().await.unwrap();
    let lost = document(r#"{"ride_id":"R-3","status":"lost"}"#);
    assert!(writer.encode(&lost).is_err());
    assert!(!writer.refresh().await.unwrap(), "nothing changed");
    shop.execute("ALTER TYPE ride_status ADD VALUE 'lost'").await;
    assert!(writer.refresh().await.unwrap());
    assert_eq!(write(&mut *writer, &[lost]).await.unwrap(), [Outcome::Stored(1)]);
}

#[tokio::test]
async fn a_column_of_money_is_refused_with_the_reason() {
    require_services!();
    let mut shop = Shop::open().await;
    shop.execute(RIDES).await;
    shop.execute(
        "ALTER TABLE rides ALTER COLUMN fare TYPE money; GRANT SELECT, INSERT ON rides TO worker",
    )
    .await;
    let table = serde_json::from_value(rides()).unwrap();
    let config = PostgresConfig { table, ..shop.config.clone() };
    let error = config.connect(&context()).await.err().unwrap().to_string();
    assert!(error.contains("column `rides.fare` is `money`"), "{error}");
    assert!(error.contains("depends on a setting of the server"), "{error}");
}

#[tokio::test]
async fn a_value_that_the_check_of_a_domain_refuses_is_the_documents_fault() {
    require_services!();
    let mut shop = Shop::open().await;
    let sink = sink(&mut shop).await;
    let mut writer = sink.writer().await.unwrap();
    let six_stars = document(r#"{"ride_id":"R-6","rating":6}"#);
    let outcomes = write(&mut *writer, &[six_stars]).await.unwrap();
    let [Outcome::Refused(refusal)] = &outcomes[..] else { panic!("{outcomes:?}") };
    assert_eq!(refusal.blame, Blame::Document);
    assert!(refusal.rejection.detail.contains("domain `stars`"), "{}", refusal.rejection.detail);
}
