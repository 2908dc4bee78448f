//! A strict RFC 8259 scanner: where a value ends, and where the members of an object lie.

use std::ops::Range;

use crate::record::Damage;

/// Levels of nesting that are followed; the scanner calls itself once a level.
const DEPTH: usize = 128;

/// Why a scan ended before its value did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stop {
    /// The bytes ran out.
    End,
    /// The byte at `at` cannot stand there.
    Syntax { at: usize, expected: &'static str },
    /// The value that opens at `at` lies too deep.
    Deep { at: usize },
}

impl Stop {
    /// The damage to a record that starts at `start` of `bytes`.
    pub(crate) fn damage(self, bytes: &[u8], start: usize) -> Damage {
        let (at, expected) = match self {
            Self::End => return Damage::new("truncated", "found the end of the file inside a record"),
            Self::Syntax { at, expected } => (at, expected),
            Self::Deep { at } => (at, "at most 128 levels of nesting"),
        };
        let found = bytes.get(at).map_or_else(|| "end".to_owned(), |byte| byte.escape_ascii().to_string());
        let place = at.saturating_sub(start);
        Damage::new("invalid_json", format!("found `{found}` at byte {place} of the record, expected {expected}"))
    }
}

/// What a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Null,
    Bool(bool),
    Number,
    Text { escaped: bool },
    Object,
    Array,
}

/// A member of an object. Ranges of texts lie between their quotes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Member {
    pub(crate) name: Range<usize>,
    /// Whether the name holds escapes.
    pub(crate) escaped: bool,
    pub(crate) value: Range<usize>,
    pub(crate) kind: Kind,
}

/// A place in bytes, moving forward over tokens.
pub(crate) struct Scan<'a> {
    bytes: &'a [u8],
    pub(crate) at: usize,
}

impl<'a> Scan<'a> {
    pub(crate) fn new(bytes: &'a [u8], at: usize) -> Self {
        Self { bytes, at }
    }

    /// The next byte that is no white space, not consumed.
    pub(crate) fn peek(&mut self) -> Result<u8, Stop> {
        self.at += spaces(&self.bytes[self.at..]);
        self.byte()
    }

    /// Consumes a value and answers what it is; if it is an object, `members` holds its members after that.
    pub(crate) fn element(&mut self, members: &mut Vec<Member>) -> Result<Kind, Stop> {
        members.clear();
        self.peek()?;
        self.value(0, Some(members))
    }

    fn byte(&self) -> Result<u8, Stop> {
        self.bytes.get(self.at).copied().ok_or(Stop::End)
    }

    fn expected<T>(&self, expected: &'static str) -> Result<T, Stop> {
        Err(Stop::Syntax { at: self.at, expected })
    }

    fn value(&mut self, depth: usize, members: Option<&mut Vec<Member>>) -> Result<Kind, Stop> {
        match self.byte()? {
            b'"' => Ok(Kind::Text { escaped: self.string()? }),
            b'-' | b'0'..=b'9' => self.number(),
            b't' => self.word(b"true", Kind::Bool(true)),
            b'f' => self.word(b"false", Kind::Bool(false)),
            b'n' => self.word(b"null", Kind::Null),
            b'{' | b'[' if depth >= DEPTH => Err(Stop::Deep { at: self.at }),
            b'{' => self.object(depth, members),
            b'[' => self.array(depth),
            _ => self.expected("a value"),
        }
    }

    fn object(&mut self, depth: usize, mut members: Option<&mut Vec<Member>>) -> Result<Kind, Stop> {
        self.at += 1;
        if self.peek()? == b'}' {
            self.at += 1;
            return Ok(Kind::Object);
        }
        loop {
            let member = self.member(depth)?;
            if let Some(members) = members.as_deref_mut() {
                members.push(member);
            }
            let byte = self.peek()?;
            match byte {
                b',' => self.at += 1,
                b'}' => {
                    self.at += 1;
                    return Ok(Kind::Object);
                }
                _ => return self.expected("`,` or `}`"),
            }
        }
    }

