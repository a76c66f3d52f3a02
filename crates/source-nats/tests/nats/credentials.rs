use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::{env, fs};

use l0_stage::{Error, Plugin, Source, Why};
use l0_testkit::{Port, eventually, require_services};
use tempfile::TempDir;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;

use crate::support::{SOON, config, context, publish, reason, receive, settle};

const CANARY: &str = "canary-7c1";

/// Enough for receiving, settling and publishing, but not for creating anything.
const LIMITED: &str = r#"["order", "$JS.ACK.>", "$JS.API.STREAM.INFO.>", "$JS.API.CONSUMER.INFO.>",
    "$JS.API.CONSUMER.MSG.NEXT.>"]"#;

/// A server that asks who is there.
struct Guarded {
    child: Child,
    port: Port,
    folder: TempDir,
}

impl Guarded {
    async fn start() -> Self {
        let (port, folder) = (Port::free(), tempfile::tempdir().expect("folder"));
        let file = folder.path().join("nats.conf");
        let text = format!(
            "listen: 127.0.0.1:{}\njetstream {{ store_dir: {:?} }}\nauthorization {{ users = [\n\
             {{ user: all, password: {CANARY} }}\n\
             {{ user: some, password: {CANARY}, permissions: {{ publish: {LIMITED} }} }}\n] }}",
            port.number(),
            folder.path()
        );
        fs::write(&file, text).expect("configuration");
        let child = Command::new(binary()).arg("-c").arg(file).stderr(Stdio::null()).spawn();
        let guarded = Self { child: child.expect("nats-server"), port, folder };
        let address = ("127.0.0.1", guarded.port.number());
        let greets = async || TcpStream::connect(address).await.ok()?.read_u8().await.ok();
        eventually(SOON, "the server greets", greets).await;
        guarded
    }

    async fn connect(&self, more: &str) -> Result<Box<dyn Source>, Error> {
        let url = format!("nats://127.0.0.1:{}", self.port.number());
        config(&url, more).connect(&context()).await
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn binary() -> PathBuf {
    let tools = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let tools = tools.join("../../.local/tools/bin/nats-server");
    match env::var_os("L0_NATS_SERVER") {
        Some(path) => path.into(),
        None if tools.is_file() => tools,
        None => "nats-server".into(),
    }
}

#[tokio::test]
async fn wrong_credentials_are_denied_and_never_shown() {
    require_services!();
    let server = Guarded::start().await;
    for wrong in [
        String::new(),
        format!("user = 'all'\npassword = '{CANARY}-wrong'"),
        format!("token = '{CANARY}'"),
    ] {
        let (why, text) = reason(server.connect(&wrong).await);
        assert_eq!(why, Why::Denied, "{text}");
        assert!(text.contains("refused the credentials"), "{text}");
        assert!(!text.contains(CANARY), "{text}");
    }
}

#[tokio::test]
async fn a_password_file_is_read_at_every_connect() {
    require_services!();
    let server = Guarded::start().await;
    let file = server.folder.path().join("password");
    let attempt = || format!("user = 'all'\npassword_file = {:?}", file);

    let (why, text) = reason(server.connect(&attempt()).await);
    assert_eq!(why, Why::Denied);
    assert!(text.starts_with("cannot read password file `"), "{text}");
    fs::write(&file, "wrong").expect("written");
    assert_eq!(reason(server.connect(&attempt()).await).0, Why::Denied);
    fs::write(&file, format!("{CANARY}\n")).expect("written");
    server.connect(&attempt()).await.unwrap_or_else(|error| panic!("{error}"));
}

#[tokio::test]
async fn a_missing_permission_is_denied_and_named() {
    require_services!();
    let server = Guarded::start().await;
    let limited = format!("user = 'some'\npassword = '{CANARY}'");
    let (why, text) = reason(server.connect(&limited).await);
    assert_eq!(why, Why::Denied, "{text}");
    assert!(text.contains("$JS.API.STREAM.CREATE.ORDERS"), "{text}");

    let admin = server.connect(&format!("user = 'all'\npassword = '{CANARY}'")).await;
    admin.unwrap_or_else(|error| panic!("{error}"));
    let source = server.connect(&limited).await.unwrap_or_else(|error| panic!("{error}"));
    publish(&*source, 2).await;
    settle(receive(&*source, 2).await).await;
    source.close().await.expect("closed");
}
