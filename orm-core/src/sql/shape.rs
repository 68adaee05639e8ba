//! The shape of a statement: a key of all that its text depends on, and the values in the order they are met.

use std::cell::Cell;
use std::collections::HashMap;
use std::hash::{Hash, Hasher};
use std::ops::Range;

use smallvec::SmallVec;

use super::PrefetchSource;
use crate::ast::{Cond, CondNode, Expr, ExprNode, Order, Output, Related, RelatedValue, Select, Update};
use crate::dialect::{Dialect, ListStyle};
use crate::meta::Hop;
use crate::value::{Kind, Value};

/// A value of the tree, or a number that stands in it.
#[derive(Debug, Clone, Copy)]
enum Slot<'a> {
    Value(&'a Value),
    Number(u64),
}

impl Slot<'_> {
    fn same(self, other: Slot<'_>) -> bool {
        match (self, other) {
            (Slot::Value(a), Slot::Value(b)) => a == b,
            (Slot::Number(a), Slot::Number(b)) => a == b,
            (Slot::Value(_), Slot::Number(_)) | (Slot::Number(_), Slot::Value(_)) => false,
        }
    }
}

/// Beyond so many members, a list is one parameter everywhere: servers limit how many there may be.
const MOST_PADDED: usize = 1024;

/// How many parameters a list of a length becomes where each member is one; `None` if there are too many for that.
pub(super) fn padded(length: usize) -> Option<usize> {
    (length <= MOST_PADDED).then(|| length.next_power_of_two())
}

/// One member of a list; the last one again beyond its end.
pub(super) fn member(list: &[Value], index: usize) -> Value {
    list.get(index).or(list.last()).cloned().unwrap_or(Value::Null)
}

/// Where an expression lies in a shape: its part of the key, and its values.
struct Span {
    key: Range<usize>,
    slots: Range<usize>,
}

/// The values of a tree, each with where it lies in it, by which it is found again.
#[derive(Debug, Default)]
pub(super) struct Slots<'a>(SmallVec<[(Slot<'a>, usize); 8]>);

impl<'a> Slots<'a> {
    pub(super) fn value(&self, slot: usize) -> Value {
        match self.0[slot].0 {
            Slot::Value(value) => value.clone(),
            Slot::Number(number) => Value::Int(i64::try_from(number).unwrap_or(i64::MAX)),
        }
    }

    /// One member of a list; the last one again beyond its end.
    pub(super) fn member(&self, slot: usize, index: usize) -> Value {
        match self.0[slot].0 {
            Slot::Value(Value::List(list)) => member(list, index),
            Slot::Value(_) | Slot::Number(_) => self.value(slot),
        }
    }

    fn same(&self, a: Range<usize>, b: Range<usize>) -> bool {
        a.len() == b.len() && a.zip(b).all(|(a, b)| self.0[a].0.same(self.0[b].0))
    }

    /// The ordinals of values by address, for the one time that a shape is lowered.
    pub(super) fn index(&self) -> HashMap<usize, usize> {
        self.0.iter().enumerate().map(|(slot, (_, address))| (*address, slot)).collect()
    }
}

/// Writes down what a value hashes, whole: what is equal there is equal.
struct KeyBytes<'k>(&'k mut Vec<u8>);

impl Hasher for KeyBytes<'_> {
    fn write(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    fn finish(&self) -> u64 {
        0
    }
}

/// Where something lies, as a key.
pub(super) fn address<T: ?Sized>(of: &T) -> usize {
    std::ptr::from_ref(of).addr()
}

/// Keys that grew beyond this are not kept.
const MOST_SPARE: usize = 16 * 1024;

thread_local! {
    /// The memory of the last key that was made on this thread, for the next.
    static SPARE: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

pub(super) struct Shape<'a> {
    pub(super) key: Vec<u8>,
    pub(super) slots: Slots<'a>,
    padded: bool,
}

impl Drop for Shape<'_> {
    fn drop(&mut self) {
        if self.key.capacity() <= MOST_SPARE {
            SPARE.set(std::mem::take(&mut self.key));
        }
    }
}

impl<'a> Shape<'a> {
    pub(super) fn new(dialect: &'static dyn Dialect, statement: u8) -> Self {
        let padded = dialect.list() == ListStyle::Padded;
        let mut key = SPARE.take();
        key.clear();
        key.push(statement);
        // One cache serves one database as a rule; printing SQL for another must not meet its texts.
        key.extend_from_slice(dialect.name().as_bytes());
        Shape { key, slots: Slots::default(), padded }
    }

    fn tag(&mut self, tag: u8) {
        self.key.push(tag);
    }

    fn number(&mut self, number: usize) {
        self.key.extend_from_slice(&number.to_le_bytes());
    }

    pub(super) fn place<T: ?Sized>(&mut self, of: &T) {
        self.number(address(of));
    }

    fn slot(&mut self, slot: Slot<'a>, address: usize) {
        self.slots.0.push((slot, address));
    }

