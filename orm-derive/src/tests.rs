//! What each mistake says.

use crate::errors::Errors;

fn model(source: &str) -> Vec<String> {
    let errors = Errors::default();
    let input = syn::parse_str(source).unwrap();
    let model = crate::parse::model(&input, &errors).and_then(|model| crate::check::model(model, &errors));
    if let Some(model) = model {
        // What is left after mistakes must still be a syntax tree.
        syn::parse2::<syn::File>(crate::emit::model(&model)).unwrap();
    }
    errors.words()
}

#[track_caller]
fn check(source: &str, expected: &[&str]) {
    assert_eq!(model(source), expected, "\nfor: {source}");
}

/// A model with one more field.
#[track_caller]
fn field(field: &str, expected: &[&str]) {
    check(&format!("struct Book {{ id: i64, {field} }}"), expected);
}

/// A model with an attribute.
#[track_caller]
fn attribute(attribute: &str, expected: &[&str]) {
    check(&format!("#[orm({attribute})] struct Book {{ id: i64, title: String, tags: ManyToMany<Tag> }}"), expected);
}

#[test]
fn what_is_right_says_nothing() {
    field("#[orm(max_length = 200, unique, column = \"t\")] r#type: Option<String>", &[]);
    field("#[orm(max_digits = 5, decimal_places = 2, db_default = -1.5)] price: Decimal", &[]);
    field("#[orm(on_delete = SetNull)] parent: Option<ForeignKey<Self>>, #[orm(via = parent)] all: HasMany<Self>", &[]);
    field("#[orm(join_table = \"t\", join_from = \"a\", join_to = \"b\")] tags: orm::ManyToMany<shop::Tag>", &[]);
    attribute("ordering = \"-title, id\", index(fields = \"title\"), index(fields = \"-id\", name = \"x\")", &[]);
    attribute(
        "rename_all = \"camelCase\", managed = false, draft(Debug, Deserialize), primary_key = \"id, title\"",
        &[],
    );
    check("struct Tag { #[orm(primary_key, auto = false)] number: i32 }", &[]);
    check("struct Log { id: LogId, at: u }", &[]);
}

#[test]
fn only_plain_structs_are_models() {
    check("enum A { B }", &["a model is a struct with named fields; for an enum of values derive `Choices`"]);
    check("struct A(i64);", &["a model is a struct with named fields, one a column or relation"]);
    check("struct A;", &["a model is a struct with named fields, one a column or relation"]);
    let generics =
        "a model has no type parameters and no lifetimes: its table has one type a column, and its rows are owned";
    check("struct A<T> { id: T }", &[generics]);
    check("struct A<'a> { id: i64, a: &'a str }", &[generics]);
}

#[test]
fn unknown_attributes_name_the_nearest() {
    field(
        "#[orm(maxlength = 3)] a: String",
        &[
            "there is no attribute `maxlength`; did you mean `max_length`? a column takes `column`, `primary_key`, `auto`, `max_length`, `max_digits`, `decimal_places`, `unique`, `index`, `default`, `db_default`, `auto_now`, `auto_now_add`",
        ],
    );
    attribute(
        "tabel = \"x\"",
        &[
            "there is no attribute `tabel`; did you mean `table`? a model takes `table`, `ordering`, `index`, `unique`, `primary_key`, `managed`, `rename_all`, `draft`",
        ],
    );
    field("#[orm(blank)] all: HasMany<Tag>", &["there is no attribute `blank`; a `HasMany` takes `via`"]);
    field("#[orm(max_length = 3)] all: HasMany<Tag>", &["`max_length` is not for a `HasMany`, which takes `via`"]);
    field("#[orm(unique, unique)] a: String", &["`unique` is said twice"]);
    field("#[orm(unique = 3)] a: String", &["write `unique` or `unique = false`"]);
    field("#[orm(max_length = \"3\")] a: String", &["write a number: `max_length = 3`"]);
    field("#[orm(column = 3)] a: String", &["write `column = \"..\"`"]);
    attribute(
        "rename_all = \"kebab-case\"",
        &["there is no case `kebab-case`; write `snake_case`, `camelCase`, `PascalCase`, `SCREAMING_SNAKE_CASE`"],
    );
    attribute("index(\"title\")", &["expected ident"]);
    attribute("index = \"title\"", &["write `index(fields = \"a, b\")`"]);
    attribute("unique(name = \"x\")", &["`unique(..)` names its fields: `fields = \"a, b\"`"]);
}

