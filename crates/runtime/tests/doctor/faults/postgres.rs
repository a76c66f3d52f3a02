//! Faults of Postgres.

use l0_testkit::{PgBouncer, Shutdown};
use sqlx::{Connection, PgConnection};

use super::Fault;
use super::scene::Scene;
use super::told::Code::{Away, Degraded, Fine, Unready};
use crate::lab::CANARY;

pub const FAULTS: &[Fault] = &[
    ("postgres is stopped", Away("sink", "unreachable"), || {
        Box::pin(async {
            let mut scene = Scene::running().await;
            scene.lab.postgres.stop(Shutdown::Fast).await;
            scene.produced().await
        })
    }),
    ("postgres is not there at the start", Unready("sink", "unreachable"), || {
        Box::pin(async {
            let mut scene = Scene::new().await;
            scene.lab.postgres.stop(Shutdown::Fast).await;
            scene.begun().await
        })
    }),
    ("postgres hangs", Away("sink", "timed_out"), || {
        Box::pin(async {
            let scene = Scene::running().await;
            scene.lab.postgres.freeze();
            scene.produced().await
        })
    }),
    ("postgres refuses the password", Unready("sink", "denied"), || {
        Box::pin(async {
            let mut scene = Scene::new().await;
            scene.lab.folder.set("PG_PASSWORD_WORKER", format!("{CANARY}-other"));
            scene.begun().await
        })
    }),
    ("the role may not log in", Unready("sink", "denied"), || {
        Box::pin(async { Scene::new().await.sql("ALTER ROLE worker NOLOGIN").await.begun().await })
    }),
    ("the password was changed while the pipeline runs", Degraded("connections_refused"), || {
        Box::pin(async { Scene::running().await.sql("ALTER ROLE worker PASSWORD 'another'").await })
    }),
    ("the database is not there", Unready("sink", "mismatch"), || {
        Box::pin(async {
            let mut scene = Scene::new().await;
            scene.lab.folder.set("PG_DATABASE", "elsewhere");
            scene.begun().await
        })
    }),
    ("the tables are not there", Unready("sink", "mismatch"), || {
        Box::pin(async {
            let drop = "DROP TABLE order_items, orders, dead_letters";
            Scene::new().await.sql(drop).await.begun().await
        })
    }),
    ("a column is dropped while the pipeline runs", Unready("sink", "mismatch"), || {
        Box::pin(async {
            let drop = "ALTER TABLE orders DROP delivery_zip";
            Scene::running().await.sql(drop).await.produced().await
        })
    }),
    ("a table is dropped while the pipeline runs", Unready("sink", "mismatch"), || {
        Box::pin(async {
            Scene::running().await.sql("DROP TABLE order_items").await.produced().await
        })
    }),
    ("a column has a type that cannot be mapped", Unready("sink", "mismatch"), || {
        Box::pin(async {
            let alter = "ALTER TABLE orders ALTER date_created TYPE money USING NULL";
            Scene::new().await.sql(alter).await.begun().await
        })
    }),
    ("the role may not insert any more", Away("sink", "denied"), || {
        Box::pin(async {
            let revoke = "REVOKE INSERT ON orders FROM worker";
            Scene::running().await.sql(revoke).await.produced().await
        })
    }),
    ("the role may not use the schema any more", Away("sink", "denied"), || {
        Box::pin(async {
            let revoke = "REVOKE USAGE ON SCHEMA public FROM PUBLIC, worker";
            Scene::running().await.sql(revoke).await.produced().await
        })
    }),
    (
        "the dead letters' table is not there for a bad document",
        Unready("sink", "mismatch"),
        || {
            Box::pin(async {
                Scene::running().await.sql("DROP TABLE dead_letters").await.published("{}", 1).await
            })
        },
    ),
    ("the role may not bury", Unready("sink", "denied"), || {
        Box::pin(async {
            let revoke = "REVOKE INSERT ON dead_letters FROM worker";
            Scene::running().await.sql(revoke).await.published("{}", 1).await
        })
    }),
    ("another session holds a lock on the table", Unready("sink", "contended"), || {
        Box::pin(async {
            let mut scene = Scene::running().await;
            let mut other = scene.lab.postgres.admin().await;
            let lock = "BEGIN; LOCK TABLE orders";
            sqlx::raw_sql(lock).execute(&mut other).await.unwrap();
            scene.keep(other);
            scene.produced().await
        })
    }),
    ("all connections are taken at the start", Unready("sink", "contended"), || {
        Box::pin(async {
            let limit = "ALTER ROLE worker CONNECTION LIMIT 1";
            let mut scene = Scene::new().await.sql(limit).await;
            let options = scene.lab.postgres.options().username("worker");
            let options = options.password(&format!("{CANARY}-worker"));
            scene.keep(PgConnection::connect_with(&options).await.unwrap());
            scene.begun().await
        })
    }),
    ("postgres is a standby", Unready("sink", "mismatch"), || {
        Box::pin(async {
            let mut scene = Scene::new().await;
            let standby = scene.lab.postgres.start_standby().await;
            scene.lab.folder.set("PG_PORT", standby.port().to_string());
            scene.lab.postgres = standby;
            scene.begun().await
        })
    }),
    ("the sequence of ids is at its end", Unready("sink", "full"), || {
        Box::pin(async {
            let end = "ALTER SEQUENCE orders_id_seq MAXVALUE 3 RESTART 3;
                       SELECT nextval('orders_id_seq')";
            Scene::running().await.sql(end).await.produced().await
        })
    }),
    ("a pooler shares sessions between clients", Unready("sink", "mismatch"), || {
        Box::pin(async {
            let mut scene = Scene::new().await;
            let users = [("worker", "canary-7c1f-worker"), ("ns_user", "canary-7c1f-ns")];
            let lines = "pool_mode = transaction\nignore_startup_parameters = extra_float_digits";
            let pooler = PgBouncer::before(&scene.lab.postgres, &users, lines).await;
            scene.lab.folder.set("PG_PORT", pooler.port().to_string());
            scene.stand_in(pooler.port());
            scene.keep(pooler);
            scene.begun().await
        })
    }),
    ("row-level security hides the rows", Unready("sink", "mismatch"), || {
        Box::pin(async {
            let hide = "ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
                        CREATE POLICY own ON orders FOR INSERT TO worker WITH CHECK (true)";
            Scene::new().await.sql(hide).await.begun().await
        })
    }),
    ("a trigger refuses documents", Degraded("given_back"), || {
        Box::pin(async {
            let refuse = "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
                          $$ BEGIN RAISE EXCEPTION 'not today'; END $$;
                          CREATE TRIGGER refusing BEFORE INSERT ON orders
                          FOR EACH ROW EXECUTE FUNCTION refuse()";
            Scene::running().await.sql(refuse).await.produced().await
        })
    }),
    ("a CHECK refuses documents", Degraded("buried"), || {
        Box::pin(async {
            let check = "ALTER TABLE orders ADD CONSTRAINT few CHECK (payment_amount < 0)";
            Scene::running().await.sql(check).await.produced().await
        })
    }),
    ("a trigger keeps rows of items out", Degraded("kept_out"), || {
        Box::pin(async {
            let keep = "CREATE FUNCTION skip() RETURNS trigger LANGUAGE plpgsql AS
                        $$ BEGIN RETURN NULL; END $$;
                        CREATE TRIGGER skipping BEFORE INSERT ON order_items
                        FOR EACH ROW EXECUTE FUNCTION skip()";
            Scene::running().await.sql(keep).await.produced().await
        })
    }),
    ("every message is rejected", Degraded("all_rejected"), || {
        Box::pin(async { Scene::running().await.published("{}", 12).await })
    }),
    ("a crash would take what was committed", Fine, || {
        Box::pin(async {
            Scene::new().await.sql("ALTER TABLE order_items SET UNLOGGED").await.ready().await
        })
    }),
    ("an index is missing", Fine, || {
        Box::pin(async {
            Scene::new().await.sql("DROP INDEX order_items_order_id").await.ready().await
        })
    }),
    ("the role that mends letters has another password", Fine, || {
        Box::pin(async {
            let mut scene = Scene::new().await;
            scene.lab.folder.set("PG_PASSWORD_NS", format!("{CANARY}-other"));
            scene.ready().await
        })
    }),
];
