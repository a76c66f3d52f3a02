//! Clients post single orders and lines of orders while the demo is killed.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::body::Bytes;
use l0_testkit::ledger::{Intent, Ledger};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::client::{Client, Outcome};
use crate::lab::{Lab, binary, end, long, seed};
use crate::orders::order;
use crate::stack::SOON;
use crate::store;

const CLIENTS_OF_ONE: usize = 3;
const CLIENTS_OF_LINES: usize = 3;
const LINES: usize = 40;

/// An order and what its client was told.
type Answered = (Intent, Outcome);

#[derive(Default)]
struct Told {
    answered: Vec<Answered>,
    unanswered: Vec<Intent>,
}

#[tokio::test]
async fn a_demo_killed_under_load_has_every_201_and_takes_the_rest_again() {
    let lab = Lab::new();
    migrate(&lab).await;
    let ledger = Arc::new(Ledger::new(seed(), order));
    let (mut books, mut stored, mut again) = (Entered::default(), Vec::new(), Vec::new());
    for _ in 0..long().unwrap_or(5) {
        let demo = lab.start(&lab.with_data()).await;
        let (heard, mut hears) = mpsc::channel(1);
        let clients = load(&ledger, lab.ingest(), &heard);
        timeout(SOON, hears.recv()).await.unwrap().unwrap();
        sleep(Duration::from_millis(fastrand::u64(20..500))).await;
        demo.kill().await;
        for told in clients.join_all().await {
            again.extend(told.unanswered);
            stored.extend(books.enter(&ledger, told.answered));
        }
        is_there(&lab, &stored);
    }
    println!("{} stored, {} to be sent again", stored.len(), again.len());
    assert!(!again.is_empty(), "the demo was idle whenever it was killed");

    let demo = lab.start(&lab.with_data()).await;
    let mut client = Client::connect(lab.ingest()).await.unwrap();
    let mut answered = Vec::new();
    for intent in again {
        let outcome = client.post(intent.payload.clone()).await.unwrap();
        assert!(!outcome.is_open(), "{outcome:?}");
        answered.push((intent, outcome));
    }
    stored.extend(books.enter(&ledger, answered));
    is_there(&lab, &stored);
    end(&demo).await;
    assert_eq!(books.answers, ledger.totals().intended);
    store::judge(&ledger, &lab.data());
}

/// Creates the tables, so that a rule can be added to them.
async fn migrate(lab: &Lab) {
    let path = format!("sink.sqlite.path={}", lab.data().display());
    let migrate = binary().args(["migrate", "-c", "examples/http-to-sqlite.toml", "--set"]);
    let (status, output) = migrate.args([path]).run(SOON).await;
    assert!(status.success(), "{}", output.stderr);
    store::forbid_the_beast(&lab.data());
}

/// Clients that post until their connection breaks. `heard` receives a message at the first answer.
fn load(ledger: &Arc<Ledger>, at: SocketAddr, heard: &mpsc::Sender<()>) -> JoinSet<Told> {
    let sizes = [1; CLIENTS_OF_ONE].into_iter().chain([LINES; CLIENTS_OF_LINES]);
    sizes.map(|size| until_it_breaks(Arc::clone(ledger), at, size, heard.clone())).collect()
}

async fn until_it_breaks(
    ledger: Arc<Ledger>,
    at: SocketAddr,
    size: usize,
    heard: mpsc::Sender<()>,
) -> Told {
    let mut told = Told::default();
    let Some(mut client) = Client::connect(at).await else { return told };
    loop {
        let intents: Vec<_> = (0..size).map(|_| ledger.intend()).collect();
        let documents: Vec<_> = intents.iter().map(|intent| intent.payload.clone()).collect();
        let outcomes = match &documents[..] {
            [one] => client.post(one.clone()).await.into_iter().collect(),
            lines => client.post_lines(lines).await,
        };
        let _ = heard.try_send(());
        let broke = outcomes.len() < size;
        let mut outcomes = outcomes.into_iter();
        for intent in intents {
            match outcomes.next().filter(|outcome| !outcome.is_open()) {
                Some(outcome) => told.answered.push((intent, outcome)),
                None => told.unanswered.push(intent),
            }
        }
        if broke {
            return told;
        }
    }
}

/// What was answered so far.
#[derive(Default)]
struct Entered {
    answers: usize,
    /// A document is identified by its content: sent twice, it is one document, or one letter if it
    /// is bad.
    documents: HashSet<Bytes>,
}

impl Entered {
    /// Marks answered documents as confirmed. Returns those that were answered as stored.
    fn enter(&mut self, ledger: &Ledger, answered: Vec<Answered>) -> Vec<Answered> {
        for (intent, outcome) in &answered {
            assert!(matches!(outcome.status, 200 | 201 | 409 | 422), "{outcome:?}");
            self.answers += 1;
            if self.documents.insert(intent.payload.clone()) {
                ledger.confirm(intent.number);
            }
        }
        answered.into_iter().filter(|(_, outcome)| outcome.is_stored()).collect()
    }
}

/// Checks that each document is there, under the id in its answer, byte for byte.
fn is_there(lab: &Lab, stored: &[Answered]) {
    let store = store::open(&lab.data());
    for (intent, outcome) in stored {
        let found = store::document(&store, outcome.id.unwrap());
        assert_eq!(found.as_deref(), Some(&intent.payload[..]), "{outcome:?}");
    }
}
