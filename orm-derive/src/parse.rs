//! From a struct and its attributes to a plain [`Model`]. What contradicts something further away is left to the checks.

use proc_macro2::{Ident, Span};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Attribute, Data, DeriveInput, Expr, ExprLit, ExprUnary, Fields, Lit, Type, UnOp};

use crate::args::{Allowed, Args};
use crate::errors::Errors;
use crate::names::{Case, hint, list, snake};
use crate::spec::{Auto, Column, DbDefault, Default, Field, Index, Limit, Model, Named, Relation, Tie};
use crate::types;

const MODEL: &[&str] = &["table", "ordering", "index", "unique", "primary_key", "managed", "rename_all", "draft"];
const COLUMN: &[&str] = &[
    "column",
    "primary_key",
    "auto",
    "max_length",
    "max_digits",
    "decimal_places",
    "unique",
    "index",
    "default",
    "db_default",
    "auto_now",
    "auto_now_add",
];
const FORWARD: &[&str] = &["on_delete", "column", "primary_key", "index", "default", "db_default", "constraint"];
const REVERSE: &[&str] = &["via"];
const MANY: &[&str] = &["via", "join_table", "join_from", "join_to"];
const ALL: &[&str] = &[
    "table",
    "ordering",
    "index",
    "unique",
    "primary_key",
    "managed",
    "rename_all",
    "draft",
    "column",
    "auto",
    "max_length",
    "max_digits",
    "decimal_places",
    "default",
    "db_default",
    "auto_now",
    "auto_now_add",
    "on_delete",
    "constraint",
    "via",
    "join_table",
    "join_from",
    "join_to",
];
const ON_DELETE: [&str; 5] = ["Cascade", "SetNull", "SetDefault", "Restrict", "NoAction"];

/// Reads a model.
pub fn model(input: &DeriveInput, errors: &Errors) -> Option<Model> {
    let Data::Struct(data) = &input.data else {
        errors.at(input.ident.span(), "a model is a struct with named fields; for an enum of values derive `Choices`");
        return None;
    };
    let Fields::Named(fields) = &data.fields else {
        errors.at(input.ident.span(), "a model is a struct with named fields, one a column or relation");
        return None;
    };
    if !input.generics.params.is_empty() {
        let words =
            "a model has no type parameters and no lifetimes: its table has one type a column, and its rows are owned";
        errors.at(input.generics.params.span(), words);
        return None;
    }
    let (mut model, case) = of_struct(input, errors);
    for field in &fields.named {
        let (columns, relations) = (model.columns().count(), model.relations().count());
        let reader = Reader { model: &model, case, errors, columns, relations };
        let field = reader.field(field);
        model.fields.extend(field);
    }
    Some(model)
}

fn of_struct(input: &DeriveInput, errors: &Errors) -> (Model, Case) {
    let mut args = Args::read(&input.attrs, errors);
    let repeated = &["index", "unique"];
    args.allow(&Allowed { what: "a model", names: MODEL, repeated, elsewhere: ALL }, errors);
    let table = args.text("table", errors).map(|(table, _)| table);
    let ordering = args.text("ordering", errors).map(|(text, span)| named(&text, span)).unwrap_or_default();
    let key_named = args.text("primary_key", errors).map(|(text, span)| (named(&text, span), span));
    let managed = args.flag("managed", errors).is_none_or(|(managed, _)| managed);
    let case = args.take("rename_all").and_then(|arg| rename_all(arg.text(errors)?, errors));
    let derives = args.take("draft").map(|arg| arg.paths(errors)).unwrap_or_default();
    let mut indexes = Vec::new();
    for (name, unique) in [("index", false), ("unique", true)] {
        indexes.extend(
            args.take_all(name).into_iter().filter_map(|arg| index(arg.nested(errors)?, arg.span, unique, errors)),
        );
    }
    let model = Model {
        ident: input.ident.clone(),
        vis: input.vis.clone(),
        doc: doc(&input.attrs),
        table: table.unwrap_or_else(|| snake(&input.ident.unraw().to_string())),
        managed,
        ordering,
        indexes,
        key_named,
        key: Vec::new(),
        fields: Vec::new(),
        derives,
    };
    (model, case.unwrap_or(Case::Snake))
}

