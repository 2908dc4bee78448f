//! Numbers as texts write them: whole ones to the last digit, finite ones, and their thousands separators.

use std::borrow::Cow;

/// Whether numbers are written with this character, so that it cannot part their thousands.
pub(crate) fn is_numeric(letter: char) -> bool {
    letter.is_ascii_digit() || matches!(letter, '.' | '-' | '+' | 'e' | 'E')
}

/// The number without its thousands separators. They belong into the whole part, before three digits each: `1,23` and
/// `1.2,3` are other things than 123 and 1.23, and stay as they are.
pub(crate) fn ungrouped(text: &str, separator: Option<char>) -> Cow<'_, str> {
    match separator {
        Some(separator) if text.contains(separator) && is_grouped(text, separator) => {
            Cow::Owned(text.replace(separator, ""))
        }
        _ => Cow::Borrowed(text),
    }
}

fn is_grouped(text: &str, separator: char) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let mut groups = whole.split(separator);
    let digits = |group: &str| group.bytes().all(|byte| byte.is_ascii_digit());
    groups.next().is_some_and(|first| (1..=3).contains(&first.len()) && digits(first))
        && groups.all(|group| group.len() == 3 && digits(group))
        && !fraction.contains(separator)
}

/// A whole number, exact to the last digit; `3.0` and `3e2` count, `3.5` does not.
pub(crate) fn integer(text: &str) -> Option<i64> {
    if let Ok(whole) = text.parse() {
        return Some(whole);
    }
    number(text)?;
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    let telling = digits.trim_end_matches('0');
    if telling.trim_start_matches(['-', '+']).is_empty() {
        return Some(0);
    }
    // The number is `telling`, then so many zeros; fewer than none are decimals.
    let zeros = exponent.parse::<i128>().ok()? + (digits.len() - telling.len()) as i128 - fraction.len() as i128;
    telling.parse::<i64>().ok()?.checked_mul(10_i64.checked_pow(u32::try_from(zeros).ok()?)?)
}

/// A finite number. Words such as `inf` and `nan`, which Rust's parser would take, are not numbers here.
pub(crate) fn number(text: &str) -> Option<f64> {
    text.chars().all(is_numeric).then(|| text.parse().ok()).flatten().and_then(finite)
}

/// The number unless it is infinite or none. Negative zero equals zero but has other bits, which would break equal
/// digests, so it becomes zero.
pub(crate) fn finite(number: f64) -> Option<f64> {
    number.is_finite().then_some(if number == 0.0 { 0.0 } else { number })
}
