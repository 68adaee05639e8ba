//! Random queries over any models, grown from bytes: each choice takes the next one, and where there are none left the
//! simplest is chosen. So a shorter or smaller string of bytes is a simpler query, and a byte changed is a query changed
//! in one place. Knows no database; the integration tests grow theirs here too.

use std::collections::HashMap;
use std::sync::{Mutex, OnceLock, PoisonError};

use super::ast::{
    Aggregate, Arith, Cond, Direction, Distinct, Expr, ExprNode, Func, Grouping, Lookup, Nulls, Order, Output, Part,
    Quantifier, Related, RelatedValue, Select,
};
use super::meta::{FieldMeta, Hop, ModelMeta, RelationKind, RelationMeta};
use super::parse;
use super::value::{Date, Kind, Number, Value};

/// What can be compared with each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    Int,
    Text,
    Decimal,
    Date,
    Bool,
}

const ORDERED: [Class; 4] = [Class::Int, Class::Text, Class::Decimal, Class::Date];

impl Class {
    pub fn of(kind: Kind) -> Option<Class> {
        match kind {
            Kind::Int16 | Kind::Int32 | Kind::Int64 => Some(Class::Int),
            Kind::Text { .. } => Some(Class::Text),
            Kind::Decimal { .. } => Some(Class::Decimal),
            Kind::Date => Some(Class::Date),
            Kind::Bool => Some(Class::Bool),
            Kind::Float64
            | Kind::Bytes
            | Kind::Time
            | Kind::DateTime
            | Kind::Timestamp
            | Kind::Duration
            | Kind::Uuid
            | Kind::Json => None,
        }
    }

    fn kind(self) -> Kind {
        match self {
            Class::Int => Kind::Int64,
            Class::Text => Kind::TEXT,
            Class::Decimal => Kind::Decimal { digits: 38, places: 9 },
            Class::Date => Kind::Date,
            Class::Bool => Kind::Bool,
        }
    }
}

/// Grows queries of some models.
pub struct Grower<'a> {
    bytes: &'a [u8],
    at: usize,
    models: &'a [&'static ModelMeta],
    /// Only what has one answer on every database: NULLs are sent to an end, limits follow a whole order.
    pub definite: bool,
    /// The roots of the queries outside.
    outside: Vec<&'static ModelMeta>,
}

/// A column that can be reached over single rows: the steps to it, and whether it may be NULL because of them.
type Reached = (Option<&'static Hop>, &'static ModelMeta, bool);

