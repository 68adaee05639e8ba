//! The program that writes and runs migrations: `orm::manage!(migrations)` makes its `main`.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::app::App;
use crate::commands::{self, Exit};

/// Write and run the migrations of this project, and check its models.
#[derive(Debug, Parser)]
#[command(name = "manage", version = concat!("(orm ", env!("CARGO_PKG_VERSION"), ")"), disable_help_subcommand = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Write migrations for what changed in the models
    Makemigrations(MakeArgs),
    /// Run migrations that the database lacks, or go back
    Migrate(MigrateArgs),
    /// Show which migrations are applied
    Showmigrations(DatabaseArgs),
    /// Print the SQL of a migration, without a database
    Sqlmigrate(SqlArgs),
    /// Check the models and the history of migrations
    Check,
    /// Add what the database lacks at once, without migrations (for tests and prototypes)
    Sync(SyncArgs),
}

/// What `makemigrations` takes.
#[derive(Debug, Args)]
pub(crate) struct MakeArgs {
    /// Only this app (and what it needs)
    pub(crate) app: Option<String>,
    /// The name, without its number
    #[arg(long, short)]
    pub(crate) name: Option<String>,
    /// Print the files instead of writing them
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Write nothing; exit with 1 if there is something to write
    #[arg(long)]
    pub(crate) check: bool,
    /// Write an empty migration, to be filled by hand
    #[arg(long)]
    pub(crate) empty: bool,
    /// Say that something was renamed: `blog.Post.body=text` or `blog.Post=Article`
    #[arg(long, value_name = "OLD=NEW")]
    pub(crate) rename: Vec<String>,
    /// Say that something is gone for good, and not renamed: `blog.Post.body`, `blog.Post`, or a whole app
    #[arg(long, value_name = "NAME")]
    pub(crate) drop: Vec<String>,
    /// Say what existing rows get: `blog.Post.rank=0`
    #[arg(long, value_name = "FIELD=VALUE")]
    pub(crate) fill: Vec<String>,
    /// Ask nothing; exit with 3 if a question needs an answer
    #[arg(long)]
    pub(crate) no_input: bool,
}

/// Which database.
#[derive(Debug, Args)]
pub(crate) struct DatabaseArgs {
    /// The URL of the database; `DATABASE_URL` if it is not given
    #[arg(long, value_name = "URL")]
    pub(crate) database: Option<String>,
}

/// What `migrate` takes.
#[derive(Debug, Args)]
pub(crate) struct MigrateArgs {
    /// The app; all of them if it is not given
    pub(crate) app: Option<String>,
    /// The migration to stop at (the beginning of its name is enough), or `zero` to go back to nothing. Without its app if there is only one
    pub(crate) target: Option<String>,
    /// Show what would be run
    #[arg(long)]
    pub(crate) plan: bool,
    /// Record the migrations without running them, for tables that are there already
    #[arg(long)]
    pub(crate) fake: bool,
    /// How long to wait for another program that is migrating
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    pub(crate) wait: u64,
    #[command(flatten)]
    pub(crate) database: DatabaseArgs,
}

/// What `sqlmigrate` takes.
#[derive(Debug, Args)]
pub(crate) struct SqlArgs {
    /// The migration, after its app if there are several: `blog 0002`
    #[arg(required = true, num_args = 1..=2)]
    pub(crate) migration: Vec<String>,
    /// `sqlite`, `postgres` or `mysql`; that of `DATABASE_URL`, or the first built in, if it is not given
    #[arg(long, value_name = "DATABASE")]
    pub(crate) dialect: Option<String>,
    /// The SQL that takes it back
    #[arg(long)]
    pub(crate) backwards: bool,
}

/// What `sync` takes.
#[derive(Debug, Args)]
pub(crate) struct SyncArgs {
    #[command(flatten)]
    pub(crate) database: DatabaseArgs,
    /// Also take away columns and indexes that no model has, and change columns
    #[arg(long)]
    pub(crate) destructive: bool,
}

/// Runs the program. The exit code is 0 if all is well, 1 for an error (or changes found by `--check`), 2 for wrong
/// arguments, 3 for a question that needs an answer.
///
/// ```
/// # orm_blog::example! {
/// use std::process::ExitCode;
/// // What `orm::manage!` makes of `manage --help`.
/// let code: ExitCode = orm::migrate::cli::main(&[], ["manage".into(), "--help".into()]);
/// # let _ = code;
/// # }
/// ```
pub fn main(apps: &[App], args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { Exit::Usage } else { Exit::Fine });
        }
    };
    let result = match &cli.command {
        Command::Makemigrations(args) => commands::make::run(apps, args),
        Command::Migrate(args) => commands::migrate::run(apps, args),
        Command::Showmigrations(args) => commands::show::run(apps, args),
        Command::Sqlmigrate(args) => commands::sql::run(apps, args),
        Command::Check => commands::check::run(apps),
        Command::Sync(args) => commands::sync::run(apps, args),
    };
    ExitCode::from(result.unwrap_or_else(|error| commands::report(&error)))
}

/// Makes the `main` of the program that writes and runs migrations.
///
/// ```
/// # fn before() {
/// orm::manage!(); // before there are migrations
/// # }
/// ```
///
/// ```
/// # mod my_app { pub mod migrations { pub const APP: orm::migrate::App = orm::migrate::App::new("my_app", "my_app", "", &[]); } }
/// # fn one() {
/// orm::manage!(my_app::migrations); // the models of one crate
/// # }
/// ```
///
/// ```
/// # mod blog { pub mod migrations { pub const APP: orm::migrate::App = orm::migrate::App::new("blog", "blog", "", &[]); } }
/// # mod shop { pub mod migrations { pub const APP: orm::migrate::App = orm::migrate::App::new("shop", "shop", "", &[]); } }
/// # fn several() {
/// orm::manage! { apps: [blog, shop] } // several: `blog::migrations` and `shop::migrations`
/// # }
/// ```
///
/// ```
/// # mod blog { pub mod migrations { pub const APP: orm::migrate::App = orm::migrate::App::new("blog", "blog", "", &[]); } }
/// # mod shop {}
/// # fn next() {
/// orm::manage! { apps: [blog], new: shop } // before the library `shop` of this package has migrations
/// # }
/// ```
#[macro_export]
macro_rules! manage {
    () => {
        $crate::manage!(@main [$crate::App::new(
            env!("CARGO_PKG_NAME"),
            env!("CARGO_PKG_NAME"),
            env!("CARGO_MANIFEST_DIR"),
            &[],
        )]);
    };
    (apps: [$($($part:ident)::+),+ $(,)?] $(,)?) => {
        $crate::manage!(@main [$($($part)::+::migrations::APP),+]);
    };
    (apps: [$($($part:ident)::+),+ $(,)?], new: $new:ident $(,)?) => {
        use $new as _;
        $crate::manage!(@main [
            $($($part)::+::migrations::APP,)+
            $crate::App::new(stringify!($new), stringify!($new), env!("CARGO_MANIFEST_DIR"), &[]),
        ]);
    };
    ($($part:ident)::+) => {
        $crate::manage!(@main [$($part)::+::APP]);
    };
    (@main [$($app:expr),+ $(,)?]) => {
        fn main() -> ::std::process::ExitCode {
            $crate::cli::main(&[$($app),+], ::std::env::args_os())
        }
    };
}
