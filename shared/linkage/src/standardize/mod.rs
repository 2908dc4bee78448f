//! Standardizers: raw text to canonical values, one or several per field.

mod address;
mod name;
mod tables;
mod text;

use serde::{Deserialize, Serialize};

pub use address::{Address, us_address};
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
    /// A US street address, see [`Address`].
    UsAddress,
    /// Five digits of a ZIP or ZIP+4.
    Zip5,
    /// A number without signs of money, thousands or units.
    Number,
    /// The digits alone.
    Digits,
}

const NAME_PARTS: [&str; 3] = ["sorted", "first", "last"];
const ADDRESS_PARTS: [&str; 10] =
    ["house", "house_low", "house_high", "house_suffix", "direction", "name", "street", "suffix", "unit", "full"];

impl Standardizer {
    /// Names of the values derived for a field, in the order of [`Self::apply`].
    pub fn derived(self, field: &str) -> Vec<String> {
        let parts: &[&str] = match self {
            Self::Name => &NAME_PARTS,
            Self::UsAddress => &ADDRESS_PARTS,
            Self::Text | Self::Zip5 | Self::Number | Self::Digits => return vec![field.to_owned()],
        };
        parts.iter().map(|part| format!("{field}.{part}")).collect()
    }

    /// Reads raw text into as many values as [`Self::derived`] names.
    pub fn read(self, raw: &str, values: &mut crate::values::Values) {
        self.apply(raw).iter().for_each(|value| values.push(value.as_deref()));
    }

    /// Reads raw text; a value that cannot be read is null, never an error.
    pub fn apply(self, raw: &str) -> Vec<Option<String>> {
        match self {
            Self::Text => vec![text(raw)],
            Self::Zip5 => vec![zip5(raw)],
            Self::Number => vec![number(raw)],
            Self::Digits => vec![digits(raw)],
            Self::Name => {
                let name = name(raw);
                vec![name.sorted, name.first, name.last]
            }
            Self::UsAddress => us_address(raw).into_parts().into(),
        }
    }
}

/// Soundex of the first word.
pub(crate) fn soundex(value: &str, out: &mut String) {
    out.push_str(value);
}