/// The case that `rename_all` names.
pub fn rename_all((name, span): (String, Span), errors: &Errors) -> Option<Case> {
    let case = Case::ALL.iter().find(|(n, _)| *n == name).map(|(_, case)| *case);
    if case.is_none() {
        let names = Case::ALL.map(|(name, _)| name);
        errors.at(span, format!("there is no case `{name}`; write {}", list(names)));
    }
    case
}

fn index(mut args: Args, span: Span, unique: bool, errors: &Errors) -> Option<Index> {
    let what = if unique { "`unique(..)`" } else { "`index(..)`" };
    args.allow(&Allowed { what, names: &["fields", "name"], repeated: &[], elsewhere: ALL }, errors);
    let Some((text, at)) = args.text("fields", errors) else {
        errors.at(span, format!("{what} names its fields: `fields = \"a, b\"`"));
        return None;
    };
    Some(Index { name: args.text("name", errors).map(|(name, _)| name), fields: named(&text, at), unique })
}

/// `"-published, title"`
fn named(text: &str, span: Span) -> Vec<Named> {
    let one = |part: &str| {
        let part = part.trim();
        let (descending, name) = part.strip_prefix('-').map_or((false, part), |name| (true, name.trim_start()));
        Named { name: name.to_owned(), descending, span }
    };
    text.split(',').map(one).collect()
}

/// The doc comment: its lines joined, without the space that `///` leaves before each.
pub fn doc(attrs: &[Attribute]) -> String {
    let line = |attr: &Attribute| match &attr.meta.require_name_value().ok()?.value {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.value()),
        _ => None,
    };
    let lines: Vec<String> = attrs.iter().filter(|a| a.path().is_ident("doc")).filter_map(line).collect();
    lines.iter().flat_map(|l| l.split('\n')).map(str::trim).collect::<Vec<_>>().join("\n").trim().to_owned()
}

/// What a field's type says that it is.
enum Shape {
    Column,
    Forward { unique: bool },
    Reverse { unique: bool },
    Many,
}

/// Reads the fields of one model.
struct Reader<'a> {
    model: &'a Model,
    case: Case,
    errors: &'a Errors,
    columns: usize,
    relations: usize,
}