impl<'a> Grower<'a> {
    pub fn new(bytes: &'a [u8], models: &'a [&'static ModelMeta]) -> Self {
        Grower { bytes, at: 0, models, definite: false, outside: Vec::new() }
    }

    /// One of so many choices; the first is the simplest.
    pub fn pick(&mut self, of: usize) -> usize {
        let byte = self.bytes.get(self.at).copied().unwrap_or(0);
        self.at += 1;
        usize::from(byte) % of
    }

    fn flip(&mut self) -> bool {
        self.pick(2) == 1
    }

    fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.pick(of.len())]
    }

    pub fn model(&mut self) -> &'static ModelMeta {
        self.one(self.models)
    }

    /// A query of whole rows, values, groups or aggregates.
    pub fn select(&mut self) -> Select {
        let model = self.model();
        let mut select = Select::new(model);
        for _ in 0..self.pick(3) {
            select.filter.push(self.cond(model, 3));
        }
        match self.pick(5) {
            0 => self.rows(&mut select),
            1 | 2 => self.values(&mut select),
            3 => self.groups(&mut select),
            _ => self.aggregates(&mut select),
        }
        select
    }

    fn rows(&mut self, select: &mut Select) {
        let ones = reached(select.model, 1);
        if self.flip() {
            select.related.extend(self.one(&ones).0);
        }
        for _ in 0..self.pick(3) {
            let expr = self.any_expr(select.model, 2);
            select.outputs.push(Output::Expr(expr));
        }
        self.page(select);
    }

    fn values(&mut self, select: &mut Select) {
        select.outputs.clear();
        for _ in 0..=self.pick(3) {
            let output = match self.pick(8) {
                7 => Output::Row(self.one(&reached(select.model, 1)).0),
                _ => Output::Expr(self.any_expr(select.model, 2)),
            };
            select.outputs.push(output);
        }
        if self.flip() {
            select.distinct = Distinct::Yes;
            if self.definite {
                // Of values alone, MariaDB gives a row whatever the offset is.
                select.outputs.push(Output::Expr(self.column(select.model, Class::Int)));
            }
        }
        self.page(select);
    }

    fn groups(&mut self, select: &mut Select) {
        let keys: Vec<Expr> = (0..=self.pick(2)).map(|_| self.any_expr(select.model, 1)).collect();
        select.outputs = keys.iter().cloned().map(Output::Expr).collect();
        for _ in 0..self.pick(3) {
            let aggregate = self.aggregate(select.model);
            select.outputs.push(Output::Expr(aggregate));
        }
        let having = (0..self.pick(2))
            .map(|_| {
                let left = self.aggregate(select.model);
                let class = left.kind.and_then(Class::of).unwrap_or(Class::Int);
                let right = match self.flip() {
                    false => Expr::value(self.value(class)),
                    true => Expr::aggregate(Aggregate::Count, None, false, None),
                };
                if class == Class::Int || !matches!(right.node, ExprNode::Aggregate { .. }) {
                    Cond::lookup(self.comparison(class), left, right)
                } else {
                    Cond::is_null(left).not()
                }
            })
            .collect();
        select.group = Some(Grouping { keys, having });
        select.order = Some(Vec::new());
        self.page(select);
    }

    fn aggregates(&mut self, select: &mut Select) {
        select.outputs = (0..=self.pick(2)).map(|_| Output::Expr(self.aggregate(select.model))).collect();
        select.order = Some(Vec::new());
        if self.flip() {
            select.order = Some(vec![self.order(select.model)]);
            whole(select);
            self.limits(select);
        }
    }

    /// An order, a limit and an offset.
    fn page(&mut self, select: &mut Select) {
        let mut orders = Vec::new();
        for _ in 0..self.pick(3) {
            let outputs: Vec<Expr> = select.outputs.iter().filter_map(expr_of).cloned().collect();
            let among = select.distinct == Distinct::Yes || select.group.is_some();
            let mut order = self.order(select.model);
            if !outputs.is_empty() && (among || self.flip()) {
                let same = self.pick(outputs.len());
                order.expr = outputs[same].clone();
                if !among && self.flip() {
                    order.expr = self.nudged(order.expr);
                }
            }
            // Truth values have no order in the typed surface.
            if order.expr.kind != Some(Kind::Bool) && !(among && outputs.is_empty()) {
                orders.push(order);
            }
        }
        if !orders.is_empty() || select.group.is_some() {
            select.order = Some(orders);
        }
        if self.flip() && (!self.definite || whole(select)) {
            self.limits(select);
        }
    }

    /// The same expression with other values in it: nothing but those tells the two apart.
    fn nudged(&mut self, mut expr: Expr) -> Expr {
        match &mut expr.node {
            ExprNode::Value(Value::Int(value)) => *value += 1,
            ExprNode::Value(Value::Text(value)) => *value = format!("{value}x").into(),
            ExprNode::Arith(_, left, right) => {
                **left = self.nudged((**left).clone());
                **right = self.nudged((**right).clone());
            }
            ExprNode::Func(_, args) => args.iter_mut().for_each(|arg| *arg = self.nudged(arg.clone())),
            _ => {}
        }
        expr
    }

    fn limits(&mut self, select: &mut Select) {
        const NUMBERS: [u64; 5] = [1, 0, 2, 5, 100];
        select.limit = self.flip().then(|| self.one(&NUMBERS));
        select.offset = self.flip().then(|| self.one(&NUMBERS));
    }

    fn order(&mut self, model: &'static ModelMeta) -> Order {
        let class = self.one(&ORDERED);
        let expr = self.expr(model, class, 1);
        let direction = if self.flip() { Direction::Desc } else { Direction::Asc };
        let nulls = match self.pick(if self.definite { 2 } else { 3 }) {
            0 => Some(Nulls::First),
            1 => Some(Nulls::Last),
            _ => None,
        };
        Order { expr, direction, nulls }
    }

    /// An aggregate over the rows of a query.
    pub fn aggregate(&mut self, model: &'static ModelMeta) -> Expr {
        let filter = if self.pick(3) == 2 { Some(self.cond(model, 1)) } else { None };
        let (aggregate, of) = self.aggregated(model);
        let distinct = of.is_some() && aggregate == Aggregate::Count && self.flip();
        Expr::aggregate(aggregate, of, distinct, filter)
    }

    fn aggregated(&mut self, model: &'static ModelMeta) -> (Aggregate, Option<Expr>) {
        match self.pick(6) {
            0 => (Aggregate::Count, None),
            1 => (Aggregate::Count, Some(self.any_expr(model, 1))),
            2 => {
                let class = self.one(&ORDERED);
                (Aggregate::Min, Some(self.expr(model, class, 1)))
            }
            3 => {
                let class = self.one(&ORDERED);
                (Aggregate::Max, Some(self.expr(model, class, 1)))
            }
            4 => {
                let class = self.one(&[Class::Int, Class::Decimal]);
                (Aggregate::Sum, Some(self.expr(model, class, 1)))
            }
            _ => {
                // Of integers it is a float, and those differ in their last bits.
                let class = if self.definite { Class::Decimal } else { Class::Int };
                (Aggregate::Avg, Some(self.expr(model, class, 1)))
            }
        }
    }

    fn any_expr(&mut self, model: &'static ModelMeta, depth: usize) -> Expr {
        let class = self.one(&[Class::Int, Class::Text, Class::Decimal, Class::Date, Class::Bool]);
        self.expr(model, class, depth)
    }

    /// An expression of a row.
    pub fn expr(&mut self, model: &'static ModelMeta, class: Class, depth: usize) -> Expr {
        if depth == 0 {
            return match self.pick(4) {
                3 => self.typed(class),
                _ => self.column(model, class),
            };
        }
        match self.pick(10) {
            0..3 => self.column(model, class),
            3 => self.typed(class),
            4 => {
                let arms = (0..=self.pick(2)).map(|_| (self.cond(model, 1), self.expr(model, class, 0))).collect();
                let otherwise = self.flip().then(|| self.expr(model, class, 0));
                Expr::case(arms, otherwise)
            }
            5 => self.related(model, class),
            6 => self.scalar(model, class),
            7 => {
                let func = self.one(&[Func::Coalesce, Func::NullIf, Func::Greatest, Func::Least]);
                let (left, right) = (self.expr(model, class, depth - 1), self.operand(model, class, depth - 1));
                match (func, class) {
                    // Truth values have no order in the typed surface.
                    (Func::Greatest | Func::Least, Class::Bool) => Expr::func(Func::Coalesce, vec![left, right]),
                    _ => Expr::func(func, vec![left, right]),
                }
            }
            _ => self.computed(model, class, depth),
        }
    }

    fn computed(&mut self, model: &'static ModelMeta, class: Class, depth: usize) -> Expr {
        match class {
            Class::Int => match self.pick(6) {
                4 => Expr::func(Func::Length, vec![self.expr(model, Class::Text, depth - 1)]),
                5 => {
                    let part = self.one(&[Part::Year, Part::Month, Part::Day, Part::Quarter]);
                    Expr::func(Func::Part(part), vec![self.expr(model, Class::Date, depth - 1)])
                }
                _ => self.arith(model, class, depth),
            },
            Class::Decimal => match self.pick(4) {
                3 => {
                    let func = self.one(&[Func::Abs, Func::Round]);
                    Expr::func(func, vec![self.expr(model, class, depth - 1)])
                }
                _ => self.arith(model, class, depth),
            },
            Class::Text => {
                let arg = self.expr(model, class, depth - 1);
                match self.pick(4) {
                    0 => Expr::func(Func::Lower, vec![arg]),
                    1 => Expr::func(Func::Upper, vec![arg]),
                    2 => Expr::func(Func::Trim, vec![arg]),
                    _ => Expr::func(Func::Concat, vec![arg, self.operand(model, class, depth - 1)]),
                }
            }
            Class::Date => {
                let part = self.one(&[Part::Year, Part::Month]);
                Expr::func(Func::Truncate(part), vec![self.expr(model, class, depth - 1)])
            }
            Class::Bool => Expr::cond(self.cond(model, depth - 1)),
        }
    }

    fn arith(&mut self, model: &'static ModelMeta, class: Class, depth: usize) -> Expr {
        let op = self.one(&[Arith::Add, Arith::Sub, Arith::Mul, Arith::Div, Arith::Mod]);
        let left = self.expr(model, class, depth - 1);
        Expr::arith(op, left, self.operand(model, class, depth - 1))
    }

    /// What an expression is compared or joined with: a bare value, or another expression.
    fn operand(&mut self, model: &'static ModelMeta, class: Class, depth: usize) -> Expr {
        match self.pick(3) {
            2 => self.expr(model, class, depth),
            1 => self.outer(class),
            _ => Expr::value(self.value(class)),
        }
    }

    /// A column of a row outside, if there is one.
    fn outer(&mut self, class: Class) -> Expr {
        if self.outside.is_empty() {
            return Expr::value(self.value(class));
        }
        let levels = self.pick(self.outside.len()) + 1;
        let model = self.outside[self.outside.len() - levels];
        let column = self.column(model, class);
        (0..levels).fold(column, |of, _| Expr::outer(model, of))
    }

    /// A column of the class; a value where the models have none.
    fn column(&mut self, model: &'static ModelMeta, class: Class) -> Expr {
        let columns = columns(model, class);
        if columns.is_empty() {
            return self.typed(class);
        }
        let (hop, model, field, null) = self.one(&columns);
        Expr::column(hop, model, field, null)
    }

    fn typed(&mut self, class: Class) -> Expr {
        let value = match (class, self.value(class)) {
            (Class::Decimal, Value::Int(whole)) => Value::Decimal(Number::from(whole)),
            (_, value) => value,
        };
        Expr::typed(value, class.kind())
    }

    pub fn value(&mut self, class: Class) -> Value {
        match class {
            Class::Int => Value::Int(self.one(&[1, 0, 2, 3, -1, 5, -3, 7])),
            Class::Text => Value::Text(self.one(&TEXTS).into()),
            Class::Decimal => match self.pick(7) {
                0 => Value::Decimal(Number::new(150, 2)),
                1 => Value::Int(2),
                2 => Value::Decimal(Number::new(15, 1)),
                3 => Value::Decimal(Number::new(-2_125, 3)),
                4 => Value::Decimal(Number::new(0, 0)),
                5 => Value::Decimal(Number::new(1, 3)),
                _ => Value::Decimal(Number::new(12_345, 3)),
            },
            Class::Date => {
                let (year, month, day) =
                    self.one(&[(2020, 2, 29), (1999, 12, 31), (1, 1, 1), (9999, 12, 31), (2024, 1, 1)]);
                Date::from_ymd(year, month, day).map_or(Value::Null, Value::Date)
            }
            Class::Bool => Value::Bool(self.flip()),
        }
    }

    fn comparison(&mut self, class: Class) -> Lookup {
        match class {
            Class::Bool => Lookup::Eq,
            Class::Int | Class::Text | Class::Decimal | Class::Date => {
                self.one(&[Lookup::Eq, Lookup::Lt, Lookup::Le, Lookup::Gt, Lookup::Ge])
            }
        }
    }

    /// A condition on a row.
    pub fn cond(&mut self, model: &'static ModelMeta, depth: usize) -> Cond {
        if depth == 0 {
            return self.compared(model, 0);
        }
        match self.pick(16) {
            0 => self.compared(model, depth - 1),
            1 => self.cond(model, depth - 1).and(self.cond(model, depth - 1)),
            2 => self.cond(model, depth - 1).or(self.cond(model, depth - 1)),
            3 => self.cond(model, depth - 1).xor(self.cond(model, depth - 1)),
            4 | 5 => self.cond(model, depth - 1).not(),
            6 => self.cond(model, depth - 1).is_unknown(),
            7 => {
                let class = self.one(&[Class::Int, Class::Text, Class::Decimal, Class::Date, Class::Bool]);
                Cond::is_null(self.expr(model, class, depth - 1))
            }
            8 | 9 => self.listed(model, depth - 1),
            10 => {
                let class = self.one(&ORDERED);
                let expr = self.expr(model, class, depth - 1);
                Cond::range(expr, self.operand(model, class, 0), self.operand(model, class, 0))
            }
            11 => Cond::boolean(self.expr(model, Class::Bool, depth - 1)),
            12 | 13 => self.quantified(model, depth - 1),
            14 => {
                let rows = self.inner(model, depth - 1, |grower, rows| {
                    if !grower.definite || grower.flip() {
                        grower.limits(rows);
                    }
                });
                Cond::exists(rows)
            }
            _ => self.parsed(model),
        }
    }

    fn compared(&mut self, model: &'static ModelMeta, depth: usize) -> Cond {
        let class = self.one(&[Class::Int, Class::Text, Class::Decimal, Class::Date, Class::Bool]);
        let left = self.expr(model, class, depth);
        let right = match self.pick(8) {
            7 => Expr::value(Value::Null),
            _ => self.operand(model, class, depth),
        };
        let lookup = match class {
            Class::Text if self.flip() => self.one(&[
                Lookup::Contains,
                Lookup::IContains,
                Lookup::StartsWith,
                Lookup::IStartsWith,
                Lookup::EndsWith,
                Lookup::IEndsWith,
                Lookup::IEq,
            ]),
            _ => self.comparison(class),
        };
        // Only equality takes NULL in the typed surface.
        let null = matches!(right.node, ExprNode::Value(Value::Null));
        Cond::lookup(if null { Lookup::Eq } else { lookup }, left, right)
    }

    fn listed(&mut self, model: &'static ModelMeta, depth: usize) -> Cond {
        let class = self.one(&[Class::Int, Class::Text, Class::Decimal, Class::Date]);
        let left = self.expr(model, class, depth);
        if self.flip() {
            let length = self.one(&[1, 0, 2, 3, 5, 9]);
            let list = (0..length).map(|_| if self.pick(5) == 4 { Value::Null } else { self.value(class) }).collect();
            return Cond::is_in(left, Expr::value(Value::List(list)));
        }
        let rows = self.inner(model, depth, |grower, rows| {
            if class != Class::Int || grower.flip() {
                rows.outputs = vec![Output::Expr(grower.expr(rows.model, class, depth))];
            }
            if grower.flip() {
                rows.order = Some(vec![grower.order(rows.model)]);
                whole(rows);
                grower.limits(rows);
            }
        });
        Cond::is_in(left, Expr::subquery(rows))
    }

    /// A query inside a query of a model.
    fn inner(&mut self, of: &'static ModelMeta, depth: usize, more: impl FnOnce(&mut Self, &mut Select)) -> Select {
        let mut rows = Select::new(self.model());
        self.outside.push(of);
        for _ in 0..self.pick(2) {
            rows.filter.push(self.cond(rows.model, depth.min(1)));
        }
        more(self, &mut rows);
        self.outside.pop();
        rows
    }

    fn scalar(&mut self, model: &'static ModelMeta, class: Class) -> Expr {
        let rows = self.inner(model, 1, |grower, rows| {
            let model = rows.model;
            if grower.flip() && class != Class::Bool {
                let aggregate = grower.one(&[Aggregate::Min, Aggregate::Max]);
                let of = grower.expr(model, class, 0);
                rows.order = Some(Vec::new());
                rows.outputs = vec![Output::Expr(Expr::aggregate(aggregate, Some(of), false, None))];
                return;
            }
            rows.outputs = vec![Output::Expr(grower.expr(model, class, 0))];
            rows.order = Some(vec![grower.order(model)]);
            rows.limit = Some(1);
            whole(rows);
        });
        Expr::subquery(rows)
    }

    fn related(&mut self, model: &'static ModelMeta, class: Class) -> Expr {
        let many = many(model);
        if many.is_empty() {
            return self.column(model, class);
        }
        let hop = self.one(&many);
        let to = hop.to();
        self.outside.push(model);
        let filter = (0..self.pick(2)).map(|_| self.cond(to, 1)).collect();
        let of = self.expr(to, class, 0);
        let value = match (class, self.pick(4)) {
            (Class::Int, 0) => RelatedValue::Aggregate(Aggregate::Count, None, false),
            (Class::Int | Class::Decimal, 1) => RelatedValue::Aggregate(Aggregate::Sum, Some(of), false),
            (Class::Int | Class::Decimal | Class::Text | Class::Date, 2) => {
                RelatedValue::Aggregate(self.one(&[Aggregate::Min, Aggregate::Max]), Some(of), false)
            }
            _ => RelatedValue::First(of),
        };
        let limit = matches!(value, RelatedValue::Aggregate(..)).then(|| self.flip().then(|| self.one(&[1, 2, 0])));
        let limit = limit.flatten();
        let mut order = Vec::new();
        if limit.is_some() || matches!(value, RelatedValue::First(_)) {
            order.push(self.order(to));
            order.push(by_key(to));
        }
        self.outside.pop();
        Expr::related(Related { hop, filter, order, limit, value })
    }

    fn quantified(&mut self, model: &'static ModelMeta, depth: usize) -> Cond {
        let many = many(model);
        if many.is_empty() {
            return self.compared(model, depth);
        }
        let hop = self.one(&many);
        let quantifier = self.one(&[Quantifier::Any, Quantifier::None, Quantifier::All]);
        self.outside.push(model);
        let filter = if self.pick(3) == 2 { vec![self.cond(hop.to(), depth.min(1))] } else { Vec::new() };
        let cond = if self.pick(4) == 3 { None } else { Some(self.cond(hop.to(), depth)) };
        self.outside.pop();
        Cond::quantified(quantifier, hop, filter, cond.filter(|c| c.as_constant() != Some(true)))
    }

    /// A lookup in text.
    fn parsed(&mut self, model: &'static ModelMeta) -> Cond {
        let class = self.one(&[Class::Int, Class::Text, Class::Decimal, Class::Date]);
        let columns = columns(model, class);
        if columns.is_empty() {
            return self.compared(model, 0);
        }
        let (hop, _, field, _) = self.one(&columns);
        let start = hop.map_or_else(String::new, |hop| format!("{}__", hop.path()));
        let mut names = vec!["exact", "ne", "gt", "lte", "in", "isnull"];
        if class == Class::Text {
            names.extend(["icontains", "startswith", "iexact"]);
        }
        let name = self.one(&names);
        let value = match name {
            "isnull" => self.one(&["true", "false"]).to_owned(),
            "in" => (0..=self.pick(3)).map(|_| shown(&self.value(class))).collect::<Vec<_>>().join(","),
            _ => shown(&self.value(class)),
        };
        let path = format!("{start}{}__{name}", field.name);
        parse::lookup(model, &path, &value).unwrap_or_else(|error| panic!("{path}={value}: {error}"))
    }
}

