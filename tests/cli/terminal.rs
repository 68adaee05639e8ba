//! A terminal with somebody at it: a program is shown one, its text is waited for, keys are pressed.

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::process::Child;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use rustix::fs::OFlags;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

use crate::project::{Program, Said};

pub const ENTER: &str = "\r";
pub const DOWN: &str = "\x1b[B";
pub const ESC: &str = "\x1b";
pub const CTRL_C: &str = "\x03";

const PATIENCE: Duration = Duration::from_secs(30);

/// A program that runs at a terminal.
pub struct Terminal {
    arguments: String,
    keys: File,
    said: Receiver<Vec<u8>>,
    child: Child,
    /// All that was said so far, and how much of it was waited for.
    raw: Vec<u8>,
    seen: usize,
}

impl Terminal {
    /// Starts a program.
    pub fn start(program: &Program, arguments: &[&str]) -> Terminal {
        let here = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("there are terminals");
        grantpt(&here).and_then(|()| unlockpt(&here)).expect("a terminal is for who opened it");
        tcsetwinsize(&here, Winsize { ws_row: 40, ws_col: 100, ws_xpixel: 0, ws_ypixel: 0 }).expect("it has a size");
        let name = ptsname(&here, Vec::new()).expect("it has a name").into_string().expect("in ASCII");
        let flags = i32::try_from(OFlags::NOCTTY.bits()).expect("a flag of open");
        let there = OpenOptions::new().read(true).write(true).custom_flags(flags).open(name).expect("it has two ends");
        let other = |file: &File| file.try_clone().expect("a file can be had twice");
        let mut command = program.command(arguments);
        command.stdin(other(&there)).stdout(other(&there)).stderr(there);
        let child = command.spawn().expect("the program starts");
        drop(command);
        let keys = File::from(here);
        let mut screen = other(&keys);
        let (sender, said) = channel();
        thread::spawn(move || {
            let mut buffer = [0; 4096];
            // When the program has ended, reading is an error.
            while let Ok(count @ 1..) = screen.read(&mut buffer) {
                if sender.send(buffer[..count].to_vec()).is_err() {
                    break;
                }
            }
        });
        Terminal { arguments: arguments.join(" "), keys, said, child, raw: Vec::new(), seen: 0 }
    }

    /// Waits until it says something, after what was waited for before.
    #[track_caller]
    pub fn waits_for(&mut self, text: &str) -> &mut Terminal {
        let end = Instant::now() + PATIENCE;
        loop {
            let shown = self.shown();
            if let Some(at) = shown[self.seen..].find(text) {
                self.seen += at + text.len();
                return self;
            }
            match self.said.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok(bytes) => self.raw.extend(bytes),
                Err(_) => panic!("`manage {}` does not say `{text}` but:\n{shown}", self.arguments),
            }
        }
    }

    /// Presses keys.
    pub fn press(&mut self, keys: &str) -> &mut Terminal {
        self.keys.write_all(keys.as_bytes()).expect("somebody reads the keys");
        self
    }

    /// Waits until it ends: what it said, without colours, and its exit code.
    pub fn end(&mut self) -> Said {
        let end = Instant::now() + PATIENCE;
        loop {
            match self.said.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok(bytes) => self.raw.extend(bytes),
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => {
                    let _ = self.child.kill();
                    panic!("`manage {}` does not end:\n{}", self.arguments, self.shown());
                }
            }
        }
        let code = self.child.wait().expect("it ended").code();
        Said::new(&self.arguments, code, &self.shown())
    }

    /// All that it said, with the codes for colours and the cursor.
    pub fn raw(&self) -> String {
        String::from_utf8_lossy(&self.raw).into_owned()
    }

    fn shown(&self) -> String {
        without_codes(&self.raw())
    }
}

/// A text without the codes that a terminal takes for colours and the cursor.
fn without_codes(text: &str) -> String {
    let mut out = String::new();
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\x1b' => {
                if letters.next() == Some('[') {
                    letters.find(|c| c.is_ascii_alphabetic());
                }
            }
            '\r' => {}
            _ => out.push(letter),
        }
    }
    out
}
