//! Faults of NATS.

use std::time::{Duration, SystemTime};

use async_nats::jetstream::consumer::{PriorityPolicy, pull, push};
use async_nats::jetstream::stream::{Config, ConsumerLimits, RetentionPolicy};

use futures_util::StreamExt;

use super::Fault;
use super::scene::Scene;
use super::told::Code::{Away, Degraded, Fine, Unready};
use crate::lab::{CANARY, Lab};
use crate::nats::{durable, stream as queue};

pub const FAULTS: &[Fault] = &[
    ("nats-server is stopped", Away("source", "unreachable"), || {
        Box::pin(async {
            let mut scene = Scene::running().await;
            scene.lab.nats.stop().await;
            scene
        })
    }),
    ("nats-server is not there at the start", Unready("source", "unreachable"), || {
        Box::pin(async {
            let mut scene = Scene::new().await;
            scene.lab.nats.stop().await;
            scene.begun().await
        })
    }),
    ("nats-server hangs", Away("source", "timed_out"), || {
        Box::pin(async {
            let scene = Scene::running().await;
            scene.lab.nats.freeze();
            scene
        })
    }),
    ("nats-server refuses the password", Unready("source", "denied"), || {
        Box::pin(async {
            let scene = allowed("").await;
            scene.lab.folder.replace("password = \"${NATS_PW}\"", "password = \"other\"");
            scene.begun().await
        })
    }),
    ("nats-server asks for credentials and gets none", Unready("source", "denied"), || {
        Box::pin(async {
            let scene = allowed("").await;
            scene.lab.folder.replace("user = \"l0\"\npassword = \"${NATS_PW}\"\n", "");
            scene.begun().await
        })
    }),
    ("the account has no JetStream", Unready("source", "mismatch"), || {
        Box::pin(async {
            let accounts = "accounts { A { users: [{ user: u, password: p }] } }\nno_auth_user: u";
            Scene::of(Lab::with_nats(accounts).await).begun().await
        })
    }),
    ("the user may not ack", Unready("source", "denied"), || {
        Box::pin(async { denied("$JS.ACK.>").await.produced().await })
    }),
    ("the user may not pull", Unready("source", "denied"), || {
        Box::pin(denied("$JS.API.CONSUMER.MSG.NEXT.>"))
    }),
    ("the user may not look at the durable", Unready("source", "denied"), || {
        Box::pin(denied("$JS.API.CONSUMER.INFO.>"))
    }),
    ("the user may not look at the stream", Unready("source", "denied"), || {
        Box::pin(denied("$JS.API.STREAM.INFO.>"))
    }),
    ("the durable is paused", Unready("source", "paused"), || {
        Box::pin(async {
            let scene = Scene::running().await;
            let stream = stream(&scene).await;
            let until = SystemTime::now() + Duration::from_secs(3600);
            stream.pause_consumer("order-workers", until.into()).await.unwrap();
            scene.produced().await
        })
    }),
    (
        "another instance hangs and holds all that max_ack_pending allows",
        Unready("source", "stalled"),
        || {
            Box::pin(async {
                let scene = Scene::new().await;
                let stream = made(&scene, queue()).await;
                let durable = pull::Config { max_ack_pending: 5, ack_wait: HOURS, ..durable() };
                let durable = stream.create_consumer(durable).await.unwrap();
                let scene = scene.published(ORDER, 10).await;
                let held = durable.fetch().max_messages(5).messages().await.unwrap();
                assert_eq!(held.count().await, 5);
                scene.lab.folder.replace("ack_wait_secs = 30 ", "ack_wait_secs = 3600 #");
                scene
                    .lab
                    .folder
                    .replace("[source.nats]", "[source.nats]\nmax_ack_pending = 5\nmanage = false");
                scene.lab.folder.replace("max_batch = 500", "max_batch = 1");
                scene.begun().await
            })
        },
    ),
    ("the stream is at its max_bytes", Degraded("source_full"), || {
        Box::pin(async { filled(Config { max_bytes: 20_000, ..queue() }).await })
    }),
    ("the stream is at its max_msgs", Degraded("source_full"), || {
        Box::pin(async { filled(Config { max_messages: 3, ..queue() }).await })
    }),
    ("the stream is not there, and may not be made", Unready("source", "mismatch"), || {
        Box::pin(async {
            let scene = Scene::new().await;
            unmanaged(&scene);
            scene.begun().await
        })
    }),
    ("the durable is not there, and may not be made", Unready("source", "mismatch"), || {
        Box::pin(async {
            let scene = Scene::new().await;
            made(&scene, queue()).await;
            unmanaged(&scene);
            scene.begun().await
        })
    }),
    ("the stream takes another subject", Unready("source", "mismatch"), || {
        Box::pin(async {
            let scene = Scene::new().await;
            made(&scene, Config { subjects: vec!["other".to_owned()], ..queue() }).await;
            scene.begun().await
        })
    }),
    ("another stream takes the subject", Unready("source", "mismatch"), || {
        Box::pin(async {
            let scene = Scene::new().await;
            made(&scene, Config { name: "OTHERS".to_owned(), ..queue() }).await;
            scene.begun().await
        })
    }),
    ("another consumer takes the subject of a work queue", Unready("source", "mismatch"), || {
        Box::pin(async {
            let other = pull::Config { durable_name: Some("other".to_owned()), ..durable() };
            with_durable(other).await
        })
    }),
    ("the durable takes another subject", Unready("source", "mismatch"), || {
        Box::pin(async {
            let scene = Scene::new().await;
            let subjects = vec!["order".to_owned(), "other".to_owned()];
            let stream = made(&scene, Config { subjects, ..queue() }).await;
            let other = pull::Config { filter_subject: "other".to_owned(), ..durable() };
            stream.create_consumer(other).await.unwrap();
            scene.begun().await
        })
    }),
    ("the durable pushes its messages", Unready("source", "mismatch"), || {
        Box::pin(async {
            let scene = Scene::new().await;
            let stream = made(&scene, queue()).await;
            let pushing = push::Config {
                durable_name: Some("order-workers".to_owned()),
                deliver_subject: "there".to_owned(),
                filter_subject: "order".to_owned(),
                ..push::Config::default()
            };
            stream.create_consumer(pushing).await.unwrap();
            scene.begun().await
        })
    }),
    ("the durable has priority groups", Unready("source", "mismatch"), || {
        Box::pin(async {
            let grouped = pull::Config {
                priority_policy: PriorityPolicy::Overflow,
                priority_groups: vec!["near".to_owned()],
                ..durable()
            };
            with_durable(grouped).await
        })
    }),
    ("the stream limits its consumers", Fine, || {
        Box::pin(async {
            let scene = Scene::new().await;
            let limits = ConsumerLimits { max_ack_pending: 1000, ..ConsumerLimits::default() };
            made(&scene, Config { consumer_limits: Some(limits), ..queue() }).await;
            scene.ready().await
        })
    }),
    ("the stream drops what is old", Fine, || {
        Box::pin(async {
            let scene = Scene::new().await;
            made(&scene, Config { max_age: HOURS, ..queue() }).await;
            scene.ready().await
        })
    }),
    ("another program has set the ack wait of the durable", Fine, || {
        Box::pin(async {
            let scene = Scene::new().await;
            let stream = made(&scene, queue()).await;
            let other = pull::Config { ack_wait: HOURS, ..durable() };
            stream.create_consumer(other).await.unwrap();
            scene.lab.folder.replace("[source.nats]", "[source.nats]\nmanage = false");
            scene.ready().await
        })
    }),
];

