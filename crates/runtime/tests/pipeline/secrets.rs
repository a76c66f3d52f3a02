use l0_testkit::{Shutdown, require_services};

use crate::stack::{SOON, Stack};

const CANARY: &str = "canary-7c1f";

#[tokio::test]
async fn no_password_appears_in_any_output_however_much_is_said_and_whatever_fails() {
    require_services!();
    let mut stack = Stack::unmigrated().await;
    // The user and password are sent even though this server does not ask for them.
    stack.set("L0_SOURCE__NATS__USER", "orders").set("L0_SOURCE__NATS__PASSWORD", CANARY);
    stack.set("RUST_LOG", "trace");
    let mut outputs = Vec::new();
    for command in [["-vv", "migrate"], ["-vv", "validate"], ["-vv", "produce"]] {
        outputs.push(stack.command(command).run(SOON).await.1);
    }
    let pipeline = stack.begin_with(["-vv", "run"]).await;
    pipeline.until_ready().await;
    stack.postgres.stop(Shutdown::Immediate).await;
    stack.produce().await;
    pipeline.until_unready("sink:unreachable").await;
    let ready = pipeline.get("/readyz").await;
    assert!(!String::from_utf8_lossy(&ready.body).contains(CANARY));
    stack.postgres.restart().await;
    pipeline.until_ready().await;
    outputs.push(pipeline.drain().await);

    stack.set("PG_PASSWORD_WORKER", "canary-7c1f-wrong");
    let pipeline = stack.begin_with(["-vv", "run"]).await;
    pipeline.until_unready("sink:denied").await;
    outputs.push(pipeline.drain().await);
    stack.set("PG_PASSWORD_WORKER", "");
    outputs.push(stack.command(["run"]).run(SOON).await.1);
    stack.set("PG_PORT", "canary-7c1f-not-a-port");
    outputs.push(stack.command(["-vv", "run"]).run(SOON).await.1);

    let (port, rest): (Vec<_>, Vec<_>) =
        outputs.iter().partition(|output| output.stderr.contains("not-a-port"));
    assert_eq!(port.len(), 1, "a value that is no secret is shown, so that it can be mended");
    for output in rest {
        let said = format!("{}{}", output.stdout, output.stderr);
        assert!(!said.contains(CANARY), "{said}");
    }
    let log = stack.postgres.log();
    assert!(!log.contains("canary-7c1f-worker") && !log.contains("canary-7c1f-ns"), "{log}");
}
