//! The lock that only one migrating program holds, where the transaction itself is not one.

use std::time::{Duration, Instant};

use orm_core::error::{Error, ErrorKind, Result};
use orm_core::value::Value;

use super::connection::Session;

/// When those who watch are told that another program holds the lock.
const SHORT: Duration = Duration::from_millis(500);

/// Asks for the lock until it is held; `waits` is called once if that takes more than a moment. Asking again and again, rather than waiting inside the database, leaves no
/// statement open that others (an index built without a transaction) would have to wait for.
///
/// # Errors
/// [`ErrorKind::Conflict`] if another program holds it for longer than `patience`.
pub async fn take(session: &mut Session, patience: Duration, waits: &mut (dyn FnMut() + Send)) -> Result<()> {
    let Some((take, _)) = session.backend().migration_lock() else { return Ok(()) };
    let begun = Instant::now();
    let mut pause = Duration::from_millis(10);
    let mut told = false;
    loop {
        let row = session.first(&take).await?;
        if row.as_deref().and_then(<[Value]>::first).is_some_and(is_true) {
            return Ok(());
        }
        if begun.elapsed() >= patience {
            return Err(Error::new(
                ErrorKind::Conflict,
                format!(
                    "another program has been migrating {} for over {} s; the lock goes with its connection",
                    session.backend().location(),
                    patience.as_secs()
                ),
            ));
        }
        if !told && begun.elapsed() >= SHORT {
            told = true;
            waits();
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(Duration::from_millis(200));
    }
}

/// Gives the lock back.
///
/// # Errors
/// What the database says.
pub async fn give_back(session: &mut Session) -> Result<()> {
    match session.backend().migration_lock() {
        Some((_, give_back)) => session.first(&give_back).await.map(|_| ()),
        None => Ok(()),
    }
}

fn is_true(value: &Value) -> bool {
    match value {
        Value::Bool(held) => *held,
        Value::Int(number) => *number == 1,
        Value::Text(text) => matches!(text.as_str(), "1" | "t" | "true"),
        _ => false,
    }
}