impl Reader<'_> {
    fn field(&self, field: &syn::Field) -> Option<Field> {
        let ident = field.ident.clone()?;
        let name = ident.unraw().to_string();
        let ty = types::concrete(&field.ty, &self.model.ident);
        let null = types::in_option(&ty).is_some();
        let base = types::in_option(&ty).unwrap_or(&ty).clone();
        let shape = shape(&base);
        let mut args = Args::read(&field.attrs, self.errors);
        if let Shape::Forward { unique } = &shape
            && let Some(arg) = args.take("unique")
        {
            let words = if *unique { "a `OneToOne` is unique already" } else { "a unique foreign key is a `OneToOne`" };
            self.errors.at(arg.span, words);
        }
        args.allow(&allowed(&shape), self.errors);
        if null && types::in_option(&base).is_some() {
            self.errors.at(base.span(), "a column is NULL or not; one `Option` is enough");
            return None;
        }
        let (column, relation) = match shape {
            Shape::Column => (Some(self.column(&mut args, &name, null, base)), None),
            Shape::Forward { unique } => {
                let relation = self.forward(&mut args, &ident, &base, unique)?;
                (Some(self.column(&mut args, &format!("{name}_id"), null, base)), Some(relation))
            }
            Shape::Reverse { .. } | Shape::Many if null => {
                let words = "is never an `Option`: it holds what a query has loaded, if any";
                self.errors.at(ty.span(), format!("`{}` {words}", types::name(&base).unwrap_or_default()));
                return None;
            }
            Shape::Reverse { unique } => (None, Some(self.reverse(&mut args, &ident, &base, unique)?)),
            Shape::Many => (None, Some(self.many(&mut args, &name, &base)?)),
        };
        let docs = field.attrs.iter().filter(|a| a.path().is_ident("doc")).cloned().collect();
        Some(Field { ident, name, vis: field.vis.clone(), ty, doc: doc(&field.attrs), docs, column, relation })
    }

    fn column(&self, args: &mut Args, name: &str, null: bool, base: Type) -> Column {
        let errors = self.errors;
        let is_forward = matches!(shape(&base), Shape::Forward { .. });
        let name = args.text("column", errors).map_or_else(|| self.case.of(name), |(name, _)| name);
        let limit = limit(args, &base, errors);
        let auto_now = args.flag("auto_now", errors).filter(|(on, _)| *on);
        let auto_now_add = args.flag("auto_now_add", errors).filter(|(on, _)| *on);
        if let (Some(_), Some((_, span))) = (auto_now, auto_now_add) {
            errors.at(span, "`auto_now` sets the time of the insert as well; leave out `auto_now_add`");
        }
        let auto = match (auto_now, auto_now_add) {
            (Some(_), _) => Auto::Now,
            (None, Some(_)) => Auto::NowAdd,
            (None, None) => Auto::No,
        };
        if let (Some((_, span)), Some(known)) = (auto_now.or(auto_now_add), types::known(&base))
            && known != types::Known::Moment
        {
            errors.at(span, "`auto_now` and `auto_now_add` are for a day, a time, or both");
        }
        let default = args.take("default").map(|arg| match arg.expr(errors) {
            Some(expr) => Default::Expr(expr),
            None => Default::OfType,
        });
        if let (Some(Default::OfType), true) = (&default, null || is_forward) {
            let words =
                "a bare `default` is that of the type, and an `Option` is NULL without it; write `default = ..`";
            errors.at(base.span(), if null { words } else { "a key has no default of its own; write `default = ..`" });
        }
        let db_default = args.take("db_default").and_then(|arg| {
            let value = arg.expr(errors).and_then(|expr| db_default(&expr));
            if value.is_none() {
                errors.at(arg.span, "write a literal (`db_default = 0`, `\"x\"`, `true`) or `db_default = now`");
            }
            value
        });
        if let (Some(value), Some(known)) = (&db_default, types::known(&base))
            && !fits(value, known)
        {
            let ty = types::name(&base).unwrap_or_default();
            errors.at(base.span(), format!("the `db_default` of a `{ty}` cannot be this"));
        }
        if let (Shape::Column, Some(words)) = (shape(&base), types::instead_of(&base)) {
            errors.at(base.span(), format!("no column holds this type; {words}"));
        }
        Column {
            index: self.columns,
            name,
            null,
            base,
            limit,
            primary_key: args.flag("primary_key", errors).filter(|(on, _)| *on).map(|(_, span)| span),
            unique: args.flag("unique", errors).is_some_and(|(on, _)| on),
            index_own: args.flag("index", errors).map_or(is_forward, |(on, _)| on),
            auto_said: args.flag("auto", errors),
            auto,
            default,
            db_default,
        }
    }

    fn forward(&self, args: &mut Args, field: &Ident, ty: &Type, unique: bool) -> Option<Relation> {
        let target = self.target(ty)?;
        let on_delete = match args.take("on_delete") {
            Some(arg) => arg.word(self.errors).filter(|word| {
                let name = word.to_string();
                let known = ON_DELETE.contains(&name.as_str());
                if !known {
                    let hint = hint(&name, ON_DELETE);
                    self.errors.at(word.span(), format!("`on_delete` is one of {}{hint}", list(ON_DELETE)));
                }
                known
            }),
            None => {
                let what = if unique { "one-to-one relation" } else { "foreign key" };
                self.errors.at(field.span(), format!(
                    "a {what} says what happens when its target is deleted: add `#[orm(on_delete = Cascade)]` (or SetNull, SetDefault, Restrict, NoAction)"
                ));
                None
            }
        };
        let on_delete = on_delete.unwrap_or_else(|| Ident::new("Restrict", field.span()));
        let constraint = args.flag("constraint", self.errors).is_none_or(|(on, _)| on);
        Some(Relation { index: self.relations, target, tie: Tie::Forward { unique, on_delete, constraint } })
    }

    fn reverse(&self, args: &mut Args, field: &Ident, ty: &Type, unique: bool) -> Option<Relation> {
        let target = self.target(ty)?;
        let via = args.take("via").and_then(|arg| arg.word(self.errors));
        let via = via.unwrap_or_else(|| field_named(&self.own_name(), field.span()));
        Some(Relation { index: self.relations, target, tie: Tie::Reverse { unique, via } })
    }

    fn many(&self, args: &mut Args, field: &str, ty: &Type) -> Option<Relation> {
        let target = self.target(ty)?;
        let via = args.take("via").and_then(|arg| arg.word(self.errors));
        let table = args.text("join_table", self.errors);
        let from = args.text("join_from", self.errors);
        let to = args.text("join_to", self.errors);
        if let Some(via) = via {
            if let Some((_, span)) = table.or(from).or(to) {
                self.errors.at(span, "with `via` the other side owns the table between: say this there");
            }
            return Some(Relation { index: self.relations, target, tie: Tie::ManyReverse { via } });
        }
        let (this, other) = (self.own_name(), snake(&types::name(&target)?));
        let of_itself = this == other;
        let named = |given: Option<(String, Span)>, prefix: &str, name: &str| {
            given.map(|(name, _)| name).unwrap_or_else(|| {
                let prefix = if of_itself { prefix } else { "" };
                self.case.of(&format!("{prefix}{name}_id"))
            })
        };
        let tie = Tie::Many {
            from: named(from, "from_", &this),
            to: named(to, "to_", &other),
            table: table.map_or_else(|| format!("{}_{field}", self.model.table), |(table, _)| table),
        };
        Some(Relation { index: self.relations, target, tie })
    }

    /// The model's name as a field that points at it is named.
    fn own_name(&self) -> String {
        snake(&self.model.ident.unraw().to_string())
    }

    /// The model in the angle brackets.
    fn target(&self, ty: &Type) -> Option<Type> {
        let name = types::name(ty).unwrap_or_default();
        match types::argument(ty) {
            Some(target) if types::last(target).is_some_and(|segment| segment.arguments.is_none()) => {
                Some(types::peel(target).clone())
            }
            Some(target) => {
                self.errors.at(target.span(), format!("`{name}` leads to a model: `{name}<Author>`"));
                None
            }
            None => {
                self.errors.at(ty.span(), format!("`{name}` names the model that it leads to: `{name}<Author>`"));
                None
            }
        }
    }
}

