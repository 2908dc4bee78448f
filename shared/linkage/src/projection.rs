//! From the raw columns of a row to the derived values of a record.

use crate::settings::{LinkSettings, Side};
use crate::standardize::Standardizer;
use crate::values::Values;

/// How the rows of one side are read.
#[derive(Debug, Clone)]
pub(crate) struct Projection {
    columns: Vec<String>,
    fields: Vec<ProjectedField>,
}

#[derive(Debug, Clone)]
struct ProjectedField {
    standardizer: Standardizer,
    /// Column positions for each alternative.
    alternatives: Vec<Vec<usize>>,
    /// Which of the values that the standardizer derives are wanted.
    wanted: Vec<usize>,
}

/// Buffers of one worker, so that reading a row allocates nothing.
#[derive(Debug, Default)]
pub struct Scratch {
    joined: String,
    /// The readings of each field, one behind another, each with all values that its standardizer derives.
    readings: Vec<Vec<Values>>,
    counts: Vec<usize>,
    record: Values,
    pub(crate) key: String,
}

impl Projection {
    /// `derived` names the values that are wanted, in the order of the settings' fields and their parts.
    pub(crate) fn new(settings: &LinkSettings, side: Side, derived: &[String]) -> Self {
        let mut columns: Vec<String> = Vec::new();
        let mut place = |column: &String| {
            columns.iter().position(|known| known == column).unwrap_or_else(|| {
                columns.push(column.clone());
                columns.len() - 1
            })
        };
        let mut fields = Vec::new();
        for (name, field) in &settings.fields {
            let parts = field.standardizer.derived(name);
            let wanted: Vec<usize> = (0..parts.len()).filter(|part| derived.contains(&parts[*part])).collect();
            if !wanted.is_empty() {
                let alternatives =
                    field.alternatives(side).iter().map(|names| names.iter().map(&mut place).collect()).collect();
                fields.push(ProjectedField { standardizer: field.standardizer, alternatives, wanted });
            }
        }
        Self { columns, fields }
    }

    /// Raw columns in the order that rows are given in.
    pub(crate) fn columns(&self) -> &[String] {
        &self.columns
    }

    /// Reads one row and hands over each of its records: one per distinct combination of alternatives, at least one.
    pub(crate) fn read(&self, row: &[Option<&str>], scratch: &mut Scratch, mut each: impl FnMut(&Values, &mut String)) {
        scratch.readings.resize_with(self.fields.len(), Vec::new);
        scratch.counts.clear();
        for (index, field) in self.fields.iter().enumerate() {
            let Scratch { joined, readings, .. } = scratch;
            let count = field.read(row, joined, &mut readings[index]);
            scratch.counts.push(count);
        }
        let combinations: usize = scratch.counts.iter().product();
        for combination in 0..combinations {
            let Scratch { record, readings, counts, key, .. } = scratch;
            record.clear();
            // The last field's alternatives take turns fastest.
            let mut rest = combinations;
            for ((field, readings), count) in self.fields.iter().zip(readings).zip(counts) {
                rest /= *count;
                field.wanted(&readings[combination / rest % *count]).for_each(|value| record.push(value));
            }
            each(record, key);
        }
    }
}

impl ProjectedField {
    /// Reads every alternative; equal ones and those without any value are left out, unless there is no other.
    /// Answers how many there are.
    fn read(&self, row: &[Option<&str>], joined: &mut String, readings: &mut Vec<Values>) -> usize {
        let mut count = 0;
        for columns in &self.alternatives {
            if readings.len() == count {
                readings.push(Values::default());
            }
            let (earlier, rest) = readings.split_at_mut(count);
            let reading = &mut rest[0];
            self.read_one(columns, row, joined, reading);
            let known = earlier.iter().any(|earlier| self.wanted(earlier).eq(self.wanted(reading)));
            if !known && self.wanted(reading).any(|value| value.is_some()) {
                count += 1;
            }
        }
        // With none kept the last one stands there, all nulls.
        count.max(1)
    }

    /// The wanted values of a reading.
    fn wanted<'v>(&self, reading: &'v Values) -> impl Iterator<Item = Option<&'v str>> {
        self.wanted.iter().map(|part| reading.get(*part))
    }

    fn read_one(&self, columns: &[usize], row: &[Option<&str>], joined: &mut String, read: &mut Values) {
        let mut cells = columns.iter().filter_map(|column| row.get(*column).copied().flatten());
        let first = cells.next().unwrap_or_default();
        read.clear();
        match cells.next() {
            None => self.standardizer.read(first, read),
            Some(second) => {
                joined.clear();
                joined.push_str(first);
                for cell in std::iter::once(second).chain(cells) {
                    joined.push(' ');
                    joined.push_str(cell);
                }
                self.standardizer.read(joined, read);
            }
        }
    }
}
