//! Several in a tuple, wherever a clause takes one.

use super::{Aggregates, GroupOrders, Orders, PrefetchRelated, Related, Selection, Sets};
use crate::ast;
use crate::error::Result;
use crate::meta::Hop;
use crate::value::Row;

macro_rules! tuples {
    ($($t:ident)*) => {
        #[allow(non_snake_case)]
        impl<M, $($t: Selection<M>),*> Selection<M> for ($($t,)*) {
            type Out = ($($t::Out,)*);
            fn outputs(self, to: &mut Vec<ast::Output>) {
                let ($($t,)*) = self;
                $( $t.outputs(to); )*
            }
            fn decode(row: &mut Row<'_>) -> Result<Self::Out> {
                Ok(($( <$t as Selection<M>>::decode(row)?, )*))
            }
        }
        #[allow(non_snake_case)]
        impl<M, $($t: Aggregates<M>),*> Aggregates<M> for ($($t,)*) {
            type Out = ($($t::Out,)*);
            fn aggregates(self, to: &mut Vec<ast::Expr>) {
                let ($($t,)*) = self;
                $( $t.aggregates(to); )*
            }
            fn decode(row: &mut Row<'_>) -> Result<Self::Out> {
                Ok(($( <$t as Aggregates<M>>::decode(row)?, )*))
            }
        }
        #[allow(non_snake_case)]
        impl<M, $($t: Orders<M>),*> Orders<M> for ($($t,)*) {
            fn orders(self, to: &mut Vec<ast::Order>) {
                let ($($t,)*) = self;
                $( $t.orders(to); )*
            }
        }
        #[allow(non_snake_case)]
        impl<M, $($t: GroupOrders<M>),*> GroupOrders<M> for ($($t,)*) {
            fn group_orders(self, to: &mut Vec<ast::Order>) {
                let ($($t,)*) = self;
                $( $t.group_orders(to); )*
            }
        }
        #[allow(non_snake_case)]
        impl<M, $($t: Related<M>),*> Related<M> for ($($t,)*) {
            fn related(self, to: &mut Vec<&'static Hop>) {
                let ($($t,)*) = self;
                $( $t.related(to); )*
            }
        }
        #[allow(non_snake_case)]
        impl<M, $($t: PrefetchRelated<M>),*> PrefetchRelated<M> for ($($t,)*) {
            fn prefetch(self, to: &mut Vec<ast::Prefetch>) {
                let ($($t,)*) = self;
                $( $t.prefetch(to); )*
            }
        }
        #[allow(non_snake_case)]
        impl<M, $($t: Sets<M>),*> Sets<M> for ($($t,)*) {
            fn sets(self, to: &mut Vec<ast::Assignment>) {
                let ($($t,)*) = self;
                $( $t.sets(to); )*
            }
        }
    };
}
tuples!(A);
tuples!(A B);
tuples!(A B C);
tuples!(A B C D);
tuples!(A B C D E);
tuples!(A B C D E F);
tuples!(A B C D E F G);
tuples!(A B C D E F G H);
tuples!(A B C D E F G H I);
tuples!(A B C D E F G H I J);
tuples!(A B C D E F G H I J K);
tuples!(A B C D E F G H I J K L);
