//! What a pickle holds: an arena of values, and handles into it.

use super::globals::{Dtype, Global};
use std::borrow::Cow;

/// The number of a value in its arena.
pub(super) type Id = u32;

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Node<'a> {
    None,
    Bool(bool),
    Int(i64),
    Float(f64),
    Str(Cow<'a, str>),
    Bytes(Cow<'a, [u8]>),
    List(Vec<Id>),
    Tuple(Vec<Id>),
    Set(Vec<Id>),
    Dict(Vec<(Id, Id)>),
    Global(Global),
    Dtype(Dtype),
}

impl Node<'_> {
    pub(super) const fn type_name(&self) -> &'static str {
        match self {
            Self::None => "None",
            Self::Bool(_) => "a bool",
            Self::Int(_) => "an int",
            Self::Float(_) => "a float",
            Self::Str(_) => "a str",
            Self::Bytes(_) => "bytes",
            Self::List(_) => "a list",
            Self::Tuple(_) => "a tuple",
            Self::Set(_) => "a set",
            Self::Dict(_) => "a dict",
            Self::Global(_) => "a class",
            Self::Dtype(_) => "a numpy dtype",
        }
    }
}

/// A pickle that was read.
#[derive(Debug)]
pub struct Pickle<'a> {
    pub(super) nodes: Vec<Node<'a>>,
    pub(super) root: Id,
}

impl Pickle<'_> {
    /// The value that was pickled.
    pub fn root(&self) -> Value<'_> {
        Value { nodes: &self.nodes, id: self.root }
    }
}

/// A value in a [`Pickle`]. Cheap to copy. Following values into containers may go round for ever where a pickle
/// contains itself; a reader that knows which fields it wants never does.
#[derive(Debug, Clone, Copy)]
pub struct Value<'p> {
    nodes: &'p [Node<'p>],
    id: Id,
}

impl<'p> Value<'p> {
    /// Every number in the arena was given out by the arena; the fallback only spares a panic.
    fn node(&self) -> &'p Node<'p> {
        self.nodes.get(self.id as usize).unwrap_or(&Node::None)
    }

    fn at(&self, id: Id) -> Self {
        Self { nodes: self.nodes, id }
    }

    /// What it is, for messages: `a dict`.
    pub fn type_name(&self) -> &'static str {
        self.node().type_name()
    }

    /// Whether it is `None`.
    pub fn is_none(&self) -> bool {
        matches!(self.node(), Node::None)
    }

    /// The value of a bool.
    pub fn as_bool(&self) -> Option<bool> {
        match self.node() {
            Node::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// The value of an int.
    pub fn as_int(&self) -> Option<i64> {
        match self.node() {
            Node::Int(value) => Some(*value),
            _ => None,
        }
    }

    /// The value of a float or an int.
    pub fn as_float(&self) -> Option<f64> {
        match self.node() {
            Node::Float(value) => Some(*value),
            Node::Int(value) => Some(*value as f64),
            _ => None,
        }
    }

    /// The text of a str.
    pub fn as_str(&self) -> Option<&'p str> {
        match self.node() {
            Node::Str(value) => Some(value),
            _ => None,
        }
    }

    /// The bytes of a bytes object, a bytearray or a Python 2 string.
    pub fn as_bytes(&self) -> Option<&'p [u8]> {
        match self.node() {
            Node::Bytes(value) => Some(value),
            _ => None,
        }
    }

    /// The values in a list, a tuple or a set.
    pub fn items(&self) -> Option<impl ExactSizeIterator<Item = Value<'p>> + use<'p>> {
        let nodes = self.nodes;
        match self.node() {
            Node::List(items) | Node::Tuple(items) | Node::Set(items) => {
                Some(items.iter().map(move |&id| Value { nodes, id }))
            }
            _ => None,
        }
    }

    /// The keys and values of a dict, in the order they were put in. A key put in twice stands twice.
    pub fn entries(&self) -> Option<impl ExactSizeIterator<Item = (Value<'p>, Value<'p>)> + use<'p>> {
        let nodes = self.nodes;
        match self.node() {
            Node::Dict(entries) => Some(
                entries
                    .iter()
                    .map(move |&(key, value)| (Value { nodes, id: key }, Value { nodes, id: value })),
            ),
            _ => None,
        }
    }

    /// The value of a dict at a text key; the last one, as in Python, if the key was put in twice.
    pub fn get(&self, key: &str) -> Option<Value<'p>> {
        let Node::Dict(entries) = self.node() else {
            return None;
        };
        entries
            .iter()
            .rev()
            .find(|(found, _)| self.at(*found).as_str() == Some(key))
            .map(|(_, id)| self.at(*id))
    }
}
