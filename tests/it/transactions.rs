//! Transactions: what is kept, what is undone, and what may be told about it.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::StreamExt;
use orm::db::{RetryPolicy, Settings};
use orm::prelude::*;
use tokio::sync::Barrier;

use crate::harness::{Outcome, create_tables};
use crate::suite;

#[derive(Model, Debug, Clone, PartialEq)]
#[orm(table = "accounts", ordering = "name")]
struct Account {
    id: i64,
    #[orm(max_length = 40, unique)]
    name: String,
    balance: i64,
}

suite!([Account];
    ok_commits_and_err_rolls_back,
    a_panic_rolls_back,
    a_handle_that_is_dropped_rolls_back,
    an_inner_one_fails_and_the_outer_goes_on,
    a_failed_statement_dooms_until_a_savepoint_is_left,
    a_doomed_transaction_does_not_commit,
    a_handle_is_over_with_its_closure,
    what_is_to_run_on_commit,
    everything_may_be_spawned,
    conflicts_are_retried,
    other_errors_are_not_retried,
    a_full_pool_names_its_holders,
    a_database_in_memory,
);

async fn open(db: &dyn Executor, name: &str, balance: i64) -> orm::Result<Account> {
    Account::create(NewAccount { name, balance }).save(db).await
}

async fn names(db: &dyn Executor) -> orm::Result<Vec<String>> {
    Account::objects().values(Account.name).all(db).await
}

async fn ok_commits_and_err_rolls_back(db: Db) -> Outcome {
    let balance = db
        .atomic(async |tx: Tx| {
            let mut ann = open(&tx, "ann", 5).await?;
            assert_eq!(names(&tx).await?, ["ann"]);
            ann.update(&tx, Account.balance.set(Account.balance + 1)).await?;
            Ok::<_, orm::Error>(ann.balance)
        })
        .await?;
    assert_eq!((balance, names(&db).await?), (6, vec!["ann".to_owned()]));

    #[derive(Debug)]
    #[allow(dead_code)]
    enum Mine {
        Enough,
        Orm(orm::Error),
    }
    impl From<orm::Error> for Mine {
        fn from(error: orm::Error) -> Self {
            Mine::Orm(error)
        }
    }
    let result = db
        .atomic(async |tx: Tx| {
            open(&tx, "bob", 5).await?;
            Account::objects().delete(&tx).await?;
            Err::<(), _>(Mine::Enough)
        })
        .await;
    assert!(matches!(result, Err(Mine::Enough)));
    assert_eq!(names(&db).await?, ["ann"]);
    Ok(())
}

async fn a_panic_rolls_back(db: Db) -> Outcome {
    let task = tokio::spawn({
        let db = db.clone();
        async move {
            db.atomic(async |tx: Tx| {
                open(&tx, "ann", 5).await?;
                if names(&tx).await?.len() == 1 {
                    std::panic::resume_unwind(Box::new("on purpose"));
                }
                Ok::<_, orm::Error>(())
            })
            .await
        }
    });
    assert!(task.await.unwrap_err().is_panic());
    assert!(names(&db).await?.is_empty());
    open(&db, "bob", 1).await?;
    Ok(())
}

async fn a_handle_that_is_dropped_rolls_back(db: Db) -> Outcome {
    let tx = db.begin("by hand").await?;
    open(&tx, "ann", 5).await?;
    drop(tx);
    assert!(names(&db).await?.is_empty());
    let tx = db.begin("by hand").await?;
    open(&tx, "bob", 5).await?;
    tx.commit().await?;
    let tx = db.begin("by hand").await?;
    open(&tx, "cleo", 5).await?;
    tx.rollback().await?;
    assert_eq!(names(&db).await?, ["bob"]);
    Ok(())
}

