//! What this layer promises: limits hold, nothing half-done stays behind, and errors say what to do.

use std::future::Future;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use tokio::time::{sleep, timeout};

use super::fake::{Fake, FakeConnection, World, fake, pause, run, with_max};
use crate::db::{Control, Db, Executor, RetryPolicy, Settings, Status, Tx};
use crate::error::{Error, ErrorKind, Result};

/// Polls a future a number of times, then drops it; tells whether it was over before.
fn poll_times(future: impl Future, times: usize) -> bool {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    (0..times).any(|_| future.as_mut().poll(&mut context).is_ready())
}

/// No idle connection is in a transaction, and nobody holds one.
fn assert_clean(db: &Db, world: &World) {
    let status = db.status();
    assert_eq!(status.in_use, 0, "{status:?}");
    assert_eq!(status.idle, world.open.load(SeqCst), "what is not idle is closed");
    db.0.pool.for_each_idle(|connection| {
        let connection = connection.as_any().downcast_mut::<FakeConnection>().unwrap();
        assert!(!connection.in_transaction(), "an open transaction lies in the pool");
    });
}

fn says(result: Result<()>, kind: ErrorKind, words: &str) {
    let error = result.unwrap_err();
    assert_eq!(error.kind(), kind, "{error:?}");
    assert_eq!(error.to_string(), words);
}

async fn two_rows(db: &Db) -> Result<()> {
    db.atomic(async |tx| {
        run(&tx, "insert a").await?;
        tx.atomic(async |inner| run(&inner, "insert b").await).await
    })
    .await
}

// --- dropped futures

/// Drops a transaction at each of its polls; the pool is clean and writing goes on.
async fn drop_at_every_poll(backend: impl Fn() -> Fake, warm: bool) -> Vec<Arc<World>> {
    let mut worlds = Vec::new();
    for polls in 0.. {
        let backend = backend();
        let world = backend.world.clone();
        let db = Db::over(Arc::new(backend), with_max(2));
        if warm {
            db.verify().await.unwrap();
        }
        let finished = poll_times(two_rows(&db), polls);
        // What the drop leaves to tasks ends here.
        for _ in 0..20 {
            tokio::task::yield_now().await;
        }
        assert_clean(&db, &world);
        let both = vec!["a".to_owned(), "b".to_owned()];
        let rows = world.rows();
        assert!(rows.is_empty() || rows == both, "half of a transaction: {rows:?} after {polls} polls");
        assert!(!finished || rows == both);
        run(&db, "insert c").await.unwrap();
        assert_eq!(world.rows().last().unwrap(), "c");
        two_rows(&db).await.unwrap();
        assert_clean(&db, &world);
        worlds.push(world);
        if finished {
            assert!(polls > 20, "too few awaits to prove anything: {polls}");
            break;
        }
    }
    worlds
}

#[tokio::test]
async fn a_transaction_dropped_at_any_await_leaves_nothing() {
    drop_at_every_poll(Fake::default, false).await;
    drop_at_every_poll(Fake::default, true).await;
    drop_at_every_poll(|| Fake { abandon_closes: true, ..Fake::default() }, true).await;
}

#[tokio::test]
async fn a_database_in_memory_outlives_dropped_futures() {
    for world in drop_at_every_poll(|| Fake { max: Some(1), ..Fake::default() }, true).await {
        assert_eq!(world.opened.load(SeqCst), 1, "another connection would be another database");
    }
}

#[tokio::test]
async fn a_statement_dropped_at_any_await_loses_its_transaction() {
    for polls in 1..4 {
        let (db, world) = fake(with_max(1));
        let outcome = db
            .atomic(async |tx| {
                run(&tx, "insert a").await?;
                assert!(!poll_times(run(&tx, "insert b"), polls));
                assert_eq!(world.open.load(SeqCst), 0, "the connection is closed at once");
                run(&tx, "insert c").await
            })
            .await;
        let lost = "the transaction was lost: a statement in it was dropped before it ended";
        says(outcome, ErrorKind::Transaction, lost);
        assert_eq!(world.rows(), [""; 0]);
        assert_clean(&db, &world);
        two_rows(&db).await.unwrap();
    }
}