    fn member(&mut self, depth: usize) -> Result<Member, Stop> {
        if self.peek()? != b'"' {
            return self.expected("a member name in quotes");
        }
        let start = self.at + 1;
        let escaped = self.string()?;
        let name = start..self.at - 1;
        if self.peek()? != b':' {
            return self.expected("`:`");
        }
        self.at += 1;
        self.peek()?;
        let start = self.at;
        let kind = self.value(depth + 1, None)?;
        let value = match kind {
            Kind::Text { .. } => start + 1..self.at - 1,
            _ => start..self.at,
        };
        Ok(Member { name, escaped, value, kind })
    }

    fn array(&mut self, depth: usize) -> Result<Kind, Stop> {
        self.at += 1;
        if self.peek()? == b']' {
            self.at += 1;
            return Ok(Kind::Array);
        }
        loop {
            self.peek()?;
            self.value(depth + 1, None)?;
            let byte = self.peek()?;
            match byte {
                b',' => self.at += 1,
                b']' => {
                    self.at += 1;
                    return Ok(Kind::Array);
                }
                _ => return self.expected("`,` or `]`"),
            }
        }
    }

    /// Consumes a string with its quotes and answers whether it holds escapes.
    pub(crate) fn string(&mut self) -> Result<bool, Stop> {
        self.at += 1;
        let mut escaped = false;
        loop {
            let rest = &self.bytes[self.at..];
            let plain = rest.iter().take_while(|&&byte| byte >= 0x20 && byte != b'"' && byte != b'\\').count();
            self.at += plain;
            match self.byte()? {
                b'"' => {
                    self.at += 1;
                    return Ok(escaped);
                }
                b'\\' => {
                    escaped = true;
                    self.escape()?;
                }
                _ => return self.expected("no control character in a string"),
            }
        }
    }

    fn escape(&mut self) -> Result<(), Stop> {
        let start = self.at;
        self.at += 1;
        match self.byte()? {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => {
                self.at += 1;
                Ok(())
            }
            b'u' => match self.unit()? {
                0xD800..=0xDBFF => {
                    let paired = self.byte()? == b'\\' && {
                        self.at += 1;
                        self.byte()? == b'u' && (0xDC00..=0xDFFF).contains(&self.unit()?)
                    };
                    if paired { Ok(()) } else { Err(lone_surrogate(start)) }
                }
                0xDC00..=0xDFFF => Err(lone_surrogate(start)),
                _ => Ok(()),
            },
            _ => self.expected("an escape that JSON knows"),
        }
    }

    /// Consumes `u` and its four digits.
    fn unit(&mut self) -> Result<u32, Stop> {
        let mut unit = 0;
        for _ in 0..4 {
            self.at += 1;
            let Some(digit) = char::from(self.byte()?).to_digit(16) else {
                return self.expected("a hexadecimal digit");
            };
            unit = unit * 16 + digit;
        }
        self.at += 1;
        Ok(unit)
    }

    fn number(&mut self) -> Result<Kind, Stop> {
        if self.byte()? == b'-' {
            self.at += 1;
        }
        if self.byte()? == b'0' {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.byte() == Ok(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.byte(), Ok(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.byte()?, b'+' | b'-') {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(Kind::Number)
    }

    fn digits(&mut self) -> Result<(), Stop> {
        if !self.byte()?.is_ascii_digit() {
            return self.expected("a digit");
        }
        self.at += self.bytes[self.at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        Ok(())
    }

    fn word(&mut self, word: &[u8], kind: Kind) -> Result<Kind, Stop> {
        for letter in word {
            if self.byte()? != *letter {
                return self.expected("`true`, `false` or `null`");
            }
            self.at += 1;
        }
        Ok(kind)
    }
}

fn lone_surrogate(at: usize) -> Stop {
    Stop::Syntax { at, expected: "surrogate escapes in pairs" }
}

/// Length of the white space that `bytes` begin with.
pub(crate) fn spaces(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r')).count()
}
