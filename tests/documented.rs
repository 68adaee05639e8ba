//! What a user can name has an example in its docs that is tested: read from the source of the crates that the facade shows.
//! What a macro writes is not seen.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use syn::{Attribute, ImplItem, Item, TraitItem, UseTree, Visibility};

/// The crates whose items the facade shows.
const SHOWN: [&str; 3] = ["orm-core", "orm-migrate", "orm-derive"];

/// Modules that the facade does not show.
const NOT_SHOWN: &[&str] = &["orm_core::sql"];

/// Modules that only have an example as a whole, on their own page.
const AS_A_WHOLE: &[&str] = &[
    // The untyped core under the typed surface: for those who write tools.
    "orm_core::ast",
    "orm_core::meta",
    "orm_core::schema",
    "orm_core::dialect",
    "orm_core::backend::sqlite",
    "orm_core::backend::postgres",
    "orm_core::backend::mysql",
    // The steps behind `makemigrations` and `migrate`.
    "orm_migrate::graph",
    "orm_migrate::diff",
    "orm_migrate::optimize",
    "orm_migrate::split",
    "orm_migrate::file",
    "orm_migrate::questions",
    "orm_migrate::recorder",
];

/// What needs no example, with all that is in it, by the reason.
const EXCEPTIONS: &[(&str, &[&str])] = &[
    (
        "words of the types of paths, columns and conditions, which the compiler finds and nobody writes",
        &[
            "orm_core::model::At",
            "orm_core::model::BaseOf",
            "orm_core::model::Each",
            "orm_core::model::Field",
            "orm_core::model::Follow",
            "orm_core::model::Key",
            "orm_core::model::Many",
            "orm_core::model::Maybe",
            "orm_core::model::One",
            "orm_core::model::Path",
            "orm_core::model::Reach",
            "orm_core::model::Relation",
            "orm_core::model::Rev",
            "orm_core::model::SeeRow",
            "orm_core::model::Side",
            "orm_core::model::Top",
            "orm_core::model::Under",
            "orm_core::model::Via",
            "orm_core::query::AcceptedBy",
            "orm_core::query::AggOf",
            "orm_core::query::Base",
            "orm_core::query::Fits",
            "orm_core::query::IsRoot",
            "orm_core::query::SameRoot",
            "orm_core::query::Seen",
            "orm_core::query::StoredIn",
            "orm_core::query::Target",
            "orm_core::value::Never",
            "orm_core::value::Nullness",
            "orm_core::value::Perhaps",
        ],
    ),
    (
        "what databases and drivers give each other; `Connection`, `Sink` and `Cursor` show how",
        &[
            "orm_core::db::Backend::runs_now",
            "orm_core::db::BoxFuture",
            "orm_core::db::Connection::run",
            "orm_core::db::Connection::run_now",
            "orm_core::db::Done",
            "orm_core::db::Executor::plans",
            "orm_core::db::Executor::run",
            "orm_core::db::Executor::run_now",
            "orm_core::db::Flow",
            "orm_core::db::Now",
            "orm_core::db::Ran",
            "orm_core::db::Returned",
            "orm_core::db::Sink::row",
            "orm_core::value::Cursor::cell",
            "orm_core::value::Cursor::width",
            "orm_core::value::Row",
        ],
    ),
    (
        "what the functions of `Operation` make, each of which has an example",
        &[
            "orm_migrate::operation::AddField",
            "orm_migrate::operation::AddIndex",
            "orm_migrate::operation::AddManyToMany",
            "orm_migrate::operation::AlterComment",
            "orm_migrate::operation::AlterField",
            "orm_migrate::operation::AlterKey",
            "orm_migrate::operation::AlterManaged",
            "orm_migrate::operation::AlterManyToMany",
            "orm_migrate::operation::AlterTable",
            "orm_migrate::operation::CreateModel",
            "orm_migrate::operation::DeleteModel",
            "orm_migrate::operation::RemoveField",
            "orm_migrate::operation::RemoveIndex",
            "orm_migrate::operation::RemoveManyToMany",
            "orm_migrate::operation::RenameField",
            "orm_migrate::operation::RenameModel",
            "orm_migrate::operation::RunSql",
        ],
    ),
    (
        "names for types that stand in the examples of what takes them",
        &["orm_migrate::plan::Planned", "orm_migrate::plan::Planner", "orm_migrate::state::Key"],
    ),
];

