//! A transaction and its savepoints: one connection, used by one statement at a time, and the rules of when.
//!
//! Whoever may use the connection holds a [`Turn`], with the lease in it. A future that is dropped while a statement
//! runs leaves its turn without the lease, and so the transaction ends: its connection is closed.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::db::lease::{Flight, Lease};
use crate::db::{BoxFuture, Control, Db, Done, Executor, Returned, Sink, Statement};
use crate::dialect::Dialect;
use crate::error::{Error, ErrorKind, Result};
use crate::schema::Schema;
use crate::sql::Plans;

const OVER: &str = "this transaction is over";
const DROPPED: &str = "the transaction was lost: a statement in it was dropped before it ended";
const BROKEN: &str = "the transaction was lost: its connection broke";
const INNER_OPEN: &str =
    "a savepoint (nested `atomic`) is open in this transaction; use its own handle until it is over";

/// A transaction, or a savepoint in one. Cheap to clone.
///
/// It rolls back when its last clone is dropped without [`Tx::commit`]. After a statement in it failed, the database or
/// the data cannot be relied on any more, so all further ones are refused until it rolls back; to try something that may
/// fail, run it in a nested [`Tx::atomic`].
///
/// ```
/// # orm_blog::example! { db =>
/// let tx = db.begin("move the books").await?;
/// Book::objects().filter(Book.author.name.eq("Ann")).update(&tx, Book.author.set(2)).await?;
/// // Dropped without `commit`, so nothing has happened.
/// drop(tx);
/// assert_eq!(Book::objects().filter(Book.author.name.eq("Ann")).count(&db).await?, 2);
/// # }
/// ```
#[derive(Clone)]
pub struct Tx(Arc<Handle>);

/// One level, from the side of its users.
struct Handle {
    shared: Arc<Shared>,
    /// 0 is the transaction; the savepoints have the numbers of their [`Control`].
    depth: u32,
    /// Tells this savepoint from others of the same depth, before and after it.
    serial: u64,
}

struct Shared {
    db: Db,
    turn: tokio::sync::Mutex<()>,
    state: Mutex<State>,
}

struct State {
    /// Absent while a statement runs, and once all is over.
    lease: Option<Lease>,
    /// The open levels, by depth; none once all is over.
    levels: Vec<Level>,
    last_serial: u64,
    /// A savepoint whose handles are gone: what happened since is still to be undone, before anything else happens.
    undo: Option<u32>,
    /// Why all is over.
    end: &'static str,
}

#[derive(Default)]
struct Level {
    serial: u64,
    /// What failed in it.
    doomed: Option<String>,
    on_commit: Vec<Hook>,
}

type Hook = Box<dyn FnOnce() + Send>;

impl Tx {
    /// A transaction that has begun on a connection.
    pub(super) fn new(db: Db, lease: Lease) -> Tx {
        let levels = vec![Level::default()];
        let state = State { lease: Some(lease), levels, last_serial: 0, undo: None, end: OVER };
        let shared = Shared { db, turn: tokio::sync::Mutex::new(()), state: Mutex::new(state) };
        Tx(Arc::new(Handle { shared: Arc::new(shared), depth: 0, serial: 0 }))
    }

    /// Commits. Of a savepoint, it keeps what happened in it, as part of the transaction around it.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let tx = db.begin("new tags").await?;
    /// Tag::create(NewTag { name: "go" }).save(&tx).await?;
    /// tx.commit().await?;
    /// assert_eq!(Tag::objects().count(&db).await?, 3);
    /// # }
    /// ```
    ///
    /// # Errors
    /// The transaction is over in any case, and an error means that nothing of it was committed (but after
    /// [`ErrorKind::ConnectionLost`](crate::ErrorKind::ConnectionLost) nobody knows).
    /// [`ErrorKind::Transaction`](crate::ErrorKind::Transaction) if a statement in it had failed, or a savepoint in it
    /// is still open.
    pub async fn commit(self) -> Result<()> {
        let hooks = self.0.commit().await?;
        hooks.into_iter().for_each(|hook| hook());
        Ok(())
    }

