//! The models of the guide as a crate, so that hundreds of examples in the docs need not compile them again.

mod models {
    include!("../blog.rs");
}

pub use chrono::{self, DateTime, NaiveDate, Utc};
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
