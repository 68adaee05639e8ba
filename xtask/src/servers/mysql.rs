//! MySQL and MariaDB: their programs, a server without durability, and the few messages that run one statement.

use std::io::{Error, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::private::{Home, Server};
use crate::process::{self, Result};

/// The programs of one installation.
pub enum Programs {
    /// MariaDB.
    MariaDb {
        /// Makes the system tables.
        install: PathBuf,
        /// The server.
        server: PathBuf,
    },
    /// MySQL, which makes its own.
    MySql {
        /// The server.
        server: PathBuf,
    },
}

impl Programs {
    /// Those on the path or where distributions put servers; MariaDB first.
    pub fn find() -> Option<Programs> {
        let folders = ["/usr/sbin", "/usr/libexec", "/usr/local/sbin"].map(PathBuf::from);
        let find = |name| process::find(name, &[]).or_else(|| process::find(name, &folders));
        if let (Some(install), Some(server)) = (find("mariadb-install-db"), find("mariadbd")) {
            return Some(Programs::MariaDb { install, server });
        }
        find("mysqld").map(|server| Programs::MySql { server })
    }
}

/// Starts a server.
pub fn start(folder: &Path, port: u16) -> Result<Server> {
    let programs = Programs::find().ok_or("neither `mariadbd` nor `mysqld` is installed")?;
    let home = Home::create(folder, "mysql")?;
    let data = format!("--datadir={}", folder.join("data").display());
    let server = match &programs {
        Programs::MariaDb { install, server } => {
            let settings = ["--no-defaults", &data, "--auth-root-authentication-method=normal", "--skip-test-db"];
            home.run(install, &settings)?;
            server
        }
        Programs::MySql { server } => {
            home.run(server, &["--no-defaults", "--initialize-insecure", &data])?;
            server
        }
    };
    let (port, socket) = (format!("--port={port}"), format!("--socket={}", folder.join("socket").display()));
    let pid = format!("--pid-file={}", folder.join("pid").display());
    let quick = ["--innodb-flush-log-at-trx-commit=0", "--innodb-doublewrite=0", "--sync-binlog=0"];
    let mut arguments = vec!["--no-defaults", &data, &port, &socket, &pid, "--bind-address=127.0.0.1"];
    arguments.extend(quick);
    arguments.push("--max-connections=300");
    // Nothing of it is kept, so there is nothing to shut down.
    home.serve("KILL", server, &arguments)
}

/// Runs a statement on a local server where `root` has no password, and gives the server's version.
pub fn execute(port: u16, sql: &str) -> Result<String> {
    let stream = TcpStream::connect(("127.0.0.1", port)).map_err(|e| format!("nothing listens: {e}"))?;
    talk(stream, sql).map_err(|e| format!("not a MySQL or MariaDB server: {e}"))?
}

fn talk(mut stream: TcpStream, sql: &str) -> std::io::Result<Result<String>> {
    stream.set_read_timeout(Some(Duration::from_secs(60)))?;
    let (number, hello) = packet(&mut stream)?;
    if hello.first() == Some(&0xff) {
        return Ok(Err(refusal(&hello)));
    }
    let version: Vec<u8> = hello.iter().skip(1).copied().take_while(|byte| *byte != 0).collect();
    let version = String::from_utf8_lossy(&version).into_owned();
    // MariaDB puts `5.5.5-` before its version, for clients that compare numbers.
    let version = match version.strip_prefix("5.5.5-") {
        Some(version) => version.to_owned(),
        None if version.contains("MariaDB") => version,
        None => format!("MySQL {version}"),
    };

    // Protocol 4.1, its authentication, and plugins by name; no database, UTF-8, an empty password.
    let flags: u32 = 0x0000_0200 | 0x0000_8000 | 0x0008_0000;
    let mut login = flags.to_le_bytes().to_vec();
    login.extend((1_u32 << 24).to_le_bytes());
    login.push(45);
    login.extend([0; 23]);
    login.extend(b"root\0\0mysql_native_password\0");
    send(&mut stream, number + 1, &login)?;
    loop {
        let (number, answer) = packet(&mut stream)?;
        match answer.first() {
            Some(0) => break,
            Some(0xff) => return Ok(Err(refusal(&answer))),
            // Another plugin is asked for: an empty password is an empty answer to each of them.
            Some(0xfe) => send(&mut stream, number + 1, &[])?,
            _ => {}
        }
    }
    send(&mut stream, 0, &[b"\x03", sql.as_bytes()].concat())?;
    let (_, answer) = packet(&mut stream)?;
    Ok(if answer.first() == Some(&0xff) { Err(refusal(&answer)) } else { Ok(version) })
}

/// The text of an error packet, after its number and state.
fn refusal(packet: &[u8]) -> String {
    let text = packet.get(3..).unwrap_or_default();
    let text = if text.first() == Some(&b'#') { text.get(6..).unwrap_or_default() } else { text };
    String::from_utf8_lossy(text).into_owned()
}

fn packet(stream: &mut TcpStream) -> std::io::Result<(u8, Vec<u8>)> {
    let mut head = [0; 4];
    stream.read_exact(&mut head)?;
    let mut body = vec![0; u32::from_le_bytes([head[0], head[1], head[2], 0]) as usize];
    stream.read_exact(&mut body)?;
    Ok((head[3], body))
}

fn send(stream: &mut TcpStream, number: u8, body: &[u8]) -> std::io::Result<()> {
    let length = u32::try_from(body.len()).map_err(|e| Error::new(ErrorKind::InvalidInput, e))?.to_le_bytes();
    stream.write_all(&[&[length[0], length[1], length[2], number], body].concat())
}