    /// Undoes all that happened in it.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let tx = db.begin("try it").await?;
    /// Tag::objects().delete(&tx).await?;
    /// tx.rollback().await?;
    /// assert_eq!(Tag::objects().count(&db).await?, 2);
    /// # }
    /// ```
    ///
    /// # Errors
    /// If the database did not answer so; the connection is closed then, which rolls back too.
    pub async fn rollback(self) -> Result<()> {
        let mut turn = self.0.queue().await?;
        self.0.undo(&mut turn).await
    }

    /// Runs something once the outermost transaction has been committed; never if this one, or one around it, is rolled back.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let (send, receive) = std::sync::mpsc::channel();
    /// db.atomic(async |tx: Tx| {
    ///     let tag = Tag::create(NewTag { name: "travel" }).save(&tx).await?;
    ///     tx.on_commit(move || drop(send.send(tag.name)))
    /// })
    /// .await?;
    /// assert_eq!(receive.recv().as_deref(), Ok("travel"));
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Transaction`](crate::ErrorKind::Transaction) if it is over already.
    pub fn on_commit(&self, f: impl FnOnce() + Send + 'static) -> Result<()> {
        self.0.shared.state().level(&self.0)?.on_commit.push(Box::new(f));
        Ok(())
    }

    /// The database that this runs on. What is run through it is not part of the transaction.
    ///
    /// ```
    /// # orm_blog::example! { db =>
    /// let tx = db.begin("where").await?;
    /// assert_eq!(tx.db().location(), "sqlite::memory:");
    /// tx.rollback().await?;
    /// # }
    /// ```
    pub fn db(&self) -> &Db {
        &self.0.shared.db
    }

    /// Runs statement text without parameters, possibly several statements.
    #[doc(hidden)]
    pub async fn execute(&self, sql: impl Into<String>) -> Result<()> {
        let mut turn = self.0.turn().await?;
        let result = turn.call(|lease| lease.execute(sql.into())).await;
        self.0.note(result)
    }

    /// Reads the tables as they are, in the transaction.
    #[doc(hidden)]
    pub async fn introspect(&self) -> Result<Schema> {
        let mut turn = self.0.turn().await?;
        let result = turn.call(Lease::introspect).await;
        self.0.note(result)
    }

    /// Ends it without waiting, whatever other clones there are.
    pub(super) fn abandon(&self) {
        self.0.abandon();
    }
}

impl Executor for Tx {
    fn dialect(&self) -> &'static dyn Dialect {
        self.db().dialect()
    }

    fn run<'a>(
        &'a self,
        statement: Statement,
        sink: Box<dyn Sink>,
        _label: &'static str,
    ) -> BoxFuture<'a, (Box<dyn Sink>, Result<Done>)> {
        Box::pin(async move {
            let mut turn = match self.0.turn().await {
                Ok(turn) => turn,
                Err(error) => return (sink, Err(error)),
            };
            let Some(lease) = turn.lease.take() else { return (sink, Err(broken())) };
            let (lease, (sink, result)) = lease.run(statement, sink).await;
            turn.land(lease);
            (sink, self.0.note(result))
        })
    }

    fn run_now(&self, statement: &Statement, sink: &mut dyn Sink, _label: &'static str) -> Option<Result<Done>> {
        let mut turn = self.0.turn_now()?;
        let (lease, outcome) = turn.lease.take()?.run_now(statement, sink);
        turn.land(lease);
        outcome.map(|result| self.0.note(result))
    }

    fn failed_by(&self, error: &Error) {
        // A statement that was refused because of an earlier error tells nothing new.
        if error.kind() != ErrorKind::Transaction
            && let Ok(level) = self.0.shared.state().level(&self.0)
            && level.doomed.is_some()
        {
            level.doomed = Some(error.to_string());
        }
    }

    fn begin<'a>(&'a self, _label: &'static str) -> BoxFuture<'a, Result<Tx>> {
        Box::pin(async move {
            let mut turn = self.0.turn().await?;
            let depth = self.0.depth + 1;
            let result = turn.control(Control::Savepoint(depth)).await;
            self.0.note(result)?;
            let mut state = self.0.shared.state();
            // The transaction may have been abandoned meanwhile.
            state.level(&self.0)?;
            let serial = state.open();
            drop(state);
            Ok(Tx(Arc::new(Handle { shared: self.0.shared.clone(), depth, serial })))
        })
    }

    fn handle(&self) -> Box<dyn Executor> {
        Box::new(self.clone())
    }

    fn plans(&self) -> &Plans {
        self.db().plans()
    }
}

