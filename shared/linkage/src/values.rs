//! The derived values of one record.

/// Values one behind another in one buffer, so that reading a record allocates nothing once the buffer has grown.
/// A value may be null; it is never empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Values {
    text: String,
    /// Where each value ends; a null has the top bit set and no text.
    ends: Vec<u32>,
}

const NULL: u32 = 1 << 31;

impl Values {
    /// Forgets all values and keeps the memory.
    pub fn clear(&mut self) {
        self.text.clear();
        self.ends.clear();
    }

    /// Adds a value; an empty one counts as null.
    pub fn push(&mut self, value: Option<&str>) {
        self.text.push_str(value.unwrap_or_default());
        self.end();
    }

    /// Where a value may be written in pieces, before [`Values::end`] closes it.
    pub fn open(&mut self) -> &mut String {
        &mut self.text
    }

    /// Closes the value that was written to [`Values::open`]; when nothing was, it is null.
    pub fn end(&mut self) {
        let end = u32::try_from(self.text.len()).unwrap_or(NULL - 1) & !NULL;
        self.ends.push(if end == self.start(self.ends.len()) { end | NULL } else { end });
    }

    /// A value, or null; also null behind the last one.
    pub fn get(&self, index: usize) -> Option<&str> {
        let end = *self.ends.get(index)?;
        if end & NULL != 0 {
            return None;
        }
        self.text.get(self.start(index) as usize..end as usize)
    }

    /// How many values there are, nulls included.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is no value, not even a null.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// All values in order.
    pub fn iter(&self) -> impl Iterator<Item = Option<&str>> {
        (0..self.len()).map(|index| self.get(index))
    }

    fn start(&self, index: usize) -> u32 {
        index.checked_sub(1).and_then(|before| self.ends.get(before)).map_or(0, |end| end & !NULL)
    }
}
