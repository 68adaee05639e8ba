//! What means the same on every database: the first class of `docs/decisions/0001-one-meaning.md`, row by row. What
//! each kind of column stores is in `stored.rs`.

use orm::prelude::*;
use rust_decimal::{Decimal, dec};

use crate::harness::Outcome;
use crate::suite;

#[derive(Model, Debug, Clone, PartialEq)]
#[orm(table = "meaning_words", ordering = "id")]
struct Word {
    id: i64,
    #[orm(max_length = 200)]
    text: String,
    #[orm(max_length = 200)]
    part: Option<String>,
}

#[derive(Model, Debug, Clone, PartialEq)]
#[orm(table = "meaning_numbers", ordering = "id")]
struct Figure {
    id: i64,
    a: i64,
    b: Option<i64>,
    small: Option<i32>,
    float: Option<f64>,
    #[orm(max_digits = 12, decimal_places = 2)]
    price: Option<Decimal>,
    #[orm(max_digits = 8, decimal_places = 3)]
    rate: Option<Decimal>,
    flag: Option<bool>,
}

suite!([Word, Figure];
    text_is_equal_exactly, text_has_the_order_of_code_points, text_folds_case_over_all_of_unicode,
    nothing_is_a_wildcard, nothing_is_a_wildcard_between_columns, a_condition_and_its_negation_make_up_the_whole,
    nulls_in_lists_and_subqueries_are_ignored, integers_are_reckoned_in_64_bits, division_and_remainder, decimal_arithmetic, averages_and_sums,
    rounding_is_half_away_from_zero, floats_come_back_exactly, aggregates_of_nothing, an_update_sees_the_row_as_it_was,
    a_failed_statement_dooms_its_transaction, nulls_go_where_they_are_sent, decimals_beyond_the_column, functions_of_text, booleans_are_values,
);

async fn words(db: &Db, texts: &[&str]) -> orm::Result<()> {
    Word::objects().bulk_create(db, texts.iter().map(|text| NewWord { text: *text })).await?;
    Ok(())
}

async fn texts(db: &Db, q: Q<Word>) -> orm::Result<Vec<String>> {
    Word::objects().filter(q).values(Word.text).all(db).await
}

async fn text_is_equal_exactly(db: Db) -> Outcome {
    let all = ["x", "X", "a", "a ", "a\t", "ä", "a\u{308}", "Ä", "ß", "ss", "", " ", "😀", "😁"];
    words(&db, &all).await?;
    for text in all {
        assert_eq!(texts(&db, Word.text.eq(text)).await?, [text], "{text:?} equals itself alone");
        assert_eq!(texts(&db, Word.text.is_in([text, "no such"])).await?, [text], "{text:?} in a list");
        assert_eq!(texts(&db, Word.text.ne(text)).await?.len(), all.len() - 1, "{text:?} differs from the rest");
    }
    // Columns with each other, distinct values, groups and counts follow the same equality.
    assert_eq!(Word::objects().values(Word.text).distinct().order_by(()).count(&db).await?, all.len() as u64);
    let groups = Word::objects().group_by(Word.text).annotate(Word.id.count()).all(&db).await?;
    assert_eq!(groups.len(), all.len());
    assert_eq!(Word::objects().aggregate(&db, Word.text.count_distinct()).await?, all.len() as i64);
    Ok(())
}

async fn text_has_the_order_of_code_points(db: Db) -> Outcome {
    let mut all =
        vec!["b", "B", "a", "a ", "ab", "Z", "z", "ä", "é", "ｚ", "\u{ffee}", "😀", "1", "10", "2", "_", "", "a\u{1}"];
    words(&db, &all).await?;
    all.sort_unstable();
    let sorted: Vec<String> = Word::objects().order_by(Word.text.asc()).values(Word.text).all(&db).await?;
    assert_eq!(sorted, all);
    all.reverse();
    let sorted: Vec<String> = Word::objects().order_by(Word.text.desc()).values(Word.text).all(&db).await?;
    assert_eq!(sorted, all);
    for bound in &all {
        let below = all.iter().filter(|t| *t < bound).count();
        assert_eq!(texts(&db, Word.text.lt(*bound)).await?.len(), below, "less than {bound:?}");
        assert_eq!(texts(&db, Word.text.le(*bound)).await?.len(), below + 1, "at most {bound:?}");
    }
    let ends: (Option<String>, Option<String>) =
        Word::objects().aggregate(&db, (Word.text.min(), Word.text.max())).await?;
    assert_eq!(ends, (Some(String::new()), Some("😀".to_owned())));
    Ok(())
}