/// A field's name as an identifier, raw if it is a keyword.
fn field_named(name: &str, span: Span) -> Ident {
    syn::parse_str::<Ident>(name).map_or_else(|_| Ident::new_raw(name, span), |_| Ident::new(name, span))
}

fn shape(ty: &Type) -> Shape {
    match types::name(ty).as_deref() {
        Some("ForeignKey") => Shape::Forward { unique: false },
        Some("OneToOne") => Shape::Forward { unique: true },
        Some("HasMany") => Shape::Reverse { unique: false },
        Some("HasOne") => Shape::Reverse { unique: true },
        Some("ManyToMany") => Shape::Many,
        _ => Shape::Column,
    }
}

fn allowed(shape: &Shape) -> Allowed {
    let (what, names) = match shape {
        Shape::Column => ("a column", COLUMN),
        Shape::Forward { unique: false } => ("a foreign key", FORWARD),
        Shape::Forward { unique: true } => ("a one-to-one relation", FORWARD),
        Shape::Reverse { unique: false } => ("a `HasMany`", REVERSE),
        Shape::Reverse { unique: true } => ("a `HasOne`", REVERSE),
        Shape::Many => ("a many-to-many relation", MANY),
    };
    Allowed { what, names, repeated: &[], elsewhere: ALL }
}

