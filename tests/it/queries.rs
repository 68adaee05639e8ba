//! Queries against rows: every clause, Django's traps, and what is refused.

use futures_util::StreamExt;
use orm::prelude::*;
use rust_decimal::{Decimal, dec};

use crate::harness::Outcome;
use crate::shop::{Author, Book, Country, NewAuthor, NewNode, NewTag, Node, Profile, Tag, fill};
use crate::suite;

suite!([Country, Author, Profile, Tag, Book, Node];
    an_or_across_a_nullable_relation_keeps_rows, any_speaks_of_one_row, exclude_any_speaks_of_one_row,
    to_many_aggregates_never_multiply, all_of_nothing_is_true, each_gives_a_row_each, groups, groups_are_ordered_by_keys,
    distinct_rows_are_ordered_by_what_they_hold, aggregates_over_the_first_rows, counts, first_last_and_get, in_bulk,
    subqueries, some_rows_of_a_query_that_names_a_row_outside, an_outer_row_needs_its_query, limits_and_offsets, what_is_never_true_asks_nothing, foreign_keys_join_nothing,
    joins_are_of_the_right_kind, one_shape_is_one_plan, plans_tell_values_apart_where_they_matter, lookups_in_strings,
    streams, values_and_projections, choices_by_conditions, random_order, updates_and_deletions, clauses_after_a_limit,
    reverse_and_default_orders, an_expression_goes_everywhere, counts_of_nothing_related, rows_of_one_relation,
);

fn sql<M: Model, O>(query: &QuerySet<M, O>, db: &Db) -> String {
    query.sql(db.dialect().name()).unwrap().replace('`', "\"")
}

async fn titles(db: &Db, q: Q<Book>) -> orm::Result<Vec<String>> {
    Book::objects().filter(q).values(Book.title).all(db).await
}
async fn names(db: &Db, q: Q<Author>) -> orm::Result<Vec<String>> {
    Author::objects().filter(q).values(Author.name).all(db).await
}

async fn an_or_across_a_nullable_relation_keeps_rows(db: Db) -> Outcome {
    fill(&db).await?;
    assert_eq!(titles(&db, Book.editor.name.eq("Bob") | Book.title.eq("A2")).await?, ["A1", "A2"]);
    assert_eq!(titles(&db, Book.editor.name.ne("Bob")).await?, ["A2", "B1"]);
    assert_eq!(titles(&db, !(Book.editor.name.eq("Bob") & Book.title.eq("A1"))).await?, ["A2", "B1"]);
    assert_eq!(titles(&db, Book.editor.name.is_null()).await?, ["A2"]);
    assert_eq!(titles(&db, Book.editor.country.name.eq("Norway") | Book.editor.is_null()).await?, ["A2", "B1"]);
    assert_eq!(titles(&db, Book.editor.name.coalesce("nobody").eq("nobody")).await?, ["A2"]);
    assert_eq!(titles(&db, (Book.editor.visits + 1).is_null()).await?, ["A2"]);
    assert_eq!(titles(&db, Book.editor.name.eq("Bob") ^ Book.title.eq("A2")).await?, ["A1", "A2"]);
    assert_eq!(titles(&db, Book.editor.name.not_in(["Bob"])).await?, ["A2", "B1"]);
    assert_eq!(titles(&db, Book.editor.name.eq(Book.author.name).is_unknown()).await?, ["A2"]);
    // A one-to-one that is missing on the other side.
    assert_eq!(names(&db, Author.profile.bio.eq("Sails") | Author.name.eq("Cy")).await?, ["Ann", "Cy"]);
    assert_eq!(names(&db, Author.profile.id.is_null()).await?, ["Bob", "Cy"]);
    assert_eq!(names(&db, Author.profile.bio.ne("Sails")).await?, ["Bob", "Cy"]);
    Ok(())
}

async fn any_speaks_of_one_row(db: Db) -> Outcome {
    fill(&db).await?;
    let both = Author.books.any(Book.price.gt(15) & Book.title.eq("A1"));
    assert_eq!(names(&db, both).await?, [""; 0]);
    let each = Author.books.any(Book.price.gt(15)) & Author.books.any(Book.title.eq("A1"));
    assert_eq!(names(&db, each).await?, ["Ann"]);
    // Nested, through other rows, and narrowed before.
    assert_eq!(names(&db, Author.books.any(Book.tags.any(Tag.name.eq("x")) & Book.price.gt(15))).await?, ["Ann"]);
    assert_eq!(names(&db, Author.books.any(Book.tags.any(Tag.name.eq("y")) & Book.price.gt(15))).await?, [""; 0]);
    assert_eq!(names(&db, Author.books.tags.any(Tag.name.eq("y"))).await?, ["Ann"]);
    assert_eq!(names(&db, Author.books.any(Book.editor.name.eq("Bob"))).await?, ["Ann"]);
    assert_eq!(names(&db, Author.books.filter(Book.price.gt(15)).any(Book.copies.eq(7))).await?, ["Ann"]);
    assert_eq!(names(&db, Author.books.filter(Book.price.gt(15)).exists()).await?, ["Ann", "Bob"]);
    assert_eq!(names(&db, Author.books.exists()).await?, ["Ann", "Bob"]);
    assert_eq!(titles(&db, Book.author.books.any(Book.title.eq("A2"))).await?, ["A1", "A2"]);
    assert_eq!(titles(&db, Book.editor.books.any(Book.title.eq("A2"))).await?, ["B1"]);
    assert_eq!(titles(&db, !Book.editor.books.any(Book.title.eq("A2"))).await?, ["A1", "A2"]);
    assert_eq!(names(&db, rev(Book.editor).any(Book.title.eq("B1"))).await?, ["Ann"]);
    let tags = Tag::objects().filter(Tag.books.any(Book.author.name.eq("Ann"))).values(Tag.name).all(&db).await?;
    assert_eq!(tags, ["x", "y"]);
    Ok(())
}

