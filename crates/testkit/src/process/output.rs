//! What a process prints.

use std::io::{BufRead, BufReader, Read};
use std::process::Child;
use std::sync::Arc;
use std::thread;

use tokio::sync::watch;

/// Lines of a process that are shown when its test panics.
const TAIL: usize = 200;

/// What a process has printed so far.
#[derive(Debug, Clone, Default)]
pub struct Output {
    /// Its standard output.
    pub stdout: String,
    /// Its standard error.
    pub stderr: String,
}

impl Output {
    /// Both streams.
    fn streams(&self) -> [&str; 2] {
        [&self.stderr, &self.stdout]
    }

    pub(super) fn line_with(&self, needle: &str) -> Option<&str> {
        let with_needle = |stream: &&str| stream.contains(needle);
        let stream = self.streams().into_iter().find(with_needle)?;
        stream.lines().find(|line| line.contains(needle))
    }

    pub(super) fn tail(&self) -> String {
        let last = |stream: &str| {
            let lines: Vec<_> = stream.split_inclusive('\n').collect();
            lines[lines.len().saturating_sub(TAIL)..].concat()
        };
        self.streams().map(last).concat()
    }
}

/// Reads both streams on separate threads. The channel closes when both have ended.
pub(super) fn capture(child: &mut Child) -> watch::Receiver<Output> {
    let (sender, receiver) = watch::channel(Output::default());
    let sender = Arc::new(sender);
    if let Some(stdout) = child.stdout.take() {
        read_lines(stdout, Arc::clone(&sender), |output| &mut output.stdout);
    }
    if let Some(stderr) = child.stderr.take() {
        read_lines(stderr, sender, |output| &mut output.stderr);
    }
    receiver
}

fn read_lines(
    stream: impl Read + Send + 'static,
    output: Arc<watch::Sender<Output>>,
    place: fn(&mut Output) -> &mut String,
) {
    thread::spawn(move || {
        let mut stream = BufReader::new(stream);
        let mut line = Vec::new();
        while stream.read_until(b'\n', &mut line).is_ok_and(|length| length > 0) {
            output.send_modify(|all| place(all).push_str(&String::from_utf8_lossy(&line)));
            line.clear();
        }
    });
}
