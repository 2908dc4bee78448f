//! Query values with places to fill in: `ModificationTimestamp ge {watermark}`.

/// What a place stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Slot {
    /// Where the pull begins: the watermark less the overlap.
    Watermark,
    /// Where the pull ends: of a window its end, else the time when the pull began.
    Until,
    /// Records a page.
    PageSize,
}

const SLOTS: [(&str, Slot); 3] =
    [("watermark", Slot::Watermark), ("until", Slot::Until), ("page_size", Slot::PageSize)];

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    Slot(Slot),
}

/// A text with places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Template(Vec<Piece>);

impl Template {
    /// Reads a template; answers what was found and expected for a place that there is none of.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            let wrong = |found: &str| {
                let names: Vec<_> = SLOTS.iter().map(|(name, _)| format!("`{{{name}}}`")).collect();
                format!("found `{found}`, expected one of {}", names.join(", "))
            };
            let (name, behind) = after.split_once('}').ok_or_else(|| wrong(&format!("{{{after}")))?;
            let (_, slot) =
                SLOTS.iter().find(|(known, _)| *known == name).ok_or_else(|| wrong(&format!("{{{name}}}")))?;
            pieces.extend([Piece::Text(before.to_owned()), Piece::Slot(*slot)]);
            rest = behind;
        }
        pieces.push(Piece::Text(rest.to_owned()));
        Ok(Self(pieces))
    }

    pub(crate) fn uses(&self, slot: Slot) -> bool {
        self.0.contains(&Piece::Slot(slot))
    }

    pub(crate) fn fill(&self, value: impl Fn(Slot) -> String) -> String {
        let text = |piece: &Piece| match piece {
            Piece::Text(text) => text.clone(),
            Piece::Slot(slot) => value(*slot),
        };
        self.0.iter().map(text).collect()
    }
}
