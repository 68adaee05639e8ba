//! One migration's statements, run and recorded.

use orm_core::db::Control;
use orm_core::dialect::Feature;
use orm_core::error::{Error, Result};
use orm_core::schema::{DdlRun, DdlStep};
use orm_core::value::{Kind, Value};

use super::connection::Session;
use super::segment::{Segment, together};
use crate::operation::Operation;
use crate::plan::{Direction, Move, Planned};
use crate::recorder::{self, Records, Status};

/// Runs a migration, but for the first `done` statements, which an interrupted run finished.
pub(super) async fn run(session: &mut Session, moved: Move, planned: &[Planned], done: usize) -> Result<()> {
    if session.dialect().has(Feature::TransactionalDdl) {
        in_transactions(session, moved, planned, done).await
    } else {
        one_by_one(session, moved, planned, done).await
    }
}

/// Records a migration without running it.
pub(super) async fn record(session: &mut Session, moved: Move) -> Result<()> {
    session.control(Control::Begin).await?;
    let written = finished(session, moved).await;
    end(session, written).await
}

async fn in_transactions(session: &mut Session, moved: Move, planned: &[Planned], done: usize) -> Result<()> {
    let segments = together(planned);
    let total = segments.last().map_or(0, |s| s.end);
    for segment in segments.iter().filter(|s| s.end > done || s.end == total) {
        for step in &segment.before {
            session.execute(&step.sql).await.map_err(|e| context(moved, None, step, e))?;
        }
        let result = transaction(session, moved, segment, segment.end == total).await;
        for step in &segment.after {
            let restored = session.execute(&step.sql).await.map_err(|e| context(moved, None, step, e));
            if result.is_ok() {
                restored?;
            }
        }
        result?;
    }
    Ok(())
}

async fn transaction(session: &mut Session, moved: Move, segment: &Segment, is_last: bool) -> Result<()> {
    session.control(Control::Begin).await?;
    if is_done_already(session, moved).await? {
        return session.control(Control::Rollback).await;
    }
    let result = inside(session, moved, segment, is_last).await;
    end(session, result).await
}

/// Where the transaction is the only lock, another program may have been here just before it began.
async fn is_done_already(session: &mut Session, moved: Move) -> Result<bool> {
    if session.backend().migration_lock().is_some() {
        return Ok(false);
    }
    let records = recorder::read(session).await?;
    Ok(is_done(session, moved, &records))
}

/// Whether the records say that another program, which no lock kept away, has done this.
pub(super) fn is_done(session: &Session, moved: Move, records: &Records) -> bool {
    if session.backend().migration_lock().is_some() {
        return false;
    }
    let record = records.get(&(moved.migration.app.to_owned(), moved.migration.name.to_owned()));
    match moved.direction {
        Direction::Forwards => record.is_some_and(|r| r.status == Status::Applied),
        Direction::Backwards => record.is_none(),
    }
}

async fn inside(session: &mut Session, moved: Move, segment: &Segment, is_last: bool) -> Result<()> {
    for (operation, step) in &segment.inside {
        statement(session, step).await.map_err(|e| context(moved, Some(operation), step, e))?;
    }
    if is_last {
        finished(session, moved).await
    } else {
        recorder::write(session, moved.migration, Status::on_the_way(moved.direction), 0, segment.end).await
    }
}

/// Without transactions around DDL, what is done is written down statement by statement.
async fn one_by_one(session: &mut Session, moved: Move, planned: &[Planned], done: usize) -> Result<()> {
    let mut count = 0;
    for (operations, plan) in planned.iter().enumerate() {
        for step in plan.changes.iter().flatten() {
            count += 1;
            if count <= done {
                continue;
            }
            statement(session, step).await.map_err(|e| context(moved, Some(&plan.operation), step, e))?;
            let status = Status::on_the_way(moved.direction);
            session.control(Control::Begin).await?;
            let written = recorder::write(session, moved.migration, status, operations, count).await;
            end(session, written).await?;
        }
    }
    record(session, moved).await
}

async fn finished(session: &mut Session, moved: Move) -> Result<()> {
    match moved.direction {
        Direction::Forwards => recorder::write(session, moved.migration, Status::Applied, 0, 0).await,
        Direction::Backwards => recorder::erase(session, moved.migration).await,
    }
}

pub(crate) async fn end(session: &mut Session, result: Result<()>) -> Result<()> {
    match result {
        Ok(()) => session.control(Control::Commit).await,
        // What went wrong first is what matters; a connection that cannot roll back closes, which does the same.
        Err(error) => {
            let _ = session.control(Control::Rollback).await;
            Err(error)
        }
    }
}

pub(crate) async fn statement(session: &mut Session, step: &DdlStep) -> Result<()> {
    match step.run {
        DdlRun::Plain | DdlRun::OutsideTransaction => session.execute(&step.sql).await,
        DdlRun::RunRows => {
            for row in session.rows(&step.sql, &[Kind::TEXT]).await? {
                if let Some(Value::Text(sql)) = row.first() {
                    session.execute(sql).await?;
                }
            }
            Ok(())
        }
        DdlRun::MustBeEmpty => match session.first(&step.sql).await? {
            None => Ok(()),
            Some(row) => Err(Error::migration(format!("the tables hold what this would break: {}", words(&row)))
                .with_sql(step.sql.clone())),
        },
    }
}

fn words(row: &[Value]) -> String {
    let cells = row.iter().map(|value| match value {
        Value::Text(text) => format!("`{text}`"),
        Value::Int(number) => number.to_string(),
        Value::Null => "NULL".to_owned(),
        other => format!("{other:?}"),
    });
    cells.collect::<Vec<_>>().join(", ")
}

fn context(moved: Move, operation: Option<&Operation>, step: &DdlStep, error: Error) -> Error {
    let verb = match moved.direction {
        Direction::Forwards => "migration",
        Direction::Backwards => "taking back migration",
    };
    let operation = operation.map_or(String::new(), |op| format!(", `{}`", op.describe().trim()));
    let words = format!("{verb} `{}`{operation}: {}", moved.migration.label(), error.message());
    error.with_message(words).with_sql(step.sql.clone())
}
