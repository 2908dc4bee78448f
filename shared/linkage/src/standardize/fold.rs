//! Letters without case and accents.

/// Appends text to `into` in upper case, letters with accents as plain ones (`É` is `E`, `ß` is
/// `SS`). Apostrophes and combining accents go, dashes of all kinds are `-`, other signs beyond
/// ASCII are spaces. Letters of other scripts stay.
///
/// The table is hand made for Latin-1 and Latin Extended-A, which names and addresses are
/// written in; a crate such as `deunicode` carries 75 KB to guess at other scripts too, which
/// would make different names equal.
pub(super) fn upper(raw: &str, into: &mut String) {
    if raw.is_ascii() {
        let start = into.len();
        into.push_str(raw);
        into[start..].make_ascii_uppercase();
        return;
    }
    raw.chars().for_each(|letter| push_upper(letter, into));
}

fn push_upper(letter: char, into: &mut String) {
    if letter.is_ascii() {
        return into.push(letter.to_ascii_uppercase());
    }
    for letter in letter.to_uppercase() {
        match plain(letter) {
            Some(text) => into.push_str(text),
            None if letter.is_alphanumeric() => into.push(letter),
            None => into.push(' '),
        }
    }
}

/// The ASCII form of a capital letter or sign.
fn plain(letter: char) -> Option<&'static str> {
    Some(match letter {
        'À'..='Å' | 'Ā' | 'Ă' | 'Ą' => "A",
        'Æ' => "AE",
        'Ç' | 'Ć' | 'Ĉ' | 'Ċ' | 'Č' => "C",
        'Ď' | 'Đ' | 'Ð' => "D",
        'È'..='Ë' | 'Ē' | 'Ĕ' | 'Ė' | 'Ę' | 'Ě' => "E",
        'Ĝ' | 'Ğ' | 'Ġ' | 'Ģ' => "G",
        'Ĥ' | 'Ħ' => "H",
        'Ì'..='Ï' | 'Ĩ' | 'Ī' | 'Ĭ' | 'Į' | 'İ' => "I",
        'Ĵ' => "J",
        'Ķ' => "K",
        'Ĺ' | 'Ļ' | 'Ľ' | 'Ŀ' | 'Ł' => "L",
        'Ñ' | 'Ń' | 'Ņ' | 'Ň' | 'Ŋ' => "N",
        'Ò'..='Ö' | 'Ø' | 'Ō' | 'Ŏ' | 'Ő' => "O",
        'Œ' => "OE",
        'Ŕ' | 'Ŗ' | 'Ř' => "R",
        'Ś' | 'Ŝ' | 'Ş' | 'Š' | 'Ș' => "S",
        'Ţ' | 'Ť' | 'Ŧ' | 'Ț' => "T",
        'Ù'..='Ü' | 'Ũ' | 'Ū' | 'Ŭ' | 'Ů' | 'Ű' | 'Ų' => "U",
        'Ŵ' => "W",
        'Ý' | 'Ŷ' | 'Ÿ' => "Y",
        'Þ' => "TH",
        'Ź' | 'Ż' | 'Ž' => "Z",
        'ẞ' => "SS",
        '\u{300}'..='\u{36f}' | '’' | '‘' | 'ʼ' | 'º' | 'ª' => "",
        '‐'..='―' | '−' => "-",
        '½' => " 1/2",
        '¼' => " 1/4",
        '¾' => " 3/4",
        _ => return None,
    })
}
