//! What goes wrong between a program and its database leaves nothing half-done behind, and the pool well.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::StreamExt;
use orm::db::Settings;
use orm::prelude::*;

use crate::harness::Outcome;
use crate::suite;

#[derive(Model, Debug, Clone, PartialEq)]
#[orm(table = "items", ordering = "id")]
struct Item {
    id: i64,
    #[orm(max_length = 40, unique)]
    name: String,
    #[orm(default)]
    count: i64,
}

suite!([Item];
    a_transaction_dropped_at_every_poll,
    a_query_dropped_at_every_poll,
    a_begin_dropped_at_every_poll,
    a_commit_dropped_at_every_poll,
    a_stream_dropped_half_way,
    a_killed_connection_is_told_once,
    a_killed_transaction_never_commits,
    many_tasks_on_few_connections,
);

/// A future that is polled so many times and then is no more.
struct Few<F> {
    inner: Pin<Box<F>>,
    left: usize,
}

impl<F: Future> Future for Few<F> {
    type Output = Option<F::Output>;
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        self.left -= 1;
        self.inner.as_mut().poll(context).map(Some)
    }
}

/// Polls futures 0, 1, 2, … times and drops them, until one gets to its end; all must be clean each time.
async fn at_every_poll<T, F: Future<Output = orm::Result<T>>>(
    db: &Db,
    pool: &Db,
    names: &[&str],
    mut make: impl FnMut() -> F,
) -> Result<T, Box<dyn std::error::Error + Send + Sync>> {
    for polls in 0..500 {
        let ended = Few { inner: Box::pin(make()), left: polls }.await;
        match ended {
            Some(result) => return Ok(result?),
            None => clean(db, pool, names).await?,
        }
    }
    Err("it never ended".into())
}

/// A pool of its own on the same database.
fn pool(db: &Db, connections: usize) -> Db {
    let settings = Settings { max_connections: connections, ..Settings::default() };
    Db::over(db.backend().clone(), settings)
}

async fn put(db: &dyn Executor, name: &str) -> orm::Result<Item> {
    Item::create(NewItem { name }).save(db).await
}

/// Nobody else holds a lock on the table, and only these rows are there.
async fn clean(db: &Db, pool: &Db, names: &[&str]) -> Outcome {
    // A dropped connection is closed at once, but the server sees that in its own time.
    let found = tokio::time::timeout(Duration::from_secs(5), async {
        db.atomic(async |tx: Tx| {
            Item::objects().update(&tx, Item.count.set(Item.count + 1)).await?;
            // A row of the name that the dropped one tried would have to wait for it to end.
            let probe = put(&tx, "dropped").await?;
            probe.delete(&tx).await?;
            Item::objects().values(Item.name).all(&tx).await
        })
        .await
    })
    .await
    .map_err(|_| "somebody holds a lock")??;
    assert_eq!(found, names);
    assert_eq!(Item::objects().count(pool).await?, names.len() as u64, "the pool serves");
    assert_eq!(pool.status().in_use, 0);
    Ok(())
}

async fn a_transaction_dropped_at_every_poll(db: Db) -> Outcome {
    let pool = pool(&db, 2);
    put(&pool, "before").await?;
    at_every_poll(&db, &pool, &["before"], || {
        let pool = pool.clone();
        async move {
            pool.atomic(async |tx: Tx| {
                put(&tx, "dropped").await?;
                put(&tx, "also").await?;
                Item::objects().filter(Item.name.eq("also")).delete(&tx).await?;
                Err::<(), _>(Error::invalid_query("it got to its end"))
            })
            .await
            .or_else(|e| if e.message() == "it got to its end" { Ok(()) } else { Err(e) })
        }
    })
    .await?;
    clean(&db, &pool, &["before"]).await
}

