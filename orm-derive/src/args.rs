//! What stands in `#[orm(..)]`: names, with values or lists. Knows nothing of what they mean.

use proc_macro2::{Span, TokenStream};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{Attribute, Expr, ExprLit, Ident, Lit, Path, Token};

use crate::errors::Errors;
use crate::names::{hint, list};

/// One `name`, `name = value` or `name(..)`.
pub struct Arg {
    /// The name, without `r#`.
    pub name: String,
    /// Where it stands.
    pub span: Span,
    given: Given,
}

enum Given {
    Nothing,
    Value(Expr),
    List(TokenStream),
}

impl Parse for Arg {
    fn parse(input: ParseStream) -> syn::Result<Self> {
        let name = Ident::parse_any(input)?;
        let given = if input.peek(Token![=]) {
            input.parse::<Token![=]>()?;
            Given::Value(plain(input.parse()?))
        } else if input.peek(syn::token::Paren) {
            let content;
            syn::parenthesized!(content in input);
            Given::List(content.parse()?)
        } else {
            Given::Nothing
        };
        Ok(Arg { name: name.unraw().to_string(), span: name.span(), given })
    }
}

/// What a `macro_rules!` hands on (`table = $table`) comes in a group that nobody sees.
fn plain(expr: Expr) -> Expr {
    match expr {
        Expr::Group(group) => plain(*group.expr),
        expr => expr,
    }
}

impl Arg {
    /// `name`, `name = true` or `name = false`.
    pub fn flag(&self, errors: &Errors) -> bool {
        match &self.given {
            Given::Nothing => true,
            Given::Value(Expr::Lit(ExprLit { lit: Lit::Bool(b), .. })) => b.value,
            _ => {
                errors.at(self.span, format!("write `{0}` or `{0} = false`", self.name));
                true
            }
        }
    }

    /// `name = "text"`
    pub fn text(&self, errors: &Errors) -> Option<(String, Span)> {
        match &self.given {
            Given::Value(Expr::Lit(ExprLit { lit: Lit::Str(s), .. })) if !s.value().is_empty() => {
                Some((s.value(), s.span()))
            }
            _ => {
                errors.at(self.span, format!("write `{} = \"..\"`", self.name));
                None
            }
        }
    }

    /// `name = 3`
    pub fn number<T: std::str::FromStr<Err: std::fmt::Display>>(&self, errors: &Errors) -> Option<T> {
        match &self.given {
            Given::Value(Expr::Lit(ExprLit { lit: Lit::Int(n), .. })) => errors.take(n.base10_parse()),
            _ => {
                errors.at(self.span, format!("write a number: `{} = 3`", self.name));
                None
            }
        }
    }

    /// `name = word`
    pub fn word(&self, errors: &Errors) -> Option<Ident> {
        if let Given::Value(Expr::Path(path)) = &self.given
            && let Some(word) = path.path.get_ident()
        {
            return Some(word.clone());
        }
        errors.at(self.span, format!("write a name without quotes: `{} = name`", self.name));
        None
    }

    /// `name = path::to::Model`
    pub fn path(&self, errors: &Errors) -> Option<Path> {
        match &self.given {
            Given::Value(Expr::Path(path)) => Some(path.path.clone()),
            _ => {
                errors.at(self.span, format!("write a name without quotes: `{} = Name`", self.name));
                None
            }
        }
    }

    /// `name` or `name = expression`
    pub fn expr(&self, errors: &Errors) -> Option<Expr> {
        match &self.given {
            Given::Nothing => None,
            Given::Value(expr) => Some(expr.clone()),
            Given::List(_) => {
                errors.at(self.span, format!("write `{} = ..`", self.name));
                None
            }
        }
    }

    /// `name(a = .., b = ..)`
    pub fn nested(&self, errors: &Errors) -> Option<Args> {
        match &self.given {
            Given::List(tokens) => errors.take(Args::parse.parse2(tokens.clone())),
            _ => {
                errors.at(self.span, format!("write `{}(fields = \"a, b\")`", self.name));
                None
            }
        }
    }

