//! What the diff cannot know: whether something was renamed or went, and what existing rows get. Answers come from
//! flags, from the models, from a person, or not at all.
//!
//! ```
//! # orm_blog::example! {
//! use orm::migrate::questions::{Given, Nobody, Questions, is_unanswered};
//! use orm::migrate::{prelude::*, state::ModelState};
//! let post = ModelState::of_shape("blog", &Model::new("Post", "posts"));
//! let (rank, mut nobody) = (Field::int32("rank"), Nobody);
//! assert!(is_unanswered(&nobody.fill(&post, &rank, true).unwrap_err()));
//! let mut answers = Given::new(&[], &[], &["blog.Post.rank=3".to_owned()], &mut nobody)?;
//! assert_eq!(answers.fill(&post, &rank, true)?, Some(DbDefault::Int(3)));
//! # }
//! ```

use std::collections::HashMap;

use orm_core::error::{Error, Result};
use orm_core::meta::{Auto, DbDefault, ModelMeta};
use orm_core::value::{Date, DateTime, Kind, Number, Time, Value};

use crate::app::{App, app_of};
use crate::keep;
use crate::shape::Field;
use crate::state::ModelState;

/// Who answers the questions of a diff.
pub trait Questions {
    /// Whether a new model is one of those that went, by index. They come likeliest first; the first `likely` look alike.
    ///
    /// # Errors
    /// If the question needs an answer and nobody has one.
    fn model_renamed(&mut self, new: &ModelState, gone: &[&ModelState], likely: usize) -> Result<Option<usize>>;
    /// Whether a new field or relation of a model is one of those that went, by index, likeliest first.
    ///
    /// # Errors
    /// As above.
    fn field_renamed(&mut self, model: &ModelState, new: &str, gone: &[&str], likely: usize) -> Result<Option<usize>>;
    /// What existing rows get in a field that is new or refuses NULL from now on; for one that is not new, `None` says
    /// that no row has NULL there.
    ///
    /// # Errors
    /// As above.
    fn fill(&mut self, model: &ModelState, field: &Field, is_new: bool) -> Result<Option<DbDefault>>;
}

/// Marks an error as a question that nobody was there to answer.
#[derive(Debug, thiserror::Error)]
#[error("nobody was asked")]
pub struct Unanswered;

/// Whether an error is a question that nobody was there to answer.
pub fn is_unanswered(error: &Error) -> bool {
    std::error::Error::source(error).is_some_and(|e| e.is::<Unanswered>())
}

fn unanswered(message: String) -> Error {
    Error::migration(message).with_source(Unanswered)
}

/// Nobody: each question is an error that says which flag answers it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Nobody;

impl Questions for Nobody {
    fn model_renamed(&mut self, new: &ModelState, gone: &[&ModelState], likely: usize) -> Result<Option<usize>> {
        let Some(old) = gone[..likely].first() else { return Ok(None) };
        Err(unanswered(format!(
            "model `{}` is gone and `{}` is new and alike; say `--rename {}={}` or `--drop {}`",
            old.label(),
            new.label(),
            old.label(),
            new.name,
            old.label()
        )))
    }
    fn field_renamed(&mut self, model: &ModelState, new: &str, gone: &[&str], likely: usize) -> Result<Option<usize>> {
        let Some(old) = gone[..likely].first() else { return Ok(None) };
        let model = model.label();
        Err(unanswered(format!(
            "field `{model}.{old}` is gone and `{new}` is new and alike; say `--rename {model}.{old}={new}` or `--drop {model}.{old}`"
        )))
    }
    fn fill(&mut self, model: &ModelState, field: &Field, is_new: bool) -> Result<Option<DbDefault>> {
        let what = if is_new { "is new and" } else { "becomes" };
        Err(unanswered(format!(
            "field `{model}.{field}` {what} not null without a default in the database; say what existing rows get: `--fill {model}.{field}=VALUE`",
            model = model.label(),
            field = field.name
        )))
    }
}

/// Answers given beforehand, before anybody is asked.
pub struct Given<'a> {
    renames: Vec<Flag>,
    drops: Vec<Flag>,
    fills: Vec<Flag>,
    defaults: HashMap<(String, String, String), DbDefault>,
    next: &'a mut dyn Questions,
}