#[tokio::test]
async fn a_statement_that_was_never_polled_loses_nothing() {
    let (db, world) = fake(with_max(1));
    db.atomic(async |tx| {
        drop(run(&tx, "insert a"));
        run(&tx, "insert b").await
    })
    .await
    .unwrap();
    assert_eq!(world.rows(), ["b"]);
}

#[tokio::test]
async fn a_commit_after_a_lost_statement_is_an_error() {
    let (db, world) = fake(with_max(1));
    let outcome = db
        .atomic(async |tx| {
            run(&tx, "insert a").await?;
            poll_times(run(&tx, "insert b"), 1);
            Ok(())
        })
        .await;
    assert_eq!(outcome.map_err(|e: Error| e.kind()), Err(ErrorKind::Transaction));
    assert_eq!(world.rows(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_statement_after_a_time_out_runs_on_another_connection() {
    let (db, world) = fake(with_max(1));
    assert!(timeout(Duration::from_millis(100), run(&db, "sleep")).await.is_err());
    assert_clean(&db, &world);
    run(&db, "insert a").await.unwrap();
    assert_eq!(world.opened.load(SeqCst), 2);
}

#[tokio::test]
async fn waiting_and_giving_up_loses_no_connection() {
    let (db, world) = fake(with_max(1));
    let tx = db.begin("atomic").await.unwrap();
    for polls in 0..3 {
        poll_times(run(&db, "insert a"), polls);
    }
    let mut waiting = Box::pin(run(&db, "insert b"));
    assert!(waiting.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    drop(tx);
    // The permit is on its way to `waiting`, which goes away.
    drop(waiting);
    assert_clean(&db, &world);
    run(&db, "insert c").await.unwrap();
    assert_eq!(world.rows(), ["c"]);
}

// --- the pool

#[tokio::test(start_paused = true)]
async fn says_who_holds_the_connections() {
    let settings = Settings { acquire_timeout: Duration::from_secs(10), ..with_max(2) };
    let (db, _world) = fake(settings);
    let tx = db.begin("atomic").await.unwrap();
    sleep(Duration::from_millis(2300)).await;
    let second = tokio::spawn({
        let db = db.clone();
        async move {
            let tx = db.begin("bulk insert on Book").await.unwrap();
            sleep(Duration::from_secs(60)).await;
            drop(tx);
        }
    });
    sleep(Duration::from_millis(100)).await;
    let words = "no connection became free within 10 s: all 2 are in use: `atomic` for 12.4 s, \
                 `bulk insert on Book` for 10.1 s; raise `max_connections`, or use `&tx` instead of `&db` inside `atomic`";
    says(run(&db, "insert a").await, ErrorKind::PoolTimeout, words);
    assert_eq!(db.status(), Status { size: 2, idle: 0, in_use: 2, max: 2 });
    drop(tx);
    run(&db, "insert a").await.unwrap();
    second.abort();
}

#[tokio::test(start_paused = true)]
async fn names_a_few_holders_of_many() {
    let (db, _) = fake(Settings { acquire_timeout: Duration::from_millis(1500), ..with_max(7) });
    let mut held = Vec::new();
    for _ in 0..7 {
        held.push(db.begin("atomic").await.unwrap());
    }
    let error = run(&db, "insert a").await.unwrap_err().to_string();
    assert!(error.starts_with("no connection became free within 1.5 s: all 7 are in use: `atomic` for 1.5 s, "));
    assert!(error.contains(" and 2 more; raise"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_refused_connection_is_no_time_out() {
    let (db, world) = fake(with_max(2));
    world.down.store(true, SeqCst);
    let before = tokio::time::Instant::now();
    says(run(&db, "insert a").await, ErrorKind::Connect, "connection refused");
    assert_eq!(before.elapsed(), Duration::ZERO);
    world.down.store(false, SeqCst);
    world.hangs.store(true, SeqCst);
    let words = "`fake://here/db` did not let a connection be opened within 10 s";
    says(run(&db, "insert a").await, ErrorKind::Connect, words);
    assert_eq!(db.status().size, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn eight_tasks_share_two_connections() {
    let (db, world) = fake(with_max(2));
    let tasks: Vec<_> = (0..8)
        .map(|task| {
            let db = db.clone();
            tokio::spawn(async move {
                for _ in 0..25 {
                    if task % 2 == 0 { run(&db, "insert a").await.unwrap() } else { two_rows(&db).await.unwrap() }
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(world.rows().len(), 4 * 25 + 4 * 50);
    assert!(world.opened.load(SeqCst) <= 2);
    assert_clean(&db, &world);
}

#[tokio::test(start_paused = true)]
async fn closes_what_lies_idle_for_long_but_for_the_spared() {
    let settings = Settings { min_idle: 1, idle_timeout: Some(Duration::from_secs(60)), ..with_max(3) };
    let (db, world) = fake(Settings { max_lifetime: None, ..settings });
    let held = (db.begin("atomic").await, db.begin("atomic").await, db.begin("atomic").await);
    drop(held);
    assert_eq!(db.status().idle, 3);
    sleep(Duration::from_secs(50)).await;
    run(&db, "insert a").await.unwrap();
    assert_eq!(db.status().idle, 3);
    sleep(Duration::from_secs(45)).await;
    assert_eq!(db.status().idle, 1);
    sleep(Duration::from_secs(3600)).await;
    assert_eq!((db.status().idle, world.open.load(SeqCst)), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn replaces_old_connections() {
    let settings = Settings { max_lifetime: Some(Duration::from_secs(100)), idle_timeout: None, ..with_max(1) };
    let (db, world) = fake(settings);
    for _ in 0..79 {
        run(&db, "insert a").await.unwrap();
        sleep(Duration::from_secs(1)).await;
    }
    assert_eq!(world.opened.load(SeqCst), 1);
    let tx = db.begin("atomic").await.unwrap();
    sleep(Duration::from_secs(22)).await;
    tx.commit().await.unwrap();
    run(&db, "insert a").await.unwrap();
    assert_eq!((world.open.load(SeqCst), world.opened.load(SeqCst)), (1, 2));
    sleep(Duration::from_secs(150)).await;
    assert_eq!(world.open.load(SeqCst), 0, "closed though nobody asked for it");
}

#[tokio::test(start_paused = true)]
async fn a_database_in_memory_has_one_connection_for_ever() {
    let backend = Fake { max: Some(1), ..Fake::default() };
    let world = backend.world.clone();
    let db = Db::over(Arc::new(backend), with_max(5));
    for _ in 0..3 {
        run(&db, "insert a").await.unwrap();
        sleep(Duration::from_secs(86_400)).await;
    }
    assert_eq!(db.status(), Status { size: 1, idle: 1, in_use: 0, max: 1 });
    assert_eq!((world.opened.load(SeqCst), world.pings.load(SeqCst)), (1, 0));
    let _tx = db.begin("atomic").await.unwrap();
    let error = run(&db, "insert a").await.unwrap_err().to_string();
    assert!(
        error.ends_with("this database has no more than one connection: use `&tx` instead of `&db` inside `atomic`")
    );
}

#[tokio::test(start_paused = true)]
async fn asks_only_a_connection_that_lay_idle_for_long() {
    let (db, world) = fake(with_max(1));
    for _ in 0..3 {
        run(&db, "insert a").await.unwrap();
        sleep(Duration::from_secs(29)).await;
    }
    assert_eq!(world.pings.load(SeqCst), 0);
    sleep(Duration::from_secs(2)).await;
    run(&db, "insert a").await.unwrap();
    assert_eq!((world.pings.load(SeqCst), world.opened.load(SeqCst)), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn a_restarted_server_costs_one_error() {
    let (db, world) = fake(with_max(3));
    let held = (db.begin("atomic").await, db.begin("atomic").await, db.begin("atomic").await);
    drop(held);
    world.down.store(true, SeqCst);
    assert_eq!(run(&db, "insert a").await.unwrap_err().kind(), ErrorKind::ConnectionLost);
    // The next one is asked first, does not answer, and takes the others with it.
    assert_eq!(run(&db, "insert a").await.unwrap_err().kind(), ErrorKind::Connect);
    assert_eq!((db.status().size, world.pings.load(SeqCst)), (0, 1));
    world.down.store(false, SeqCst);
    run(&db, "insert a").await.unwrap();
    assert_eq!(world.rows(), ["a"]);
}

#[tokio::test]
async fn closing_waits_for_what_runs_and_refuses_the_rest() {
    let (db, world) = fake(with_max(2));
    run(&db, "insert a").await.unwrap();
    let tx = db.begin("atomic").await.unwrap();
    let _second = db.begin("atomic").await.unwrap();
    let waiting = tokio::spawn({
        let db = db.clone();
        async move { run(&db, "insert b").await }
    });
    pause(3).await;
    let closing = tokio::spawn({
        let db = db.clone();
        async move { db.close().await }
    });
    pause(3).await;
    let words = "this database was closed by `close`; connect again to use it";
    says(waiting.await.unwrap(), ErrorKind::Connect, words);
    says(run(&db, "insert c").await, ErrorKind::Connect, words);
    drop(_second);
    run(&tx, "insert d").await.unwrap();
    assert!(!closing.is_finished());
    tx.commit().await.unwrap();
    closing.await.unwrap();
    assert_eq!(world.rows(), ["a", "d"]);
    assert_eq!(world.open.load(SeqCst), 0);
    db.close().await;
}

#[tokio::test]
async fn debug_shows_where_and_how_many() {
    let (db, _) = fake(with_max(2));
    let expect = "Db { location: \"fake://here/db\", status: Status { size: 0, idle: 0, in_use: 0, max: 2 } }";
    assert_eq!(format!("{db:?}"), expect);
}

#[tokio::test]
async fn opens_connections_ahead() {
    let (db, _) = fake(Settings { min_idle: 3, ..with_max(5) });
    db.verify().await.unwrap();
    assert_eq!(db.status().idle, 3);
}

// --- transactions

#[tokio::test]
async fn commits_on_ok_and_rolls_back_on_error() {
    let (db, world) = fake(with_max(1));
    let n = db
        .atomic(async |tx| {
            run(&tx, "insert a").await?;
            Ok::<_, Error>(7)
        })
        .await;
    assert_eq!(n.unwrap(), 7);
    assert_eq!(world.log(), "Begin; insert a; Commit");

    #[derive(Debug, PartialEq)]
    struct Mine(String);
    impl From<Error> for Mine {
        fn from(error: Error) -> Self {
            Mine(error.to_string())
        }
    }
    let refused = db
        .atomic(async |tx| {
            run(&tx, "insert b").await?;
            Err::<(), _>(Mine("no".into()))
        })
        .await;
    assert_eq!(refused, Err(Mine("no".into())));
    assert_eq!(world.log(), "Begin; insert b; Rollback");
    assert_eq!(world.rows(), ["a"]);
    assert_clean(&db, &world);
}

#[tokio::test]
async fn the_closures_error_wins_over_a_failed_rollback() {
    let (db, world) = fake(with_max(1));
    *world.failing.lock().unwrap() = Some(Control::Rollback);
    let outcome = db.atomic(async |_| Err::<(), _>(Error::invalid_value("mine"))).await;
    says(outcome, ErrorKind::InvalidValue, "mine");
    assert_clean(&db, &world);
}

#[tokio::test]
async fn a_failed_commit_commits_nothing_and_leaves_nothing_open() {
    let (db, world) = fake(with_max(1));
    *world.failing.lock().unwrap() = Some(Control::Commit);
    says(db.atomic(async |tx| run(&tx, "insert a").await).await, ErrorKind::Database, "Commit fails");
    assert_eq!(world.log(), "Begin; insert a; Commit; Rollback");
    assert_clean(&db, &world);
    assert_eq!(world.opened.load(SeqCst), 1);
}

#[tokio::test]
async fn a_failed_begin_leaves_nothing() {
    let (db, world) = fake(with_max(1));
    *world.failing.lock().unwrap() = Some(Control::Begin);
    says(db.atomic(async |_| Ok(())).await, ErrorKind::Database, "Begin fails");
    assert_clean(&db, &world);
}

#[tokio::test]
async fn a_savepoint_undoes_its_own_only() {
    let (db, world) = fake(with_max(1));
    db.atomic(async |tx| {
        run(&tx, "insert a").await?;
        let inner: Result<()> = tx
            .atomic(async |inner| {
                run(&inner, "insert b").await?;
                inner.atomic(async |third| run(&third, "insert c").await).await?;
                run(&inner, "fail").await
            })
            .await;
        assert_eq!(inner.unwrap_err().to_string(), "no such table");
        tx.atomic(async |inner| run(&inner, "insert d").await).await?;
        run(&tx, "insert e").await
    })
    .await
    .unwrap();
    assert_eq!(world.rows(), ["a", "d", "e"]);
    let log = "Begin; insert a; Savepoint(1); insert b; Savepoint(2); insert c; Release(2); fail; RollbackTo(1); \
               Savepoint(1); insert d; Release(1); insert e; Commit";
    assert_eq!(world.log(), log);
}

#[tokio::test]
async fn a_failed_statement_dooms_its_transaction() {
    let (db, world) = fake(with_max(1));
    let doomed = "the transaction is doomed by an earlier error: no such table; \
                  roll back to a savepoint (a nested `atomic`) to go on";
    let outcome = db
        .atomic(async |tx| {
            run(&tx, "insert a").await?;
            run(&tx, "fail").await.unwrap_err();
            says(run(&tx, "insert b").await, ErrorKind::Transaction, doomed);
            says(tx.execute("insert c").await, ErrorKind::Transaction, doomed);
            says(tx.begin("atomic").await.map(drop), ErrorKind::Transaction, doomed);
            Ok(())
        })
        .await;
    says(outcome, ErrorKind::Transaction, &format!("rolled back instead of committed: {doomed}"));
    assert_eq!(world.log(), "Begin; insert a; fail; Rollback");
    assert_clean(&db, &world);
    assert_eq!(world.opened.load(SeqCst), 1);
}

#[tokio::test]
async fn a_doomed_savepoint_does_not_doom_what_is_around_it() {
    let (db, world) = fake(with_max(1));
    db.atomic(async |tx| {
        let inner = tx
            .atomic(async |inner| {
                let _ = run(&inner, "fail").await;
                Ok(())
            })
            .await;
        assert_eq!(inner.map_err(|e: Error| e.kind()), Err(ErrorKind::Transaction));
        run(&tx, "insert a").await
    })
    .await
    .unwrap();
    assert_eq!(world.log(), "Begin; Savepoint(1); fail; RollbackTo(1); insert a; Commit");
}

#[tokio::test]
async fn a_savepoint_that_cannot_be_undone_dooms_what_is_around_it() {
    let (db, world) = fake(with_max(1));
    *world.failing.lock().unwrap() = Some(Control::RollbackTo(1));
    let outcome = db
        .atomic(async |tx| {
            let _ = tx.atomic(async |inner| run(&inner, "conflict").await).await;
            run(&tx, "insert a").await
        })
        .await;
    let error = outcome.unwrap_err();
    assert!(error.to_string().starts_with("the transaction is doomed by an earlier error: RollbackTo(1) fails"));
    assert_clean(&db, &world);
}

#[tokio::test]
async fn a_broken_connection_ends_the_transaction() {
    let (db, world) = fake(with_max(1));
    db.atomic(async |tx| {
        assert_eq!(run(&tx, "lose").await.unwrap_err().kind(), ErrorKind::ConnectionLost);
        says(run(&tx, "insert a").await, ErrorKind::Transaction, "the transaction was lost: its connection broke");
        Ok::<_, Error>(())
    })
    .await
    .unwrap_err();
    assert_clean(&db, &world);
}

#[tokio::test]
async fn only_the_innermost_handle_may_be_used() {
    let (db, world) = fake(with_max(1));
    let open = "a savepoint (nested `atomic`) is open in this transaction; use its own handle until it is over";
    let tx = db.begin("atomic").await.unwrap();
    let first = tx.begin("atomic").await.unwrap();
    says(run(&tx, "insert a").await, ErrorKind::Transaction, open);
    says(tx.begin("atomic").await.map(drop), ErrorKind::Transaction, open);
    run(&first, "insert b").await.unwrap();
    let again = first.clone();
    first.commit().await.unwrap();
    says(run(&again, "insert c").await, ErrorKind::Transaction, "this transaction is over");
    // Another savepoint of the same depth is not the one that `again` means.
    let second = tx.begin("atomic").await.unwrap();
    says(run(&again, "insert d").await, ErrorKind::Transaction, "this transaction is over");
    says(again.clone().commit().await, ErrorKind::Transaction, "this transaction is over");
    says(again.clone().rollback().await, ErrorKind::Transaction, "this transaction is over");
    says(again.on_commit(|| {}), ErrorKind::Transaction, "this transaction is over");
    drop(again);
    run(&second, "insert e").await.unwrap();
    second.rollback().await.unwrap();
    let after = tx.clone();
    tx.commit().await.unwrap();
    says(run(&after, "insert f").await, ErrorKind::Transaction, "this transaction is over");
    assert_eq!(world.rows(), ["b"]);
    assert_clean(&db, &world);
}

#[tokio::test]
async fn a_commit_around_an_open_savepoint_is_refused() {
    let (db, world) = fake(with_max(1));
    let tx = db.begin("atomic").await.unwrap();
    let inner = tx.begin("atomic").await.unwrap();
    run(&inner, "insert a").await.unwrap();
    let words = "rolled back instead of committed: a savepoint (nested `atomic`) was still open in this transaction";
    says(tx.commit().await, ErrorKind::Transaction, words);
    says(run(&inner, "insert b").await, ErrorKind::Transaction, "this transaction is over");
    assert_eq!(world.rows(), [""; 0]);
    assert_clean(&db, &world);
}

#[tokio::test]
async fn a_dropped_savepoint_is_undone_before_anything_else() {
    let (db, world) = fake(with_max(1));
    db.atomic(async |tx| {
        run(&tx, "insert a").await?;
        let inner = tx.begin("atomic").await?;
        run(&inner, "insert b").await?;
        let third = inner.begin("atomic").await?;
        run(&third, "insert c").await?;
        drop(inner);
        says(run(&third, "insert d").await, ErrorKind::Transaction, "this transaction is over");
        drop(third);
        run(&tx, "insert e").await
    })
    .await
    .unwrap();
    assert_eq!(world.rows(), ["a", "e"]);
    let log = "Begin; insert a; Savepoint(1); insert b; Savepoint(2); insert c; RollbackTo(1); insert e; Commit";
    assert_eq!(world.log(), log);
    // Also where the next thing is the commit itself.
    db.atomic(async |tx| {
        let inner = tx.begin("atomic").await?;
        run(&inner, "insert f").await
    })
    .await
    .unwrap();
    assert_eq!(world.log(), "Begin; Savepoint(1); insert f; RollbackTo(1); Commit");
    assert_eq!(world.rows(), ["a", "e"]);
}

#[tokio::test]
async fn a_dropped_transaction_is_rolled_back() {
    for abandon_closes in [false, true] {
        let backend = Fake { abandon_closes, ..Fake::default() };
        let world = backend.world.clone();
        let db = Db::over(Arc::new(backend), with_max(1));
        let tx = db.begin("atomic").await.unwrap();
        run(&tx, "insert a").await.unwrap();
        let clone = tx.clone();
        drop(tx);
        run(&clone, "insert b").await.unwrap();
        let inner = clone.begin("atomic").await.unwrap();
        drop(clone);
        says(run(&inner, "insert c").await, ErrorKind::Transaction, "this transaction is over");
        assert_clean(&db, &world);
        assert_eq!(world.rows(), [""; 0]);
    }
}

#[tokio::test]
async fn a_handle_kept_elsewhere_does_not_keep_the_transaction_open() {
    let (db, world) = fake(with_max(1));
    let kept: Mutex<Option<Tx>> = Mutex::new(None);
    let mut future = Box::pin(db.atomic(async |tx| {
        *kept.lock().unwrap() = Some(tx.clone());
        run(&tx, "insert a").await?;
        std::future::pending::<Result<()>>().await
    }));
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..50 {
        assert_eq!(future.as_mut().poll(&mut context).map(drop), Poll::Pending);
    }
    drop(future);
    assert_clean(&db, &world);
    let kept = kept.lock().unwrap().take().unwrap();
    says(run(&kept, "insert b").await, ErrorKind::Transaction, "this transaction is over");
}

#[tokio::test]
async fn statements_of_one_transaction_queue() {
    let (db, world) = fake(with_max(1));
    db.atomic(async |tx| {
        let (a, b) = (run(&tx, "insert a"), run(&tx, "insert b"));
        let (a, b) = tokio::join!(a, b);
        a.and(b)
    })
    .await
    .unwrap();
    assert_eq!(world.rows(), ["a", "b"]);
}

#[tokio::test]
async fn an_owner_that_goes_away_while_a_statement_runs_takes_all_along() {
    let (db, world) = fake(with_max(1));
    let tx = db.begin("atomic").await.unwrap();
    let inner = tx.begin("atomic").await.unwrap();
    let mut running = pin!(run(&inner, "insert a"));
    assert!(running.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    drop(tx);
    assert_eq!(db.status().in_use, 1);
    running.await.unwrap();
    assert_eq!(world.rows(), [""; 0]);
    assert_clean(&db, &world);
}

#[tokio::test]
async fn a_panic_rolls_back() {
    let (db, world) = fake(with_max(2));
    for statement in ["insert b", "panic"] {
        let task = tokio::spawn({
            let db = db.clone();
            async move {
                db.atomic(async |tx| {
                    run(&tx, "insert a").await?;
                    tx.atomic(async |inner| run(&inner, statement).await).await?;
                    assert_eq!(statement, "", "a panic in the closure");
                    Ok::<_, Error>(())
                })
                .await
            }
        });
        assert!(task.await.unwrap_err().is_panic());
        assert_clean(&db, &world);
    }
    assert_eq!(world.rows(), [""; 0]);
    two_rows(&db).await.unwrap();
}

#[tokio::test]
async fn on_commit_runs_after_the_outermost_commit() {
    let (db, world) = fake(with_max(1));
    let seen: Arc<Mutex<Vec<String>>> = Arc::default();
    let note = |name: &'static str| {
        let (seen, world) = (seen.clone(), world.clone());
        move || seen.lock().unwrap().push(format!("{name} {:?}", world.rows()))
    };
    db.atomic(async |tx| {
        run(&tx, "insert a").await?;
        tx.on_commit(note("outer"))?;
        tx.atomic(async |inner| {
            inner.on_commit(note("kept"))?;
            inner.atomic(async |third| third.on_commit(note("deep"))).await
        })
        .await?;
        let undone: Result<()> = tx
            .atomic(async |inner| {
                inner.on_commit(note("undone"))?;
                Err(Error::invalid_value("no"))
            })
            .await;
        assert!(undone.is_err());
        let dropped = tx.begin("atomic").await?;
        dropped.on_commit(note("dropped"))?;
        drop(dropped);
        assert!(seen.lock().unwrap().is_empty());
        Ok::<_, Error>(())
    })
    .await
    .unwrap();
    assert_eq!(*seen.lock().unwrap(), ["outer [\"a\"]", "kept [\"a\"]", "deep [\"a\"]"]);
    seen.lock().unwrap().clear();
    *world.failing.lock().unwrap() = Some(Control::Commit);
    assert!(db.atomic(async |tx| tx.on_commit(note("failed"))).await.is_err());
    assert!(seen.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_callback_that_holds_a_handle_can_be_dropped() {
    let (db, _) = fake(with_max(1));
    for lost in [false, true] {
        let tx = db.begin("atomic").await.unwrap();
        for _ in 0..2 {
            let inner = tx.begin("atomic").await.unwrap();
            let handle = inner.clone();
            inner.on_commit(move || drop(handle)).unwrap();
            if lost {
                poll_times(run(&inner, "insert a"), 1);
                break;
            }
            inner.rollback().await.unwrap();
        }
    }
    db.atomic(async |tx| run(&tx, "insert a").await).await.unwrap();
}

#[tokio::test]
async fn a_callback_may_use_the_database() {
    let (db, world) = fake(with_max(1));
    let (sender, receiver) = tokio::sync::oneshot::channel();
    db.atomic(async |tx| {
        let db = tx.db().clone();
        tx.on_commit(move || {
            // The connection is back already: this pool has but one.
            let task = tokio::spawn(async move { run(&db, "insert b").await });
            let _ = sender.send(task);
        })
    })
    .await
    .unwrap();
    receiver.await.unwrap().await.unwrap().unwrap();
    assert_eq!(world.rows(), ["b"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn transactions_can_be_spawned_with_captures() {
    let (db, world) = fake(with_max(2));
    let task = tokio::spawn({
        let db = db.clone();
        async move {
            let (name, list) = (String::from("a"), vec!["b", "c"]);
            let count = AtomicUsize::new(0);
            db.atomic(async |tx| {
                run(&tx, &name).await?;
                for item in &list {
                    tx.atomic(async |inner| {
                        count.fetch_add(1, SeqCst);
                        inner.atomic(async |third| run(&third, item).await).await
                    })
                    .await?;
                }
                Ok::<_, Error>(())
            })
            .await?;
            db.retry(RetryPolicy::default(), || {
                async |tx: Tx| {
                    run(&tx, &name).await?;
                    tx.atomic(async |inner| run(&inner, list[0]).await).await?;
                    Ok(count.load(SeqCst))
                }
            })
            .await
        }
    });
    assert_eq!(task.await.unwrap().unwrap(), 2);
    assert_eq!(world.rows(), ["a", "b", "c", "a", "b"]);
}

#[tokio::test(start_paused = true)]
async fn retries_conflicts_and_nothing_else() {
    let (db, world) = fake(with_max(1));
    let tries = AtomicUsize::new(0);
    let done = db
        .retry(RetryPolicy::default(), || {
            let number = tries.fetch_add(1, SeqCst);
            async move |tx: Tx| {
                run(&tx, "insert a").await?;
                run(&tx, if number < 3 { "conflict" } else { "insert b" }).await?;
                Ok(number)
            }
        })
        .await;
    assert_eq!(done.unwrap(), 3);
    assert_eq!(world.rows(), ["a", "b"]);

    let check = async |sql: &'static str, kind: ErrorKind, expect: usize| {
        let policy = RetryPolicy { attempts: 4, ..RetryPolicy::default() };
        tries.store(0, SeqCst);
        let error = db
            .retry(policy, || {
                tries.fetch_add(1, SeqCst);
                async |tx: Tx| run(&tx, sql).await
            })
            .await
            .unwrap_err();
        assert_eq!((error.kind(), tries.load(SeqCst)), (kind, expect));
    };
    check("conflict", ErrorKind::Conflict, 4).await;
    check("fail", ErrorKind::Database, 1).await;
    assert_clean(&db, &world);
}

#[tokio::test]
async fn reads_tables_inside_and_outside_of_a_transaction() {
    let (db, world) = fake(with_max(1));
    db.introspect().await.unwrap();
    db.execute("insert a").await.unwrap();
    db.atomic(async |tx| {
        tx.introspect().await?;
        tx.execute("insert b").await
    })
    .await
    .unwrap();
    assert_eq!(world.rows(), ["a", "b"]);
    assert_clean(&db, &world);
}