async fn an_inner_one_fails_and_the_outer_goes_on(db: Db) -> Outcome {
    db.atomic(async |tx: Tx| {
        open(&tx, "ann", 1).await?;
        let inner = tx
            .atomic(async |tx: Tx| {
                open(&tx, "bob", 1).await?;
                tx.atomic(async |tx: Tx| open(&tx, "inside", 1).await).await?;
                open(&tx, "ann", 1).await
            })
            .await;
        assert!(inner.unwrap_err().is_unique_violation());
        assert_eq!(names(&tx).await?, ["ann"]);
        let inner = tx.atomic(async |tx: Tx| open(&tx, "cleo", 1).await).await?;
        assert_eq!(inner.name, "cleo");
        let undone = tx
            .atomic(async |tx: Tx| {
                Account::objects().delete(&tx).await?;
                Err::<(), _>(orm::Error::invalid_query("changed my mind"))
            })
            .await;
        assert_eq!(undone.unwrap_err().message(), "changed my mind");
        Ok::<_, orm::Error>(())
    })
    .await?;
    assert_eq!(names(&db).await?, ["ann", "cleo"]);
    Ok(())
}

async fn a_failed_statement_dooms_until_a_savepoint_is_left(db: Db) -> Outcome {
    open(&db, "ann", 1).await?;
    let result = db
        .atomic(async |tx: Tx| {
            open(&tx, "bob", 1).await?;
            assert!(open(&tx, "ann", 1).await.unwrap_err().is_unique_violation());
            let error = names(&tx).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Transaction);
            assert!(error.message().contains("doomed by an earlier error: `Account.name`"), "{error}");
            assert!(tx.atomic(async |tx: Tx| names(&tx).await).await.is_err(), "no savepoint may be opened either");
            Err::<(), _>(error)
        })
        .await;
    assert!(result.is_err());
    assert_eq!(names(&db).await?, ["ann"]);

    db.atomic(async |tx: Tx| {
        let inner = tx
            .atomic(async |tx: Tx| {
                let _ = open(&tx, "ann", 1).await;
                Ok::<_, orm::Error>(())
            })
            .await;
        assert_eq!(inner.unwrap_err().kind(), ErrorKind::Transaction);
        open(&tx, "dora", 1).await
    })
    .await?;
    assert_eq!(names(&db).await?, ["ann", "dora"]);
    Ok(())
}

async fn a_doomed_transaction_does_not_commit(db: Db) -> Outcome {
    open(&db, "ann", 1).await?;
    let error = db
        .atomic(async |tx: Tx| {
            open(&tx, "bob", 1).await?;
            let _ = open(&tx, "ann", 1).await;
            Ok::<_, orm::Error>(())
        })
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Transaction);
    assert!(error.message().starts_with("rolled back instead of committed: "), "{error}");
    assert!(error.message().contains("`Account.name`"), "{error}");
    assert_eq!(names(&db).await?, ["ann"]);
    Ok(())
}

async fn a_handle_is_over_with_its_closure(db: Db) -> Outcome {
    let kept = Arc::new(Mutex::new(None));
    db.atomic(async |tx: Tx| {
        *kept.lock().unwrap() = Some(tx.clone());
        Ok::<_, orm::Error>(())
    })
    .await?;
    let tx = kept.lock().unwrap().take().unwrap();
    let error = open(&tx, "ann", 1).await.unwrap_err();
    assert_eq!((error.kind(), error.message()), (ErrorKind::Transaction, "this transaction is over"));
    assert!(tx.on_commit(|| ()).is_err());
    assert!(tx.commit().await.is_err());
    assert!(names(&db).await?.is_empty());
    Ok(())
}

async fn what_is_to_run_on_commit(db: Db) -> Outcome {
    let ran = Arc::new(Mutex::new(Vec::new()));
    let note = |what: &'static str| {
        let ran = ran.clone();
        move || ran.lock().unwrap().push(what)
    };
    db.atomic(async |tx: Tx| {
        tx.on_commit(note("outer"))?;
        tx.atomic(async |tx: Tx| tx.on_commit(note("inner"))).await?;
        let _ = tx
            .atomic(async |tx: Tx| {
                tx.on_commit(note("undone"))?;
                Err::<(), _>(orm::Error::invalid_query("no"))
            })
            .await;
        open(&tx, "ann", 1).await?;
        assert!(ran.lock().unwrap().is_empty());
        Ok::<_, orm::Error>(())
    })
    .await?;
    assert_eq!(*ran.lock().unwrap(), ["outer", "inner"]);
    let _ = db
        .atomic(async |tx: Tx| {
            tx.on_commit(note("never"))?;
            Err::<(), _>(orm::Error::invalid_query("no"))
        })
        .await;
    assert_eq!(ran.lock().unwrap().len(), 2);
    Ok(())
}

