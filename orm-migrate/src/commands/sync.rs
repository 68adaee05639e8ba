//! `sync`: adds what the database lacks at once.

use orm_core::error::Result;
use orm_core::schema::SchemaChange;

use super::{Exit, check, database, models, print, runtime};
use crate::app::App;
use crate::cli::SyncArgs;
use crate::sync::{SyncOptions, sync_with};

pub(crate) fn run(apps: &[App], args: &SyncArgs) -> Result<Exit> {
    let models = models(apps)?;
    if !check::models_are_sound(&models) {
        return Ok(Exit::Failed);
    }
    let options = SyncOptions { destructive: args.destructive };
    let changes = runtime(sync_with(database(&args.database)?, &models, options))?;
    if changes.is_empty() {
        print::good("Nothing to do: the tables are like the models");
    }
    for change in &changes {
        print::operation(&describe(change));
    }
    Ok(Exit::Fine)
}

fn describe(change: &SchemaChange) -> String {
    match change {
        SchemaChange::CreateTable(table) => format!("+ table `{}`", table.name),
        SchemaChange::DropTable(table) => format!("- table `{}`", table.name),
        SchemaChange::RenameTable { from, to } => format!("~ table `{from}` becomes `{to}`"),
        SchemaChange::AddColumn { table, column, .. } => format!("+ column `{table}.{}`", column.name),
        SchemaChange::DropColumn { table, column } => format!("- column `{table}.{}`", column.name),
        SchemaChange::RenameColumn { table, from, to } => format!("~ column `{table}.{from}` becomes `{to}`"),
        SchemaChange::AlterColumn { table, to, .. } => format!("~ column `{table}.{}`", to.name),
        SchemaChange::AlterPrimaryKey { table, .. } => format!("~ primary key of `{table}`"),
        SchemaChange::CreateIndex { table, index } => format!("+ index `{}` of `{table}`", index.name),
        SchemaChange::DropIndex { table, index } => format!("- index `{}` of `{table}`", index.name),
        SchemaChange::AddForeignKey { table, key } => format!("+ foreign key `{}` of `{table}`", key.name),
        SchemaChange::DropForeignKey { table, key } => format!("- foreign key `{}` of `{table}`", key.name),
        SchemaChange::CommentTable { table, .. } => format!("~ comment on `{table}`"),
    }
}
