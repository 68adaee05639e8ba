//! PostgreSQL: its programs, a server without durability, and the few messages that run one statement.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::private::{Home, Server};
use crate::process::{self, Result};

/// The programs of one installation.
pub struct Programs {
    initdb: PathBuf,
    postgres: PathBuf,
}

impl Programs {
    /// Those on the path, else of Debian's newest version.
    pub fn find() -> Option<Programs> {
        let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
        let mut versions: Vec<(u32, PathBuf)> = versions
            .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
            .collect();
        versions.sort();
        let debian: Vec<PathBuf> = versions.into_iter().rev().map(|(_, bin)| bin).collect();
        let find = |name| process::find(name, &[]).or_else(|| process::find(name, &debian));
        Some(Programs { initdb: find("initdb")?, postgres: find("postgres")? })
    }
}

/// Starts a server.
pub fn start(folder: &Path, port: u16) -> Result<Server> {
    let programs = Programs::find().ok_or("`initdb` and `postgres` are not installed")?;
    let home = Home::create(folder, "postgres")?;
    let data = folder.join("data").to_string_lossy().into_owned();
    let mut init = vec!["-D", &data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync"];
    if cfg!(target_os = "linux") {
        init.push("--locale=C.UTF-8");
    }
    home.run(&programs.initdb, &init)?;
    let port = port.to_string();
    let socket = format!("unix_socket_directories={}", folder.display());
    let mut arguments = vec!["-D", &data, "-p", &port, "-h", "127.0.0.1", "-c", &socket];
    let quick = ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=300"];
    arguments.extend(quick.iter().flat_map(|setting| ["-c", setting]));
    home.serve("QUIT", &programs.postgres, &arguments)
}

/// Runs a statement on a local server that trusts the user `postgres`, and gives the server's version.
pub fn execute(port: u16, sql: &str) -> Result<String> {
    let stream = TcpStream::connect(("127.0.0.1", port)).map_err(|e| format!("nothing listens: {e}"))?;
    talk(stream, sql).map_err(|e| format!("not a PostgreSQL server: {e}"))?
}

fn talk(mut stream: TcpStream, sql: &str) -> std::io::Result<Result<String>> {
    stream.set_read_timeout(Some(Duration::from_secs(60)))?;
    let hello = b"\0\x03\0\0user\0postgres\0database\0postgres\0\0";
    stream.write_all(&length(hello.len()))?;
    stream.write_all(hello)?;
    let mut version = String::new();
    let mut failure = None;
    let mut asked = false;
    loop {
        let (kind, body) = message(&mut stream)?;
        match kind {
            b'R' if body != [0; 4] => return Ok(Err("it asks for a password".into())),
            b'S' => {
                let mut texts = body.split(|byte| *byte == 0).map(String::from_utf8_lossy);
                if texts.next().as_deref() == Some("server_version") {
                    version = format!("PostgreSQL {}", texts.next().unwrap_or_default());
                }
            }
            b'E' => {
                let text = body.split(|byte| *byte == 0).find_map(|field| field.strip_prefix(b"M"));
                let text = String::from_utf8_lossy(text.unwrap_or_default()).into_owned();
                if !asked {
                    return Ok(Err(text));
                }
                failure = Some(text);
            }
            b'Z' if asked => return Ok(failure.map_or(Ok(version), Err)),
            b'Z' => {
                asked = true;
                stream.write_all(b"Q")?;
                stream.write_all(&length(sql.len() + 1))?;
                stream.write_all(sql.as_bytes())?;
                stream.write_all(&[0])?;
            }
            _ => {}
        }
    }
}

/// The length of a message, which counts itself.
fn length(body: usize) -> [u8; 4] {
    u32::try_from(body + 4).unwrap_or(u32::MAX).to_be_bytes()
}

fn message(stream: &mut TcpStream) -> std::io::Result<(u8, Vec<u8>)> {
    let mut head = [0; 5];
    stream.read_exact(&mut head)?;
    let length = u32::from_be_bytes([head[1], head[2], head[3], head[4]]);
    let mut body = Vec::new();
    stream.take(u64::from(length.saturating_sub(4))).read_to_end(&mut body)?;
    Ok((head[0], body))
}
