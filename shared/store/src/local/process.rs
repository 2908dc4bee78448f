//! Owners of runs on this machine: processes, told apart by host, process id and start time.

use std::fs;

/// This process as an owner of runs: `host pid start`.
#[must_use]
pub fn owner() -> String {
    let pid = std::process::id();
    process_owner(pid).unwrap_or_else(|| format!("{} {pid} 0", host()))
}

/// A living process of this machine as an owner of runs; none when there is no such process.
#[must_use]
pub fn process_owner(pid: u32) -> Option<String> {
    Some(format!("{} {pid} {}", host(), start_of(pid)?))
}

/// Whether the owner is a process of this host that still runs.
///
/// An owner on another host counts as gone: a lake is shared by the processes of one machine, and a
/// container that died comes back under another name.
pub(super) fn is_alive(owner: &str) -> bool {
    let pid = owner.split(' ').nth(1).and_then(|pid| pid.parse().ok());
    pid.and_then(process_owner).is_some_and(|living| living == owner)
}

fn host() -> String {
    let name = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    if name.trim().is_empty() { "localhost".to_owned() } else { name.trim().replace(' ', "-") }
}

/// Ticks from boot to the start of a process, the 22nd field of `/proc/<pid>/stat` (proc(5)).
///
/// With it, a process that got a dead one's id is not taken for it. The second field is the
/// command in parentheses and may hold spaces, so counting begins behind the last parenthesis.
fn start_of(pid: u32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_ascii_whitespace();
    let state = fields.next()?;
    if matches!(state, "Z" | "X") {
        return None;
    }
    fields.nth(18)?.parse().ok()
}