async fn exclude_any_speaks_of_one_row(db: Db) -> Outcome {
    fill(&db).await?;
    let q = Author.books.any(Book.price.gt(15) & Book.title.eq("A1"));
    let left: Vec<String> = Author::objects().exclude(q).values(Author.name).all(&db).await?;
    assert_eq!(left, ["Ann", "Bob", "Cy"]);
    let left: Vec<String> =
        Author::objects().exclude(Author.books.any(Book.editor.is_null())).values(Author.name).all(&db).await?;
    assert_eq!(left, ["Bob", "Cy"]);
    assert_eq!(names(&db, Author.books.none(Book.price.gt(15))).await?, ["Cy"]);
    assert_eq!(names(&db, !Author.books.any(Book.price.gt(15))).await?, ["Cy"]);
    Ok(())
}

async fn to_many_aggregates_never_multiply(db: Db) -> Outcome {
    fill(&db).await?;
    let rows: Vec<(Author, (i64, Option<Decimal>, i64, i64, Option<Decimal>))> = Author::objects()
        .annotate((
            Author.books.count(),
            Author.books.sum(Book.price),
            Author.books.tags.count(),
            Author.edited.count(),
            Author.books.filter(Book.price.gt(15)).sum(Book.price),
        ))
        .all(&db)
        .await?;
    let rows: Vec<_> = rows.into_iter().map(|(author, values)| (author.name, values)).collect();
    assert_eq!(
        rows,
        [
            ("Ann".to_owned(), (2, Some(dec!(30)), 3, 1, Some(dec!(20)))),
            ("Bob".to_owned(), (1, Some(dec!(30)), 1, 1, Some(dec!(30)))),
            ("Cy".to_owned(), (0, None, 0, 0, None)),
        ]
    );
    type Row = (Option<Decimal>, Option<Decimal>, Option<Decimal>, Option<f64>, Option<String>, i64, Option<Decimal>);
    let rows: Vec<Row> = Author::objects()
        .values((
            Author.books.min(Book.price),
            Author.books.max(Book.price),
            Author.books.avg(Book.price),
            Author.books.avg(Book.copies),
            Author.books.order_by(Book.price.desc()).first(Book.title),
            Author.books.order_by(Book.price.desc()).limit(1).count(),
            Author.books.order_by(Book.price.asc()).limit(1).sum(Book.price),
        ))
        .all(&db)
        .await?;
    assert_eq!(
        rows[0],
        (Some(dec!(10)), Some(dec!(20)), Some(dec!(15)), Some(6.0), Some("A2".into()), 1, Some(dec!(10)))
    );
    assert_eq!(rows[2], (None, None, None, None, None, 0, None));
    // A tag that two books share counts twice along the path, a column once a row.
    let rows: Vec<(i64, i64, i64)> = Author::objects()
        .values((
            Author.books.tags.id.count(),
            Author.books.tags.id.count_distinct(),
            Author.books.filter(Book.tags.count().gt(1)).count(),
        ))
        .all(&db)
        .await?;
    assert_eq!(rows, [(3, 2, 1), (1, 1, 0), (0, 0, 0)]);
    let total: Option<Decimal> = Author::objects().aggregate(&db, Author.books.price.sum().sum()).await?;
    assert_eq!(total, Some(dec!(60)));
    let mean: Option<f64> = Author::objects().aggregate(&db, Author.books.count().avg()).await?;
    assert_eq!(mean, Some(1.0));
    Ok(())
}

async fn all_of_nothing_is_true(db: Db) -> Outcome {
    fill(&db).await?;
    assert_eq!(names(&db, Author.books.all(Book.price.gt(15))).await?, ["Bob", "Cy"]);
    assert_eq!(names(&db, Author.books.all(Book.price.gt(5)) & Author.books.exists()).await?, ["Ann", "Bob"]);
    // What is unknown of a row is not true of it.
    assert_eq!(names(&db, Author.books.all(Book.editor.name.eq("Bob"))).await?, ["Cy"]);
    assert_eq!(names(&db, Author.books.all(Book.editor.name.ne("Zoe"))).await?, ["Ann", "Bob", "Cy"]);
    assert_eq!(
        names(&db, Author.books.filter(Book.title.eq("A1")).all(Book.price.eq(10))).await?,
        ["Ann", "Bob", "Cy"]
    );
    Ok(())
}

async fn each_gives_a_row_each(db: Db) -> Outcome {
    fill(&db).await?;
    let tag = Book.tags.each();
    let rows: Vec<(String, Option<String>)> =
        Book::objects().values((Book.title, tag.name)).order_by((Book.title.asc(), tag.name.asc())).all(&db).await?;
    let s = |t: &str| Some(t.to_owned());
    assert_eq!(rows, [("A1".into(), s("x")), ("A1".into(), s("y")), ("A2".into(), s("x")), ("B1".into(), s("z"))]);
    let books = Author.books.each();
    let rows: Vec<(String, Option<String>)> = Author::objects()
        .values((Author.name, books.title))
        .order_by((Author.name.asc(), books.title.asc()))
        .all(&db)
        .await?;
    assert_eq!(rows.len(), 4, "one who wrote nothing keeps a row");
    assert_eq!(rows[3], ("Cy".into(), None));
    // Two uses of the same relation are the same row.
    let rows: Vec<Option<Decimal>> =
        Author::objects().filter(books.title.eq("A2")).values(books.price).all(&db).await?;
    assert_eq!(rows, [Some(dec!(20))]);
    let query = Author::objects().values((Author.name, books.title));
    assert_eq!(query.count(&db).await?, 4);
    let per_tag = Book::objects()
        .group_by(tag.name)
        .annotate((Book.id.count(), Book.price.sum()))
        .order_by(tag.name.asc())
        .all(&db)
        .await?;
    assert_eq!(per_tag, [(s("x"), (2, Some(dec!(30)))), (s("y"), (1, Some(dec!(10)))), (s("z"), (1, Some(dec!(30))))]);
    Ok(())
}

