//! The stack machine.

use super::{
    Limits,
    cursor::Cursor,
    error::{PickleError, PickleProblem},
    globals::Global,
    text,
    value::{Id, Node, Pickle},
};
use std::borrow::Cow;

/// The memo has a place for every value at most, and writers number the places in order, so a number beyond the
/// input's length is damage. Without this bound six bytes could ask for a memo of gigabytes.
const NO_VALUE: Id = Id::MAX;

type Done = Result<(), PickleProblem>;

struct Machine<'a> {
    cursor: Cursor<'a>,
    length: usize,
    limits: Limits,
    nodes: Vec<Node<'a>>,
    stack: Vec<Id>,
    marks: Vec<usize>,
    memo: Vec<Id>,
    items: usize,
}

pub(super) fn run<'a>(input: &'a [u8], limits: &Limits) -> Result<Pickle<'a>, PickleError> {
    if input.len() > limits.input {
        let problem = PickleProblem::TooLarge { what: "bytes of pickle", limit: limits.input };
        return Err(PickleError { offset: 0, problem });
    }
    let mut machine = Machine {
        cursor: Cursor::new(input),
        length: input.len(),
        limits: *limits,
        nodes: Vec::new(),
        stack: Vec::new(),
        marks: Vec::new(),
        memo: Vec::new(),
        items: 0,
    };
    loop {
        let offset = machine.cursor.position();
        match machine.step() {
            Ok(None) => {}
            Ok(Some(root)) => return Ok(Pickle { nodes: machine.nodes, root }),
            Err(problem) => return Err(PickleError { offset, problem }),
        }
    }
}

impl<'a> Machine<'a> {
    /// One opcode; the root when it was the last.
    fn step(&mut self) -> Result<Option<Id>, PickleProblem> {
        let opcode = self.cursor.byte()?;
        match opcode {
            b'.' => return self.stop().map(Some),
            0x80 => self.protocol()?,
            0x95 => self.frame()?,
            b'(' => self.mark()?,
            b'0' => self.pop_or_mark()?,
            b'1' => drop(self.pop_to_mark()?),
            b'2' => {
                let top = self.top()?;
                self.push(top)?;
            }
            b'p' | b'q' | b'r' | 0x94 => self.put(opcode)?,
            b'g' | b'h' | b'j' => self.get(opcode)?,
            b'a' | b'e' | b's' | b'u' | 0x90 => self.extend(opcode)?,
            b'c' | 0x93 => self.global(opcode)?,
            b'R' => self.reduce()?,
            b'b' => self.build()?,
            _ => match self.constant(opcode)? {
                Some(node) => self.add(node)?,
                None => match self.container(opcode)? {
                    Some(node) => self.add(node)?,
                    None => return Err(refused(opcode)),
                },
            },
        }
        Ok(None)
    }

