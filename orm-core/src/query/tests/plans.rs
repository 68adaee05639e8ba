//! What is remembered of a shape holds for every query of that shape: the text and the values of a statement are the
//! same from a cache that has seen thousands of others as from an empty one.

use std::collections::HashMap;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

mod random;

use crate::ast::{Assignment, Delete, Expr, Select, Update};
use crate::dialect::{Dialect, Syntax};
use crate::meta::{FieldMeta, ModelMeta};
use crate::model::Model;
use crate::sql::{self, Ask, Plans, PrefetchSource, Statement};
use crate::value::Value;
use crate::{ast, meta, parse, value};
use random::{Class, Grower};

use super::models::{Author, Book, Country, Node, Profile, Tag};

fn models() -> [&'static ModelMeta; 6] {
    [Author::META, Book::META, Tag::META, Country::META, Profile::META, Node::META]
}

/// A statement of any kind.
#[derive(Debug)]
enum Asked {
    Select(Select, Ask),
    Prefetch(&'static meta::Hop, Box<Select>, Value),
    Update(Update),
    Delete(Delete),
}

impl Asked {
    fn grown(bytes: &[u8]) -> Asked {
        let models = models();
        let mut grower = Grower::new(bytes, &models);
        match grower.pick(8) {
            4 => Asked::Select(grower.select(), Ask::Count),
            5 => Asked::Select(grower.select(), Ask::Exists),
            6 => Asked::prefetch(&mut grower),
            7 => Asked::write(&mut grower),
            _ => Asked::Select(grower.select(), Ask::Rows),
        }
    }

    fn prefetch(grower: &mut Grower<'_>) -> Asked {
        let model = grower.model();
        let relations: Vec<_> = model.relations.iter().collect();
        let Some(relation) = relations.get(grower.pick(relations.len().max(1))) else {
            return Asked::Select(grower.select(), Ask::Rows);
        };
        let hop: &'static meta::Hop =
            Box::leak(Box::new(meta::Hop { parent: None, relation, backwards: false, each: false }));
        let mut query = Select::new(hop.to());
        query.filter.push(grower.cond(hop.to(), 2));
        query.limit = [None, Some(0), Some(3)][grower.pick(3)];
        query.offset = [None, Some(0), Some(3)][grower.pick(3)];
        let keys = (0..grower.pick(6)).map(|_| grower.value(Class::Int)).collect();
        Asked::Prefetch(hop, Box::new(query), Value::List(keys))
    }

    fn write(grower: &mut Grower<'_>) -> Asked {
        let model = grower.model();
        let mut rows = Select::new(model);
        rows.filter.push(grower.cond(model, 3));
        rows.limit = [None, Some(0), Some(3)][grower.pick(3)];
        let set: Vec<Assignment> = (0..grower.pick(4))
            .filter_map(|_| {
                let fields: Vec<&'static FieldMeta> = model.fields[1..].iter().collect();
                let field = fields[grower.pick(fields.len())];
                let class = Class::of(field.kind)?;
                let value = match grower.pick(3) {
                    0 => Expr::value(grower.value(class)),
                    1 => grower.expr(model, class, 2),
                    _ => Expr::value(Value::Null),
                };
                Some(Assignment { field, value })
            })
            .collect();
        if set.is_empty() {
            return Asked::Delete(Delete { rows });
        }
        Asked::Update(Update { rows, set, returning: Vec::new() })
    }

    /// The statement, or why there is none.
    fn statement(&self, dialect: &'static dyn Dialect, plans: &Plans) -> Result<Statement, String> {
        let statement = match self {
            Asked::Select(select, ask) => sql::select(select, *ask, dialect, plans),
            Asked::Prefetch(hop, query, keys) => sql::prefetch(&PrefetchSource { hop, query, keys }, dialect, plans),
            Asked::Update(update) => sql::update(update, dialect, plans),
            Asked::Delete(delete) => sql::delete(delete, dialect, plans),
        };
        statement.map_err(|error| error.to_string())
    }
}

fn dialects() -> Vec<&'static dyn Dialect> {
    ["sqlite", "postgres", "mysql"].iter().filter_map(|name| crate::backend::dialect(name)).collect()
}

/// A runner that does the same each time, and says with which seed it failed.
fn check<S: Strategy>(seed: u8, cases: u32, strategy: &S, test: impl Fn(S::Value) -> Result<(), TestCaseError>) {
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32]);
    if let Err(error) = TestRunner::new_with_rng(config, rng).run(strategy, test) {
        panic!("seed {seed}: {error}");
    }
}

fn same(asked: &Asked, warm: &Plans) -> Result<(), TestCaseError> {
    for dialect in dialects() {
        let (seen, fresh) = (asked.statement(dialect, warm), asked.statement(dialect, &Plans::default()));
        let told = |s: Result<Statement, String>| s.map(|s| (s.sql.to_string(), s.params, s.columns.to_vec()));
        let (seen, fresh) = (told(seen), told(fresh));
        prop_assert_eq!(seen, fresh, "{}: {:#?}", dialect.name(), asked);
    }
    Ok(())
}

#[test]
fn a_statement_is_the_same_from_a_warm_cache_as_from_a_cold_one() {
    let warm = Plans::default();
    check(1, 4000, &vec(any::<u8>(), 0..80), |bytes| same(&Asked::grown(&bytes), &warm));
    assert!(warm.len() > 1000, "only {} shapes", warm.len());
}

/// A statement stays prepared by its text, with the types that its parameters had the first time.
#[test]
fn a_text_has_parameters_of_the_same_kinds_each_time() {
    let texts = std::cell::RefCell::new(HashMap::new());
    // A value in an expression, in what has no column beside it to tell its kind.
    let model = Book::META;
    check(3, 6000, &vec(any::<u8>(), 0..12), |bytes| {
        let mut grower = Grower::new(&bytes, &[Book::META]);
        let mut select = Select::new(model);
        let class = [Class::Int, Class::Decimal, Class::Date, Class::Text][grower.pick(4)];
        select.outputs = vec![ast::Output::Expr(grower.expr(model, class, 2))];
        let asked = Asked::Select(select, Ask::Rows);
        for dialect in dialects().into_iter().filter(|d| d.syntax() == Syntax::Numbered) {
            let Ok(statement) = asked.statement(dialect, &Plans::default()) else { continue };
            let kinds: Vec<_> = statement.params.iter().map(|p| std::mem::discriminant(&p.kind)).collect();
            let mut texts = texts.borrow_mut();
            let first = texts.entry(statement.sql.clone()).or_insert_with(|| (kinds.clone(), statement.params.clone()));
            prop_assert_eq!(&first.0, &kinds, "{}\n{:?}\n{:?}", statement.sql, first.1, statement.params);
        }
        Ok(())
    });
}

#[test]
fn queries_that_differ_in_one_place_do_not_share_a_text_that_differs() {
    let pair = (vec(any::<u8>(), 1..60), any::<prop::sample::Index>(), any::<u8>());
    check(2, 4000, &pair, |(bytes, at, byte)| {
        let mut other = bytes.clone();
        other[at.index(bytes.len())] = byte;
        let warm = Plans::default();
        for bytes in [&bytes, &other, &bytes] {
            same(&Asked::grown(bytes), &warm)?;
        }
        Ok(())
    });
}
