//! Scopes: which tables a (sub)query reads, under which aliases, and how they are joined.

use crate::meta::{FieldMeta, Hop, ModelMeta, RelationKind, RelationMeta};

/// The columns by which a step ties the table before it to the one after it.
#[derive(Debug, Clone, Copy)]
pub(super) enum Tie {
    /// `before.left = after.right`
    Direct { left: &'static FieldMeta, right: &'static FieldMeta },
    /// `before.left = between.from AND between.to = after.right`
    Between {
        table: &'static str,
        left: &'static FieldMeta,
        from: &'static str,
        to: &'static str,
        right: &'static FieldMeta,
    },
}

/// How a step ties two tables; `None` for a model without a single key, which the system checks report.
pub(super) fn tie(hop: &Hop) -> Option<Tie> {
    let forward = tie_of(hop.relation)?;
    Some(if hop.backwards { forward.reversed() } else { forward })
}

/// How a relation ties its owner to its target.
pub(super) fn tie_of(relation: &'static RelationMeta) -> Option<Tie> {
    match relation.kind {
        RelationKind::Forward { field, .. } => {
            Some(Tie::Direct { left: &relation.owner().fields[field], right: relation.target().single_key()? })
        }
        RelationKind::Many { table, from, to, .. } => Some(Tie::Between {
            table,
            left: relation.owner().single_key()?,
            from,
            to,
            right: relation.target().single_key()?,
        }),
        RelationKind::Reverse { of, .. } | RelationKind::ManyReverse { of } => tie_of(of()).map(Tie::reversed),
    }
}

impl Tie {
    fn reversed(self) -> Tie {
        match self {
            Tie::Direct { left, right } => Tie::Direct { left: right, right: left },
            Tie::Between { table, left, from, to, right } => {
                Tie::Between { table, left: right, from: to, to: from, right: left }
            }
        }
    }
}

/// Whether a step goes along a foreign key, so that the key behind it already stands before it.
pub(super) fn is_forward(hop: &Hop) -> bool {
    let forward = matches!(hop.relation.kind, RelationKind::Forward { .. });
    let reverse = matches!(hop.relation.kind, RelationKind::Reverse { .. });
    (forward && !hop.backwards) || (reverse && hop.backwards)
}

/// One joined table.
#[derive(Debug)]
pub(super) struct Join {
    pub(super) hop: &'static Hop,
    pub(super) alias: String,
    pub(super) parent: String,
    pub(super) tie: Tie,
    /// The alias of the table between, if there is one.
    pub(super) between: Option<String>,
    pub(super) inner: bool,
}

/// The tables of one (sub)query.
#[derive(Debug)]
pub(super) struct Scope {
    /// The scope outside.
    pub(super) outside: Option<usize>,
    /// The model whose row its expressions speak of.
    pub(super) model: &'static ModelMeta,
    /// The alias of that row.
    pub(super) alias: String,
    pub(super) joins: Vec<Join>,
    /// Steps that some condition needs to exist, so that they join INNER.
    pub(super) required: Vec<&'static Hop>,
    /// Whether an EXISTS among its conditions must be told to look for one row only.
    pub(super) bounded: bool,
    /// What aggregates outside read from, while this scope is open.
    pub(super) derived: Option<(String, Vec<String>)>,
}

impl Scope {
    pub(super) fn joined(&self, hop: &Hop) -> Option<&Join> {
        self.joins.iter().find(|j| j.hop.same(hop))
    }

    pub(super) fn requires(&self, hop: &Hop) -> bool {
        self.required.iter().any(|r| {
            let mut at = Some(*r);
            while let Some(step) = at {
                if step.same(hop) {
                    return true;
                }
                at = step.parent;
            }
            false
        })
    }
}
