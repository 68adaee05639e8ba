//! The pool: who may use a connection now, and which ones lie idle. Knows nothing about transactions.
//!
//! A permit of the semaphore is the right to one connection, open or to be opened, so idle connections and permits that
//! are taken never exceed the limit together. With a connection idle, a checkout takes a permit and one short lock: no
//! timer, no task, no question to the server.

use std::collections::VecDeque;
use std::fmt::Write;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::{Notify, Semaphore};
use tokio::time::{Instant, sleep, timeout_at};

use crate::db::lease::{Lease, Slot};
use crate::db::{Backend, Connection, Settings, jitter};
use crate::error::{Error, ErrorKind, Result};

/// Longer waits are as good as for ever, and would overflow the clock.
const LONGEST_WAIT: Duration = Duration::from_secs(365 * 24 * 60 * 60);
/// A connection that does not answer for so long is taken for dead.
const PING_TIMEOUT: Duration = Duration::from_secs(3);
/// How many holders an error names.
const HOLDERS_NAMED: usize = 5;

pub(super) struct Pool {
    pub backend: Arc<dyn Backend>,
    /// Whether the database lives in its only connection, which is then never closed before the pool.
    pub kept: bool,
    /// Whether connections can run statements without waiting.
    runs_now: bool,
    settings: Settings,
    permits: Semaphore,
    state: Mutex<State>,
    drained: Notify,
    tidying: AtomicBool,
}

#[derive(Default)]
struct State {
    /// The one used last is at the back and is used next, so that those not needed grow old at the front.
    idle: VecDeque<Idle>,
    holders: Vec<Option<Holder>>,
    /// Places in `holders` that are empty.
    vacant: Vec<usize>,
    closed: bool,
    /// Connections taken before then are asked whether they live: another one was found dead.
    distrusted: Option<Instant>,
}

struct Idle {
    connection: Box<dyn Connection>,
    /// When it was last taken. Asking the clock again when it is given back would cost a sixth of a checkout.
    taken: Instant,
    expires: Option<Instant>,
}

struct Holder {
    label: &'static str,
    since: Instant,
}

/// What a pool holds at a moment.
///
/// ```
/// # orm_blog::example! { db =>
/// let busy = db.begin("status").await?;
/// let status = db.status();
/// assert_eq!((status.in_use, status.idle, status.max), (1, 0, 1));
/// busy.rollback().await?;
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Status {
    /// Connections that are open or being opened.
    pub size: usize,
    /// Those of them that nobody uses.
    pub idle: usize,
    /// Those of them that somebody uses.
    pub in_use: usize,
    /// How many there may be.
    pub max: usize,
}

