//! The waterfall as a self-contained picture: no script, no font, no file beside it.

use super::bars::{Bar, Scale, bars};
use super::words::{clip, probability, values, wrap};
use super::{Explanation, WaterfallStep};

const WIDTH: f64 = 960.0;
const ROW: f64 = 34.0;
/// Top of the first row.
const TOP: f64 = 72.0;
const BARS_LEFT: f64 = 250.0;
const BARS_WIDTH: f64 = 390.0;
const TEXT_LEFT: f64 = 660.0;
/// Characters of a level, of values and of a sentence that fit their places.
const TEXT_CHARACTERS: usize = 46;
const SENTENCE_CHARACTERS: usize = 136;
/// Between the lines of a sentence.
const LINE: f64 = 19.0;

// Told apart also by those who see no red or no green.
const MORE: &str = "#1f6fb2";
const LESS: &str = "#c4560c";
const TOTAL: &str = "#3d3d3d";

impl Explanation {
    /// The waterfall as an SVG document under a heading, such as the ids of the two records. Its description says in
    /// words what it shows.
    pub fn svg(&self, heading: &str) -> String {
        let (bars, sentences) = (bars(self), self.sentences());
        let picture = Picture { scale: Scale::of(&bars, self.threshold_weight) };
        let bottom = TOP + ROW * bars.len() as f64;
        let lines: Vec<String> = sentences.iter().flat_map(|line| wrap(line, SENTENCE_CHARACTERS)).collect();
        let height = bottom + 24.0 + LINE * lines.len() as f64;
        let mut svg = vec![
            format!(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" \
                 height=\"{height}\" role=\"img\" aria-labelledby=\"waterfall-title waterfall-description\" \
                 font-family=\"system-ui, sans-serif\" font-size=\"13\" fill=\"#1a1a1a\">"
            ),
            format!("<title id=\"waterfall-title\">Match weight of {}</title>", escape(heading)),
            format!("<desc id=\"waterfall-description\">{}</desc>", escape(&description(&bars, &sentences))),
            format!("<rect width=\"{WIDTH}\" height=\"{height}\" fill=\"#ffffff\"/>"),
            text(16.0, 28.0, "font-size=\"17\" font-weight=\"600\"", &clip(heading, 100)),
        ];
        svg.extend(picture.axis(self.threshold_weight, bottom));
        svg.extend(bars.iter().enumerate().flat_map(|(row, bar)| picture.row(TOP + ROW * row as f64, bar)));
        let line = |(number, line): (usize, &String)| {
            let indent = 8.0 * (line.len() - line.trim_start().len()) as f64;
            text(16.0 + indent, bottom + 24.0 + LINE * number as f64, "", line.trim_start())
        };
        svg.extend(lines.iter().enumerate().map(line));
        svg.push("</svg>\n".to_owned());
        svg.join("\n")
    }
}

struct Picture {
    scale: Scale,
}

impl Picture {
    fn x(&self, weight: f64) -> f64 {
        BARS_LEFT + BARS_WIDTH * self.scale.place(weight)
    }

    /// Lines through zero and the threshold.
    fn axis(&self, threshold_weight: f64, bottom: f64) -> Vec<String> {
        let (zero, threshold) = (self.x(0.0), self.x(threshold_weight));
        let line = |x: f64, style: &str| {
            format!("<line x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{:.1}\" y2=\"{bottom:.1}\" {style}/>", TOP - 10.0)
        };
        // The two labels point away from each other.
        let (zero_anchor, threshold_anchor) = if threshold_weight < 0.0 { ("start", "end") } else { ("end", "start") };
        let anchor = |anchor: &str| format!("fill=\"#555555\" text-anchor=\"{anchor}\"");
        vec![
            line(zero, "stroke=\"#8c8c8c\""),
            line(threshold, "stroke=\"#555555\" stroke-dasharray=\"4 3\""),
            text(zero, TOP - 16.0, &anchor(zero_anchor), "0"),
            text(threshold, TOP - 16.0, &anchor(threshold_anchor), &format!("threshold {threshold_weight:.2}")),
        ]
    }

    /// Name, weight, bar, and what the comparison found.
    fn row(&self, top: f64, bar: &Bar<'_>) -> Vec<String> {
        let (start, end) = (self.x(bar.start), self.x(bar.end));
        let color = match bar.step {
            None if bar.start == 0.0 => TOTAL,
            _ if bar.weight < 0.0 => LESS,
            _ => MORE,
        };
        let base = top + 21.0;
        let mut row = vec![
            text(16.0, base, "", &clip(&bar.label, 24)),
            text(BARS_LEFT - 14.0, base, "text-anchor=\"end\"", &format!("{:+.2}", bar.weight)),
            format!(
                "<rect x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\" fill=\"{color}\"/>",
                start.min(end),
                top + 6.0,
                (end - start).abs().max(1.0),
                ROW - 12.0
            ),
        ];
        if let Some(step) = bar.step {
            let values = values(step.value_l.as_deref(), step.value_r.as_deref(), TEXT_CHARACTERS);
            row.push(text(TEXT_LEFT, top + 15.0, "", &values));
            row.push(text(TEXT_LEFT, top + 29.0, "fill=\"#555555\" font-size=\"11\"", &level(step)));
        }
        row
    }
}

/// The level with its probabilities.
fn level(step: &WaterfallStep) -> String {
    let mut words = vec![clip(&step.level, 30)];
    words.extend(step.m.map(|m| format!("m {}", probability(m))));
    words.extend(step.u.map(|u| format!("u {}", probability(u))));
    words.extend(step.term_frequency.map(|share| format!("share {}", probability(share))));
    words.join(", ")
}

/// The picture in words.
fn description(bars: &[Bar<'_>], sentences: &[String]) -> String {
    let bar = |bar: &Bar<'_>| match bar.step {
        Some(step) => format!("{} {:+.2} ({})", bar.label, bar.weight, level(step)),
        None => format!("{} {:+.2}", bar.label, bar.weight),
    };
    let bars = bars.iter().map(bar).collect::<Vec<_>>().join("; ");
    let sentences = sentences.iter().map(|sentence| sentence.trim()).collect::<Vec<_>>().join(". ");
    format!("{bars}. {sentences}.")
}

fn text(x: f64, y: f64, style: &str, words: &str) -> String {
    let style = if style.is_empty() { String::new() } else { format!(" {style}") };
    format!("<text x=\"{x:.1}\" y=\"{y:.1}\"{style}>{}</text>", escape(words))
}

/// Text as XML wants it; control characters, which no escape makes legal, become blanks.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\u{fffe}' | '\u{ffff}' => escaped.push(' '),
            letter if letter.is_control() => escaped.push(' '),
            letter => escaped.push(letter),
        }
    }
    escaped
}
