//! Checks of link settings, alone and against the columns of the tables.

use super::{Cardinality, LinkSettings, LinkSettingsError, Side};
use crate::blocking::{KeyPart, MAX_RULES};
use crate::gammas::MAX_COMPARISONS;
use crate::level::Reading;

impl LinkSettings {
    /// Checks the settings alone and against the columns of the tables; without a right table its columns are none.
    ///
    /// # Errors
    /// The first [`LinkSettingsError`] found, in the order of the settings.
    pub fn validate(&self, left_columns: &[String], right_columns: &[String]) -> Result<(), LinkSettingsError> {
        self.check()?;
        for (side, table) in self.tables() {
            self.check_columns(side, table, if side == Side::Left { left_columns } else { right_columns })?;
        }
        Ok(())
    }

    /// Checks everything that needs no table.
    pub(crate) fn check(&self) -> Result<(), LinkSettingsError> {
        if !(self.threshold > 0.0 && self.threshold < 1.0) {
            return Err(LinkSettingsError::Threshold { found: self.threshold });
        }
        if let Some(found) = self.expected_precision.filter(|share| !(*share > 0.0 && *share < 1.0)) {
            return Err(LinkSettingsError::ExpectedPrecision { found });
        }
        if self.max_block_pairs == Some(0) {
            return Err(LinkSettingsError::NoBlockPairs);
        }
        self.check_cardinality()?;
        self.check_fields()?;
        let derivable = self.derivable();
        self.check_blocking(&derivable)?;
        self.check_comparisons(&derivable)
    }

    fn check_cardinality(&self) -> Result<(), LinkSettingsError> {
        let found = match self.cardinality {
            Cardinality::OneToOne => "one_to_one",
            Cardinality::ManyToOne => "many_to_one",
            Cardinality::ManyToMany => "many_to_many",
            Cardinality::Clusters => "clusters",
        };
        if self.is_dedupe() && self.cardinality != Cardinality::Clusters {
            let expected = "`clusters`, as there is no `link.right`";
            return Err(LinkSettingsError::Cardinality { found, expected });
        }
        Ok(())
    }

    fn check_fields(&self) -> Result<(), LinkSettingsError> {
        for (name, field) in &self.fields {
            for (side, word) in [(Side::Left, "left"), (Side::Right, "right")] {
                let key = format!("link.fields.{name}.{word}");
                let (plain, several) = field.forms(side);
                if side == Side::Right && self.is_dedupe() {
                    if plain.is_empty() && several.is_empty() {
                        continue;
                    }
                    return Err(LinkSettingsError::NoRight { key });
                }
                if !plain.is_empty() && !several.is_empty() {
                    return Err(LinkSettingsError::BothForms { key });
                }
                if field.alternatives(side).iter().any(Vec::is_empty) {
                    return Err(LinkSettingsError::Empty { key, expected: "a list of columns" });
                }
            }
        }
        Ok(())
    }

    fn check_blocking(&self, derivable: &[String]) -> Result<(), LinkSettingsError> {
        let expected = "at least one list of derived fields";
        if self.blocking.is_empty() {
            return Err(LinkSettingsError::Empty { key: "link.blocking".to_owned(), expected });
        }
        if self.blocking.len() > MAX_RULES {
            return Err(LinkSettingsError::TooManyRules { found: self.blocking.len() });
        }
        for (index, rule) in self.blocking.iter().enumerate() {
            let key = format!("link.blocking[{index}]");
            if rule.is_empty() {
                return Err(LinkSettingsError::Empty { key, expected: "derived fields" });
            }
            for part in rule {
                let part: KeyPart =
                    part.parse().map_err(|source| LinkSettingsError::Blocking { key: key.clone(), source })?;
                check_derived(&key, &part.field, derivable)?;
            }
        }
        Ok(())
    }

    fn check_comparisons(&self, derivable: &[String]) -> Result<(), LinkSettingsError> {
        let comparisons = &self.comparisons;
        if comparisons.is_empty() {
            let key = "link.comparisons".to_owned();
            return Err(LinkSettingsError::Empty { key, expected: "at least one comparison" });
        }
        if comparisons.len() > MAX_COMPARISONS {
            return Err(LinkSettingsError::TooManyComparisons { found: comparisons.len() });
        }
        for (index, comparison) in comparisons.iter().enumerate() {
            let key = |name: &str| format!("link.comparisons[{index}].{name}");
            let found = comparison.name.clone();
            if comparisons[..index].iter().any(|earlier| earlier.name == found) {
                return Err(LinkSettingsError::Repeated { key: key("name"), found });
            }
            if comparison.levels.is_empty() {
                let expected = "at least one comparison level";
                return Err(LinkSettingsError::Empty { key: key("levels"), expected });
            }
            let weights = &comparison.term_frequency_weights;
            if weights.len() > comparison.levels.len() || weights.iter().any(|weight| !(0.0..=1.0).contains(weight)) {
                return Err(LinkSettingsError::TermFrequencyWeights {
                    key: key("term_frequency_weights"),
                    found: weights.clone(),
                    levels: comparison.levels.len(),
                });
            }
            Reading::of(&comparison.levels)
                .map_err(|found| LinkSettingsError::MixedLevels { key: key("levels"), found })?;
            check_derived(&key("field"), &comparison.field, derivable)?;
        }
        Ok(())
    }

    fn check_columns(&self, side: Side, table: &str, columns: &[String]) -> Result<(), LinkSettingsError> {
        let word = match side {
            Side::Left => "left",
            Side::Right => "right",
        };
        for (name, field) in &self.fields {
            for column in field.alternatives(side).iter().flatten() {
                if !columns.contains(column) {
                    return Err(LinkSettingsError::UnknownColumn {
                        key: format!("link.fields.{name}.{word}"),
                        found: column.clone(),
                        table: table.to_owned(),
                        choices: columns.join(", "),
                    });
                }
            }
        }
        Ok(())
    }
}

fn check_derived(key: &str, found: &str, derivable: &[String]) -> Result<(), LinkSettingsError> {
    if derivable.iter().any(|name| name == found) {
        return Ok(());
    }
    let choices = derivable.join(", ");
    Err(LinkSettingsError::UnknownDerived { key: key.to_owned(), found: found.to_owned(), choices })
}