    /// `name(A, b::C)`
    pub fn paths(&self, errors: &Errors) -> Vec<Path> {
        let paths = match &self.given {
            Given::List(tokens) => errors.take(Punctuated::<Path, Token![,]>::parse_terminated.parse2(tokens.clone())),
            _ => {
                errors.at(self.span, format!("write `{}(Debug, Clone)`", self.name));
                None
            }
        };
        paths.into_iter().flatten().collect()
    }
}

/// The arguments of all `#[orm(..)]` at one place.
#[derive(Default)]
pub struct Args(Vec<Arg>);

impl Args {
    /// Reads the attributes.
    pub fn read(attrs: &[Attribute], errors: &Errors) -> Args {
        let orm = attrs.iter().filter(|a| a.path().is_ident("orm"));
        Args(orm.filter_map(|a| errors.take(a.parse_args_with(Args::parse))).flat_map(|args| args.0).collect())
    }

    fn parse(input: ParseStream) -> syn::Result<Args> {
        Ok(Args(Punctuated::<Arg, Token![,]>::parse_terminated(input)?.into_iter().collect()))
    }

    /// Drops what is not allowed here, or is said twice.
    pub fn allow(&mut self, allowed: &Allowed, errors: &Errors) {
        let mut seen: Vec<String> = Vec::new();
        self.0.retain(|arg| {
            let name = arg.name.as_str();
            let takes = || match allowed.names {
                [] => "takes none".to_owned(),
                names => format!("takes {}", list(names.iter().copied())),
            };
            if !allowed.names.contains(&name) {
                let words = if allowed.elsewhere.contains(&name) {
                    format!("`{name}` is not for {}, which {}", allowed.what, takes())
                } else {
                    let hint = hint(name, allowed.names.iter().copied());
                    format!("there is no attribute `{name}`{hint}{}{} {}", sep(&hint), allowed.what, takes())
                };
                errors.at(arg.span, words);
                return false;
            }
            if seen.iter().any(|s| s == name) && !allowed.repeated.contains(&name) {
                errors.at(arg.span, format!("`{name}` is said twice"));
                return false;
            }
            seen.push(name.to_owned());
            true
        });
    }

    /// Takes the argument of a name.
    pub fn take(&mut self, name: &str) -> Option<Arg> {
        let at = self.0.iter().position(|a| a.name == name)?;
        Some(self.0.remove(at))
    }

    /// Takes every argument of a name.
    pub fn take_all(&mut self, name: &str) -> Vec<Arg> {
        std::iter::from_fn(|| self.take(name)).collect()
    }

    /// Takes a flag; unset without one.
    pub fn flag(&mut self, name: &str, errors: &Errors) -> Option<(bool, Span)> {
        self.take(name).map(|arg| (arg.flag(errors), arg.span))
    }

    /// Takes a text.
    pub fn text(&mut self, name: &str, errors: &Errors) -> Option<(String, Span)> {
        self.take(name)?.text(errors)
    }
}

fn sep(hint: &str) -> &'static str {
    if hint.is_empty() { "; " } else { " " }
}

/// What may stand at one place.
pub struct Allowed {
    /// What the place is.
    pub what: &'static str,
    /// The names.
    pub names: &'static [&'static str],
    /// Those that may come again.
    pub repeated: &'static [&'static str],
    /// Names that exist, but not here.
    pub elsewhere: &'static [&'static str],
}

#[cfg(test)]
mod tests {
    use super::*;
    use proc_macro2::{Delimiter, Group, TokenTree};
    use quote::quote;

    #[test]
    fn a_value_may_come_out_of_a_macro() {
        let literal = TokenTree::Group(Group::new(Delimiter::None, quote!("books")));
        let arg: Arg = syn::parse2(quote!(table = #literal)).unwrap();
        assert_eq!(arg.text(&Errors::default()).unwrap().0, "books");
    }
}
