//! The terminal, from entering the full screen to leaving it.

use std::io;
use std::thread;
use std::time::Duration;

use ratatui::crossterm::event::{self, Event, KeyCode, KeyEventKind, KeyModifiers};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, interval};

use super::ask::snapshot;
use super::draw::View;
use super::snapshot::Snapshot;
use crate::commands::client::Client;
use crate::exit::Exit;

/// Time between two requests to the instance.
const EVERY: Duration = Duration::from_millis(500);

/// Shows an instance until the user or a signal ends the command.
pub async fn show(client: Client, mut view: View) -> Result<(), Exit> {
    let failed = |error: io::Error| Exit::failed(format!("the terminal: {error}"));
    let mut ended = Ended::listen().map_err(failed)?;
    // Created before the terminal is changed, so that a change that fails half-way is undone too.
    let _taken = Taken;
    let mut terminal = ratatui::try_init().map_err(failed)?;
    let (mut rounds, mut events) = (look(client), listen());
    loop {
        terminal.draw(|frame| view.draw(frame)).map_err(failed)?;
        tokio::select! {
            round = rounds.recv() => match round {
                Some(round) => view.take(round),
                None => return Err(Exit::failed("the task that asks the instance has ended")),
            },
            event = events.recv() => match event {
                Some(Err(error)) => return Err(failed(error)),
                Some(Ok(event)) if leaves(&event) => return Ok(()),
                Some(Ok(_)) => {}
                None => return Err(Exit::failed("the thread that reads the keyboard has ended")),
            },
            () = ended.wait() => return Ok(()),
        }
    }
}

/// Restores the terminal when it is dropped. After a panic the hook of `try_init` does it.
struct Taken;

impl Drop for Taken {
    fn drop(&mut self) {
        ratatui::restore();
    }
}

impl View {
    /// Updates the view with the result of a request to the instance.
    pub fn take(&mut self, round: Result<Snapshot, Exit>) {
        match round {
            Ok(snapshot) => (self.last, self.stale) = (snapshot, None),
            Err(exit) => self.stale = Some(exit.problem.message),
        }
    }
}

fn look(mut client: Client) -> mpsc::Receiver<Result<Snapshot, Exit>> {
    let (sender, rounds) = mpsc::channel(1);
    tokio::spawn(async move {
        let mut ticks = interval(EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            let round = snapshot(&mut client).await;
            if sender.send(round).await.is_err() {
                return;
            }
        }
    });
    rounds
}

/// Key presses and resizes. The thread that reads them is not stopped at the end of the command,
/// because only a key press can wake it.
fn listen() -> mpsc::Receiver<io::Result<Event>> {
    let (sender, events) = mpsc::channel(1);
    thread::spawn(move || {
        loop {
            let event = event::read();
            let last = event.is_err();
            if sender.blocking_send(event).is_err() || last {
                return;
            }
        }
    });
    events
}

/// Whether a key ends the command: `q`, Escape, or Ctrl-C, which is an ordinary key here.
fn leaves(event: &Event) -> bool {
    let Event::Key(key) = event else { return false };
    let control = key.modifiers.contains(KeyModifiers::CONTROL);
    let leaves = match key.code {
        KeyCode::Char('c') => control,
        KeyCode::Char('q') | KeyCode::Esc => true,
        _ => false,
    };
    leaves && key.kind == KeyEventKind::Press
}

/// The signals that end the process. They are caught, because the terminal must be restored first.
struct Ended([tokio::signal::unix::Signal; 3]);

impl Ended {
    fn listen() -> io::Result<Self> {
        let kinds = [SignalKind::terminate(), SignalKind::interrupt(), SignalKind::hangup()];
        let [terminate, interrupt, hangup] = kinds.map(signal);
        Ok(Self([terminate?, interrupt?, hangup?]))
    }

    async fn wait(&mut self) {
        let Self([terminate, interrupt, hangup]) = self;
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
            _ = hangup.recv() => {}
        }
    }
}
