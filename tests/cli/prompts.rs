//! `makemigrations` with somebody at the terminal: what is asked, what each answer writes, and that who leaves has written
//! nothing.

use crate::project::Program;
use crate::shop::{NEW, OLD, Shop};
use crate::terminal::{CTRL_C, DOWN, ENTER, ESC, Terminal};

const RENAMED: &str = "Field `shop.Product.title` is new. Was it renamed?";
const FILL_TITLE: &str = "What do existing rows get in `shop.Product.title`?";
const FILL_STOCK: &str = "What do existing rows get in `shop.Product.stock`?";

pub fn answers_are_written() {
    let shop = Shop::new("prompts");
    shop.old();
    let list = shop.list();
    let manage = shop.with(NEW);
    let ask = || Terminal::start(&manage, &["makemigrations", "--name", "stock"]);
    who_leaves_writes_nothing(&shop, ask);

    // It was renamed: the first choice. A wrong value is asked for again.
    let mut terminal = ask();
    terminal.waits_for(RENAMED).waits_for("> it was `name`").waits_for("  it was `note`").waits_for("  none of them");
    terminal.press(ENTER).waits_for(FILL_STOCK).waits_for("[a 32-bit integer]");
    terminal.press("many").press(ENTER).waits_for("`many` is not a 32-bit integer");
    terminal.press(&"\x7f".repeat(4)).press("5").press(ENTER).end().has(
        0,
        "\
shop.0002_stock
  ~ rename field `Product.name` to `title`
  - remove field `Product.note`
  + add field `Product.stock`
wrote src/migrations/m0002_stock.rs
wrote src/migrations/mod.rs
",
    );
    let written = shop.migration("0002_stock");
    assert!(written.contains(r#"Op::rename_field("Product", "name", "title")"#), "{written}");
    assert!(
        written.contains(r#"Op::add_field_filled("Product", Field::int32("stock"), DbDefault::Int(5))"#),
        "{written}"
    );
    shop.with(NEW).run(&["makemigrations", "--check"]).is(0, "No changes");

    // It was not: then it is new, and existing rows need something there.
    shop.forget("0002_stock", &list);
    let manage = shop.with(NEW);
    let mut terminal = Terminal::start(&manage, &["makemigrations", "--name", "stock"]);
    terminal.waits_for("> it was `name`").press(DOWN).waits_for("> it was `note`").press(DOWN);
    terminal.waits_for("> none of them").press(ENTER).waits_for(FILL_TITLE).press("old one").press(ENTER);
    terminal.waits_for(FILL_STOCK).press("0").press(ENTER).end().has(0, "- remove field `Product.name`\n");
    let written = shop.migration("0002_stock");
    assert!(written.contains(r#"DbDefault::Text("old one")"#), "{written}");
    assert!(!written.contains("rename"), "{written}");
    shop.with(NEW).run(&["makemigrations", "--check"]).is(0, "No changes");

    nobody_is_asked(&shop, &list);
}

fn who_leaves_writes_nothing(shop: &Shop, ask: impl Fn() -> Terminal) {
    const LEFT: &str = "error: the question was not answered; nothing is written";
    ask().waits_for(RENAMED).waits_for("none of them").press(CTRL_C).end().has(3, LEFT);
    ask().waits_for(RENAMED).waits_for("none of them").press(ESC).end().has(3, LEFT);
    ask().waits_for(RENAMED).press(ENTER).waits_for(FILL_STOCK).press(CTRL_C).end().has(3, LEFT);
    let needed = "error: `shop.Product.stock` needs a value";
    ask().waits_for(RENAMED).press(ENTER).waits_for(FILL_STOCK).press(ESC).end().has(3, needed);
    assert_eq!(shop.migrations(), ["m0001_initial.rs", "mod.rs"]);
}

/// `--no-input` holds at a terminal too, and `--check` never asks.
fn nobody_is_asked(shop: &Shop, list: &str) {
    shop.forget("0002_stock", list);
    let manage = shop.with(NEW);
    Terminal::start(&manage, &["makemigrations", "--no-input"]).end().has(3, "say `--rename shop.Product.name=title`");
    Terminal::start(&manage, &["makemigrations", "--check"]).end().has(1, "the models have changes");
    assert_eq!(shop.migrations(), ["m0001_initial.rs", "mod.rs"]);
}

/// Where a field refuses NULL from now on, there may be no row with NULL.
pub fn esc_says_that_there_are_none() {
    let shop = Shop::new("nulls");
    shop.old();
    let manage = shop.with(&OLD.replace("note: Option<String>", "note: String"));
    manage.run(&["makemigrations"]).is(
        3,
        "error: field `shop.Product.note` becomes not null without a default in the database; say what existing rows \
         get: `--fill shop.Product.note=VALUE`",
    );
    let ask = || Terminal::start(&manage, &["makemigrations", "--dry-run"]);
    let note = "What do existing rows get in `shop.Product.note`?";
    let mut terminal = ask();
    terminal.waits_for(note).waits_for("[a text, for rows with NULL; Esc if there are none]").press(ESC);
    terminal.end().has(0, r#".ops(&[Op::alter_field("Product", Field::text("note"))]);"#);
    let filled = r#"DbDefault::Text("none")"#;
    ask().waits_for(note).press("none").press(ENTER).end().has(0, filled);
    ask().waits_for(note).press(CTRL_C).end().has(3, "error: the question was not answered; nothing is written");
}

pub fn colours_are_for_terminals() {
    let shop = Shop::new("colours");
    let manage = shop.with(OLD);
    let red = "\x1b[31merror";
    let coloured = |program: &Program| {
        let mut terminal = Terminal::start(program, &["sqlmigrate", "0009"]);
        terminal.end().is(1, "error: app `shop` has no migration `0009`");
        terminal.raw().contains(red)
    };
    assert!(coloured(&manage.clone().with("TERM", "xterm")), "a terminal has colours");
    assert!(!coloured(&manage.clone().with("TERM", "dumb")), "but for a dumb one");
    assert!(!coloured(&manage.clone().with("TERM", "xterm").with("NO_COLOR", "1")), "or where nobody wants them");
    let text = |program: &Program| program.run(&["sqlmigrate", "0009"]).text;
    assert!(!text(&manage).contains('\x1b'), "a pipe has none");
    assert!(text(&manage.clone().with("CLICOLOR_FORCE", "1")).contains(red), "unless they are forced");

    let mut terminal = Terminal::start(&manage.with("TERM", "xterm").with("NO_COLOR", "1"), &["migrate", "--plan"]);
    terminal.end().has(1, "which database? set `DATABASE_URL`, or say `--database URL`");
}

/// The bar is drawn for a person, and gone at the end.
pub fn progress_is_for_terminals() {
    let shop = Shop::new("progress");
    shop.old();
    let manage = shop.new_after_old().with("TERM", "xterm").with("DATABASE_URL", "sqlite::memory:");
    let lines = "  + shop.0001_initial (0 ms)\n  + shop.0002_stock (0 ms)\n2 migrations done";
    manage.run(&["migrate"]).is(0, lines);
    let mut terminal = Terminal::start(&manage, &["migrate"]);
    let said = terminal.end();
    said.has(0, "1/2 shop.0002_stock");
    said.has(0, "  + shop.0001_initial (0 ms)\n");
    assert!(terminal.raw().contains("\x1b[32m+ shop.0002_stock"), "{:?}", terminal.raw());
    assert!(terminal.raw().trim_end().ends_with("\x1b[32m2 migrations done\x1b[0m"), "{:?}", terminal.raw());
}