    fn hop(&mut self, hop: Option<&'static Hop>) {
        let Some(hop) = hop else { return self.tag(0) };
        self.tag(1 + u8::from(hop.each) + 2 * u8::from(hop.backwards));
        self.place(hop.relation);
        self.hop(hop.parent);
    }

    fn kind(&mut self, kind: Option<Kind>) {
        match kind {
            None => self.tag(0),
            Some(Kind::Decimal { digits, places }) => self.key.extend_from_slice(&[1, digits, places]),
            Some(Kind::Text { .. }) => self.tag(2),
            Some(Kind::Bool) => self.tag(3),
            Some(Kind::Int16) => self.tag(4),
            Some(Kind::Int32) => self.tag(5),
            Some(Kind::Int64) => self.tag(6),
            Some(Kind::Float64) => self.tag(7),
            Some(Kind::Bytes) => self.tag(8),
            Some(Kind::Date) => self.tag(9),
            Some(Kind::Time) => self.tag(10),
            Some(Kind::DateTime) => self.tag(11),
            Some(Kind::Timestamp) => self.tag(12),
            Some(Kind::Duration) => self.tag(13),
            Some(Kind::Uuid) => self.tag(14),
            Some(Kind::Json) => self.tag(15),
        }
    }

    pub(super) fn expr(&mut self, expr: &'a Expr) {
        match &expr.node {
            ExprNode::Column { hop, field, .. } => {
                self.tag(20);
                self.place(*field);
                self.hop(*hop);
            }
            ExprNode::Value(value) => {
                self.tag(21);
                self.tag(u8::from(value.is_null()));
                self.kind(expr.kind);
                if let (Value::List(list), true) = (value, self.padded) {
                    self.number(padded(list.len()).unwrap_or(0));
                }
                self.slot(Slot::Value(value), address(value));
            }
            ExprNode::Arith(op, a, b) => {
                self.tag(22);
                self.tag(*op as u8);
                self.expr(a);
                self.expr(b);
            }
            ExprNode::Func(func, args) => {
                self.tag(23);
                func.hash(&mut KeyBytes(&mut self.key));
                self.exprs(args);
            }
            ExprNode::Case { arms, otherwise } => {
                self.tag(24);
                self.number(arms.len());
                for (cond, value) in arms {
                    self.cond(cond);
                    self.expr(value);
                }
                self.maybe(otherwise.as_deref());
            }
            ExprNode::Cond(cond) => {
                self.tag(25);
                self.cond(cond);
            }
            ExprNode::Aggregate { aggregate, of, distinct, filter } => {
                self.tag(26);
                self.tag(*aggregate as u8);
                self.tag(u8::from(*distinct));
                self.maybe(of.as_deref());
                self.conds(filter.as_deref().into_iter());
            }
            ExprNode::Related(related) => {
                self.tag(27);
                self.related(related);
            }
            ExprNode::Subquery(select) => {
                self.tag(28);
                self.select(select);
            }
            ExprNode::Outer { levels, model, of } => {
                self.tag(29);
                self.number(*levels as usize);
                self.place(*model);
                self.expr(of);
            }
            ExprNode::Refused(words) => {
                self.tag(30);
                self.key.extend_from_slice(words.as_bytes());
            }
        }
    }

    fn maybe(&mut self, expr: Option<&'a Expr>) {
        match expr {
            None => self.tag(0),
            Some(expr) => {
                self.tag(1);
                self.expr(expr);
            }
        }
    }

    fn exprs(&mut self, list: &'a [Expr]) {
        self.number(list.len());
        for expr in list {
            self.expr(expr);
        }
    }

    fn conds(&mut self, list: impl ExactSizeIterator<Item = &'a Cond>) {
        self.number(list.len());
        for cond in list {
            self.cond(cond);
        }
    }

    fn orders(&mut self, list: &'a [Order]) {
        self.number(list.len());
        for order in list {
            self.way(order);
            self.expr(&order.expr);
        }
    }

    fn way(&mut self, order: &Order) {
        self.tag(order.direction as u8);
        self.tag(order.nulls.map_or(0, |n| 1 + n as u8));
    }

    fn span(&mut self, expr: &'a Expr) -> Span {
        let (key, slot) = (self.key.len(), self.slots.0.len());
        self.expr(expr);
        Span { key: key..self.key.len(), slots: slot..self.slots.0.len() }
    }

    /// An order or a key that is selected as well stands in the text as the number of the output. Whether it is the
    /// same as the output depends on its values too, so that is part of the shape.
    fn repeated(&mut self, outputs: &[Span], repeats: &[Span]) {
        for repeat in repeats.iter().filter(|r| !r.slots.is_empty()) {
            for output in outputs.iter().filter(|o| !o.slots.is_empty()) {
                let alike = self.key[output.key.clone()] == self.key[repeat.key.clone()];
                self.tag(u8::from(alike && self.slots.same(output.slots.clone(), repeat.slots.clone())));
            }
        }
    }