    /// Opcodes that carry their value.
    fn constant(&mut self, opcode: u8) -> Result<Option<Node<'a>>, PickleProblem> {
        let cursor = &mut self.cursor;
        Ok(Some(match opcode {
            b'N' => Node::None,
            0x88 => Node::Bool(true),
            0x89 => Node::Bool(false),
            b'I' => text::int(cursor.line()?)?,
            b'L' => text::long(cursor.line()?)?,
            b'F' => text::float(cursor.line()?)?,
            b'S' => text::quoted(cursor.line()?)?,
            b'V' => text::raw_unicode(cursor.line()?)?,
            b'J' => Node::Int(i64::from(i32::from_le_bytes(cursor.array()?))),
            b'K' => Node::Int(i64::from(cursor.byte()?)),
            b'M' => Node::Int(i64::from(u16::from_le_bytes(cursor.array()?))),
            0x8a => text::binary_long(cursor.counted1()?)?,
            0x8b => text::binary_long(cursor.counted4()?)?,
            b'G' => Node::Float(f64::from_be_bytes(cursor.array()?)),
            0x8c => text::utf8(cursor.counted1()?)?,
            b'X' => text::utf8(cursor.counted4()?)?,
            0x8d => text::utf8(cursor.counted8()?)?,
            b'C' | b'U' => Node::Bytes(Cow::Borrowed(cursor.counted1()?)),
            b'B' | b'T' => Node::Bytes(Cow::Borrowed(cursor.counted4()?)),
            0x8e | 0x96 => Node::Bytes(Cow::Borrowed(cursor.counted8()?)),
            _ => return Ok(None),
        }))
    }

    /// Opcodes that gather values from the stack.
    fn container(&mut self, opcode: u8) -> Result<Option<Node<'a>>, PickleProblem> {
        Ok(Some(match opcode {
            b']' => Node::List(Vec::new()),
            b'}' => Node::Dict(Vec::new()),
            0x8f => Node::Set(Vec::new()),
            b')' => Node::Tuple(Vec::new()),
            0x85 => Node::Tuple(self.pop_last(1)?),
            0x86 => Node::Tuple(self.pop_last(2)?),
            0x87 => Node::Tuple(self.pop_last(3)?),
            b't' => Node::Tuple(self.pop_to_mark()?),
            b'l' => Node::List(self.pop_to_mark()?),
            b'd' => Node::Dict(pairs(&self.pop_to_mark()?)?),
            0x91 => Node::Set(self.pop_to_mark()?),
            _ => return Ok(None),
        }))
    }

    fn protocol(&mut self) -> Done {
        match self.cursor.byte()? {
            0..=5 => Ok(()),
            later => Err(PickleProblem::Protocol(later)),
        }
    }

    /// Frames only help a reader of a stream; that the bytes are there is all there is to check.
    fn frame(&mut self) -> Done {
        let length = u64::from_le_bytes(self.cursor.array()?);
        if length > self.cursor.remaining() as u64 { Err(PickleProblem::Truncated) } else { Ok(()) }
    }

    fn stop(&mut self) -> Result<Id, PickleProblem> {
        let root = self.pop()?;
        match self.cursor.remaining() {
            0 => Ok(root),
            rest => Err(PickleProblem::Trailing(rest)),
        }
    }

    fn charge(&mut self, items: usize) -> Done {
        self.items = self.items.saturating_add(items);
        if self.items > self.limits.items {
            return Err(PickleProblem::TooLarge { what: "items", limit: self.limits.items });
        }
        Ok(())
    }

    fn push(&mut self, id: Id) -> Done {
        if self.stack.len() >= self.limits.depth {
            return Err(PickleProblem::TooLarge { what: "values on the stack", limit: self.limits.depth });
        }
        self.stack.push(id);
        Ok(())
    }

    fn add(&mut self, node: Node<'a>) -> Done {
        let places = match &node {
            Node::List(items) | Node::Tuple(items) | Node::Set(items) => items.len(),
            Node::Dict(entries) => entries.len(),
            // What is borrowed is bounded by the input; what a call made of a shared text is not.
            Node::Bytes(Cow::Owned(bytes)) => bytes.len() / 32,
            _ => 0,
        };
        self.charge(1 + places)?;
        let id = Id::try_from(self.nodes.len()).ok().filter(|id| *id != NO_VALUE);
        let id = id.ok_or(PickleProblem::TooLarge { what: "values", limit: NO_VALUE as usize })?;
        self.nodes.push(node);
        self.push(id)
    }

    /// Where the part of the stack begins that opcodes without a mark may take from.
    fn floor(&self) -> usize {
        self.marks.last().copied().unwrap_or(0)
    }

    fn top(&self) -> Result<Id, PickleProblem> {
        self.stack[self.floor()..].last().copied().ok_or(PickleProblem::StackUnderflow)
    }

    fn pop(&mut self) -> Result<Id, PickleProblem> {
        let top = self.top()?;
        self.stack.pop();
        Ok(top)
    }

    fn pop_last(&mut self, count: usize) -> Result<Vec<Id>, PickleProblem> {
        let from = self.stack.len().checked_sub(count).filter(|from| *from >= self.floor());
        Ok(self.stack.drain(from.ok_or(PickleProblem::StackUnderflow)?..).collect())
    }

    fn mark(&mut self) -> Done {
        if self.marks.len() >= self.limits.depth {
            return Err(PickleProblem::TooLarge { what: "nested marks", limit: self.limits.depth });
        }
        self.marks.push(self.stack.len());
        Ok(())
    }

    fn pop_to_mark(&mut self) -> Result<Vec<Id>, PickleProblem> {
        let mark = self.marks.pop().ok_or(PickleProblem::NoMark)?;
        // Not `split_off`, which may hand on the stack's whole capacity: two bytes of input could ask for it
        // again and again.
        Ok(self.stack.drain(mark..).collect())
    }

    /// `POP` takes a mark when one is on top.
    fn pop_or_mark(&mut self) -> Done {
        if self.marks.last() == Some(&self.stack.len()) {
            self.marks.pop();
            return Ok(());
        }
        self.pop().map(drop)
    }

    fn place(&mut self, opcode: u8) -> Result<u64, PickleProblem> {
        match opcode {
            b'p' | b'g' => {
                let line = std::str::from_utf8(self.cursor.line()?).ok();
                line.and_then(|line| line.parse().ok()).ok_or(PickleProblem::Text("a memo place"))
            }
            b'q' | b'h' => Ok(u64::from(self.cursor.byte()?)),
            b'r' | b'j' => Ok(u64::from(u32::from_le_bytes(self.cursor.array()?))),
            _ => Ok(self.memo.len() as u64),
        }
    }

    fn put(&mut self, opcode: u8) -> Done {
        let place = self.place(opcode)?;
        let top = self.top()?;
        let index = usize::try_from(place).ok().filter(|index| *index <= self.length);
        let index =
            index.ok_or(PickleProblem::TooLarge { what: "places in the memo", limit: self.length })?;
        if index >= self.memo.len() {
            self.charge(index + 1 - self.memo.len())?;
            self.memo.resize(index + 1, NO_VALUE);
        }
        self.memo[index] = top;
        Ok(())
    }

    fn get(&mut self, opcode: u8) -> Done {
        let place = self.place(opcode)?;
        let kept = usize::try_from(place).ok().and_then(|place| self.memo.get(place)).copied();
        let id = kept.filter(|id| *id != NO_VALUE).ok_or(PickleProblem::NoMemo(place))?;
        self.push(id)
    }

    /// `APPEND`, `APPENDS`, `SETITEM`, `SETITEMS`, `ADDITEMS`: values into the container below them.
    fn extend(&mut self, opcode: u8) -> Done {
        let added = match opcode {
            b'a' => self.pop_last(1)?,
            b's' => self.pop_last(2)?,
            _ => self.pop_to_mark()?,
        };
        self.charge(added.len())?;
        let target = self.top()?;
        let node = self.nodes.get_mut(target as usize).ok_or(PickleProblem::StackUnderflow)?;
        match (opcode, node) {
            (b'a' | b'e', Node::List(items)) | (0x90, Node::Set(items)) => items.extend_from_slice(&added),
            (b's' | b'u', Node::Dict(entries)) => entries.extend(pairs(&added)?),
            (_, node) => {
                let expected = match opcode {
                    b'a' | b'e' => "a list",
                    0x90 => "a set",
                    _ => "a dict",
                };
                return Err(PickleProblem::Type { expected, found: node.type_name() });
            }
        }
        Ok(())
    }

    fn global(&mut self, opcode: u8) -> Done {
        let global = if opcode == b'c' {
            let (module, name) = (self.cursor.line()?, self.cursor.line()?);
            Global::find(&String::from_utf8_lossy(module), &String::from_utf8_lossy(name))?
        } else {
            let (name, module) = (self.pop()?, self.pop()?);
            Global::find(self.text(module)?, self.text(name)?)?
        };
        self.add(Node::Global(global))
    }

    fn text(&self, id: Id) -> Result<&str, PickleProblem> {
        match self.node(id) {
            Node::Str(text) => Ok(text),
            other => Err(PickleProblem::Type { expected: "a str", found: other.type_name() }),
        }
    }

    /// Every number on the stack was given out by `add`; the fallback only spares a panic.
    fn node(&self, id: Id) -> &Node<'a> {
        self.nodes.get(id as usize).unwrap_or(&Node::None)
    }

    fn reduce(&mut self) -> Done {
        let (arguments, callee) = (self.pop()?, self.pop()?);
        let Node::Global(global) = *self.node(callee) else {
            let found = self.node(callee).type_name();
            return Err(PickleProblem::Type { expected: "a class", found });
        };
        let Node::Tuple(arguments) = self.node(arguments) else {
            let found = self.node(arguments).type_name();
            return Err(PickleProblem::Type { expected: "a tuple", found });
        };
        let node = global.call(arguments, &self.nodes)?;
        self.add(node)
    }

    /// `BUILD` sets an object's state. Only a numpy dtype has one: its byte order.
    fn build(&mut self) -> Done {
        let (state, target) = (self.pop()?, self.top()?);
        let Node::Dtype(dtype) = *self.node(target) else {
            let found = self.node(target).type_name();
            return Err(PickleProblem::Type { expected: "a numpy dtype", found });
        };
        let dtype =
            dtype.with_state(self.node(state), &self.nodes).ok_or_else(|| PickleProblem::Arguments {
                global: "numpy.dtype",
                problem: "a state that is not of a plain number".to_owned(),
            })?;
        if let Some(node) = self.nodes.get_mut(target as usize) {
            *node = Node::Dtype(dtype);
        }
        Ok(())
    }
}

fn pairs(items: &[Id]) -> Result<Vec<(Id, Id)>, PickleProblem> {
    let (pairs, rest) = items.as_chunks::<2>();
    if rest.is_empty() {
        Ok(pairs.iter().map(|[key, value]| (*key, *value)).collect())
    } else {
        Err(PickleProblem::OddItems)
    }
}

/// Why an opcode that is not handled is not.
fn refused(opcode: u8) -> PickleProblem {
    PickleProblem::ForbiddenOpcode(match opcode {
        b'P' => "PERSID",
        b'Q' => "BINPERSID",
        b'i' => "INST",
        b'o' => "OBJ",
        0x81 => "NEWOBJ",
        0x82 => "EXT1",
        0x83 => "EXT2",
        0x84 => "EXT4",
        0x92 => "NEWOBJ_EX",
        0x97 => "NEXT_BUFFER",
        0x98 => "READONLY_BUFFER",
        _ => return PickleProblem::UnknownOpcode(opcode),
    })
}
