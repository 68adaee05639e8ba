//! JSON documents as column types: any serde type in a [`Json`], or `serde_json::Value` itself.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::convert::mismatch;
use super::{Cell, Kind, SqlType, Value};
use crate::error::{Error, Result};

/// A serde type that is stored as a JSON document.
///
/// ```
/// # orm_blog::example! { db =>
/// #[derive(Serialize, serde::Deserialize, Debug, Clone, PartialEq)]
/// struct Settings {
///     theme: String,
/// }
/// #[derive(Model)]
/// struct Profile {
///     id: i64,
///     settings: Json<Settings>,
/// }
/// orm::migrate::sync_models(&db, orm::models![Profile]).await?;
/// let settings = Json(Settings { theme: "dark".to_owned() });
/// let profile = Profile::create(NewProfile { settings }).save(&db).await?;
/// assert_eq!(profile.settings.0.theme, "dark");
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Json<T>(pub T);

#[diagnostic::do_not_recommend]
impl<T: Serialize + DeserializeOwned + Send + Sync + 'static> SqlType for Json<T> {
    type Nulls = super::Never;
    type Base = Self;
    type Nullable = Option<Self>;
    type Lift<X: SqlType> = X;
    const KIND: Kind = Kind::Json;
    fn decode(cell: Cell<'_>) -> Result<Self> {
        match cell {
            Cell::Json(text) | Cell::Text(text) => serde_json::from_str(text).map(Json).map_err(|e| {
                Error::decode(format!("the JSON in the database is not a `{}`", std::any::type_name::<T>()))
                    .with_source(e)
            }),
            other => Err(mismatch::<Self>(other)),
        }
    }
    fn encode(&self) -> Value {
        // A type that refuses to serialize yields an empty text, which binding refuses as invalid JSON.
        Value::Json(serde_json::to_string(&self.0).unwrap_or_default().into())
    }
}

crate::__sql_type!(
    serde_json::Value,
    Kind::Json,
    |cell| match cell {
        Cell::Json(text) | Cell::Text(text) =>
            serde_json::from_str(text).map_err(|e| Error::decode("the database holds invalid JSON").with_source(e)),
        other => Err(mismatch::<serde_json::Value>(other)),
    },
    |v| Value::Json(v.to_string().into())
);
