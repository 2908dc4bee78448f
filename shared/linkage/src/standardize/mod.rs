//! Standardizers: raw text to canonical values, one or several per field.

pub(crate) mod address;
mod fold;
mod lexicon;
mod name;
mod text;

use serde::{Deserialize, Serialize};

use crate::values::Values;

pub use name::{Name, name};
pub use text::{digits, number, text, zip5};

/// How a field is read. A field named `address` read by `us_address` derives `address.house` and
/// so on; the single-valued standardizers derive one value under the field's own name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standardizer {
    /// Upper case, words of letters and digits, single spaces.
    Text,
    /// A person or owner, "LAST, FIRST" or "First Last": `sorted`, `first`, `last`.
    Name,
    /// A US street address.
    UsAddress,
    /// Five digits of a ZIP or ZIP+4.
    Zip5,
    /// A number without signs of money, thousands or units.
    Number,
    /// The digits alone.
    Digits,
}

const NAME_PARTS: [&str; 3] = ["sorted", "first", "last"];

impl Standardizer {
    /// Names of the values derived for a field, in the order of [`Self::apply`].
    pub fn derived(self, field: &str) -> Vec<String> {
        let parts: &[&str] = match self {
            Self::Name => &NAME_PARTS,
            Self::UsAddress => &address::PARTS,
            Self::Text | Self::Zip5 | Self::Number | Self::Digits => return vec![field.to_owned()],
        };
        parts.iter().map(|part| format!("{field}.{part}")).collect()
    }

    /// Reads raw text and adds one value per derived name; what cannot be read is null.
    pub fn read(self, raw: &str, values: &mut Values) {
        match self {
            Self::Text => values.push(text(raw).as_deref()),
            Self::Zip5 => values.push(zip5(raw).as_deref()),
            Self::Number => values.push(number(raw).as_deref()),
            Self::Digits => values.push(digits(raw).as_deref()),
            Self::Name => {
                let name = name(raw);
                for part in [name.sorted, name.first, name.last] {
                    values.push(part.as_deref());
                }
            }
            Self::UsAddress => address::read(raw, values),
        }
    }

    /// Reads raw text; a value that cannot be read is null, never an error.
    pub fn apply(self, raw: &str) -> Vec<Option<String>> {
        let mut values = Values::default();
        self.read(raw, &mut values);
        values.iter().map(|value| value.map(str::to_owned)).collect()
    }
}

/// Soundex of the first word.
pub(crate) fn soundex(value: &str, out: &mut String) {
    out.push_str(value);
}
