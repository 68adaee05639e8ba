//! A checked model as tokens: markers, the constant of its columns, its metadata, and the traits of `orm-core`.
//!
//! Nothing is named through `super::`, so that a model may stand in a function; generics are called `__P` and the
//! like, so that no model's name is hidden. Types keep the spans that the author gave them: what rustc says lands there.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::Type;
use syn::ext::IdentExt;
use syn::spanned::Spanned;

use crate::draft;
use crate::names::snake;
use crate::spec::{Auto, Column, DbDefault, Default, Field, Limit, Model, Named, Relation, Tie};
use crate::types;
use crate::visibility::{inside, narrower};

/// All that is emitted for a model.
pub fn model(model: &Model) -> TokenStream {
    [markers(model), marked(model), columns(model), implementation(model), methods(model), draft::draft(model)]
        .into_iter()
        .collect()
}

/// The hidden module of a model's markers. It must not be called as the model in snake case, which is what most
/// people call the file.
fn module(model: &Model) -> Ident {
    format_ident!("__{}", snake(&model.ident.unraw().to_string()), span = model.ident.span())
}

/// A field's marker.
fn marker(model: &Model, field: &Field) -> TokenStream {
    let (module, ident) = (module(model), &field.ident);
    quote!(#module::#ident)
}

/// One marker a field.
fn markers(model: &Model) -> TokenStream {
    let module = module(model);
    let markers = model.fields.iter().map(|field| {
        let (vis, ident) = (inside(narrower(&field.vis, &model.vis)), &field.ident);
        quote!(#vis struct #ident;)
    });
    quote! {
        #[doc(hidden)]
        #[allow(dead_code, missing_docs, missing_debug_implementations, non_camel_case_types, unreachable_pub)]
        mod #module { #(#markers)* }
    }
}

/// What the markers say of their fields.
fn marked(model: &Model) -> TokenStream {
    let fields = model.columns().map(|(field, column)| {
        let (this, marker, index) = (&model.ident, marker(model, field), column.index);
        let ty = column_type(field, column);
        let class = match &field.relation {
            Some(Relation { target, .. }) => quote!(::orm::__private::Key<#target>),
            None if model.is_key(column) => quote!(::orm::__private::Key<#this>),
            None => {
                let base = &column.base;
                quote!(#base)
            }
        };
        quote! {
            #[automatically_derived]
            impl ::orm::__private::Field for #marker {
                type Owner = #this;
                type Type = #ty;
                type Class = #class;
                const INDEX: usize = #index;
            }
        }
    });
    let relations = model.relations().map(|(field, relation)| {
        let (this, marker, target, index) = (&model.ident, marker(model, field), &relation.target, relation.index);
        let reach = match &relation.tie {
            Tie::Forward { .. } if !field.column.as_ref().is_some_and(|c| c.null) => quote!(One),
            Tie::Forward { .. } | Tie::Reverse { unique: true, .. } => quote!(Maybe),
            Tie::Reverse { unique: false, .. } | Tie::Many { .. } | Tie::ManyReverse { .. } => quote!(Many),
        };
        let side = side(&relation.tie);
        // A relation to many rows is a `Rel`, which leads on by itself.
        let follow = (!relation.is_many()).then(|| {
            quote! {
                #[automatically_derived]
                impl<__P: ::orm::__private::Path<To = #this>> ::orm::__private::Follow<__P> for #marker {
                    type Fields = <#target as ::orm::__private::Model>::Fields<::orm::__private::Via<__P, #marker>>;
                }
            }
        });
        quote! {
            #[automatically_derived]
            #[diagnostic::do_not_recommend]
            impl ::orm::__private::Relation for #marker {
                type Owner = #this;
                type Target = #target;
                type Reach = ::orm::__private::#reach;
                const RELATION: usize = #index;
                const SIDE: ::orm::__private::Side = ::orm::__private::Side::#side;
            }
            #follow
        }
    });
    quote!(#(#fields)* #(#relations)*)
}

/// Which end of a relation it is: a variant of `Side`.
fn side(tie: &Tie) -> TokenStream {
    match tie {
        Tie::Forward { unique: false, .. } => quote!(ForeignKey),
        Tie::Forward { unique: true, .. } => quote!(OneToOne),
        Tie::Reverse { .. } => quote!(Reverse),
        Tie::Many { .. } => quote!(ManyToMany),
        Tie::ManyReverse { .. } => quote!(ManyReverse),
    }
}

/// The type that a column decodes to: of a foreign key that of its target's key.
pub fn column_type(field: &Field, column: &Column) -> TokenStream {
    let base = base_type(field, column);
    if field.relation.is_some() && column.null {
        quote!(::core::option::Option<#base>)
    } else if column.null {
        let ty = &field.ty;
        quote!(#ty)
    } else {
        base
    }
}

/// The same without `Option`.
pub fn base_type(field: &Field, column: &Column) -> TokenStream {
    match &field.relation {
        Some(Relation { target, .. }) => quote!(<#target as ::orm::__private::Model>::Key),
        None => {
            let base = &column.base;
            quote!(#base)
        }
    }
}

/// The struct of the columns, and the constant of it that has the model's name.
fn columns(model: &Model) -> TokenStream {
    let (this, vis, module) = (&model.ident, &model.vis, module(model));
    let name = format_ident!("{}Fields", this.unraw(), span = this.span());
    let handle =
        |field: &Field| if field.relation.as_ref().is_some_and(Relation::is_many) { quote!(Rel) } else { quote!(Col) };
    let fields = model.fields.iter().map(|field| {
        let Field { ident, vis, docs, .. } = field;
        let handle = handle(field);
        quote!(#(#docs)* #vis #ident: ::orm::__private::#handle<__P, #module::#ident>)
    });
    let values = model.fields.iter().map(|field| {
        let (ident, handle) = (&field.ident, handle(field));
        quote!(#ident: ::orm::__private::#handle::NEW)
    });
    let doc = format!("The columns and relations of `{this}`.");
    quote! {
        #[doc(hidden)]
        #[allow(dead_code, missing_docs, missing_debug_implementations)]
        #vis struct #name<__P> { #(#fields),* }
        #[automatically_derived]
        impl<__P> ::core::clone::Clone for #name<__P> {
            fn clone(&self) -> Self {
                *self
            }
        }
        #[automatically_derived]
        impl<__P> ::core::marker::Copy for #name<__P> {}
        #[automatically_derived]
        impl<__P: 'static> ::orm::__private::ConstRef for #name<__P> {
            const REF: &'static Self = &#name { #(#values),* };
        }
        #[doc = #doc]
        #[allow(dead_code, non_upper_case_globals)]
        #vis const #this: #name<::orm::__private::At<#this>> = *::orm::__private::ConstRef::REF;
        #[automatically_derived]
        #[diagnostic::do_not_recommend]
        impl<__P: ::orm::__private::Path<To = #this>> ::orm::__private::Selection<__P::Root> for #name<__P>
        where
            __P::Reach: ::orm::__private::Single + ::orm::__private::SelectRow,
        {
            type Out = <__P::Reach as ::orm::__private::SeeRow>::Row<#this>;
            fn outputs(self, to: &mut ::std::vec::Vec<::orm::__private::ast::Output>) {
                to.push(::orm::__private::ast::Output::Row(__P::HOP));
            }
            fn decode(row: &mut ::orm::__private::Row<'_>) -> ::orm::__private::Result<Self::Out> {
                <__P::Reach as ::orm::__private::SelectRow>::row::<#this>(row)
            }
        }
    }
}

/// `impl Model`, what goes with it, and the registration at link time.
fn implementation(model: &Model) -> TokenStream {
    let this = &model.ident;
    let fields_name = format_ident!("{}Fields", this.unraw(), span = this.span());
    let meta = meta(model);
    let key_columns: Vec<(&Field, &Column)> =
        model.key.iter().filter_map(|i| model.columns().find(|(_, c)| c.index == *i)).collect();
    let key_kind = key_columns.first().map(|(field, column)| kind(field, column));
    let key_types = key_columns.iter().map(|(f, c)| base_type(f, c));
    let key_values = key_columns.iter().map(|(field, _)| {
        let ident = &field.ident;
        let key = if field.relation.is_some() { quote!(self.#ident.key()) } else { quote!(&self.#ident) };
        quote!(::core::clone::Clone::clone(#key))
    });
    let (key_type, key_value) = match key_columns.len() {
        1 => (quote!(#(#key_types)*), quote!(#(#key_values)*)),
        _ => (quote!((#(#key_types),*)), quote!((#(#key_values),*))),
    };
    let decoded = model.fields.iter().map(decoded);
    let cells: Vec<Ident> = model.columns().map(|(_, column)| cell(column)).collect();
    let cells = cells.chunks(8);
    let attached = model.relations().map(|(field, relation)| {
        let (ident, index) = (&field.ident, relation.index);
        let put = if field.column.as_ref().is_some_and(|c| c.null) {
            quote!(if let ::core::option::Option::Some(key) = &mut self.#ident { key.put(loaded) })
        } else {
            quote!(self.#ident.put(loaded))
        };
        quote!(#index => #put,)
    });
    // A model without relations leaves what it is given.
    let attach = if model.relations().next().is_some() {
        quote!(match relation { #(#attached)* _ => {} })
    } else {
        quote!(let _ = (relation, loaded);)
    };
    let values = model.columns().map(|(field, column)| {
        let (index, ident, span) = (column.index, &field.ident, field.ty.span());
        let value = match (&field.relation, column.null) {
            (Some(_), true) => {
                quote_spanned!(span=> &self.#ident.as_ref().map(|to| ::core::clone::Clone::clone(to.key())))
            }
            (Some(_), false) => quote_spanned!(span=> self.#ident.key()),
            (None, _) => quote_spanned!(span=> &self.#ident),
        };
        quote_spanned!(span=> #index => ::orm::__private::SqlType::encode(#value),)
    });
    quote! {
        #[automatically_derived]
        impl ::orm::__private::Model for #this {
            const META: &'static ::orm::__private::ModelMeta = #meta;
            const KEY_KIND: ::orm::__private::Kind = #key_kind;
            type Key = #key_type;
            type Fields<__P: ::orm::__private::Path<To = Self>> = #fields_name<__P>;
            #[allow(clippy::question_mark)]
            fn decode(row: &mut ::orm::__private::Row<'_>) -> ::orm::__private::Result<Self> {
                #(let (#(#cells,)*) = match row.cells() {
                    ::core::result::Result::Ok(cells) => cells,
                    ::core::result::Result::Err(error) => return ::core::result::Result::Err(error),
                };)*
                ::core::result::Result::Ok(#this { #(#decoded),* })
            }
            fn attach(&mut self, relation: usize, loaded: ::orm::__private::Loaded) {
                #attach
            }
            fn value(&self, field: usize) -> ::orm::__private::Value {
                match field { #(#values)* _ => ::orm::__private::Value::Null }
            }
            fn key(&self) -> Self::Key {
                #key_value
            }
        }
        #[automatically_derived]
        impl ::orm::__private::BaseOf for #this {
            type Base = Self;
        }
        ::orm::__private::inventory::submit! {
            ::orm::__private::Registered {
                meta: <#this as ::orm::__private::Model>::META,
                to_json: |row| {
                    #[allow(unused_imports)]
                    use ::orm::__private::model::probe::{Flat as _, Nested as _};
                    (&::orm::__private::model::probe::Probe::<#this>::NEW).to_json(row)
                },
            }
        }
    }
}

/// The name that a column's value has while a row is decoded.
fn cell(column: &Column) -> Ident {
    format_ident!("__cell{}", column.index)
}

/// A field read from a row, in a struct literal.
fn decoded(field: &Field) -> TokenStream {
    let (ident, span) = (&field.ident, field.ty.span());
    let value = match &field.column {
        None => quote!(::core::default::Default::default()),
        Some(column) if field.relation.is_none() => cell(column).into_token_stream(),
        Some(column) => {
            let (base, get) = (&column.base, cell(column));
            if column.null {
                quote_spanned!(span=> ::core::option::Option::map(#get, <#base>::new))
            } else {
                quote_spanned!(span=> <#base>::new(#get))
            }
        }
    };
    quote!(#ident: #value)
}

/// The model as data. What leads to another model is a function of its own, never a generic one and never a closure
/// (which is called through one): the compiler would count a ring of models as nested instantiations of it.
fn meta(model: &Model) -> TokenStream {
    let Model { ident: this, table, managed, doc, key, .. } = model;
    let name = this.unraw().to_string();
    let fields: Vec<_> = model.columns().map(|(field, column)| field_meta(model, field, column)).collect();
    let relations: Vec<_> = model.relations().map(|(field, relation)| relation_meta(model, field, relation)).collect();
    let (field_count, relation_count) = (fields.len(), relations.len());
    let at = |named: &Named| model.column(&named.name);
    let ordering = model.ordering.iter().filter_map(|named| {
        let (field, descending) = (at(named)?, named.descending);
        Some(quote!(::orm::__private::OrderMeta { field: #field, descending: #descending }))
    });
    let indexes = model.indexes.iter().map(|index| {
        let name = option(index.name.as_ref().map(|name| quote!(#name)));
        let unique = index.unique;
        let fields = index.fields.iter().filter_map(|named| {
            let (field, descending) = (at(named)?, named.descending);
            Some(quote!((#field, #descending)))
        });
        quote!(::orm::__private::IndexMeta { name: #name, fields: &[#(#fields),*], unique: #unique })
    });
    let this_fn = model.relations().next().map(|_| {
        quote! {
            fn __this() -> &'static ::orm::__private::ModelMeta {
                <#this as ::orm::__private::Model>::META
            }
        }
    });
    quote! {{
        #this_fn
        // Fields and relations are told apart by where they lie, and only what is a static itself lies in one place:
        // the compiler may write a slice inside of one out again wherever a constant points into it.
        static __FIELDS: [::orm::__private::FieldMeta; #field_count] = [#(#fields),*];
        static __RELATIONS: [::orm::__private::RelationMeta; #relation_count] = [#(#relations),*];
        static __META: ::orm::__private::ModelMeta = ::orm::__private::ModelMeta {
            name: #name,
            module: ::core::module_path!(),
            table: #table,
            managed: #managed,
            doc: #doc,
            fields: &__FIELDS,
            relations: &__RELATIONS,
            primary_key: &[#(#key),*],
            ordering: &[#(#ordering),*],
            indexes: &[#(#indexes),*],
            ops: ::orm::__private::model::ops::of::<#this>(),
        };
        &__META
    }}
}

fn option(value: Option<TokenStream>) -> TokenStream {
    match value {
        Some(value) => quote!(::core::option::Option::Some(#value)),
        None => quote!(::core::option::Option::None),
    }
}

/// What a column holds.
fn kind(field: &Field, column: &Column) -> TokenStream {
    if let Some(Relation { target, .. }) = &field.relation {
        return quote!(<#target as ::orm::__private::Model>::KEY_KIND);
    }
    let (base, span) = (&column.base, column.base.span());
    let of_type = quote_spanned!(span=> <#base as ::orm::__private::SqlType>::KIND);
    match column.limit {
        None => of_type,
        Some(Limit::Text(max)) => quote_spanned!(span=> ::orm::__private::meta::limited(#of_type, #max)),
        Some(Limit::Decimal(digits, places)) => {
            quote_spanned!(span=> ::orm::__private::meta::exact(#of_type, #digits, #places))
        }
    }
}

fn field_meta(model: &Model, field: &Field, column: &Column) -> TokenStream {
    let (name, column_name, doc, span) = (&field.name, &column.name, &field.doc, field.ty.span());
    let start = match &field.relation {
        Some(relation) => {
            let (kind, null, index) = (kind(field, column), column.null, relation.index);
            quote!(::orm::__private::FieldMeta::forward(#name, #column_name, #kind, #null, #index))
        }
        None => {
            let ty = &field.ty;
            quote_spanned!(span=> ::orm::__private::FieldMeta::of::<#ty>(#name, #column_name))
        }
    };
    let mut changes = Vec::new();
    if column.limit.is_some() {
        let kind = kind(field, column);
        changes.push(quote!(kind: #kind));
    }
    let forward_unique = field.relation.as_ref().is_some_and(|r| matches!(r.tie, Tie::Forward { unique: true, .. }));
    if column.unique || forward_unique {
        changes.push(quote!(unique: true));
    }
    if column.index_own != field.relation.is_some() {
        let index = column.index_own;
        changes.push(quote!(index: #index));
    }
    if let Some(auto) = auto(column.auto) {
        changes.push(quote!(auto: ::orm::__private::Auto::#auto));
    }
    if let Some(default) = default(field, column) {
        changes.push(quote!(default: ::core::option::Option::Some(#default)));
    }
    if let Some(value) = &column.db_default {
        let value = db_default(value);
        changes.push(quote!(db_default: ::core::option::Option::Some(::orm::__private::DbDefault::#value)));
    }
    if !doc.is_empty() {
        changes.push(quote!(doc: #doc));
    }
    if !model.managed {
        changes.push(quote!(storage: ::orm::__private::Storage::Native));
    }
    if changes.is_empty() {
        return start;
    }
    quote!(::orm::__private::FieldMeta { #(#changes,)* ..#start })
}

fn auto(auto: Auto) -> Option<TokenStream> {
    match auto {
        Auto::No => None,
        Auto::Increment => Some(quote!(Increment)),
        Auto::NowAdd => Some(quote!(NowAdd)),
        Auto::Now => Some(quote!(Now)),
        Auto::Uuid => Some(quote!(Uuid)),
    }
}

/// A function that makes a column's default. It takes what a draft's field takes, so `default = "x"` needs no `.into()`.
fn default(field: &Field, column: &Column) -> Option<TokenStream> {
    let base = base_type(field, column);
    let value = match column.default.as_ref()? {
        Default::OfType => quote!(<#base as ::core::default::Default>::default()),
        Default::Expr(expr) => quote!(#expr),
    };
    Some(quote!(|| ::orm::__private::ValueFor::<#base>::value(#value)))
}

fn db_default(value: &DbDefault) -> TokenStream {
    match value {
        DbDefault::Bool(v) => quote!(Bool(#v)),
        DbDefault::Int(v) => quote!(Int(#v)),
        DbDefault::Float(v) => quote!(Float(#v)),
        DbDefault::Text(v) => quote!(Text(#v)),
        DbDefault::Now => quote!(Now),
    }
}

fn relation_meta(model: &Model, field: &Field, relation: &Relation) -> TokenStream {
    let (name, target, index) = (&field.name, &relation.target, relation.index);
    let kind = match &relation.tie {
        Tie::Forward { unique, on_delete, constraint } => {
            let column = field.column.as_ref().map_or(0, |c| c.index);
            quote! {
                Forward {
                    field: #column,
                    unique: #unique,
                    on_delete: ::orm::__private::OnDelete::#on_delete,
                    constraint: #constraint,
                }
            }
        }
        Tie::Reverse { unique, via } => {
            let side = if *unique { quote!(OneToOne) } else { quote!(ForeignKey) };
            let of = other_side(model, target, via, &side);
            quote!(Reverse { of: #of, unique: #unique })
        }
        Tie::Many { table, from, to } => {
            let managed = model.managed;
            quote!(Many { table: #table, from: #from, to: #to, managed: #managed })
        }
        Tie::ManyReverse { via } => {
            let of = other_side(model, target, via, &quote!(ManyToMany));
            quote!(ManyReverse { of: #of })
        }
    };
    quote! {
        ::orm::__private::RelationMeta {
            name: #name,
            owner: __this,
            target: {
                fn __target() -> &'static ::orm::__private::ModelMeta {
                    <#target as ::orm::__private::Model>::META
                }
                __target
            },
            kind: ::orm::__private::RelationKind::#kind,
            index: #index,
        }
    }
}

/// The relation of which this is the other side. The compiler looks the field up and checks that it fits, in a constant
/// of its own: the function must name no generic one, and the static must not need the other model's.
fn other_side(model: &Model, target: &Type, via: &Ident, side: &TokenStream) -> TokenStream {
    let this = &model.ident;
    let index = quote_spanned!(via.span()=>
        const __OF: usize = ::orm::__private::reverse::<#this, _>(&#target.#via, ::orm::__private::Side::#side);
    );
    quote!({
        #index
        fn __of() -> &'static ::orm::__private::RelationMeta {
            &<#target as ::orm::__private::Model>::META.relations[__OF]
        }
        __of
    })
}

/// `Book::objects()`, `Book::create(..)`, and `book.tags()` for each relation to many rows.
fn methods(model: &Model) -> TokenStream {
    let (this, vis) = (&model.ident, &model.vis);
    let managers = model.relations().filter(|(_, r)| r.is_many()).map(|(field, relation)| {
        let (ident, marker, vis) = (&field.ident, marker(model, field), narrower(&field.vis, &model.vis));
        let target = types::name(&relation.target).unwrap_or_default();
        let doc = format!("The rows of `{target}` that belong to this row.");
        quote! {
            #[doc = #doc]
            #vis fn #ident(&self) -> ::orm::__private::RelatedManager<#this, #marker> {
                ::orm::__private::RelatedManager::new(self)
            }
        }
    });
    let (all, new) = (
        format!("All rows of `{this}`, to be narrowed, ordered and loaded."),
        format!("A new row of `{this}`, to be saved."),
    );
    quote! {
        #[automatically_derived]
        #[allow(dead_code)]
        impl #this {
            #[doc = #all]
            #vis fn objects() -> ::orm::__private::QuerySet<#this> {
                ::orm::__private::QuerySet::new()
            }
            #[doc = #new]
            #vis fn create<__D: ::orm::__private::Draftable<#this>>(new: __D) -> ::orm::__private::Draft<#this, __D> {
                ::orm::__private::draft(new)
            }
            #(#managers)*
        }
    }
}