pub const TEXTS: [&str; 12] = ["a", "", "A", "b ", "ab%", "a_b", "\\", "ä", "ÄB", "zz", "😀", "'"];

fn shown(value: &Value) -> String {
    match value {
        Value::Int(v) => v.to_string(),
        Value::Decimal(v) => v.to_string(),
        Value::Date(v) => v.to_iso(),
        Value::Text(v) => v.replace(',', ""),
        other => unreachable!("{other:?}"),
    }
}

fn expr_of(output: &Output) -> Option<&Expr> {
    match output {
        Output::Expr(expr) => Some(expr),
        Output::Row(_) => None,
    }
}

/// By its key, the last word of a whole order.
pub fn by_key(model: &'static ModelMeta) -> Order {
    let key = model.single_key().expect("a key of one field");
    Order { expr: Expr::column(None, model, key, false), direction: Direction::Asc, nulls: None }
}

/// Makes the order of a query whole, so that a limit cuts in one place; says whether that can be.
pub fn whole(select: &mut Select) -> bool {
    let rows = select.distinct == Distinct::No && select.group.is_none();
    // Truth values have no order in the typed surface.
    let ordered = |output: &Output| expr_of(output).is_some_and(|expr| expr.kind != Some(Kind::Bool));
    if !rows && !select.outputs.iter().all(ordered) {
        return false;
    }
    let mut orders = select.order.take().unwrap_or_default();
    if rows {
        orders.push(by_key(select.model));
    } else {
        orders.extend(select.outputs.iter().filter_map(expr_of).map(|expr| Order {
            expr: expr.clone(),
            direction: Direction::Asc,
            nulls: Some(Nulls::First),
        }));
    }
    select.order = Some(orders);
    true
}