#[test]
fn what_a_user_can_name_has_an_example() {
    let without = without_example();
    let excepted: Vec<&str> = EXCEPTIONS.iter().flat_map(|(_, names)| *names).copied().collect();
    let covers = |exception: &str, name: &str| {
        name.strip_prefix(exception).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
    };
    let missing: Vec<&String> = without.iter().filter(|name| !excepted.iter().any(|e| covers(e, name))).collect();
    assert!(missing.is_empty(), "these have no example in their docs: {missing:#?}");
    let needless: Vec<&&str> = excepted.iter().filter(|e| !without.iter().any(|name| covers(e, name))).collect();
    assert!(needless.is_empty(), "these exceptions are not needed: {needless:#?}");
}

/// The check finds what it is for: an item without an example, one with a block that does not run, and none that is hidden.
#[test]
fn items_without_an_example_are_found() {
    let source = r#"
        /// With one.
        ///
        /// ```
        /// let shown = 1;
        /// ```
        pub fn shown() {}
        /// ```text
        /// no example
        /// ```
        pub struct Bare;
        impl Bare {
            /// Nothing.
            pub fn method(&self) {}
            fn private(&self) {}
        }
        #[doc(hidden)]
        pub fn hidden() {}
        mod inner { pub fn seen() {} pub fn unseen() {} }
        pub use inner::seen;
        pub trait Does { fn it(&self); #[doc(hidden)] fn not(&self); }
    "#;
    let mut found = Found::default();
    let file = syn::parse_file(source).expect("it is Rust");
    module(&file.items, PathBuf::new(), "x", &|_| true, &mut found);
    let expect = ["x::Bare", "x::Bare::method", "x::Does", "x::Does::it", "x::seen"];
    assert_eq!(found.without_example().into_iter().collect::<Vec<_>>(), expect);
}

fn without_example() -> BTreeSet<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Found::default();
    for name in SHOWN {
        let file = root.join(name).join("src/lib.rs");
        module(&read(&file).items, file.with_file_name(""), &name.replace('-', "_"), &|_| true, &mut found);
    }
    module(&read(&root.join("src/lib.rs")).items, root.join("src"), "orm", &|_| true, &mut found);
    assert!(found.items.len() + found.methods.len() > 500, "found only {} items", found.items.len());
    found.without_example()
}