async fn groups(db: Db) -> Outcome {
    fill(&db).await?;
    let total = Book.price.sum();
    let rows: Vec<(String, (i64, Option<Decimal>))> = Book::objects()
        .filter(Book.price.gt(5))
        .group_by(Book.author.name)
        .having(Book.id.count().gt(1) | total.ge(30))
        .annotate((Book.id.count(), &total))
        .order_by((total.desc(), Book.author.name.desc()))
        .all(&db)
        .await?;
    assert_eq!(rows, [("Bob".into(), (1, Some(dec!(30)))), ("Ann".into(), (2, Some(dec!(30))))]);
    let rows = Book::objects()
        .group_by(Book.author.name)
        .having(!Book.id.count().gt(1))
        .annotate(count_rows())
        .all(&db)
        .await?;
    assert_eq!(rows, [("Bob".to_owned(), 1)]);
    // A nullable key is a group too.
    let rows = Book::objects()
        .group_by(Book.editor.name)
        .annotate(Book.price.max())
        .order_by(Book.editor.name.asc().nulls_first())
        .all(&db)
        .await?;
    assert_eq!(
        rows,
        [(None, Some(dec!(20))), (Some("Ann".into()), Some(dec!(30))), (Some("Bob".into()), Some(dec!(10)))]
    );
    // Several keys, computed keys, aggregates with conditions, arithmetic of aggregates.
    let dear = when(Book.price.gt(15), "dear").otherwise("cheap");
    let rows = Book::objects()
        .group_by((Book.author.name, &dear))
        .annotate((Book.price.max() - Book.price.min(), Book.copies.sum().filter(Book.editor.is_null())))
        .order_by((Book.author.name.asc(), dear.asc()))
        .all(&db)
        .await?;
    let s = str::to_owned;
    assert_eq!(
        rows,
        [
            ((s("Ann"), s("cheap")), (Some(dec!(0)), None)),
            ((s("Ann"), s("dear")), (Some(dec!(0)), Some(7))),
            ((s("Bob"), s("dear")), (Some(dec!(0)), None)),
        ]
    );
    let grouped = Book::objects().group_by(Book.author.name).annotate(count_rows());
    assert_eq!(grouped.clone().count(&db).await?, 2);
    assert_eq!(grouped.clone().order_by(count_rows().desc()).limit(1).all(&db).await?, [(s("Ann"), 2)]);
    assert_eq!(grouped.clone().order_by(Book.author.name.asc()).offset(1).all(&db).await?, [(s("Bob"), 1)]);
    assert_eq!(grouped.first(&db).await?, Some((s("Ann"), 2)));
    // Whole rows as keys, and values of to-many relations.
    let rows = Author::objects()
        .group_by(Author.books.count())
        .annotate(count_rows())
        .order_by(Author.books.count().asc())
        .all(&db)
        .await?;
    assert_eq!(rows, [(0, 1), (1, 1), (2, 1)]);
    let rows = Book::objects().group_by(Book.author.row()).annotate(count_rows()).all(&db).await?;
    let mut rows: Vec<_> = rows.into_iter().map(|(author, n)| (author.name, n)).collect();
    rows.sort();
    assert_eq!(rows, [(s("Ann"), 2), (s("Bob"), 1)]);
    Ok(())
}

async fn groups_are_ordered_by_keys(db: Db) -> Outcome {
    fill(&db).await?;
    let error = Book::objects()
        .group_by(Book.author.name)
        .annotate(count_rows())
        .order_by(Book.title.asc())
        .all(&db)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidQuery);
    assert!(error.to_string().contains("`title`"), "{error}");
    let error = Book::objects()
        .group_by(Book.title)
        .annotate(count_rows())
        .order_by(Book.author.name.asc())
        .all(&db)
        .await
        .unwrap_err();
    assert!(error.to_string().contains("`author__name`"), "{error}");
    Ok(())
}

async fn distinct_rows_are_ordered_by_what_they_hold(db: Db) -> Outcome {
    fill(&db).await?;
    let rows: Vec<String> =
        Book::objects().values(Book.author.name).distinct().order_by(Book.author.name.desc()).all(&db).await?;
    assert_eq!(rows, ["Bob", "Ann"]);
    let error =
        Book::objects().values(Book.author.name).distinct().order_by(Book.title.asc()).all(&db).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidQuery);
    assert!(error.to_string().contains("`title`"), "{error}");
    // The model's own order does not slip in.
    let rows: Vec<String> = Book::objects().values(Book.author.name).distinct().all(&db).await?;
    assert_eq!(rows.len(), 2);
    let first = Book::objects().values(Book.author.name).distinct().first(&db).await?;
    assert_eq!(first.as_deref(), Some("Ann"));
    assert_eq!(Book::objects().distinct().all(&db).await?.len(), 3);
    Ok(())
}

async fn aggregates_over_the_first_rows(db: Db) -> Outcome {
    fill(&db).await?;
    let cheap = Book::objects().order_by(Book.price.asc()).limit(2);
    assert_eq!(cheap.clone().aggregate(&db, (Book.price.sum(), count_rows())).await?, (Some(dec!(30)), 2));
    assert_eq!(cheap.clone().aggregate(&db, Book.price.avg()).await?, Some(dec!(15)));
    assert_eq!(cheap.aggregate(&db, Book.price.sum().filter(Book.title.eq("A1"))).await?, Some(dec!(10)));
    let rest = Book::objects().order_by(Book.price.asc()).offset(1);
    assert_eq!(rest.aggregate(&db, (Book.price.max(), Book.author.id.count_distinct())).await?, (Some(dec!(30)), 2));
    Ok(())
}

