//! An app: models under one module, and the migrations that made their tables.

use crate::operation::Operation;

/// Models under one module, with their migrations.
///
/// `src/migrations/mod.rs` holds it as `APP`; `makemigrations` writes that file.
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
    pub const fn new(
        name: &'static str,
        module: &'static str,
        directory: &'static str,
        migrations: &'static [&'static Migration],
    ) -> App {
        App { name, module, directory, migrations }
    }

    /// The module that its models stand in or under.
    pub fn root(&self) -> String {
        let module = self.module.strip_suffix("::migrations").unwrap_or(self.module);
        module.replace('-', "_")
    }

    /// Whether a module belongs to it.
    pub fn holds(&self, module: &str) -> bool {
        module.strip_prefix(&self.root()).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
    }
}

/// The app that a module belongs to: the one with the longest module path.
pub fn app_of<'a>(apps: &'a [App], module: &str) -> Option<&'a App> {
    apps.iter().filter(|a| a.holds(module)).max_by_key(|a| a.root().len())
}

/// A step in the history of an app's tables.
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
    pub const fn new(app: &'static str, name: &'static str) -> Migration {
        Migration { app, name, dependencies: &[], operations: &[] }
    }
    /// The same after other migrations, by app and name.
    #[must_use]
    pub const fn depends_on(mut self, dependencies: &'static [(&'static str, &'static str)]) -> Migration {
        self.dependencies = dependencies;
        self
    }
    /// The same with operations.
    #[must_use]
    pub const fn ops(mut self, operations: &'static [Operation]) -> Migration {
        self.operations = operations;
        self
    }
    /// `blog.0001_initial`
    pub fn label(&self) -> String {
        format!("{}.{}", self.app, self.name)
    }
    /// A fingerprint of what it does, which comments and formatting do not change.
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