impl Handle {
    /// Waits until the connection is free, and sees that a statement may be run on this level.
    async fn turn(&self) -> Result<Turn<'_>> {
        let mut turn = self.queue().await?;
        if let Some(doom) = self.shared.state().doom(self)? {
            return Err(Error::transaction(doom));
        }
        self.catch_up(&mut turn).await?;
        Ok(turn)
    }

    /// The connection, if it is free and a statement may be run on this level at once; whoever gets none asks by
    /// [`Handle::turn`], which tells why.
    fn turn_now(&self) -> Option<Turn<'_>> {
        if !self.shared.db.backend().runs_now() {
            return None;
        }
        let permit = self.shared.turn.try_lock().ok()?;
        let mut state = self.shared.state();
        if state.undo.is_some() || !matches!(state.doom(self), Ok(None)) {
            return None;
        }
        let lease = Some(state.lease.take()?);
        drop(state);
        Some(Turn { shared: &self.shared, lease, end: DROPPED, _permit: permit })
    }

    /// Waits until the connection is free. The level is open, but may be doomed.
    async fn queue(&self) -> Result<Turn<'_>> {
        let permit = self.shared.turn.lock().await;
        let mut state = self.shared.state();
        state.level(self)?;
        let lease = state.lease.take();
        drop(state);
        Ok(Turn { shared: &self.shared, lease, end: DROPPED, _permit: permit })
    }

    /// Undoes a savepoint that was dropped unfinished.
    async fn catch_up(&self, turn: &mut Turn<'_>) -> Result<()> {
        let undo = self.shared.state().undo.take();
        match undo {
            Some(depth) => {
                let result = turn.control(Control::RollbackTo(depth)).await;
                self.note(result)
            }
            None => Ok(()),
        }
    }

    async fn commit(&self) -> Result<Vec<Hook>> {
        let mut turn = self.queue().await?;
        let refused = match self.shared.state().doom(self) {
            Ok(None) => None,
            Ok(Some(doom)) => Some(Error::transaction(format!("rolled back instead of committed: {doom}"))),
            Err(_) => Some(Error::transaction(
                "rolled back instead of committed: a savepoint (nested `atomic`) was still open in this transaction",
            )),
        };
        let result = match refused {
            Some(error) => Err(error),
            None => match self.catch_up(&mut turn).await {
                Ok(()) => {
                    turn.control(if self.depth == 0 { Control::Commit } else { Control::Release(self.depth) }).await
                }
                Err(error) => Err(error),
            },
        };
        if let Err(error) = result {
            // Some databases keep a transaction open whose commit failed.
            let _ = self.undo(&mut turn).await;
            return Err(error);
        }
        Ok(self.close(&mut turn))
    }

    /// Rolls this level back, with all inside it.
    async fn undo(&self, turn: &mut Turn<'_>) -> Result<()> {
        let rollback = if self.depth == 0 { Control::Rollback } else { Control::RollbackTo(self.depth) };
        let result = turn.control(rollback).await;
        let mut state = self.shared.state();
        let ended = state.end(self);
        if state.undo.is_some_and(|depth| depth >= self.depth) {
            state.undo = None;
        }
        if let (Err(error), Some(around)) = (&result, state.levels.last_mut()) {
            around.doomed.get_or_insert(error.to_string());
        }
        let over = state.levels.is_empty();
        drop(state);
        drop(ended);
        if over && let Some(lease) = turn.lease.take() {
            turn.end = OVER;
            if result.is_ok() { lease.give_back() } else { lease.abandon() }
        }
        result
    }

    /// Takes a level off that was committed, and hands what is to run then to the level around it, or to the caller.
    fn close(&self, turn: &mut Turn<'_>) -> Vec<Hook> {
        let mut state = self.shared.state();
        let hooks = state.end(self).into_iter().flat_map(|level| level.on_commit);
        let Some(around) = state.levels.last_mut() else {
            drop(state);
            turn.end = OVER;
            turn.lease.take().into_iter().for_each(Lease::give_back);
            return hooks.collect();
        };
        around.on_commit.extend(hooks);
        Vec::new()
    }

    /// Dooms the level if a statement in it failed.
    fn note<T>(&self, result: Result<T>) -> Result<T> {
        if let Err(error) = &result
            && let Ok(level) = self.shared.state().level(self)
        {
            level.doomed.get_or_insert(error.to_string());
        }
        result
    }

    fn abandon(&self) {
        let mut state = self.shared.state();
        if state.level(self).is_err() {
            return;
        }
        let ended = state.end(self);
        // A lease that is away is seen to by its turn.
        let mut lease = None;
        if self.depth == 0 {
            lease = state.lease.take();
        } else {
            state.undo = Some(state.undo.map_or(self.depth, |depth| depth.min(self.depth)));
        }
        drop(state);
        drop(ended);
        lease.into_iter().for_each(Lease::abandon);
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.abandon();
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// The level of a handle, unless it is over.
    fn level(&mut self, handle: &Handle) -> Result<&mut Level> {
        let end = if self.levels.is_empty() { self.end } else { OVER };
        let level = self.levels.get_mut(handle.depth as usize);
        level.filter(|level| level.serial == handle.serial).ok_or_else(|| Error::transaction(end))
    }

    /// Why nothing may be run on a level that is doomed. It is an error if a savepoint is open in it.
    fn doom(&mut self, handle: &Handle) -> Result<Option<String>> {
        let innermost = self.levels.len() == handle.depth as usize + 1;
        let level = self.level(handle)?;
        if !innermost {
            return Err(Error::transaction(INNER_OPEN));
        }
        Ok(level.doomed.as_ref().map(|error| {
            format!(
                "the transaction is doomed by an earlier error: {error}; roll back to a savepoint (a nested `atomic`) to go on"
            )
        }))
    }

    fn open(&mut self) -> u64 {
        self.last_serial += 1;
        self.levels.push(Level { serial: self.last_serial, ..Level::default() });
        self.last_serial
    }

    /// Takes a level off, with all inside it. To be dropped outside of the lock: callbacks may hold handles.
    #[must_use]
    fn end(&mut self, handle: &Handle) -> Vec<Level> {
        if self.level(handle).is_ok() { self.levels.split_off(handle.depth as usize) } else { Vec::new() }
    }
}