async fn text_folds_case_over_all_of_unicode(db: Db) -> Outcome {
    words(&db, &["Straße", "ÄRGER", "ärger", "Ελλάδα", "ΕΛΛΆΔΑ", "Привет", "ПРИВЕТ", "plain", "PLAIN", "😀 Smile"])
        .await?;
    let found = |q| texts(&db, q);
    assert_eq!(found(Word.text.icontains("Ärg")).await?, ["ÄRGER", "ärger"]);
    assert_eq!(found(Word.text.icontains("ärG")).await?, ["ÄRGER", "ärger"]);
    assert_eq!(found(Word.text.icontains("arg")).await?, [""; 0], "an umlaut is a letter of its own");
    assert_eq!(found(Word.text.ieq("ελλάδα")).await?, ["Ελλάδα", "ΕΛΛΆΔΑ"]);
    assert_eq!(found(Word.text.istartswith("при")).await?, ["Привет", "ПРИВЕТ"]);
    assert_eq!(found(Word.text.iendswith("AIN")).await?, ["plain", "PLAIN"]);
    assert_eq!(found(Word.text.icontains("SS")).await?, [""; 0]);
    assert_eq!(found(Word.text.icontains("😀 S")).await?, ["😀 Smile"]);
    assert_eq!(found(Word.text.contains("Ä")).await?, ["ÄRGER"]);
    assert_eq!(found(Word.text.lower().eq("ärger")).await?, ["ÄRGER", "ärger"]);
    assert_eq!(found(Word.text.upper().eq("ПРИВЕТ")).await?, ["Привет", "ПРИВЕТ"]);
    Ok(())
}

const ODD: [&str; 14] =
    ["100%", "100x", "a_b", "axb", r"a\b", r"a\\b", "a*b", "a?b", "a[b]", "ab", "a!b", "a^b", "[a-z]", "'\"`;--"];

