//! Models as the derive writes them, by `macro_rules!`, with the metadata behind them.

use crate::meta::{Auto, FieldMeta, ModelMeta, RelationKind, RelationMeta, Storage};
use crate::model::{Draft, Draftable, Id, Link, Model, NewRow, Rel, ValueFor, draft};
use crate::query::{Operand, Term};
use crate::value::{Cell, Kind, Never, Nullness, SqlType, Value};
use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;

pub const fn field(name: &'static str, kind: Kind, null: bool, relation: Option<usize>) -> FieldMeta {
    FieldMeta {
        name,
        column: name,
        kind,
        null,
        unique: false,
        index: false,
        auto: Auto::No,
        default: None,
        db_default: None,
        choices: None,
        doc: "",
        storage: Storage::Ours,
        relation,
    }
}
pub const fn null<T: SqlType>() -> bool {
    <T::Nulls as Nullness>::NULL
}

macro_rules! model {
    ($v:vis struct $M:ident $Fs:ident $m:ident as $T:ty { $($rest:tt)* }) => {
        $crate::query::tests::models::model!(@[pub] $v struct $M $Fs $m as $T { $($rest)* });
    };
    // A marker is as visible as its field or model, whichever is less.
    (@[$k:vis] $v:vis struct $M:ident $Fs:ident $m:ident as $T:ty {
        id: $pk:ty; $($fv:vis $f:ident : $t:ty),* $(,)? ;
        $($rv:vis $r:ident : $tgt:ty, $reach:ident = $rt:ty),* $(,)? ;
        $($ov:vis $one:ident : $ot:ty = $okind:expr),* $(,)? ;
        $($mv:vis $many:ident : $mt:ty = $mkind:expr),* $(,)?
    }) => {
        pub mod $m {
            #![allow(non_camel_case_types, unused)]
            $k struct id;
            $( $k struct $f; )* $( $k struct $r; )* $( $k struct $one; )* $( $k struct $many; )*
            pub enum Index { id, $( $f, )* $( $r, )* }
            pub enum Relations { $( $r, )* $( $one, )* $( $many, )* }
        }
        $v struct $M { pub id: $pk, $( $fv $f: $t, )* $( $rv $r: $rt, )* }
        impl $crate::model::Field for $m::id {
            type Owner = $T; type Type = $pk; type Class = $crate::model::Key<$T>;
            const INDEX: usize = 0;
        }
        $( impl $crate::model::Field for $m::$f {
            type Owner = $T; type Type = $t; type Class = <$t as $crate::value::SqlType>::Base;
            const INDEX: usize = $m::Index::$f as usize;
        } )*
        $( impl $crate::model::Field for $m::$r {
            type Owner = $T; type Type = $rt; type Class = $crate::model::Key<$tgt>;
            const INDEX: usize = $m::Index::$r as usize;
        }
        impl $crate::model::Relation for $m::$r {
            type Owner = $T; type Target = $tgt; type Reach = $crate::model::$reach;
            const RELATION: usize = $m::Relations::$r as usize;
        }
        impl<P: $crate::model::Path<To = $T>> $crate::model::Follow<P> for $m::$r {
            type Fields = <$tgt as $crate::model::Model>::Fields<$crate::model::Via<P, $m::$r>>;
        } )*
        $( impl $crate::model::Relation for $m::$one {
            type Owner = $T; type Target = $ot; type Reach = $crate::model::Maybe;
            const RELATION: usize = $m::Relations::$one as usize;
        }
        impl<P: $crate::model::Path<To = $T>> $crate::model::Follow<P> for $m::$one {
            type Fields = <$ot as $crate::model::Model>::Fields<$crate::model::Via<P, $m::$one>>;
        } )*
        $( impl $crate::model::Relation for $m::$many {
            type Owner = $T; type Target = $mt; type Reach = $crate::model::Many;
            const RELATION: usize = $m::Relations::$many as usize;
        } )*
        #[allow(dead_code)]
        $v struct $Fs<P> {
            pub id: $crate::model::Col<P, $m::id>,
            $( $fv $f: $crate::model::Col<P, $m::$f>, )* $( $rv $r: $crate::model::Col<P, $m::$r>, )*
            $( $ov $one: $crate::model::Col<P, $m::$one>, )* $( $mv $many: $crate::model::Rel<P, $m::$many>, )*
        }
        impl<P> $Fs<P> {
            const NEW: Self = $Fs {
                id: $crate::model::Col::NEW,
                $( $f: $crate::model::Col::NEW, )* $( $r: $crate::model::Col::NEW, )*
                $( $one: $crate::model::Col::NEW, )* $( $many: $crate::model::Rel::NEW, )*
            };
        }
        impl<P: 'static> $crate::model::ConstRef for $Fs<P> { const REF: &'static Self = &Self::NEW; }
        impl<P> Clone for $Fs<P> { fn clone(&self) -> Self { *self } }
        impl<P> Copy for $Fs<P> {}
        #[diagnostic::do_not_recommend]
        impl<P: $crate::model::Path<To = $T>> $crate::query::Selection<P::Root> for $Fs<P>
        where
            P::Reach: $crate::model::Single + $crate::query::SelectRow,
        {
            type Out = <P::Reach as $crate::model::SeeRow>::Row<$T>;
            fn outputs(self, to: &mut Vec<$crate::ast::Output>) { to.push($crate::ast::Output::Row(P::HOP)) }
            fn decode(row: &mut $crate::value::Row<'_>) -> $crate::Result<Self::Out> {
                <P::Reach as $crate::query::SelectRow>::row::<$T>(row)
            }
        }
        impl $crate::model::Model for $T {
            const META: &'static $crate::meta::ModelMeta = {
                static META: $crate::meta::ModelMeta = $crate::meta::ModelMeta {
                    name: stringify!($M),
                    module: module_path!(),
                    table: stringify!($m),
                    managed: true,
                    doc: "",
                    fields: &[
                        $crate::query::tests::models::field("id", <$pk as $crate::value::SqlType>::KIND, false, None),
                        $( $crate::query::tests::models::field(
                            stringify!($f), <$t as $crate::value::SqlType>::KIND,
                            $crate::query::tests::models::null::<$t>(), None,
                        ), )*
                        $( $crate::query::tests::models::field(
                            stringify!($r), <$rt as $crate::value::SqlType>::KIND,
                            $crate::query::tests::models::null::<$rt>(), Some($m::Relations::$r as usize),
                        ), )*
                    ],
                    relations: &[
                        $( $crate::meta::RelationMeta {
                            name: stringify!($r),
                            owner: || <$T as $crate::model::Model>::META,
                            target: || <$tgt as $crate::model::Model>::META,
                            kind: $crate::meta::RelationKind::Forward {
                                field: $m::Index::$r as usize, unique: false,
                                on_delete: $crate::meta::OnDelete::NoAction, constraint: true,
                            },
                            index: $m::Relations::$r as usize,
                        }, )*
                        $( $crate::meta::RelationMeta {
                            name: stringify!($one),
                            owner: || <$T as $crate::model::Model>::META,
                            target: || <$ot as $crate::model::Model>::META,
                            kind: $okind,
                            index: $m::Relations::$one as usize,
                        }, )*
                        $( $crate::meta::RelationMeta {
                            name: stringify!($many),
                            owner: || <$T as $crate::model::Model>::META,
                            target: || <$mt as $crate::model::Model>::META,
                            kind: $mkind,
                            index: $m::Relations::$many as usize,
                        }, )*
                    ],
                    primary_key: &[0],
                    ordering: &[],
                    indexes: &[],
                    ops: $crate::model::ops::of::<$T>(),
                };
                &META
            };
            const KEY_KIND: $crate::value::Kind = <$pk as $crate::value::SqlType>::KIND;
            type Key = $pk;
            type Fields<P: $crate::model::Path<To = Self>> = $Fs<P>;
            fn decode(row: &mut $crate::value::Row<'_>) -> $crate::Result<Self> {
                Ok(Self { id: row.get()?, $( $f: row.get()?, )* $( $r: row.get()?, )* })
            }
            fn attach(&mut self, _: usize, _: $crate::meta::Loaded) {}
            fn value(&self, field: usize) -> $crate::value::Value {
                let values = [
                    $crate::value::SqlType::encode(&self.id),
                    $( $crate::value::SqlType::encode(&self.$f), )* $( $crate::value::SqlType::encode(&self.$r), )*
                ];
                values[field].clone()
            }
            fn key(&self) -> $pk { self.id.clone() }
        }
        #[allow(non_upper_case_globals, dead_code)]
        $v const $M: $Fs<$crate::model::At<$T>> = $Fs::NEW;
        impl $crate::model::BaseOf for $T { type Base = Self; }
        impl $T {
            #[allow(dead_code)]
            pub fn objects() -> $crate::query::QuerySet<$T> { $crate::query::QuerySet::new() }
        }
    };
}
pub(crate) use model;

