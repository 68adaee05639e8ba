//! A shop: its models as they were and as they are, in a crate of its own with a program.

use crate::project::{Program, Project};

/// The models at first.
pub const OLD: &str = r#"
#[derive(Model, Debug)]
pub struct Maker {
    pub id: i64,
    #[orm(max_length = 60, unique)]
    pub name: String,
}

#[derive(Model, Debug)]
pub struct Product {
    pub id: i64,
    #[orm(max_length = 80)]
    pub name: String,
    #[orm(on_delete = Cascade)]
    pub maker: ForeignKey<Maker>,
    pub note: Option<String>,
}
"#;

/// The same later: a product's name is its title, its note is gone, and it has a stock.
pub const NEW: &str = r#"
#[derive(Model, Debug)]
pub struct Maker {
    pub id: i64,
    #[orm(max_length = 60, unique)]
    pub name: String,
}

#[derive(Model, Debug)]
pub struct Product {
    pub id: i64,
    #[orm(max_length = 80)]
    pub title: String,
    #[orm(on_delete = Cascade)]
    pub maker: ForeignKey<Maker>,
    pub stock: i32,
}
"#;

/// What says how the one became the other.
pub const ANSWERS: [&str; 4] = ["--rename", "shop.Product.name=title", "--fill", "shop.Product.stock=7"];

const MIGRATIONS: &str = "shop/src/migrations";

/// The crate.
pub struct Shop {
    pub project: Project,
}

impl Shop {
    /// The crate on its first day.
    pub fn new(name: &str) -> Shop {
        Shop { project: Project::new(name) }
    }

    /// The program with these models; it has the migrations that are there.
    pub fn with(&self, models: &str) -> Program {
        let (module, program) = match self.project.has(&format!("{MIGRATIONS}/mod.rs")) {
            false => ("", "use shop as _;\n\norm::manage!();\n"),
            true => ("pub mod migrations;\n\n", "orm::manage!(shop::migrations);\n"),
        };
        self.project.write("shop/src/lib.rs", &format!("{module}use orm::prelude::*;\n{models}"));
        self.project.write("shop/src/bin/manage.rs", program);
        self.project.library("shop", &[]);
        self.project.program("shop", "manage", &["shop"])
    }

    /// The program with the old models and their migration.
    pub fn old(&self) -> Program {
        self.with(OLD).run(&["makemigrations"]).has(0, "wrote");
        self.with(OLD)
    }

    /// The program with the new models and the migrations to them.
    pub fn new_after_old(&self) -> Program {
        let mut arguments = vec!["makemigrations", "--name", "stock"];
        arguments.extend(ANSWERS);
        self.with(NEW).run(&arguments).has(0, "wrote");
        self.with(NEW)
    }

    /// The names of the files in the folder of migrations.
    pub fn migrations(&self) -> Vec<String> {
        self.project.names(MIGRATIONS)
    }

    /// Takes the last migration away, as if it had not been written.
    pub fn forget(&self, name: &str, list: &str) {
        self.project.remove(&format!("{MIGRATIONS}/m{name}.rs"));
        self.project.write(&format!("{MIGRATIONS}/mod.rs"), list);
    }

    /// The list of the migrations.
    pub fn list(&self) -> String {
        self.project.read(&format!("{MIGRATIONS}/mod.rs"))
    }

    /// The text of a migration.
    pub fn migration(&self, name: &str) -> String {
        self.project.read(&format!("{MIGRATIONS}/m{name}.rs"))
    }
}
