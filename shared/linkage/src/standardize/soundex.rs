//! How a word sounds in English, roughly.

/// Appends the American Soundex code of the first word, `R163` for `RUPERT` and `ROBERT` (National Archives, "Soundex
/// System"); nothing where it has no letter from A to Z.
pub(crate) fn soundex(value: &str, out: &mut String) {
    let word = value.split(' ').next().unwrap_or_default();
    let mut letters = word.bytes().map(|letter| letter.to_ascii_uppercase()).filter(u8::is_ascii_uppercase);
    let Some(first) = letters.next() else { return };
    out.push(char::from(first));
    let (mut before, mut room) = (code(first), 3);
    for letter in letters {
        let digit = code(letter);
        // H and W do not part letters of one sound, vowels do.
        if matches!(letter, b'H' | b'W') {
            continue;
        }
        if digit != before && digit != '0' && room > 0 {
            out.push(digit);
            room -= 1;
        }
        before = digit;
    }
    out.extend(std::iter::repeat_n('0', room));
}

/// The sound of a consonant; 0 of a vowel.
fn code(letter: u8) -> char {
    match letter {
        b'B' | b'F' | b'P' | b'V' => '1',
        b'C' | b'G' | b'J' | b'K' | b'Q' | b'S' | b'X' | b'Z' => '2',
        b'D' | b'T' => '3',
        b'L' => '4',
        b'M' | b'N' => '5',
        b'R' => '6',
        _ => '0',
    }
}

#[cfg(test)]
mod tests {
    use super::soundex;

    #[test]
    fn codes_of_the_national_archives() {
        for (word, expected) in [
            ("WASHINGTON", "W252"),
            ("LEE", "L000"),
            ("GUTIERREZ", "G362"),
            ("PFISTER", "P236"),
            ("JACKSON", "J250"),
            ("TYMCZAK", "T522"),
            ("ASHCRAFT", "A261"),
            ("ROBERT SMITH", "R163"),
            ("61", ""),
        ] {
            let mut found = String::new();
            soundex(word, &mut found);
            assert_eq!(found, expected, "{word}");
        }
    }
}
