//! `#[derive(Value)]`: a type of the user's own as a column type.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::spanned::Spanned;
use syn::{Data, DeriveInput, Fields, Member};

use crate::args::{Allowed, Args};
use crate::errors::Errors;
use crate::types;

/// Emits the column type.
pub fn value(input: &DeriveInput, errors: &Errors) -> Option<TokenStream> {
    if !input.generics.params.is_empty() {
        errors.at(input.generics.params.span(), "a column's own type has no type parameters and no lifetimes");
        return None;
    }
    let mut args = Args::read(&input.attrs, errors);
    args.allow(&Allowed { what: "a value", names: &["custom"], repeated: &[], elsewhere: &[] }, errors);
    let custom = args.flag("custom", errors).is_some_and(|(on, _)| on);
    let stored = if custom { as_custom() } else { as_newtype(input, errors)? };
    Some(emit(&input.ident, &stored))
}

/// How a type is stored.
struct Stored {
    ty: TokenStream,
    decode: TokenStream,
    encode: TokenStream,
}

/// As its own `Custom` says.
fn as_custom() -> Stored {
    let custom = quote!(::orm::__private::Custom);
    Stored {
        ty: quote!(<Self as #custom>::Stored),
        decode: quote!(<Self as #custom>::from_stored(stored)),
        encode: quote!(&<Self as #custom>::to_stored(self)),
    }
}

/// As its only field.
fn as_newtype(input: &DeriveInput, errors: &Errors) -> Option<Stored> {
    let fields = match &input.data {
        Data::Struct(data) if data.fields.len() == 1 => &data.fields,
        _ => {
            let words = "a value is a struct around one field, stored as that field; for another type implement `Custom` and add `#[orm(custom)]`, for an enum derive `Choices`";
            errors.at(input.ident.span(), words);
            return None;
        }
    };
    let field = fields.iter().next()?;
    if types::in_option(&field.ty).is_some() {
        let words = "a value is never NULL itself: write the `Option` around it, at the field of the model";
        errors.at(field.ty.span(), words);
        return None;
    }
    let ty = &field.ty;
    let member = match (fields, &field.ident) {
        (Fields::Named(_), Some(ident)) => Member::Named(ident.clone()),
        _ => Member::from(0),
    };
    Some(Stored {
        ty: quote!(#ty),
        decode: quote!(::core::result::Result::Ok(Self { #member: stored })),
        encode: quote!(&self.#member),
    })
}

fn emit(this: &Ident, Stored { ty, decode, encode }: &Stored) -> TokenStream {
    let operands = operands(this);
    quote! {
        #[automatically_derived]
        #[diagnostic::do_not_recommend]
        impl ::orm::__private::SqlType for #this {
            type Nulls = ::orm::__private::Never;
            type Base = Self;
            type Nullable = ::core::option::Option<Self>;
            type Lift<__X: ::orm::__private::SqlType> = __X;
            const KIND: ::orm::__private::Kind = <#ty as ::orm::__private::SqlType>::KIND;
            const CHOICES: ::core::option::Option<&'static [::orm::__private::Choice]> =
                <#ty as ::orm::__private::SqlType>::CHOICES;
            fn decode(cell: ::orm::__private::Cell<'_>) -> ::orm::__private::Result<Self> {
                let stored = <#ty as ::orm::__private::SqlType>::decode(cell)?;
                #decode
            }
            fn encode(&self) -> ::orm::__private::Value {
                ::orm::__private::SqlType::encode(#encode)
            }
        }
        #operands
        // A key of this type stands for the row that it is the key of.
        #[automatically_derived]
        #[diagnostic::do_not_recommend]
        impl<__T: ::orm::__private::Model<Key = #this>, __M> ::orm::__private::Operand<::orm::__private::Key<__T>, __M>
            for #this
        {
            type Null = ::orm::__private::Never;
            type Nulls = ::orm::__private::Never;
            fn operand(self) -> ::orm::__private::ast::Expr {
                ::orm::__private::ast::Expr::value(::orm::__private::SqlType::encode(&self))
            }
        }
        #[automatically_derived]
        #[diagnostic::do_not_recommend]
        impl<__T: ::orm::__private::Model<Key = #this>, __W> ::orm::__private::Link<__T, __W> for #this {
            fn link(self) -> ::orm::__private::Given {
                ::orm::__private::Given::Value(::orm::__private::SqlType::encode(&self))
            }
        }
    }
}

/// That a value, and a reference to one, may be compared with a column of the type, and stand in an expression.
pub fn operands(this: &Ident) -> TokenStream {
    let of = |ty: TokenStream, value: TokenStream| {
        quote! {
            #[automatically_derived]
            #[diagnostic::do_not_recommend]
            impl<__M> ::orm::__private::Operand<#this, __M> for #ty {
                type Null = ::orm::__private::Never;
                type Nulls = ::orm::__private::Never;
                fn operand(self) -> ::orm::__private::ast::Expr {
                    ::orm::__private::ast::Expr::value(::orm::__private::SqlType::encode(#value))
                }
            }
            #[automatically_derived]
            #[diagnostic::do_not_recommend]
            impl<__M> ::orm::__private::Term<__M> for #ty {
                type Type = #this;
                fn term(self) -> ::orm::__private::ast::Expr {
                    let kind = <#this as ::orm::__private::SqlType>::KIND;
                    ::orm::__private::ast::Expr::typed(::orm::__private::SqlType::encode(#value), kind)
                }
            }
        }
    };
    let (owned, borrowed) = (of(quote!(#this), quote!(&self)), of(quote!(&#this), quote!(self)));
    quote!(#owned #borrowed)
}
