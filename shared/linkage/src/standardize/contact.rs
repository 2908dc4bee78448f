//! Phone numbers, e-mail addresses and British postcodes.

use crate::values::Values;

/// The parts of a phone number.
pub(super) const PHONE_PARTS: [&str; 3] = ["area", "local", "extension"];
/// The parts of an e-mail address.
pub(super) const EMAIL_PARTS: [&str; 2] = ["local", "domain"];
/// The parts of a postcode.
pub(super) const POSTCODE_PARTS: [&str; 2] = ["outward", "area"];

/// Adds a US phone number: its ten digits, area code, seven local digits and extension. The
/// country code 1 is dropped; a number of seven digits only has its local part; anything else is
/// null. Source: North American Numbering Plan, where no area code begins with 0 or 1.
pub(super) fn phone(raw: &str, values: &mut Values) {
    let (main, extension) = match raw.find(['x', 'X', '#']).or_else(|| raw.find(['e', 'E'])) {
        Some(at) => raw.split_at(at),
        None => (raw, ""),
    };
    let start = values.place();
    append_digits(main, values);
    let digits = values.since(start).as_bytes();
    let country = usize::from(digits.len() == 11 && digits[0] == b'1');
    let (from, end) = (start + country, values.place());
    let area = digits.get(country).is_some_and(|first| *first > b'1');
    values.seal();
    match end - from {
        10 if area => values.push_places([(from, end), (from, from + 3), (from + 3, end)]),
        7 => values.push_places([(end, end), (end, end), (from, end)]),
        _ => {
            values.push_nulls(4);
            return;
        }
    };
    append_digits(extension, values);
    values.finish();
}

fn append_digits(raw: &str, values: &mut Values) {
    raw.split(|letter: char| !letter.is_ascii_digit()).for_each(|digits| values.append(digits));
}

/// Adds an e-mail address in lower case with its local part and domain; null without both. In
/// `Jane <jane@example.com>` the address is the word with `@`.
pub(super) fn email(raw: &str, values: &mut Values) {
    let word = raw.split([' ', '<', '>', '\t', ',', ';', '(', ')', '"']).find(|word| word.contains('@'));
    let parts = word.and_then(|word| word.trim_matches(['.', ':', '\'']).split_once('@'));
    let Some((local, domain)) =
        parts.filter(|(local, domain)| !local.is_empty() && !domain.is_empty() && !domain.contains('@'))
    else {
        return values.push_nulls(3);
    };
    let start = values.place();
    append_lower(local, values);
    let at = values.place();
    values.append("@");
    append_lower(domain, values);
    let end = values.place();
    values.seal();
    values.push_places([(start, end), (start, at), (at + 1, end)]);
}

fn append_lower(text: &str, values: &mut Values) {
    text.chars().flat_map(char::to_lowercase).for_each(|letter| values.append(letter.encode_utf8(&mut [0; 4])));
}

/// Adds a British postcode with one space, its outward code and its area: `SW1A 1AA`, `SW1A`,
/// `SW`. An outward code alone gives the parts it has; what has neither form is null. Source:
/// Royal Mail, Programmer's Guide to the Postcode Address File.
pub(super) fn postcode_gb(raw: &str, values: &mut Values) {
    let mut code = [0_u8; 8];
    let letters = raw.bytes().filter(u8::is_ascii_alphanumeric);
    let count = code.iter_mut().zip(letters).map(|(room, letter)| *room = letter.to_ascii_uppercase()).count();
    let code = &code[..count];
    let (outward, inward) = code.split_at(count.saturating_sub(3));
    let whole = is_inward(inward) && is_outward(outward);
    // Of a cut postcode, `TA4 2`, the outward code is the word before the space.
    let word = raw.split_whitespace().next().unwrap_or_default().len();
    let outward = if whole { outward } else { code.get(..word).unwrap_or_default() };
    if !is_outward(outward) {
        return values.push_nulls(3);
    }
    let start = values.place();
    values.append(std::str::from_utf8(outward).unwrap_or_default());
    let end = values.place();
    if whole {
        values.append(" ");
        values.append(std::str::from_utf8(inward).unwrap_or_default());
    }
    let area = outward.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
    let full = if whole { values.place() } else { start };
    values.seal();
    values.push_places([(start, full), (start, end), (start, start + area)]);
}

/// `1AA`.
fn is_inward(code: &[u8]) -> bool {
    matches!(code, [digit, first, second] if digit.is_ascii_digit() && first.is_ascii_alphabetic() && second.is_ascii_alphabetic())
}

/// `A9`, `A99`, `AA9`, `AA99`, `A9A` or `AA9A`.
fn is_outward(code: &[u8]) -> bool {
    let area = code.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
    let district = &code[area.min(code.len())..];
    let numbered = match district {
        [one] => one.is_ascii_digit(),
        [one, two] => one.is_ascii_digit() && two.is_ascii_alphanumeric(),
        _ => false,
    };
    (1..=2).contains(&area) && numbered
}
