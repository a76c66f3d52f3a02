//! One cause is one finding, however much of Postgres it affects.

use l0_testkit::require_services;

use crate::lab::{Lab, SOON};

/// A fault: how to make it, the check and the line that report it, in which words, and what repairs
/// it.
struct Fault {
    broken: &'static str,
    check: &'static str,
    line: &'static str,
    message: &'static str,
    help: &'static str,
    mended: &'static str,
}

/// The help of doctor.
const MIGRATE: &str = "l0-runtime migrate";

impl Fault {
    /// A fault of a role's privileges, which `migrate` grants.
    const fn of_rights(
        check: &'static str,
        line: &'static str,
        broken: &'static str,
        message: &'static str,
    ) -> Self {
        Self { broken, check, line, message, help: MIGRATE, mended: MIGRATE }
    }

    /// A fault of the tables.
    const fn of_tables(
        [broken, mended]: [&'static str; 2],
        [check, line]: [&'static str; 2],
        [message, help]: [&'static str; 2],
    ) -> Self {
        Self { broken, check, line, message, help, mended }
    }

    async fn assert(&self, lab: &Lab) {
        lab.sql(self.broken).await;
        let found = lab.doctor().await;
        assert_eq!(found.code, 1, "{}", self.broken);
        let check = format!("trouble sink.postgres {}", self.check);
        let line = lab.folder.line(self.line) + usize::from(self.line == TABLE);
        found.only().assert(&check, line, self.message, self.help);
        if self.mended == MIGRATE {
            let (status, output) = lab.folder.launch(&["migrate"]).run(SOON).await;
            assert!(status.success(), "{}: {}", self.broken, output.stderr);
        } else {
            lab.sql(self.mended).await;
        }
    }
}

const WORKER: &str = "user = \"${PG_USER_WORKER";
/// The table's name is on the next line.
const TABLE: &str = "[sink.postgres.table]";
const MENDER: &str = "user = \"${PG_USER_NS";

#[tokio::test]
async fn rights_that_a_role_lacks_are_one_trouble_with_all_that_they_concern() {
    require_services!();
    let lab = Lab::start().await;
    for fault in [
        Fault::of_rights(
            "privileges",
            WORKER,
            "REVOKE SELECT ON orders FROM worker",
            "role `worker` lacks privileges on `orders` (SELECT)",
        ),
        Fault::of_rights(
            "privileges",
            WORKER,
            "REVOKE ALL ON orders, order_items, dead_letters FROM worker",
            "`orders` (INSERT, SELECT), `order_items` (INSERT, SELECT), `dead_letters` (INSERT, SELECT)",
        ),
        Fault::of_rights(
            "privileges",
            WORKER,
            "REVOKE INSERT ON order_items FROM worker;
             GRANT INSERT (order_id, chrt_id, track_number, rid, name, sale, size, total_price)
                 ON order_items TO worker",
            "on `order_items` (INSERT of `price`, `nm_id`, `brand`, `status`)",
        ),
        Fault::of_rights(
            "privileges",
            WORKER,
            "REVOKE SELECT (letter_key) ON dead_letters FROM worker",
            "on `dead_letters` (SELECT of `letter_key`)",
        ),
        Fault::of_rights(
            "letters access",
            MENDER,
            "REVOKE ALL ON dead_letters FROM ns_user",
            "role `ns_user` has no privilege to SELECT, UPDATE, DELETE in `dead_letters`",
        ),
        Fault::of_rights(
            "tables",
            TABLE,
            "REVOKE USAGE ON SCHEMA public FROM PUBLIC",
            "roles `worker`, `ns_user` have no USAGE on schema `public`: `orders`, `order_items`, \
             `dead_letters` are not seen",
        ),
        Fault::of_rights(
            "letters access",
            MENDER,
            "REVOKE USAGE ON SCHEMA public FROM ns_user",
            "role `ns_user` has no USAGE on schema `public`",
        ),
    ] {
        fault.assert(&lab).await;
    }
    assert_eq!(lab.doctor().await.complaints(), [""; 0]);
}

#[tokio::test]
async fn a_table_that_is_absent_or_another_is_one_trouble() {
    require_services!();
    let lab = Lab::start().await;
    for fault in [
        Fault::of_tables(
            ["ALTER TABLE order_items RENAME TO parts", "ALTER TABLE parts RENAME TO order_items"],
            ["tables", "name = \"order_items\""],
            ["table `order_items` not found in database `service`", "or correct the name"],
        ),
        Fault::of_tables(
            ["DROP TABLE dead_letters", MIGRATE],
            ["tables", "[sink.postgres]"],
            ["table `dead_letters` not found in database `service`", MIGRATE],
        ),
        Fault::of_tables(
            [
                "ALTER TABLE orders RENAME TO former; CREATE TABLE orders (id bigint);
                 GRANT SELECT, INSERT ON orders TO worker",
                "DROP TABLE orders; ALTER TABLE former RENAME TO orders",
            ],
            ["mapping", "customer_id ="],
            ["columns `customer_id`, `date_created`, `deliveries`", "has the columns id"],
        ),
        Fault::of_tables(
            [
                "ALTER TABLE orders RENAME document TO body",
                "ALTER TABLE orders RENAME body TO document",
            ],
            ["mapping", "document ="],
            [
                "not found in table `orders`, whose column `body` is NOT NULL",
                "map to an existing column",
            ],
        ),
        Fault::of_tables(
            [
                "ALTER TABLE orders DROP CONSTRAINT orders_track_number_key",
                "ALTER TABLE orders ADD UNIQUE (track_number)",
            ],
            ["mapping", "key ="],
            ["key column `orders.track_number` is not unique", "UNIQUE"],
        ),
        Fault::of_tables(
            [
                "ALTER TABLE orders ENABLE ROW LEVEL SECURITY",
                "ALTER TABLE orders DISABLE ROW LEVEL SECURITY",
            ],
            ["mapping", TABLE],
            ["no policy that lets role `worker` SELECT or INSERT", "CREATE POLICY"],
        ),
        Fault::of_tables(
            ["DROP SCHEMA public CASCADE", "CREATE SCHEMA public"],
            ["tables", TABLE],
            ["schema `public` not found in database `service`", "CREATE SCHEMA \"public\""],
        ),
    ] {
        fault.assert(&lab).await;
    }
}

/// Both faults are `contended`, but different things help.
#[tokio::test]
async fn a_lock_in_the_way_is_one_trouble_with_the_session_that_holds_it() {
    require_services!();
    let lab = Lab::start().await;
    let mut holder = lab.postgres.admin().await;
    let lock = "BEGIN; LOCK TABLE orders IN ACCESS EXCLUSIVE MODE";
    sqlx::raw_sql(lock).execute(&mut holder).await.unwrap();
    let found = lab.doctor().await;
    let line = lab.folder.line("[sink.postgres.table]") + 1;
    let held = "of role `postgres` holds AccessExclusiveLock on orders";
    let complaint = found.only();
    complaint.assert("trouble sink.postgres catalog", line, held, "pg_terminate_backend");
    assert!(complaint.message.contains("(55P03)"), "{complaint:?}");
    let names = found.checks().iter().filter(|check| check["section"] == "sink.postgres");
    assert!(names.count() > 5, "what was seen before is told");
}