async fn nothing_is_a_wildcard(db: Db) -> Outcome {
    words(&db, &ODD).await?;
    for needle in [
        "%", "_", r"\", r"\\", "*", "?", "[", "]", "[b]", "!", "^", "a%", "%b", "_b", "a_", "[a-z]", "'", "\"", "",
        "--", r"\b",
    ] {
        let expected = |test: fn(&str, &str) -> bool| {
            ODD.iter().copied().filter(|text| test(text, needle)).map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(texts(&db, Word.text.contains(needle)).await?, expected(|t, n| t.contains(n)), "contains {needle}");
        assert_eq!(
            texts(&db, Word.text.icontains(needle)).await?,
            expected(|t, n| t.contains(n)),
            "icontains {needle}"
        );
        assert_eq!(
            texts(&db, Word.text.startswith(needle)).await?,
            expected(|t, n| t.starts_with(n)),
            "startswith {needle}"
        );
        assert_eq!(
            texts(&db, Word.text.istartswith(needle)).await?,
            expected(|t, n| t.starts_with(n)),
            "istartswith {needle}"
        );
        assert_eq!(texts(&db, Word.text.endswith(needle)).await?, expected(|t, n| t.ends_with(n)), "endswith {needle}");
        assert_eq!(
            texts(&db, Word.text.iendswith(needle)).await?,
            expected(|t, n| t.ends_with(n)),
            "iendswith {needle}"
        );
        assert_eq!(texts(&db, Word.text.ieq(needle)).await?, expected(|t, n| t == n), "ieq {needle}");
    }
    Ok(())
}

async fn nothing_is_a_wildcard_between_columns(db: Db) -> Outcome {
    let parts = ["%", "_", r"\", "*", "?", "[", "[b]", "", "a", "A", "b", "ä", "longer than all of them"];
    let mut pairs = Vec::new();
    for text in ODD.iter().chain(&["Ä", "ä"]) {
        pairs.extend(parts.iter().map(|part| (*text, *part)));
    }
    let drafts = pairs.iter().map(|(text, part)| Word::create(NewWord { text: *text }).with(Word.part.set(*part)));
    Word::objects().bulk_create(&db, drafts).await?;
    let found = async |q: Q<Word>| -> orm::Result<Vec<(String, Option<String>)>> {
        Word::objects().filter(q).values((Word.text, Word.part)).all(&db).await
    };
    let expected = |test: fn(&str, &str) -> bool| -> Vec<(String, Option<String>)> {
        let held = pairs.iter().filter(|(text, part)| test(text, part));
        held.map(|(text, part)| ((*text).to_owned(), Some((*part).to_owned()))).collect()
    };
    assert_eq!(found(Word.text.contains(Word.part)).await?, expected(|t, p| t.contains(p)));
    assert_eq!(found(Word.text.startswith(Word.part)).await?, expected(|t, p| t.starts_with(p)));
    assert_eq!(found(Word.text.endswith(Word.part)).await?, expected(|t, p| t.ends_with(p)));
    let low = |t: &str| t.to_lowercase();
    let _ = low;
    assert_eq!(
        found(Word.text.icontains(Word.part)).await?,
        expected(|t, p| t.to_lowercase().contains(&p.to_lowercase()))
    );
    assert_eq!(
        found(Word.text.istartswith(Word.part)).await?,
        expected(|t, p| t.to_lowercase().starts_with(&p.to_lowercase()))
    );
    assert_eq!(
        found(Word.text.iendswith(Word.part)).await?,
        expected(|t, p| t.to_lowercase().ends_with(&p.to_lowercase()))
    );
    assert_eq!(found(Word.text.ieq(Word.part)).await?, expected(|t, p| t.to_lowercase() == p.to_lowercase()));
    assert_eq!(found(Word.text.eq(Word.part)).await?, expected(|t, p| t == p));
    Ok(())
}

/// A row for each combination of a few values and NULL.
async fn figures(db: &Db) -> orm::Result<u64> {
    let mut drafts = Vec::new();
    for a in [-1, 0, 1, 2] {
        for b in [None, Some(0), Some(1), Some(2)] {
            for price in [None, Some(dec!(0)), Some(dec!(1.50))] {
                for flag in [None, Some(false), Some(true)] {
                    drafts.push(Figure::create(NewFigure { a }).with((
                        Figure.b.set(b),
                        Figure.price.set(price),
                        Figure.rate.set(price),
                        Figure.flag.set(flag),
                        Figure.float.set(b.map(|b| b as f64)),
                        Figure.small.set(b.and_then(|b| i32::try_from(b).ok())),
                    )));
                }
            }
        }
    }
    Ok(Figure::objects().bulk_create(db, drafts).await?.len() as u64)
}

async fn a_condition_and_its_negation_make_up_the_whole(db: Db) -> Outcome {
    let all = figures(&db).await?;
    let f = Figure;
    let others = || Figure::objects().filter(Figure.flag.eq(true));
    let simple: Vec<Q<Figure>> = vec![
        f.a.eq(1),
        f.b.eq(1),
        f.b.ne(1),
        f.b.eq(None),
        f.b.ne(None),
        f.b.is_null(),
        f.b.gt(0),
        f.b.range(0, 1),
        f.b.is_in([1, 2]),
        f.b.not_in([1, 2]),
        f.b.is_in(Vec::<i64>::new()),
        f.b.not_in(Vec::<i64>::new()),
        f.b.is_in(others().values(f.b)),
        f.b.not_in(others().values(f.b)),
        f.b.not_in(others().filter(f.a.gt(100)).values(f.b)),
        f.a.eq(f.b),
        f.small.lt(2),
        f.price.eq(dec!(1.5)),
        f.price.gt(f.rate),
        f.flag.eq(true),
        f.flag.ne(true),
        f.flag.eq(None),
        (f.a / f.b).eq(1),
        (f.b % f.a).eq(0),
        (f.b + f.a).gt(1),
        (f.price * f.b).gt(1),
        f.b.coalesce(5).eq(5),
        when(f.b.gt(0), f.a.expr()).or_null().gt(0),
        exists(others().filter(f.b.eq(outer(f.b)))),
        Q::all_of([]),
        Q::any_of([]),
    ];
    let mut list = simple.clone();
    for pair in simple.windows(2) {
        list.push(pair[0].clone() & pair[1].clone());
        list.push(pair[0].clone() | !pair[1].clone());
        list.push(pair[0].clone() ^ pair[1].clone());
        list.push(!(pair[0].clone() | pair[1].clone()) & !pair[0].clone());
    }
    list.extend(simple.iter().map(|q| q.clone().is_unknown()));
    for (at, q) in list.iter().enumerate() {
        let of = |q: Q<Figure>| Figure::objects().filter(q).count(&db);
        let (held, not, excluded) =
            (of(q.clone()).await?, of(!q.clone()).await?, Figure::objects().exclude(q).count(&db).await?);
        assert_eq!(held + not, all, "condition {at}: {q:?}");
        assert_eq!(not, excluded, "condition {at}: {q:?}");
        assert_eq!(of(!!q.clone()).await?, held, "condition {at} negated twice: {q:?}");
        // Unknown is a kind of not true, and as a value a condition has three.
        let unknown = of(q.clone().is_unknown()).await?;
        assert_eq!(of(q.clone().is_unknown() & q.clone()).await?, 0, "condition {at}");
        let values: Vec<Option<bool>> = Figure::objects().values(q.as_value()).all(&db).await?;
        let count = |v: Option<bool>| values.iter().filter(|x| **x == v).count() as u64;
        assert_eq!((count(Some(true)), count(None)), (held, unknown), "condition {at} as a value: {q:?}");
    }
    // Spelt out once: two conditions of which one is unknown.
    assert_eq!(Figure::objects().filter(f.b.ne(1)).count(&db).await?, all - all / 4);
    assert_eq!(Figure::objects().filter(f.b.eq(1).is_unknown()).count(&db).await?, all / 4);
    assert_eq!(Figure::objects().filter(f.b.eq(1) ^ f.b.is_null()).count(&db).await?, all / 2);
    Ok(())
}

async fn nulls_in_lists_and_subqueries_are_ignored(db: Db) -> Outcome {
    let all = figures(&db).await?;
    let f = Figure;
    assert_eq!(Figure::objects().filter(f.b.is_in(Figure::objects().values(f.b))).count(&db).await?, all - all / 4);
    assert_eq!(Figure::objects().filter(f.b.not_in(Figure::objects().values(f.b))).count(&db).await?, all / 4);
    // With a limit, the NULLs go after the limit has cut off.
    let nulls_first = Figure::objects().order_by(f.b.asc().nulls_first()).limit(all / 4).values(f.b);
    assert_eq!(Figure::objects().filter(f.a.is_in(nulls_first.clone())).count(&db).await?, 0);
    assert_eq!(Figure::objects().filter(f.a.not_in(nulls_first)).count(&db).await?, all);
    let ones = Figure::objects().order_by(f.b.desc().nulls_last()).limit(1).values(f.b);
    assert_eq!(Figure::objects().filter(f.a.is_in(ones)).count(&db).await?, all / 4);
    // An outer join makes NULLs as well.
    let none = Figure::objects().filter(f.a.gt(100)).values(f.b);
    assert_eq!(Figure::objects().filter(f.b.not_in(none)).count(&db).await?, all);
    Ok(())
}

async fn integers_are_reckoned_in_64_bits(db: Db) -> Outcome {
    let large = 2_000_000_000;
    Figure::create(NewFigure { a: 4_000_000_000 }).with(Figure.small.set(large)).save(&db).await?;
    let f = Figure;
    for (n, q) in [
        (f.small + f.small).gt(large),
        (f.small * f.small).gt(large),
        (f.small * 3).gt(large),
        (f.small + 2_000_000_000).gt(large),
        ((f.small * -1) - f.small).lt(-large),
        (f.small + f.small - f.a).eq(0),
        ((f.small * f.small) / f.small).eq(large),
        ((f.small + f.small) % 7).eq(3),
        f.small.lt(f.small + f.small),
    ]
    .into_iter()
    .enumerate()
    {
        assert_eq!(Figure::objects().filter(q).count(&db).await?, 1, "{n}");
    }
    // A result that its type cannot hold is an error, and no other number.
    for error in [
        Figure::objects().values(f.small + f.small).all(&db).await.unwrap_err(),
        Figure::objects().values(f.small * 3).all(&db).await.unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::Decode, "{error}");
    }
    // An index over a column serves it as long as it stays bare.
    let text = Figure::objects().filter(f.small.eq(1) & f.small.lt(f.small)).sql(db.dialect().name())?;
    assert!(!text.contains("CAST"), "{text}");
    Ok(())
}

async fn division_and_remainder(db: Db) -> Outcome {
    let pairs = [
        (7, 2),
        (-7, 2),
        (7, -2),
        (-7, -2),
        (0, 5),
        (1, 3),
        (6, 3),
        (i64::MAX, 2),
        (i64::MIN, 3),
        (5, 0),
        (-1, i64::MIN),
    ];
    for (a, b) in pairs {
        Figure::create(NewFigure { a }).with((Figure.b.set(b), Figure.float.set(b as f64))).save(&db).await?;
    }
    let rows: Vec<(i64, Option<i64>, Option<i64>, Option<i64>)> =
        Figure::objects().values((Figure.a, Figure.b, Figure.a / Figure.b, Figure.a % Figure.b)).all(&db).await?;
    for (row, (a, b)) in rows.iter().zip(pairs) {
        assert_eq!(*row, (a, Some(b), a.checked_div(b), a.checked_rem(b)));
    }
    let by_constant: Vec<(Option<i64>, Option<i64>, Option<i64>)> =
        Figure::objects().values((Figure.a / 2, Figure.a / 0, Figure.a % -3)).limit(2).all(&db).await?;
    assert_eq!(by_constant, [(Some(3), None, Some(1)), (Some(-3), None, Some(-1))]);
    let floats: Vec<Option<f64>> = Figure::objects().values(Figure.a / Figure.float).limit(2).all(&db).await?;
    assert_eq!(floats, [Some(3.5), Some(-3.5)]);
    let zero: Vec<Option<f64>> =
        Figure::objects().filter(Figure.b.eq(0)).values(Figure.a / Figure.float).all(&db).await?;
    assert_eq!(zero, [None]);
    assert_eq!(Figure::objects().filter((Figure.a / Figure.b).is_null()).count(&db).await?, 1);
    assert_eq!(Figure::objects().filter((Figure.a / 2).eq(3)).count(&db).await?, 3);
    Ok(())
}

async fn priced(db: &Db, list: &[(Decimal, Option<Decimal>)]) -> orm::Result<()> {
    let drafts = list.iter().map(|(price, rate)| {
        Figure::create(NewFigure { a: 3 }).with((Figure.price.set(*price), Figure.rate.set(*rate), Figure.b.set(2)))
    });
    Figure::objects().bulk_create(db, drafts).await?;
    Ok(())
}

async fn decimal_arithmetic(db: Db) -> Outcome {
    let f = Figure;
    let list = [
        (dec!(10.00), Some(dec!(3.000))),
        (dec!(-10.00), Some(dec!(3.000))),
        (dec!(0.01), Some(dec!(7.125))),
        (dec!(99999999.99), Some(dec!(-0.001))),
        (dec!(2.50), Some(dec!(0))),
        (dec!(2.50), None),
    ];
    priced(&db, &list).await?;
    type Row = (Option<Decimal>, Option<Decimal>, Option<Decimal>, Option<Decimal>, Option<Decimal>);
    let rows: Vec<Row> = Figure::objects()
        .values((f.price + f.rate, f.price - f.rate, f.price * f.rate, f.price / f.rate, f.price % f.rate))
        .all(&db)
        .await?;
    let quotients =
        [Some(dec!(3.333333)), Some(dec!(-3.333333)), Some(dec!(0.001404)), Some(dec!(-99999999990)), None, None];
    for ((row, (price, rate)), quotient) in rows.iter().zip(list).zip(quotients) {
        let both = |op: fn(Decimal, Decimal) -> Decimal| rate.map(|rate| op(price, rate));
        assert_eq!(row.0, both(|p, r| p + r), "{price} + {rate:?}");
        assert_eq!(row.1, both(|p, r| p - r), "{price} - {rate:?}");
        assert_eq!(row.2, both(|p, r| p * r), "{price} * {rate:?}");
        assert_eq!(row.3, quotient, "{price} / {rate:?}");
        assert_eq!(row.4, rate.and_then(|r| price.checked_rem(r)), "{price} % {rate:?}");
    }
    // No remainder is a zero like any other, whatever was divided.
    let whole = Figure::objects().filter((f.price % dec!(0.01)).eq(0)).count(&db).await?;
    assert_eq!(whole, 6);
    // With constants, on either side, and with integers of the row.
    let row = Figure::objects()
        .values((
            f.price * 2,
            2 * f.price,
            f.price + dec!(0.005),
            f.price * dec!(1.5),
            f.price / 8,
            1 / f.price,
            f.price * f.a - 1,
        ))
        .first(&db)
        .await?;
    let expected = (
        Some(dec!(20)),
        Some(dec!(20)),
        Some(dec!(10.005)),
        Some(dec!(15)),
        Some(dec!(1.25)),
        Some(dec!(0.1)),
        Some(dec!(29)),
    );
    assert_eq!(row, Some(expected));
    // An integer over a decimal has four places.
    let thirds: Vec<Option<Decimal>> = Figure::objects().values(f.a / f.rate).limit(3).all(&db).await?;
    assert_eq!(thirds, [Some(dec!(1)), Some(dec!(1)), Some(dec!(0.4211))]);
    // Comparing what was computed.
    assert_eq!(Figure::objects().filter((f.price * f.rate).eq(30)).count(&db).await?, 1);
    assert_eq!(Figure::objects().filter((f.price / f.rate).gt(dec!(3.3333325))).count(&db).await?, 1);
    assert_eq!(Figure::objects().filter(f.price.gt(f.rate)).count(&db).await?, 3);
    let sorted: Vec<Option<Decimal>> = Figure::objects()
        .filter(f.rate.is_not_null())
        .order_by((f.price * f.rate).desc())
        .values(f.rate)
        .limit(1)
        .all(&db)
        .await?;
    assert_eq!(sorted, [Some(dec!(3))]);
    // A mean of mixed places in one choice, and defaults with more places than the column.
    let chosen: Vec<Option<Decimal>> = Figure::objects()
        .values(when(f.price.gt(5), f.price.expr()).when(f.price.lt(0), f.rate).otherwise(dec!(0.12345)))
        .limit(3)
        .all(&db)
        .await?;
    assert_eq!(chosen, [Some(dec!(10)), Some(dec!(3)), Some(dec!(0.12345))]);
    let filled: Vec<Decimal> = Figure::objects()
        .values(f.rate.coalesce(f.price).coalesce(dec!(0)))
        .order_by(f.id.desc())
        .limit(1)
        .all(&db)
        .await?;
    assert_eq!(filled, [dec!(2.5)]);
    let filled: Vec<Decimal> =
        Figure::objects().values(f.rate.coalesce(dec!(0.1234))).order_by(f.id.desc()).limit(1).all(&db).await?;
    assert_eq!(filled, [dec!(0.1234)], "no place of what is given gets lost");
    Ok(())
}

async fn averages_and_sums(db: Db) -> Outcome {
    let f = Figure;
    priced(&db, &[(dec!(0.01), Some(dec!(0.001))), (dec!(0.01), None), (dec!(0.02), Some(dec!(-0.002)))]).await?;
    let row = Figure::objects()
        .aggregate(&db, (f.price.avg(), f.price.sum(), f.rate.avg(), f.rate.sum(), f.price.min(), f.rate.max()))
        .await?;
    assert_eq!(
        row,
        (
            Some(dec!(0.013333)),
            Some(dec!(0.04)),
            Some(dec!(-0.0005)),
            Some(dec!(-0.001)),
            Some(dec!(0.01)),
            Some(dec!(0.001))
        )
    );
    Figure::objects().delete(&db).await?;
    // Half away from zero at the sixth place: sums of 0.000003 over two rows cannot be had from two places, so by eight.
    let eight = |last: Decimal| (0..8).map(move |i| (if i == 7 { last } else { dec!(0) }, None));
    priced(&db, &eight(dec!(0.01)).collect::<Vec<_>>()).await?;
    assert_eq!(Figure::objects().aggregate(&db, f.price.avg()).await?, Some(dec!(0.00125)));
    Figure::objects().delete(&db).await?;
    let many = |last: Decimal| (0..3200).map(move |i| (if i == 0 { last } else { dec!(0) }, None)).collect::<Vec<_>>();
    for (one, mean) in [(dec!(0.08), dec!(0.000025)), (dec!(-0.08), dec!(-0.000025)), (dec!(0.0), dec!(0))] {
        priced(&db, &many(one)).await?;
        assert_eq!(Figure::objects().aggregate(&db, f.price.avg()).await?, Some(mean));
        Figure::objects().delete(&db).await?;
    }
    priced(&db, &many(dec!(0.16)).into_iter().chain(many(dec!(0))).collect::<Vec<_>>()[..6400]).await?;
    Figure::objects().delete(&db).await?;
    for a in [1, 2, 2] {
        Figure::create(NewFigure { a })
            .with((Figure.b.set(a), Figure.float.set(a as f64 / 10.0), Figure.small.set(a as i32)))
            .save(&db)
            .await?;
    }
    Figure::create(NewFigure { a: -1 }).save(&db).await?;
    let row: (Option<f64>, Option<f64>, Option<f64>, Option<i64>, Option<i64>, Option<f64>) = Figure::objects()
        .aggregate(&db, (f.b.avg(), f.small.avg(), f.a.avg(), f.a.sum(), f.small.sum(), f.float.max()))
        .await?;
    assert_eq!(row, (Some(5.0 / 3.0), Some(5.0 / 3.0), Some(1.0), Some(4), Some(5), Some(0.2)));
    let mean = Figure::objects().aggregate(&db, f.float.avg()).await?.unwrap_or_default();
    assert!((mean - 0.5 / 3.0).abs() < 1e-15, "{mean}");
    // Of an expression, of a condition's rows, of different values.
    let row = Figure::objects()
        .aggregate(
            &db,
            (
                (f.a * 2).sum(),
                f.a.sum().filter(f.b.is_null()),
                f.a.count_distinct(),
                f.b.count(),
                count_rows(),
                f.a.sum().filter(f.a.gt(9)),
            ),
        )
        .await?;
    assert_eq!(row, (Some(8), Some(-1), 3, 3, 4, None));
    Ok(())
}

async fn rounding_is_half_away_from_zero(db: Db) -> Outcome {
    let f = Figure;
    for (float, price) in [
        (0.5, dec!(0.50)),
        (1.5, dec!(1.50)),
        (2.5, dec!(2.50)),
        (-0.5, dec!(-0.50)),
        (-2.5, dec!(-2.50)),
        (2.4, dec!(2.49)),
        (-2.6, dec!(-2.51)),
    ] {
        Figure::create(NewFigure { a: 7 }).with((f.float.set(float), f.price.set(price))).save(&db).await?;
    }
    let rows: Vec<(Option<f64>, Option<Decimal>)> =
        Figure::objects().values((f.float.round(), f.price.round())).all(&db).await?;
    let whole = [1, 2, 3, -1, -3, 2, -3];
    let expected: Vec<_> = whole.iter().map(|w| (Some(*w as f64), Some(Decimal::from(*w)))).collect();
    assert_eq!(rows, expected);
    let rows: Vec<(Option<Decimal>, Option<f64>, i64)> = Figure::objects()
        .values((f.price.abs(), f.float.abs(), f.a.round()))
        .order_by(f.id.desc())
        .limit(1)
        .all(&db)
        .await?;
    assert_eq!(rows, [(Some(dec!(2.51)), Some(2.6), 7)]);
    // What an update computes beyond the column's places is rounded the same way.
    Figure::objects().filter(f.price.eq(dec!(0.5))).update(&db, f.price.set(f.price * dec!(0.01) + dec!(0))).await?;
    Figure::objects().filter(f.price.eq(dec!(-0.5))).update(&db, f.price.set(f.price * dec!(0.01) + dec!(0))).await?;
    let rows: Vec<Option<Decimal>> =
        Figure::objects().filter(f.float.is_in([0.5, -0.5])).values(f.price).all(&db).await?;
    assert_eq!(rows, [Some(dec!(0.01)), Some(dec!(-0.01))]);
    Ok(())
}

async fn decimals_beyond_the_column(db: Db) -> Outcome {
    let f = Figure;
    priced(&db, &[(dec!(9.99), None), (dec!(10.00), None), (dec!(10.01), None)]).await?;
    let of = |q| Figure::objects().filter(q).count(&db);
    // A value that is only compared may have more places and digits than any stored one.
    assert_eq!(of(f.price.lt(dec!(9.995))).await?, 1);
    assert_eq!(of(f.price.eq(dec!(9.995))).await?, 0);
    assert_eq!(of(f.price.ne(dec!(9.995))).await?, 3);
    assert_eq!(of(f.price.gt(dec!(9.9999999999))).await?, 2);
    assert_eq!(of(f.price.is_in([dec!(9.990), dec!(9.995), dec!(10)])).await?, 2);
    assert_eq!(of(f.price.range(dec!(9.985), dec!(10.0049))).await?, 2);
    assert_eq!(of(f.price.lt(dec!(99999999999999))).await?, 3);
    assert_eq!(of((f.price + dec!(0.005)).eq(dec!(9.995))).await?, 1);
    for (price, words) in [(dec!(1.005), "more than 2 decimal places"), (dec!(12345678901), "more than 10 digits")] {
        let error = Figure::create(NewFigure { a: 1 }).with(f.price.set(price)).save(&db).await.unwrap_err();
        assert_eq!((error.kind(), error.model()), (ErrorKind::InvalidValue, Some("Figure")));
        assert!(error.to_string().contains("`Figure.price`") && error.to_string().contains(words), "{error}");
    }
    Ok(())
}

async fn floats_come_back_exactly(db: Db) -> Outcome {
    let floats = [
        0.1,
        1.0 / 3.0,
        5e-324,
        f64::MIN_POSITIVE,
        1e300,
        123_456_789.123_456_79,
        -2.5e-10,
        9_007_199_254_740_993.0,
        1e22,
    ];
    for float in floats {
        Figure::create(NewFigure { a: 0 }).with(Figure.float.set(float)).save(&db).await?;
    }
    let back: Vec<Option<f64>> = Figure::objects().values(Figure.float).all(&db).await?;
    assert_eq!(back, floats.map(Some));
    for float in floats {
        assert_eq!(Figure::objects().filter(Figure.float.eq(float)).count(&db).await?, 1, "{float:?}");
        assert_eq!(Figure::objects().filter(Figure.float.is_in([float])).count(&db).await?, 1, "{float:?} in a list");
    }
    Ok(())
}

async fn aggregates_of_nothing(db: Db) -> Outcome {
    let f = Figure;
    let row = Figure::objects()
        .aggregate(
            &db,
            (f.a.sum(), f.price.sum(), f.a.avg(), f.price.avg(), f.float.min(), f.a.max(), f.a.count(), count_rows()),
        )
        .await?;
    assert_eq!(row, (None, None, None, None, None, None, 0, 0));
    let row = Figure::objects().none().aggregate(&db, (f.a.sum(), f.a.count(), f.price.sum().coalesce(0))).await?;
    assert_eq!(row, (None, 0, dec!(0)));
    let groups = Figure::objects().group_by(f.a).annotate(f.b.sum()).all(&db).await?;
    assert_eq!(groups, []);
    Ok(())
}

async fn an_update_sees_the_row_as_it_was(db: Db) -> Outcome {
    let f = Figure;
    let mut row = Figure::create(NewFigure { a: 1 }).with((f.b.set(2), f.small.set(3))).save(&db).await?;
    // A chain: each takes what the one before it had.
    row.update(&db, (f.a.set(f.b.coalesce(0)), f.b.set(f.b + 10))).await?;
    assert_eq!((row.a, row.b), (2, Some(12)));
    Figure::objects().update(&db, (f.b.set(f.a), f.a.set(f.a * 100))).await?;
    row.refresh(&db).await?;
    assert_eq!((row.a, row.b), (200, Some(2)));
    // A ring.
    let swapped = Figure::objects().update(&db, (f.a.set(f.b.coalesce(0)), f.b.set(f.a))).await;
    row.refresh(&db).await?;
    match (db.dialect().name(), swapped) {
        ("mysql", Err(error)) => {
            assert_eq!(error.kind(), ErrorKind::Unsupported);
            assert!(error.message().contains("`a`") && error.message().contains("`b`"), "{error}");
            assert_eq!((row.a, row.b), (200, Some(2)));
        }
        (_, swapped) => {
            assert_eq!(swapped?, 1);
            assert_eq!((row.a, row.b), (2, Some(200)));
        }
    }
    Ok(())
}

async fn a_failed_statement_dooms_its_transaction(db: Db) -> Outcome {
    let tx = db.begin("test").await?;
    Word::create(NewWord { text: "kept?" }).save(&tx).await?;
    let first = Word::objects().first(&tx).await?.ok_or("no row")?;
    let double = tx.execute(format!("INSERT INTO meaning_words (id, text) VALUES ({}, 'x')", first.id)).await;
    assert!(double.is_err_and(|e| e.is_unique_violation()));
    let next = Word::objects().count(&tx).await.unwrap_err();
    assert_eq!(next.kind(), ErrorKind::Transaction, "{next}");
    let commit = tx.commit().await.unwrap_err();
    assert_eq!(commit.kind(), ErrorKind::Transaction, "{commit}");
    assert_eq!(Word::objects().count(&db).await?, 0);
    // A savepoint that is rolled back lifts it.
    let tx = db.begin("test").await?;
    Word::create(NewWord { text: "kept" }).save(&tx).await?;
    let inner = tx.begin("inner").await?;
    assert!(inner.execute("INSERT INTO meaning_words (id) VALUES (NULL, 1, 2)").await.is_err());
    inner.rollback().await?;
    Word::create(NewWord { text: "kept too" }).save(&tx).await?;
    tx.commit().await?;
    assert_eq!(Word::objects().count(&db).await?, 2);
    Ok(())
}

async fn nulls_go_where_they_are_sent(db: Db) -> Outcome {
    let f = Figure;
    for b in [None, Some(1), Some(3), Some(2), None] {
        Figure::create(NewFigure { a: 0 }).with(f.b.set(b)).save(&db).await?;
    }
    let by = |order| Figure::objects().order_by(order).values(f.b).all(&db);
    assert_eq!(by(f.b.asc().nulls_first()).await?, [None, None, Some(1), Some(2), Some(3)]);
    assert_eq!(by(f.b.asc().nulls_last()).await?, [Some(1), Some(2), Some(3), None, None]);
    assert_eq!(by(f.b.desc().nulls_first()).await?, [None, None, Some(3), Some(2), Some(1)]);
    assert_eq!(by(f.b.desc().nulls_last()).await?, [Some(3), Some(2), Some(1), None, None]);
    // Of something computed that is selected as well.
    let twice = f.b * 2;
    let rows = Figure::objects().values(&twice).order_by(twice.desc().nulls_last()).all(&db).await?;
    assert_eq!(rows, [Some(6), Some(4), Some(2), None, None]);
    let rows = Figure::objects().values(&twice).order_by(twice.asc().nulls_first()).all(&db).await?;
    assert_eq!(rows, [None, None, Some(2), Some(4), Some(6)]);
    let rows = Figure::objects().values(&twice).distinct().order_by(twice.asc().nulls_last()).all(&db).await?;
    assert_eq!(rows, [Some(2), Some(4), Some(6), None]);
    let first = Figure::objects().order_by(f.b.asc().nulls_last()).values(f.b).first(&db).await?;
    assert_eq!(first, Some(Some(1)));
    let last = Figure::objects().order_by(f.b.asc().nulls_last()).values(f.b).last(&db).await?;
    assert_eq!(last, Some(None));
    let groups =
        Figure::objects().group_by(f.b).annotate(count_rows()).order_by(f.b.asc().nulls_last()).all(&db).await?;
    assert_eq!(groups, [(Some(1), 1), (Some(2), 1), (Some(3), 1), (None, 2)]);
    let groups =
        Figure::objects().group_by(f.b).annotate(f.b.max()).order_by(f.b.max().desc().nulls_first()).all(&db).await?;
    assert_eq!(groups.first(), Some(&(None, None)));
    Ok(())
}

async fn functions_of_text(db: Db) -> Outcome {
    let w = Word;
    Word::create(NewWord { text: "  ä😀 " }).with(w.part.set("x")).save(&db).await?;
    Word::create(NewWord { text: "b" }).save(&db).await?;
    let rows = Word::objects()
        .values((
            w.text.length(),
            w.text.trim(),
            w.text.concat(w.part),
            w.part.coalesce("-").concat("!"),
            w.part.length(),
        ))
        .all(&db)
        .await?;
    let s = str::to_owned;
    assert_eq!(rows[0], (5, s("ä😀"), Some(s("  ä😀 x")), s("x!"), Some(1)));
    assert_eq!(rows[1], (1, s("b"), None, s("-!"), None));
    let rows = Word::objects().values((w.text.nullif("b"), w.text.greatest("a"), w.part.least("a"))).all(&db).await?;
    assert_eq!(rows, [(Some(s("  ä😀 ")), s("a"), Some(s("a"))), (None, s("b"), None)]);
    Ok(())
}

async fn booleans_are_values(db: Db) -> Outcome {
    let f = Figure;
    for flag in [None, Some(true), Some(false)] {
        Figure::create(NewFigure { a: 0 }).with(f.flag.set(flag)).save(&db).await?;
    }
    let rows = Figure::objects()
        .values((f.flag, f.flag.coalesce(true), f.flag.is_null().as_value(), f.flag.eq(f.flag).as_value()))
        .all(&db)
        .await?;
    assert_eq!(
        rows,
        [
            (None, true, Some(true), None),
            (Some(true), true, Some(false), Some(true)),
            (Some(false), false, Some(false), Some(true)),
        ]
    );
    assert_eq!(Figure::objects().filter(f.flag.is_in([true])).count(&db).await?, 1);
    Ok(())
}
