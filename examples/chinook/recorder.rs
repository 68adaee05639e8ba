//! An executor that notes what it is asked to run, and hands it on.

use std::sync::{Arc, Mutex, PoisonError};

use orm::Result;
use orm::db::{BoxFuture, Db, Done, Executor, Plans, Sink, Statement, Tx};
use orm::dialect::Dialect;

/// A database, and the text of every statement that went through here.
#[derive(Clone)]
pub struct Recorder {
    db: Db,
    statements: Arc<Mutex<Vec<String>>>,
}

impl Recorder {
    pub fn new(db: Db) -> Recorder {
        Recorder { db, statements: Arc::default() }
    }

    /// The statements since the last call.
    pub fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.statements.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Executor for Recorder {
    fn dialect(&self) -> &'static dyn Dialect {
        self.db.dialect()
    }

    fn run<'a>(
        &'a self,
        statement: Statement,
        sink: Box<dyn Sink>,
        label: &'static str,
    ) -> BoxFuture<'a, (Box<dyn Sink>, Result<Done>)> {
        self.statements.lock().unwrap_or_else(PoisonError::into_inner).push(statement.sql.to_string());
        self.db.run(statement, sink, label)
    }

    fn begin<'a>(&'a self, label: &'static str) -> BoxFuture<'a, Result<Tx>> {
        self.db.begin(label)
    }

    fn handle(&self) -> Box<dyn Executor> {
        Box::new(self.clone())
    }

    fn plans(&self) -> &Plans {
        self.db.plans()
    }
}
