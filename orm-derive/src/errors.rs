//! The mistakes found in one derive: all are collected, so that one build shows them all.

use std::cell::RefCell;

use proc_macro2::{Span, TokenStream};

/// Mistakes, each at its span.
#[derive(Default)]
pub struct Errors(RefCell<Option<syn::Error>>);

impl Errors {
    /// Adds a mistake.
    pub fn at(&self, span: Span, words: impl std::fmt::Display) {
        self.push(syn::Error::new(span, words));
    }

    /// Adds what the parser said.
    pub fn push(&self, error: syn::Error) {
        match &mut *self.0.borrow_mut() {
            Some(all) => all.combine(error),
            none => *none = Some(error),
        }
    }

    /// What was found, or nothing; a result becomes its value.
    pub fn take<T>(&self, result: syn::Result<T>) -> Option<T> {
        result.map_err(|error| self.push(error)).ok()
    }

    /// The mistakes as `compile_error!`s.
    pub fn into_tokens(self) -> TokenStream {
        self.0.into_inner().map(|e| e.into_compile_error()).unwrap_or_default()
    }

    /// The mistakes' words, for tests.
    #[cfg(test)]
    pub fn words(self) -> Vec<String> {
        self.0.into_inner().into_iter().flatten().map(|e| e.to_string()).collect()
    }
}

/// Runs a derive. What could be made of the input is emitted beside the mistakes, so that these are not followed by a
/// hundred "not found" of the compiler.
pub fn finish(derive: impl FnOnce(&Errors) -> Option<TokenStream>) -> proc_macro::TokenStream {
    let errors = Errors::default();
    let mut tokens = derive(&errors).unwrap_or_default();
    tokens.extend(errors.into_tokens());
    tokens.into()
}
