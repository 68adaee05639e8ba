//! `#[derive(Choices)]`: an enum whose variants are the values of a column.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Data, DeriveInput, Expr, ExprLit, ExprUnary, Fields, Lit, UnOp, Variant};

use crate::args::{Allowed, Args};
use crate::errors::Errors;
use crate::names::{Case, snake};
use crate::parse::{doc, rename_all};
use crate::value::operands;

/// What is stored for a variant.
#[derive(Clone, PartialEq)]
enum Stored {
    Text(String),
    Int(i64),
}

struct Choice {
    ident: Ident,
    label: String,
    said: Option<(Stored, Span)>,
}

/// Emits the column type.
pub fn choices(input: &DeriveInput, errors: &Errors) -> Option<TokenStream> {
    let Data::Enum(data) = &input.data else {
        errors.at(input.ident.span(), "choices are an enum whose variants hold nothing; for a newtype derive `Value`");
        return None;
    };
    if !input.generics.params.is_empty() {
        errors.at(input.generics.params.span(), "choices have no type parameters and no lifetimes");
        return None;
    }
    if data.variants.is_empty() {
        errors.at(input.ident.span(), "choices need at least one variant");
        return None;
    }
    let mut args = Args::read(&input.attrs, errors);
    let names = &["repr", "rename_all"];
    args.allow(&Allowed { what: "an enum of choices", names, repeated: &[], elsewhere: &["value", "label"] }, errors);
    let repr = args.text("repr", errors);
    let case = args.take("rename_all").and_then(|arg| rename_all(arg.text(errors)?, errors)).unwrap_or(Case::Snake);
    let variants: Vec<Choice> = data.variants.iter().map(|v| choice(v, errors)).collect::<Option<_>>()?;
    let numbers = repr.is_some() || variants.iter().any(|v| matches!(v.said, Some((Stored::Int(_), _))));
    let stored: Vec<Stored> = variants.iter().map(|v| stored(v, numbers, case, errors)).collect::<Option<_>>()?;
    for (i, value) in stored.iter().enumerate() {
        if let Some(first) = stored[..i].iter().position(|other| other == value) {
            let words = format!("`{}` is stored as this already", variants[first].ident);
            errors.at(variants[i].ident.span(), words);
        }
    }
    let kind = if numbers { integer_kind(repr, &variants, &stored, errors)? } else { text_kind(&stored) };
    Some(emit(&input.ident, &variants, &stored, &kind))
}

fn choice(variant: &Variant, errors: &Errors) -> Option<Choice> {
    if !matches!(variant.fields, Fields::Unit) {
        errors.at(variant.fields.span(), "the variants of choices hold nothing: each is one value of a column");
        return None;
    }
    let mut args = Args::read(&variant.attrs, errors);
    let allowed =
        Allowed { what: "a choice", names: &["value", "label"], repeated: &[], elsewhere: &["repr", "rename_all"] };
    args.allow(&allowed, errors);
    let given = args.take("value").map(|arg| (arg.expr(errors), arg.span));
    let given = given.or_else(|| variant.discriminant.as_ref().map(|(_, expr)| (Some(expr.clone()), expr.span())));
    let said = match given {
        None => None,
        Some((expr, span)) => {
            let value = expr.as_ref().and_then(literal);
            if value.is_none() {
                errors.at(span, "a choice is stored as a literal: `value = \"draft\"` or `value = 1`");
            }
            value.map(|value| (value, span))
        }
    };
    let doc = doc(&variant.attrs).replace('\n', " ");
    let name = variant.ident.unraw().to_string();
    let label = args.text("label", errors).map(|(label, _)| label);
    let label = label.unwrap_or_else(|| if doc.is_empty() { snake(&name).replace('_', " ") } else { doc });
    Some(Choice { ident: variant.ident.clone(), label, said })
}

fn literal(expr: &Expr) -> Option<Stored> {
    match expr {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(Stored::Text(text.value())),
        Expr::Lit(ExprLit { lit: Lit::Int(number), .. }) => number.base10_parse().ok().map(Stored::Int),
        Expr::Unary(ExprUnary { op: UnOp::Neg(_), expr, .. }) => match &**expr {
            Expr::Lit(ExprLit { lit: Lit::Int(number), .. }) => {
                format!("-{}", number.base10_digits()).parse().ok().map(Stored::Int)
            }
            _ => None,
        },
        _ => None,
    }
}

