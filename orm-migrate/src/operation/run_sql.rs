//! SQL of one's own. The state does not know what it does.

use orm_core::error::{Error, Result};
use orm_core::schema::SchemaChange;

use super::{Operation, Step};
use crate::state::{Key, State};

/// SQL text, by database.
///
/// ```
/// # orm_blog::example! {
/// use orm::migrate::prelude::*;
/// const ANALYZE: Sql = Sql::on(&[("sqlite", "ANALYZE"), ("postgres", "ANALYZE posts"), ("", "")]);
/// assert!(sqlmigrate(Op::run_sql(ANALYZE))?.ends_with("ANALYZE posts;"));
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sql {
    /// Names of databases (as URLs say them, `""` for any) and what to run there.
    pub texts: &'static [(&'static str, &'static str)],
}

impl Sql {
    /// No SQL: what it undoes, or is undone by, needs nothing.
    pub const NOTHING: Sql = Sql { texts: &[("", "")] };

    /// A text for each database, by name; `""` stands for those not named: `Sql::on(&[("", "ANALYZE")])`.
    ///
    /// ```
    /// # orm_blog::example! {
    /// use orm::migrate::prelude::*;
    /// assert_eq!(Sql::on(&[("", "ANALYZE")]).text("mysql"), Some("ANALYZE"));
    /// # }
    /// ```
    pub const fn on(texts: &'static [(&'static str, &'static str)]) -> Sql {
        Sql { texts }
    }
    /// The text for a database.
    ///
    /// ```
    /// # orm_blog::example! {
    /// use orm::migrate::prelude::*;
    /// let sql = Sql::on(&[("sqlite", "PRAGMA optimize")]);
    /// assert_eq!((sql.text("sqlite"), sql.text("postgres")), (Some("PRAGMA optimize"), None));
    /// # }
    /// ```
    pub fn text(&self, database: &str) -> Option<&'static str> {
        let find = |wanted: &str| self.texts.iter().find(|(name, _)| *name == wanted).map(|(_, text)| *text);
        find(database).or_else(|| find(""))
    }
    fn code(self) -> String {
        let texts = self.texts.iter().map(|(name, text)| format!("({name:?}, {text:?})"));
        format!("Sql::on({})", crate::code::list(texts))
    }
}

/// SQL of your own, and what undoes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunSql {
    /// What is run.
    pub forwards: Sql,
    /// What undoes it.
    pub backwards: Option<Sql>,
}

impl Step for RunSql {
    fn describe(&self) -> String {
        let text = self.forwards.texts.first().map_or("", |(_, text)| text);
        let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let short: String = line.chars().take(60).collect();
        format!("~ run SQL `{short}{}`", if short.len() < line.len() { "…" } else { "" })
    }
    fn fragment(&self) -> String {
        "sql".to_owned()
    }
    fn code(&self) -> String {
        match self.backwards {
            None => format!("Op::run_sql({})", self.forwards.code()),
            Some(backwards) => format!("Op::run_sql_reversible({}, {})", self.forwards.code(), backwards.code()),
        }
    }
    fn fold(&self, _: &'static str, _: &mut State) -> Result<()> {
        Ok(())
    }
    fn changes(&self, _: &str, _: &State, _: &State) -> Result<Vec<SchemaChange>> {
        Ok(Vec::new())
    }
    fn reverse(&self, _: &str, _: &State) -> Result<Operation> {
        let backwards = self
            .backwards
            .ok_or_else(|| Error::migration(format!("`{}` does not say how it is undone", self.describe())))?;
        Ok(Operation::run_sql_reversible(backwards, self.forwards))
    }
    fn models(&self, _: &'static str) -> Vec<Key> {
        Vec::new()
    }
}
