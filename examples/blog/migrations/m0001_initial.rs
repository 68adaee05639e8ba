//! Migration `blog.0001_initial`.

use orm::migrate::prelude::*;

pub static MIGRATION: Migration = Migration::new("blog", "0001_initial").ops(&[
    Op::create_model(
        Model::new("Author", "authors")
            .comment("Who writes and edits.")
            .fields(&[
                Field::int64("id").increment(),
                Field::string("name", 100),
                Field::string("email", 254).unique(),
                Field::int64("visits"),
                Field::timestamp("created_at"),
            ])
            .key(&["id"]),
    ),
    Op::create_model(
        Model::new("Tag", "tags")
            .comment("What books are about.")
            .fields(&[Field::int64("id").increment(), Field::string("name", 40).unique()])
            .key(&["id"]),
    ),
    Op::create_model(
        Model::new("Book", "books")
            .comment("What is written.")
            .fields(&[
                Field::int64("id").increment(),
                Field::string("title", 200),
                Field::string("subtitle", 200).null().comment("What stands below the title."),
                Field::int64("author").column("author_id").index().references("blog", "Author", OnDelete::Cascade),
                Field::int64("editor").column("editor_id").null().index().references(
                    "blog",
                    "Author",
                    OnDelete::SetNull,
                ),
                Field::date("published"),
                Field::decimal("price", 5, 2),
                Field::string("status", 9).choices(&[ChoiceValue::Text("draft"), ChoiceValue::Text("published")]),
            ])
            .key(&["id"])
            .indexes(&[Index::on(&[("published", false)])])
            .many(&[ManyToMany::new("tags", "blog", "Tag").through("books_tags", "book_id", "tag_id")]),
    ),
]);
