//! Who there is: a library of models that know nothing of who points at them.

use orm::prelude::*;

#[derive(Model, Debug, Clone)]
#[orm(ordering = "name")]
pub struct User {
    pub id: i64,
    #[orm(max_length = 60, unique)]
    pub name: String,
    pub labels: ManyToMany<Label>,
}

#[derive(Model, Debug, Clone)]
pub struct Team {
    #[orm(primary_key, max_length = 20)]
    pub code: String,
    pub motto: String,
    #[orm(on_delete = SetNull)]
    pub lead: Option<ForeignKey<User>>,
}

#[derive(Model, Debug, Clone)]
pub struct Label {
    pub id: i64,
    #[orm(max_length = 30)]
    pub text: String,
}