#[test]
fn attributes_fit_the_type() {
    field("#[orm(max_length = 3)] a: i64", &["`max_length` is for text, not for a `i64`"]);
    field(
        "#[orm(max_digits = 3, decimal_places = 1)] a: Option<String>",
        &["`max_digits` is for decimal numbers, not for a `String`"],
    );
    field(
        "#[orm(max_digits = 3)] a: Decimal",
        &["`max_digits` goes with `decimal_places`: add how many digits stand after the point"],
    );
    field(
        "#[orm(decimal_places = 3)] a: Decimal",
        &["`decimal_places` goes with `max_digits`: add how many digits there are in all"],
    );
    field(
        "#[orm(max_digits = 3, decimal_places = 4)] a: Decimal",
        &["`decimal_places` counts among `max_digits`, so it is no more than that"],
    );
    field(
        "#[orm(max_digits = 90, decimal_places = 4)] a: Decimal",
        &["`max_digits` is from 1 to 38, which is what every database holds"],
    );
    field("#[orm(auto_now)] a: String", &["`auto_now` and `auto_now_add` are for a day, a time, or both"]);
    field(
        "#[orm(auto_now, auto_now_add)] a: NaiveDate",
        &["`auto_now` sets the time of the insert as well; leave out `auto_now_add`"],
    );
    field("#[orm(db_default = \"x\")] a: i64", &["the `db_default` of a `i64` cannot be this"]);
    field(
        "#[orm(db_default = f())] a: i64",
        &["write a literal (`db_default = 0`, `\"x\"`, `true`) or `db_default = now`"],
    );
    field(
        "#[orm(default)] a: Option<i64>",
        &["a bare `default` is that of the type, and an `Option` is NULL without it; write `default = ..`"],
    );
    field("a: u32", &["no column holds this type; databases share no such integer: write `i64`"]);
    field(
        "a: &'static str",
        &["no column holds this type; a field owns its value: write `String` for text, `Vec<u8>` for bytes"],
    );
    field("a: Option<Option<i64>>", &["a column is NULL or not; one `Option` is enough"]);
}

#[test]
fn relations_say_what_they_need() {
    field(
        "author: ForeignKey<Author>",
        &[
            "a foreign key says what happens when its target is deleted: add `#[orm(on_delete = Cascade)]` (or SetNull, SetDefault, Restrict, NoAction)",
        ],
    );
    field(
        "#[orm(on_delete = Casade)] author: ForeignKey<Author>",
        &["`on_delete` is one of `Cascade`, `SetNull`, `SetDefault`, `Restrict`, `NoAction`; did you mean `Cascade`?"],
    );
    field(
        "#[orm(on_delete = \"Cascade\")] author: ForeignKey<Author>",
        &["write a name without quotes: `on_delete = name`"],
    );
    field(
        "#[orm(on_delete = SetNull)] author: OneToOne<shop::Author>",
        &["`SetNull` needs a key that may be NULL: write `Option<OneToOne<Author>>`"],
    );
    field(
        "#[orm(on_delete = SetDefault)] author: ForeignKey<Author>",
        &["`SetDefault` needs a default in the database: add `db_default = ..`"],
    );
    field(
        "#[orm(on_delete = Cascade)] author: ForeignKey",
        &["`ForeignKey` names the model that it leads to: `ForeignKey<Author>`"],
    );
    field("all: HasMany<Vec<Author>>", &["`HasMany` leads to a model: `HasMany<Author>`"]);
    field(
        "all: Option<HasMany<Author>>",
        &["`HasMany` is never an `Option`: it holds what a query has loaded, if any"],
    );
    field(
        "#[orm(via = books, join_table = \"x\")] tags: ManyToMany<Tag>",
        &["with `via` the other side owns the table between: say this there"],
    );
    field("#[orm(on_delete = Cascade, unique)] author: ForeignKey<Author>", &["a unique foreign key is a `OneToOne`"]);
    field(
        "objects: HasMany<Author>",
        &["every model has a function `objects`, and `objects()` gives a relation's rows: choose another name"],
    );
}

