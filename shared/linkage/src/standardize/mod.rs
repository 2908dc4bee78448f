//! Standardizers: raw text to canonical values, one or several per field.

pub(crate) mod address;
mod contact;
mod date;
mod fold;
mod lexicon;
mod name;
mod phonetic;
mod soundex;
mod text;

use serde::{Deserialize, Serialize};

use crate::values::Values;

pub(crate) use soundex::soundex;

/// How a field is read. A field named `address` read by `us_address` derives `address.house` and
/// so on; the single-valued standardizers derive one value under the field's own name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standardizer {
    /// Upper case, words of letters and digits without accents, single spaces.
    Text,
    /// A person, couple or company, "LAST, FIRST" or "First Last": `sorted`, `first`, `last`,
    /// `middle`, `initials`, `phonetic`.
    Name,
    /// A US address, street line or whole: `house` (`61-65` for a range), `house_low`,
    /// `house_high`, `house_suffix`, `direction`, `name`, `street` (direction and name), `suffix`,
    /// `unit`, `full` (the street line without its unit), `predirection`, `postdirection`, `city`,
    /// `state`, `zip`, `zip4`. The name of a box or numbered road is `PO BOX 12`, `RR 2 BOX 5`,
    /// `US HIGHWAY 12`.
    UsAddress,
    /// Five digits of a ZIP or ZIP+4.
    Zip5,
    /// A number without signs of money, thousands or units.
    Number,
    /// The digits alone.
    Digits,
    /// An assessor's parcel number without separators and leading zeros, and its `groups`
    /// without leading zeros each, joined by hyphens.
    Parcel,
    /// Ten digits of a US phone number, its `area` code, `local` number and `extension`.
    Phone,
    /// A date as `YYYY-MM-DD`, its `year`, `month` and `day` as far as they are known.
    Date,
    /// A British postcode, its `outward` code and `area`.
    PostcodeGb,
    /// An e-mail address in lower case, its `local` part and `domain`.
    Email,
}

impl Standardizer {
    /// Names of the values derived for a field, in the order of [`Self::read`].
    pub fn derived(self, field: &str) -> Vec<String> {
        let parts: &[&str] = match self {
            Self::Text | Self::Zip5 | Self::Number | Self::Digits => &[],
            Self::Name => &name::PARTS,
            Self::UsAddress => &address::PARTS,
            Self::Parcel => &["groups"],
            Self::Phone => &contact::PHONE_PARTS,
            Self::Date => &date::PARTS,
            Self::PostcodeGb => &contact::POSTCODE_PARTS,
            Self::Email => &contact::EMAIL_PARTS,
        };
        let own = (!matches!(self, Self::Name | Self::UsAddress)).then(|| field.to_owned());
        own.into_iter().chain(parts.iter().map(|part| format!("{field}.{part}"))).collect()
    }

    /// Reads raw text and adds one value per derived name. A value that cannot be read is null,
    /// never an error. Allocates nothing once the memory of `values` has grown to its usual size.
    pub fn read(self, raw: &str, values: &mut Values) {
        match self {
            Self::Text => text::text(raw, values),
            Self::Name => name::read(raw, values),
            Self::UsAddress => address::read(raw, values),
            Self::Zip5 => text::zip5(raw, values),
            Self::Number => text::number(raw, values),
            Self::Digits => text::digits(raw, values),
            Self::Parcel => text::parcel(raw, values),
            Self::Phone => contact::phone(raw, values),
            Self::Date => date::read(raw, values),
            Self::PostcodeGb => contact::postcode_gb(raw, values),
            Self::Email => contact::email(raw, values),
        }
    }

    /// Reads raw text as [`Self::read`] does, into values of their own.
    pub fn apply(self, raw: &str) -> Vec<Option<String>> {
        let mut values = Values::default();
        self.read(raw, &mut values);
        values.iter().map(|value| value.map(str::to_owned)).collect()
    }
}