/// Numbers are never made up from the order of the variants: moving one would change what the rows mean.
fn stored(choice: &Choice, numbers: bool, case: Case, errors: &Errors) -> Option<Stored> {
    match (&choice.said, numbers) {
        (None, false) => Some(Stored::Text(case.of(&snake(&choice.ident.unraw().to_string())))),
        (None, true) => {
            let words = "choices that are stored as integers say which each is: `#[orm(value = 1)]`";
            errors.at(choice.ident.span(), words);
            None
        }
        (Some((Stored::Text(_), span)), true) => {
            errors.at(*span, "choices are all text or all integers; other variants are integers");
            None
        }
        (Some((value, _)), _) => Some(value.clone()),
    }
}

fn text_kind(stored: &[Stored]) -> TokenStream {
    let length = |value: &Stored| match value {
        Stored::Text(text) => text.chars().count(),
        Stored::Int(_) => 0,
    };
    let max = stored.iter().map(length).max().and_then(|max| u32::try_from(max).ok()).unwrap_or(u32::MAX).max(1);
    quote!(Text { max: ::core::option::Option::Some(#max) })
}

fn integer_kind(
    repr: Option<(String, Span)>,
    variants: &[Choice],
    stored: &[Stored],
    errors: &Errors,
) -> Option<TokenStream> {
    let (name, span) = repr.unwrap_or_else(|| ("i32".to_owned(), Span::call_site()));
    let (kind, range) = match name.as_str() {
        "i16" => (quote!(Int16), i64::from(i16::MIN)..=i64::from(i16::MAX)),
        "i32" => (quote!(Int32), i64::from(i32::MIN)..=i64::from(i32::MAX)),
        "i64" => (quote!(Int64), i64::MIN..=i64::MAX),
        _ => {
            errors.at(span, "choices are stored as `i16`, `i32` or `i64`, or as text without `repr`");
            return None;
        }
    };
    for (choice, value) in variants.iter().zip(stored) {
        if let Stored::Int(value) = value
            && !range.contains(value)
        {
            errors.at(choice.ident.span(), format!("{value} does not fit into `{name}`; choose a larger `repr`"));
        }
    }
    Some(kind)
}

fn emit(this: &Ident, variants: &[Choice], stored: &[Stored], kind: &TokenStream) -> TokenStream {
    let idents: Vec<&Ident> = variants.iter().map(|v| &v.ident).collect();
    let labels: Vec<&str> = variants.iter().map(|v| v.label.as_str()).collect();
    let literals: Vec<TokenStream> = stored
        .iter()
        .map(|value| match value {
            Stored::Text(text) => quote!(#text),
            Stored::Int(number) => quote!(#number),
        })
        .collect();
    let is_text = matches!(stored.first(), Some(Stored::Text(_)));
    let (case, own) = if is_text {
        (quote!(Text), quote!(::core::convert::Into::into))
    } else {
        (quote!(Int), quote!(::core::convert::identity))
    };
    let operands = operands(this);
    quote! {
        #[automatically_derived]
        impl ::orm::__private::Choices for #this {
            const ALL: &'static [Self] = &[#(#this::#idents),*];
            fn label(&self) -> &'static str {
                match self { #(#this::#idents => #labels),* }
            }
        }
        #[automatically_derived]
        #[diagnostic::do_not_recommend]
        impl ::orm::__private::SqlType for #this {
            type Nulls = ::orm::__private::Never;
            type Base = Self;
            type Nullable = ::core::option::Option<Self>;
            type Lift<__X: ::orm::__private::SqlType> = __X;
            const KIND: ::orm::__private::Kind = ::orm::__private::Kind::#kind;
            const CHOICES: ::core::option::Option<&'static [::orm::__private::Choice]> =
                ::core::option::Option::Some(&[#(
                    ::orm::__private::Choice { value: ::orm::__private::ChoiceValue::#case(#literals), label: #labels }
                ),*]);
            fn decode(cell: ::orm::__private::Cell<'_>) -> ::orm::__private::Result<Self> {
                match cell {
                    #(::orm::__private::Cell::#case(#literals) => ::core::result::Result::Ok(#this::#idents),)*
                    other => ::core::result::Result::Err(::orm::__private::value::not_a_choice::<Self>(other)),
                }
            }
            fn encode(&self) -> ::orm::__private::Value {
                ::orm::__private::Value::#case(#own(match self { #(#this::#idents => #literals),* }))
            }
        }
        #operands
    }
}