async fn a_query_dropped_at_every_poll(db: Db) -> Outcome {
    let pool = pool(&db, 1);
    put(&pool, "before").await?;
    at_every_poll(&db, &pool, &["before"], || {
        let pool = pool.clone();
        async move { Item::objects().filter(Item.name.eq("before")).all(&pool).await }
    })
    .await?;
    // A statement that changes something and is dropped may or may not have taken effect; never half.
    let renamed = at_every_poll(&db, &pool, &["before"], || {
        let pool = pool.clone();
        async move { Item::objects().update(&pool, Item.count.set(7)).await }
    })
    .await?;
    assert_eq!(renamed, 1);
    Ok(())
}

async fn a_begin_dropped_at_every_poll(db: Db) -> Outcome {
    let pool = pool(&db, 1);
    at_every_poll(&db, &pool, &[], || {
        let pool = pool.clone();
        async move { pool.begin("dropped").await.map(drop) }
    })
    .await?;
    clean(&db, &pool, &[]).await
}

async fn a_commit_dropped_at_every_poll(db: Db) -> Outcome {
    let pool = pool(&db, 1);
    for left in 0..100 {
        let tx = pool.begin("commit").await?;
        let name = format!("row {left}");
        put(&tx, &name).await?;
        let ended = Few { inner: Box::pin(tx.commit()), left }.await;
        let there = Item::objects().filter(Item.name.eq(&name)).exists(&pool).await?;
        if let Some(result) = ended {
            result?;
            assert!(there, "what was committed is there");
            return Ok(());
        }
        if left == 0 {
            assert!(!there, "a commit that never began is none");
        }
        assert_eq!(pool.status().in_use, 0);
    }
    Err("it never ended".into())
}

async fn a_stream_dropped_half_way(db: Db) -> Outcome {
    let pool = pool(&db, 1);
    Item::objects().bulk_insert(&pool, (0..3000).map(|i| NewItem { name: format!("{i}") })).await?;
    for taken in [0, 1, 10, 300, 2999] {
        let rows: Vec<_> = Item::objects().stream(&pool).take(taken).collect().await;
        assert_eq!(rows.len(), taken);
        let count = tokio::time::timeout(Duration::from_secs(5), Item::objects().count(&pool)).await??;
        assert_eq!(count, 3000);
    }
    // Inside a transaction the connection goes on to serve it.
    pool.atomic(async |tx: Tx| {
        put(&tx, "mine").await?;
        let rows: Vec<_> = Item::objects().stream(&tx).take(5).collect().await;
        assert!(rows.iter().all(Result::is_ok));
        assert_eq!(Item::objects().count(&tx).await?, 3001);
        Ok::<_, Error>(())
    })
    .await?;
    assert_eq!(Item::objects().count(&pool).await?, 3001);
    Ok(())
}

/// The server's number of the only connection of a pool.
async fn session(db: &Db, pool: &dyn Executor) -> orm::Result<Option<i64>> {
    let sql = match db.dialect().name() {
        "postgres" => "SELECT pg_backend_pid()::bigint",
        "mysql" => "SELECT CAST(CONNECTION_ID() AS SIGNED)",
        _ => return Ok(None),
    };
    Ok(Some(number(pool, sql).await?))
}

/// The number that a statement gives.
async fn number(db: &dyn Executor, sql: &str) -> orm::Result<i64> {
    use orm::db::{Flow, Sink, Statement};
    use orm::value::{Cursor, Kind, Row};
    struct Number(Option<i64>);
    impl Sink for Number {
        fn row(&mut self, cursor: &mut dyn Cursor, columns: &[Kind]) -> orm::Result<Flow> {
            self.0 = Some(Row::new(cursor, columns).get()?);
            Ok(Flow::Enough)
        }
    }
    let columns = Arc::from([Kind::Int64]);
    let statement = Statement { sql: sql.into(), params: Vec::new(), columns, persistent: false };
    let (sink, result) = db.run(statement, Box::new(Number(None)), "number").await;
    result?;
    let sink: Box<dyn std::any::Any> = sink;
    let found = sink.downcast::<Number>().ok().and_then(|number| number.0);
    found.ok_or_else(|| Error::database("no number came"))
}

