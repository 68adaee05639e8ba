//! `NewBook`: a struct of the fields that a new row must be given, generic over what is given for each.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};
use syn::ext::IdentExt;
use syn::{Path, Type};

use crate::emit::base_type;
use crate::spec::{Column, Field, Model, Relation};
use crate::types;

/// The struct, and that it is a draft.
pub fn draft(model: &Model) -> TokenStream {
    let required: Vec<(&Field, &Column)> = model.columns().filter(|(_, column)| column.is_required()).collect();
    let (this, vis) = (&model.ident, &model.vis);
    let name = format_ident!("New{}", this.unraw(), span = this.span());
    let given: Vec<Ident> = required.iter().map(|(field, _)| parameter(model, field)).collect();
    let parameters = required.iter().zip(&given).map(|((field, column), given)| {
        let base = base_type(field, column);
        quote!(#given = #base)
    });
    let fields = required.iter().zip(&given).map(|((field, _), given)| {
        let Field { ident, docs, vis, .. } = field;
        quote!(#(#docs)* #vis #ident: #given)
    });
    let bounds = required.iter().zip(&given).map(|((field, column), given)| match &field.relation {
        Some(Relation { target, .. }) => quote!(#given: ::orm::__private::Link<#target, __W>),
        None => {
            let base = &column.base;
            quote!(#given: ::orm::__private::ValueFor<#base>)
        }
    });
    // The links' bounds depend on where the draft will stand, so `.draft()` leaves them out.
    let values = required.iter().zip(&given).map(|((field, column), given)| match &field.relation {
        Some(_) => quote!(#given),
        None => {
            let base = &column.base;
            quote!(#given: ::orm::__private::ValueFor<#base>)
        }
    });
    let gives = required.iter().map(|(field, column)| {
        let (ident, index) = (&field.ident, column.index);
        match &field.relation {
            Some(Relation { target, .. }) => {
                quote!(to.give(#index, ::orm::__private::Link::<#target, __W>::link(self.#ident));)
            }
            None => {
                let base = &column.base;
                quote! {
                    to.give(
                        #index,
                        ::orm::__private::Given::Value(::orm::__private::ValueFor::<#base>::value(self.#ident)),
                    );
                }
            }
        }
    });
    let derives = derives(&model.derives);
    let doc = format!("What a new row of `{this}` must be given; the rest goes into `.with(..)`.");
    // Without required fields there is nothing to write.
    let unused = required.is_empty().then(|| quote!(let _ = to;));
    let draft = "The row to be saved.";
    quote! {
        #[doc = #doc]
        #derives
        #[allow(dead_code, missing_docs, missing_debug_implementations, non_camel_case_types, private_interfaces)]
        #vis struct #name<#(#parameters),*> { #(#fields),* }
        #[automatically_derived]
        #[allow(non_camel_case_types)]
        impl<__W, #(#bounds),*> ::orm::__private::Draftable<#this, __W> for #name<#(#given),*> {
            fn give(self, to: &mut ::orm::__private::NewRow) {
                #unused
                #(#gives)*
            }
        }
        #[automatically_derived]
        #[allow(dead_code, non_camel_case_types)]
        impl<#(#values),*> #name<#(#given),*> {
            #[doc = #draft]
            #vis fn draft(self) -> ::orm::__private::Draft<#this, Self> {
                ::orm::__private::draft(self)
            }
        }
    }
}

/// The type parameter of a field: its name, unless that would hide a name that a field's type begins with, as in
/// `status: status::Status`. Its span is the macro's, which keeps lints about case away from it.
fn parameter(model: &Model, field: &Field) -> Ident {
    let hides = |ty: &Type| types::mentions(ty, &field.name);
    if model.fields.iter().any(|f| hides(&f.ty)) {
        return format_ident!("{}_", field.ident, span = Span::call_site());
    }
    let mut name = field.ident.clone();
    name.set_span(Span::call_site());
    name
}

/// The derives that the model asks for. serde's are the library's own, so that no crate has to be added for them.
fn derives(paths: &[Path]) -> TokenStream {
    if paths.is_empty() {
        return TokenStream::new();
    }
    let serde = |path: &Path| path.is_ident("Serialize") || path.is_ident("Deserialize");
    let resolved =
        paths.iter().map(|path| if serde(path) { quote!(::orm::__private::serde::#path) } else { quote!(#path) });
    let where_serde_is = paths.iter().any(serde).then(|| quote!(#[serde(crate = "::orm::__private::serde")]));
    quote!(#[derive(#(#resolved),*)] #where_serde_is)
}