    fn limit(&mut self, limit: &'a Option<u64>) {
        match limit {
            None => self.tag(0),
            Some(number) => {
                // Without any rows there is nothing to ask, and the text says so.
                self.tag(1 + u8::from(*number == 0));
                self.slot(Slot::Number(*number), address(limit));
            }
        }
    }

    fn related(&mut self, related: &'a Related) {
        self.hop(Some(related.hop));
        self.conds(related.filter.iter());
        self.orders(&related.order);
        self.limit(&related.limit);
        match &related.value {
            RelatedValue::Aggregate(aggregate, of, distinct) => {
                self.tag(*aggregate as u8);
                self.tag(u8::from(*distinct));
                self.maybe(of.as_ref());
            }
            RelatedValue::First(of) => {
                self.tag(100);
                self.expr(of);
            }
        }
    }

    fn cond(&mut self, cond: &'a Cond) {
        self.tag(40 + u8::from(cond.null));
        match &cond.node {
            CondNode::Const(value) => self.tag(50 + u8::from(*value)),
            CondNode::And(list) => {
                self.tag(52);
                self.conds(list.iter());
            }
            CondNode::Or(list) => {
                self.tag(53);
                self.conds(list.iter());
            }
            CondNode::Xor(a, b) => {
                self.tag(54);
                self.cond(a);
                self.cond(b);
            }
            CondNode::Not(inner) => {
                self.tag(55);
                self.cond(inner);
            }
            CondNode::IsUnknown(inner) => {
                self.tag(56);
                self.cond(inner);
            }
            CondNode::Lookup(lookup, a, b) => {
                self.tag(57);
                self.tag(*lookup as u8);
                self.expr(a);
                self.expr(b);
            }
            CondNode::IsNull(expr) => {
                self.tag(58);
                self.expr(expr);
            }
            CondNode::In(a, set) => {
                self.tag(59);
                self.expr(a);
                self.expr(set);
            }
            CondNode::Range(expr, low, high) => {
                self.tag(60);
                self.expr(expr);
                self.expr(low);
                self.expr(high);
            }
            CondNode::Bool(expr) => {
                self.tag(61);
                self.expr(expr);
            }
            CondNode::Quantified { quantifier, hop, filter, cond } => {
                self.tag(62);
                self.tag(*quantifier as u8);
                self.hop(Some(hop));
                self.conds(filter.iter());
                self.conds(cond.as_deref().into_iter());
            }
            CondNode::Exists(select) => {
                self.tag(63);
                self.select(select);
            }
        }
    }

    pub(super) fn select(&mut self, select: &'a Select) {
        self.place(select.model);
        self.tag(select.distinct as u8);
        self.conds(select.filter.iter());
        self.number(select.outputs.len());
        let mut outputs = Vec::new();
        for output in &select.outputs {
            match output {
                Output::Row(hop) => {
                    self.tag(70);
                    self.hop(*hop);
                }
                Output::Expr(expr) => {
                    self.tag(71);
                    outputs.push(self.span(expr));
                }
            }
        }
        let mut repeats = Vec::new();
        match &select.order {
            None => self.tag(0),
            Some(list) => {
                self.tag(1);
                self.number(list.len());
                for order in list {
                    self.way(order);
                    repeats.push(self.span(&order.expr));
                }
            }
        }
        match &select.group {
            None => self.tag(0),
            Some(group) => {
                self.tag(1);
                self.number(group.keys.len());
                for key in &group.keys {
                    repeats.push(self.span(key));
                }
                self.conds(group.having.iter());
            }
        }
        self.repeated(&outputs, &repeats);
        self.number(select.related.len());
        for hop in &select.related {
            self.hop(Some(hop));
        }
        self.limit(&select.limit);
        self.limit(&select.offset);
    }

    pub(super) fn prefetch(&mut self, source: &PrefetchSource<'a>) {
        self.hop(Some(source.hop));
        self.select(source.query);
        if let (Value::List(list), true) = (source.keys, self.padded) {
            self.number(padded(list.len()).unwrap_or(0));
        }
        self.slot(Slot::Value(source.keys), address(source.keys));
    }

    pub(super) fn update(&mut self, update: &'a Update) {
        self.select(&update.rows);
        self.number(update.set.len());
        for assignment in &update.set {
            self.place(assignment.field);
            self.expr(&assignment.value);
        }
        self.number(update.returning.len());
        for field in &update.returning {
            self.place(*field);
        }
    }
}

/// Whether two expressions are the same, values included.
pub(super) fn same(a: &Expr, b: &Expr, dialect: &'static dyn Dialect) -> bool {
    let mut left = Shape::new(dialect, 0);
    left.expr(a);
    let mut right = Shape::new(dialect, 0);
    right.expr(b);
    left.key == right.key
        && left.slots.0.len() == right.slots.0.len()
        && (0..left.slots.0.len()).all(|i| left.slots.value(i) == right.slots.value(i))
}
