//! American Soundex.

/// Appends the Soundex code of the first word of a value: its first letter and three digits. Words that do not start
/// with an ASCII letter have none.
///
/// Source: US National Archives, "The Soundex Indexing System".
pub(crate) fn soundex(value: &str, out: &mut String) {
    let mut letters = value.split(' ').next().unwrap_or_default().bytes().filter(u8::is_ascii_alphabetic);
    let Some(first) = letters.next() else { return };
    out.push(char::from(first.to_ascii_uppercase()));
    let (mut last, mut digits) = (code(first), 0);
    for letter in letters {
        let found = code(letter);
        if (b'1'..=b'6').contains(&found) && found != last && digits < 3 {
            out.push(char::from(found));
            digits += 1;
        }
        // H and W do not part letters of one code, vowels do.
        if found != b'H' {
            last = found;
        }
    }
    (digits..3).for_each(|_| out.push('0'));
}

fn code(letter: u8) -> u8 {
    match letter.to_ascii_uppercase() {
        b'B' | b'F' | b'P' | b'V' => b'1',
        b'C' | b'G' | b'J' | b'K' | b'Q' | b'S' | b'X' | b'Z' => b'2',
        b'D' | b'T' => b'3',
        b'L' => b'4',
        b'M' | b'N' => b'5',
        b'R' => b'6',
        b'H' | b'W' => b'H',
        _ => b'0',
    }
}
