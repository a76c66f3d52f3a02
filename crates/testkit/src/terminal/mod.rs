//! A command in a real terminal.

mod screen;

use std::ffi::OsStr;
use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Child, Command, ExitStatus};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use anyhow::Context as _;
use rustix::process::{Pid, Signal, kill_process};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, Winsize, tcgetattr, tcsetwinsize};
use tokio::sync::watch;

use crate::{eventually, programs};
use screen::Screen;

/// Longest wait for a text on the screen.
const SOON: Duration = Duration::from_secs(50);

/// A command on its own terminal of 80 by 24, with everything that both wrote.
#[derive(Debug)]
pub struct Terminal {
    child: Child,
    keyboard: File,
    /// Kept open, so that its modes can be read.
    line: File,
    shown: watch::Receiver<Arc<str>>,
}

impl Terminal {
    /// Starts a command in a folder. Its environment contains only `TERM`.
    ///
    /// # Panics
    /// It cannot be started.
    #[must_use = "it is killed when the value is dropped"]
    pub fn start(program: impl AsRef<OsStr>, arguments: &[&str], folder: &Path) -> Self {
        let started = Self::try_start(program.as_ref(), arguments, folder);
        started.unwrap_or_else(|error| panic!("no terminal: {error:#}"))
    }

    fn try_start(program: &OsStr, arguments: &[&str], folder: &Path) -> anyhow::Result<Self> {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY)?;
        grantpt(&master)?;
        unlockpt(&master)?;
        let name = ptsname(&master, Vec::new())?.into_string()?;
        let line = File::options().read(true).write(true).open(name)?;
        let size = Winsize { ws_row: 24, ws_col: 80, ws_xpixel: 0, ws_ypixel: 0 };
        tcsetwinsize(&line, size)?;
        // A separate session, so that Ctrl-C is a signal only for the command. `setsid` becomes the
        // command.
        let setsid = programs::in_path("setsid").context("setsid (util-linux) not found")?;
        let mut command = Command::new(setsid);
        command.arg("--ctty").arg(program).args(arguments).current_dir(folder);
        command.env_clear().env("TERM", "xterm");
        command.stdin(line.try_clone()?).stdout(line.try_clone()?).stderr(line.try_clone()?);
        let child = command.spawn()?;
        let keyboard = File::from(master);
        let shown = watch_output(keyboard.try_clone()?);
        Ok(Self { child, keyboard, line, shown })
    }

    /// Types these keys; `\u{3}` is Ctrl-C.
    ///
    /// # Panics
    /// When the terminal is gone.
    pub fn press(&mut self, keys: &str) {
        let pressed = self.keyboard.write_all(keys.as_bytes());
        pressed.unwrap_or_else(|error| panic!("cannot press {keys:?}: {error}"));
    }

    /// Signals the command.
    ///
    /// # Panics
    /// When it has ended.
    pub fn signal(&self, signal: Signal) {
        let sent = kill_process(Pid::from_child(&self.child), signal);
        sent.unwrap_or_else(|error| panic!("cannot send {signal:?}: {error}"));
    }

    /// The screen, as soon as this text is on it.
    ///
    /// # Panics
    /// When it does not appear.
    pub async fn wait_for(&mut self, wanted: &str) -> String {
        let seen = |output: &Arc<str>| screen(output).contains(wanted);
        let waited = tokio::time::timeout(SOON, self.shown.wait_for(seen)).await;
        let found = waited.ok().and_then(Result::ok).map(|output| screen(&output));
        found.unwrap_or_else(|| panic!("no `{wanted}` on\n{}", screen(&self.shown.borrow())))
    }

    /// The exit status, once it has ended.
    ///
    /// # Panics
    /// When it goes on.
    pub async fn end(&mut self) -> ExitStatus {
        eventually(SOON, "its end", async || self.child.try_wait().ok().flatten()).await
    }

    /// Whether lines are edited and echoed, and Ctrl-C sends a signal.
    #[must_use]
    pub fn is_cooked(&self) -> bool {
        let cooked = LocalModes::ICANON | LocalModes::ECHO | LocalModes::ISIG;
        tcgetattr(&self.line).is_ok_and(|modes| modes.local_modes.contains(cooked))
    }

    /// Fails unless a shell can continue with the terminal: the cursor is visible, and the earlier
    /// screen is restored.
    ///
    /// # Panics
    /// When it cannot.
    pub async fn given_back(&mut self) {
        let given_back = |output: &Arc<str>| {
            let last = |on: &str, off: &str| output.rfind(on) > output.rfind(off);
            last("\u{1b}[?1049l", "\u{1b}[?1049h") && last("\u{1b}[?25h", "\u{1b}[?25l")
        };
        let waited = tokio::time::timeout(SOON, self.shown.wait_for(given_back)).await;
        assert!(waited.is_ok_and(|output| output.is_ok()), "{:?}", self.shown.borrow());
        assert!(self.is_cooked());
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn screen(output: &str) -> String {
    let mut screen = Screen::new();
    screen.write(output);
    screen.text()
}

/// Collects everything that is written. Its thread ends with the terminal.
fn watch_output(mut master: File) -> watch::Receiver<Arc<str>> {
    let (sender, shown) = watch::channel(Arc::from(""));
    thread::spawn(move || {
        let (mut all, mut some) = (Vec::new(), [0; 4096]);
        while let Ok(read) = master.read(&mut some) {
            all.extend_from_slice(&some[..read]);
            sender.send_replace(String::from_utf8_lossy(&all).into());
        }
    });
    shown
}
