//! Plain text, digits, numbers, ZIP codes and parcel numbers.

use super::fold;
use crate::values::Values;

/// Adds upper case words of letters and digits, parted by single spaces; apostrophes join words
/// and letters lose their accents.
pub(super) fn text(raw: &str, values: &mut Values) {
    let mut upper = values.take_scratch();
    upper.clear();
    fold::upper(raw, &mut upper);
    if upper.contains('\'') {
        upper.retain(|letter| letter != '\'');
    }
    let start = values.place();
    for word in upper.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty()) {
        values.append(if values.place() > start { " " } else { "" });
        values.append(word);
    }
    values.finish();
    values.return_scratch(upper);
}

/// Adds the ASCII digits, in order.
pub(super) fn digits(raw: &str, values: &mut Values) {
    for run in raw.split(|letter: char| !letter.is_ascii_digit()) {
        values.append(run);
    }
    values.finish();
}

/// Adds the five-digit part of a ZIP or ZIP+4. Three or four digits lost their leading zeros in
/// a spreadsheet and get them back; anything else is null.
pub(super) fn zip5(raw: &str, values: &mut Values) {
    let raw = raw.trim();
    let digits = raw.bytes().take_while(u8::is_ascii_digit).count();
    if let 3 | 4 = digits {
        values.append(&"00"[..5 - digits]);
    }
    if let 3 | 4 | 5 | 9 = digits {
        values.append(&raw[..digits.min(5)]);
    }
    values.finish();
}

/// Adds a number in its shortest form: `$1,250.00` is `1250`. Text that holds none is null.
pub(super) fn number(raw: &str, values: &mut Values) {
    match short_decimal(raw) {
        Some(decimal) => append_decimal(decimal, values),
        None => append_number(raw, values),
    }
    values.finish();
}

/// Appends the number among other signs.
fn append_number(raw: &str, values: &mut Values) {
    let mut kept = values.take_scratch();
    kept.clear();
    kept.extend(raw.chars().filter(|letter| letter.is_ascii_digit() || matches!(letter, '.' | '-')));
    if let Some(decimal) = short_decimal(&kept) {
        append_decimal(decimal, values);
    } else if let Some(value) = kept.parse().ok().filter(|value: &f64| value.is_finite()) {
        // Adding zero turns -0 into 0.
        values.append_display(value + 0.0);
    }
    values.return_scratch(kept);
}

fn append_decimal((sign, whole, fraction): (&str, &str, &str), values: &mut Values) {
    values.append(sign);
    values.append(if whole.is_empty() { "0" } else { whole });
    if !fraction.is_empty() {
        values.append(".");
        values.append(fraction);
    }
}

/// Sign, digits before and behind the point without needless zeros, where the digits are so few
/// that a `f64` would hold and print them just so.
fn short_decimal(kept: &str) -> Option<(&str, &str, &str)> {
    let (sign, plain) = kept.strip_prefix('-').map_or(("", kept), |plain| ("-", plain));
    let (whole, fraction) = plain.split_once('.').unwrap_or((plain, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if plain.len() > 15 || whole.len() + fraction.len() == 0 || !digits(whole) || !digits(fraction) {
        return None;
    }
    let (whole, fraction) = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
    let zero = whole.is_empty() && fraction.is_empty();
    Some((if zero { "" } else { sign }, whole, fraction))
}

/// Adds an assessor's parcel number in two forms. The first has all letters and digits without
/// separators and leading zeros, for agencies that write `0123-045-078` and `123045078`; the
/// second the groups, each without leading zeros, joined by hyphens (`123-45-78`), for agencies
/// that pad differently. A change between letters and digits parts groups of the second form.
pub(super) fn parcel(raw: &str, values: &mut Values) {
    let mut upper = values.take_scratch();
    upper.clear();
    fold::upper(raw, &mut upper);
    let start = values.place();
    for group in upper.split(|letter: char| !letter.is_alphanumeric()) {
        let group = if values.place() == start { group.trim_start_matches('0') } else { group };
        values.append(group);
    }
    values.finish();
    append_groups(&upper, values);
    values.finish();
    values.return_scratch(upper);
}

fn append_groups(upper: &str, values: &mut Values) {
    let start = values.place();
    for mut rest in upper.split(|letter: char| !letter.is_alphanumeric()) {
        while let Some(first) = rest.bytes().next() {
            let same = |byte: &u8| byte.is_ascii_digit() == first.is_ascii_digit();
            let (group, behind) = rest.split_at(rest.bytes().take_while(same).count());
            append_group(group, start, values);
            rest = behind;
        }
    }
}

/// Appends a group behind a hyphen; a group of zeros is `0`.
fn append_group(group: &str, start: usize, values: &mut Values) {
    if values.place() > start {
        values.append("-");
    }
    let short = group.trim_start_matches('0');
    values.append(if short.is_empty() { "0" } else { short });
}
