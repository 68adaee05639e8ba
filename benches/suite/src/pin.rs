//! Keeps this process and a server of this machine on one core.
//!
//! A round trip wakes the other side, which costs several times more on another core than on the same: where the
//! scheduler puts the two would decide the ratios.

use std::process::Command;

/// While it lives, this process and PostgreSQL's share a core.
pub struct Pinned(Vec<String>);

impl Pinned {
    /// Moves them there; says so if it cannot.
    pub fn postgres() -> Pinned {
        let found = Command::new("pgrep").args(["-x", "postgres"]).output();
        let mut pids: Vec<String> = found
            .iter()
            .flat_map(|o| o.stdout.split(|b| *b == b'\n'))
            .map(|l| String::from_utf8_lossy(l).into())
            .collect();
        pids.retain(|pid| !pid.is_empty());
        pids.push(std::process::id().to_string());
        // New connections are children of the first process, and stay where it is.
        if pids.len() == 1 || !pids.iter().all(|pid| to(pid, "0")) {
            println!(
                "postgres: on any core, so ratios of single rows vary (needs pgrep, taskset and the server's user)"
            );
        }
        Pinned(pids)
    }
}

impl Drop for Pinned {
    fn drop(&mut self) {
        let Ok(cores) = std::fs::read_to_string("/sys/devices/system/cpu/online") else { return };
        for pid in &self.0 {
            to(pid, cores.trim());
        }
    }
}

fn to(pid: &str, cores: &str) -> bool {
    Command::new("taskset").args(["-a", "-c", "-p", cores, pid]).output().is_ok_and(|o| o.status.success())
}
