use std::time::Duration;

use l0_testkit::{Runtime, eventually};
use tokio::net::TcpStream;

use crate::elsewhere;
use crate::folder::Folder;
use crate::page::{Page, root};
use crate::pattern::{self, LINES};
use crate::script::{Step, steps};

/// Five times the longest wait.
const SOON: Duration = Duration::from_secs(50);
/// The texts whose commands need NATS and Postgres.
pub const WITH_SERVICES: [&str; 2] = ["README.md", "README.ru.md"];

/// A reader who follows a text, block by block, in one folder. A command that does not end by
/// itself runs in its own terminal until the section ends.
pub struct Session {
    path: String,
    folder: Folder,
    running: Option<Runtime>,
    renewed: Vec<(Step, String)>,
    wrong: Vec<String>,
}

impl Session {
    /// Runs all commands of a text. Returns what is wrong with them.
    pub async fn run(page: &Page) -> Vec<String> {
        let folder = Folder::new(WITH_SERVICES.contains(&page.path.as_str())).await;
        let path = page.path.clone();
        let mut session = Self { path, folder, running: None, renewed: vec![], wrong: vec![] };
        let mut section = 0;
        for block in page.blocks().iter().filter(|block| block.language == "console") {
            if std::mem::replace(&mut section, block.section) != block.section {
                session.end_section().await;
            }
            match steps(block) {
                Ok(steps) => {
                    for step in steps {
                        session.step(step).await;
                    }
                }
                Err(error) => {
                    session.wrong.push(format!("{}:{}: {error}", page.path, block.line + 1))
                }
            }
        }
        session.end_section().await;
        bless(page, &session.renewed);
        session.wrong
    }

    async fn step(&mut self, step: Step) {
        let bare = step.bare();
        if elsewhere::runs(bare) {
            return;
        }
        let command = binary_of_make(bare);
        if serves(&command) {
            self.start(&step, &command).await
        } else {
            self.finish(step, &command).await
        }
    }

    /// Runs a command that ends by itself.
    async fn finish(&mut self, step: Step, command: &str) {
        let (status, output) = self.folder.shell(command).run(SOON).await;
        if !status.success() {
            self.complain(&step, &format!("{status}\n{}", output.stdout));
            return;
        }
        let printed = self.folder.told(&output.stdout);
        let printed: Vec<_> = printed.trim_end().lines().collect();
        if step.shown.is_empty() || pattern::matches(&step.shown, &printed) {
            return;
        }
        if std::env::var_os("L0_BLESS").is_some() && !pattern::is_open(&step.shown) {
            self.renewed.push((step, printed.join("\n")));
        } else {
            self.complain(&step, &format!("prints another text:\n{}", printed.join("\n")));
        }
    }

    /// Starts a command that runs while others are run.
    async fn start(&mut self, step: &Step, command: &str) {
        let running = self.folder.shell(&format!("exec {command}")).start();
        running.wait_for_log("listening url=", SOON).await;
        let ports = [&self.folder.page, &self.folder.ingest].map(|port| port.number());
        // The shipped pipeline does not listen for documents.
        let count = if command.contains("demo") || command.contains("http-to-") { 2 } else { 1 };
        for port in &ports[..count] {
            let connected = async || TcpStream::connect(("127.0.0.1", *port)).await.ok();
            eventually(SOON, &step.command, connected).await;
        }
        // The next command must find what this one creates, so this waits until it answers.
        let scheme = if command.contains("tls_cert_file") { "https" } else { "http" };
        let ask = self.folder.shell(&format!("curl --insecure {scheme}://127.0.0.1:8080/readyz"));
        let ready = async || ask.run(SOON).await.0.success().then_some(());
        eventually(SOON, &format!("`{command}` is ready"), ready).await;
        let shown = [step.shown.clone(), vec![LINES.to_owned()]].concat();
        eventually(SOON, &format!("{shown:#?} of `{command}`"), async || {
            let output = running.output().stdout;
            pattern::matches(&shown, &output.lines().collect::<Vec<_>>()).then_some(())
        })
        .await;
        self.running = Some(running);
    }

    async fn end_section(&mut self) {
        if let Some(running) = self.running.take() {
            running.int();
            let status = running.wait(SOON).await;
            assert!(status.success(), "{}: {status}: {}", self.path, running.output().stdout);
        }
    }

    fn complain(&mut self, step: &Step, what: &str) {
        self.wrong.push(format!("{}:{}: `{}`: {what}", self.path, step.line + 1, step.command));
    }
}

/// Whether it runs until it is interrupted.
fn serves(command: &str) -> bool {
    let verb = |verb: &str| command.starts_with(&format!("l0-runtime {verb}"));
    (verb("run") || verb("demo")) && !command.contains("--exit-when-drained")
}

/// `make demo` is `l0-runtime demo`, which was built before.
fn binary_of_make(command: &str) -> String {
    if !command.starts_with("make ") {
        return command.to_owned();
    }
    let made = elsewhere::made(command);
    let arguments = made.trim().split_once("--package l0-runtime -- ");
    let (cargo, arguments) =
        arguments.unwrap_or_else(|| panic!("the target does not run `{command}`: {made}"));
    assert!(cargo.starts_with("cargo run ") && !cargo.contains('\n'), "`{command}`: {made}");
    format!("l0-runtime {arguments}")
}

/// Replaces a shown output by the printed one.
fn bless(page: &Page, renewed: &[(Step, String)]) {
    if renewed.is_empty() {
        return;
    }
    let mut lines: Vec<_> = page.text.lines().map(str::to_owned).collect();
    for (step, printed) in renewed.iter().rev() {
        let range = step.output..step.output + step.shown.len();
        lines.splice(range, printed.trim_end().lines().map(|line| line.trim_end().to_owned()));
    }
    std::fs::write(root().join(&page.path), lines.join("\n") + "\n").unwrap();
}
