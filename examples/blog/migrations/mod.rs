//! The migrations of `blog`, in order. `makemigrations` keeps this list.

use orm::migrate::prelude::*;

mod m0001_initial;

/// The migrations, in order.
pub static MIGRATIONS: &[&Migration] = &[&m0001_initial::MIGRATION];

/// The app that they belong to.
pub const APP: App = App::new("blog", module_path!(), env!("CARGO_MANIFEST_DIR"), MIGRATIONS);