/// Ends a connection from outside.
async fn kill(db: &Db, session: i64) -> Outcome {
    match db.dialect().name() {
        "postgres" => db.execute(format!("SELECT pg_terminate_backend({session})")).await?,
        _ => db.execute(format!("KILL {session}")).await?,
    }
    tokio::time::sleep(Duration::from_millis(100)).await;
    Ok(())
}

async fn a_killed_connection_is_told_once(db: Db) -> Outcome {
    let pool = pool(&db, 1);
    put(&pool, "before").await?;
    let Some(first) = session(&db, &pool).await? else { return Ok(()) };
    kill(&db, first).await?;
    let error = Item::objects().count(&pool).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionLost, "{error:?}");
    for _ in 0..3 {
        assert_eq!(Item::objects().count(&pool).await?, 1);
    }
    assert_ne!(session(&db, &pool).await?, Some(first));

    // While a statement runs.
    let second = session(&db, &pool).await?.ok_or("a session")?;
    let sleep = match db.dialect().name() {
        "postgres" => "SELECT count(pg_sleep(5))::bigint",
        _ => "SELECT CAST(SLEEP(5) AS SIGNED)",
    };
    let (result, killed) = tokio::join!(number(&pool, sleep), async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        kill(&db, second).await
    });
    killed?;
    assert_eq!(result.unwrap_err().kind(), ErrorKind::ConnectionLost);
    assert_eq!(Item::objects().count(&pool).await?, 1);
    Ok(())
}

async fn a_killed_transaction_never_commits(db: Db) -> Outcome {
    let pool = pool(&db, 1);
    if session(&db, &pool).await?.is_none() {
        return Ok(());
    }
    // Killed before the commit.
    let result = pool
        .atomic(async |tx: Tx| {
            put(&tx, "lost").await?;
            let session = session(&db, &tx).await?.unwrap_or_default();
            kill(&db, session).await.map_err(|e| Error::database(e.to_string()))?;
            Ok::<_, Error>(())
        })
        .await;
    assert_eq!(result.unwrap_err().kind(), ErrorKind::ConnectionLost);
    assert_eq!(Item::objects().count(&pool).await?, 0);

    // Killed between two statements.
    let result = pool
        .atomic(async |tx: Tx| {
            put(&tx, "lost").await?;
            let session = session(&db, &tx).await?.unwrap_or_default();
            kill(&db, session).await.map_err(|e| Error::database(e.to_string()))?;
            assert_eq!(put(&tx, "more").await.unwrap_err().kind(), ErrorKind::ConnectionLost);
            assert_eq!(put(&tx, "more").await.unwrap_err().kind(), ErrorKind::Transaction);
            Ok::<_, Error>(())
        })
        .await;
    assert_eq!(result.unwrap_err().kind(), ErrorKind::Transaction);
    assert_eq!(Item::objects().count(&pool).await?, 0);
    Ok(())
}

async fn many_tasks_on_few_connections(db: Db) -> Outcome {
    let pool = pool(&db, 2);
    let tasks: Vec<_> = (0..8)
        .map(|task| {
            let pool = pool.clone();
            tokio::spawn(async move {
                for i in 0..50 {
                    match i % 3 {
                        0 => drop(put(&pool, &format!("{task} {i}")).await?),
                        1 => drop(Item::objects().filter(Item.name.startswith(format!("{task} "))).all(&pool).await?),
                        _ => drop(
                            pool.atomic(async |tx: Tx| {
                                let last = Item::objects().filter(Item.name.eq(format!("{task} {}", i - 2)));
                                last.update(&tx, Item.count.set(Item.count + 1)).await
                            })
                            .await?,
                        ),
                    }
                }
                Ok::<_, Error>(())
            })
        })
        .collect();
    for task in tasks {
        task.await??;
    }
    assert_eq!(Item::objects().count(&pool).await?, 8 * 17);
    assert_eq!(Item::objects().filter(Item.count.eq(1)).count(&pool).await?, 8 * 16);
    let status = pool.status();
    assert!(status.size <= 2 && status.in_use == 0, "{status:?}");
    Ok(())
}
