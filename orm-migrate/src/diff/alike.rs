//! How alike two fields or models are: what may have been renamed into what.

use crate::shape::Field;
use crate::state::ModelState;

/// From 0 to 1, by the letters that one must change to get the other.
pub(super) fn names(a: &str, b: &str) -> f64 {
    let (a, b): (Vec<char>, Vec<char>) = (a.to_lowercase().chars().collect(), b.to_lowercase().chars().collect());
    let longest = a.len().max(b.len());
    if longest == 0 {
        return 1.0;
    }
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let cost = if x == y { diagonal } else { 1 + diagonal.min(row[j]).min(row[j + 1]) };
            diagonal = row[j + 1];
            row[j + 1] = cost;
        }
    }
    1.0 - row[b.len()] as f64 / longest as f64
}

/// How alike two fields are; from 1 on, one may be the other.
pub(super) fn fields(a: &Field, b: &Field) -> f64 {
    let same_kind = std::mem::discriminant(&a.kind) == std::mem::discriminant(&b.kind);
    let target = |f: &Field| f.target.map(|t| (t.app, t.model));
    let names = names(a.name, b.name);
    if a.column == b.column {
        return 4.0;
    }
    if target(a) != target(b) || !same_kind {
        return if names >= 0.6 { 1.0 } else { 0.0 };
    }
    let same = |x: bool| if x { 0.25 } else { 0.0 };
    1.0 + names + same(a.kind == b.kind) + same(a.null == b.null) + same(a.unique == b.unique)
}

/// The part of their fields that two models share, from 0 to 1.
pub(super) fn models(a: &ModelState, b: &ModelState) -> f64 {
    let shared = a.fields.iter().filter(|f| b.fields.iter().any(|g| g.name == f.name && g.kind == f.kind)).count();
    shared as f64 / a.fields.len().max(b.fields.len()).max(1) as f64
}