const ORDER: &str = include_str!("../../../../../schemas/order.sample.json");

const HOURS: Duration = Duration::from_secs(3 * 3600);

type Stream = async_nats::jetstream::stream::Stream;

async fn made(scene: &Scene, config: Config) -> Stream {
    scene.lab.jetstream().await.create_stream(config).await.unwrap()
}

async fn stream(scene: &Scene) -> Stream {
    scene.lab.jetstream().await.get_stream("ORDERS").await.unwrap()
}

async fn with_durable(durable: pull::Config) -> Scene {
    let scene = Scene::new().await;
    made(&scene, queue()).await.create_consumer(durable).await.unwrap();
    scene.begun().await
}

fn unmanaged(scene: &Scene) {
    scene.lab.folder.replace("[source.nats]", "[source.nats]\nmanage = false");
}

/// A stream that keeps settled messages, and is filled until it refuses.
async fn filled(limits: Config) -> Scene {
    let scene = Scene::new().await;
    made(&scene, Config { retention: RetentionPolicy::Limits, ..limits }).await;
    let jetstream = scene.lab.jetstream().await;
    while jetstream.publish("order", ORDER.into()).await.unwrap().await.is_ok() {}
    scene.ready().await
}

/// A server with two users: one may do anything, the other anything except this.
fn users(denied: &str) -> String {
    let denied = match denied {
        "" => String::new(),
        subject => format!(", permissions: {{ publish: {{ deny: [\"{subject}\"] }} }}"),
    };
    format!(
        "authorization {{ users = [ {{ user: l0, password: {CANARY}-nats{denied} }},
            {{ user: all, password: all }} ] }}"
    )
}

async fn allowed(denied: &str) -> Scene {
    let mut lab = Lab::with_nats(&users(denied)).await;
    let login = "[source.nats]\nuser = \"l0\"\npassword = \"${NATS_PW}\"\n";
    lab.folder.replace("[source.nats]\n", login);
    lab.folder.set("NATS_PW", format!("{CANARY}-nats"));
    Scene::of(lab)
}

/// A running pipeline that may not publish to this subject any more.
async fn denied(subject: &str) -> Scene {
    let scene = allowed("").await.ready().await;
    scene.lab.nats.reload(&users(subject)).await;
    scene
}
