//! Fewer operations with the same effect: what is added to a new model is created with it, what comes and goes is left out.
//!
//! ```
//! # orm_blog::example! {
//! use orm::migrate::{optimize::optimize, prelude::*};
//! const OPERATIONS: [Op; 2] =
//!     [Op::create_model(Model::new("Post", "posts")), Op::add_field("Post", Field::int64("id").increment())];
//! let less = optimize("blog", &OPERATIONS);
//! assert_eq!(less.len(), 1);
//! # }
//! ```

use crate::operation::{AddField, AlterField, Operation, RenameField};
use crate::state::{ModelState, State};

/// Operations of one app, with those folded together that can be.
pub fn optimize(app: &'static str, operations: &[Operation]) -> Vec<Operation> {
    let mut out = operations.to_vec();
    while let Some(next) = once(app, &out) {
        out = next;
    }
    out
}

fn once(app: &'static str, operations: &[Operation]) -> Option<Vec<Operation>> {
    for (i, left) in operations.iter().enumerate() {
        for (j, right) in operations.iter().enumerate().skip(i + 1) {
            // The right one moves to the place of the left one, so it must not mind those between.
            let between = &operations[i + 1..j];
            if between.iter().any(|op| !commute(app, op, right)) {
                continue;
            }
            if let Some(folded) = fold(app, left, right) {
                let mut out = operations[..i].to_vec();
                out.extend(folded);
                out.extend(between);
                out.extend(&operations[j + 1..]);
                return Some(out);
            }
        }
    }
    None
}

fn commute(app: &'static str, a: &Operation, b: &Operation) -> bool {
    let (a, b) = (a.models(app), b.models(app));
    // SQL of one's own names no models, and may touch any.
    !a.is_empty() && !b.is_empty() && !a.iter().any(|m| b.contains(m))
}

fn fold(app: &'static str, left: &Operation, right: &Operation) -> Option<Option<Operation>> {
    use Operation as Op;
    match (left, right) {
        (Op::CreateModel(a), Op::DeleteModel(b)) => (a.model.name == b.model).then_some(None),
        (Op::CreateModel(a), Op::RunSql(_) | Op::CreateModel(_)) => {
            let _ = a;
            None
        }
        (Op::CreateModel(a), _) => created(app, ModelState::of_shape(app, &a.model), right).map(Some),
        (Op::AddField(a), Op::AlterField(b)) if same((a.model, a.field.name), (b.model, b.field.name)) => {
            Some(Some(Op::AddField(AddField { field: b.field, fill: a.fill.or(b.fill), ..*a })))
        }
        (Op::AddField(a), Op::RemoveField(b)) if same((a.model, a.field.name), (b.model, b.field)) => Some(None),
        (Op::AlterField(a), Op::AlterField(b)) if same((a.model, a.field.name), (b.model, b.field.name)) => {
            // The first may have filled NULLs that the second no longer refuses; both fills stay right for one step.
            Some(Some(Op::AlterField(AlterField { fill: b.fill.or(a.fill), ..*b })))
        }
        (Op::AlterField(a), Op::RemoveField(b)) if same((a.model, a.field.name), (b.model, b.field)) => {
            Some(Some(*right))
        }
        (Op::RenameField(a), Op::RenameField(b)) if a.model == b.model && a.to == b.from => {
            let folded = RenameField { to: b.to, ..*a };
            (a.keep_column == b.keep_column).then_some((a.from != b.to).then_some(Op::RenameField(folded)))
        }
        (Op::RenameModel(a), Op::RenameModel(b)) if a.to == b.from => {
            Some((a.from != b.to).then_some(Op::rename_model(a.from, b.to)))
        }
        (Op::AddIndex(a), Op::RemoveIndex(b)) => (a.model == b.model && a.index == b.index).then_some(None),
        (Op::AddManyToMany(a), Op::RemoveManyToMany(b)) => {
            same((a.model, a.many.name), (b.model, b.name)).then_some(None)
        }
        (Op::AlterTable(a), Op::AlterTable(b)) => (a.model == b.model).then_some(Some(*right)),
        (Op::AlterComment(a), Op::AlterComment(b)) => (a.model == b.model).then_some(Some(*right)),
        _ => None,
    }
}

fn same(a: (&str, &str), b: (&str, &str)) -> bool {
    a == b
}

/// A new model with a further operation on it done at once.
fn created(app: &'static str, model: ModelState, right: &Operation) -> Option<Operation> {
    let touched = right.models(app);
    if touched.first() != Some(&model.id()) {
        return None;
    }
    let mut state = State::default();
    // Other models only have to be there for the operation to fold.
    for key in touched.iter().filter(|k| **k != model.id()) {
        if !matches!(right, Operation::RenameModel(_)) {
            let stub = ModelState { app: key.0, name: key.1, ..bare(&model) };
            state.models.insert(*key, stub);
        }
    }
    let name = match right {
        Operation::RenameModel(rename) => rename.to,
        _ => model.name,
    };
    state.models.insert(model.id(), model);
    right.fold(app, &mut state).ok()?;
    Some(Operation::create_model(state.find(app, name)?.shape()))
}

fn bare(model: &ModelState) -> ModelState {
    ModelState {
        table: "",
        fields: Vec::new(),
        key: Vec::new(),
        indexes: Vec::new(),
        many: Vec::new(),
        ..model.clone()
    }
}