/// The right to use the connection, until it is dropped.
struct Turn<'a> {
    shared: &'a Shared,
    /// Absent while a statement runs.
    lease: Option<Lease>,
    /// Why all is over, if the lease does not come back.
    end: &'static str,
    _permit: tokio::sync::MutexGuard<'a, ()>,
}

impl Turn<'_> {
    async fn control(&mut self, control: Control) -> Result<()> {
        self.call(|lease| lease.control(control)).await
    }

    async fn call<T: Send + 'static>(&mut self, f: impl FnOnce(Lease) -> Flight<Returned<T>>) -> Result<T> {
        let Some(lease) = self.lease.take() else { return Err(broken()) };
        let (lease, result) = f(lease).await;
        self.land(lease);
        result
    }

    fn land(&mut self, lease: Option<Lease>) {
        if lease.is_none() {
            self.end = BROKEN;
        }
        self.lease = lease;
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let mut state = self.shared.state();
        let Some(lease) = self.lease.take() else {
            // Either it ended as it should, and there are no levels left, or it was lost.
            state.end = self.end;
            let ended = std::mem::take(&mut state.levels);
            drop(state);
            drop(ended);
            return;
        };
        if state.levels.is_empty() {
            // All owners went away while the statement ran.
            drop(state);
            lease.abandon();
        } else {
            state.lease = Some(lease);
        }
    }
}

pub(super) fn broken() -> Error {
    Error::transaction(BROKEN)
}

impl fmt::Debug for Tx {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tx").field("location", &self.db().location()).field("depth", &self.0.depth).finish()
    }
}