async fn counts(db: Db) -> Outcome {
    fill(&db).await?;
    let books = Book::objects;
    assert_eq!(books().count(&db).await?, 3);
    assert_eq!(books().limit(2).count(&db).await?, 2);
    assert_eq!(books().limit(2).offset(2).count(&db).await?, 1);
    assert_eq!(books().offset(1).count(&db).await?, 2);
    assert_eq!(books().limit(0).count(&db).await?, 0);
    assert_eq!(books().values(Book.author).distinct().count(&db).await?, 2);
    assert_eq!(books().values(Book.author).count(&db).await?, 3);
    assert_eq!(books().values(Book.author).distinct().limit(1).count(&db).await?, 1);
    assert_eq!(books().select_related(Book.editor).count(&db).await?, 3);
    assert_eq!(
        Author::objects().annotate(Author.books.count()).filter(Author.books.count().ge(1)).count(&db).await?,
        2
    );
    assert!(books().exists(&db).await?);
    assert!(books().order_by(Book.price.asc()).offset(2).exists(&db).await?);
    assert!(!books().offset(3).exists(&db).await?);
    assert!(!books().filter(Book.price.gt(100)).exists(&db).await?);
    assert!(books().values(Book.author).distinct().exists(&db).await?);
    Ok(())
}

async fn first_last_and_get(db: Db) -> Outcome {
    fill(&db).await?;
    let title = |book: Option<Book>| book.map(|b| b.title);
    assert_eq!(title(Book::objects().first(&db).await?).as_deref(), Some("A1"));
    assert_eq!(title(Book::objects().last(&db).await?).as_deref(), Some("B1"));
    assert_eq!(
        title(Book::objects().order_by((Book.author.name.desc(), Book.price.asc())).first(&db).await?).as_deref(),
        Some("B1")
    );
    assert_eq!(
        title(Book::objects().order_by((Book.author.name.desc(), Book.price.asc())).last(&db).await?).as_deref(),
        Some("A2")
    );
    assert_eq!(title(Book::objects().filter(Book.price.gt(99)).first(&db).await?), None);
    assert_eq!(Book::objects().filter(Book.title.eq("A2")).get(&db).await?.price, dec!(20));
    let none = Book::objects().filter(Book.price.gt(99)).get(&db).await.unwrap_err();
    assert!(none.is_not_found() && none.to_string().contains("`Book`"), "{none}");
    let several = Book::objects().get(&db).await.unwrap_err();
    assert_eq!(several.kind(), ErrorKind::MultipleFound);
    assert!(several.to_string().contains("`Book`"), "{several}");
    let error = Book::objects().limit(2).last(&db).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidQuery);
    Ok(())
}

async fn in_bulk(db: Db) -> Outcome {
    fill(&db).await?;
    let ids: Vec<i64> = Book::objects().values(Book.id).all(&db).await?;
    let map = Book::objects().in_bulk(&db, [ids[0], ids[2], 999_999, ids[0]]).await?;
    assert_eq!(map.len(), 2);
    assert_eq!(map[&ids[2]].title, "B1");
    assert!(Book::objects().in_bulk(&db, Vec::<i64>::new()).await?.is_empty());
    let map = Book::objects().filter(Book.price.gt(25)).in_bulk(&db, ids).await?;
    assert_eq!(map.len(), 1);
    Ok(())
}

async fn subqueries(db: Db) -> Outcome {
    fill(&db).await?;
    let newest = || Book::objects().filter(Book.author.eq(outer(Author.id))).order_by(Book.price.desc());
    let rows: Vec<(String, Option<String>)> =
        Author::objects().values((Author.name, newest().values(Book.title).limit(1).scalar())).all(&db).await?;
    let s = str::to_owned;
    assert_eq!(rows, [(s("Ann"), Some(s("A2"))), (s("Bob"), Some(s("B1"))), (s("Cy"), None)]);
    assert_eq!(names(&db, exists(newest())).await?, ["Ann", "Bob"]);
    assert_eq!(names(&db, !exists(newest().filter(Book.price.gt(25)))).await?, ["Ann", "Cy"]);
    assert_eq!(names(&db, newest().values(Book.price).scalar::<Author>().gt(15)).await?, ["Ann", "Bob"]);
    // A subquery in a subquery speaks of both rows outside.
    let q = exists(Book::objects().filter(
        Book.author.eq(outer(Author.id))
            & exists(
                Book::objects().filter(Book.title.gt(outer(Book.title)) & Book.author.eq(outer(outer(Author.id)))),
            ),
    ));
    assert_eq!(names(&db, q).await?, ["Ann"]);
    // As a set: whole rows stand for their keys.
    let of_norway = || Author::objects().filter(Author.country.name.eq("Norway"));
    assert_eq!(titles(&db, Book.author.is_in(of_norway())).await?, ["A1", "A2"]);
    assert_eq!(titles(&db, Book.author.not_in(of_norway())).await?, ["B1"]);
    assert_eq!(titles(&db, Book.editor.is_in(of_norway().values(Author.id))).await?, ["B1"]);
    assert_eq!(titles(&db, Book.editor.not_in(of_norway())).await?, ["A1", "A2"]);
    assert_eq!(names(&db, Author.id.is_in(Book::objects().values(Book.editor))).await?, ["Ann", "Bob"]);
    assert_eq!(names(&db, Author.id.not_in(Book::objects().values(Book.editor))).await?, ["Cy"]);
    assert_eq!(
        titles(&db, Book.author.is_in(Author::objects().order_by(Author.visits.desc()).limit(2))).await?,
        ["B1"]
    );
    assert_eq!(titles(&db, Book.author.is_in(Author::objects().none())).await?, [""; 0]);
    assert_eq!(titles(&db, Book.author.not_in(Author::objects().none())).await?, ["A1", "A2", "B1"]);
    // Inside of a related row's condition, the row outside is the one that it belongs to.
    assert_eq!(names(&db, Author.books.any(Book.title.lt(outer(Author.name)) & Book.price.gt(25))).await?, ["Bob"]);
    // An average of the whole beside each row.
    let mean = Book::objects().values(Book.copies).order_by(Book.copies.desc()).limit(1).scalar::<Book>();
    assert_eq!(titles(&db, Book.copies.eq(mean)).await?, ["A2"]);
    Ok(())
}

