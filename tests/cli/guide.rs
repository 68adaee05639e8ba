//! What the guide's chapter on migrations shows of the program is what it says, command by command.

use crate::project::{Program, Project};

const CHAPTER: &str = include_str!("../../docs/guide/09-migrations.md");

pub fn transcripts_are_true() {
    let project = Project::new("guide");
    let mut url: Option<String> = None;
    let sessions = sessions();
    assert_eq!(sessions.len(), 4, "each of them has its build below");
    for (number, session) in sessions.iter().enumerate() {
        let mut manage = build(&project, number);
        for (command, output) in session {
            match command.split_once(" --bin manage ") {
                Some((_, arguments)) => {
                    if let Some(url) = &url {
                        manage = manage.with("DATABASE_URL", url);
                    }
                    let said = manage.run(&arguments.split(' ').collect::<Vec<_>>());
                    assert_eq!(said.text.trim_end(), output.trim_end(), "$ {command}");
                }
                None => url = command.strip_prefix("export DATABASE_URL=").map(str::to_owned),
            }
        }
    }
    let first = project.read("shop/src/migrations/m0001_initial.rs");
    assert_eq!(block("//! Migration `shop.0001_initial`."), first);
    let second = project.read("shop/src/migrations/m0002_stock.rs");
    let shown = block("    .ops(&[\n        Op::rename_field");
    assert!(second.contains(&shown), "the guide shows:\n{shown}\nwritten is:\n{second}");
}

/// What its reader has done before the session of a number.
fn build(project: &Project, number: usize) -> Program {
    let (product, modules) = match number {
        0 => ("    #[orm(max_length = 80)]\n    name: String,\n", ""),
        1 => ("    #[orm(max_length = 80)]\n    name: String,\n", "pub mod migrations;\n\n"),
        _ => (
            "    #[orm(max_length = 120)]\n    title: String,\n    #[orm(index)]\n    stock: i64,\n",
            "pub mod migrations;\n\n",
        ),
    };
    let library = format!(
        "{modules}use orm::prelude::*;\n\n#[derive(Model, Debug)]\npub struct Product {{\n    id: i64,\n{product}}}\n"
    );
    let program = match number {
        0 => "use shop as _;\n\norm::manage!();\n",
        _ => "orm::manage!(shop::migrations);\n",
    };
    project.write("shop/src/lib.rs", &library);
    project.write("shop/src/bin/manage.rs", program);
    project.library("shop", &[]);
    project.program("shop", "manage", &["shop"])
}

/// The blocks of the chapter that begin with a command: commands, each with what is shown below it.
fn sessions() -> Vec<Vec<(&'static str, String)>> {
    let mut sessions = Vec::new();
    for block in CHAPTER.split("```text\n$ ").skip(1) {
        let block = block.split("```").next().unwrap_or_default();
        let commands = block.split("\n$ ").map(|one| one.split_once('\n').unwrap_or((one, "")));
        sessions.push(commands.map(|(command, output)| (command, output.to_owned())).collect());
    }
    sessions
}

/// The code block of the chapter that begins like this.
fn block(beginning: &str) -> String {
    let at = CHAPTER.find(&format!("```rust,ignore\n{beginning}")).expect("the guide has the block");
    CHAPTER[at..]
        .split_once('\n')
        .and_then(|(_, rest)| rest.split_once("```"))
        .map(|(code, _)| code.to_owned())
        .expect("it ends")
}