macro_rules! sql_value {
    ($t:ty, $stored:ty, |$get:ident| $from:expr, |$this:ident| $to:expr) => {
        $crate::__sql_type!(
            $t,
            <$stored as $crate::value::SqlType>::KIND,
            |cell| <$stored as $crate::value::SqlType>::decode(cell).and_then(|$get| $from),
            |$this| $crate::value::SqlType::encode(&$to)
        );
        #[diagnostic::do_not_recommend]
        impl<M> $crate::query::Operand<$t, M> for $t {
            type Null = $crate::value::Never;
            type Nulls = $crate::value::Never;
            fn operand(self) -> $crate::ast::Expr {
                $crate::ast::Expr::value($crate::value::SqlType::encode(&self))
            }
        }
        #[diagnostic::do_not_recommend]
        impl<M> $crate::query::Operand<$t, M> for &$t {
            type Null = $crate::value::Never;
            type Nulls = $crate::value::Never;
            fn operand(self) -> $crate::ast::Expr {
                $crate::ast::Expr::value($crate::value::SqlType::encode(self))
            }
        }
        #[diagnostic::do_not_recommend]
        impl<M> $crate::query::Term<M> for $t {
            type Type = $t;
            fn term(self) -> $crate::ast::Expr {
                $crate::ast::Expr::typed($crate::value::SqlType::encode(&self), <$t as $crate::value::SqlType>::KIND)
            }
        }
    };
}
pub(crate) use sql_value;

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Status {
    Draft,
    Live,
}
sql_value!(Status, i64, |n| Ok(if n == 0 { Status::Draft } else { Status::Live }), |s| i64::from(*s == Status::Live));
#[derive(Debug, Clone, PartialEq)]
pub struct Isbn(pub String);
sql_value!(Isbn, String, |s| Ok(Isbn(s)), |isbn| isbn.0);