async fn some_rows_of_a_query_that_names_a_row_outside(db: Db) -> Outcome {
    fill(&db).await?;
    let newest = || Book::objects().filter(Book.author.eq(outer(Author.id))).order_by(Book.price.desc());
    assert_eq!(names(&db, exists(newest().offset(1))).await?, ["Ann"]);
    assert_eq!(names(&db, !exists(newest().limit(5).offset(1))).await?, ["Bob", "Cy"]);
    assert_eq!(names(&db, exists(newest().offset(2))).await?, [""; 0]);
    // A query further out is outside, too.
    let of_author = Author::objects().filter(exists(
        Book::objects().filter(Book.author.eq(outer(Author.id)) & Book.title.ne(outer(outer(Book.title)))).offset(1),
    ));
    assert_eq!(titles(&db, exists(of_author)).await?, ["B1"]);

    let dearest = Book::objects().filter(Book.author.eq(outer(Book.author))).order_by(Book.price.desc());
    let in_list = Book.id.is_in(dearest.clone().limit(1).values(Book.id));
    let rated = newest().order_by(Book.title.asc()).values(Book.title).distinct().offset(1);
    let over = Author.books.filter(Book.title.lt(outer(Author.name))).order_by(Book.price.asc()).limit(1).count();
    if db.dialect().name() == "mysql" {
        for (error, words) in [
            (
                names(&db, exists(rated)).await.unwrap_err(),
                "mysql takes no row outside (`outer(..)`) in `exists` of distinct",
            ),
            (
                titles(&db, in_list).await.unwrap_err(),
                "mysql takes no row outside (`outer(..)`) in a query for `is_in`",
            ),
            (names(&db, over.gt(0)).await.unwrap_err(), "mysql takes no row outside (`outer(..)`) in an aggregate"),
        ] {
            assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
            assert!(error.to_string().contains(words), "{error}");
        }
    } else {
        assert_eq!(titles(&db, in_list).await?, ["A2", "B1"]);
        assert_eq!(names(&db, exists(rated)).await?, ["Ann"]);
        assert_eq!(names(&db, over.gt(0)).await?, ["Ann", "Bob"]);
    }
    // The way out that the error names; and without a limit, the order does not matter.
    assert_eq!(titles(&db, Book.id.eq(dearest.clone().limit(1).values(Book.id).scalar::<Book>())).await?, ["A2", "B1"]);
    assert_eq!(titles(&db, Book.id.is_in(dearest.values(Book.id))).await?, ["A1", "A2", "B1"]);
    Ok(())
}

async fn an_outer_row_needs_its_query(db: Db) -> Outcome {
    fill(&db).await?;
    let lost = Book::objects().filter(Book.author.eq(outer(Author.id)));
    for error in [
        lost.clone().all(&db).await.unwrap_err(),
        lost.clone().count(&db).await.unwrap_err(),
        lost.clone().delete(&db).await.unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::InvalidQuery);
        assert!(error.to_string().contains("`Author`"), "{error}");
    }
    let error = Tag::objects().filter(exists(lost)).all(&db).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidQuery);
    assert!(error.to_string().contains("`Author`") && error.to_string().contains("`Tag`"), "{error}");
    assert_eq!(Book::objects().count(&db).await?, 3);
    Ok(())
}

async fn limits_and_offsets(db: Db) -> Outcome {
    fill(&db).await?;
    let of = |query: QuerySet<Book>| query.values(Book.title).all(&db);
    assert_eq!(of(Book::objects().limit(2)).await?, ["A1", "A2"]);
    assert_eq!(of(Book::objects().offset(1)).await?, ["A2", "B1"]);
    assert_eq!(of(Book::objects().offset(1).limit(1)).await?, ["A2"]);
    assert_eq!(of(Book::objects().limit(10).offset(10)).await?, [""; 0]);
    assert_eq!(of(Book::objects().limit(0)).await?, [""; 0]);
    assert_eq!(of(Book::objects().limit(u64::MAX)).await?.len(), 3);
    assert_eq!(of(Book::objects().offset(u64::MAX)).await?.len(), 0);
    Ok(())
}

async fn what_is_never_true_asks_nothing(db: Db) -> Outcome {
    // No table of the model is asked, so a connection is never opened: the pool still has none.
    let fresh = Db::connect("sqlite::memory:").await?;
    let nothing = || Book::objects().filter(Book.id.is_in(Vec::<i64>::new()));
    assert_eq!(nothing().all(&fresh).await?.len(), 0);
    assert_eq!(nothing().count(&fresh).await?, 0);
    assert!(!nothing().exists(&fresh).await?);
    assert_eq!(nothing().delete(&fresh).await?, 0);
    assert_eq!(nothing().update(&fresh, Book.title.set("x")).await?, 0);
    assert_eq!(Book::objects().none().values(Book.title).first(&fresh).await?, None);
    assert_eq!(nothing().filter(Book.price.gt(1)).all(&fresh).await?.len(), 0);
    fill(&db).await?;
    assert_eq!(titles(&db, Book.id.is_in(Vec::<i64>::new()) | Book.title.eq("A1")).await?, ["A1"]);
    assert_eq!(titles(&db, Book.id.not_in(Vec::<i64>::new())).await?.len(), 3);
    assert_eq!(titles(&db, !Q::any_of([])).await?.len(), 3);
    assert_eq!(Book::objects().none().aggregate(&db, (count_rows(), Book.price.sum())).await?, (0, None));
    Ok(())
}

async fn foreign_keys_join_nothing(db: Db) -> Outcome {
    let queries = [
        Book::objects().filter(Book.author.eq(3)),
        Book::objects().filter(Book.author.id.eq(3)),
        Book::objects().filter(Book.editor.id.eq(3)),
        Book::objects().order_by(Book.author.id.asc()),
    ];
    for query in &queries {
        assert!(!sql(query, &db).contains("JOIN"), "{}", sql(query, &db));
    }
    assert_eq!(sql(&queries[0], &db), sql(&queries[1], &db));
    let values = Book::objects().values((Book.author, Book.author.id, Book.editor.id));
    assert!(!sql(&values, &db).contains("JOIN"), "{}", sql(&values, &db));
    fill(&db).await?;
    assert_eq!(values.all(&db).await?.len(), 3);
    Ok(())
}

