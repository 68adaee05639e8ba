//! `#[derive(Projection)]`: what each field is filled from stands at the field, and the compiler checks that it fits.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Data, DeriveInput, Expr, Fields, Path};

use crate::args::{Allowed, Args};
use crate::errors::Errors;

/// Emits the projection.
pub fn projection(input: &DeriveInput, errors: &Errors) -> Option<TokenStream> {
    let named = match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(fields) => Some(&fields.named),
            _ => None,
        },
        _ => None,
    };
    let Some(fields) = named else {
        errors.at(input.ident.span(), "a projection is a struct with named fields, each filled from a query");
        return None;
    };
    if !input.generics.params.is_empty() {
        errors.at(input.generics.params.span(), "a projection has no type parameters and no lifetimes");
        return None;
    }
    let mut args = Args::read(&input.attrs, errors);
    args.allow(&Allowed { what: "a projection", names: &["of"], repeated: &[], elsewhere: &[] }, errors);
    let Some(of) = args.take("of") else {
        errors.at(input.ident.span(), "a projection says which model it is filled from: add `#[orm(of = Book)]`");
        return None;
    };
    let of = of.path(errors)?;
    let this = &input.ident;
    let sources: Vec<Expr> = fields.iter().map(|field| source(&of, field, errors)).collect::<Option<_>>()?;
    let outputs = fields.iter().zip(&sources).map(|(field, source)| {
        let ty = &field.ty;
        quote_spanned!(source.span()=> ::orm::__private::project::<#of, #ty, _>(#source, to);)
    });
    let decoded = fields.iter().zip(&sources).map(|(field, source)| {
        let (ident, ty) = (&field.ident, &field.ty);
        let value = quote_spanned!(source.span()=> ::orm::__private::projected::<#of, #ty, _>(|| #source, row)?);
        quote!(#ident: #value)
    });
    let unused = fields.is_empty().then(|| quote!(let _ = to;));
    let unread = fields.is_empty().then(|| quote!(let _ = row;));
    Some(quote! {
        #[automatically_derived]
        impl ::orm::__private::Projection for #this {
            type Of = #of;
            fn outputs(to: &mut ::std::vec::Vec<::orm::__private::ast::Output>) {
                #unused
                #(#outputs)*
            }
            fn decode(row: &mut ::orm::__private::Row<'_>) -> ::orm::__private::Result<Self> {
                #unread
                ::core::result::Result::Ok(#this { #(#decoded),* })
            }
        }
    })
}

/// What a field is filled from: `#[orm(..)]`, or the column of its name.
fn source(of: &Path, field: &syn::Field, errors: &Errors) -> Option<Expr> {
    let mut said = field.attrs.iter().filter(|a| a.path().is_ident("orm"));
    let source = match said.next() {
        Some(attr) => errors.take(attr.parse_args::<Expr>()),
        None => {
            let ident = field.ident.as_ref()?;
            // All of it stands at the field, so that errors do.
            let of = of.to_token_stream().into_iter().map(|mut token| {
                token.set_span(token.span().located_at(ident.span()));
                token
            });
            errors.take(syn::parse2(quote_spanned!(ident.span()=> #(#of)*.#ident)))
        }
    };
    if let Some(again) = said.next() {
        errors.at(again.span(), "a field is filled from one thing; leave out the second");
    }
    source
}