/// Every future that a user may spawn, with things captured: that it compiles is half of the test.
async fn everything_may_be_spawned(db: Db) -> Outcome {
    let name = "ann".to_owned();
    let shared = Arc::new(AtomicUsize::new(0));
    macro_rules! spawned {
        (|$db:ident, $name:ident, $shared:ident| $body:expr) => {{
            let ($db, $name, $shared) = (db.clone(), name.clone(), shared.clone());
            let _ = (&$name, &$shared);
            tokio::spawn(async move { $body }).await?
        }};
    }
    let mut ann = spawned!(|db, name, s| Account::create(NewAccount { name, balance: 1 }).save(&db).await)?;
    spawned!(|db, name, s| Account::objects().filter(Account.name.eq(&name)).all(&db).await)?;
    spawned!(|db, name, s| Account::objects().filter(Account.name.eq(name)).get(&db).await)?;
    spawned!(|db, name, s| Account::objects().filter(Account.name.eq(name)).first(&db).await)?;
    spawned!(|db, name, s| Account::objects().filter(Account.name.eq(name)).count(&db).await)?;
    spawned!(|db, name, s| Account::objects().filter(Account.name.eq(name)).exists(&db).await)?;
    spawned!(|db, name, s| Account::objects().aggregate(&db, Account.balance.sum()).await)?;
    spawned!(|db, name, s| Account::objects().values((Account.name, Account.balance)).all(&db).await)?;
    spawned!(|db, name, s| Account::objects().in_bulk(&db, [1, 2]).await)?;
    let seen = spawned!(|db, name, s| {
        let mut rows = Box::pin(Account::objects().filter(Account.name.eq(name)).stream(&db));
        let mut seen = 0;
        while let Some(row) = rows.next().await {
            row?;
            seen += 1;
        }
        Ok::<_, orm::Error>(seen)
    })?;
    assert_eq!(seen, 1);
    let row = ann.clone();
    spawned!(|db, name, s| row.save(&db).await)?;
    spawned!(|db, name, s| ann.update(&db, Account.balance.set(2)).await)?;
    spawned!(|db, name, s| Account::objects().filter(Account.name.eq(name)).update(&db, Account.balance.set(3)).await)?;
    spawned!(|db, name, s| {
        let drafts = [NewAccount { name: format!("{name} 2"), balance: 1 }];
        Account::objects().bulk_create(&db, drafts).await
    })?;
    spawned!(|db, name, shared| {
        db.atomic(async |tx: Tx| {
            open(&tx, &format!("{name} 3"), 1).await?;
            tx.atomic(async |tx: Tx| {
                open(&tx, &format!("{name} 4"), 1).await?;
                shared.fetch_add(1, Ordering::SeqCst);
                Ok::<_, orm::Error>(())
            })
            .await
        })
        .await
    })?;
    spawned!(|db, name, shared| {
        db.retry(RetryPolicy::default(), || {
            async |tx: Tx| {
                shared.fetch_add(1, Ordering::SeqCst);
                open(&tx, &format!("{name} 5"), 1).await
            }
        })
        .await
    })?;
    let row = Account::objects().filter(Account.name.eq(&name)).get(&db).await?;
    spawned!(|db, name, s| row.delete(&db).await)?;
    spawned!(|db, name, s| Account::objects().filter(Account.name.eq(name)).delete(&db).await)?;
    assert_eq!(shared.load(Ordering::SeqCst), 2);
    assert_eq!(names(&db).await?, ["ann 2", "ann 3", "ann 4", "ann 5"]);
    Ok(())
}