async fn joins_are_of_the_right_kind(db: Db) -> Outcome {
    let kinds = |query: &QuerySet<Book>| {
        let text = sql(query, &db);
        (text.matches("LEFT JOIN").count(), text.matches("INNER JOIN").count())
    };
    let q = Book::objects;
    assert_eq!(kinds(&q().filter(Book.author.name.eq("x"))), (0, 1));
    assert_eq!(kinds(&q().filter(Book.editor.name.eq("x"))), (0, 1), "a NULL could not be equal");
    assert_eq!(kinds(&q().filter(Book.editor.name.ne("x"))), (1, 0));
    assert_eq!(kinds(&q().filter(Book.editor.name.eq("x") | Book.title.eq("y"))), (1, 0));
    assert_eq!(kinds(&q().filter(Book.editor.name.eq("x") & Book.title.eq("y"))), (0, 1));
    assert_eq!(kinds(&q().filter(Book.editor.name.is_null())), (1, 0));
    assert_eq!(kinds(&q().order_by(Book.editor.name.asc())), (1, 0));
    assert_eq!(kinds(&q().filter(Book.editor.country.name.eq("x")).order_by(Book.editor.name.asc())), (0, 2));
    assert_eq!(
        kinds(&q().filter(Book.editor.name.eq("x") | Book.editor.country.name.eq("x"))),
        (2, 0),
        "one join a path"
    );
    assert_eq!(kinds(&q().select_related((Book.author, Book.editor.country))), (2, 1));
    assert_eq!(kinds(&q().filter(Book.author.country.name.eq("x"))), (0, 2));
    Ok(())
}

async fn one_shape_is_one_plan(db: Db) -> Outcome {
    fill(&db).await?;
    let before = db.plans().len();
    for (title, price) in [("A1", 1), ("B1", 100), ("nothing", 5)] {
        titles(&db, Book.title.eq(title) | Book.price.gt(price)).await?;
        titles(&db, Book.id.is_in([price, price + 1, price + 2])).await?;
        Book::objects().limit(price as u64).offset(1).all(&db).await?;
        Book::objects().filter(Book.title.eq(title)).update(&db, Book.copies.set(Book.copies + price)).await?;
    }
    assert_eq!(db.plans().len() - before, 4);
    let text = |q: Q<Book>| sql(&Book::objects().filter(q), &db);
    assert_eq!(text(Book.title.icontains("a")), text(Book.title.icontains("%")));
    assert_eq!(text(Book.id.is_in([1, 2, 3])), text(Book.id.is_in([4, 5, 6, 7])));
    Ok(())
}

async fn plans_tell_values_apart_where_they_matter(db: Db) -> Outcome {
    fill(&db).await?;
    // The order is the selected expression only if its values are the same.
    let by = |factor: i64| {
        let distance = Book.copies * 2;
        let sorted = Book.copies * factor;
        Book::objects().values((Book.title, &distance)).order_by(sorted.asc()).all(&db)
    };
    let titles_of = |rows: Vec<(String, i64)>| rows.into_iter().map(|(t, _)| t).collect::<Vec<_>>();
    assert_eq!(titles_of(by(2).await?), ["B1", "A1", "A2"]);
    assert_eq!(titles_of(by(-2).await?), ["A2", "A1", "B1"]);
    // No rows at all, and some rows, of the same query inside.
    let inside = |limit: u64| {
        Author::objects().filter(Author.id.is_in(Book::objects().limit(limit).values(Book.author))).count(&db)
    };
    assert_eq!((inside(0).await?, inside(5).await?, inside(0).await?), (0, 2, 0));
    let found = |limit: u64| Author::objects().filter(exists(Book::objects().limit(limit))).count(&db);
    assert_eq!((found(0).await?, found(5).await?), (0, 3));
    Ok(())
}

async fn lookups_in_strings(db: Db) -> Outcome {
    fill(&db).await?;
    let check = async |path: &str, value: &str, typed: Q<Book>| -> Outcome {
        let parsed = Q::parse::<Book>(path, value)?;
        assert_eq!(sql(&Book::objects().filter(&parsed), &db), sql(&Book::objects().filter(&typed), &db), "{path}");
        assert_eq!(titles(&db, parsed).await?, titles(&db, typed).await?, "{path}");
        Ok(())
    };
    check("title", "A1", Book.title.eq("A1")).await?;
    check("author__name__icontains", "AN", Book.author.name.icontains("AN")).await?;
    check("author", "1", Book.author.eq(1)).await?;
    check("author__id", "1", Book.author.id.eq(1)).await?;
    check("author__pk", "1", Book.author.id.eq(1)).await?;
    check("editor__isnull", "true", Book.editor.is_null()).await?;
    check("editor__country__name", "Norway", Book.editor.country.name.eq("Norway")).await?;
    check("editor__name__ne", "Bob", Book.editor.name.ne("Bob")).await?;
    check("price__gte", "20", Book.price.ge(20)).await?;
    check("price__range", "5,20.5", Book.price.range(5, dec!(20.5))).await?;
    check("title__in", "A1,B1", Book.title.is_in(["A1", "B1"])).await?;
    check("tags__name", "x", Book.tags.any(Tag.name.eq("x"))).await?;
    check("title__length__gt", "1", Book.title.length().gt(1)).await?;
    check("author__profile__bio__startswith", "S", Book.author.profile.bio.startswith("S")).await?;
    let both = Q::parse_all::<Author>([("books__price__gt", "15"), ("books__title", "A1")])?;
    assert_eq!(names(&db, both).await?, [""; 0], "the conditions of one call share the related row");
    let both = Q::parse::<Author>("books__price__gt", "15")? & Q::parse::<Author>("books__title", "A1")?;
    assert_eq!(names(&db, both).await?, ["Ann"]);
    assert_eq!(names(&db, Q::parse::<Author>("books__isnull", "true")?).await?, ["Cy"]);
    Ok(())
}

