//! An app: models under one module, and the migrations that made their tables.

use crate::operation::Operation;

/// Models under one module, with their migrations.
///
/// `src/migrations/mod.rs` holds it as `APP`; `makemigrations` writes that file.
///
/// ```
/// # orm_blog::example! {
/// use orm::migrate::App;
/// // `makemigrations` writes this into `src/migrations/mod.rs`.
/// pub const APP: App = App::new("blog", module_path!(), env!("CARGO_MANIFEST_DIR"), &[]);
/// assert_eq!(APP.name, "blog");
/// # }
/// ```
#[derive(Debug, Clone, Copy)]
pub struct App {
    /// Its name, in migrations and on the command line.
    pub name: &'static str,
    /// The module of its migrations (`module_path!()` there), or its own.
    pub module: &'static str,
    /// The directory of its crate (`CARGO_MANIFEST_DIR`).
    pub directory: &'static str,
    /// Its migrations.
    pub migrations: &'static [&'static Migration],
}

impl App {
    /// An app. `module` is the module of its migrations or the one above; `directory` that of its `Cargo.toml`.
    ///
    /// ```
    /// # orm_blog::example! {
    /// use orm::migrate::App;
    /// let app = App::new("shop", "my_company::shop::migrations", env!("CARGO_MANIFEST_DIR"), &[]);
    /// assert!(app.migrations.is_empty());
    /// # }
    /// ```
    pub const fn new(
        name: &'static str,
        module: &'static str,
        directory: &'static str,
        migrations: &'static [&'static Migration],
    ) -> App {
        App { name, module, directory, migrations }
    }

    /// The module that its models stand in or under.
    ///
    /// ```
    /// # orm_blog::example! {
    /// use orm::migrate::App;
    /// let app = App::new("shop", "my_company::shop::migrations", env!("CARGO_MANIFEST_DIR"), &[]);
    /// assert_eq!(app.root(), "my_company::shop");
    /// # }
    /// ```
    pub fn root(&self) -> String {
        let module = self.module.strip_suffix("::migrations").unwrap_or(self.module);
        module.replace('-', "_")
    }

    /// Whether a module belongs to it.
    ///
    /// ```
    /// # orm_blog::example! {
    /// use orm::migrate::App;
    /// let app = App::new("shop", "my_company::shop::migrations", env!("CARGO_MANIFEST_DIR"), &[]);
    /// assert!(app.holds("my_company::shop::orders") && !app.holds("my_company::shopping"));
    /// # }
    /// ```
    pub fn holds(&self, module: &str) -> bool {
        module.strip_prefix(&self.root()).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
    }
}

/// The app that a module belongs to: the one with the longest module path.
///
/// ```
/// # orm_blog::example! {
/// use orm::migrate::app::{App, app_of};
/// let apps = [App::new("all", "company", "", &[]), App::new("shop", "company::shop", "", &[])];
/// assert_eq!(app_of(&apps, "company::shop::orders").map(|app| app.name), Some("shop"));
/// # }
/// ```
pub fn app_of<'a>(apps: &'a [App], module: &str) -> Option<&'a App> {
    apps.iter().filter(|a| a.holds(module)).max_by_key(|a| a.root().len())
}

/// A step in the history of an app's tables.
///
/// ```
/// # orm_blog::example! {
/// use orm::migrate::prelude::*;
/// pub const MIGRATION: Migration = Migration::new("blog", "0002_post_rank")
///     .depends_on(&[("blog", "0001_initial")])
///     .ops(&[Op::add_field("Post", Field::int32("rank").default(DbDefault::Int(0)))]);
/// assert_eq!(MIGRATION.label(), "blog.0002_post_rank");
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Migration {
    /// The app.
    pub app: &'static str,
    /// Its name, unique in the app.
    pub name: &'static str,
    /// What must be applied before: apps and names.
    pub dependencies: &'static [(&'static str, &'static str)],
    /// What it does, in order.
    pub operations: &'static [Operation],
}

impl Migration {
    /// A migration that does nothing yet.
    ///
    /// ```
    /// # orm_blog::example! {
    /// use orm::migrate::Migration;
    /// let migration = Migration::new("blog", "0001_initial");
    /// assert!(migration.operations.is_empty() && migration.dependencies.is_empty());
    /// # }
    /// ```
    pub const fn new(app: &'static str, name: &'static str) -> Migration {
        Migration { app, name, dependencies: &[], operations: &[] }
    }
    /// The same after other migrations, by app and name.
    ///
    /// ```
    /// # orm_blog::example! {
    /// use orm::migrate::Migration;
    /// const SHOP: Migration = Migration::new("shop", "0001_initial").depends_on(&[("blog", "0001_initial")]);
    /// assert_eq!(SHOP.dependencies, [("blog", "0001_initial")]);
    /// # }
    /// ```
    #[must_use]
    pub const fn depends_on(mut self, dependencies: &'static [(&'static str, &'static str)]) -> Migration {
        self.dependencies = dependencies;
        self
    }
    /// The same with operations.
    ///
    /// ```
    /// # orm_blog::example! {
    /// use orm::migrate::prelude::*;
    /// const SECOND: Migration = Migration::new("blog", "0002").ops(&[Op::remove_field("Post", "body")]);
    /// assert_eq!(SECOND.operations[0].describe(), "- remove field `Post.body`");
    /// # }
    /// ```
    #[must_use]
    pub const fn ops(mut self, operations: &'static [Operation]) -> Migration {
        self.operations = operations;
        self
    }
    /// `blog.0001_initial`
    ///
    /// ```
    /// # orm_blog::example! {
    /// use orm::migrate::Migration;
    /// assert_eq!(Migration::new("blog", "0001_initial").label(), "blog.0001_initial");
    /// # }
    /// ```
    pub fn label(&self) -> String {
        format!("{}.{}", self.app, self.name)
    }
    /// A fingerprint of what it does, which comments and formatting do not change.
    ///
    /// ```
    /// # orm_blog::example! {
    /// use orm::migrate::prelude::*;
    /// const BEFORE: Migration = Migration::new("blog", "0002").ops(&[Op::remove_field("Post", "body")]);
    /// const AFTER: Migration = Migration::new("blog", "0002").ops(&[Op::remove_field("Post", "title")]);
    /// assert_ne!(BEFORE.hash(), AFTER.hash());
    /// # }
    /// ```
    pub fn hash(&self) -> String {
        // FNV-1a: stable across programs, which the standard library's hasher does not promise.
        let mut hash = 0xcbf2_9ce4_8422_2325u64;
        let mut add = |text: &str| {
            for byte in text.bytes().chain([0]) {
                hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
            }
        };
        for (app, name) in self.dependencies {
            add(app);
            add(name);
        }
        for operation in self.operations {
            add(&operation.code());
        }
        format!("{hash:016x}")
    }
}
