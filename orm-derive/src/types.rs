//! Types as they are written: their last name, what stands in their angle brackets, and which are known by name.

use proc_macro2::{Group, Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{GenericArgument, PathArguments, PathSegment, Type};

/// A type without the invisible brackets that a macro puts around it.
pub fn peel(ty: &Type) -> &Type {
    match ty {
        Type::Group(group) => peel(&group.elem),
        Type::Paren(paren) => peel(&paren.elem),
        other => other,
    }
}

/// The last segment of a path.
pub fn last(ty: &Type) -> Option<&PathSegment> {
    match peel(ty) {
        Type::Path(path) => path.path.segments.last(),
        _ => None,
    }
}

/// The last name of a path.
pub fn name(ty: &Type) -> Option<String> {
    last(ty).map(|segment| segment.ident.to_string())
}

/// The first type in the angle brackets.
pub fn argument(ty: &Type) -> Option<&Type> {
    let PathArguments::AngleBracketed(arguments) = &last(ty)?.arguments else { return None };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    })
}

/// What is in an `Option`.
pub fn in_option(ty: &Type) -> Option<&Type> {
    argument(ty).filter(|_| name(ty).as_deref() == Some("Option"))
}

/// The type with `Self` replaced by the model's name, since it is emitted outside of the model as well.
pub fn concrete(ty: &Type, model: &Ident) -> Type {
    let tokens = replace_self(ty.to_token_stream(), model);
    syn::parse2(tokens).unwrap_or_else(|_| ty.clone())
}

fn replace_self(tokens: TokenStream, model: &Ident) -> TokenStream {
    let replace = |token| match token {
        TokenTree::Ident(ident) if ident == "Self" => TokenTree::Ident(Ident::new(&model.to_string(), ident.span())),
        TokenTree::Group(group) => {
            let mut new = Group::new(group.delimiter(), replace_self(group.stream(), model));
            new.set_span(group.span());
            TokenTree::Group(new)
        }
        other => other,
    };
    tokens.into_iter().map(replace).collect()
}

/// Whether a name occurs in a type.
pub fn mentions(ty: &Type, name: &str) -> bool {
    fn search(tokens: TokenStream, name: &str) -> bool {
        tokens.into_iter().any(|token| match token {
            TokenTree::Ident(ident) => ident == name,
            TokenTree::Group(group) => search(group.stream(), name),
            _ => false,
        })
    }
    search(ty.to_token_stream(), name)
}

/// What a type is by its name alone; others may be anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Known {
    /// `String`
    Text,
    /// `i16`, `i32`, `i64`, `Id<..>`
    Integer,
    /// `f64`
    Float,
    /// `bool`
    Bool,
    /// `Decimal`
    Decimal,
    /// A day, a time, or both.
    Moment,
    /// `Uuid`
    Uuid,
    /// Bytes, JSON, spans of time: nothing that an attribute is for.
    Other,
}

/// What a column's type is by its name.
pub fn known(ty: &Type) -> Option<Known> {
    Some(match name(ty)?.as_str() {
        "String" => Known::Text,
        "i16" | "i32" | "i64" | "Id" => Known::Integer,
        "f64" => Known::Float,
        "bool" => Known::Bool,
        "Decimal" => Known::Decimal,
        "NaiveDate" | "NaiveTime" | "NaiveDateTime" | "DateTime" | "Date" | "Time" | "PrimitiveDateTime"
        | "OffsetDateTime" => Known::Moment,
        "Uuid" => Known::Uuid,
        "Vec" | "Json" | "Duration" | "TimeDelta" => Known::Other,
        _ => return None,
    })
}

/// What to write for a type that no column holds.
pub fn instead_of(ty: &Type) -> Option<&'static str> {
    if let Type::Reference(_) = peel(ty) {
        return Some("a field owns its value: write `String` for text, `Vec<u8>` for bytes");
    }
    Some(match name(ty)?.as_str() {
        "i8" | "u8" => "databases share no such integer: write `i16`",
        "u16" => "databases share no unsigned integers: write `i32`",
        "u32" | "u64" | "usize" | "isize" | "i128" | "u128" => "databases share no such integer: write `i64`",
        "f32" => "write `f64`",
        "char" | "str" => "write `String`",
        _ => return None,
    })
}