/// Two transactions take two rows in opposite order. On a server one of them is the victim of a deadlock; SQLite lets
/// only one write at a time.
async fn conflicts_are_retried(db: Db) -> Outcome {
    open(&db, "ann", 100).await?;
    open(&db, "bob", 100).await?;
    let attempts = Arc::new(AtomicUsize::new(0));
    let barrier = Arc::new(Barrier::new(2));
    let alone = db.dialect().name() == "sqlite";
    let transfer = |from: &'static str, to: &'static str| {
        let (db, attempts, barrier) = (db.clone(), attempts.clone(), barrier.clone());
        tokio::spawn(async move {
            let met = AtomicBool::new(alone);
            db.retry(RetryPolicy::default(), || {
                async |tx: Tx| {
                    attempts.fetch_add(1, Ordering::SeqCst);
                    let account = |name: &str| Account::objects().filter(Account.name.eq(name));
                    account(from).update(&tx, Account.balance.set(Account.balance - 10)).await?;
                    if !met.swap(true, Ordering::SeqCst) {
                        barrier.wait().await;
                    }
                    account(to).update(&tx, Account.balance.set(Account.balance + 10)).await?;
                    Ok(())
                }
            })
            .await
        })
    };
    let (a, b) = (transfer("ann", "bob"), transfer("bob", "ann"));
    a.await??;
    b.await??;
    let attempts = attempts.load(Ordering::SeqCst);
    assert!(if alone { attempts == 2 } else { attempts >= 3 }, "{attempts}");
    assert_eq!(Account::objects().values(Account.balance).all(&db).await?, [100, 100]);

    if alone {
        let other = db.clone();
        let held = db.begin("hold").await?;
        open(&held, "held", 1).await?;
        let quick = tokio::time::timeout(Duration::from_millis(50), open(&other, "waits", 1)).await;
        assert!(quick.is_err(), "a second writer waits for the first");
        held.commit().await?;
        assert!(names(&db).await?.contains(&"held".to_owned()));
    }
    Ok(())
}

async fn other_errors_are_not_retried(db: Db) -> Outcome {
    open(&db, "ann", 1).await?;
    let attempts = AtomicUsize::new(0);
    let error = db
        .retry(RetryPolicy::default(), || {
            async |tx: Tx| {
                attempts.fetch_add(1, Ordering::SeqCst);
                open(&tx, "ann", 1).await
            }
        })
        .await
        .unwrap_err();
    assert!(error.is_unique_violation());
    let policy = RetryPolicy { attempts: 3, base_delay: Duration::from_millis(1), ..RetryPolicy::default() };
    let error = db
        .retry(policy, || {
            async |_: Tx| {
                attempts.fetch_add(10, Ordering::SeqCst);
                Err::<(), _>(orm::Error::new(ErrorKind::Conflict, "always"))
            }
        })
        .await
        .unwrap_err();
    assert_eq!(error.message(), "always");
    assert_eq!(attempts.load(Ordering::SeqCst), 31);
    Ok(())
}

async fn a_full_pool_names_its_holders(db: Db) -> Outcome {
    let settings = Settings { max_connections: 1, acquire_timeout: Duration::from_secs(1), ..Settings::default() };
    let small = Db::over(db.backend().clone(), settings);
    let error = small.atomic(async |_: Tx| names(&small).await).await.unwrap_err();
    assert!(error.is_pool_timeout());
    let words = error.to_string();
    assert!(words.contains("all 1 are in use: `atomic` for "), "{words}");
    assert!(words.contains("use `&tx` instead of `&db` inside `atomic`"), "{words}");
    assert!(names(&small).await?.is_empty());
    assert_eq!(small.status().in_use, 0);
    Ok(())
}

async fn a_database_in_memory(_: Db) -> Outcome {
    let db = Db::connect("sqlite::memory:").await?;
    create_tables(&db, &[Account::META]).await?;
    db.atomic(async |tx: Tx| {
        open(&tx, "ann", 1).await?;
        let _ = tx.atomic(async |tx: Tx| open(&tx, "ann", 1).await).await;
        Ok::<_, orm::Error>(())
    })
    .await?;
    let failed = db
        .atomic(async |tx: Tx| {
            open(&tx, "bob", 1).await?;
            Err::<(), _>(orm::Error::invalid_query("no"))
        })
        .await;
    assert!(failed.is_err());
    assert_eq!(names(&db).await?, ["ann"]);
    // Dropped half-way, the only connection stays, and its transaction does not.
    let dropped = tokio::time::timeout(
        Duration::from_millis(20),
        db.atomic(async |tx: Tx| {
            open(&tx, "bob", 1).await?;
            std::future::pending::<()>().await;
            Ok::<_, orm::Error>(())
        }),
    )
    .await;
    assert!(dropped.is_err());
    assert_eq!(names(&db).await?, ["ann"]);
    Ok(())
}
