//! The statements of a migration, cut into what one transaction holds. Talks to no database.

use orm_core::schema::{DdlRun, DdlStep};

use crate::operation::Operation;
use crate::plan::Planned;

/// Statements that succeed or fail together.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Segment {
    /// Before the transaction.
    pub before: Vec<DdlStep>,
    /// In it, each with its operation.
    pub inside: Vec<(Operation, DdlStep)>,
    /// After it, whether it succeeded or not.
    pub after: Vec<DdlStep>,
    /// How many statements of the migration are done with it.
    pub end: usize,
}

/// One transaction for all, but for changes that no transaction takes: those stand alone.
pub(super) fn together(planned: &[Planned]) -> Vec<Segment> {
    let mut out: Vec<Segment> = Vec::new();
    let mut open = Segment::default();
    let mut count = 0;
    for plan in planned {
        // A change that needs no statement here (a comment, where there are none) must not part the others.
        for steps in plan.changes.iter().filter(|s| !s.is_empty()) {
            count += steps.len();
            let outside = |s: &DdlStep| s.run == DdlRun::OutsideTransaction;
            if steps.iter().all(outside) {
                if !open.inside.is_empty() {
                    out.push(std::mem::take(&mut open));
                }
                out.push(Segment { before: steps.clone(), end: count, ..Segment::default() });
                continue;
            }
            let first = steps.iter().position(|s| !outside(s)).unwrap_or(0);
            let last = steps.iter().rposition(|s| !outside(s)).map_or(0, |i| i + 1);
            add_new(&mut open.before, &steps[..first]);
            open.inside.extend(steps[first..last].iter().map(|s| (plan.operation, s.clone())));
            add_new(&mut open.after, &steps[last..]);
            open.end = count;
        }
    }
    if !open.inside.is_empty() || out.is_empty() {
        open.end = count;
        out.push(open);
    }
    out
}

/// Several changes ask for the same setting; it is set once.
fn add_new(to: &mut Vec<DdlStep>, steps: &[DdlStep]) {
    for step in steps {
        if !to.contains(step) {
            to.push(step.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(sql: &str, run: DdlRun) -> DdlStep {
        DdlStep { sql: sql.to_owned(), run }
    }

    #[test]
    fn settings_stand_around_one_transaction() {
        let rebuild = |name: &str| {
            vec![
                step("off", DdlRun::OutsideTransaction),
                step(name, DdlRun::Plain),
                step("check", DdlRun::MustBeEmpty),
                step("on", DdlRun::OutsideTransaction),
            ]
        };
        let operation = Operation::delete_model("A");
        let planned = [Planned { operation, changes: vec![rebuild("a"), rebuild("b")] }];
        let segments = together(&planned);
        assert_eq!(segments.len(), 1);
        assert_eq!(segments[0].before, [step("off", DdlRun::OutsideTransaction)]);
        assert_eq!(segments[0].inside.len(), 4);
        assert_eq!(segments[0].after, [step("on", DdlRun::OutsideTransaction)]);
        assert_eq!(segments[0].end, 8);
    }

    #[test]
    fn what_takes_no_transaction_stands_alone() {
        let operation = Operation::delete_model("A");
        let plain = |sql: &str| vec![step(sql, DdlRun::Plain)];
        let alone = vec![step("concurrently", DdlRun::OutsideTransaction)];
        let planned = [Planned { operation, changes: vec![plain("a"), alone, plain("b")] }];
        let ends: Vec<usize> = together(&planned).iter().map(|s| s.end).collect();
        assert_eq!(ends, [1, 2, 3]);
    }

    #[test]
    fn a_change_without_statements_parts_nothing() {
        let operation = Operation::delete_model("A");
        let plain = |sql: &str| vec![step(sql, DdlRun::Plain)];
        let planned = [Planned { operation, changes: vec![plain("a"), Vec::new(), plain("b")] }];
        let ends: Vec<usize> = together(&planned).iter().map(|s| s.end).collect();
        assert_eq!(ends, [2]);
    }

    #[test]
    fn a_migration_without_statements_is_one_empty_transaction() {
        assert_eq!(together(&[]), [Segment::default()]);
    }
}
