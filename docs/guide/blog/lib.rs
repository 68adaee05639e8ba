//! The models of the guide as a crate, so that hundreds of examples in the docs need not compile them again.

#[path = "../../../tests/it/counted.rs"]
mod counted;
mod models {
    include!("../blog.rs");
}

pub use chrono::{self, DateTime, NaiveDate, Utc};
pub use counted::{Log, counted};
pub use models::*;
pub use orm::prelude::*;
pub use rust_decimal::{Decimal, dec};
pub use serde::Serialize;
pub use serde_json;

/// An example in the docs, in hidden lines around it: `# orm_blog::example! { db =>` and `# }`. The database is [`blog`]'s; an
/// example that needs none leaves `db =>` out.
#[macro_export]
macro_rules! example {
    ($db:ident => $($body:tt)*) => {{
        #[allow(unused_imports)]
        use $crate::*;
        let example: $crate::Example = |$db: Db| Box::pin(async move {
            { $($body)* }
            Ok(())
        });
        $crate::run(example);
    }};
    ($($body:tt)*) => {{
        #[allow(unused_imports)]
        use $crate::*;
        let example = || -> orm::Result<()> {
            { $($body)* }
            Ok(())
        };
        example().expect("the example");
    }};
}

/// What [`example`] makes of one.
pub type Example = fn(Db) -> std::pin::Pin<Box<dyn Future<Output = orm::Result<()>>>>;

/// Runs an example on a blog of its own.
pub fn run(example: Example) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async { example(blog().await?).await }).expect("the example");
}

/// What the program's `sqlmigrate` prints of a migration that does one thing, on PostgreSQL. The models before it are `Post`, of
/// `id`, `title` and `body`, and `Tag`, of `id` and `name`, both of the app `blog`.
pub fn sqlmigrate(operation: orm::migrate::Operation) -> orm::Result<String> {
    use orm::migrate::prelude::{Field, Migration, Model, Op};
    const POST: Op = Op::create_model(
        Model::new("Post", "posts")
            .fields(&[Field::int64("id").increment(), Field::string("title", 200), Field::text("body").null()])
            .key(&["id"]),
    );
    const TAG: Op = Op::create_model(
        Model::new("Tag", "tags").fields(&[Field::int64("id").increment(), Field::string("name", 40)]).key(&["id"]),
    );
    const INITIAL: Migration = Migration::new("blog", "0001_initial").ops(&[POST, TAG]);
    let operations = vec![operation].leak();
    let second = Migration::new("blog", "0002").depends_on(&[("blog", "0001_initial")]).ops(operations);
    let migrations = vec![&INITIAL, Box::leak(Box::new(second))].leak();
    let app = orm::migrate::App::new("blog", "blog", env!("CARGO_MANIFEST_DIR"), migrations);
    orm::migrate::sql_of(&[app], "blog", "0002", "postgres", orm::migrate::Direction::Forwards)
}
