//! States agree with the tables of models, and operations fold.

use orm_core::schema::Schema;
use orm_migrate::State;
use orm_migrate::prelude::*;

use crate::models::{ALL, APPS, AUTHOR, model, state};

#[test]
fn tables_of_states_are_those_of_models() {
    let state = State::of_models(&ALL, &APPS).unwrap();
    assert_eq!(state.schema().unwrap(), Schema::of_models(&ALL));
}

#[test]
fn comments_are_the_first_paragraph() {
    let state = State::of_models(&[&AUTHOR], &APPS).unwrap();
    assert_eq!(state.model("blog", "Author").unwrap().comment, "Who writes. Much.");
}

#[test]
fn a_model_outside_of_all_apps_is_an_error() {
    let apps = [App::new("shop", "shop::migrations", "/nowhere", &[])];
    let error = State::of_models(&[&AUTHOR], &apps).unwrap_err();
    assert_eq!(
        error.message(),
        "model `Author` stands in module `blog::models`, which belongs to no app; add its app to `manage!`"
    );
}

#[track_caller]
fn refused(models: &[Model], operation: Op, words: &str) {
    let mut state = state(models);
    assert_eq!(operation.fold("blog", &mut state).unwrap_err().message(), words);
}

#[test]
fn operations_that_do_not_fit_say_why() {
    let post = model("Post", &[Field::text("title")]);
    refused(&[], Op::delete_model("Post"), "there is no model `blog.Post` at this point of its history");
    refused(&[post], Op::create_model(post), "there is a model `blog.Post` already");
    refused(&[post], Op::add_field("Post", Field::text("title")), "`Post` has a field `title` already");
    refused(
        &[post],
        Op::remove_field("Post", "body"),
        "model `blog.Post` has no field `body` at this point of its history",
    );
    refused(&[post], Op::remove_field("Post", "id"), "field `Post.id` cannot go while the primary key uses it");
    refused(&[post], Op::rename_field("Post", "title", "id"), "`Post` has a field `id` already");
    let comment = model("Comment", &[crate::models::key("post", "Post")]);
    refused(
        &[post, comment],
        Op::delete_model("Post"),
        "model `blog.Post` cannot go while `blog.Comment` points at it",
    );
}

#[test]
fn a_renamed_model_is_followed_by_those_that_point_at_it() {
    let mut state = State::of_models(&ALL, &APPS).unwrap();
    Op::rename_model("Author", "Writer").fold("blog", &mut state).unwrap();
    let book = state.model("blog", "Book").unwrap();
    assert_eq!(book.field("author").unwrap().target.unwrap().model, "Writer");
    assert_eq!(book.many("readers").unwrap().model, "Writer");
    assert_eq!(state.schema().unwrap(), Schema::of_models(&ALL));
}

#[test]
fn a_renamed_field_is_followed_by_keys_and_indexes() {
    let post =
        model("Post", &[Field::text("title")]).indexes(const { &[Index::on(&[("title", true), ("id", false)])] });
    let mut state = state(&[post]);
    Op::rename_field("Post", "title", "name").fold("blog", &mut state).unwrap();
    Op::rename_field("Post", "id", "number").fold("blog", &mut state).unwrap();
    let post = state.model("blog", "Post").unwrap();
    assert_eq!(post.indexes, [Index::on(&[("name", true), ("number", false)])]);
    assert_eq!(post.key, ["number"]);
}