async fn streams(db: Db) -> Outcome {
    let drafts = (0..3000).map(|i| NewTag { name: format!("{i:05}") });
    Tag::objects().bulk_create(&db, drafts).await?;
    let all: Vec<String> = Tag::objects().values(Tag.name).stream(&db).map(|row| row.unwrap()).collect().await;
    assert_eq!(all.len(), 3000);
    assert!(all.is_sorted());
    // A slow reader gets every row.
    let mut stream = std::pin::pin!(Tag::objects().values(Tag.name).stream(&db));
    let mut read = 0;
    while let Some(row) = stream.next().await {
        row?;
        read += 1;
        if read % 700 == 0 {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    }
    assert_eq!(read, 3000);
    // One that stops half-way leaves the database usable, again and again.
    for _ in 0..30 {
        let mut stream = Box::pin(Tag::objects().stream(&db));
        for _ in 0..5 {
            stream.next().await.ok_or("no row")??;
        }
        drop(stream);
    }
    assert_eq!(Tag::objects().count(&db).await?, 3000);
    // In a transaction too.
    let tx = db.begin("stream").await?;
    let mut stream = Box::pin(Tag::objects().limit(10).stream(&tx));
    let mut rows = 0;
    while let Some(row) = stream.next().await {
        row?;
        rows += 1;
    }
    drop(stream);
    assert_eq!(rows, 10);
    assert_eq!(Tag::objects().count(&tx).await?, 3000);
    tx.commit().await?;
    // Errors come through it.
    let lost = Book::objects().filter(Book.author.eq(outer(Author.id)));
    let errors: Vec<_> = lost.stream(&db).collect().await;
    assert!(matches!(errors.as_slice(), [Err(error)] if error.kind() == ErrorKind::InvalidQuery));
    let none: Vec<_> = Tag::objects().none().stream(&db).collect().await;
    assert!(none.is_empty());
    Ok(())
}

#[derive(Projection, Debug, PartialEq)]
#[orm(of = Book)]
struct Line {
    title: String,
    #[orm(Book.editor.name)]
    editor: Option<String>,
    #[orm(Book.tags.count())]
    tags: i64,
}

async fn values_and_projections(db: Db) -> Outcome {
    fill(&db).await?;
    let rows: Vec<(Book, Author, Option<Author>, String)> = Book::objects()
        .values((Book, Book.author.row(), Book.editor.row(), Book.author.country.name.coalesce("-")))
        .all(&db)
        .await?;
    let rows: Vec<_> = rows.into_iter().map(|(b, a, e, c)| (b.title, a.name, e.map(|e| e.name), c)).collect();
    let s = str::to_owned;
    assert_eq!(
        rows,
        [
            (s("A1"), s("Ann"), Some(s("Bob")), s("Norway")),
            (s("A2"), s("Ann"), None, s("Norway")),
            (s("B1"), s("Bob"), Some(s("Ann")), s("-")),
        ]
    );
    let rows: Vec<Option<Profile>> = Author::objects().values(Author.profile.row()).all(&db).await?;
    assert_eq!(rows.iter().flatten().count(), 1);
    let lines: Vec<Line> = Book::objects().project::<Line>().all(&db).await?;
    assert_eq!(lines[0], Line { title: s("A1"), editor: Some(s("Bob")), tags: 2 });
    assert_eq!(lines[1], Line { title: s("A2"), editor: None, tags: 1 });
    let annotated: Vec<(Book, (String, i64))> =
        Book::objects().annotate((Book.author.name, Book.tags.count())).all(&db).await?;
    assert_eq!(annotated[0].1, (s("Ann"), 2));
    Ok(())
}

async fn choices_by_conditions(db: Db) -> Outcome {
    fill(&db).await?;
    let label = when(Book.price.lt(15), "cheap").when(Book.editor.is_null(), "unedited").otherwise(Book.title);
    let rows: Vec<String> = Book::objects().values(&label).all(&db).await?;
    assert_eq!(rows, ["cheap", "unedited", "B1"]);
    let rows: Vec<Option<i64>> =
        Book::objects().values(when(Book.price.gt(15), Book.copies * 2).or_null()).all(&db).await?;
    assert_eq!(rows, [None, Some(14), Some(0)]);
    assert_eq!(Book::objects().filter(label.eq("unedited")).count(&db).await?, 1);
    let rows: Vec<String> = Book::objects().values(Book.title).order_by((label.desc(), Book.id.asc())).all(&db).await?;
    assert_eq!(rows, ["A2", "A1", "B1"]);
    let (cheap, rest) = Book::objects()
        .aggregate(
            &db,
            (when(Book.price.lt(15), 1i64).otherwise(0).sum(), when(Book.price.lt(15), 0i64).otherwise(1).sum()),
        )
        .await?;
    assert_eq!((cheap, rest), (Some(1), Some(2)));
    let rows: Vec<String> = Book::objects().values(Book.title.concat(" by ").concat(Book.author.name)).all(&db).await?;
    assert_eq!(rows, ["A1 by Ann", "A2 by Ann", "B1 by Bob"]);
    Ok(())
}

async fn random_order(db: Db) -> Outcome {
    fill(&db).await?;
    let mut rows: Vec<String> = Book::objects().order_by(random()).values(Book.title).all(&db).await?;
    rows.sort();
    assert_eq!(rows, ["A1", "A2", "B1"]);
    Ok(())
}

async fn updates_and_deletions(db: Db) -> Outcome {
    fill(&db).await?;
    // Through conditions on other tables and on the same one.
    assert_eq!(
        Book::objects().filter(Book.author.name.eq("Ann")).update(&db, Book.copies.set(Book.copies + 1)).await?,
        2
    );
    assert_eq!(
        Book::objects().filter(Book.tags.any(Tag.name.eq("z"))).update(&db, Book.price.set(Book.price * 2)).await?,
        1
    );
    assert_eq!(Book::objects().filter(Book.title.eq("B1")).get(&db).await?.price, dec!(60));
    let dear = Book::objects().order_by(Book.price.desc()).limit(1).values(Book.id);
    assert_eq!(Book::objects().filter(Book.id.is_in(dear)).update(&db, Book.copies.set(99)).await?, 1);
    assert_eq!(Book::objects().order_by(Book.price.asc()).limit(2).update(&db, Book.copies.set(1)).await?, 2);
    let copies: Vec<i64> = Book::objects().values(Book.copies).all(&db).await?;
    assert_eq!(copies, [1, 1, 99]);
    assert_eq!(Author::objects().update(&db, Author.visits.set(Author.books.count())).await?, 3);
    let visits: Vec<i64> = Author::objects().values(Author.visits).all(&db).await?;
    assert_eq!(visits, [2, 1, 0]);
    // An update that changes nothing still counts its rows.
    assert_eq!(Author::objects().update(&db, Author.name.set(Author.name)).await?, 3);
    let other = Book::objects().filter(exists(Book::objects().filter(Book.price.gt(outer(Book.price)))));
    assert_eq!(other.delete(&db).await?, 2);
    assert_eq!(titles(&db, Q::all_of([])).await?, ["B1"]);
    assert_eq!(Author::objects().filter(!Author.books.exists()).delete(&db).await?, 2);
    assert_eq!(Author::objects().count(&db).await?, 1);
    let error = Book::objects().update(&db, Book.title.set(Book.author.name)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidQuery, "{error}");
    Ok(())
}

async fn clauses_after_a_limit(db: Db) -> Outcome {
    fill(&db).await?;
    let some = || Book::objects().limit(2);
    for error in [
        some().filter(Book.price.gt(1)).all(&db).await.unwrap_err(),
        some().order_by(Book.price.asc()).all(&db).await.unwrap_err(),
        some().exclude(Book.price.gt(1)).count(&db).await.unwrap_err(),
        some().group_by(Book.author.name).annotate(count_rows()).all(&db).await.unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::InvalidQuery, "{error}");
        assert!(error.to_string().contains("limit"), "{error}");
    }
    Ok(())
}

