//! What is done: models that point at those of another crate.

use accounts::{Team, User};
use orm::prelude::*;

#[derive(Model, Debug, Clone)]
#[orm(ordering = "title")]
pub struct Project {
    pub id: i64,
    #[orm(max_length = 80)]
    pub title: String,
    #[orm(on_delete = Cascade)]
    pub team: ForeignKey<Team>,
    #[orm(on_delete = Restrict)]
    pub owner: ForeignKey<User>,
    #[orm(on_delete = SetNull)]
    pub reviewer: Option<ForeignKey<User>>,
    pub members: ManyToMany<User>,
    pub watchers: ManyToMany<Team>,
    pub labels: ManyToMany<Label>,
    pub marks: ManyToMany<accounts::Label>,
    pub tasks: HasMany<Task>,
}

#[derive(Model, Debug, Clone)]
pub struct Task {
    pub id: i64,
    #[orm(on_delete = Cascade)]
    pub project: ForeignKey<Project>,
    #[orm(on_delete = SetNull)]
    pub assignee: Option<ForeignKey<User>>,
    pub hours: i32,
}

#[derive(Model, Debug, Clone)]
pub struct Profile {
    #[orm(primary_key, on_delete = Cascade)]
    pub user: OneToOne<User>,
    #[orm(max_length = 100)]
    pub motto: String,
}

/// Named as one of the other crate.
#[derive(Model, Debug, Clone)]
#[orm(table = "board_label")]
pub struct Label {
    pub id: i64,
    #[orm(max_length = 30)]
    pub text: String,
}