const fn reverse(of: fn() -> &'static RelationMeta) -> RelationKind {
    RelationKind::Reverse { of, unique: false }
}
fn relation<M: Model>(name: &str) -> &'static RelationMeta {
    M::META.relation(name).expect("a relation")
}

model!(pub struct Author AuthorFields author as Author {
    id: i64;
    pub name: String, pub email: String, pub nick: Option<String>, pub visits: i64, pub age: i32,
    pub created_at: DateTime<Utc>, pub eq: String, pub r#type: String;
    pub country: Country, Maybe = Option<i64>;
    pub profile: Profile = RelationKind::Reverse { of: || relation::<Profile>("author"), unique: true };
    pub books: Book = reverse(|| relation::<Book>("author")), pub edited: Book = reverse(|| relation::<Book>("editor"))
});
model!(pub struct Book BookFields book as Book {
    id: i64;
    pub title: String, pub subtitle: Option<String>, pub price: Decimal, pub rating: f64, pub copies: i64,
    pub published: NaiveDate, pub returned: Option<NaiveDate>, pub status: Status, pub isbn: Isbn, pub views: i64;
    pub author: Author, One = i64, pub editor: Author, Maybe = Option<i64>;
    ;
    pub tags: Tag = RelationKind::Many { table: "book_tags", from: "book_id", to: "tag_id", managed: true }
});
model!(pub struct Tag TagFields tag as Tag {
    id: i64; pub name: String; ; ;
    pub books: Book = RelationKind::ManyReverse { of: || relation::<Book>("tags") }
});
model!(pub struct Country CountryFields country as Country {
    id: i64; pub name: String; ; ; pub authors: Author = reverse(|| relation::<Author>("country"))
});
model!(pub struct Profile ProfileFields profile as Profile { id: i64; pub bio: String; pub author: Author, One = i64; ; });
model!(pub struct Node NodeFields node as Node {
    id: Id<Node>; pub label: String; pub parent: Node, Maybe = Option<Id<Node>>; ;
    pub children: Node = reverse(|| relation::<Node>("parent"))
});

// Drafts: the required fields, generic over what is given.
pub struct NewAuthor<T0, T1> {
    pub name: T0,
    pub email: T1,
}
impl<W, T0: ValueFor<String>, T1: ValueFor<String>> Draftable<Author, W> for NewAuthor<T0, T1> {
    fn give(self, to: &mut NewRow) {
        to.give(author::Index::name as usize, crate::model::Given::Value(self.name.value()));
        to.give(author::Index::email as usize, crate::model::Given::Value(self.email.value()));
    }
}
pub struct NewBook<T0, T1, T2> {
    pub title: T0,
    pub published: T1,
    pub author: T2,
}
impl<W, T0: ValueFor<String>, T1: ValueFor<NaiveDate>, T2: Link<Author, W>> Draftable<Book, W> for NewBook<T0, T1, T2> {
    fn give(self, to: &mut NewRow) {
        to.give(book::Index::title as usize, crate::model::Given::Value(self.title.value()));
        to.give(book::Index::published as usize, crate::model::Given::Value(self.published.value()));
        to.give(book::Index::author as usize, self.author.link());
    }
}
impl<T0, T1, T2> NewBook<T0, T1, T2> {
    pub fn draft(self) -> Draft<Book, Self> {
        draft(self)
    }
}
impl Author {
    pub fn create<D: Draftable<Author>>(new: D) -> Draft<Author, D> {
        draft(new)
    }
    pub fn books(&self) -> crate::query::RelatedManager<Author, author::books> {
        crate::query::RelatedManager::new(self)
    }
}
impl Book {
    pub fn create<D: Draftable<Book>>(new: D) -> Draft<Book, D> {
        draft(new)
    }
    pub fn tags(&self) -> crate::query::RelatedManager<Book, book::tags> {
        crate::query::RelatedManager::new(self)
    }
}

// What the macros mention only by path in some places.
const _: fn() = || {
    fn _uses<M: Model, T: Operand<i64, M> + Term<M>>(
        _: T,
        _: Rel<M, M>,
        _: &ModelMeta,
        _: Cell<'_>,
        _: Value,
        _: Never,
    ) {
    }
};