async fn reverse_and_default_orders(db: Db) -> Outcome {
    fill(&db).await?;
    let of = |query: QuerySet<Book>| query.values(Book.title).all(&db);
    assert_eq!(of(Book::objects().reverse()).await?, ["B1", "A2", "A1"]);
    assert_eq!(of(Book::objects().order_by(Book.price.desc()).reverse()).await?, ["A1", "A2", "B1"]);
    assert_eq!(of(Book::objects().order_by(Book.price.desc()).order_by(Book.title.asc())).await?, ["A1", "A2", "B1"]);
    assert_eq!(of(Book::objects().order_by([Book.author.name.desc(), Book.price.desc()])).await?, ["B1", "A2", "A1"]);
    assert!(!sql(&Book::objects().order_by(()), &db).contains("ORDER BY"));
    assert!(!sql(&Book::objects().filter(Book.author.is_in(Author::objects())), &db).contains("shop_authors\" ORDER"));
    Ok(())
}

async fn an_expression_goes_everywhere(db: Db) -> Outcome {
    fill(&db).await?;
    let n = Author.books.count();
    let rows: Vec<(Author, i64)> =
        Author::objects().annotate(&n).filter(n.gt(0)).order_by((n.desc(), Author.name.asc())).all(&db).await?;
    assert_eq!(
        rows.into_iter().map(|(a, n)| (a.name, n)).collect::<Vec<_>>(),
        [("Ann".to_owned(), 2), ("Bob".to_owned(), 1)]
    );
    let spent = Author.books.filter(Book.price.gt(5)).sum(Book.price);
    let rows: Vec<(Author, Option<Decimal>)> =
        Author::objects().annotate(&spent).order_by((spent.desc().nulls_last(), Author.name.desc())).all(&db).await?;
    assert_eq!(rows.into_iter().map(|(a, _)| a.name).collect::<Vec<_>>(), ["Bob", "Ann", "Cy"]);
    let rows: Vec<(Author, Option<Decimal>)> =
        Author::objects().annotate(&spent).order_by((spent.asc().nulls_first(), Author.name.desc())).all(&db).await?;
    assert_eq!(rows.into_iter().map(|(a, _)| a.name).collect::<Vec<_>>(), ["Cy", "Bob", "Ann"]);
    Ok(())
}

async fn counts_of_nothing_related(db: Db) -> Outcome {
    Author::create(NewAuthor { name: "Zed" }).save(&db).await?;
    let row = Author::objects()
        .values((Author.books.count(), Author.books.tags.count(), Author.books.sum(Book.price).coalesce(0)))
        .get(&db)
        .await?;
    assert_eq!(row, (0, 0, dec!(0)));
    Ok(())
}

async fn rows_of_one_relation(db: Db) -> Outcome {
    let root = Node::create(NewNode { name: "root" }).save(&db).await?;
    let a = Node::create(NewNode { name: "a" }).with(Node.parent.set(&root)).save(&db).await?;
    Node::create(NewNode { name: "b" }).with(Node.parent.set(&a)).save(&db).await?;
    let of = |q: Q<Node>| Node::objects().filter(q).values(Node.name).all(&db);
    assert_eq!(of(Node.parent.parent.name.eq("root")).await?, ["b"]);
    assert_eq!(of(Node.children.any(Node.children.any(Node.name.eq("b")))).await?, ["root"]);
    assert_eq!(of(Node.children.children.any(Node.name.eq("b"))).await?, ["root"]);
    assert_eq!(of(Node.parent.is_null()).await?, ["root"]);
    assert_eq!(of(Node.name.lt(Node.parent.name)).await?, ["a"]);
    assert_eq!(of(Node.parent.children.count().gt(0)).await?, ["a", "b"]);
    assert_eq!(of(!Node.children.exists()).await?, ["b"]);
    let counts: Vec<(String, i64)> = Node::objects().values((Node.name, Node.children.count())).all(&db).await?;
    assert_eq!(counts, [("a".into(), 1), ("b".into(), 0), ("root".into(), 1)]);
    assert_eq!(root.children().count(&db).await?, 1);
    Ok(())
}
