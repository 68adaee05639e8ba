//! Who may see what is emitted: a marker is as visible as its field, and no more than the struct, or the compiler
//! refuses its associated types (E0446).

use proc_macro2::TokenStream;
use quote::quote;
use syn::Visibility;

/// The narrower of two, both seen from the same module.
pub fn narrower<'a>(a: &'a Visibility, b: &'a Visibility) -> &'a Visibility {
    if reach(a) <= reach(b) { a } else { b }
}

/// How far it reaches, as a number for comparing. A path from the crate is taken to reach further than one through
/// `super`, which it does unless modules nest deeper than anybody's.
fn reach(visibility: &Visibility) -> usize {
    const CRATE: usize = 1000;
    match visibility {
        Visibility::Inherited => 0,
        Visibility::Public(_) => usize::MAX,
        Visibility::Restricted(restricted) => {
            let segments = &restricted.path.segments;
            match segments.first() {
                Some(first) if first.ident == "crate" => CRATE - segments.len().min(CRATE / 2),
                _ => segments.iter().filter(|s| s.ident == "super").count(),
            }
        }
    }
}

/// The same, written one module further in.
pub fn inside(visibility: &Visibility) -> TokenStream {
    match visibility {
        Visibility::Public(_) => quote!(pub),
        Visibility::Inherited => quote!(pub(super)),
        Visibility::Restricted(restricted) => {
            let segments = &restricted.path.segments;
            match segments.first() {
                Some(first) if first.ident == "crate" => quote!(#visibility),
                _ => {
                    let supers = segments.iter().filter(|s| s.ident == "super").map(|_| quote!(::super));
                    quote!(pub(in super #(#supers)*))
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(field: &str, of: &str, expected: &str) {
        let (field, of): (Visibility, Visibility) = (syn::parse_str(field).unwrap(), syn::parse_str(of).unwrap());
        assert_eq!(inside(narrower(&field, &of)).to_string().replace(' ', ""), expected);
    }

    #[test]
    fn a_marker_is_as_visible_as_field_and_struct() {
        check("pub", "pub", "pub");
        check("pub", "", "pub(super)");
        check("", "pub", "pub(super)");
        check("pub", "pub(crate)", "pub(crate)");
        check("pub(super)", "pub(crate)", "pub(insuper::super)");
        check("pub(self)", "pub", "pub(insuper)");
        check("pub(in crate::shop)", "pub(crate)", "pub(incrate::shop)");
    }
}