fn read(path: &Path) -> syn::File {
    let text = fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    syn::parse_file(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// What the source has: names, and whether each has an example.
#[derive(Default)]
struct Found {
    items: BTreeMap<String, bool>,
    types: BTreeSet<String>,
    /// Of a type, by its crate and its name alone: methods may stand in any module.
    methods: Vec<(String, String, bool)>,
}

impl Found {
    fn without_example(self) -> BTreeSet<String> {
        let methods = self.methods.into_iter().filter(|(of, ..)| self.types.contains(of));
        let all = self.items.into_iter().chain(methods.map(|(_, name, has)| (name, has)));
        all.filter(|(_, has)| !has).map(|(name, _)| name).collect()
    }
}

/// Walks a module. `shown` says which of its items can be named: all of a public one, of a private one those that the module
/// around it re-exports. `folder` is where its own modules lie.
fn module(items: &[Item], folder: PathBuf, name: &str, shown: &dyn Fn(&str) -> bool, found: &mut Found) {
    let exported = exported(items);
    for item in items {
        match item {
            Item::Mod(inner) if skipped(&inner.attrs) => {}
            Item::Mod(inner) => {
                let ident = inner.ident.to_string();
                let open = matches!(inner.vis, Visibility::Public(_));
                let names = exported.get(&ident);
                let all = names.is_some_and(|names| names.contains("*"));
                let seen = |item: &str| shown(item) && (open || all || names.is_some_and(|names| names.contains(item)));
                let path = if open { format!("{name}::{ident}") } else { name.to_owned() };
                if NOT_SHOWN.contains(&path.as_str()) {
                    continue;
                }
                if AS_A_WHOLE.contains(&path.as_str()) {
                    let file = file_of(&folder, &ident).map(|(file, _)| read(&file));
                    let has = inner.attrs.iter().chain(file.iter().flat_map(|file| &file.attrs));
                    found.items.insert(path, example(has));
                } else if let Some((_, items)) = &inner.content {
                    module(items, folder.join(&ident), &path, &seen, found);
                } else if let Some((file, folder)) = file_of(&folder, &ident) {
                    module(&read(&file).items, folder, &path, &seen, found);
                }
            }
            Item::Impl(one) if one.trait_.is_none() && !skipped(&one.attrs) => methods(one, name, found),
            item => free(item, name, shown, found),
        }
    }
}

/// The file of a module, and where its own modules lie.
fn file_of(folder: &Path, name: &str) -> Option<(PathBuf, PathBuf)> {
    let inner = folder.join(name);
    [folder.join(format!("{name}.rs")), inner.join("mod.rs")]
        .into_iter()
        .find(|file| file.exists())
        .map(|file| (file, inner))
}

/// What is re-exported, by the first name of its path.
fn exported(items: &[Item]) -> BTreeMap<String, BTreeSet<String>> {
    let mut all: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for item in items {
        let Item::Use(item) = item else { continue };
        if !matches!(item.vis, Visibility::Public(_)) || skipped(&item.attrs) {
            continue;
        }
        if let UseTree::Path(path) = &item.tree {
            leaves(&path.tree, all.entry(path.ident.to_string()).or_default());
        }
    }
    all
}

fn leaves(tree: &UseTree, to: &mut BTreeSet<String>) {
    match tree {
        UseTree::Path(path) => {
            to.insert(path.ident.to_string());
            leaves(&path.tree, to);
        }
        UseTree::Name(name) => drop(to.insert(name.ident.to_string())),
        UseTree::Rename(name) => drop(to.insert(name.ident.to_string())),
        UseTree::Glob(_) => drop(to.insert("*".to_owned())),
        UseTree::Group(group) => group.items.iter().for_each(|tree| leaves(tree, to)),
    }
}

fn free(item: &Item, module: &str, shown: &dyn Fn(&str) -> bool, found: &mut Found) {
    let (ident, vis, attrs, is_type) = match item {
        Item::Fn(item) => (&item.sig.ident, &item.vis, &item.attrs, false),
        Item::Struct(item) => (&item.ident, &item.vis, &item.attrs, true),
        Item::Enum(item) => (&item.ident, &item.vis, &item.attrs, true),
        Item::Type(item) => (&item.ident, &item.vis, &item.attrs, false),
        Item::Const(item) => (&item.ident, &item.vis, &item.attrs, false),
        Item::Static(item) => (&item.ident, &item.vis, &item.attrs, false),
        Item::Trait(item) => (&item.ident, &item.vis, &item.attrs, true),
        Item::Macro(item) => {
            let Some(ident) = &item.ident else { return };
            if item.attrs.iter().any(|attr| attr.path().is_ident("macro_export")) && !skipped(&item.attrs) {
                found.items.insert(format!("{module}::{ident}!"), example(&item.attrs));
            }
            return;
        }
        _ => return,
    };
    let name = ident.to_string();
    if !matches!(vis, Visibility::Public(_)) || skipped(attrs) || !shown(&name) {
        return;
    }
    let path = format!("{module}::{name}");
    if let Item::Trait(item) = item {
        for method in &item.items {
            let TraitItem::Fn(method) = method else { continue };
            if !skipped(&method.attrs) {
                found.items.insert(format!("{path}::{}", method.sig.ident), example(&method.attrs));
            }
        }
    }
    found.items.insert(path, example(attrs));
    if is_type {
        found.types.insert(format!("{}::{name}", krate(module)));
    }
}

fn krate(module: &str) -> &str {
    module.split("::").next().unwrap_or_default()
}

fn methods(one: &syn::ItemImpl, module: &str, found: &mut Found) {
    let syn::Type::Path(of) = &*one.self_ty else { return };
    let Some(of) = of.path.segments.last().map(|last| last.ident.to_string()) else { return };
    for item in &one.items {
        let ImplItem::Fn(method) = item else { continue };
        if matches!(method.vis, Visibility::Public(_)) && !skipped(&method.attrs) {
            let name = format!("{module}::{of}::{}", method.sig.ident);
            found.methods.push((format!("{}::{of}", krate(module)), name, example(&method.attrs)));
        }
    }
}

/// Whether an item is hidden from the docs or only there in tests.
fn skipped(attrs: &[Attribute]) -> bool {
    attrs.iter().any(|attr| {
        let is = |name: &str, word: &str| {
            attr.path().is_ident(name) && attr.meta.require_list().is_ok_and(|list| list.tokens.to_string() == word)
        };
        is("doc", "hidden") || is("cfg", "test") || is("cfg", "doctest")
    })
}

/// Whether the docs have an example.
fn example<'a>(attrs: impl IntoIterator<Item = &'a Attribute>) -> bool {
    let docs = attrs.into_iter().filter(|attr| attr.path().is_ident("doc"));
    let texts = docs.filter_map(|attr| match &attr.meta.require_name_value().ok()?.value {
        syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) => Some(text.value()),
        _ => None,
    });
    // A macro's docs come line by line, `/** */` and `#[doc = ".."]` in one piece.
    let text = texts.collect::<Vec<_>>().join("\n");
    let fences = text.lines().map(str::trim).filter(|line| line.starts_with("```"));
    // Each second one closes a block.
    fences.step_by(2).any(|fence| matches!(fence.trim_start_matches('`'), "" | "rust" | "no_run" | "standalone_crate"))
}
