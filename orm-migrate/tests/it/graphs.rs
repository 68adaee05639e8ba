//! The order of migrations, targets, and how operations are split into migrations.

use std::collections::BTreeSet;

use orm_migrate::diff::diff;
use orm_migrate::graph::Graph;
use orm_migrate::plan::{Direction, Target, moves};
use orm_migrate::prelude::*;
use orm_migrate::split::split;
use orm_migrate::state::State;

use crate::diff::Yes;
use crate::models::{key, model, state};

static A1: Migration = Migration::new("a", "0001_initial");
static A2: Migration = Migration::new("a", "0002_more").depends_on(&[("a", "0001_initial"), ("b", "0001_initial")]);
static A2B: Migration = Migration::new("a", "0002_other").depends_on(&[("a", "0001_initial")]);
static B1: Migration = Migration::new("b", "0001_initial").depends_on(&[("a", "0001_initial")]);

fn names(migrations: &[&'static Migration]) -> Vec<String> {
    migrations.iter().map(|m| m.label()).collect()
}

#[test]
fn each_comes_after_what_it_depends_on() {
    let graph = Graph::new([&A2, &B1, &A1]).unwrap();
    assert_eq!(names(graph.order()), ["a.0001_initial", "b.0001_initial", "a.0002_more"]);
}

#[test]
fn two_ends_are_named() {
    let graph = Graph::new([&A1, &A2, &A2B, &B1]).unwrap();
    assert_eq!(
        graph.leaf("a").unwrap_err().message(),
        "`a.0002_more` and `a.0002_other` both end the history of app `a`; make the one depend on the other in its `depends_on`"
    );
}

#[test]
fn broken_histories_are_refused() {
    static RING: Migration = Migration::new("c", "0001").depends_on(&[("c", "0001")]);
    let words = |migrations: &[&'static Migration]| Graph::new(migrations.iter().copied()).unwrap_err().to_string();
    assert_eq!(
        words(&[&A2, &A1]),
        "migration `a.0002_more` depends on `b.0001_initial`, which is not there; is that app in `manage!`?"
    );
    assert_eq!(words(&[&A1, &A1]), "there are two migrations `a.0001_initial`");
    assert_eq!(words(&[&RING]), "these migrations depend on each other: c.0001");
}

#[track_caller]
fn plan(applied: &[(&str, &str)], target: Target, expect: &[&str]) {
    let graph = Graph::new([&A1, &A2, &B1]).unwrap();
    let applied: BTreeSet<_> = applied.iter().map(|(a, n)| ((*a).to_owned(), (*n).to_owned())).collect();
    let lines: Vec<String> = moves(&graph, &applied, &target)
        .unwrap()
        .iter()
        .map(|m| format!("{}{}", if m.direction == Direction::Forwards { "+" } else { "-" }, m.migration.label()))
        .collect();
    assert_eq!(lines, expect);
}

#[test]
fn targets() {
    let all = [("a", "0001_initial"), ("b", "0001_initial"), ("a", "0002_more")];
    let to = |app: &str, name: &str| Target::Migration(app.to_owned(), name.to_owned());
    plan(&[], Target::Latest, &["+a.0001_initial", "+b.0001_initial", "+a.0002_more"]);
    plan(&all, Target::Latest, &[]);
    plan(&[], Target::App("b".to_owned()), &["+a.0001_initial", "+b.0001_initial"]);
    plan(&all[..1], to("a", "0002"), &["+b.0001_initial", "+a.0002_more"]);
    plan(&all, to("a", "0001"), &["-a.0002_more"]);
    plan(&all, Target::Zero("b".to_owned()), &["-a.0002_more", "-b.0001_initial"]);
    plan(&all, Target::Zero("a".to_owned()), &["-a.0002_more", "-b.0001_initial", "-a.0001_initial"]);
}

#[test]
fn what_is_applied_without_its_dependency_is_refused() {
    let graph = Graph::new([&A1, &A2, &B1]).unwrap();
    let applied = BTreeSet::from([("b".to_owned(), "0001_initial".to_owned())]);
    assert_eq!(
        moves(&graph, &applied, &Target::Latest).unwrap_err().message(),
        "`b.0001_initial` is applied, but not `a.0001_initial`, which it depends on"
    );
}

#[track_caller]
fn migrations(from: &State, to: &State, graph: &Graph, expect: &[&str]) {
    let operations = diff(from, to, &mut Yes).unwrap();
    let lines: Vec<String> = split(&operations, graph, None)
        .unwrap()
        .iter()
        .map(|m| {
            let after: Vec<String> = m.dependencies.iter().map(|(a, n)| format!("{a}.{n}")).collect();
            format!("{} after [{}]: {}", m.label(), after.join(", "), m.operations.len())
        })
        .collect();
    assert_eq!(lines, expect);
}

#[test]
fn an_app_has_one_migration_and_waits_for_those_it_points_at() {
    let to = state(&[model("blog.Post", &[key("owner", "shop.Owner")]), model("shop.Owner", &[])]);
    let graph = Graph::new([]).unwrap();
    migrations(
        &State::default(),
        &to,
        &graph,
        &["shop.0001_initial after []: 1", "blog.0001_initial after [shop.0001_initial]: 1"],
    );
}

#[test]
fn a_ring_of_apps_takes_two_migrations_of_one() {
    let to = state(&[model("blog.A", &[key("b", "shop.B")]), model("shop.B", &[key("a", "blog.A")])]);
    let graph = Graph::new([]).unwrap();
    migrations(
        &State::default(),
        &to,
        &graph,
        &[
            "blog.0001_initial after []: 1",
            "shop.0001_initial after [blog.0001_initial]: 1",
            "blog.0002_a_b after [blog.0001_initial, shop.0001_initial]: 1",
        ],
    );
}

#[test]
fn names_say_what_is_done() {
    static FIRST: Migration = Migration::new("blog", "0007_first");
    let graph = Graph::new([&FIRST]).unwrap();
    let from = state(&[model("Post", &[])]);
    let to = state(&[model("Post", &[Field::text("slug").null()]), model("BlogTag", &[])]);
    migrations(&from, &to, &graph, &["blog.0008_blog_tag_post_slug after [blog.0007_first]: 2"]);
}
