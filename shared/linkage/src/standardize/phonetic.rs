//! How a name sounds.

use crate::values::Values;

/// Letters of a name that are read.
pub(super) const MOST_LETTERS: usize = 24;

/// Appends the NYSIIS code of the upper case ASCII letters in `name[..count]`: `KNIGHT` and
/// `NIGHT` are both `NAGT`. The code is not cut to six letters.
///
/// Source: R. L. Taft, "Name Search Techniques", New York State Identification and Intelligence
/// System, Special Report 1, 1970. It tells names apart better than Soundex (NARA), which keeps
/// three consonants only, and needs no tables of other languages as Double Metaphone does.
pub(super) fn append(name: &mut [u8; MOST_LETTERS], count: usize, values: &mut Values) {
    if count == 0 {
        return;
    }
    replace_start(name);
    let count = replace_end(name, count);
    let mut code = [0; MOST_LETTERS + 2];
    code[0] = name[0];
    let (mut length, mut at) = (1, 1);
    while at < count {
        let (letters, used) = sound(name, at, count);
        for &letter in letters.iter().filter(|&&letter| letter != 0) {
            if code[length - 1] != letter && length < code.len() {
                code[length] = letter;
                length += 1;
            }
        }
        at += used;
    }
    let length = trimmed(&mut code, length);
    values.append(std::str::from_utf8(&code[..length]).unwrap_or_default());
}

/// Step 1: beginnings that are spelled in several ways.
fn replace_start(name: &mut [u8; MOST_LETTERS]) {
    match name {
        [b'M', b'A', b'C', ..] => name[..3].copy_from_slice(b"MCC"),
        [b'K', b'N', ..] => name[..2].copy_from_slice(b"NN"),
        [b'K', ..] => name[0] = b'C',
        [b'P', b'H' | b'F', ..] => name[..2].copy_from_slice(b"FF"),
        [b'S', b'C', b'H', ..] => name[..3].copy_from_slice(b"SSS"),
        _ => {}
    }
}

/// Step 2: endings; gives the new count of letters.
fn replace_end(name: &mut [u8; MOST_LETTERS], count: usize) -> usize {
    let (end, letter) = match &name[..count] {
        [.., b'E' | b'I', b'E'] => (count - 2, b'Y'),
        [.., b'D' | b'R' | b'N', b'T'] | [.., b'R' | b'N', b'D'] => (count - 2, b'D'),
        _ => return count,
    };
    name[end] = letter;
    end + 1
}

/// Step 3: the code of the letters at a place, which is never the first, and how many they are.
fn sound(name: &[u8; MOST_LETTERS], at: usize, count: usize) -> ([u8; 3], usize) {
    let next = |ahead: usize| if at + ahead < count { name[at + ahead] } else { 0 };
    let before = name[at - 1];
    match name[at] {
        b'E' if next(1) == b'V' => (*b"AF\0", 2),
        b'A' | b'E' | b'I' | b'O' | b'U' => (*b"A\0\0", 1),
        b'Q' => (*b"G\0\0", 1),
        b'Z' => (*b"S\0\0", 1),
        b'M' => (*b"N\0\0", 1),
        b'K' if next(1) == b'N' => (*b"N\0\0", 2),
        b'K' => (*b"C\0\0", 1),
        b'S' if next(1) == b'C' && next(2) == b'H' => (*b"S\0\0", 3),
        b'P' if next(1) == b'H' => (*b"F\0\0", 2),
        b'H' if !is_vowel(before) || !is_vowel(next(1)) => ([coded(before), 0, 0], 1),
        b'W' if is_vowel(before) => (*b"A\0\0", 1),
        letter => ([letter, 0, 0], 1),
    }
}

/// The code a letter before an `H` got, so that it is not written again.
fn coded(letter: u8) -> u8 {
    match letter {
        b'A' | b'E' | b'I' | b'O' | b'U' => b'A',
        b'Q' => b'G',
        b'Z' => b'S',
        b'M' => b'N',
        b'K' => b'C',
        letter => letter,
    }
}

fn is_vowel(letter: u8) -> bool {
    matches!(letter, b'A' | b'E' | b'I' | b'O' | b'U')
}

/// Steps 4 to 6: a last S goes, AY becomes Y, a last A goes.
fn trimmed(code: &mut [u8], mut length: usize) -> usize {
    if length > 1 && code[length - 1] == b'S' {
        length -= 1;
    }
    if length > 1 && code[length - 2..length] == *b"AY" {
        code[length - 2] = b'Y';
        length -= 1;
    }
    if length > 1 && code[length - 1] == b'A' {
        length -= 1;
    }
    length
}