/// Steps live for ever, so each is made once.
fn step(parent: Option<&'static Hop>, relation: &'static RelationMeta, backwards: bool) -> &'static Hop {
    type Made = Mutex<HashMap<(usize, usize, bool), &'static Hop>>;
    static MADE: OnceLock<Made> = OnceLock::new();
    let address = |hop: &'static Hop| std::ptr::from_ref(hop).addr();
    let key = (parent.map_or(0, address), std::ptr::from_ref(relation).addr(), backwards);
    let mut made = MADE.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner);
    made.entry(key).or_insert_with(|| Box::leak(Box::new(Hop { parent, relation, backwards, each: false })))
}

/// The rows that single steps lead to, itself first.
pub fn reached(model: &'static ModelMeta, steps: usize) -> Vec<Reached> {
    let mut all: Vec<Reached> = vec![(None, model, false)];
    let mut last = all.clone();
    for _ in 0..steps {
        let mut next = Vec::new();
        for (hop, model, null) in last {
            for relation in model.relations.iter().filter(|r| !r.is_many()) {
                let maybe = match relation.kind {
                    RelationKind::Forward { field, .. } => model.fields[field].null,
                    RelationKind::Reverse { .. } | RelationKind::Many { .. } | RelationKind::ManyReverse { .. } => true,
                };
                next.push((Some(step(hop, relation, false)), relation.target(), null || maybe));
            }
        }
        all.extend(next.iter().copied());
        last = next;
    }
    all
}