impl Pool {
    pub fn new(backend: Arc<dyn Backend>, mut settings: Settings) -> Self {
        let bound = backend.max_connections();
        settings.max_connections = settings.max_connections.clamp(1, Semaphore::MAX_PERMITS);
        settings.max_connections = settings.max_connections.min(bound.unwrap_or(usize::MAX).max(1));
        settings.acquire_timeout = settings.acquire_timeout.min(LONGEST_WAIT);
        Pool {
            kept: bound == Some(1),
            runs_now: backend.runs_now(),
            permits: Semaphore::new(settings.max_connections),
            backend,
            settings,
            state: Mutex::default(),
            drained: Notify::new(),
            tidying: AtomicBool::new(false),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a connection: an idle one, a new one, or the next that is given back.
    pub async fn checkout(self: &Arc<Self>, label: &'static str) -> Result<Lease> {
        let Ok(permit) = self.permits.try_acquire() else { return Box::pin(self.wait(label)).await };
        permit.forget();
        let (slot, idle) = self.occupy(label);
        match idle {
            Some((connection, Trust::Fresh)) => Ok(Lease { connection, slot }),
            // Boxed, so that the future of every query is not as large as this one.
            stale => Box::pin(self.prepare(slot, stale, self.deadline())).await,
        }
    }

    /// Takes an idle connection that can run statements without waiting, if there is one.
    pub fn checkout_now(self: &Arc<Self>, label: &'static str) -> Option<Lease> {
        if !self.runs_now {
            return None;
        }
        self.permits.try_acquire().ok()?.forget();
        let (slot, idle) = self.occupy(label);
        // No server is behind such a connection that could be asked whether it lives.
        idle.map(|(connection, _)| Lease { connection, slot })
    }

    async fn wait(self: &Arc<Self>, label: &'static str) -> Result<Lease> {
        let deadline = self.deadline();
        match timeout_at(deadline, self.permits.acquire()).await {
            Ok(Ok(permit)) => permit.forget(),
            Ok(Err(_closed)) => return Err(closed()),
            Err(_elapsed) => return Err(self.exhausted()),
        }
        let (slot, idle) = self.occupy(label);
        self.prepare(slot, idle, deadline).await
    }

    /// Makes sure of an idle connection, or opens one.
    async fn prepare(self: &Arc<Self>, mut slot: Slot, mut idle: Option<Found>, deadline: Instant) -> Result<Lease> {
        while let Some((connection, trust)) = idle {
            let connection = match trust {
                Trust::Fresh => Some(connection),
                Trust::Ask => answering(connection, deadline).await,
            };
            if let Some(connection) = connection {
                return Ok(Lease { connection, slot });
            }
            self.close_stale();
            idle = self.pop(&mut slot.expires);
        }
        let connection = match timeout_at(deadline, self.backend.connect()).await {
            Ok(connection) => connection?,
            Err(_elapsed) => return Err(self.unreachable()),
        };
        slot.expires = self.settings.max_lifetime.filter(|_| !self.kept).and_then(|lifetime| {
            // Connections opened together must not all be replaced together.
            Instant::now().checked_add(jitter::between(lifetime, 0.8, 1.0))
        });
        self.keep_tidy();
        Ok(Lease { connection, slot })
    }

    /// Enters a holder, whose permit is taken already, and hands it the connection that was used last.
    fn occupy(self: &Arc<Self>, label: &'static str) -> (Slot, Option<Found>) {
        let now = Instant::now();
        let mut slot = Slot { pool: self.clone(), index: 0, expires: None, returned: None };
        let mut expired = Vec::new();
        let mut state = self.state();
        slot.index = state.enter(Holder { label, since: now });
        let idle = self.next(&mut state, now, &mut expired);
        drop(state);
        let idle = idle.map(|(idle, trust)| {
            slot.expires = idle.expires;
            (idle.connection, trust)
        });
        (slot, idle)
    }

    fn pop(&self, expires: &mut Option<Instant>) -> Option<Found> {
        let mut expired = Vec::new();
        let next = self.next(&mut self.state(), Instant::now(), &mut expired);
        next.map(|(idle, trust)| {
            *expires = idle.expires;
            (idle.connection, trust)
        })
    }

    /// The next idle connection. Those too old go to `expired`, to be closed outside of the lock.
    fn next(&self, state: &mut State, now: Instant, expired: &mut Vec<Idle>) -> Option<(Idle, Trust)> {
        while let Some(idle) = state.idle.pop_back() {
            if idle.is_expired(now) {
                expired.push(idle);
            } else {
                let trust = self.trust(&idle, state.distrusted, now);
                return Some((idle, trust));
            }
        }
        None
    }

    fn trust(&self, idle: &Idle, distrusted: Option<Instant>, now: Instant) -> Trust {
        let long = now.duration_since(idle.taken) > self.settings.ping_after;
        let suspect = distrusted.is_some_and(|then| idle.taken <= then);
        if (long || suspect) && !self.kept { Trust::Ask } else { Trust::Fresh }
    }

    /// Frees a place, with the connection that was in it if it may be used again.
    pub fn release(&self, index: usize, connection: Option<Box<dyn Connection>>, expires: Option<Instant>) {
        let mut state = self.state();
        let taken = state.leave(index);
        let closed = state.closed;
        let surplus = match (connection, taken) {
            (Some(connection), Some(taken)) if !closed => {
                state.idle.push_back(Idle { connection, taken, expires });
                None
            }
            (connection, _) => connection,
        };
        drop(state);
        self.permits.add_permits(1);
        if closed {
            self.drained.notify_waiters();
        }
        // Closing may take a moment, so nobody waits for it.
        drop(surplus);
    }

    /// After a connection was found dead, the idle ones are asked before they are used.
    pub fn distrust_idle(&self) {
        self.state().distrusted = Some(Instant::now());
    }

    /// Closes the idle connections that would have to be asked, since one of them was dead.
    fn close_stale(&self) {
        let now = Instant::now();
        let mut state = self.state();
        let distrusted = state.distrusted;
        let (fresh, stale): (Vec<_>, Vec<_>) =
            state.idle.drain(..).partition(|idle| self.trust(idle, distrusted, now) == Trust::Fresh);
        state.idle = fresh.into();
        drop(state);
        drop(stale);
    }

    /// Closes idle connections that nobody needed for long, and those too old.
    fn tidy(&self) {
        let now = Instant::now();
        let mut state = self.state();
        let mut spare = state.idle.len().saturating_sub(self.settings.min_idle);
        let (keep, close): (Vec<_>, Vec<_>) = state.idle.drain(..).partition(|idle| {
            let unneeded = self.settings.idle_timeout.is_some_and(|limit| now.duration_since(idle.taken) >= limit);
            let goes = idle.is_expired(now) || (unneeded && spare > 0);
            spare = spare.saturating_sub(usize::from(goes));
            !goes
        });
        state.idle = keep.into();
        drop(state);
        drop(close);
    }

    /// Starts the task that tidies, unless it runs. It ends with the pool.
    fn keep_tidy(self: &Arc<Self>) {
        let limits = [self.settings.idle_timeout, self.settings.max_lifetime];
        let Some(shortest) = limits.into_iter().flatten().min() else { return };
        let Ok(runtime) = Handle::try_current() else { return };
        if self.kept || self.tidying.swap(true, Ordering::Relaxed) {
            return;
        }
        let period = (shortest / 2).clamp(Duration::from_millis(10), Duration::from_secs(30));
        let tidying = Tidying(Arc::downgrade(self));
        runtime.spawn(async move {
            loop {
                sleep(period).await;
                let Some(pool) = tidying.0.upgrade() else { return };
                pool.tidy();
            }
        });
    }

    /// Refuses new users, closes what is idle, and waits until all others have given theirs back.
    pub async fn close(&self) {
        self.permits.close();
        drop(self.refuse());
        loop {
            let drained = self.drained.notified();
            if self.status().in_use == 0 {
                return;
            }
            drained.await;
        }
    }

    /// From now on nothing is kept; gives what was.
    fn refuse(&self) -> VecDeque<Idle> {
        let mut state = self.state();
        state.closed = true;
        std::mem::take(&mut state.idle)
    }

    pub fn status(&self) -> Status {
        let state = self.state();
        let idle = state.idle.len();
        let in_use = state.holders.len() - state.vacant.len();
        Status { size: idle + in_use, idle, in_use, max: self.settings.max_connections }
    }

    /// How many connections are opened ahead.
    pub fn warm_size(&self) -> usize {
        self.settings.min_idle.clamp(1, self.settings.max_connections)
    }

    fn deadline(&self) -> Instant {
        Instant::now() + self.settings.acquire_timeout
    }

    fn exhausted(&self) -> Error {
        let now = Instant::now();
        let state = self.state();
        let mut holders: Vec<_> = state.holders.iter().flatten().collect();
        holders.sort_by_key(|holder| holder.since);
        let mut message = format!(
            "no connection became free within {}: all {} are in use: ",
            brief(self.settings.acquire_timeout),
            self.settings.max_connections
        );
        for (i, holder) in holders.iter().take(HOLDERS_NAMED).enumerate() {
            let comma = if i == 0 { "" } else { ", " };
            let held = now.duration_since(holder.since).as_secs_f64();
            // Writing to a string cannot fail.
            let _ = write!(message, "{comma}`{}` for {held:.1} s", holder.label);
        }
        if holders.len() > HOLDERS_NAMED {
            let _ = write!(message, " and {} more", holders.len() - HOLDERS_NAMED);
        }
        message.push_str(if self.kept {
            "; this database has no more than one connection: use `&tx` instead of `&db` inside `atomic`"
        } else {
            "; raise `max_connections`, or use `&tx` instead of `&db` inside `atomic`"
        });
        Error::new(ErrorKind::PoolTimeout, message)
    }

    fn unreachable(&self) -> Error {
        let waited = brief(self.settings.acquire_timeout);
        let location = self.backend.location();
        Error::new(ErrorKind::Connect, format!("`{location}` did not let a connection be opened within {waited}"))
    }

    #[cfg(test)]
    pub fn for_each_idle(&self, mut f: impl FnMut(&mut dyn Connection)) {
        self.state().idle.iter_mut().for_each(|idle| f(&mut *idle.connection));
    }
}

impl State {
    fn enter(&mut self, holder: Holder) -> usize {
        if let Some(index) = self.vacant.pop() {
            self.holders[index] = Some(holder);
            return index;
        }
        self.holders.push(Some(holder));
        self.holders.len() - 1
    }

    /// Gives the time when the holder entered.
    fn leave(&mut self, index: usize) -> Option<Instant> {
        self.vacant.push(index);
        self.holders[index].take().map(|holder| holder.since)
    }
}

impl Idle {
    fn is_expired(&self, now: Instant) -> bool {
        self.expires.is_some_and(|then| then <= now)
    }
}

/// An idle connection that was found.
type Found = (Box<dyn Connection>, Trust);

/// Whether an idle connection can be used as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trust {
    Fresh,
    Ask,
}

/// The running of the tidying task, noted as over even if its runtime ends under it.
struct Tidying(Weak<Pool>);

impl Drop for Tidying {
    fn drop(&mut self) {
        if let Some(pool) = self.0.upgrade() {
            pool.tidying.store(false, Ordering::Relaxed);
        }
    }
}

async fn answering(connection: Box<dyn Connection>, deadline: Instant) -> Option<Box<dyn Connection>> {
    let patience = deadline.min(Instant::now() + PING_TIMEOUT);
    match timeout_at(patience, connection.ping()).await {
        Ok((connection, Ok(()))) => connection,
        Ok((_, Err(_))) | Err(_) => None,
    }
}

fn closed() -> Error {
    Error::new(ErrorKind::Connect, "this database was closed by `close`; connect again to use it")
}

fn brief(time: Duration) -> String {
    if time.subsec_millis() == 0 { format!("{} s", time.as_secs()) } else { format!("{:.1} s", time.as_secs_f64()) }
}