struct Flag {
    path: Vec<String>,
    value: String,
    used: bool,
}

impl Flag {
    fn names(&self, path: &[&str]) -> bool {
        // Leading parts may be left out: `Post.body` for `blog.Post.body`.
        self.path.len() <= path.len() && self.path.iter().rev().zip(path.iter().rev()).all(|(a, b)| a == b)
    }
}

impl<'a> Given<'a> {
    /// Answers from flags: renames `blog.Post.body=text` and `blog.Post=Article`, drops `blog.Post.body` and
    /// `blog.Post`, fills `blog.Post.rank=0`. The app may be left out. What they do not answer goes to `next`.
    ///
    /// # Errors
    /// If a flag is not written like that.
    pub fn new(renames: &[String], drops: &[String], fills: &[String], next: &'a mut dyn Questions) -> Result<Self> {
        let pair = |text: &String| {
            let (path, value) = text.split_once('=').ok_or_else(|| {
                Error::configuration(format!("`{text}` needs a `=`, as in `--rename blog.Post.old=new`"))
            })?;
            Ok(Flag { path: parts(path), value: value.to_owned(), used: false })
        };
        Ok(Given {
            renames: renames.iter().map(pair).collect::<Result<_>>()?,
            drops: drops.iter().map(|t| Flag { path: parts(t), value: String::new(), used: false }).collect(),
            fills: fills.iter().map(pair).collect::<Result<_>>()?,
            defaults: HashMap::new(),
            next,
        })
    }

    /// The same with the defaults that models have in Rust, where these are the same for every row.
    #[must_use]
    pub fn with_models(mut self, models: &[&'static ModelMeta], apps: &[App]) -> Self {
        for model in models {
            let Some(app) = app_of(apps, model.module) else { continue };
            for field in model.fields {
                if let Some(value) = rust_default(field) {
                    let key = (app.name.to_owned(), model.name.to_owned(), field.name.to_owned());
                    self.defaults.insert(key, value);
                }
            }
        }
        self
    }

    /// Fails if a flag was of no use, since it was mistyped then.
    ///
    /// # Errors
    /// Names the first such flag.
    pub fn finish(self) -> Result<()> {
        let all = [("rename", &self.renames), ("drop", &self.drops), ("fill", &self.fills)];
        for (name, flags) in all {
            if let Some(flag) = flags.iter().find(|f| !f.used) {
                return Err(Error::configuration(format!(
                    "`--{name} {}` fits nothing that changed",
                    flag.path.join(".")
                )));
            }
        }
        Ok(())
    }
}

fn parts(path: &str) -> Vec<String> {
    path.trim().split('.').map(str::to_owned).collect()
}

fn renamed(flags: &mut [Flag], paths: &[Vec<&str>], new: &str) -> Option<usize> {
    let (flag, at) = flags
        .iter_mut()
        .filter(|f| f.value.rsplit('.').next() == Some(new))
        .find_map(|f| paths.iter().position(|p| f.names(p)).map(|at| (f, at)))?;
    flag.used = true;
    Some(at)
}

/// Those that are neither declared gone nor renamed to something else, by index, and how many of the likely ones are left.
fn undecided(drops: &mut [Flag], renames: &[Flag], paths: &[Vec<&str>], likely: usize) -> (Vec<usize>, usize) {
    let mut left = Vec::new();
    for (i, path) in paths.iter().enumerate() {
        // A dropped model takes its app's or its own name: `blog.Post` says nothing of `blog.Post.body`.
        let flag = drops.iter_mut().find(|f| f.names(path));
        match flag {
            Some(flag) => flag.used = true,
            None if renames.iter().any(|f| f.names(path)) => {}
            None => left.push(i),
        }
    }
    let likely = left.iter().filter(|i| **i < likely).count();
    (left, likely)
}

impl Questions for Given<'_> {
    fn model_renamed(&mut self, new: &ModelState, gone: &[&ModelState], likely: usize) -> Result<Option<usize>> {
        let paths: Vec<Vec<&str>> = gone.iter().map(|m| vec![m.app, m.name]).collect();
        if let Some(at) = renamed(&mut self.renames, &paths, new.name) {
            return Ok(Some(at));
        }
        let (left, likely) = undecided(&mut self.drops, &self.renames, &paths, likely);
        let models: Vec<&ModelState> = left.iter().map(|i| gone[*i]).collect();
        Ok(self.next.model_renamed(new, &models, likely)?.map(|i| left[i]))
    }
    fn field_renamed(&mut self, model: &ModelState, new: &str, gone: &[&str], likely: usize) -> Result<Option<usize>> {
        let paths: Vec<Vec<&str>> = gone.iter().map(|f| vec![model.app, model.name, f]).collect();
        if let Some(at) = renamed(&mut self.renames, &paths, new) {
            return Ok(Some(at));
        }
        let (left, likely) = undecided(&mut self.drops, &self.renames, &paths, likely);
        let fields: Vec<&str> = left.iter().map(|i| gone[*i]).collect();
        Ok(self.next.field_renamed(model, new, &fields, likely)?.map(|i| left[i]))
    }
    fn fill(&mut self, model: &ModelState, field: &Field, is_new: bool) -> Result<Option<DbDefault>> {
        let path = [model.app, model.name, field.name];
        if let Some(flag) = self.fills.iter_mut().find(|f| f.names(&path)) {
            flag.used = true;
            return parse_fill(&flag.value, field.kind).map(Some).map_err(|e| {
                let words = format!("`--fill {}={}`: {}", flag.path.join("."), flag.value, e.message());
                e.with_message(words)
            });
        }
        let key = (model.app.to_owned(), model.name.to_owned(), field.name.to_owned());
        match self.defaults.get(&key) {
            Some(default) if !field.unique => Ok(Some(*default)),
            _ => self.next.fill(model, field, is_new),
        }
    }
}