/// `max_length`, or `max_digits` with `decimal_places`.
fn limit(args: &mut Args, base: &Type, errors: &Errors) -> Option<Limit> {
    let known = types::known(base);
    let refuse = |name: &str, span: Span, what: &str| {
        let ty = types::name(base).unwrap_or_default();
        errors.at(span, format!("`{name}` is for {what}, not for a `{ty}`"));
    };
    let max_length = args.take("max_length");
    if let Some(arg) = &max_length
        && known.is_some_and(|k| k != types::Known::Text)
    {
        refuse("max_length", arg.span, "text");
        return None;
    }
    let digits = args.take("max_digits");
    let places = args.take("decimal_places");
    if let Some(arg) = digits.as_ref().or(places.as_ref())
        && known.is_some_and(|k| k != types::Known::Decimal)
    {
        refuse(&arg.name, arg.span, "decimal numbers");
        return None;
    }
    match (max_length, digits, places) {
        (Some(max), None, None) => {
            let length: u32 = max.number(errors)?;
            if length == 0 {
                errors.at(max.span, "`max_length` is at least 1");
            }
            Some(Limit::Text(length.max(1)))
        }
        (None, Some(digits), Some(places)) => {
            let (max, after): (u8, u8) = (digits.number(errors)?, places.number(errors)?);
            if !(1..=38).contains(&max) {
                errors.at(digits.span, "`max_digits` is from 1 to 38, which is what every database holds");
            } else if after > max {
                errors.at(places.span, "`decimal_places` counts among `max_digits`, so it is no more than that");
            }
            Some(Limit::Decimal(max, after))
        }
        (_, Some(one), None) => {
            errors.at(one.span, "`max_digits` goes with `decimal_places`: add how many digits stand after the point");
            None
        }
        (_, None, Some(one)) => {
            errors.at(one.span, "`decimal_places` goes with `max_digits`: add how many digits there are in all");
            None
        }
        (Some(max), Some(_), Some(_)) => {
            errors.at(max.span, "`max_length` is for text, `max_digits` for decimal numbers");
            None
        }
        (None, None, None) => None,
    }
}

fn db_default(expr: &Expr) -> Option<DbDefault> {
    let (negative, expr) = match expr {
        Expr::Unary(ExprUnary { op: UnOp::Neg(_), expr, .. }) => (true, &**expr),
        other => (false, other),
    };
    let sign = if negative { "-" } else { "" };
    match expr {
        Expr::Path(path) if path.path.is_ident("now") && !negative => Some(DbDefault::Now),
        Expr::Lit(ExprLit { lit, .. }) => match lit {
            Lit::Int(n) => format!("{sign}{}", n.base10_digits()).parse().ok().map(DbDefault::Int),
            Lit::Float(n) => format!("{sign}{}", n.base10_digits()).parse().ok().map(DbDefault::Float),
            Lit::Bool(b) if !negative => Some(DbDefault::Bool(b.value)),
            Lit::Str(s) if !negative => Some(DbDefault::Text(s.value())),
            _ => None,
        },
        _ => None,
    }
}

fn fits(value: &DbDefault, known: types::Known) -> bool {
    use types::Known;
    match value {
        DbDefault::Bool(_) => known == Known::Bool,
        DbDefault::Int(_) => matches!(known, Known::Integer | Known::Float | Known::Decimal | Known::Other),
        DbDefault::Float(_) => matches!(known, Known::Float | Known::Decimal),
        DbDefault::Text(_) => {
            matches!(known, Known::Text | Known::Decimal | Known::Moment | Known::Uuid | Known::Other)
        }
        DbDefault::Now => known == Known::Moment,
    }
}
