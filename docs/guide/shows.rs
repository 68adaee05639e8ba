// Holds that the guide shows SQL as it is: included by its examples.

#[allow(unused_macros)]
macro_rules! shows {
    ($sql:expr) => {{
        let squeeze = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let guide = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/guide")).expect("the guide");
        let chapters = guide.filter_map(|chapter| std::fs::read_to_string(chapter.ok()?.path()).ok());
        let sql = squeeze(&$sql);
        assert!(chapters.into_iter().any(|text| squeeze(&text).contains(&sql)), "no chapter shows\n{sql}");
    }};
}

/// The statements that make the tables of models.
#[allow(dead_code)]
fn tables(database: &str, models: &[&'static orm::meta::ModelMeta]) -> orm::Result<Vec<String>> {
    let mut before = orm::schema::Schema::default();
    let mut statements = Vec::new();
    for table in orm::schema::Schema::of_models(models).tables.into_values() {
        let change = orm::schema::SchemaChange::CreateTable(table);
        statements.extend(orm::backend::plan(database, &change, &before)?.into_iter().map(|step| step.sql));
        before.apply(&change).map_err(orm::Error::migration)?;
    }
    Ok(statements)
}
