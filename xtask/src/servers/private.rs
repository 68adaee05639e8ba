//! A server process in a folder of its own, which ends and is removed with this program, however that ends.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::process::{self, Result};

/// Runs the server until its standard input ends: that happens on a drop, and also when this program is interrupted
/// or killed. The watcher is no child of the server, and stands in a process group that ctrl-c does not reach.
const GUARD: &str = r#"
signal=$1 folder=$2; shift 2
cd "$folder" || exit
exec 3<&0
"$@" >log 2>&1 3<&- &
server=$!
{ read -r _ <&3; [ -e ended ] || kill -"$signal" $server; } 2>/dev/null &
wait $server
: >ended
wait
cd / && rm -rf "$folder"
"#;

/// A folder that belongs to the user a server runs as.
pub struct Home {
    folder: PathBuf,
    user: Option<User>,
}

#[derive(Clone, Copy)]
struct User {
    id: u32,
    group: u32,
}

impl Home {
    /// Makes the folder. A server refuses to run as root, so root lends it to `user`.
    pub fn create(folder: &Path, user: &str) -> Result<Home> {
        let user = if is_root() { Some(User::named(user)?) } else { None };
        let make = |folder: &Path| fs::DirBuilder::new().mode(0o700).create(folder);
        let made = match make(folder) {
            Err(e) if e.kind() == ErrorKind::AlreadyExists => fs::remove_dir_all(folder).and_then(|()| make(folder)),
            made => made,
        };
        let owned = made.and_then(|()| user.map_or(Ok(()), |user| chown(folder, Some(user.id), Some(user.group))));
        owned.map_err(|e| format!("cannot make the folder `{}`: {e}", folder.display()))?;
        Ok(Home { folder: folder.to_owned(), user })
    }

    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.folder).env("HOME", &self.folder).env("TMPDIR", &self.folder).stdin(Stdio::null());
        if let Some(user) = self.user {
            command.uid(user.id).gid(user.group);
        }
        command
    }

    /// Runs a program to its end, as the folder's user.
    pub fn run(&self, program: &Path, arguments: &[&str]) -> Result {
        process::output(self.command(program).args(arguments)).map(drop)
    }

    /// Starts the server; the signal ends it.
    pub fn serve(mut self, signal: &str, program: &Path, arguments: &[&str]) -> Result<Server> {
        let mut command = self.command(Path::new("/bin/sh"));
        command.args(["-c", GUARD, "sh", signal]).arg(&self.folder).arg(program).args(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
        let guard = command.spawn().map_err(|e| format!("`{}` did not start: {e}", program.display()))?;
        let folder = std::mem::take(&mut self.folder);
        Ok(Server { guard, folder })
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        if !self.folder.as_os_str().is_empty() {
            let _ = fs::remove_dir_all(&self.folder);
        }
    }
}

/// A server that runs as long as this value lives.
pub struct Server {
    guard: Child,
    folder: PathBuf,
}

impl Server {
    /// Whether it has not ended by itself.
    pub fn is_running(&self) -> bool {
        !self.folder.join("ended").exists()
    }

    /// The end of what it wrote.
    pub fn log(&self) -> String {
        let log = fs::read_to_string(self.folder.join("log")).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(15)..].join("\n")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.guard.stdin.take());
        let _ = self.guard.wait();
    }
}

impl User {
    fn named(name: &str) -> Result<User> {
        let users = fs::read_to_string("/etc/passwd").unwrap_or_default();
        let found = users.lines().find_map(|line| {
            let mut fields = line.split(':');
            let is_it = fields.next()? == name;
            let (id, group) = (fields.nth(1)?.parse().ok()?, fields.next()?.parse().ok()?);
            is_it.then_some(User { id, group })
        });
        found.ok_or_else(|| format!("there is no user `{name}` to run the server as"))
    }
}

/// Whether this program runs as root.
pub fn is_root() -> bool {
    // The owner of a process's own folder is its effective user; elsewhere than on Linux nobody tests as root.
    fs::metadata("/proc/self").is_ok_and(|folder| folder.uid() == 0)
}