#[test]
fn named_fields_exist() {
    attribute("ordering = \"titel\"", &["`Book` has no field `titel`; did you mean `title`? it has `id`, `title`"]);
    attribute("index(fields = \"colour\")", &["`Book` has no field `colour`; it has `id`, `title`"]);
    attribute("ordering = \"tags\"", &["`tags` is the other side of a relation, so `Book` has no column for it"]);
    attribute("ordering = \"author__name\"", &["only fields of `Book` itself can stand here, not `author__name`"]);
    attribute("ordering = \"title,\"", &["name fields, separated by commas: `\"a, b\"`"]);
    attribute("unique(fields = \"-title\")", &["a unique constraint has no direction: leave out `-`"]);
    check(
        "#[orm(ordering = \"author_id\")] struct A { id: i64, #[orm(on_delete = Cascade)] author: ForeignKey<B> }",
        &["fields are named here, not columns: write `author` for `author_id`"],
    );
    field("#[orm(column = \"id\")] a: String", &["`id` has the column `id` already"]);
}

#[test]
fn a_model_has_one_key() {
    check("struct A { a: i64 }", &["a model needs a primary key: a field `id`, or `#[orm(primary_key)]` on another"]);
    check(
        "struct A { #[orm(primary_key)] a: i64, #[orm(primary_key)] b: i64 }",
        &[
            "a model has one primary key; for a key of several fields write `#[orm(primary_key = \"a, b\")]` on the struct",
        ],
    );
    check(
        "#[orm(primary_key = \"a\")] struct A { a: i64, #[orm(primary_key)] b: i64 }",
        &["the struct names its primary key already: leave this out"],
    );
    check("#[orm(primary_key = \"a, a\")] struct A { a: i64 }", &["`a` is named twice"]);
    check(
        "struct A { id: Option<i64> }",
        &["a primary key is never NULL: write `i64` without `Option` (what is not stored yet is a `NewA`)"],
    );
    check(
        "struct A { #[orm(auto)] id: String }",
        &["only integers count up, and only UUIDs are made up; leave out `auto`"],
    );
    field("#[orm(auto = false)] a: i64", &["`auto` is for a primary key, which `a` is not"]);
}

#[test]
fn choices_and_values_are_checked() {
    let choices = |source: &str| {
        let errors = Errors::default();
        crate::choices::choices(&syn::parse_str(source).unwrap(), &errors);
        errors.words()
    };
    assert_eq!(choices("enum A { B, #[orm(value = \"x\", label = \"X\")] C }"), [""; 0]);
    assert_eq!(choices("enum A { B(i64) }"), ["the variants of choices hold nothing: each is one value of a column"]);
    assert_eq!(choices("enum A { B, #[orm(value = \"b\")] C }"), ["`B` is stored as this already"]);
    assert_eq!(
        choices("enum A { B = 1, C }"),
        ["choices that are stored as integers say which each is: `#[orm(value = 1)]`"]
    );
    assert_eq!(
        choices("#[orm(repr = \"i16\")] enum A { B = 70000 }"),
        ["70000 does not fit into `i16`; choose a larger `repr`"]
    );
    assert_eq!(
        choices("#[orm(repr = \"u8\")] enum A { B = 1 }"),
        ["choices are stored as `i16`, `i32` or `i64`, or as text without `repr`"]
    );
    assert_eq!(choices("struct A;"), ["choices are an enum whose variants hold nothing; for a newtype derive `Value`"]);
    let value = |source: &str| {
        let errors = Errors::default();
        crate::value::value(&syn::parse_str(source).unwrap(), &errors);
        errors.words()
    };
    assert_eq!(value("struct A { a: i64 }"), [""; 0]);
    assert_eq!(value("#[orm(custom)] enum A { B(i64) }"), [""; 0]);
    assert_eq!(
        value("struct A(Option<i64>);"),
        ["a value is never NULL itself: write the `Option` around it, at the field of the model"]
    );
}

#[test]
fn projections_say_their_model() {
    let projection = |source: &str| {
        let errors = Errors::default();
        crate::projection::projection(&syn::parse_str(source).unwrap(), &errors);
        errors.words()
    };
    assert_eq!(
        projection("#[orm(of = Book)] struct A { title: String, #[orm(Book.author.name)] by: String }"),
        [""; 0]
    );
    assert_eq!(
        projection("struct A { title: String }"),
        ["a projection says which model it is filled from: add `#[orm(of = Book)]`"]
    );
    assert_eq!(
        projection("#[orm(of = Book)] struct A(String);"),
        ["a projection is a struct with named fields, each filled from a query"]
    );
}
