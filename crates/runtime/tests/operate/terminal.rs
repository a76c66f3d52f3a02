//! The binary on a terminal of its own.

use std::fs::File;
use std::io::{Read, Write};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::thread;

use rustix::process::{Pid, Signal, kill_process};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, Winsize, tcgetattr, tcsetwinsize};
use tokio::sync::watch;

use crate::screen::Screen;
use crate::stack::SOON;

/// A command, its terminal, and what both did.
pub struct Terminal {
    child: Child,
    keyboard: File,
    /// Kept open, so that its modes can be asked for.
    line: File,
    shown: watch::Receiver<Arc<str>>,
}

impl Terminal {
    /// The binary with these arguments on a terminal of 80 by 24.
    pub fn start(arguments: &[&str]) -> Self {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        let name = ptsname(&master, Vec::new()).unwrap().into_string().unwrap();
        let line = File::options().read(true).write(true).open(name).unwrap();
        let size = Winsize { ws_row: 24, ws_col: 80, ws_xpixel: 0, ws_ypixel: 0 };
        tcsetwinsize(&line, size).unwrap();
        let stdio = || Stdio::from(line.try_clone().unwrap());
        let child = Command::new(env!("CARGO_BIN_EXE_l0-runtime"))
            .args(arguments)
            .env_clear()
            .env("TERM", "xterm")
            .stdin(stdio())
            .stdout(stdio())
            .stderr(stdio())
            .spawn()
            .unwrap();
        let keyboard = File::from(master);
        let shown = watch_output(keyboard.try_clone().unwrap());
        Self { child, keyboard, line, shown }
    }

    pub fn press(&mut self, keys: &str) {
        self.keyboard.write_all(keys.as_bytes()).unwrap();
    }

    pub fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// The screen, as soon as this is on it.
    pub async fn wait_for(&mut self, wanted: &str) -> String {
        let seen = |output: &Arc<str>| screen(output).contains(wanted);
        let waited = tokio::time::timeout(SOON, self.shown.wait_for(seen)).await;
        let output = waited.map(|output| Arc::clone(&output.unwrap()));
        match output {
            Ok(output) => screen(&output),
            Err(_) => panic!("no `{wanted}` on\n{}", screen(&self.shown.borrow())),
        }
    }

    /// How it ended.
    pub async fn end(&mut self) -> ExitStatus {
        l0_testkit::eventually(SOON, "its end", async || self.child.try_wait().unwrap()).await
    }

    /// Whether lines are edited and echoed, and Ctrl-C is a signal.
    pub fn is_cooked(&self) -> bool {
        let modes = tcgetattr(&self.line).unwrap().local_modes;
        modes.contains(LocalModes::ICANON | LocalModes::ECHO | LocalModes::ISIG)
    }

    /// Fails unless a shell can go on with it: the cursor is there, and so is what was on the screen
    /// before.
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

/// Everything that was written so far. Its thread ends with the terminal.
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