fn rust_default(field: &'static orm_core::meta::FieldMeta) -> Option<DbDefault> {
    match field.auto {
        Auto::NowAdd | Auto::Now => return Some(DbDefault::Now),
        Auto::No | Auto::Increment | Auto::Uuid => {}
    }
    let make = field.default?;
    let value = make();
    // A default that differs from call to call is one for each row, not one for all.
    if make() == value { constant(value) } else { None }
}

fn constant(value: Value) -> Option<DbDefault> {
    match value {
        Value::Bool(v) => Some(DbDefault::Bool(v)),
        Value::Int(v) | Value::Duration(v) => Some(DbDefault::Int(v)),
        Value::Float(v) => Some(DbDefault::Float(v)),
        Value::Decimal(v) => Some(DbDefault::Text(keep::text(v.to_string()))),
        Value::Text(v) | Value::Json(v) => Some(DbDefault::Text(keep::text(v))),
        Value::Date(v) => Some(DbDefault::Text(keep::text(v.to_iso()))),
        Value::Time(v) => Some(DbDefault::Text(keep::text(v.to_iso()))),
        Value::DateTime(v) => Some(DbDefault::Text(keep::text(v.to_iso()))),
        Value::Null | Value::Bytes(_) | Value::Uuid(_) | Value::List(_) => None,
    }
}

/// Reads a value that existing rows get.
///
/// # Errors
/// If the text is no value of the kind.
pub fn parse_fill(text: &str, kind: Kind) -> Result<DbDefault> {
    let wrong = || Error::configuration(format!("`{text}` is not a {}", kind.name()));
    let kept = |fits: bool| if fits { Ok(DbDefault::Text(keep::text(text))) } else { Err(wrong()) };
    let range = |least: i64, most: i64| {
        let value: i64 = text.parse().map_err(|_| wrong())?;
        if (least..=most).contains(&value) { Ok(DbDefault::Int(value)) } else { Err(wrong()) }
    };
    match kind {
        Kind::Bool => text.parse().map(DbDefault::Bool).map_err(|_| wrong()),
        Kind::Int16 => range(i16::MIN.into(), i16::MAX.into()),
        Kind::Int32 => range(i32::MIN.into(), i32::MAX.into()),
        Kind::Int64 | Kind::Duration => range(i64::MIN, i64::MAX),
        Kind::Float64 => {
            let value = text.parse().ok().filter(|v: &f64| v.is_finite());
            value.map(DbDefault::Float).ok_or_else(wrong)
        }
        Kind::Decimal { digits, places } => {
            let fits = |n: &Number| {
                n.at_scale(places).is_some() && n.integer_digits() <= usize::from(digits.saturating_sub(places))
            };
            match Number::parse(text) {
                Some(number) if !fits(&number) => Err(Error::configuration(format!(
                    "`{text}` does not fit into {digits} digits, {places} of them after the point"
                ))),
                number => kept(number.is_some()),
            }
        }
        Kind::Text { max: Some(max) } if text.chars().count() > max as usize => {
            Err(Error::configuration(format!("`{text}` is longer than {max} letters")))
        }
        Kind::Text { .. } => kept(true),
        Kind::Date | Kind::Time | Kind::DateTime | Kind::Timestamp if text == "now" => Ok(DbDefault::Now),
        Kind::Date => kept(Date::parse(text).is_some()),
        Kind::Time => kept(Time::parse(text).is_some()),
        Kind::DateTime | Kind::Timestamp => kept(DateTime::parse(text).is_some()),
        Kind::Uuid => kept(text.len() == 36 && text.bytes().all(|b| b == b'-' || b.is_ascii_hexdigit())),
        Kind::Json => {
            serde_json::from_str::<serde::de::IgnoredAny>(text).map_err(|_| wrong())?;
            kept(true)
        }
        Kind::Bytes => kept(text.is_empty()),
    }
}

