//! Addresses: parameters put in and taken out, values encoded so that every provider reads them.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use url::Url;

/// What stays as it is in a query; a blank becomes `%20`, which all read, not `+`.
const ENCODED: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'$').remove(b':').remove(b',');

/// A value as part of a query.
pub(crate) fn encoded(text: &str) -> String {
    utf8_percent_encode(text, ENCODED).to_string()
}

/// An address with parameters in place of those of the same names.
pub(crate) fn with_parameters(mut url: Url, parameters: &[(String, String)]) -> Url {
    for (name, _) in parameters {
        url = without_parameter(url, name);
    }
    let added = parameters.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value)));
    let query: Vec<String> = url.query().map(str::to_owned).into_iter().chain(added).collect();
    if !query.is_empty() {
        url.set_query(Some(&query.join("&")));
    }
    url
}

/// An address without a parameter; the others stay as they were written.
pub(crate) fn without_parameter(mut url: Url, name: &str) -> Url {
    let is_named = |part: &&str| {
        let found = part.split('=').next().unwrap_or_default().replace('+', " ");
        percent_decode_str(&found).decode_utf8_lossy() == name
    };
    let Some(query) = url.query() else { return url };
    let kept: Vec<&str> = query.split('&').filter(|part| !is_named(part)).collect();
    let kept = kept.join("&");
    url.set_query(Some(kept.as_str()).filter(|query| !query.is_empty()));
    url
}

/// Whether two addresses are of one host, port and scheme.
pub(crate) fn same_host(one: &Url, other: &Url) -> bool {
    one.origin() == other.origin()
}

/// The address that a `Link` header calls the next one.
pub(crate) fn next_link(header: &str) -> Option<&str> {
    header.split('<').skip(1).find_map(|link| {
        let (address, parameters) = link.split_once('>')?;
        let is_next = |parameter: &str| {
            let (name, value) = parameter.split_once('=').unwrap_or_default();
            let value = value.trim().trim_end_matches(',').trim().trim_matches('"');
            name.trim().eq_ignore_ascii_case("rel") && value.split(' ').any(|rel| rel.eq_ignore_ascii_case("next"))
        };
        parameters.split(';').any(is_next).then_some(address)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn parameters_replace_those_of_their_names_and_are_encoded() {
        let parameters = [("$filter".to_owned(), "a ge 1+1".to_owned()), ("k".to_owned(), "ü&=".to_owned())];
        let found = with_parameters(url("https://h/p?k=1&x=%20y&$filter=old"), &parameters);
        assert_eq!(found.as_str(), "https://h/p?x=%20y&$filter=a%20ge%201%2B1&k=%C3%BC%26%3D");
        assert_eq!(without_parameter(url("https://h/p?%6Bey=1"), "key").as_str(), "https://h/p");
    }

    #[test]
    fn the_next_link_is_found_among_others() {
        let header = r#"<https://h/p?a=1,2>; rel="prev", </p?page=3>; title="x"; rel="next last", <x>; rel=first"#;
        assert_eq!(next_link(header), Some("/p?page=3"));
        assert_eq!(next_link("<x>; rel=next, <y>; rel=last"), Some("x"));
        assert_eq!(next_link("<x>; rel=\"last\""), None);
        assert_eq!(next_link(""), None);
    }
}
