//! Connected components of records, by union and find.

/// Records that links join directly or by way of others. Four bytes a record, whatever order links come in.
#[derive(Debug, Clone, Default)]
pub struct Components {
    /// Per record one of its component with a smaller or the same number; the smallest points at itself.
    parents: Vec<u32>,
}

impl Components {
    /// Makes room for a record and all smaller ones.
    pub fn reach(&mut self, record: u32) {
        let known = self.parents.len() as u32;
        if record >= known {
            self.parents.extend(known..=record);
        }
    }

    /// Joins the components of two records.
    pub fn join(&mut self, left: u32, right: u32) {
        self.reach(left.max(right));
        let (left, right) = (self.find(left), self.find(right));
        self.parents[left.max(right) as usize] = left.min(right);
    }

    /// The smallest record of a record's component.
    pub fn find(&mut self, record: u32) -> u32 {
        self.reach(record);
        let mut record = record;
        loop {
            let parent = self.parents[record as usize];
            if parent == record {
                return record;
            }
            // Path halving (Tarjan & van Leeuwen 1984).
            let above = self.parents[parent as usize];
            self.parents[record as usize] = above;
            record = above;
        }
    }

    /// The smallest record of the component of every record.
    pub fn assignments(mut self) -> Vec<u32> {
        for record in 0..self.parents.len() {
            // Parents are never larger, so they were settled before.
            self.parents[record] = self.parents[self.parents[record] as usize];
        }
        self.parents
    }
}