/// A person at the terminal.
#[derive(Debug, Clone, Copy, Default)]
pub struct Person;

impl Person {
    fn choose(question: &str, choices: Vec<String>) -> Result<Option<usize>> {
        let mut all = choices;
        all.push("none of them: what is gone is gone, with its data".to_owned());
        let picked = inquire::Select::new(question, all).raw_prompt().map_err(broken)?;
        Ok(Some(picked.index))
    }
}

fn broken(error: inquire::InquireError) -> Error {
    use inquire::InquireError::{OperationCanceled, OperationInterrupted};
    if matches!(error, OperationInterrupted) {
        // The prompt is still there, and at the lower end of a terminal the cursor stands in its last line.
        anstream::eprintln!();
    }
    unanswered(match error {
        OperationCanceled | OperationInterrupted => "the question was not answered; nothing is written".to_owned(),
        broken => format!("the question could not be asked: {broken}"),
    })
}

impl Questions for Person {
    fn model_renamed(&mut self, new: &ModelState, gone: &[&ModelState], likely: usize) -> Result<Option<usize>> {
        if likely == 0 {
            return Ok(None);
        }
        let choices = gone[..likely].iter().map(|m| format!("it was `{}`", m.name)).collect();
        let picked = Person::choose(&format!("Model `{}` is new. Was it renamed?", new.label()), choices)?;
        Ok(picked.filter(|i| *i < likely))
    }
    fn field_renamed(&mut self, model: &ModelState, new: &str, gone: &[&str], likely: usize) -> Result<Option<usize>> {
        if likely == 0 {
            return Ok(None);
        }
        let choices = gone[..likely].iter().map(|f| format!("it was `{f}`")).collect();
        let picked = Person::choose(&format!("Field `{}.{new}` is new. Was it renamed?", model.label()), choices)?;
        Ok(picked.filter(|i| *i < likely))
    }
    fn fill(&mut self, model: &ModelState, field: &Field, is_new: bool) -> Result<Option<DbDefault>> {
        let question = format!("What do existing rows get in `{}.{}`?", model.label(), field.name);
        let help = match (is_new, field.unique) {
            (true, true) => format!("a {}; the field is unique, so this works for one row at most", field.kind.name()),
            (true, false) => format!("a {}", field.kind.name()),
            (false, _) => format!("a {}, for rows with NULL; Esc if there are none", field.kind.name()),
        };
        let kind = field.kind;
        let check = move |text: &str| {
            Ok(match parse_fill(text, kind) {
                Ok(_) => inquire::validator::Validation::Valid,
                Err(e) => inquire::validator::Validation::Invalid(e.message().to_owned().into()),
            })
        };
        let prompt = inquire::Text::new(&question).with_help_message(&help).with_validator(check);
        match prompt.prompt_skippable().map_err(broken)? {
            Some(text) => parse_fill(&text, field.kind).map(Some),
            None if is_new => Err(unanswered(format!("`{}.{}` needs a value", model.label(), field.name))),
            None => Ok(None),
        }
    }
}
