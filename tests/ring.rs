//! Two hundred models in a ring, with all that is usually derived, build and run; so does a path of twelve steps.
//!
//! Checking them is not enough: a generic function that reaches itself for the next model passes `cargo check` and
//! overflows the compiler when it is built.

mod compiler;

use std::fmt::Write as _;
use std::fs;
use std::process::Command;

use compiler::Compiler;

const MODELS: usize = 200;

#[test]
fn two_hundred_models_build_and_run() {
    let compiler = Compiler::of_test("ring");
    let file = compiler.folder().join("ring.rs");
    fs::write(&file, program()).expect("the target folder takes files");
    let built = compiler.compile(&file, "link", &["--crate-type=bin", "--crate-name=ring"]);
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    let ran = Command::new(compiler.folder().join("ring")).output().expect("the program starts");
    let said = [ran.stdout, ran.stderr].concat();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&said));
}

/// The models, and a program that uses two of them.
fn program() -> String {
    let mut text = include_str!("ring/queries.rs").to_owned();
    for number in 0..MODELS {
        model(&mut text, number);
    }
    text
}

/// A model that leads to the next ones in the ring, and back to the one before. The first row of a ring must point at
/// one that is not there yet, so the database does not look.
fn model(text: &mut String, number: usize) {
    let model = |steps: usize| format!("Model{}", (number + steps) % MODELS);
    let (this, next, over, far, before) = (model(0), model(1), model(2), model(7), model(MODELS - 1));
    let _ = write!(
        text,
        "
#[derive(Model, Debug, Clone, Serialize)]
pub struct {this} {{
    pub id: i64,
    #[orm(max_length = 40)]
    pub name: String,
    #[orm(on_delete = Cascade, constraint = false)]
    pub next: ForeignKey<{next}>,
    #[orm(on_delete = Cascade, constraint = false)]
    pub over: ForeignKey<{over}>,
    #[orm(on_delete = SetNull)]
    pub far: Option<ForeignKey<{far}>>,
    #[orm(via = next)]
    pub before: HasMany<{before}>,
    pub others: ManyToMany<{far}>,
}}
"
    );
}
