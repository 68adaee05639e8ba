//! The compiler that all projects share.

#[path = "../compiler/mod.rs"]
mod compiler;

use std::sync::OnceLock;

pub use compiler::Compiler;

/// rustc with what this test was linked with.
pub fn compiler() -> &'static Compiler {
    static COMPILER: OnceLock<Compiler> = OnceLock::new();
    COMPILER.get_or_init(|| Compiler::of_test("cli"))
}
