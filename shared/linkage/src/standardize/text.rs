//! Plain text, digits, numbers and ZIP codes.

/// Upper case words of letters and digits, parted by single spaces; apostrophes join words.
pub fn text(raw: &str) -> Option<String> {
    let mut words = String::with_capacity(raw.len());
    for letter in raw.chars().filter(|&letter| letter != '\'' && letter != '’') {
        if letter.is_alphanumeric() {
            words.extend(letter.to_uppercase().filter(|letter| letter.is_alphanumeric()));
        } else if !words.is_empty() && !words.ends_with(' ') {
            words.push(' ');
        }
    }
    present(words.trim_end())
}

/// The ASCII digits, in order.
pub fn digits(raw: &str) -> Option<String> {
    let kept: String = raw.chars().filter(char::is_ascii_digit).collect();
    present(&kept)
}

/// The five-digit part of a ZIP or ZIP+4. Three or four digits lost their leading zeros in a
/// spreadsheet and get them back; anything else is null.
pub fn zip5(raw: &str) -> Option<String> {
    let raw = raw.trim();
    let end = raw.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(raw.len());
    match end {
        3 | 4 => Some(format!("{:0>5}", &raw[..end])),
        5 | 9 => Some(raw[..5].to_owned()),
        _ => None,
    }
}

/// A number in its shortest form: `$1,250.00` is `1250`. Text that holds none is null.
pub fn number(raw: &str) -> Option<String> {
    let kept: String = raw.chars().filter(|letter| letter.is_ascii_digit() || matches!(letter, '.' | '-')).collect();
    let value: f64 = kept.parse().ok().filter(|value: &f64| value.is_finite())?;
    // Adding zero turns -0 into 0.
    Some((value + 0.0).to_string())
}

fn present(value: &str) -> Option<String> {
    (!value.is_empty()).then(|| value.to_owned())
}
