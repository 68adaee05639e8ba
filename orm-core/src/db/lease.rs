//! A connection on loan from the pool. Whoever drops one closes it; only giving it back keeps it open.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::runtime::Handle;
use tokio::time::Instant;

use crate::db::pool::Pool;
use crate::db::{BoxFuture, Connection, Control, Done, Now, Ran, Returned, Sink, Statement};
use crate::error::Result;
use crate::schema::Schema;

/// A place in the pool. Dropped, it becomes free for others, with the connection that was given back, if one was.
pub(super) struct Slot {
    pub pool: Arc<Pool>,
    pub index: usize,
    /// When the connection here is too old to be used again.
    pub expires: Option<Instant>,
    pub returned: Option<Box<dyn Connection>>,
}

impl Slot {
    /// Frees the place, with a connection that may be used again.
    fn free(mut self, connection: Option<Box<dyn Connection>>) {
        self.returned = connection;
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.pool.release(self.index, self.returned.take(), self.expires);
    }
}

/// A place in the pool with its connection.
pub(super) struct Lease {
    // In this order, so that the connection is closed before another may be opened in its place.
    pub connection: Box<dyn Connection>,
    pub slot: Slot,
}

impl Lease {
    pub fn run(self, statement: Statement, sink: Box<dyn Sink>) -> Flight<Ran> {
        Flight::new(self.slot, self.connection.run(statement, sink))
    }

    /// Runs a statement without waiting, if the connection can. It comes back unless it broke.
    pub fn run_now(mut self, statement: &Statement, sink: &mut dyn Sink) -> (Option<Lease>, Option<Result<Done>>) {
        match self.connection.run_now(statement, sink) {
            Now::Ran(result) => (Some(self), Some(result)),
            Now::Later => (Some(self), None),
            Now::Broke(error) => {
                self.slot.pool.distrust_idle();
                (None, Some(Err(error)))
            }
        }
    }

    pub fn execute(self, sql: String) -> Flight<Returned<()>> {
        Flight::new(self.slot, self.connection.execute(sql))
    }

    pub fn control(self, control: Control) -> Flight<Returned<()>> {
        Flight::new(self.slot, self.connection.control(control))
    }

    pub fn introspect(self) -> Flight<Returned<Schema>> {
        let backend = self.slot.pool.backend.clone();
        let connection = self.connection;
        Flight::new(self.slot, Box::pin(async move { backend.introspect(connection).await }))
    }

    /// Gives a clean connection back to the pool.
    pub fn give_back(self) {
        self.slot.free(Some(self.connection));
    }

    /// Gives the connection back if it can be cleaned without waiting, and closes it if not.
    pub fn abandon(self) {
        self.slot.free(self.connection.abandon());
    }
}

/// What brings the connection back.
pub(super) trait Landed: Send + 'static {
    type Outcome;
    fn split(self) -> (Option<Box<dyn Connection>>, Self::Outcome);
}

impl Landed for Ran {
    type Outcome = (Box<dyn Sink>, Result<Done>);
    fn split(self) -> (Option<Box<dyn Connection>>, Self::Outcome) {
        (self.connection, (self.sink, self.result))
    }
}

impl<T: Send + 'static> Landed for Returned<T> {
    type Outcome = Result<T>;
    fn split(self) -> (Option<Box<dyn Connection>>, Self::Outcome) {
        self
    }
}

/// A call that is under way, with the connection inside. It ends with the lease, unless the connection broke.
///
/// Dropped half-way, it closes the connection, since nobody knows what state it is in.
pub(super) struct Flight<T: Landed> {
    slot: Option<Slot>,
    future: Option<BoxFuture<'static, T>>,
}

impl<T: Landed> Flight<T> {
    fn new(slot: Slot, future: BoxFuture<'static, T>) -> Self {
        Flight { slot: Some(slot), future: Some(future) }
    }
}

impl<T: Landed> Future for Flight<T> {
    type Output = (Option<Lease>, T::Outcome);

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let Some(future) = &mut self.future else { return Poll::Pending };
        let Poll::Ready(landed) = future.as_mut().poll(context) else { return Poll::Pending };
        self.future = None;
        let (connection, outcome) = landed.split();
        let slot = self.slot.take();
        if let (None, Some(slot)) = (&connection, &slot) {
            slot.pool.distrust_idle();
        }
        let lease = slot.zip(connection).map(|(slot, connection)| Lease { connection, slot });
        Poll::Ready((lease, outcome))
    }
}

impl<T: Landed> Drop for Flight<T> {
    fn drop(&mut self) {
        let (Some(slot), Some(future)) = (self.slot.take(), self.future.take()) else { return };
        // A database in memory ends with its connection, so the call is let run to its end; its transaction is not.
        if slot.pool.kept
            && !std::thread::panicking()
            && let Ok(runtime) = Handle::try_current()
        {
            runtime.spawn(async move {
                let (connection, _) = future.await.split();
                slot.free(connection.and_then(|connection| connection.abandon()));
            });
        }
    }
}