type Column = (Option<&'static Hop>, &'static ModelMeta, &'static FieldMeta, bool);

fn columns(model: &'static ModelMeta, class: Class) -> Vec<Column> {
    reached(model, 2)
        .into_iter()
        .flat_map(|(hop, model, null)| model.fields.iter().map(move |field| (hop, model, field, null)))
        .filter(|(_, _, field, _)| Class::of(field.kind) == Some(class) && field.choices.is_none())
        .collect()
}

/// The paths through one or two to-many steps, forwards and backwards.
fn many(model: &'static ModelMeta) -> Vec<&'static Hop> {
    let mut all: Vec<&'static Hop> = reached(model, 1)
        .into_iter()
        .flat_map(|(hop, model, _)| model.relations.iter().filter(|r| r.is_many()).map(move |r| step(hop, r, false)))
        .collect();
    for hop in all.clone() {
        all.extend(hop.to().relations.iter().filter(|r| r.is_many()).map(|r| step(Some(hop), r, false)));
    }
    for relation in model.relations {
        let of = match relation.kind {
            RelationKind::Reverse { of, .. } | RelationKind::ManyReverse { of } => of(),
            RelationKind::Forward { .. } | RelationKind::Many { .. } => continue,
        };
        all.push(step(None, of, true));
    }
    all
}
