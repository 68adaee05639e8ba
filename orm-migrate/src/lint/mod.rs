//! System checks: what is wrong with models, found before a table is made. Asks no database.

mod fields;
mod indexes;
mod names;
mod relations;

use std::collections::BTreeMap;
use std::fmt;

use orm_core::error::{Error, ErrorKind, Result};
use orm_core::meta::{FieldMeta, ModelMeta};

/// How bad a finding is.
///
/// ```
/// # orm_blog::example! {
/// use orm::migrate::{Severity, check};
/// assert!(check(orm::models![Author, Book, Tag]).iter().all(|finding| finding.severity < Severity::Error));
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// It may be meant so.
    Hint,
    /// It works, but not everywhere or not well.
    Warning,
    /// It cannot work.
    Error,
}

/// Something about a model.
///
/// ```
/// # orm_blog::example! {
/// #[derive(Model)]
/// struct Note {
///     id: i64,
///     #[orm(on_delete = Cascade, index = false)]
///     author: ForeignKey<Author>,
/// }
/// for finding in orm::migrate::check(orm::models![Note, Author, Book, Tag]) {
///     println!("{finding}");
/// }
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// What it is, for good: `E001`.
    pub id: &'static str,
    /// The model.
    pub model: String,
    /// The field or relation, if it is about one.
    pub field: Option<String>,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub hint: &'static str,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} `{}", self.id, self.model)?;
        if let Some(field) = &self.field {
            write!(f, ".{field}")?;
        }
        write!(f, "`: {}; {}", self.message, self.hint)
    }
}

/// Checks models against themselves and each other. The worst comes first.
///
/// ```
/// # orm_blog::example! {
/// mod twice {
///     use orm::prelude::*;
///     #[derive(Model)]
///     #[orm(table = "tags")]
///     pub struct Label {
///         pub id: i64,
///     }
/// }
/// let findings = orm::migrate::check(orm::models![Author, Book, Tag, twice::Label]);
/// assert_eq!((findings[0].id, findings[0].severity), ("E001", orm::migrate::Severity::Error));
/// # }
/// ```
pub fn check(models: &[&'static ModelMeta]) -> Vec<Finding> {
    let mut findings = Findings(Vec::new());
    two_of_a_name(models, &mut findings);
    for model in models {
        names::check(model, &mut findings);
        fields::check(model, &mut findings);
        indexes::check(model, &mut findings);
        relations::check(model, models, &mut findings);
    }
    relations::between(models, &mut findings);
    findings.0.sort_by(|a, b| b.severity.cmp(&a.severity).then_with(|| a.id.cmp(b.id)));
    findings.0
}

/// The first error among the findings, for whoever is about to make tables.
///
/// # Errors
/// [`ErrorKind::InvalidModel`] if there is one.
pub(crate) fn refuse_errors(models: &[&'static ModelMeta]) -> Result<()> {
    match check(models).iter().find(|f| f.severity == Severity::Error) {
        None => Ok(()),
        Some(finding) => Err(Error::new(ErrorKind::InvalidModel, finding.to_string())),
    }
}

struct Findings(Vec<Finding>);

impl Findings {
    fn add(&mut self, id: &'static str, model: &ModelMeta, field: Option<&str>, message: String, hint: &'static str) {
        let severity = match id.as_bytes().first() {
            Some(b'E') => Severity::Error,
            Some(b'W') => Severity::Warning,
            _ => Severity::Hint,
        };
        let field = field.map(str::to_owned);
        self.0.push(Finding { severity, id, model: model.name.to_owned(), field, message, hint });
    }
    fn field(&mut self, id: &'static str, model: &ModelMeta, field: &FieldMeta, message: String, hint: &'static str) {
        self.add(id, model, Some(field.name), message, hint);
    }
}

fn two_of_a_name(models: &[&'static ModelMeta], findings: &mut Findings) {
    let mut tables: BTreeMap<&str, &ModelMeta> = BTreeMap::new();
    let mut names: BTreeMap<(&str, &str), &ModelMeta> = BTreeMap::new();
    for model in models {
        if let Some(other) = tables.insert(model.table, model)
            && (model.managed && other.managed)
        {
            let message = format!("table `{}` is that of `{}` too", model.table, other.name);
            findings.add("E001", model, None, message, "give one of them another by `#[orm(table = ..)]`");
        }
        let crate_name = model.module.split("::").next().unwrap_or(model.module);
        if let Some(other) = names.insert((crate_name, model.name), model) {
            let message = format!("modules `{}` and `{}` both have a model of this name", other.module, model.module);
            findings.add(
                "E002",
                model,
                None,
                message,
                "rename one, or make each module an app of its own in `manage!`",
            );
        }
    }
}
