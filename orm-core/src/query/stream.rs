//! Rows one after the other: a task of its own runs the statement and waits whenever enough rows are ahead.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use futures_core::Stream;
use futures_util::stream;
use tokio::sync::Notify;

use super::run::{Collect, Shape, about_column};
use crate::ast::Select;
use crate::db::{Executor, Flow, Sink};
use crate::error::{Error, Result};
use crate::sql::{self, Ask};
use crate::value::{Cursor, Kind};

/// Rows that may wait to be read.
const AHEAD: usize = 256;

/// The rows between the task that reads them and the stream that gives them out.
struct Queue<O> {
    state: Mutex<State<O>>,
    /// The reader made room or went away.
    room: Condvar,
    /// Rows or the end came.
    rows: Notify,
}

struct State<O> {
    rows: Vec<O>,
    /// The column that could not be read, if one could not.
    failed: Option<usize>,
    /// How it ended, once it did.
    end: Option<Result<()>>,
    /// Nobody reads any more.
    abandoned: bool,
}

impl<O> Queue<O> {
    fn lock(&self) -> std::sync::MutexGuard<'_, State<O>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Producer<O> {
    collect: Collect<O>,
    queue: Arc<Queue<O>>,
}

impl<O: Send + 'static> Sink for Producer<O> {
    fn row(&mut self, cursor: &mut dyn Cursor, columns: &[Kind]) -> Result<Flow> {
        let row = match self.collect.decode(cursor, columns) {
            Ok(row) => row,
            Err(error) => {
                self.queue.lock().failed = self.collect.failed();
                return Err(error);
            }
        };
        let mut state = self.queue.lock();
        // The task has a thread of its own, so waiting here holds up nobody else.
        while state.rows.len() >= AHEAD && !state.abandoned {
            state = self.queue.room.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        if state.abandoned {
            return Ok(Flow::Enough);
        }
        state.rows.push(row);
        if state.rows.len() == AHEAD / 4 || state.rows.len() == 1 {
            self.queue.rows.notify_one();
        }
        Ok(Flow::More)
    }
}

/// Ends the producer when the stream is dropped.
struct Consumer<O>(Arc<Queue<O>>);

impl<O> Drop for Consumer<O> {
    fn drop(&mut self) {
        self.0.lock().abandoned = true;
        self.0.room.notify_all();
    }
}

impl<O> Consumer<O> {
    /// The rows that came since the last call; `None` at the end.
    async fn next(&self) -> Option<Result<Vec<O>>> {
        loop {
            let waiting = self.0.rows.notified();
            {
                let mut state = self.0.lock();
                if !state.rows.is_empty() {
                    let rows = std::mem::take(&mut state.rows);
                    self.0.room.notify_all();
                    return Some(Ok(rows));
                }
                match state.end.take() {
                    Some(Ok(())) => {
                        state.end = Some(Ok(()));
                        return None;
                    }
                    Some(Err(error)) => {
                        state.end = Some(Ok(()));
                        return Some(Err(error));
                    }
                    None => {}
                }
            }
            waiting.await;
        }
    }
}

/// A query on its way to becoming a stream.
struct Reader<'a, O> {
    db: &'a dyn Executor,
    select: Select,
    shape: Shape<O>,
    consumer: Option<Consumer<O>>,
    ready: VecDeque<O>,
    over: bool,
}

/// The rows of a query as a stream.
pub(super) fn rows<'a, O: Send + 'static>(
    db: &'a dyn Executor,
    select: Select,
    shape: Shape<O>,
) -> impl Stream<Item = Result<O>> + Send + 'a {
    let over = select.is_empty();
    let reader = Reader { db, select, shape, consumer: None, ready: VecDeque::new(), over };
    stream::unfold(reader, |mut reader| async move { reader.next().await.map(|item| (item, reader)) })
}

impl<O: Send + 'static> Reader<'_, O> {
    async fn next(&mut self) -> Option<Result<O>> {
        loop {
            if let Some(row) = self.ready.pop_front() {
                return Some(Ok(row));
            }
            if self.over {
                return None;
            }
            let consumer = match self.consumer.take() {
                Some(consumer) => consumer,
                None => match self.start() {
                    Ok(consumer) => consumer,
                    Err(error) => {
                        self.over = true;
                        return Some(Err(error));
                    }
                },
            };
            match consumer.next().await {
                Some(Ok(rows)) => self.ready = rows.into(),
                Some(Err(error)) => {
                    self.over = true;
                    let column = consumer.0.lock().failed;
                    let error = about_column(error, &self.select, column);
                    return Some(Err(error.with_model(self.select.model.name)));
                }
                None => self.over = true,
            }
            self.consumer = Some(consumer);
        }
    }

    /// Starts the task that runs the statement.
    fn start(&self) -> Result<Consumer<O>> {
        if !self.select.prefetch.is_empty() {
            // Loading beside a statement that is still running would need a second connection, which a transaction
            // and a database in memory do not have.
            return Err(Error::invalid_query(
                "a stream takes no `prefetch_related`; load relations with `select_related`",
            ));
        }
        let statement = sql::select(&self.select, Ask::Rows, self.db.dialect(), self.db.plans())?;
        let state = State { rows: Vec::new(), failed: None, end: None, abandoned: false };
        let queue = Arc::new(Queue { state: Mutex::new(state), room: Condvar::new(), rows: Notify::new() });
        let producer = Producer { collect: Collect::new(&self.select, self.shape), queue: queue.clone() };
        let (executor, label, ended) = (self.db.handle(), self.select.model.name, queue.clone());
        let runtime = tokio::runtime::Handle::current();
        tokio::task::spawn_blocking(move || {
            let (_, result) = runtime.block_on(executor.run(statement, Box::new(producer), label));
            ended.lock().end = Some(result.map(|_| ()));
            ended.rows.notify_one();
        });
        Ok(Consumer(queue))
    }
}
