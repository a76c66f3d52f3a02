//! Roles belong to a server, so two pipelines that `init` wrote must not share them.

use l0_testkit::{Launch, NatsServer, Postgres, require_services};
use sqlx::{AssertSqlSafe, ConnectOptions as _};

use crate::lab::Lab;
use crate::stack::{Pipeline, SOON, Stack};

/// A pipeline that `init` wrote, with its own database and passwords.
struct Made {
    lab: Lab,
    name: &'static str,
}

impl Made {
    fn new(name: &'static str) -> Self {
        let lab = Lab::new();
        let sample = r#"{"trip_id":"T-1","rider":"ann","day":"2024-05-01","legs":[{"n":1}]}"#;
        let file = format!("{name}.json");
        lab.sample(&file, sample);
        lab.done(&["init", "--from", &file, "--sink", "postgres", "--source", "nats"]);
        Self { lab, name }
    }

    fn command(&self, verb: &str, nats: &NatsServer, postgres: &Postgres) -> Launch {
        let launch = self.lab.launch(&[verb]).env("NATS_PORT", nats.port().to_string());
        let launch =
            launch.env("NATS_HOST", "127.0.0.1").env("FRONTEND_PORT", "0").env("OBSERVE_PORT", "0");
        let launch = launch.env("PG_HOST", Postgres::HOST).env("PG_DATABASE", self.name);
        let launch = launch.env("PG_PORT", postgres.port().to_string());
        let launch = launch.env("PG_USER_ADMIN", Postgres::USER);
        let launch = launch.env("PG_PASSWORD_ADMIN", Postgres::PASSWORD);
        let launch = launch.env("PG_PASSWORD_WORKER", format!("canary-7c1f-{}", self.name));
        launch.env("PG_PASSWORD_NS", format!("canary-7c1f-letters-{}", self.name))
    }

    async fn migrated_and_run(&self, stack: &Stack) -> Pipeline {
        let create = format!("CREATE DATABASE {}", self.name);
        sqlx::query(AssertSqlSafe(create)).execute(&mut stack.admin().await).await.unwrap();
        let migrate = self.command("migrate", &stack.nats, &stack.postgres);
        let (status, output) = migrate.run(SOON).await;
        assert!(status.success(), "{}", output.stderr);
        let running = self.command("run", &stack.nats, &stack.postgres).start();
        let running = Pipeline::of(running).await;
        running.until_ready().await;
        running
    }

    async fn stores(&self, stack: &Stack, id: i64, running: &Pipeline) {
        let jetstream = stack.jetstream().await;
        let trip = format!(r#"{{"trip_id":"T-{id}","rider":"ann","day":"2024-05-01","legs":[]}}"#);
        jetstream.publish(self.name, trip.into()).await.unwrap().await.unwrap();
        l0_testkit::eventually(SOON, "stored", async || {
            let answer = running.get(&format!("/get-json?id={id}")).await;
            (answer.status == 200).then_some(())
        })
        .await;
    }
}

#[tokio::test]
async fn two_pipelines_on_one_server_with_passwords_of_their_own_both_work() {
    require_services!();
    let stack = Stack::unmigrated().await;
    let (trip, ride) = (Made::new("trip"), Made::new("ride"));
    let config = trip.lab.read("pipeline.toml");
    assert!(config.contains("trip_worker}") && config.contains("trip_letters}"), "{config}");
    let first = trip.migrated_and_run(&stack).await;
    trip.stores(&stack, 1, &first).await;
    let second = ride.migrated_and_run(&stack).await;
    ride.stores(&stack, 1, &second).await;

    let mut admin = stack.postgres.options().database("trip").connect().await.unwrap();
    let close = "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
        WHERE usename = 'trip_worker'";
    sqlx::query(close).execute(&mut admin).await.unwrap();
    trip.stores(&stack, 2, &first).await;
    first.drain().await;
    second.drain().await;
}
